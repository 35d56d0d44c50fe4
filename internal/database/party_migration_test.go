package database_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/postgrestest"
)

// Shareholders of before there were parties find theirs: a customer by id or exact name, everybody else one party for each
// kind and exact name.
func TestShareholdersBecomeParties(t *testing.T) {
	t.Parallel()
	for engine, address := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "old.db"), "postgres": postgrestest.URL(t)} {
		db, err := database.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		const beforeParties = 74
		if err := db.MigrateTo(t.Context(), beforeParties); err != nil {
			t.Fatal(err)
		}
		err = db.Write(context.WithoutCancel(t.Context()), func(tx *database.Tx) error {
			for _, c := range [][2]string{{"c1", "甲有限公司"}, {"c2", "乙有限公司"}} {
				if _, err := tx.Exec(t.Context(), `INSERT INTO customer (id, name, name_key, currency, status, created_at, updated_at) VALUES ($1, $2, $2, 'CNY', 'active', 0, 0)`, c[0], c[1]); err != nil {
					return err
				}
			}
			for _, s := range [][5]string{{"s1", "c1", "person", "张三", ""}, {"s2", "c2", "person", "张三", ""}, {"s3", "c2", "company", "甲有限公司", ""}, {"s4", "c1", "company", "别名", "c2"}, {"s5", "c1", "company", "丙（集团）有限公司", ""}} {
				if _, err := tx.Exec(t.Context(), `INSERT INTO customer_shareholder (id, customer_id, kind, name, party_id, share) VALUES ($1, $2, $3, $4, $5, 10)`, s[0], s[1], s[2], s[3], s[4]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"s1": "party-s1", "s2": "party-s1", "s3": "c1", "s4": "c2", "s5": "party-s5"}
		for id, holder := range want {
			var got string
			if err := db.QueryRow(t.Context(), `SELECT holder_id FROM customer_shareholder WHERE id = $1`, id).Scan(&got); err != nil || got != holder {
				t.Errorf("%s: %s is %q, want %q; %v", engine, id, got, holder, err)
			}
		}
		var key string
		if err := db.QueryRow(t.Context(), `SELECT name_key FROM party WHERE id = 'party-s5'`).Scan(&key); err != nil || key != "丙集团有限公司" {
			t.Errorf("%s: key %q, %v", engine, key, err)
		}
	}
}
