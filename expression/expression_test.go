package expression_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/expression"
	"github.com/xinheng/xinheng/internal/fault"
)

func env(t *testing.T) *expression.Env {
	t.Helper()
	e, err := expression.New([]expression.Variable{{Name: "event.days_late", Type: expression.Number}, {Name: "grade", Type: expression.Text}, {Name: "open", Type: expression.Flag}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestConditions(t *testing.T) {
	values := func(name string) (any, bool) {
		v, ok := map[string]any{"event.days_late": 31.0, "grade": "BB"}[name]
		return v, ok
	}
	for text, want := range map[string]bool{
		"event.days_late > 30": true, "event.days_late > 31": false, "event.days_late * 2.0 == 62.0 && grade == 'BB'": true, "grade in ['A', 'AA']": false,
		"event.days_late > 30 || open": true,
	} {
		c, err := env(t).Condition(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Holds(values); err != nil || got != want {
			t.Errorf("%s = %v %v, want %v", text, got, err, want)
		}
	}
	c, err := env(t).Condition("open && event.days_late > 30")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Holds(values); !errors.Is(err, expression.ErrMissing) {
		t.Errorf("a missing value is told: %v", err)
	}
}

func TestWrongExpressionsNameThePlace(t *testing.T) {
	for text, want := range map[string]string{"event.days_late >": "expression.wrong", "event.days > 3": "expression.wrong", "grade > 3": "expression.wrong", "event.days_late": "expression.not_condition"} {
		_, err := env(t).Condition(text)
		f := fault.As(err)
		if f == nil || f.Fields[0].Key != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	_, err := env(t).Condition("true &&\n  moon > 3")
	if f := fault.As(err); f == nil || f.Fields[0].Args["line"] != 2 || !strings.Contains(err.Error(), "moon") {
		t.Errorf("line 2 is named: %v", err)
	}
}

func TestCostIsBounded(t *testing.T) {
	list := "[" + strings.Repeat("1,", 300) + "1]"
	c, err := env(t).Condition(list + ".all(a, " + list + ".all(b, a + b > 0))")
	if err != nil {
		return // refused when saved: as good
	}
	if _, err := c.Holds(func(string) (any, bool) { return nil, false }); err == nil {
		t.Error("an expression of 90,000 steps was not stopped")
	}
}
