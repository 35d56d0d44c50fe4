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
	ackTimeout      = 30 * time.Second
)

// Record is an event as bytes, with the key that decides its partition.
type Record struct {
	Key  string
	Data []byte
}

// Log is an open event log.
type Log struct {
	partitions int
	embedded   *server.Server
	held       *os.File // the lock of an embedded log
	conn       *nats.Conn
	js         jetstream.JetStream
	stream     jetstream.Stream
	singles    chan single
	stop       context.CancelFunc
	stopped    chan struct{}
}

// Open starts the embedded server, or connects to the cluster, and creates the log when it is not there.
func Open(ctx context.Context, o Options) (_ *Log, err error) {
	if o.Partitions == 0 {
		o.Partitions = 4
	}
	l := &Log{partitions: o.Partitions, singles: make(chan single, mostWaiting), stopped: make(chan struct{})}
	defer func() {
		if err != nil {
			l.shutdown()
		}
	}()
	if o.URL == "" {
		if err := l.embed(o.Dir); err != nil {
			return nil, err
		}
	} else if l.conn, err = nats.Connect(o.URL, nats.Name("xinheng"), nats.MaxReconnects(-1)); err != nil {
		return nil, fmt.Errorf("event log %s: %w", o.URL, err)
	}
	if l.js, err = jetstream.New(l.conn, jetstream.WithPublishAsyncMaxPending(mostPending), jetstream.WithPublishAsyncTimeout(ackTimeout)); err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	if err := l.create(ctx, o); err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go l.groupSingles(run)
	return l, nil
}

func (l *Log) embed(dir string) error {
	held, err := lock(dir)
	if err != nil {
		return err
	}
	l.held = held
	embedded, err := server.NewServer(&server.Options{ServerName: "xinheng", DontListen: true, JetStream: true, StoreDir: dir, SyncAlways: true, NoSigs: true, NoLog: true,
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 40})
	if err != nil {
		return fmt.Errorf("event log: %w", err)
	}
	l.embedded = embedded
	embedded.Start()
	if !embedded.ReadyForConnections(startTimeout) {
		return fmt.Errorf("event log: the embedded server did not start within %s", startTimeout)
	}
	l.conn, err = nats.Connect("", nats.InProcessServer(embedded), nats.Name("xinheng"))
	if err != nil {
		return fmt.Errorf("event log: %w", err)
	}
	return nil
}

func (l *Log) create(ctx context.Context, o Options) error {
	existing, err := l.js.Stream(ctx, stream)
	if err == nil {
		was := existing.CachedInfo().Config.Metadata[partitionsKey]
		if was != strconv.Itoa(o.Partitions) {
			return fmt.Errorf("event log: it has %s partitions, not %d; the number is fixed when the log is created", was, o.Partitions)
		}
		l.stream = existing
		return nil
	}
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("event log: %w", err)
	}
	replicas := 1
	if o.URL != "" && len(l.conn.Servers()) >= 3 {
		replicas = 3
	}
	l.stream, err = l.js.CreateStream(ctx, jetstream.StreamConfig{Name: stream, Subjects: []string{subjectPrefix + "*"}, Storage: jetstream.FileStorage, Replicas: replicas,
		MaxAge: keepFor, Duplicates: duplicateWindow, Metadata: map[string]string{partitionsKey: strconv.Itoa(o.Partitions)}})
	if err != nil {
		return fmt.Errorf("event log: create: %w", err)
	}
	return nil
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
			future, err := l.js.PublishAsync(subject(p), encode(all[:n]))
			if err != nil {
				return busy(err)
			}
			waiting = append(waiting, future)
			all = all[n:]
		}
	}
	for _, future := range waiting {
		select {
		case <-future.Ok():
		case err := <-future.Err():
			return busy(err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func busy(err error) error {
	if errors.Is(err, jetstream.ErrTooManyStalledMsgs) {
		return fault.New(fault.KindBusy, "fault.busy", nil).Because(err)
	}
	return fmt.Errorf("event log: %w", err)
}

// Close stops taking records and closes the log.
func (l *Log) Close() {
	if l.stop != nil {
		l.stop()
		<-l.stopped
	}
	l.shutdown()
}

func (l *Log) shutdown() {
	if l.conn != nil {
		l.conn.Close()
	}
	if l.embedded != nil {
		l.embedded.Shutdown()
		l.embedded.WaitForShutdown()
	}
	if l.held != nil {
		_ = l.held.Close() // frees the lock; nothing was written to it
	}
}
