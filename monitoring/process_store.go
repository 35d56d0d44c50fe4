package monitoring

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring/rule"
)

func insertRule(ctx context.Context, tx *database.Tx, s StoredRule) error {
	_, err := tx.Exec(ctx, `INSERT INTO monitor_rule (id, version, source, status, saved_by, saved_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		s.Rule.Key, s.Rule.Version, s.Source, string(s.Status), s.SavedBy, database.Micros(s.SavedAt))
	return err
}

// savedRules gives the newest version of each saved rule.
func savedRules(ctx context.Context, q database.Querier) ([]StoredRule, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (s StoredRule, err error) {
		if err := rows.Scan(&s.Source, &s.Status, &s.SavedBy, database.Time(&s.SavedAt)); err != nil {
			return StoredRule{}, err
		}
		s.Rule, err = rule.Parse(s.Source)
		return s, err
	}, `SELECT source, status, saved_by, saved_at FROM monitor_rule r WHERE version = (SELECT MAX(version) FROM monitor_rule o WHERE o.id = r.id) ORDER BY id`)
}

// rulesPrint changes whenever a rule is saved.
func rulesPrint(ctx context.Context, q database.Querier) (print string, err error) {
	var n, last int64
	err = q.QueryRow(ctx, `SELECT COUNT(*), COALESCE(MAX(saved_at), 0) FROM monitor_rule`).Scan(&n, &last)
	return fmt.Sprint(n, "/", last), err
}

func progressID(partition int) string { return strconv.Itoa(partition) }

// progress is how far a partition is applied: a sequence, and the log that it was counted in (empty = none noted yet).
type progress struct {
	Seq uint64
	Log string
}

func progressOf(ctx context.Context, q database.Querier, partition int) (progress, error) {
	var seq int64
	var p progress
	err := q.QueryRow(ctx, `SELECT seq, log FROM monitor_progress WHERE id = $1`, progressID(partition)).Scan(&seq, &p.Log)
	if errors.Is(err, sql.ErrNoRows) {
		return progress{}, nil
	}
	p.Seq = uint64(seq)
	return p, err
}

// lockProgress makes batches of a partition follow one another, whichever process applies them.
func lockProgress(ctx context.Context, tx *database.Tx, partition int) (progress, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO monitor_progress (id, seq) VALUES ($1, 0) ON CONFLICT (id) DO NOTHING`, progressID(partition)); err != nil {
		return progress{}, err
	}
	if err := tx.Lock(ctx, "monitor_progress", progressID(partition)); err != nil {
		return progress{}, err
	}
	return progressOf(ctx, tx, partition)
}

func setProgress(ctx context.Context, tx *database.Tx, partition int, p progress) error {
	_, err := tx.Exec(ctx, `UPDATE monitor_progress SET seq = $2, log = $3 WHERE id = $1`, progressID(partition), int64(p.Seq), p.Log)
	return err
}

const perStatement = 400

func marks(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}

// unseen notes events as seen and gives those that were not before, in their order.
func unseen(ctx context.Context, tx *operation.Tx, events []rule.Event) ([]rule.Event, error) {
	fresh := map[int64]bool{}
	day := string(tx.Today)
	keys := make([]int64, len(events))
	for i, e := range events {
		keys[i] = seenKey(e)
	}
	for part := range slices.Chunk(keys, perStatement) {
		var b strings.Builder
		b.WriteString(`INSERT INTO event_seen (id, day) VALUES `)
		args := []any{day}
		for i, key := range part {
			if i > 0 {
				b.WriteByte(',')
			}
			args = append(args, key)
			fmt.Fprintf(&b, "($%d, $1)", len(args))
		}
		b.WriteString(` ON CONFLICT (id) DO NOTHING RETURNING id`)
		ids, err := database.Collect(ctx, tx, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) }, b.String(), args...)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			fresh[id] = true
		}
	}
	var out []rule.Event
	for i, e := range events {
		if k := keys[i]; fresh[k] {
			delete(fresh, k) // twice in one batch counts once
			out = append(out, e)
		}
	}
	return out, nil
}

func statesOf(ctx context.Context, q database.Querier, ids []string, take func(id string, raw []byte) error) error {
	for part := range slices.Chunk(ids, perStatement) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		if _, err := database.Collect(ctx, q, func(rows *sql.Rows) (struct{}, error) {
			var id string
			var raw []byte
			if err := rows.Scan(&id, &raw); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, take(id, raw)
		}, `SELECT customer_id, state FROM monitor_state WHERE customer_id IN (`+marks(1, len(part))+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

func putStates(ctx context.Context, tx *database.Tx, states map[string][]byte) error {
	ids := make([]string, 0, len(states))
	for id := range states {
		ids = append(ids, id)
	}
	slices.Sort(ids) // one order of row locks for all
	for part := range slices.Chunk(ids, perStatement) {
		var b strings.Builder
		b.WriteString(`INSERT INTO monitor_state (customer_id, state) VALUES `)
		var args []any
		for i, id := range part {
			if i > 0 {
				b.WriteByte(',')
			}
			args = append(args, id, states[id])
			fmt.Fprintf(&b, "($%d, $%d)", len(args)-1, len(args))
		}
		b.WriteString(` ON CONFLICT (customer_id) DO UPDATE SET state = excluded.state`)
		if _, err := tx.Exec(ctx, b.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

func park(ctx context.Context, tx *database.Tx, all []Parked, partition int, now time.Time) error {
	rows := make([][]any, 0, len(all))
	for _, p := range all {
		rows = append(rows, []any{operation.NewID(), "partition " + progressID(partition), p.Event, p.Reason, database.Micros(now)})
	}
	return tx.InsertMany(ctx, "event_dead", []string{"id", "place", "event", "reason", "at"}, rows)
}

// Watched gives the customers that rules remember something of, after an id in their order.
func Watched(ctx context.Context, q database.Querier, after string, most int) ([]string, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) },
		`SELECT customer_id FROM monitor_state WHERE customer_id > $1 ORDER BY customer_id LIMIT $2`, after, most)
}

// Forget drops the identities of events seen before a day, for the daily round: an event that arrives again later than
// that would count twice.
func Forget(ctx context.Context, tx *database.Tx, before clock.Date) error {
	_, err := tx.Exec(ctx, `DELETE FROM event_seen WHERE day < $1`, string(before))
	return err
}

// ParkedInput asks for parked events.
type ParkedInput struct{}

// ParkedEvent is an event that could not be applied.
type ParkedEvent struct {
	ID     string    `json:"id"`
	Place  string    `json:"place"`
	Event  string    `json:"event"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// ShowParked shows the newest events that could not be applied.
var ShowParked = operation.NewView("event.parked", func(ctx context.Context, rd *operation.Reading, _ ParkedInput) ([]ParkedEvent, error) {
	return database.Collect(ctx, rd, func(rows *sql.Rows) (p ParkedEvent, err error) {
		err = rows.Scan(&p.ID, &p.Place, &p.Event, &p.Reason, database.Time(&p.At))
		return p, err
	}, `SELECT id, place, event, reason, at FROM event_dead ORDER BY at DESC, id DESC LIMIT 200`)
})
