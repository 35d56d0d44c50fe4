package ratio

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/customer/statement"
)

// Unit is how a ratio's value reads.
type Unit string

// The units. Percent values are fractions: 0.25 is 25 %.
const (
	Percent Unit = "percent"
	Times   Unit = "times"
	Days    Unit = "days"
	Money   Unit = "money" // whole currency units
)

// Group is what a ratio tells about.
type Group string

// The groups, in the order pages show them.
const (
	Solvency      Group = "solvency"      // 偿债能力
	Liquidity     Group = "liquidity"     // 流动性
	Profitability Group = "profitability" // 盈利能力
	Efficiency    Group = "efficiency"    // 营运能力
	Growth        Group = "growth"        // 成长能力
	CashFlow      Group = "cash_flow"     // 现金流
	DuPont        Group = "dupont"        // 杜邦分析
)

// Groups lists the groups in order.
var Groups = []Group{Solvency, Liquidity, Profitability, Efficiency, Growth, CashFlow, DuPont}

// Better says which direction is the better one.
type Better string

// The directions.
const (
	High    Better = "high"
	Low     Better = "low"
	Neither Better = ""
)

// Ratio is a definition. Num and Den are sums of items: "total_current_assets - inventories?". An item with ? counts as
// zero when missing (a sum of such items is missing when all are); a|b takes b where a is missing. "avg:" before the sum
// takes the mean of this statement and the one twelve months before, "prev:" the one before, "change:" the difference.
type Ratio struct {
	Key      string `json:"key"`
	Group    Group  `json:"group"`
	ZH       string `json:"zh"`
	EN       string `json:"en"`
	Unit     Unit   `json:"unit"`
	Better   Better `json:"better,omitempty"`
	Num      string `json:"num,omitempty"`
	Den      string `json:"den,omitempty"`
	Sum      string `json:"sum,omitempty"` // of other ratios instead: "inventory_days + receivable_days"
	Positive bool   `json:"positive,omitempty"`
	// MeaningZH and MeaningEN say what the figure tells, in a sentence.
	MeaningZH string `json:"meaning_zh"`
	MeaningEN string `json:"meaning_en"`
}

// Input is a figure that a value was computed from, in whole currency units.
type Input struct {
	Item   statement.Item `json:"item"`
	Before bool           `json:"before,omitempty"` // from the statement twelve months before
	Figure float64        `json:"figure"`
}

// Value is a computed ratio. A nil Value is undefined, and Reason is the message key that says why.
type Value struct {
	Key     string           `json:"key"`
	Value   *float64         `json:"value"`
	Reason  string           `json:"reason,omitempty"`
	Missing []statement.Item `json:"missing,omitempty"`
	Inputs  []Input          `json:"inputs,omitempty"`
	// Annualised: income of part of a year was set against a balance, and multiplied by 12/months.
	Annualised bool `json:"annualised,omitempty"`
	// Closing: there is no statement of the year before, so closing balances stand for averages.
	Closing bool `json:"closing,omitempty"`
}

// The reasons why a ratio is undefined.
const (
	ReasonMissing    = "ratio.missing"
	ReasonZero       = "ratio.zero_denominator"
	ReasonNegative   = "ratio.negative_denominator"
	ReasonNoPrevious = "ratio.no_previous"
)

const (
	daysPerYear       = 365
	monthsPerYear     = 12
	averages          = "avg:"
	before            = "prev:"
	change            = "change:"
	alternativeJoiner = "|"
)

// All lists the ratios in the order pages show them.
func All() []Ratio { return ratios }

// Find gives the ratio of a key.
func Find(key string) (Ratio, bool) {
	i := slices.IndexFunc(ratios, func(r Ratio) bool { return r.Key == key })
	if i < 0 {
		return Ratio{}, false
	}
	return ratios[i], true
}

// Formula is the definition for people, in Chinese or English.
func (r Ratio) Formula(lang string) string {
	if r.Sum != "" {
		return words(r.Sum, func(key string) string {
			other, _ := Find(key)
			return pick(lang, other.ZH, other.EN)
		})
	}
	text := side(r.Num, lang)
	if r.Den != "" {
		text = bracket(text) + " ÷ " + bracket(side(r.Den, lang))
	}
	if r.Unit == Days {
		text += " × 365"
	}
	return text
}

func pick(lang, zh, en string) string {
	if lang == "en" {
		return en
	}
	return zh
}

func bracket(text string) string {
	if strings.Contains(text, " + ") || strings.Contains(text, " - ") {
		return "(" + text + ")"
	}
	return text
}

func side(measure, lang string) string {
	prefix := ""
	for mark, word := range map[string][2]string{averages: {"平均", "average "}, before: {"上年", "last year's "}, change: {"本年较上年增加的", "increase in "}} {
		if rest, ok := strings.CutPrefix(measure, mark); ok {
			measure, prefix = strings.TrimSpace(rest), pick(lang, word[0], word[1])
		}
	}
	text := words(measure, func(term string) string {
		item := statement.Item(strings.TrimSuffix(strings.Split(term, alternativeJoiner)[0], "?"))
		l, _ := statement.Find(item)
		return pick(lang, l.ZH, l.EN)
	})
	if prefix != "" {
		text = prefix + bracket(text)
	}
	return text
}

func words(sum string, name func(string) string) string {
	parts := strings.Fields(sum)
	for i, p := range parts {
		if p != "+" && p != "-" {
			parts[i] = name(p)
		}
	}
	return strings.Join(parts, " ")
}

// Compute gives all ratios of a statement; previous is the one twelve months before in the same currency and scope, or
// nil. A ratio that cannot be computed has a nil Value and a Reason.
func Compute(current statement.Statement, previous *statement.Statement) []Value {
	done := map[string]Value{}
	all := make([]Value, 0, len(ratios))
	for _, r := range ratios {
		v := compute(r, current, previous, done)
		done[r.Key] = v
		all = append(all, v)
	}
	return all
}

// ByKey gives the values that are defined, by key.
func ByKey(values []Value) map[string]float64 {
	m := make(map[string]float64, len(values))
	for _, v := range values {
		if v.Value != nil {
			m[v.Key] = *v.Value
		}
	}
	return m
}

func compute(r Ratio, current statement.Statement, previous *statement.Statement, done map[string]Value) Value {
	v := Value{Key: r.Key}
	if r.Sum != "" {
		return sumOf(r, v, done)
	}
	num, numFlow, ok := v.measure(r.Num, current, previous)
	if !ok {
		return v
	}
	if r.Den == "" {
		return v.set(num)
	}
	den, denFlow, ok := v.measure(r.Den, current, previous)
	switch {
	case !ok:
		return v
	case den == 0:
		v.Reason = ReasonZero
		return v
	case den < 0 && r.Positive:
		v.Reason = ReasonNegative
		return v
	}
	q := num / den
	if months := current.Months(); numFlow != denFlow && months != monthsPerYear {
		v.Annualised = true
		scale := float64(monthsPerYear) / float64(months)
		if denFlow {
			scale = 1 / scale
		}
		q *= scale
	}
	if r.Unit == Days {
		q *= daysPerYear
	}
	return v.set(q)
}

func (v Value) set(f float64) Value {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		v.Reason = ReasonZero
		return v
	}
	v.Value = &f
	return v
}

func sumOf(r Ratio, v Value, done map[string]Value) Value {
	total, sign := 0.0, 1.0
	for _, word := range strings.Fields(r.Sum) {
		switch word {
		case "+":
			sign = 1
		case "-":
			sign = -1
		default:
			part := done[word]
			if part.Value == nil {
				v.Reason, v.Missing = part.Reason, part.Missing
				return v
			}
			total += sign * *part.Value
			v.Annualised, v.Closing = v.Annualised || part.Annualised, v.Closing || part.Closing
			v.use(part.Inputs...)
		}
	}
	return v.set(total)
}

// use notes the figures that the value comes from, each once: a line may stand above and below the fraction.
func (v *Value) use(inputs ...Input) {
	for _, in := range inputs {
		if !slices.Contains(v.Inputs, in) {
			v.Inputs = append(v.Inputs, in)
		}
	}
}

// measure evaluates a sum of items and tells whether it is a flow (of income or cash) or a balance.
func (v *Value) measure(text string, current statement.Statement, previous *statement.Statement) (sum float64, flow, ok bool) {
	terms, mark := text, ""
	for _, m := range []string{averages, before, change} {
		if rest, has := strings.CutPrefix(text, m); has {
			terms, mark = rest, m
		}
	}
	if (mark == before || mark == change) && previous == nil {
		v.Reason = ReasonNoPrevious
		return 0, false, false
	}
	if mark != before {
		if sum, flow, ok = v.sum(terms, current, false); !ok {
			return 0, false, false
		}
	}
	switch mark {
	case averages:
		if previous == nil {
			v.Closing = true
			return sum, flow, true
		}
		old, _, ok := v.sum(terms, *previous, true)
		if !ok { // the year before lacks the line: the closing balance stands for the average
			v.Closing, v.Reason, v.Missing = true, "", nil
			return sum, flow, true
		}
		return (sum + old) / 2, flow, true
	case before:
		return v.sum(terms, *previous, true)
	case change:
		old, _, ok := v.sum(terms, *previous, true)
		return sum - old, flow, ok
	}
	return sum, flow, true
}

func (v *Value) sum(terms string, s statement.Statement, before bool) (sum float64, flow, ok bool) {
	sign, found := 1.0, false
	var missing []statement.Item
	for _, word := range strings.Fields(terms) {
		switch word {
		case "+":
			sign = 1
			continue
		case "-":
			sign = -1
			continue
		}
		name, optional := strings.CutSuffix(word, "?")
		item, figure, has := firstOf(name, s)
		if !has {
			if !optional {
				v.Reason, v.Missing = ReasonMissing, []statement.Item{item}
				return 0, false, false
			}
			missing = append(missing, item)
			continue
		}
		l, _ := statement.Find(item)
		found, flow = true, flow || l.Part != statement.Balance
		sum += sign * figure
		v.use(Input{Item: item, Before: before, Figure: figure})
	}
	if !found {
		v.Reason, v.Missing = ReasonMissing, missing
		return 0, false, false
	}
	return sum, flow, true
}

func firstOf(name string, s statement.Statement) (statement.Item, float64, bool) {
	alternatives := strings.Split(name, alternativeJoiner)
	for _, a := range alternatives {
		if f, has := s.Get(statement.Item(a)); has {
			return statement.Item(a), f, true
		}
	}
	return statement.Item(alternatives[0]), 0, false
}

func init() {
	for i, r := range ratios {
		for word := range strings.FieldsSeq(strings.NewReplacer(averages, " ", before, " ", change, " ").Replace(r.Num + " " + r.Den)) {
			for _, name := range strings.Split(strings.TrimSuffix(word, "?"), alternativeJoiner) {
				if _, ok := statement.Find(statement.Item(name)); !ok && name != "+" && name != "-" {
					panic(fmt.Sprintf("ratio %s: no item %q", r.Key, name))
				}
			}
		}
		if j := slices.IndexFunc(ratios, func(o Ratio) bool { return o.Key == r.Key }); j != i {
			panic("ratio " + r.Key + " stands twice")
		}
	}
}
