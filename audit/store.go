package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
)

const columns = `id, at, actor_id, actor_name, operation, door, request_id, cause, subject, changes, COALESCE(seq, 0), prev, hash`

const named = `e.id, e.at, e.actor_id, e.actor_name, e.operation, e.door, e.request_id, e.cause, e.subject, e.changes, COALESCE(e.seq, 0), e.prev, e.hash`

func insertEntry(ctx context.Context, tx *database.Tx, e Entry) error {
	return tx.Later(ctx, nil, `INSERT INTO audit_entry (id, at, actor_id, actor_name, operation, door, request_id, cause, subject, changes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.ID, database.Micros(e.At), e.ActorID, e.ActorName, e.Operation, e.Door, e.RequestID, e.Cause, e.Subject, string(e.Changes))
}

func scanEntry(rows *sql.Rows, more ...any) (Entry, error) {
	var e Entry
	var changes string
	dst := []any{&e.ID, database.Time(&e.At), &e.ActorID, &e.ActorName, &e.Operation, &e.Door, &e.RequestID, &e.Cause,
		&e.Subject, &changes, &e.Seq, &e.Prev, &e.Hash}
	err := rows.Scan(append(dst, more...)...)
	e.Changes = json.RawMessage(changes)
	return e, err
}

func query(ctx context.Context, q database.Querier, text string, args ...any) ([]Entry, error) {
	rows, err := q.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Entry
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

func anyUnsealed(ctx context.Context, q database.Querier) (bool, error) {
	var any bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM audit_entry WHERE seq IS NULL)`).Scan(&any)
	return any, err
}

func countUnsealed(ctx context.Context, q database.Querier) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM audit_entry WHERE seq IS NULL`).Scan(&n)
	return n, err
}

func unsealed(ctx context.Context, q database.Querier, most int) ([]Entry, error) {
	return query(ctx, q, `SELECT `+columns+` FROM audit_entry WHERE seq IS NULL ORDER BY id LIMIT $1`, most)
}

func head(ctx context.Context, q database.Querier) (seq int64, hash string, err error) {
	err = q.QueryRow(ctx, `SELECT seq, hash FROM audit_head WHERE id = 'head'`).Scan(&seq, &hash)
	return seq, hash, err
}

func setHead(ctx context.Context, tx *database.Tx, seq int64, hash string) error {
	_, err := tx.Exec(ctx, `UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 'head'`, seq, hash)
	return err
}

func setSeal(ctx context.Context, tx *database.Tx, id string, seq int64, prev, hash string) error {
	_, err := tx.Exec(ctx, `UPDATE audit_entry SET seq = $2, prev = $3, hash = $4 WHERE id = $1`, id, seq, prev, hash)
	return err
}

// walk visits the sealed entries in order, in pages, until visit says stop.
func walk(ctx context.Context, q database.Querier, visit func(Entry) bool) error {
	const page = 5000
	for after := int64(0); ; {
		part, err := query(ctx, q, `SELECT `+columns+` FROM audit_entry WHERE seq > $1 ORDER BY seq LIMIT $2`, after, page)
		if err != nil {
			return err
		}
		for _, e := range part {
			if !visit(e) {
				return nil
			}
			after = e.Seq
		}
		if len(part) < page {
			return nil
		}
	}
}

// list reads the newest entries that fit, with the names of the customers that they are about.
func list(ctx context.Context, q database.Querier, in ListInput, zone *time.Location) ([]Entry, error) {
	where, args := "", []any{}
	add := func(condition string, value any) {
		args = append(args, value)
		where += " AND " + strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(args)))
	}
	if in.Before != "" {
		add("e.id < ?", in.Before)
	}
	if in.Subject != "" {
		add("e.subject = ?", in.Subject)
	}
	if in.Operation != "" {
		add("e.operation = ?", in.Operation)
	}
	switch in.By {
	case "people":
		add("e.actor_id <> ?", "system")
	case "system":
		add("e.actor_id = ?", "system")
	}
	if in.Actor != "" {
		add(`LOWER(e.actor_name) LIKE ? ESCAPE '\'`, like(in.Actor))
	}
	if in.Customer != "" {
		add(`LOWER(c.name) LIKE ? ESCAPE '\'`, like(in.Customer))
	}
	if !in.From.IsZero() {
		add("e.at >= ?", database.Micros(midnight(in.From, zone)))
	}
	if !in.To.IsZero() {
		add("e.at < ?", database.Micros(midnight(in.To.AddDays(1), zone)))
	}
	args = append(args, in.Limit)
	return database.Collect(ctx, q, func(rows *sql.Rows) (Entry, error) {
		var name string
		e, err := scanEntry(rows, &name)
		e.SubjectName = name
		return e, err
	}, `SELECT `+named+`, COALESCE(c.name, '')
		FROM audit_entry e LEFT JOIN customer c ON c.id = e.subject WHERE 1 = 1`+where+fmt.Sprintf(` ORDER BY e.id DESC LIMIT $%d`, len(args)), args...)
}

func like(part string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(part)) + "%"
}

func midnight(d clock.Date, zone *time.Location) time.Time {
	t := d.Time()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}
