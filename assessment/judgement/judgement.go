// Package judgement judges a customer file by a card of rules: the initial risk, compliance and operational risk, and how
// deep the customer is to be looked into. It is pure: card and facts in, levels and reasons out.
//
// A scorecard (assessment/scorecard) bins figures into points of a grade with a probability of default. A file has few
// figures and many findings, so here a finding has points and may force a level; what fired is the explanation.
package judgement

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/internal/fault"
)

// Step is a level and the points from which it is reached.
type Step struct {
	Key  string  `yaml:"key" json:"key"`
	From float64 `yaml:"from" json:"from"`
}

// Rule is a finding: a fact within bounds (or missing), or a text in or outside of a list. {value}, {percent}, {money} and
// {text} in its sentences are what was seen.
type Rule struct {
	Key     string   `yaml:"key" json:"key"`
	Group   string   `yaml:"group,omitempty" json:"group,omitempty"`
	Fact    string   `yaml:"fact,omitempty" json:"fact,omitempty"`
	AtLeast *float64 `yaml:"at_least,omitempty" json:"at_least,omitempty"`
	Above   *float64 `yaml:"above,omitempty" json:"above,omitempty"`
	Below   *float64 `yaml:"below,omitempty" json:"below,omitempty"`
	Missing bool     `yaml:"missing,omitempty" json:"missing,omitempty"`
	Text    string   `yaml:"text,omitempty" json:"text,omitempty"`
	In      []string `yaml:"in,omitempty" json:"in,omitempty"`
	NotIn   []string `yaml:"not_in,omitempty" json:"not_in,omitempty"`
	Points  float64  `yaml:"points" json:"points"`
	Floor   string   `yaml:"floor,omitempty" json:"floor,omitempty"`
	ZH      string   `yaml:"zh" json:"zh"`
	EN      string   `yaml:"en" json:"en"`
}

// Subject is what is judged. Subjects with a weight make the combined risk.
type Subject struct {
	Key    string  `yaml:"key" json:"key"`
	ZH     string  `yaml:"zh" json:"zh"`
	EN     string  `yaml:"en" json:"en"`
	Weight float64 `yaml:"weight,omitempty" json:"weight,omitempty"`
	Levels []Step  `yaml:"levels" json:"levels"`
	Rules  []Rule  `yaml:"rules" json:"rules"`
}

// Card is a version of the rules.
type Card struct {
	Version  int       `yaml:"version" json:"version"`
	Subjects []Subject `yaml:"subjects" json:"subjects"`
}

// The subjects that a card judges.
const (
	Initial     = "initial"
	Compliance  = "compliance"
	Operational = "operational"
	Diligence   = "diligence"
)

// levels says what the levels of each subject are called: the product knows them by these names.
var levels = map[string][]string{
	Initial:     {"low", "medium", "high"},
	Compliance:  {"very_low", "low", "moderate", "elevated", "severe"},
	Operational: {"very_low", "low", "moderate", "elevated", "severe"},
	Diligence:   {"simplified", "standard", "enhanced"},
}

// Known lists the facts that rules may look at: of number or of text.
var (
	KnownFacts = []string{"open_dishonest_records", "open_enforcements", "open_lawsuits", "open_abnormal_records", "open_violations", "lawsuit_amount_to_capital",
		"penalties_of_24_months", "licences_revoked", "licences_ended", "registration_ended", "registration_suspended", "confirmed_screening_hits", "open_screening_hits",
		"years_since_founding", "paid_in_share", "net_profit_negative", "debt_ratio", "failed_verifications", "completeness", "known_owned_percent", "owners", "company_owners",
		"largest_buyer_percent", "top_five_buyers_percent", "largest_supplier_percent", "top_five_suppliers_percent", "market_position", "competitiveness", "customer_relations",
		"payment_habits", "capacity", "answered_topics", "legal_representative_changes_24_months", "address_changes_24_months", "days_known", "requested_limit", "requested_foreign"}
	KnownTexts = []string{"country", "industry_section"}
)

//go:embed library/file-1.yaml
var library []byte

// Library gives the card that comes with the product.
var Library = sync.OnceValue(func() Card {
	c, err := Parse(library)
	if err != nil {
		panic(err) // embedded: the first test finds it
	}
	return c
})

// LibraryDocument gives the YAML of Library.
func LibraryDocument() string { return string(library) }

// Parse reads a card and reports every wrong place.
func Parse(raw []byte) (Card, error) {
	var card Card
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&card); err != nil {
		return Card{}, fault.Invalid("document", "fault.unreadable", fault.Args{"detail": err.Error()})
	}
	var c fault.Check
	c.That(card.Version > 0, "document.version", "fault.not_positive", nil)
	seen := map[string]bool{}
	for i, s := range card.Subjects {
		at := fmt.Sprintf("document.subjects[%d].", i)
		seen[s.Key] = true
		s.check(&c, at)
	}
	for _, key := range []string{Initial, Compliance, Operational, Diligence} {
		c.That(seen[key], "document.subjects", "judgement.subject_missing", fault.Args{"subject": key})
	}
	return card, c.Err()
}

func (s Subject) check(c *fault.Check, at string) {
	names, ok := levels[s.Key]
	if !c.That(ok, at+"key", "judgement.subject_unknown", fault.Args{"subject": s.Key}) {
		return
	}
	c.Required(at+"zh", s.ZH)
	c.Required(at+"en", s.EN)
	c.That(s.Weight >= 0, at+"weight", "fault.negative", nil)
	if c.That(len(s.Levels) == len(names), at+"levels", "judgement.levels", fault.Args{"levels": strings.Join(names, ", ")}) {
		for i, l := range s.Levels {
			c.That(l.Key == names[i], fmt.Sprintf("%slevels[%d].key", at, i), "fault.one_of", fault.Args{"allowed": names[i]})
			c.That(i == 0 && l.From == 0 || i > 0 && l.From > s.Levels[i-1].From, fmt.Sprintf("%slevels[%d].from", at, i), "judgement.ascending", nil)
		}
	}
	keys := map[string]bool{}
	for i, r := range s.Rules {
		in := fmt.Sprintf("%srules[%d].", at, i)
		c.Required(in+"key", r.Key)
		c.That(!keys[r.Key], in+"key", "judgement.twice", fault.Args{"key": r.Key})
		keys[r.Key] = true
		c.Required(in+"zh", r.ZH)
		c.Required(in+"en", r.EN)
		c.That(r.Points >= 0, in+"points", "fault.negative", nil)
		c.That(r.Floor == "" || slices.Contains(names, r.Floor), in+"floor", "fault.one_of", fault.Args{"allowed": strings.Join(names, ", ")})
		if r.Text != "" {
			c.That(slices.Contains(KnownTexts, r.Text), in+"text", "judgement.fact_unknown", fault.Args{"fact": r.Text})
			c.That(len(r.In)+len(r.NotIn) > 0, in+"in", "fault.required", nil)
			continue
		}
		c.That(slices.Contains(KnownFacts, r.Fact), in+"fact", "judgement.fact_unknown", fault.Args{"fact": r.Fact})
		c.That(r.Missing || r.AtLeast != nil || r.Above != nil || r.Below != nil, in+"fact", "judgement.no_bound", nil)
	}
}

// Facts are what is known. A number that is absent is not known: only rules on missing facts fire on it.
type Facts struct {
	Numbers map[string]float64
	Texts   map[string]string
}

// Reason is a rule that fired, said with the figure that it saw.
type Reason struct {
	Rule   string  `json:"rule"`
	ZH     string  `json:"zh"`
	EN     string  `json:"en"`
	Points float64 `json:"points"`
	Floor  string  `json:"floor,omitempty"`
}

// Verdict is the judgement of a subject. Index is the place of its level, 0 = best. Forced says that a floor, not the
// points, decides it.
type Verdict struct {
	Subject string   `json:"subject"`
	Level   string   `json:"level"`
	Index   int      `json:"index"`
	Points  float64  `json:"points"`
	Weight  float64  `json:"weight,omitempty"`
	Forced  bool     `json:"forced,omitempty"`
	Reasons []Reason `json:"reasons"`
}

// Judge applies a card to facts, subject by subject.
func Judge(card Card, f Facts) map[string]Verdict {
	all := map[string]Verdict{}
	for _, s := range card.Subjects {
		all[s.Key] = s.judge(f)
	}
	return all
}

func (s Subject) judge(f Facts) Verdict {
	v := Verdict{Subject: s.Key, Weight: s.Weight, Reasons: []Reason{}}
	fired := map[string]bool{}
	floor := 0
	for _, r := range s.Rules {
		if r.Group != "" && fired[r.Group] || !r.fires(f) {
			continue
		}
		fired[r.Group] = true
		v.Points += r.Points
		floor = max(floor, s.place(r.Floor))
		v.Reasons = append(v.Reasons, Reason{Rule: r.Key, ZH: r.say(r.ZH, f), EN: r.say(r.EN, f), Points: r.Points, Floor: r.Floor})
	}
	slices.SortStableFunc(v.Reasons, func(a, b Reason) int { return int(b.Points - a.Points) })
	for i, l := range s.Levels {
		if v.Points >= l.From {
			v.Index = i
		}
	}
	if floor > v.Index {
		v.Index, v.Forced = floor, true
	}
	v.Level = s.Levels[v.Index].Key
	return v
}

func (s Subject) place(level string) int {
	return max(0, slices.IndexFunc(s.Levels, func(l Step) bool { return l.Key == level }))
}

func (r Rule) fires(f Facts) bool {
	if r.Text != "" {
		t, known := f.Texts[r.Text]
		return known && t != "" && (len(r.In) == 0 || slices.Contains(r.In, t)) && !slices.Contains(r.NotIn, t)
	}
	n, known := f.Numbers[r.Fact]
	if r.Missing || !known {
		return r.Missing && !known
	}
	return (r.AtLeast == nil || n >= *r.AtLeast) && (r.Above == nil || n > *r.Above) && (r.Below == nil || n < *r.Below)
}

func (r Rule) say(sentence string, f Facts) string {
	n := f.Numbers[r.Fact]
	value := strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64)
	return strings.NewReplacer("{value}", value, "{percent}", fmt.Sprintf("%.0f%%", 100*n), "{money}", grouped(n), "{text}", f.Texts[r.Text]).Replace(sentence)
}

func grouped(n float64) string {
	text := strconv.FormatFloat(math.Round(n), 'f', -1, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Combined is the weighted mean of the points of the subjects that have a weight, each counted up to 100, and the level of
// the first one's scale that it reaches. A level can lift the mean by no more than its weight; who looks for the worst sees
// it in the subjects.
func Combined(card Card, verdicts map[string]Verdict) Verdict {
	var steps []Step
	sum, weights := 0.0, 0.0
	for _, s := range card.Subjects {
		if s.Weight <= 0 {
			continue
		}
		if steps == nil {
			steps = s.Levels
		}
		v := verdicts[s.Key]
		points := math.Max(v.Points, s.Levels[v.Index].From) // a forced level counts at least what it takes to reach it
		sum += s.Weight * math.Min(100, points)
		weights += s.Weight
	}
	c := Verdict{Subject: "combined", Reasons: []Reason{}}
	if weights == 0 {
		return c
	}
	c.Points = sum / weights
	for i, l := range steps {
		if c.Points >= l.From {
			c.Index, c.Level = i, l.Key
		}
	}
	return c
}
