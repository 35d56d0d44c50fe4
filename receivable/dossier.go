package receivable

import (
	"context"
	"database/sql"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// ByIDInput names an invoice or a payment.
type ByIDInput struct {
	ID string `json:"id"`
}

// InvoiceDossier is an invoice with what paid it and the order that it bills.
type InvoiceDossier struct {
	Invoice     Invoice      `json:"invoice"`
	OrderNumber string       `json:"order_number,omitempty"`
	Paid        []Settlement `json:"paid"`
}

// Settlement is an allocation seen from the invoice: the payment it came from.
type Settlement struct {
	Allocation
	PaymentNumber string `json:"payment_number"`
}

// ViewInvoice shows an invoice.
var ViewInvoice = operation.NewView("receivable.invoice", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (d InvoiceDossier, err error) {
	if d.Invoice, err = invoiceByID(ctx, rd, in.ID); err != nil {
		return d, err
	}
	if err := customer.Visible(ctx, rd, rd.Actor, d.Invoice.CustomerID); err != nil {
		return InvoiceDossier{}, fault.NotFound("invoice", in.ID)
	}
	if d.Invoice.OrderID != "" {
		o, err := OrderByID(ctx, rd, d.Invoice.OrderID)
		if err != nil {
			return InvoiceDossier{}, err
		}
		d.OrderNumber = o.Number
	}
	d.Paid, err = settlementsOf(ctx, rd, in.ID)
	return d, err
})

// ViewPayment shows a payment with what it paid.
var ViewPayment = operation.NewView("receivable.payment", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (Payment, error) {
	p, err := paymentByID(ctx, rd, in.ID)
	if err != nil {
		return Payment{}, err
	}
	if err := customer.Visible(ctx, rd, rd.Actor, p.CustomerID); err != nil {
		return Payment{}, fault.NotFound("payment", in.ID)
	}
	p.Allocations, err = allocationsOf(ctx, rd, p)
	return p, err
})

func settlementsOf(ctx context.Context, q database.Querier, invoiceID string) ([]Settlement, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (s Settlement, err error) {
		err = rows.Scan(&s.ID, &s.PaymentID, &s.InvoiceID, &s.Amount.Minor, &s.Amount.Currency, &s.AllocatedOn, &s.PaymentNumber)
		return s, err
	}, `SELECT a.id, a.payment_id, a.invoice_id, a.amount_minor, p.currency, a.allocated_on, p.number FROM allocation a JOIN payment p ON p.id = a.payment_id
		WHERE a.invoice_id = $1 ORDER BY a.allocated_on, a.id`, invoiceID)
}

func allocationsOf(ctx context.Context, q database.Querier, p Payment) ([]Allocation, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (a Allocation, err error) {
		a.Amount.Currency = p.Amount.Currency
		err = rows.Scan(&a.ID, &a.PaymentID, &a.InvoiceID, &a.InvoiceNumber, &a.Amount.Minor, &a.AllocatedOn)
		return a, err
	}, `SELECT a.id, a.payment_id, a.invoice_id, i.number, a.amount_minor, a.allocated_on FROM allocation a JOIN invoice i ON i.id = a.invoice_id
		WHERE a.payment_id = $1 ORDER BY a.allocated_on, a.id`, p.ID)
}
