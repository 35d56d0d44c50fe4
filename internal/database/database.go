// Package database opens the two engines Xinheng runs on, SQLite (embedded, the default) and PostgreSQL, behind one
// small surface: statements are written once, with $1 placeholders, in the portable subset.
//
// Portable means: ids and dates are TEXT, times are BIGINT microseconds since 1970 UTC (0 = none), money is BIGINT
// minor units beside a currency column, ratios are DOUBLE PRECISION, structured values are JSON in TEXT. See
// docs/decisions/0001-portable-sql.md.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	"modernc.org/sqlite"               // driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgres"
)

// Querier reads. A DB (outside of any transaction), a Tx and a test can be one.
type Querier interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
	Engine() Engine
}

// DB is an open database. Reads go to a pool; writes go through Write, which only the operation runner, the outbox
// and the audit sealer call.
type DB struct {
	engine Engine
	read   *sql.DB
	write  *sql.DB
	group  *groupWriter // SQLite only: its one writer
}

// Open opens the database that the URL names: "sqlite:PATH" (or just a path) or "postgres://…".
func Open(ctx context.Context, address string) (*DB, error) {
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return openPostgres(ctx, address)
	}
	path := strings.TrimPrefix(strings.TrimPrefix(address, "sqlite:"), "//")
	return openSQLite(ctx, path)
}

func openPostgres(ctx context.Context, address string) (*DB, error) {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	pool.SetMaxOpenConns(max(16, 8*runtime.NumCPU()))
	pool.SetMaxIdleConns(max(16, 8*runtime.NumCPU()))
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to PostgreSQL: %w", err), pool.Close())
	}
	return &DB{engine: PostgreSQL, read: pool, write: pool}, nil
}

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	dsn := func(readOnly bool) string {
		q := url.Values{}
		// FULL: a commit is on disk before it is acknowledged. The page cache is per connection (negative = KiB).
		for _, p := range []string{"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "busy_timeout(10000)",
			"temp_store(MEMORY)", "mmap_size(268435456)", "wal_autocheckpoint(4000)"} {
			q.Add("_pragma", p)
		}
		if readOnly {
			q.Add("_pragma", "query_only(ON)")
			q.Add("_pragma", "cache_size(-4000)")
		} else {
			q.Add("_pragma", "cache_size(-32000)")
			q.Set("_txlock", "immediate")
		}
		return "file:" + path + "?" + q.Encode()
	}
	write, err := sql.Open("sqlite", dsn(false))
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	write.SetMaxOpenConns(2) // the group writer keeps one; the other is for migrations and the benchmarks' baseline
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite %s: %w", path, err), write.Close())
	}
	read, err := sql.Open("sqlite", dsn(true))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite: %w", err), write.Close())
	}
	read.SetMaxOpenConns(max(4, 2*runtime.NumCPU()))
	read.SetMaxIdleConns(max(4, 2*runtime.NumCPU()))
	return &DB{engine: SQLite, read: read, write: write, group: newGroupWriter(write)}, nil
}

// Close ends the writer after what it was given, then closes the pools.
func (db *DB) Close() error {
	if db.engine == PostgreSQL {
		return db.read.Close()
	}
	db.group.close()
	return errors.Join(db.read.Close(), db.write.Close())
}

// Engine tells which engine this is.
func (db *DB) Engine() Engine { return db.engine }

// Query reads rows outside of a transaction.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.read.QueryContext(ctx, query, args...)
}

// QueryRow reads one row outside of a transaction.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return db.read.QueryRowContext(ctx, query, args...)
}

// Pool gives the raw write pool, for migrations, bulk loads and the benchmarks' bare baseline.
func (db *DB) Pool() *sql.DB { return db.write }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.read.PingContext(ctx) }

// IsUnique tells whether err is a breach of a unique constraint, on either engine.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

func isRetryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// Micros writes a time as both engines keep it: microseconds since 1970 UTC, 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time reads what Micros wrote: pass it to Scan.
func Time(dst *time.Time) sql.Scanner { return (*microTime)(dst) }

type microTime time.Time

// Scan reads microseconds since 1970.
func (t *microTime) Scan(v any) error {
	switch n := v.(type) {
	case nil:
		*t = microTime(time.Time{})
	case int64:
		*t = microTime(time.Time{})
		if n != 0 {
			*t = microTime(time.UnixMicro(n).UTC())
		}
	default:
		return fmt.Errorf("database.Time: cannot scan %T", v)
	}
	return nil
}
