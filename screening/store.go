package screening

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

type scanner interface{ Scan(dst ...any) error }

func scanID(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) }

func customersAfter(ctx context.Context, q database.Querier, after string, most int) ([]string, error) {
	return database.Collect(ctx, q, scanID, `SELECT id FROM customer WHERE id > $1 ORDER BY id LIMIT $2`, after, most)
}

// customersTouched gives the customers whose files may have changed since.
func customersTouched(ctx context.Context, q database.Querier, since time.Time) ([]string, error) {
	return database.Collect(ctx, q, scanID, `SELECT customer_id FROM screening_run WHERE started_at >= $1 AND customer_id <> ''
		UNION SELECT id FROM customer WHERE updated_at >= $1`, database.Micros(since))
}

// partyRowsOf is every name in the files of the customers that the condition picks, each file's in a fixed order.
func partyRowsOf(condition string) string {
	own := func(place, column string) string {
		return `SELECT id AS customer_id, ` + place + ` AS place, 'customer' AS kind, ` + column + ` AS name, '' AS person, uscc, lei, founded AS born, '' AS detail FROM customer WHERE id ` + condition
	}
	return own("1", "name") + ` UNION ALL ` + own("2", "name_en") + ` UNION ALL ` + own("3", "short_name") + `
		UNION ALL SELECT id, 4, 'legal_representative', legal_representative, 'person', '', '', '', '' FROM customer WHERE id ` + condition + `
		UNION ALL SELECT s.customer_id, 5, 'shareholder', s.name, s.kind, COALESCE(p.uscc, ''), COALESCE(p.lei, ''), COALESCE(p.founded, ''), '' FROM customer_shareholder s
			LEFT JOIN customer p ON p.id = s.party_id WHERE s.customer_id ` + condition + `
		UNION ALL SELECT customer_id, 6, 'contact', name, 'person', '', '', '', title FROM customer_contact WHERE customer_id ` + condition + `
		ORDER BY customer_id, place, name, uscc, detail`
}

func scanParty(rows *sql.Rows) (r partyRow, err error) {
	var place int
	return r, rows.Scan(&r.customerID, &place, &r.kind, &r.name, &r.person, &r.uscc, &r.lei, &r.born, &r.detail)
}

func partyRows(ctx context.Context, q database.Querier, ids []string) (all []partyRow, err error) {
	err = inParts(ids, 0, func(marks string, args []any) error {
		some, err := database.Collect(ctx, q, scanParty, partyRowsOf(`IN (`+marks+`)`), args...)
		all = append(all, some...)
		return err
	})
	return all, err
}

func partyRowsBetween(ctx context.Context, q database.Querier, first, last string) ([]partyRow, error) {
	return database.Collect(ctx, q, scanParty, partyRowsOf(`BETWEEN $1 AND $2`), first, last)
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

const hitColumns = `h.id, h.customer_id, h.party_kind, h.party, h.name_key, h.our_facts, h.source, h.class, h.source_id, h.listed_name, h.entry, h.score, h.explanation, h.sha256, h.status,
	h.reason, h.evidence, h.request_id, h.decided_by, h.decided_at, h.found_at, h.gone_at, h.version`

func scanHit(row scanner, more ...any) (h Hit, err error) {
	var ours, entry, explanation string
	dst := []any{&h.ID, &h.CustomerID, &h.PartyKind, &h.Party, &h.Key, &ours, &h.Source, &h.Class, &h.SourceID, &h.ListedName, &entry, &h.Score, &explanation, &h.SHA256, &h.Status,
		&h.Reason, &h.Evidence, &h.RequestID, &h.DecidedBy, database.Time(&h.DecidedAt), database.Time(&h.FoundAt), database.Time(&h.GoneAt), &h.Version}
	if err := row.Scan(append(dst, more...)...); err != nil {
		return Hit{}, err
	}
	err = errors.Join(json.Unmarshal([]byte(ours), &h.Ours), json.Unmarshal([]byte(entry), &h.Entry), json.Unmarshal([]byte(explanation), &h.Explanation))
	if err != nil {
		return Hit{}, fmt.Errorf("hit %s: %w", h.ID, err)
	}
	return h, nil
}

func scanHitRow(rows *sql.Rows) (Hit, error) { return scanHit(rows) }

func scanNamedHit(rows *sql.Rows) (Hit, error) {
	var name string
	h, err := scanHit(rows, &name)
	h.CustomerName = name
	return h, err
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

// hitsOf gives all hits of the customers.
func hitsOf(ctx context.Context, q database.Querier, ids []string) (map[fact]Hit, error) {
	standing := map[fact]Hit{}
	err := inParts(ids, 0, func(marks string, args []any) error {
		some, err := database.Collect(ctx, q, scanHitRow, `SELECT `+hitColumns+` FROM screening_hit h WHERE h.customer_id IN (`+marks+`)`, args...)
		for _, h := range some {
			standing[h.fact()] = h
		}
		return err
	})
	return standing, err
}

func hitsOfRequest(ctx context.Context, q database.Querier, requestID string) ([]Hit, error) {
	return database.Collect(ctx, q, scanNamedHit, `SELECT `+hitColumns+`, c.name FROM screening_hit h JOIN customer c ON c.id = h.customer_id
		WHERE h.request_id = $1 AND h.status = 'clearing' ORDER BY h.score DESC, h.id`, requestID)
}

// customersWithHits adds the customers that have a hit on one of the entries.
func customersWithHits(ctx context.Context, q database.Querier, source string, sourceIDs []string, to map[string]bool) error {
	return inParts(sourceIDs, 1, func(marks string, args []any) error {
		ids, err := database.Collect(ctx, q, scanID, `SELECT DISTINCT customer_id FROM screening_hit WHERE source = $1 AND source_id IN (`+marks+`)`, append([]any{source}, args...)...)
		for _, id := range ids {
			to[id] = true
		}
		return err
	})
}

// customersNumbered adds the customers that bear one of the register numbers.
func customersNumbered(ctx context.Context, q database.Querier, numbers []string, to map[string]bool) error {
	return inParts(joined(numbers...), 0, func(marks string, args []any) error {
		ids, err := database.Collect(ctx, q, scanID, `SELECT id FROM customer WHERE uscc IN (`+marks+`) UNION SELECT id FROM customer WHERE lei <> '' AND lei IN (`+marks+`)`, args...)
		for _, id := range ids {
			to[id] = true
		}
		return err
	})
}

// putHit keeps a hit: version 1 as a new one, a later version in the place of the one before it. False means that
// somebody was quicker, and nothing is changed.
func putHit(ctx context.Context, tx *database.Tx, h Hit) (bool, error) {
	entry, err := json.Marshal(h.Entry)
	if err != nil {
		return false, err
	}
	ours, err := json.Marshal(h.Ours)
	if err != nil {
		return false, err
	}
	explanation, err := json.Marshal(h.Explanation)
	if err != nil {
		return false, err
	}
	if h.Version == 1 {
		return one(tx.Exec(ctx, `INSERT INTO screening_hit (id, customer_id, party_kind, party, name_key, our_facts, source, class, source_id, listed_name, entry, score, explanation, sha256, status,
			reason, found_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1)
			ON CONFLICT (customer_id, party_kind, name_key, source, source_id) DO NOTHING`,
			h.ID, h.CustomerID, h.PartyKind, h.Party, h.Key, string(ours), h.Source, string(h.Class), h.SourceID, h.ListedName, string(entry), h.Score, string(explanation), h.SHA256, string(h.Status),
			h.Reason, database.Micros(h.FoundAt)))
	}
	return one(tx.Exec(ctx, `UPDATE screening_hit SET party = $3, our_facts = $4, listed_name = $5, entry = $6, score = $7, explanation = $8, sha256 = $9, status = $10, reason = $11, evidence = $12,
		request_id = $13, decided_by = $14, decided_at = $15, found_at = $16, gone_at = $17, version = version + 1 WHERE id = $1 AND version = $2`,
		h.ID, h.Version-1, h.Party, string(ours), h.ListedName, string(entry), h.Score, string(explanation), h.SHA256, string(h.Status), h.Reason, h.Evidence,
		h.RequestID, h.DecidedBy, database.Micros(h.DecidedAt), database.Micros(h.FoundAt), database.Micros(h.GoneAt)))
}

func one(done sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

func insertDecision(ctx context.Context, tx *database.Tx, h Hit, d Decision) error {
	_, err := tx.Exec(ctx, `INSERT INTO screening_decision (id, hit_id, what, reason, evidence, score, sha256, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		operation.NewID(), h.ID, d.What, d.Reason, d.Evidence, d.Score, h.SHA256, d.By, database.Micros(d.At))
	return err
}

func decisionsOf(ctx context.Context, q database.Querier, hitID string) ([]Decision, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (d Decision, err error) {
		return d, rows.Scan(&d.What, &d.Reason, &d.Evidence, &d.Score, &d.By, database.Time(&d.At))
	}, `SELECT what, reason, evidence, score, made_by, made_at FROM screening_decision WHERE hit_id = $1 ORDER BY made_at DESC, id DESC`, hitID)
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

// listEntries reads a page of the entries in force of one list.
func listEntries(ctx context.Context, q database.Querier, source string, in listing.Query) (EntryPage, error) {
	tail, err := entrySpec.Build(in, []any{source})
	if err != nil {
		return EntryPage{}, err
	}
	var keys []any
	var ids []string
	all, err := database.Collect(ctx, q, func(rows *sql.Rows) (e Entry, err error) {
		var id, data string
		var key any
		if err := rows.Scan(&id, &data, &key); err != nil {
			return Entry{}, err
		}
		keys, ids = append(keys, key), append(ids, id)
		return e, json.Unmarshal([]byte(data), &e)
	}, `SELECT e.id, e.data, `+tail.Key+` FROM screening_listed e JOIN screening_source s ON s.id = e.source
		WHERE e.source = $1 AND e.since_no <= s.current_no AND (e.until_no = 0 OR e.until_no > s.current_no)`+tail.Where+tail.Order, tail.Args...)
	page := EntryPage{Rows: all}
	if size := in.Size(); err == nil && len(all) > size {
		page.Rows = all[:size]
		page.Next = listing.Cursor(keys[size-1], ids[size-1])
	}
	return page, err
}

// bandSQL names the band of a score, as bands does.
var bandSQL = func() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, band := range Bands[:len(Bands)-1] {
		fmt.Fprintf(&b, " WHEN h.score >= %g THEN '%s'", band.From, band.Key)
	}
	fmt.Fprintf(&b, " ELSE '%s' END", Bands[len(Bands)-1].Key)
	return b.String()
}()
