package rule

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/money"
)

// template is a text with places for values: "Paid {late_90} days late".
type template []part

type part struct{ text, name string } // a name's value stands after the text

func parseTemplate(text string) template {
	var t template
	for {
		before, after, ok := strings.Cut(text, "{")
		name, rest, closed := strings.Cut(after, "}")
		if !ok || !closed {
			return append(t, part{text: text})
		}
		if name == "" {
			before += "{}" // no place, but text
		}
		t, text = append(t, part{before, name}), rest
	}
}

func (t template) names() []string {
	var all []string
	for _, p := range t {
		if p.name != "" {
			all = append(all, p.name)
		}
	}
	return all
}

func (t template) fill(value func(name string) (any, bool), say func(any) string) string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.text)
		if p.name == "" {
			continue
		}
		if v, ok := value(p.name); ok {
			b.WriteString(say(v))
		} else {
			b.WriteString("?")
		}
	}
	return b.String()
}

// sayZH and sayEN write a value as titles show it. Amounts of the home currency go without its code.
func sayZH(v any) string {
	if a, isMoney := v.(money.Amount); isMoney && plain(a) {
		return Figure(a.Float()) + " 元"
	}
	return sayEN(v)
}

func sayEN(v any) string {
	switch v := v.(type) {
	case float64:
		return Figure(v)
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return v.Format(time.DateOnly)
	case money.Amount:
		if plain(v) {
			return Figure(v.Float())
		}
		return string(v.Currency) + " " + Figure(v.Float())
	}
	return "?"
}

func plain(a money.Amount) bool { return a.Currency == money.CNY || a.Currency == "" }

// Figure writes a value as titles show it: thousands are grouped and whole, smaller values have at most one decimal.
func Figure(v float64) string {
	if math.Abs(v) < 1000 {
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	}
	digits := strconv.FormatFloat(math.Abs(v), 'f', 0, 64)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	if v < 0 {
		return "-" + digits
	}
	return digits
}
