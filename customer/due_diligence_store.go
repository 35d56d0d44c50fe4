package customer

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

const diligenceColumns = `customer_id, level, level_reason, level_by, level_at, proposed, proposed_why, proposed_at, reviewed_on, reviewed_by, review_note, review_due,
	expires_on, completeness, requested_minor, requested_currency`

// diligenceRow gives what is kept; a customer without a row has nothing set.
func diligenceRow(ctx context.Context, q database.Querier, id string) (Diligence, error) {
	d := Diligence{CustomerID: id}
	var why string
	err := q.QueryRow(ctx, `SELECT `+diligenceColumns+` FROM customer_diligence WHERE customer_id = $1`, id).Scan(&d.CustomerID, &d.Level, &d.LevelReason, &d.LevelBy,
		database.Time(&d.LevelAt), &d.Proposed, &why, database.Time(&d.ProposedAt), &d.ReviewedOn, &d.ReviewedBy, &d.ReviewNote, &d.ReviewDue, &d.ExpiresOn, &d.Completeness,
		&d.Requested.Minor, &d.Requested.Currency)
	if errors.Is(err, sql.ErrNoRows) {
		return d, nil
	}
	if err != nil {
		return Diligence{}, err
	}
	return d, json.Unmarshal([]byte(why), &d.ProposedWhy)
}

func putDiligence(ctx context.Context, tx *database.Tx, d Diligence) error {
	if d.ProposedWhy == nil {
		d.ProposedWhy = []ProposalReason{}
	}
	if d.Requested.Currency == "" {
		d.Requested.Currency = money.CNY
	}
	why, err := json.Marshal(d.ProposedWhy)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO customer_diligence (`+diligenceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (customer_id) DO UPDATE SET level = excluded.level, level_reason = excluded.level_reason, level_by = excluded.level_by, level_at = excluded.level_at,
		proposed = excluded.proposed, proposed_why = excluded.proposed_why, proposed_at = excluded.proposed_at, reviewed_on = excluded.reviewed_on,
		reviewed_by = excluded.reviewed_by, review_note = excluded.review_note, review_due = excluded.review_due, expires_on = excluded.expires_on,
		completeness = excluded.completeness, requested_minor = excluded.requested_minor, requested_currency = excluded.requested_currency`,
		d.CustomerID, string(d.Level), d.LevelReason, d.LevelBy, database.Micros(d.LevelAt), string(d.Proposed), string(why), database.Micros(d.ProposedAt), d.ReviewedOn, d.ReviewedBy,
		d.ReviewNote, d.ReviewDue, d.ExpiresOn, d.Completeness, d.Requested.Minor, string(d.Requested.Currency))
	return err
}

func checklistOf(ctx context.Context, q database.Querier, id string) ([]ChecklistAnswer, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (a ChecklistAnswer, err error) {
		err = rows.Scan(&a.Item, &a.DoneOn, &a.Evidence, &a.Note, &a.By, database.Time(&a.At))
		return a, err
	}, `SELECT item, done_on, evidence, note, done_by, done_at FROM customer_checklist WHERE customer_id = $1 ORDER BY item`, id)
}

func putTick(ctx context.Context, tx *database.Tx, id string, a ChecklistAnswer) error {
	_, err := tx.Exec(ctx, `INSERT INTO customer_checklist (customer_id, item, done_on, evidence, note, done_by, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (customer_id, item) DO UPDATE SET done_on = excluded.done_on, evidence = excluded.evidence, note = excluded.note, done_by = excluded.done_by, done_at = excluded.done_at`,
		id, a.Item, a.DoneOn, a.Evidence, a.Note, a.By, database.Micros(a.At))
	return err
}

func standardVersions(ctx context.Context, q database.Querier, most int) ([]StandardVersion, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (v StandardVersion, err error) {
		err = rows.Scan(&v.Version, &v.Document, &v.Reason, &v.CreatedBy, database.Time(&v.CreatedAt))
		return v, err
	}, `SELECT version, document, reason, created_by, created_at FROM diligence_standard ORDER BY version DESC LIMIT $1`, most)
}

func insertStandard(ctx context.Context, tx *database.Tx, v StandardVersion) error {
	_, err := tx.Exec(ctx, `INSERT INTO diligence_standard (version, document, reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5)`,
		v.Version, v.Document, v.Reason, v.CreatedBy, database.Micros(v.CreatedAt))
	return err
}

const verificationColumns = `id, customer_id, kind, target, state, method, checked_on, expires_on, evidence, note, findings, secret, currency, attempts, started_by, starter_id,
	started_at, decided_by, decided_at, version`

func scanVerification(row scanner) (Verification, error) {
	var v Verification
	var findings string
	if err := row.Scan(&v.ID, &v.CustomerID, &v.Kind, &v.Target, &v.State, &v.Method, &v.CheckedOn, &v.ExpiresOn, &v.Evidence, &v.Note, &findings, &v.secret.Minor, &v.secret.Currency,
		&v.Attempts, &v.StartedBy, &v.starterID, database.Time(&v.StartedAt), &v.DecidedBy, database.Time(&v.DecidedAt), &v.Version); err != nil {
		return Verification{}, err
	}
	v.Amount.Currency = v.secret.Currency
	if v.State == VerificationPassed || v.State == VerificationReplaced {
		v.Amount = v.secret
	}
	return v, json.Unmarshal([]byte(findings), &v.Findings)
}

func verificationsOf(ctx context.Context, q database.Querier, id string) ([]Verification, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Verification, error) { return scanVerification(rows) },
		`SELECT `+verificationColumns+` FROM customer_verification WHERE customer_id = $1 ORDER BY started_at DESC, id DESC`, id)
}

func verificationByID(ctx context.Context, q database.Querier, id string) (Verification, error) {
	v, err := scanVerification(q.QueryRow(ctx, `SELECT `+verificationColumns+` FROM customer_verification WHERE id = $1`, id))
	return v, missing(err, "verification", id)
}

func insertVerification(ctx context.Context, tx *database.Tx, v Verification) error {
	if v.Findings == nil {
		v.Findings = []Finding{}
	}
	findings, err := json.Marshal(v.Findings)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO customer_verification (`+verificationColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		v.ID, v.CustomerID, v.Kind, v.Target, v.State, v.Method, v.CheckedOn, v.ExpiresOn, v.Evidence, v.Note, string(findings), v.secret.Minor, string(v.secret.Currency), v.Attempts,
		v.StartedBy, v.starterID, database.Micros(v.StartedAt), v.DecidedBy, database.Micros(v.DecidedAt), v.Version)
	return err
}

func updateVerification(ctx context.Context, tx *database.Tx, v Verification) error {
	done, err := tx.Exec(ctx, `UPDATE customer_verification SET state = $3, checked_on = $4, expires_on = $5, note = $6, attempts = $7, decided_by = $8, decided_at = $9,
		version = version + 1 WHERE id = $1 AND version = $2`,
		v.ID, v.Version, v.State, v.CheckedOn, v.ExpiresOn, v.Note, v.Attempts, v.DecidedBy, database.Micros(v.DecidedAt))
	return stale(done, err, "verification", v.ID)
}

// endVerifications ends what was verified about a thing that has changed, also what still runs.
func endVerifications(ctx context.Context, tx *database.Tx, customerID, target string) error {
	_, err := tx.Exec(ctx, `UPDATE customer_verification SET state = 'replaced', version = version + 1 WHERE customer_id = $1 AND target = $2 AND state IN ('passed', 'pending')`,
		customerID, target)
	return err
}

var dueSpec = listing.Spec{ID: "c.id", Default: "review_due", Columns: []listing.Column{
	{Name: "review_due", SQL: "COALESCE(d.review_due, '')"}, {Name: "name", SQL: "c.name"}, {Name: "level", SQL: "COALESCE(d.level, '')"},
	{Name: "expires_on", SQL: "COALESCE(d.expires_on, '')"}, {Name: "completeness", SQL: "COALESCE(d.completeness, 0.0)", Kind: listing.Float},
}}

func dueFiles(ctx context.Context, q database.Querier, a operation.Actor, today clock.Date, in listing.Query) (DueFiles, error) {
	where, args := ScopeSQL(a, "c", []any{string(today), string(today.AddDays(licenceNotice))})
	const from = ` FROM customer c LEFT JOIN customer_diligence d ON d.customer_id = c.id LEFT JOIN app_user u ON u.id = c.owner_id
		LEFT JOIN (SELECT customer_id, MIN(expires_on) AS ends FROM customer_licence WHERE status = 'valid' AND expires_on <> '' AND expires_on <= $2 GROUP BY customer_id) l
		ON l.customer_id = c.id WHERE c.status <> 'closed' AND (COALESCE(d.review_due, '') <= $1 OR l.ends IS NOT NULL)`
	count, err := dueSpec.Build(listing.Query{Filters: in.Filters}, args)
	if err != nil {
		return DueFiles{}, err
	}
	var page DueFiles
	if err := q.QueryRow(ctx, `SELECT COUNT(*)`+from+where+count.Where, count.Args[:len(count.Args)-1]...).Scan(&page.Total); err != nil {
		return DueFiles{}, err
	}
	tail, err := dueSpec.Build(in, args)
	if err != nil {
		return DueFiles{}, err
	}
	var keys []any
	page.Files, err = database.Collect(ctx, q, func(rows *sql.Rows) (f DueFile, err error) {
		var key any
		var reviewed string
		err = rows.Scan(&f.CustomerID, &f.Name, &f.OwnerName, &f.Level, &f.ReviewDue, &f.ExpiresOn, &f.LicenceEnds, &f.Completeness, &reviewed, &key)
		keys = append(keys, key)
		f.reasons(reviewed != "", today)
		return f, err
	}, `SELECT c.id, c.name, COALESCE(u.name, ''), COALESCE(d.level, ''), COALESCE(d.review_due, ''), COALESCE(d.expires_on, ''), COALESCE(l.ends, ''), COALESCE(d.completeness, 0.0),
		COALESCE(d.reviewed_on, ''), `+tail.Key+from+where+tail.Where+tail.Order, tail.Args...)
	if size := in.Size(); err == nil && len(page.Files) > size {
		page.Files = page.Files[:size]
		page.Next = listing.Cursor(keys[size-1], page.Files[size-1].CustomerID)
	}
	return page, err
}
