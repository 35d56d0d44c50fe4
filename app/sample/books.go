package sample

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
)

// books invents the statements: a balance of a year ago is carried forward through a year of business, so that every
// line has its cause: what is sold becomes revenue, receivables and cash; what is missing is borrowed. All sums are of
// whole fen; nothing is rounded into balance.
func (d *draft) books() {
	chance := d.stream(forBooks)
	e := newEnterprise(d, chance)
	last := d.yesterday().Time().Year()
	years := chance.days(3, 4)
	var annuals, interims []Statement
	var annual clock.Date // when the latest annual statements came in, or will
	for year := last - years - 1; year <= last; year++ {
		e.year(year)
		for month := 3; month <= 12; month += 3 {
			// The first quarter is not published before the year that it follows (上市公司信息披露管理办法).
			s := Statement{On: max(published(year, month, chance), annual), Statement: e.statement(year, month, d)}
			if month == 12 {
				annual = s.On
			}
			if s.On > d.yesterday() {
				continue
			}
			if month == 12 {
				annuals = append(annuals, s)
			} else {
				interims = append(interims, s)
			}
		}
		e.close()
	}
	d.Capital = money.Of(e.balance["paid_in_capital"], money.CNY)
	d.Statements = append(d.Statements, annuals[len(annuals)-min(years, len(annuals)):]...)
	if n := len(interims); n > 0 {
		d.Statements = append(d.Statements, interims[n-1])
	}
	for i := range d.Statements {
		d.Statements[i].On = max(d.Statements[i].On, d.JoinedOn.AddDays(2))
		if d.Statements[i].On > d.yesterday() {
			d.Statements[i].On = d.yesterday()
		}
	}
	slices.SortStableFunc(d.Statements, func(a, b Statement) int { return cmp.Compare(a.On, b.On) })
}

// published is when the statements of a period come in: the annual ones in spring, the others a few weeks after.
func published(year, month int, chance dice) clock.Date {
	after := chance.days(18, 45)
	if month == 12 {
		after = chance.days(95, 118)
	}
	return clock.NewDate(year, time.Month(month)+1, 0).AddDays(after)
}

// The lines of the balance sheet that are carried forward, by the subtotal they make.
var (
	currentAssets = []statement.Item{"cash", "notes_receivable", "accounts_receivable", "prepayments", "other_receivables", "inventories", "other_current_assets"}
	fixedAssets   = []statement.Item{"long_term_equity_investments", "fixed_assets", "construction_in_progress", "right_of_use_assets", "intangible_assets",
		"long_term_deferred_expenses", "deferred_tax_assets"}
	currentDebts = []statement.Item{"short_term_borrowings", "notes_payable", "accounts_payable", "contract_liabilities", "payroll_payable", "taxes_payable",
		"other_payables", "noncurrent_liabilities_due_within_one_year"}
	longDebts = []statement.Item{"long_term_borrowings", "lease_liabilities", "deferred_income"}
	owners    = []statement.Item{"paid_in_capital", "capital_reserve", "surplus_reserve", "retained_earnings"}
	borrowed  = []statement.Item{"short_term_borrowings", "noncurrent_liabilities_due_within_one_year", "long_term_borrowings"}
)

func sum(v statement.Values, items ...[]statement.Item) int64 {
	total := int64(0)
	for _, list := range items {
		for _, i := range list {
			total += v[i]
		}
	}
	return total
}

// enterprise is a company's business from year to year. Rates are fractions; balance is in fen.
type enterprise struct {
	trade
	chance   dice
	quality  float64
	ailing   bool // has been getting worse in the last year
	lastYear int
	group    bool // has a minority in its subsidiaries
	balance  statement.Values
	next     statement.Values // the balance at the end of the year under way
	sales    float64          // of the year, fen
	margin   float64
	spending float64
	interest float64
	invest   float64 // capital expenditure to depreciation
	cashDays float64
	profit   int64 // of the year before
}

func newEnterprise(d *draft, chance dice) *enterprise {
	e := &enterprise{trade: d.trade, chance: chance, quality: d.Quality, group: d.head, lastYear: d.yesterday().Time().Year()}
	e.ailing = d.Habit == Stopped || d.Habit == Collapsing || d.Habit == Worsening && d.Quality < .5
	e.interest = .065 - .03*d.Quality
	e.cashDays = clamp(chance.normal(12+45*d.Quality, 8), 6, 90)
	e.sales = d.revenue * 100 / math.Pow(1+e.growth(), 4) // so that the latest years come to d.revenue
	assets := e.sales * (e.fixed + (e.receivables+e.stock*(1-e.gross)+30)/365 + .1)
	liabilities := clamp(e.debt+.05+.34*(.6-d.Quality)+chance.normal(0, .07), .15, .97)
	e.margin, e.spending = e.gross, e.costs
	v := e.operating()
	equity := int64(assets * (1 - liabilities))
	v["paid_in_capital"] = max(1, int64(clamp(float64(equity)*chance.between(.25, .6), 1e8, 6e10)/1e7)) * 1e7 // whole 100,000 yuan
	v["capital_reserve"] = int64(clamp(float64(equity)*chance.between(0, .12), 0, 5e9))
	kept := equity - v["paid_in_capital"] - v["capital_reserve"]
	v["surplus_reserve"] = min(max(0, kept/10), v["paid_in_capital"]/2)
	v["retained_earnings"] = kept - v["surplus_reserve"]
	if e.group {
		v["minority_equity"] = equity / 15
	}
	e.finance(v, statement.Values{})
	e.balance = v
	return e
}

func (e *enterprise) growth() float64 { return .04 + .16*(e.quality-.4) }

// year sets what the year brings.
func (e *enterprise) year(year int) {
	growth, strain := e.growth()+e.chance.normal(0, .05), 0.0
	if e.ailing && year >= e.lastYear-1 {
		growth, strain = growth-.18, .05
	}
	e.sales *= 1 + growth
	e.margin = e.gross - .008 + .06*(e.quality-.5) - strain/2 + e.chance.normal(0, .008)
	e.spending = e.costs*(1.1-.2*e.quality) + strain/3 + e.chance.normal(0, .004)
	e.invest = clamp(e.chance.normal(1, .2), .5, 1.6)
	e.next = nil
}

// close makes the end of the year the beginning of the next.
func (e *enterprise) close() { e.balance = e.next }

// operating gives the balance that the year's sales need, without cash, debts and owners.
func (e *enterprise) operating() statement.Values {
	wobble := func(days float64) float64 { return days / 365 * clamp(e.chance.normal(1, .06), .8, 1.2) }
	slack := 1.25 - .5*e.quality // weak companies are paid later, sell slower and pay later
	cost := e.sales * (1 - e.margin)
	v := statement.Values{}
	set := func(i statement.Item, amount float64) { v[i] = int64(math.Round(amount)) }
	set("accounts_receivable", e.sales*wobble(e.receivables)*slack*.85)
	set("notes_receivable", e.sales*wobble(e.receivables)*.15)
	set("prepayments", cost*wobble(9))
	set("other_receivables", e.sales*wobble(5)*slack)
	set("inventories", cost*wobble(e.stock)*slack)
	set("other_current_assets", e.sales*wobble(3))
	set("accounts_payable", cost*wobble(e.payables)*slack)
	set("notes_payable", cost*wobble(e.payables)*.2)
	set("contract_liabilities", e.sales*wobble(8))
	set("payroll_payable", e.sales*e.labour/12*clamp(e.chance.normal(1, .08), .7, 1.3))
	set("taxes_payable", e.sales*wobble(4))
	set("other_payables", e.sales*wobble(7)*slack)
	if e.balance == nil {
		set("fixed_assets", e.sales*e.fixed*e.chance.between(.8, 1.15))
		set("construction_in_progress", e.sales*e.fixed*.06)
		set("right_of_use_assets", e.sales*.01)
		set("intangible_assets", e.sales*e.fixed*.14)
		set("long_term_deferred_expenses", e.sales*.006)
		set("deferred_tax_assets", e.sales*.004)
		set("lease_liabilities", e.sales*.008)
		set("deferred_income", e.sales*.005)
		if e.group {
			set("long_term_equity_investments", e.sales*.05)
		}
	}
	return v
}

// finance closes the gap between what the business needs and what the owners gave: it is borrowed; when there is none,
// the rest is cash. before is the balance at the beginning, for how the debt is split.
func (e *enterprise) finance(v, before statement.Values) {
	target := int64(e.sales * e.cashDays / 365)
	free := sum(v, currentDebts, longDebts, owners) + v["minority_equity"] - sum(v, currentAssets, fixedAssets) // cash without a loan
	loan := max(0, target-free)
	v["cash"] = free + loan
	v["noncurrent_liabilities_due_within_one_year"] = before["long_term_borrowings"] / 4
	v["noncurrent_liabilities_due_within_one_year"] = min(v["noncurrent_liabilities_due_within_one_year"], loan/4)
	v["long_term_borrowings"] = loan / 4
	v["short_term_borrowings"] = loan - v["long_term_borrowings"] - v["noncurrent_liabilities_due_within_one_year"]
}
