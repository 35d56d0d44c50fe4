package limit

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

// activeAmong gives the limits in force on a day of some customers.
func activeAmong(ctx context.Context, q database.Querier, ids []string, day clock.Date) ([]Limit, error) {
	const atOnce = 400
	var all []Limit
	for part := range slices.Chunk(ids, atOnce) {
		marks, args := make([]string, len(part)), make([]any, len(part))
		for i, id := range part {
			marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
		}
		some, err := database.Collect(ctx, q, func(rows *sql.Rows) (Limit, error) { return scanLimit(rows) },
			`SELECT `+columns+` FROM credit_limit l WHERE l.status = 'active' AND l.customer_id IN (`+strings.Join(marks, ", ")+`) ORDER BY l.customer_id, l.currency`, args...)
		if err != nil {
			return nil, err
		}
		for _, l := range some {
			if l.In(day) {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

var groupSpec = listing.Spec{ID: "g.id", Default: "-exposure", Columns: []listing.Column{
	{Name: "name", SQL: "g.name"}, {Name: "kind", SQL: "g.kind"}, {Name: "customers", SQL: "a.customers", Kind: listing.Number},
	{Name: "exposure", SQL: "a.exposure", Kind: listing.Number}, {Name: "limit", SQL: "a.limits", Kind: listing.Number}, {Name: "frozen", SQL: "a.frozen", Kind: listing.Number},
	{Name: "updated_at", SQL: "g.updated_at", Kind: listing.Number},
}}

// groupPage sums up the members within the reader's scope: $1 is the currency, $2 the day.
func groupPage(ctx context.Context, q database.Querier, a operation.Actor, day clock.Date, in GroupsInput) (GroupPage, error) {
	scope, args := customer.ScopeSQL(a, "c", []any{string(in.Currency), string(day)})
	from := ` FROM party_group g JOIN (SELECT m.group_id, COUNT(*) AS customers,
			CAST(COALESCE(SUM(CASE WHEN b.open_orders_minor + b.invoiced_minor - b.on_account_minor > 0 THEN b.open_orders_minor + b.invoiced_minor - b.on_account_minor ELSE 0 END), 0) AS BIGINT) AS exposure,
			CAST(COALESCE(SUM(l.amount_minor), 0) AS BIGINT) AS limits,
			CAST(SUM(CASE WHEN EXISTS (SELECT 1 FROM limit_freeze f WHERE f.customer_id = c.id AND f.lifted_at = 0) THEN 1 ELSE 0 END) AS BIGINT) AS frozen
		FROM party_group_member m JOIN customer c ON c.id = m.party_id
		LEFT JOIN customer_balance b ON b.customer_id = c.id AND b.currency = $1
		LEFT JOIN credit_limit l ON l.customer_id = c.id AND l.currency = $1 AND l.status = 'active' AND l.valid_from <= $2 AND l.valid_until >= $2
		WHERE ` + customer.MemberSQL + scope + ` GROUP BY m.group_id) a ON a.group_id = g.id
		LEFT JOIN customer ac ON ac.id = g.apex_id LEFT JOIN party ap ON ap.id = g.apex_id WHERE g.status = 'active'`
	where := ""
	if text := strings.TrimSpace(in.Search); text != "" {
		args = append(args, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(text))+"%")
		n := fmt.Sprintf("$%d", len(args))
		inScope, more := customer.ScopeSQL(a, "sc", args)
		args = more
		where = ` AND (LOWER(g.name) LIKE ` + n + ` ESCAPE '\' OR EXISTS (SELECT 1 FROM party_group_member m JOIN customer sc ON sc.id = m.party_id
			WHERE m.group_id = g.id AND ` + customer.MemberSQL + inScope + ` AND LOWER(sc.name) LIKE ` + n + ` ESCAPE '\'))`
	}
	tail, err := groupSpec.Build(in.Query, args)
	if err != nil {
		return GroupPage{}, err
	}
	unpaged, err := groupSpec.Build(listing.Query{Filters: in.Filters}, args)
	if err != nil {
		return GroupPage{}, err
	}
	var page GroupPage
	if err := q.QueryRow(ctx, `SELECT COUNT(*)`+from+where+unpaged.Where, unpaged.Args[:len(unpaged.Args)-1]...).Scan(&page.Total); err != nil {
		return GroupPage{}, err
	}
	var keys []any
	page.Rows, err = database.Collect(ctx, q, func(rows *sql.Rows) (r GroupRow, err error) {
		var key any
		err = rows.Scan(&r.ID, &r.Kind, &r.Name, &r.ApexID, &r.Note, &r.Status, database.Time(&r.CreatedAt), database.Time(&r.UpdatedAt), &r.Version,
			&r.ApexName, &r.Customers, &r.Exposure.Minor, &r.Limit.Minor, &r.Frozen, &key)
		r.Exposure.Currency, r.Limit.Currency = in.Currency, in.Currency
		keys = append(keys, key)
		return r, err
	}, `SELECT g.id, g.kind, g.name, g.apex_id, g.note, g.status, g.created_at, g.updated_at, g.version, COALESCE(ac.name, ap.name, ''),
		a.customers, a.exposure, a.limits, a.frozen, `+tail.Key+from+where+tail.Where+tail.Order, tail.Args...)
	if size := in.Size(); len(page.Rows) > size {
		page.Rows = page.Rows[:size]
		page.Next = listing.Cursor(keys[size-1], page.Rows[size-1].ID)
	}
	return page, err
}
