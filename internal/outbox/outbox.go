// Package outbox carries events to their subscribers after the commit that recorded them: one row a subscriber,
// written in the change's transaction, delivered at least once, retried with growing pauses, parked visibly when it
// keeps failing. A subscriber runs an operation with the row's id as idempotency key, so that at least once becomes
// exactly once.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Delivery is one event for one subscriber.
type Delivery struct {
	ID         string
	Topic      string
	Subscriber string
	Subject    string
	Payload    json.RawMessage
	Cause      string
	Attempts   int
}

// Handler carries out what a subscriber does about an event. It must be idempotent under d.ID.
type Handler func(ctx context.Context, d Delivery) error

type subscription struct {
	name   string
	handle Handler
}

// Outbox knows the subscribers and delivers to them.
type Outbox struct {
	db    *database.DB
	clock clock.Clock
	log   *slog.Logger
	wake  chan struct{}

	mu      sync.Mutex
	byTopic map[string][]subscription
	byName  map[string]Handler
}

// New makes an outbox over the database.
func New(db *database.DB, c clock.Clock, log *slog.Logger) *Outbox {
	return &Outbox{db: db, clock: c, log: log, wake: make(chan struct{}, 1), byTopic: map[string][]subscription{}, byName: map[string]Handler{}}
}

// On subscribes: events of the topic are handled by handle, under a name that stays the same over releases.
func (o *Outbox) On(topic, name string, handle Handler) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, twice := o.byName[name]; twice {
		panic("outbox: subscriber " + name + " declared twice")
	}
	o.byTopic[topic] = append(o.byTopic[topic], subscription{name: name, handle: handle})
	o.byName[name] = handle
}

// Send writes a row for each subscriber of each event, in the transaction that caused them.
func (o *Outbox) Send(ctx context.Context, tx *database.Tx, events []operation.Event, call operation.Call, at time.Time) error {
	var rows [][]any
	for _, e := range events {
		subs := o.byTopic[e.Topic]
		if len(subs) == 0 {
			continue
		}
		payload, err := json.Marshal(e.Payload)
		if err != nil {
			return fmt.Errorf("event %s: %w", e.Topic, err)
		}
		for _, s := range subs {
			rows = append(rows, []any{operation.NewID(), e.Topic, s.name, e.Subject, string(payload), call.RequestID, database.Micros(at), database.Micros(at)})
		}
	}
	return tx.InsertMany(ctx, "outbox", []string{"id", "topic", "subscriber", "subject", "payload", "cause", "created_at", "next_at"}, rows)
}

// Wake makes Run look at once.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

const (
	mostAttempts = 12
	batch        = 500
	mostAtOnce   = 16
	idle         = time.Second
)

// Run delivers until ctx ends. Only one process delivers at a time for SQLite; on PostgreSQL a delivery that two
// processes take at once is made harmless by the handler's idempotency key.
func (o *Outbox) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-o.wake:
		}
		for ctx.Err() == nil {
			n, err := o.DeliverDue(ctx)
			if err != nil && ctx.Err() == nil {
				o.log.Error("outbox", "err", err)
				break
			}
			if n == 0 {
				break
			}
		}
		timer.Reset(idle)
	}
}

// DeliverDue delivers what is due now, oldest first, and tells how many it handled (well or badly).
func (o *Outbox) DeliverDue(ctx context.Context) (int, error) {
	due, err := o.due(ctx)
	if err != nil {
		return 0, err
	}
	// Deliveries about one subject keep their order; subjects go side by side, so that their commits are shared.
	bySubject := map[string][]Delivery{}
	for _, d := range due {
		bySubject[d.Subject] = append(bySubject[d.Subject], d)
	}
	var all errgroup.Group
	all.SetLimit(mostAtOnce)
	for _, some := range bySubject {
		all.Go(func() error {
			for _, d := range some {
				if err := o.deliver(ctx, d); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		return 0, err
	}
	return len(due), nil
}

// Waiting counts the deliveries that are due or will be tried again, without the parked ones.
func (o *Outbox) Waiting(ctx context.Context) (n int, err error) {
	err = o.db.QueryRow(ctx, `SELECT COUNT(*) FROM outbox WHERE parked = FALSE`).Scan(&n)
	return n, err
}

func (o *Outbox) due(ctx context.Context) ([]Delivery, error) {
	rows, err := o.db.Query(ctx, `SELECT id, topic, subscriber, subject, payload, cause, attempts FROM outbox
		WHERE parked = FALSE AND next_at <= $1 ORDER BY next_at, id LIMIT $2`, database.Micros(o.clock()), batch)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	defer rows.Close()
	var due []Delivery
	for rows.Next() {
		var d Delivery
		var payload string
		if err := rows.Scan(&d.ID, &d.Topic, &d.Subscriber, &d.Subject, &payload, &d.Cause, &d.Attempts); err != nil {
			return nil, err
		}
		d.Payload = json.RawMessage(payload)
		due = append(due, d)
	}
	return due, rows.Err()
}

func (o *Outbox) deliver(ctx context.Context, d Delivery) error {
	handle, known := o.byName[d.Subscriber]
	var failure error
	if known {
		failure = handle(ctx, d)
	} else {
		failure = fmt.Errorf("no subscriber %q in this release", d.Subscriber)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return o.db.Write(ctx, func(tx *database.Tx) error {
		if failure == nil {
			_, err := tx.Exec(ctx, `DELETE FROM outbox WHERE id = $1`, d.ID)
			return err
		}
		attempts := d.Attempts + 1
		pause := min(time.Second<<min(attempts, 10), 10*time.Minute)
		// What was busy is tried as long as it takes: a disk that is full overnight loses nothing.
		park := attempts >= mostAttempts && fault.KindOf(failure) != fault.KindBusy || !known
		o.log.Warn("outbox delivery failed", "subscriber", d.Subscriber, "id", d.ID, "attempts", attempts, "parked", park, "err", failure)
		_, err := tx.Exec(ctx, `UPDATE outbox SET attempts = $2, next_at = $3, parked = $4, last_error = $5 WHERE id = $1`,
			d.ID, attempts, database.Micros(o.clock().Add(pause)), park, failure.Error())
		return err
	})
}
