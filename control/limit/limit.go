package limit

import (
	"context"
	"strings"
	"time"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Kind is the kind of approval request that limits open.
const Kind = "limit"

// Status is where a limit stands.
type Status string

// The states of a limit.
const (
	Requested Status = "requested"
	Scheduled Status = "scheduled" // approved for a first day to come
	Active    Status = "active"
	Rejected  Status = "rejected"
	Replaced  Status = "replaced"
	Expired   Status = "expired"
)

// Limit is how much a customer may owe in a currency, from the first to the last day, both included.
type Limit struct {
	ID           string       `json:"id"`
	CustomerID   string       `json:"customer_id"`
	CustomerName string       `json:"customer_name,omitempty"`
	Amount       money.Amount `json:"amount"`
	Status       Status       `json:"status"`
	ValidFrom    clock.Date   `json:"valid_from"`
	ValidUntil   clock.Date   `json:"valid_until"`
	AssessmentID string       `json:"assessment_id,omitempty"`
	Recommended  money.Amount `json:"recommended"` // by the assessment, at the time of application; zero = none
	Reason       string       `json:"reason"`
	AppliedBy    string       `json:"applied_by"`
	AppliedAt    time.Time    `json:"applied_at"`
	DecidedAt    time.Time    `json:"decided_at"`
	Version      int64        `json:"version"`
}

// In tells whether the limit is in force on a day.
func (l Limit) In(day clock.Date) bool {
	return (l.Status == Active || l.Status == Scheduled) && l.ValidFrom <= day && day <= l.ValidUntil
}

// Freeze stops new credit for a cause; it stands until that cause is lifted.
type Freeze struct {
	ID         string    `json:"id"`
	CustomerID string    `json:"customer_id"`
	Cause      string    `json:"cause"` // "manual", or what froze it: "incident:ID"
	Reason     string    `json:"reason"`
	FrozenBy   string    `json:"frozen_by"`
	FrozenAt   time.Time `json:"frozen_at"`
	LiftedBy   string    `json:"lifted_by,omitempty"`
	LiftReason string    `json:"lift_reason,omitempty"`
	LiftedAt   time.Time `json:"lifted_at"`
}

// The topics this capability publishes.
const (
	Applied         = "limit.applied"   // payload: Limit
	Activated       = "limit.activated" // payload: Limit
	ScheduledTopic  = "limit.scheduled" // payload: Limit, approved for a day to come
	RejectedTopic   = "limit.rejected"  // payload: Limit
	FrozenTopic     = "limit.frozen"    // payload: Freeze
	UnfrozenTopic   = "limit.unfrozen"  // payload: Freeze
	ExpiredTopic    = "limit.expired"   // payload: Limit
	longestValidity = 366               // days
)

// Application is the input of Apply. ValidFrom empty = today; ValidUntil empty = a year later.
type Application struct {
	CustomerID string       `json:"customer_id"`
	Amount     money.Amount `json:"amount"`
	ValidFrom  clock.Date   `json:"valid_from,omitempty"`
	ValidUntil clock.Date   `json:"valid_until,omitempty"`
	Reason     string       `json:"reason"`
}

// Validate reports every wrong field.
func (in *Application) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.That(in.Amount.Positive(), "amount", "fault.not_positive", nil)
	c.That(in.Amount.Currency.Valid(), "amount", "money.currency_unknown", fault.Args{"code": string(in.Amount.Currency)})
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 2000)
	c.That(in.ValidFrom.IsZero() || in.ValidFrom.Valid(), "valid_from", "fault.not_date", fault.Args{"text": string(in.ValidFrom)})
	c.That(in.ValidUntil.IsZero() || in.ValidUntil.Valid(), "valid_until", "fault.not_date", fault.Args{"text": string(in.ValidUntil)})
	return c.Err()
}

// Asked is the answer of Apply: the limit as requested and the approval request that it waits for.
type Asked struct {
	Limit    Limit            `json:"limit"`
	Approval approval.Request `json:"approval"`
}

// Apply asks for a limit. One application a customer and currency waits at a time.
var Apply = operation.New("limit.apply", func(ctx context.Context, tx *operation.Tx, in Application) (Asked, error) {
	if err := tx.Lock(ctx, "customer", in.CustomerID); err != nil {
		return Asked{}, err
	}
	c, err := customer.ByID(ctx, tx, in.CustomerID)
	if err != nil {
		return Asked{}, err
	}
	l := Limit{ID: operation.NewID(), CustomerID: c.ID, CustomerName: c.Name, Amount: in.Amount, Status: Requested, ValidFrom: in.ValidFrom, ValidUntil: in.ValidUntil,
		Recommended: money.Of(0, in.Amount.Currency), Reason: in.Reason, AppliedBy: tx.Actor.Name, AppliedAt: tx.Now, Version: 1}
	if l.ValidFrom.IsZero() {
		l.ValidFrom = tx.Today
	}
	if l.ValidUntil.IsZero() {
		l.ValidUntil = l.ValidFrom.AddMonths(12).AddDays(-1)
	}
	assessed, found, err := assessment.LatestFor(ctx, tx, c.ID)
	if err != nil {
		return Asked{}, err
	}
	if found && assessed.Recommended.Currency == l.Amount.Currency {
		l.AssessmentID, l.Recommended = assessed.ID, assessed.Recommended
	}
	var check fault.Check
	check.That(c.Status != customer.Blocked && c.Status != customer.Closed, "customer_id", "limit.customer_blocked", nil)
	check.That(l.ValidUntil >= l.ValidFrom, "valid_until", "limit.ends_before_start", nil)
	check.That(l.ValidUntil >= tx.Today, "valid_until", "limit.ends_in_past", nil)
	check.That(l.ValidUntil.DaysSince(l.ValidFrom) <= longestValidity, "valid_until", "limit.too_long", fault.Args{"days": longestValidity})
	if waits, err := requestedFor(ctx, tx, c.ID, in.Amount.Currency); err != nil {
		return Asked{}, err
	} else if waits {
		check.Add("customer_id", "limit.application_waits", nil)
	}
	if err := check.Err(); err != nil {
		return Asked{}, err
	}
	if err := insertLimit(ctx, tx.Tx, l); err != nil {
		return Asked{}, err
	}
	request, err := approval.Open(ctx, tx, approval.Ask{Kind: Kind, Reference: l.ID, CustomerID: c.ID, Title: c.Name, Reason: in.Reason, Amount: in.Amount})
	if err != nil {
		return Asked{}, err
	}
	tx.About(c.ID)
	tx.Changed("limit", l.ID, nil, l)
	tx.Publish(Applied, c.ID, l)
	return Asked{Limit: l, Approval: request}, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Application) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Decide is one person's vote on an application; the last approving vote puts the limit in force in the same
// transaction, and replaces the one before it.
var Decide = operation.New("limit.decide", func(ctx context.Context, tx *operation.Tx, in approval.Decision) (Asked, error) {
	request, err := approval.Decide(ctx, tx, Kind, in)
	if err != nil {
		return Asked{}, err
	}
	l, err := limitByID(ctx, tx, request.Reference)
	if err != nil {
		return Asked{}, err
	}
	tx.About(l.CustomerID)
	if request.Status == approval.Waiting {
		return Asked{Limit: l, Approval: request}, nil
	}
	if err := tx.Lock(ctx, "customer", l.CustomerID); err != nil {
		return Asked{}, err
	}
	before := l
	l.DecidedAt = tx.Now
	topic := RejectedTopic
	l.Status = Rejected
	switch {
	case request.Status == approval.Approved && l.ValidFrom > tx.Today:
		topic, l.Status = ScheduledTopic, Scheduled // what is in force stays so until then
	case request.Status == approval.Approved:
		topic, l.Status = Activated, Active
		if err := replaceActive(ctx, tx.Tx, l, tx.Now); err != nil {
			return Asked{}, err
		}
	}
	if err := updateStatus(ctx, tx.Tx, l); err != nil {
		return Asked{}, err
	}
	l.Version++
	tx.Changed("limit", l.ID, before, l)
	tx.Publish(topic, l.CustomerID, l)
	return Asked{Limit: l, Approval: request}, nil
})

// Manual is the cause of a person's freeze. Others belong to what caused them (an incident), and are lifted there.
const Manual = "manual"

func ownCause(ctx context.Context, tx *operation.Tx, in FreezeInput) error {
	if in.Cause != Manual && !tx.Actor.System {
		return fault.Conflict("limit.cause_elsewhere", fault.Args{"cause": in.Cause})
	}
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
}

// FreezeInput is the input of FreezeLimit. Cause empty = "manual".
type FreezeInput struct {
	CustomerID string `json:"customer_id"`
	Cause      string `json:"cause,omitempty"`
	Reason     string `json:"reason"`
}

// Validate reports every wrong field.
func (in *FreezeInput) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 2000)
	if in.Cause == "" {
		in.Cause = Manual
	}
	return c.Err()
}

// FreezeLimit stops new credit for the customer. Freezing again for the same cause changes nothing.
var FreezeLimit = operation.New("limit.freeze", func(ctx context.Context, tx *operation.Tx, in FreezeInput) (Freeze, error) {
	if err := tx.Lock(ctx, "customer", in.CustomerID); err != nil {
		return Freeze{}, err
	}
	if f, found, err := freezeFor(ctx, tx, in.CustomerID, in.Cause); err != nil || found {
		return f, err
	}
	f := Freeze{ID: operation.NewID(), CustomerID: in.CustomerID, Cause: in.Cause, Reason: in.Reason, FrozenBy: tx.Actor.Name, FrozenAt: tx.Now}
	if err := insertFreeze(ctx, tx.Tx, f); err != nil {
		return Freeze{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("limit.freeze", f.ID, nil, f)
	tx.Publish(FrozenTopic, in.CustomerID, f)
	return f, nil
}).Guard(ownCause)

// Unfreeze lifts the freeze of one cause; freezes for other causes stay.
var Unfreeze = operation.New("limit.unfreeze", func(ctx context.Context, tx *operation.Tx, in FreezeInput) (Freeze, error) {
	if err := tx.Lock(ctx, "customer", in.CustomerID); err != nil {
		return Freeze{}, err
	}
	f, found, err := freezeFor(ctx, tx, in.CustomerID, in.Cause)
	if err != nil {
		return Freeze{}, err
	}
	if !found {
		return Freeze{}, fault.Conflict("limit.not_frozen", fault.Args{"cause": in.Cause})
	}
	before := f
	f.LiftedBy, f.LiftReason, f.LiftedAt = tx.Actor.Name, in.Reason, tx.Now
	if err := liftFreeze(ctx, tx.Tx, f); err != nil {
		return Freeze{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("limit.freeze", f.ID, before, f)
	tx.Publish(UnfrozenTopic, in.CustomerID, f)
	return f, nil
}).Guard(ownCause)

// StartInput asks for nothing: the day is the operation's.
type StartInput struct{}

// Started tells which limits a run of Start put in force.
type Started struct {
	Limits []Limit `json:"limits"`
}

// Start puts in force the approved limits whose first day has come, and replaces those before them; the schedule runs it
// daily. An order check does not wait for it: it looks at the first day itself.
var Start = operation.New("limit.start", func(ctx context.Context, tx *operation.Tx, _ StartInput) (Started, error) {
	const batch = 100
	due, err := startingBy(ctx, tx, tx.Today, batch)
	if err != nil {
		return Started{}, err
	}
	for i, l := range due {
		if err := tx.Lock(ctx, "customer", l.CustomerID); err != nil {
			return Started{}, err
		}
		before := l
		if err := replaceActive(ctx, tx.Tx, l, tx.Now); err != nil {
			return Started{}, err
		}
		l.Status = Active
		if err := updateStatus(ctx, tx.Tx, l); err != nil {
			return Started{}, err
		}
		l.Version++
		due[i] = l
		tx.Changed("limit", l.ID, before, l)
		tx.Publish(Activated, l.CustomerID, l)
	}
	return Started{Limits: due}, nil
})

// ExpireInput asks for nothing: the day is the operation's.
type ExpireInput struct{}

// ExpiredLimits tells what a run of Expire ended.
type ExpiredLimits struct {
	Limits []Limit `json:"limits"`
}

// Expire ends the limits whose last day has passed; the schedule runs it daily. An order check does not wait for it: it
// looks at the last day itself.
var Expire = operation.New("limit.expire", func(ctx context.Context, tx *operation.Tx, _ ExpireInput) (ExpiredLimits, error) {
	const batch = 200
	due, err := endedBefore(ctx, tx, tx.Today, batch)
	if err != nil {
		return ExpiredLimits{}, err
	}
	for i, l := range due {
		before := l
		l.Status = Expired
		if err := updateStatus(ctx, tx.Tx, l); err != nil {
			return ExpiredLimits{}, err
		}
		l.Version++
		due[i] = l
		tx.Changed("limit", l.ID, before, l)
		tx.Publish(ExpiredTopic, l.CustomerID, l)
	}
	return ExpiredLimits{Limits: due}, nil
})
