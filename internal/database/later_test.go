package database_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
)

var errTaken = errors.New("taken")

func taken(err error) error {
	if database.IsUnique(err) {
		return errTaken
	}
	return err
}

// What is held back is seen by what reads after it, fails under the name it was given, and takes all with it.
func TestLater(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		insert := func(tx *database.Tx, id string) error {
			return tx.Later(ctx, taken, `INSERT INTO later_test (id) VALUES ($1)`, id)
		}
		count := func(q database.Querier) (n int64) {
			if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM later_test`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for _, step := range []struct {
			name string
			fn   func(tx *database.Tx) error
			want error
			rows int64
		}{
			{"create", func(tx *database.Tx) error {
				return tx.Later(ctx, nil, `CREATE TABLE later_test (id TEXT PRIMARY KEY)`)
			}, nil, 0},
			{"written with the commit", func(tx *database.Tx) error { return insert(tx, "a") }, nil, 1},
			{"seen by a query", func(tx *database.Tx) error {
				if err := insert(tx, "b"); err != nil {
					return err
				}
				if n := count(tx); n != 2 {
					t.Errorf("a query after a held insert counts %d", n)
				}
				return insert(tx, "c")
			}, nil, 3},
			{"seen by reads together", func(tx *database.Tx) error {
				if err := insert(tx, "d"); err != nil {
					return err
				}
				var r database.Reads
				var n, most int64
				var found, none bool
				var id string
				r.One(&found, []any{&n}, `SELECT COUNT(*) FROM later_test`)
				r.One(&none, []any{&id}, `SELECT id FROM later_test WHERE id = $1`, "nobody")
				r.Add(func(rows database.Rows) error {
					for rows.Next() {
						most++
					}
					return nil
				}, `SELECT id FROM later_test WHERE id > $1`, "b")
				if err := r.Run(ctx, tx); err != nil {
					return err
				}
				if n != 4 || most != 2 || !found || none {
					t.Errorf("reads see %d rows, %d above b, found %t, nobody %t", n, most, found, none)
				}
				return nil
			}, nil, 4},
			{"counted", func(tx *database.Tx) error {
				done, err := tx.Exec(ctx, `UPDATE later_test SET id = id || '2' WHERE id < $1`, "c")
				if err != nil {
					return err
				}
				if n, err := done.RowsAffected(); err != nil || n != 2 {
					t.Errorf("%d rows, %v", n, err)
				}
				return nil
			}, nil, 4},
			{"refused at the commit", func(tx *database.Tx) error { return errors.Join(insert(tx, "e"), insert(tx, "c")) }, errTaken, 4},
			{"refused at a flush", func(tx *database.Tx) error {
				if err := errors.Join(insert(tx, "e"), insert(tx, "c")); err != nil {
					return err
				}
				return tx.Flush(ctx)
			}, errTaken, 4},
			{"rows together", func(tx *database.Tx) error {
				var rows [][]any
				for i := range 2000 {
					rows = append(rows, []any{fmt.Sprint("m", i)})
				}
				return tx.InsertMany(ctx, "later_test", []string{"id"}, rows)
			}, nil, 2004},
		} {
			if err := db.Write(ctx, step.fn); !errors.Is(err, step.want) {
				t.Errorf("%s: %v, want %v", step.name, err, step.want)
			}
			if n := count(db); n != step.rows {
				t.Errorf("%s: %d rows, want %d", step.name, n, step.rows)
			}
		}
	})
}

// A statement whose failure somebody overlooked does not end in a commit that kept half.
func TestOverlookedFailureKeepsNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		exec := func(query string) error {
			return db.Write(ctx, func(tx *database.Tx) error { _, err := tx.Exec(ctx, query); return err })
		}
		if err := exec(`CREATE TABLE overlooked (id TEXT PRIMARY KEY)`); err != nil {
			t.Fatal(err)
		}
		err := db.Write(ctx, func(tx *database.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO overlooked (id) VALUES ('a')`); err != nil {
				return err
			}
			_, _ = tx.Exec(ctx, `INSERT INTO overlooked (id) VALUES ('a')`) // the mistake under test
			return nil
		})
		var n int64
		if e := db.QueryRow(ctx, `SELECT COUNT(*) FROM overlooked`).Scan(&n); e != nil {
			t.Fatal(e)
		}
		if kept := err == nil; kept != (n == 1) {
			t.Errorf("Write answered %v and kept %d rows", err, n)
		}
	})
}
