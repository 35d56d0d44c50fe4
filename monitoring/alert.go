package monitoring

import (
	"context"
	"strings"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Severity is how bad an alert is.
type Severity string

// The severities, mild to bad.
const (
	Info     Severity = "info"
	Warning  Severity = "warn"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Severities lists them from mild to bad.
var Severities = []Severity{Info, Warning, High, Critical}

// Rank orders severities: 0 info to 3 critical.
func (s Severity) Rank() int {
	for i, other := range Severities {
		if s == other {
			return i
		}
	}
	return 0
}

// AlertStatus is where an alert stands.
type AlertStatus string

// The states of an alert.
const (
	AlertOpen     AlertStatus = "open"
	AlertAssigned AlertStatus = "assigned"
	AlertClosed   AlertStatus = "closed"
)

// Outcomes are how an alert may end; the share of false positives is the rule's report card.
var Outcomes = []string{"handled", "watching", "false_positive"}

// Finding is one value that a rule's message rests on.
type Finding struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Alert says that a rule found something about a customer (预警). While it is not closed, the same finding raises it
// again instead of opening another.
type Alert struct {
	ID           string      `json:"id"`
	CustomerID   string      `json:"customer_id"`
	CustomerName string      `json:"customer_name,omitempty"`
	RuleID       string      `json:"rule_id"`
	RuleVersion  int64       `json:"rule_version"`
	Severity     Severity    `json:"severity"`
	Status       AlertStatus `json:"status"`
	Dedup        string      `json:"dedup"`
	TitleZH      string      `json:"title_zh"`
	TitleEN      string      `json:"title_en"`
	Findings     []Finding   `json:"findings"`
	Times        int64       `json:"times"`
	OpenedAt     time.Time   `json:"opened_at"`
	LastAt       time.Time   `json:"last_at"`
	AssignedTo   string      `json:"assigned_to,omitempty"`
	AssignedName string      `json:"assigned_name,omitempty"`
	ClosedAt     time.Time   `json:"closed_at"`
	ClosedBy     string      `json:"closed_by,omitempty"`
	Outcome      string      `json:"outcome,omitempty"`
	Version      int64       `json:"version"`
	Notes        []Note      `json:"notes,omitempty"`
}

// Title is the headline in a language ("zh" or "en").
func (a Alert) Title(lang string) string {
	if lang == "en" {
		return a.TitleEN
	}
	return a.TitleZH
}

// Note is a remark on an alert.
type Note struct {
	ID     string    `json:"id"`
	Author string    `json:"author"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
}

// The topics this capability publishes.
const (
	Opened      = "alert.opened"       // payload: Alert
	RaisedAgain = "alert.raised_again" // payload: Alert
	Closed      = "alert.closed"       // payload: Alert
)

// Raise opens an alert, or raises the open one with the same dedup key again: times and last grow, a worse severity
// replaces the milder.
func Raise(ctx context.Context, tx *operation.Tx, a Alert) (Alert, error) {
	open, found, err := openByDedup(ctx, tx, a.Dedup)
	if err != nil {
		return Alert{}, err
	}
	if found {
		before := open
		open.Times++
		open.LastAt, open.Findings, open.TitleZH, open.TitleEN = tx.Now, a.Findings, a.TitleZH, a.TitleEN
		worse := a.Severity.Rank() > open.Severity.Rank()
		if worse {
			open.Severity = a.Severity
		}
		if err := updateAlert(ctx, tx.Tx, open, open.Version); err != nil {
			return Alert{}, err
		}
		open.Version++
		tx.Changed("alert", open.ID, before, open)
		if worse {
			tx.Publish(RaisedAgain, open.CustomerID, open)
		}
		return open, nil
	}
	a.ID, a.Status, a.Times, a.OpenedAt, a.LastAt, a.Version = operation.NewID(), AlertOpen, 1, tx.Now, tx.Now, 1
	if err := insertAlert(ctx, tx.Tx, a); err != nil {
		return Alert{}, err
	}
	tx.Changed("alert", a.ID, nil, a)
	tx.Publish(Opened, a.CustomerID, a)
	return a, nil
}

// AssignInput is the input of Assign; UserID empty = the caller himself.
type AssignInput struct {
	AlertID string `json:"alert_id"`
	Version int64  `json:"version"`
	UserID  string `json:"user_id,omitempty"`
}

// Validate reports every wrong field.
func (in *AssignInput) Validate() error { return checkAlert(in.AlertID, in.Version, nil) }

func checkAlert(id string, version int64, more func(c *fault.Check)) error {
	var c fault.Check
	c.Required("alert_id", id)
	c.That(version > 0, "version", "fault.version_required", nil)
	if more != nil {
		more(&c)
	}
	return c.Err()
}

// Assign gives an alert to someone who is active.
var Assign = operation.New("alert.assign", func(ctx context.Context, tx *operation.Tx, in AssignInput) (Alert, error) {
	return change(ctx, tx, in.AlertID, in.Version, func(a *Alert) error {
		a.Status, a.AssignedTo, a.AssignedName = AlertAssigned, tx.Actor.ID, tx.Actor.Name
		if in.UserID == "" || in.UserID == tx.Actor.ID {
			return nil
		}
		u, err := access.ByID(ctx, tx, in.UserID)
		if fault.KindOf(err) == fault.KindNotFound || err == nil && u.Disabled {
			return fault.Invalid("user_id", "monitoring.user_unknown", fault.Args{"user": in.UserID})
		}
		a.AssignedTo, a.AssignedName = u.ID, u.Name
		return err
	})
})

// CloseInput is the input of Close: how it ended and why.
type CloseInput struct {
	AlertID string `json:"alert_id"`
	Version int64  `json:"version"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

// Validate reports every wrong field.
func (in *CloseInput) Validate() error {
	in.Reason = strings.TrimSpace(in.Reason)
	return checkAlert(in.AlertID, in.Version, func(c *fault.Check) {
		c.OneOf("outcome", in.Outcome, Outcomes...)
		c.Required("reason", in.Reason)
		c.Length("reason", in.Reason, 2000)
	})
}

// Close ends an alert with its outcome and reason.
var Close = operation.New("alert.close", func(ctx context.Context, tx *operation.Tx, in CloseInput) (Alert, error) {
	a, err := change(ctx, tx, in.AlertID, in.Version, func(a *Alert) error {
		a.Status, a.Outcome, a.ClosedAt, a.ClosedBy = AlertClosed, in.Outcome, tx.Now, tx.Actor.Name
		return nil
	})
	if err != nil {
		return Alert{}, err
	}
	tx.Publish(Closed, a.CustomerID, a)
	return a, insertNote(ctx, tx.Tx, a.ID, Note{ID: operation.NewID(), Author: tx.Actor.Name, Text: in.Reason, At: tx.Now})
})

func change(ctx context.Context, tx *operation.Tx, id string, version int64, apply func(a *Alert) error) (Alert, error) {
	a, err := visibleAlert(ctx, tx, tx.Actor, id)
	if err != nil {
		return Alert{}, err
	}
	if a.Status == AlertClosed {
		return Alert{}, fault.Conflict("alert.closed_already", nil)
	}
	before := a
	if err := apply(&a); err != nil {
		return Alert{}, err
	}
	if err := updateAlert(ctx, tx.Tx, a, version); err != nil {
		return Alert{}, err
	}
	a.Version = version + 1
	tx.About(a.CustomerID)
	tx.Changed("alert", a.ID, before, a)
	return a, nil
}

// CommentInput is the input of Comment.
type CommentInput struct {
	AlertID string `json:"alert_id"`
	Text    string `json:"text"`
}

// Validate reports every wrong field.
func (in *CommentInput) Validate() error {
	var c fault.Check
	in.Text = strings.TrimSpace(in.Text)
	c.Required("alert_id", in.AlertID)
	c.Required("text", in.Text)
	c.Length("text", in.Text, 4000)
	return c.Err()
}

// Comment adds a remark to an alert.
var Comment = operation.New("alert.comment", func(ctx context.Context, tx *operation.Tx, in CommentInput) (Note, error) {
	a, err := visibleAlert(ctx, tx, tx.Actor, in.AlertID)
	if err != nil {
		return Note{}, err
	}
	n := Note{ID: operation.NewID(), Author: tx.Actor.Name, Text: in.Text, At: tx.Now}
	if err := insertNote(ctx, tx.Tx, a.ID, n); err != nil {
		return Note{}, err
	}
	tx.About(a.CustomerID)
	tx.Changed("alert.note", n.ID, nil, n)
	return n, nil
})

func visibleAlert(ctx context.Context, tx *operation.Tx, actor operation.Actor, id string) (Alert, error) {
	a, err := alertByID(ctx, tx, id)
	if err != nil {
		return Alert{}, err
	}
	if err := customer.Visible(ctx, tx, actor, a.CustomerID); err != nil {
		return Alert{}, fault.NotFound("alert", id)
	}
	return a, nil
}
