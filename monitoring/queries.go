package monitoring

import (
	"context"
	"database/sql"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

var alertSpec = listing.Spec{ID: "a.id", Default: "-severity", Columns: []listing.Column{
	{Name: "severity", SQL: "a.rank", Kind: listing.Number}, {Name: "status", SQL: "a.status"}, {Name: "customer", SQL: "c.name"},
	{Name: "customer_id", SQL: "a.customer_id"}, {Name: "rule_id", SQL: "a.rule_id"}, {Name: "opened_at", SQL: "a.opened_at", Kind: listing.Number},
	{Name: "last_at", SQL: "a.last_at", Kind: listing.Number}, {Name: "assigned_to", SQL: "a.assigned_to"}, {Name: "times", SQL: "a.times", Kind: listing.Number},
}}

// AlertsInput asks for alerts; All includes closed ones.
type AlertsInput struct {
	All bool `json:"all,omitempty"`
	listing.Query
}

// AlertPage is a page of alerts.
type AlertPage struct {
	Alerts []Alert            `json:"alerts"`
	Next   string             `json:"next,omitempty"`
	Open   map[Severity]int64 `json:"open"` // open alerts in the reader's scope by severity
}

// Alerts shows alerts of the customers within the reader's scope, worst first.
var Alerts = operation.NewView("alert.list", func(ctx context.Context, rd *operation.Reading, in AlertsInput) (AlertPage, error) {
	where, args := customer.ScopeSQL(rd.Actor, "c", nil)
	page := AlertPage{Open: map[Severity]int64{}}
	counts, err := database.Collect(ctx, rd, func(rows *sql.Rows) (n int64, err error) {
		var s Severity
		err = rows.Scan(&s, &n)
		page.Open[s] = n
		return n, err
	}, `SELECT a.severity, COUNT(*) FROM alert a JOIN customer c ON c.id = a.customer_id WHERE a.status <> 'closed'`+where+` GROUP BY a.severity`, args...)
	if err != nil || len(counts) > len(Severities) {
		return AlertPage{}, err
	}
	if !in.All {
		where += " AND a.status <> 'closed'"
	}
	tail, err := alertSpec.Build(in.Query, args)
	if err != nil {
		return AlertPage{}, err
	}
	var keys []any
	page.Alerts, err = database.Collect(ctx, rd, func(rows *sql.Rows) (Alert, error) {
		var key any
		var name string
		a, err := scanAlert(rows, &name, &key)
		a.CustomerName = name
		keys = append(keys, key)
		return a, err
	}, `SELECT `+alertColumns+`, c.name, `+tail.Key+` FROM alert a JOIN customer c ON c.id = a.customer_id WHERE 1 = 1`+where+tail.Where+tail.Order, tail.Args...)
	if err != nil {
		return AlertPage{}, err
	}
	if size := in.Size(); len(page.Alerts) > size {
		page.Alerts = page.Alerts[:size]
		page.Next = listing.Cursor(keys[size-1], page.Alerts[size-1].ID)
	}
	return page, nil
})

// ByIDInput names an alert.
type ByIDInput struct {
	ID string `json:"id"`
}

// ViewAlert shows one alert with its notes.
var ViewAlert = operation.NewView("alert.view", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (Alert, error) {
	a, err := alertByID(ctx, rd, in.ID)
	if err != nil {
		return Alert{}, err
	}
	if err := customer.Visible(ctx, rd, rd.Actor, a.CustomerID); err != nil {
		return Alert{}, fault.NotFound("alert", in.ID)
	}
	a.Notes, err = notesOf(ctx, rd, in.ID)
	return a, err
})

// Operations lists the writes for the doors.
var Operations = []operation.Any{Assign, Close, Comment, PutRule}

// Views lists the reads for the doors.
var Views = []operation.Any{Alerts, ViewAlert, Rules, ShowParked}
