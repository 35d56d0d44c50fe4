package scorecard

import (
	_ "embed"
	"fmt"
	"slices"
)

// Card is a version of a scorecard. It names no currency: it works in the currency of the facts.
type Card struct {
	Key       string     `yaml:"key" json:"key"`
	Version   int        `yaml:"version" json:"version"`
	ZH        string     `yaml:"zh" json:"zh"`
	EN        string     `yaml:"en" json:"en"`
	Sections  []Section  `yaml:"sections" json:"sections"`
	Questions []Question `yaml:"questions" json:"questions"`
	Vetoes    []Veto     `yaml:"vetoes" json:"vetoes"`
	Caps      []Veto     `yaml:"caps" json:"caps"` // the grade is at most Grade
	Scale     []Grade    `yaml:"scale" json:"scale"`
	Limit     LimitRules `yaml:"limit" json:"limit"`
}

// Section is a group of factors; its weight is the sum of theirs. The questionnaire counts as one more section.
type Section struct {
	Key       string   `yaml:"key" json:"key"`
	ZH        string   `yaml:"zh" json:"zh"`
	EN        string   `yaml:"en" json:"en"`
	Financial bool     `yaml:"financial,omitempty" json:"financial,omitempty"` // its facts come from statements
	Factors   []Factor `yaml:"factors" json:"factors"`
}

// Factor turns a numeric fact into points. Bins are in ascending order and half-open: a value belongs to the first bin
// whose Below it is under; the last bin has no Below. So bins neither overlap nor leave a gap. Better declares the better
// direction, and the points must then follow it.
type Factor struct {
	Key         string      `yaml:"key" json:"key"`
	ZH          string      `yaml:"zh" json:"zh"`
	EN          string      `yaml:"en" json:"en"`
	Fact        string      `yaml:"fact" json:"fact"`
	Unit        string      `yaml:"unit" json:"unit,omitempty"` // percent, times, days; how the value reads
	Better      Better      `yaml:"better,omitempty" json:"better,omitempty"`
	Weight      float64     `yaml:"weight" json:"weight"`
	Bins        []Bin       `yaml:"bins" json:"bins"`
	WhenMissing WhenMissing `yaml:"when_missing,omitempty" json:"when_missing,omitempty"`
	Missing     float64     `yaml:"missing" json:"missing"` // the points when the fact is missing
}

// Better is the better direction of a fact.
type Better string

// The directions; empty = neither, the best is in between.
const (
	High Better = "high"
	Low  Better = "low"
)

// WhenMissing says what a missing fact or answer does.
type WhenMissing string

// The treatments.
const (
	GivePoints WhenMissing = ""        // it gives the points of Missing
	Neutral    WhenMissing = "neutral" // it does not count: the others share its weight in proportion
	Refuse     WhenMissing = "refuse"  // the card does not grade without it: lowest grade, no limit, Outcome.Refused
)

// Bin is an interval of a factor with its points, 0 to 100.
type Bin struct {
	Below  *float64 `yaml:"below,omitempty" json:"below,omitempty"`
	Points float64  `yaml:"points" json:"points"`
}

// Question is a factor that a person answers (非财务问卷). Each choice has points; no answer is treated as a missing fact,
// and so is an answer without evidence where evidence is required.
type Question struct {
	Key         string      `yaml:"key" json:"key"`
	ZH          string      `yaml:"zh" json:"zh"`
	EN          string      `yaml:"en" json:"en"`
	TopicZH     string      `yaml:"topic_zh" json:"topic_zh"`
	TopicEN     string      `yaml:"topic_en" json:"topic_en"`
	Weight      float64     `yaml:"weight" json:"weight"`
	Evidence    bool        `yaml:"evidence" json:"evidence"` // an answer needs its evidence
	Choices     []Choice    `yaml:"choices" json:"choices"`
	WhenMissing WhenMissing `yaml:"when_missing,omitempty" json:"when_missing,omitempty"`
	Missing     float64     `yaml:"missing" json:"missing"`
}

// Choice is a possible answer.
type Choice struct {
	Key    string  `yaml:"key" json:"key"`
	ZH     string  `yaml:"zh" json:"zh"`
	EN     string  `yaml:"en" json:"en"`
	Points float64 `yaml:"points" json:"points"`
}

// Veto forces a grade (or, as a cap, bounds it) when a fact stands against a value: op is one of < <= > >= = present
// missing. The fact "answer.<question>" is the points of the answer given. Neither makes a grade better than the score's.
type Veto struct {
	Key   string  `yaml:"key" json:"key"`
	Fact  string  `yaml:"fact" json:"fact"`
	Op    string  `yaml:"op" json:"op"`
	Value float64 `yaml:"value" json:"value"`
	Grade string  `yaml:"grade" json:"grade"`
	ZH    string  `yaml:"zh" json:"zh"`
	EN    string  `yaml:"en" json:"en"`
}

// Grade is a step of the master scale (主标尺). PD is the probability of default within a year, a fraction. Factor
// scales the recommended limit, Terms are the payment terms in days.
type Grade struct {
	Grade  string  `yaml:"grade" json:"grade"`
	From   float64 `yaml:"from" json:"from"` // the lowest score
	PD     float64 `yaml:"pd" json:"pd"`
	Factor float64 `yaml:"factor" json:"factor"`
	Terms  int     `yaml:"terms_days" json:"terms_days"`
	ZH     string  `yaml:"zh" json:"zh"`
	EN     string  `yaml:"en" json:"en"`
}

//go:embed library/manufacturing_trade.yaml
var library []byte

// Default is the card that an installation starts with, for manufacturers and traders.
func Default() Card {
	c, err := Parse(library)
	if err != nil {
		panic(fmt.Sprintf("the card of the library: %v", err))
	}
	return c
}

// DefaultText is the document of Default.
func DefaultText() string { return string(library) }

func (card Card) gradeOf(score float64) int {
	for i, g := range card.Scale {
		if score >= g.From-1e-9 {
			return i
		}
	}
	return len(card.Scale) - 1
}

func (card Card) gradeIndex(grade string) int {
	return slices.IndexFunc(card.Scale, func(g Grade) bool { return g.Grade == grade })
}

// GradeNamed gives a step of the scale.
func (card Card) GradeNamed(grade string) (Grade, bool) {
	if i := card.gradeIndex(grade); i >= 0 {
		return card.Scale[i], true
	}
	return Grade{}, false
}
