package ratio_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/realdata"
)

// lineOf ties the lines of the American statements to CAS items. D&A stands under depreciation.
var lineOf = map[string]statement.Item{
	"Cash and Cash Equivalents": "cash", "Short Term Investments": "trading_assets", "Accounts Receivable": "accounts_receivable", "Inventory": "inventories",
	"Total Current Assets": "total_current_assets", "Total Assets": "total_assets", "Accounts Payable": "accounts_payable", "Total Current Liabilities": "total_current_liabilities",
	"Total Debt": "long_term_borrowings", "Total Liabilities": "total_liabilities", "Total Equity": "total_equity",
	"Revenue": "revenue", "Cost of Goods Sold": "cost_of_sales", "Selling, General and Administrative Expenses": "admin_expenses", "Operating Income": "operating_profit",
	"Interest Expense": "interest_expense", "Income Before Tax": "total_profit", "Income Tax Expense": "income_tax", "Net Income": "net_profit",
	"Operating Cash Flow": "net_cash_operating", "Capital Expenditure": "capital_expenditure",
}

func table(t *testing.T, path string) (years []string, cells map[string]map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cells = map[string]map[string]string{}
	for _, row := range rows[1:] {
		cells[row[0]+" "+row[1]] = map[string]string{}
		for c := 2; c < len(row); c++ {
			cells[row[0]+" "+row[1]][rows[0][c]] = row[c]
		}
	}
	return rows[0][2:], cells
}

func american(t *testing.T) map[string]map[string]statement.Statement {
	t.Helper()
	all := map[string]map[string]statement.Statement{"AAPL": {}, "MSFT": {}}
	for _, name := range []string{"balance.csv", "income.csv", "cash.csv"} {
		years, cells := table(t, realdata.Path(t, "statements", "financetoolkit", "statements", name))
		for company, byYear := range all {
			for label, item := range lineOf {
				for _, y := range years {
					text, ok := cells[company+" "+label][y]
					if !ok || text == "" {
						continue
					}
					f, err := strconv.ParseFloat(text, 64)
					if err != nil {
						t.Fatal(err)
					}
					if item == "capital_expenditure" {
						f = -f // an outflow there is negative
					}
					s, there := byYear[y]
					if !there {
						s = statement.Statement{Period: clock.Date(y + "-12-31"), Currency: money.Currency("USD"), Unit: 1, Values: statement.Values{}}
					}
					s.Values[item] = int64(math.Round(f * 100))
					byYear[y] = s
				}
			}
		}
	}
	return all
}

// The expected ratios are those of an independent project. Left out, because they mean something else there: interest
// coverage (EBITDA there), ROE-like per-share and market figures, fixed-asset turnover (all non-current assets there),
// receivables turnover (its own inverse), returns on invested capital and tangible assets, coverage by capital spending.
func TestRatiosOfAppleAndMicrosoft(t *testing.T) {
	same := map[string]string{
		"Current Ratio": "current_ratio", "Quick Ratio": "acid_test", "Cash Ratio": "cash_ratio", "Working Capital": "working_capital",
		"Operating Cash Flow Ratio": "operating_cash_to_current_liabilities", "Operating Cash Flow to Sales Ratio": "cash_to_revenue",
		"Gross Margin": "gross_margin", "Operating Margin": "operating_margin", "Net Profit Margin": "net_margin", "Income Before Tax Profit Margin": "pretax_margin",
		"Effective Tax Rate": "effective_tax_rate", "Return on Assets": "roa", "Return on Equity": "roe", "Return on Capital Employed": "roce",
		"Income Quality Ratio": "income_quality", "Net Income per EBT": "tax_burden", "EBT to EBIT Ratio": "interest_burden", "EBIT to Revenue": "ebit_margin",
		"Free Cash Flow to Operating Cash Flow Ratio": "free_cash_share", "Debt-to-Assets Ratio": "debt_to_assets", "Debt-to-Equity Ratio": "debt_to_equity",
		"Equity Multiplier": "equity_multiplier", "Cash Flow Coverage Ratio": "cash_flow_to_debt", "Days of Inventory Outstanding": "inventory_days",
		"Days of Sales Outstanding": "receivable_days", "Operating Cycle": "operating_cycle", "Days of Accounts Payable Outstanding": "payable_days",
		"Cash Conversion Cycle": "cash_conversion_cycle", "Inventory Turnover Ratio": "inventory_turnover", "Accounts Payable Turnover Ratio": "payable_turnover",
		"SGA-to-Revenue Ratio": "expense_ratio", "Asset Turnover Ratio": "asset_turnover",
	}
	_, want := table(t, realdata.Path(t, "statements", "financetoolkit", "ratios_expected", "test_collect_all_ratios.csv"))
	compared := 0
	for company, byYear := range american(t) {
		for year, s := range byYear {
			n, _ := strconv.Atoi(year)
			var previous *statement.Statement
			if p, ok := byYear[strconv.Itoa(n-1)]; ok {
				previous = &p
			}
			got := ratio.ByKey(ratio.Compute(s, previous))
			for label, key := range same {
				text := want[company+" "+label][year]
				if text == "" {
					continue
				}
				w, err := strconv.ParseFloat(text, 64)
				if err != nil {
					t.Fatal(err)
				}
				g, ok := got[key]
				if !ok || math.Abs(g-w) > 0.00005001 {
					t.Errorf("%s %s %s = %.6f, want %s", company, year, key, g, text)
				}
				compared++
			}
		}
	}
	if compared < 200 {
		t.Errorf("only %d figures compared", compared)
	}
	t.Logf("%d figures agree to 4 decimals", compared)
}
