package scorecard_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

var rules = scorecard.LimitRules{EquityShare: 0.1, WorkingShare: 0.2, DelayDays: 13, Step: 1000, Ceiling: 500_000}

func TestMethodsByHand(t *testing.T) {
	good := scorecard.Grade{Grade: "A", Factor: 1, Terms: 60}
	half := scorecard.Grade{Grade: "B", Factor: 0.5, Terms: 30}
	none := scorecard.Grade{Grade: "C"}
	known := func(worth, working, purchases float64) scorecard.Facts {
		f := scorecard.Facts{}
		for name, v := range map[string]float64{"tangible_net_worth": worth, "working_capital": working, "yearly_purchases": purchases} {
			if !math.IsNaN(v) {
				f[name] = &v
			}
		}
		return f
	}
	no := math.NaN()
	for _, x := range []struct {
		name                        string
		grade                       scorecard.Grade
		facts                       scorecard.Facts
		worth, working, need, limit float64 // NaN = does not apply
		binding                     string
	}{
		// .1 × 3,000,999 = 300,099.9; .2 × 2,000,000; 1,825,000 × 73/365 = 365,000.
		{"net worth binds", good, known(3_000_999, 2_000_000, 1_825_000), 300_000, 400_000, 365_000, 300_000, scorecard.NetWorth},
		// 1,000,000 × (30 + 13)/365 × .5 = 58,904.1.
		{"need binds at half", half, known(3_000_000, 2_000_000, 1_000_000), 150_000, 200_000, 58_000, 58_000, scorecard.Need},
		{"the ceiling", good, known(9e6, no, no), 900_000, no, no, 500_000, scorecard.Ceiling},
		{"the grade", none, known(9e6, 9e6, 9e6), 0, 0, 0, 0, scorecard.ByGrade},
		{"negative working capital bears nothing", good, known(3e6, -5, no), 300_000, 0, no, 0, scorecard.WorkingCapital},
		{"nothing known", good, nil, no, no, no, 0, ""},
		// A binary .1 × .7 × 300,000 falls just short of 21,000.
		{"exact in decimals", scorecard.Grade{Factor: 0.7}, known(300_000, no, no), 21_000, no, no, 21_000, scorecard.NetWorth},
	} {
		got := rules.Recommend(x.grade, x.facts)
		for i, want := range []float64{x.worth, x.working, x.need} {
			m := got.Methods[i]
			if math.IsNaN(want) != (m.Amount == nil) || m.Amount != nil && *m.Amount != want {
				t.Errorf("%s: %+v, want %v", x.name, m, want)
			}
			if m.Base == nil && m.Reason != "scorecard.limit.missing" || m.Base != nil && (m.Reason == "scorecard.limit.negative") != (*m.Base <= 0) {
				t.Errorf("%s: reason of %+v", x.name, m)
			}
		}
		if got.Amount != x.limit || got.Binding != x.binding {
			t.Errorf("%s: %v by %q, want %v by %q", x.name, got.Amount, got.Binding, x.limit, x.binding)
		}
	}
}

func TestInMoney(t *testing.T) {
	for _, x := range []struct {
		units float64
		c     money.Currency
		minor int64
	}{{300_000, money.CNY, 30_000_000}, {0.29, money.CNY, 29}, {1.1, money.CNY, 110}, {12_345, "JPY", 12_345}, {1.005, "KWD", 1005}, {1e12, money.CNY, 1e14}} {
		got, err := scorecard.Recommendation{Amount: x.units}.In(x.c)
		if err != nil || got != money.Of(x.minor, x.c) {
			t.Errorf("%v %s: %v %v", x.units, x.c, got, err)
		}
		got, err = scorecard.Method{Amount: &x.units}.In(x.c)
		if err != nil || got != money.Of(x.minor, x.c) {
			t.Errorf("%v %s: %v %v", x.units, x.c, got, err)
		}
	}
	if got, err := (scorecard.Method{}).In(money.CNY); err != nil || got != money.Of(0, money.CNY) {
		t.Errorf("%v %v", got, err)
	}
	if _, err := (scorecard.Recommendation{}).In("???"); fault.KindOf(err) != fault.KindInvalid {
		t.Errorf("%v", err)
	}
	if _, err := (scorecard.Recommendation{Amount: 1e30}).In(money.CNY); fault.As(err) == nil || fault.As(err).Key != "money.overflow" {
		t.Errorf("%v", err)
	}
}

// In whole numbers: base · share(%) · factor(%) / 10,000, rounded down to the step, is what the method gives; it is a
// multiple of the step, and a greater base never gives less.
func TestRoundingDownIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.Int64Range(1, 1e12).Draw(t, "base")
		share, factor := rapid.Int64Range(1, 100).Draw(t, "share"), rapid.Int64Range(1, 150).Draw(t, "factor")
		step := rapid.SampledFrom([]int64{1, 100, 1000, 10_000}).Draw(t, "step")
		r := scorecard.LimitRules{EquityShare: float64(share) / 100, WorkingShare: 1, Step: float64(step), Ceiling: 1e12}
		product := new(big.Int).Mul(big.NewInt(base), big.NewInt(share*factor))
		want := new(big.Int).Quo(product, big.NewInt(10_000*step)).Int64() * step
		got := *r.Recommend(scorecard.Grade{Factor: float64(factor) / 100}, scorecard.Facts{"tangible_net_worth": scorecard.Known(float64(base))}).Methods[0].Amount
		if got != float64(want) {
			t.Fatalf("%v × %d%% × %d%% by %d: %v, want %d", base, share, factor, step, got, want)
		}
	})
}
