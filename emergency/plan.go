package emergency

import (
	"context"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/internal/fault"
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
	Level   Level        `yaml:"level" json:"level"`
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
	c.That(p.Level >= 1 && p.Level <= 4, "source.level", "fault.range", fault.Args{"min": 1, "max": 4})
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

// Seed lays down the starting plans that are not there yet; it runs at every start.
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
		if last, err := lastVersion(ctx, tx, p.ID); err != nil || last > 0 {
			if err != nil {
				return Seeded{}, err
			}
			continue
		}
		p.Version, p.Status, p.SavedBy, p.SavedAt = 1, "active", tx.Actor.Name, tx.Now
		if err := insertPlan(ctx, tx.Tx, p); err != nil {
			return Seeded{}, err
		}
		tx.Changed("plan", p.ID, nil, p)
		done.Plans = append(done.Plans, p.ID)
	}
	return done, nil
})
