package ratio_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
)

func of(period clock.Date, yuan map[statement.Item]int64) statement.Statement {
	v := statement.Values{}
	for item, y := range yuan {
		v[item] = y * 100
	}
	return statement.Statement{Period: period, Currency: money.CNY, Unit: 1, Values: v}
}

func value(t *testing.T, all []ratio.Value, key string) ratio.Value {
	t.Helper()
	for _, v := range all {
		if v.Key == key {
			return v
		}
	}
	t.Fatalf("no ratio %s", key)
	return ratio.Value{}
}

// The figures are computed by hand.
func TestByHand(t *testing.T) {
	before := of("2022-12-31", map[statement.Item]int64{"total_assets": 800, "total_equity": 300, "accounts_receivable": 100, "inventories": 60, "revenue": 500, "net_profit": 20})
	now := of("2023-12-31", map[statement.Item]int64{"total_assets": 1200, "total_liabilities": 900, "total_equity": 300, "total_current_assets": 600, "total_current_liabilities": 400,
		"inventories": 140, "accounts_receivable": 200, "cash": 50, "revenue": 1000, "cost_of_sales": 730, "total_profit": 40, "income_tax": 10, "net_profit": 30,
		"finance_expenses": 8, "net_cash_operating": 60, "short_term_borrowings": 150})
	all := ratio.Compute(now, &before)
	for key, want := range map[string]float64{
		"debt_ratio": 0.75, "liabilities_to_equity": 3, "debt_to_assets": 0.125, "interest_coverage": 6, "current_ratio": 1.5, "quick_ratio": 1.15, "working_capital": 200,
		"gross_margin": 0.27, "roa": 0.03, "roe": 0.1, "receivable_turnover": 1000.0 / 150, "receivable_days": 54.75, "inventory_days": 50, "operating_cycle": 104.75,
		"asset_turnover": 1, "revenue_growth": 1, "net_profit_growth": 0.5, "income_quality": 2, "tax_burden": 0.75, "interest_burden": 40.0 / 48, "equity_multiplier": 1000.0 / 300,
	} {
		v := value(t, all, key)
		if v.Value == nil || math.Abs(*v.Value-want) > 1e-12 {
			t.Errorf("%s = %v (%s), want %v", key, v.Value, v.Reason, want)
		}
	}
}

func TestUndefinedIsToldAndNeverZero(t *testing.T) {
	s := of("2023-12-31", map[statement.Item]int64{"total_assets": 100, "total_liabilities": 150, "total_equity": -50, "total_current_assets": 10, "total_current_liabilities": 0,
		"total_profit": 5, "finance_expenses": -3, "net_profit": -5, "net_cash_operating": 4, "revenue": 0})
	all := ratio.Compute(s, nil)
	for key, reason := range map[string]string{
		"liabilities_to_equity": ratio.ReasonNegative, "interest_coverage": ratio.ReasonNegative, "current_ratio": ratio.ReasonZero, "gross_margin": ratio.ReasonMissing,
		"revenue_growth": ratio.ReasonNoPrevious, "income_quality": ratio.ReasonNegative, "net_margin": ratio.ReasonZero, "debt_to_assets": ratio.ReasonMissing,
		"operating_cycle": ratio.ReasonMissing, "roe": ratio.ReasonNegative,
	} {
		if v := value(t, all, key); v.Value != nil || v.Reason != reason {
			t.Errorf("%s = %v %s, want undefined because of %s", key, v.Value, v.Reason, reason)
		}
	}
	if v := value(t, all, "gross_margin"); len(v.Missing) != 1 || v.Missing[0] != "cost_of_sales" {
		t.Errorf("the missing line is named: %v", v.Missing)
	}
	if v := value(t, all, "debt_ratio"); v.Value == nil || *v.Value != 1.5 {
		t.Errorf("debt ratio of 150 over 100: %v", v)
	}
}

// Half a year's revenue of 500 against assets of 1,000 is a turnover of 1 a year.
func TestPartOfAYearIsAnnualised(t *testing.T) {
	all := ratio.Compute(of("2023-06-30", map[statement.Item]int64{"revenue": 500, "total_assets": 1000, "accounts_receivable": 100, "net_profit": 50}), nil)
	for key, want := range map[string]float64{"asset_turnover": 1, "receivable_days": 36.5, "roa": 0.1, "net_margin": 0.1} {
		v := value(t, all, key)
		if v.Value == nil || math.Abs(*v.Value-want) > 1e-12 || v.Annualised != (key != "net_margin") || v.Closing != (key != "net_margin") {
			t.Errorf("%s = %+v, want %v", key, v, want)
		}
	}
}

// DuPont: margin × turnover × multiplier is the return on equity, and so are the five factors.
func TestDuPontProductsAreROE(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		positive := rapid.Int64Range(1, 1e9)
		draw := func(name string) int64 { return positive.Draw(t, name) }
		profit := draw("profit")
		before := of("2022-12-31", map[statement.Item]int64{"total_assets": draw("assets before"), "total_equity": draw("equity before")})
		now := of("2023-12-31", map[statement.Item]int64{"total_assets": draw("assets"), "total_equity": draw("equity"), "revenue": draw("revenue"),
			"total_profit": profit, "interest_expense": draw("interest"), "net_profit": rapid.Int64Range(-1e9, profit).Draw(t, "net")})
		got := ratio.ByKey(ratio.Compute(now, &before))
		three := got["net_margin"] * got["asset_turnover"] * got["equity_multiplier"]
		five := got["tax_burden"] * got["interest_burden"] * got["ebit_margin"] * got["asset_turnover"] * got["equity_multiplier"]
		for _, product := range []float64{three, five} {
			if math.Abs(product-got["roe"]) > 1e-9*math.Max(1, math.Abs(got["roe"])) {
				t.Fatalf("product %v, ROE %v", product, got["roe"])
			}
		}
	})
}

func TestEveryRatioExplainsItself(t *testing.T) {
	for _, r := range ratio.All() {
		for _, lang := range []string{"zh", "en"} {
			if f := r.Formula(lang); f == "" || strings.ContainsAny(f, "_|?:") {
				t.Errorf("%s: formula %q is not for people", r.Key, f)
			}
		}
		if r.ZH == "" || r.EN == "" || r.MeaningZH == "" || r.MeaningEN == "" {
			t.Errorf("%s lacks a name or meaning", r.Key)
		}
	}
	r, _ := ratio.Find("quick_ratio")
	if got := r.Formula("zh"); got != "(流动资产合计 - 存货) ÷ 流动负债合计" {
		t.Errorf("%q", got)
	}
	r, _ = ratio.Find("receivable_days")
	if got := r.Formula("en"); got != "average Accounts receivable ÷ Revenue × 365" {
		t.Errorf("%q", got)
	}
}
