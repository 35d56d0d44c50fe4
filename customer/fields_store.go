package customer

import (
	"context"
	"database/sql"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/operation"
)

func insertFieldValues(ctx context.Context, tx *database.Tx, customerID string, all []FieldValue) error {
	rows := make([][]any, 0, len(all))
	for _, f := range all {
		rows = append(rows, []any{operation.NewID(), customerID, f.Item, f.Field, f.Value, f.Source, string(f.AsOf), f.Evidence, f.By, database.Micros(f.At)})
	}
	return tx.InsertMany(ctx, "customer_field", []string{"id", "customer_id", "item", "field", "value", "source", "as_of", "evidence", "set_by", "set_at"}, rows)
}

func fieldValues(ctx context.Context, q database.Querier, customerID, item string) ([]FieldValue, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (f FieldValue, err error) {
		err = rows.Scan(&f.Item, &f.Field, &f.Value, &f.Source, &f.AsOf, &f.Evidence, &f.By, database.Time(&f.At))
		return f, err
	}, `SELECT item, field, value, source, as_of, evidence, set_by, set_at FROM customer_field WHERE customer_id = $1 AND item = $2
		ORDER BY set_at DESC, id DESC`, customerID, item)
}

func fieldsWithHistory(ctx context.Context, q database.Querier, customerID string) (map[string]bool, error) {
	names, err := database.Collect(ctx, q, func(rows *sql.Rows) (name string, err error) {
		err = rows.Scan(&name)
		return name, err
	}, `SELECT DISTINCT field FROM customer_field WHERE customer_id = $1 AND item = ''`, customerID)
	known := make(map[string]bool, len(names))
	for _, n := range names {
		known[n] = true
	}
	return known, err
}
