package rule

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/expression"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/monitoring/window"
)

// Set is the rules in force, compiled together: windows over the same figure share one series.
type Set struct {
	rules  []compiled
	byType map[string][]int   // event type → rules that listen
	feeds  map[string][]*feed // event type → series that it feeds
}

// feed is a series that an event type feeds.
type feed struct {
	series
	id    string
	keep  time.Duration
	where *expression.Program // nil: every event
}

// Compile makes a set; a wrong rule is a fault that names it and the place. facts as for Parse.
func Compile(rules []Rule, facts ...expression.Variable) (*Set, error) {
	s := &Set{byType: map[string][]int{}, feeds: map[string][]*feed{}}
	var c fault.Check
	seen := map[string]bool{}
	for i, r := range rules {
		compiled, err := compile(r, facts)
		c.Join(r.Key+".", err)
		c.That(!seen[r.Key], r.Key+".key", "rule.twice", fault.Args{"key": r.Key})
		seen[r.Key] = true
		s.rules = append(s.rules, compiled)
		for _, on := range slices.Compact(slices.Sorted(slices.Values(r.On))) {
			s.byType[on] = append(s.byType[on], i)
		}
		for _, name := range slices.Sorted(maps.Keys(compiled.windows)) {
			s.feed(compiled.windows[name], compiled.where[name])
		}
	}
	return s, c.Err()
}

func (s *Set) feed(w compiledWindow, where *expression.Program) {
	keep := w.span.Length + w.span.Offset
	for _, f := range s.feeds[w.Of] {
		if f.id == w.id {
			f.keep = max(f.keep, keep)
			return
		}
	}
	s.feeds[w.Of] = append(s.feeds[w.Of], &feed{series: w.series(), id: w.id, keep: keep, where: where})
}

// Listens tells whether events of the type change anything.
func (s *Set) Listens(eventType string) bool {
	return len(s.byType[eventType]) > 0 || len(s.feeds[eventType]) > 0
}

// Rules lists the set's rules.
func (s *Set) Rules() []Rule {
	all := make([]Rule, 0, len(s.rules))
	for _, r := range s.rules {
		all = append(all, r.Rule)
	}
	return all
}

// Evaluate adds the event to the customer's state and gives what the rules find. Rules do not see later events than the
// newest known: a late event is counted where it belongs, and judged as of the newest.
func (s *Set) Evaluate(state *State, e Event) []Finding {
	return s.EvaluateWith(state, e, func(string) (any, bool) { return nil, false })
}

// EvaluateWith is Evaluate with facts of the customer ("customer.grade"), as the set was compiled with.
func (s *Set) EvaluateWith(state *State, e Event, facts expression.Values) []Finding {
	if at := e.At.UTC().Truncate(time.Microsecond); at.After(state.Newest) { // as finely as it is stored
		state.Newest = at
	}
	for _, f := range s.feeds[e.Type] {
		f.take(state, &e)
	}
	var found []Finding
	for _, i := range s.byType[e.Type] {
		r := &s.rules[i]
		for _, currency := range r.currencies(state, &e) {
			if f, ok := r.evaluate(look{r, state, &e, facts, currency}); ok {
				found = append(found, f)
			}
		}
	}
	return found
}

// fine is how finely windows count the numbers of events: to four decimals.
const fine = 10_000

// take counts the event in the feed's series, when it has the field.
func (f *feed) take(state *State, e *Event) {
	if f.where != nil {
		holds, err := f.where.Bool(func(name string) (any, bool) {
			if field, ok := strings.CutPrefix(name, "event."); ok {
				return e.value(field)
			}
			return e.At, name == expression.Now.Name
		})
		if err != nil || !holds {
			return // an event that lacks what the condition asks for is kept out
		}
	}
	switch {
	case f.field == "":
		state.grow(f.id, "").Add(e.At, 1, f.grain, f.keep)
	case f.field == amountField:
		if e.Amount != nil {
			state.grow(f.id, e.Amount.Currency).Add(e.At, e.Amount.Minor, f.grain, f.keep)
		}
	case f.keyed:
		if text, ok := e.Texts[f.field]; ok {
			state.grow(f.id, "").AddKey(e.At, text, f.grain, f.keep)
		}
	default:
		if n, ok := e.Numbers[f.field]; ok && math.Abs(n) <= mostNumber {
			state.grow(f.id, "").Add(e.At, int64(math.RoundToEven(n*fine)), f.grain, f.keep)
		}
	}
}

// currencies are those that the rule is judged in: "" where none matters.
func (r *compiled) currencies(state *State, e *Event) []money.Currency {
	switch {
	case !r.inCurrency:
		return noCurrency
	case e.Amount != nil:
		return []money.Currency{e.Amount.Currency}
	}
	var all []money.Currency
	for _, w := range r.windows {
		if w.Field == amountField {
			all = append(all, state.currencies(w.id)...)
		}
	}
	if len(all) == 0 {
		return noCurrency
	}
	slices.Sort(all)
	return slices.Compact(all)
}

var noCurrency = []money.Currency{""}

// look is what a rule sees when it is evaluated.
type look struct {
	rule     *compiled
	state    *State
	event    *Event
	facts    expression.Values
	currency money.Currency
}

func (l look) value(name string) (any, bool) {
	if field, ok := strings.CutPrefix(name, "event."); ok {
		return l.event.value(field)
	}
	if name == expression.Now.Name {
		return l.state.Newest, true
	}
	w, ok := l.rule.windows[name]
	if !ok {
		return l.facts(name)
	}
	currency := money.Currency("")
	if w.Field == amountField {
		currency = l.currency
	}
	v, ok := l.state.find(w.id, currency).Value(w.Aggregate, w.span, l.state.Newest, w.grain)
	switch {
	case !ok:
		return nil, false
	case w.isMoney():
		return money.Of(v, currency), true
	case w.Aggregate == window.SinceLast:
		return (time.Duration(v) * time.Second).Hours() / 24, true
	case w.Aggregate == window.Count || w.Aggregate == window.Distinct:
		return float64(v), true
	}
	return float64(v) / fine, true
}

// evaluate gives the finding of the worst level that holds. A rule that lacks a value finds nothing.
func (r *compiled) evaluate(l look) (Finding, bool) {
	for i, condition := range r.levels {
		holds, err := condition.Bool(l.value)
		if err != nil || !holds {
			continue
		}
		f := Finding{Rule: r.Key, Version: r.Version, Severity: r.Levels[i].Severity, CustomerID: l.event.CustomerID, Key: r.key(l)}
		if r.CoolDownDays > 0 && !l.state.say(f.Key, slices.Index(Severities, f.Severity), time.Duration(r.CoolDownDays)*day) {
			return Finding{}, false
		}
		f.TitleZH, f.TitleEN = r.titleZH.fill(l.value, sayZH), r.titleEN.fill(l.value, sayEN)
		for _, name := range r.shown {
			switch v, _ := l.value(name); v := v.(type) {
			case float64:
				f.Values = append(f.Values, Named{name, v})
			case money.Amount:
				f.Values = append(f.Values, Named{name, v.Float()})
			}
		}
		return f, true
	}
	return Finding{}, false
}

func (r *compiled) key(l look) string {
	key := r.Key
	if l.currency != "" {
		key += ":" + string(l.currency)
	}
	if r.Dedup != "" {
		key += ":" + r.dedup.fill(l.value, sayEN)
	}
	return key
}
