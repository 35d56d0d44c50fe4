package audit

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/xinheng/xinheng/internal/database"
)

const columns = `id, at, actor_id, actor_name, operation, door, request_id, cause, subject, changes, COALESCE(seq, 0), prev, hash`

func insertEntry(ctx context.Context, tx *database.Tx, e Entry) error {
	return tx.Later(ctx, nil, `INSERT INTO audit_entry (id, at, actor_id, actor_name, operation, door, request_id, cause, subject, changes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.ID, database.Micros(e.At), e.ActorID, e.ActorName, e.Operation, e.Door, e.RequestID, e.Cause, e.Subject, string(e.Changes))
}

func scanEntry(rows *sql.Rows) (Entry, error) {
	var e Entry
	var changes string
	err := rows.Scan(&e.ID, database.Time(&e.At), &e.ActorID, &e.ActorName, &e.Operation, &e.Door, &e.RequestID, &e.Cause,
		&e.Subject, &changes, &e.Seq, &e.Prev, &e.Hash)
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

func list(ctx context.Context, q database.Querier, subject, before string, limit int) ([]Entry, error) {
	if before == "" {
		before = "~" // after every id
	}
	if subject == "" {
		return query(ctx, q, `SELECT `+columns+` FROM audit_entry WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
	}
	return query(ctx, q, `SELECT `+columns+` FROM audit_entry WHERE subject = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, subject, before, limit)
}
