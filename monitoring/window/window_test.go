package window_test

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/monitoring/window"
)

type event struct {
	at    time.Time
	value int64
	key   string
}

// naive recomputes a window from all events.
func naive(events []event, a window.Aggregate, span window.Span, now time.Time, g time.Duration) (int64, bool) {
	floor := func(t time.Time) time.Time { return t.UTC().Truncate(g) }
	last := floor(now).Add(-span.Offset)
	start := last.Add(-span.Length + g)
	var n, sum int64
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	var newest time.Time
	keys := map[string]bool{}
	for _, e := range events {
		b := floor(e.at)
		if b.Before(start) || b.After(last) {
			continue
		}
		n++
		sum += e.value
		low, high = min(low, e.value), max(high, e.value)
		keys[e.key] = true
		if b.After(newest) {
			newest = b
		}
	}
	switch a {
	case window.Count:
		return n, true
	case window.Sum:
		return sum, true
	case window.Avg:
		if n == 0 {
			return 0, false
		}
		return halfEven(sum, n), true
	case window.Min:
		return low, n > 0
	case window.Distinct:
		return int64(len(keys)), true
	case window.SinceLast:
		return int64(last.Sub(newest) / time.Second), n > 0
	}
	return high, n > 0
}

// halfEven rounds a fraction exactly, half to even.
func halfEven(sum, n int64) int64 {
	twice := new(big.Int).Mul(big.NewInt(2), big.NewInt(sum))
	floor := new(big.Int).Div(new(big.Int).Add(twice, big.NewInt(n)), big.NewInt(2*n)).Int64() // floor(sum/n + 1/2)
	if floor%2 != 0 && floor*n*2-n == sum*2 {
		floor-- // a tie that went to the odd neighbour
	}
	return floor
}

// Whatever comes in whatever order: windows are what recomputing from all events gives, also after a store and reload.
func TestWindowsAreWhatRecomputingGives(t *testing.T) {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.SampledFrom([]window.Grain{window.Hour, window.Day}).Draw(t, "grain")
		unit := time.Duration(g)
		span := window.Span{Length: unit * time.Duration(rapid.IntRange(1, 60).Draw(t, "length")), Offset: unit * time.Duration(rapid.IntRange(0, 30).Draw(t, "offset"))}
		var figures, keys window.Series
		var events []event
		for range rapid.IntRange(0, 60).Draw(t, "events") {
			e := event{start.Add(time.Duration(rapid.Int64Range(0, int64(100*unit)).Draw(t, "at"))), rapid.Int64Range(-1000, 1000).Draw(t, "value"), fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "key"))}
			events = append(events, e)
			figures.Add(e.at, e.value, g, 200*unit)
			keys.AddKey(e.at, e.key, g, 200*unit)
			if rapid.Bool().Draw(t, "reload") {
				figures, keys = reloaded(t, figures), reloaded(t, keys)
			}
		}
		now := start.Add(time.Duration(rapid.Int64Range(0, int64(150*unit)).Draw(t, "now")))
		for _, a := range window.Aggregates {
			s := figures
			if a == window.Distinct {
				s = keys
			}
			got, ok := s.Value(a, span, now, g)
			want, wantOK := naive(events, a, span, now, unit)
			if ok != wantOK || ok && got != want {
				t.Fatalf("%s over %v: %v %v, want %v %v", a, span, got, ok, want, wantOK)
			}
		}
	})
}

func reloaded(t *rapid.T, s window.Series) window.Series {
	again, rest, err := window.Read(s.Append(nil))
	if err != nil || len(rest) != 0 {
		t.Fatal(err, rest)
	}
	return again
}

// The order of arrival leaves no trace, as long as no event is older than what is kept.
func TestOrderOfArrivalLeavesNoTrace(t *testing.T) {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(0, 80), 1, 40).Draw(t, "days")
		write := func(order []int) []byte {
			var s window.Series
			for _, i := range order {
				s.Add(start.AddDate(0, 0, days[i]), int64(i), window.Day, 100*24*time.Hour)
			}
			return s.Append(nil)
		}
		order := make([]int, len(days))
		for i := range order {
			order[i] = i
		}
		sorted := write(order)
		rand.New(rand.NewPCG(uint64(len(days)), 1)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		if !bytes.Equal(sorted, write(order)) {
			t.Fatal("another order gives another series")
		}
	})
}

// By hand: 2.5 and -2.5 round to 2 and -2, 3.5 to 4, 10/3 to 3, 11/3 to 4.
func TestAveragesRoundHalfToEven(t *testing.T) {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		values []int64
		want   int64
	}{{[]int64{2, 3}, 2}, {[]int64{-2, -3}, -2}, {[]int64{3, 4}, 4}, {[]int64{3, 3, 4}, 3}, {[]int64{3, 4, 4}, 4}, {[]int64{math.MinInt64}, math.MinInt64}, {[]int64{math.MaxInt64}, math.MaxInt64}} {
		var s window.Series
		for _, v := range c.values {
			s.Add(day, v, window.Day, time.Hour)
		}
		if got, ok := s.Value(window.Avg, window.Span{Length: 24 * time.Hour}, day, window.Day); !ok || got != c.want {
			t.Errorf("%v: %d, want %d", c.values, got, c.want)
		}
	}
}

func TestSumsStayWithinInt64(t *testing.T) {
	for value, want := range map[int64]int64{math.MaxInt64: math.MaxInt64, math.MinInt64: math.MinInt64} {
		var s window.Series
		for i := range 3 {
			s.Add(time.Unix(int64(i)*86400, 0), value, window.Day, 240*time.Hour)
			s.Add(time.Unix(int64(i)*86400, 0), value, window.Day, 240*time.Hour)
		}
		if got, _ := s.Value(window.Sum, window.Span{Length: 240 * time.Hour}, time.Unix(3*86400, 0), window.Day); got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
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

// A year of daily orders of about 10,000 yuan takes less than 20 bytes a day.
func TestStoredSeriesAreSmall(t *testing.T) {
	var s window.Series
	day := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for i := range 365 {
		s.Add(day.AddDate(0, 0, i), 1_000_000+int64(i), window.Day, 365*24*time.Hour)
	}
	if n := len(s.Append(nil)); n > 365*20 {
		t.Errorf("%d bytes", n)
	}
}

func FuzzRead(f *testing.F) {
	var s, keys window.Series
	for i := range 3 {
		s.Add(time.Unix(1e9+int64(i)*1e5, 0), int64(3-i), window.Day, time.Hour*2400)
		keys.AddKey(time.Unix(1e9+int64(i)*1e5, 0), fmt.Sprint(i), window.Day, time.Hour*2400)
	}
	f.Add(s.Append(nil))
	f.Add(keys.Append(nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, _, err := window.Read(raw)
		if err != nil {
			return
		}
		for _, a := range window.Aggregates {
			s.Value(a, window.Span{Length: 48 * time.Hour}, time.Unix(1e9, 0), window.Day)
		}
		s.Add(time.Unix(1e9, 0), 1, window.Day, time.Hour*2400)
		again, rest, err := window.Read(s.Append(nil))
		if err != nil || len(rest) > 0 || !bytes.Equal(again.Append(nil), s.Append(nil)) {
			t.Fatalf("what was read is not written back: %v", err)
		}
	})
}
