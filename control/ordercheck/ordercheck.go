package ordercheck

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/approval"
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
	Step       string       `json:"step"` // submit, ask_release, release, refuse, cancel, expire
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
	// Approval is the request that a release waits for, or that a vote was about.
	Approval *approval.Request `json:"approval,omitempty"`
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
	return factsOf(ctx, tx, reads, customerID, amount, tx.Today)
}

func factsOf(ctx context.Context, q database.Querier, reads *database.Reads, customerID string, amount money.Amount, today clock.Date) (Facts, error) {
	f := Facts{Amount: amount}
	var balance receivable.Balance
	customer.AskStatus(reads, customerID, &f.Status)
	limit.AskFreezes(reads, customerID, &f.Frozen)
	limit.AskActive(reads, customerID, amount.Currency, today, &f.Limit)
	receivable.AskBalance(reads, customerID, amount.Currency, &balance)
	receivable.AskWorstOverdue(reads, customerID, today, &f.WorstDays)
	if err := reads.Run(ctx, q); err != nil {
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
	if o.Status == receivable.OrderHeld && step == "submit" {
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

// Kind is the kind of approval request that releases open.
const Kind = "order_release"

// AtStake is what releasing an order needs authority for: by how much exposure would exceed the limit; the whole order
// where the customer is frozen or overdue beyond the grace, since then nothing of it would go out. Pure.
func AtStake(f Facts) money.Amount {
	if len(f.Frozen) > 0 || f.WorstDays > graceDays {
		return f.Amount
	}
	over := f.Exposure.Minor + f.Amount.Minor
	if f.Limit != nil {
		over -= f.Limit.Amount.Minor
	}
	return money.Of(max(0, over), f.Amount.Currency)
}

// Release lets a held order go ahead on a person's authority, against what held it. Not by who submitted it. What is
// beyond the authority of one person alone opens an approval request by the chain of the authority matrix; the order
// stays held until the last vote releases it. Asking again after more is at stake amends the request.
var Release = operation.New("ordercheck.release", func(ctx context.Context, tx *operation.Tx, in Ruling) (Answer, error) {
	o, facts, err := rulable(ctx, tx, in, "release")
	if err != nil {
		return Answer{}, err
	}
	stake := AtStake(facts)
	steps, err := approval.ChainFor(ctx, tx, Kind, stake)
	if err != nil {
		return Answer{}, err
	}
	if approval.Alone(steps, tx.Actor.Has) {
		if err := approval.Withdraw(ctx, tx, Kind, o.ID); err != nil {
			return Answer{}, err
		}
		return settle(ctx, tx, o, facts, in.Reason, "release", Approve, receivable.OrderApproved)
	}
	request, err := ask(ctx, tx, o, stake, in.Reason)
	if err != nil {
		return Answer{}, err
	}
	_, reasons := Decide(facts)
	answer, err := note(ctx, tx, o, o, Hold, reasons, facts, "ask_release", in.Reason)
	answer.Approval = &request
	return answer, err
})

// ask opens the request to release an order, or amends the one that waits when other than its amount is at stake.
func ask(ctx context.Context, tx *operation.Tx, o receivable.Order, stake money.Amount, reason string) (approval.Request, error) {
	r, err := approval.ForReference(ctx, tx, Kind, o.ID)
	switch {
	case err != nil && fault.KindOf(err) != fault.KindNotFound:
		return approval.Request{}, err
	case err == nil && r.Status == approval.Waiting && r.Amount == stake:
		return approval.Request{}, fault.Conflict("ordercheck.release_waits", nil)
	case err == nil && (r.Status == approval.Waiting || r.Status == approval.Returned):
		return approval.Amend(ctx, tx, Kind, approval.Amendment{RequestID: r.ID, Version: r.Version, Amount: stake, Reason: reason}, true)
	}
	c, err := customer.ByID(ctx, tx, o.CustomerID)
	if err != nil {
		return approval.Request{}, err
	}
	return approval.Open(ctx, tx, approval.Ask{Kind: Kind, Reference: o.ID, CustomerID: o.CustomerID, Title: c.Name + " · " + o.Number, Reason: reason, Amount: stake})
}

// DecideRelease is one person's vote on the release of a held order; the last approving vote releases it in the same
// transaction. A vote for less than is at stake by then is refused: who asked has to ask again.
var DecideRelease = operation.New("ordercheck.decide_release", func(ctx context.Context, tx *operation.Tx, in approval.Decision) (Answer, error) {
	orderID, err := approval.ReferenceOf(ctx, tx, Kind, in.RequestID)
	if err != nil {
		return Answer{}, err
	}
	o, err := receivable.OrderByID(ctx, tx, orderID)
	if err != nil {
		return Answer{}, err
	}
	if err := customer.Visible(ctx, tx, tx.Actor, o.CustomerID); err != nil {
		return Answer{}, fault.NotFound("approval", in.RequestID)
	}
	if err := receivable.Lock(ctx, tx, o.CustomerID); err != nil { // before the request, as Release does
		return Answer{}, err
	}
	if o, err = receivable.OrderByID(ctx, tx, orderID); err != nil { // again, under the lock
		return Answer{}, err
	}
	request, err := approval.Decide(ctx, tx, Kind, in)
	if err != nil {
		return Answer{}, err
	}
	tx.About(o.CustomerID)
	if in.Verdict == approval.Approve {
		facts, err := gather(ctx, tx, &database.Reads{}, o.CustomerID, o.Amount)
		if err != nil {
			return Answer{}, err
		}
		switch stake := AtStake(facts); {
		case o.Status != receivable.OrderHeld:
			return Answer{}, notHeld(o)
		case o.CreatedBy == tx.Actor.ID:
			return Answer{}, fault.Forbidden("ordercheck.own_order", nil)
		case stake.Minor > request.Amount.Minor:
			return Answer{}, fault.Conflict("ordercheck.more_at_stake", fault.Args{"asked": request.Amount.Grouped(), "now": stake.Grouped()})
		case request.Status == approval.Approved:
			answer, err := settle(ctx, tx, o, facts, in.Reason, "release", Approve, receivable.OrderApproved)
			answer.Approval = &request
			return answer, err
		}
	}
	return Answer{Order: o, Approval: &request}, nil
})

// Refuse rejects a held order.
var Refuse = operation.New("ordercheck.refuse", func(ctx context.Context, tx *operation.Tx, in Ruling) (Answer, error) {
	return rule(ctx, tx, in, "refuse", receivable.OrderRejected)
})

// Cancel takes an order back and frees what it reserved; of one that is invoiced in part, the rest.
var Cancel = operation.New("ordercheck.cancel", func(ctx context.Context, tx *operation.Tx, in Ruling) (Answer, error) {
	return rule(ctx, tx, in, "cancel", receivable.OrderCancelled)
})

// rule ends an order that is held, and with it a request to release it.
func rule(ctx context.Context, tx *operation.Tx, in Ruling, step string, to receivable.OrderStatus) (Answer, error) {
	o, facts, err := rulable(ctx, tx, in, step)
	if err != nil {
		return Answer{}, err
	}
	if err := approval.Withdraw(ctx, tx, Kind, o.ID); err != nil {
		return Answer{}, err
	}
	if step == "cancel" && o.Status == receivable.OrderApproved && o.Open != o.Amount { // a part is invoiced: what is left of it is freed
		to = receivable.OrderInvoiced
	}
	return settle(ctx, tx, o, facts, in.Reason, step, Reject, to)
}

// rulable finds the order under the customer's lock, with the facts of now, when the step may be taken on it.
func rulable(ctx context.Context, tx *operation.Tx, in Ruling, step string) (receivable.Order, Facts, error) {
	o, err := receivable.OrderByID(ctx, tx, in.OrderID)
	if err != nil {
		return o, Facts{}, err
	}
	if err := customer.Visible(ctx, tx, tx.Actor, o.CustomerID); err != nil {
		return o, Facts{}, fault.NotFound("order", in.OrderID)
	}
	if err := receivable.Lock(ctx, tx, o.CustomerID); err != nil {
		return o, Facts{}, err
	}
	if o, err = receivable.OrderByID(ctx, tx, in.OrderID); err != nil { // again, under the lock
		return o, Facts{}, err
	}
	cancellable := step == "cancel" && o.Status == receivable.OrderApproved
	switch {
	case o.Version != in.Version:
		return o, Facts{}, fault.Stale("order", o.ID)
	case o.Status != receivable.OrderHeld && !cancellable:
		return o, Facts{}, notHeld(o)
	case step == "release" && o.CreatedBy == tx.Actor.ID:
		return o, Facts{}, fault.Forbidden("ordercheck.own_order", nil)
	}
	facts, err := gather(ctx, tx, &database.Reads{}, o.CustomerID, o.Amount)
	if err == nil && step == "release" {
		err = barred(facts)
	}
	return o, facts, err
}

func notHeld(o receivable.Order) error {
	return fault.Conflict("ordercheck.not_held", fault.Args{"status": "receivable.order_status." + string(o.Status)})
}

// barred tells why nobody releases an order: what the rule rejects stays so.
func barred(f Facts) error {
	decision, reasons := Decide(f)
	if decision != Reject {
		return nil
	}
	worst := reasons[slices.IndexFunc(reasons, func(r Reason) bool { return r.Rejects })]
	return fault.Conflict(worst.Key, worst.Args)
}

// settle gives the order its new state and notes the decision.
func settle(ctx context.Context, tx *operation.Tx, o receivable.Order, facts Facts, reason, step string, d Decision, to receivable.OrderStatus) (Answer, error) {
	if to == receivable.OrderApproved {
		if err := barred(facts); err != nil {
			return Answer{}, err
		}
	}
	_, reasons := Decide(facts)
	before := o
	until := clock.Date("")
	if to == receivable.OrderApproved {
		until = tx.Today.AddDays(reservationDays)
	}
	o, err := receivable.SetOrder(ctx, tx, o, to, until)
	if err != nil {
		return Answer{}, err
	}
	return note(ctx, tx, before, o, d, reasons, facts, step, reason)
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
