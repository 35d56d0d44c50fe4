package screening

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening/match"
)

type scanner interface{ Scan(dst ...any) error }

func scanList(row scanner) (l List, err error) {
	return l, row.Scan(&l.Source, &l.SHA256, &l.Entries, &l.Names, &l.LoadedBy, database.Time(&l.LoadedAt))
}

func lists(ctx context.Context, q database.Querier) ([]List, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (List, error) { return scanList(rows) },
		`SELECT source, sha256, entries, names, loaded_by, loaded_at FROM screening_list ORDER BY source`)
}

func listBySource(ctx context.Context, q database.Querier, source string) (List, bool, error) {
	l, err := scanList(q.QueryRow(ctx, `SELECT source, sha256, entries, names, loaded_by, loaded_at FROM screening_list WHERE source = $1`, source))
	if errors.Is(err, sql.ErrNoRows) {
		return List{}, false, nil
	}
	return l, err == nil, err
}

func putList(ctx context.Context, tx *database.Tx, l List) error {
	_, err := tx.Exec(ctx, `INSERT INTO screening_list (source, sha256, entries, names, loaded_by, loaded_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (source) DO UPDATE SET sha256 = excluded.sha256, entries = excluded.entries, names = excluded.names, loaded_by = excluded.loaded_by, loaded_at = excluded.loaded_at`,
		l.Source, l.SHA256, l.Entries, l.Names, l.LoadedBy, database.Micros(l.LoadedAt))
	return err
}

// replaceList swaps a list's entries as a whole: readers see the old edition until the commit, the new one after.
func replaceList(ctx context.Context, tx *database.Tx, source string, entries []Entry) (names int, err error) {
	for _, statement := range []string{
		`DELETE FROM screening_key WHERE entry_id IN (SELECT id FROM screening_entry WHERE source = $1)`, `DELETE FROM screening_entry WHERE source = $1`,
	} {
		if _, err := tx.Exec(ctx, statement, source); err != nil {
			return 0, err
		}
	}
	rows, keys := make([][]any, 0, len(entries)), [][]any{}
	for _, e := range entries {
		data, hash, err := digest(e)
		if err != nil {
			return 0, err
		}
		id := operation.NewID()
		rows = append(rows, []any{id, source, e.SourceID, e.Kind, e.Name, data, hash})
		seen := map[string]bool{"": true}
		for _, name := range append([]string{e.Name}, e.Aliases...) {
			if key := match.Normalise(name); !seen[key] {
				seen[key] = true
				keys = append(keys, []any{id, key, name})
			}
		}
	}
	if err := tx.InsertMany(ctx, "screening_entry", []string{"id", "source", "source_id", "kind", "name", "data", "sha256"}, rows); err != nil {
		return 0, err
	}
	return len(keys), tx.InsertMany(ctx, "screening_key", []string{"entry_id", "name_key", "name"}, keys)
}

// listed is an entry that was found by a name.
type listed struct {
	source, name, sha256 string
	entry                Entry
}

func entriesNamed(ctx context.Context, q database.Querier, key string) ([]listed, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (l listed, err error) {
		var data string
		if err := rows.Scan(&l.source, &l.name, &l.sha256, &data); err != nil {
			return listed{}, err
		}
		return l, json.Unmarshal([]byte(data), &l.entry)
	}, `SELECT e.source, k.name, e.sha256, e.data FROM screening_key k JOIN screening_entry e ON e.id = k.entry_id WHERE k.name_key = $1 ORDER BY e.source, e.source_id`, key)
}

func customersAfter(ctx context.Context, q database.Querier, after string, most int) ([]string, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) },
		`SELECT id FROM customer WHERE id > $1 ORDER BY id LIMIT $2`, after, most)
}

const hitColumns = `h.id, h.customer_id, h.party_kind, h.party, h.name_key, h.source, h.source_id, h.listed_name, h.entry, h.sha256, h.status, h.reason, h.decided_by,
	h.decided_at, h.found_at, h.version`

func scanHit(row scanner, more ...any) (h Hit, err error) {
	var entry string
	dst := []any{&h.ID, &h.CustomerID, &h.PartyKind, &h.Party, &h.Key, &h.Source, &h.SourceID, &h.ListedName, &entry, &h.SHA256, &h.Status, &h.Reason, &h.DecidedBy,
		database.Time(&h.DecidedAt), database.Time(&h.FoundAt), &h.Version}
	if err := row.Scan(append(dst, more...)...); err != nil {
		return Hit{}, err
	}
	if err := json.Unmarshal([]byte(entry), &h.Entry); err != nil {
		return Hit{}, fmt.Errorf("hit %s: %w", h.ID, err)
	}
	return h, nil
}

func hitByID(ctx context.Context, q database.Querier, id string) (Hit, error) {
	var name string
	h, err := scanHit(q.QueryRow(ctx, `SELECT `+hitColumns+`, c.name FROM screening_hit h JOIN customer c ON c.id = h.customer_id WHERE h.id = $1`, id), &name)
	if errors.Is(err, sql.ErrNoRows) {
		return Hit{}, fault.NotFound("screening.hit", id)
	}
	h.CustomerName = name
	return h, err
}

func standingHit(ctx context.Context, q database.Querier, h Hit) (Hit, bool, error) {
	before, err := scanHit(q.QueryRow(ctx, `SELECT `+hitColumns+` FROM screening_hit h WHERE h.customer_id = $1 AND h.party_kind = $2 AND h.name_key = $3 AND h.source = $4
		AND h.source_id = $5`, h.CustomerID, h.PartyKind, h.Key, h.Source, h.SourceID))
	if errors.Is(err, sql.ErrNoRows) {
		return Hit{}, false, nil
	}
	return before, err == nil, err
}

func putHit(ctx context.Context, tx *database.Tx, h Hit) error {
	entry, _, err := digest(h.Entry)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO screening_hit (id, customer_id, party_kind, party, name_key, source, source_id, listed_name, entry, sha256, status, reason, decided_by,
		decided_at, found_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, sha256 = excluded.sha256, listed_name = excluded.listed_name, status = excluded.status, reason = excluded.reason,
		decided_by = excluded.decided_by, decided_at = excluded.decided_at, found_at = excluded.found_at, version = excluded.version`,
		h.ID, h.CustomerID, h.PartyKind, h.Party, h.Key, h.Source, h.SourceID, h.ListedName, entry, h.SHA256, string(h.Status), h.Reason, h.DecidedBy,
		database.Micros(h.DecidedAt), database.Micros(h.FoundAt), h.Version)
	return err
}

// Confirmed counts a customer's confirmed hits, for the scorecard's veto.
func Confirmed(ctx context.Context, q database.Querier, customerID string) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM screening_hit WHERE customer_id = $1 AND status = 'confirmed'`, customerID).Scan(&n)
	return n, err
}

func listHits(ctx context.Context, q database.Querier, actor operation.Actor, in listing.Query) (HitPage, error) {
	where, args := customer.ScopeSQL(actor, "c", nil)
	tail, err := hitSpec.Build(in, args)
	if err != nil {
		return HitPage{}, err
	}
	var keys []any
	all, err := database.Collect(ctx, q, func(rows *sql.Rows) (Hit, error) {
		var name string
		var key any
		h, err := scanHit(rows, &name, &key)
		h.CustomerName, keys = name, append(keys, key)
		return h, err
	}, `SELECT `+hitColumns+`, c.name, `+tail.Key+` FROM screening_hit h JOIN customer c ON c.id = h.customer_id WHERE 1 = 1`+where+tail.Where+tail.Order, tail.Args...)
	page := HitPage{Rows: all}
	if size := in.Size(); err == nil && len(all) > size {
		page.Rows = all[:size]
		page.Next = listing.Cursor(keys[size-1], all[size-1].ID)
	}
	return page, err
}
