package customer

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Contact is a person at the customer.
type Contact struct {
	ID         string `json:"id,omitempty"`
	CustomerID string `json:"customer_id"`
	Name       string `json:"name"`
	Title      string `json:"title,omitempty"`
	Phone      string `json:"phone,omitempty"`
	Email      string `json:"email,omitempty"`
}

// Validate reports every wrong field.
func (in *Contact) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.Required("name", in.Name)
	c.Length("name", in.Name, 60)
	c.Length("phone", in.Phone, 40)
	c.That(in.Email == "" || strings.Count(in.Email, "@") == 1, "email", "customer.email", nil)
	return c.Err()
}

// AddContact adds a person to the file.
var AddContact = operation.New("customer.add_contact", func(ctx context.Context, tx *operation.Tx, in Contact) (Contact, error) {
	in.ID = operation.NewID()
	if err := insertContact(ctx, tx.Tx, in); err != nil {
		return Contact{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("customer.contact", in.ID, nil, in)
	tx.Publish(ContactsChanged, in.CustomerID, in.CustomerID)
	return in, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Contact) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Shareholder is a direct owner (股东). Share is a percentage, 0 to 100.
type Shareholder struct {
	ID      string     `json:"id,omitempty"`
	Kind    string     `json:"kind"` // person or company
	Name    string     `json:"name"`
	PartyID string     `json:"party_id,omitempty"` // the customer that this company is, when it is one
	Share   float64    `json:"share"`
	AsOf    clock.Date `json:"as_of,omitempty"`
	Source  string     `json:"source,omitempty"`
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
	sum := 0.0
	for i, s := range in.Shareholders {
		at := fmt.Sprintf("shareholders[%d].", i)
		c.Required(at+"name", s.Name)
		c.OneOf(at+"kind", s.Kind, "person", "company")
		c.That(s.Share > 0 && s.Share <= 100, at+"share", "fault.range", fault.Args{"min": 0, "max": 100})
		c.That(s.PartyID == "" || s.PartyID != in.CustomerID, at+"party_id", "customer.owns_itself", nil)
		sum += s.Share
	}
	c.That(sum <= 100.005, "shareholders", "customer.shares_exceed", fault.Args{"sum": fmt.Sprintf("%.2f", sum)})
	return c.Err()
}

// SetShareholders replaces the direct owners.
var SetShareholders = operation.New("customer.set_shareholders", func(ctx context.Context, tx *operation.Tx, in Shareholders) (Shareholders, error) {
	before, err := shareholdersOf(ctx, tx, in.CustomerID)
	if err != nil {
		return Shareholders{}, err
	}
	for i := range in.Shareholders {
		in.Shareholders[i].ID = operation.NewID()
	}
	if err := replaceShareholders(ctx, tx.Tx, in); err != nil {
		return Shareholders{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("customer.shareholders", in.CustomerID, before, in.Shareholders)
	tx.Publish(OwnersChanged, in.CustomerID, in.CustomerID)
	return in, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Shareholders) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Document is a file kept about the customer. Its content lies in the document store under its SHA-256.
type Document struct {
	ID          string     `json:"id,omitempty"`
	CustomerID  string     `json:"customer_id"`
	Kind        string     `json:"kind"` // licence, contract, statement, letter, other
	Name        string     `json:"name"`
	ContentType string     `json:"content_type"`
	Bytes       int64      `json:"bytes"`
	SHA256      string     `json:"sha256"`
	Expires     clock.Date `json:"expires,omitempty"`
	AddedBy     string     `json:"added_by,omitempty"`
	AddedAt     time.Time  `json:"added_at"`
}

// DocumentKinds are the kinds of document, in the order pages show them.
var DocumentKinds = []string{"licence", "contract", "statement", "letter", "other"}

// Validate reports every wrong field.
func (in *Document) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.Required("name", in.Name)
	c.Length("name", in.Name, 200)
	c.OneOf("kind", in.Kind, DocumentKinds...)
	raw, err := hex.DecodeString(in.SHA256)
	c.That(err == nil && len(raw) == 32, "sha256", "customer.sha256", nil)
	c.That(in.Bytes > 0, "bytes", "fault.not_positive", nil)
	c.That(in.Expires.IsZero() || in.Expires.Valid(), "expires", "fault.not_date", fault.Args{"text": string(in.Expires)})
	return c.Err()
}

// AddDocument notes a document whose content is in the store already (the door puts it there first, so that the
// transaction does not wait for a disk full of bytes).
var AddDocument = operation.New("customer.add_document", func(ctx context.Context, tx *operation.Tx, in Document) (Document, error) {
	in.ID, in.AddedBy, in.AddedAt = operation.NewID(), tx.Actor.Name, tx.Now
	if err := insertDocument(ctx, tx.Tx, in); err != nil {
		return Document{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("customer.document", in.ID, nil, in)
	return in, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Document) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// ComplianceKind is the kind of a legal fact about the customer.
type ComplianceKind string

// The kinds of legal facts.
const (
	Lawsuit     ComplianceKind = "lawsuit"     // 诉讼
	Penalty     ComplianceKind = "penalty"     // 行政处罚
	Enforcement ComplianceKind = "enforcement" // 被执行人
	Dishonest   ComplianceKind = "dishonest"   // 失信被执行人
)

// Compliance is one legal fact (法律合规): source, amount, whether it is still open.
type Compliance struct {
	ID         string         `json:"id,omitempty"`
	CustomerID string         `json:"customer_id"`
	Kind       ComplianceKind `json:"kind"`
	Title      string         `json:"title"`
	Source     string         `json:"source"`
	Happened   clock.Date     `json:"happened"`
	Amount     money.Amount   `json:"amount"`
	Open       bool           `json:"open"`
	AddedAt    time.Time      `json:"added_at"`
}

// Validate reports every wrong field.
func (in *Compliance) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.OneOf("kind", string(in.Kind), string(Lawsuit), string(Penalty), string(Enforcement), string(Dishonest))
	c.Required("title", in.Title)
	c.Length("title", in.Title, 300)
	c.Required("source", in.Source)
	c.That(in.Happened.Valid(), "happened", "fault.not_date", fault.Args{"text": string(in.Happened)})
	if in.Amount.Currency == "" {
		in.Amount.Currency = money.CNY
	}
	c.That(in.Amount.Minor >= 0, "amount", "fault.negative", nil)
	return c.Err()
}

// AddCompliance adds a legal fact to the file.
var AddCompliance = operation.New("customer.add_compliance", func(ctx context.Context, tx *operation.Tx, in Compliance) (Compliance, error) {
	in.ID, in.AddedAt = operation.NewID(), tx.Now
	if err := insertCompliance(ctx, tx.Tx, in); err != nil {
		return Compliance{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("customer.compliance", in.ID, nil, in)
	tx.Publish(ComplianceAdded, in.CustomerID, in)
	return in, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Compliance) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})
