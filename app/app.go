package app

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/audit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/provider"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/document"
	"github.com/xinheng/xinheng/internal/eventlog"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/internal/outbox"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/screening"
)

// Options are what an installation chooses.
type Options struct {
	Data      string         // directory of the embedded database, event log and documents
	DB        string         // database address; empty = SQLite below Data
	NATS      string         // address of an external NATS cluster; empty = the embedded event log below Data
	Documents string         // where documents lie: a folder, or s3://… (document.Open); empty = a folder below Data
	Clamd     string         // address of a ClamAV daemon; empty = uploads are not scanned
	Zone      *time.Location // the company's time zone; nil = China Standard Time
	Clock     clock.Clock
	Log       *slog.Logger
	// PublicURL is the address by which people reach the pages, when a proxy ends TLS before them; nil = as requests say.
	PublicURL *url.URL
}

// App is a running Xinheng without its doors.
type App struct {
	DB        *database.DB
	Runner    *operation.Runner
	Outbox    *outbox.Outbox
	Door      access.Door
	Events    *eventlog.Log // nil in a process that only runs operations beside a server
	Intake    *monitoring.Intake
	Watch     *monitoring.Processor
	Lists     *screening.Screener
	Documents *customer.Vault
	Providers *provider.Fetcher
	Log       *slog.Logger
	Data      string

	PublicURL *url.URL // see Options

	groups  regrouping
	stop    context.CancelFunc
	running sync.WaitGroup
}

const sealInterval = time.Second

// Open opens the database and brings it to the newest version, without the event log: for commands that may run beside a
// server. What they cause waits in the outbox for the server.
func Open(ctx context.Context, o Options) (*App, error) {
	address := o.DB
	if address == "" {
		address = "sqlite:" + filepath.Join(o.Data, "xinheng.db")
	}
	if o.Documents == "" {
		o.Documents = filepath.Join(o.Data, "documents")
	}
	store, err := document.Open(o.Documents)
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a := New(db, nil, o)
	a.Documents.Store = store
	return a, nil
}

// OpenServer opens all stores, as one process at a time may. Nothing runs in the background before Start.
func OpenServer(ctx context.Context, o Options) (*App, error) {
	a, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	events, err := eventlog.Open(ctx, eventlog.Options{Dir: filepath.Join(o.Data, "events"), URL: o.NATS, Log: a.Log})
	if err != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	a.listen(events)
	return a, nil
}

// listen gives the app its event log.
func (a *App) listen(events *eventlog.Log) {
	a.Events = events
	a.Intake = &monitoring.Intake{DB: a.DB, Events: events, Clock: a.Runner.Clock, Booking: booking}
	a.Watch = &monitoring.Processor{Runner: a.Runner, Events: events, Book: a.book, Log: a.Log}
}

// New puts the product together over an open, migrated database and, unless it is nil, an event log; Close closes both.
func New(db *database.DB, events *eventlog.Log, o Options) *App {
	if o.Clock == nil {
		o.Clock = clock.System
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("CST", 8*60*60) // China has had one zone without summer time since 1992
	}
	a := &App{DB: db, Log: o.Log, Data: o.Data, PublicURL: o.PublicURL, Door: access.Door{DB: db, Clock: o.Clock}}
	a.Outbox = outbox.New(db, o.Clock, o.Log)
	a.Runner = &operation.Runner{DB: db, Clock: o.Clock, Zone: o.Zone, Record: audit.Record, Send: a.Outbox.Send, Committed: a.Outbox.Wake}
	a.Documents = &customer.Vault{Runner: a.Runner, Store: document.Folder{Dir: filepath.Join(o.Data, "documents")}, Log: o.Log}
	if o.Clamd != "" {
		a.Documents.Scanner = &document.Clamd{Address: o.Clamd}
	}
	a.Providers = &provider.Fetcher{Runner: a.Runner, Store: func() document.Store { return a.Documents.Store }, Dir: o.Data, Log: o.Log}
	a.Lists = &screening.Screener{Runner: a.Runner, Log: o.Log}
	a.Runner.Lend(a.Lists)
	if events != nil {
		a.listen(events)
	}
	a.react()
	return a
}

// Start runs what works in the background: the outbox, the audit sealer, the schedule.
func (a *App) Start(ctx context.Context) {
	ctx, a.stop = context.WithCancel(ctx)
	for _, work := range []func(context.Context){
		a.Outbox.Run,
		a.Watch.Run,
		a.Lists.Run,
		func(ctx context.Context) { audit.Sealer(ctx, a.DB, sealInterval, a.Log) },
		a.schedule,
		a.rescan,
		a.Providers.Run,
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
	if a.Events != nil {
		a.Events.Close()
	}
	return a.DB.Close()
}
