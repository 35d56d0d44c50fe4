package clock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/internal/clock"
)

func TestDatesAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]clock.Date{"2024-02-29": "2024-02-29", "20240229": "2024-02-29", "2024/2/29": "2024-02-29", "2024年2月29日": "2024-02-29"} {
		if got, err := clock.ParseDate(text); err != nil || got != want {
			t.Errorf("%q = %q %v", text, got, err)
		}
	}
	for _, text := range []string{"2023-02-29", "2024-13-01", "29.2.2024", "", "2024", "abc"} {
		if got, err := clock.ParseDate(text); err == nil {
			t.Errorf("%q was read as %q", text, got)
		}
	}
}

// A month later is the same day, or the month's last when it has no such day.
func TestMonthsEndWell(t *testing.T) {
	for _, c := range []struct {
		from   clock.Date
		months int
		want   clock.Date
	}{{"2024-01-31", 1, "2024-02-29"}, {"2023-01-31", 1, "2023-02-28"}, {"2024-03-31", -1, "2024-02-29"}, {"2024-02-29", 12, "2025-02-28"}, {"2024-02-29", -12, "2023-02-28"}, {"2023-12-31", 12, "2024-12-31"}, {"2024-11-15", 2, "2025-01-15"}} {
		if got := c.from.AddMonths(c.months); got != c.want {
			t.Errorf("%s and %d months = %s, want %s", c.from, c.months, got, c.want)
		}
	}
}

func TestDaysProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := clock.DateOf(time.Unix(rapid.Int64Range(-2e9, 4e9).Draw(t, "at"), 0).UTC())
		n := rapid.IntRange(-20000, 20000).Draw(t, "n")
		if got := d.AddDays(n).DaysSince(d); got != n {
			t.Fatalf("%s and %d days is %d days later", d, n, got)
		}
		if later := d.AddDays(1); !d.Before(later) || d >= later {
			t.Fatalf("%s does not stand before %s", d, later)
		}
	})
}
