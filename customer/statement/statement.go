package statement

import (
	"math"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/spreadsheet"
)

// Values are the figures by item, in fen (the currency's minor unit). An absent item is missing, not zero.
type Values map[Item]int64

// Statement is one period's statements of one company.
type Statement struct {
	Period       clock.Date     `json:"period"` // the balance-sheet date
	Audited      bool           `json:"audited"`
	Consolidated bool           `json:"consolidated"`
	Currency     money.Currency `json:"currency"`
	Unit         int64          `json:"unit"` // of the source, in whole currency units: 1 元, 1000 千元, 10000 万元
	Values       Values         `json:"values"`
}

// Kind is how long a period's income covers.
type Kind string

// The kinds of period.
const (
	Annual   Kind = "annual"
	HalfYear Kind = "half"
	Quarter  Kind = "quarter"
	Monthly  Kind = "month"
)

// Kind tells what the period is: income figures are year to date, so the month says how much of the year they cover.
func (s Statement) Kind() Kind {
	switch s.Period.Time().Month() {
	case time.December:
		return Annual
	case time.June:
		return HalfYear
	case time.March, time.September:
		return Quarter
	}
	return Monthly
}

// Months is how many months of the year the income and cash-flow figures cover.
func (s Statement) Months() int { return int(s.Period.Time().Month()) }

// Get gives a figure in whole currency units and whether the statement has it. A float64 because ratios are: books use
// Values.
func (s Statement) Get(i Item) (float64, bool) {
	v, ok := s.Values[i]
	if !ok {
		return 0, false
	}
	return float64(v) / math.Pow10(s.Currency.Scale()), true
}

// Money gives a figure as money, and whether the statement has it.
func (s Statement) Money(i Item) (money.Amount, bool) {
	v, ok := s.Values[i]
	return money.Of(v, s.Currency), ok
}

// Figure reads a figure as people write it, in a unit, into fen; missing tells that nothing was written.
func Figure(text string, unit int64, c money.Currency) (fen int64, missing bool, err error) {
	n, missing, err := spreadsheet.Number(text)
	if err != nil || missing {
		return 0, missing, err
	}
	fen, err = spreadsheet.Minor(n, max(1, unit)*pow10(c.Scale()))
	return fen, false, err
}
