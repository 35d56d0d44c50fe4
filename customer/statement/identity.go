package statement

import (
	"fmt"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

// Identity is an equation that must hold between lines: Left = Σ sign·term. Optional terms count as zero when missing;
// when Left or any other term is missing the identity says nothing.
type Identity struct {
	Key   string
	Left  Item
	Terms []Term
	// Hard identities are the definition of a balance sheet: a statement that breaks one is refused unless someone says
	// so. The others are broken now and then by real published statements, and are shown.
	Hard bool
}

// Term is one summand of an identity.
type Term struct {
	Item     Item
	Minus    bool
	Optional bool
}

// Identities are the equations checked on every statement, after CAS 30 (财务报表列报) and CAS 31 (现金流量表).
var Identities = []Identity{
	{Key: "assets", Left: "total_assets", Hard: true, Terms: []Term{{Item: "total_liabilities"}, {Item: "total_equity"}}},
	{Key: "liabilities_and_equity", Left: "total_liabilities_and_equity", Terms: []Term{{Item: "total_liabilities"}, {Item: "total_equity"}}},
	{Key: "asset_parts", Left: "total_assets", Terms: []Term{{Item: "total_current_assets"}, {Item: "total_noncurrent_assets"}}},
	{Key: "liability_parts", Left: "total_liabilities", Terms: []Term{{Item: "total_current_liabilities"}, {Item: "total_noncurrent_liabilities"}}},
	{Key: "equity_parts", Left: "total_equity", Terms: []Term{{Item: "parent_equity"}, {Item: "minority_equity", Optional: true}}},
	{Key: "profit_before_tax", Left: "total_profit", Terms: []Term{{Item: "operating_profit"}, {Item: "nonoperating_income", Optional: true}, {Item: "nonoperating_expenses", Minus: true, Optional: true}}},
	{Key: "net_profit", Left: "net_profit", Terms: []Term{{Item: "total_profit"}, {Item: "income_tax", Minus: true}, {Item: "unrecognised_investment_loss", Optional: true}}},
	{Key: "operating_cash", Left: "net_cash_operating", Terms: []Term{{Item: "operating_cash_in"}, {Item: "operating_cash_out", Minus: true}}},
	{Key: "investing_cash", Left: "net_cash_investing", Terms: []Term{{Item: "investing_cash_in"}, {Item: "investing_cash_out", Minus: true}}},
	{Key: "financing_cash", Left: "net_cash_financing", Terms: []Term{{Item: "financing_cash_in"}, {Item: "financing_cash_out", Minus: true}}},
	{Key: "cash_increase", Left: "net_increase_in_cash", Terms: []Term{{Item: "net_cash_operating"}, {Item: "net_cash_investing"}, {Item: "net_cash_financing"}, {Item: "fx_effect_on_cash", Optional: true}}},
	{Key: "cash_reconciliation", Left: "cash_closing", Terms: []Term{{Item: "cash_opening"}, {Item: "net_increase_in_cash"}}},
}

// Break is an identity that does not hold. Amounts are in fen; Difference = Left − Right.
type Break struct {
	Key        string       `json:"key"`
	Hard       bool         `json:"hard"`
	Lines      []Item       `json:"lines"` // the left line, then the terms
	Left       money.Amount `json:"left"`
	Right      money.Amount `json:"right"`
	Difference money.Amount `json:"difference"`
}

// Fault tells the break as a wrong field of the statement: which lines, both sides, the difference.
func (b Break) Fault() fault.Field {
	args := fault.Args{"identity": "statement.identity." + b.Key, "left": b.Left.Grouped(), "right": b.Right.Grouped(), "difference": b.Difference.Grouped()}
	return fault.Field{Path: "values." + string(b.Lines[0]), Key: "statement.identity_broken", Args: args}
}

// String is for logs and tests.
func (b Break) String() string {
	return fmt.Sprintf("%s: %s = %s ≠ %s (%s)", b.Key, b.Lines[0], b.Left.Decimal(), b.Right.Decimal(), b.Difference.Decimal())
}

// Check gives the identities that do not hold. The tolerance is the rounding of the stated unit: every figure may be off
// by half a unit, so n figures by n/2, rounded up to whole units; figures in whole fen must agree exactly.
func Check(s Statement) []Break {
	var breaks []Break
	scale := pow10(s.Currency.Scale())
	for _, id := range Identities {
		left, ok := s.Values[id.Left]
		if !ok {
			continue
		}
		right, figures, known := int64(0), int64(1), true
		linesOf := []Item{id.Left}
		for _, t := range id.Terms {
			v, has := s.Values[t.Item]
			if !has && !t.Optional {
				known = false
				break
			}
			if !has {
				continue
			}
			if t.Minus {
				v = -v
			}
			right += v
			figures++
			linesOf = append(linesOf, t.Item)
		}
		if !known {
			continue
		}
		tolerance := int64(0)
		if s.Unit > 1 {
			tolerance = (figures + 1) / 2 * s.Unit * scale
		}
		if d := left - right; d > tolerance || d < -tolerance {
			breaks = append(breaks, Break{Key: id.Key, Hard: id.Hard, Lines: linesOf, Left: money.Of(left, s.Currency), Right: money.Of(right, s.Currency), Difference: money.Of(d, s.Currency)})
		}
	}
	return breaks
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
