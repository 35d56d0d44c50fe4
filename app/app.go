package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/audit"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/internal/outbox"
)

// Options are what an installation chooses.
type Options struct {
	Data  string         // directory of the embedded database, event log and documents
	DB    string         // database address; empty = SQLite below Data
	Zone  *time.Location // the company's time zone; nil = China Standard Time
	Clock clock.Clock
	Log   *slog.Logger
}

// App is a running Xinheng without its doors.
type App struct {
	DB     *database.DB
	Runner *operation.Runner
	Outbox *outbox.Outbox
	Door   access.Door
	Log    *slog.Logger
	Data   string

	stop    context.CancelFunc
	running sync.WaitGroup
}

const sealInterval = time.Second

// Open opens the stores and brings them to the newest version. Nothing runs in the background before Start.
func Open(ctx context.Context, o Options) (*App, error) {
	address := o.DB
	if address == "" {
		address = "sqlite:" + filepath.Join(o.Data, "xinheng.db")
	}
	db, err := database.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return New(db, o), nil
}

// New puts the product together over an open, migrated database, which Close closes.
func New(db *database.DB, o Options) *App {
	if o.Clock == nil {
		o.Clock = clock.System
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("CST", 8*60*60) // China has had one zone without summer time since 1992
	}
	a := &App{DB: db, Log: o.Log, Data: o.Data, Door: access.Door{DB: db, Clock: o.Clock}}
	a.Outbox = outbox.New(db, o.Clock, o.Log)
	a.Runner = &operation.Runner{DB: db, Clock: o.Clock, Zone: o.Zone, Record: audit.Record, Send: a.Outbox.Send, Committed: a.Outbox.Wake}
	a.react()
	return a
}

// Start runs what works in the background: the outbox, the audit sealer, the schedule.
func (a *App) Start(ctx context.Context) {
	ctx, a.stop = context.WithCancel(ctx)
	for _, work := range []func(context.Context){
		a.Outbox.Run,
		func(ctx context.Context) { audit.Sealer(ctx, a.DB, sealInterval, a.Log) },
		a.schedule,
	} {
		a.running.Go(func() { work(ctx) })
	}
}

// Close stops the background work and closes the stores.
func (a *App) Close() error {
	if a.stop != nil {
		a.stop()
	}
	a.running.Wait()
	return a.DB.Close()
}
