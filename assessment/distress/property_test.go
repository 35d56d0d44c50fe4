package distress_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/assessment/distress"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/money"
)

var used = []statement.Item{"total_assets", "total_current_assets", "total_current_liabilities", "total_liabilities", "total_equity",
	"retained_earnings", "surplus_reserve", "total_profit", "interest_expense", "finance_expenses", "revenue"}

// drawn is a statement with any of the lines missing, zero or negative.
func drawn(t *rapid.T) statement.Statement {
	v := statement.Values{}
	for _, item := range used {
		if rapid.IntRange(0, 9).Draw(t, "has "+string(item)) > 0 {
			v[item] = rapid.Int64Range(-1e9, 1e12).Draw(t, string(item))
		}
	}
	return statement.Statement{Period: "2023-06-30", Currency: money.CNY, Unit: 1, Values: v}
}

func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

// A score stands with a zone and is the constant and what its terms give; without a score stands a reason that the
// catalogue says, and the lines it names are really missing.
func TestAScoreOrAReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		market := rapid.Float64Range(0, 1e12).Draw(t, "market")
		for _, r := range distress.Altman(s, rapid.SampledFrom([]*float64{nil, &market}).Draw(t, "listed")) {
			if r.Score == nil {
				if !i18n.Has(r.Reason) || r.Zone != "" {
					t.Fatalf("%+v", r)
				}
				for i, item := range r.Lacks {
					if _, has := s.Values[item]; has || slices.Index(r.Lacks, item) != i {
						t.Fatalf("%s says that %v lack of %v", r.Model, r.Lacks, s.Values)
					}
				}
				continue
			}
			sum := 0.0
			if r.Model == "altman_em" {
				sum = 3.25
			}
			for _, term := range r.Terms {
				sum += *term.Gives
			}
			if !near(sum, *r.Score) || r.Reason != "" || !i18n.Has("distress.zone."+string(r.Zone)) {
				t.Fatalf("%+v sums to %v", r, sum)
			}
		}
	})
}

// Money that is counted in another unit changes no score, and the emerging-market score is Z″ plus 3.25.
func TestUnitsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		bigger := s
		bigger.Values = statement.Values{}
		for item, v := range s.Values {
			bigger.Values[item] = v * 1000
		}
		a, b := distress.Altman(s, nil), distress.Altman(bigger, nil)
		for i := range a {
			if (a[i].Score == nil) != (b[i].Score == nil) || a[i].Score != nil && !near(*a[i].Score, *b[i].Score) {
				t.Fatalf("%s: %v in one unit, %v in another", a[i].Model, a[i].Score, b[i].Score)
			}
		}
		if second, em := a[2].Score, a[3].Score; second != nil && !near(*second+3.25, *em) {
			t.Fatalf("Z″ %v, EM %v", *second, *em)
		}
	})
}

func TestZonesAtTheirCutOffs(t *testing.T) {
	for _, c := range []struct {
		model    string
		by       float64 // the coefficient of working capital, which alone is not zero
		score    float64
		want     distress.Zone
		constant float64
	}{
		{"altman_z", 1.2, 1.80, distress.Distress, 0}, {"altman_z", 1.2, 1.82, distress.Grey, 0}, {"altman_z", 1.2, 2.98, distress.Grey, 0}, {"altman_z", 1.2, 3.00, distress.Safe, 0},
		{"altman_z1", .717, 1.22, distress.Distress, 0}, {"altman_z1", .717, 1.24, distress.Grey, 0}, {"altman_z1", .717, 2.89, distress.Grey, 0}, {"altman_z1", .717, 2.91, distress.Safe, 0},
		{"altman_z2", 6.56, 1.09, distress.Distress, 0}, {"altman_z2", 6.56, 1.11, distress.Grey, 0}, {"altman_z2", 6.56, 2.59, distress.Grey, 0}, {"altman_z2", 6.56, 2.61, distress.Safe, 0},
		{"altman_em", 6.56, 4.14, distress.Distress, 3.25}, {"altman_em", 6.56, 4.36, distress.Grey, 3.25}, {"altman_em", 6.56, 5.86, distress.Safe, 3.25},
	} {
		x := map[string]float64{"working_capital": (c.score - c.constant) / c.by, "retained_earnings": 0, "ebit": 0, "market_equity": 0, "book_equity": 0, "sales": 0}
		if r, ok := distress.Score(c.model, x); !ok || !near(*r.Score, c.score) || r.Zone != c.want {
			t.Errorf("%s of %v is %s, want %s", c.model, c.score, r.Zone, c.want)
		}
	}
	if _, ok := distress.Score("altman_z9", nil); ok {
		t.Error("a model that does not exist gives a score")
	}
}

// A listed company whose liabilities are not given lacks a line; its liabilities are not zero.
func TestMissingLiabilitiesAreMissing(t *testing.T) {
	market := 1e6
	s := statement.Statement{Period: "2023-12-31", Currency: money.CNY, Unit: 1, Values: statement.Values{"total_assets": 100000, "total_current_assets": 50000,
		"total_current_liabilities": 30000, "retained_earnings": 1000, "total_profit": 1000, "finance_expenses": 10, "revenue": 1000}}
	if z := distress.Altman(s, &market)[0]; z.Reason != distress.ReasonMissing || !slices.Equal(z.Lacks, []statement.Item{"total_liabilities"}) {
		t.Errorf("%+v", z)
	}
	s.Values["total_liabilities"] = 0
	if z := distress.Altman(s, &market)[0]; z.Reason != distress.ReasonZero || len(z.Lacks) != 0 {
		t.Errorf("%+v", z)
	}
	delete(s.Values, "total_assets")
	if z := distress.Altman(s, &market)[0]; !slices.Equal(z.Lacks, []statement.Item{"total_assets"}) {
		t.Errorf("the missing line is named once: %v", z.Lacks)
	}
}
