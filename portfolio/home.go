package portfolio

import (
	"context"
	"database/sql"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

// HomeInput asks for the workbench's figures in a currency; empty = CNY.
type HomeInput struct {
	Currency money.Currency `json:"currency,omitempty"`
}

// GradeSlice is how many customers have a grade and what they owe.
type GradeSlice struct {
	Grade     string       `json:"grade"` // empty = not assessed
	Customers int64        `json:"customers"`
	Exposure  money.Amount `json:"exposure"`
	Expected  money.Amount `json:"expected_loss"` // exposure × PD × loss given default
}

// Large is one of the largest exposures.
type Large struct {
	CustomerID string       `json:"customer_id"`
	Name       string       `json:"name"`
	Grade      string       `json:"grade"`
	Exposure   money.Amount `json:"exposure"`
	Limit      money.Amount `json:"limit"` // zero = none
}

// Home is how the portfolio within the reader's scope stands now.
type Home struct {
	Customers int64             `json:"customers"`
	Exposure  money.Amount      `json:"exposure"`
	Limits    money.Amount      `json:"limits"`
	Frozen    int64             `json:"frozen"` // customers
	Held      int64             `json:"held_orders"`
	Incidents int64             `json:"open_incidents"`
	Hits      int64             `json:"open_hits"`
	Ageing    receivable.Ageing `json:"ageing"`
	Grades    []GradeSlice      `json:"grades"`
	Largest   []Large           `json:"largest"`
}

// LossGivenDefault is the share of an unsecured trade receivable that is lost in default: 45 %, the supervisory value for
// senior unsecured claims on corporates (Basel II, paragraph 287; 《商业银行资本管理办法》).
const LossGivenDefault = 0.45

const exposureSQL = `CASE WHEN b.open_orders_minor + b.invoiced_minor - b.on_account_minor > 0 THEN b.open_orders_minor + b.invoiced_minor - b.on_account_minor ELSE 0 END`

// ShowHome shows the workbench's figures.
var ShowHome = operation.NewView("home.view", func(ctx context.Context, rd *operation.Reading, in HomeInput) (h Home, err error) {
	if in.Currency == "" {
		in.Currency = money.CNY
	}
	h.Exposure.Currency, h.Limits.Currency = in.Currency, in.Currency
	where, args := customer.ScopeSQL(rd.Actor, "c", []any{string(in.Currency)})
	one := func(query string, into ...any) {
		if err == nil {
			err = rd.QueryRow(ctx, query+where, args...).Scan(into...)
		}
	}
	one(`SELECT COUNT(*) FROM customer c WHERE $1 <> ''`, &h.Customers)
	one(`SELECT CAST(COALESCE(SUM(`+exposureSQL+`), 0) AS BIGINT) FROM customer_balance b JOIN customer c ON c.id = b.customer_id WHERE b.currency = $1`, &h.Exposure.Minor)
	one(`SELECT CAST(COALESCE(SUM(l.amount_minor), 0) AS BIGINT) FROM credit_limit l JOIN customer c ON c.id = l.customer_id WHERE l.status = 'active' AND l.currency = $1`, &h.Limits.Minor)
	one(`SELECT COUNT(DISTINCT f.customer_id) FROM limit_freeze f JOIN customer c ON c.id = f.customer_id WHERE f.lifted_at = 0 AND $1 <> ''`, &h.Frozen)
	one(`SELECT COUNT(*) FROM sales_order o JOIN customer c ON c.id = o.customer_id WHERE o.status = 'held' AND $1 <> ''`, &h.Held)
	one(`SELECT COUNT(*) FROM incident i JOIN customer c ON c.id = i.customer_id WHERE i.status <> 'closed' AND $1 <> ''`, &h.Incidents)
	one(`SELECT COUNT(*) FROM screening_hit h JOIN customer c ON c.id = h.customer_id WHERE h.status = 'open' AND $1 <> ''`, &h.Hits)
	if err != nil {
		return Home{}, err
	}
	if h.Grades, err = grades(ctx, rd, where, args, in.Currency); err != nil {
		return Home{}, err
	}
	if h.Largest, err = largest(ctx, rd, where, args, in.Currency); err != nil {
		return Home{}, err
	}
	h.Ageing, err = receivable.AgeingOf(ctx, rd, in.Currency)
	return h, err
})

func grades(ctx context.Context, q database.Querier, where string, args []any, c money.Currency) ([]GradeSlice, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (g GradeSlice, err error) {
		var expected float64
		err = rows.Scan(&g.Grade, &g.Customers, &g.Exposure.Minor, &expected)
		g.Exposure.Currency = c
		g.Expected = money.Of(int64(expected*LossGivenDefault), c)
		return g, err
	}, `SELECT COALESCE(a.grade, ''), COUNT(*), CAST(COALESCE(SUM(`+exposureSQL+`), 0) AS BIGINT), COALESCE(SUM((`+exposureSQL+`) * a.pd), 0.0)
		FROM customer c LEFT JOIN assessment a ON a.customer_id = c.id AND a.latest = 1 LEFT JOIN customer_balance b ON b.customer_id = c.id AND b.currency = $1
		WHERE 1 = 1`+where+` GROUP BY COALESCE(a.grade, '') ORDER BY MIN(COALESCE(a.pd, 2))`, args...)
}

func largest(ctx context.Context, q database.Querier, where string, args []any, c money.Currency) ([]Large, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (l Large, err error) {
		err = rows.Scan(&l.CustomerID, &l.Name, &l.Grade, &l.Exposure.Minor, &l.Limit.Minor)
		l.Exposure.Currency, l.Limit.Currency = c, c
		return l, err
	}, `SELECT c.id, c.name, COALESCE(a.grade, ''), `+exposureSQL+`, COALESCE(l.amount_minor, 0) FROM customer_balance b JOIN customer c ON c.id = b.customer_id
		LEFT JOIN assessment a ON a.customer_id = c.id AND a.latest = 1 LEFT JOIN credit_limit l ON l.customer_id = c.id AND l.status = 'active' AND l.currency = b.currency
		WHERE b.currency = $1`+where+` ORDER BY b.open_orders_minor + b.invoiced_minor - b.on_account_minor DESC LIMIT 10`, args...)
}

// Views lists the reads for the doors.
var Views = []operation.Any{ShowHome, ListPositions, Timeline, Search}
