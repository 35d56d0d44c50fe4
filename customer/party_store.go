package customer

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
)

const partyColumns = `id, kind, name, id_number, merged_into, merge_reason, created_at, version`

func scanParty(row scanner) (p Party, err error) {
	err = row.Scan(&p.ID, &p.Kind, &p.Name, &p.IDNumber, &p.MergedInto, &p.MergeReason, database.Time(&p.CreatedAt), &p.Version)
	return p, err
}

func partyByID(ctx context.Context, q database.Querier, id string) (Party, error) {
	p, err := scanParty(q.QueryRow(ctx, `SELECT `+partyColumns+` FROM party WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Party{}, fault.NotFound("party", id)
	}
	return p, err
}

// partiesLike gives the parties of a kind with that number, or that name, oldest first.
func partiesLike(ctx context.Context, q database.Querier, kind ownership.Kind, key, number string) ([]Party, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Party, error) { return scanParty(rows) },
		`SELECT `+partyColumns+` FROM party WHERE kind = $1 AND (name_key = $2 OR id_number = $3 AND $3 <> '') ORDER BY id`, string(kind), key, number)
}

// lockName holds a name until the transaction ends, so that two who name the same new party at once make one of it, and a
// customer that is opened meanwhile is seen. SQLite has one writer and needs no lock; there is no row to lock yet, so
// PostgreSQL locks the hash of the name.
func lockName(ctx context.Context, tx *database.Tx, key string) error {
	if tx.Engine() != database.PostgreSQL {
		return nil
	}
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('party ' || $1))`, key)
	return err
}

func insertParty(ctx context.Context, tx *database.Tx, p Party) error {
	_, err := tx.Exec(ctx, `INSERT INTO party (id, kind, name, name_key, id_number, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, string(p.Kind), p.Name, NameKey(p.Name), p.IDNumber, database.Micros(p.CreatedAt), p.Version)
	if database.IsUnique(err) {
		return fault.Invalid("id_number", "customer.party_number_taken", nil)
	}
	return err
}

func updateParty(ctx context.Context, tx *database.Tx, p Party) error {
	done, err := tx.Exec(ctx, `UPDATE party SET name = $3, name_key = $4, id_number = $5, version = version + 1 WHERE id = $1 AND version = $2`,
		p.ID, p.Version, p.Name, NameKey(p.Name), p.IDNumber)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("party", p.ID))
	}
	return nil
}

func setMerged(ctx context.Context, tx *database.Tx, p Party, by string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE party SET merged_into = $2, merge_reason = $3, merged_by = $4, merged_at = $5, version = version + 1 WHERE id = $1`,
		p.ID, p.MergedInto, p.MergeReason, by, database.Micros(at))
	return err
}

// mostAliases bounds a chain of merges; a longer one is a mistake in the data.
const mostAliases = 50

// canonical gives the node that an id stands for now: a customer, or the party that it was merged into.
func canonical(ctx context.Context, q database.Querier, id string) (string, bool, error) {
	for range mostAliases {
		var into string
		err := q.QueryRow(ctx, `SELECT merged_into FROM party WHERE id = $1`, id).Scan(&into)
		if errors.Is(err, sql.ErrNoRows) {
			var there bool
			err := q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM customer WHERE id = $1)`, id).Scan(&there)
			return id, there, err
		}
		if err != nil || into == "" {
			return id, err == nil, err
		}
		id = into
	}
	return "", false, errors.New("party: merges in a circle at " + id)
}

func rootOf(ctx context.Context, q database.Querier, p Party) (string, error) {
	if p.MergedInto == "" {
		return p.ID, nil
	}
	id, _, err := canonical(ctx, q, p.MergedInto)
	return id, err
}

// holdersOf gives the direct owners of a company that is no customer, or of one that is.
func holdersOf(ctx context.Context, q database.Querier, id string) ([]Shareholder, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (s Shareholder, err error) {
		err = rows.Scan(&s.ID, &s.HolderID, &s.Share, &s.AsOf, &s.Source)
		return s, err
	}, `SELECT id, from_id, share, as_of, source FROM party_relation WHERE to_id = $1 AND kind = 'share'
		UNION ALL SELECT id, holder_id, share, as_of, source FROM customer_shareholder WHERE customer_id = $1 ORDER BY 1`, id)
}

// moveHolders makes the owners of a party those of the customer that it became.
func moveHolders(ctx context.Context, tx *database.Tx, party, customer string) error {
	_, err := tx.Exec(ctx, `INSERT INTO customer_shareholder (id, customer_id, kind, name, party_id, share, as_of, source, holder_id)
		SELECT r.id, $2, COALESCE(p.kind, 'company'), COALESCE(p.name, c.name, ''), COALESCE(c.id, ''), r.share, r.as_of, r.source, r.from_id
		FROM party_relation r LEFT JOIN party p ON p.id = r.from_id LEFT JOIN customer c ON c.id = r.from_id WHERE r.to_id = $1 AND r.kind = 'share'`, party, customer)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM party_relation WHERE to_id = $1 AND kind = 'share'`, party)
	return err
}

// moveLinks hands what a party is at one company to another party, and tells how many links that were.
func moveLinks(ctx context.Context, tx *database.Tx, from, to, company string) (int64, error) {
	total := int64(0)
	for _, statement := range []string{`UPDATE customer_shareholder SET holder_id = $2 WHERE holder_id = $1 AND customer_id = $3`,
		`UPDATE party_relation SET from_id = $2 WHERE from_id = $1 AND to_id = $3`} {
		done, err := tx.Exec(ctx, statement, from, to, company)
		if err != nil {
			return 0, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// namesakes gives the other parties of a party's name and kind, and those that were merged into it.
func namesakes(ctx context.Context, q database.Querier, p Party) ([]Party, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Party, error) { return scanParty(rows) },
		`SELECT `+partyColumns+` FROM party WHERE id <> $1 AND (name_key = $2 AND kind = $3 OR merged_into = $1) ORDER BY id`, p.ID, NameKey(p.Name), string(p.Kind))
}
