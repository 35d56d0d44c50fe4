package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/monitoring/rule"
)

func library(t testing.TB) *rule.Set {
	t.Helper()
	var rules []rule.Rule
	for _, text := range rule.Library() {
		r, err := rule.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	s, err := rule.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var start = time.Date(2025, 1, 1, 8, 0, 0, 0, time.UTC)

func at(day int) time.Time { return start.AddDate(0, 0, day) }

func settled(day int, late float64) rule.Event {
	return rule.Event{Source: "books", ID: fmt.Sprint("s", day), Type: "invoice.settled", CustomerID: "c", At: at(day), Numbers: map[string]float64{"days_late": late}}
}

func placed(day int, yuan int64) rule.Event {
	a := money.Yuan(yuan)
	return rule.Event{Source: "books", ID: fmt.Sprint("o", day), Type: "order.placed", CustomerID: "c", At: at(day), Amount: &a}
}

func run(s *rule.Set, state *rule.State, events ...rule.Event) (found []rule.Finding) {
	for _, e := range events {
		found = append(found, s.Evaluate(state, e)...)
	}
	return found
}

func TestOverdue(t *testing.T) {
	s := library(t)
	for _, c := range []struct {
		days     float64
		severity string
	}{{30, ""}, {31, "high"}, {90, "high"}, {91, "critical"}} {
		amount := money.Yuan(12_000)
		found := run(s, &rule.State{}, rule.Event{Source: "books", ID: "x", Type: "invoice.overdue", CustomerID: "c", At: start, Amount: &amount, Numbers: map[string]float64{"days_late": c.days}})
		if c.severity == "" {
			if len(found) != 0 {
				t.Errorf("%v days: %+v", c.days, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Severity != c.severity || !strings.Contains(found[0].TitleZH, fmt.Sprintf("逾期 %.0f 天，逾期 12,000 元", c.days)) {
			t.Errorf("%v days: %+v", c.days, found)
		}
	}
}

// By hand: five invoices of the year before paid 2 days late on average; then three paid 4, 20 and 18 days late: after
// the third the last 90 days average 14, more than 10 above 2.
func TestPaymentWorsens(t *testing.T) {
	s, state := library(t), &rule.State{}
	if found := run(s, state, settled(0, 2), settled(20, 2), settled(40, 1), settled(60, 3), settled(80, 2), settled(200, 4), settled(210, 20)); len(found) != 0 {
		t.Fatalf("too early: %+v", found)
	}
	found := run(s, state, settled(220, 18))
	if len(found) != 1 || found[0].Rule != "payment_worsens" || found[0].Severity != "warn" || found[0].TitleEN != "Paid 14 days late on average in the last 90 days, 2 in the year before" {
		t.Fatalf("%+v", found)
	}
	if found := run(s, state, settled(221, 100)); len(found) != 1 || found[0].Severity != "high" {
		t.Errorf("(4+20+18+100)/4 = 35.5 is more than 30 above 2: %+v", found)
	}
}

// Nine months of 10,000 a month, then silence: 40 % of the average quarter is 12,000. The daily event notices.
func TestOrdersCollapse(t *testing.T) {
	s, state := library(t), &rule.State{}
	for m := range 9 {
		if found := run(s, state, placed(m*30, 10_000)); len(found) != 0 {
			t.Fatalf("month %d: %+v", m, found)
		}
	}
	tick := func(day int) []rule.Finding {
		return run(s, state, rule.Event{Source: "books", ID: fmt.Sprint("d", day), Type: rule.DayPassed, CustomerID: "c", At: at(day)})
	}
	// Day 240 is the last order; on day 300 the last 90 days (211 to 300) hold the orders of days 240: 10,000; the 270 before 80,000.
	found := tick(300)
	if len(found) != 1 || found[0].Rule != "orders_collapse" || found[0].Severity != "warn" || !strings.Contains(found[0].TitleZH, "近 90 天订货 10,000 元，此前九个月 80,000 元") {
		t.Fatalf("%+v", found)
	}
	if found := tick(331); len(found) != 1 || found[0].Severity != "high" {
		t.Errorf("nothing in 90 days: %+v", found)
	}
}

func TestWrongRulesNameThePlaces(t *testing.T) {
	wrong := `
key: w
version: 0
zh: 错
en: wrong
on: [invoice.settled, moon.full]
windows:
  a: {of: order.placed, field: days_late, aggregate: avg, days: 9}
  b: {of: order.placed, field: amount, aggregate: median, days: 0}
levels:
  - {severity: bad, when: a > event.moon}
title_zh: "{c}"
title_en: ok
`
	_, err := rule.Parse(wrong)
	f := fault.As(err)
	if f == nil {
		t.Fatal("accepted")
	}
	var got []string
	for _, field := range f.Fields {
		got = append(got, field.Path)
	}
	for _, want := range []string{"version", "on[1]", "windows.a.field", "windows.b.aggregate", "windows.b.days", "levels[0].severity", "levels[0].when", "title_zh"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not named in %v", want, got)
		}
	}
}

// Storing and reloading the state between any two events changes no finding.
func TestStateSurvivesStorage(t *testing.T) {
	s := library(t)
	rapid.Check(t, func(t *rapid.T) {
		kept, stored := &rule.State{}, &rule.State{}
		day := 0
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			day += rapid.IntRange(0, 15).Draw(t, "days")
			e := settled(day-rapid.IntRange(0, 5).Draw(t, "delay"), float64(rapid.IntRange(-5, 60).Draw(t, "late")))
			if rapid.Bool().Draw(t, "order") {
				e = placed(day, rapid.Int64Range(1, 1e6).Draw(t, "yuan"))
			}
			if rapid.Bool().Draw(t, "reload") {
				raw := stored.Marshal()
				stored = &rule.State{}
				if err := stored.Unmarshal(raw); err != nil {
					t.Fatal(err)
				}
			}
			a, b := fmt.Sprintf("%+v", s.Evaluate(kept, e)), fmt.Sprintf("%+v", s.Evaluate(stored, e))
			if a != b {
				t.Fatalf("%s\n%s", a, b)
			}
		}
	})
}

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte{2, 2, 3})
	set, state := library(f), &rule.State{}
	for i := range 9 {
		run(set, state, placed(i*30, 100), settled(i*30, 40))
		f.Add(state.Marshal())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var s rule.State
		if s.Unmarshal(raw) != nil {
			return
		}
		run(set, &s, placed(300, 100), settled(301, 40))
		written := s.Marshal()
		if err := (&rule.State{}).Unmarshal(written); err != nil {
			t.Fatalf("what was read is not written back: %v", err)
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	s := library(b)
	states := make([]rule.State, 10_000)
	n := 0
	for b.Loop() {
		c := n % len(states)
		e := placed(n/len(states)%365, 1000)
		if n%3 == 0 {
			e = settled(n/len(states)%365, 3)
		}
		s.Evaluate(&states[c], e)
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
