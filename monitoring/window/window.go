// Package window keeps time windows over a customer's events: counts, sums, averages and extremes of the last days. Pure:
// no database, clock or network; the time of an event decides, not when it arrives, so late events count where they
// belong, and the order of arrival changes nothing.
//
// Events fall into buckets of a UTC day, or of an hour for windows up to three days; a window covers whole buckets. Thus
// "the last 90 days" is today and the 89 days before. Within buckets all figures are exact: values are whole numbers
// (money in minor units, other figures in whatever fraction the caller chooses).
package window

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// Aggregate is what a window tells.
type Aggregate string

// The aggregates. Avg, Min, Max and SinceLast of no events are missing.
const (
	Count     Aggregate = "count"
	Sum       Aggregate = "sum"
	Avg       Aggregate = "avg" // rounded to a whole number, half to even
	Min       Aggregate = "min"
	Max       Aggregate = "max"
	Distinct  Aggregate = "distinct"   // how many different keys
	SinceLast Aggregate = "since_last" // seconds since the bucket of the newest event, a multiple of the grain
)

// Aggregates lists them.
var Aggregates = []Aggregate{Count, Sum, Avg, Min, Max, Distinct, SinceLast}

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
	slot     int64 // number of the hour or day since 1970
	count    int64
	sum      int64
	min, max int64
	keys     []uint64 // hashes of the keys, in order, each once; only of series that are fed with AddKey
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

// Add counts a figure at its time, and forgets buckets older than keep before the newest. A sum beyond the range of
// int64 stays at its end.
func (s *Series) Add(at time.Time, value int64, g Grain, keep time.Duration) {
	b := s.bucket(slot(at, g))
	if b.count == 0 {
		b.min, b.max = value, value
	}
	b.count++
	b.sum = plus(b.sum, value)
	b.min, b.max = min(b.min, value), max(b.max, value)
	s.forget(g, keep)
}

// AddKey counts a key at its time for Distinct. Keys are told apart by 64 bits of a hash: a million different ones
// collide with a chance of 3 in 100 million.
func (s *Series) AddKey(at time.Time, key string, g Grain, keep time.Duration) {
	b := s.bucket(slot(at, g))
	b.count++
	h := hash(key)
	if i, known := slices.BinarySearch(b.keys, h); !known {
		b.keys = slices.Insert(b.keys, i, h)
	}
	s.forget(g, keep)
}

// hash is FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): stored, thus the same in every process.
func hash(key string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	return h
}

// bucket finds or makes the bucket of a slot; most events come in order, so it looks from the newest.
func (s *Series) bucket(n int64) *bucket {
	i := len(s.buckets)
	for i > 0 && s.buckets[i-1].slot > n {
		i--
	}
	if i > 0 && s.buckets[i-1].slot == n {
		return &s.buckets[i-1]
	}
	s.buckets = slices.Insert(s.buckets, i, bucket{slot: n})
	return &s.buckets[i]
}

func (s *Series) forget(g Grain, keep time.Duration) {
	oldest := s.buckets[len(s.buckets)-1].slot - int64(keep/time.Duration(g))
	drop := 0
	for drop < len(s.buckets) && s.buckets[drop].slot < oldest {
		drop++
	}
	s.buckets = slices.Delete(s.buckets, 0, drop)
}

// Value gives an aggregate over a span before now; not ok = there is nothing to tell.
func (s *Series) Value(a Aggregate, span Span, now time.Time, g Grain) (value int64, ok bool) {
	last := slot(now, g) - int64(span.Offset/time.Duration(g))
	within := s.within(last-int64(span.Length/time.Duration(g))+1, last)
	switch a {
	case Distinct:
		return distinct(within), true
	case SinceLast:
		if len(within) == 0 {
			return 0, false
		}
		return (last - within[len(within)-1].slot) * int64(time.Duration(g)/time.Second), true
	}
	var t bucket
	for i, b := range within {
		if i == 0 {
			t.min, t.max = b.min, b.max
		}
		t.count += b.count
		t.sum = plus(t.sum, b.sum)
		t.min, t.max = min(t.min, b.min), max(t.max, b.max)
	}
	switch a {
	case Count:
		return t.count, true
	case Sum:
		return t.sum, true
	case Avg:
		return mean(t.sum, t.count), t.count > 0
	case Min:
		return t.min, t.count > 0
	case Max:
		return t.max, t.count > 0
	}
	return 0, false
}

// within gives the buckets from first to last, both included.
func (s *Series) within(first, last int64) []bucket {
	if s == nil {
		return nil
	}
	end := len(s.buckets)
	for end > 0 && s.buckets[end-1].slot > last {
		end--
	}
	start := end
	for start > 0 && s.buckets[start-1].slot >= first {
		start--
	}
	return s.buckets[start:end]
}

func distinct(buckets []bucket) int64 {
	if len(buckets) == 1 {
		return int64(len(buckets[0].keys))
	}
	var all []uint64
	for _, b := range buckets {
		all = append(all, b.keys...)
	}
	slices.Sort(all)
	return int64(len(slices.Compact(all)))
}

// plus adds and stays within int64.
func plus(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}

// mean divides and rounds half to even.
func mean(sum, count int64) int64 {
	if count == 0 {
		return 0
	}
	size := uint64(sum)
	if sum < 0 {
		size = -size
	}
	quotient, rest := bits.Div64(0, size, uint64(count))
	if half := uint64(count) - rest; rest > half || rest == half && quotient%2 == 1 {
		quotient++
	}
	if sum < 0 {
		return -int64(quotient)
	}
	return int64(quotient)
}

// Empty tells whether the series has no buckets.
func (s *Series) Empty() bool { return s == nil || len(s.buckets) == 0 }
