package assessment

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

const briefColumns = `a.id, a.customer_id, a.assessed_on, a.card_key, a.card_version, a.statement_id, a.score, a.grade, a.pd, a.recommended_minor, a.currency,
	a.terms_days, a.assessed_by, a.assessed_at`

type scanner interface{ Scan(dst ...any) error }

func scanAssessment(row scanner, more ...any) (a Assessment, err error) {
	dst := []any{&a.ID, &a.CustomerID, &a.On, &a.Card, &a.CardVersion, &a.StatementID, &a.Score, &a.Grade, &a.PD, &a.Recommended.Minor, &a.Recommended.Currency,
		&a.TermsDays, &a.By, database.Time(&a.At)}
	return a, row.Scan(append(dst, more...)...)
}

func assessmentWhere(ctx context.Context, q database.Querier, where string, arg any) (Assessment, error) {
	var outcome, facts, ratios, models string
	var name string
	a, err := scanAssessment(q.QueryRow(ctx, `SELECT `+briefColumns+`, a.outcome, a.facts, a.ratios, a.models, c.name FROM assessment a
		JOIN customer c ON c.id = a.customer_id WHERE `+where, arg), &outcome, &facts, &ratios, &models, &name)
	if err != nil {
		return Assessment{}, err
	}
	a.CustomerName, a.Outcome = name, &scorecard.Outcome{}
	for text, into := range map[string]any{outcome: a.Outcome, facts: &a.Facts, ratios: &a.Ratios, models: &a.Models} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return Assessment{}, fmt.Errorf("assessment %s: %w", a.ID, err)
		}
	}
	return a, nil
}

func assessmentByID(ctx context.Context, q database.Querier, id string) (Assessment, error) {
	a, err := assessmentWhere(ctx, q, "a.id = $1", id)
	if errors.Is(err, sql.ErrNoRows) {
		return Assessment{}, fault.NotFound("assessment", id)
	}
	return a, err
}

// LatestFor gives a customer's latest assessment in full.
func LatestFor(ctx context.Context, q database.Querier, customerID string) (Assessment, bool, error) {
	a, err := assessmentWhere(ctx, q, "a.customer_id = $1 AND a.latest = 1", customerID)
	if errors.Is(err, sql.ErrNoRows) {
		return Assessment{}, false, nil
	}
	return a, err == nil, err
}

func historyOf(ctx context.Context, q database.Querier, customerID string) ([]Assessment, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Assessment, error) { return scanAssessment(rows) },
		`SELECT `+briefColumns+` FROM assessment a WHERE a.customer_id = $1 ORDER BY a.assessed_at DESC, a.id DESC LIMIT 100`, customerID)
}

func insertAssessment(ctx context.Context, tx *database.Tx, a Assessment) error {
	var texts []any
	for _, v := range []any{a.Outcome, a.Facts, a.Ratios, a.Models} {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		texts = append(texts, string(raw))
	}
	if _, err := tx.Exec(ctx, `UPDATE assessment SET latest = 0 WHERE customer_id = $1 AND latest = 1`, a.CustomerID); err != nil {
		return err
	}
	args := []any{a.ID, a.CustomerID, string(a.On), a.Card, a.CardVersion, a.StatementID, a.Score, a.Grade, a.PD, a.Recommended.Minor, string(a.Recommended.Currency),
		a.TermsDays, a.By, database.Micros(a.At)}
	_, err := tx.Exec(ctx, `INSERT INTO assessment (id, customer_id, assessed_on, card_key, card_version, statement_id, score, grade, pd, recommended_minor, currency,
		terms_days, assessed_by, assessed_at, outcome, facts, ratios, models, latest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 1)`,
		append(args, texts...)...)
	return err
}

func listAssessments(ctx context.Context, q database.Querier, actor operation.Actor, in ListInput) (Page, error) {
	where, args := customer.ScopeSQL(actor, "c", nil)
	if !in.All {
		where += " AND a.latest = 1"
	}
	tail, err := listSpec.Build(in.Query, args)
	if err != nil {
		return Page{}, err
	}
	unpaged, err := listSpec.Build(listing.Query{Filters: in.Filters}, args)
	if err != nil {
		return Page{}, err
	}
	const from = ` FROM assessment a JOIN customer c ON c.id = a.customer_id WHERE 1 = 1`
	var page Page
	if err := q.QueryRow(ctx, `SELECT COUNT(*)`+from+where+unpaged.Where, unpaged.Args[:len(unpaged.Args)-1]...).Scan(&page.Total); err != nil {
		return Page{}, err
	}
	var keys []any
	page.Rows, err = database.Collect(ctx, q, func(rows *sql.Rows) (Assessment, error) {
		var key any
		var name string
		a, err := scanAssessment(rows, &name, &key)
		a.CustomerName, keys = name, append(keys, key)
		return a, err
	}, `SELECT `+briefColumns+`, c.name, `+tail.Key+from+where+tail.Where+tail.Order, tail.Args...)
	if size := in.Size(); err == nil && len(page.Rows) > size {
		page.Rows = page.Rows[:size]
		page.Next = listing.Cursor(keys[size-1], page.Rows[size-1].ID)
	}
	return page, err
}

func answersOf(ctx context.Context, q database.Querier, customerID string) ([]Answered, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (a Answered, err error) {
		err = rows.Scan(&a.Question, &a.Choice, &a.Evidence, &a.By, database.Time(&a.At))
		return a, err
	}, `SELECT question, choice, evidence, answered_by, answered_at FROM questionnaire_answer WHERE customer_id = $1 ORDER BY question`, customerID)
}

func putAnswer(ctx context.Context, tx *database.Tx, customerID string, a Answered) error {
	_, err := tx.Exec(ctx, `INSERT INTO questionnaire_answer (customer_id, question, choice, evidence, answered_by, answered_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (customer_id, question) DO UPDATE SET choice = excluded.choice, evidence = excluded.evidence, answered_by = excluded.answered_by, answered_at = excluded.answered_at`,
		customerID, a.Question, a.Choice, a.Evidence, a.By, database.Micros(a.At))
	return err
}

func reference(v CardVersion) string { return fmt.Sprintf("%s/%d", v.Key, v.Version) }

const cardColumns = `card_key, version, document, status, reason, created_by, created_at, decided_at`

func scanCard(row scanner) (v CardVersion, err error) {
	if err = row.Scan(&v.Key, &v.Version, &v.Document, &v.Status, &v.Reason, &v.CreatedBy, database.Time(&v.CreatedAt), database.Time(&v.DecidedAt)); err != nil {
		return CardVersion{}, err
	}
	v.Card, err = scorecard.Parse([]byte(v.Document))
	return v, err
}

func cardByReference(ctx context.Context, q database.Querier, ref string) (CardVersion, error) {
	v, err := scanCard(q.QueryRow(ctx, `SELECT `+cardColumns+` FROM scorecard WHERE card_key || '/' || CAST(version AS TEXT) = $1`, ref))
	if errors.Is(err, sql.ErrNoRows) {
		return CardVersion{}, fault.NotFound("scorecard", ref)
	}
	return v, err
}

func activeCard(ctx context.Context, q database.Querier, key string) (CardVersion, bool, error) {
	v, err := scanCard(q.QueryRow(ctx, `SELECT `+cardColumns+` FROM scorecard WHERE card_key = $1 AND status = 'active'`, key))
	if errors.Is(err, sql.ErrNoRows) {
		return CardVersion{}, false, nil
	}
	return v, err == nil, err
}

func cardVersions(ctx context.Context, q database.Querier, key string) ([]CardVersion, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (CardVersion, error) { return scanCard(rows) },
		`SELECT `+cardColumns+` FROM scorecard WHERE card_key = $1 ORDER BY version DESC`, key)
}

// newestVersion is at least that of the library's card of the same key.
func newestVersion(ctx context.Context, q database.Querier, key string) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT COALESCE(MAX(version), 0) FROM scorecard WHERE card_key = $1`, key).Scan(&n)
	if library := scorecard.Default(); key == library.Key {
		n = max(n, library.Version)
	}
	return n, err
}

func insertCard(ctx context.Context, tx *database.Tx, v CardVersion) error {
	_, err := tx.Exec(ctx, `INSERT INTO scorecard (card_key, version, document, status, reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		v.Key, v.Version, v.Document, string(v.Status), v.Reason, v.CreatedBy, database.Micros(v.CreatedAt))
	return err
}

func replaceActiveCard(ctx context.Context, tx *database.Tx, key string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE scorecard SET status = 'replaced', decided_at = $2 WHERE card_key = $1 AND status = 'active'`, key, database.Micros(now))
	return err
}

func setCardStatus(ctx context.Context, tx *database.Tx, v CardVersion) error {
	_, err := tx.Exec(ctx, `UPDATE scorecard SET status = $3, decided_at = $4 WHERE card_key = $1 AND version = $2`, v.Key, v.Version, string(v.Status), database.Micros(v.DecidedAt))
	return err
}
