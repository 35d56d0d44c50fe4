package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/emergency"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/monitoring"
)

func incidentTone(i emergency.Incident) Tone {
	if i.Status == "closed" {
		return Plain
	}
	return levelTone(i.Level)
}

func levelTone(l emergency.Level) Tone {
	return map[emergency.Level]Tone{1: Bad, 2: Bad, 3: Warn, 4: Info}[l]
}

func (v *visit) level(l emergency.Level) string { return v.E("level", strconv.Itoa(int(l))) }

// due tells when something is due, and whether that has passed.
func (v *visit) due(at time.Time) Cell {
	c := Cell{Text: v.time(at)}
	if !at.IsZero() && at.Before(v.app.Runner.Clock()) {
		c.Tone, c.Text = Bad, v.T("web.overdue_since", map[string]any{"at": c.Text})
	}
	return c
}

func (v *visit) incidentTable(all []emergency.Incident) Table {
	var rows [][]Cell
	for _, i := range all {
		tasks := Cell{Text: fmt.Sprint(i.OpenTasks), Num: true}
		if i.LateTasks > 0 {
			tasks = Cell{Text: v.T("web.late_tasks", map[string]any{"late": i.LateTasks, "open": i.OpenTasks}), Tone: Bad}
		}
		due := Cell{}
		if i.Status != "closed" {
			due = v.due(i.NextDue)
		}
		rows = append(rows, []Cell{{Text: v.level(i.Level), Tone: incidentTone(i)}, {Text: v.pick(i.Title.ZH, i.Title.EN), Href: "/incidents/" + i.ID, Wide: true}, {Text: i.CustomerName, Href: "/customers/" + i.CustomerID, Wide: true},
			{Text: v.E("incident_status", i.Status)}, {Text: amount(i.Exposure), Num: true}, tasks, due, {Text: v.time(i.OpenedAt)}})
	}
	return small(v.cols("-level", "-title", "-customer", "-status", "#-exposure", "#-open_tasks", "-next_due", "-opened_at"), rows, v.T("web.no_incidents"))
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
		trigger := v.T("web.severity_at_least", map[string]any{"severity": v.E("severity", string(p.Trigger.Severity))})
		if len(p.Trigger.Rules) > 0 {
			var names []string
			for _, id := range p.Trigger.Rules {
				names = append(names, v.ruleName(id))
			}
			trigger += v.pick("：", ": ") + strings.Join(names, v.pick("、", ", "))
		}
		rows = append(rows, []Cell{{Text: v.pick(p.Name.ZH, p.Name.EN), Href: "/plans/" + p.ID, Sub: fmt.Sprintf("v%d", p.Version), Wide: true}, {Text: v.planLevels(p), Wide: true}, {Text: trigger, Wide: true},
			{Text: fmt.Sprint(len(p.Tasks)), Num: true}, {Text: fmt.Sprint(len(p.Actions)), Num: true}})
	}
	return stack(tabs([]Tab{{Label: v.T("web.open_incidents"), Href: "/incidents", Active: v.query.Get("all") == ""}, {Label: v.T("web.all"), Href: "/incidents?all=1", Active: v.query.Get("all") != ""}}),
		table(v.Page, v.incidentTable(page.Incidents)), boxed(v.T("web.plans"), table(v.Page, small(v.cols("-plan", "-level", "-trigger", "#-tasks", "#-actions"), rows, v.T("web.nothing"))))), nil
}

func (v *visit) planLevels(p emergency.Plan) string {
	bands := p.Levels
	if len(bands) == 0 && p.Level > 0 {
		return v.level(p.Level)
	}
	if len(bands) == 0 {
		bands = emergency.StartingBands
	}
	var all []string
	for _, b := range bands {
		all = append(all, v.T("web.level_from", map[string]any{"level": v.level(b.Level), "from": strings.TrimSuffix(money.Yuan(b.From).Grouped(), ".00")}))
	}
	return strings.Join(all, v.pick("；", "; "))
}

// ruleName names a rule as people know it; a rule that is no more by its key.
func (v *visit) ruleName(key string) string {
	if v.ruleNames == nil {
		v.ruleNames = map[string]string{}
		all, err := read(v, monitoring.Rules, monitoring.RulesInput{})
		if err != nil {
			return key
		}
		for _, r := range all {
			v.ruleNames[r.Rule.Key] = v.pick(r.Rule.ZH, r.Rule.EN)
		}
	}
	if name := v.ruleNames[key]; name != "" {
		return name
	}
	return key
}

// smallForms are the several forms of one page. After one of them was carried out the visitor is on his way elsewhere,
// and the page has nothing to show.
type smallForms struct {
	v    *visit
	err  error
	left bool
}

func (s *smallForms) form(f formOf) templ.Component {
	c, err := s.v.form(f)
	if err != nil || c == nil {
		s.left, s.err = true, err
		return templ.NopComponent
	}
	return c
}

// incidentPage is the command board of an incident: actions that the system carries out, tasks of people, the log.
func incidentPage(v *visit) (templ.Component, error) {
	i, err := read(v, emergency.View, emergency.ByIDInput{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = v.pick(i.Title.ZH, i.Title.EN), i.CustomerName, "/customers/"+i.CustomerID+"/alerts"
	v.Badges = []Cell{{Text: v.level(i.Level), Tone: incidentTone(i)}, {Text: v.E("incident_status", i.Status)}}
	forms := &smallForms{v: v}
	done := func(any) (string, string) { return "/incidents/" + i.ID, "saved" }
	about := map[string]any{"incident_id": i.ID}
	info := []Fact{{Label: v.L("customer"), Value: i.CustomerName, Href: "/customers/" + i.CustomerID}, {Label: v.L("exposure_then"), Value: amount(i.Exposure)}, {Label: v.L("level"), Value: v.whyLevel(i), Wide: true},
		{Label: v.L("opened_at"), Value: v.time(i.OpenedAt)}, {Label: v.L("opened_by"), Value: v.who(i.OpenedBy)}, {Label: v.L("reason"), Value: v.both(i.Reason), Wide: true}, {Label: v.L("exit"), Value: v.pick(i.Exit.ZH, i.Exit.EN), Wide: true}}
	if i.AlertID != "" {
		info = append(info, Fact{Label: v.L("alert"), Value: v.T("web.open_alert"), Href: "/alerts/" + i.AlertID})
	}
	parts := []templ.Component{columns(padded("", facts(info)), boxed(v.T("web.actions"), inBody(v.actionList(i, forms))), padded(v.T("web.log"), timeline(v.logMoments(i), ""))), boxed(v.T("web.tasks"), v.taskList(i, forms))}
	if i.Status != "closed" {
		parts = append(parts, columns(boxedOr(v.T("web.note"), v.can(emergency.Note.Name()), forms.form(formOf{name: "note", op: emergency.Note, fixed: about, fields: []Field{{Name: "text", Required: true, Wide: true}}, submit: v.T("web.add"), done: done})),
			boxedOr(v.T("web.close_incident"), v.can(emergency.Close.Name()), forms.form(formOf{name: "close", op: emergency.Close, fixed: map[string]any{"incident_id": i.ID, "undo": true},
				fields: []Field{version(i.Version), {Name: "reason", Required: true, Wide: true}}, submit: v.T("web.close_and_undo"), done: done}))))
	}
	if forms.left {
		return nil, forms.err
	}
	return stack(parts...), nil
}

// boxedOr boxes what the visitor may use, or shows nothing.
func boxedOr(title string, may bool, c templ.Component) templ.Component {
	if !may {
		return templ.NopComponent
	}
	return boxed(title, c)
}

// whyLevel explains an incident's level by the exposure that it was opened at.
func (v *visit) whyLevel(i emergency.Incident) string {
	g := i.Grading
	args := map[string]any{"level": v.level(i.Level), "exposure": amount(i.Exposure), "from": amount(g.From), "next": amount(g.Next)}
	switch {
	case g.Fixed || g.Level != i.Level:
		return v.T("web.level_fixed", args)
	case g.From.Positive() && g.Next.Positive():
		return v.T("web.level_between", args)
	case g.From.Positive():
		return v.T("web.level_above", args)
	}
	return v.T("web.level_below", args)
}

func (v *visit) actionList(i emergency.Incident, forms *smallForms) templ.Component {
	var lines []templ.Component
	done := func(any) (string, string) { return "/incidents/" + i.ID, "saved" }
	for _, a := range i.Actions {
		lines = append(lines, facts([]Fact{{Label: v.E("action", a.Kind), Value: v.E("action_status", a.Status), Tone: map[string]Tone{"done": Good, "undone": Plain, "proposed": Warn}[a.Status]},
			{Label: v.L("done_by"), Value: strings.TrimSpace(v.who(a.DoneBy) + " " + v.time(a.DoneAt))}, {Label: v.L("detail"), Value: v.T("web.freezes"), Href: "/customers/" + i.CustomerID + "/limits"}}))
		if i.Status == "closed" {
			continue
		}
		f := formOf{name: "act:" + a.ID, op: emergency.Act, fixed: map[string]any{"incident_id": i.ID, "action_id": a.ID}, fields: []Field{{Name: "reason", Required: true, Wide: true}}, submit: v.T("web.carry_out"), done: done}
		if a.Status == "done" {
			f.name, f.op, f.submit = "undo:"+a.ID, emergency.Undo, v.T("web.undo")
		}
		lines = append(lines, forms.form(f))
	}
	return stack(lines...)
}

func (v *visit) taskList(i emergency.Incident, forms *smallForms) templ.Component {
	var lines []templ.Component
	done := func(any) (string, string) { return "/incidents/" + i.ID, "saved" }
	for _, t := range i.Tasks {
		due := Fact{Label: v.L("due_at"), Value: v.time(t.DueAt)}
		if t.Status == "open" {
			c := v.due(t.DueAt)
			due.Value, due.Tone = c.Text, c.Tone
		}
		about := []Fact{{Label: v.L("task"), Value: v.pick(t.Title.ZH, t.Title.EN), Wide: true}, {Label: v.L("status"), Value: v.E("task_status", t.Status), Tone: map[bool]Tone{true: Good, false: Info}[t.Status == "done"]}, {Label: v.L("role"), Value: v.E("role", t.Role)},
			{Label: v.L("assigned_to"), Value: t.AssigneeName}, due}
		if t.Status == "done" {
			about = append(about, Fact{Label: v.L("done_by"), Value: t.DoneBy + " " + v.time(t.DoneAt)}, Fact{Label: v.L("note"), Value: t.Note, Wide: true})
		}
		line := []templ.Component{facts(about)}
		if t.Status == "open" && i.Status != "closed" {
			line = append(line, columns(forms.form(formOf{name: "task:" + t.ID, op: emergency.DoTask, fixed: map[string]any{"incident_id": i.ID, "task_id": t.ID}, fields: []Field{version(t.Version), {Name: "note", Required: true, Wide: true}}, submit: v.T("web.done"), done: done}),
				v.assignForm(i, t, forms)))
		}
		lines = append(lines, inBody(stack(line...)))
	}
	return stack(lines...)
}

// assignForm gives a task to somebody else, where there is somebody.
func (v *visit) assignForm(i emergency.Incident, t emergency.Task, forms *smallForms) templ.Component {
	var people []Choice
	for _, p := range i.People {
		for _, r := range p.Roles {
			if r == t.Role {
				people = append(people, Choice{p.ID, p.Name})
			}
		}
	}
	if len(people) == 0 || len(people) == 1 && people[0].Value == t.AssigneeID {
		return templ.NopComponent
	}
	return forms.form(formOf{name: "assign:" + t.ID, op: emergency.AssignTask, fixed: map[string]any{"incident_id": i.ID, "task_id": t.ID}, submit: v.T("web.assign"),
		fields: []Field{version(t.Version), {Name: "assignee_id", Label: v.L("assigned_to"), Kind: "choice", Required: true, Value: t.AssigneeID, Choices: people}}, done: func(any) (string, string) { return "/incidents/" + i.ID, "saved" }})
}

func (v *visit) logMoments(i emergency.Incident) []Moment {
	var log []Moment
	for _, l := range i.Log {
		log = append(log, Moment{When: v.time(l.At), Title: v.E("log", l.Kind), Text: v.logText(i, l), Who: v.who(l.Actor)})
	}
	return log
}

// logText tells a line of the log: actions by their names, tasks by their titles, texts in the reader's language.
func (v *visit) logText(i emergency.Incident, l emergency.Line) string {
	switch l.Kind {
	case "action":
		return v.E("action", l.Text)
	case "undone":
		kind, reason, _ := strings.Cut(l.Text, ": ")
		return v.E("action", kind) + v.pick("：", ": ") + reason
	case "task":
		for _, t := range i.Tasks {
			if note, ok := strings.CutPrefix(l.Text, t.Title.ZH+" / "+t.Title.EN+": "); ok {
				return v.pick(t.Title.ZH, t.Title.EN) + v.pick("：", ": ") + note
			}
		}
	}
	return v.both(l.Text)
}

// myTasks are the visitor's open tasks for the workbench, soonest due first; a click leads to the incident.
func (v *visit) myTasks() (Table, error) {
	all, err := read(v, emergency.MyTasks, emergency.MyTasksInput{Limit: 8})
	var rows [][]Cell
	for _, t := range all {
		rows = append(rows, []Cell{{Text: v.pick(t.Title.ZH, t.Title.EN), Href: "/incidents/" + t.IncidentID, Sub: t.CustomerName + " · " + v.level(t.Level), Wide: true}, v.due(t.DueAt)})
	}
	return small(v.cols("-task", "-due_at"), rows, v.T("web.no_tasks")), err
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
