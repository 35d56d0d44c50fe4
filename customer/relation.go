package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Relation is a link between two parties other than a share: votes, control by agreement, an office, a guarantee. Share is
// a percentage of the votes. From holds, controls, serves or guarantees To.
type Relation struct {
	ID         string             `json:"id,omitempty"`
	Kind       ownership.LinkKind `json:"kind"`
	FromID     string             `json:"from_id"`
	ToID       string             `json:"to_id"`
	Share      float64            `json:"share,omitempty"`
	Role       string             `json:"role,omitempty"`
	Amount     money.Amount       `json:"amount"`
	ValidUntil clock.Date         `json:"valid_until,omitempty"`
	AsOf       clock.Date         `json:"as_of,omitempty"`
	Source     string             `json:"source,omitempty"`
	AddedBy    string             `json:"added_by,omitempty"`
	AddedAt    time.Time          `json:"added_at"`
}

// NewRelation is the input of Relate.
type NewRelation struct {
	Kind       ownership.LinkKind `json:"kind"`
	From       PartyRef           `json:"from"`
	To         PartyRef           `json:"to"`
	Share      *float64           `json:"share,omitempty"` // votes: percent, 0 for who gave his votes away
	Role       string             `json:"role,omitempty"`
	Amount     money.Amount       `json:"amount"`
	ValidUntil clock.Date         `json:"valid_until,omitempty"`
	AsOf       clock.Date         `json:"as_of,omitempty"`
	Source     string             `json:"source,omitempty"`
}

// RelationKinds are the kinds of relation that Relate takes, in the order pages show them.
var RelationKinds = []string{string(ownership.Office), string(ownership.Control), string(ownership.Voting), string(ownership.Guarantee)}

// Roles are the offices of a company (董监高), in the order pages show them.
var Roles = []string{ownership.LegalRepresentative, ownership.Director, ownership.Supervisor, ownership.Manager}

// Validate reports every wrong field.
func (in *NewRelation) Validate() error {
	var c fault.Check
	in.From.check(&c, "from.")
	in.To.check(&c, "to.")
	c.OneOf("kind", string(in.Kind), RelationKinds...)
	c.That(in.From.ID == "" || in.From.ID != in.To.ID, "from.name", "customer.party_same", nil)
	if in.Kind != ownership.Guarantee {
		c.That(in.To.ID != "" || in.To.Kind == ownership.Company, "to.kind", "customer.only_company_owned", nil)
	}
	switch in.Kind {
	case ownership.Office:
		c.OneOf("role", in.Role, Roles...)
		c.That(in.From.ID != "" || in.From.Kind == ownership.Person, "from.kind", "customer.only_person_serves", nil)
	case ownership.Voting:
		if c.That(in.Share != nil, "share", "fault.required", nil) {
			c.That(*in.Share >= 0 && *in.Share <= 100, "share", "fault.range", fault.Args{"min": 0, "max": 100})
		}
	case ownership.Guarantee:
		c.That(in.Amount.Minor >= 0, "amount", "fault.negative", nil)
		if in.Amount.Currency == "" {
			in.Amount.Currency = money.CNY
		}
	}
	for name, day := range map[string]clock.Date{"valid_until": in.ValidUntil, "as_of": in.AsOf} {
		c.That(day.IsZero() || day.Valid(), name, "fault.not_date", fault.Args{"text": string(day)})
	}
	c.Length("source", in.Source, 200)
	return c.Err()
}

// Relate records a relation.
var Relate = operation.New("ownership.relate", func(ctx context.Context, tx *operation.Tx, in NewRelation) (Relation, error) {
	from, err := nodeOf(ctx, tx, in.From, "from.")
	if err != nil {
		return Relation{}, err
	}
	to, err := nodeOf(ctx, tx, in.To, "to.")
	if err != nil {
		return Relation{}, err
	}
	if from == to {
		return Relation{}, fault.Invalid("from.name", "customer.party_same", nil)
	}
	r := Relation{ID: operation.NewID(), Kind: in.Kind, FromID: from, ToID: to, Role: in.Role, Amount: in.Amount, ValidUntil: in.ValidUntil,
		AsOf: in.AsOf, Source: strings.TrimSpace(in.Source), AddedBy: tx.Actor.ID, AddedAt: tx.Now}
	if in.Share != nil {
		r.Share = *in.Share
	}
	if err := fits(ctx, tx, r); err != nil {
		return Relation{}, err
	}
	if err := insertRelation(ctx, tx.Tx, r); err != nil {
		return Relation{}, err
	}
	if in.Kind == ownership.Voting {
		if err := votesAddUp(ctx, tx, to); err != nil {
			return Relation{}, err
		}
	}
	tx.About(r.subject())
	tx.Changed("ownership.relation", r.ID, nil, r)
	return r, ownershipChanged(ctx, tx, to)
}).Guard(func(ctx context.Context, tx *operation.Tx, in NewRelation) error {
	return mayRelate(ctx, tx, in.From.ID, in.To.ID)
})

// subject is under whose history the relation stands.
func (r Relation) subject() string { return r.ToID }

// fits refuses what the parties cannot be to each other, and the same relation twice.
func fits(ctx context.Context, tx *operation.Tx, r Relation) error {
	from, to := kindOf(ctx, tx, r.FromID), kindOf(ctx, tx, r.ToID)
	var c fault.Check
	c.That(r.Kind == ownership.Guarantee || to == ownership.Company, "to.kind", "customer.only_company_owned", nil)
	c.That(r.Kind != ownership.Office || from == ownership.Person, "from.kind", "customer.only_person_serves", nil)
	if err := c.Err(); err != nil {
		return err
	}
	standing, err := relationsAt(ctx, tx, []string{r.FromID}, nil)
	if err != nil {
		return err
	}
	for _, s := range standing {
		if s.Kind == r.Kind && s.ToID == r.ToID && s.Role == r.Role && (s.Kind != ownership.Guarantee || s.Amount == r.Amount && s.ValidUntil == r.ValidUntil) {
			return fault.Conflict("customer.relation_stands", nil)
		}
	}
	return nil
}

// votesAddUp refuses votes of more than 100 % in a company.
func votesAddUp(ctx context.Context, tx *operation.Tx, company string) error {
	held, err := holdersOf(ctx, tx, company)
	if err != nil {
		return err
	}
	related, err := relationsAt(ctx, tx, nil, []string{company})
	if err != nil {
		return err
	}
	n := newNetwork()
	for _, s := range held {
		n.link(ownership.Link{From: s.HolderID, To: company, Kind: ownership.Share, Fraction: s.Share / 100}, "")
	}
	for _, r := range related {
		if r.Kind == ownership.Voting {
			n.link(ownership.Link{From: r.FromID, To: company, Kind: ownership.Voting, Fraction: r.Share / 100}, r.ID)
		}
	}
	for id := range n.parties {
		n.parties[id].Kind = ownership.Person
	}
	n.party(company).Kind = ownership.Company
	var wrong ownership.Problems
	if _, err := n.graph(); errors.As(err, &wrong) {
		return fault.Invalid("share", "customer.votes_exceed", fault.Args{"sum": fmt.Sprintf("%.2f", 100*wrong[0].Sum)})
	}
	return nil
}

// mayRelate wants one end to be a customer of the actor's, or an actor who sees all.
func mayRelate(ctx context.Context, tx *operation.Tx, ends ...string) error {
	if wideOnly(ctx, tx, ends) == nil {
		return nil
	}
	err := error(fault.Forbidden("customer.party_shared", nil))
	for _, id := range ends {
		if id == "" {
			continue
		}
		if seen := Visible(ctx, tx, tx.Actor, id); seen == nil {
			return nil
		} else if fault.KindOf(seen) == fault.KindInternal {
			err = seen
		}
	}
	return err
}

// UnrelateInput names a relation to remove.
type UnrelateInput struct {
	ID     string `json:"id"`
	Reason string `json:"reason,omitempty"`
}

// Unrelate removes a relation that has ended or was wrong; the trail keeps it.
var Unrelate = operation.New("ownership.unrelate", func(ctx context.Context, tx *operation.Tx, in UnrelateInput) (Relation, error) {
	r, err := relationByID(ctx, tx, in.ID)
	if err != nil {
		return Relation{}, err
	}
	if err := deleteRelation(ctx, tx.Tx, in.ID); err != nil {
		return Relation{}, err
	}
	tx.About(r.subject())
	tx.Changed("ownership.relation", r.ID, r, nil)
	return r, ownershipChanged(ctx, tx, r.ToID)
}).Guard(func(ctx context.Context, tx *operation.Tx, in UnrelateInput) error {
	r, err := relationByID(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	return mayRelate(ctx, tx, r.FromID, r.ToID)
})

// PartyShareholders is the input of SetPartyShareholders: all direct owners of a company that is no customer.
type PartyShareholders struct {
	PartyID      string        `json:"party_id"`
	Shareholders []Shareholder `json:"shareholders"`
}

// Validate reports every wrong field.
func (in *PartyShareholders) Validate() error {
	var c fault.Check
	c.Required("party_id", in.PartyID)
	checkHolders(&c, in.PartyID, in.Shareholders)
	return c.Err()
}

// SetPartyShareholders replaces the direct owners of a company that is no customer, so that look-through goes on above it.
var SetPartyShareholders = operation.New("party.set_shareholders", func(ctx context.Context, tx *operation.Tx, in PartyShareholders) (PartyShareholders, error) {
	p, err := partyByID(ctx, tx, in.PartyID)
	if err != nil {
		return PartyShareholders{}, err
	}
	if p.Kind != ownership.Company || p.MergedInto != "" {
		return PartyShareholders{}, fault.Conflict("customer.party_not_owned", fault.Args{"name": p.Name})
	}
	before, err := holdersOf(ctx, tx, p.ID)
	if err != nil {
		return PartyShareholders{}, err
	}
	if in.Shareholders, err = findHolders(ctx, tx, p.ID, before, in.Shareholders); err != nil {
		return PartyShareholders{}, err
	}
	if err := replacePartyHolders(ctx, tx, in); err != nil {
		return PartyShareholders{}, err
	}
	if err := refuseClosedCircle(ctx, tx, p.ID, in.Shareholders); err != nil {
		return PartyShareholders{}, err
	}
	tx.About(p.ID)
	tx.Changed("party.shareholders", p.ID, before, in.Shareholders)
	return in, ownershipChanged(ctx, tx, p.ID)
}).Guard(wideOnly[PartyShareholders])

// checkHolders looks at the owners of a company. Shares may leave a rest (unknown small holders) but not exceed 100 %.
func checkHolders(c *fault.Check, company string, all []Shareholder) {
	sum := 0.0
	for i := range all {
		s, at := &all[i], fmt.Sprintf("shareholders[%d].", i)
		if *s == (Shareholder{}) {
			continue // a line left empty in a form; see findHolders
		}
		c.Required(at+"name", s.Name)
		c.OneOf(at+"kind", s.Kind, partyKinds...)
		c.That(s.Share > 0 && s.Share <= 100, at+"share", "fault.range", fault.Args{"min": 0, "max": 100})
		c.That(s.PartyID == "" || s.PartyID != company, at+"party_id", "customer.owns_itself", nil)
		checkNumber(c, at+"id_number", ownership.Kind(s.Kind), &s.IDNumber)
		sum += s.Share
	}
	c.That(sum <= 100.005, "shareholders", "customer.shares_exceed", fault.Args{"sum": fmt.Sprintf("%.2f", sum)})
}

// findHolders finds the node of each owner, and leaves out lines that are empty. Who stood there before under the same name
// stays the same one.
func findHolders(ctx context.Context, tx *operation.Tx, company string, before, typed []Shareholder) ([]Shareholder, error) {
	all := slices.DeleteFunc(typed, func(s Shareholder) bool { return s == Shareholder{} })
	stood := map[string]string{}
	for _, s := range before {
		if s.Name != "" && s.HolderID != "" {
			stood[s.Kind+NameKey(s.Name)] = s.HolderID
		}
	}
	for i := range all {
		s, at := &all[i], fmt.Sprintf("shareholders[%d].", i)
		s.ID = operation.NewID()
		id, known := stood[s.Kind+NameKey(s.Name)]
		if !known || s.IDNumber != "" || s.PartyID != "" {
			var err error
			if id, err = nodeOf(ctx, tx, PartyRef{ID: s.PartyID, Kind: ownership.Kind(s.Kind), Name: strings.Join(strings.Fields(s.Name), " "), IDNumber: s.IDNumber}, at); err != nil {
				return nil, err
			}
		}
		if id == company {
			return nil, fault.Invalid(at+"name", "customer.owns_itself", nil)
		}
		s.HolderID, s.IDNumber = id, covered(s.IDNumber)
	}
	return all, nil
}

// refuseClosedCircle refuses owners by whom companies would hold all of each other, so that nobody outside owned anything.
// Only a company without a person among its owners and without a rest can be in one.
func refuseClosedCircle(ctx context.Context, tx *operation.Tx, company string, all []Shareholder) error {
	sum := 0.0
	for _, s := range all {
		if s.Kind != string(ownership.Company) {
			return nil
		}
		sum += s.Share
	}
	if sum < 99.995 {
		return nil
	}
	n := newNetwork()
	if err := n.climb(ctx, tx, []string{company}); err != nil {
		return err
	}
	g, _, err := n.sound()
	if err != nil {
		return err
	}
	if g.SelfHeld(company) < 1 {
		return nil
	}
	var names []string
	holdings, _ := g.Owners(company, 0)
	for _, h := range holdings {
		if h.Closed {
			names = append(names, h.Party.Name)
		}
	}
	return fault.Invalid("shareholders", "customer.closed_circle", fault.Args{"names": strings.Join(names, ", ")})
}

// ownershipChanged notes that groups may have changed, and tells others.
func ownershipChanged(ctx context.Context, tx *operation.Tx, node string) error {
	if err := markStale(ctx, tx.Tx, operation.NewID(), tx.Now); err != nil {
		return err
	}
	tx.Publish(OwnershipChanged, node, OwnershipChange{NodeID: node})
	return nil
}

// OwnershipChange is the payload of OwnershipChanged.
type OwnershipChange struct {
	NodeID string `json:"node_id"`
}

// kindOf gives what a node is; a customer is a company.
func kindOf(ctx context.Context, q database.Querier, id string) ownership.Kind {
	p, err := partyByID(ctx, q, id)
	if err != nil {
		return ownership.Company
	}
	return p.Kind
}
