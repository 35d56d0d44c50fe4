package approval

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

func notFound(id string) error { return fault.NotFound("approval", id) }

const requestColumns = `id, kind, reference, customer_id, title, amount_minor, currency, reason, steps, step, status, asked_by, asked_name, asked_at, closed_at, version,
	until_on, granted_minor, granted_until, conditions, round`

type scanner interface{ Scan(dst ...any) error }

func scanRequest(row scanner) (Request, error) {
	var r Request
	var steps string
	err := row.Scan(&r.ID, &r.Kind, &r.Reference, &r.CustomerID, &r.Title, &r.Amount.Minor, &r.Amount.Currency, &r.Reason, &steps, &r.Step,
		&r.Status, &r.AskedBy, &r.AskedName, database.Time(&r.AskedAt), database.Time(&r.ClosedAt), &r.Version,
		&r.Until, &r.Granted.Minor, &r.GrantedUntil, &r.Conditions, &r.Round)
	r.Granted.Currency = r.Amount.Currency
	if err != nil {
		return Request{}, err
	}
	return r, json.Unmarshal([]byte(steps), &r.Steps)
}

func requestByID(ctx context.Context, q database.Querier, id string) (Request, error) {
	r, err := scanRequest(q.QueryRow(ctx, `SELECT `+requestColumns+` FROM approval_request WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Request{}, notFound(id)
	}
	if err != nil {
		return Request{}, err
	}
	votes, err := votesOf(ctx, q, `v.request_id = $1`, id)
	r.Votes = votes[id]
	return r, err
}

// ReferenceOf tells what a request of a kind is about, for a capability that has to lock that first.
func ReferenceOf(ctx context.Context, q database.Querier, kind, requestID string) (reference string, err error) {
	err = q.QueryRow(ctx, `SELECT reference FROM approval_request WHERE id = $1 AND kind = $2`, requestID, kind).Scan(&reference)
	if errors.Is(err, sql.ErrNoRows) {
		return "", notFound(requestID)
	}
	return reference, err
}

// ForReference finds the newest request about a thing.
func ForReference(ctx context.Context, q database.Querier, kind, reference string) (Request, error) {
	var id string
	err := q.QueryRow(ctx, `SELECT id FROM approval_request WHERE kind = $1 AND reference = $2 ORDER BY asked_at DESC, id DESC LIMIT 1`, kind, reference).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return Request{}, notFound(reference)
	}
	if err != nil {
		return Request{}, err
	}
	return requestByID(ctx, q, id)
}

func votesOf(ctx context.Context, q database.Querier, where string, args ...any) (map[string][]Vote, error) {
	rows, err := q.Query(ctx, `SELECT v.request_id, v.round, v.step, v.user_id, v.user_name, v.verdict, v.amount_minor, r.currency, v.reason, v.at FROM approval_vote v
		JOIN approval_request r ON r.id = v.request_id WHERE `+where+` ORDER BY v.at, v.user_id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	votes := map[string][]Vote{}
	for rows.Next() {
		var id string
		var v Vote
		if err := rows.Scan(&id, &v.Round, &v.Step, &v.UserID, &v.UserName, &v.Verdict, &v.Amount.Minor, &v.Amount.Currency, &v.Reason, database.Time(&v.At)); err != nil {
			return nil, err
		}
		votes[id] = append(votes[id], v)
	}
	return votes, rows.Err()
}

// listRequests gives a page of requests after one (the zero Request = from the start): those that wait oldest first, others
// newest first. Closed ones outside of the reader's scope are left out here; of those that wait he may be asked.
func listRequests(ctx context.Context, q database.Querier, reader operation.Actor, in ListInput, after Request, size int) ([]Request, error) {
	var args []any
	add := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	where := "1 = 1"
	if in.Status != "" {
		where += " AND r.status = " + add(string(in.Status))
	}
	if in.CustomerID != "" {
		where += " AND r.customer_id = " + add(in.CustomerID)
	}
	if !reader.System && reader.Scope != operation.ScopeAll {
		me := add(reader.ID)
		where += " AND (r.status = " + add(string(Waiting)) + " OR r.asked_by = " + me + " OR EXISTS (SELECT 1 FROM approval_vote v WHERE v.request_id = r.id AND v.user_id = " + me + "))"
	}
	sign, order := "<", " ORDER BY r.asked_at DESC, r.id DESC"
	if in.Status == Waiting {
		sign, order = ">", " ORDER BY r.asked_at, r.id"
	}
	if after.ID != "" {
		at := add(database.Micros(after.AskedAt))
		where += " AND (r.asked_at " + sign + " " + at + " OR r.asked_at = " + at + " AND r.id " + sign + " " + add(after.ID) + ")"
	}
	all, err := database.Collect(ctx, q, func(rows *sql.Rows) (Request, error) { return scanRequest(rows) },
		`SELECT `+requestColumns+` FROM approval_request r WHERE `+where+order+" LIMIT "+add(size), args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	marks, ids := make([]string, len(all)), make([]any, len(all))
	for i, r := range all {
		marks[i], ids[i] = fmt.Sprintf("$%d", i+1), r.ID
	}
	votes, err := votesOf(ctx, q, `v.request_id IN (`+strings.Join(marks, ",")+`)`, ids...)
	for i := range all {
		all[i].Votes = votes[all[i].ID]
	}
	return all, err
}

func insertRequest(ctx context.Context, tx *database.Tx, r Request) error {
	steps, err := json.Marshal(r.Steps)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO approval_request (`+requestColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		r.ID, r.Kind, r.Reference, r.CustomerID, r.Title, r.Amount.Minor, string(r.Amount.Currency), r.Reason, string(steps), r.Step,
		string(r.Status), r.AskedBy, r.AskedName, database.Micros(r.AskedAt), database.Micros(r.ClosedAt), r.Version,
		r.Until, r.Granted.Minor, r.GrantedUntil, r.Conditions, r.Round)
	return err
}

func updateRequest(ctx context.Context, tx *database.Tx, r Request) error {
	steps, err := json.Marshal(r.Steps)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE approval_request SET step = $2, status = $3, closed_at = $4, version = $5, amount_minor = $6, until_on = $7, granted_minor = $8,
		granted_until = $9, conditions = $10, round = $11, reason = $12, steps = $13, asked_by = $14, asked_name = $15, asked_at = $16 WHERE id = $1`,
		r.ID, r.Step, string(r.Status), database.Micros(r.ClosedAt), r.Version, r.Amount.Minor, r.Until, r.Granted.Minor,
		r.GrantedUntil, r.Conditions, r.Round, r.Reason, string(steps), r.AskedBy, r.AskedName, database.Micros(r.AskedAt))
	return err
}

func insertVote(ctx context.Context, tx *database.Tx, requestID string, v Vote) error {
	_, err := tx.Exec(ctx, `INSERT INTO approval_vote (request_id, step, user_id, user_name, verdict, reason, at, round, amount_minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		requestID, v.Step, v.UserID, v.UserName, string(v.Verdict), v.Reason, database.Micros(v.At), v.Round, v.Amount.Minor)
	return err
}

func authorityFor(ctx context.Context, q database.Querier, kind, currency string) ([]Authority, error) {
	return authorityRows(ctx, q, `WHERE kind = $1 AND currency = $2 ORDER BY upto_minor`, kind, currency)
}

func authorityOf(ctx context.Context, q database.Querier, kind string) ([]Authority, error) {
	return authorityRows(ctx, q, `WHERE kind = $1 ORDER BY currency, upto_minor`, kind)
}

func authorityRows(ctx context.Context, q database.Querier, where string, args ...any) ([]Authority, error) {
	rows, err := q.Query(ctx, `SELECT id, kind, currency, upto_minor, steps FROM approval_authority `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Authority
	for rows.Next() {
		var a Authority
		var steps string
		if err := rows.Scan(&a.ID, &a.Kind, &a.Currency, &a.UpTo, &steps); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(steps), &a.Steps); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

func replaceAuthority(ctx context.Context, tx *database.Tx, m Matrix) error {
	if _, err := tx.Exec(ctx, `DELETE FROM approval_authority WHERE kind = $1`, m.Kind); err != nil {
		return err
	}
	var rows [][]any
	for _, a := range m.Rows {
		steps, err := json.Marshal(a.Steps)
		if err != nil {
			return err
		}
		rows = append(rows, []any{a.ID, a.Kind, a.Currency, a.UpTo, string(steps)})
	}
	return tx.InsertMany(ctx, "approval_authority", []string{"id", "kind", "currency", "upto_minor", "steps"}, rows)
}
