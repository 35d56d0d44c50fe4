package customer

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
)

const financialColumns = `id, customer_id, period, kind, consolidated, audited, currency, unit, figures, breaks, source, reason, entered_by, entered_at, version`

func scanFinancial(row scanner) (f Financial, err error) {
	var figures, breaks string
	if err = row.Scan(&f.ID, &f.CustomerID, &f.Period, &f.Kind, &f.Consolidated, &f.Audited, &f.Currency, &f.Unit, &figures, &breaks, &f.Source, &f.Reason,
		&f.EnteredBy, database.Time(&f.EnteredAt), &f.Version); err != nil {
		return Financial{}, err
	}
	if err := errors.Join(json.Unmarshal([]byte(figures), &f.Values), json.Unmarshal([]byte(breaks), &f.Breaks)); err != nil {
		return Financial{}, fmt.Errorf("statement %s: %w", f.ID, err)
	}
	return f, nil
}

// StatementsOf gives the newest version of each period, newest period first, whatever the reader's scope: callers check
// Visible first.
func StatementsOf(ctx context.Context, q database.Querier, customerID string, most int) ([]Financial, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Financial, error) { return scanFinancial(rows) },
		`SELECT `+financialColumns+` FROM customer_statement WHERE customer_id = $1 AND latest = 1 ORDER BY period DESC, consolidated DESC LIMIT $2`, customerID, most)
}

func financialByID(ctx context.Context, q database.Querier, id string) (Financial, error) {
	f, err := scanFinancial(q.QueryRow(ctx, `SELECT `+financialColumns+` FROM customer_statement WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Financial{}, fault.NotFound("statement", id)
	}
	return f, err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// insertFinancials adds new versions, of which the last one of a period becomes the latest.
func insertFinancials(ctx context.Context, tx *database.Tx, all []Financial) error {
	rows := make([][]any, 0, len(all))
	for _, f := range all {
		if f.Version > 1 {
			if _, err := tx.Exec(ctx, `UPDATE customer_statement SET latest = 0 WHERE customer_id = $1 AND period = $2 AND consolidated = $3`,
				f.CustomerID, string(f.Period), flag(f.Consolidated)); err != nil {
				return err
			}
		}
		figures, err1 := json.Marshal(f.Values)
		breaks, err2 := json.Marshal(f.Breaks)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		rows = append(rows, []any{f.ID, f.CustomerID, string(f.Period), string(f.Kind), flag(f.Consolidated), flag(f.Audited), string(f.Currency), f.Unit,
			string(figures), string(breaks), int64(f.HardBreaks()), f.Source, f.Reason, f.EnteredBy, database.Micros(f.EnteredAt), f.Version, int64(1)})
	}
	return tx.InsertMany(ctx, "customer_statement", []string{"id", "customer_id", "period", "kind", "consolidated", "audited", "currency", "unit", "figures",
		"breaks", "hard_breaks", "source", "reason", "entered_by", "entered_at", "version", "latest"}, rows)
}
