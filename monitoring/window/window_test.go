package window_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/monitoring/window"
)

type event struct {
	at    time.Time
	value float64
}

// naive recomputes a window from all events.
func naive(events []event, a window.Aggregate, span window.Span, now time.Time, g time.Duration) (float64, bool) {
	floor := func(t time.Time) time.Time { return t.UTC().Truncate(g) }
	last := floor(now).Add(-span.Offset)
	start := last.Add(-span.Length + g)
	n, sum, low, high := 0.0, 0.0, math.Inf(1), math.Inf(-1)
	for _, e := range events {
		if b := floor(e.at); b.Before(start) || b.After(last) {
			continue
		}
		n++
		sum += e.value
		low, high = math.Min(low, e.value), math.Max(high, e.value)
	}
	switch a {
	case window.Count:
		return n, true
	case window.Sum:
		return sum, true
	case window.Avg:
		return sum / n, n > 0
	case window.Min:
		return low, n > 0
	}
	return high, n > 0
}

// Whatever comes in whatever order: windows are what recomputing from all events gives, also after a store and reload.
func TestWindowsAreWhatRecomputingGives(t *testing.T) {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.SampledFrom([]window.Grain{window.Hour, window.Day}).Draw(t, "grain")
		unit := time.Duration(g)
		span := window.Span{Length: unit * time.Duration(rapid.IntRange(1, 60).Draw(t, "length")), Offset: unit * time.Duration(rapid.IntRange(0, 30).Draw(t, "offset"))}
		var s window.Series
		var events []event
		for range rapid.IntRange(0, 60).Draw(t, "events") {
			e := event{start.Add(time.Duration(rapid.Int64Range(0, int64(100*unit)).Draw(t, "at"))), float64(rapid.IntRange(-1000, 1000).Draw(t, "value"))}
			events = append(events, e)
			s.Add(e.at, e.value, g, 200*unit)
			if rapid.Bool().Draw(t, "reload") {
				again, rest, err := window.Read(s.Append(nil))
				if err != nil || len(rest) != 0 {
					t.Fatal(err, rest)
				}
				s = again
			}
		}
		now := start.Add(time.Duration(rapid.Int64Range(0, int64(150*unit)).Draw(t, "now")))
		for _, a := range window.Aggregates {
			got, ok := s.Value(a, span, now, g)
			want, wantOK := naive(events, a, span, now, unit)
			if ok != wantOK || ok && math.Abs(got-want) > 1e-9 {
				t.Fatalf("%s over %v: %v %v, want %v %v", a, span, got, ok, want, wantOK)
			}
		}
	})
}

func TestOldBucketsAreForgotten(t *testing.T) {
	var s window.Series
	day := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for i := range 1000 {
		s.Add(day.AddDate(0, 0, i), 1, window.Day, 365*24*time.Hour)
	}
	if n, _ := s.Value(window.Count, window.Span{Length: 2000 * 24 * time.Hour}, day.AddDate(0, 0, 999), window.Day); n != 366 {
		t.Errorf("%v days are kept, want 366", n)
	}
}

func FuzzRead(f *testing.F) {
	var s window.Series
	s.Add(time.Unix(1e9, 0), 3, window.Day, time.Hour*2400)
	f.Add(s.Append(nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, _, err := window.Read(raw)
		if err == nil {
			s.Value(window.Sum, window.Span{Length: 48 * time.Hour}, time.Unix(1e9, 0), window.Day)
		}
	})
}
