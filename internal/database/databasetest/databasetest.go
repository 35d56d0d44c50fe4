// Package databasetest gives tests a fresh, migrated database of each engine.
package databasetest

import (
	"path/filepath"
	"testing"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/postgrestest"
)

// Each runs the test on both engines, each with an empty migrated database of its own.
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, Open(t, "sqlite:"+filepath.Join(t.TempDir(), "xinheng.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Open(t, postgrestest.URL(t)))
	})
}

// Open opens and migrates the database that the address names, until the test ends.
func Open(t testing.TB, address string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}
