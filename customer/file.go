package customer

import (
	"context"
	"strings"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Contact is a person at the customer.
type Contact struct {
	ID         string     `json:"id,omitempty"`
	CustomerID string     `json:"customer_id"`
	Name       string     `json:"name"`
	Title      string     `json:"title,omitempty"`
	Role       string     `json:"role,omitempty"` // one of ContactRoles
	Phone      string     `json:"phone,omitempty"`
	Email      string     `json:"email,omitempty"`
	LeftOn     clock.Date `json:"left_on,omitempty"` // empty = still there
}

// Validate reports every wrong field.
func (in *Contact) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.Required("name", in.Name)
	c.Length("name", in.Name, 60)
	c.Length("phone", in.Phone, 40)
	if in.Role != "" {
		c.OneOf("role", in.Role, ContactRoles...)
	}
	checkDay(&c, "left_on", in.LeftOn)
	c.That(in.Email == "" || strings.Count(in.Email, "@") == 1, "email", "customer.email", nil)
	return c.Err()
}

// AddContact adds a person to the file.
var AddContact = operation.New("customer.add_contact", func(ctx context.Context, tx *operation.Tx, in Contact) (Contact, error) {
	in.ID = operation.NewID()
	if err := insertContact(ctx, tx.Tx, in); err != nil {
		return Contact{}, err
	}
	tx.Publish(ContactsChanged, in.CustomerID, in.CustomerID)
	return in, changed(ctx, tx, item{in.CustomerID, "contact", in.ID, Provenance{}}, (*Contact)(nil), in)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Contact) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Shareholder is a direct owner (股东). Share is a percentage, 0 to 100.
type Shareholder struct {
	ID      string     `json:"id,omitempty"`
	Kind    string     `json:"kind"` // person, company or state
	Name    string     `json:"name"`
	PartyID string     `json:"party_id,omitempty"` // the customer that this company is, when it is one
	Share   float64    `json:"share"`
	AsOf    clock.Date `json:"as_of,omitempty"`
	Source  string     `json:"source,omitempty"`
	// IDNumber tells namesakes apart: a person's identity number, a company's USCC. It is kept with the party, and covered when shown.
	IDNumber string `json:"id_number,omitempty"`
	HolderID string `json:"holder_id,omitempty"` // the node of the ownership graph, found or made
}

// Shareholders is the input of SetShareholders: all direct owners at once, so that their sum can be checked.
type Shareholders struct {
	CustomerID   string        `json:"customer_id"`
	Shareholders []Shareholder `json:"shareholders"`
}

// Validate reports every wrong field. Shares may leave a rest (unknown small holders) but not exceed 100 %.
func (in *Shareholders) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	checkHolders(&c, in.CustomerID, in.Shareholders)
	return c.Err()
}

// SetShareholders replaces the direct owners.
var SetShareholders = operation.New("customer.set_shareholders", func(ctx context.Context, tx *operation.Tx, in Shareholders) (Shareholders, error) {
	before, err := shareholdersOf(ctx, tx, in.CustomerID)
	if err != nil {
		return Shareholders{}, err
	}
	if in.Shareholders, err = findHolders(ctx, tx, in.CustomerID, before, in.Shareholders); err != nil {
		return Shareholders{}, err
	}
	if err := replaceShareholders(ctx, tx.Tx, in); err != nil {
		return Shareholders{}, err
	}
	if err := refuseClosedCircle(ctx, tx, in.CustomerID, in.Shareholders); err != nil {
		return Shareholders{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("customer.shareholders", in.CustomerID, before, in.Shareholders)
	tx.Publish(OwnersChanged, in.CustomerID, in.CustomerID)
	tx.Publish(FileChanged, in.CustomerID, FileChange{CustomerID: in.CustomerID, What: "shareholders", At: tx.Now})
	return in, ownershipChanged(ctx, tx, in.CustomerID)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Shareholders) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})
