package ordercheck

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

const columns = `k.id, k.order_id, k.customer_id, k.decision, k.reasons, k.limit_minor, k.exposure_minor, k.amount_minor, k.currency, k.step, k.actor_id, k.actor_name, k.note, k.at`

type scanner interface{ Scan(dst ...any) error }

func scanCheck(row scanner, more ...any) (c Check, err error) {
	var reasons string
	dst := []any{&c.ID, &c.OrderID, &c.CustomerID, &c.Decision, &reasons, &c.Limit.Minor, &c.Exposure.Minor, &c.Amount.Minor, &c.Amount.Currency,
		&c.Step, &c.ActorID, &c.ActorName, &c.Note, database.Time(&c.At)}
	if err = row.Scan(append(dst, more...)...); err != nil {
		return c, err
	}
	c.Limit.Currency, c.Exposure.Currency = c.Amount.Currency, c.Amount.Currency
	return c, json.Unmarshal([]byte(reasons), &c.Reasons)
}

func insertCheck(ctx context.Context, tx *database.Tx, c Check) error {
	reasons, err := json.Marshal(c.Reasons)
	if err != nil {
		return err
	}
	return tx.Later(ctx, nil, `INSERT INTO order_check (id, order_id, customer_id, decision, reasons, limit_minor, exposure_minor, amount_minor, currency, step, actor_id, actor_name, note, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, c.ID, c.OrderID, c.CustomerID, string(c.Decision), string(reasons), c.Limit.Minor,
		c.Exposure.Minor, c.Amount.Minor, string(c.Amount.Currency), c.Step, c.ActorID, c.ActorName, c.Note, database.Micros(c.At))
}

func lastCheck(ctx context.Context, q database.Querier, orderID string) (Check, error) {
	c, err := scanCheck(q.QueryRow(ctx, `SELECT `+columns+` FROM order_check k WHERE k.order_id = $1 ORDER BY k.at DESC, k.id DESC LIMIT 1`, orderID))
	if errors.Is(err, sql.ErrNoRows) {
		return Check{}, fault.NotFound("order_check", orderID)
	}
	return c, err
}

var listSpec = listing.Spec{ID: "o.id", Default: "-created_at", Columns: []listing.Column{
	{Name: "number", SQL: "o.number"}, {Name: "customer", SQL: "c.name"}, {Name: "customer_id", SQL: "o.customer_id"}, {Name: "status", SQL: "o.status"},
	{Name: "amount", SQL: "o.amount_minor", Kind: listing.Number}, {Name: "ordered_on", SQL: "o.ordered_on", Kind: listing.Date},
	{Name: "created_at", SQL: "o.created_at", Kind: listing.Number}, {Name: "currency", SQL: "o.currency"},
}}

// Page is a page of orders.
type Page struct {
	Orders []receivable.Order `json:"orders"`
	Next   string             `json:"next,omitempty"`
	Held   int64              `json:"held"` // how many wait, in the reader's scope
}

// List shows orders with where they stand.
var List = operation.NewView("ordercheck.list", func(ctx context.Context, rd *operation.Reading, in listing.Query) (Page, error) {
	where, args := customer.ScopeSQL(rd.Actor, "c", nil)
	var page Page
	if err := rd.QueryRow(ctx, `SELECT COUNT(*) FROM sales_order o JOIN customer c ON c.id = o.customer_id WHERE o.status = 'held'`+where, args...).Scan(&page.Held); err != nil {
		return Page{}, err
	}
	tail, err := listSpec.Build(in, args)
	if err != nil {
		return Page{}, err
	}
	var keys []any
	page.Orders, err = database.Collect(ctx, rd, func(rows *sql.Rows) (receivable.Order, error) {
		var key any
		o, err := receivable.ScanOrder(rows, &key)
		keys = append(keys, key)
		return o, err
	}, `SELECT `+receivable.OrderColumns+`, c.name, `+tail.Key+` FROM sales_order o JOIN customer c ON c.id = o.customer_id WHERE 1 = 1`+where+tail.Where+tail.Order, tail.Args...)
	if err != nil {
		return Page{}, err
	}
	if size := in.Size(); len(page.Orders) > size {
		page.Orders = page.Orders[:size]
		page.Next = listing.Cursor(keys[size-1], page.Orders[size-1].ID)
	}
	return page, nil
})

// ByIDInput names an order.
type ByIDInput struct {
	OrderID string `json:"order_id"`
}

// Dossier is an order with all decisions on it, newest first.
type Dossier struct {
	Order  receivable.Order `json:"order"`
	Checks []Check          `json:"checks"`
}

// View shows an order and its checks.
var View = operation.NewView("ordercheck.view", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (Dossier, error) {
	o, err := receivable.OrderByID(ctx, rd, in.OrderID)
	if err != nil {
		return Dossier{}, err
	}
	if err := customer.Visible(ctx, rd, rd.Actor, o.CustomerID); err != nil {
		return Dossier{}, fault.NotFound("order", in.OrderID)
	}
	c, err := customer.ByID(ctx, rd, o.CustomerID)
	if err != nil {
		return Dossier{}, err
	}
	o.CustomerName = c.Name
	checks, err := database.Collect(ctx, rd, func(rows *sql.Rows) (Check, error) { return scanCheck(rows) },
		`SELECT `+columns+` FROM order_check k WHERE k.order_id = $1 ORDER BY k.at DESC, k.id DESC`, in.OrderID)
	return Dossier{Order: o, Checks: checks}, err
})

// Operations lists the writes for the doors.
var Operations = []operation.Any{Submit, Release, Refuse, Cancel, Expire}

// Views lists the reads for the doors.
var Views = []operation.Any{List, View}
