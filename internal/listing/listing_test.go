package listing_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
)

var spec = listing.Spec{ID: "t.id", Default: "name", Columns: []listing.Column{{Name: "name", SQL: "t.name"}, {Name: "n", SQL: "t.n", Kind: listing.Number}, {Name: "share", SQL: "t.share", Kind: listing.Float}, {Name: "day", SQL: "t.day", Kind: listing.Date}}}

type row struct{ id, name string }

func page(t interface{ Fatal(args ...any) }, db *database.DB, q listing.Query) (all []row, next string) {
	tail, err := spec.Build(q, nil)
	if err != nil {
		t.Fatal(err)
	}
	var keys []any
	all, err = database.Collect(context.Background(), db, func(rows *sql.Rows) (r row, err error) {
		var key any
		err = rows.Scan(&r.id, &r.name, &key)
		keys = append(keys, key)
		return r, err
	}, `SELECT t.id, t.name, `+tail.Key+` FROM listing_test t WHERE 1 = 1`+tail.Where+tail.Order, tail.Args...)
	if err != nil {
		t.Fatal(err)
	}
	if size := q.Size(); len(all) > size {
		return all[:size], listing.Cursor(keys[size-1], all[size-1].id)
	}
	return all, ""
}

// Whatever the rows, the sort and the page size: following the pages visits every row once, in order.
func TestPagesVisitEveryRowOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		must := func(query string, args ...any) {
			if err := db.Write(ctx, func(tx *database.Tx) error { _, err := tx.Exec(ctx, query, args...); return err }); err != nil {
				t.Fatal(err)
			}
		}
		must(`CREATE TABLE listing_test (id TEXT PRIMARY KEY, name TEXT NOT NULL, n BIGINT NOT NULL, share DOUBLE PRECISION NOT NULL, day TEXT NOT NULL)`)
		rapid.Check(t, func(r *rapid.T) {
			must(`DELETE FROM listing_test`)
			n := rapid.IntRange(0, 40).Draw(r, "rows")
			for i := range n {
				must(`INSERT INTO listing_test (id, name, n, share, day) VALUES ($1, $2, $3, $4, $5)`, fmt.Sprintf("%03d", i), rapid.SampledFrom([]string{"甲", "乙", "a", "B", "'; --"}).Draw(r, "name"),
					rapid.Int64Range(-3, 3).Draw(r, "n"), rapid.SampledFrom([]float64{0, 0.1, 1.0 / 3}).Draw(r, "share"), fmt.Sprintf("2026-01-%02d", rapid.IntRange(1, 4).Draw(r, "day")))
			}
			q := listing.Query{Sort: rapid.SampledFrom([]string{"", "name", "-name", "n", "-n", "share", "-share", "-day"}).Draw(r, "sort"), Limit: rapid.IntRange(1, 7).Draw(r, "limit")}
			whole, _ := page(r, db, listing.Query{Sort: q.Sort, Limit: 1000})
			var seen []row
			for {
				rows, next := page(r, db, q)
				seen = append(seen, rows...)
				if q.After = next; next == "" {
					break
				}
			}
			if !slices.Equal(seen, whole) || len(seen) != n {
				r.Fatalf("pages of %d by %q: %v, want %v", q.Limit, q.Sort, seen, whole)
			}
		})
	})
}

// Nothing of a request gets into the SQL but through the allow-list and parameters.
func TestWhatIsNotListedIsRefused(t *testing.T) {
	for _, q := range []listing.Query{{Sort: "id; DROP TABLE customer"}, {Sort: "-nothing"}, {Filters: []listing.Filter{{Column: "password", Value: "x"}}}, {Filters: []listing.Filter{{Column: "name", Op: "or 1=1", Value: "x"}}},
		{Filters: []listing.Filter{{Column: "n", Op: "ge", Value: "x"}}}, {Filters: []listing.Filter{{Column: "day", Value: "yesterday"}}}, {After: "not a cursor"}, {After: listing.Cursor("x", "1"), Sort: "n"}} {
		if _, err := spec.Build(q, nil); fault.KindOf(err) != fault.KindInvalid {
			t.Errorf("%+v: %v", q, err)
		}
	}
	tail, err := spec.Build(listing.Query{Filters: []listing.Filter{{Column: "name", Op: "has", Value: "'; DROP TABLE customer; --"}}}, nil)
	if err != nil || strings.Contains(tail.Where+tail.Order, "DROP") {
		t.Errorf("%+v %v", tail, err)
	}
}

// What costs the database more than an answer is worth is refused, with the place named.
func TestFiltersAreBounded(t *testing.T) {
	for _, c := range []struct {
		filters []listing.Filter
		path    string
	}{
		{[]listing.Filter{{Column: "name", Op: "in", Value: strings.Repeat("x,", 499) + "x"}}, ""},
		{[]listing.Filter{{Column: "name", Value: "x"}, {Column: "name", Op: "in", Value: strings.Repeat("x,", 500) + "x"}}, "filters[1].value"},
		{slices.Repeat([]listing.Filter{{Column: "name", Value: "x"}}, 51), "filters"},
		{[]listing.Filter{{Column: "share", Op: "ge", Value: "NaN"}}, "filters[0].value"},
	} {
		_, err := spec.Build(listing.Query{Filters: c.filters}, nil)
		f := fault.As(err)
		if c.path == "" && err != nil || c.path != "" && (f == nil || len(f.Fields) != 1 || f.Fields[0].Path != c.path) {
			t.Errorf("want %q wrong: %v", c.path, err)
		}
	}
}
