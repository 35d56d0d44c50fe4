package distress_test

import (
	"bufio"
	"compress/gzip"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/assessment/distress"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/realdata"
)

func million(f float64) int64 { return int64(f * 1e8) }

// Apple's and Microsoft's statements (million USD) with the scores that an independent project publishes.
func TestAltmanOfAppleAndMicrosoft(t *testing.T) {
	for _, c := range []struct {
		name                                                                                            string
		assets, current, due, liabilities, retained, profit, interest, sales, marketToLiabilities, want float64
	}{
		{"AAPL 2020", 323888, 143713, 105392, 258549, 14966, 67091, 2873, 274515, 8.7869, 7.0392},
		{"AAPL 2021", 351002, 134836, 125481, 287912, 5562, 109207, 2645, 365817, 10.2228, 8.2816},
		{"AAPL 2022", 352755, 135405, 153982, 302083, -3068, 119103, 2931, 394328, 6.9414, 6.349},
	} {
		s := statement.Statement{Period: "2020-12-31", Currency: money.Currency("USD"), Unit: 1, Values: statement.Values{
			"total_assets": million(c.assets), "total_current_assets": million(c.current), "total_current_liabilities": million(c.due), "total_liabilities": million(c.liabilities),
			"total_equity": million(c.assets - c.liabilities), "retained_earnings": million(c.retained), "total_profit": million(c.profit), "interest_expense": million(c.interest), "revenue": million(c.sales)}}
		market := c.marketToLiabilities * c.liabilities * 1e6
		z := distress.Altman(s, &market)[0]
		if z.Score == nil || math.Abs(*z.Score-c.want) > 0.0001 || z.Zone != distress.Safe {
			t.Errorf("%s: %v, want %v", c.name, z.Score, c.want)
		}
	}
	// The published quotients of Microsoft, rounded to 4 decimals, give the published score within their rounding.
	r, ok := distress.Score("altman_z", map[string]float64{"working_capital": .2045, "retained_earnings": .2310, "ebit": .2351, "market_equity": 8.9538, "sales": .5434})
	if !ok || math.Abs(*r.Score-7.2604) > 0.0005 {
		t.Errorf("MSFT 2022: %v", *r.Score)
	}
}

// By hand: X1 = .2, X2 = (80+20)/1000 = .1, X3 = (90+10)/1000 = .1, book equity/liabilities = 400/600, sales 1.5.
func TestByHandUnderCAS(t *testing.T) {
	s := statement.Statement{Period: "2023-12-31", Currency: money.CNY, Unit: 1, Values: statement.Values{
		"total_assets": 1000_00, "total_current_assets": 500_00, "total_current_liabilities": 300_00, "retained_earnings": 80_00, "surplus_reserve": 20_00,
		"total_profit": 90_00, "finance_expenses": 10_00, "total_equity": 400_00, "total_liabilities": 600_00, "revenue": 1500_00}}
	all := distress.Altman(s, nil)
	if all[0].Score != nil || all[0].Reason != distress.ReasonNoMarket {
		t.Errorf("Z of an unlisted company is undefined, got %+v", all[0])
	}
	for i, want := range map[int]struct {
		score float64
		zone  distress.Zone
	}{
		1: {.717*.2 + .847*.1 + 3.107*.1 + .42*2/3 + .998*1.5, distress.Grey},
		2: {6.56*.2 + 3.26*.1 + 6.72*.1 + 1.05*2/3, distress.Safe},
		3: {3.25 + 6.56*.2 + 3.26*.1 + 6.72*.1 + 1.05*2/3, distress.Safe},
	} {
		if r := all[i]; r.Score == nil || math.Abs(*r.Score-want.score) > 1e-12 || r.Zone != want.zone {
			t.Errorf("%s: %+v, want %+v", r.Model, r, want)
		}
	}
	delete(s.Values, "total_profit")
	if r := distress.Altman(s, nil)[2]; r.Score != nil || r.Reason != distress.ReasonMissing || !slices.Equal(r.Lacks, []statement.Item{"total_profit"}) {
		t.Errorf("the missing line is named: %+v", r)
	}
	s.Values = statement.Values{"total_assets": 0}
	if r := distress.Altman(s, nil)[2]; r.Score != nil || r.Reason != distress.ReasonZero {
		t.Errorf("no assets: %+v", r)
	}
	half := statement.Statement{Period: "2023-06-30", Currency: money.CNY, Unit: 1, Values: statement.Values{
		"total_assets": 1000_00, "total_current_assets": 500_00, "total_current_liabilities": 300_00, "retained_earnings": 100_00,
		"total_profit": 45_00, "finance_expenses": 5_00, "total_equity": 400_00, "total_liabilities": 600_00, "revenue": 750_00}}
	if r := distress.Altman(half, nil)[1]; math.Abs(*r.Score-(.717*.2+.847*.1+3.107*.1+.42*2/3+.998*1.5)) > 1e-12 || !r.Annualised {
		t.Errorf("half a year counts double: %+v", r)
	}
}

// 1year.arff: Attr3 working capital, Attr6 retained earnings, Attr7 EBIT (over assets), Attr8 equity over liabilities. The
// area under the ROC curve of Z″ was computed independently as .689367 over the 7,001 complete rows.
func TestPolishBankruptcies(t *testing.T) {
	f, err := os.Open(realdata.Path(t, "polish_bankruptcy", "1year.arff.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		score float64
		bad   bool
	}
	var rows []row
	data := false
	for lines := bufio.NewScanner(z); lines.Scan(); {
		text := strings.TrimSpace(lines.Text())
		if !data {
			data = strings.EqualFold(text, "@data")
			continue
		}
		cells := strings.Split(text, ",")
		if len(cells) < 65 {
			continue
		}
		x := map[string]float64{}
		for name, at := range map[string]int{"working_capital": 3, "retained_earnings": 6, "ebit": 7, "book_equity": 8} {
			if v, err := strconv.ParseFloat(cells[at-1], 64); err == nil {
				x[name] = v
			}
		}
		if r, _ := distress.Score("altman_z2", x); r.Score != nil {
			rows = append(rows, row{*r.Score, strings.TrimSpace(cells[64]) == "1"})
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		switch {
		case a.score < b.score:
			return -1
		case a.score > b.score:
			return 1
		}
		return 0
	})
	// Mann-Whitney: the chance that a good company scores higher than a bad one; ties count half.
	rankSum, bad := 0.0, 0
	for i := 0; i < len(rows); {
		j := i
		for j < len(rows) && rows[j].score == rows[i].score {
			j++
		}
		for k := i; k < j; k++ {
			if rows[k].bad {
				bad++
				rankSum += float64(i+j+1) / 2
			}
		}
		i = j
	}
	good := len(rows) - bad
	auc := 1 - (rankSum-float64(bad)*float64(bad+1)/2)/(float64(bad)*float64(good))
	if len(rows) != 7001 || math.Abs(auc-.689367) > 0.0000005 {
		t.Errorf("AUC %.6f over %d rows, want .689367 over 7001", auc, len(rows))
	}
}
