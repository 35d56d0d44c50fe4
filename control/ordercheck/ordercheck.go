package ordercheck

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

// Decision is the outcome of a check.
type Decision string

// The decisions.
const (
	Approve Decision = "approve"
	Hold    Decision = "hold"
	Reject  Decision = "reject"
)

// Reason is one ground for a decision, with the figures that it rests on. Key is a message of the catalogue.
type Reason struct {
	Key  string     `json:"code"`
	Args fault.Args `json:"args,omitempty"`
	// Rejects: no person may overrule it.
	Rejects bool `json:"rejects,omitempty"`
}

// Check is one decision on an order, kept with what it was taken on.
type Check struct {
	ID         string       `json:"id"`
	OrderID    string       `json:"order_id"`
	CustomerID string       `json:"customer_id"`
	Decision   Decision     `json:"decision"`
	Reasons    []Reason     `json:"reasons"`
	Limit      money.Amount `json:"limit"`
	Exposure   money.Amount `json:"exposure"` // before this order
	Amount     money.Amount `json:"amount"`
	Step       string       `json:"step"` // submit, release, refuse, cancel, expire
	ActorID    string       `json:"actor_id"`
	ActorName  string       `json:"actor_name"`
	Note       string       `json:"note,omitempty"`
	At         time.Time    `json:"at"`
}

// Available is what the limit has left before this order.
func (c Check) Available() money.Amount {
	return money.Of(c.Limit.Minor-c.Exposure.Minor, c.Limit.Currency)
}

const (
	graceDays       = 15 // overdue up to this many days holds nothing
	rejectDays      = 90 // default by the 90-days convention: no new credit
	reservationDays = 30
)

// HeldTopic is published when an order waits for a decision; payload: Check.
const HeldTopic = "ordercheck.held"

// Facts are what a decision is taken on.
type Facts struct {
	Status      customer.Status
	Frozen      []limit.Freeze
	Limit       *limit.Limit // nil = none in force
	Exposure    money.Amount
	Amount      money.Amount
	WorstDays   int // days past due of the oldest undisputed invoice
	CustomerCur money.Currency
}

// Decide is the rule itself: what stops an order outright (a blocked customer, no limit, 90 days past due) rejects it;
// what a person with authority may overrule (freeze, over the limit, overdue beyond the grace) holds it. All reasons
// are named, not only the first. Pure.
func Decide(f Facts) (Decision, []Reason) {
	decision := Approve
	var reasons []Reason
	add := func(d Decision, key string, args fault.Args) {
		reasons = append(reasons, Reason{Key: key, Args: args, Rejects: d == Reject})
		if d == Reject || decision == Approve {
			decision = d
		}
	}
	if f.Status == customer.Blocked || f.Status == customer.Closed {
		add(Reject, "ordercheck.customer_blocked", nil)
	}
	if f.WorstDays >= rejectDays {
		add(Reject, "ordercheck.default_overdue", fault.Args{"days": f.WorstDays, "most": rejectDays})
	} else if f.WorstDays > graceDays {
		add(Hold, "ordercheck.overdue", fault.Args{"days": f.WorstDays, "most": graceDays})
	}
	for _, z := range f.Frozen {
		add(Hold, "ordercheck.frozen", fault.Args{"reason": z.Reason})
	}
	if f.Limit == nil {
		add(Reject, "ordercheck.no_limit", fault.Args{"currency": string(f.Amount.Currency)})
		return decision, reasons
	}
	if available := f.Limit.Amount.Minor - f.Exposure.Minor; f.Amount.Minor > available {
		add(Hold, "ordercheck.over_limit", fault.Args{"amount": f.Amount.Grouped(), "available": money.Of(available, f.Amount.Currency).Grouped(),
			"over": money.Of(f.Amount.Minor-available, f.Amount.Currency).Grouped()})
	}
	if decision == Approve {
		reasons = append(reasons, Reason{Key: "ordercheck.within_limit", Args: fault.Args{"amount": f.Amount.Grouped(),
			"available": money.Of(f.Limit.Amount.Minor-f.Exposure.Minor, f.Amount.Currency).Grouped()}})
	}
	return decision, reasons
}

// NewOrder is the input of Submit.
type NewOrder struct {
	CustomerID string       `json:"customer_id"`
	Number     string       `json:"number"`
	Amount     money.Amount `json:"amount"`
	OrderedOn  clock.Date   `json:"ordered_on,omitempty"` // today when empty
}

// Validate reports every wrong field.
func (in *NewOrder) Validate() error {
	var c fault.Check
	in.Number = strings.TrimSpace(in.Number)
	c.Required("customer_id", in.CustomerID)
	c.Required("number", in.Number)
	c.Length("number", in.Number, 60)
	receivable.CheckAmount(&c, "amount", in.Amount)
	c.That(in.OrderedOn.IsZero() || in.OrderedOn.Valid(), "ordered_on", "fault.not_date", fault.Args{"text": string(in.OrderedOn)})
	return c.Err()
}

// Answer is the order as booked, and the check.
type Answer struct {
	Order receivable.Order `json:"order"`
	Check Check            `json:"check"`
}

// Submit checks an order and books it: approved (its amount reserved), held, or rejected. The same order number with the
// same amount again gets the same answer; with another amount it is refused.
var Submit = operation.New("ordercheck.submit", func(ctx context.Context, tx *operation.Tx, in NewOrder) (Answer, error) {
	var o receivable.Order
	var reads database.Reads
	receivable.AskLock(&reads, in.CustomerID)
	receivable.AskOrder(&reads, in.CustomerID, in.Number, &o)
	facts, err := gather(ctx, tx, &reads, in.CustomerID, in.Amount)
	if err != nil {
		return Answer{}, err
	}
	if o.ID != "" {
		if o.Amount != in.Amount {
			return Answer{}, fault.Invalid("number", "receivable.order_number_taken", fault.Args{"number": in.Number})
		}
		check, err := lastCheck(ctx, tx, o.ID)
		return Answer{Order: o, Check: check}, err
	}
	if in.OrderedOn.IsZero() {
		in.OrderedOn = tx.Today
	}
	decision, reasons := Decide(facts)
	o = receivable.Order{CustomerID: in.CustomerID, Number: in.Number, Amount: in.Amount, OrderedOn: in.OrderedOn, Status: receivable.OrderRejected}
	switch decision {
	case Approve:
		o.Status, o.ReservedUntil = receivable.OrderApproved, tx.Today.AddDays(reservationDays)
	case Hold:
		o.Status = receivable.OrderHeld
	}
	if o, err = receivable.PlaceOrder(ctx, tx, o); err != nil {
		return Answer{}, err
	}
	return note(ctx, tx, nil, o, decision, reasons, facts, "submit", "")
}).Guard(func(ctx context.Context, tx *operation.Tx, in NewOrder) error {
	if tx.Actor.SeesAll() { // whether the customer is there is read with the facts
		return nil
	}
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// gather reads what a decision rests on, together with what the caller asks beside it.
func gather(ctx context.Context, tx *operation.Tx, reads *database.Reads, customerID string, amount money.Amount) (Facts, error) {
	f := Facts{Amount: amount}
	var balance receivable.Balance
	customer.AskStatus(reads, customerID, &f.Status)
	limit.AskFreezes(reads, customerID, &f.Frozen)
	limit.AskActive(reads, customerID, amount.Currency, tx.Today, &f.Limit)
	receivable.AskBalance(reads, customerID, amount.Currency, &balance)
	receivable.AskWorstOverdue(reads, customerID, tx.Today, &f.WorstDays)
	if err := reads.Run(ctx, tx); err != nil {
		return f, err
	}
	if f.Status == "" {
		return f, fault.NotFound("customer", customerID)
	}
	var err error
	f.Exposure, err = balance.Exposure()
	return f, err
}

func note(ctx context.Context, tx *operation.Tx, before any, o receivable.Order, d Decision, reasons []Reason, f Facts, step, text string) (Answer, error) {
	check := Check{ID: operation.NewID(), OrderID: o.ID, CustomerID: o.CustomerID, Decision: d, Reasons: reasons, Exposure: f.Exposure, Amount: o.Amount,
		Limit: money.Of(0, o.Amount.Currency), Step: step, ActorID: tx.Actor.ID, ActorName: tx.Actor.Name, Note: text, At: tx.Now}
	if f.Limit != nil {
		check.Limit = f.Limit.Amount
	}
	check.Exposure.Currency = o.Amount.Currency
	if err := insertCheck(ctx, tx.Tx, check); err != nil {
		return Answer{}, err
	}
	tx.About(o.CustomerID)
	tx.Changed("order", o.ID, before, o)
	if o.Status == receivable.OrderHeld {
		tx.Publish(HeldTopic, o.CustomerID, check)
	}
	return Answer{Order: o, Check: check}, nil
}

// Ruling is the input of Release, Refuse and Cancel: the order, the version it was seen at, and why.
type Ruling struct {
	OrderID string `json:"order_id"`
	Version int64  `json:"version"`
	Reason  string `json:"reason"`
}

// Validate reports every wrong field.
func (in *Ruling) Validate() error {
	var c fault.Check
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("order_id", in.OrderID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 2000)
	return c.Err()
}

// Release lets a held order go ahead on a person's authority, against what held it. Not by who submitted it.
var Release = operation.New("ordercheck.release", func(ctx context.Context, tx *operation.Tx, in Ruling) (Answer, error) {
	return rule(ctx, tx, in, "release", Approve, receivable.OrderApproved, true)
})

// Refuse rejects a held order.
var Refuse = operation.New("ordercheck.refuse", func(ctx context.Context, tx *operation.Tx, in Ruling) (Answer, error) {
	return rule(ctx, tx, in, "refuse", Reject, receivable.OrderRejected, false)
})

// Cancel takes an order back and frees what it reserved; of one that is invoiced in part, the rest.
var Cancel = operation.New("ordercheck.cancel", func(ctx context.Context, tx *operation.Tx, in Ruling) (Answer, error) {
	return rule(ctx, tx, in, "cancel", Reject, receivable.OrderCancelled, false)
})

func rule(ctx context.Context, tx *operation.Tx, in Ruling, step string, d Decision, to receivable.OrderStatus, fourEyes bool) (Answer, error) {
	o, err := receivable.OrderByID(ctx, tx, in.OrderID)
	if err != nil {
		return Answer{}, err
	}
	if err := customer.Visible(ctx, tx, tx.Actor, o.CustomerID); err != nil {
		return Answer{}, fault.NotFound("order", in.OrderID)
	}
	if err := receivable.Lock(ctx, tx, o.CustomerID); err != nil {
		return Answer{}, err
	}
	if o, err = receivable.OrderByID(ctx, tx, in.OrderID); err != nil { // again, under the lock
		return Answer{}, err
	}
	cancellable := step == "cancel" && o.Status == receivable.OrderApproved
	if cancellable && o.Open != o.Amount { // a part is invoiced: what is left of it is freed
		to = receivable.OrderInvoiced
	}
	switch {
	case o.Version != in.Version:
		return Answer{}, fault.Stale("order", o.ID)
	case o.Status != receivable.OrderHeld && !cancellable:
		return Answer{}, fault.Conflict("ordercheck.not_held", fault.Args{"status": "receivable.order_status." + string(o.Status)})
	case fourEyes && o.CreatedBy == tx.Actor.ID:
		return Answer{}, fault.Forbidden("ordercheck.own_order", nil)
	}
	facts, err := gather(ctx, tx, &database.Reads{}, o.CustomerID, o.Amount)
	if err != nil {
		return Answer{}, err
	}
	decision, reasons := Decide(facts)
	if to == receivable.OrderApproved && decision == Reject { // what the rule rejects nobody releases
		worst := reasons[slices.IndexFunc(reasons, func(r Reason) bool { return r.Rejects })]
		return Answer{}, fault.Conflict(worst.Key, worst.Args)
	}
	before := o
	until := clock.Date("")
	if to == receivable.OrderApproved {
		until = tx.Today.AddDays(reservationDays)
	}
	if o, err = receivable.SetOrder(ctx, tx, o, to, until); err != nil {
		return Answer{}, err
	}
	return note(ctx, tx, before, o, d, reasons, facts, step, in.Reason)
}

// ExpireInput asks for nothing: the day is the operation's.
type ExpireInput struct{}

// ExpiredOrders tells which reservations a run of Expire ended.
type ExpiredOrders struct {
	Orders []receivable.Order `json:"orders"`
}

// Expire frees reservations whose last day has passed; the schedule runs it daily.
var Expire = operation.New("ordercheck.expire", func(ctx context.Context, tx *operation.Tx, _ ExpireInput) (ExpiredOrders, error) {
	const batch = 100
	due, err := receivable.ReservationsDue(ctx, tx, tx.Today, batch)
	if err != nil {
		return ExpiredOrders{}, err
	}
	for i, o := range due {
		if err := receivable.Lock(ctx, tx, o.CustomerID); err != nil {
			return ExpiredOrders{}, err
		}
		before := o
		if o, err = receivable.SetOrder(ctx, tx, o, receivable.OrderExpired, ""); err != nil {
			return ExpiredOrders{}, err
		}
		due[i] = o
		tx.Changed("order", o.ID, before, o)
	}
	return ExpiredOrders{Orders: due}, nil
})
