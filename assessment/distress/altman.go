// Package distress computes published models of corporate distress (财务困境模型). Pure: no database, clock or network.
package distress

import (
	"slices"

	"github.com/xinheng/xinheng/customer/statement"
)

// Zone is what a score says about the company.
type Zone string

// The zones of Altman's models.
const (
	Distress Zone = "distress" // 破产区
	Grey     Zone = "grey"     // 灰色区
	Safe     Zone = "safe"     // 安全区
)

// Term is one summand of a score.
type Term struct {
	Key         string   `json:"key"`
	ZH          string   `json:"zh"`
	EN          string   `json:"en"`
	Coefficient float64  `json:"coefficient"`
	Value       *float64 `json:"value"`        // nil = undefined
	Gives       *float64 `json:"contribution"` // coefficient × value
}

// Result is a model's answer. A nil Score is undefined, and Reason the message key that says why.
type Result struct {
	Model  string           `json:"model"`
	ZH     string           `json:"zh"`
	EN     string           `json:"en"`
	Score  *float64         `json:"score"`
	Zone   Zone             `json:"zone,omitempty"`
	Below  float64          `json:"distress_below"` // the cut-offs of the zones
	Above  float64          `json:"safe_above"`
	Terms  []Term           `json:"terms"`
	Reason string           `json:"reason,omitempty"`
	Lacks  []statement.Item `json:"missing,omitempty"`
	Source string           `json:"source"`
	// Annualised: earnings and sales of part of a year were multiplied by 12/months.
	Annualised bool `json:"annualised,omitempty"`
}

// The reasons why a score is undefined.
const (
	ReasonMissing  = "distress.missing"
	ReasonNoMarket = "distress.no_market_value"
	ReasonZero     = "distress.zero_denominator"
)

// model is a linear score over Altman's five variables.
type model struct {
	key, zh, en  string
	constant     float64
	coefficients []weight
	below, above float64
	source       string
}

type weight struct {
	variable string
	by       float64
}

// variables are the quotients that the models weigh.
var variables = map[string][2]string{
	"working_capital":   {"营运资金 ÷ 总资产", "working capital / total assets"},
	"retained_earnings": {"留存收益 ÷ 总资产", "retained earnings / total assets"},
	"ebit":              {"息税前利润 ÷ 总资产", "EBIT / total assets"},
	"market_equity":     {"权益市值 ÷ 总负债", "market value of equity / total liabilities"},
	"book_equity":       {"权益账面值 ÷ 总负债", "book value of equity / total liabilities"},
	"sales":             {"营业收入 ÷ 总资产", "sales / total assets"},
}

// models, after:
//   - Z:   E. Altman, "Financial Ratios, Discriminant Analysis and the Prediction of Corporate Bankruptcy", Journal of
//     Finance 23 (1968), in the form with quotients as fractions; listed manufacturers.
//   - Z′:  E. Altman, Corporate Financial Distress (1983); unlisted manufacturers.
//   - Z″:  E. Altman, J. Hartzell, M. Peck, Emerging Markets Corporate Bonds: A Scoring System (1995); any industry.
//   - EM:  the same with the constant 3.25, so that 0 stands for a defaulted bond; its cut-offs are those of Z″ plus the constant.
var models = []model{
	{key: "altman_z", zh: "Altman Z（上市制造企业）", en: "Altman Z (listed manufacturers)", below: 1.81, above: 2.99, source: "Altman 1968", coefficients: []weight{
		{"working_capital", 1.2}, {"retained_earnings", 1.4}, {"ebit", 3.3}, {"market_equity", 0.6}, {"sales", 1.0}}},
	{key: "altman_z1", zh: "Altman Z′（非上市制造企业）", en: "Altman Z′ (unlisted manufacturers)", below: 1.23, above: 2.9, source: "Altman 1983", coefficients: []weight{
		{"working_capital", 0.717}, {"retained_earnings", 0.847}, {"ebit", 3.107}, {"book_equity", 0.420}, {"sales", 0.998}}},
	{key: "altman_z2", zh: "Altman Z″（非制造及一般企业）", en: "Altman Z″ (any industry)", below: 1.1, above: 2.6, source: "Altman, Hartzell, Peck 1995", coefficients: zSecond},
	{key: "altman_em", zh: "Altman EM（新兴市场）", en: "Altman EM score (emerging markets)", constant: 3.25, below: 4.35, above: 5.85, source: "Altman, Hartzell, Peck 1995", coefficients: zSecond},
}

var zSecond = []weight{{"working_capital", 6.56}, {"retained_earnings", 3.26}, {"ebit", 6.72}, {"book_equity", 1.05}}

// Altman gives the four scores of a statement. marketEquity is the market value of the owners' equity in whole currency
// units, nil for a company that is not listed (the first model is then undefined).
//
// Retained earnings are 未分配利润 plus 盈余公积, because CAS keeps the statutory part of undistributed profit in the
// surplus reserve. EBIT is profit before tax plus interest, or net finance expenses where interest is not shown.
func Altman(s statement.Statement, marketEquity *float64) []Result {
	known, lacks := quotients(s)
	if liabilities, ok := s.Get("total_liabilities"); !ok {
		lacks["market_equity"] = []statement.Item{"total_liabilities"}
	} else if marketEquity != nil && liabilities > 0 {
		known["market_equity"] = *marketEquity / liabilities
	}
	all := make([]Result, 0, len(models))
	for _, m := range models {
		r := m.score(known)
		r.Annualised = s.Months() != 12
		if r.Score == nil {
			r.Reason = ReasonMissing
			for _, t := range r.Terms {
				for _, item := range lacks[t.Key] {
					if t.Value == nil && !slices.Contains(r.Lacks, item) {
						r.Lacks = append(r.Lacks, item)
					}
				}
			}
			if assets, ok := s.Get("total_assets"); ok && assets <= 0 {
				r.Reason, r.Lacks = ReasonZero, nil
			} else if m.key == "altman_z" && marketEquity == nil {
				r.Reason, r.Lacks = ReasonNoMarket, nil
			} else if len(r.Lacks) == 0 {
				r.Reason = ReasonZero
			}
		}
		all = append(all, r)
	}
	return all
}

// Score computes a model from its quotients by name; those that lack make it undefined. For checking the models against
// published data sets.
func Score(key string, x map[string]float64) (Result, bool) {
	for _, m := range models {
		if m.key == key {
			return m.score(x), true
		}
	}
	return Result{}, false
}

func (m model) score(x map[string]float64) Result {
	r := Result{Model: m.key, ZH: m.zh, EN: m.en, Below: m.below, Above: m.above, Source: m.source}
	sum, complete := m.constant, true
	for _, c := range m.coefficients {
		t := Term{Key: c.variable, ZH: variables[c.variable][0], EN: variables[c.variable][1], Coefficient: c.by}
		if v, ok := x[c.variable]; ok {
			gives := c.by * v
			t.Value, t.Gives = &v, &gives
			sum += gives
		} else {
			complete = false
		}
		r.Terms = append(r.Terms, t)
	}
	if !complete {
		return r
	}
	r.Score, r.Zone = &sum, Grey
	if sum < m.below {
		r.Zone = Distress
	} else if sum > m.above {
		r.Zone = Safe
	}
	return r
}

// quotients computes the variables that the statement allows, and names the lines that lack for the others.
func quotients(s statement.Statement) (known map[string]float64, lacks map[string][]statement.Item) {
	known, lacks = map[string]float64{}, map[string][]statement.Item{}
	year := 12 / float64(s.Months())
	get := func(variable string, items ...statement.Item) (float64, bool) {
		for _, i := range items {
			if f, ok := s.Get(i); ok {
				return f, true
			}
		}
		lacks[variable] = append(lacks[variable], items[0])
		return 0, false
	}
	put := func(variable string, numerator float64, all ...bool) {
		denominator := statement.Item("total_assets")
		if variable == "book_equity" {
			denominator = "total_liabilities"
		}
		d, ok := get(variable, denominator)
		for _, a := range all {
			ok = ok && a
		}
		if ok && d > 0 {
			known[variable] = numerator / d
		}
	}
	current, ok1 := get("working_capital", "total_current_assets")
	due, ok2 := get("working_capital", "total_current_liabilities")
	put("working_capital", current-due, ok1, ok2)

	kept, ok := get("retained_earnings", "retained_earnings")
	surplus, _ := s.Get("surplus_reserve")
	put("retained_earnings", kept+surplus, ok)

	profit, ok1 := get("ebit", "total_profit")
	interest, ok2 := get("ebit", "interest_expense", "finance_expenses")
	put("ebit", (profit+interest)*year, ok1, ok2)

	equity, ok := get("book_equity", "total_equity")
	put("book_equity", equity, ok)

	sales, ok := get("sales", "revenue", "total_revenue")
	put("sales", sales*year, ok)
	return known, lacks
}
