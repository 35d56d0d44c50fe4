package web

import (
	"fmt"
	"net/http"
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
	if v.r.Method == http.MethodPost && v.r.PostFormValue("do") == "assign" {
		if _, err := act(v, monitoring.Assign, monitoring.AssignInput{AlertID: id, Version: a.Version, UserID: v.Actor.ID, Name: v.Actor.Name}); err != nil {
			return nil, err
		}
		return v.to(v.path, "saved")
	}
	var findings [][]Cell
	for _, f := range a.Findings {
		findings = append(findings, []Cell{{Text: v.E("finding", f.Name)}, {Text: f.Value, Num: true}})
	}
	var notes []Moment
	for _, n := range a.Notes {
		notes = append(notes, Moment{When: v.time(n.At), Title: n.Text, Who: n.Author})
	}
	parts := []templ.Component{columns(padded("", facts([]Fact{{Label: v.L("customer"), Value: a.CustomerName, Href: "/customers/" + a.CustomerID}, {Label: v.L("rule"), Value: a.RuleID + " v" + strconv.FormatInt(a.RuleVersion, 10), Href: "/rules/" + a.RuleID},
		{Label: v.L("times"), Value: fmt.Sprint(a.Times)}, {Label: v.L("opened_at"), Value: v.time(a.OpenedAt)}, {Label: v.L("last_at"), Value: v.time(a.LastAt)}, {Label: v.L("assigned_to"), Value: a.AssignedName}, {Label: v.L("outcome"), Value: v.E("outcome", a.Outcome)}})),
		boxed(v.T("web.findings"), table(v.Page, small(v.cols("-figure", "#-value"), findings, v.T("web.nothing")))), padded(v.T("web.notes"), timeline(notes, v.T("web.nothing"))))}
	if a.Status == monitoring.AlertClosed || !v.can("alert.close") {
		return stack(parts...), nil
	}
	if a.AssignedTo != v.Actor.ID {
		parts = append(parts, boxed("", inBody(button(v.Page, v.path, v.T("web.take_over"), Info, []Choice{{"do", "assign"}}))))
	}
	spec := formOf{op: monitoring.Comment, fixed: map[string]any{"alert_id": id}, fields: []Field{{Name: "outcome", Kind: "route", Label: v.T("web.note_or_close"), Choices: append([]Choice{{"", v.T("web.note_only")}}, v.choices("outcome", monitoring.Outcomes...)...)},
		{Name: "text", Label: v.T("web.note_text"), Kind: "long", Required: true, Wide: true}}, submit: v.T("web.save"), done: func(any) (string, string) { return v.path, "saved" }}
	if outcome := v.r.PostFormValue("outcome"); outcome != "" {
		spec.op, spec.fixed = monitoring.Close, map[string]any{"alert_id": id, "version": a.Version, "outcome": outcome}
		spec.fields[1].Name = "reason"
		v.r.PostForm.Set("reason", v.r.PostFormValue("text"))
	}
	f, err := v.form(spec)
	if err != nil || f == nil {
		return nil, err
	}
	return stack(append([]templ.Component{f}, parts...)...), nil
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
		state := Cell{Text: v.T("web.rule_active"), Tone: Good}
		if r.Status == monitoring.RuleOff {
			state = Cell{Text: v.T("web.rule_off")}
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

func incidentTone(i emergency.Incident) Tone {
	if i.Status == "closed" {
		return Good
	}
	return Bad
}

func (v *visit) incidentTable(all []emergency.Incident) Table {
	var rows [][]Cell
	for _, i := range all {
		tasks := Cell{Text: fmt.Sprint(i.OpenTasks), Num: true}
		if i.LateTasks > 0 {
			tasks = Cell{Text: v.T("web.late_tasks", map[string]any{"late": i.LateTasks, "open": i.OpenTasks}), Tone: Bad}
		}
		rows = append(rows, []Cell{{Text: v.E("level", strconv.Itoa(int(i.Level))), Tone: incidentTone(i)}, {Text: v.pick(i.Title.ZH, i.Title.EN), Href: "/incidents/" + i.ID}, {Text: i.CustomerName, Href: "/customers/" + i.CustomerID}, {Text: v.E("incident_status", i.Status)}, {Text: amount(i.Exposure), Num: true}, tasks, {Text: v.time(i.OpenedAt)}})
	}
	return small(v.cols("-level", "-title", "-customer", "-status", "#-exposure", "#-open_tasks", "-opened_at"), rows, v.T("web.no_incidents"))
}

func incidents(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.incidents")
	page, err := read(v, emergency.Incidents, emergency.IncidentsInput{All: v.query.Get("all") != "", Query: listing.Query{Limit: 200}})
	if err != nil {
		return nil, err
	}
	plans, err := read(v, emergency.Plans, emergency.PlansInput{})
	if err != nil {
		return nil, err
	}
	var rows [][]Cell
	for _, p := range plans.Plans {
		rows = append(rows, []Cell{{Text: v.pick(p.Name.ZH, p.Name.EN), Href: "/plans/" + p.ID, Sub: fmt.Sprintf("v%d", p.Version)}, {Text: v.E("level", strconv.Itoa(int(p.Level))), Tone: Warn}, {Text: v.E("severity", string(p.Trigger.Severity)) + " ≥ " + strings.Join(p.Trigger.Rules, ", "), Wide: true},
			{Text: fmt.Sprint(len(p.Tasks)), Num: true}, {Text: fmt.Sprint(len(p.Actions)), Num: true}})
	}
	return stack(tabs([]Tab{{Label: v.T("web.open_incidents"), Href: "/incidents", Active: v.query.Get("all") == ""}, {Label: v.T("web.all"), Href: "/incidents?all=1", Active: v.query.Get("all") != ""}}),
		table(v.Page, v.incidentTable(page.Incidents)), boxed(v.T("web.plans"), table(v.Page, small(v.cols("-plan", "-level", "-trigger", "#-tasks", "#-actions"), rows, v.T("web.nothing"))))), nil
}

// incidentPage is the command board of an incident: actions that the system carries out, tasks of people, the log.
func incidentPage(v *visit) (templ.Component, error) {
	id := v.param("id")
	i, err := read(v, emergency.View, emergency.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = v.pick(i.Title.ZH, i.Title.EN), i.CustomerName, "/customers/"+i.CustomerID+"/alerts"
	v.Badges = []Cell{{Text: v.E("level", strconv.Itoa(int(i.Level))), Tone: Warn}, {Text: v.E("incident_status", i.Status), Tone: incidentTone(i)}}
	if v.r.Method == http.MethodPost && v.r.PostFormValue("do") != "" {
		return v.incidentDo(i)
	}
	open := i.Status != "closed" && v.can("incident.act")
	var actions, tasks []templ.Component
	for _, a := range i.Actions {
		line := []templ.Component{facts([]Fact{{Label: v.E("action", a.Kind), Value: v.E("action_status", a.Status), Tone: map[string]Tone{"done": Good, "undone": Plain, "proposed": Warn}[a.Status]}, {Label: v.L("done_by"), Value: strings.TrimSpace(a.DoneBy + " " + v.time(a.DoneAt))}, {Label: v.L("detail"), Value: a.Detail, Wide: true}})}
		if open && a.Status == "done" {
			line = append(line, v.doForm("undo", a.ID, v.T("web.undo"), v.L("reason")))
		} else if open {
			line = append(line, v.doForm("act", a.ID, v.T("web.carry_out"), v.L("reason")))
		}
		actions = append(actions, padded("", stack(line...)))
	}
	for _, t := range i.Tasks {
		tone := Plain
		if t.Status == "done" {
			tone = Good
		} else if t.DueAt.Before(v.app.Runner.Clock()) {
			tone = Bad
		}
		state := v.E("task_status", t.Status)
		line := []templ.Component{facts([]Fact{{Label: v.pick(t.Title.ZH, t.Title.EN), Value: state, Tone: tone}, {Label: v.E("role", t.Role), Value: v.T("web.due_at", map[string]any{"at": v.time(t.DueAt)})}, {Label: v.L("note"), Value: strings.TrimSpace(t.Note + " " + t.DoneBy), Wide: true}})}
		if open && t.Status == "open" && v.can("incident.do_task") {
			line = append(line, v.doForm("task", t.ID, v.T("web.done"), v.L("note")))
		}
		tasks = append(tasks, padded("", stack(line...)))
	}
	var log []Moment
	for _, l := range i.Log {
		said := l.Text
		if zh, en, both := strings.Cut(l.Text, " / "); both {
			said = v.pick(zh, en)
		}
		log = append(log, Moment{When: v.time(l.At), Title: v.E("log", l.Kind), Text: said, Who: l.Actor})
	}
	parts := []templ.Component{padded("", facts([]Fact{{Label: v.L("customer"), Value: i.CustomerName, Href: "/customers/" + i.CustomerID}, {Label: v.L("exposure_then"), Value: amount(i.Exposure)}, {Label: v.L("opened_at"), Value: v.time(i.OpenedAt)}, {Label: v.L("opened_by"), Value: i.OpenedBy},
		{Label: v.L("exit"), Value: v.pick(i.Exit.ZH, i.Exit.EN), Wide: true}})),
		columns(boxed(v.T("web.actions"), inBody(stack(actions...))), boxed(v.T("web.tasks"), inBody(stack(tasks...))), padded(v.T("web.log"), timeline(log, "")))}
	if open {
		parts = append(parts, columns(padded(v.T("web.note"), v.doForm("note", "", v.T("web.add"), v.L("text"))), padded(v.T("web.close_incident"), v.doForm("close", strconv.FormatInt(i.Version, 10), v.T("web.close_and_undo"), v.L("reason")))))
	}
	return stack(parts...), nil
}

// doForm is a small form of an incident: one line of text and a button.
func (v *visit) doForm(do, id, label, field string) templ.Component {
	return form(v.Page, Form{Action: v.path, Key: newKey(), Submit: label, Hidden: []Choice{{"do", do}, {"id", id}}, Fields: []Field{{Name: "text", Label: field, Wide: true}}})
}

func (v *visit) incidentDo(i emergency.Incident) (templ.Component, error) {
	id, said := v.r.PostFormValue("id"), strings.TrimSpace(v.r.PostFormValue("text"))
	var err error
	switch v.r.PostFormValue("do") {
	case "act":
		_, err = act(v, emergency.Act, emergency.ActInput{IncidentID: i.ID, ActionID: id, Reason: said})
	case "undo":
		_, err = act(v, emergency.Undo, emergency.ActInput{IncidentID: i.ID, ActionID: id, Reason: said})
	case "task":
		for _, t := range i.Tasks {
			if t.ID == id {
				_, err = act(v, emergency.DoTask, emergency.DoTaskInput{IncidentID: i.ID, TaskID: id, Version: t.Version, Note: said})
			}
		}
	case "note":
		_, err = act(v, emergency.Note, emergency.LogInput{IncidentID: i.ID, Text: said})
	case "close":
		version, _ := strconv.ParseInt(id, 10, 64)
		_, err = act(v, emergency.Close, emergency.CloseInput{IncidentID: i.ID, Version: version, Reason: said, Undo: true})
	default:
		err = fault.NotFound("action", v.r.PostFormValue("do"))
	}
	if err != nil {
		return nil, err
	}
	return v.to("/incidents/"+i.ID, "saved")
}

func activatePlan(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.activate_plan")); err != nil {
		return nil, err
	}
	plans, err := read(v, emergency.Plans, emergency.PlansInput{})
	if err != nil {
		return nil, err
	}
	var choices []Choice
	for _, p := range plans.Plans {
		choices = append(choices, Choice{p.ID, v.pick(p.Name.ZH, p.Name.EN)})
	}
	return v.form(formOf{op: emergency.Activate, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/alerts", submit: v.T("web.activate_plan"), tone: Bad,
		fields: []Field{{Name: "plan_id", Kind: "choice", Required: true, Choices: choices}, {Name: "reason", Kind: "long", Required: true, Wide: true}},
		done:   func(out any) (string, string) { return "/incidents/" + out.(emergency.Incident).ID, "saved" }})
}

func editPlan(v *visit) (templ.Component, error) {
	plans, err := read(v, emergency.Plans, emergency.PlansInput{})
	if err != nil {
		return nil, err
	}
	for _, p := range plans.Plans {
		if p.ID != v.param("id") {
			continue
		}
		v.Title, v.Over, v.OverHref = v.pick(p.Name.ZH, p.Name.EN), v.T("menu.incidents"), "/incidents"
		if !v.can("plan.save") {
			return boxed("", inBody(pre(p.Source))), nil
		}
		return v.form(formOf{op: emergency.SavePlan, cancel: "/incidents", fields: []Field{{Name: "source", Label: v.T("web.plan_text"), Kind: "long", Value: p.Source, Wide: true, Required: true}},
			done: func(any) (string, string) { return "/incidents", "saved" }})
	}
	return nil, fault.NotFound("plan", v.param("id"))
}
