// Package window keeps time windows over a customer's events: counts, sums, averages and extremes of the last days. Pure:
// no database, clock or network; the time of an event decides, not when it arrives, so late events count where they
// belong.
//
// Events fall into buckets of a UTC day, or of an hour for windows up to three days; a window covers whole buckets. Thus
// "the last 90 days" is today and the 89 days before.
package window

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"
)

// Aggregate is what a window tells.
type Aggregate string

// The aggregates. Avg, Min and Max of no events are missing.
const (
	Count Aggregate = "count"
	Sum   Aggregate = "sum"
	Avg   Aggregate = "avg"
	Min   Aggregate = "min"
	Max   Aggregate = "max"
)

// Aggregates lists them.
var Aggregates = []Aggregate{Count, Sum, Avg, Min, Max}

// Grain is the width of a series' buckets.
type Grain time.Duration

// The grains.
const (
	Hour Grain = Grain(time.Hour)
	Day  Grain = Grain(24 * time.Hour)
)

// Span is a stretch of time before now: Length long, ending Offset before now.
type Span struct {
	Length time.Duration
	Offset time.Duration
}

// Grain is the grain of the series that a span needs.
func (s Span) Grain() Grain {
	if s.Length+s.Offset <= 72*time.Hour {
		return Hour
	}
	return Day
}

type bucket struct {
	slot          int64 // number of the hour or day since 1970
	count         int64
	sum, min, max float64
}

// Series are the buckets of one figure of one customer, oldest first. The zero value is empty and ready.
type Series struct{ buckets []bucket }

func slot(at time.Time, g Grain) int64 {
	unit, secs := int64(time.Duration(g)/time.Second), at.Unix()
	if secs < 0 {
		return (secs - unit + 1) / unit
	}
	return secs / unit
}

// Add counts a figure at its time, and forgets buckets older than keep before the newest.
func (s *Series) Add(at time.Time, value float64, g Grain, keep time.Duration) {
	n := slot(at, g)
	i := len(s.buckets)
	for i > 0 && s.buckets[i-1].slot > n {
		i--
	}
	if i > 0 && s.buckets[i-1].slot == n {
		b := &s.buckets[i-1]
		b.count++
		b.sum += value
		b.min, b.max = math.Min(b.min, value), math.Max(b.max, value)
	} else {
		s.buckets = slices.Insert(s.buckets, i, bucket{slot: n, count: 1, sum: value, min: value, max: value})
	}
	oldest := s.buckets[len(s.buckets)-1].slot - int64(keep/time.Duration(g))
	drop := 0
	for drop < len(s.buckets) && s.buckets[drop].slot < oldest {
		drop++
	}
	s.buckets = slices.Delete(s.buckets, 0, drop)
}

// Value gives an aggregate over a span before now; not ok = there is nothing to tell.
func (s *Series) Value(a Aggregate, span Span, now time.Time, g Grain) (value float64, ok bool) {
	if s == nil {
		return 0, a == Count || a == Sum
	}
	last := slot(now, g) - int64(span.Offset/time.Duration(g))
	start := last - int64(span.Length/time.Duration(g)) + 1
	var t bucket
	for i := len(s.buckets) - 1; i >= 0 && s.buckets[i].slot >= start; i-- {
		b := s.buckets[i]
		if b.slot > last {
			continue
		}
		if t.count == 0 {
			t.min, t.max = b.min, b.max
		}
		t.count += b.count
		t.sum += b.sum
		t.min, t.max = math.Min(t.min, b.min), math.Max(t.max, b.max)
	}
	switch a {
	case Count:
		return float64(t.count), true
	case Sum:
		return t.sum, true
	case Avg:
		return t.sum / float64(t.count), t.count > 0
	case Min:
		return t.min, t.count > 0
	case Max:
		return t.max, t.count > 0
	}
	return 0, false
}

// Empty tells whether the series has no buckets.
func (s *Series) Empty() bool { return s == nil || len(s.buckets) == 0 }

// Append writes the series to raw.
func (s *Series) Append(raw []byte) []byte {
	raw = binary.AppendUvarint(raw, uint64(len(s.buckets)))
	before := int64(0)
	for _, b := range s.buckets {
		raw = binary.AppendVarint(raw, b.slot-before)
		raw = binary.AppendUvarint(raw, uint64(b.count)) //nolint:gosec // a count is never negative
		for _, f := range [3]float64{b.sum, b.min, b.max} {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(f))
		}
		before = b.slot
	}
	return raw
}

var errShort = errors.New("window: the stored state is damaged")

// Read reads a series from the start of raw, and gives what follows it.
func Read(raw []byte) (Series, []byte, error) {
	n, used := binary.Uvarint(raw)
	if used <= 0 || n > uint64(len(raw)) {
		return Series{}, nil, errShort
	}
	raw = raw[used:]
	s := Series{buckets: make([]bucket, 0, n)}
	before := int64(0)
	for range n {
		step, used := binary.Varint(raw)
		if used <= 0 {
			return Series{}, nil, errShort
		}
		raw = raw[used:]
		count, used := binary.Uvarint(raw)
		if used <= 0 || count > math.MaxInt64 || len(raw) < used+24 {
			return Series{}, nil, errShort
		}
		raw = raw[used:]
		before += step
		b := bucket{slot: before, count: int64(count)}
		for i, f := range [3]*float64{&b.sum, &b.min, &b.max} {
			*f = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
		raw = raw[24:]
		s.buckets = append(s.buckets, b)
	}
	return s, raw, nil
}
