package screening

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening/match"
)

type scanner interface{ Scan(dst ...any) error }

const listColumns = `id, source, sha256, entries, names, loaded_by, loaded_at`

func scanList(row scanner) (l List, err error) {
	return l, row.Scan(&l.ID, &l.Source, &l.SHA256, &l.Entries, &l.Names, &l.LoadedBy, database.Time(&l.LoadedAt))
}

func lists(ctx context.Context, q database.Querier) ([]List, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (List, error) { return scanList(rows) },
		`SELECT `+listColumns+` FROM screening_list WHERE replaced_at = 0 ORDER BY source`)
}

func listBySource(ctx context.Context, q database.Querier, source string) (List, bool, error) {
	l, err := scanList(q.QueryRow(ctx, `SELECT `+listColumns+` FROM screening_list WHERE source = $1 AND replaced_at = 0`, source))
	if errors.Is(err, sql.ErrNoRows) {
		return List{}, false, nil
	}
	return l, err == nil, err
}

// retireList ends an edition: its row stays, its entries go.
func retireList(ctx context.Context, tx *database.Tx, id string, now time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM screening_key WHERE entry_id IN (SELECT id FROM screening_entry WHERE list_id = $1)`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM screening_entry WHERE list_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE screening_list SET replaced_at = $2 WHERE id = $1`, id, database.Micros(now))
	return err
}

// indexed makes the rows of an edition's entries and of the names they are found by.
func indexed(listID string, all []Entry) (entries, keys [][]any, err error) {
	for _, e := range all {
		data, hash, err := digest(e)
		if err != nil {
			return nil, nil, err
		}
		id := operation.NewID()
		entries = append(entries, []any{id, listID, e.SourceID, e.Kind, e.Name, data, hash})
		seen := map[string]bool{"": true}
		for _, name := range append([]string{e.Name}, e.Aliases...) {
			if key := match.Normalise(name); !seen[key] {
				seen[key] = true
				keys = append(keys, []any{id, key, name})
			}
		}
	}
	return entries, keys, nil
}

func insertList(ctx context.Context, tx *database.Tx, l List, entries, keys [][]any) error {
	_, err := tx.Exec(ctx, `INSERT INTO screening_list (`+listColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		l.ID, l.Source, l.SHA256, l.Entries, l.Names, l.LoadedBy, database.Micros(l.LoadedAt))
	if err != nil {
		return err
	}
	if err := tx.InsertMany(ctx, "screening_entry", []string{"id", "list_id", "source_id", "kind", "name", "data", "sha256"}, entries); err != nil {
		return err
	}
	return tx.InsertMany(ctx, "screening_key", []string{"entry_id", "name_key", "name"}, keys)
}

// listed is an entry that was found by a name.
type listed struct {
	key, source, name, sha256 string
	entry                     Entry
}

// entriesNamed finds the entries in force by normalised names. A part has one of few sizes, the last key repeated to
// fill it, so that the engines meet few different statements.
func entriesNamed(ctx context.Context, q database.Querier, keys []string) (map[string][]listed, error) {
	const most = 512
	found := map[string][]listed{}
	for part := range slices.Chunk(keys, most) {
		size := 4
		for size < len(part) {
			size *= 2
		}
		marks, args := make([]string, size), make([]any, size)
		for i := range size {
			marks[i], args[i] = fmt.Sprintf("$%d", i+1), part[min(i, len(part)-1)]
		}
		all, err := database.Collect(ctx, q, scanListed, `SELECT k.name_key, l.source, k.name, e.sha256, e.data FROM screening_key k JOIN screening_entry e ON e.id = k.entry_id
			JOIN screening_list l ON l.id = e.list_id WHERE k.name_key IN (`+strings.Join(marks, ", ")+`) ORDER BY l.source, e.source_id`, args...)
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			found[one.key] = append(found[one.key], one)
		}
	}
	return found, nil
}

func scanListed(rows *sql.Rows) (l listed, err error) {
	var data string
	if err := rows.Scan(&l.key, &l.source, &l.name, &l.sha256, &data); err != nil {
		return listed{}, err
	}
	return l, json.Unmarshal([]byte(data), &l.entry)
}

func customersAfter(ctx context.Context, q database.Querier, after string, most int) ([]string, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) },
		`SELECT id FROM customer WHERE id > $1 ORDER BY id LIMIT $2`, after, most)
}

// partiesBetween gives the names of the files from the first customer id to the last, each file's in a fixed order.
func partiesBetween(ctx context.Context, q database.Querier, first, last string) ([]party, error) {
	const identity = `uscc || '|' || lei || '|' || founded`
	return database.Collect(ctx, q, func(rows *sql.Rows) (p party, err error) {
		var place int
		return p, rows.Scan(&p.customerID, &place, &p.kind, &p.name, &p.facts)
	}, `SELECT id AS customer_id, 1 AS place, 'customer' AS kind, name, `+identity+` AS facts FROM customer WHERE id BETWEEN $1 AND $2
		UNION ALL SELECT id, 2, 'customer', name_en, `+identity+` FROM customer WHERE id BETWEEN $1 AND $2
		UNION ALL SELECT id, 3, 'customer', short_name, `+identity+` FROM customer WHERE id BETWEEN $1 AND $2
		UNION ALL SELECT id, 4, 'legal_representative', legal_representative, '' FROM customer WHERE id BETWEEN $1 AND $2
		UNION ALL SELECT customer_id, 5, 'shareholder', name, kind || '|' || party_id FROM customer_shareholder WHERE customer_id BETWEEN $1 AND $2
		UNION ALL SELECT customer_id, 6, 'contact', name, '' FROM customer_contact WHERE customer_id BETWEEN $1 AND $2
		ORDER BY customer_id, place, name, facts`, first, last)
}

const runColumns = `id, customer_id, lists, customers, names, hits, new_hits, started_by, started_at, finished_at`

func scanRun(row scanner) (r Run, err error) {
	var editions string
	if err := row.Scan(&r.ID, &r.CustomerID, &editions, &r.Customers, &r.Names, &r.Hits, &r.New, &r.StartedBy, database.Time(&r.StartedAt), database.Time(&r.FinishedAt)); err != nil {
		return Run{}, err
	}
	return r, json.Unmarshal([]byte(editions), &r.Lists)
}

func runByID(ctx context.Context, q database.Querier, id string) (Run, bool, error) {
	r, err := scanRun(q.QueryRow(ctx, `SELECT `+runColumns+` FROM screening_run WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, false, nil
	}
	return r, err == nil, err
}

func runsOf(ctx context.Context, q database.Querier, customerID string) ([]Run, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Run, error) { return scanRun(rows) },
		`SELECT `+runColumns+` FROM screening_run WHERE customer_id = $1 ORDER BY started_at DESC, id DESC LIMIT 50`, customerID)
}

func putRun(ctx context.Context, tx *database.Tx, r Run) error {
	editions, err := json.Marshal(r.Lists)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO screening_run (`+runColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET customers = excluded.customers, names = excluded.names, hits = excluded.hits, new_hits = excluded.new_hits, finished_at = excluded.finished_at`,
		r.ID, r.CustomerID, string(editions), r.Customers, r.Names, r.Hits, r.New, r.StartedBy, database.Micros(r.StartedAt), database.Micros(r.FinishedAt))
	return err
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

func hitsBetween(ctx context.Context, q database.Querier, first, last string) (map[fact]Hit, error) {
	all, err := database.Collect(ctx, q, func(rows *sql.Rows) (Hit, error) { return scanHit(rows) },
		`SELECT `+hitColumns+` FROM screening_hit h WHERE h.customer_id BETWEEN $1 AND $2`, first, last)
	standing := make(map[fact]Hit, len(all))
	for _, h := range all {
		standing[h.fact()] = h
	}
	return standing, err
}

// putHit keeps a hit: version 1 as a new one, a later version in the place of the one before it. False means that
// somebody was quicker, and nothing is changed.
func putHit(ctx context.Context, tx *database.Tx, h Hit) (bool, error) {
	entry, _, err := digest(h.Entry)
	if err != nil {
		return false, err
	}
	if h.Version == 1 {
		return one(tx.Exec(ctx, `INSERT INTO screening_hit (id, customer_id, party_kind, party, name_key, source, source_id, listed_name, entry, sha256, status, found_at, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1) ON CONFLICT (customer_id, party_kind, name_key, source, source_id) DO NOTHING`,
			h.ID, h.CustomerID, h.PartyKind, h.Party, h.Key, h.Source, h.SourceID, h.ListedName, entry, h.SHA256, string(h.Status), database.Micros(h.FoundAt)))
	}
	return one(tx.Exec(ctx, `UPDATE screening_hit SET party = $3, listed_name = $4, entry = $5, sha256 = $6, status = $7, reason = $8, decided_by = $9, decided_at = $10,
		found_at = $11, version = version + 1 WHERE id = $1 AND version = $2`,
		h.ID, h.Version-1, h.Party, h.ListedName, entry, h.SHA256, string(h.Status), h.Reason, h.DecidedBy, database.Micros(h.DecidedAt), database.Micros(h.FoundAt)))
}

func one(done sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// Confirmed counts a customer's confirmed hits, for the scorecard's veto.
func Confirmed(ctx context.Context, q database.Querier, customerID string) (n int, err error) {
	return countHits(ctx, q, customerID, Certain)
}

// HasOpenOrConfirmed tells whether a customer has hits that nobody has decided yet, and whether it has confirmed ones.
func HasOpenOrConfirmed(ctx context.Context, q database.Querier, customerID string) (open, confirmed bool, err error) {
	opened, err := countHits(ctx, q, customerID, Open)
	if err != nil {
		return false, false, err
	}
	certain, err := Confirmed(ctx, q, customerID)
	return opened > 0, certain > 0, err
}

func countHits(ctx context.Context, q database.Querier, customerID string, s Status) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM screening_hit WHERE customer_id = $1 AND status = $2`, customerID, string(s)).Scan(&n)
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
