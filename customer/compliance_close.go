package customer

import (
	"context"
	"database/sql"
	"errors"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Closing is the input of CloseCompliance.
type Closing struct {
	ID       string     `json:"id"`
	ClosedOn clock.Date `json:"closed_on"`
	Outcome  string     `json:"outcome"`
	Source   string     `json:"source"`
	Evidence string     `json:"evidence,omitempty"`
}

// Validate reports every wrong field.
func (in *Closing) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.ClosedOn.Valid(), "closed_on", "fault.not_date", fault.Args{"text": string(in.ClosedOn)})
	c.Required("outcome", in.Outcome)
	c.Length("outcome", in.Outcome, 500)
	c.Required("source", in.Source)
	return c.Err()
}

// CloseCompliance notes that a legal fact has ended, and how.
var CloseCompliance = operation.New("customer.close_compliance", func(ctx context.Context, tx *operation.Tx, in Closing) (Closing, error) {
	customerID, err := complianceOwner(ctx, tx, in.ID)
	if err != nil {
		return Closing{}, err
	}
	done, err := tx.Exec(ctx, `UPDATE customer_compliance SET status = 'closed', closed_on = $2, outcome = $3, source = $4, evidence = $5, version = version + 1 WHERE id = $1 AND status = 'open'`,
		in.ID, in.ClosedOn, in.Outcome, in.Source, in.Evidence)
	if err != nil {
		return Closing{}, err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return Closing{}, errors.Join(err, fault.Stale("compliance", in.ID))
	}
	tx.About(customerID)
	tx.Changed("customer.compliance", in.ID, map[string]any{"open": true}, in)
	return in, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Closing) error {
	customerID, err := complianceOwner(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	return Visible(ctx, tx, tx.Actor, customerID)
})

func complianceOwner(ctx context.Context, q database.Querier, id string) (customerID string, err error) {
	err = q.QueryRow(ctx, `SELECT customer_id FROM customer_compliance WHERE id = $1`, id).Scan(&customerID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.NotFound("compliance", id)
	}
	return customerID, err
}
