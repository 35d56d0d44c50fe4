package scorecard_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

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
  - {key: v, fact: lawsuits, op: ">", value: 0, grade: C, zh: 诉讼, en: sued}
caps:
  - {key: c, fact: age, op: missing, grade: B, zh: 无报表, en: no statement}
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
	facts := scorecard.Facts{"debt_ratio": scorecard.Known(0.6), "age": scorecard.Known(3),
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
	if len(o.Reasons) != 1 || o.Reasons[0] != "debt" {
		t.Errorf("reasons %v", o.Reasons)
	}

	delete(facts, "age")
	if o := scorecard.Evaluate(card, facts, answers); o.ByScore != "A" || o.Grade != "B" || len(o.Caps) != 1 || o.Limit.GradeFactor != 0.5 || o.Limit.Amount != 100_000 {
		t.Errorf("a cap bounds the grade and halves the limit: %+v", o)
	}
	facts["lawsuits"] = scorecard.Known(2)
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

func TestEveryWrongPlaceIsNamed(t *testing.T) {
	wrong := strings.NewReplacer("weight: 60", "weight: 50", "below: 0.8", "below: 0.3", "op: \">\"", "op: \"~\"", "grade: B, zh: 无", "grade: Z, zh: 无", "pd: 0.05", "pd: 0.001", "step: 1000", "step: 0",
		"points: 0}]", "points: 101}]").Replace(small)
	_, err := scorecard.Parse([]byte(wrong))
	f := fault.As(err)
	if f == nil {
		t.Fatal("accepted")
	}
	got := map[string]bool{}
	for _, field := range f.Fields {
		got[field.Path] = true
	}
	for _, want := range []string{"weights", "sections[0].factors[0].bins[1].below", "vetoes[0].op", "caps[0].grade", "scale[1].pd", "limit.step", "sections[0].factors[0].bins[2].points", "questions[0].choices[1].points"} {
		if !got[want] {
			t.Errorf("%s is not named in %v", want, err)
		}
	}
	for _, text := range []string{"", "key: [", small + "\nunknown: 1\n"} {
		if _, err := scorecard.Parse([]byte(text)); fault.KindOf(err) != fault.KindInvalid {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// With the library's card: scores stay in bounds, parts sum to the score, and where a factor's points fall with its
// value a greater value never scores better.
func TestDefaultCardProperties(t *testing.T) {
	card := scorecard.Default()
	rapid.Check(t, func(t *rapid.T) {
		facts := scorecard.Facts{}
		for _, s := range card.Sections {
			for _, f := range s.Factors {
				if rapid.Bool().Draw(t, f.Key+" known") {
					facts[f.Fact] = scorecard.Known(rapid.Float64Range(-100, 400).Draw(t, f.Key))
				}
			}
		}
		var answers []scorecard.Answer
		for _, q := range card.Questions {
			answers = append(answers, scorecard.Answer{Question: q.Key, Choice: rapid.SampledFrom(q.Choices).Draw(t, q.Key).Key})
		}
		o := scorecard.Evaluate(card, facts, answers)
		sum := 0.0
		for _, p := range o.Parts {
			sum += p.Gives
		}
		if o.Score < 0 || o.Score > 100+1e-9 || math.Abs(sum-o.Score) > 1e-9 {
			t.Fatalf("score %v of parts %v", o.Score, sum)
		}
		worse := scorecard.Facts{}
		for k, v := range facts {
			worse[k] = v
		}
		debt := rapid.Float64Range(0, 2).Draw(t, "debt")
		facts["debt_ratio"], worse["debt_ratio"] = &debt, scorecard.Known(debt+rapid.Float64Range(0, 2).Draw(t, "more debt"))
		if a, b := scorecard.Evaluate(card, facts, answers), scorecard.Evaluate(card, worse, answers); b.Score > a.Score+1e-9 {
			t.Fatalf("more debt scores better: %v > %v", b.Score, a.Score)
		}
		facts["open_dishonest_records"] = scorecard.Known(1)
		if o := scorecard.Evaluate(card, facts, answers); o.Grade != "D" || o.Limit.Amount != 0 {
			t.Fatalf("a dishonest debtor has grade %s and limit %v", o.Grade, o.Limit.Amount)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(scorecard.DefaultText()))
	f.Fuzz(func(t *testing.T, raw []byte) {
		card, err := scorecard.Parse(raw)
		if err != nil {
			return
		}
		if o := scorecard.Evaluate(card, nil, nil); o.Grade == "" {
			t.Errorf("an accepted card gives no grade")
		}
	})
}
