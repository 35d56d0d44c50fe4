package scorecard

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/internal/fault"
)

// Card is a version of a scorecard.
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

// Section is a group of factors, for showing them.
type Section struct {
	Key     string   `yaml:"key" json:"key"`
	ZH      string   `yaml:"zh" json:"zh"`
	EN      string   `yaml:"en" json:"en"`
	Factors []Factor `yaml:"factors" json:"factors"`
}

// Factor turns a numeric fact into points. Bins are in ascending order and half-open: a value belongs to the first bin
// whose Below it is under; the last bin has no Below. Missing gives the points when the fact is undefined.
type Factor struct {
	Key     string  `yaml:"key" json:"key"`
	ZH      string  `yaml:"zh" json:"zh"`
	EN      string  `yaml:"en" json:"en"`
	Fact    string  `yaml:"fact" json:"fact"`
	Unit    string  `yaml:"unit" json:"unit,omitempty"` // percent, times, days; how the value reads
	Weight  float64 `yaml:"weight" json:"weight"`
	Bins    []Bin   `yaml:"bins" json:"bins"`
	Missing float64 `yaml:"missing" json:"missing"`
}

// Bin is an interval of a factor with its points, 0 to 100.
type Bin struct {
	Below  *float64 `yaml:"below" json:"below,omitempty"`
	Points float64  `yaml:"points" json:"points"`
}

// Question is a factor that a person answers (非财务问卷). Each choice has points; no answer gives Missing.
type Question struct {
	Key      string   `yaml:"key" json:"key"`
	ZH       string   `yaml:"zh" json:"zh"`
	EN       string   `yaml:"en" json:"en"`
	TopicZH  string   `yaml:"topic_zh" json:"topic_zh"`
	TopicEN  string   `yaml:"topic_en" json:"topic_en"`
	Weight   float64  `yaml:"weight" json:"weight"`
	Evidence bool     `yaml:"evidence" json:"evidence"` // an answer needs its evidence
	Choices  []Choice `yaml:"choices" json:"choices"`
	Missing  float64  `yaml:"missing" json:"missing"`
}

// Choice is a possible answer.
type Choice struct {
	Key    string  `yaml:"key" json:"key"`
	ZH     string  `yaml:"zh" json:"zh"`
	EN     string  `yaml:"en" json:"en"`
	Points float64 `yaml:"points" json:"points"`
}

// Veto forces a grade (or, as a cap, bounds it) when a fact stands against a value: op is one of < <= > >= = present
// missing.
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

//go:embed library/trade.yaml
var trade []byte

// Default is the card that an installation starts with.
func Default() Card {
	c, err := Parse(trade)
	if err != nil {
		panic(fmt.Sprintf("the card of the library: %v", err))
	}
	return c
}

// DefaultText is the document of Default.
func DefaultText() string { return string(trade) }

// Parse reads a card; a wrong one is a fault that names every wrong place.
func Parse(raw []byte) (Card, error) {
	var card Card
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&card); err != nil {
		return Card{}, fault.Invalid("card", "scorecard.not_yaml", fault.Args{"detail": err.Error()})
	}
	var c fault.Check
	card.check(&c)
	if err := c.Err(); err != nil {
		return Card{}, err
	}
	return card, nil
}

func (card Card) check(c *fault.Check) {
	c.Required("key", card.Key)
	c.Required("zh", card.ZH)
	c.Required("en", card.EN)
	c.That(card.Version > 0, "version", "fault.not_positive", nil)
	keys, weights := map[string]bool{}, 0.0
	unique := func(path, key string) {
		if c.Required(path, key) {
			c.That(!keys[key], path, "scorecard.key_twice", fault.Args{"key": key})
		}
		keys[key] = true
	}
	for i, s := range card.Sections {
		c.Required(fmt.Sprintf("sections[%d].zh", i), s.ZH)
		c.Required(fmt.Sprintf("sections[%d].en", i), s.EN)
		for j, f := range s.Factors {
			at := fmt.Sprintf("sections[%d].factors[%d].", i, j)
			unique(at+"key", f.Key)
			f.check(c, at)
			weights += f.Weight
		}
	}
	for i, q := range card.Questions {
		at := fmt.Sprintf("questions[%d].", i)
		unique(at+"key", q.Key)
		q.check(c, at)
		weights += q.Weight
	}
	c.That(math.Abs(weights-100) < 1e-6, "weights", "scorecard.weights", fault.Args{"sum": fmt.Sprintf("%g", weights)})
	card.checkScale(c)
	for i, v := range card.Vetoes {
		v.check(c, fmt.Sprintf("vetoes[%d].", i), card.Scale)
	}
	for i, v := range card.Caps {
		v.check(c, fmt.Sprintf("caps[%d].", i), card.Scale)
	}
	card.Limit.check(c)
}

func points(c *fault.Check, path string, p float64) {
	c.That(p >= 0 && p <= 100, path, "fault.range", fault.Args{"min": 0, "max": 100})
}

func (f Factor) check(c *fault.Check, at string) {
	c.Required(at+"fact", f.Fact)
	c.Required(at+"zh", f.ZH)
	c.Required(at+"en", f.EN)
	c.That(f.Weight > 0 && f.Weight <= 100, at+"weight", "fault.range", fault.Args{"min": 0, "max": 100})
	c.That(len(f.Bins) > 1, at+"bins", "scorecard.bins_few", nil)
	points(c, at+"missing", f.Missing)
	for k, b := range f.Bins {
		bin := fmt.Sprintf("%sbins[%d].", at, k)
		points(c, bin+"points", b.Points)
		last := k == len(f.Bins)-1
		c.That(last == (b.Below == nil), bin+"below", "scorecard.bin_end", nil)
		if k > 0 && b.Below != nil && f.Bins[k-1].Below != nil {
			c.That(*b.Below > *f.Bins[k-1].Below, bin+"below", "scorecard.bins_order", nil)
		}
	}
}

func (q Question) check(c *fault.Check, at string) {
	c.Required(at+"zh", q.ZH)
	c.Required(at+"en", q.EN)
	c.That(q.Weight > 0 && q.Weight <= 100, at+"weight", "fault.range", fault.Args{"min": 0, "max": 100})
	c.That(len(q.Choices) > 1, at+"choices", "scorecard.bins_few", nil)
	points(c, at+"missing", q.Missing)
	seen := map[string]bool{}
	for k, choice := range q.Choices {
		path := fmt.Sprintf("%schoices[%d].", at, k)
		c.Required(path+"key", choice.Key)
		c.That(!seen[choice.Key], path+"key", "scorecard.key_twice", fault.Args{"key": choice.Key})
		seen[choice.Key] = true
		points(c, path+"points", choice.Points)
	}
}

func (v Veto) check(c *fault.Check, at string, scale []Grade) {
	c.Required(at+"key", v.Key)
	c.Required(at+"fact", v.Fact)
	c.Required(at+"zh", v.ZH)
	c.Required(at+"en", v.EN)
	c.OneOf(at+"op", v.Op, "<", "<=", ">", ">=", "=", "present", "missing")
	c.That(slices.ContainsFunc(scale, func(g Grade) bool { return g.Grade == v.Grade }), at+"grade", "scorecard.grade_unknown", fault.Args{"grade": v.Grade})
}

// checkScale wants the best grade first, thresholds falling to 0 and default probabilities rising.
func (card Card) checkScale(c *fault.Check) {
	if !c.That(len(card.Scale) > 1, "scale", "scorecard.bins_few", nil) {
		return
	}
	for i, g := range card.Scale {
		at := fmt.Sprintf("scale[%d].", i)
		c.Required(at+"grade", g.Grade)
		c.That(g.PD > 0 && g.PD <= 1, at+"pd", "fault.range", fault.Args{"min": 0, "max": 1})
		c.That(g.Factor >= 0 && g.Factor <= 10, at+"factor", "fault.range", fault.Args{"min": 0, "max": 10})
		c.That(g.Terms >= 0 && g.Terms <= 365, at+"terms_days", "fault.range", fault.Args{"min": 0, "max": 365})
		if i > 0 {
			c.That(g.From < card.Scale[i-1].From, at+"from", "scorecard.scale_order", nil)
			c.That(g.PD > card.Scale[i-1].PD, at+"pd", "scorecard.pd_order", nil)
		}
	}
	c.That(card.Scale[len(card.Scale)-1].From == 0, fmt.Sprintf("scale[%d].from", len(card.Scale)-1), "scorecard.scale_end", nil)
}

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
