package receivable

import (
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

// OrderStatus is where an order stands.
type OrderStatus string

// The states of an order.
const (
	OrderApproved  OrderStatus = "approved" // reserved against the limit
	OrderHeld      OrderStatus = "held"     // waits for someone with authority
	OrderRejected  OrderStatus = "rejected"
	OrderCancelled OrderStatus = "cancelled"
	OrderExpired   OrderStatus = "expired" // the reservation ran out
	OrderInvoiced  OrderStatus = "invoiced"
)

// Order is a sales order (订单). Open is what is approved and not invoiced yet: it counts against the limit.
type Order struct {
	ID            string       `json:"id"`
	CustomerID    string       `json:"customer_id"`
	CustomerName  string       `json:"customer_name,omitempty"`
	Number        string       `json:"number"`
	Amount        money.Amount `json:"amount"`
	Open          money.Amount `json:"open"`
	OrderedOn     clock.Date   `json:"ordered_on"`
	Status        OrderStatus  `json:"status"`
	ReservedUntil clock.Date   `json:"reserved_until,omitempty"`
	CreatedBy     string       `json:"created_by"`
	CreatedAt     time.Time    `json:"created_at"`
	Version       int64        `json:"version"`
}

// Invoice is a bill to the customer (发票). Open is what is not paid yet.
type Invoice struct {
	ID           string       `json:"id"`
	CustomerID   string       `json:"customer_id"`
	CustomerName string       `json:"customer_name,omitempty"`
	OrderID      string       `json:"order_id,omitempty"`
	Number       string       `json:"number"`
	Amount       money.Amount `json:"amount"`
	Open         money.Amount `json:"open"`
	IssuedOn     clock.Date   `json:"issued_on"`
	DueOn        clock.Date   `json:"due_on"`
	SettledOn    clock.Date   `json:"settled_on,omitempty"`
	Disputed     bool         `json:"disputed"`
	Dispute      Grievance    `json:"dispute,omitzero"`
	CreatedAt    time.Time    `json:"created_at"`
	Version      int64        `json:"version"`
}

// Grievance is why the customer does not pay an invoice (争议), and since when.
type Grievance struct {
	Reason string     `json:"reason"`
	Since  clock.Date `json:"since"`
	By     string     `json:"by,omitempty"` // who noted it
}

// DisputeDays is for how long a dispute keeps an overdue invoice out of holds and alerts. After that it counts as overdue
// again: a complaint that nobody settles is no reason to go on delivering.
const DisputeDays = 60

// Suspended tells whether a dispute keeps the invoice out of holds and alerts on a day.
func (i Invoice) Suspended(at clock.Date) bool {
	return i.Disputed && i.Dispute.Since >= at.AddDays(-DisputeDays)
}

// DaysOverdue is how many days the open invoice is past its due date at a date; 0 when it is not, or is paid.
func (i Invoice) DaysOverdue(at clock.Date) int {
	if !i.Open.Positive() || at <= i.DueOn {
		return 0
	}
	return at.DaysSince(i.DueOn)
}

// Payment is money received (回款). Unused is what is not allocated to invoices: it stands on account.
type Payment struct {
	ID          string       `json:"id"`
	CustomerID  string       `json:"customer_id"`
	Number      string       `json:"number"`
	Payer       string       `json:"payer,omitempty"`
	Amount      money.Amount `json:"amount"`
	Unused      money.Amount `json:"unused"`
	ReceivedOn  clock.Date   `json:"received_on"`
	CreatedAt   time.Time    `json:"created_at"`
	Allocations []Allocation `json:"allocations,omitempty"`
}

// Allocation is a part of a payment that pays a part of an invoice (核销).
type Allocation struct {
	ID            string       `json:"id"`
	PaymentID     string       `json:"payment_id"`
	InvoiceID     string       `json:"invoice_id"`
	InvoiceNumber string       `json:"invoice_number,omitempty"`
	Amount        money.Amount `json:"amount"`
	AllocatedOn   clock.Date   `json:"allocated_on"`
}

// Balance is what a customer owes in one currency.
type Balance struct {
	CustomerID string         `json:"customer_id"`
	Currency   money.Currency `json:"currency"`
	OpenOrders money.Amount   `json:"open_orders"` // approved, not invoiced
	Invoiced   money.Amount   `json:"invoiced"`    // open invoices
	OnAccount  money.Amount   `json:"on_account"`  // received, not allocated
}

// Exposure is open orders plus open invoices minus money on account (敞口), not below zero.
func (b Balance) Exposure() (money.Amount, error) {
	sum, err := b.OpenOrders.Add(b.Invoiced)
	if err != nil {
		return money.Amount{}, err
	}
	if sum, err = sum.Sub(b.OnAccount); err != nil {
		return money.Amount{}, err
	}
	sum.Currency = b.Currency
	if sum.Minor < 0 {
		sum.Minor = 0
	}
	return sum, nil
}

// The topics this capability publishes.
const (
	OrderPlaced     = "order.placed"     // payload: OrderFact
	InvoiceIssued   = "invoice.issued"   // payload: InvoiceFact
	PaymentReceived = "payment.received" // payload: PaymentFact
	InvoiceSettled  = "invoice.settled"  // payload: SettledFact
)

// OrderFact tells monitoring of an order.
type OrderFact struct {
	OrderID   string       `json:"order_id"`
	Number    string       `json:"number"`
	Amount    money.Amount `json:"amount"`
	Status    OrderStatus  `json:"status"`
	OrderedOn clock.Date   `json:"ordered_on"`
}

// InvoiceFact tells monitoring of an invoice.
type InvoiceFact struct {
	InvoiceID string       `json:"invoice_id"`
	Number    string       `json:"number"`
	Amount    money.Amount `json:"amount"`
	IssuedOn  clock.Date   `json:"issued_on"`
	DueOn     clock.Date   `json:"due_on"`
}

// PaymentFact tells monitoring of money received.
type PaymentFact struct {
	PaymentID  string       `json:"payment_id"`
	Number     string       `json:"number"`
	Amount     money.Amount `json:"amount"`
	ReceivedOn clock.Date   `json:"received_on"`
}

// SettledFact tells monitoring that an invoice was paid in full, and how late (negative = early).
type SettledFact struct {
	InvoiceID string       `json:"invoice_id"`
	Number    string       `json:"number"`
	Amount    money.Amount `json:"amount"`
	DueOn     clock.Date   `json:"due_on"`
	SettledOn clock.Date   `json:"settled_on"`
	DaysLate  int          `json:"days_late"`
}

// NewInvoice is the input of IssueInvoice. DueOn empty = issued on plus the customer's terms.
type NewInvoice struct {
	CustomerID string       `json:"customer_id"`
	OrderID    string       `json:"order_id,omitempty"`
	Number     string       `json:"number"`
	Amount     money.Amount `json:"amount"`
	IssuedOn   clock.Date   `json:"issued_on"`
	DueOn      clock.Date   `json:"due_on,omitempty"`
	Disputed   bool         `json:"disputed,omitempty"`
}

// Validate reports every wrong field.
func (in *NewInvoice) Validate() error {
	var c fault.Check
	in.check(&c, "")
	return c.Err()
}

func (in *NewInvoice) check(c *fault.Check, at string) {
	c.Required(at+"customer_id", in.CustomerID)
	checkDocument(c, at, in.Number, in.Amount, in.IssuedOn, "issued_on")
	c.That(in.DueOn.IsZero() || in.DueOn.Valid(), at+"due_on", "fault.not_date", fault.Args{"text": string(in.DueOn)})
	c.That(in.DueOn.IsZero() || in.DueOn >= in.IssuedOn, at+"due_on", "receivable.due_before_issue", nil)
}

// The days that a document of the books can have: a slip of the keyboard is none.
const firstDay, lastDay clock.Date = "1990-01-01", "2099-12-31"

// mostMinor bounds an order, invoice or payment (a hundred billion yuan), so that the sum of a million fits the books.
const mostMinor = 10_000_000_000_000

// CheckAmount records the field as wrong when the amount cannot be that of an order, invoice or payment.
func CheckAmount(c *fault.Check, path string, amount money.Amount) {
	c.That(amount.Positive(), path, "fault.not_positive", nil)
	c.That(amount.Currency.Valid(), path, "money.currency_unknown", fault.Args{"code": string(amount.Currency)})
	c.That(amount.Minor <= mostMinor, path, "receivable.too_much", fault.Args{"most": money.Of(mostMinor, amount.Currency).Grouped()})
}

func checkDocument(c *fault.Check, at, number string, amount money.Amount, day clock.Date, dayField string) {
	c.Required(at+"number", number)
	c.Length(at+"number", number, 60)
	CheckAmount(c, at+"amount", amount)
	c.That(day.Valid() && day >= firstDay && day <= lastDay, at+dayField, "fault.not_date", fault.Args{"text": string(day)})
}

// NewPayment is the input of ReceivePayment. Without more the money pays the oldest due invoices first (FIFO). Pays
// restricts that to some invoices; Allocate says exactly what each gets. The rest stays on account.
type NewPayment struct {
	CustomerID string       `json:"customer_id"`
	Number     string       `json:"number"`
	Payer      string       `json:"payer,omitempty"`
	Amount     money.Amount `json:"amount"`
	ReceivedOn clock.Date   `json:"received_on"`
	Allocate   []Assign     `json:"allocate,omitempty"`
	Pays       []string     `json:"pays,omitempty"`       // ids of invoices: these, the oldest due first, as far as the money goes
	OnAccount  bool         `json:"on_account,omitempty"` // allocate nothing now
}

// Assign names an invoice, by id or number, and how much of the payment it gets (all that is open when zero).
type Assign struct {
	InvoiceID string       `json:"invoice_id,omitempty"`
	Number    string       `json:"number,omitempty"`
	Amount    money.Amount `json:"amount"`
}

// Validate reports every wrong field.
func (in *NewPayment) Validate() error {
	var c fault.Check
	in.check(&c, "")
	return c.Err()
}

func (in *NewPayment) check(c *fault.Check, at string) {
	c.Required(at+"customer_id", in.CustomerID)
	checkDocument(c, at, in.Number, in.Amount, in.ReceivedOn, "received_on")
	c.That(len(in.Pays) == 0 || len(in.Allocate) == 0 && !in.OnAccount, at+"pays", "receivable.on_account_and_allocated", nil)
	c.That(!in.OnAccount || len(in.Allocate) == 0, at+"allocate", "receivable.on_account_and_allocated", nil)
	c.Length(at+"payer", in.Payer, 200)
}
