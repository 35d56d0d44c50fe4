// Package eventlog is the durable log of business events: NATS JetStream, embedded in the process by default, an
// external cluster at scale, through the same client.
//
// What Append and Submit accepted is on disk. The embedded server runs with SyncAlways, because JetStream acknowledges
// before fsync otherwise; throughput comes from many records in one message. On an external cluster durable means three
// replicas on separate machines; its sync interval is the operator's choice.
//
// Records are partitioned by their key (the customer): those of one key keep their order. A consumer of a partition
// keeps the last sequence it applied itself, in the same transaction as what it did, and asks for what follows.
package eventlog

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/xinheng/xinheng/internal/fault"
)

// Options say where the log lies.
type Options struct {
	Dir        string // of the embedded server
	URL        string // of an external cluster instead
	Partitions int    // fixed when the log is created; 0 = 4
	Log        *slog.Logger
}

const (
	stream        = "XINHENG_EVENTS"
	subjectPrefix = "xinheng.events."
	partitionsKey = "xinheng_partitions"
	keepFor       = 400 * 24 * time.Hour // a year of windows, and time to repair
	// Duplicates of a message id are recognised this long; consumers recognise duplicates of events by themselves.
	duplicateWindow = 10 * time.Minute
	mostMessage     = 512 << 10 // bytes of records in a message
	mostPending     = 256       // messages on their way at once
	startTimeout    = 20 * time.Second
	ackTimeout      = 10 * time.Second // a healthy store answers within milliseconds
)

// Record is an event as bytes, with the key that decides its partition.
type Record struct {
	Key  string
	Data []byte
}

// Log is an open event log. An embedded one whose store fails (a full disk, mostly) refuses records with a fault of kind
// busy, and opens its store again by itself when there is room: see reopen.go.
type Log struct {
	options    Options
	partitions int
	held       *os.File // the lock of an embedded log
	now        atomic.Pointer[engine]
	singles    chan single
	stop       context.CancelFunc
	stopped    chan struct{} // the singles have ended
	watched    chan struct{} // the watch has ended
}

// Open starts the embedded server, or connects to the cluster, and creates the log when it is not there.
func Open(ctx context.Context, o Options) (_ *Log, err error) {
	if o.Partitions == 0 {
		o.Partitions = 4
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Log{options: o, partitions: o.Partitions, singles: make(chan single, mostWaiting), stopped: make(chan struct{}), watched: make(chan struct{})}
	if o.URL == "" {
		if l.held, err = lock(o.Dir); err != nil {
			return nil, err
		}
	}
	e, err := l.connect(ctx)
	if err == nil {
		if err = e.create(ctx, o); err != nil {
			e.close()
		}
	}
	if err != nil {
		l.unlock()
		return nil, err
	}
	l.now.Store(e)
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go l.groupSingles(run)
	go l.watch(run)
	return l, nil
}

// engine is a running store with our connection to it: the embedded server, or the cluster.
type engine struct {
	embedded *server.Server
	conn     *nats.Conn
	js       jetstream.JetStream
	stream   jetstream.Stream

	once sync.Once
	down chan struct{} // closed when the embedded store has failed
	why  error         // readable once down is closed
}

// fail notes that the embedded store takes nothing any more. A cluster looks after itself.
func (e *engine) fail(why error) {
	if e.embedded != nil {
		e.once.Do(func() { e.why = why; close(e.down) })
	}
}

// failed gives the reason why the store takes nothing, nil while it does.
func (e *engine) failed() error {
	select {
	case <-e.down:
		return e.why
	default:
		return nil
	}
}

func (e *engine) close() {
	if e.conn != nil {
		e.conn.Close()
	}
	if e.embedded != nil {
		e.embedded.Shutdown()
		e.embedded.WaitForShutdown()
	}
}

func (l *Log) connect(ctx context.Context) (_ *engine, err error) {
	e := &engine{down: make(chan struct{})}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	if l.options.URL == "" {
		if err := e.embed(l.options.Dir); err != nil {
			return nil, err
		}
	} else if e.conn, err = nats.Connect(l.options.URL, nats.Name("xinheng"), nats.MaxReconnects(-1)); err != nil {
		return nil, fmt.Errorf("event log %s: %w", l.options.URL, err)
	}
	if e.js, err = jetstream.New(e.conn, jetstream.WithPublishAsyncMaxPending(mostPending), jetstream.WithPublishAsyncTimeout(ackTimeout)); err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	return e, ctx.Err()
}

func (e *engine) embed(dir string) error {
	embedded, err := server.NewServer(&server.Options{ServerName: "xinheng", DontListen: true, JetStream: true, StoreDir: dir, SyncAlways: true, NoSigs: true, NoLog: true,
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 40})
	if err != nil {
		return fmt.Errorf("event log: %w", err)
	}
	e.embedded = embedded
	embedded.Start()
	if !embedded.ReadyForConnections(startTimeout) {
		return fmt.Errorf("event log: the embedded server did not start within %s", startTimeout)
	}
	e.conn, err = nats.Connect("", nats.InProcessServer(embedded), nats.Name("xinheng"))
	if err != nil {
		return fmt.Errorf("event log: %w", err)
	}
	return nil
}

// find looks for the log that is there already; jetstream.ErrStreamNotFound when there is none.
func (e *engine) find(ctx context.Context, o Options) error {
	existing, err := e.js.Stream(ctx, stream)
	if err != nil {
		return fmt.Errorf("event log: %w", err)
	}
	if was := existing.CachedInfo().Config.Metadata[partitionsKey]; was != strconv.Itoa(o.Partitions) {
		return fmt.Errorf("event log: it has %s partitions, not %d; the number is fixed when the log is created", was, o.Partitions)
	}
	e.stream = existing
	return nil
}

func (e *engine) create(ctx context.Context, o Options) error {
	err := e.find(ctx, o)
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	replicas := 1
	if o.URL != "" && len(e.conn.Servers()) >= 3 {
		replicas = 3
	}
	e.stream, err = e.js.CreateStream(ctx, jetstream.StreamConfig{Name: stream, Subjects: []string{subjectPrefix + "*"}, Storage: jetstream.FileStorage, Replicas: replicas,
		MaxAge: keepFor, Duplicates: duplicateWindow, Metadata: map[string]string{partitionsKey: strconv.Itoa(o.Partitions)}})
	if err != nil {
		return fmt.Errorf("event log: create: %w", err)
	}
	return nil
}

// Identity tells this log from any other that may lie in its place one day: when it was created. Sequences of another log
// mean nothing here.
func (l *Log) Identity() string {
	return l.now.Load().stream.CachedInfo().Created.UTC().Format(time.RFC3339Nano)
}

// Newest gives the sequence of the newest message of all partitions, 0 when there never was one.
func (l *Log) Newest(ctx context.Context) (uint64, error) {
	e, err := l.engine()
	if err != nil {
		return 0, err
	}
	info, err := e.stream.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("event log: %w", err)
	}
	return info.State.LastSeq, nil
}

// Partitions is how many there are.
func (l *Log) Partitions() int { return l.partitions }

// PartitionOf gives the partition of a key.
func (l *Log) PartitionOf(key string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // a hash cannot fail
	return int(h.Sum32() % uint32(l.partitions))
}

func subject(partition int) string { return subjectPrefix + strconv.Itoa(partition) }

// Append writes records, those of one key in their order. When it returns nil all are on disk; when it fails, some may
// be: writing them again is right, because consumers count every event once.
func (l *Log) Append(ctx context.Context, records []Record) error {
	e, err := l.engine()
	if err != nil {
		return err
	}
	var waiting []jetstream.PubAckFuture
	byPartition := make([][][]byte, l.partitions)
	for _, r := range records {
		p := l.PartitionOf(r.Key)
		byPartition[p] = append(byPartition[p], r.Data)
	}
	for p, all := range byPartition {
		for len(all) > 0 {
			n, size := 0, 0
			for n < len(all) && (n == 0 || size+len(all[n]) <= mostMessage) {
				size += len(all[n])
				n++
			}
			future, err := e.js.PublishAsync(subject(p), encode(all[:n]))
			if err != nil {
				return e.refused(err)
			}
			waiting = append(waiting, future)
			all = all[n:]
		}
	}
	for _, future := range waiting {
		select {
		case <-future.Ok():
		case err := <-future.Err():
			return e.refused(err)
		case <-e.down:
			return unavailable(e.why)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// refused tells why a message was not taken. That too many wait passes; anything else says that the store has failed.
func (e *engine) refused(err error) error {
	if errors.Is(err, jetstream.ErrTooManyStalledMsgs) {
		return fault.New(fault.KindBusy, "fault.busy", nil).Because(err)
	}
	e.fail(err)
	return unavailable(err)
}

func unavailable(why error) error {
	return fault.New(fault.KindBusy, "eventlog.unavailable", nil).Because(why)
}

// Close stops taking records and closes the log.
func (l *Log) Close() {
	l.stop()
	<-l.stopped
	<-l.watched
	l.now.Load().close()
	l.unlock()
}

func (l *Log) unlock() {
	if l.held != nil {
		_ = l.held.Close() // frees the lock; nothing was written to it
	}
}
