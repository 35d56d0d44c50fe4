package scorecard_test

import (
	"cmp"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/assessment/distress"
	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
)

// wrong gives the fields of the fault as "path: key", in order.
func wrong(t *testing.T, text string) []string {
	t.Helper()
	_, err := scorecard.Parse([]byte(text))
	f := fault.As(err)
	if f == nil || f.Kind != fault.KindInvalid {
		t.Fatalf("accepted or not a fault: %v", err)
	}
	var all []string
	for _, field := range f.Fields {
		if !i18n.Has(field.Key) {
			t.Errorf("no message %s", field.Key)
		}
		all = append(all, field.Path+": "+field.Key)
	}
	return all
}

func TestEachWrongPlace(t *testing.T) {
	const factor, veto = "sections[0].factors[0].", "vetoes[0]."
	for _, x := range []struct{ old, new, want string }{
		{"key: small", "key: ' '", "key: fault.required"},
		{"version: 3", "version: 0", "version: fault.not_positive"},
		{"zh: 小卡", "zh: ''", "zh: fault.required"},
		{"en: Small card", "en: ''", "en: fault.required"},
		{"key: s\n", "key: ''\n", "sections[0].key: fault.required"},
		{"zh: 偿债", "zh: ''", "sections[0].zh: fault.required"},
		{"key: debt,", "key: market,", "questions[0].key: scorecard.key_twice"},
		{"fact: debt_ratio", "fact: debt_ration", factor + "fact: scorecard.fact_unknown"},
		{"fact: debt_ratio", "fact: answer.market", factor + "fact: scorecard.fact_unknown"},
		{"fact: debt_ratio", "fact: ''", factor + "fact: fault.required"},
		{"fact: debt_ratio,", "fact: debt_ratio, unit: kg,", factor + "unit: fault.one_of"},
		{"fact: debt_ratio,", "fact: debt_ratio, better: up,", factor + "better: fault.one_of"},
		{"fact: debt_ratio,", "fact: debt_ratio, better: high,", factor + "bins[1].points: scorecard.not_monotone"},
		{"missing: 10", "missing: 101", factor + "missing: fault.range"},
		{"missing: 10", "missing: 10, when_missing: neutral", factor + "missing: scorecard.missing_both"},
		{"missing: 10", "when_missing: skip", factor + "when_missing: fault.one_of"},
		{"missing: 25", "missing: .nan", "questions[0].missing: fault.range"},
		{"weight: 60", "weight: 59", "weights: scorecard.weights"},
		{"weight: 60", "weight: .nan", factor + "weight: fault.range"},
		{"weight: 60", "weight: -60", factor + "weight: fault.range"},
		{"bins: [{below: 0.5, points: 100}, {below: 0.8, points: 50}, {points: 0}]", "bins: [{points: 0}]", factor + "bins: scorecard.bins_few"},
		{"below: 0.8", "below: 0.5", factor + "bins[1].below: scorecard.bins_order"},
		{"below: 0.8", "below: .inf", factor + "bins[1].below: fault.range"},
		{"below: 0.5", "below: .nan", factor + "bins[0].below: fault.range"},
		{"{below: 0.8, points: 50}", "{points: 50}", factor + "bins[1].below: scorecard.bin_end"},
		{"{points: 0}]}\nq", "{below: 1, points: 0}]}\nq", factor + "bins[2].below: scorecard.bin_end"},
		{"points: 50", "points: -1", factor + "bins[1].points: fault.range"},
		{"zh: 市场", "zh: ''", "questions[0].zh: fault.required"},
		{"key: bad", "key: good", "questions[0].choices[1].key: scorecard.key_twice"},
		{"en: bad", "en: ''", "questions[0].choices[1].en: fault.required"},
		{"en: good, points: 100", "en: good, points: 1000", "questions[0].choices[0].points: fault.range"},
		{"fact: open_lawsuits", "fact: lawsuits", veto + "fact: scorecard.fact_unknown"},
		{"fact: open_lawsuits", "fact: answer.moon", veto + "fact: scorecard.fact_unknown"},
		{`op: ">"`, `op: "=="`, veto + "op: fault.one_of"},
		{"value: 0", "value: .inf", veto + "value: fault.range"},
		{"grade: C, zh: 诉讼", "grade: E, zh: 诉讼", veto + "grade: scorecard.grade_unknown"},
		{"en: sued", "en: ''", veto + "en: fault.required"},
		{"key: c,", "key: v,", "caps[0].key: scorecard.key_twice"},
		{"grade: B, from", "grade: A, from", "scale[1].grade: scorecard.key_twice"},
		{"from: 70", "from: 101", "scale[0].from: fault.range"},
		{"from: 40", "from: 70", "scale[1].from: scorecard.scale_order"},
		{"from: 0", "from: 1", "scale[2].from: scorecard.scale_end"},
		{"pd: 0.05", "pd: 0.01", "scale[1].pd: scorecard.pd_order"},
		{"pd: 0.3", "pd: 1.3", "scale[2].pd: fault.range"},
		{"factor: 0.5", "factor: 1.1", "scale[1].factor: scorecard.more_for_worse"},
		{"terms_days: 30", "terms_days: 61", "scale[1].terms_days: scorecard.more_for_worse"},
		{"terms_days: 60", "terms_days: 400", "scale[0].terms_days: fault.range"},
		{"en: fair", "en: ''", "scale[1].en: fault.required"},
		{"equity_share: 0.1", "equity_share: 0", "limit.equity_share: fault.range"},
		{"working_share: 0.2", "working_share: 1.2", "limit.working_share: fault.range"},
		{"delay_days: 13", "delay_days: -1", "limit.delay_days: fault.range"},
		{"step: 1000", "step: 0", "limit.step: fault.range"},
		{"step: 1000", "step: 300", "limit.ceiling: scorecard.ceiling_step"},
		{"ceiling: 500000", "ceiling: .inf", "limit.ceiling: fault.range"},
		// What YAML itself refuses is found by its line.
		{"version: 3", "version: three", "version: scorecard.not_yaml"},
		{"en: Solvency", "en: Solvency\n    wieght: 5", "sections[0].wieght: scorecard.not_yaml"},
		{"weight: 60", "weight: much", "sections[0].factors[0]: scorecard.not_yaml"},
		{"step: 1000", "step: [1]", "limit: scorecard.not_yaml"},
		{"limit: {", "---\nlimit: {", "card: scorecard.one_document"},
	} {
		text := strings.Replace(small, x.old, x.new, 1)
		if text == small {
			t.Fatalf("%q is not in the card", x.old)
		}
		if got := wrong(t, text); !slices.Contains(got, x.want) {
			t.Errorf("%q for %q: %v, want %s", x.new, x.old, got, x.want)
		}
	}
	for _, x := range []struct{ text, want string }{
		{"key: [", "card: scorecard.not_yaml"},
		{"", "card: scorecard.not_yaml"},
		{"- 1", "[0]: scorecard.not_yaml"},
		{"key: x", "scale: scorecard.bins_few"},
		{"sections: [{key: a}]", "sections[0].factors: fault.required"},
		{"sections: [{key: a}, {key: a}]", "sections[1].key: scorecard.key_twice"},
		{"questions: [{key: a}]", "questions[0].choices: scorecard.bins_few"},
	} {
		if got := wrong(t, x.text); !slices.Contains(got, x.want) {
			t.Errorf("%q: %v, want %s", x.text, got, x.want)
		}
	}
}

// All of eight wrong places come in one answer, and nothing beside them.
func TestEveryWrongPlaceAtOnce(t *testing.T) {
	text := strings.NewReplacer("weight: 60", "weight: 50", "below: 0.8", "below: 0.3", "op: \">\"", "op: \"~\"", "grade: B, zh: 无", "grade: Z, zh: 无", "pd: 0.05", "pd: 0.001", "step: 1000", "step: 0",
		"points: 0}]", "points: 101}]").Replace(small)
	want := []string{"sections[0].factors[0].bins[1].below: scorecard.bins_order", "sections[0].factors[0].bins[2].points: fault.range", "questions[0].choices[1].points: fault.range",
		"weights: scorecard.weights", "scale[1].pd: scorecard.pd_order", "vetoes[0].op: fault.one_of", "caps[0].grade: scorecard.grade_unknown", "limit.step: fault.range"}
	if got := wrong(t, text); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// A card may name what an assessment gathers, and an assessment gathers what a card may name.
func TestFactsAreThoseThatAreGathered(t *testing.T) {
	raw, err := os.ReadFile("../facts.go")
	if err != nil {
		t.Fatal(err)
	}
	gathered := []string{scorecard.FactTangibleEquity, scorecard.FactYearlyPurchases, scorecard.FactKnownWeight}
	for _, m := range regexp.MustCompile(`\bput\("([a-z0-9_]+)"`).FindAllStringSubmatch(string(raw), -1) {
		gathered = append(gathered, m[1])
	}
	for _, r := range distress.Altman(statement.Statement{}, nil) {
		gathered = append(gathered, r.Model)
	}
	names := scorecard.FactNames()
	for _, name := range gathered {
		if !slices.Contains(names, name) {
			t.Errorf("%s is gathered, but no card may name it", name)
		}
	}
	for _, name := range names {
		if _, isRatio := ratio.Find(name); !isRatio && !slices.Contains(gathered, name) {
			t.Errorf("cards may name %s, but nothing gathers it", name)
		}
	}
	for _, key := range []string{"debt_ratio", "working_capital", "operating_cash_to_current_liabilities"} {
		if !slices.Contains(names, key) {
			t.Errorf("the ratio %s is not a fact", key)
		}
	}
}

// With the library's card: scores stay in bounds, parts and sections sum to the score, a better value of any factor that
// declares its direction never lowers the points, vetoes force their grade and caps bound it.
func TestDefaultCardProperties(t *testing.T) {
	card := scorecard.Default()
	index := func(grade string) int {
		return slices.IndexFunc(card.Scale, func(g scorecard.Grade) bool { return g.Grade == grade })
	}
	rapid.Check(t, func(t *rapid.T) {
		facts, answers := draw(t, card)
		o := scorecard.Evaluate(card, facts, answers)
		parts, sections := 0.0, 0.0
		for _, p := range o.Parts {
			parts += p.Gives
		}
		for _, s := range o.Sections {
			sections += s.Gives
		}
		if o.Score < 0 || o.Score > 100 || math.Abs(parts-o.Score) > 1e-9 || math.Abs(sections-o.Score) > 1e-9 {
			t.Fatalf("score %v of parts %v, sections %v", o.Score, parts, sections)
		}
		if !slices.IsSortedFunc(o.Why, func(a, b scorecard.Reason) int { return cmp.Compare(b.Lost, a.Lost) }) {
			t.Fatalf("reasons out of order: %+v", o.Why)
		}
		worst := index(o.ByScore)
		for _, h := range append(slices.Clone(o.Vetoes), o.Caps...) {
			worst = max(worst, index(h.Grade))
		}
		if index(o.Grade) != worst {
			t.Fatalf("grade %s, by score %s, vetoes %v, caps %v", o.Grade, o.ByScore, o.Vetoes, o.Caps)
		}
		for _, v := range card.Vetoes { // each of the library's vetoes, made true
			hit := scorecard.Facts{v.Fact: scorecard.Known(v.Value + map[string]float64{">": 1, "<": -1}[v.Op])}
			for name, known := range facts {
				if name != v.Fact {
					hit[name] = known
				}
			}
			if forced := scorecard.Evaluate(card, hit, answers); index(forced.Grade) < index(v.Grade) {
				t.Fatalf("%s leaves grade %s", v.Key, forced.Grade)
			}
		}
		for i, p := range o.Parts {
			if p.Lift == nil {
				continue
			}
			lifted := scorecard.Facts{}
			for name, known := range facts {
				lifted[name] = known
			}
			to := p.Lift.To
			if !p.Lift.Up {
				to = math.Nextafter(to, math.Inf(-1))
			}
			lifted[p.Fact] = &to
			after := scorecard.Evaluate(card, lifted, answers)
			if math.Abs(after.Parts[i].Gives-p.Gives-p.Lift.Adds) > 1e-9 || after.Grade != p.Lift.Final || p.Lift.Raises != (index(after.Grade) < index(o.Grade)) {
				t.Fatalf("%s: promised %+v, came to %s with %v", p.Key, p.Lift, after.Grade, after.Parts[i].Gives-p.Gives)
			}
		}
	})
}

func TestMonotoneFactors(t *testing.T) {
	card := scorecard.Default()
	declared := 0
	for _, s := range card.Sections {
		for i, f := range s.Factors {
			if f.Better == "" {
				continue
			}
			declared++
			one := card
			one.Sections = []scorecard.Section{{Key: s.Key, Factors: s.Factors[i : i+1]}}
			rapid.Check(t, func(t *rapid.T) {
				a, b := rapid.Float64Range(-3, 200).Draw(t, "a"), rapid.Float64Range(-3, 200).Draw(t, "b")
				low, high := min(a, b), max(a, b)
				if f.Better == scorecard.Low {
					low, high = high, low
				}
				worse := scorecard.Evaluate(one, scorecard.Facts{f.Fact: &low}, nil).Parts[0].Points
				better := scorecard.Evaluate(one, scorecard.Facts{f.Fact: &high}, nil).Parts[0].Points
				if better < worse {
					t.Fatalf("%s: %v gives %v, %v gives %v", f.Key, low, worse, high, better)
				}
			})
		}
	}
	if declared < 10 {
		t.Errorf("only %d factors declare their direction", declared)
	}
}

func draw(t *rapid.T, card scorecard.Card) (scorecard.Facts, []scorecard.Answer) {
	facts := scorecard.Facts{}
	for _, name := range scorecard.FactNames() {
		if rapid.Bool().Draw(t, name+" known") {
			facts[name] = scorecard.Known(rapid.Float64Range(-2, 120).Draw(t, name))
		}
	}
	var answers []scorecard.Answer
	for _, q := range card.Questions {
		if rapid.Bool().Draw(t, q.Key+" answered") {
			answers = append(answers, scorecard.Answer{Question: q.Key, Choice: rapid.SampledFrom(q.Choices).Draw(t, q.Key).Key, Evidence: "visit"})
		}
	}
	return facts, answers
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small), 0.6, true)
	f.Add([]byte(scorecard.DefaultText()), -1.0, true)
	f.Add([]byte(strings.NewReplacer("missing: 10,", "when_missing: neutral,", "missing: 25,", "when_missing: refuse,").Replace(small)), 0.0, false)
	f.Add([]byte("key: x\nversion: three\nsections: [{key: a, factors: [{wieght: 1}]}]\n"), 1e300, true)
	f.Fuzz(func(t *testing.T, raw []byte, value float64, known bool) {
		card, err := scorecard.Parse(raw)
		if err != nil {
			if fault.KindOf(err) != fault.KindInvalid || len(fault.As(err).Fields) == 0 {
				t.Errorf("not a fault with fields: %v", err)
			}
			return
		}
		facts, answers := scorecard.Facts{}, []scorecard.Answer{}
		if known {
			for _, name := range scorecard.FactNames() {
				facts[name] = &value
			}
			for _, q := range card.Questions {
				answers = append(answers, scorecard.Answer{Question: q.Key, Choice: q.Choices[0].Key, Evidence: "x"})
			}
		}
		o := scorecard.Evaluate(card, facts, answers)
		sum := 0.0
		for _, p := range o.Parts {
			sum += p.Gives
		}
		if _, ok := card.GradeNamed(o.Grade); !ok || !(o.Score >= 0 && o.Score <= 100) || math.Abs(sum-o.Score) > 1e-6 || !(o.Limit.Amount >= 0 && o.Limit.Amount <= card.Limit.Ceiling) {
			t.Errorf("%+v", o)
		}
		if _, err := o.Explain(i18n.ZH, "CNY"); err != nil {
			t.Error(err)
		}
		if d := scorecard.Diff(card, card); len(d) != 0 {
			t.Errorf("a card differs from itself: %v", d)
		}
	})
}
