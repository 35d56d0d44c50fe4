package customer

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/xinheng/xinheng/customer/identifier"
	"github.com/xinheng/xinheng/customer/industry"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Status is where the customer stands with us.
type Status string

// The states of a customer.
const (
	Prospect Status = "prospect" // known, not sold to on credit yet
	Active   Status = "active"
	Blocked  Status = "blocked" // no business at all
	Closed   Status = "closed"
)

// Size is the size class of 中小企业划型标准规定 (工信部联企业〔2011〕300号).
type Size string

// The size classes.
const (
	Large  Size = "large"
	Medium Size = "medium"
	Small  Size = "small"
	Micro  Size = "micro"
)

// RegistrationStatus is the state of a company in the register (登记状态).
type RegistrationStatus string

// The states of a registration, as 国家企业信用信息公示系统 tells them.
const (
	InOperation  RegistrationStatus = "in_operation" // 存续（在营、开业、在册）
	Suspended    RegistrationStatus = "suspended"    // 歇业、停业
	Liquidating  RegistrationStatus = "liquidating"  // 清算
	Revoked      RegistrationStatus = "revoked"      // 吊销
	Deregistered RegistrationStatus = "deregistered" // 注销
	MovedAway    RegistrationStatus = "moved"        // 迁出
)

// RegistrationStatuses lists the states in the order pages show them.
var RegistrationStatuses = []string{string(InOperation), string(Suspended), string(Liquidating), string(Revoked), string(Deregistered), string(MovedAway)}

// Profile is the basic information of the file (基本信息).
type Profile struct {
	Name                string         `json:"name"`
	NameEN              string         `json:"name_en,omitempty"`
	ShortName           string         `json:"short_name,omitempty"`
	Aliases             []string       `json:"aliases,omitempty"`
	FormerNames         []string       `json:"former_names,omitempty"` // 曾用名
	USCC                string         `json:"uscc,omitempty"`         // unified social credit code, GB 32100
	LEI                 string         `json:"lei,omitempty"`          // legal entity identifier, ISO 17442
	ExternalRef         string         `json:"external_ref,omitempty"`
	Industry            string         `json:"industry,omitempty"` // GB/T 4754 section or division code: "C" or "34"
	Region              string         `json:"region,omitempty"`
	Country             string         `json:"country,omitempty"` // of registration, ISO 3166-1 alpha-2
	RegisteredAddress   string         `json:"registered_address,omitempty"`
	OperatingAddress    string         `json:"operating_address,omitempty"`
	MainBusiness        string         `json:"main_business,omitempty"`
	MainProducts        string         `json:"main_products,omitempty"`
	LegalRepresentative string         `json:"legal_representative,omitempty"`
	Capital             money.Amount   `json:"capital"` // registered capital (注册资本)
	PaidIn              money.Amount   `json:"paid_in"` // paid-in capital (实收资本)
	Currency            money.Currency `json:"currency,omitempty"`
	Founded             clock.Date     `json:"founded,omitempty"`
	Size                Size           `json:"size,omitempty"`
	Employees           int            `json:"employees,omitempty"`
	// RegistrationStatus is the operating status of the registration (登记状态), RegistrationAuthority who registered it.
	RegistrationStatus    RegistrationStatus `json:"registration_status,omitempty"`
	RegistrationAuthority string             `json:"registration_authority,omitempty"`
	TermsDays             int                `json:"terms_days,omitempty"` // payment term (账期) in days from invoice
	Status                Status             `json:"status,omitempty"`
	OwnerID               string             `json:"owner_id,omitempty"` // salesperson
	TeamID                string             `json:"team_id,omitempty"`
}

// Customer is a company that buys on credit, or wants to.
type Customer struct {
	ID string `json:"id"`
	Profile
	OwnerName string    `json:"owner_name,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Version   int64     `json:"version"`
}

// Validate normalises the profile and reports every wrong field.
func (p *Profile) Validate() error {
	var c fault.Check
	p.check(&c)
	return c.Err()
}

func (p *Profile) check(c *fault.Check) {
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	p.NameEN = strings.Join(strings.Fields(p.NameEN), " ")
	if c.Required("name", p.Name) {
		c.That(len([]rune(p.Name)) >= 2, "name", "customer.name_short", nil)
		c.That(strings.IndexFunc(p.Name, unicode.IsControl) < 0, "name", "customer.name_control", nil)
	}
	c.Length("name", p.Name, 200)
	c.Length("name_en", p.NameEN, 200)
	c.Length("short_name", p.ShortName, 60)
	c.Length("main_business", p.MainBusiness, 2000)
	c.Length("registered_address", p.RegisteredAddress, 300)
	c.Length("operating_address", p.OperatingAddress, 300)
	p.checkNames(c)
	p.checkRegistration(c)
	if p.USCC != "" {
		code, err := identifier.USCC(p.USCC)
		c.Join("uscc", err)
		p.USCC = code
	}
	if p.LEI != "" {
		code, err := identifier.LEI(p.LEI)
		c.Join("lei", err)
		p.LEI = code
	}
	if p.Industry != "" {
		_, ok := industry.Lookup(p.Industry)
		c.That(ok, "industry", "customer.industry_unknown", fault.Args{"code": p.Industry})
	}
	if p.Currency == "" {
		p.Currency = money.CNY
	}
	c.That(p.Currency.Valid(), "currency", "money.currency_unknown", fault.Args{"code": string(p.Currency)})
	if p.Capital.Currency == "" {
		p.Capital.Currency = p.Currency
	}
	c.That(p.Capital.Currency == p.Currency, "capital", "money.mixed", fault.Args{"a": string(p.Capital.Currency), "b": string(p.Currency)})
	c.That(p.Capital.Minor >= 0, "capital", "fault.negative", nil)
	if p.PaidIn.Currency == "" {
		p.PaidIn.Currency = p.Currency
	}
	c.That(p.PaidIn.Currency == p.Currency, "paid_in", "money.mixed", fault.Args{"a": string(p.PaidIn.Currency), "b": string(p.Currency)})
	c.That(p.PaidIn.Minor >= 0, "paid_in", "fault.negative", nil)
	c.That(p.Founded.IsZero() || p.Founded.Valid(), "founded", "fault.not_date", fault.Args{"text": string(p.Founded)})
	if p.Size != "" {
		c.OneOf("size", string(p.Size), string(Large), string(Medium), string(Small), string(Micro))
	}
	c.That(p.TermsDays >= 0 && p.TermsDays <= 365, "terms_days", "fault.range", fault.Args{"min": 0, "max": 365})
	if p.Status == "" {
		p.Status = Prospect
	}
	c.OneOf("status", string(p.Status), string(Prospect), string(Active), string(Blocked), string(Closed))
}

func (p *Profile) checkNames(c *fault.Check) {
	p.Aliases, p.FormerNames = tidy(p.Aliases), tidy(p.FormerNames)
	for _, l := range []struct {
		path  string
		names []string
	}{{"aliases", p.Aliases}, {"former_names", p.FormerNames}} {
		c.That(len(l.names) <= 50, l.path, "fault.range", fault.Args{"min": 0, "max": 50})
		for _, n := range l.names {
			c.Length(l.path, n, 200)
		}
	}
}

func (p *Profile) checkRegistration(c *fault.Check) {
	if p.Country = strings.ToUpper(strings.TrimSpace(p.Country)); p.Country == "" {
		p.Country = "CN"
	}
	c.That(len(p.Country) == 2 && p.Country[0] >= 'A' && p.Country[0] <= 'Z' && p.Country[1] >= 'A' && p.Country[1] <= 'Z', "country", "customer.country", nil)
	if p.RegistrationStatus != "" {
		c.OneOf("registration_status", string(p.RegistrationStatus), RegistrationStatuses...)
	}
	c.Length("registration_authority", p.RegistrationAuthority, 100)
	c.Length("main_products", p.MainProducts, 500)
	c.That(p.Employees >= 0, "employees", "fault.negative", nil)
}

// NameKey is the name by which duplicates are found: case, width and blanks do not count.
func NameKey(name string) string {
	var b strings.Builder
	for _, r := range identifier.Narrow(name) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// Create adds a customer. A USCC or a name that stands already is refused, and names the customer that has it.
var Create = operation.New("customer.create", create)

// New is the input of Create.
type New struct {
	ID string `json:"id,omitempty"` // chosen by an importer; made here when empty
	Profile
	Provenance // of all fields; with a source, every one is noted in the history
}

// Validate reports every wrong field.
func (in *New) Validate() error {
	var c fault.Check
	in.Profile.check(&c)
	in.Provenance.check(&c, "")
	return c.Err()
}

func create(ctx context.Context, tx *operation.Tx, in New) (Customer, error) {
	c := Customer{ID: in.ID, Profile: in.Profile, CreatedAt: tx.Now, UpdatedAt: tx.Now, Version: 1}
	if c.ID == "" {
		c.ID = operation.NewID()
	}
	// A salesperson's customer is his own, unless someone with a wider view says otherwise.
	if tx.Actor.Scope == operation.ScopeOwn || c.OwnerID == "" {
		c.OwnerID = tx.Actor.ID
	}
	if tx.Actor.Scope != operation.ScopeAll || c.TeamID == "" {
		c.TeamID = tx.Actor.Team
	}
	if err := refuseDuplicate(ctx, tx, c); err != nil {
		return Customer{}, err
	}
	if err := insertCustomer(ctx, tx.Tx, c); err != nil {
		return Customer{}, err
	}
	if in.Source != "" {
		var history []FieldValue
		for _, f := range fields {
			if text := f.get(&c.Profile); text != "" {
				history = append(history, FieldValue{Field: f.name, Value: text, Provenance: in.Provenance, By: tx.Actor.Name, At: tx.Now})
			}
		}
		if err := insertFieldValues(ctx, tx.Tx, c.ID, history); err != nil {
			return Customer{}, err
		}
	}
	tx.About(c.ID)
	tx.Changed("customer", c.ID, nil, c)
	tx.Publish(Created, c.ID, c)
	return c, nil
}

func refuseDuplicate(ctx context.Context, tx *operation.Tx, c Customer) error {
	var check fault.Check
	if c.USCC != "" {
		other, found, err := findBy(ctx, tx, "uscc", c.USCC)
		if err != nil {
			return err
		}
		check.That(!found || other.ID == c.ID, "uscc", "customer.uscc_taken", fault.Args{"name": other.Name, "id": other.ID})
	}
	other, found, err := findBy(ctx, tx, "name_key", NameKey(c.Name))
	if err != nil {
		return err
	}
	check.That(!found || other.ID == c.ID, "name", "customer.name_taken", fault.Args{"name": other.Name, "id": other.ID})
	if c.ExternalRef != "" {
		other, found, err := findBy(ctx, tx, "external_ref", c.ExternalRef)
		if err != nil {
			return err
		}
		check.That(!found || other.ID == c.ID, "external_ref", "customer.external_ref_taken", fault.Args{"name": other.Name, "id": other.ID})
	}
	return check.Err()
}

// Edit is the input of Update: the whole profile as it should be, and the version it was read at. The source is that of
// the fields that change, and of those named in Confirm, which it confirms.
type Edit struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Profile
	Provenance
	Confirm []string `json:"confirm,omitempty"`
}

// Validate reports every wrong field.
func (in *Edit) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	in.Profile.check(&c)
	in.Provenance.check(&c, "")
	for i, name := range in.Confirm {
		_, ok := fieldOf(name)
		c.That(ok, "confirm["+strconv.Itoa(i)+"]", "customer.field_unknown", fault.Args{"field": name})
	}
	c.That(len(in.Confirm) == 0 || in.Source != "", "source", "fault.required", nil)
	return c.Err()
}

// Update changes the profile.
var Update = operation.New("customer.update", func(ctx context.Context, tx *operation.Tx, in Edit) (Customer, error) {
	before, err := ByID(ctx, tx, in.ID)
	if err != nil {
		return Customer{}, err
	}
	after := before
	after.Profile = in.Profile
	from := map[string]Provenance{}
	for _, f := range fields {
		if in.Source != "" && (slices.Contains(in.Confirm, f.name) || f.get(&after.Profile) != f.get(&before.Profile)) {
			from[f.name] = in.Provenance
		}
	}
	return keep(ctx, tx, before, after, in.Version, from)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Edit) error { return Visible(ctx, tx, tx.Actor, in.ID) })

// Visible is nil when the customer is there and within the actor's row scope. A customer outside of it is told as not
// found, so that nobody learns who the others' customers are.
func Visible(ctx context.Context, q database.Querier, a operation.Actor, id string) error {
	owner, team, err := ownerOf(ctx, q, id)
	if err != nil {
		return err
	}
	if !within(a, owner, team) {
		return fault.NotFound("customer", id)
	}
	return nil
}

func within(a operation.Actor, owner, team string) bool {
	switch {
	case a.System || a.Scope == operation.ScopeAll:
		return true
	case a.Scope == operation.ScopeTeam:
		return owner == a.ID || team != "" && team == a.Team
	}
	return owner == a.ID
}

// ScopeSQL gives the condition (" AND …", or nothing) that keeps a query over the customer table, known there as
// alias, within the actor's row scope.
func ScopeSQL(a operation.Actor, alias string, args []any) (string, []any) {
	switch {
	case a.System || a.Scope == operation.ScopeAll:
		return "", args
	case a.Scope == operation.ScopeTeam && a.Team != "":
		return " AND (" + alias + ".owner_id = " + mark(len(args)+1) + " OR " + alias + ".team_id = " + mark(len(args)+2) + ")", append(args, a.ID, a.Team)
	}
	return " AND " + alias + ".owner_id = " + mark(len(args)+1), append(args, a.ID)
}
