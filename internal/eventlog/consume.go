package eventlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Batch is what a consumer gets at a time: records in their order. Last is the sequence to remember when it is applied.
type Batch struct {
	Partition int
	Last      uint64
	Records   [][]byte
	// Damaged are the sequences of messages that could not be read: for parking, the log goes on behind them.
	Damaged []uint64
}

const (
	mostFetched = 64 // messages in a batch
	firstPause  = 50 * time.Millisecond
	longestRest = 10 * time.Second
)

// Consume hands over the partition's records after a sequence, batch by batch, until ctx ends. A batch whose handling
// fails is handed over again after a growing pause: nothing is passed over. While the store has failed it waits for it.
func (l *Log) Consume(ctx context.Context, partition int, after uint64, failed func(error), handle func(ctx context.Context, b Batch) error) error {
	for first := true; ctx.Err() == nil; first = false {
		e, err := l.engine()
		if err == nil {
			after, err = e.consume(ctx, partition, after, failed, handle)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		if first && e != nil && e.failed() == nil {
			return err
		}
		if e != nil && e.failed() == nil {
			failed(err)
		}
		if !rest(ctx, time.Second) {
			return nil
		}
	}
	return nil
}

// consume is Consume on one store, until that fails; it gives the last sequence that was handled.
func (e *engine) consume(ctx context.Context, partition int, after uint64, failed func(error), handle func(ctx context.Context, b Batch) error) (uint64, error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-e.down:
			stop()
		case <-reading.Done():
		}
	}()
	consumer, err := e.js.OrderedConsumer(reading, stream, jetstream.OrderedConsumerConfig{FilterSubjects: []string{subject(partition)},
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: after + 1, InactiveThreshold: time.Minute})
	if err != nil {
		return after, fmt.Errorf("event log: consume partition %d: %w", partition, err)
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(4 * mostFetched))
	if err != nil {
		return after, fmt.Errorf("event log: consume partition %d: %w", partition, err)
	}
	defer func() {
		messages.Stop()
		if e.failed() != nil {
			return
		}
		// The server would keep the consumer for a minute; a program that catches up often would fill it with them.
		done, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackTimeout)
		defer cancel()
		if info := consumer.CachedInfo(); info != nil {
			_ = e.stream.DeleteConsumer(done, info.Name) // it ends by itself at the latest
		}
	}()
	for reading.Err() == nil {
		b, err := gatherBatch(reading, partition, messages)
		if reading.Err() != nil {
			return after, nil // what was gathered comes again
		}
		if err != nil {
			failed(err)
			if !rest(reading, firstPause) {
				return after, nil
			}
		}
		if b.Last == 0 {
			continue
		}
		for pause := firstPause; ; pause = min(2*pause, longestRest) {
			err := handle(ctx, b)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return after, nil
			}
			failed(err)
			if !rest(ctx, pause) {
				return after, nil
			}
		}
		after = b.Last
	}
	return after, nil
}

// gatherBatch waits for a message and takes along what else is there.
func gatherBatch(ctx context.Context, partition int, messages jetstream.MessagesContext) (Batch, error) {
	b := Batch{Partition: partition}
	for n := 1; ; n++ {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return b, fmt.Errorf("event log: %w", err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return b, fmt.Errorf("event log: %w", err)
		}
		b.Last = meta.Sequence.Stream
		if records, err := decode(m.Data()); err != nil {
			b.Damaged = append(b.Damaged, b.Last)
		} else {
			b.Records = append(b.Records, records...)
		}
		if meta.NumPending == 0 || n == mostFetched {
			return b, nil
		}
	}
}

// rest pauses; false = the context ended.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Last gives the sequence of the partition's newest message, 0 when it has none.
func (l *Log) Last(ctx context.Context, partition int) (uint64, error) {
	e, err := l.engine()
	if err != nil {
		return 0, err
	}
	m, err := e.stream.GetLastMsgForSubject(ctx, subject(partition))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("event log: %w", err)
	}
	return m.Sequence, nil
}
