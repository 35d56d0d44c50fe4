package receivable

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Lock holds the customer for the transaction: every change of its balance happens under this lock.
func Lock(ctx context.Context, tx *operation.Tx, customerID string) error {
	return tx.Lock(ctx, "customer", customerID)
}

// AskLock is Lock in front of other reads.
func AskLock(r *database.Reads, customerID string) { r.Lock("customer", customerID) }

// PlaceOrder books an order; an approved one counts against the limit at once. The caller (ordercheck) holds the lock.
func PlaceOrder(ctx context.Context, tx *operation.Tx, o Order) (Order, error) {
	if o.ID == "" {
		o.ID = operation.NewID()
	}
	o.CreatedBy, o.CreatedAt, o.Version = tx.Actor.ID, tx.Now, 1
	o.Open = money.Of(0, o.Amount.Currency)
	if o.Status == OrderApproved {
		o.Open = o.Amount
	}
	if err := insertOrder(ctx, tx.Tx, o); err != nil {
		return Order{}, err
	}
	if err := move(ctx, tx, o.CustomerID, o.Amount.Currency, o.Open.Minor, 0, 0); err != nil {
		return Order{}, err
	}
	tx.Publish(OrderPlaced, o.CustomerID, OrderFact{OrderID: o.ID, Number: o.Number, Amount: o.Amount, Status: o.Status, OrderedOn: o.OrderedOn})
	return o, nil
}

// SetOrder moves an order to another state: approving reserves its amount, any other state frees what it reserved.
func SetOrder(ctx context.Context, tx *operation.Tx, o Order, status OrderStatus, until clock.Date) (Order, error) {
	before := o.Open.Minor
	o.Status, o.ReservedUntil = status, until
	o.Open.Minor = 0
	if status == OrderApproved {
		o.Open.Minor = o.Amount.Minor
	}
	if err := updateOrder(ctx, tx.Tx, o); err != nil {
		return Order{}, err
	}
	o.Version++
	return o, move(ctx, tx, o.CustomerID, o.Amount.Currency, o.Open.Minor-before, 0, 0)
}

func move(ctx context.Context, tx *operation.Tx, customerID string, c money.Currency, orders, invoiced, onAccount int64) error {
	if orders == 0 && invoiced == 0 && onAccount == 0 {
		return nil
	}
	return addBalance(ctx, tx.Tx, customerID, c, orders, invoiced, onAccount)
}

// IssueInvoice books an invoice, of an approved order or alone.
var IssueInvoice = operation.New("receivable.issue_invoice", func(ctx context.Context, tx *operation.Tx, in NewInvoice) (Invoice, error) {
	inv, err := issue(ctx, tx, in)
	if err != nil {
		return Invoice{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("invoice", inv.ID, nil, inv)
	return inv, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in NewInvoice) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

func issue(ctx context.Context, tx *operation.Tx, in NewInvoice) (Invoice, error) {
	if err := Lock(ctx, tx, in.CustomerID); err != nil {
		return Invoice{}, err
	}
	if in.DueOn.IsZero() {
		c, err := customer.ByID(ctx, tx, in.CustomerID)
		if err != nil {
			return Invoice{}, err
		}
		in.DueOn = in.IssuedOn.AddDays(c.TermsDays)
	}
	inv := Invoice{ID: operation.NewID(), CustomerID: in.CustomerID, OrderID: in.OrderID, Number: strings.TrimSpace(in.Number), Amount: in.Amount,
		Open: in.Amount, IssuedOn: in.IssuedOn, DueOn: in.DueOn, Disputed: in.Disputed, CreatedAt: tx.Now, Version: 1}
	if inv.Disputed { // files tell that, not since when: people dispute by the day they should pay
		inv.Dispute = Grievance{Since: inv.DueOn, By: tx.Actor.Name}
	}
	fromOrder, err := takeFromOrder(ctx, tx, inv)
	if err != nil {
		return Invoice{}, err
	}
	if err := insertInvoice(ctx, tx.Tx, inv); err != nil {
		return Invoice{}, err
	}
	if err := move(ctx, tx, inv.CustomerID, inv.Amount.Currency, -fromOrder, inv.Amount.Minor, 0); err != nil {
		return Invoice{}, err
	}
	tx.Publish(InvoiceIssued, inv.CustomerID, InvoiceFact{InvoiceID: inv.ID, Number: inv.Number, Amount: inv.Amount, IssuedOn: inv.IssuedOn, DueOn: inv.DueOn})
	return inv, nil
}

// takeFromOrder frees the order's reservation by what the invoice bills, and tells how much.
func takeFromOrder(ctx context.Context, tx *operation.Tx, inv Invoice) (int64, error) {
	if inv.OrderID == "" {
		return 0, nil
	}
	o, err := OrderByID(ctx, tx, inv.OrderID)
	if err != nil {
		return 0, err
	}
	switch {
	case o.CustomerID != inv.CustomerID:
		return 0, fault.NotFound("order", inv.OrderID)
	case o.Status != OrderApproved:
		return 0, fault.Conflict("receivable.order_not_approved", fault.Args{"number": o.Number, "status": "receivable.order_status." + string(o.Status)})
	case o.Amount.Currency != inv.Amount.Currency:
		return 0, fault.Invalid("amount", "money.mixed", fault.Args{"a": string(o.Amount.Currency), "b": string(inv.Amount.Currency)})
	case inv.Amount.Minor > o.Open.Minor:
		return 0, fault.Invalid("amount", "receivable.more_than_order", fault.Args{"open": o.Open.Grouped()})
	}
	o.Open.Minor -= inv.Amount.Minor
	if o.Open.Minor == 0 {
		o.Status = OrderInvoiced
	}
	return inv.Amount.Minor, updateOrder(ctx, tx.Tx, o)
}

// ReceivePayment books money received and allocates it.
var ReceivePayment = operation.New("receivable.receive_payment", func(ctx context.Context, tx *operation.Tx, in NewPayment) (Payment, error) {
	p, err := receive(ctx, tx, in)
	if err != nil {
		return Payment{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("payment", p.ID, nil, p)
	return p, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in NewPayment) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

func receive(ctx context.Context, tx *operation.Tx, in NewPayment) (Payment, error) {
	if err := Lock(ctx, tx, in.CustomerID); err != nil {
		return Payment{}, err
	}
	p := Payment{ID: operation.NewID(), CustomerID: in.CustomerID, Number: strings.TrimSpace(in.Number), Payer: in.Payer, Amount: in.Amount,
		Unused: in.Amount, ReceivedOn: in.ReceivedOn, CreatedAt: tx.Now}
	if err := insertPayment(ctx, tx.Tx, p); err != nil {
		return Payment{}, err
	}
	if err := move(ctx, tx, p.CustomerID, p.Amount.Currency, 0, 0, p.Amount.Minor); err != nil {
		return Payment{}, err
	}
	tx.Publish(PaymentReceived, p.CustomerID, PaymentFact{PaymentID: p.ID, Number: p.Number, Amount: p.Amount, ReceivedOn: p.ReceivedOn})
	switch {
	case in.OnAccount:
		return p, nil
	case len(in.Allocate) > 0:
		return p, allocateNamed(ctx, tx, &p, in.Allocate)
	}
	return p, payOldest(ctx, tx, &p, in.Pays)
}

// payOldest pays the open invoices, those named or all, the oldest due first, as far as the money goes.
func payOldest(ctx context.Context, tx *operation.Tx, p *Payment, named []string) error {
	open, err := openInvoices(ctx, tx, p.CustomerID, p.Amount.Currency)
	if err != nil {
		return err
	}
	var c fault.Check
	for i, id := range named {
		c.That(slices.ContainsFunc(open, func(inv Invoice) bool { return inv.ID == id }), fmt.Sprintf("pays[%d]", i), "receivable.invoice_not_open", fault.Args{"id": id})
	}
	if err := c.Err(); err != nil {
		return err
	}
	for _, inv := range open {
		if p.Unused.Minor == 0 {
			break
		}
		if len(named) > 0 && !slices.Contains(named, inv.ID) {
			continue
		}
		if err := pay(ctx, tx, p, inv, min(p.Unused.Minor, inv.Open.Minor)); err != nil {
			return err
		}
	}
	return nil
}

func allocateNamed(ctx context.Context, tx *operation.Tx, p *Payment, assigns []Assign) error {
	for i, a := range assigns {
		at := "allocate[" + itoa(i) + "]"
		inv, err := findInvoice(ctx, tx, p.CustomerID, a)
		if fault.KindOf(err) == fault.KindNotFound {
			return fault.Invalid(at+".number", "receivable.invoice_unknown", fault.Args{"number": a.InvoiceID + a.Number})
		} else if err != nil {
			return err
		}
		want := a.Amount.Minor
		if want == 0 {
			want = min(inv.Open.Minor, p.Unused.Minor)
		}
		var c fault.Check
		c.That(inv.Amount.Currency == p.Amount.Currency, at, "money.mixed", fault.Args{"a": string(inv.Amount.Currency), "b": string(p.Amount.Currency)})
		c.That(a.Amount.Minor == 0 || a.Amount.Currency == p.Amount.Currency, at+".amount", "money.mixed", fault.Args{"a": string(a.Amount.Currency), "b": string(p.Amount.Currency)})
		c.That(want > 0 && want <= inv.Open.Minor, at+".amount", "receivable.more_than_open", fault.Args{"number": inv.Number, "open": inv.Open.Grouped()})
		c.That(want <= p.Unused.Minor, at+".amount", "receivable.more_than_payment", fault.Args{"unused": p.Unused.Grouped()})
		if err := c.Err(); err != nil {
			return err
		}
		if err := pay(ctx, tx, p, inv, want); err != nil {
			return err
		}
	}
	return nil
}

// pay allocates minor units of the payment to the invoice.
func pay(ctx context.Context, tx *operation.Tx, p *Payment, inv Invoice, minor int64) error {
	a := Allocation{ID: operation.NewID(), PaymentID: p.ID, InvoiceID: inv.ID, InvoiceNumber: inv.Number, Amount: money.Of(minor, inv.Amount.Currency), AllocatedOn: p.ReceivedOn}
	p.Unused.Minor -= minor
	inv.Open.Minor -= minor
	if inv.Open.Minor == 0 {
		inv.SettledOn = p.ReceivedOn
	}
	if err := insertAllocation(ctx, tx.Tx, a); err != nil {
		return err
	}
	if err := settle(ctx, tx.Tx, *p, inv); err != nil {
		return err
	}
	p.Allocations = append(p.Allocations, a)
	if inv.Open.Minor == 0 {
		tx.Publish(InvoiceSettled, inv.CustomerID, SettledFact{InvoiceID: inv.ID, Number: inv.Number, Amount: inv.Amount, DueOn: inv.DueOn,
			SettledOn: inv.SettledOn, DaysLate: inv.SettledOn.DaysSince(inv.DueOn)})
	}
	return move(ctx, tx, inv.CustomerID, inv.Amount.Currency, 0, -minor, -minor)
}

// Later is the input of Allocate: what stands on account of a payment goes to invoices.
type Later struct {
	PaymentID string   `json:"payment_id"`
	Pays      []string `json:"pays,omitempty"` // ids of invoices, the oldest due first, as far as the money goes
	Allocate  []Assign `json:"allocate,omitempty"`
}

// Validate reports every wrong field.
func (in *Later) Validate() error {
	var c fault.Check
	c.Required("payment_id", in.PaymentID)
	c.That(len(in.Allocate)+len(in.Pays) > 0, "pays", "fault.required", nil)
	c.That(len(in.Allocate) == 0 || len(in.Pays) == 0, "pays", "receivable.on_account_and_allocated", nil)
	return c.Err()
}

// Allocate pays invoices from money on account.
var Allocate = operation.New("receivable.allocate", func(ctx context.Context, tx *operation.Tx, in Later) (Payment, error) {
	p, err := paymentByID(ctx, tx, in.PaymentID)
	if err != nil {
		return Payment{}, err
	}
	if err := customer.Visible(ctx, tx, tx.Actor, p.CustomerID); err != nil {
		return Payment{}, fault.NotFound("payment", in.PaymentID)
	}
	if err := Lock(ctx, tx, p.CustomerID); err != nil {
		return Payment{}, err
	}
	if p, err = paymentByID(ctx, tx, in.PaymentID); err != nil { // again, now that nobody else changes it
		return Payment{}, err
	}
	before := p
	if len(in.Pays) > 0 {
		err = payOldest(ctx, tx, &p, in.Pays)
	} else {
		err = allocateNamed(ctx, tx, &p, in.Allocate)
	}
	if err != nil {
		return Payment{}, err
	}
	tx.About(p.CustomerID)
	tx.Changed("payment", p.ID, before, p)
	return p, nil
})

// Disputed is the input of Dispute.
type Disputed struct {
	InvoiceID string `json:"invoice_id"`
	Version   int64  `json:"version"`
	Disputed  bool   `json:"disputed"`
	Reason    string `json:"reason"` // what the customer complains of, or how it was settled
}

// Validate reports every wrong field.
func (in *Disputed) Validate() error {
	var c fault.Check
	c.Required("invoice_id", in.InvoiceID)
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 2000)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	return c.Err()
}

// Dispute marks an invoice as disputed, with the reason, or no longer so. A dispute that stands keeps its first day.
var Dispute = operation.New("receivable.dispute", func(ctx context.Context, tx *operation.Tx, in Disputed) (Invoice, error) {
	inv, err := invoiceByID(ctx, tx, in.InvoiceID)
	if err != nil {
		return Invoice{}, err
	}
	if err := customer.Visible(ctx, tx, tx.Actor, inv.CustomerID); err != nil {
		return Invoice{}, fault.NotFound("invoice", in.InvoiceID)
	}
	before := inv
	since := inv.Dispute.Since
	if !inv.Disputed || since.IsZero() {
		since = tx.Today
	}
	inv.Disputed, inv.Dispute = in.Disputed, Grievance{Reason: in.Reason, Since: since, By: tx.Actor.Name}
	if err := setDisputed(ctx, tx.Tx, inv, in.Version); err != nil {
		return Invoice{}, err
	}
	inv.Version = in.Version + 1
	tx.About(inv.CustomerID)
	tx.Changed("invoice", inv.ID, before, inv)
	return inv, nil
})
