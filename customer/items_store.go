package customer

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
)

const complianceColumns = `id, customer_id, kind, title, source, happened, amount_minor, currency, status, added_at, number, authority, side, outcome, closed_on, evidence, version`

func scanCompliance(row scanner) (c Compliance, err error) {
	var status string
	err = row.Scan(&c.ID, &c.CustomerID, &c.Kind, &c.Title, &c.Source, &c.Happened, &c.Amount.Minor, &c.Amount.Currency, &status, database.Time(&c.AddedAt),
		&c.Number, &c.Authority, &c.Side, &c.Outcome, &c.ClosedOn, &c.Evidence, &c.Version)
	c.Open = status == "open"
	return c, err
}

// ComplianceOf gives the legal facts of a customer, newest first.
func ComplianceOf(ctx context.Context, q database.Querier, id string) ([]Compliance, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Compliance, error) { return scanCompliance(rows) },
		`SELECT `+complianceColumns+` FROM customer_compliance WHERE customer_id = $1 ORDER BY happened DESC, id`, id)
}

func complianceByID(ctx context.Context, q database.Querier, id string) (Compliance, error) {
	c, err := scanCompliance(q.QueryRow(ctx, `SELECT `+complianceColumns+` FROM customer_compliance WHERE id = $1`, id))
	return c, missing(err, "compliance", id)
}

// missing turns the absence of a row into a fault.
func missing(err error, thing, id string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound(thing, id)
	}
	return err
}

// stale turns an update that met no row of its version into a fault.
func stale(done sql.Result, err error, thing, id string) error {
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale(thing, id))
	}
	return nil
}

func openness(open bool) string {
	if open {
		return "open"
	}
	return "closed"
}

func insertCompliance(ctx context.Context, tx *database.Tx, c Compliance) error {
	_, err := tx.Exec(ctx, `INSERT INTO customer_compliance (`+complianceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		c.ID, c.CustomerID, string(c.Kind), c.Title, c.Source, c.Happened, c.Amount.Minor, string(c.Amount.Currency), openness(c.Open), database.Micros(c.AddedAt),
		c.Number, c.Authority, c.Side, c.Outcome, c.ClosedOn, c.Evidence, c.Version)
	return err
}

func updateCompliance(ctx context.Context, tx *database.Tx, c Compliance) error {
	done, err := tx.Exec(ctx, `UPDATE customer_compliance SET kind = $3, title = $4, source = $5, happened = $6, amount_minor = $7, currency = $8, status = $9, number = $10,
		authority = $11, side = $12, outcome = $13, closed_on = $14, evidence = $15, version = version + 1 WHERE id = $1 AND version = $2`,
		c.ID, c.Version, string(c.Kind), c.Title, c.Source, c.Happened, c.Amount.Minor, string(c.Amount.Currency), openness(c.Open), c.Number,
		c.Authority, c.Side, c.Outcome, c.ClosedOn, c.Evidence)
	return stale(done, err, "compliance", c.ID)
}

const licenceColumns = `id, customer_id, kind, name, number, authority, scope, issued_on, expires_on, status, source, as_of, evidence, added_at, version`

func scanLicence(row scanner) (l Licence, err error) {
	err = row.Scan(&l.ID, &l.CustomerID, &l.Kind, &l.Name, &l.Number, &l.Authority, &l.Scope, &l.IssuedOn, &l.ExpiresOn, &l.Status, &l.Source, &l.AsOf, &l.Evidence,
		database.Time(&l.AddedAt), &l.Version)
	return l, err
}

func licencesOf(ctx context.Context, q database.Querier, id string) ([]Licence, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Licence, error) { return scanLicence(rows) },
		`SELECT `+licenceColumns+` FROM customer_licence WHERE customer_id = $1 ORDER BY added_at, id`, id)
}

func licenceByID(ctx context.Context, q database.Querier, id string) (Licence, error) {
	l, err := scanLicence(q.QueryRow(ctx, `SELECT `+licenceColumns+` FROM customer_licence WHERE id = $1`, id))
	return l, missing(err, "licence", id)
}

func insertLicence(ctx context.Context, tx *database.Tx, l Licence) error {
	_, err := tx.Exec(ctx, `INSERT INTO customer_licence (`+licenceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		l.ID, l.CustomerID, l.Kind, l.Name, l.Number, l.Authority, l.Scope, l.IssuedOn, l.ExpiresOn, l.Status, l.Source, l.AsOf, l.Evidence, database.Micros(l.AddedAt), l.Version)
	return err
}

func updateLicence(ctx context.Context, tx *database.Tx, l Licence) error {
	done, err := tx.Exec(ctx, `UPDATE customer_licence SET kind = $3, name = $4, number = $5, authority = $6, scope = $7, issued_on = $8, expires_on = $9, status = $10,
		source = $11, as_of = $12, evidence = $13, version = version + 1 WHERE id = $1 AND version = $2`,
		l.ID, l.Version, l.Kind, l.Name, l.Number, l.Authority, l.Scope, l.IssuedOn, l.ExpiresOn, l.Status, l.Source, l.AsOf, l.Evidence)
	return stale(done, err, "licence", l.ID)
}

const accountColumns = `id, customer_id, bank, branch, holder, number, kind, currency, status, source, as_of, evidence, added_at, version`

func scanAccount(row scanner) (a Account, err error) {
	err = row.Scan(&a.ID, &a.CustomerID, &a.Bank, &a.Branch, &a.Holder, &a.Number, &a.Kind, &a.Currency, &a.Status, &a.Source, &a.AsOf, &a.Evidence, database.Time(&a.AddedAt), &a.Version)
	return a, err
}

func accountsOf(ctx context.Context, q database.Querier, id string) ([]Account, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Account, error) { return scanAccount(rows) },
		`SELECT `+accountColumns+` FROM customer_bank_account WHERE customer_id = $1 ORDER BY added_at, id`, id)
}

func accountByID(ctx context.Context, q database.Querier, id string) (Account, error) {
	a, err := scanAccount(q.QueryRow(ctx, `SELECT `+accountColumns+` FROM customer_bank_account WHERE id = $1`, id))
	return a, missing(err, "account", id)
}

func insertAccount(ctx context.Context, tx *database.Tx, a Account) error {
	_, err := tx.Exec(ctx, `INSERT INTO customer_bank_account (`+accountColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		a.ID, a.CustomerID, a.Bank, a.Branch, a.Holder, a.Number, a.Kind, string(a.Currency), a.Status, a.Source, a.AsOf, a.Evidence, database.Micros(a.AddedAt), a.Version)
	return err
}

func updateAccount(ctx context.Context, tx *database.Tx, a Account) error {
	done, err := tx.Exec(ctx, `UPDATE customer_bank_account SET bank = $3, branch = $4, holder = $5, number = $6, kind = $7, currency = $8, status = $9,
		source = $10, as_of = $11, evidence = $12, version = version + 1 WHERE id = $1 AND version = $2`,
		a.ID, a.Version, a.Bank, a.Branch, a.Holder, a.Number, a.Kind, string(a.Currency), a.Status, a.Source, a.AsOf, a.Evidence)
	return stale(done, err, "account", a.ID)
}

func operatingOf(ctx context.Context, q database.Querier, id string) ([]OperatingAnswer, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (a OperatingAnswer, err error) {
		var figures string
		if err = rows.Scan(&a.Topic, &a.Answer, &figures, &a.Note, &a.Source, &a.AsOf, &a.Evidence, &a.By, database.Time(&a.At)); err != nil {
			return a, err
		}
		return a, json.Unmarshal([]byte(figures), &a.Figures)
	}, `SELECT topic, answer, figures, note, source, as_of, evidence, answered_by, answered_at FROM customer_operation WHERE customer_id = $1 ORDER BY topic`, id)
}

func putOperating(ctx context.Context, tx *database.Tx, id string, a OperatingAnswer) error {
	if a.Figures == nil {
		a.Figures = map[string]float64{}
	}
	figures, err := json.Marshal(a.Figures)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO customer_operation (customer_id, topic, answer, figures, note, source, as_of, evidence, answered_by, answered_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (customer_id, topic) DO UPDATE SET answer = excluded.answer, figures = excluded.figures,
		note = excluded.note, source = excluded.source, as_of = excluded.as_of, evidence = excluded.evidence, answered_by = excluded.answered_by, answered_at = excluded.answered_at`,
		id, a.Topic, a.Answer, string(figures), a.Note, a.Source, a.AsOf, a.Evidence, a.By, database.Micros(a.At))
	return err
}

func partnersOf(ctx context.Context, q database.Querier, id string) ([]Partner, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (p Partner, err error) {
		err = rows.Scan(&p.ID, &p.Side, &p.Name, &p.Share, &p.Source, &p.AsOf, &p.Evidence)
		return p, err
	}, `SELECT id, side, name, share, source, as_of, evidence FROM customer_partner WHERE customer_id = $1 ORDER BY side, share DESC, id`, id)
}

func replacePartners(ctx context.Context, tx *database.Tx, in Partners) error {
	if _, err := tx.Exec(ctx, `DELETE FROM customer_partner WHERE customer_id = $1 AND side = $2`, in.CustomerID, in.Side); err != nil {
		return err
	}
	var rows [][]any
	for _, p := range in.Partners {
		rows = append(rows, []any{p.ID, in.CustomerID, p.Side, p.Name, p.Share, p.Source, string(p.AsOf), p.Evidence})
	}
	return tx.InsertMany(ctx, "customer_partner", []string{"id", "customer_id", "side", "name", "share", "source", "as_of", "evidence"}, rows)
}
