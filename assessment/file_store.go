package assessment

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/xinheng/xinheng/assessment/judgement"
	"github.com/xinheng/xinheng/internal/database"
)

const judgementColumns = `id, customer_id, card_version, initial, compliance, operational, combined, verdicts, completeness, judged_by, judged_at, looked_at`

type said struct {
	Verdicts map[string]judgement.Verdict `json:"verdicts"`
	Combined judgement.Verdict            `json:"combined"`
}

func scanJudgement(row scanner) (FileJudgement, error) {
	var j FileJudgement
	var s said
	var initial, compliance, operational, text string
	var combined float64
	if err := row.Scan(&j.ID, &j.CustomerID, &j.CardVersion, &initial, &compliance, &operational, &combined, &text, &j.Completeness, &j.By, database.Time(&j.At), database.Time(&j.LookedAt)); err != nil {
		return FileJudgement{}, err
	}
	err := json.Unmarshal([]byte(text), &s)
	j.Verdicts, j.Combined = s.Verdicts, s.Combined
	return j, err
}

func latestJudgement(ctx context.Context, q database.Querier, customerID string) (FileJudgement, bool, error) {
	j, err := scanJudgement(q.QueryRow(ctx, `SELECT `+judgementColumns+` FROM file_judgement WHERE customer_id = $1 AND latest = 1`, customerID))
	if errors.Is(err, sql.ErrNoRows) {
		return FileJudgement{}, false, nil
	}
	return j, err == nil, err
}

func judgements(ctx context.Context, q database.Querier, customerID string, most int) ([]FileJudgement, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (FileJudgement, error) { return scanJudgement(rows) },
		`SELECT `+judgementColumns+` FROM file_judgement WHERE customer_id = $1 ORDER BY judged_at DESC, id DESC LIMIT $2`, customerID, most)
}

func insertJudgement(ctx context.Context, tx *database.Tx, j FileJudgement) error {
	text, err := json.Marshal(said{j.Verdicts, j.Combined})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE file_judgement SET latest = 0 WHERE customer_id = $1 AND latest = 1`, j.CustomerID); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO file_judgement (`+judgementColumns+`, latest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)`,
		j.ID, j.CustomerID, j.CardVersion, j.Verdicts[judgement.Initial].Level, j.Verdicts[judgement.Compliance].Level, j.Verdicts[judgement.Operational].Level, j.Combined.Points,
		string(text), j.Completeness, j.By, database.Micros(j.At), database.Micros(j.LookedAt))
	return err
}

func lookAgain(ctx context.Context, tx *database.Tx, j FileJudgement) error {
	text, err := json.Marshal(said{j.Verdicts, j.Combined})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE file_judgement SET looked_at = $2, completeness = $3, verdicts = $4 WHERE id = $1`, j.ID, database.Micros(j.LookedAt), j.Completeness, string(text))
	return err
}

// Unjudged gives customers whose file was never judged, or not since a time; closed ones are left alone.
func Unjudged(ctx context.Context, q database.Querier, since time.Time, most int) ([]string, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (id string, err error) {
		err = rows.Scan(&id)
		return id, err
	}, `SELECT c.id FROM customer c LEFT JOIN file_judgement j ON j.customer_id = c.id AND j.latest = 1
		WHERE c.status <> 'closed' AND COALESCE(j.looked_at, 0) < $1 ORDER BY c.id LIMIT $2`, database.Micros(since), most)
}

func fileCards(ctx context.Context, q database.Querier, most int) ([]FileCard, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (v FileCard, err error) {
		err = rows.Scan(&v.Version, &v.Document, &v.Reason, &v.CreatedBy, database.Time(&v.CreatedAt))
		return v, err
	}, `SELECT version, document, reason, created_by, created_at FROM file_card ORDER BY version DESC LIMIT $1`, most)
}

func insertFileCard(ctx context.Context, tx *database.Tx, v FileCard) error {
	_, err := tx.Exec(ctx, `INSERT INTO file_card (version, document, reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5)`,
		v.Version, v.Document, v.Reason, v.CreatedBy, database.Micros(v.CreatedAt))
	return err
}
