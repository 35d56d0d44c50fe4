package rule

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/expression"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/monitoring/window"
)

// Set is the rules in force, compiled together: windows over the same figure share one series.
type Set struct {
	rules  []compiled
	byType map[string][]int // event type → rules that listen
	feeds  map[string][]feed
	keep   map[series]time.Duration
}

// feed is a series that an event type feeds.
type feed struct {
	key  series
	id   string
	keep time.Duration
}

func (s series) id() string {
	if s.grain == window.Hour {
		return s.of + "|" + s.field + "|h"
	}
	return s.of + "|" + s.field + "|d"
}

// Compile makes a set; a wrong rule is a fault that names it and the place.
func Compile(rules []Rule) (*Set, error) {
	s := &Set{byType: map[string][]int{}, feeds: map[string][]feed{}, keep: map[series]time.Duration{}}
	var c fault.Check
	for i, r := range rules {
		compiled, err := compile(r)
		c.Join(r.Key+".", err)
		s.rules = append(s.rules, compiled)
		for _, on := range r.On {
			s.byType[on] = append(s.byType[on], i)
		}
		for _, w := range r.Windows {
			key, span := w.series(), w.span()
			s.keep[key] = max(s.keep[key], span.Length+span.Offset)
		}
	}
	for key, keep := range s.keep {
		s.feeds[key.of] = append(s.feeds[key.of], feed{key: key, id: key.id(), keep: keep})
	}
	return s, c.Err()
}

// Listens tells whether events of the type change anything.
func (s *Set) Listens(eventType string) bool {
	return len(s.byType[eventType]) > 0 || len(s.feeds[eventType]) > 0
}

// Evaluate adds the event to the customer's state and gives what the rules find. Rules do not see later events than the
// newest known: a late event is counted where it belongs, and judged as of the newest.
func (s *Set) Evaluate(state *State, e Event) []Finding {
	if e.At.After(state.Newest) {
		state.Newest = e.At
	}
	for _, f := range s.feeds[e.Type] {
		if v, ok := e.number(f.key.field); ok {
			state.series(f.id).Add(e.At, v, f.key.grain, f.keep)
		}
	}
	var found []Finding
	for _, i := range s.byType[e.Type] {
		r := &s.rules[i]
		values := func(name string) (any, bool) { return r.value(name, state, e) }
		for l, condition := range r.levels {
			holds, err := condition.Holds(values)
			if errors.Is(err, expression.ErrMissing) || err != nil || !holds {
				continue // a rule that lacks a value finds nothing
			}
			found = append(found, r.finding(r.Levels[l].Severity, state, e))
			break
		}
	}
	return found
}

func (e Event) number(field string) (float64, bool) {
	switch field {
	case "":
		return 1, true
	case "amount":
		if e.Amount == nil {
			return 0, false
		}
		return e.Amount.Float(), true
	}
	v, ok := e.Numbers[field]
	return v, ok
}

func (r *compiled) value(name string, state *State, e Event) (any, bool) {
	if field, ok := strings.CutPrefix(name, "event."); ok {
		if field == "type" {
			return e.Type, true
		}
		if v, ok := e.number(field); ok {
			return v, true
		}
		v, ok := e.Texts[field]
		return v, ok
	}
	w, ok := r.Windows[name]
	if !ok {
		return nil, false
	}
	key := w.series()
	v, ok := state.all[key.id()].Value(w.Aggregate, w.span(), state.Newest, key.grain)
	return v, ok
}

func (r *compiled) finding(severity string, state *State, e Event) Finding {
	f := Finding{Rule: r.Key, Version: r.Version, Severity: severity, CustomerID: e.CustomerID, TitleZH: r.TitleZH, TitleEN: r.TitleEN}
	for _, name := range r.shown {
		v, ok := r.value(name, state, e)
		text := "?"
		if n, number := v.(float64); ok && number {
			text = Figure(n)
			f.Values = append(f.Values, Named{name, n})
		} else if t, isText := v.(string); ok && isText {
			text = t
		}
		f.TitleZH = strings.ReplaceAll(f.TitleZH, "{"+name+"}", text)
		f.TitleEN = strings.ReplaceAll(f.TitleEN, "{"+name+"}", text)
	}
	return f
}

// Rules lists the set's rules.
func (s *Set) Rules() []Rule {
	all := make([]Rule, 0, len(s.rules))
	for _, r := range s.rules {
		all = append(all, r.Rule)
	}
	return slices.Clip(all)
}
