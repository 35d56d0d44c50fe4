package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresTx is a transaction on PostgreSQL. Statements whose answer nobody waits for are held back and go out in one
// message with the next that somebody does: BEGIN with the first, COMMIT with the last. A check of an order is three
// round trips in place of fourteen.
type postgresTx struct {
	conn    *sql.Conn
	pending []statement
	open    bool  // BEGIN has been sent
	failed  error // the first statement that failed; PostgreSQL refuses all that follow
}

type statement struct {
	query string
	args  []any
	wrong func(error) error // names a failure, nil = as it is
}

func (t *postgresTx) later(s statement) { t.pending = append(t.pending, s) }

// send sends what is held back, and then the reads, in one message.
func (t *postgresTx) send(ctx context.Context, reads []read) error {
	if t.failed != nil {
		return t.failed
	}
	if len(t.pending)+len(reads) == 0 {
		return nil
	}
	pending := t.pending
	if t.pending = nil; !t.open {
		pending = append([]statement{{query: "BEGIN"}}, pending...)
		t.open = true
	}
	t.failed = t.conn.Raw(func(driverConn any) error {
		var batch pgx.Batch
		for _, s := range pending {
			batch.Queue(s.query, s.args...)
		}
		for _, r := range reads {
			batch.Queue(r.query, r.args...)
		}
		results := driverConn.(*stdlib.Conn).Conn().SendBatch(ctx, &batch)
		if err := receive(results, pending, reads); err != nil {
			_ = results.Close() // repeats the error
			return err
		}
		return results.Close()
	})
	return t.failed
}

func receive(results pgx.BatchResults, pending []statement, reads []read) error {
	for _, s := range pending {
		tag, err := results.Exec()
		if err != nil && s.wrong != nil {
			return s.wrong(err)
		}
		if err != nil {
			return err
		}
		if s.query == commit && tag.String() != commit {
			return errAborted
		}
	}
	for _, r := range reads {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		err = r.scan(rows)
		rows.Close()
		if err == nil {
			err = rows.Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const commit = "COMMIT"

var errAborted = errors.New("the transaction was aborted by an earlier statement")

// exec runs a statement with what is held back before it.
func (t *postgresTx) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	if len(t.pending) == 0 && t.open {
		return t.note(t.conn.ExecContext(ctx, query, args...))
	}
	var tag pgconn.CommandTag
	err := t.send(ctx, []read{{query: query, args: args, scan: func(rows Rows) error {
		rows.Next() // to the end: the tag comes last
		tag = rows.(pgx.Rows).CommandTag()
		return rows.Err()
	}}})
	return affected(tag), err
}

type affected pgconn.CommandTag

func (affected) LastInsertId() (int64, error) { return 0, errors.ErrUnsupported }

func (a affected) RowsAffected() (int64, error) { return pgconn.CommandTag(a).RowsAffected(), nil }

func (t *postgresTx) note(done sql.Result, err error) (sql.Result, error) {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return done, err
}

// begun sends what is held back, so that a query can follow.
func (t *postgresTx) begun(ctx context.Context) error {
	if t.open && len(t.pending) == 0 {
		return t.failed
	}
	if !t.open && len(t.pending) == 0 {
		t.open = true
		_, err := t.note(t.conn.ExecContext(ctx, "BEGIN"))
		return err
	}
	return t.send(ctx, nil)
}

func (t *postgresTx) commit(ctx context.Context) error {
	if !t.open && len(t.pending) == 0 {
		return nil // it did nothing
	}
	t.later(statement{query: commit})
	if err := t.send(ctx, nil); err != nil {
		return err
	}
	t.open = false
	return nil
}

// rollback takes everything back. A connection whose rollback fails is not used again.
func (t *postgresTx) rollback() {
	if !t.open {
		return
	}
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := t.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn }) // tells the pool to drop it
	}
}

func (db *DB) writeOnce(ctx context.Context, fn func(tx *Tx) error) error {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Close()
	t := &postgresTx{conn: conn}
	done := false
	defer func() {
		if !done { // fn failed or panicked
			t.rollback()
		}
	}()
	if err := fn(&Tx{engine: PostgreSQL, postgres: t}); err != nil {
		return err
	}
	if err := t.commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	done = true
	return nil
}
