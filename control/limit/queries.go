package limit

import (
	"context"
	"database/sql"
	"errors"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

// CustomerInput names a customer.
type CustomerInput struct {
	CustomerID string `json:"customer_id"`
}

// Line is a customer's position in one currency: the limit in force, what is used, what is left.
type Line struct {
	Limit     *Limit             `json:"limit,omitempty"` // nil = none in force
	Balance   receivable.Balance `json:"balance"`
	Exposure  money.Amount       `json:"exposure"`
	Available money.Amount       `json:"available"` // negative when the limit is exceeded
}

// Overview is all about a customer's limits.
type Overview struct {
	CustomerID string            `json:"customer_id"`
	Lines      []Line            `json:"lines"`
	Freezes    []Freeze          `json:"freezes"` // standing ones
	Past       []Freeze          `json:"past_freezes"`
	History    []Limit           `json:"history"`
	Waiting    *approval.Request `json:"waiting,omitempty"`
}

// View shows a customer's limits, use and freezes.
var View = operation.NewView("limit.view", func(ctx context.Context, rd *operation.Reading, in CustomerInput) (Overview, error) {
	if err := customer.Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
		return Overview{}, err
	}
	o := Overview{CustomerID: in.CustomerID}
	var err error
	if o.History, err = limitsOf(ctx, rd, in.CustomerID); err != nil {
		return Overview{}, err
	}
	all, err := freezeHistory(ctx, rd, in.CustomerID)
	if err != nil {
		return Overview{}, err
	}
	for _, f := range all {
		if f.LiftedAt.IsZero() {
			o.Freezes = append(o.Freezes, f)
		} else {
			o.Past = append(o.Past, f)
		}
	}
	for _, l := range o.History {
		if l.Status != Requested {
			continue
		}
		request, err := approval.ForReference(ctx, rd, Kind, l.ID)
		if err != nil && fault.KindOf(err) != fault.KindNotFound {
			return Overview{}, err
		}
		o.Waiting = &request
	}
	o.Lines, err = lines(ctx, rd, in.CustomerID, o.History)
	return o, err
})

func lines(ctx context.Context, rd *operation.Reading, customerID string, history []Limit) ([]Line, error) {
	currencies := []money.Currency{}
	seen := map[money.Currency]bool{}
	add := func(c money.Currency) {
		if !seen[c] {
			seen[c] = true
			currencies = append(currencies, c)
		}
	}
	for _, l := range history {
		if l.In(rd.Today) {
			add(l.Amount.Currency)
		}
	}
	c, err := customer.ByID(ctx, rd, customerID)
	if err != nil {
		return nil, err
	}
	add(c.Currency)
	var all []Line
	for _, currency := range currencies {
		line, err := LineOf(ctx, rd, customerID, currency, rd)
		if err != nil {
			return nil, err
		}
		all = append(all, line)
	}
	return all, nil
}

// LineOf computes a customer's position in a currency on the reader's day.
func LineOf(ctx context.Context, q database.Querier, customerID string, c money.Currency, rd *operation.Reading) (Line, error) {
	var line Line
	var reads database.Reads
	AskActive(&reads, customerID, c, rd.Today, &line.Limit)
	receivable.AskBalance(&reads, customerID, c, &line.Balance)
	err := reads.Run(ctx, q)
	if err != nil {
		return Line{}, err
	}
	if line.Exposure, err = line.Balance.Exposure(); err != nil {
		return Line{}, err
	}
	line.Available = line.Exposure.Neg()
	if line.Limit != nil {
		line.Available, err = line.Limit.Amount.Sub(line.Exposure)
	}
	return line, err
}

var listSpec = listing.Spec{ID: "l.id", Default: "-applied_at", Columns: []listing.Column{
	{Name: "customer", SQL: "c.name"}, {Name: "customer_id", SQL: "l.customer_id"}, {Name: "status", SQL: "l.status"},
	{Name: "amount", SQL: "l.amount_minor", Kind: listing.Number}, {Name: "currency", SQL: "l.currency"},
	{Name: "valid_until", SQL: "l.valid_until", Kind: listing.Date}, {Name: "applied_at", SQL: "l.applied_at", Kind: listing.Number},
	{Name: "exposure", SQL: exposureSQL, Kind: listing.Number}, {Name: "frozen", SQL: frozenSQL, Kind: listing.Number},
	{Name: "use", SQL: `CASE WHEN l.status = 'active' AND l.amount_minor > 0 THEN ` + exposureSQL + ` * 1.0 / l.amount_minor ELSE -1.0 END`, Kind: listing.Float},
}}

const exposureSQL = `COALESCE(b.open_orders_minor + b.invoiced_minor - b.on_account_minor, 0)`

const frozenSQL = `(SELECT COUNT(*) FROM limit_freeze f WHERE f.customer_id = l.customer_id AND f.lifted_at = 0)`

// Row is a limit with its use, and what the latest assessment would grant now.
type Row struct {
	Limit
	Exposure  money.Amount  `json:"exposure"`
	Frozen    bool          `json:"frozen"`
	Suggested *money.Amount `json:"suggested,omitempty"` // nil = not assessed in this currency
}

// Page is a page of limits.
type Page struct {
	Rows  []Row  `json:"rows"`
	Next  string `json:"next,omitempty"`
	Total int64  `json:"total"`
}

const listFrom = `FROM credit_limit l JOIN customer c ON c.id = l.customer_id LEFT JOIN customer_balance b ON b.customer_id = l.customer_id AND b.currency = l.currency
		LEFT JOIN assessment s ON s.customer_id = l.customer_id AND s.latest = 1 AND s.currency = l.currency WHERE 1 = 1`

// List shows the limits of the customers within the reader's scope.
var List = operation.NewView("limit.list", func(ctx context.Context, rd *operation.Reading, in listing.Query) (Page, error) {
	where, args := customer.ScopeSQL(rd.Actor, "c", nil)
	tail, err := listSpec.Build(in, args)
	if err != nil {
		return Page{}, err
	}
	var keys []any
	all, err := database.Collect(ctx, rd, func(rows *sql.Rows) (Row, error) {
		var r Row
		var key any
		var name string
		var suggested, freezes int64
		var err error
		r.Limit, err = scanLimit(rows, &name, &r.Exposure.Minor, &freezes, &suggested, &key)
		if r.Frozen = freezes > 0; suggested >= 0 {
			r.Suggested = &money.Amount{Minor: suggested, Currency: r.Amount.Currency}
		}
		r.CustomerName, r.Exposure.Currency = name, r.Amount.Currency
		r.Exposure.Minor = max(0, r.Exposure.Minor)
		keys = append(keys, key)
		return r, err
	}, `SELECT `+columns+`, c.name, `+exposureSQL+`, `+frozenSQL+`, COALESCE(s.recommended_minor, -1), `+tail.Key+`
		`+listFrom+where+tail.Where+tail.Order, tail.Args...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Page{}, err
	}
	unpaged, err := listSpec.Build(listing.Query{Filters: in.Filters}, args)
	if err != nil {
		return Page{}, err
	}
	page := Page{Rows: all}
	if err := rd.QueryRow(ctx, `SELECT COUNT(*) `+listFrom+where+unpaged.Where, unpaged.Args[:len(unpaged.Args)-1]...).Scan(&page.Total); err != nil {
		return Page{}, err
	}
	if size := in.Size(); len(all) > size {
		page.Rows = all[:size]
		page.Next = listing.Cursor(keys[size-1], all[size-1].ID)
	}
	return page, nil
})

// Operations lists the writes for the doors.
var Operations = []operation.Any{Apply, Decide, FreezeLimit, Unfreeze, Start, Expire}

// Views lists the reads for the doors.
var Views = []operation.Any{List, View}
