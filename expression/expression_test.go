package expression_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/expression"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/money"
)

func env(t testing.TB) *expression.Env {
	t.Helper()
	e, err := expression.New([]expression.Variable{
		{Name: "event.days_late", Type: expression.Number, ZH: "逾期天数", EN: "Days late"}, {Name: "grade", Type: expression.Text}, {Name: "open", Type: expression.Flag},
		{Name: "due", Type: expression.Time}, {Name: "owed", Type: expression.Money}, {Name: "owed_usd", Type: expression.Money},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// values: 31 days late, grade BB, due on 31 January 2026, now 1 March 2026 at 08:00, owed CNY 90,000.00 and USD 5.00;
// whether it is open is missing.
func values(name string) (any, bool) {
	v, ok := map[string]any{"event.days_late": 31.0, "grade": "BB", "due": time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), "now": time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC),
		"owed": money.Yuan(90_000), "owed_usd": money.Of(500, "USD")}[name]
	return v, ok
}

func TestConditions(t *testing.T) {
	for text, want := range map[string]bool{
		"event.days_late > 30": true, "event.days_late > 31": false, "event.days_late * 2 == 62.0 && grade == 'BB'": true, "2 * event.days_late - 0.5 == 61.5": true, "grade in ['A', 'AA']": false,
		"event.days_late > 30 || open": true, "open && event.days_late > 99": false, "event.days_late / 2 > 15.4": true,
		// Money: in one currency exact to the fen; currencies never mix.
		"owed > money('89999.99', 'CNY')": true, "owed > money('90,000.00', 'CNY')": false, "owed >= money('90000', 'CNY')": true, "owed == money('90000.0', 'CNY')": true, "owed != money('90000', 'USD')": true,
		"owed == owed_usd": false, "0.4 * owed == money('36000', 'CNY')": true, "owed * 2 - owed == owed": true, "owed / 3 == money('30000', 'CNY')": true, "3 * owed < owed + owed": false, "-owed < owed": true,
		"owed / money('30000', 'CNY') == 3.0": true, "money('0.10', 'CNY') + money('0.20', 'CNY') == money('0.30', 'CNY')": true,
		// Dates: 2026 is no leap year, so that February has 28 days.
		"days_between(due, now) == 29": true, "days_between(now, due) == -29": true, "now - due > days(29)": true, "now - due > days(30)": false, "due == date('2026-01-31')": true,
		"date('2026-03-01') + duration('8h') == now": true, "now.getFullYear() == 2026 && now.getMonth() == 2": true, "days_between(date('1969-12-30'), date('1970-01-02')) == 3": true,
		// The stop against cost leaves ordinary work alone.
		"'abc'.startsWith('a') && 'x' + 'y' == 'xy' && size([1, 2] + [3]) == 3": true,
	} {
		c, err := env(t).Condition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := c.Bool(values); err != nil || got != want {
			t.Errorf("%s = %v %v, want %v", text, got, err, want)
		}
	}
}

func TestWhatProgramsGive(t *testing.T) {
	for text, want := range map[string]any{"event.days_late + 1": 32.0, "7 / 2": 3.0, "7 / 2.0": 3.5, "grade + '+'": "BB+", "open || true": true, "0.1 * owed": money.Yuan(9_000), "owed - money('0.01', 'CNY')": money.Of(8_999_999, "CNY")} {
		p, err := env(t).Compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got any
		switch p.Gives() {
		case expression.Number:
			got, err = p.Number(values)
		case expression.Text:
			got, err = p.Text(values)
		case expression.Flag:
			got, err = p.Bool(values)
		case expression.Money:
			got, err = p.Amount(values)
		}
		if err != nil || got != want {
			t.Errorf("%s = %v %v, want %v", text, got, err, want)
		}
		if _, err := p.Number(values); (err == nil) != (p.Gives() == expression.Number) {
			t.Errorf("%s as a number: %v", text, err)
		}
	}
	if p, err := env(t).Compile("[1, 2]"); err != nil || p.Gives() != "" {
		t.Errorf("a list is none of the types: %v %v", p, err)
	}
}

func TestMissingValuesAreNamed(t *testing.T) {
	c, err := env(t).Condition("open && event.days_late > 30")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Bool(values)
	var missing *expression.Missing
	if !errors.Is(err, expression.ErrMissing) || !errors.As(err, &missing) || !slices.Equal(missing.Names, []string{"open"}) {
		t.Errorf("%v", err)
	}
}

func TestMoneyThatCannotBeComputedIsAnError(t *testing.T) {
	for _, text := range []string{"owed > owed_usd", "owed + owed_usd == owed", "owed / owed_usd > 1.0", "owed / money('0', 'CNY') > 1.0", "owed / 0 > owed", "owed * 1e300 > owed"} {
		c, err := env(t).Condition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, err := c.Bool(values); err == nil || errors.Is(err, expression.ErrMissing) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWrongExpressionsNameThePlace(t *testing.T) {
	for _, c := range []struct{ text, key, zh, en string }{
		{"event.days_late >", "expression.unfinished", "第 1 行第 18 列：表达式不完整", "line 1, column 18: the expression is not finished"},
		{"event.days > 3", "expression.unknown", "第 1 行第 1 列：没有 event.days 这个变量或函数", "line 1, column 1: there is no variable or function event.days"},
		{"true &&\n  moon > 3", "expression.unknown", "第 2 行第 3 列：没有 moon 这个变量或函数", "line 2, column 3: there is no variable or function moon"},
		{"grade > 3", "expression.types", "第 1 行第 7 列：> 不能用于 (string, int)", "line 1, column 7: > does not work on (string, int)"},
		{"grade == 'A' && event.days_late == 30", "expression.equal_whole", "第 1 行第 33 列：== 两边须同为小数，请写 2.0 而不是 2", "line 1, column 33: beside == write 2.0, not 2"},
		{"owed > 100000", "expression.types", "第 1 行第 6 列：> 不能用于 (Money, int)", "line 1, column 6: > does not work on (Money, int)"},
		{"event.days_late > 3)", "expression.unexpected", "第 1 行第 20 列：此处不应出现 )", "line 1, column 20: ) does not belong here"},
		{"owed > money('1.005', 'CNY')", "expression.bad_money", "第 1 行第 13 列：1.005 CNY 不是有效的金额", "line 1, column 13: 1.005 CNY is not an amount of money"},
		{"owed > money('1', 'ABC')", "expression.bad_money", "第 1 行第 13 列：1 ABC 不是有效的金额", "line 1, column 13: 1 ABC is not an amount of money"},
		{"now > date('2026-02-30')", "expression.bad_date", "第 1 行第 11 列：2026-02-30 不是日期，应写作 2026-03-31", "line 1, column 11: 2026-02-30 is not a date such as 2026-03-31"},
		{"event.days_late", "expression.not_condition", "表达式的结果应为是/否，却是 double", "the expression must give yes or no, it gives double"},
	} {
		_, err := env(t).Condition(c.text)
		f := fault.As(err)
		if f == nil || f.Fields[0].Key != c.key {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		for lang, want := range map[i18n.Lang]string{i18n.ZH: c.zh, i18n.EN: c.en} {
			if got := i18n.Text(lang, f.Fields[0].Key, f.Fields[0].Args); got != want {
				t.Errorf("%q\n%s, want\n%s", c.text, got, want)
			}
		}
	}
	_, err := env(t).Compile("moon > 1 || sun > 2")
	if f := fault.As(err); f == nil || len(f.Fields) != 2 {
		t.Errorf("both mistakes are told: %v", err)
	}
}

func TestWrongVariablesAreRefused(t *testing.T) {
	_, err := expression.New([]expression.Variable{{Name: "a b", Type: expression.Text}, {Name: "x", Type: "colour"}, {Name: "y", Type: expression.Flag}, {Name: "y", Type: expression.Flag}, {Name: "in", Type: expression.Flag}, {Name: "now", Type: expression.Text}})
	f := fault.As(err)
	var got []string
	if f != nil {
		for _, field := range f.Fields {
			got = append(got, field.Key+" "+field.Path)
		}
	}
	if want := []string{"expression.bad_name a b", "expression.bad_type x", "expression.twice y", "expression.bad_name in", "expression.twice now"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestVariablesForAnEditor(t *testing.T) {
	all := env(t).Variables()
	if all[0] != (expression.Variable{Name: "event.days_late", Type: expression.Number, ZH: "逾期天数", EN: "Days late"}) || all[len(all)-1] != expression.Now {
		t.Errorf("%+v", all)
	}
}

func TestCostIsBounded(t *testing.T) {
	list := "[" + strings.Repeat("1,", 300) + "1]"
	c, err := env(t).Condition(list + ".all(a, " + list + ".all(b, a + b > 0))")
	if err != nil {
		return // refused when saved: as good
	}
	if _, err := c.Bool(func(string) (any, bool) { return nil, false }); err == nil {
		t.Error("an expression of 90,000 steps was not stopped")
	}
}

// Amounts compare in expressions as their minor units do.
func TestMoneyComparesAsItsMinorUnits(t *testing.T) {
	e := env(t)
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Range(-1e15, 1e15).Draw(t, "a"), rapid.Int64Range(-1e15, 1e15).Draw(t, "b")
		for operator, want := range map[string]bool{"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b, "!=": a != b} {
			c, err := e.Condition(fmt.Sprintf("money('%s', 'CNY') %s money('%s', 'CNY')", money.Of(a, "CNY").Decimal(), operator, money.Of(b, "CNY").Decimal()))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Bool(values); err != nil || got != want {
				t.Fatalf("%d %s %d: %v %v", a, operator, b, got, err)
			}
		}
	})
}

func FuzzCompile(f *testing.F) {
	for _, text := range []string{"event.days_late > 30", "money('1','CNY') * 2 > owed", "days(9223372036854775807) > days(1)", "[1].all(x, x > 0", "\n\n\"中文\" + ", "date('')"} {
		f.Add(text)
	}
	e := env(f)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := e.Compile(text)
		if err != nil {
			if fault.As(err) == nil {
				t.Fatalf("a wrong text is a fault: %v", err)
			}
			return
		}
		_, _ = p.Bool(values)
	})
}

// Requests compile side by side; run with -race this finds what they would share.
func TestEnvironmentsAreMadeSideBySide(t *testing.T) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c, err := env(t).Condition("2 * owed > money('1', 'CNY') && days_between(due, now) > 1")
			if err != nil {
				t.Error(err)
				return
			}
			if holds, err := c.Bool(values); err != nil || !holds {
				t.Error(holds, err)
			}
		})
	}
	all.Wait()
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		env(b)
	}
}
