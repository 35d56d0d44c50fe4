package database

import "context"

// Rows are what a read finds, on either engine's driver.
type Rows interface {
	Next() bool
	Scan(dst ...any) error
	Err() error
}

// Reads are queries that do not depend on each other. PostgreSQL gets them in one message, and what waits in the
// transaction before them, so that a decision that rests on six facts costs one round trip; elsewhere they run one after
// another. The zero value is ready.
type Reads struct{ all []read }

type read struct {
	query string
	args  []any
	scan  func(Rows) error
	lock  bool // SQLite's one writer holds everything already
}

// Add asks a query whose rows scan reads; it is called once, also when there are no rows.
func (r *Reads) Add(scan func(Rows) error, query string, args ...any) {
	r.all = append(r.all, read{query: query, args: args, scan: scan})
}

// One asks a query of one row, which lands in the destinations; without a row found is false and they stay as they were.
func (r *Reads) One(found *bool, dst []any, query string, args ...any) {
	r.Add(func(rows Rows) error {
		if !rows.Next() {
			*found = false
			return rows.Err()
		}
		*found = true
		return rows.Scan(dst...)
	}, query, args...)
}

// Lock holds the row of the table with that id, before the reads that follow, until the transaction ends: each statement
// of PostgreSQL sees what was committed before it began, so that what is read behind the lock is what is there.
func (r *Reads) Lock(table, id string) {
	r.all = append(r.all, read{query: "SELECT 1 FROM " + table + " WHERE id = $1 FOR UPDATE", args: []any{id}, lock: true, scan: func(rows Rows) error {
		for rows.Next() { // reading to the end takes the lock
			continue
		}
		return rows.Err()
	}})
}

// Run runs the reads, inside the transaction when q is one.
func (r *Reads) Run(ctx context.Context, q Querier) error {
	if p, ok := q.(pipeliner); ok && p.Engine() == PostgreSQL {
		return p.pipeline(ctx, r.all)
	}
	for _, one := range r.all {
		if err := one.run(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// pipeliner is a transaction, bare or inside an operation's.
type pipeliner interface {
	Querier
	pipeline(ctx context.Context, reads []read) error
}

func (one read) run(ctx context.Context, q Querier) error {
	if one.lock {
		return nil
	}
	rows, err := q.Query(ctx, one.query, one.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := one.scan(rows); err != nil {
		return err
	}
	return rows.Err()
}
