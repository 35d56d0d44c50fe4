package statement_test

import (
	"testing"

	"github.com/xinheng/xinheng/customer/statement"
)

// The form's lines stand in the statements, each once, and what a total sums stands above it.
func TestEntryFormStandsInTheStatements(t *testing.T) {
	seen := map[statement.Item]bool{}
	for _, l := range statement.EntryForm() {
		if _, ok := statement.Find(l.Item); !ok || seen[l.Item] {
			t.Errorf("%s: in the statements %t, before %t", l.Item, ok, seen[l.Item])
		}
		for _, term := range l.Sum {
			if !seen[term.Item] {
				t.Errorf("%s sums %s, which does not stand above it", l.Item, term.Item)
			}
		}
		seen[l.Item] = true
	}
}

// Figures by hand: 100 + 50 current, 80 fixed; 60 + 40 owed, 130 owners. 1000 − 700 − 100 = 200, + 10 − 5 = 205, − 50 = 155.
func TestFillTotals(t *testing.T) {
	v := statement.Values{"cash": 100, "inventories": 50, "fixed_assets": 80, "short_term_borrowings": 60, "long_term_borrowings": 40, "paid_in_capital": 130,
		"revenue": 1000, "cost_of_sales": 700, "admin_expenses": 100, "interest_expense": 9, "nonoperating_income": 10, "nonoperating_expenses": 5, "income_tax": 50, "total_equity": 131, "net_cash_operating": 7}
	statement.FillTotals(v)
	for item, want := range map[statement.Item]int64{"total_current_assets": 150, "total_noncurrent_assets": 80, "total_assets": 230, "total_current_liabilities": 60,
		"total_liabilities": 100, "total_equity": 131, "operating_profit": 200, "total_profit": 205, "net_profit": 155} {
		if v[item] != want {
			t.Errorf("%s = %d, want %d", item, v[item], want)
		}
	}
	for _, item := range []statement.Item{"operating_cash_in", "net_increase_in_cash", "cash_closing"} {
		if f, has := v[item]; has {
			t.Errorf("%s = %d, with not all to sum", item, f)
		}
	}
	broken := statement.Check(statement.Statement{Currency: "CNY", Unit: 1, Values: v})
	if len(broken) == 0 || broken[0].Key != "assets" {
		t.Errorf("a typed total that does not agree is told: %v", broken)
	}
}
