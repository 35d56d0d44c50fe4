package eventlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// A full disk makes JetStream shut itself down for the rest of the server's life. The log then refuses records at once,
// says so when it is asked for its health, and, as soon as the folder takes bytes again, closes the embedded server and
// starts another one on it: the same recovery from disk as at the start of the program. docs/decisions/0066 says why.
const (
	watchEvery  = 250 * time.Millisecond
	firstReopen = time.Second
	room        = 4 << 20 // bytes that must fit before it is tried
)

var errStopped = errors.New("the store has shut itself down, as it does when the disk is full")

// look asks the embedded server how it is: its store may have shut down, or live on and refuse every write without a word.
func (e *engine) look() {
	switch {
	case e.embedded == nil:
	case !e.embedded.JetStreamEnabled():
		e.fail(errStopped)
	default:
		if h := e.embedded.Healthz(&server.HealthzOptions{}); h.StatusCode >= 500 {
			e.fail(errors.New(h.Error))
		}
	}
}

// engine gives the running store, or the fault that says why there is none now.
func (l *Log) engine() (*engine, error) {
	e := l.now.Load()
	if why := e.failed(); why != nil {
		return nil, unavailable(why)
	}
	return e, nil
}

// Health is nil while the log takes records.
func (l *Log) Health() error {
	e, err := l.engine()
	if err != nil {
		return err
	}
	if !e.conn.IsConnected() {
		return unavailable(errors.New("not connected"))
	}
	return nil
}

func (l *Log) watch(ctx context.Context) {
	defer close(l.watched)
	pause := firstReopen
	for {
		e := l.now.Load()
		e.look()
		why := e.failed()
		if why == nil {
			pause = firstReopen
			if !rest(ctx, watchEvery) {
				return
			}
			continue
		}
		if pause == firstReopen {
			l.options.Log.Error("the event log has failed: events are refused until its store is open again", "err", why)
		}
		if !rest(ctx, pause) {
			return
		}
		if err := l.reopen(ctx, e); err != nil {
			pause = min(2*pause, longestRest)
			l.options.Log.Error("the event log's store cannot be opened again yet", "next_try_in", pause, "err", err)
			continue
		}
		pause = firstReopen
		l.options.Log.Warn("the event log's store is open again")
	}
}

// reopen starts another server on the folder. It takes nothing but the log that it had: an empty one in its place would
// hide that events are lost.
func (l *Log) reopen(ctx context.Context, old *engine) error {
	if err := hasRoom(l.options.Dir); err != nil {
		return err
	}
	old.close() // closing it again does no harm
	e, err := l.connect(ctx)
	if err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	if err := e.find(within, l.options); err != nil {
		e.close()
		return err
	}
	if was, is := old.stream.CachedInfo().Created, e.stream.CachedInfo().Created; !was.Equal(is) {
		e.close()
		return fmt.Errorf("event log: the folder holds another log, of %s instead of %s; restart the program to begin with it", is, was)
	}
	l.now.Store(e)
	return nil
}

// hasRoom writes and removes a file as large as a few messages.
func hasRoom(dir string) (err error) {
	f, err := os.CreateTemp(dir, "room-*")
	if err != nil {
		return fmt.Errorf("event log: %w", err)
	}
	_, err = f.Write(make([]byte, room))
	if err := errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("event log: %w", err)
	}
	return nil
}
