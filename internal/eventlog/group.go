package eventlog

import (
	"context"
	"errors"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
)

const (
	mostWaiting = 8192
	mostGrouped = 512
	groupFor    = 2 * time.Millisecond
	mostFlights = 4 // groups being written at once
)

// single is a record that waits to be on disk.
type single struct {
	record Record
	done   chan error
}

var errClosed = errors.New("eventlog: closed")

// Submit writes one record. Records of many callers share messages: each waits a few milliseconds at most before its
// group is written, and returns when it is on disk. When too many wait, it says busy instead of growing.
func (l *Log) Submit(ctx context.Context, r Record) error {
	s := single{record: r, done: make(chan error, 1)}
	select {
	case l.singles <- s:
	default:
		return fault.New(fault.KindBusy, "fault.busy", nil)
	}
	select {
	case err := <-s.done:
		return err
	case <-ctx.Done():
		return ctx.Err() // the record may still be written
	case <-l.stopped:
		return errClosed
	}
}

// groupSingles gathers what waits and writes it in groups. Groups in flight may overtake each other, so records of one
// key keep their order only when each is submitted after the one before was acknowledged.
func (l *Log) groupSingles(ctx context.Context) {
	flights := make(chan struct{}, mostFlights)
	defer func() {
		for range mostFlights { // wait for the groups in flight
			flights <- struct{}{}
		}
		close(l.stopped)
	}()
	for {
		var group []single
		select {
		case s := <-l.singles:
			group = append(group, s)
		case <-ctx.Done():
			return
		}
		group = l.gather(group)
		flights <- struct{}{}
		go func() {
			defer func() { <-flights }()
			records := make([]Record, len(group))
			for i, s := range group {
				records[i] = s.record
			}
			err := l.Append(context.WithoutCancel(ctx), records)
			for _, s := range group {
				s.done <- err
			}
		}()
	}
}

func (l *Log) gather(group []single) []single {
	timer := time.NewTimer(groupFor)
	defer timer.Stop()
	for len(group) < mostGrouped {
		select {
		case s := <-l.singles:
			group = append(group, s)
		case <-timer.C:
			return group
		}
	}
	return group
}
