package scorecard

import (
	"math"
	"strconv"
	"strings"

	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/money"
)

// Explain tells the outcome in sentences: score and grade, what moved the grade, every factor with what it gave, lost and
// what would lift it (those that cost most first), and the limit in the given currency.
func (o Outcome) Explain(lang i18n.Lang, c money.Currency) ([]string, error) {
	amount, err := o.Limit.In(c)
	if err != nil {
		return nil, err
	}
	say := func(key string, args fault.Args) string { return i18n.Text(lang, "scorecard.explain."+key, args) }
	pick := func(zh, en string) string {
		if lang == i18n.EN {
			return en
		}
		return zh
	}
	lines := []string{say("score", fault.Args{"score": decimals(o.Score, 1), "by": o.ByScore, "grade": o.Grade, "pd": decimals(100*o.PD, 2) + "%"})}
	for _, h := range o.Vetoes {
		lines = append(lines, say("veto", fault.Args{"why": pick(h.ZH, h.EN), "grade": h.Grade}))
	}
	for _, h := range o.Caps {
		lines = append(lines, say("cap", fault.Args{"why": pick(h.ZH, h.EN), "grade": h.Grade}))
	}
	named := map[string]Part{}
	for _, p := range o.Parts {
		named[p.Key] = p
	}
	for _, key := range o.Refused {
		lines = append(lines, say("refused", fault.Args{"name": pick(named[key].ZH, named[key].EN)}))
	}
	part := func(p Part, lift *Lift) {
		line := say(p.manner(), fault.Args{"name": pick(p.ZH, p.EN), "value": p.shown(string(lang)), "bin": pick(p.BinZH, p.BinEN),
			"points": decimals(p.Points, 1), "weight": decimals(p.Weight, 2), "gives": decimals(p.Gives, 1), "lost": decimals(p.Lost, 1)})
		if p.Lost > 0 {
			line += say(lift.manner(), lift.args(p, pick, string(lang)))
		}
		lines = append(lines, line)
	}
	for _, r := range o.Why {
		part(named[r.Key], r.Lift)
	}
	for _, p := range o.Parts {
		if p.Lost <= 0 {
			part(p, nil)
		}
	}
	switch o.Limit.Binding {
	case "":
		return append(lines, say("no_limit", nil)), nil
	case ByGrade, Refused:
		return append(lines, say("no_credit", fault.Args{"why": "scorecard.limit." + o.Limit.Binding})), nil
	}
	return append(lines, say("limit", fault.Args{"amount": string(c) + " " + amount.Grouped(), "method": "scorecard.limit." + o.Limit.Binding, "days": o.TermsDays})), nil
}

func (p Part) manner() string {
	switch {
	case p.Neutral:
		return "neutral"
	case p.Missing:
		return "missing"
	case p.Choice != "":
		return "answered"
	}
	return "given"
}

func (p Part) shown(lang string) string {
	if p.Value == nil {
		return ""
	}
	return figure(*p.Value, p.Unit, lang, 2)
}

func (l *Lift) manner() string {
	way := "down"
	switch {
	case l == nil:
		return "supply"
	case l.Choice != nil:
		way = "answer"
	case l.Up:
		way = "up"
	}
	if l.Raises {
		way += "_raises"
	}
	return way
}

func (l *Lift) args(p Part, pick func(zh, en string) string, lang string) fault.Args {
	if l == nil {
		return fault.Args{"adds": decimals(p.Lost, 1)}
	}
	var to string
	if l.Choice != nil {
		to = pick(l.Choice.ZH, l.Choice.EN)
	} else {
		to = figure(l.To, p.Unit, lang, boundDecimals)
	}
	return fault.Args{"to": to, "adds": decimals(l.Adds, 1), "grade": l.Final}
}

const boundDecimals = 6

// binText is the interval of a bin: "< 40%", "40% – 55%", "≥ 85%"; the upper bound does not belong to it.
func (f Factor) binText(at int, lang string) string {
	bound := func(i int) string { return figure(*f.Bins[i].Below, f.Unit, lang, boundDecimals) }
	switch at {
	case 0:
		return "< " + bound(0)
	case len(f.Bins) - 1:
		return "≥ " + bound(at-1)
	}
	return bound(at-1) + " – " + bound(at)
}

func figure(f float64, unit, lang string, most int) string {
	switch ratio.Unit(unit) {
	case ratio.Percent:
		return decimals(100*f, most) + "%"
	case ratio.Days:
		if lang == "en" {
			return decimals(f, most) + " days"
		}
		return decimals(f, most) + " 天"
	}
	return decimals(f, most)
}

// decimals writes a number with at most so many decimals, without trailing zeros.
func decimals(f float64, most int) string {
	text := strconv.FormatFloat(f, 'f', most, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if math.Signbit(f) && strings.Trim(text, "-0") == "" {
		return "0"
	}
	return text
}
