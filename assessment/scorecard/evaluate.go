package scorecard

import (
	"cmp"
	"slices"
)

// Facts are what is known about a customer, by fact name. A name that is absent or nil is missing; yes/no facts are 1
// and 0.
type Facts map[string]*float64

// Known makes a fact.
func Known(f float64) *float64 { return &f }

// Answer is the choice that a person made for a question.
type Answer struct {
	Question string `json:"question"`
	Choice   string `json:"choice"`
	Evidence string `json:"evidence,omitempty"`
}

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
	Missing bool     `json:"missing,omitempty"`
	Points  float64  `json:"points"` // 0 to 100
	Weight  float64  `json:"weight"`
	Gives   float64  `json:"gives"` // points × weight / 100: its part of the score
	Lost    float64  `json:"lost"`  // what it could give beyond that
	Lift    *Lift    `json:"lift,omitempty"`
}

// Lift is the nearest change of one factor that gives more points.
type Lift struct {
	To    float64 `json:"to"` // the bound that the value has to pass
	Up    bool    `json:"up"` // to reach it from below
	Adds  float64 `json:"adds"`
	Grade string  `json:"grade"` // the grade that this change alone would lead to, before vetoes and caps
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
	Score     float64        `json:"score"`
	ByScore   string         `json:"grade_by_score"`
	Grade     string         `json:"grade"` // after vetoes and caps
	PD        float64        `json:"pd"`
	TermsDays int            `json:"terms_days"`
	Parts     []Part         `json:"parts"`
	Reasons   []string       `json:"reasons"` // keys of the parts that cost most points, most first
	Vetoes    []Hit          `json:"vetoes"`
	Caps      []Hit          `json:"caps"`
	Limit     Recommendation `json:"limit"`
}

const mostReasons = 5

// Evaluate applies the card. It cannot fail: what is missing is treated as the card says.
func Evaluate(card Card, facts Facts, answers []Answer) Outcome {
	o := Outcome{Card: card.Key, Version: card.Version}
	for _, s := range card.Sections {
		for _, f := range s.Factors {
			o.Parts = append(o.Parts, f.part(s.Key, facts[f.Fact]))
		}
	}
	for _, q := range card.Questions {
		o.Parts = append(o.Parts, q.part(answers))
	}
	for _, p := range o.Parts {
		o.Score += p.Gives
	}
	best := card.gradeOf(o.Score)
	o.ByScore = card.Scale[best].Grade
	for i := range o.Parts {
		if l := o.Parts[i].Lift; l != nil {
			l.Grade = card.Scale[card.gradeOf(o.Score+l.Adds)].Grade
		}
	}
	final := best
	for _, v := range card.Caps {
		if h, ok := v.hit(facts); ok {
			o.Caps = append(o.Caps, h)
			final = max(final, card.gradeIndex(v.Grade))
		}
	}
	for _, v := range card.Vetoes {
		if h, ok := v.hit(facts); ok {
			o.Vetoes = append(o.Vetoes, h)
			final = max(final, card.gradeIndex(v.Grade))
		}
	}
	g := card.Scale[final]
	o.Grade, o.PD, o.TermsDays = g.Grade, g.PD, g.Terms
	o.Reasons = reasons(o.Parts)
	o.Limit = card.Limit.Recommend(g, facts)
	return o
}

func reasons(parts []Part) []string {
	byLoss := slices.Clone(parts)
	slices.SortStableFunc(byLoss, func(a, b Part) int { return cmp.Compare(b.Lost, a.Lost) })
	var keys []string
	for _, p := range byLoss {
		if p.Lost > 0 && len(keys) < mostReasons {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

func (f Factor) part(section string, value *float64) Part {
	p := Part{Key: f.Key, Section: section, ZH: f.ZH, EN: f.EN, Fact: f.Fact, Unit: f.Unit, Value: value, Weight: f.Weight, Points: f.Missing, Missing: value == nil}
	best := 0.0
	for _, b := range f.Bins {
		best = max(best, b.Points)
	}
	if value != nil {
		at := f.bin(*value)
		p.Points = f.Bins[at].Points
		p.Lift = f.lift(at)
	}
	p.Gives, p.Lost = p.Points*f.Weight/100, (best-p.Points)*f.Weight/100
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

// lift finds the neighbouring side with more points: up over the bin's end, or down under its start.
func (f Factor) lift(at int) *Lift {
	here := f.Bins[at].Points
	if at+1 < len(f.Bins) && f.Bins[at+1].Points > here {
		return &Lift{To: *f.Bins[at].Below, Up: true, Adds: (f.Bins[at+1].Points - here) * f.Weight / 100}
	}
	if at > 0 && f.Bins[at-1].Points > here {
		return &Lift{To: *f.Bins[at-1].Below, Adds: (f.Bins[at-1].Points - here) * f.Weight / 100}
	}
	return nil
}

func (q Question) part(answers []Answer) Part {
	p := Part{Key: q.Key, Section: "questionnaire", ZH: q.ZH, EN: q.EN, Weight: q.Weight, Points: q.Missing, Missing: true}
	best := 0.0
	for _, c := range q.Choices {
		best = max(best, c.Points)
		if slices.ContainsFunc(answers, func(a Answer) bool { return a.Question == q.Key && a.Choice == c.Key }) {
			p.Points, p.Choice, p.Missing = c.Points, c.Key, false
		}
	}
	p.Gives, p.Lost = p.Points*q.Weight/100, (best-p.Points)*q.Weight/100
	return p
}

func (v Veto) hit(facts Facts) (Hit, bool) {
	f := facts[v.Fact]
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
