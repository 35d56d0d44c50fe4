// Package clock gives the time to those who need it, so that tests can choose it, and holds business dates.
package clock

import (
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
)

// Clock tells the time. System is the real one; tests use Fixed.
type Clock func() time.Time

// System is the machine's clock in UTC, to the microsecond (what both databases keep).
func System() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Fixed gives a clock that stands still.
func Fixed(t time.Time) Clock { return func() time.Time { return t.UTC().Truncate(time.Microsecond) } }

// Date is a business date (a day in the company's time zone), kept as text YYYY-MM-DD, which sorts as it should.
// The empty Date is "no date".
type Date string

const layout = "2006-01-02"

// ParseDate reads YYYY-MM-DD, YYYY/MM/DD, YYYYMMDD and YYYY年M月D日.
func ParseDate(text string) (Date, error) {
	for _, l := range []string{layout, "2006/1/2", "2006-1-2", "20060102", "2006年1月2日", "2006.1.2"} {
		if t, err := time.Parse(l, text); err == nil {
			return DateOf(t), nil
		}
	}
	return "", fault.Invalid("", "fault.not_date", fault.Args{"text": text})
}

// DateOf gives the day of t in t's own zone.
func DateOf(t time.Time) Date { return Date(t.Format(layout)) }

// NewDate gives the day y-m-d; out-of-range values carry over as in time.Date.
func NewDate(y int, m time.Month, d int) Date {
	return DateOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

// Time is the day's midnight in UTC; the zero time for no date.
func (d Date) Time() time.Time {
	t, err := time.Parse(layout, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Valid tells whether d is a real day of the years 1600 to 2199.
func (d Date) Valid() bool {
	t, err := time.Parse(layout, string(d))
	return err == nil && t.Format(layout) == string(d) && t.Year() >= 1600 && t.Year() < 2200
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == "" }

// AddDays moves the date by n days.
func (d Date) AddDays(n int) Date { return DateOf(d.Time().AddDate(0, 0, n)) }

// AddMonths moves the date by n months, staying within the target month (31 January + 1 month = 28/29 February).
func (d Date) AddMonths(n int) Date {
	t := d.Time()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return NewDate(first.Year(), first.Month(), min(t.Day(), last))
}

// DaysSince gives the days from earlier to d (negative when d is before it).
func (d Date) DaysSince(earlier Date) int {
	return int(d.Time().Sub(earlier.Time()).Hours() / 24)
}

// Before tells whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d < other }

// Scan reads a database value; NULL is no date.
func (d *Date) Scan(v any) error {
	switch x := v.(type) {
	case nil:
		*d = ""
	case string:
		*d = Date(x)
	case []byte:
		*d = Date(x)
	default:
		return fmt.Errorf("clock.Date: cannot scan %T", v)
	}
	return nil
}

// Value writes the date as text; no date is the empty text.
func (d Date) Value() (driver.Value, error) { return string(d), nil }

// MarshalText writes the date for JSON and forms.
func (d Date) MarshalText() ([]byte, error) { return []byte(d), nil }

// UnmarshalText reads any of the accepted forms; the empty text is no date.
func (d *Date) UnmarshalText(raw []byte) error {
	if len(raw) == 0 {
		*d = ""
		return nil
	}
	parsed, err := ParseDate(string(raw))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
