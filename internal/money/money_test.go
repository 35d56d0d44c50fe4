package money_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

func TestParseIsExact(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency money.Currency
		minor    int64
		key      string // of the fault
	}{
		{"1234.5", "CNY", 123450, ""}, {"-0.01", "CNY", -1, ""}, {"1,234,567.89", "CNY", 123456789, ""}, {".5", "CNY", 50, ""}, {"7.", "CNY", 700, ""}, {"+3", "CNY", 300, ""},
		{"92233720368547758.07", "CNY", math.MaxInt64, ""}, {"92233720368547758.08", "CNY", 0, "fault.not_number"},
		{"100", "JPY", 100, ""}, {"100.5", "JPY", 0, "money.too_fine"}, {"1.234", "KWD", 1234, ""}, {"1.005", "CNY", 0, "money.too_fine"}, {"1.000", "CNY", 100, ""},
		{"", "CNY", 0, "fault.not_number"}, {".", "CNY", 0, "fault.not_number"}, {"1,5", "CNY", 0, "fault.not_number"}, {"12,34.5", "CNY", 0, "fault.not_number"}, {"--5", "CNY", 0, "fault.not_number"},
		{"1e3", "CNY", 0, "fault.not_number"}, {"1.5.3", "CNY", 0, "fault.not_number"}, {"五", "CNY", 0, "fault.not_number"}, {"1", "XXX", 0, "money.currency_unknown"}, {"1", "cny", 0, "money.currency_unknown"},
	} {
		a, err := money.Parse(c.text, c.currency)
		key := ""
		if f := fault.As(err); f != nil {
			key = f.Fields[0].Key
		}
		if key != c.key || err == nil && (a.Minor != c.minor || a.Currency != c.currency) {
			t.Errorf("%q %s = %+v %v, want %d %s", c.text, c.currency, a, err, c.minor, c.key)
		}
	}
}

func TestMixingAndOverflowAreRefused(t *testing.T) {
	if _, err := money.Yuan(1).Add(money.Of(1, "USD")); err == nil {
		t.Error("CNY plus USD")
	}
	if _, err := money.Yuan(1).Cmp(money.Of(1, "USD")); err == nil {
		t.Error("CNY against USD")
	}
	if sum, err := (money.Amount{}).Add(money.Yuan(5)); err != nil || sum != money.Yuan(5) {
		t.Errorf("nothing plus five: %v %v", sum, err)
	}
	if _, err := money.Of(math.MaxInt64, "CNY").Add(money.Of(1, "CNY")); err == nil {
		t.Error("overflow up")
	}
	if _, err := money.Of(math.MinInt64, "CNY").Sub(money.Of(1, "CNY")); err == nil {
		t.Error("overflow down")
	}
	if _, err := money.Of(math.MaxInt64, "CNY").Scale(2); err == nil {
		t.Error("overflow by scaling")
	}
	if _, err := money.Yuan(1).Scale(math.NaN()); err == nil {
		t.Error("not a number")
	}
}

// Halves go to the even neighbour: 0.5 → 0, 1.5 → 2, 2.5 → 2 fen.
func TestScaleRoundsHalfToEven(t *testing.T) {
	for minor, want := range map[int64]int64{1: 0, 3: 2, 5: 2, 7: 4, -1: 0, -3: -2} {
		if got, err := money.Of(minor, "CNY").Scale(0.5); err != nil || got.Minor != want {
			t.Errorf("half of %d fen = %v %v, want %d", minor, got, err, want)
		}
	}
}

// Whatever the amount: written as a decimal, grouped or in JSON, it reads back the same.
func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := money.Of(rapid.Int64Range(math.MinInt64+1, math.MaxInt64).Draw(t, "minor"), money.Currency(rapid.SampledFrom([]string{"CNY", "JPY", "KWD", "USD"}).Draw(t, "currency")))
		for _, text := range []string{a.Decimal(), a.Grouped()} {
			if b, err := money.Parse(text, a.Currency); err != nil || b != a {
				t.Fatalf("%s read back as %v %v", text, b, err)
			}
		}
		raw, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var b money.Amount
		if err := json.Unmarshal(raw, &b); err != nil || b != a {
			t.Fatalf("%s read back as %v %v", raw, b, err)
		}
		c := money.Of(rapid.Int64Range(-1e15, 1e15).Draw(t, "other"), a.Currency)
		if sum, err := a.Add(c); err == nil {
			if back, err := sum.Sub(c); err != nil || back != a {
				t.Fatalf("%v + %v - %v = %v %v", a, c, c, back, err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("1,234.50")
	f.Add("-")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := money.Parse(text, "CNY"); err == nil {
			if b, err := money.Parse(a.Decimal(), "CNY"); err != nil || a != b {
				t.Errorf("%q → %v → %v %v", text, a, b, err)
			}
		}
	})
}

// Digits become a number in time that grows with their square: a text far longer than any amount is refused unread.
func TestALongTextIsNoAmount(t *testing.T) {
	began := time.Now()
	for _, text := range []string{strings.Repeat("9", 4<<20), strings.Repeat("0", 41), "1." + strings.Repeat("0", 4<<20), strings.Repeat("金", 20)} {
		_, err := money.Parse(text, money.CNY)
		if fault.KindOf(err) != fault.KindInvalid || len(err.Error()) > 200 {
			t.Errorf("%d characters: %.200v", len(text), err)
		}
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %s", took)
	}
	if a, err := money.Parse("-92,233,720,368,547,758.07", money.CNY); err != nil || a.Minor != -9223372036854775807 {
		t.Errorf("the largest: %v %v", a, err)
	}
}
