package web

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/emergency"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/monitoring"
)

func severityTone(s monitoring.Severity) Tone {
	return map[monitoring.Severity]Tone{monitoring.Critical: Bad, monitoring.High: Bad, monitoring.Warning: Warn, monitoring.Info: Info}[s]
}

func (v *visit) alertTable(all []monitoring.Alert) Table {
	var rows [][]Cell
	for _, a := range all {
		rows = append(rows, []Cell{{Text: v.E("severity", string(a.Severity)), Tone: severityTone(a.Severity)}, {Text: a.Title(string(v.Lang)), Href: "/alerts/" + a.ID, Sub: a.CustomerName + " · " + v.time(a.LastAt), Wide: true}})
	}
	return small(v.cols("-severity", "-alert"), rows, v.T("web.no_alerts"))
}

func alerts(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.alerts")
	rank := map[string]string{}
	for _, s := range monitoring.Severities {
		rank[string(s)] = strconv.Itoa(s.Rank())
	}
	return v.list(listOf{columns: v.cols("severity", "-alert", "customer", "status", "#times", "opened_at", "last_at", "-assigned_to"), sort: "-severity", file: "alerts",
		filters: []filterBy{{name: "customer", column: "customer", op: "has"}, {name: "severity", choices: v.choices("severity", "critical", "high", "warn", "info")}, {name: "state", choices: v.choices("alert_state", "all")}},
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			if s := rank[v.query.Get("severity")]; s != "" {
				q.Filters = append(q.Filters, listing.Filter{Column: "severity", Value: s})
			}
			page, err := read(v, monitoring.Alerts, monitoring.AlertsInput{All: v.query.Get("state") == "all", Query: q})
			var rows [][]Cell
			for _, a := range page.Alerts {
				rows = append(rows, []Cell{{Text: v.E("severity", string(a.Severity)), Tone: severityTone(a.Severity)}, {Text: a.Title(string(v.Lang)), Href: "/alerts/" + a.ID, Wide: true}, {Text: a.CustomerName, Href: "/customers/" + a.CustomerID + "/alerts"},
					{Text: v.E("alert_status", string(a.Status))}, {Text: fmt.Sprint(a.Times), Num: true}, {Text: v.time(a.OpenedAt)}, {Text: v.time(a.LastAt)}, {Text: a.AssignedName}})
			}
			return rows, page.Next, -1, err
		}})
}

func alertsTab(v *visit, f customer.File) (templ.Component, error) {
	page, err := read(v, monitoring.Alerts, monitoring.AlertsInput{All: true, Query: listing.Query{Sort: "-opened_at", Filters: []listing.Filter{{Column: "customer_id", Value: f.Customer.ID}}}})
	if err != nil {
		return nil, err
	}
	incidents, err := read(v, emergency.Incidents, emergency.IncidentsInput{All: true, Query: listing.Query{Sort: "-opened_at", Filters: []listing.Filter{{Column: "customer_id", Value: f.Customer.ID}}}})
	if err != nil {
		return nil, err
	}
	if v.can("incident.activate") {
		v.Actions = append(v.Actions, Action{Label: v.T("web.activate_plan"), Href: "/customers/" + f.Customer.ID + "/incident", Tone: Bad})
	}
	return stack(boxed(v.T("menu.alerts"), table(v.Page, v.alertTable(page.Alerts))), boxed(v.T("menu.incidents"), table(v.Page, v.incidentTable(incidents.Incidents)))), nil
}

// alertPage shows an alert with its figures and notes; assigning, noting and closing stand beside each other.
func alertPage(v *visit) (templ.Component, error) {
	id := v.param("id")
	a, err := read(v, monitoring.ViewAlert, monitoring.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = a.Title(string(v.Lang)), a.CustomerName, "/customers/"+a.CustomerID+"/alerts"
	v.Badges = []Cell{{Text: v.E("severity", string(a.Severity)), Tone: severityTone(a.Severity)}, {Text: v.E("alert_status", string(a.Status)), Tone: Info}}
	var findings [][]Cell
	for _, f := range a.Findings {
		findings = append(findings, []Cell{{Text: v.E("finding", f.Name)}, {Text: f.Value, Num: true}})
	}
	var notes []Moment
	for _, n := range a.Notes {
		notes = append(notes, Moment{When: v.time(n.At), Title: n.Text, Who: n.Author})
	}
	parts := []templ.Component{columns(padded("", facts([]Fact{{Label: v.L("customer"), Value: a.CustomerName, Href: "/customers/" + a.CustomerID}, {Label: v.L("rule"), Value: v.ruleName(a.RuleID) + " v" + strconv.FormatInt(a.RuleVersion, 10), Href: "/rules/" + a.RuleID},
		{Label: v.L("times"), Value: fmt.Sprint(a.Times)}, {Label: v.L("opened_at"), Value: v.time(a.OpenedAt)}, {Label: v.L("last_at"), Value: v.time(a.LastAt)}, {Label: v.L("assigned_to"), Value: a.AssignedName}, {Label: v.L("outcome"), Value: v.E("outcome", a.Outcome)}})),
		boxed(v.T("web.findings"), table(v.Page, small(v.cols("-figure", "#-value"), findings, v.T("web.nothing")))), padded(v.T("web.notes"), timeline(notes, v.T("web.nothing"))))}
	if a.Status == monitoring.AlertClosed {
		return stack(parts...), nil
	}
	f, err := v.alertForm(a)
	if err != nil || f == nil {
		return nil, err
	}
	if a.AssignedTo != v.Actor.ID {
		take, err := v.form(formOf{name: "assign", op: monitoring.Assign, fixed: map[string]any{"alert_id": id, "user_id": v.Actor.ID, "name": v.Actor.Name}, fields: []Field{version(a.Version)}, submit: v.T("web.take_over"),
			done: func(any) (string, string) { return v.path, "saved" }})
		if err != nil || take == nil {
			return nil, err
		}
		f = stack(take, f)
	}
	return stack(append([]templ.Component{f}, parts...)...), nil
}

// alertForm takes a note, and with an outcome closes the alert.
func (v *visit) alertForm(a monitoring.Alert) (templ.Component, error) {
	spec := formOf{name: "note", op: monitoring.Comment, fixed: map[string]any{"alert_id": a.ID}, submit: v.T("web.save"), done: func(any) (string, string) { return v.path, "saved" }}
	results := []Choice{{"note", v.T("web.note_only")}}
	if v.can(monitoring.Close.Name()) {
		results = append(results, v.choices("outcome", monitoring.Outcomes...)...)
	}
	spec.fields = []Field{{Name: "result", Kind: "route", Label: v.T("web.note_or_close"), Value: "note", Required: true, Choices: results}, {Name: "text", Label: v.T("web.note_text"), Kind: "long", Required: true, Wide: true}}
	said := v.r.PostFormValue("text") + v.r.PostFormValue("reason") // it is one input, by either name
	if v.r.PostForm != nil {
		v.r.PostForm.Set("text", said)
		v.r.PostForm.Set("reason", said)
	}
	if outcome := v.r.PostFormValue("result"); outcome != "" && outcome != "note" {
		spec.op = monitoring.Close
		spec.fixed["outcome"] = outcome
		spec.fields = append(spec.fields, version(a.Version))
		spec.fields[1].Name = "reason"
	}
	return v.form(spec)
}

func rules(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.rules")
	all, err := read(v, monitoring.Rules, monitoring.RulesInput{})
	if err != nil {
		return nil, err
	}
	if v.can("rule.save") {
		v.Actions = []Action{{Label: v.T("web.new_rule"), Href: "/rules/new", Main: true}}
	}
	var rows [][]Cell
	for _, r := range all {
		var levels []string
		for _, l := range r.Rule.Levels {
			levels = append(levels, v.E("severity", l.Severity)+": "+l.When)
		}
		state := Cell{Text: capital(v.T("web.rule_active")), Tone: Good}
		if r.Status == monitoring.RuleOff {
			state = Cell{Text: capital(v.T("web.rule_off"))}
		}
		rows = append(rows, []Cell{{Text: v.pick(r.Rule.ZH, r.Rule.EN), Href: "/rules/" + r.Rule.Key, Sub: r.Rule.Key}, {Text: fmt.Sprintf("v%d", r.Rule.Version)}, state, {Text: v.pick(r.Rule.WhyZH, r.Rule.WhyEN), Wide: true}, {Sub: strings.Join(levels, " ; "), Wide: true}})
	}
	return table(v.Page, small(v.cols("-rule", "-version", "-status", "-meaning", "-condition"), rows, v.T("web.nothing"))), nil
}

const newRuleText = `key: my_rule
version: 1
zh: 规则名称
en: Name of the rule
why_zh: 为什么值得注意
why_en: why it matters
on: [invoice.settled]
windows:
  late_90: {of: invoice.settled, field: days_late, aggregate: avg, days: 90}
levels:
  - {severity: warn, when: late_90 > 15.0}
title_zh: 近 90 天平均晚付 {late_90} 天
title_en: "Paid {late_90} days late on average in the last 90 days"
`

func editRule(v *visit) (templ.Component, error) {
	key := v.param("key")
	all, err := read(v, monitoring.Rules, monitoring.RulesInput{})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = v.T("web.new_rule"), v.T("menu.rules"), "/rules"
	source, status := newRuleText, string(monitoring.RuleActive)
	for _, r := range all {
		if r.Rule.Key == key {
			v.Title = v.pick(r.Rule.ZH, r.Rule.EN)
			source, status = strings.Replace(r.Source, fmt.Sprintf("version: %d", r.Rule.Version), fmt.Sprintf("version: %d", r.Rule.Version+1), 1), string(r.Status)
			if !v.can("rule.save") {
				return boxed("", inBody(pre(r.Source))), nil
			}
		}
	}
	if !v.can("rule.save") {
		return nil, fault.Forbidden("fault.forbidden", fault.Args{"operation": "rule.save"})
	}
	return v.form(formOf{op: monitoring.PutRule, cancel: "/rules", fields: []Field{{Name: "status", Kind: "choice", Value: status, Required: true, Choices: v.choices("rule_status", "active", "off")},
		{Name: "source", Label: v.T("web.rule_text"), Kind: "long", Value: source, Wide: true, Required: true}}, done: func(any) (string, string) { return "/rules", "saved" }})
}
