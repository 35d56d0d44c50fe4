package scorecard_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/internal/fault"
)

const small = `
key: small
version: 3
zh: 小卡
en: Small card
sections:
  - key: s
    zh: 偿债
    en: Solvency
    factors:
      - {key: debt, zh: 负债率, en: Debt ratio, fact: debt_ratio, weight: 60, missing: 10, bins: [{below: 0.5, points: 100}, {below: 0.8, points: 50}, {points: 0}]}
questions:
  - {key: market, zh: 市场, en: Market, weight: 40, missing: 25, choices: [{key: good, zh: 好, en: good, points: 100}, {key: bad, zh: 差, en: bad, points: 0}]}
vetoes:
  - {key: v, fact: open_lawsuits, op: ">", value: 0, grade: C, zh: 诉讼, en: sued}
caps:
  - {key: c, fact: statement_age_months, op: missing, grade: B, zh: 无报表, en: no statement}
scale:
  - {grade: A, from: 70, pd: 0.01, factor: 1, terms_days: 60, zh: 好, en: good}
  - {grade: B, from: 40, pd: 0.05, factor: 0.5, terms_days: 30, zh: 中, en: fair}
  - {grade: C, from: 0, pd: 0.3, factor: 0, terms_days: 0, zh: 差, en: poor}
limit: {equity_share: 0.1, working_share: 0.2, delay_days: 13, step: 1000, ceiling: 500000}
`

func parse(t *testing.T, text string) scorecard.Card {
	t.Helper()
	c, err := scorecard.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Computed by hand: 50 × .6 + 100 × .4 = 70 points, just an A.
func TestPointsGradeAndLimitByHand(t *testing.T) {
	card := parse(t, small)
	answers := []scorecard.Answer{{Question: "market", Choice: "good"}}
	facts := scorecard.Facts{"debt_ratio": scorecard.Known(0.6), "statement_age_months": scorecard.Known(3),
		"tangible_net_worth": scorecard.Known(4_006_000), "working_capital": scorecard.Known(1_000_000), "yearly_purchases": scorecard.Known(3_650_000)}
	o := scorecard.Evaluate(card, facts, answers)
	if o.Score != 70 || o.Grade != "A" || o.PD != 0.01 || o.TermsDays != 60 || len(o.Vetoes)+len(o.Caps) != 0 {
		t.Errorf("%+v", o)
	}
	// Net worth .1 × 4,006,000 = 400,600 → 400,000; working capital .2 × 1,000,000 = 200,000; need 3,650,000 × 73/365 = 730,000.
	if o.Limit.Amount != 200_000 || o.Limit.Binding != scorecard.WorkingCapital || *o.Limit.Methods[0].Amount != 400_000 || *o.Limit.Methods[2].Amount != 730_000 {
		t.Errorf("%+v", o.Limit)
	}
	if p := o.Parts[0]; p.Gives != 30 || p.Lost != 30 || p.Lift == nil || p.Lift.To != 0.5 || p.Lift.Up || p.Lift.Adds != 30 || p.Lift.Grade != "A" {
		t.Errorf("%+v %+v", p, p.Lift)
	}
	if s := o.Sections; len(s) != 2 || s[0] != (scorecard.SectionSum{Key: "s", Weight: 60, Gives: 30}) || s[1] != (scorecard.SectionSum{Key: scorecard.Questionnaire, Weight: 40, Gives: 40}) {
		t.Errorf("%+v", s)
	}
	if len(o.Reasons) != 1 || o.Reasons[0] != "debt" {
		t.Errorf("reasons %v", o.Reasons)
	}

	delete(facts, "statement_age_months")
	if o := scorecard.Evaluate(card, facts, answers); o.ByScore != "A" || o.Grade != "B" || len(o.Caps) != 1 || o.Limit.GradeFactor != 0.5 || o.Limit.Amount != 100_000 {
		t.Errorf("a cap bounds the grade and halves the limit: %+v", o)
	}
	facts["open_lawsuits"] = scorecard.Known(2)
	if o := scorecard.Evaluate(card, facts, answers); o.Grade != "C" || o.Limit.Amount != 0 || o.Limit.Binding != "grade" {
		t.Errorf("a veto forces the grade: %+v", o)
	}
	// Nothing known: 10 × .6 + 25 × .4 = 16 points.
	if o := scorecard.Evaluate(card, nil, nil); math.Abs(o.Score-16) > 1e-9 || !o.Parts[0].Missing || o.Limit.Amount != 0 || o.Limit.Methods[0].Amount != nil {
		t.Errorf("%+v", o)
	}
}

func TestBinsAreHalfOpen(t *testing.T) {
	card := parse(t, small)
	for value, points := range map[float64]float64{-1: 100, 0.49999: 100, 0.5: 50, 0.79: 50, 0.8: 0, 99: 0} {
		if p := scorecard.Evaluate(card, scorecard.Facts{"debt_ratio": &value}, nil).Parts[0]; p.Points != points {
			t.Errorf("%v gives %v points, want %v", value, p.Points, points)
		}
	}
}

// small with another way to treat what is missing; 0 points stand where it gives none.
func treating(t *testing.T, factor, question string) scorecard.Card {
	t.Helper()
	return parse(t, strings.NewReplacer("missing: 10,", factor, "missing: 25,", question).Replace(small))
}

func TestWhatIsMissing(t *testing.T) {
	good := []scorecard.Answer{{Question: "market", Choice: "good"}}
	some := scorecard.Facts{"debt_ratio": scorecard.Known(0.6), "statement_age_months": scorecard.Known(3), "working_capital": scorecard.Known(1e6)}
	for _, x := range []struct {
		name             string
		factor, question string
		facts            scorecard.Facts
		answers          []scorecard.Answer
		score            float64
		grade, binding   string
		refused          []string
	}{
		// The factor's 60 go to the question: 100 points of what counts.
		{"neutral factor", "when_missing: neutral,", "missing: 25,", scorecard.Facts{"statement_age_months": some["statement_age_months"]}, good, 100, "A", "", nil},
		// The question's 40 go to the factor: its 50 points alone.
		{"neutral question", "missing: 10,", "when_missing: neutral,", some, nil, 50, "B", scorecard.WorkingCapital, nil},
		{"nothing counts", "when_missing: neutral,", "when_missing: neutral,", nil, nil, 0, "C", scorecard.ByGrade, nil},
		// 100 × .4 = 40 points would be a B; without the debt ratio the card does not grade.
		{"refused", "when_missing: refuse,", "missing: 25,", scorecard.Facts{"statement_age_months": scorecard.Known(1), "working_capital": scorecard.Known(1e6)}, good, 40, "C", scorecard.Refused, []string{"debt"}},
		{"not refused when known", "when_missing: refuse,", "when_missing: refuse,", some, good, 70, "A", scorecard.WorkingCapital, nil},
	} {
		o := scorecard.Evaluate(treating(t, x.factor, x.question), x.facts, x.answers)
		if math.Abs(o.Score-x.score) > 1e-9 || o.Grade != x.grade || o.Limit.Binding != x.binding || !slices.Equal(o.Refused, x.refused) {
			t.Errorf("%s: score %v grade %s binding %q refused %v", x.name, o.Score, o.Grade, o.Limit.Binding, o.Refused)
		}
		err := o.Err()
		if x.refused == nil && err != nil {
			t.Errorf("%s: %v", x.name, err)
		}
		if f := fault.As(err); x.refused != nil && (f == nil || f.Fields[0].Path != "debt" || f.Fields[0].Key != "scorecard.refused" || o.Limit.Amount != 0 || o.TermsDays != 0) {
			t.Errorf("%s: %v %+v", x.name, err, o.Limit)
		}
	}
}

func TestWhatIsNotFiniteIsMissing(t *testing.T) {
	card := parse(t, small)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		o := scorecard.Evaluate(card, scorecard.Facts{"debt_ratio": &v, "tangible_net_worth": &v}, nil)
		if p := o.Parts[0]; !p.Missing || p.Points != 10 || p.Value != nil || o.Limit.Methods[0].Amount != nil {
			t.Errorf("%v: %+v", v, p)
		}
	}
}

func TestAnswersThatDoNotCount(t *testing.T) {
	card := parse(t, strings.Replace(small, "weight: 40,", "weight: 40, evidence: true,", 1))
	for _, x := range []struct {
		answer scorecard.Answer
		points float64
	}{
		{scorecard.Answer{Question: "market", Choice: "good", Evidence: "visit"}, 100},
		{scorecard.Answer{Question: "market", Choice: "good"}, 25},
		{scorecard.Answer{Question: "market", Choice: "huge", Evidence: "visit"}, 25},
		{scorecard.Answer{Question: "moon", Choice: "good", Evidence: "visit"}, 25},
	} {
		if p := scorecard.Evaluate(card, nil, []scorecard.Answer{x.answer}).Parts[1]; p.Points != x.points || p.Missing != (x.points == 25) {
			t.Errorf("%+v: %+v", x.answer, p)
		}
	}
}

func TestConditions(t *testing.T) {
	for _, x := range []struct {
		op   string
		hits map[float64]bool // against 2
		none bool             // when the fact is missing
	}{
		{"<", map[float64]bool{1: true, 2: false, 3: false}, false},
		{"<=", map[float64]bool{1: true, 2: true, 3: false}, false},
		{">", map[float64]bool{1: false, 2: false, 3: true}, false},
		{">=", map[float64]bool{1: false, 2: true, 3: true}, false},
		{"=", map[float64]bool{1: false, 2: true, 3: false}, false},
		{"present", map[float64]bool{1: true, 2: true, 3: true}, false},
		{"missing", map[float64]bool{1: false, 2: false, 3: false}, true},
	} {
		card := parse(t, strings.Replace(small, `op: ">", value: 0`, `op: "`+x.op+`", value: 2`, 1))
		for v, want := range x.hits {
			if o := scorecard.Evaluate(card, scorecard.Facts{"open_lawsuits": &v}, nil); (len(o.Vetoes) == 1) != want {
				t.Errorf("%v %s 2: %v", v, x.op, o.Vetoes)
			}
		}
		if o := scorecard.Evaluate(card, nil, nil); (len(o.Vetoes) == 1) != x.none {
			t.Errorf("missing %s 2: %v", x.op, o.Vetoes)
		}
	}
}

func TestConditionOnAnAnswer(t *testing.T) {
	card := parse(t, strings.Replace(small, "caps:\n", "caps:\n  - {key: m, fact: answer.market, op: \"<\", value: 100, grade: C, zh: 市场差, en: bad market}\n", 1))
	for choice, want := range map[string]int{"good": 0, "bad": 1, "": 0} {
		o := scorecard.Evaluate(card, scorecard.Facts{"statement_age_months": scorecard.Known(1)}, []scorecard.Answer{{Question: "market", Choice: choice}})
		if len(o.Caps) != want {
			t.Errorf("%q: %+v", choice, o.Caps)
		}
	}
}

// Steps of the debt ratio: below .5 100, .5 to .8 0, .8 to .9 60, above 30 points. From .75 the nearest better bin is
// the one above; from .55 the one below; from .95 it is .8 to .9.
func TestNearestLift(t *testing.T) {
	card := parse(t, strings.Replace(small, "bins: [{below: 0.5, points: 100}, {below: 0.8, points: 50}, {points: 0}]", "bins: [{below: 0.5, points: 100}, {below: 0.8, points: 0}, {below: 0.9, points: 60}, {points: 30}]", 1))
	for _, x := range []struct {
		value, to float64
		up        bool
		adds      float64
	}{{0.75, 0.8, true, 36}, {0.55, 0.5, false, 60}, {0.95, 0.9, false, 18}, {0.85, 0.5, false, 24}} {
		l := scorecard.Evaluate(card, scorecard.Facts{"debt_ratio": &x.value}, nil).Parts[0].Lift
		if l == nil || l.To != x.to || l.Up != x.up || math.Abs(l.Adds-x.adds) > 1e-9 {
			t.Errorf("%v: %+v", x.value, l)
		}
	}
	if l := scorecard.Evaluate(card, scorecard.Facts{"debt_ratio": scorecard.Known(0.1)}, nil).Parts[0].Lift; l != nil {
		t.Errorf("the best bin has no lift: %+v", l)
	}
}

// 0 × .6 + 100 × .4 = 40 points, a B; under .8 it gains 30, 70 points and an A by score. A cap that the same fact lifts
// lets the grade rise; a cap by something else does not.
func TestLiftAgainstCaps(t *testing.T) {
	known := scorecard.Facts{"debt_ratio": scorecard.Known(0.85), "statement_age_months": scorecard.Known(1)}
	good := []scorecard.Answer{{Question: "market", Choice: "good"}}
	for cap, raises := range map[string]bool{`{key: m, fact: debt_ratio, op: ">=", value: 0.8, grade: B, zh: 高, en: high}`: true,
		`{key: m, fact: statement_age_months, op: ">=", value: 1, grade: B, zh: 旧, en: old}`: false} {
		o := scorecard.Evaluate(parse(t, strings.Replace(small, "caps:\n", "caps:\n  - "+cap+"\n", 1)), known, good)
		l := o.Why[0].Lift
		if o.Grade != "B" || l == nil || l.Grade != "A" || l.Raises != raises || (l.Final == "A") != raises {
			t.Errorf("%s: grade %s lift %+v", cap, o.Grade, l)
		}
	}
}

// The market answered "bad" costs 40, the debt ratio of .6 costs 30; the next better answer adds 40.
func TestReasonsByWhatTheyCost(t *testing.T) {
	card := parse(t, small)
	o := scorecard.Evaluate(card, scorecard.Facts{"debt_ratio": scorecard.Known(0.6), "statement_age_months": scorecard.Known(1)}, []scorecard.Answer{{Question: "market", Choice: "bad"}})
	if len(o.Why) != 2 || o.Why[0].Key != "market" || o.Why[0].Lost != 40 || o.Why[1].Key != "debt" || o.Why[1].Lost != 30 {
		t.Fatalf("%+v", o.Why)
	}
	if l := o.Why[0].Lift; l == nil || l.Choice == nil || l.Choice.Key != "good" || l.Adds != 40 || !l.Raises || l.Final != "A" {
		t.Errorf("%+v", l)
	}
	if o.Parts[1].Lift != nil || o.Parts[1].BinEN != "bad" || o.Parts[1].BinZH != "差" {
		t.Errorf("%+v", o.Parts[1])
	}
}
