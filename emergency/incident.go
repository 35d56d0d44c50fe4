package emergency

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/receivable"
)

// Incident is a plan at work on one customer (突发事件).
type Incident struct {
	ID           string       `json:"id"`
	PlanID       string       `json:"plan_id"`
	PlanVersion  int64        `json:"plan_version"`
	CustomerID   string       `json:"customer_id"`
	CustomerName string       `json:"customer_name,omitempty"`
	AlertID      string       `json:"alert_id,omitempty"`
	Title        Text         `json:"title"`
	Level        Level        `json:"level"`
	Status       string       `json:"status"` // open or closed
	Reason       string       `json:"reason"`
	Exposure     money.Amount `json:"exposure"` // when it was opened
	OpenedBy     string       `json:"opened_by"`
	OpenedAt     time.Time    `json:"opened_at"`
	ClosedAt     time.Time    `json:"closed_at"`
	Version      int64        `json:"version"`
	Tasks        []Task       `json:"tasks,omitempty"`
	Actions      []Action     `json:"actions,omitempty"`
	Log          []Line       `json:"log,omitempty"`
	Exit         Text         `json:"exit"`
	OpenTasks    int64        `json:"open_tasks"`
	LateTasks    int64        `json:"late_tasks"`
}

// Task is something a person does in an incident.
type Task struct {
	ID      string    `json:"id"`
	Title   Text      `json:"title"`
	Role    string    `json:"role"`
	DueAt   time.Time `json:"due_at"`
	Status  string    `json:"status"` // open or done
	DoneBy  string    `json:"done_by,omitempty"`
	DoneAt  time.Time `json:"done_at"`
	Note    string    `json:"note,omitempty"`
	Version int64     `json:"version"`
}

// Action is something the system does in an incident; done ones can be undone.
type Action struct {
	ID       string    `json:"id"`
	Position int       `json:"position"`
	Kind     string    `json:"kind"`
	Status   string    `json:"status"` // proposed, done, undone
	Detail   string    `json:"detail,omitempty"`
	DoneBy   string    `json:"done_by,omitempty"`
	DoneAt   time.Time `json:"done_at"`
	UndoneBy string    `json:"undone_by,omitempty"`
	UndoneAt time.Time `json:"undone_at"`
	Version  int64     `json:"version"`
}

// Line is one entry of an incident's timeline.
type Line struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Actor string    `json:"actor"`
	Kind  string    `json:"kind"` // opened, action, undone, task, decision, note, closed
	Text  string    `json:"text"`
}

// The topics this capability publishes.
const (
	OpenedTopic = "incident.opened" // payload: Incident
	ClosedTopic = "incident.closed" // payload: Incident
)

// ActivateInput is the input of Activate: by hand, or by an alert (then Reason may be empty).
type ActivateInput struct {
	PlanID     string `json:"plan_id"`
	CustomerID string `json:"customer_id"`
	AlertID    string `json:"alert_id,omitempty"`
	Reason     string `json:"reason,omitempty"`
}

// Validate reports every wrong field.
func (in *ActivateInput) Validate() error {
	var c fault.Check
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("plan_id", in.PlanID)
	c.Required("customer_id", in.CustomerID)
	if in.AlertID == "" {
		c.Required("reason", in.Reason)
	}
	c.Length("reason", in.Reason, 2000)
	return c.Err()
}

// Activate starts a plan on a customer: the incident, its tasks with their deadlines, and the automatic actions, all in
// one transaction. While the plan is at work on the customer already, it answers that incident.
var Activate = operation.New("incident.activate", func(ctx context.Context, tx *operation.Tx, in ActivateInput) (Incident, error) {
	p, err := activePlan(ctx, tx, in.PlanID)
	if err != nil {
		return Incident{}, err
	}
	if err := tx.Lock(ctx, "customer", in.CustomerID); err != nil {
		return Incident{}, err
	}
	if open, found, err := openIncident(ctx, tx, in.CustomerID, in.PlanID); err != nil || found {
		return open, err
	}
	c, err := customer.ByID(ctx, tx, in.CustomerID)
	if err != nil {
		return Incident{}, err
	}
	balance, err := receivable.BalanceOf(ctx, tx, c.ID, c.Currency)
	if err != nil {
		return Incident{}, err
	}
	exposure, err := balance.Exposure()
	if err != nil {
		return Incident{}, err
	}
	i := Incident{ID: operation.NewID(), PlanID: p.ID, PlanVersion: p.Version, CustomerID: c.ID, CustomerName: c.Name, AlertID: in.AlertID, Title: p.Name,
		Level: p.Level, Status: "open", Reason: in.Reason, Exposure: exposure, OpenedBy: tx.Actor.Name, OpenedAt: tx.Now, Version: 1, Exit: p.Exit}
	if err := insertIncident(ctx, tx.Tx, i); err != nil {
		return Incident{}, err
	}
	if err := logLine(ctx, tx, i.ID, "opened", in.Reason); err != nil {
		return Incident{}, err
	}
	for n, t := range p.Tasks {
		task := Task{ID: operation.NewID(), Title: t.Title, Role: t.Role, DueAt: tx.Now.Add(time.Duration(t.Hours) * time.Hour), Status: "open", Version: 1}
		if err := insertTask(ctx, tx.Tx, i.ID, n, task); err != nil {
			return Incident{}, err
		}
		i.Tasks = append(i.Tasks, task)
	}
	for n, planned := range p.Actions {
		a := Action{ID: operation.NewID(), Position: n, Kind: planned.Kind, Status: "proposed", Version: 1}
		if planned.Automatic {
			if a, err = carryOut(ctx, tx, i, a); err != nil {
				return Incident{}, err
			}
		}
		if err := insertAction(ctx, tx.Tx, i.ID, a); err != nil {
			return Incident{}, err
		}
		i.Actions = append(i.Actions, a)
	}
	tx.About(c.ID)
	tx.Changed("incident", i.ID, nil, i)
	tx.Publish(OpenedTopic, c.ID, i)
	return i, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in ActivateInput) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// cause names the incident as the reason of what it does, so that undoing it undoes just that.
func cause(incidentID string) string { return "incident:" + incidentID }

// carryOut does what an action says, in the caller's transaction.
func carryOut(ctx context.Context, tx *operation.Tx, i Incident, a Action) (Action, error) {
	switch a.Kind {
	case FreezeLimit:
		f, err := limit.FreezeLimit.Within(ctx, tx, limit.FreezeInput{CustomerID: i.CustomerID, Cause: cause(i.ID), Reason: i.Title.ZH + " / " + i.Title.EN})
		if err != nil {
			return Action{}, err
		}
		a.Detail = f.ID
	default:
		return Action{}, fmt.Errorf("emergency: no action %q", a.Kind)
	}
	a.Status, a.DoneBy, a.DoneAt, a.UndoneBy, a.UndoneAt = "done", tx.Actor.Name, tx.Now, "", time.Time{}
	return a, logLine(ctx, tx, i.ID, "action", a.Kind)
}

func takeBack(ctx context.Context, tx *operation.Tx, i Incident, a Action, reason string) (Action, error) {
	switch a.Kind {
	case FreezeLimit:
		_, err := limit.Unfreeze.Within(ctx, tx, limit.FreezeInput{CustomerID: i.CustomerID, Cause: cause(i.ID), Reason: reason})
		if err != nil && fault.KindOf(err) != fault.KindConflict { // not frozen any more is what was wanted
			return Action{}, err
		}
	default:
		return Action{}, fmt.Errorf("emergency: no action %q", a.Kind)
	}
	a.Status, a.UndoneBy, a.UndoneAt = "undone", tx.Actor.Name, tx.Now
	return a, logLine(ctx, tx, i.ID, "undone", a.Kind+": "+reason)
}

func logLine(ctx context.Context, tx *operation.Tx, incidentID, kind, text string) error {
	return insertLine(ctx, tx.Tx, incidentID, Line{ID: operation.NewID(), At: tx.Now, Actor: tx.Actor.Name, Kind: kind, Text: text})
}

// ActInput names an action of an incident, and why it is done or undone.
type ActInput struct {
	IncidentID string `json:"incident_id"`
	ActionID   string `json:"action_id"`
	Reason     string `json:"reason"`
}

// Validate reports every wrong field.
func (in *ActInput) Validate() error {
	var c fault.Check
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("incident_id", in.IncidentID)
	c.Required("action_id", in.ActionID)
	c.Required("reason", in.Reason)
	return c.Err()
}

// Act carries out a proposed or undone action. Doing a done one changes nothing.
var Act = operation.New("incident.act", func(ctx context.Context, tx *operation.Tx, in ActInput) (Action, error) {
	return actOn(ctx, tx, in, "done", func(i Incident, a Action) (Action, error) { return carryOut(ctx, tx, i, a) })
})

// Undo takes an action back, in this system.
var Undo = operation.New("incident.undo", func(ctx context.Context, tx *operation.Tx, in ActInput) (Action, error) {
	return actOn(ctx, tx, in, "undone", func(i Incident, a Action) (Action, error) { return takeBack(ctx, tx, i, a, in.Reason) })
})

func actOn(ctx context.Context, tx *operation.Tx, in ActInput, already string, do func(Incident, Action) (Action, error)) (Action, error) {
	i, err := workingIncident(ctx, tx, in.IncidentID)
	if err != nil {
		return Action{}, err
	}
	a, err := actionByID(ctx, tx, i.ID, in.ActionID)
	if err != nil || a.Status == already {
		return a, err
	}
	if already == "undone" && a.Status != "done" {
		return Action{}, fault.Conflict("incident.not_done", nil)
	}
	before := a
	if a, err = do(i, a); err != nil {
		return Action{}, err
	}
	if err := updateAction(ctx, tx.Tx, a); err != nil {
		return Action{}, err
	}
	a.Version++
	tx.About(i.CustomerID)
	tx.Changed("incident.action", a.ID, before, a)
	return a, nil
}

// workingIncident finds an open incident within the actor's scope, under the customer's lock.
func workingIncident(ctx context.Context, tx *operation.Tx, id string) (Incident, error) {
	i, err := incidentByID(ctx, tx, id)
	if err != nil {
		return Incident{}, err
	}
	if err := customer.Visible(ctx, tx, tx.Actor, i.CustomerID); err != nil {
		return Incident{}, fault.NotFound("incident", id)
	}
	if err := tx.Lock(ctx, "customer", i.CustomerID); err != nil {
		return Incident{}, err
	}
	if i, err = incidentByID(ctx, tx, id); err != nil { // again, under the lock
		return Incident{}, err
	}
	if i.Status == "closed" {
		return Incident{}, fault.Conflict("incident.closed_already", nil)
	}
	return i, nil
}

// DoTaskInput is the input of DoTask.
type DoTaskInput struct {
	IncidentID string `json:"incident_id"`
	TaskID     string `json:"task_id"`
	Version    int64  `json:"version"`
	Note       string `json:"note"`
}

// Validate reports every wrong field.
func (in *DoTaskInput) Validate() error {
	var c fault.Check
	in.Note = strings.TrimSpace(in.Note)
	c.Required("incident_id", in.IncidentID)
	c.Required("task_id", in.TaskID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.Required("note", in.Note)
	c.Length("note", in.Note, 2000)
	return c.Err()
}

// DoTask marks a task as done, with what came of it.
var DoTask = operation.New("incident.do_task", func(ctx context.Context, tx *operation.Tx, in DoTaskInput) (Task, error) {
	i, err := workingIncident(ctx, tx, in.IncidentID)
	if err != nil {
		return Task{}, err
	}
	t, err := taskByID(ctx, tx, i.ID, in.TaskID)
	if err != nil {
		return Task{}, err
	}
	if t.Status == "done" {
		return Task{}, fault.Conflict("incident.task_done", nil)
	}
	before := t
	t.Status, t.DoneBy, t.DoneAt, t.Note = "done", tx.Actor.Name, tx.Now, in.Note
	if err := updateTask(ctx, tx.Tx, t, in.Version); err != nil {
		return Task{}, err
	}
	t.Version = in.Version + 1
	if err := logLine(ctx, tx, i.ID, "task", t.Title.ZH+" / "+t.Title.EN+": "+in.Note); err != nil {
		return Task{}, err
	}
	tx.About(i.CustomerID)
	tx.Changed("incident.task", t.ID, before, t)
	return t, nil
})

// LogInput is the input of Note.
type LogInput struct {
	IncidentID string `json:"incident_id"`
	Kind       string `json:"kind,omitempty"` // note or decision
	Text       string `json:"text"`
}

// Validate reports every wrong field.
func (in *LogInput) Validate() error {
	var c fault.Check
	in.Text = strings.TrimSpace(in.Text)
	if in.Kind == "" {
		in.Kind = "note"
	}
	c.Required("incident_id", in.IncidentID)
	c.OneOf("kind", in.Kind, "note", "decision")
	c.Required("text", in.Text)
	c.Length("text", in.Text, 4000)
	return c.Err()
}

// Note adds a remark or a decision to the timeline.
var Note = operation.New("incident.log", func(ctx context.Context, tx *operation.Tx, in LogInput) (Line, error) {
	i, err := workingIncident(ctx, tx, in.IncidentID)
	if err != nil {
		return Line{}, err
	}
	l := Line{ID: operation.NewID(), At: tx.Now, Actor: tx.Actor.Name, Kind: in.Kind, Text: in.Text}
	tx.About(i.CustomerID)
	tx.Changed("incident.log", l.ID, nil, l)
	return l, insertLine(ctx, tx.Tx, i.ID, l)
})

// CloseInput is the input of Close. Actions that are still in force stay, unless Undo says to take them back.
type CloseInput struct {
	IncidentID string `json:"incident_id"`
	Version    int64  `json:"version"`
	Reason     string `json:"reason"`
	Undo       bool   `json:"undo,omitempty"`
}

// Validate reports every wrong field.
func (in *CloseInput) Validate() error {
	var c fault.Check
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("incident_id", in.IncidentID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.Required("reason", in.Reason)
	return c.Err()
}

// Close ends an incident whose tasks are all done.
var Close = operation.New("incident.close", func(ctx context.Context, tx *operation.Tx, in CloseInput) (Incident, error) {
	i, err := workingIncident(ctx, tx, in.IncidentID)
	if err != nil {
		return Incident{}, err
	}
	if open, err := openTasks(ctx, tx, i.ID); err != nil {
		return Incident{}, err
	} else if open > 0 {
		return Incident{}, fault.Conflict("incident.tasks_open", fault.Args{"count": open})
	}
	actions, err := actionsOf(ctx, tx, i.ID)
	if err != nil {
		return Incident{}, err
	}
	for _, a := range actions {
		if !in.Undo || a.Status != "done" {
			continue
		}
		if a, err = takeBack(ctx, tx, i, a, in.Reason); err != nil {
			return Incident{}, err
		}
		if err := updateAction(ctx, tx.Tx, a); err != nil {
			return Incident{}, err
		}
	}
	before := i
	i.Status, i.ClosedAt = "closed", tx.Now
	if err := updateIncident(ctx, tx.Tx, i, in.Version); err != nil {
		return Incident{}, err
	}
	i.Version = in.Version + 1
	if err := logLine(ctx, tx, i.ID, "closed", in.Reason); err != nil {
		return Incident{}, err
	}
	tx.About(i.CustomerID)
	tx.Changed("incident", i.ID, before, i)
	tx.Publish(ClosedTopic, i.CustomerID, i)
	return i, nil
})

// Respond is the reaction to an alert: every plan in force that the alert triggers is activated.
var Respond = operation.New("incident.respond", func(ctx context.Context, tx *operation.Tx, a monitoring.Alert) (Responded, error) {
	plans, err := activePlans(ctx, tx)
	if err != nil {
		return Responded{}, err
	}
	var r Responded
	for _, p := range plans {
		if !p.Trigger.Fits(a) {
			continue
		}
		i, err := Activate.Within(ctx, tx, ActivateInput{PlanID: p.ID, CustomerID: a.CustomerID, AlertID: a.ID, Reason: a.TitleZH + " / " + a.TitleEN})
		if err != nil {
			return Responded{}, err
		}
		r.Incidents = append(r.Incidents, i.ID)
	}
	return r, nil
})

// Responded names the incidents that work on an alert.
type Responded struct {
	Incidents []string `json:"incidents"`
}
