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

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// sourceRow is a list's row: the numbers of its editions and where it is fetched from.
type sourceRow struct {
	Key                           string
	CurrentNo, LastNo, ScreenedNo int64
	Settings
	TriedAt time.Time
	Failure string
}

const sourceColumns = `id, current_no, last_no, screened_no, urls, allowed_hosts, every_hours, automatic, tried_at, failure, version`

func scanSource(row scanner) (s sourceRow, err error) {
	var urls, hosts string
	if err := row.Scan(&s.Key, &s.CurrentNo, &s.LastNo, &s.ScreenedNo, &urls, &hosts, &s.EveryHours, &s.Automatic, database.Time(&s.TriedAt), &s.Failure, &s.Version); err != nil {
		return sourceRow{}, err
	}
	s.Source = s.Key
	return s, errors.Join(json.Unmarshal([]byte(urls), &s.URLs), json.Unmarshal([]byte(hosts), &s.AllowedHosts))
}

func sourceRows(ctx context.Context, q database.Querier) ([]sourceRow, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (sourceRow, error) { return scanSource(rows) }, `SELECT `+sourceColumns+` FROM screening_source ORDER BY id`)
}

func sourceByKey(ctx context.Context, q database.Querier, key string) (sourceRow, error) {
	s, err := scanSource(q.QueryRow(ctx, `SELECT `+sourceColumns+` FROM screening_source WHERE id = $1`, key))
	if errors.Is(err, sql.ErrNoRows) {
		return sourceRow{Key: key, Settings: Settings{Source: key, Version: 1}}, nil
	}
	return s, err
}

// lockedSource holds a list's row, made at first, so that two loads of one list follow each other.
func lockedSource(ctx context.Context, tx *operation.Tx, key string) (sourceRow, error) {
	if _, ok := SourceOf(key); !ok {
		return sourceRow{}, unknownSource()
	}
	if _, err := tx.Exec(ctx, `INSERT INTO screening_source (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`, key); err != nil {
		return sourceRow{}, err
	}
	if err := tx.Lock(ctx, "screening_source", key); err != nil {
		return sourceRow{}, err
	}
	return sourceByKey(ctx, tx, key)
}

func putSource(ctx context.Context, tx *database.Tx, s sourceRow) error {
	urls, err := json.Marshal(joined(s.URLs...))
	if err != nil {
		return err
	}
	hosts, err := json.Marshal(joined(s.AllowedHosts...))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE screening_source SET last_no = $2, urls = $3, allowed_hosts = $4, every_hours = $5, automatic = $6, tried_at = $7, failure = $8, version = $9 WHERE id = $1`,
		s.Key, s.LastNo, string(urls), string(hosts), s.EveryHours, s.Automatic, database.Micros(s.TriedAt), s.Failure, s.Version)
	return err
}

func setCurrent(ctx context.Context, tx *database.Tx, key string, no int64) error {
	_, err := tx.Exec(ctx, `UPDATE screening_source SET current_no = $2 WHERE id = $1`, key, no)
	return err
}

func setScreened(ctx context.Context, tx *database.Tx, key string, no int64) error {
	_, err := tx.Exec(ctx, `UPDATE screening_source SET screened_no = $2 WHERE id = $1 AND screened_no < $2`, key, no)
	return err
}

// numbered is an edition by its list's counting and by its id.
type numbered struct {
	no int64
	id string
}

// editionNumbers gives the edition in force of each list that has one. In a transaction they stay so until its end:
// PostgreSQL is told to hold them, SQLite has one writer.
func editionNumbers(ctx context.Context, q database.Querier) (map[string]numbered, error) {
	query := `SELECT s.id, s.current_no, e.id FROM screening_source s JOIN screening_edition e ON e.source = s.id AND e.no = s.current_no ORDER BY s.id`
	if _, writes := q.(*operation.Tx); writes && q.Engine() == database.PostgreSQL {
		query += ` FOR SHARE OF s`
	}
	numbers := map[string]numbered{}
	_, err := database.Collect(ctx, q, func(rows *sql.Rows) (none struct{}, err error) {
		var key string
		var n numbered
		err = rows.Scan(&key, &n.no, &n.id)
		numbers[key] = n
		return none, err
	}, query)
	return numbers, err
}

const editionColumns = `id, source, no, status, origin, sha256, entries, names, added, removed, changed, loaded_by, loaded_by_id, loaded_at, decided_by, decided_at, version`

func scanEdition(row scanner) (e Edition, err error) {
	return e, row.Scan(&e.ID, &e.Source, &e.No, &e.Status, &e.Origin, &e.SHA256, &e.Entries, &e.Names, &e.Added, &e.Removed, &e.Changed, &e.LoadedBy, &e.LoadedByID,
		database.Time(&e.LoadedAt), &e.DecidedBy, database.Time(&e.DecidedAt), &e.Version)
}

func editionByID(ctx context.Context, q database.Querier, id string) (Edition, error) {
	e, err := scanEdition(q.QueryRow(ctx, `SELECT `+editionColumns+` FROM screening_edition WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Edition{}, fault.NotFound("screening.edition", id)
	}
	return e, err
}

// editionWith finds the one edition of a list that waits or is in force.
func editionWith(ctx context.Context, q database.Querier, source string, status EditionStatus) (Edition, bool, error) {
	e, err := scanEdition(q.QueryRow(ctx, `SELECT `+editionColumns+` FROM screening_edition WHERE source = $1 AND status = $2`, source, string(status)))
	if errors.Is(err, sql.ErrNoRows) {
		return Edition{}, false, nil
	}
	return e, err == nil, err
}

func editionsOf(ctx context.Context, q database.Querier, source string) ([]Edition, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Edition, error) { return scanEdition(rows) },
		`SELECT `+editionColumns+` FROM screening_edition WHERE source = $1 ORDER BY no DESC LIMIT 100`, source)
}

func standingEditions(ctx context.Context, q database.Querier) ([]Edition, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Edition, error) { return scanEdition(rows) },
		`SELECT `+editionColumns+` FROM screening_edition WHERE status IN ('waiting', 'in_force')`)
}

func insertEdition(ctx context.Context, tx *database.Tx, e Edition) error {
	_, err := tx.Exec(ctx, `INSERT INTO screening_edition (`+editionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		e.ID, e.Source, e.No, string(e.Status), e.Origin, e.SHA256, e.Entries, e.Names, e.Added, e.Removed, e.Changed, e.LoadedBy, e.LoadedByID, database.Micros(e.LoadedAt),
		e.DecidedBy, database.Micros(e.DecidedAt), e.Version)
	return err
}

func putEdition(ctx context.Context, tx *database.Tx, e Edition) error {
	_, err := tx.Exec(ctx, `UPDATE screening_edition SET status = $2, entries = $3, names = $4, added = $5, changed = $6, decided_by = $7, decided_at = $8, version = version + 1 WHERE id = $1`,
		e.ID, string(e.Status), e.Entries, e.Names, e.Added, e.Changed, e.DecidedBy, database.Micros(e.DecidedAt))
	return err
}

// standingRow is a row of an edition.
type standingRow struct {
	id, sha256 string
	since      int64
	entry      Entry // without its data unless the row was asked for in full
}

const ofEdition = `source = $1 AND since_no <= $2 AND (until_no = 0 OR until_no > $2)`

// standingRows gives an edition's rows by source id.
func standingRows(ctx context.Context, q database.Querier, source string, no int64) (map[string]standingRow, error) {
	standing := map[string]standingRow{}
	_, err := database.Collect(ctx, q, func(rows *sql.Rows) (none struct{}, err error) {
		var r standingRow
		err = rows.Scan(&r.id, &r.entry.SourceID, &r.sha256, &r.since, &r.entry.Name)
		standing[r.entry.SourceID] = r
		return none, err
	}, `SELECT id, source_id, sha256, since_no, name FROM screening_listed WHERE `+ofEdition, source, no)
	return standing, err
}

func insertListed(ctx context.Context, tx *database.Tx, source string, no int64, d difference) error {
	rows := make([][]any, len(d.rows))
	for i, r := range d.rows {
		rows[i] = []any{operation.NewID(), source, r.entry.SourceID, no, r.entry.Name, r.data, r.sha256}
	}
	if err := tx.InsertMany(ctx, "screening_listed", []string{"id", "source", "source_id", "since_no", "name", "data", "sha256"}, rows); err != nil {
		return err
	}
	return inParts(d.ends, 1, func(marks string, ids []any) error {
		_, err := tx.Exec(ctx, `UPDATE screening_listed SET until_no = $1 WHERE id IN (`+marks+`)`, append([]any{no}, ids...)...)
		return err
	})
}

// withdrawListed takes back what an edition that waits wrote.
func withdrawListed(ctx context.Context, tx *database.Tx, source string, no int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM screening_listed WHERE source = $1 AND since_no = $2`, source, no); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE screening_listed SET until_no = 0 WHERE source = $1 AND until_no = $2`, source, no)
	return err
}

// inParts hands out values as placeholders after the first `used`. A part has one of few sizes, the last value repeated to
// fill it, so that the engines meet few different statements.
func inParts(values []string, used int, do func(marks string, args []any) error) error {
	const most = 512
	for part := range slices.Chunk(values, most) {
		size := 4
		for size < len(part) {
			size *= 2
		}
		marks, args := make([]string, size), make([]any, size)
		for i := range size {
			marks[i], args[i] = fmt.Sprintf("$%d", used+i+1), part[min(i, len(part)-1)]
		}
		if err := do(strings.Join(marks, ", "), args); err != nil {
			return err
		}
	}
	return nil
}

// listed is an entry of a list with its hash.
type listed struct {
	source, sha256 string
	entry          Entry
	since, until   int64
}

func scanListed(rows *sql.Rows) (l listed, err error) {
	var data string
	if err := rows.Scan(&l.source, &l.since, &l.until, &l.sha256, &data); err != nil {
		return listed{}, err
	}
	return l, json.Unmarshal([]byte(data), &l.entry)
}

func listedRowByID(ctx context.Context, q database.Querier, id string) (l listed, err error) {
	var data string
	if err := q.QueryRow(ctx, `SELECT data FROM screening_listed WHERE id = $1`, id).Scan(&data); err != nil {
		return listed{}, err
	}
	return l, json.Unmarshal([]byte(data), &l.entry)
}

// listedBetween gives what changed after edition a up to edition b, in any way: the rows that came or went.
func listedBetween(ctx context.Context, q database.Querier, source string, a, b int64) ([]listed, error) {
	return database.Collect(ctx, q, scanListed, `SELECT source, since_no, until_no, sha256, data FROM screening_listed WHERE source = $1
		AND (since_no > $2 AND since_no <= $3 OR until_no > $2 AND until_no <= $3) ORDER BY source_id, since_no`, source, a, b)
}
