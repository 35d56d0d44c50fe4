package customer

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Provenance says where a value came from (来源): a key of Sources or a text of one's own, the day as of which it was
// true there, and the evidence (the id of a document of the file, or a reference such as a web address).
type Provenance struct {
	Source   string     `json:"source,omitempty"`
	AsOf     clock.Date `json:"as_of,omitempty"`
	Evidence string     `json:"evidence,omitempty"`
}

// Sources are the usual sources, in the order pages offer them. Others are kept as they are named.
var Sources = []string{"business_licence", "gsxt", "customer_statement", "site_visit", "provider", "court", "bank", "import"}

func (p *Provenance) check(c *fault.Check, at string) {
	p.Source, p.Evidence = strings.TrimSpace(p.Source), strings.TrimSpace(p.Evidence)
	c.Length(at+"source", p.Source, 100)
	c.Length(at+"evidence", p.Evidence, 500)
	c.That(p.AsOf.IsZero() || p.AsOf.Valid(), at+"as_of", "fault.not_date", fault.Args{"text": string(p.AsOf)})
}

// FieldChange is a new value of a field of the profile, by the field's name in JSON. The value is text: money as "USD
// 1000.00" or a figure in the customer's currency, lists by lines or semicolons, dates as 2026-06-30. The value that
// stands already is a confirmation: it is noted with its source and date.
type FieldChange struct {
	Field string `json:"field"`
	Value string `json:"value"`
	Provenance
}

// FieldValue is one entry of a field's history.
type FieldValue struct {
	Item  string    `json:"item,omitempty"` // empty = the profile
	Field string    `json:"field"`
	Value string    `json:"value"`
	By    string    `json:"set_by"` // empty = with the customer itself
	At    time.Time `json:"set_at"`
	Provenance
}

// The sections of the profile, as pages show and edit them.
const (
	SectionIdentity     = "identity"
	SectionRegistration = "registration"
	SectionBusiness     = "business"
	SectionTerms        = "terms"
)

// Sections lists the sections in order.
var Sections = []string{SectionIdentity, SectionRegistration, SectionBusiness, SectionTerms}

type field struct {
	name, section string
	get           func(p *Profile) string
	set           func(p *Profile, text string) error
}

func textField[T ~string](name, section string, at func(p *Profile) *T) field {
	return field{name, section, func(p *Profile) string { return string(*at(p)) }, func(p *Profile, text string) error {
		*at(p) = T(text)
		return nil
	}}
}

func listField(name string, at func(p *Profile) *[]string) field {
	return field{name, SectionIdentity, func(p *Profile) string { return strings.Join(*at(p), "\n") }, func(p *Profile, text string) error {
		*at(p) = tidy(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ';' || r == '；' }))
		return nil
	}}
}

func moneyField(name string, at func(p *Profile) *money.Amount) field {
	return field{name, SectionRegistration, func(p *Profile) string {
		if at(p).IsZero() {
			return ""
		}
		return at(p).String()
	}, func(p *Profile, text string) error {
		currency := p.Currency
		if head, rest, two := strings.Cut(text, " "); two && money.Currency(head).Valid() {
			currency, text = money.Currency(head), rest
		}
		if text == "" {
			*at(p) = money.Of(0, p.Currency)
			return nil
		}
		a, err := money.Parse(text, currency)
		*at(p) = a
		return err
	}}
}

func numberField(name, section string, at func(p *Profile) *int) field {
	return field{name, section, func(p *Profile) string {
		if *at(p) == 0 {
			return ""
		}
		return strconv.Itoa(*at(p))
	}, func(p *Profile, text string) error {
		if text == "" {
			*at(p) = 0
			return nil
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return fault.Invalid("value", "fault.not_number", fault.Args{"text": text})
		}
		*at(p) = n
		return nil
	}}
}

var fields = []field{
	textField("name", SectionIdentity, func(p *Profile) *string { return &p.Name }),
	textField("name_en", SectionIdentity, func(p *Profile) *string { return &p.NameEN }),
	textField("short_name", SectionIdentity, func(p *Profile) *string { return &p.ShortName }),
	listField("aliases", func(p *Profile) *[]string { return &p.Aliases }),
	listField("former_names", func(p *Profile) *[]string { return &p.FormerNames }),
	textField("uscc", SectionIdentity, func(p *Profile) *string { return &p.USCC }),
	textField("lei", SectionIdentity, func(p *Profile) *string { return &p.LEI }),
	textField("external_ref", SectionIdentity, func(p *Profile) *string { return &p.ExternalRef }),
	textField("registration_status", SectionRegistration, func(p *Profile) *RegistrationStatus { return &p.RegistrationStatus }),
	textField("registration_authority", SectionRegistration, func(p *Profile) *string { return &p.RegistrationAuthority }),
	textField("legal_representative", SectionRegistration, func(p *Profile) *string { return &p.LegalRepresentative }),
	moneyField("capital", func(p *Profile) *money.Amount { return &p.Capital }),
	moneyField("paid_in", func(p *Profile) *money.Amount { return &p.PaidIn }),
	textField("founded", SectionRegistration, func(p *Profile) *clock.Date { return &p.Founded }),
	textField("country", SectionRegistration, func(p *Profile) *string { return &p.Country }),
	textField("registered_address", SectionRegistration, func(p *Profile) *string { return &p.RegisteredAddress }),
	textField("industry", SectionBusiness, func(p *Profile) *string { return &p.Industry }),
	textField("size", SectionBusiness, func(p *Profile) *Size { return &p.Size }),
	numberField("employees", SectionBusiness, func(p *Profile) *int { return &p.Employees }),
	textField("region", SectionBusiness, func(p *Profile) *string { return &p.Region }),
	textField("operating_address", SectionBusiness, func(p *Profile) *string { return &p.OperatingAddress }),
	textField("main_products", SectionBusiness, func(p *Profile) *string { return &p.MainProducts }),
	textField("main_business", SectionBusiness, func(p *Profile) *string { return &p.MainBusiness }),
	numberField("terms_days", SectionTerms, func(p *Profile) *int { return &p.TermsDays }),
	textField("currency", SectionTerms, func(p *Profile) *money.Currency { return &p.Currency }),
	textField("status", SectionTerms, func(p *Profile) *Status { return &p.Status }),
	textField("owner_id", SectionTerms, func(p *Profile) *string { return &p.OwnerID }),
	textField("team_id", SectionTerms, func(p *Profile) *string { return &p.TeamID }),
}

// FieldNames gives the names of the profile's fields in a section (empty = all), in the order of the file.
func FieldNames(section string) []string {
	var names []string
	for _, f := range fields {
		if section == "" || f.section == section {
			names = append(names, f.name)
		}
	}
	return names
}

// Value gives a field of the profile by its name, as text; empty for an unknown field.
func (p Profile) Value(name string) string {
	if f, ok := fieldOf(name); ok {
		return f.get(&p)
	}
	return ""
}

func fieldOf(name string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

func tidy(all []string) []string {
	var out []string
	for _, s := range all {
		if s = strings.Join(strings.Fields(s), " "); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// SetFields sets fields of a customer's profile and notes where each value came from, within the caller's transaction:
// for whoever takes facts over from outside (providers, imports). All wrong changes are told at once, as
// "changes[2].value". The caller has checked the row scope.
func SetFields(ctx context.Context, tx *operation.Tx, customerID string, changes []FieldChange) (Customer, error) {
	before, err := ByID(ctx, tx, customerID)
	if err != nil {
		return Customer{}, err
	}
	after := before
	after.Aliases, after.FormerNames = slices.Clone(before.Aliases), slices.Clone(before.FormerNames)
	var check fault.Check
	from := map[string]Provenance{}
	place := map[string]string{}
	for i := range changes {
		at := "changes[" + strconv.Itoa(i) + "]."
		changes[i].check(&check, at)
		f, ok := fieldOf(changes[i].Field)
		if !check.That(ok, at+"field", "customer.field_unknown", fault.Args{"field": changes[i].Field}) {
			continue
		}
		if err := f.set(&after.Profile, strings.TrimSpace(changes[i].Value)); err != nil {
			check.Join(at+"value", bare(err))
			continue
		}
		from[f.name], place[f.name] = changes[i].Provenance, at+"value"
	}
	if err := check.Err(); err != nil {
		return Customer{}, err
	}
	if err := after.Validate(); err != nil {
		return Customer{}, placed(err, place)
	}
	after, err = keep(ctx, tx, before, after, before.Version, from)
	return after, placed(err, place)
}

// bare gives the first complaint without the path it has by itself.
func bare(err error) error {
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		return fault.New(e.Kind, e.Fields[0].Key, e.Fields[0].Args)
	}
	return err
}

// placed gives the complaints the places that the fields have in the input.
func placed(err error, place map[string]string) error {
	e := fault.As(err)
	if e == nil {
		return err
	}
	moved := *e
	moved.Fields = slices.Clone(e.Fields)
	for i := range moved.Fields {
		if to, ok := place[moved.Fields[i].Path]; ok {
			moved.Fields[i].Path = to
		}
	}
	return &moved
}

// keep writes a changed profile with its history: fields named in from are noted with their source also when they stay
// as they are. A customer without any change is not touched.
func keep(ctx context.Context, tx *operation.Tx, before, after Customer, version int64, from map[string]Provenance) (Customer, error) {
	if tx.Actor.Scope != operation.ScopeAll || after.OwnerID == "" { // only who sees all moves customers between people
		after.OwnerID, after.TeamID = before.OwnerID, before.TeamID
	}
	var changed []string
	var history []FieldValue
	for _, f := range fields {
		is, was := f.get(&after.Profile), f.get(&before.Profile)
		source, told := from[f.name]
		if is != was {
			changed = append(changed, f.name)
		} else if !told {
			continue
		}
		history = append(history, FieldValue{Field: f.name, Value: is, Provenance: source, By: tx.Actor.Name, At: tx.Now})
	}
	if len(changed) > 0 {
		if err := refuseDuplicate(ctx, tx, after); err != nil {
			return Customer{}, err
		}
		known, err := fieldsWithHistory(ctx, tx, after.ID)
		if err != nil {
			return Customer{}, err
		}
		for _, name := range changed { // the first change keeps what stood before it
			if was := before.Value(name); was != "" && !known[name] {
				history = append(history, FieldValue{Field: name, Value: was, At: before.CreatedAt})
			}
		}
	}
	if len(changed) > 0 || version != before.Version {
		after.UpdatedAt = tx.Now
		if err := updateCustomer(ctx, tx.Tx, after, version); err != nil {
			return Customer{}, err
		}
		after.Version = version + 1
	}
	if err := insertFieldValues(ctx, tx.Tx, after.ID, history); err != nil {
		return Customer{}, err
	}
	tx.About(after.ID)
	if len(changed) > 0 {
		tx.Changed("customer", after.ID, before, after)
		tx.Publish(Updated, after.ID, after)
	} else if len(history) > 0 {
		tx.Changed("customer.confirmed", after.ID, nil, history)
		tx.Publish(FileChanged, after.ID, FileChange{CustomerID: after.ID, What: "confirmed", At: tx.Now})
	}
	return after, nil
}

// noteItem writes the history of an item of the file (a licence, a record, an account): the fields whose text changed,
// all of them with the item's source.
func noteItem(ctx context.Context, tx *operation.Tx, customerID, item string, from Provenance, before, after map[string]string) error {
	var history []FieldValue
	names := make([]string, 0, len(after))
	for name := range after {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if after[name] != before[name] {
			history = append(history, FieldValue{Item: item, Field: name, Value: after[name], Provenance: from, By: tx.Actor.Name, At: tx.Now})
		}
	}
	return insertFieldValues(ctx, tx.Tx, customerID, history)
}

// SetFieldsInput is the input of Set.
type SetFieldsInput struct {
	CustomerID string        `json:"customer_id"`
	Changes    []FieldChange `json:"changes"`
}

// Validate reports every wrong field that needs no look at the customer.
func (in *SetFieldsInput) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.That(len(in.Changes) > 0, "changes", "fault.required", nil)
	return c.Err()
}

// Set changes single fields of a profile, each with its source.
var Set = operation.New("customer.set_fields", func(ctx context.Context, tx *operation.Tx, in SetFieldsInput) (Customer, error) {
	return SetFields(ctx, tx, in.CustomerID, in.Changes)
}).Guard(func(ctx context.Context, tx *operation.Tx, in SetFieldsInput) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// HistoryInput names a customer, and an item of the file unless the profile is meant.
type HistoryInput struct {
	CustomerID string `json:"customer_id"`
	Item       string `json:"item,omitempty"`
}

// History shows every value that the fields had, newest first.
var History = operation.NewView("customer.history", func(ctx context.Context, rd *operation.Reading, in HistoryInput) ([]FieldValue, error) {
	if err := Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
		return nil, err
	}
	return HistoryOf(ctx, rd, in.CustomerID, in.Item)
})

// HistoryOf gives the history of the profile (empty item) or of an item, newest first, whatever the reader's scope.
func HistoryOf(ctx context.Context, q database.Querier, customerID, item string) ([]FieldValue, error) {
	return fieldValues(ctx, q, customerID, item)
}
