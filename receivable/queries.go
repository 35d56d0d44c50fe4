package receivable

import (
	"context"
	"database/sql"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

var invoiceSpec = listing.Spec{ID: "i.id", Default: "due_on", Columns: []listing.Column{
	{Name: "number", SQL: "i.number"}, {Name: "customer_id", SQL: "i.customer_id"}, {Name: "customer", SQL: "c.name"},
	{Name: "amount", SQL: "i.amount_minor", Kind: listing.Number}, {Name: "open", SQL: "i.open_minor", Kind: listing.Number},
	{Name: "issued_on", SQL: "i.issued_on", Kind: listing.Date}, {Name: "due_on", SQL: "i.due_on", Kind: listing.Date},
	{Name: "settled_on", SQL: "i.settled_on"}, {Name: "disputed", SQL: "i.disputed", Kind: listing.Flag}, {Name: "currency", SQL: "i.currency"},
}}

// InvoicesInput asks for invoices; OpenOnly leaves out paid ones, OverdueOnly those not due.
type InvoicesInput struct {
	OpenOnly    bool `json:"open_only,omitempty"`
	OverdueOnly bool `json:"overdue_only,omitempty"`
	listing.Query
}

// InvoicePage is a page of invoices.
type InvoicePage struct {
	Invoices []Invoice `json:"invoices"`
	Next     string    `json:"next,omitempty"`
	Total    int64     `json:"total"`
}

// Invoices shows invoices of the customers within the reader's scope.
var Invoices = operation.NewView("receivable.list", func(ctx context.Context, rd *operation.Reading, in InvoicesInput) (InvoicePage, error) {
	where, args := customer.ScopeSQL(rd.Actor, "c", nil)
	if in.OpenOnly || in.OverdueOnly {
		where += " AND i.open_minor > 0"
	}
	if in.OverdueOnly {
		in.Filters = append(in.Filters, listing.Filter{Column: "due_on", Op: "le", Value: string(rd.Today.AddDays(-1))})
	}
	return listInvoices(ctx, rd, where, args, in.Query)
})

func listInvoices(ctx context.Context, q database.Querier, where string, args []any, in listing.Query) (InvoicePage, error) {
	tail, err := invoiceSpec.Build(in, args)
	if err != nil {
		return InvoicePage{}, err
	}
	unpaged, err := invoiceSpec.Build(listing.Query{Filters: in.Filters}, args)
	if err != nil {
		return InvoicePage{}, err
	}
	var page InvoicePage
	if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE 1 = 1`+where+unpaged.Where,
		unpaged.Args[:len(unpaged.Args)-1]...).Scan(&page.Total); err != nil {
		return InvoicePage{}, err
	}
	var keys []any
	page.Invoices, err = database.Collect(ctx, q, func(rows *sql.Rows) (Invoice, error) {
		var key any
		var name string
		inv, err := scanInvoice(rows, &name, &key)
		inv.CustomerName = name
		keys = append(keys, key)
		return inv, err
	}, `SELECT `+invoiceColumns+`, c.name, `+tail.Key+` FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE 1 = 1`+where+tail.Where+tail.Order, tail.Args...)
	if err != nil {
		return InvoicePage{}, err
	}
	if size := in.Size(); len(page.Invoices) > size {
		page.Invoices = page.Invoices[:size]
		page.Next = listing.Cursor(keys[size-1], page.Invoices[size-1].ID)
	}
	return page, nil
}

// Bucket is one band of the ageing (账龄).
type Bucket struct {
	Name   string       `json:"name"` // catalogue key receivable.bucket.NAME
	From   int          `json:"from"` // days overdue, inclusive
	To     int          `json:"to"`   // inclusive; -1 = no end
	Amount money.Amount `json:"amount"`
	Count  int64        `json:"count"`
}

// Buckets are the bands: not due, then days past due.
var Buckets = []Bucket{{Name: "current", From: -1 << 30, To: 0}, {Name: "d30", From: 1, To: 30}, {Name: "d60", From: 31, To: 60},
	{Name: "d90", From: 61, To: 90}, {Name: "d180", From: 91, To: 180}, {Name: "d360", From: 181, To: 360}, {Name: "over", From: 361, To: -1}}

// AgeingInput asks for the ageing of one customer, or of all in scope when CustomerID is empty, at a date (today when
// empty), in a currency (CNY when empty).
type AgeingInput struct {
	CustomerID string         `json:"customer_id,omitempty"`
	AsOf       clock.Date     `json:"as_of,omitempty"`
	Currency   money.Currency `json:"currency,omitempty"`
}

// Ageing is the open invoices at a date, by days past due.
type Ageing struct {
	AsOf     clock.Date     `json:"as_of"`
	Currency money.Currency `json:"currency"`
	Buckets  []Bucket       `json:"buckets"`
	Total    money.Amount   `json:"total"`
	Overdue  money.Amount   `json:"overdue"`
}

// ShowAgeing shows the ageing. At a past date it counts what was open then: invoices issued by that date less what was
// allocated by it.
var ShowAgeing = operation.NewView("receivable.ageing", func(ctx context.Context, rd *operation.Reading, in AgeingInput) (Ageing, error) {
	if in.CustomerID != "" {
		if err := customer.Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
			return Ageing{}, err
		}
	}
	if in.AsOf.IsZero() {
		in.AsOf = rd.Today
	}
	if in.Currency == "" {
		in.Currency = money.CNY
	}
	where, args := customer.ScopeSQL(rd.Actor, "c", []any{string(in.Currency), string(in.AsOf)})
	if in.CustomerID != "" {
		args = append(args, in.CustomerID)
		where += " AND i.customer_id = $" + itoa(len(args))
	}
	return ageing(ctx, rd, in.AsOf, in.Currency, where, args)
})

// AgeingOf gives the ageing of all customers within a reader's scope, today.
func AgeingOf(ctx context.Context, rd *operation.Reading, currency money.Currency) (Ageing, error) {
	where, args := customer.ScopeSQL(rd.Actor, "c", []any{string(currency), string(rd.Today)})
	return ageing(ctx, rd, rd.Today, currency, where, args)
}

func ageing(ctx context.Context, q database.Querier, at clock.Date, currency money.Currency, where string, args []any) (Ageing, error) {
	a := Ageing{AsOf: at, Currency: currency, Total: money.Of(0, currency), Overdue: money.Of(0, currency)}
	for _, b := range Buckets {
		b.Amount.Currency = currency
		a.Buckets = append(a.Buckets, b)
	}
	rows, err := q.Query(ctx, `SELECT i.due_on, CAST(SUM(i.amount_minor - COALESCE(paid.minor, 0)) AS BIGINT), COUNT(*) FROM invoice i
		JOIN customer c ON c.id = i.customer_id
		LEFT JOIN (SELECT invoice_id, SUM(amount_minor) AS minor FROM allocation WHERE allocated_on <= $2 GROUP BY invoice_id) paid ON paid.invoice_id = i.id
		WHERE i.currency = $1 AND i.issued_on <= $2 AND i.amount_minor > COALESCE(paid.minor, 0)`+where+` GROUP BY i.due_on`, args...)
	if err != nil {
		return Ageing{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var due clock.Date
		var minor, count int64
		if err := rows.Scan(&due, &minor, &count); err != nil {
			return Ageing{}, err
		}
		days := at.DaysSince(due)
		for i := range a.Buckets {
			if b := &a.Buckets[i]; days >= b.From && (b.To < 0 || days <= b.To) || i == 0 && days <= 0 {
				b.Amount.Minor += minor
				b.Count += count
				break
			}
		}
		a.Total.Minor += minor
		if days > 0 {
			a.Overdue.Minor += minor
		}
	}
	return a, rows.Err()
}

// CustomerInput names a customer.
type CustomerInput struct {
	CustomerID string `json:"customer_id"`
}

// Account is what stands between us and a customer.
type Account struct {
	Balances []Balance `json:"balances"`
	Invoices []Invoice `json:"invoices"` // open ones first, newest last; at most 200
	Payments []Payment `json:"payments"` // newest first; at most 100
	Orders   []Order   `json:"orders"`   // newest first; at most 100
	// DaysLate12 is the average days late of invoices settled in the last 365 days (negative = early); Settled12 their number.
	DaysLate12 float64 `json:"days_late_12"`
	Settled12  int64   `json:"settled_12"`
}

// View shows a customer's account.
var View = operation.NewView("receivable.view", func(ctx context.Context, rd *operation.Reading, in CustomerInput) (Account, error) {
	if err := customer.Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
		return Account{}, err
	}
	return accountOf(ctx, rd, in.CustomerID, rd.Today)
})

func accountOf(ctx context.Context, q database.Querier, id string, today clock.Date) (a Account, err error) {
	a.Balances, err = database.Collect(ctx, q, func(rows *sql.Rows) (b Balance, err error) {
		err = rows.Scan(&b.CustomerID, &b.Currency, &b.OpenOrders.Minor, &b.Invoiced.Minor, &b.OnAccount.Minor)
		b.OpenOrders.Currency, b.Invoiced.Currency, b.OnAccount.Currency = b.Currency, b.Currency, b.Currency
		return b, err
	}, `SELECT customer_id, currency, open_orders_minor, invoiced_minor, on_account_minor FROM customer_balance WHERE customer_id = $1 ORDER BY currency`, id)
	if err != nil {
		return Account{}, err
	}
	a.Invoices, err = database.Collect(ctx, q, func(rows *sql.Rows) (Invoice, error) { return scanInvoice(rows) },
		`SELECT `+invoiceColumns+` FROM invoice i WHERE i.customer_id = $1 ORDER BY CASE WHEN i.open_minor > 0 THEN 0 ELSE 1 END, i.due_on DESC, i.id LIMIT 200`, id)
	if err != nil {
		return Account{}, err
	}
	a.Payments, err = database.Collect(ctx, q, func(rows *sql.Rows) (Payment, error) { return scanPayment(rows) },
		`SELECT `+paymentColumns+` FROM payment p WHERE p.customer_id = $1 ORDER BY p.received_on DESC, p.id LIMIT 100`, id)
	if err != nil {
		return Account{}, err
	}
	a.Orders, err = database.Collect(ctx, q, func(rows *sql.Rows) (Order, error) { return scanOrder(rows) },
		`SELECT `+OrderColumns+` FROM sales_order o WHERE o.customer_id = $1 ORDER BY o.created_at DESC, o.id LIMIT 100`, id)
	if err != nil {
		return Account{}, err
	}
	a.DaysLate12, a.Settled12, err = PaymentHabit(ctx, q, id, today)
	return a, err
}

// PaymentHabit gives the average days late of the invoices settled in the 365 days before today, and their number.
func PaymentHabit(ctx context.Context, q database.Querier, id string, today clock.Date) (average float64, n int64, err error) {
	rows, err := q.Query(ctx, `SELECT due_on, settled_on FROM invoice WHERE customer_id = $1 AND open_minor = 0 AND settled_on > $2`, id, string(today.AddDays(-365)))
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	sum := 0
	for rows.Next() {
		var due, settled clock.Date
		if err := rows.Scan(&due, &settled); err != nil {
			return 0, 0, err
		}
		sum += settled.DaysSince(due)
		n++
	}
	if n > 0 {
		average = float64(sum) / float64(n)
	}
	return average, n, rows.Err()
}

// Dealings are how a customer has paid and bought in the 365 days before a date.
type Dealings struct {
	Settled      int64   `json:"settled"`       // invoices paid off
	DaysLate     float64 `json:"days_late"`     // their average, early payment counting negative
	ShareLate    float64 `json:"share_late"`    // the fraction of them paid after the due date
	Purchases    float64 `json:"purchases"`     // invoiced, in whole currency units
	WorstOverdue int     `json:"worst_overdue"` // days, of the oldest open invoice that no dispute suspends
}

// DealingsOf gives a customer's dealings in a currency.
func DealingsOf(ctx context.Context, q database.Querier, id string, c money.Currency, today clock.Date) (d Dealings, err error) {
	since := string(today.AddDays(-365))
	if d.DaysLate, d.Settled, err = PaymentHabit(ctx, q, id, today); err != nil {
		return Dealings{}, err
	}
	var late, bought int64
	if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM invoice WHERE customer_id = $1 AND open_minor = 0 AND settled_on > $2 AND settled_on > due_on`, id, since).Scan(&late); err != nil {
		return Dealings{}, err
	}
	if d.Settled > 0 {
		d.ShareLate = float64(late) / float64(d.Settled)
	}
	if err := q.QueryRow(ctx, `SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM invoice WHERE customer_id = $1 AND currency = $2 AND issued_on > $3 AND issued_on <= $4`,
		id, string(c), since, string(today)).Scan(&bought); err != nil {
		return Dealings{}, err
	}
	d.Purchases = money.Of(bought, c).Float()
	var r database.Reads
	AskWorstOverdue(&r, id, today, &d.WorstOverdue)
	err = r.Run(ctx, q)
	return d, err
}

// Late is a customer with overdue invoices.
type Late struct {
	CustomerID string       `json:"customer_id"`
	Days       int          `json:"days_overdue"` // of the oldest
	Amount     money.Amount `json:"amount"`       // overdue in all
	Invoices   int64        `json:"invoices"`
}

// Overdue gives the customers with overdue invoices that no dispute suspends at a date, for the daily round of monitoring.
func Overdue(ctx context.Context, q database.Querier, at clock.Date) ([]Late, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (l Late, err error) {
		var due clock.Date
		err = rows.Scan(&l.CustomerID, &l.Amount.Currency, &due, &l.Amount.Minor, &l.Invoices)
		l.Days = at.DaysSince(due)
		return l, err
	}, `SELECT customer_id, currency, MIN(due_on), CAST(SUM(open_minor) AS BIGINT), COUNT(*) FROM invoice
		WHERE open_minor > 0 AND due_on < $1 AND (disputed = FALSE OR disputed_on < $2) GROUP BY customer_id, currency ORDER BY customer_id, currency`, string(at), string(at.AddDays(-DisputeDays)))
}

// AskWorstOverdue asks for how many days the oldest invoice has been past due that is open and that no dispute suspends; 0 = none is.
func AskWorstOverdue(r *database.Reads, customerID string, at clock.Date, into *int) {
	r.Add(func(rows database.Rows) error {
		var due clock.Date
		if !rows.Next() {
			return nil
		}
		if err := rows.Scan(&due); err != nil || due.IsZero() {
			return err
		}
		*into = at.DaysSince(due)
		return nil
	}, `SELECT COALESCE(MIN(due_on), '') FROM invoice WHERE customer_id = $1 AND open_minor > 0 AND due_on < $2 AND (disputed = FALSE OR disputed_on < $3)`,
		customerID, string(at), string(at.AddDays(-DisputeDays)))
}

// Operations lists the writes for the doors.
var Operations = []operation.Any{IssueInvoice, ReceivePayment, Allocate, Dispute, Import}

// Views lists the reads for the doors.
var Views = []operation.Any{Invoices, ViewInvoice, ViewPayment, ShowAgeing, View}
