package database

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Tx is a running transaction. It is passed explicitly down to every store; nothing slow happens inside one.
type Tx struct {
	engine   Engine
	postgres *postgresTx
	group    *groupWriter // SQLite
}

// Engine tells which engine runs the transaction.
func (tx *Tx) Engine() Engine { return tx.engine }

// Exec runs a statement.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if tx.group != nil {
		stmt, err := tx.group.stmt(query)
		if err != nil {
			return nil, err
		}
		return stmt.ExecContext(context.WithoutCancel(ctx), args...)
	}
	return tx.postgres.exec(ctx, query, args)
}

// Query reads rows inside the transaction.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if tx.group != nil {
		stmt, err := tx.group.stmt(query)
		if err != nil {
			return nil, err
		}
		return stmt.QueryContext(context.WithoutCancel(ctx), args...)
	}
	if err := tx.postgres.begun(ctx); err != nil {
		return nil, err
	}
	return tx.postgres.conn.QueryContext(ctx, query, args...)
}

// QueryRow reads one row inside the transaction.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if tx.group != nil {
		stmt, err := tx.group.stmt(query)
		if err != nil { // the row then reports the same error on Scan
			return tx.group.conn.QueryRowContext(context.WithoutCancel(ctx), query, args...)
		}
		return stmt.QueryRowContext(context.WithoutCancel(ctx), args...)
	}
	_ = tx.postgres.begun(ctx) // a failure makes PostgreSQL refuse the query, and Scan report it
	return tx.postgres.conn.QueryRowContext(ctx, query, args...)
}

// Lock holds the row of the table with that id until the transaction ends. SQLite has one writer, so it holds
// everything already. Locks are taken in one order everywhere: group first, then customer.
func (tx *Tx) Lock(ctx context.Context, table, id string) error {
	if tx.engine == SQLite {
		return nil
	}
	r := Reads{}
	r.Lock(table, id)
	if err := r.Run(ctx, tx); err != nil {
		return fmt.Errorf("lock %s: %w", table, err)
	}
	return nil
}

// Later runs a statement whose answer nobody waits for: on PostgreSQL at the latest with the commit, in order, so that
// writes cost no round trip of their own. wrong names its failure (nil = as it is), which may come as late as the commit.
func (tx *Tx) Later(ctx context.Context, wrong func(error) error, query string, args ...any) error {
	if tx.postgres != nil {
		tx.postgres.later(statement{query, args, wrong})
		return nil
	}
	_, err := tx.Exec(ctx, query, args...)
	if err != nil && wrong != nil {
		return wrong(err)
	}
	return err
}

// Flush runs now what Later held back, for those who want to know of its failure.
func (tx *Tx) Flush(ctx context.Context) error {
	if tx.postgres == nil {
		return nil
	}
	return tx.postgres.send(ctx, nil)
}

func (tx *Tx) pipeline(ctx context.Context, reads []read) error { return tx.postgres.send(ctx, reads) }

// InsertMany inserts rows in as few statements as the engines' parameter limits allow, by Later.
func (tx *Tx) InsertMany(ctx context.Context, table string, columns []string, rows [][]any) error {
	const mostParameters = 900
	perStatement := max(1, mostParameters/len(columns))
	for start := 0; start < len(rows); start += perStatement {
		part := rows[start:min(start+perStatement, len(rows))]
		var b strings.Builder
		fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES ", table, strings.Join(columns, ", "))
		args := make([]any, 0, len(part)*len(columns))
		for i, row := range part {
			if len(row) != len(columns) {
				return fmt.Errorf("insert into %s: row %d has %d values for %d columns", table, start+i, len(row), len(columns))
			}
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('(')
			for j, v := range row {
				if j > 0 {
					b.WriteByte(',')
				}
				args = append(args, v)
				fmt.Fprintf(&b, "$%d", len(args))
			}
			b.WriteByte(')')
		}
		named := func(err error) error { return fmt.Errorf("insert into %s: %w", table, err) }
		if err := tx.Later(ctx, named, b.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

// Write runs fn in a transaction and commits it, or rolls it back when fn fails. When Write returns nil the change is
// on disk. On PostgreSQL a deadlock or serialisation failure is tried again, so fn must have no effects outside tx.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	if db.group != nil {
		return db.group.write(ctx, fn)
	}
	const tries = 4
	var err error
	for range tries {
		if err = db.writeOnce(ctx, fn); !isRetryable(err) {
			return err
		}
	}
	return err
}
