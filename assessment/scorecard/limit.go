package scorecard

import (
	"math"

	"github.com/xinheng/xinheng/internal/fault"
)

// LimitRules are the shares that the three methods for a credit limit use, and the bounds of their result. Amounts are in
// whole units of the customer's currency; a recommendation becomes money where it is applied for.
type LimitRules struct {
	EquityShare  float64 `yaml:"equity_share" json:"equity_share"`   // of tangible net worth
	WorkingShare float64 `yaml:"working_share" json:"working_share"` // of working capital
	DelayDays    float64 `yaml:"delay_days" json:"delay_days"`       // late payment that the need method allows for
	Step         float64 `yaml:"step" json:"step"`                   // results are rounded down to it
	Ceiling      float64 `yaml:"ceiling" json:"ceiling"`             // no recommendation goes beyond it
}

func (r LimitRules) check(c *fault.Check) {
	for path, v := range map[string]float64{"limit.equity_share": r.EquityShare, "limit.working_share": r.WorkingShare} {
		c.That(v > 0 && v <= 1, path, "fault.range", fault.Args{"min": 0, "max": 1})
	}
	c.That(r.DelayDays >= 0 && r.DelayDays <= 365, "limit.delay_days", "fault.range", fault.Args{"min": 0, "max": 365})
	c.That(r.Step > 0, "limit.step", "fault.not_positive", nil)
	c.That(r.Ceiling > 0 && r.Ceiling <= 1e12, "limit.ceiling", "fault.range", fault.Args{"min": 0, "max": "1e12"})
}

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

// The facts that the methods read, in whole currency units.
const (
	FactTangibleEquity  = "tangible_net_worth"
	FactWorkingCapital  = "working_capital"
	FactYearlyPurchases = "yearly_purchases"
)

// Method is one method's answer. A nil Amount does not apply; Reason says why.
type Method struct {
	Key    string   `json:"key"`
	Base   *float64 `json:"base"`  // the figure that it starts from
	Share  float64  `json:"share"` // what it is multiplied by, before the grade's factor
	Amount *float64 `json:"amount"`
	Reason string   `json:"reason,omitempty"`
}

// Recommendation is the recommended limit: the smallest method that applies binds, at most the ceiling.
type Recommendation struct {
	Amount      float64  `json:"amount"`
	Binding     string   `json:"binding"` // the method, "ceiling", or "grade" when the grade allows no credit
	GradeFactor float64  `json:"grade_factor"`
	Methods     []Method `json:"methods"`
}

// Recommend computes the three methods side by side. When none applies, nothing is recommended.
func (r LimitRules) Recommend(g Grade, facts Facts) Recommendation {
	out := Recommendation{GradeFactor: g.Factor, Methods: []Method{
		r.method(NetWorth, facts[FactTangibleEquity], r.EquityShare, g),
		r.method(WorkingCapital, facts[FactWorkingCapital], r.WorkingShare, g),
		r.method(Need, facts[FactYearlyPurchases], (float64(g.Terms)+r.DelayDays)/365, g),
	}}
	for _, m := range out.Methods {
		if m.Amount != nil && (out.Binding == "" || *m.Amount < out.Amount) {
			out.Amount, out.Binding = *m.Amount, m.Key
		}
	}
	switch {
	case g.Factor == 0:
		out.Amount, out.Binding = 0, "grade"
	case out.Amount > r.Ceiling:
		out.Amount, out.Binding = r.Ceiling, "ceiling"
	}
	return out
}

// method: a negative base bears no credit at all, so it counts as 0; a missing one does not count.
func (r LimitRules) method(key string, base *float64, share float64, g Grade) Method {
	m := Method{Key: key, Base: base, Share: share}
	if base == nil {
		m.Reason = "scorecard.limit.missing"
		return m
	}
	amount := math.Floor(math.Max(0, *base)*share*g.Factor/r.Step) * r.Step
	if *base <= 0 {
		m.Reason = "scorecard.limit.negative"
	}
	m.Amount = &amount
	return m
}
