package limit

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

const columns = `l.id, l.customer_id, l.amount_minor, l.currency, l.status, l.valid_from, l.valid_until, l.assessment_id, l.recommended_minor,
	l.reason, l.applied_by, l.applied_at, l.decided_at, l.version`

type scanner interface{ Scan(dst ...any) error }

func scanLimit(row scanner, more ...any) (l Limit, err error) {
	dst := []any{&l.ID, &l.CustomerID, &l.Amount.Minor, &l.Amount.Currency, &l.Status, &l.ValidFrom, &l.ValidUntil, &l.AssessmentID, &l.Recommended.Minor,
		&l.Reason, &l.AppliedBy, database.Time(&l.AppliedAt), database.Time(&l.DecidedAt), &l.Version}
	err = row.Scan(append(dst, more...)...)
	l.Recommended.Currency = l.Amount.Currency
	return l, err
}

func limitByID(ctx context.Context, q database.Querier, id string) (Limit, error) {
	var name string
	l, err := scanLimit(q.QueryRow(ctx, `SELECT `+columns+`, c.name FROM credit_limit l JOIN customer c ON c.id = l.customer_id WHERE l.id = $1`, id), &name)
	if errors.Is(err, sql.ErrNoRows) {
		return Limit{}, fault.NotFound("limit", id)
	}
	l.CustomerName = name
	return l, err
}

// AskActive asks for the limit in force for a customer and currency on a day; nil when there is none.
func AskActive(r *database.Reads, customerID string, c money.Currency, day clock.Date, into **Limit) {
	r.Add(func(rows database.Rows) error {
		if !rows.Next() {
			return nil
		}
		l, err := scanLimit(rows)
		if err == nil {
			*into = &l
		}
		return err
	}, `SELECT `+columns+` FROM credit_limit l WHERE l.customer_id = $1 AND l.currency = $2 AND l.status IN ('active', 'scheduled') AND l.valid_from <= $3 AND l.valid_until >= $3
		ORDER BY l.applied_at DESC, l.id DESC LIMIT 1`, customerID, string(c), string(day))
}

// ActiveFor gives what AskActive asks for.
func ActiveFor(ctx context.Context, q database.Querier, customerID string, c money.Currency, day clock.Date) (*Limit, error) {
	var r database.Reads
	var l *Limit
	AskActive(&r, customerID, c, day, &l)
	return l, r.Run(ctx, q)
}

func requestedFor(ctx context.Context, q database.Querier, customerID string, c money.Currency) (waits bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM credit_limit WHERE customer_id = $1 AND currency = $2 AND status = 'requested')`, customerID, string(c)).Scan(&waits)
	return waits, err
}

func insertLimit(ctx context.Context, tx *database.Tx, l Limit) error {
	_, err := tx.Exec(ctx, `INSERT INTO credit_limit (id, customer_id, amount_minor, currency, status, valid_from, valid_until, assessment_id, recommended_minor, reason,
		applied_by, applied_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, l.ID, l.CustomerID, l.Amount.Minor, string(l.Amount.Currency),
		string(l.Status), l.ValidFrom, l.ValidUntil, l.AssessmentID, l.Recommended.Minor, l.Reason, l.AppliedBy, database.Micros(l.AppliedAt), l.Version)
	return err
}

func updateStatus(ctx context.Context, tx *database.Tx, l Limit) error {
	done, err := tx.Exec(ctx, `UPDATE credit_limit SET status = $3, decided_at = $4, version = version + 1 WHERE id = $1 AND version = $2`,
		l.ID, l.Version, string(l.Status), database.Micros(l.DecidedAt))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("limit", l.ID))
	}
	return nil
}

func replaceActive(ctx context.Context, tx *database.Tx, by Limit, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE credit_limit SET status = 'replaced', decided_at = $3, version = version + 1 WHERE customer_id = $1 AND currency = $2 AND status = 'active'`,
		by.CustomerID, string(by.Amount.Currency), database.Micros(now))
	return err
}

func startingBy(ctx context.Context, q database.Querier, day clock.Date, most int) ([]Limit, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Limit, error) { return scanLimit(rows) },
		`SELECT `+columns+` FROM credit_limit l WHERE l.status = 'scheduled' AND l.valid_from <= $1 ORDER BY l.applied_at, l.id LIMIT $2`, string(day), most)
}

func endedBefore(ctx context.Context, q database.Querier, day clock.Date, most int) ([]Limit, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Limit, error) { return scanLimit(rows) },
		`SELECT `+columns+` FROM credit_limit l WHERE l.status = 'active' AND l.valid_until < $1 ORDER BY l.valid_until LIMIT $2`, string(day), most)
}

const freezeColumns = `id, customer_id, cause, reason, frozen_by, frozen_at, lifted_by, lift_reason, lifted_at`

func scanFreeze(row scanner) (f Freeze, err error) {
	err = row.Scan(&f.ID, &f.CustomerID, &f.Cause, &f.Reason, &f.FrozenBy, database.Time(&f.FrozenAt), &f.LiftedBy, &f.LiftReason, database.Time(&f.LiftedAt))
	return f, err
}

func freezeFor(ctx context.Context, q database.Querier, customerID, cause string) (Freeze, bool, error) {
	f, err := scanFreeze(q.QueryRow(ctx, `SELECT `+freezeColumns+` FROM limit_freeze WHERE customer_id = $1 AND cause = $2 AND lifted_at = 0`, customerID, cause))
	if errors.Is(err, sql.ErrNoRows) {
		return Freeze{}, false, nil
	}
	return f, err == nil, err
}

// AskFreezes asks for the freezes that stand for a customer, oldest first.
func AskFreezes(r *database.Reads, customerID string, into *[]Freeze) {
	r.Add(func(rows database.Rows) error {
		for rows.Next() {
			f, err := scanFreeze(rows)
			if err != nil {
				return err
			}
			*into = append(*into, f)
		}
		return nil
	}, `SELECT `+freezeColumns+` FROM limit_freeze WHERE customer_id = $1 AND lifted_at = 0 ORDER BY frozen_at, id`, customerID)
}

func freezeHistory(ctx context.Context, q database.Querier, customerID string) ([]Freeze, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Freeze, error) { return scanFreeze(rows) },
		`SELECT `+freezeColumns+` FROM limit_freeze WHERE customer_id = $1 ORDER BY frozen_at DESC, id`, customerID)
}

func insertFreeze(ctx context.Context, tx *database.Tx, f Freeze) error {
	_, err := tx.Exec(ctx, `INSERT INTO limit_freeze (id, customer_id, cause, reason, frozen_by, frozen_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		f.ID, f.CustomerID, f.Cause, f.Reason, f.FrozenBy, database.Micros(f.FrozenAt))
	return err
}

func liftFreeze(ctx context.Context, tx *database.Tx, f Freeze) error {
	_, err := tx.Exec(ctx, `UPDATE limit_freeze SET lifted_by = $2, lift_reason = $3, lifted_at = $4 WHERE id = $1`, f.ID, f.LiftedBy, f.LiftReason, database.Micros(f.LiftedAt))
	return err
}

func limitsOf(ctx context.Context, q database.Querier, customerID string) ([]Limit, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Limit, error) { return scanLimit(rows) },
		`SELECT `+columns+` FROM credit_limit l WHERE l.customer_id = $1 ORDER BY l.applied_at DESC, l.id`, customerID)
}
