package monitoring

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
)

const alertColumns = `a.id, a.customer_id, a.rule_id, a.rule_version, a.severity, a.status, a.dedup, a.title_zh, a.title_en, a.findings, a.times,
	a.opened_at, a.last_at, a.assigned_to, a.assigned_name, a.closed_at, a.closed_by, a.outcome, a.version`

type scanner interface{ Scan(dst ...any) error }

func scanAlert(row scanner, more ...any) (a Alert, err error) {
	var findings string
	dst := []any{&a.ID, &a.CustomerID, &a.RuleID, &a.RuleVersion, &a.Severity, &a.Status, &a.Dedup, &a.TitleZH, &a.TitleEN, &findings, &a.Times,
		database.Time(&a.OpenedAt), database.Time(&a.LastAt), &a.AssignedTo, &a.AssignedName, database.Time(&a.ClosedAt), &a.ClosedBy, &a.Outcome, &a.Version}
	if err = row.Scan(append(dst, more...)...); err != nil {
		return a, err
	}
	return a, json.Unmarshal([]byte(findings), &a.Findings)
}

func alertByID(ctx context.Context, q database.Querier, id string) (Alert, error) {
	var name string
	a, err := scanAlert(q.QueryRow(ctx, `SELECT `+alertColumns+`, c.name FROM alert a JOIN customer c ON c.id = a.customer_id WHERE a.id = $1`, id), &name)
	if errors.Is(err, sql.ErrNoRows) {
		return Alert{}, fault.NotFound("alert", id)
	}
	a.CustomerName = name
	return a, err
}

func openByDedup(ctx context.Context, q database.Querier, dedup string) (Alert, bool, error) {
	a, err := scanAlert(q.QueryRow(ctx, `SELECT `+alertColumns+` FROM alert a WHERE a.dedup = $1 AND a.status <> 'closed'`, dedup))
	if errors.Is(err, sql.ErrNoRows) {
		return Alert{}, false, nil
	}
	return a, err == nil, err
}

func insertAlert(ctx context.Context, tx *database.Tx, a Alert) error {
	findings, err := json.Marshal(a.Findings)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO alert (id, customer_id, rule_id, rule_version, severity, rank, status, dedup, title_zh, title_en, findings, times, opened_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, a.ID, a.CustomerID, a.RuleID, a.RuleVersion, string(a.Severity), a.Severity.Rank(),
		string(a.Status), a.Dedup, a.TitleZH, a.TitleEN, string(findings), a.Times, database.Micros(a.OpenedAt), database.Micros(a.LastAt))
	return err
}

func updateAlert(ctx context.Context, tx *database.Tx, a Alert, version int64) error {
	findings, err := json.Marshal(a.Findings)
	if err != nil {
		return err
	}
	done, err := tx.Exec(ctx, `UPDATE alert SET severity = $3, rank = $4, status = $5, title_zh = $6, title_en = $7, findings = $8, times = $9, last_at = $10,
		assigned_to = $11, assigned_name = $12, closed_at = $13, closed_by = $14, outcome = $15, version = version + 1 WHERE id = $1 AND version = $2`,
		a.ID, version, string(a.Severity), a.Severity.Rank(), string(a.Status), a.TitleZH, a.TitleEN, string(findings), a.Times, database.Micros(a.LastAt),
		a.AssignedTo, a.AssignedName, database.Micros(a.ClosedAt), a.ClosedBy, a.Outcome)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("alert", a.ID))
	}
	return nil
}

func insertNote(ctx context.Context, tx *database.Tx, alertID string, n Note) error {
	_, err := tx.Exec(ctx, `INSERT INTO alert_note (id, alert_id, author, text, at) VALUES ($1, $2, $3, $4, $5)`, n.ID, alertID, n.Author, n.Text, database.Micros(n.At))
	return err
}

func notesOf(ctx context.Context, q database.Querier, alertID string) ([]Note, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (n Note, err error) {
		err = rows.Scan(&n.ID, &n.Author, &n.Text, database.Time(&n.At))
		return n, err
	}, `SELECT id, author, text, at FROM alert_note WHERE alert_id = $1 ORDER BY at, id`, alertID)
}
