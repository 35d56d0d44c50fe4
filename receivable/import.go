package receivable

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

func itoa(i int) string { return strconv.Itoa(i) }

// MostRows is how many rows one import takes in one transaction; a longer file is split by the door, each part under
// an idempotency key of its own.
const MostRows = 5000

// Row is one line of an import: an invoice, or a payment. Customer is an id, external reference, USCC or exact name.
type Row struct {
	Line     int        `json:"line,omitempty"` // of the file, for messages
	Kind     string     `json:"kind"`           // invoice or payment
	Customer string     `json:"customer"`
	Number   string     `json:"number"`
	Amount   string     `json:"amount"`
	Currency string     `json:"currency,omitempty"`
	Date     clock.Date `json:"date"`
	DueOn    clock.Date `json:"due_on,omitempty"`
	Order    string     `json:"order,omitempty"`   // invoice: the number of the order that it bills
	Invoice  string     `json:"invoice,omitempty"` // payment: the invoice it pays; empty = oldest first
	Disputed bool       `json:"disputed,omitempty"`
}

// ImportInput is the input of Import.
type ImportInput struct {
	Rows []Row `json:"rows"`
}

// Imported tells what an import booked.
type Imported struct {
	Invoices int `json:"invoices"`
	Payments int `json:"payments"`
}

// Validate reports every wrong row and column.
func (in *ImportInput) Validate() error {
	var c fault.Check
	c.That(len(in.Rows) > 0, "rows", "fault.required", nil)
	c.That(len(in.Rows) <= MostRows, "rows", "fault.too_large", fault.Args{"most": MostRows})
	for i := range in.Rows {
		r := &in.Rows[i]
		at := r.at(i)
		c.OneOf(at+"kind", r.Kind, "invoice", "payment")
		c.Required(at+"customer", r.Customer)
		c.Required(at+"number", r.Number)
		if r.Currency == "" {
			r.Currency = string(money.CNY)
		}
		amount, err := money.Parse(r.Amount, money.Currency(r.Currency))
		if err != nil {
			c.Join(at, err)
		} else {
			CheckAmount(&c, at+"amount", amount)
		}
		c.That(r.Date.Valid() && r.Date >= firstDay && r.Date <= lastDay, at+"date", "fault.not_date", fault.Args{"text": string(r.Date)})
		c.That(r.DueOn.IsZero() || r.DueOn >= r.Date, at+"due_on", "receivable.due_before_issue", nil)
	}
	return c.Err()
}

func (r Row) at(i int) string {
	if r.Line > 0 {
		return fmt.Sprintf("line %d, ", r.Line)
	}
	return fmt.Sprintf("rows[%d].", i)
}

// Import books many invoices and payments, all or none.
var Import = operation.New("receivable.import", func(ctx context.Context, tx *operation.Tx, in ImportInput) (Imported, error) {
	var done Imported
	var c fault.Check
	found := map[string]string{}
	for i, r := range in.Rows {
		id, err := findCustomer(ctx, tx, found, r.Customer)
		if err != nil {
			if fault.KindOf(err) == fault.KindInternal {
				return Imported{}, err
			}
			c.Add(r.at(i)+"customer", "receivable.customer_unknown", fault.Args{"text": r.Customer})
			continue
		}
		if err := book(ctx, tx, id, r); err != nil {
			if fault.KindOf(err) == fault.KindInternal {
				return Imported{}, err
			}
			c.Join(r.at(i), err)
			continue
		}
		if r.Kind == "invoice" {
			done.Invoices++
		} else {
			done.Payments++
		}
	}
	if err := c.Err(); err != nil {
		return Imported{}, err
	}
	tx.Changed("receivable.import", operation.NewID(), nil, done) // one entry for the batch
	return done, nil
})

func book(ctx context.Context, tx *operation.Tx, customerID string, r Row) error {
	amount, err := money.Parse(r.Amount, money.Currency(r.Currency))
	if err != nil {
		return err
	}
	if r.Kind == "invoice" {
		var o Order
		if r.Order != "" {
			var reads database.Reads
			AskOrder(&reads, customerID, r.Order, &o)
			if err := reads.Run(ctx, tx); err != nil {
				return err
			}
			if o.ID == "" {
				return fault.Invalid("order", "receivable.order_unknown", fault.Args{"number": r.Order})
			}
		}
		_, err = issue(ctx, tx, NewInvoice{CustomerID: customerID, OrderID: o.ID, Number: r.Number, Amount: amount, IssuedOn: r.Date, DueOn: r.DueOn, Disputed: r.Disputed})
		return err
	}
	p := NewPayment{CustomerID: customerID, Number: r.Number, Amount: amount, ReceivedOn: r.Date}
	if r.Invoice != "" {
		p.Allocate = []Assign{{Number: r.Invoice}}
	}
	_, err = receive(ctx, tx, p)
	return err
}

func findCustomer(ctx context.Context, tx *operation.Tx, found map[string]string, text string) (string, error) {
	text = strings.TrimSpace(text)
	if id, ok := found[text]; ok {
		return id, nil
	}
	id, err := customer.Resolve(ctx, tx, text)
	if err != nil {
		return "", err
	}
	if err := customer.Visible(ctx, tx, tx.Actor, id); err != nil {
		return "", err
	}
	found[text] = id
	return id, nil
}
