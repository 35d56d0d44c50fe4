package sample

import (
	"context"

	"github.com/xinheng/xinheng/internal/database"
)

// Loaded tells whether the sample is in the database, all of it.
func Loaded(ctx context.Context, q database.Querier) (bool, error) {
	var n int
	err := q.QueryRow(ctx, `SELECT COUNT(*) FROM idempotency WHERE actor_id = $1 AND key = $2`, loader.ID, keyOfEnd).Scan(&n)
	return n > 0, err
}
