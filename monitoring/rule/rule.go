// Package rule finds what is worth an alert: rules as data over events and time windows. Pure: no database, clock or
// network. The same events in the same order give the same findings, also when the state was stored in between.
package rule

import (
	"bytes"
	"embed"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/expression"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/monitoring/window"
)

// Severities of a rule's levels, mild to bad.
var Severities = []string{"info", "warn", "high", "critical"}

// Rule is a version of a rule.
type Rule struct {
	Key     string            `yaml:"key" json:"key"`
	Version int64             `yaml:"version" json:"version"`
	ZH      string            `yaml:"zh" json:"zh"`
	EN      string            `yaml:"en" json:"en"`
	WhyZH   string            `yaml:"why_zh" json:"why_zh"`
	WhyEN   string            `yaml:"why_en" json:"why_en"`
	On      []string          `yaml:"on" json:"on"` // types of events
	Windows map[string]Window `yaml:"windows" json:"windows,omitempty"`
	// Levels from bad to mild: the first whose condition holds gives the severity.
	Levels  []Level `yaml:"levels" json:"levels"`
	TitleZH string  `yaml:"title_zh" json:"title_zh"` // "{event.days_late}" stands for a value
	TitleEN string  `yaml:"title_en" json:"title_en"`
	// Dedup tells findings of one customer apart: "{event.number}" for one an invoice. Empty: the rule finds one thing.
	Dedup string `yaml:"dedup" json:"dedup,omitempty"`
	// CoolDownDays is for how many days the same is not found again, unless it got worse. 0: it is found each time.
	CoolDownDays int `yaml:"cool_down_days" json:"cool_down_days,omitempty"`
}

// Window is a named window over events of one type.
//
// Field is "amount" or a number of that type for sum, avg, min and max, a text for distinct; count counts the events that
// have the field, or all of them when it is empty. A window over amounts is money, and holds one currency only: a rule
// that has such windows is judged in the currency of the event, or, on events without an amount, in each one in which the
// customer has dealt.
type Window struct {
	Of        string           `yaml:"of" json:"of"`
	Field     string           `yaml:"field" json:"field,omitempty"`
	Aggregate window.Aggregate `yaml:"aggregate" json:"aggregate"`
	Days      int              `yaml:"days" json:"days,omitempty"`
	Hours     int              `yaml:"hours" json:"hours,omitempty"`
	DaysAgo   int              `yaml:"days_ago" json:"days_ago,omitempty"` // the window ends that many days before now
	// Where keeps out events for which it does not hold; it sees the event alone, and now is the event's time.
	Where string `yaml:"where" json:"where,omitempty"`
}

// Level is a severity with its condition.
type Level struct {
	Severity string `yaml:"severity" json:"severity"`
	When     string `yaml:"when" json:"when"`
}

// Finding is what a rule found.
type Finding struct {
	Rule       string
	Version    int64
	Severity   string
	CustomerID string
	// Key is the same for the same thing found again: the rule, the currency where it has windows of money, and what the
	// rule's Dedup says. It does not name the customer.
	Key     string
	TitleZH string
	TitleEN string
	Values  []Named // the figures that the rule's titles and windows rest on
}

// Named is a figure by its name; money is in whole units of its currency, for showing.
type Named struct {
	Name  string
	Value float64
}

//go:embed library/*.yaml
var library embed.FS

// Library are the texts of the rules that an installation starts with.
func Library() []string {
	entries, err := library.ReadDir("library")
	if err != nil {
		panic(err)
	}
	var all []string
	for _, e := range entries {
		raw, err := library.ReadFile("library/" + e.Name())
		if err != nil {
			panic(err)
		}
		all = append(all, string(raw))
	}
	return all
}

// Parse reads a rule and compiles it; a wrong one is a fault that names every wrong place. facts are what the caller can
// tell of a customer when the rule is evaluated; their names begin with "customer.".
func Parse(text string, facts ...expression.Variable) (Rule, error) {
	var r Rule
	d := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return Rule{}, fault.Invalid("", "rule.not_yaml", fault.Args{"detail": err.Error()})
	}
	_, err := compile(r, facts)
	return r, err
}

const day = 24 * time.Hour

func (w Window) span() window.Span {
	return window.Span{Length: time.Duration(w.Days)*day + time.Duration(w.Hours)*time.Hour, Offset: time.Duration(w.DaysAgo) * day}
}

// isMoney tells whether the window's value is an amount.
func (w Window) isMoney() bool {
	return w.Field == amountField && slices.Contains([]window.Aggregate{window.Sum, window.Avg, window.Min, window.Max}, w.Aggregate)
}

const amountField = "amount"
