// Package diligence says what a customer file holds at each due-diligence level (尽职调查等级), how complete a file is by
// that, and when it is reviewed. It is pure: standard and facts in, score and reasons out. The standard is data with a
// version, so that what was asked of a file on a day can be told later.
package diligence

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
)

// Level is how deep a customer is looked into.
type Level string

// The levels, shallow to deep. Each asks for all that the one before it asks for.
const (
	Simplified Level = "simplified"
	Standard   Level = "standard"
	Enhanced   Level = "enhanced"
)

// Levels lists the levels, shallow to deep.
var Levels = []Level{Simplified, Standard, Enhanced}

// Reaches tells whether the level asks for what another asks for.
func (l Level) Reaches(other Level) bool {
	return slices.Index(Levels, l) >= slices.Index(Levels, other)
}

// Terms are how long a file of a level stays good, in months from its review.
type Terms struct {
	Review int `yaml:"review_months" json:"review_months"` // looked at again by then
	Expiry int `yaml:"expiry_months" json:"expiry_months"` // no longer relied on after
}

// Item is a line of the checklist. It asks for one thing: fields, contacts, a licence …; confirm is one that a person ticks
// off, for so many months. Form is the page below the customer's that adds what is missing.
type Item struct {
	Key        string   `yaml:"key" json:"key"`
	From       Level    `yaml:"from" json:"from"`
	Weight     float64  `yaml:"weight" json:"weight"`
	Form       string   `yaml:"form" json:"form"`
	ZH         string   `yaml:"zh" json:"zh"`
	EN         string   `yaml:"en" json:"en"`
	Fields     []string `yaml:"fields,omitempty" json:"fields,omitempty"`
	Contacts   int      `yaml:"contacts,omitempty" json:"contacts,omitempty"`
	Role       string   `yaml:"contact_role,omitempty" json:"contact_role,omitempty"`
	Licence    string   `yaml:"licence,omitempty" json:"licence,omitempty"`
	Accounts   int      `yaml:"accounts,omitempty" json:"accounts,omitempty"`
	Owned      float64  `yaml:"owned_percent,omitempty" json:"owned_percent,omitempty"`
	Statements int      `yaml:"annual_statements,omitempty" json:"annual_statements,omitempty"`
	Topics     []string `yaml:"topics,omitempty" json:"topics,omitempty"`
	Partners   []string `yaml:"partners,omitempty" json:"partners,omitempty"`
	Documents  []string `yaml:"documents,omitempty" json:"documents,omitempty"`
	Verified   []string `yaml:"verified,omitempty" json:"verified,omitempty"` // any of them
	Confirm    bool     `yaml:"confirm,omitempty" json:"confirm,omitempty"`
	Months     int      `yaml:"months,omitempty" json:"months,omitempty"`
}

// Book is a version of the standard.
type Book struct {
	Version int             `yaml:"version" json:"version"`
	Levels  map[Level]Terms `yaml:"levels" json:"levels"`
	Items   []Item          `yaml:"items" json:"items"`
}

//go:embed library/standard-1.yaml
var library []byte

// Library gives the standard that comes with the product.
var Library = sync.OnceValue(func() Book {
	b, err := Parse(library)
	if err != nil {
		panic(err) // embedded: the first test finds it
	}
	return b
})

// LibraryDocument gives the YAML of Library.
func LibraryDocument() string { return string(library) }

// Parse reads a standard and reports every wrong place.
func Parse(raw []byte) (Book, error) {
	var b Book
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&b); err != nil {
		return Book{}, fault.Invalid("document", "fault.unreadable", fault.Args{"detail": err.Error()})
	}
	var c fault.Check
	c.That(b.Version > 0, "document.version", "fault.not_positive", nil)
	for _, l := range Levels {
		t := b.Levels[l]
		c.That(t.Review > 0 && t.Review <= 60, "document.levels."+string(l)+".review_months", "fault.range", fault.Args{"min": 1, "max": 60})
		c.That(t.Expiry >= t.Review && t.Expiry <= 120, "document.levels."+string(l)+".expiry_months", "fault.range", fault.Args{"min": t.Review, "max": 120})
	}
	seen := map[string]bool{}
	for i, item := range b.Items {
		at := fmt.Sprintf("document.items[%d].", i)
		c.Required(at+"key", item.Key)
		c.That(!seen[item.Key], at+"key", "judgement.twice", fault.Args{"key": item.Key})
		seen[item.Key] = true
		c.OneOf(at+"from", string(item.From), string(Simplified), string(Standard), string(Enhanced))
		c.That(item.Weight > 0, at+"weight", "fault.not_positive", nil)
		c.Required(at+"zh", item.ZH)
		c.Required(at+"en", item.EN)
		c.That(item.asks() == 1, at+"key", "diligence.one_thing", fault.Args{"n": item.asks()})
	}
	c.That(len(b.Items) > 0, "document.items", "fault.required", nil)
	return b, c.Err()
}

func (i Item) asks() int {
	n := 0
	for _, yes := range []bool{len(i.Fields) > 0, i.Contacts > 0, i.Role != "", i.Licence != "", i.Accounts > 0, i.Owned > 0, i.Statements > 0, len(i.Topics) > 0,
		len(i.Partners) > 0, len(i.Documents) > 0, len(i.Verified) > 0, i.Confirm} {
		if yes {
			n++
		}
	}
	return n
}

// Facts are what a file holds on a day.
type Facts struct {
	Today      clock.Date
	Fields     map[string]bool
	Contacts   int
	Roles      map[string]bool
	Licences   map[string]bool // kinds of which one is valid today
	Accounts   int
	Owned      float64      // per cent of the shares whose owners are known
	Statements []clock.Date // last days of the annual statements
	Topics     map[string]bool
	Partners   map[string]bool
	Documents  map[string]bool
	Verified   map[string]bool // kinds that stand today
	Confirmed  map[string]clock.Date
}

// Line is an item as a file stands to it. Missing names what of it is not there: names of fields, kinds, topics.
type Line struct {
	Item
	Done    bool     `json:"done"`
	Missing []string `json:"missing,omitempty"`
}

// Score is how complete a file is by a level: 0 to 1, the weights of what is there over the weights of what is asked.
type Score struct {
	Level    Level   `json:"level"`
	Version  int     `json:"standard_version"`
	Complete float64 `json:"completeness"`
	Lines    []Line  `json:"items"`
}

// Missing gives the items that are not there.
func (s Score) Missing() []Line {
	return slices.DeleteFunc(slices.Clone(s.Lines), func(l Line) bool { return l.Done })
}

// oldest is how many months an annual statement may be old to count, from its last day: eighteen leaves half a year after
// the following year's end for its audit.
const oldest = 18

// Complete scores a file by a level of the standard. Of an item with parts, the part that is there counts.
func Complete(b Book, level Level, f Facts) Score {
	s := Score{Level: level, Version: b.Version}
	asked, there := 0.0, 0.0
	for _, item := range b.Items {
		if !level.Reaches(item.From) {
			continue
		}
		missing, share := item.look(f)
		s.Lines = append(s.Lines, Line{Item: item, Done: share >= 1, Missing: missing})
		asked += item.Weight
		there += item.Weight * share
	}
	if asked > 0 {
		s.Complete = there / asked
	}
	return s
}

func (i Item) look(f Facts) (missing []string, share float64) {
	all := func(names []string, have map[string]bool) ([]string, float64) {
		gone := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return have[n] })
		return gone, 1 - float64(len(gone))/float64(len(names))
	}
	yes := func(ok bool) ([]string, float64) {
		if ok {
			return nil, 1
		}
		return nil, 0
	}
	switch {
	case len(i.Fields) > 0:
		return all(i.Fields, f.Fields)
	case i.Contacts > 0:
		return yes(f.Contacts >= i.Contacts)
	case i.Role != "":
		return yes(f.Roles[i.Role])
	case i.Licence != "":
		return yes(f.Licences[i.Licence])
	case i.Accounts > 0:
		return yes(f.Accounts >= i.Accounts)
	case i.Owned > 0:
		return nil, min(1, f.Owned/i.Owned)
	case i.Statements > 0:
		n := 0
		for back, day := range f.Statements { // newest first, each a year older than the one before it
			if f.Statements[0].AddMonths(oldest) >= f.Today && day >= f.Statements[0].AddMonths(-12*back) {
				n++
			}
		}
		return nil, min(1, float64(n)/float64(i.Statements))
	case len(i.Topics) > 0:
		return all(i.Topics, f.Topics)
	case len(i.Partners) > 0:
		return all(i.Partners, f.Partners)
	case len(i.Documents) > 0:
		return all(i.Documents, f.Documents)
	case len(i.Verified) > 0:
		return yes(slices.ContainsFunc(i.Verified, func(kind string) bool { return f.Verified[kind] }))
	}
	day, ticked := f.Confirmed[i.Key]
	return yes(ticked && (i.Months == 0 || day.AddMonths(i.Months) >= f.Today))
}

// Due gives the day by which a file that was reviewed is reviewed again, and the last day on which it is relied on.
func (b Book) Due(level Level, reviewed clock.Date) (review, expiry clock.Date) {
	t := b.Levels[level]
	return reviewed.AddMonths(t.Review), reviewed.AddMonths(t.Expiry)
}

// Label is the item's name in a language.
func (i Item) Label(en bool) string {
	if en {
		return strings.TrimSpace(i.EN)
	}
	return strings.TrimSpace(i.ZH)
}
