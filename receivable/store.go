package receivable

import (
	"context"
	"database/sql"
	"errors"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

type scanner interface{ Scan(dst ...any) error }

// OrderColumns are what ScanOrder reads, of sales_order as o; a list adds the customer's name behind them.
const OrderColumns = `o.id, o.customer_id, o.number, o.amount_minor, o.open_minor, o.currency, o.ordered_on, o.status, o.reserved_until, o.created_by, o.created_at, o.version`

func scanOrder(row scanner, more ...any) (o Order, err error) {
	dst := []any{&o.ID, &o.CustomerID, &o.Number, &o.Amount.Minor, &o.Open.Minor, &o.Amount.Currency, &o.OrderedOn, &o.Status, &o.ReservedUntil,
		&o.CreatedBy, database.Time(&o.CreatedAt), &o.Version}
	err = row.Scan(append(dst, more...)...)
	o.Open.Currency = o.Amount.Currency
	return o, err
}

// ScanOrder reads OrderColumns, the customer's name and more.
func ScanOrder(rows *sql.Rows, more ...any) (Order, error) {
	var name string
	o, err := scanOrder(rows, append([]any{&name}, more...)...)
	o.CustomerName = name
	return o, err
}

// OrderByID finds an order.
func OrderByID(ctx context.Context, q database.Querier, id string) (Order, error) {
	o, err := scanOrder(q.QueryRow(ctx, `SELECT `+OrderColumns+` FROM sales_order o WHERE o.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Order{}, fault.NotFound("order", id)
	}
	return o, err
}

// AskOrder asks for a customer's order by its number; none leaves it without an id.
func AskOrder(r *database.Reads, customerID, number string, into *Order) {
	r.Add(func(rows database.Rows) (err error) {
		if rows.Next() {
			*into, err = scanOrder(rows)
		}
		return err
	}, `SELECT `+OrderColumns+` FROM sales_order o WHERE o.customer_id = $1 AND o.number = $2`, customerID, number)
}

// ReservationsDue finds approved orders whose reservation ran out before a date.
func ReservationsDue(ctx context.Context, q database.Querier, at clock.Date, limit int) ([]Order, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Order, error) { return scanOrder(rows) },
		`SELECT `+OrderColumns+` FROM sales_order o WHERE o.status = 'approved' AND o.reserved_until <> '' AND o.reserved_until < $1 ORDER BY o.created_at LIMIT $2`, string(at), limit)
}

func insertOrder(ctx context.Context, tx *database.Tx, o Order) error {
	taken := func(err error) error {
		if database.IsUnique(err) {
			return fault.Invalid("number", "receivable.order_number_taken", fault.Args{"number": o.Number})
		}
		return err
	}
	return tx.Later(ctx, taken, `INSERT INTO sales_order (id, customer_id, number, amount_minor, open_minor, currency, ordered_on, status, reserved_until, created_by, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, o.ID, o.CustomerID, o.Number, o.Amount.Minor, o.Open.Minor, string(o.Amount.Currency),
		o.OrderedOn, string(o.Status), o.ReservedUntil, o.CreatedBy, database.Micros(o.CreatedAt), o.Version)
}

func updateOrder(ctx context.Context, tx *database.Tx, o Order) error {
	done, err := tx.Exec(ctx, `UPDATE sales_order SET open_minor = $3, status = $4, reserved_until = $5, version = version + 1 WHERE id = $1 AND version = $2`,
		o.ID, o.Version, o.Open.Minor, string(o.Status), o.ReservedUntil)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("order", o.ID))
	}
	return nil
}

// addBalance adds to the customer's balance in one statement, so that it is right under concurrency by itself.
func addBalance(ctx context.Context, tx *database.Tx, customerID string, c money.Currency, orders, invoiced, onAccount int64) error {
	return tx.Later(ctx, nil, `INSERT INTO customer_balance (customer_id, currency, open_orders_minor, invoiced_minor, on_account_minor) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (customer_id, currency) DO UPDATE SET open_orders_minor = customer_balance.open_orders_minor + excluded.open_orders_minor,
		invoiced_minor = customer_balance.invoiced_minor + excluded.invoiced_minor, on_account_minor = customer_balance.on_account_minor + excluded.on_account_minor`,
		customerID, string(c), orders, invoiced, onAccount)
}

// AskBalance asks what the customer owes in a currency; nothing when it never bought.
func AskBalance(r *database.Reads, customerID string, c money.Currency, into *Balance) {
	none := money.Of(0, c)
	*into = Balance{CustomerID: customerID, Currency: c, OpenOrders: none, Invoiced: none, OnAccount: none}
	r.Add(func(rows database.Rows) error {
		if !rows.Next() {
			return nil
		}
		return rows.Scan(&into.OpenOrders.Minor, &into.Invoiced.Minor, &into.OnAccount.Minor)
	}, `SELECT open_orders_minor, invoiced_minor, on_account_minor FROM customer_balance WHERE customer_id = $1 AND currency = $2`, customerID, string(c))
}

// BalanceOf gives what AskBalance asks for.
func BalanceOf(ctx context.Context, q database.Querier, customerID string, c money.Currency) (b Balance, err error) {
	var r database.Reads
	AskBalance(&r, customerID, c, &b)
	return b, r.Run(ctx, q)
}

// Recount sums the documents themselves; it must equal BalanceOf.
func Recount(ctx context.Context, q database.Querier, customerID string, c money.Currency) (Balance, error) {
	b := Balance{CustomerID: customerID, Currency: c}
	err := q.QueryRow(ctx, `SELECT
		CAST((SELECT COALESCE(SUM(open_minor), 0) FROM sales_order WHERE customer_id = $1 AND currency = $2) AS BIGINT),
		CAST((SELECT COALESCE(SUM(open_minor), 0) FROM invoice WHERE customer_id = $1 AND currency = $2) AS BIGINT),
		CAST((SELECT COALESCE(SUM(unused_minor), 0) FROM payment WHERE customer_id = $1 AND currency = $2) AS BIGINT)`, customerID, string(c)).
		Scan(&b.OpenOrders.Minor, &b.Invoiced.Minor, &b.OnAccount.Minor)
	b.OpenOrders.Currency, b.Invoiced.Currency, b.OnAccount.Currency = c, c, c
	return b, err
}

const invoiceColumns = `i.id, i.customer_id, i.order_id, i.number, i.amount_minor, i.open_minor, i.currency, i.issued_on, i.due_on, i.settled_on, i.disputed, i.disputed_on, i.dispute_reason, i.disputed_by, i.created_at, i.version`

func scanInvoice(row scanner, more ...any) (i Invoice, err error) {
	dst := []any{&i.ID, &i.CustomerID, &i.OrderID, &i.Number, &i.Amount.Minor, &i.Open.Minor, &i.Amount.Currency, &i.IssuedOn, &i.DueOn, &i.SettledOn,
		&i.Disputed, &i.Dispute.Since, &i.Dispute.Reason, &i.Dispute.By, database.Time(&i.CreatedAt), &i.Version}
	err = row.Scan(append(dst, more...)...)
	i.Open.Currency = i.Amount.Currency
	return i, err
}

func invoiceByID(ctx context.Context, q database.Querier, id string) (Invoice, error) {
	i, err := scanInvoice(q.QueryRow(ctx, `SELECT `+invoiceColumns+` FROM invoice i WHERE i.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Invoice{}, fault.NotFound("invoice", id)
	}
	return i, err
}

func findInvoice(ctx context.Context, q database.Querier, customerID string, a Assign) (Invoice, error) {
	i, err := scanInvoice(q.QueryRow(ctx, `SELECT `+invoiceColumns+` FROM invoice i WHERE i.customer_id = $1 AND (i.id = $2 OR i.number = $3) LIMIT 1`,
		customerID, a.InvoiceID, a.Number))
	if errors.Is(err, sql.ErrNoRows) {
		return Invoice{}, fault.NotFound("invoice", a.InvoiceID+a.Number)
	}
	return i, err
}

func openInvoices(ctx context.Context, q database.Querier, customerID string, c money.Currency) ([]Invoice, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Invoice, error) { return scanInvoice(rows) },
		`SELECT `+invoiceColumns+` FROM invoice i WHERE i.customer_id = $1 AND i.currency = $2 AND i.open_minor > 0 ORDER BY i.due_on, i.id`, customerID, string(c))
}

func insertInvoice(ctx context.Context, tx *database.Tx, i Invoice) error {
	_, err := tx.Exec(ctx, `INSERT INTO invoice (id, customer_id, order_id, number, amount_minor, open_minor, currency, issued_on, due_on, settled_on, disputed, disputed_on, dispute_reason, disputed_by, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`, i.ID, i.CustomerID, i.OrderID, i.Number, i.Amount.Minor, i.Open.Minor,
		string(i.Amount.Currency), i.IssuedOn, i.DueOn, i.SettledOn, i.Disputed, i.Dispute.Since, i.Dispute.Reason, i.Dispute.By, database.Micros(i.CreatedAt), i.Version)
	if database.IsUnique(err) {
		return fault.Invalid("number", "receivable.invoice_number_taken", fault.Args{"number": i.Number})
	}
	return err
}

func setDisputed(ctx context.Context, tx *database.Tx, i Invoice, version int64) error {
	done, err := tx.Exec(ctx, `UPDATE invoice SET disputed = $3, disputed_on = $4, dispute_reason = $5, disputed_by = $6, version = version + 1 WHERE id = $1 AND version = $2`,
		i.ID, version, i.Disputed, i.Dispute.Since, i.Dispute.Reason, i.Dispute.By)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("invoice", i.ID))
	}
	return nil
}

const paymentColumns = `p.id, p.customer_id, p.number, p.payer, p.amount_minor, p.unused_minor, p.currency, p.received_on, p.created_at`

func scanPayment(row scanner) (p Payment, err error) {
	err = row.Scan(&p.ID, &p.CustomerID, &p.Number, &p.Payer, &p.Amount.Minor, &p.Unused.Minor, &p.Amount.Currency, &p.ReceivedOn, database.Time(&p.CreatedAt))
	p.Unused.Currency = p.Amount.Currency
	return p, err
}

func paymentByID(ctx context.Context, q database.Querier, id string) (Payment, error) {
	p, err := scanPayment(q.QueryRow(ctx, `SELECT `+paymentColumns+` FROM payment p WHERE p.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Payment{}, fault.NotFound("payment", id)
	}
	return p, err
}

func insertPayment(ctx context.Context, tx *database.Tx, p Payment) error {
	_, err := tx.Exec(ctx, `INSERT INTO payment (id, customer_id, number, payer, amount_minor, unused_minor, currency, received_on, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, p.ID, p.CustomerID, p.Number, p.Payer, p.Amount.Minor, p.Unused.Minor, string(p.Amount.Currency),
		p.ReceivedOn, database.Micros(p.CreatedAt))
	if database.IsUnique(err) {
		return fault.Invalid("number", "receivable.payment_number_taken", fault.Args{"number": p.Number})
	}
	return err
}

func insertAllocation(ctx context.Context, tx *database.Tx, a Allocation) error {
	_, err := tx.Exec(ctx, `INSERT INTO allocation (id, payment_id, invoice_id, amount_minor, allocated_on) VALUES ($1, $2, $3, $4, $5)`,
		a.ID, a.PaymentID, a.InvoiceID, a.Amount.Minor, a.AllocatedOn)
	return err
}

func settle(ctx context.Context, tx *database.Tx, p Payment, i Invoice) error {
	if _, err := tx.Exec(ctx, `UPDATE payment SET unused_minor = $2 WHERE id = $1`, p.ID, p.Unused.Minor); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE invoice SET open_minor = $2, settled_on = $3, version = version + 1 WHERE id = $1`, i.ID, i.Open.Minor, i.SettledOn)
	return err
}
