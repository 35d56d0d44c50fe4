package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/audit"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/portfolio"
)

// auditTrail shows who changed what, in the words of the pages; the raw entry stands behind each line.
func auditTrail(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.audit")
	in := audit.ListInput{Subject: v.query.Get("subject"), Customer: v.query.Get("customer"), Actor: v.query.Get("actor"), Operation: v.query.Get("operation"), By: v.query.Get("by"), From: clock.Date(v.query.Get("from")), To: clock.Date(v.query.Get("to"))}
	var done []Choice
	for _, o := range app.Operations {
		done = append(done, Choice{o.Name(), v.did(o.Name())})
	}
	return v.list(listOf{columns: v.cols("-at", "-actor", "-operation", "-customer", "-changes", "#-seal"), file: "audit", stack: true,
		filters: []filterBy{{name: "by", choices: v.choices("done_by", "people", "system")}, {name: "actor"}, {name: "from", kind: "date"}, {name: "to", kind: "date"}, {name: "operation", choices: done}, {name: "customer"}, {name: "subject", kind: "hidden"}},
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			in.Before, in.Limit = q.After, q.Limit
			page, err := read(v, audit.List, in)
			var rows [][]Cell
			for _, e := range page.Entries {
				subject := Cell{Text: e.SubjectName, Wide: true}
				if e.SubjectName != "" {
					subject.Href = "/customers/" + e.Subject
				}
				rows = append(rows, []Cell{{Text: v.time(e.At)}, {Text: v.who(e.ActorName), Sub: v.E("door", e.Door), Wide: true}, {Text: v.did(e.Operation), Wide: true}, subject,
					{Lines: v.changeLines(e.Changes), More: rawEntry(e), MoreLabel: v.T("web.raw_entry"), Wide: true}, {Text: v.sealed(e), Num: true}})
			}
			return rows, page.Next, -1, err
		}})
}

func (v *visit) sealed(e audit.Entry) string {
	if e.Seq == 0 {
		return v.T("web.not_sealed")
	}
	return strconv.FormatInt(e.Seq, 10)
}

func rawEntry(e audit.Entry) string {
	var changes bytes.Buffer
	if err := json.Indent(&changes, e.Changes, "", "  "); err != nil {
		changes.Write(e.Changes)
	}
	return fmt.Sprintf("%s\n%s %s %s\n%s\n%s", e.ID, e.Operation, e.Cause, e.RequestID, e.Hash, changes.String())
}

// change is what became of one thing, as the trail keeps it.
type change struct {
	Thing  string          `json:"thing"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

const mostLines = 10 // of one entry; the rest stands in the raw entry

// changeLines tells what changed as "field: before → after", by the labels of the pages.
func (v *visit) changeLines(raw json.RawMessage) []string {
	var changes []change
	if err := json.Unmarshal(raw, &changes); err != nil {
		return nil
	}
	var lines []string
	for _, c := range changes {
		thing := c.Thing
		if key := "thing." + c.Thing; i18n.Has(key) {
			thing = capital(v.T(key))
		}
		if c.Thing == "approval_authority" {
			lines = append(lines, v.matrixLines(c)...)
			continue
		}
		if said := v.fieldLines(c); len(said) > 0 {
			lines = append(lines, thing+" · "+strings.Join(said, v.pick("；", "; ")))
		}
	}
	if len(lines) > mostLines {
		lines = append(lines[:mostLines], v.T("web.more_lines", map[string]any{"n": len(lines) - mostLines}))
	}
	return lines
}

func (v *visit) fieldLines(c change) []string {
	before, after := fieldsOf(c.Before), fieldsOf(c.After)
	var lines []string
	for _, key := range slices.Concat(keysOf(c.After), keysOf(c.Before)) {
		was, is := v.changedValue(c.Thing, key, before[key]), v.changedValue(c.Thing, key, after[key])
		label := v.L(key)
		if label == key || was == is || untold[key] { // no label: nothing that the pages show
			continue
		}
		before[key], after[key] = nil, nil
		switch colon := v.pick("：", ": "); {
		case was == "":
			lines = append(lines, label+colon+is)
		case is == "":
			lines = append(lines, label+colon+was+" → —")
		default:
			lines = append(lines, label+colon+was+" → "+is)
		}
	}
	return lines
}

// untold are fields that serve the machinery: they stand in the raw entry only.
var untold = map[string]bool{"version": true, "sha256": true, "source": true, "plan_id": true, "rule": true, "document": true, "open_tasks": true, "late_tasks": true, "next_due": true, "alerts": true}

func fieldsOf(raw json.RawMessage) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	_ = json.Unmarshal(raw, &all) // what is no object has no fields
	return all
}

// keysOf gives the keys of an object in the order in which they were written.
func keysOf(raw json.RawMessage) []string {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var keys []string
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		var skipped json.RawMessage
		if err != nil || !ok || d.Decode(&skipped) != nil {
			return keys
		}
		keys = append(keys, key)
	}
	return keys
}

// valueSets says which set names a field of a thing.
var valueSets = map[string]string{"limit.status": "limit_status", "order.status": "order_status", "approval.status": "approval", "approval.kind": "approval_kind", "alert.status": "alert_status", "alert.severity": "severity", "alert.outcome": "outcome",
	"incident.status": "incident_status", "incident.level": "level", "incident.task.status": "task_status", "incident.task.role": "role", "incident.action.status": "action_status", "incident.action.kind": "action", "incident.log.kind": "log", "customer.status": "customer_status", "customer.size": "size",
	"user.scope": "scope", "user.roles": "role", "screening.hit.status": "hit", "customer.compliance.kind": "compliance", "customer.document.kind": "document", "scorecard.status": "card_status", "rule.status": "rule_status", "statement.period_kind": "period"}

// changedValue tells a value as the pages do; ids of the database, which tell a reader nothing, as nothing.
func (v *visit) changedValue(thing, key string, raw json.RawMessage) string {
	var value any
	if len(raw) == 0 || json.Unmarshal(raw, &value) != nil {
		return ""
	}
	set := valueSets[thing+"."+key]
	switch x := value.(type) {
	case string:
		if uuid.Validate(x) == nil || x == "" {
			return ""
		}
		if at, err := time.Parse(time.RFC3339, x); err == nil {
			return v.time(at)
		}
		if thing == "limit.freeze" && key == "cause" {
			return v.freezeCause(x).Text
		}
		if set != "" {
			return v.E(set, x)
		}
		return short(v.who(v.both(x)), 120)
	case bool:
		return v.T(map[bool]string{true: "web.yes", false: "web.no"}[x])
	case float64:
		if set != "" {
			return v.E(set, strconv.FormatFloat(x, 'f', -1, 64))
		}
		return strconv.FormatFloat(x, 'f', -1, 64)
	case []any:
		return v.changedList(set, x, raw)
	case map[string]any:
		if _, ok := x["currency"]; ok {
			var a money.Amount
			if json.Unmarshal(raw, &a) == nil {
				return shownMoney(a)
			}
		}
		if zh, ok := x["zh"].(string); ok {
			return v.pick(zh, fmt.Sprint(x["en"]))
		}
	}
	return ""
}

func (v *visit) changedList(set string, all []any, raw json.RawMessage) string {
	var steps []approval.Step
	if json.Unmarshal(raw, &steps) == nil && len(steps) > 0 && steps[0].Role != "" && steps[0].Votes > 0 {
		return v.steps(steps)
	}
	var texts []string
	for _, x := range all {
		if s, ok := x.(string); ok {
			texts = append(texts, v.E(set, s))
		}
	}
	if len(texts) == 0 && len(all) > 0 {
		return v.T("web.n_items", map[string]any{"n": len(all)})
	}
	return strings.Join(texts, v.pick("、", ", "))
}

// matrixLines tells which rows of the authority matrix went and came.
func (v *visit) matrixLines(c change) []string {
	rows := func(raw json.RawMessage) (all []string) {
		var matrix []approval.Authority
		_ = json.Unmarshal(raw, &matrix) // an entry of another shape tells no rows
		for _, a := range matrix {
			all = append(all, v.E("approval_kind", a.Kind)+" · "+v.currencyName(a.Currency)+" "+v.L("up_to")+" "+v.upTo(a)+v.pick("：", ": ")+v.steps(a.Steps))
		}
		return all
	}
	before, after := rows(c.Before), rows(c.After)
	var lines []string
	for _, row := range before {
		if !slices.Contains(after, row) {
			lines = append(lines, "− "+row)
		}
	}
	for _, row := range after {
		if !slices.Contains(before, row) {
			lines = append(lines, "+ "+row)
		}
	}
	return lines
}

// outcomeSets says which set names the outcome of a thing on the timeline.
var outcomeSets = map[string]string{"limit": "limit_status", "order": "order_status", "approval": "approval", "alert": "alert_status", "incident": "incident_status", "incident.task": "task_status", "incident.action": "action_status", "screening.hit": "hit", "customer": "customer_status"}

// outcomeTone colours what became of something: what was refused is never green.
func outcomeTone(m portfolio.Moment) Tone {
	switch m.What {
	case "alert.opened":
		return Warn
	case "incident.opened", "limit.freeze":
		return Bad
	case "limit.unfreeze":
		return Good
	}
	switch m.Outcome {
	case "approved", "active", "cleared":
		if m.Thing == "limit" || m.Thing == "order" || m.Thing == "approval" || m.Thing == "screening.hit" {
			return Good
		}
	case "rejected", "confirmed", "cancelled", "expired":
		return Bad
	case "held", "returned", "requested":
		return Warn
	}
	return Plain
}

// moments are a customer's timeline: what was done, how much it was about, what came of it, with the way to it.
func (v *visit) moments(all []portfolio.Moment) []Moment {
	out := make([]Moment, 0, len(all))
	for _, m := range all {
		said := []string{v.both(m.Text)}
		if m.Amount.Positive() {
			said = append(said, amount(m.Amount))
		}
		if set := outcomeSets[m.Thing]; m.Thing == "assessment" {
			said = append(said, m.Outcome)
		} else if decided := map[string]string{"active": "approved"}[m.Outcome]; m.What == "limit.decide" && decided != "" {
			said = append(said, v.E("approval", decided))
		} else if set != "" {
			said = append(said, v.E(set, m.Outcome))
		}
		said = slices.DeleteFunc(said, func(s string) bool { return s == "" })
		moment := Moment{When: v.time(m.At), Title: v.did(m.What), Text: strings.Join(said, " · "), Who: v.who(m.Who), Tone: outcomeTone(m)}
		if m.Link != "" {
			moment.Href = "/" + m.Link
		}
		out = append(out, moment)
	}
	return out
}
