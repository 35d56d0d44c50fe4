package scorecard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/internal/fault"
)

// Parse reads a card; a wrong one is a fault that names every wrong place by its path.
func Parse(raw []byte) (Card, error) {
	var card Card
	var c fault.Check
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	err := d.Decode(&card)
	var types *yaml.TypeError
	switch {
	case errors.As(err, &types):
		misread(&c, raw, types.Errors)
	case err != nil:
		return Card{}, fault.Invalid("card", "scorecard.not_yaml", fault.Args{"detail": err.Error()})
	case !errors.Is(d.Decode(new(yaml.Node)), io.EOF):
		c.Add("card", "scorecard.one_document", nil)
	}
	card.check(&c)
	if err := c.Err(); err != nil {
		return Card{}, err
	}
	return card, nil
}

var lineOf = regexp.MustCompile(`^line (\d+): `)

// misread names the places that hold the wrong kind of value or a field that cards do not have.
func misread(c *fault.Check, raw []byte, complaints []string) {
	var root yaml.Node
	if err := yaml.Unmarshal(raw, &root); err != nil {
		c.Add("card", "scorecard.not_yaml", fault.Args{"detail": err.Error()})
		return
	}
	for _, text := range complaints {
		path := "card"
		if m := lineOf.FindStringSubmatch(text); m != nil {
			line, _ := strconv.Atoi(m[1])
			if found := pathAt(&root, line, ""); found != "" {
				path = found
			}
		}
		c.Add(path, "scorecard.not_yaml", fault.Args{"detail": text})
	}
}

// pathAt gives the path of the first node on a line; the parts of a map written on one line are not told apart.
func pathAt(n *yaml.Node, line int, path string) string {
	below := func(child *yaml.Node, starts int, at string) string {
		if starts == line {
			return at
		}
		return pathAt(child, line, at)
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return pathAt(n.Content[0], line, path)
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			at := strings.TrimPrefix(path+"."+n.Content[i].Value, ".")
			if found := below(n.Content[i+1], n.Content[i].Line, at); found != "" {
				return found
			}
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			starts := item.Line
			if item.Kind == yaml.MappingNode && item.Style&yaml.FlowStyle == 0 {
				starts = 0 // its first key stands on the same line and names the place better
			}
			if found := below(item, starts, at); found != "" {
				return found
			}
		}
	}
	return ""
}

// keys refuses a key that stands twice in one list.
type keys map[string]bool

func (k keys) check(c *fault.Check, path, key string) {
	if c.Required(path, key) {
		c.That(!k[key], path, "scorecard.key_twice", fault.Args{"key": key})
	}
	k[key] = true
}

func names(c *fault.Check, at, zh, en string) {
	c.Required(at+"zh", zh)
	c.Required(at+"en", en)
}

func between(c *fault.Check, path string, v, low, high float64) {
	c.That(v >= low && v <= high, path, "fault.range", fault.Args{"min": number(low), "max": number(high)})
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func (card Card) check(c *fault.Check) {
	c.Required("key", card.Key)
	names(c, "", card.ZH, card.EN)
	c.That(card.Version > 0, "version", "fault.not_positive", nil)
	facts := FactNames()
	sections, factors, weights := keys{}, keys{}, 0.0
	for i, s := range card.Sections {
		at := fmt.Sprintf("sections[%d].", i)
		sections.check(c, at+"key", s.Key)
		names(c, at, s.ZH, s.EN)
		c.That(len(s.Factors) > 0, at+"factors", "fault.required", nil)
		for j, f := range s.Factors {
			at := fmt.Sprintf("sections[%d].factors[%d].", i, j)
			factors.check(c, at+"key", f.Key)
			f.check(c, at, facts)
			weights += f.Weight
		}
	}
	for i, q := range card.Questions {
		at := fmt.Sprintf("questions[%d].", i)
		factors.check(c, at+"key", q.Key)
		q.check(c, at)
		facts = append(facts, AnswerFact+q.Key)
		weights += q.Weight
	}
	c.That(math.Abs(weights-100) < 1e-6, "weights", "scorecard.weights", fault.Args{"sum": fmt.Sprintf("%g", weights)})
	card.checkScale(c)
	rules := keys{}
	for i, v := range card.Vetoes {
		v.check(c, fmt.Sprintf("vetoes[%d].", i), card, facts, rules)
	}
	for i, v := range card.Caps {
		v.check(c, fmt.Sprintf("caps[%d].", i), card, facts, rules)
	}
	card.Limit.check(c)
}

func checkWeight(c *fault.Check, at string, weight, missing float64, when WhenMissing) {
	c.That(weight > 0 && weight <= 100, at+"weight", "fault.range", fault.Args{"min": 0, "max": 100})
	c.OneOf(at+"when_missing", string(when), string(GivePoints), string(Neutral), string(Refuse))
	between(c, at+"missing", missing, 0, 100)
	c.That(when == GivePoints || missing == 0, at+"missing", "scorecard.missing_both", nil)
}

func (f Factor) check(c *fault.Check, at string, facts []string) {
	if c.Required(at+"fact", f.Fact) {
		c.That(slices.Contains(facts, f.Fact), at+"fact", "scorecard.fact_unknown", fault.Args{"fact": f.Fact})
	}
	names(c, at, f.ZH, f.EN)
	c.OneOf(at+"unit", f.Unit, "", string(ratio.Percent), string(ratio.Times), string(ratio.Days))
	c.OneOf(at+"better", string(f.Better), "", string(High), string(Low))
	checkWeight(c, at, f.Weight, f.Missing, f.WhenMissing)
	c.That(len(f.Bins) > 1, at+"bins", "scorecard.bins_few", nil)
	for k, b := range f.Bins {
		bin := fmt.Sprintf("%sbins[%d].", at, k)
		between(c, bin+"points", b.Points, 0, 100)
		last := k == len(f.Bins)-1
		c.That(last == (b.Below == nil), bin+"below", "scorecard.bin_end", nil)
		if b.Below != nil {
			between(c, bin+"below", *b.Below, -mostFigure, mostFigure)
		}
		if k == 0 {
			continue
		}
		before := f.Bins[k-1]
		if b.Below != nil && before.Below != nil {
			c.That(*b.Below > *before.Below, bin+"below", "scorecard.bins_order", nil)
		}
		against := f.Better == High && b.Points < before.Points || f.Better == Low && b.Points > before.Points
		c.That(!against, bin+"points", "scorecard.not_monotone", nil)
	}
}

func (q Question) check(c *fault.Check, at string) {
	names(c, at, q.ZH, q.EN)
	checkWeight(c, at, q.Weight, q.Missing, q.WhenMissing)
	c.That(len(q.Choices) > 1, at+"choices", "scorecard.bins_few", nil)
	choices := keys{}
	for k, choice := range q.Choices {
		path := fmt.Sprintf("%schoices[%d].", at, k)
		choices.check(c, path+"key", choice.Key)
		names(c, path, choice.ZH, choice.EN)
		between(c, path+"points", choice.Points, 0, 100)
	}
}

func (v Veto) check(c *fault.Check, at string, card Card, facts []string, rules keys) {
	rules.check(c, at+"key", v.Key)
	if c.Required(at+"fact", v.Fact) {
		c.That(slices.Contains(facts, v.Fact), at+"fact", "scorecard.fact_unknown", fault.Args{"fact": v.Fact})
	}
	names(c, at, v.ZH, v.EN)
	c.OneOf(at+"op", v.Op, "<", "<=", ">", ">=", "=", "present", "missing")
	between(c, at+"value", v.Value, -mostFigure, mostFigure)
	c.That(card.gradeIndex(v.Grade) >= 0, at+"grade", "scorecard.grade_unknown", fault.Args{"grade": v.Grade})
}

// mostFigure bounds what a card compares with; it keeps infinities and not-a-number out.
const mostFigure = 1e15

// checkScale wants the best grade first, thresholds falling to 0, default probabilities rising, and a worse grade never
// to allow more credit or longer terms.
func (card Card) checkScale(c *fault.Check) {
	if !c.That(len(card.Scale) > 1, "scale", "scorecard.bins_few", nil) {
		return
	}
	grades := keys{}
	for i, g := range card.Scale {
		at := fmt.Sprintf("scale[%d].", i)
		grades.check(c, at+"grade", g.Grade)
		names(c, at, g.ZH, g.EN)
		between(c, at+"from", g.From, 0, 100)
		c.That(g.PD > 0 && g.PD <= 1, at+"pd", "fault.range", fault.Args{"min": 0, "max": 1})
		between(c, at+"factor", g.Factor, 0, 10)
		between(c, at+"terms_days", float64(g.Terms), 0, 365)
		if i == 0 {
			continue
		}
		before := card.Scale[i-1]
		c.That(g.From < before.From, at+"from", "scorecard.scale_order", nil)
		c.That(g.PD > before.PD, at+"pd", "scorecard.pd_order", nil)
		c.That(g.Factor <= before.Factor, at+"factor", "scorecard.more_for_worse", nil)
		c.That(g.Terms <= before.Terms, at+"terms_days", "scorecard.more_for_worse", nil)
	}
	last := len(card.Scale) - 1
	c.That(card.Scale[last].From == 0, fmt.Sprintf("scale[%d].from", last), "scorecard.scale_end", nil)
}
