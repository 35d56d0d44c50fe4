package distress_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/xinheng/xinheng/assessment/distress"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/realdata"
)

// figures reads a table of company, line (absent in some files) and years into "company line year" → figure.
func figures(t *testing.T, path ...string) map[string]float64 {
	t.Helper()
	f, err := os.Open(realdata.Path(t, append([]string{"statements", "financetoolkit"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, row := range rows[1:] {
		for c := 1; c < len(row); c++ {
			v, err := strconv.ParseFloat(row[c], 64)
			if err != nil {
				continue // a label, or a year without figure
			}
			line := ""
			if _, err := strconv.Atoi(rows[0][1]); err != nil {
				line = row[1] + " "
			}
			all[row[0]+" "+line+rows[0][c]] = v
		}
	}
	return all
}

// Every quotient and score that an independent project publishes of Apple and Microsoft, from their statements and their
// market value, to its 4 decimals. American statements have no surplus reserve: retained earnings stand alone.
func TestEveryPublishedTermAndScore(t *testing.T) {
	lines := map[string]statement.Item{"Total Assets": "total_assets", "Total Current Assets": "total_current_assets", "Total Current Liabilities": "total_current_liabilities",
		"Total Liabilities": "total_liabilities", "Total Equity": "total_equity", "Retained Earnings": "retained_earnings",
		"Revenue": "revenue", "Income Before Tax": "total_profit", "Interest Expense": "interest_expense"}
	terms := map[string]string{"Working Capital to Total Assets": "working_capital", "Retained Earnings to Total Assets": "retained_earnings", "EBIT to Total Assets": "ebit",
		"Market Value to Total Liabilities": "market_equity", "Sales to Total Assets": "sales"}
	balance, income := figures(t, "statements", "balance.csv"), figures(t, "statements", "income.csv")
	market, want := figures(t, "ratios_expected", "test_get_market_cap.csv"), figures(t, "models_expected", "test_get_altman_z_score.csv")
	compared := 0
	same := func(what string, got *float64, published float64) {
		compared++
		if got == nil || math.Abs(*got-published) > 0.00005001 {
			t.Errorf("%s = %v, want %v", what, got, published)
		}
	}
	for _, company := range []string{"AAPL", "MSFT"} {
		for _, year := range []string{"2020", "2021", "2022", "2023"} {
			s := statement.Statement{Period: clock.Date(year + "-12-31"), Currency: money.Currency("USD"), Unit: 1, Values: statement.Values{}}
			for line, item := range lines {
				f, ok := balance[company+" "+line+" "+year]
				if !ok {
					f, ok = income[company+" "+line+" "+year]
				}
				if !ok {
					t.Fatalf("no %s of %s %s", line, company, year)
				}
				s.Values[item] = int64(math.Round(f * 100))
			}
			var listed *float64
			if m, ok := market[company+" "+year]; ok {
				listed = &m
			}
			z := distress.Altman(s, listed)[0]
			if score, ok := want[company+" Altman Z-Score "+year]; ok {
				same(company+" "+year+" Z", z.Score, score)
			} else if z.Score != nil || z.Reason != distress.ReasonNoMarket {
				t.Errorf("%s %s has no market value, yet %+v", company, year, z)
			}
			for label, key := range terms {
				if quotient, ok := want[company+" "+label+" "+year]; ok {
					same(company+" "+year+" "+key, term(z, key).Value, quotient)
				}
			}
		}
	}
	if compared != 44 { // 4 quotients of 8 years, the fifth and the score of the 6 years with a market value
		t.Errorf("%d figures compared, want 44", compared)
	}
}

func term(r distress.Result, key string) distress.Term {
	for _, t := range r.Terms {
		if t.Key == key {
			return t
		}
	}
	return distress.Term{}
}
