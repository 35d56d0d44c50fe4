package customer_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
	"github.com/xinheng/xinheng/internal/database/postgrestest"
	"github.com/xinheng/xinheng/internal/operation"
)

// BenchmarkTenThousandParties reads a graph of 10,000 parties from the database: all of it for the groups, and what stands
// behind one customer for its page.
func BenchmarkTenThousandParties(b *testing.B) {
	for engine, address := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "x.db") },
		"postgres": func() string { return postgrestest.URL(b) },
	} {
		db := databasetest.Open(b, address())
		runner := &operation.Runner{DB: db, Clock: clock.System}
		last := fill(b, db)
		b.Run(engine+"/groups", func(b *testing.B) {
			for b.Loop() {
				if _, err := customer.Groupings(b.Context(), db, true); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(engine+"/page", func(b *testing.B) {
			call := operation.Call{Actor: operation.System("benchmark")}
			for b.Loop() {
				if _, err := operation.Read(b.Context(), runner, call, customer.ShowOwnership, customer.ByIDInput{ID: last}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fill writes 3,500 persons and 6,500 customers, each with one to four owners among the persons and earlier customers, and
// gives the last customer.
func fill(b *testing.B, db *database.DB) string {
	b.Helper()
	const persons, companies = 3500, 6500
	r := rand.New(rand.NewPCG(1, 2))
	var parties, customers, shares [][]any
	for i := range persons {
		parties = append(parties, []any{fmt.Sprint("p", i), "person", fmt.Sprint("人", i), fmt.Sprint("人", i), int64(0)})
	}
	for j := range companies {
		id := fmt.Sprint("c", j)
		customers = append(customers, []any{id, fmt.Sprint("公司", j), fmt.Sprint("公司", j), "CNY", "active", int64(0), int64(0)})
		left := 100.0
		for k := range 1 + r.IntN(4) {
			holder := fmt.Sprint("p", r.IntN(persons))
			if j > 0 && r.Float64() < .5 {
				holder = fmt.Sprint("c", r.IntN(j))
			}
			share := left * (.3 + .5*r.Float64())
			left -= share
			shares = append(shares, []any{fmt.Sprintf("s%d-%d", j, k), id, "company", "x", share, holder})
		}
	}
	err := db.Write(b.Context(), func(tx *database.Tx) error {
		if err := tx.InsertMany(b.Context(), "party", []string{"id", "kind", "name", "name_key", "created_at"}, parties); err != nil {
			return err
		}
		if err := tx.InsertMany(b.Context(), "customer", []string{"id", "name", "name_key", "currency", "status", "created_at", "updated_at"}, customers); err != nil {
			return err
		}
		return tx.InsertMany(b.Context(), "customer_shareholder", []string{"id", "customer_id", "kind", "name", "share", "holder_id"}, shares)
	})
	if err != nil {
		b.Fatal(err)
	}
	return fmt.Sprint("c", companies-1)
}
