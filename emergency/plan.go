package emergency

import (
	"context"
	"embed"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring"
)

// Level is how grave an incident is, as the national emergency classification has it: I 特别重大, II 重大, III 较大, IV 一般.
type Level int

// Action kinds that the system carries out itself.
const (
	FreezeLimit = "freeze_limit"
)

var actionKinds = []string{FreezeLimit}

// Band is a level and the exposure from which an incident has it, in whole units of the exposure's currency.
type Band struct {
	Level Level `yaml:"level" json:"level"`
	From  int64 `yaml:"from" json:"from"`
}

// ordinary is the level of what no band reaches.
const ordinary Level = 4

// StartingBands grade the incidents of a plan that names neither bands nor a level of its own.
var StartingBands = []Band{{1, 10_000_000}, {2, 1_000_000}, {3, 100_000}}

// Grading is how an incident came by its level: From is the exposure that its band begins at, Next the one that the next
// graver band begins at; zero = none. Fixed levels are the plan's, whatever the exposure.
type Grading struct {
	Level Level        `json:"level"`
	Fixed bool         `json:"fixed"`
	From  money.Amount `json:"from"`
	Next  money.Amount `json:"next"`
}

// Grade tells how grave an incident of the plan is at an exposure. Pure.
func (p Plan) Grade(exposure money.Amount) Grading {
	bands := p.Levels
	switch {
	case len(bands) == 0 && p.Level > 0:
		return Grading{Level: p.Level, Fixed: true}
	case len(bands) == 0:
		bands = StartingBands
	}
	g := Grading{Level: ordinary}
	for _, b := range bands { // gravest first
		from := money.Of(b.From*int64(math.Pow10(exposure.Currency.Scale())), exposure.Currency)
		if exposure.Minor >= from.Minor {
			g.Level, g.From = b.Level, from
			return g
		}
		g.Next = from
	}
	return g
}

// Text is a sentence in both languages.
type Text struct {
	ZH string `yaml:"zh" json:"zh"`
	EN string `yaml:"en" json:"en"`
}

// Trigger says which alerts call for the plan: of one of the rules (any when empty), at least that severe.
type Trigger struct {
	Rules    []string            `yaml:"rules,omitempty" json:"rules,omitempty"`
	Severity monitoring.Severity `yaml:"severity" json:"severity"`
}

// Fits tells whether an alert triggers the plan.
func (t Trigger) Fits(a monitoring.Alert) bool {
	return a.Severity.Rank() >= t.Severity.Rank() && (len(t.Rules) == 0 || slices.Contains(t.Rules, a.RuleID))
}

// PlanTask is something a person does, within hours of the activation.
type PlanTask struct {
	Title Text   `yaml:"title" json:"title"`
	Role  string `yaml:"role" json:"role"`
	Hours int    `yaml:"hours" json:"hours"`
}

// PlanAction is something the system does; an automatic one at activation, any other when a person says so.
type PlanAction struct {
	Kind      string `yaml:"kind" json:"kind"`
	Automatic bool   `yaml:"automatic" json:"automatic"`
}

// Plan is a plan's document.
type Plan struct {
	ID      string       `yaml:"id" json:"id"`
	Name    Text         `yaml:"name" json:"name"`
	Level   Level        `yaml:"level,omitempty" json:"level,omitempty"`   // of every incident, when there are no bands; 0 = by StartingBands
	Levels  []Band       `yaml:"levels,omitempty" json:"levels,omitempty"` // by exposure, gravest first
	Trigger Trigger      `yaml:"trigger" json:"trigger"`
	Tasks   []PlanTask   `yaml:"tasks" json:"tasks"`
	Actions []PlanAction `yaml:"actions" json:"actions"`
	Exit    Text         `yaml:"exit" json:"exit"` // when the incident may be closed

	Version int64     `yaml:"-" json:"version"`
	Status  string    `yaml:"-" json:"status"` // active or off
	SavedBy string    `yaml:"-" json:"saved_by"`
	SavedAt time.Time `yaml:"-" json:"saved_at"`
	Source  string    `yaml:"-" json:"source"`
}

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{1,40}$`)

// ParsePlan reads and checks a plan's YAML; unknown keys are refused.
func ParsePlan(source string) (Plan, error) {
	var p Plan
	d := yaml.NewDecoder(strings.NewReader(source))
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		return Plan{}, fault.Invalid("source", "fault.unreadable", fault.Args{"detail": err.Error()})
	}
	p.Source = source
	var c fault.Check
	c.That(idPattern.MatchString(p.ID), "source.id", "plan.id", nil)
	text := func(path string, t Text) {
		c.Required("source."+path+".zh", t.ZH)
		c.Required("source."+path+".en", t.EN)
	}
	text("name", p.Name)
	text("exit", p.Exit)
	c.That(p.Level >= 0 && p.Level <= ordinary, "source.level", "fault.range", fault.Args{"min": 1, "max": int(ordinary)})
	for i, b := range p.Levels {
		at := fmt.Sprintf("source.levels[%d].", i)
		c.That(b.Level >= 1 && b.Level <= ordinary, at+"level", "fault.range", fault.Args{"min": 1, "max": int(ordinary)})
		c.That(b.From > 0 && b.From <= 1e15, at+"from", "fault.range", fault.Args{"min": 1, "max": int64(1e15)})
		c.That(i == 0 || b.Level > p.Levels[i-1].Level && b.From < p.Levels[i-1].From, at+"from", "plan.bands_in_order", nil)
	}
	c.That(slices.Contains(monitoring.Severities, p.Trigger.Severity), "source.trigger.severity", "fault.one_of", fault.Args{"allowed": "info, warn, high, critical"})
	c.That(len(p.Tasks) > 0, "source.tasks", "fault.required", nil)
	for i, t := range p.Tasks {
		text(fmt.Sprintf("tasks[%d].title", i), t.Title)
		c.Required(fmt.Sprintf("source.tasks[%d].role", i), t.Role)
		c.That(t.Hours > 0 && t.Hours <= 24*365, fmt.Sprintf("source.tasks[%d].hours", i), "fault.range", fault.Args{"min": 1, "max": 24 * 365})
	}
	for i, a := range p.Actions {
		c.OneOf(fmt.Sprintf("source.actions[%d].kind", i), a.Kind, actionKinds...)
	}
	return p, c.Err()
}

//go:embed library/*.yaml
var library embed.FS

// StartingPlans are the plans a new installation begins with.
func StartingPlans() ([]string, error) {
	entries, err := library.ReadDir("library")
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		raw, err := library.ReadFile("library/" + e.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, string(raw))
	}
	return all, nil
}

// SavePlanInput is the input of SavePlan.
type SavePlanInput struct {
	Source string `json:"source"`
}

// Validate reports every wrong field of the document.
func (in *SavePlanInput) Validate() error {
	_, err := ParsePlan(in.Source)
	return err
}

// SavePlan saves a plan as its next version, in force at once; incidents at work keep the version they began with.
var SavePlan = operation.New("plan.save", func(ctx context.Context, tx *operation.Tx, in SavePlanInput) (Plan, error) {
	p, err := ParsePlan(in.Source)
	if err != nil {
		return Plan{}, err
	}
	last, err := lastVersion(ctx, tx, p.ID)
	if err != nil {
		return Plan{}, err
	}
	p.Version, p.Status, p.SavedBy, p.SavedAt = last+1, "active", tx.Actor.Name, tx.Now
	if err := retirePlan(ctx, tx.Tx, p.ID); err != nil {
		return Plan{}, err
	}
	if err := insertPlan(ctx, tx.Tx, p); err != nil {
		return Plan{}, err
	}
	tx.Changed("plan", p.ID, nil, p)
	return p, nil
})

// SeedInput asks for nothing.
type SeedInput struct{}

// Seeded tells which plans were laid down.
type Seeded struct {
	Plans []string `json:"plans"`
}

// Seed lays down the starting plans that are not there yet, and the newer release of one that nobody changed; it runs at
// every start.
var Seed = operation.New("plan.seed", func(ctx context.Context, tx *operation.Tx, _ SeedInput) (Seeded, error) {
	sources, err := StartingPlans()
	if err != nil {
		return Seeded{}, err
	}
	var done Seeded
	for _, source := range sources {
		p, err := ParsePlan(source)
		if err != nil {
			return Seeded{}, err
		}
		last, err := lastVersion(ctx, tx, p.ID)
		if err != nil {
			return Seeded{}, err
		}
		if last > 0 {
			inForce, err := activePlan(ctx, tx, p.ID)
			if err != nil && fault.KindOf(err) != fault.KindNotFound {
				return Seeded{}, err
			}
			if err != nil || inForce.SavedBy != tx.Actor.Name || inForce.Source == source {
				continue
			}
			if err := retirePlan(ctx, tx.Tx, p.ID); err != nil {
				return Seeded{}, err
			}
		}
		p.Version, p.Status, p.SavedBy, p.SavedAt = last+1, "active", tx.Actor.Name, tx.Now
		if err := insertPlan(ctx, tx.Tx, p); err != nil {
			return Seeded{}, err
		}
		tx.Changed("plan", p.ID, nil, p)
		done.Plans = append(done.Plans, p.ID)
	}
	return done, nil
})
