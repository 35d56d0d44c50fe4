// Package rule finds what is worth an alert: rules as data over events and time windows. Pure: no database, clock or
// network. The same events in the same order give the same findings, also when the state was stored in between.
package rule

import (
	"bytes"
	"embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/expression"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/monitoring/window"
)

// Severities of a rule's levels, mild to bad.
var Severities = []string{"info", "warn", "high", "critical"}

// Rule is a version of a rule.
type Rule struct {
	Key     string            `yaml:"key" json:"key"`
	Version int64             `yaml:"version" json:"version"`
	ZH      string            `yaml:"zh" json:"zh"`
	EN      string            `yaml:"en" json:"en"`
	WhyZH   string            `yaml:"why_zh" json:"why_zh"`
	WhyEN   string            `yaml:"why_en" json:"why_en"`
	On      []string          `yaml:"on" json:"on"` // types of events
	Windows map[string]Window `yaml:"windows" json:"windows,omitempty"`
	// Levels from bad to mild: the first whose condition holds gives the severity.
	Levels  []Level `yaml:"levels" json:"levels"`
	TitleZH string  `yaml:"title_zh" json:"title_zh"` // "{event.days_late}" stands for a value
	TitleEN string  `yaml:"title_en" json:"title_en"`
}

// Window is a named window over events of one type. Field is "amount" or a number of that type; empty for count.
type Window struct {
	Of        string           `yaml:"of" json:"of"`
	Field     string           `yaml:"field" json:"field,omitempty"`
	Aggregate window.Aggregate `yaml:"aggregate" json:"aggregate"`
	Days      int              `yaml:"days" json:"days,omitempty"`
	Hours     int              `yaml:"hours" json:"hours,omitempty"`
	DaysAgo   int              `yaml:"days_ago" json:"days_ago,omitempty"` // the window ends that many days before now
}

// Level is a severity with its condition.
type Level struct {
	Severity string `yaml:"severity" json:"severity"`
	When     string `yaml:"when" json:"when"`
}

// Finding is what a rule found.
type Finding struct {
	Rule       string
	Version    int64
	Severity   string
	CustomerID string
	TitleZH    string
	TitleEN    string
	Values     []Named // the values that the rule's title and windows rest on
}

// Named is a value by its name.
type Named struct {
	Name  string
	Value float64
}

//go:embed library/*.yaml
var library embed.FS

// Library are the texts of the rules that an installation starts with.
func Library() []string {
	entries, err := library.ReadDir("library")
	if err != nil {
		panic(err)
	}
	var all []string
	for _, e := range entries {
		raw, err := library.ReadFile("library/" + e.Name())
		if err != nil {
			panic(err)
		}
		all = append(all, string(raw))
	}
	return all
}

// Parse reads a rule and compiles it; a wrong one is a fault that names every wrong place.
func Parse(text string) (Rule, error) {
	var r Rule
	d := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return Rule{}, fault.Invalid("", "rule.not_yaml", fault.Args{"detail": err.Error()})
	}
	_, err := compile(r)
	return r, err
}

func (w Window) span() window.Span {
	return window.Span{Length: time.Duration(w.Days)*24*time.Hour + time.Duration(w.Hours)*time.Hour, Offset: time.Duration(w.DaysAgo) * 24 * time.Hour}
}

// series is what a window is computed from.
type series struct {
	of, field string
	grain     window.Grain
}

func (w Window) series() series {
	field := w.Field
	if w.Aggregate == window.Count {
		field = ""
	}
	return series{w.Of, field, w.span().Grain()}
}

const longest = 365 * 2 * 24 * time.Hour

func (w Window) check(c *fault.Check, at string) {
	k, ok := KindOf(w.Of)
	c.That(ok, at+"of", "rule.event_unknown", fault.Args{"type": w.Of})
	c.That(slices.Contains(window.Aggregates, w.Aggregate), at+"aggregate", "fault.one_of", fault.Args{"allowed": "count, sum, avg, min, max"})
	c.That(w.Aggregate == window.Count || w.Field == "amount" || slices.Contains(k.Numbers, w.Field), at+"field", "rule.field_unknown", fault.Args{"field": w.Field, "type": w.Of})
	s := w.span()
	c.That(s.Length > 0 && s.Offset >= 0 && s.Length+s.Offset <= longest, at+"days", "fault.range", fault.Args{"min": 1, "max": int(longest.Hours() / 24)})
}

type compiled struct {
	Rule
	levels []*expression.Condition
	names  []string // of windows, sorted
	shown  []string // the names in the titles, then the windows
}

func compile(r Rule) (compiled, error) {
	var c fault.Check
	c.Required("key", r.Key)
	c.Required("zh", r.ZH)
	c.Required("en", r.EN)
	c.Required("title_zh", r.TitleZH)
	c.Required("title_en", r.TitleEN)
	c.That(r.Version > 0, "version", "fault.not_positive", nil)
	c.That(len(r.On) > 0, "on", "fault.required", nil)
	c.That(len(r.Levels) > 0, "levels", "fault.required", nil)
	variables := []expression.Variable{{Name: "event.type", Type: expression.Text}, {Name: "event.amount", Type: expression.Number}}
	for i, on := range r.On {
		k, ok := KindOf(on)
		c.That(ok, fmt.Sprintf("on[%d]", i), "rule.event_unknown", fault.Args{"type": on})
		for _, n := range k.Numbers {
			variables = append(variables, expression.Variable{Name: "event." + n, Type: expression.Number})
		}
		for _, n := range k.Texts {
			variables = append(variables, expression.Variable{Name: "event." + n, Type: expression.Text})
		}
	}
	out := compiled{Rule: r}
	for name, w := range r.Windows {
		w.check(&c, "windows."+name+".")
		variables = append(variables, expression.Variable{Name: name, Type: expression.Number})
		out.names = append(out.names, name)
	}
	slices.Sort(out.names)
	variables = slices.CompactFunc(sorted(variables), func(a, b expression.Variable) bool { return a.Name == b.Name })
	env, err := expression.New(variables)
	if err != nil {
		c.Join("windows", err)
		return compiled{}, c.Err()
	}
	for i, l := range r.Levels {
		at := fmt.Sprintf("levels[%d].", i)
		c.OneOf(at+"severity", l.Severity, Severities...)
		condition, err := env.Condition(l.When)
		c.Join(at+"when", err)
		out.levels = append(out.levels, condition)
	}
	known := func(name string) bool {
		return slices.ContainsFunc(variables, func(v expression.Variable) bool { return v.Name == name })
	}
	for path, title := range map[string]string{"title_zh": r.TitleZH, "title_en": r.TitleEN} {
		for _, name := range places(title) {
			c.That(known(name), path, "rule.place_unknown", fault.Args{"name": name})
			if path == "title_zh" && !slices.Contains(out.shown, name) {
				out.shown = append(out.shown, name)
			}
		}
	}
	for _, name := range out.names {
		if !slices.Contains(out.shown, name) {
			out.shown = append(out.shown, name)
		}
	}
	return out, c.Err()
}

func sorted(v []expression.Variable) []expression.Variable {
	slices.SortFunc(v, func(a, b expression.Variable) int { return strings.Compare(a.Name, b.Name) })
	return v
}

// places are the names between braces.
func places(title string) []string {
	var all []string
	for rest := title; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			return all
		}
		name, tail, ok := strings.Cut(after, "}")
		if !ok {
			return all
		}
		all, rest = append(all, name), tail
	}
}

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
