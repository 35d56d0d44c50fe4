package ratio_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"strings"
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

// same ties the ratios of the independent project to ours of the same definition.
var same = map[string]string{
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
	"Cash Conversion Efficiency": "cash_to_revenue", "Net Current Asset Value": "working_capital",
}

// differs are its other ratios, and why they are not compared.
var differs = map[string]string{
	"Interest Coverage Ratio": "EBITDA over interest there, EBIT over interest here",
	"Receivables Turnover":    "receivables over revenue there, the inverse of the turnover",
	"Fixed Asset Turnover":    "all non-current assets there, fixed assets (固定资产) here",

	"Operating Ratio": notHere, "Short Term Coverage Ratio": notHere, "Return on Invested Capital": notHere, "Return on Tangible Assets": notHere,
	"Debt Service Coverage Ratio": notHere, "Net-Debt to EBITDA Ratio": notHere, "CAPEX Coverage Ratio": notHere, "Dividend CAPEX Coverage Ratio": notHere,
	"Dividend Payout Ratio": notHere, "Tangible Asset Value": notHere,

	"Earnings per Share": ofShares, "Revenue per Share": ofShares, "Book Value per Share": ofShares, "Interest Debt per Share": ofShares, "CAPEX per Share": ofShares,
	"Price-to-Earnings": ofShares, "Price-to-Earnings-Growth": ofShares, "Price-to-Book": ofShares, "Price-to-Cash-Flow": ofShares, "Price-to-Free-Cash-Flow": ofShares,
	"Earnings Yield": ofShares, "Free Cash Flow Yield": ofShares, "Dividend Yield": ofShares, "Weighted Dividend Yield": ofShares, "Market Cap": ofShares,
	"Enterprise Value": ofShares, "EV-to-Sales": ofShares, "EV-to-EBIT": ofShares, "EV-to-EBITDA": ofShares, "EV-to-Operating-Cash-Flow": ofShares,
}

const (
	notHere  = "no ratio of the table here"
	ofShares = "needs share prices or counts, which statements do not give"
)

// The expected ratios are those of an independent project, to its 4 decimals. Its five-factor DuPont table is not compared:
// it exchanges EBIT and profit before tax; its three-factor table repeats ratios that are.
func TestRatiosOfAppleAndMicrosoft(t *testing.T) {
	_, want := table(t, realdata.Path(t, "statements", "financetoolkit", "ratios_expected", "test_collect_all_ratios.csv"))
	for line := range want {
		_, label, _ := strings.Cut(line, " ")
		if (same[label] == "") == (differs[label] == "") {
			t.Errorf("%s must be compared, or be told why not", label)
		}
	}
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
	if compared != 250 {
		t.Errorf("%d figures compared, want 250", compared)
	}
}
