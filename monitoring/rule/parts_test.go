package rule_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/expression"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/monitoring/rule"
)

// set compiles rules of which only what matters is written.
func set(t testing.TB, bodies ...string) *rule.Set {
	t.Helper()
	var rules []rule.Rule
	for i, body := range bodies {
		r, err := rule.Parse(fmt.Sprintf("key: r%d\nversion: 1\nzh: 规则\nen: Rule\n%s", i, body), facts...)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	s, err := rule.Compile(rules, facts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var facts = []expression.Variable{{Name: "customer.grade", Type: expression.Text, ZH: "等级", EN: "Grade"}}

func moved(day int, direction, other string, yuan int64) rule.Event {
	a := money.Yuan(yuan)
	return rule.Event{Source: "bank", ID: fmt.Sprint("m", day, other), Type: "account.moved", CustomerID: "c", At: at(day), Amount: &a, Texts: map[string]string{"direction": direction, "counterparty": other}}
}

func tick(day int) rule.Event {
	return rule.Event{Source: "books", ID: fmt.Sprint("d", day), Type: rule.DayPassed, CustomerID: "c", At: at(day)}
}

// By hand: out of days 0, 1 and 2 go 100, 300 and 50 to A, B and A; 1,000 comes in and is kept out by where. On day 5
// the last movement out is 3 days ago.
func TestWindowsOfAllKinds(t *testing.T) {
	s, state := set(t, `
on: [day.passed]
windows:
  spent: {of: account.moved, field: amount, aggregate: sum, days: 30, where: event.direction == 'out'}
  most: {of: account.moved, field: amount, aggregate: max, days: 30, where: event.direction == 'out'}
  mean: {of: account.moved, field: amount, aggregate: avg, days: 30, where: event.direction == 'out'}
  payees: {of: account.moved, field: counterparty, aggregate: distinct, days: 30, where: event.direction == 'out'}
  quiet: {of: account.moved, aggregate: since_last, days: 30, where: event.direction == 'out'}
  all: {of: account.moved, aggregate: count, days: 30}
levels: [{severity: info, when: "spent >= money('450', 'CNY') && payees == 2.0 && quiet > 2 && all == 4.0"}]
title_zh: "{spent}、{most}、{mean}、{payees}、{quiet}、{now}"
title_en: "{spent}, {most}, {mean}, {payees}, {quiet}, {all}, {now}"
`), &rule.State{}
	run(s, state, moved(0, "out", "A", 100), moved(1, "out", "B", 300), moved(2, "out", "A", 50), moved(4, "in", "C", 1000))
	found := run(s, state, tick(5))
	if len(found) != 1 || found[0].TitleZH != "450 元、300 元、150 元、2、3、2025-01-06" || found[0].TitleEN != "450, 300, 150, 2, 3, 4, 2025-01-06" {
		t.Fatalf("%+v", found)
	}
	if want := []rule.Named{{"spent", 450}, {"most", 300}, {"mean", 150}, {"payees", 2}, {"quiet", 3}, {"all", 4}}; !slices.Equal(found[0].Values, want) {
		t.Errorf("%v", found[0].Values)
	}
}

// Orders in dollars are never added to orders in yuan: each currency is judged by itself.
func TestCurrenciesAreKeptApart(t *testing.T) {
	s, state := set(t, `
on: [order.placed, day.passed]
windows: {orders: {of: order.placed, field: amount, aggregate: sum, days: 30}, many: {of: order.placed, field: amount, aggregate: count, days: 30}}
levels: [{severity: info, when: many >= 2}]
title_zh: "{orders}"
title_en: "{orders}"
`), &rule.State{}
	order := func(day int, a money.Amount) rule.Event {
		return rule.Event{Source: "erp", ID: fmt.Sprint(day, a), Type: "order.placed", CustomerID: "c", At: at(day), Amount: &a}
	}
	if found := run(s, state, order(0, money.Yuan(10)), order(1, money.Of(500, "USD"))); len(found) != 0 {
		t.Fatalf("one order in each currency: %+v", found)
	}
	found := run(s, state, order(2, money.Of(700, "USD")), order(3, money.Yuan(30)), tick(4))
	var got []string
	for _, f := range found {
		got = append(got, f.Key+" "+f.TitleZH)
	}
	if want := []string{"r0:USD USD 12", "r0:CNY 40 元", "r0:CNY 40 元", "r0:USD USD 12"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Ten cents ten times are a yuan, exactly: a float sum would be 0.9999999999999999.
func TestMoneyIsExact(t *testing.T) {
	s, state := set(t, `
on: [day.passed]
windows: {paid: {of: invoice.settled, field: amount, aggregate: sum, days: 30}}
levels: [{severity: info, when: "paid == money('1.00', 'CNY')"}]
title_zh: 一元
title_en: a yuan
`), &rule.State{}
	for i := range 10 {
		e := settled(i, 0)
		e.Amount = &money.Amount{Minor: 10, Currency: money.CNY}
		run(s, state, e)
	}
	if found := run(s, state, tick(10)); len(found) != 1 {
		t.Errorf("%+v", found)
	}
}

func TestCoolDownAndDedup(t *testing.T) {
	s, state := set(t, `
on: [invoice.settled]
dedup: "{event.number}"
cool_down_days: 7
levels: [{severity: critical, when: event.days_late > 90}, {severity: warn, when: event.days_late > 10}]
title_zh: "{event.number} 晚 {event.days_late} 天"
title_en: "{event.number} is {event.days_late} days late"
`), &rule.State{}
	for _, c := range []struct {
		day    int
		number string
		late   float64
		want   string
	}{
		{0, "A", 20, "warn"}, {3, "A", 30, ""}, {3, "B", 20, "warn"}, // another invoice is another thing
		{4, "A", 95, "critical"}, {5, "A", 20, ""}, // worse is said at once, and cools down anew
		{10, "A", 95, ""}, {11, "A", 95, "critical"}, {12, "B", 5, ""},
	} {
		e := settled(c.day, c.late)
		e.Texts = map[string]string{"number": c.number}
		found := run(s, state, e)
		if err := state.Unmarshal(state.Marshal()); err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(found) > 0 {
			got = found[0].Severity
			if found[0].Key != "r0:"+c.number {
				t.Errorf("key %s", found[0].Key)
			}
		}
		if got != c.want {
			t.Errorf("day %d, %s, %v days late: %q, want %q", c.day, c.number, c.late, got, c.want)
		}
	}
}

func TestFactsOfTheCustomer(t *testing.T) {
	s := set(t, `
on: [news.negative]
levels: [{severity: high, when: "event.score > 0.5 && customer.grade in ['CCC', 'CC', 'C']"}]
title_zh: "{customer.grade} 级客户：{event.title}"
title_en: "Grade {customer.grade}: {event.title}"
`)
	news := rule.Event{Source: "news", ID: "1", Type: "news.negative", CustomerID: "c", At: start, Numbers: map[string]float64{"score": 0.9}, Texts: map[string]string{"title": "{event.score} 停工"}}
	for grade, want := range map[string]string{"CC": "CC 级客户：{event.score} 停工", "AA": ""} {
		found := s.EvaluateWith(&rule.State{}, news, func(name string) (any, bool) { return grade, name == "customer.grade" })
		if len(found) == 0 && want != "" || len(found) == 1 && found[0].TitleZH != want {
			t.Errorf("%s: %+v", grade, found)
		}
	}
	if found := s.Evaluate(&rule.State{}, news); len(found) != 0 {
		t.Errorf("a rule that lacks a fact finds nothing: %+v", found)
	}
	if _, err := rule.Parse("key: k\nversion: 1\nzh: 规\nen: R\non: [day.passed]\nlevels: [{severity: info, when: customer.grade == 'A'}]\ntitle_zh: 题\ntitle_en: T\n"); fault.As(err) == nil {
		t.Error("a fact that nobody tells was accepted")
	}
}

func TestWrongPartsNameThePlaces(t *testing.T) {
	_, err := rule.Parse(`
key: w
version: 1
zh: 错
en: wrong
on: [account.moved]
windows:
  a: {of: account.moved, field: amount, aggregate: distinct, days: 9}
  b: {of: account.moved, field: balance, aggregate: since_last, days: 9}
  c: {of: account.moved, aggregate: count, hours: 100}
  d: {of: account.moved, aggregate: count, days: 9, where: event.direction > 3}
  e: {of: account.moved, aggregate: count, days: 9223372036854775807}
  f: {of: account.moved, aggregate: count, days: 700, days_ago: 31}
levels:
  - {severity: info, when: "a > 1 &&\n  moon > 3"}
  - {severity: info, when: event.amount > 3}
title_zh: "{event.moon}"
title_en: ok {}
dedup: "{event.sun}"
cool_down_days: -1
`)
	f := fault.As(err)
	if f == nil {
		t.Fatal("accepted")
	}
	var got []string
	for _, field := range f.Fields {
		got = append(got, field.Path)
	}
	want := []string{"cool_down_days", "windows.a.field", "windows.b.field", "windows.c.hours", "windows.d.where", "windows.e.days", "windows.f.days", "levels[0].when", "levels[1].when", "title_zh", "dedup"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	_, said := i18n.Fault(i18n.EN, err)
	if said["levels[0].when"] != "line 2, column 3: there is no variable or function moon" {
		t.Errorf("%v", said)
	}
	for path, text := range said {
		if i18n.Has(text) || strings.Contains(text, "{") && !strings.Contains(path, "title") {
			t.Errorf("%s: %q is no sentence", path, text)
		}
	}
	for _, name := range []string{"now", "in", "Über"} {
		if _, err := rule.Parse("key: k\nversion: 1\nzh: 规\nen: R\non: [day.passed]\nwindows: {" + name + ": {of: day.passed, aggregate: count, days: 1}}\nlevels: [{severity: info, when: 'true'}]\ntitle_zh: 题\ntitle_en: T\n"); fault.As(err) == nil || fault.As(err).Fields[0].Path != "windows."+name {
			t.Errorf("a window called %s: %v", name, err)
		}
	}
	r := rule.Rule{Key: "k", Version: 1, ZH: "规", EN: "R", On: []string{"day.passed"}, Levels: []rule.Level{{Severity: "info", When: "true"}}, TitleZH: "题", TitleEN: "T"}
	if _, err := rule.Compile([]rule.Rule{r, r}); fault.As(err) == nil || fault.As(err).Fields[0].Path != "k.key" {
		t.Errorf("the same rule twice: %v", err)
	}
}

func TestEventsNameEveryWrongField(t *testing.T) {
	long := strings.Repeat("字", 501)
	for _, c := range []struct {
		event string
		want  []string
	}{
		{`{"source":"erp","id":"1","type":"invoice.settled","customer_id":"c","at":"2025-01-01T08:00:00Z","amount":{"amount":"12.50","currency":"CNY"},"numbers":{"days_late":3},"texts":{"number":"F1"}}`, nil},
		{`{"source":" ","type":"invoice.settled","at":"2025-01-03T09:00:00Z","amount":{"amount":"1","currency":"CNY"},"numbers":{"days_late":1e13,"moon":1},"texts":{"number":"` + long + `","sun":"x"}}`,
			[]string{"at", "customer_id", "id", "numbers.days_late", "numbers.moon", "source", "texts.number", "texts.sun"}},
		{`{"source":"erp","id":"1","type":"moon.full","customer_id":"c"}`, []string{"type"}},
		{`{"source":"erp","id":"1","type":"order.placed","customer_id":"c"}`, []string{"at"}},
	} {
		var e rule.Event
		if err := json.Unmarshal([]byte(c.event), &e); err != nil {
			t.Fatal(err)
		}
		var check fault.Check
		e.Check(&check, "", start)
		var got []string
		if f := fault.As(check.Err()); f != nil {
			for _, field := range f.Fields {
				got = append(got, field.Path)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\n%v, want %v", c.event, got, c.want)
		}
		raw, err := json.Marshal(e)
		var again rule.Event
		if err != nil || json.Unmarshal(raw, &again) != nil || !reflect.DeepEqual(e, again) {
			t.Errorf("not the same after writing and reading: %s", raw)
		}
	}
	e := settled(0, math.NaN())
	var check fault.Check
	e.Check(&check, "", start)
	if check.Err() == nil {
		t.Error("no number was taken for a number")
	}
}

// Every field that expressions may use is named in both languages, and every type makes an environment.
func TestFieldsAreNamed(t *testing.T) {
	for _, k := range rule.Kinds {
		variables := k.Variables()
		if _, err := expression.New(variables); err != nil {
			t.Errorf("%s: %v", k.Key, err)
		}
		for _, v := range variables {
			if v.ZH == "" || v.EN == "" {
				t.Errorf("%s of %s has no name", v.Name, k.Key)
			}
		}
	}
}

// Windows over the same figure share one series: the state is no larger for it. Where and currency set them apart.
func TestSharedWindows(t *testing.T) {
	one := `
on: [day.passed]
windows: {a: {of: order.placed, field: amount, aggregate: sum, days: 30}}
levels: [{severity: info, when: "false"}]
title_zh: 题
title_en: T
`
	apart := strings.Replace(one, "days: 30", "days: 30, where: event.type != 'x'", 1)
	size := func(bodies ...string) int {
		state := &rule.State{}
		run(set(t, bodies...), state, placed(0, 10))
		return len(state.Marshal())
	}
	if size(one) != size(one, strings.Replace(one, "sum", "max", 1), strings.Replace(one, "days: 30", "days: 300", 1)) {
		t.Error("the same figure is kept twice")
	}
	if size(one) >= size(one, apart) {
		t.Error("windows of different events are one")
	}
}

// The same events give the same findings, whether the state was stored in between or not, down to the nanosecond, with
// currencies, cool-downs and late events.
func TestStorageLeavesNoTrace(t *testing.T) {
	s := set(t, `
on: [account.moved, day.passed]
cool_down_days: 5
windows:
  spent: {of: account.moved, field: amount, aggregate: sum, hours: 48}
  payees: {of: account.moved, field: counterparty, aggregate: distinct, days: 20, days_ago: 2}
  quiet: {of: account.moved, aggregate: since_last, days: 20}
levels: [{severity: high, when: payees > 2}, {severity: info, when: "spent / 2 > money('100', 'USD') || quiet > 1 && now > date('2025-01-20')"}]
dedup: "{payees}"
title_zh: "{spent} {payees} {quiet} {now}"
title_en: "{spent} {payees} {quiet} {now}"
`, `
on: [day.passed]
windows: {spent: {of: account.moved, field: amount, aggregate: sum, hours: 48}}
levels: [{severity: info, when: spent > spent / 2}]
title_zh: "{spent}"
title_en: "{spent}"
`)
	rapid.Check(t, func(t *rapid.T) {
		kept, stored := &rule.State{}, &rule.State{}
		for i := range rapid.IntRange(1, 40).Draw(t, "events") {
			e := moved(0, "out", fmt.Sprint(rapid.IntRange(0, 4).Draw(t, "other")), rapid.Int64Range(-500, 500).Draw(t, "yuan"))
			e.At = start.Add(time.Duration(i)*12*time.Hour + time.Duration(rapid.Int64Range(0, int64(72*time.Hour)).Draw(t, "late")))
			if rapid.Bool().Draw(t, "dollars") {
				e.Amount.Currency = "USD"
			}
			if rapid.IntRange(0, 2).Draw(t, "tick") == 0 {
				e.Type, e.Amount = rule.DayPassed, nil
			}
			a, b := fmt.Sprintf("%+v", s.Evaluate(kept, e)), fmt.Sprintf("%+v", s.Evaluate(stored, e))
			if a != b {
				t.Fatalf("%s\n%s", a, b)
			}
			raw := stored.Marshal()
			stored = &rule.State{}
			if err := stored.Unmarshal(raw); err != nil || string(stored.Marshal()) != string(raw) || string(kept.Marshal()) != string(raw) {
				t.Fatalf("not the same after storing: %v", err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range rule.Library() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := rule.Parse(text); err != nil && fault.As(err) == nil {
			t.Fatalf("a wrong rule is a fault: %v", err)
		}
	})
}
