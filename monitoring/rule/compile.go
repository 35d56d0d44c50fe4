package rule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/expression"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/monitoring/window"
)

// series is what windows are computed from; windows over the same one share it.
type series struct {
	of, field, where string
	keyed            bool // of keys, for distinct
	grain            window.Grain
}

func (w Window) series() series {
	return series{of: w.Of, field: w.Field, where: w.Where, keyed: w.Aggregate == window.Distinct, grain: w.span().Grain()}
}

// id names the series in a customer's stored state.
func (s series) id() string {
	grain := "d"
	if s.grain == window.Hour {
		grain = "h"
	}
	return strings.Join([]string{s.of, s.field, s.where, grain}, "|")
}

// compiled is a rule ready to be evaluated.
type compiled struct {
	Rule
	levels           []*expression.Program
	windows          map[string]compiledWindow
	where            map[string]*expression.Program // by the window's name
	inCurrency       bool                           // it has windows over amounts
	titleZH, titleEN template
	dedup            template
	shown            []string // the names in the titles, then the windows
}

type compiledWindow struct {
	Window
	id    string
	span  window.Span
	grain window.Grain
}

// Variables are what the rule's conditions and titles may use: fields of its events, facts, its windows and now.
func (r Rule) Variables(facts ...expression.Variable) []expression.Variable {
	all := slices.Clone(facts)
	for _, on := range r.On {
		k, _ := KindOf(on)
		for _, v := range k.Variables() {
			if !slices.ContainsFunc(all, func(o expression.Variable) bool { return o.Name == v.Name }) {
				all = append(all, v)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Windows)) {
		t := expression.Number
		if r.Windows[name].isMoney() {
			t = expression.Money
		}
		all = append(all, expression.Variable{Name: name, Type: t, ZH: name, EN: name})
	}
	return all
}

const (
	longest      = 2 * 365 * day
	mostCoolDown = 365
)

func compile(r Rule, facts []expression.Variable) (compiled, error) {
	var c fault.Check
	for _, required := range [][2]string{{"key", r.Key}, {"zh", r.ZH}, {"en", r.EN}, {"title_zh", r.TitleZH}, {"title_en", r.TitleEN}} {
		c.Required(required[0], required[1])
	}
	c.That(r.Version > 0, "version", "fault.not_positive", nil)
	c.That(len(r.On) > 0, "on", "fault.required", nil)
	c.That(len(r.Levels) > 0, "levels", "fault.required", nil)
	c.That(r.CoolDownDays >= 0 && r.CoolDownDays <= mostCoolDown, "cool_down_days", "fault.range", fault.Args{"min": 0, "max": mostCoolDown})
	for i, on := range r.On {
		_, ok := KindOf(on)
		c.That(ok, fmt.Sprintf("on[%d]", i), "rule.event_unknown", fault.Args{"type": on})
	}
	out := compiled{Rule: r, windows: map[string]compiledWindow{}, where: map[string]*expression.Program{}}
	names := slices.Sorted(maps.Keys(r.Windows))
	for _, name := range names {
		w := r.Windows[name]
		w.check(&c, "windows."+name+".")
		out.where[name] = w.condition(&c, "windows."+name+".where")
		out.windows[name] = compiledWindow{Window: w, id: w.series().id(), span: w.span(), grain: w.span().Grain()}
		out.inCurrency = out.inCurrency || w.Field == amountField
	}
	env, err := expression.New(r.Variables(facts...))
	if err != nil {
		c.Join("windows.", err)
		return compiled{}, c.Err()
	}
	for i, l := range r.Levels {
		at := fmt.Sprintf("levels[%d].", i)
		c.OneOf(at+"severity", l.Severity, Severities...)
		condition, err := env.Condition(l.When)
		c.Join(at+"when", err)
		out.levels = append(out.levels, condition)
	}
	out.titleZH, out.titleEN, out.dedup = parseTemplate(r.TitleZH), parseTemplate(r.TitleEN), parseTemplate(r.Dedup)
	out.titleZH.check(&c, "title_zh", env)
	out.titleEN.check(&c, "title_en", env)
	out.dedup.check(&c, "dedup", env)
	for _, name := range slices.Concat(out.titleZH.names(), out.titleEN.names(), names) {
		if !slices.Contains(out.shown, name) {
			out.shown = append(out.shown, name)
		}
	}
	return out, c.Err()
}

func (t template) check(c *fault.Check, path string, env *expression.Env) {
	for _, name := range t.names() {
		known := slices.ContainsFunc(env.Variables(), func(v expression.Variable) bool { return v.Name == name })
		c.That(known, path, "rule.place_unknown", fault.Args{"name": name})
	}
}

func (w Window) check(c *fault.Check, at string) {
	k, ok := KindOf(w.Of)
	c.That(ok, at+"of", "rule.event_unknown", fault.Args{"type": w.Of})
	field, key := w.Field == amountField || slices.Contains(k.Numbers, w.Field), "rule.field_unknown"
	switch w.Aggregate {
	case window.Count:
		field = field || w.Field == ""
	case window.SinceLast:
		field, key = w.Field == "", "rule.field_needless"
	case window.Distinct:
		field, key = slices.Contains(k.Texts, w.Field), "rule.text_unknown"
	default:
		known := make([]string, len(window.Aggregates))
		for i, a := range window.Aggregates {
			known[i] = string(a)
		}
		c.OneOf(at+"aggregate", string(w.Aggregate), known...)
	}
	c.That(field, at+"field", key, fault.Args{"field": w.Field, "type": w.Of})
	most := int(longest / day)
	within := func(n, most int) bool { return n >= 0 && n <= most } // each by itself, as huge ones would overflow together
	ok = within(w.Days, most) && within(w.DaysAgo, most) && within(w.Hours, 24*most)
	s := w.span()
	c.That(ok && s.Length > 0 && s.Length+s.Offset <= longest, at+"days", "fault.range", fault.Args{"min": 1, "max": most})
	whole := s.Grain() == window.Hour || time.Duration(w.Hours)*time.Hour%day == 0
	c.That(whole, at+"hours", "rule.whole_days", nil)
}

// condition compiles Where; nil when there is none or it is wrong.
func (w Window) condition(c *fault.Check, at string) *expression.Program {
	if w.Where == "" {
		return nil
	}
	k, _ := KindOf(w.Of)
	env, err := expression.New(k.Variables())
	if err != nil {
		c.Join(at, err)
		return nil
	}
	p, err := env.Condition(w.Where)
	c.Join(at, err)
	return p
}
