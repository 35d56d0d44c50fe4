package ratio_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/money"
)

var usedItems = []statement.Item{"total_assets", "total_liabilities", "total_equity", "total_current_assets", "total_current_liabilities", "inventories", "accounts_receivable",
	"accounts_payable", "cash", "fixed_assets", "short_term_borrowings", "long_term_borrowings", "revenue", "cost_of_sales", "operating_profit", "total_profit", "income_tax",
	"net_profit", "interest_expense", "finance_expenses", "admin_expenses", "net_cash_operating", "cash_from_sales", "capital_expenditure"}

// drawn is a statement with any of the lines missing, zero or negative.
func drawn(t *rapid.T, period clock.Date) statement.Statement {
	v := statement.Values{}
	for _, item := range usedItems {
		switch rapid.IntRange(0, 9).Draw(t, "kind of "+string(item)) {
		case 0: // missing
		case 1:
			v[item] = 0
		default:
			v[item] = rapid.Int64Range(-1e12, 1e12).Draw(t, string(item))
		}
	}
	return statement.Statement{Period: period, Currency: money.CNY, Unit: 1, Values: v}
}

// Each ratio is a finite number or a reason that the catalogue says, whatever the statement lacks; the figures that it
// came from are those of the statements, each once.
func TestANumberOrAReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, before := drawn(t, "2023-06-30"), drawn(t, "2022-06-30")
		var previous *statement.Statement
		if rapid.Bool().Draw(t, "has previous") {
			previous = &before
		}
		all := ratio.Compute(now, previous)
		if len(all) != len(ratio.All()) {
			t.Fatalf("%d values of %d ratios", len(all), len(ratio.All()))
		}
		for _, v := range all {
			if v.Value != nil && (v.Reason != "" || math.IsNaN(*v.Value) || math.IsInf(*v.Value, 0)) || v.Value == nil && !i18n.Has(v.Reason) {
				t.Fatalf("%+v", v)
			}
			for i, in := range v.Inputs {
				from := now
				if in.Before {
					from = before
				}
				if f, ok := from.Get(in.Item); !ok || f != in.Figure || slices.Index(v.Inputs, in) != i {
					t.Fatalf("%s: input %+v is not of the statement, or stands twice", v.Key, in)
				}
			}
		}
	})
}

// Statements in another unit give the same ratios; amounts alone grow with the unit.
func TestUnitsDoNotMatter(t *testing.T) {
	bigger := func(s statement.Statement) statement.Statement {
		v := statement.Values{}
		for item, f := range s.Values {
			v[item] = f * 1000
		}
		s.Values = v
		return s
	}
	rapid.Check(t, func(t *rapid.T) {
		now, before := drawn(t, "2023-06-30"), drawn(t, "2022-06-30")
		bigBefore := bigger(before)
		a, b := ratio.Compute(now, &before), ratio.Compute(bigger(now), &bigBefore)
		for i, r := range ratio.All() {
			if a[i].Reason != b[i].Reason {
				t.Fatalf("%s: %q in one unit, %q in another", r.Key, a[i].Reason, b[i].Reason)
			}
			if a[i].Value == nil {
				continue
			}
			want := *a[i].Value
			if r.Unit == ratio.Money {
				want *= 1000
			}
			if math.Abs(*b[i].Value-want) > 1e-6*math.Max(1, math.Abs(want)) {
				t.Fatalf("%s: %v, want %v", r.Key, *b[i].Value, want)
			}
		}
	})
}

// Turnover and days say the same: together they make a year of 365 days.
func TestTurnoverTimesDaysIsAYear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, before := drawn(t, "2023-09-30"), drawn(t, "2022-09-30")
		got := ratio.ByKey(ratio.Compute(now, &before))
		for _, name := range []string{"receivable", "inventory", "payable"} {
			times, ok1 := got[name+"_turnover"]
			days, ok2 := got[name+"_days"]
			if ok1 && ok2 && times != 0 && math.Abs(times*days-365) > 1e-6 {
				t.Fatalf("%s: %v times, %v days", name, times, days)
			}
		}
	})
}

// What pages show of the groups and of undefined ratios stands in the catalogue.
func TestGroupsAndReasonsAreSaid(t *testing.T) {
	for _, r := range ratio.All() {
		if !slices.Contains(ratio.Groups, r.Group) || !i18n.Has("ratio.group."+string(r.Group)) {
			t.Errorf("%s: group %q", r.Key, r.Group)
		}
	}
	for _, reason := range []string{ratio.ReasonMissing, ratio.ReasonZero, ratio.ReasonNegative, ratio.ReasonNoPrevious} {
		if !i18n.Has(reason) {
			t.Errorf("%s is not in the catalogue", reason)
		}
	}
}
