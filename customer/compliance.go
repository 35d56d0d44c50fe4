package customer

import (
	"context"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// ComplianceKind is the kind of a legal fact about the customer.
type ComplianceKind string

// The kinds of legal facts.
const (
	Lawsuit     ComplianceKind = "lawsuit"     // 诉讼
	Penalty     ComplianceKind = "penalty"     // 行政处罚
	Enforcement ComplianceKind = "enforcement" // 被执行人
	Dishonest   ComplianceKind = "dishonest"   // 失信被执行人
	Abnormal    ComplianceKind = "abnormal"    // 经营异常名录、严重违法失信名单
	Violation   ComplianceKind = "violation"   // 税务、环保、安全、社保等合规记录
)

// ComplianceKinds lists the kinds in the order pages show them.
var ComplianceKinds = []string{string(Lawsuit), string(Penalty), string(Enforcement), string(Dishonest), string(Abnormal), string(Violation)}

// Compliance is one legal fact (法律合规): source, amount, whether it is still open.
type Compliance struct {
	ID         string         `json:"id,omitempty"`
	CustomerID string         `json:"customer_id"`
	Kind       ComplianceKind `json:"kind"`
	Title      string         `json:"title"`
	Number     string         `json:"number,omitempty"`    // of the case or decision (案号、文书号)
	Authority  string         `json:"authority,omitempty"` // court or agency
	Side       string         `json:"side,omitempty"`      // in a lawsuit: defendant, plaintiff or third_party
	Source     string         `json:"source"`
	Evidence   string         `json:"evidence,omitempty"`
	Happened   clock.Date     `json:"happened"`
	Amount     money.Amount   `json:"amount"`
	Open       bool           `json:"open"`
	ClosedOn   clock.Date     `json:"closed_on,omitempty"`
	Outcome    string         `json:"outcome,omitempty"`
	AddedAt    time.Time      `json:"added_at"`
	Version    int64          `json:"version,omitempty"`
}

// Validate reports every wrong field.
func (in *Compliance) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.OneOf("kind", string(in.Kind), ComplianceKinds...)
	c.Required("title", in.Title)
	c.Length("title", in.Title, 300)
	c.Length("number", in.Number, 100)
	c.Length("authority", in.Authority, 100)
	if in.Side != "" {
		c.OneOf("side", in.Side, "defendant", "plaintiff", "third_party")
	}
	c.Required("source", in.Source)
	c.Length("evidence", in.Evidence, 500)
	c.That(in.Happened.Valid(), "happened", "fault.not_date", fault.Args{"text": string(in.Happened)})
	checkDay(&c, "closed_on", in.ClosedOn)
	c.That(in.ClosedOn.IsZero() || in.ClosedOn >= in.Happened, "closed_on", "customer.ends_before_start", nil)
	c.That(!in.Open || in.ClosedOn.IsZero(), "closed_on", "customer.open_and_closed", nil)
	c.Length("outcome", in.Outcome, 500)
	if in.Amount.Currency == "" {
		in.Amount.Currency = money.CNY
	}
	c.That(in.Amount.Minor >= 0, "amount", "fault.negative", nil)
	return c.Err()
}

func (in Compliance) texts() map[string]string {
	state := "closed"
	if in.Open {
		state = "open"
	}
	return map[string]string{"kind": string(in.Kind), "title": in.Title, "number": in.Number, "authority": in.Authority, "side": in.Side, "happened": string(in.Happened),
		"amount": in.Amount.String(), "status": state, "closed_on": string(in.ClosedOn), "outcome": in.Outcome}
}

// AddCompliance adds a legal fact to the file.
var AddCompliance = operation.New("customer.add_compliance", func(ctx context.Context, tx *operation.Tx, in Compliance) (Compliance, error) {
	in.ID, in.AddedAt, in.Version = operation.NewID(), tx.Now, 1
	if err := insertCompliance(ctx, tx.Tx, in); err != nil {
		return Compliance{}, err
	}
	tx.Publish(ComplianceAdded, in.CustomerID, in)
	return in, changed(ctx, tx, in.item(), (*Compliance)(nil), in)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Compliance) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

func (in Compliance) item() item {
	return item{in.CustomerID, "compliance", in.ID, Provenance{Source: in.Source, Evidence: in.Evidence}}
}

// Correction is the input of CorrectCompliance: the fact as it should be, at the version it was read.
type Correction struct{ Compliance }

// Validate reports every wrong field.
func (in *Correction) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.Join("", in.Compliance.Validate())
	return c.Err()
}

// CorrectCompliance corrects a legal fact, or opens it again.
var CorrectCompliance = operation.New("customer.correct_compliance", func(ctx context.Context, tx *operation.Tx, in Correction) (Compliance, error) {
	return changeCompliance(ctx, tx, in.Compliance)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Correction) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Closing is the input of CloseCompliance.
type Closing struct {
	ID       string     `json:"id"`
	Version  int64      `json:"version"`
	ClosedOn clock.Date `json:"closed_on"`
	Outcome  string     `json:"outcome"`
	Source   string     `json:"source"`
	Evidence string     `json:"evidence,omitempty"`
}

// Validate reports every wrong field.
func (in *Closing) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.That(in.ClosedOn.Valid(), "closed_on", "fault.not_date", fault.Args{"text": string(in.ClosedOn)})
	in.Outcome = strings.TrimSpace(in.Outcome)
	c.Required("outcome", in.Outcome)
	c.Length("outcome", in.Outcome, 500)
	c.Required("source", in.Source)
	return c.Err()
}

// CloseCompliance notes that a legal fact has ended, and how.
var CloseCompliance = operation.New("customer.close_compliance", func(ctx context.Context, tx *operation.Tx, in Closing) (Compliance, error) {
	c, err := complianceByID(ctx, tx, in.ID)
	if err != nil {
		return Compliance{}, err
	}
	if !c.Open {
		return Compliance{}, fault.Conflict("customer.closed_already", nil)
	}
	if in.ClosedOn < c.Happened {
		return Compliance{}, fault.Invalid("closed_on", "customer.ends_before_start", nil)
	}
	c.Open, c.ClosedOn, c.Outcome, c.Source, c.Version = false, in.ClosedOn, in.Outcome, in.Source, in.Version
	if in.Evidence != "" {
		c.Evidence = in.Evidence
	}
	return changeCompliance(ctx, tx, c)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Closing) error {
	c, err := complianceByID(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	return Visible(ctx, tx, tx.Actor, c.CustomerID)
})

func changeCompliance(ctx context.Context, tx *operation.Tx, in Compliance) (Compliance, error) {
	before, err := complianceByID(ctx, tx, in.ID)
	if err != nil {
		return Compliance{}, err
	}
	if before.CustomerID != in.CustomerID {
		return Compliance{}, fault.NotFound("compliance", in.ID)
	}
	in.AddedAt = before.AddedAt
	if err := updateCompliance(ctx, tx.Tx, in); err != nil {
		return Compliance{}, err
	}
	in.Version++
	return in, changed(ctx, tx, in.item(), &before, in)
}

// OpenFacts counts the open legal facts by kind; lawsuits in which the customer is the plaintiff count as none of its own.
func OpenFacts(all []Compliance) map[ComplianceKind]int {
	open := map[ComplianceKind]int{}
	for _, c := range all {
		if c.Open && c.Side != "plaintiff" {
			open[c.Kind]++
		}
	}
	return open
}

// ContactRoles are what a contact does at the customer.
var ContactRoles = []string{"decision", "finance", "purchasing", "signatory", "warehouse", "legal", "other"}

// ContactChange is the input of ChangeContact: the contact as it should be. LeftOn says since when it is gone.
type ContactChange struct{ Contact }

// Validate reports every wrong field.
func (in *ContactChange) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.Join("", in.Contact.Validate())
	return c.Err()
}

func (in Contact) texts() map[string]string {
	return map[string]string{"name": in.Name, "title": in.Title, "role": in.Role, "phone": in.Phone, "email": in.Email, "left_on": string(in.LeftOn)}
}

// ChangeContact changes a contact, or notes that he has left.
var ChangeContact = operation.New("customer.change_contact", func(ctx context.Context, tx *operation.Tx, in ContactChange) (Contact, error) {
	all, err := contactsOf(ctx, tx, in.CustomerID)
	if err != nil {
		return Contact{}, err
	}
	for _, before := range all {
		if before.ID == in.ID {
			if err := updateContact(ctx, tx.Tx, in.Contact); err != nil {
				return Contact{}, err
			}
			return in.Contact, changed(ctx, tx, item{in.CustomerID, "contact", in.ID, Provenance{}}, &before, in.Contact)
		}
	}
	return Contact{}, fault.NotFound("contact", in.ID)
}).Guard(func(ctx context.Context, tx *operation.Tx, in ContactChange) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})
