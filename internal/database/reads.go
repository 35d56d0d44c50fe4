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
}

// Add asks a query whose rows scan reads; it is called once, also when there are no rows.
func (r *Reads) Add(scan func(Rows) error, query string, args ...any) {
	r.all = append(r.all, read{query, args, scan})
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
