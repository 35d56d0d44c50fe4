package scorecard

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/xinheng/xinheng/internal/fault"
)

// Answer is the choice that a person made for a question.
type Answer struct {
	Question string `json:"question"`
	Choice   string `json:"choice"`
	Evidence string `json:"evidence,omitempty"`
}

// Questionnaire is the section that the questions count as.
const Questionnaire = "questionnaire"

// Part is what one factor or question gave.
type Part struct {
	Key     string   `json:"key"`
	Section string   `json:"section"`
	ZH      string   `json:"zh"`
	EN      string   `json:"en"`
	Fact    string   `json:"fact,omitempty"`
	Unit    string   `json:"unit,omitempty"`
	Value   *float64 `json:"value"`
	Choice  string   `json:"choice,omitempty"`
	BinZH   string   `json:"bin_zh,omitempty"` // the bin that the value is in, or the answer
	BinEN   string   `json:"bin_en,omitempty"`
	Missing bool     `json:"missing,omitempty"`
	Neutral bool     `json:"neutral,omitempty"` // missing, and left out of the score
	Points  float64  `json:"points"`            // 0 to 100
	Weight  float64  `json:"weight"`
	Gives   float64  `json:"gives"`          // its part of the score: points × weight / the weights that count
	Lost    float64  `json:"lost"`           // what it could give beyond that
	Lift    *Lift    `json:"lift,omitempty"` // of a factor with a known value

	best float64 // the most points that it has
}

// Lift is the nearest change of one factor or answer that gives more points.
type Lift struct {
	To     float64 `json:"to"` // the bound that the value has to reach, or to fall below
	Up     bool    `json:"up"` // to reach it from below
	Choice *Choice `json:"choice,omitempty"`
	Adds   float64 `json:"adds"`
	Grade  string  `json:"grade"`  // the grade that this change alone would lead to, before vetoes and caps
	Final  string  `json:"final"`  // and after them
	Raises bool    `json:"raises"` // Final is better than the grade now
}

// Reason is a part that cost points, and what would lift it. Missing parts have no Lift: data could add up to Lost.
type Reason struct {
	Key  string  `json:"key"`
	Lost float64 `json:"lost"`
	Lift *Lift   `json:"lift,omitempty"`
}

// SectionSum is what the factors of a section gave together.
type SectionSum struct {
	Key       string  `json:"key"`
	Financial bool    `json:"financial,omitempty"`
	Weight    float64 `json:"weight"`
	Gives     float64 `json:"gives"`
}

// Hit is a veto or cap that applied.
type Hit struct {
	Key   string   `json:"key"`
	ZH    string   `json:"zh"`
	EN    string   `json:"en"`
	Grade string   `json:"grade"`
	Value *float64 `json:"value"`
}

// Outcome is a card's answer.
type Outcome struct {
	Card      string         `json:"card"`
	Version   int            `json:"version"`
	Score     float64        `json:"score"` // 0 to 100
	Known     float64        `json:"known"` // 0 to 100: the weight of the parts that rest on something known
	ByScore   string         `json:"grade_by_score"`
	Grade     string         `json:"grade"` // after vetoes and caps
	PD        float64        `json:"pd"`
	TermsDays int            `json:"terms_days"`
	Parts     []Part         `json:"parts"`
	Sections  []SectionSum   `json:"sections,omitempty"`
	Reasons   []string       `json:"reasons"`       // keys of the parts that cost most points, most first
	Why       []Reason       `json:"why,omitempty"` // every part that cost points, most first
	Vetoes    []Hit          `json:"vetoes"`
	Caps      []Hit          `json:"caps"`
	Refused   []string       `json:"refused,omitempty"` // keys of the missing parts that the card does not grade without
	Limit     Recommendation `json:"limit"`
}

const mostReasons = 5

// Evaluate applies a card that Parse accepted. It cannot fail: what is missing is treated as the card says, and an answer
// that is not the card's counts as none.
func Evaluate(card Card, facts Facts, answers []Answer) Outcome {
	o := Outcome{Card: card.Key, Version: card.Version}
	o.Parts, o.Refused = card.parts(facts, answers)
	counted := o.weigh()
	facts = maps.Clone(facts)
	if facts == nil {
		facts = Facts{}
	}
	facts[FactKnownWeight] = &o.Known
	by, final, vetoes, caps := card.settle(o.Score, facts, answers)
	if len(o.Refused) > 0 {
		final = len(card.Scale) - 1
	}
	g := card.Scale[final]
	o.ByScore, o.Grade, o.PD, o.TermsDays, o.Vetoes, o.Caps = card.Scale[by].Grade, g.Grade, g.PD, g.Terms, vetoes, caps
	card.explain(&o, facts, answers, counted)
	o.Sections = card.sums(o.Parts)
	o.Limit = card.Limit.Recommend(g, facts)
	if len(o.Refused) > 0 {
		o.TermsDays, o.Limit.Amount, o.Limit.Binding = 0, 0, Refused
	}
	return o
}

// Err is a fault that names the facts and answers that the card does not grade without, nil when it graded.
func (o Outcome) Err() error {
	var c fault.Check
	for _, key := range o.Refused {
		c.Add(key, "scorecard.refused", nil)
	}
	return c.Err()
}

func (card Card) parts(facts Facts, answers []Answer) (parts []Part, refused []string) {
	add := func(p Part, when WhenMissing) {
		p.Neutral = p.Missing && when == Neutral
		if p.Missing && when == Refuse {
			refused = append(refused, p.Key)
		}
		parts = append(parts, p)
	}
	for _, s := range card.Sections {
		for _, f := range s.Factors {
			add(f.part(s.Key, facts.get(f.Fact)), f.WhenMissing)
		}
	}
	for _, q := range card.Questions {
		add(q.part(answers), q.WhenMissing)
	}
	return parts, refused
}

// weigh sums the score and gives the weights that count; neutral parts leave theirs to the others.
func (o *Outcome) weigh() (counted float64) {
	counted = 100
	for _, p := range o.Parts {
		if !p.Missing {
			o.Known += p.Weight
		}
		if p.Neutral {
			counted -= p.Weight
		}
	}
	for i := range o.Parts {
		p := &o.Parts[i]
		if !p.Neutral {
			p.Gives, p.Lost = p.Points*p.Weight/counted, (p.best-p.Points)*p.Weight/counted
			o.Score += p.Gives
		}
	}
	o.Score = min(o.Score, 100)
	return counted
}

// settle gives the indices of the grade by score and of the final one, and what moved it.
func (card Card) settle(score float64, facts Facts, answers []Answer) (by, final int, vetoes, caps []Hit) {
	by = card.gradeOf(score)
	final = by
	apply := func(rules []Veto) (hits []Hit) {
		for _, v := range rules {
			if h, ok := v.hit(card.condition(v.Fact, facts, answers)); ok {
				hits = append(hits, h)
				final = max(final, card.gradeIndex(v.Grade))
			}
		}
		return hits
	}
	caps = apply(card.Caps)
	vetoes = apply(card.Vetoes)
	return by, final, vetoes, caps
}

// explain orders what cost points and finds the nearest lift of each.
func (card Card) explain(o *Outcome, facts Facts, answers []Answer, counted float64) {
	now := card.gradeIndex(o.Grade)
	after := func(l *Lift, facts Facts, answers []Answer) *Lift {
		by, final, _, _ := card.settle(o.Score+l.Adds, facts, answers)
		if len(o.Refused) > 0 {
			final = now
		}
		l.Grade, l.Final, l.Raises = card.Scale[by].Grade, card.Scale[final].Grade, final < now
		return l
	}
	lifts := map[string]*Lift{}
	i := 0
	for _, s := range card.Sections {
		for _, f := range s.Factors {
			p := &o.Parts[i]
			i++
			if p.Missing {
				continue
			}
			l, value := f.lift(*p.Value, counted)
			if l == nil {
				continue
			}
			changed := maps.Clone(facts)
			changed[f.Fact] = &value
			p.Lift = after(l, changed, answers)
			lifts[p.Key] = p.Lift
		}
	}
	for j, q := range card.Questions {
		if l := q.lift(o.Parts[i+j], counted); l != nil {
			changed := slices.DeleteFunc(slices.Clone(answers), func(a Answer) bool { return a.Question == q.Key })
			lifts[q.Key] = after(l, facts, append(changed, Answer{Question: q.Key, Choice: l.Choice.Key, Evidence: q.Key}))
		}
	}
	for _, p := range o.Parts {
		if p.Lost > 0 {
			o.Why = append(o.Why, Reason{Key: p.Key, Lost: p.Lost, Lift: lifts[p.Key]})
		}
	}
	slices.SortStableFunc(o.Why, func(a, b Reason) int { return cmp.Compare(b.Lost, a.Lost) })
	for _, r := range o.Why[:min(mostReasons, len(o.Why))] {
		o.Reasons = append(o.Reasons, r.Key)
	}
}

func (card Card) sums(parts []Part) []SectionSum {
	var all []SectionSum
	for _, s := range card.Sections {
		all = append(all, SectionSum{Key: s.Key, Financial: s.Financial})
	}
	if len(card.Questions) > 0 {
		all = append(all, SectionSum{Key: Questionnaire})
	}
	for i := range all {
		for _, p := range parts {
			if p.Section == all[i].Key {
				all[i].Weight, all[i].Gives = all[i].Weight+p.Weight, all[i].Gives+p.Gives
			}
		}
	}
	return all
}

func (f Factor) part(section string, value *float64) Part {
	p := Part{Key: f.Key, Section: section, ZH: f.ZH, EN: f.EN, Fact: f.Fact, Unit: f.Unit, Value: value, Weight: f.Weight, Points: f.Missing, Missing: value == nil}
	for _, b := range f.Bins {
		p.best = max(p.best, b.Points)
	}
	if value != nil {
		at := f.bin(*value)
		p.Points = f.Bins[at].Points
		p.BinZH, p.BinEN = f.binText(at, "zh"), f.binText(at, "en")
	}
	return p
}

func (f Factor) bin(value float64) int {
	for i, b := range f.Bins {
		if b.Below == nil || value < *b.Below {
			return i
		}
	}
	return len(f.Bins) - 1
}

// lift finds the nearest bin with more points, up or down, and a value in it.
func (f Factor) lift(value, counted float64) (*Lift, float64) {
	at := f.bin(value)
	here := f.Bins[at].Points
	var best *Lift
	consider := func(bound, points float64, up bool) {
		if points > here && (best == nil || math.Abs(bound-value) < math.Abs(best.To-value)) {
			best = &Lift{To: bound, Up: up, Adds: (points - here) * f.Weight / counted}
		}
	}
	for i := at + 1; i < len(f.Bins); i++ {
		consider(*f.Bins[i-1].Below, f.Bins[i].Points, true)
	}
	for i := at - 1; i >= 0; i-- {
		consider(*f.Bins[i].Below, f.Bins[i].Points, false)
	}
	switch {
	case best == nil:
		return nil, 0
	case best.Up:
		return best, best.To
	}
	return best, math.Nextafter(best.To, math.Inf(-1))
}

// answered gives the index of the choice made, -1 when there is none that counts.
func (q Question) answered(answers []Answer) int {
	return slices.IndexFunc(q.Choices, func(c Choice) bool {
		return slices.ContainsFunc(answers, func(a Answer) bool {
			return a.Question == q.Key && a.Choice == c.Key && (!q.Evidence || a.Evidence != "")
		})
	})
}

func (q Question) part(answers []Answer) Part {
	p := Part{Key: q.Key, Section: Questionnaire, ZH: q.ZH, EN: q.EN, Weight: q.Weight, Points: q.Missing, Missing: true}
	for _, c := range q.Choices {
		p.best = max(p.best, c.Points)
	}
	if i := q.answered(answers); i >= 0 {
		c := q.Choices[i]
		p.Points, p.Choice, p.BinZH, p.BinEN, p.Missing = c.Points, c.Key, c.ZH, c.EN, false
	}
	return p
}

// lift finds the next better answer.
func (q Question) lift(p Part, counted float64) *Lift {
	if p.Missing {
		return nil
	}
	var next *Choice
	for i, c := range q.Choices {
		if c.Points > p.Points && (next == nil || c.Points < next.Points) {
			next = &q.Choices[i]
		}
	}
	if next == nil {
		return nil
	}
	return &Lift{Choice: next, Adds: (next.Points - p.Points) * q.Weight / counted}
}

func (v Veto) hit(f *float64) (Hit, bool) {
	h := Hit{Key: v.Key, ZH: v.ZH, EN: v.EN, Grade: v.Grade, Value: f}
	switch {
	case v.Op == "missing":
		return h, f == nil
	case f == nil:
		return h, false
	case v.Op == "present":
		return h, true
	case v.Op == "<":
		return h, *f < v.Value
	case v.Op == "<=":
		return h, *f <= v.Value
	case v.Op == ">":
		return h, *f > v.Value
	case v.Op == ">=":
		return h, *f >= v.Value
	}
	return h, *f == v.Value
}
