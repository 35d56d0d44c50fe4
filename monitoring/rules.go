package monitoring

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring/rule"
)

// RuleStatus is whether a rule works.
type RuleStatus string

// The states of a rule.
const (
	RuleActive RuleStatus = "active"
	RuleOff    RuleStatus = "off"
)

// StoredRule is a version of a rule with where it stands. Those of the library have no SavedBy.
type StoredRule struct {
	Rule    rule.Rule  `json:"rule"`
	Source  string     `json:"source"` // its YAML
	Status  RuleStatus `json:"status"`
	SavedBy string     `json:"saved_by,omitempty"`
	SavedAt time.Time  `json:"saved_at"`
}

// SaveRule is the input of PutRule: a whole rule as YAML. A rule of the library is replaced by saving one of its key
// with a higher version.
type SaveRule struct {
	Source string     `json:"source"`
	Status RuleStatus `json:"status,omitempty"`
}

// Validate compiles the rule and reports every wrong place.
func (in *SaveRule) Validate() error {
	var c fault.Check
	c.Length("source", in.Source, 20_000)
	_, err := rule.Parse(in.Source)
	c.Join("source.", err)
	if in.Status == "" {
		in.Status = RuleActive
	}
	c.OneOf("status", string(in.Status), string(RuleActive), string(RuleOff))
	return c.Err()
}

// PutRule saves a new version of a rule; it works from the next event on, and windows begin with what they remember.
var PutRule = operation.New("rule.save", func(ctx context.Context, tx *operation.Tx, in SaveRule) (StoredRule, error) {
	r, err := rule.Parse(in.Source)
	if err != nil {
		return StoredRule{}, err
	}
	all, err := rulesInForce(ctx, tx)
	if err != nil {
		return StoredRule{}, err
	}
	s := StoredRule{Rule: r, Source: in.Source, Status: in.Status, SavedBy: tx.Actor.Name, SavedAt: tx.Now}
	var before any
	if i := slices.IndexFunc(all, func(o StoredRule) bool { return o.Rule.Key == r.Key }); i >= 0 {
		if r.Version <= all[i].Rule.Version {
			return StoredRule{}, fault.Invalid("source.version", "rule.version", fault.Args{"newest": all[i].Rule.Version})
		}
		before = all[i]
	}
	tx.Changed("rule", r.Key, before, s)
	return s, insertRule(ctx, tx.Tx, s)
})

// rulesInForce gives the newest version of each rule, the library's where none was saved, by key.
func rulesInForce(ctx context.Context, q database.Querier) ([]StoredRule, error) {
	saved, err := savedRules(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, text := range rule.Library() {
		r, err := rule.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("rule of the library: %w", err)
		}
		if !slices.ContainsFunc(saved, func(s StoredRule) bool { return s.Rule.Key == r.Key }) {
			saved = append(saved, StoredRule{Rule: r, Source: text, Status: RuleActive})
		}
	}
	slices.SortFunc(saved, func(a, b StoredRule) int { return strings.Compare(a.Rule.Key, b.Rule.Key) })
	return saved, nil
}

// RulesInput asks for the rules.
type RulesInput struct{}

// Rules shows the rules in force and those switched off.
var Rules = operation.NewView("rule.list", func(ctx context.Context, rd *operation.Reading, _ RulesInput) ([]StoredRule, error) {
	return rulesInForce(ctx, rd)
})
