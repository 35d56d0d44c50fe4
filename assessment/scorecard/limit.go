package scorecard

import (
	"math/big"
	"strconv"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

// LimitRules are the shares that the three methods for a credit limit use, and the bounds of their result. Amounts are in
// whole units of the customer's currency; In turns a recommendation into money.
type LimitRules struct {
	EquityShare  float64 `yaml:"equity_share" json:"equity_share"`   // of tangible net worth
	WorkingShare float64 `yaml:"working_share" json:"working_share"` // of working capital
	DelayDays    float64 `yaml:"delay_days" json:"delay_days"`       // late payment that the need method allows for
	Step         float64 `yaml:"step" json:"step"`                   // results are rounded down to it
	Ceiling      float64 `yaml:"ceiling" json:"ceiling"`             // no recommendation goes beyond it; a multiple of Step
}

func (r LimitRules) check(c *fault.Check) {
	c.That(r.EquityShare > 0 && r.EquityShare <= 1, "limit.equity_share", "fault.range", fault.Args{"min": 0, "max": 1})
	c.That(r.WorkingShare > 0 && r.WorkingShare <= 1, "limit.working_share", "fault.range", fault.Args{"min": 0, "max": 1})
	between(c, "limit.delay_days", r.DelayDays, 0, 365)
	between(c, "limit.step", r.Step, 0.01, mostLimit)
	between(c, "limit.ceiling", r.Ceiling, 0.01, mostLimit)
	if r.Step >= 0.01 && r.Step <= mostLimit && r.Ceiling >= 0.01 && r.Ceiling <= mostLimit {
		c.That(new(big.Rat).Quo(exact(r.Ceiling), exact(r.Step)).IsInt(), "limit.ceiling", "scorecard.ceiling_step", fault.Args{"step": number(r.Step)})
	}
}

const mostLimit = 1e12

// The methods for a limit, all scaled by the grade's factor:
//   - net worth (净资产法): a share of equity less intangible assets and goodwill; the classic ceiling of trade credit
//     (R. Cole, L. Mishler, Consumer and Business Credit Management).
//   - working capital (营运资金法): a share of current assets less current liabilities, what is free to pay suppliers.
//   - need (销售量法): what the customer buys in the terms granted plus the usual delay: expected purchases per year ×
//     (terms + delay) / 365. It tells what it needs, not what it can bear.
const (
	NetWorth       = "net_worth"
	WorkingCapital = "working_capital"
	Need           = "need"
)

// What binds a recommendation when no method does.
const (
	Ceiling  = "ceiling" // the card's
	ByGrade  = "grade"   // the grade allows no credit
	Refused  = "refused" // the card does not grade without what is missing
	daysYear = 365
)

// The facts that the methods read, in whole currency units.
const (
	FactTangibleEquity  = "tangible_net_worth"
	FactWorkingCapital  = "working_capital"
	FactYearlyPurchases = "yearly_purchases"
)

// Method is one method's answer. A nil Amount does not apply; Reason says why.
type Method struct {
	Key    string   `json:"key"`
	Fact   string   `json:"fact,omitempty"` // the name of Base
	Base   *float64 `json:"base"`           // the figure that it starts from
	Share  float64  `json:"share"`          // what it is multiplied by, before the grade's factor
	Amount *float64 `json:"amount"`
	Reason string   `json:"reason,omitempty"`
}

// Recommendation is the recommended limit: the smallest method that applies binds, at most the ceiling.
type Recommendation struct {
	Amount      float64  `json:"amount"`
	Binding     string   `json:"binding"` // the method, Ceiling, ByGrade or Refused; empty when no method applies
	GradeFactor float64  `json:"grade_factor"`
	Methods     []Method `json:"methods"`
}

// Recommend computes the three methods side by side. When none applies, nothing is recommended.
func (r LimitRules) Recommend(g Grade, facts Facts) Recommendation {
	days := new(big.Rat).Add(exact(float64(g.Terms)), exact(r.DelayDays))
	out := Recommendation{GradeFactor: g.Factor, Methods: []Method{
		r.method(NetWorth, FactTangibleEquity, exact(r.EquityShare), g, facts),
		r.method(WorkingCapital, FactWorkingCapital, exact(r.WorkingShare), g, facts),
		r.method(Need, FactYearlyPurchases, days.Quo(days, exact(daysYear)), g, facts),
	}}
	for _, m := range out.Methods {
		if m.Amount != nil && (out.Binding == "" || *m.Amount < out.Amount) {
			out.Amount, out.Binding = *m.Amount, m.Key
		}
	}
	switch {
	case g.Factor == 0:
		out.Amount, out.Binding = 0, ByGrade
	case out.Amount > r.Ceiling:
		out.Amount, out.Binding = r.Ceiling, Ceiling
	}
	return out
}

// method: a negative base bears no credit at all, so it counts as 0; a missing one does not count. The product is exact
// in decimals, because rounding down would cost a whole step where a binary product falls just short of it.
func (r LimitRules) method(key, fact string, share *big.Rat, g Grade, facts Facts) Method {
	base := facts.get(fact)
	m := Method{Key: key, Fact: fact, Base: base}
	m.Share, _ = share.Float64()
	if base == nil {
		m.Reason = "scorecard.limit.missing"
		return m
	}
	amount := 0.0
	if *base <= 0 {
		m.Reason = "scorecard.limit.negative"
	} else {
		product := new(big.Rat).Mul(exact(*base), share)
		amount, _ = floorTo(product.Mul(product, exact(g.Factor)), exact(r.Step)).Float64()
	}
	m.Amount = &amount
	return m
}

// In gives the recommended limit as money; a fault when the currency is unknown or the amount too large for it.
func (r Recommendation) In(c money.Currency) (money.Amount, error) { return inMoney(r.Amount, c) }

// In gives the method's amount as money, nothing when it does not apply; the faults are those of Recommendation.In.
func (m Method) In(c money.Currency) (money.Amount, error) {
	if m.Amount == nil {
		return inMoney(0, c)
	}
	return inMoney(*m.Amount, c)
}

func inMoney(units float64, c money.Currency) (money.Amount, error) {
	if !c.Valid() {
		return money.Amount{}, fault.Invalid("currency", "money.currency_unknown", fault.Args{"code": string(c)})
	}
	minor := exact(units)
	for range c.Scale() {
		minor.Mul(minor, exact(10))
	}
	n := floorTo(minor, exact(1)).Num()
	if !n.IsInt64() {
		return money.Amount{}, fault.New(fault.KindInvalid, "money.overflow", nil)
	}
	return money.Of(n.Int64(), c), nil
}

// exact is the decimal number that the float is written as: 0.1 is a tenth.
func exact(f float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	return r
}

// floorTo rounds a number that is not negative down to a multiple of step.
func floorTo(v, step *big.Rat) *big.Rat {
	steps := new(big.Rat).Quo(v, step)
	whole := new(big.Int).Quo(steps.Num(), steps.Denom())
	return new(big.Rat).Mul(new(big.Rat).SetInt(whole), step)
}
