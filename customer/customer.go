package customer

import (
	"context"
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

// Profile is the basic information of the file (基本信息).
type Profile struct {
	Name                string         `json:"name"`
	NameEN              string         `json:"name_en,omitempty"`
	ShortName           string         `json:"short_name,omitempty"`
	USCC                string         `json:"uscc,omitempty"` // unified social credit code, GB 32100
	LEI                 string         `json:"lei,omitempty"`  // legal entity identifier, ISO 17442
	ExternalRef         string         `json:"external_ref,omitempty"`
	Industry            string         `json:"industry,omitempty"` // GB/T 4754 section or division code: "C" or "34"
	Region              string         `json:"region,omitempty"`
	RegisteredAddress   string         `json:"registered_address,omitempty"`
	OperatingAddress    string         `json:"operating_address,omitempty"`
	MainBusiness        string         `json:"main_business,omitempty"`
	LegalRepresentative string         `json:"legal_representative,omitempty"`
	Capital             money.Amount   `json:"capital"` // registered capital
	Currency            money.Currency `json:"currency,omitempty"`
	Founded             clock.Date     `json:"founded,omitempty"`
	Size                Size           `json:"size,omitempty"`
	TermsDays           int            `json:"terms_days,omitempty"` // payment term (账期) in days from invoice
	Status              Status         `json:"status,omitempty"`
	OwnerID             string         `json:"owner_id,omitempty"` // salesperson
	TeamID              string         `json:"team_id,omitempty"`
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
}

// Validate reports every wrong field.
func (in *New) Validate() error { return in.Profile.Validate() }

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

// Edit is the input of Update: the whole profile as it should be, and the version it was read at.
type Edit struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Profile
}

// Validate reports every wrong field.
func (in *Edit) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	in.check(&c)
	return c.Err()
}

// Update changes the profile.
var Update = operation.New("customer.update", func(ctx context.Context, tx *operation.Tx, in Edit) (Customer, error) {
	before, err := ByID(ctx, tx, in.ID)
	if err != nil {
		return Customer{}, err
	}
	after := before
	after.Profile, after.UpdatedAt = in.Profile, tx.Now
	if tx.Actor.Scope != operation.ScopeAll || after.OwnerID == "" { // only who sees all moves customers between people
		after.OwnerID, after.TeamID = before.OwnerID, before.TeamID
	}
	if err := refuseDuplicate(ctx, tx, after); err != nil {
		return Customer{}, err
	}
	if err := updateCustomer(ctx, tx.Tx, after, in.Version); err != nil {
		return Customer{}, err
	}
	after.Version = in.Version + 1
	tx.About(after.ID)
	tx.Changed("customer", after.ID, before, after)
	tx.Publish(Updated, after.ID, after)
	return after, nil
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
	case a.SeesAll():
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
	case a.SeesAll():
		return "", args
	case a.Scope == operation.ScopeTeam && a.Team != "":
		return " AND (" + alias + ".owner_id = " + mark(len(args)+1) + " OR " + alias + ".team_id = " + mark(len(args)+2) + ")", append(args, a.ID, a.Team)
	}
	return " AND " + alias + ".owner_id = " + mark(len(args)+1), append(args, a.ID)
}
