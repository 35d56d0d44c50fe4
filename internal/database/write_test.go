package database_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
)

// Many writers at once, some of which fail or panic after their insert: those that were told "done" are there, the
// others left nothing, and none hurt another.
func TestEachWriteIsAllOrNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		if err := db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE write_test (id TEXT PRIMARY KEY, half BIGINT NOT NULL)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		wrong := errors.New("wrong")
		var done atomic.Int64
		var wg sync.WaitGroup
		for w := range 24 {
			wg.Go(func() {
				for n := range 20 {
					id := fmt.Sprintf("%d-%d", w, n)
					err := write(ctx, db, func(tx *database.Tx) error {
						for half := range 2 {
							if _, err := tx.Exec(ctx, `INSERT INTO write_test (id, half) VALUES ($1, $2)`, fmt.Sprint(id, "/", half), half); err != nil {
								return err
							}
							if half == 0 && n%5 == 1 {
								return wrong
							}
							if half == 0 && n%5 == 2 {
								panic("in the middle")
							}
						}
						if n%5 == 3 { // the same key again: the engine refuses it
							_, err := tx.Exec(ctx, `INSERT INTO write_test (id, half) VALUES ($1, 9)`, id+"/0")
							return err
						}
						return nil
					})
					if (err == nil) != (n%5 == 0 || n%5 == 4) {
						t.Errorf("%s: %v", id, err)
					}
					if err == nil {
						done.Add(1)
					}
				}
			})
		}
		wg.Wait()
		var rows, pairs int64
		if err := db.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(half), 0) FROM write_test`).Scan(&rows, &pairs); err != nil {
			t.Fatal(err)
		}
		if rows != 2*done.Load() || pairs != done.Load() {
			t.Errorf("%d rows and %d second halves of %d writes that were done", rows, pairs, done.Load())
		}
	})
}

// write turns a panic of fn into an error, as the doors do.
func write(ctx context.Context, db *database.DB, fn func(tx *database.Tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return db.Write(ctx, fn)
}
