package provider

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
)

// Action is what accepting a difference does.
type Action string

// The actions.
const (
	SetField    Action = "set"
	AddRecord   Action = "add"
	CloseRecord Action = "close"
)

// Difference is one thing in which the provider says something else than the file.
type Difference struct {
	ID         string     `json:"id"`
	CustomerID string     `json:"customer_id"`
	Provider   string     `json:"provider"`
	Slot       string     `json:"slot"` // what it is about: "field:capital", "lawsuit:(2026)…号"
	Action     Action     `json:"action"`
	Before     string     `json:"before,omitempty"`
	After      string     `json:"after,omitempty"`
	Record     *Record    `json:"record,omitempty"`
	TargetID   string     `json:"target_id,omitempty"` // the record of the file that ends
	AsOf       clock.Date `json:"as_of"`
	Source     string     `json:"source"`
	Evidence   string     `json:"evidence,omitempty"` // SHA-256 of the answer that was kept
	Status     string     `json:"status"`             // pending, accepted, rejected, superseded
	Reason     string     `json:"reason,omitempty"`
	DecidedBy  string     `json:"decided_by,omitempty"`
	DecidedAt  time.Time  `json:"decided_at,omitzero"`
	FoundAt    time.Time  `json:"found_at"`
}

// Field gives the field of the profile that the difference is about; empty for records.
func (d Difference) Field() string {
	name, _ := strings.CutPrefix(d.Slot, "field:")
	if d.Action != SetField {
		return ""
	}
	return name
}

// Kind gives the kind of record that the difference is about; empty for fields.
func (d Difference) Kind() string {
	if d.Action == SetField {
		return ""
	}
	kind, _, _ := strings.Cut(d.Slot, ":")
	return kind
}

// Compare tells in what the provider's facts differ from the file; source is how records name the provider.
func Compare(file customer.File, f Facts, source string) []Difference {
	if !f.Found {
		return nil
	}
	var all []Difference
	for _, fact := range f.Fields {
		if is := file.Customer.Value(fact.Field); !sameValue(fact.Field, is, fact.Value) {
			all = append(all, Difference{Slot: "field:" + fact.Field, Action: SetField, Before: is, After: fact.Value, AsOf: fact.AsOf})
		}
	}
	for _, r := range f.Records {
		if d, differs := compareRecord(file, r, f.AsOf); differs {
			all = append(all, d)
		}
	}
	for _, kind := range f.Complete {
		all = append(all, ended(file, f, kind, source)...)
	}
	return all
}

// sameValue compares as people do: width, case, blanks and punctuation make no difference in names and addresses.
func sameValue(field, a, b string) bool {
	if a == b {
		return true
	}
	switch field {
	case "name", "registered_address", "operating_address", "main_business", "legal_representative", "registration_authority", "former_names":
		return customer.NameKey(a) == customer.NameKey(b)
	}
	return false
}

// matchesCompliance tells whether a legal fact of the file is the provider's record: by its number, which people also put
// into the title, or by title and day.
func matchesCompliance(c customer.Compliance, r Record) bool {
	if string(c.Kind) != r.Kind {
		return false
	}
	if r.Number != "" && strings.Contains(narrowed(c.Number+" "+c.Title), narrowed(r.Number)) {
		return true
	}
	return r.Number == "" && customer.NameKey(c.Title) == customer.NameKey(r.Title) && c.Happened == r.Date
}

// narrowed writes case numbers in one form: （2026）京01执1号 and (2026)京01执1号 are one.
func narrowed(text string) string {
	return strings.NewReplacer("（", "(", "）", ")", " ", "", "〔", "(", "〕", ")", "[", "(", "]", ")").Replace(text)
}

func compareRecord(file customer.File, r Record, asOf clock.Date) (Difference, bool) {
	d := Difference{Slot: r.Kind + ":" + r.Key, Action: AddRecord, After: r.text(), Record: &r, AsOf: first2(asOf, r.Date)}
	switch r.Kind {
	case KindShareholder:
		for _, s := range file.Shareholders {
			if customer.NameKey(s.Name) == customer.NameKey(r.Name) {
				d.Before = shareText(s.Name, s.Share)
				return d, r.Share > 0 && absolute(s.Share-r.Share) >= 0.005
			}
		}
	case KindOfficer:
		for _, c := range file.Contacts {
			if customer.NameKey(c.Name) == customer.NameKey(r.Name) && c.Title == r.Position && c.LeftOn.IsZero() {
				return d, false
			}
		}
	case KindNews:
		return d, r.Negative // the rest is no news for credit; what was decided is remembered by its address
	default:
		for _, c := range file.Compliance {
			if !matchesCompliance(c, r) {
				continue
			}
			d.Before = c.Title
			if c.Open && !r.Open {
				d.Action, d.TargetID = CloseRecord, c.ID
				return d, true
			}
			return d, false
		}
	}
	return d, true
}

// ended finds what the file has and a whole list lacks. Legal facts are concerned only when they came from this provider:
// another source may know more.
func ended(file customer.File, f Facts, kind, source string) (all []Difference) {
	listed := func(same func(r Record) bool) bool {
		return slices.ContainsFunc(f.Records, func(r Record) bool { return r.Kind == kind && same(r) })
	}
	gone := func(key, before, target string) {
		all = append(all, Difference{Slot: kind + ":" + key, Action: CloseRecord, Before: before, TargetID: target, AsOf: f.AsOf})
	}
	switch kind {
	case KindShareholder:
		for _, s := range file.Shareholders {
			if !listed(func(r Record) bool { return customer.NameKey(r.Name) == customer.NameKey(s.Name) }) {
				gone(s.Name, shareText(s.Name, s.Share), s.ID)
			}
		}
	case KindOfficer, KindNews: // our own contacts are in no register, and news does not end
	default:
		for _, c := range file.Compliance {
			if string(c.Kind) == kind && c.Open && c.Source == source && !listed(func(r Record) bool { return matchesCompliance(c, r) }) {
				gone(c.ID, c.Title, c.ID)
			}
		}
	}
	return all
}

func absolute(f float64) float64 { return max(f, -f) }

func first2(a, b clock.Date) clock.Date {
	if a.IsZero() {
		return b
	}
	return a
}

func shareText(name string, share float64) string {
	if share == 0 {
		return name
	}
	return fmt.Sprintf("%s %.2f%%", name, share)
}

// text is the record in one line.
func (r Record) text() string {
	var words []string
	switch r.Kind {
	case KindShareholder:
		return shareText(r.Name, r.Share)
	case KindOfficer:
		words = []string{r.Name, r.Position}
	default:
		words = []string{r.Title, r.Number, r.Authority, string(r.Date)}
		if r.Amount.Positive() {
			words = append(words, r.Amount.String())
		}
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " · ")
}
