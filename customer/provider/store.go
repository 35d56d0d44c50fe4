package provider

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
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

type scanner interface{ Scan(dst ...any) error }

const configColumns = `id, mapping, enabled, allowed_hosts, auto_fields, updated_by, updated_at, version`

func scanConfig(row scanner) (c Config, err error) {
	var hosts, auto string
	err = row.Scan(&c.Key, &c.Mapping, &c.Enabled, &hosts, &auto, &c.UpdatedBy, database.Time(&c.UpdatedAt), &c.Version)
	c.AllowedHosts, c.AutoFields = strings.Fields(hosts), strings.Fields(auto)
	return c, err
}

func configByKey(ctx context.Context, q database.Querier, key string) (Config, bool, error) {
	c, err := scanConfig(q.QueryRow(ctx, `SELECT `+configColumns+` FROM provider_config WHERE id = $1`, key))
	if errors.Is(err, sql.ErrNoRows) {
		return Config{}, false, nil
	}
	return c, err == nil, err
}

func configs(ctx context.Context, q database.Querier) ([]Config, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Config, error) { return scanConfig(rows) }, `SELECT `+configColumns+` FROM provider_config ORDER BY id`)
}

func putConfig(ctx context.Context, tx *database.Tx, c Config) error {
	_, err := tx.Exec(ctx, `INSERT INTO provider_config (`+configColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET mapping = $2, enabled = $3, allowed_hosts = $4, auto_fields = $5, updated_by = $6, updated_at = $7, version = $8`,
		c.Key, c.Mapping, c.Enabled, strings.Join(c.AllowedHosts, " "), strings.Join(c.AutoFields, " "), c.UpdatedBy, database.Micros(c.UpdatedAt), c.Version)
	return err
}

const jobColumns = `j.id, j.provider, j.customer_id, j.batch_id, j.status, j.attempts, j.next_at, j.outcome, j.detail, j.found, j.asked_by, j.asked_at, j.ended_at`

func scanJob(row scanner) (j Job, err error) {
	err = row.Scan(&j.ID, &j.Provider, &j.CustomerID, &j.BatchID, &j.Status, &j.Attempts, database.Time(&j.NextAt), &j.Outcome, &j.Detail, &j.Found, &j.AskedBy,
		database.Time(&j.AskedAt), database.Time(&j.EndedAt))
	return j, err
}

// insertJob adds a job unless one of that provider and customer is open.
func insertJob(ctx context.Context, tx *database.Tx, j Job) error {
	_, err := tx.Exec(ctx, `INSERT INTO provider_job (id, provider, customer_id, batch_id, status, next_at, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT DO NOTHING`, j.ID, j.Provider, j.CustomerID, j.BatchID, j.Status, database.Micros(j.NextAt), j.AskedBy, database.Micros(j.AskedAt))
	return err
}

func putJob(ctx context.Context, tx *database.Tx, j Job) error {
	_, err := tx.Exec(ctx, `UPDATE provider_job SET status = $2, attempts = $3, next_at = $4, outcome = $5, detail = $6, found = $7, ended_at = $8 WHERE id = $1`,
		j.ID, j.Status, j.Attempts, database.Micros(j.NextAt), string(j.Outcome), j.Detail, j.Found, database.Micros(j.EndedAt))
	return err
}

func openJob(ctx context.Context, q database.Querier, provider, customerID string) (Job, error) {
	return scanJob(q.QueryRow(ctx, `SELECT `+jobColumns+` FROM provider_job j WHERE j.provider = $1 AND j.customer_id = $2 AND j.status IN ('waiting', 'running')`, provider, customerID))
}

func jobByID(ctx context.Context, q database.Querier, id string) (Job, error) {
	j, err := scanJob(q.QueryRow(ctx, `SELECT `+jobColumns+` FROM provider_job j WHERE j.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Job{}, fault.NotFound("provider job", id)
	}
	return j, err
}

func collectJobs(ctx context.Context, q database.Querier, where string, args ...any) ([]Job, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Job, error) { return scanJob(rows) }, `SELECT `+jobColumns+` FROM provider_job j WHERE `+where, args...)
}

func dueJobs(ctx context.Context, q database.Querier, provider string, now time.Time, most int) ([]Job, error) {
	return collectJobs(ctx, q, `j.status IN ('waiting', 'running') AND j.provider = $1 AND j.next_at <= $2 ORDER BY j.next_at, j.id LIMIT $3`, provider, database.Micros(now), most)
}

// lastJobs gives the newest job of each provider about a customer.
func lastJobs(ctx context.Context, q database.Querier, customerID string) (map[string]Job, error) {
	all, err := collectJobs(ctx, q, `j.customer_id = $1 AND NOT EXISTS (SELECT 1 FROM provider_job n WHERE n.customer_id = j.customer_id AND n.provider = j.provider
		AND (n.asked_at > j.asked_at OR n.asked_at = j.asked_at AND n.id > j.id)) ORDER BY j.provider`, customerID)
	last := map[string]Job{}
	for _, j := range all {
		last[j.Provider] = j
	}
	return last, err
}

const batchColumns = `b.id, b.provider, b.query, b.position, b.jobs, b.status, b.actor_id, b.actor_name, b.scope, b.team_id, b.created_at,
	(SELECT COUNT(*) FROM provider_job j WHERE j.batch_id = b.id AND j.status IN ('waiting', 'running')), (SELECT COUNT(*) FROM provider_job j WHERE j.batch_id = b.id AND j.status = 'failed')`

func scanBatch(row scanner) (b Batch, err error) {
	var query string
	if err := row.Scan(&b.ID, &b.Provider, &query, &b.position, &b.Jobs, &b.Status, &b.actorID, &b.ActorName, &b.scope, &b.actorTeam, database.Time(&b.CreatedAt), &b.Open, &b.Failed); err != nil {
		return b, err
	}
	return b, json.Unmarshal([]byte(query), &b.Filters)
}

func batchByID(ctx context.Context, q database.Querier, id string) (Batch, error) {
	b, err := scanBatch(q.QueryRow(ctx, `SELECT `+batchColumns+` FROM provider_batch b WHERE b.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Batch{}, fault.NotFound("batch", id)
	}
	return b, err
}

func batches(ctx context.Context, q database.Querier, where string, args ...any) ([]Batch, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Batch, error) { return scanBatch(rows) }, `SELECT `+batchColumns+` FROM provider_batch b WHERE `+where, args...)
}

func insertBatch(ctx context.Context, tx *database.Tx, b Batch) error {
	query, err := json.Marshal(b.Filters)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO provider_batch (id, provider, query, status, actor_id, actor_name, scope, team_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		b.ID, b.Provider, string(query), b.Status, b.actorID, b.ActorName, string(b.scope), b.actorTeam, database.Micros(b.CreatedAt))
	return err
}

func moveBatch(ctx context.Context, tx *database.Tx, b Batch) error {
	_, err := tx.Exec(ctx, `UPDATE provider_batch SET position = $2, jobs = $3, status = $4 WHERE id = $1`, b.ID, b.position, b.Jobs, b.Status)
	return err
}

func stopBatch(ctx context.Context, tx *database.Tx, b Batch, now time.Time) error {
	if err := moveBatch(ctx, tx, b); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE provider_job SET status = 'stopped', ended_at = $2 WHERE batch_id = $1 AND status = 'waiting'`, b.ID, database.Micros(now))
	return err
}

func callsOn(ctx context.Context, q database.Querier, provider string, day clock.Date) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT CAST(COALESCE(SUM(calls), 0) AS BIGINT) FROM provider_call WHERE provider = $1 AND day = $2`, provider, string(day)).Scan(&n)
	return n, err
}

func insertCall(ctx context.Context, tx *database.Tx, c Call, day clock.Date) error {
	_, err := tx.Exec(ctx, `INSERT INTO provider_call (id, provider, customer_id, job_id, at, day, calls, outcome, asked_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		c.ID, c.Provider, c.CustomerID, c.JobID, database.Micros(c.At), string(day), c.Calls, string(c.Outcome), c.AskedBy)
	return err
}

func callRuns(ctx context.Context, q database.Querier, id string) (running bool, err error) {
	var outcome Outcome
	err = q.QueryRow(ctx, `SELECT outcome FROM provider_call WHERE id = $1`, id).Scan(&outcome)
	return outcome == Running, err
}

func putCall(ctx context.Context, tx *database.Tx, c Call) error {
	_, err := tx.Exec(ctx, `UPDATE provider_call SET calls = $2, billed = $3, cost_minor = $4, outcome = $5, detail = $6, status = $7, took = $8, sha256 = $9, bytes = $10 WHERE id = $1`,
		c.ID, c.Calls, c.Billed, c.CostMinor, string(c.Outcome), c.Detail, c.Status, c.TookMicros, c.SHA256, c.Bytes)
	return err
}

const differenceColumns = `d.id, d.customer_id, d.provider, d.slot, d.action, d.before_text, d.after_text, d.record, d.target_id, d.as_of, d.source, d.evidence, d.status, d.reason,
	d.decided_by, d.decided_at, d.found_at`

func scanDifference(row scanner) (d Difference, err error) {
	var record string
	if err := row.Scan(&d.ID, &d.CustomerID, &d.Provider, &d.Slot, &d.Action, &d.Before, &d.After, &record, &d.TargetID, &d.AsOf, &d.Source, &d.Evidence, &d.Status, &d.Reason,
		&d.DecidedBy, database.Time(&d.DecidedAt), database.Time(&d.FoundAt)); err != nil {
		return d, err
	}
	if record != "" {
		d.Record = &Record{}
		return d, json.Unmarshal([]byte(record), d.Record)
	}
	return d, nil
}

func collectDifferences(ctx context.Context, q database.Querier, where string, args ...any) ([]Difference, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Difference, error) { return scanDifference(rows) }, `SELECT `+differenceColumns+` FROM provider_difference d WHERE `+where, args...)
}

// differencesOf gives what is remembered of a provider's word on a customer.
func differencesOf(ctx context.Context, q database.Querier, customerID, provider string) ([]Difference, error) {
	return collectDifferences(ctx, q, `d.customer_id = $1 AND d.provider = $2 AND (d.status IN ('pending', 'rejected') OR d.status = 'accepted' AND d.slot LIKE 'news:%') ORDER BY d.id`, customerID, provider)
}

func pendingOf(ctx context.Context, q database.Querier, customerID string) ([]Difference, error) {
	return collectDifferences(ctx, q, `d.customer_id = $1 AND d.status = 'pending' ORDER BY d.id`, customerID)
}

func decidedOf(ctx context.Context, q database.Querier, customerID string, most int) ([]Difference, error) {
	return collectDifferences(ctx, q, `d.customer_id = $1 AND d.status IN ('accepted', 'rejected') ORDER BY d.decided_at DESC, d.id DESC LIMIT $2`, customerID, most)
}

// pendingByIDs gives the chosen differences of a customer; one that is not there, or was decided meanwhile, is a fault.
func pendingByIDs(ctx context.Context, q database.Querier, customerID string, ids []string) ([]Difference, error) {
	all, err := pendingOf(ctx, q, customerID)
	if err != nil {
		return nil, err
	}
	chosen := slices.DeleteFunc(all, func(d Difference) bool { return !slices.Contains(ids, d.ID) })
	for i, id := range ids {
		if !slices.ContainsFunc(chosen, func(d Difference) bool { return d.ID == id }) {
			return nil, fault.Stale(fmt.Sprintf("ids[%d]", i), id)
		}
	}
	return chosen, nil
}

func insertDifference(ctx context.Context, tx *database.Tx, d Difference) error {
	record := ""
	if d.Record != nil {
		raw, err := json.Marshal(d.Record)
		if err != nil {
			return err
		}
		record = string(raw)
	}
	_, err := tx.Exec(ctx, `INSERT INTO provider_difference (id, customer_id, provider, slot, action, before_text, after_text, record, target_id, as_of, source, evidence, status, reason,
		decided_by, decided_at, found_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		d.ID, d.CustomerID, d.Provider, d.Slot, string(d.Action), d.Before, d.After, record, d.TargetID, d.AsOf, d.Source, d.Evidence, d.Status, d.Reason,
		d.DecidedBy, database.Micros(d.DecidedAt), database.Micros(d.FoundAt))
	return err
}

// putDecision ends a pending difference; of two who decide at once the second is refused.
func putDecision(ctx context.Context, tx *database.Tx, d Difference) error {
	done, err := tx.Exec(ctx, `UPDATE provider_difference SET status = $2, reason = $3, decided_by = $4, decided_at = $5 WHERE id = $1 AND status = 'pending'`,
		d.ID, d.Status, d.Reason, d.DecidedBy, database.Micros(d.DecidedAt))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("difference", d.ID))
	}
	return nil
}

var inboxSpec = listing.Spec{ID: "c.id", Default: "-found_at", Columns: []listing.Column{
	{Name: "found_at", SQL: "p.found", Kind: listing.Number}, {Name: "customer", SQL: "c.name"}, {Name: "count", SQL: "p.n", Kind: listing.Number},
}}

func listInbox(ctx context.Context, q database.Querier, a operation.Actor, in listing.Query) (Inbox, error) {
	where, args := customer.ScopeSQL(a, "c", nil)
	from := ` FROM (SELECT customer_id, COUNT(*) AS n, MAX(found_at) AS found FROM provider_difference WHERE status = 'pending' GROUP BY customer_id) p
		JOIN customer c ON c.id = p.customer_id WHERE 1 = 1` + where
	tail, err := inboxSpec.Build(in, args)
	if err != nil {
		return Inbox{}, err
	}
	var box Inbox
	if err := q.QueryRow(ctx, `SELECT COUNT(*), CAST(COALESCE(SUM(p.n), 0) AS BIGINT)`+from, args...).Scan(&box.Total, &box.Differences); err != nil {
		return Inbox{}, err
	}
	rows, err := q.Query(ctx, `SELECT c.id, c.name, p.n, p.found, `+tail.Key+from+tail.Where+tail.Order, tail.Args...)
	if err != nil {
		return Inbox{}, err
	}
	defer rows.Close()
	var keys []any
	for rows.Next() {
		var w Waiting
		var key any
		if err := rows.Scan(&w.CustomerID, &w.CustomerName, &w.Count, database.Time(&w.FoundAt), &key); err != nil {
			return Inbox{}, err
		}
		box.Customers, keys = append(box.Customers, w), append(keys, key)
	}
	if size := in.Size(); len(box.Customers) > size {
		box.Customers = box.Customers[:size]
		box.Next = listing.Cursor(keys[size-1], box.Customers[size-1].CustomerID)
	}
	return box, rows.Err()
}

func monthsOf(ctx context.Context, q database.Querier, since clock.Date) ([]Month, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (m Month, err error) {
		m.Cost.Currency = money.CNY
		err = rows.Scan(&m.Provider, &m.Month, &m.Fetches, &m.Calls, &m.Billed, &m.Good, &m.Cost.Minor)
		return m, err
	}, `SELECT provider, SUBSTR(day, 1, 7), COUNT(*), CAST(SUM(calls) AS BIGINT), CAST(SUM(billed) AS BIGINT), CAST(SUM(CASE WHEN outcome IN ('done', 'not_found') THEN 1 ELSE 0 END) AS BIGINT),
		CAST(SUM(cost_minor) AS BIGINT) FROM provider_call WHERE day >= $1 GROUP BY provider, SUBSTR(day, 1, 7) ORDER BY 2 DESC, 1`, string(since))
}

const callColumns = `k.id, k.provider, k.customer_id, COALESCE(c.name, ''), k.job_id, k.at, k.calls, k.billed, k.cost_minor, k.outcome, k.detail, k.status, k.took, k.sha256, k.bytes, k.asked_by`

func scanCall(row scanner) (k Call, err error) {
	err = row.Scan(&k.ID, &k.Provider, &k.CustomerID, &k.CustomerName, &k.JobID, database.Time(&k.At), &k.Calls, &k.Billed, &k.CostMinor, &k.Outcome, &k.Detail, &k.Status, &k.TookMicros,
		&k.SHA256, &k.Bytes, &k.AskedBy)
	return k, err
}

// lastCalls gives the newest calls within the reader's scope.
func lastCalls(ctx context.Context, q database.Querier, a operation.Actor, most int) ([]Call, error) {
	where, args := customer.ScopeSQL(a, "c", []any{most})
	return database.Collect(ctx, q, func(rows *sql.Rows) (Call, error) { return scanCall(rows) },
		`SELECT `+callColumns+` FROM provider_call k LEFT JOIN customer c ON c.id = k.customer_id WHERE 1 = 1`+where+` ORDER BY k.at DESC, k.id DESC LIMIT $1`, args...)
}

func callByID(ctx context.Context, q database.Querier, id string) (Call, error) {
	k, err := scanCall(q.QueryRow(ctx, `SELECT `+callColumns+` FROM provider_call k LEFT JOIN customer c ON c.id = k.customer_id WHERE k.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Call{}, fault.NotFound("call", id)
	}
	return k, err
}

func fileKnown(ctx context.Context, q database.Querier, provider, sum string) (known bool, err error) {
	var n int
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM provider_file WHERE provider = $1 AND sha256 = $2`, provider, sum).Scan(&n)
	return n > 0, err
}

func insertFile(ctx context.Context, tx *database.Tx, f File) error {
	unmatched, err := json.Marshal(f.Unmatched)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO provider_file (provider, sha256, name, bytes, items, matched, unmatched, detail, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		f.Provider, f.SHA256, f.Name, f.Bytes, f.Items, f.Matched, string(unmatched), f.Detail, database.Micros(f.At))
	return err
}

func lastFiles(ctx context.Context, q database.Querier, provider string, most int) ([]File, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (f File, err error) {
		var unmatched string
		if err := rows.Scan(&f.Provider, &f.SHA256, &f.Name, &f.Bytes, &f.Items, &f.Matched, &unmatched, &f.Detail, database.Time(&f.At)); err != nil {
			return f, err
		}
		return f, json.Unmarshal([]byte(unmatched), &f.Unmatched)
	}, `SELECT provider, sha256, name, bytes, items, matched, unmatched, detail, at FROM provider_file WHERE provider = $1 ORDER BY at DESC LIMIT $2`, provider, most)
}
