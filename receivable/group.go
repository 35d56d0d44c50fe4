package receivable

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/internal/database"
)

// BalancesOf gives what some customers owe, a row for each customer and currency that has any; by customer and currency.
func BalancesOf(ctx context.Context, q database.Querier, customers []string) ([]Balance, error) {
	const atOnce = 400
	var all []Balance
	for part := range slices.Chunk(customers, atOnce) {
		marks, args := make([]string, len(part)), make([]any, len(part))
		for i, id := range part {
			marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
		}
		some, err := database.Collect(ctx, q, func(rows *sql.Rows) (b Balance, err error) {
			err = rows.Scan(&b.CustomerID, &b.Currency, &b.OpenOrders.Minor, &b.Invoiced.Minor, &b.OnAccount.Minor)
			b.OpenOrders.Currency, b.Invoiced.Currency, b.OnAccount.Currency = b.Currency, b.Currency, b.Currency
			return b, err
		}, `SELECT customer_id, currency, open_orders_minor, invoiced_minor, on_account_minor FROM customer_balance
			WHERE customer_id IN (`+strings.Join(marks, ", ")+`) ORDER BY customer_id, currency`, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}
