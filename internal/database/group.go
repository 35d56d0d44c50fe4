package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// groupWriter is SQLite's one writer. Writers that wait at the same moment share one commit, and so one fsync: each
// runs in its own savepoint, so that one that fails takes only its own changes back. All are answered after the
// commit is on disk.
type groupWriter struct {
	conn     *sql.Conn
	requests chan *request
	done     chan struct{}
	closing  sync.RWMutex
	closed   bool

	stmts map[string]*sql.Stmt // prepared on conn; used by the writer's goroutine alone
}

type request struct {
	ctx    context.Context
	fn     func(tx *Tx) error
	answer chan error
	err    error
}

const (
	mostInGroup     = 256
	mostGroupTime   = 5 * time.Millisecond // readers of the WAL and other writers should not wait longer
	mostStatements  = 512
	waitingRequests = 1024
)

func newGroupWriter(pool *sql.DB) *groupWriter {
	w := &groupWriter{requests: make(chan *request, waitingRequests), done: make(chan struct{}), stmts: map[string]*sql.Stmt{}}
	go w.run(pool)
	return w
}

var errClosed = errors.New("database is closed")

func (w *groupWriter) write(ctx context.Context, fn func(tx *Tx) error) error {
	req := &request{ctx: ctx, fn: fn, answer: make(chan error, 1)}
	w.closing.RLock()
	if w.closed {
		w.closing.RUnlock()
		return errClosed
	}
	select {
	case w.requests <- req:
		w.closing.RUnlock()
	case <-ctx.Done():
		w.closing.RUnlock()
		return ctx.Err()
	}
	// No way out by ctx from here: the caller must know whether it was committed.
	return <-req.answer
}

func (w *groupWriter) close() {
	w.closing.Lock()
	already := w.closed
	w.closed = true
	w.closing.Unlock()
	if !already {
		close(w.requests)
	}
	<-w.done
}

func (w *groupWriter) run(pool *sql.DB) {
	defer close(w.done)
	for first := range w.requests {
		if err := w.connect(pool); err != nil {
			first.answer <- err
			continue
		}
		w.serve(first)
	}
	w.release()
}

// connect takes the write connection if the writer does not hold it.
func (w *groupWriter) connect(pool *sql.DB) error {
	if w.conn != nil {
		return nil
	}
	conn, err := pool.Conn(context.Background())
	if err != nil {
		return fmt.Errorf("take the write connection: %w", err)
	}
	w.conn = conn
	return nil
}

func (w *groupWriter) release() {
	for _, s := range w.stmts {
		_ = s.Close() // closing a read-only handle: nothing to lose
	}
	clear(w.stmts)
	if w.conn != nil {
		_ = w.conn.Close() // returns it to the pool
		w.conn = nil
	}
}

func (w *groupWriter) stmt(query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	if len(w.stmts) >= mostStatements {
		for q, s := range w.stmts { // any one: the hot ones come back at once
			_ = s.Close()
			delete(w.stmts, q)
			break
		}
	}
	s, err := w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = s
	return s, nil
}

func (w *groupWriter) exec(query string) error {
	s, err := w.stmt(query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(context.Background())
	return err
}

// serve runs a group: the first request and whoever waits, then one commit.
func (w *groupWriter) serve(first *request) {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		first.answer <- fmt.Errorf("begin: %w", err)
		w.release()
		return
	}
	start := time.Now()
	group := make([]*request, 0, 16)
	for req := first; req != nil; req = w.next(len(group), start) {
		group = append(group, req)
		if err := w.one(req); err != nil { // the savepoint itself broke: nothing of this group can be trusted
			w.abandon(group, err)
			return
		}
	}
	changed := false
	for _, req := range group {
		changed = changed || req.err == nil
	}
	ending := "COMMIT"
	if !changed {
		ending = "ROLLBACK"
	}
	if err := w.exec(ending); err != nil {
		w.abandon(group, fmt.Errorf("commit: %w", err))
		return
	}
	for _, req := range group {
		req.answer <- req.err
	}
}

func (w *groupWriter) next(size int, start time.Time) *request {
	if size >= mostInGroup || time.Since(start) > mostGroupTime {
		return nil
	}
	select {
	case req := <-w.requests: // nil once closed and drained
		return req
	default:
		return nil
	}
}

// one runs a request inside a savepoint and notes its own error; it returns an error only when the savepoint failed.
func (w *groupWriter) one(req *request) error {
	if err := req.ctx.Err(); err != nil {
		req.err = err
		return nil
	}
	if err := w.exec("SAVEPOINT r"); err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	req.err = w.call(req)
	if req.err != nil {
		if err := w.exec("ROLLBACK TO r"); err != nil {
			return fmt.Errorf("roll back: %w", err)
		}
	}
	if err := w.exec("RELEASE r"); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return nil
}

func (w *groupWriter) call(req *request) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", r, debug.Stack())
		}
	}()
	return req.fn(&Tx{engine: SQLite, group: w})
}

func (w *groupWriter) abandon(group []*request, err error) {
	_ = w.exec("ROLLBACK") // it may be gone already
	w.release()
	for _, req := range group {
		if req.err == nil {
			req.err = err
		}
		req.answer <- req.err
	}
}
