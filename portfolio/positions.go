package portfolio

import (
	"context"
	"database/sql"
	"strings"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

// Position is a customer with how it stands: grade, limit, exposure, what is overdue, what alarms.
type Position struct {
	CustomerID string          `json:"customer_id"`
	Name       string          `json:"name"`
	USCC       string          `json:"uscc,omitempty"`
	Industry   string          `json:"industry,omitempty"`
	Region     string          `json:"region,omitempty"`
	Size       customer.Size   `json:"size,omitempty"`
	Status     customer.Status `json:"status"`
	OwnerName  string          `json:"owner_name,omitempty"`
	TermsDays  int             `json:"terms_days"`
	Grade      string          `json:"grade,omitempty"` // empty = not assessed
	PD         float64         `json:"pd"`              // one year, 0 to 1
	Limit      money.Amount    `json:"limit"`           // zero = none in force
	Exposure   money.Amount    `json:"exposure"`
	Overdue    money.Amount    `json:"overdue"`
	WorstDays  int             `json:"worst_days"` // of the oldest invoice past due that no dispute suspends
	Alerts     int64           `json:"open_alerts"`
	Frozen     bool            `json:"frozen"`
}

// PositionsInput asks for customers with their positions in a currency (empty = CNY); Search looks in names and codes.
type PositionsInput struct {
	Search   string         `json:"search,omitempty"`
	Currency money.Currency `json:"currency,omitempty"`
	listing.Query
}

// Positions is a page of them; Next is the cursor of the following page.
type Positions struct {
	Rows  []Position `json:"rows"`
	Next  string     `json:"next,omitempty"`
	Total int64      `json:"total"`
}

// $1 is the currency, $2 today, $3 the day since which disputes suspend. Overdue invoices are few beside all, and have an index of their own.
const (
	netExposure = `(CASE WHEN COALESCE(b.open_orders_minor + b.invoiced_minor - b.on_account_minor, 0) > 0 THEN b.open_orders_minor + b.invoiced_minor - b.on_account_minor ELSE 0 END)`
	overdueSQL  = `(SELECT CAST(COALESCE(SUM(i.open_minor), 0) AS BIGINT) FROM invoice i WHERE i.customer_id = c.id AND i.currency = $1 AND i.open_minor > 0 AND i.due_on < $2)`
	oldestSQL   = `(SELECT COALESCE(MIN(i.due_on), '') FROM invoice i WHERE i.customer_id = c.id AND i.currency = $1 AND i.open_minor > 0 AND i.due_on < $2 AND (i.disputed = FALSE OR i.disputed_on < $3))`
	alertsSQL   = `(SELECT COUNT(*) FROM alert a WHERE a.customer_id = c.id AND a.status <> 'closed')`
	frozenSQL   = `(SELECT COUNT(*) FROM limit_freeze f WHERE f.customer_id = c.id AND f.lifted_at = 0)`
)

var positionSpec = listing.Spec{ID: "c.id", Default: "name", Columns: []listing.Column{
	{Name: "name", SQL: "c.name"}, {Name: "uscc", SQL: "c.uscc"}, {Name: "industry", SQL: "c.industry"}, {Name: "region", SQL: "c.region"},
	{Name: "status", SQL: "c.status"}, {Name: "size", SQL: "c.size"}, {Name: "owner", SQL: "COALESCE(u.name, '')"},
	{Name: "grade", SQL: "COALESCE(s.grade, '')"}, {Name: "pd", SQL: "COALESCE(s.pd, 2.0)", Kind: listing.Float},
	{Name: "limit", SQL: "COALESCE(l.amount_minor, 0)", Kind: listing.Number}, {Name: "exposure", SQL: netExposure, Kind: listing.Number},
	{Name: "overdue", SQL: overdueSQL, Kind: listing.Number}, {Name: "alerts", SQL: alertsSQL, Kind: listing.Number}, {Name: "frozen", SQL: frozenSQL, Kind: listing.Number},
}}

const positionFrom = ` FROM customer c LEFT JOIN app_user u ON u.id = c.owner_id LEFT JOIN assessment s ON s.customer_id = c.id AND s.latest = 1
	LEFT JOIN credit_limit l ON l.customer_id = c.id AND l.status = 'active' AND l.currency = $1
	LEFT JOIN customer_balance b ON b.customer_id = c.id AND b.currency = $1 WHERE $2 <> $3`

// ListPositions shows the customers within the reader's scope with how they stand.
var ListPositions = operation.NewView("customer.positions", func(ctx context.Context, rd *operation.Reading, in PositionsInput) (Positions, error) {
	if in.Currency == "" {
		in.Currency = money.CNY
	}
	where, args := customer.ScopeSQL(rd.Actor, "c", []any{string(in.Currency), string(rd.Today), string(rd.Today.AddDays(-receivable.DisputeDays))})
	where, args = customer.SearchSQL(in.Search, where, args)
	tail, err := positionSpec.Build(in.Query, args)
	if err != nil {
		return Positions{}, err
	}
	unpaged, err := positionSpec.Build(listing.Query{Filters: in.Filters}, args)
	if err != nil {
		return Positions{}, err
	}
	var page Positions
	count := `SELECT COUNT(*)` + positionFrom
	if len(in.Filters) == 0 { // every customer counts once, whatever stands beside it
		count = `SELECT COUNT(*) FROM customer c WHERE $1 <> $2 AND $2 <> $3`
	}
	if err := rd.QueryRow(ctx, count+where+unpaged.Where, unpaged.Args[:len(unpaged.Args)-1]...).Scan(&page.Total); err != nil {
		return Positions{}, err
	}
	var keys []any
	page.Rows, err = database.Collect(ctx, rd, func(rows *sql.Rows) (p Position, err error) {
		var key any
		p, err = scanPosition(rows, in.Currency, rd.Today, &key)
		keys = append(keys, key)
		return p, err
	}, `SELECT c.id, c.name, c.uscc, c.industry, c.region, c.size, c.status, COALESCE(u.name, ''), c.terms_days, COALESCE(s.grade, ''), COALESCE(s.pd, 0),
		COALESCE(l.amount_minor, 0), `+strings.Join([]string{netExposure, overdueSQL, oldestSQL, alertsSQL, frozenSQL, tail.Key}, ", ")+positionFrom+where+tail.Where+tail.Order, tail.Args...)
	if size := in.Size(); len(page.Rows) > size {
		page.Rows = page.Rows[:size]
		page.Next = listing.Cursor(keys[size-1], page.Rows[size-1].CustomerID)
	}
	return page, err
})

func scanPosition(rows *sql.Rows, c money.Currency, today clock.Date, key *any) (p Position, err error) {
	var oldest clock.Date
	var frozen int64
	err = rows.Scan(&p.CustomerID, &p.Name, &p.USCC, &p.Industry, &p.Region, &p.Size, &p.Status, &p.OwnerName, &p.TermsDays, &p.Grade, &p.PD,
		&p.Limit.Minor, &p.Exposure.Minor, &p.Overdue.Minor, &oldest, &p.Alerts, &frozen, key)
	p.Limit.Currency, p.Exposure.Currency, p.Overdue.Currency = c, c, c
	p.Frozen = frozen > 0
	if !oldest.IsZero() {
		p.WorstDays = today.DaysSince(oldest)
	}
	return p, err
}
