package customer

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer/identifier"
	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Party is a person, company or state body that is no customer (关联方主体): one, however many customers it has to do with.
// It is known again by its number, or else by exact name and kind. One without a number is so known by its name alone.
type Party struct {
	ID          string         `json:"id"`
	Kind        ownership.Kind `json:"kind"`
	Name        string         `json:"name"`
	IDNumber    string         `json:"id_number,omitempty"` // identity or registration number; shown with its middle covered
	MergedInto  string         `json:"merged_into,omitempty"`
	MergeReason string         `json:"merge_reason,omitempty"`
	CreatedAt   time.Time      `json:"created_at"`
	Version     int64          `json:"version"`
}

// covered hides the middle of a number: it is compared, not read.
func covered(number string) string {
	r := []rune(number)
	if len(r) < 8 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:3]) + strings.Repeat("*", len(r)-7) + string(r[len(r)-4:])
}

func (p Party) shown() Party {
	p.IDNumber = covered(p.IDNumber)
	return p
}

// PartyRef names a party in an input: by ID (of a customer or a party), or by name, kind and number, in which case it is
// found or made.
type PartyRef struct {
	ID       string         `json:"id,omitempty"`
	Kind     ownership.Kind `json:"kind,omitempty"`
	Name     string         `json:"name,omitempty"`
	IDNumber string         `json:"id_number,omitempty"`
}

func (r *PartyRef) check(c *fault.Check, at string) {
	r.Name = strings.Join(strings.Fields(r.Name), " ")
	if r.ID != "" {
		return
	}
	c.Required(at+"name", r.Name)
	c.Length(at+"name", r.Name, 200)
	c.OneOf(at+"kind", string(r.Kind), partyKinds...)
	checkNumber(c, at+"id_number", r.Kind, &r.IDNumber)
}

var partyKinds = []string{string(ownership.Person), string(ownership.Company), string(ownership.State)}

var mainlandID = regexp.MustCompile(`^\d{17}[\dX]$`)

// checkNumber normalises a number. Resident identity numbers and unified social credit codes have check digits; passports
// and foreign registers are taken as they are.
func checkNumber(c *fault.Check, at string, kind ownership.Kind, number *string) {
	*number = strings.ToUpper(strings.ReplaceAll(identifier.Narrow(strings.TrimSpace(*number)), " ", ""))
	c.Length(at, *number, 40)
	switch {
	case kind == ownership.Person && mainlandID.MatchString(*number):
		c.That(residentCheckDigit(*number) == (*number)[17], at, "customer.resident_number", nil)
	case kind == ownership.Company && len(*number) == 18:
		code, err := identifier.USCC(*number)
		c.Join(at, err)
		*number = code
	}
}

// residentCheckDigit is the last character of a resident identity number (公民身份号码, GB 11643-1999: ISO 7064 MOD 11-2).
func residentCheckDigit(number string) byte {
	sum, weight := 0, 1
	for i := 16; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(number[i]-'0') * weight
	}
	return "10X98765432"[sum%11]
}

// nodeOf finds the node that a reference means, or makes a party for it. A company is a customer first. Among parties of
// one name and kind the number decides; one without a number takes the number on.
func nodeOf(ctx context.Context, tx *operation.Tx, r PartyRef, at string) (string, error) {
	if r.ID != "" {
		id, found, err := canonical(ctx, tx, r.ID)
		if err == nil && !found {
			err = fault.Invalid(at+"id", "customer.party_unknown", fault.Args{"id": r.ID})
		}
		return id, err
	}
	if err := lockName(ctx, tx.Tx, NameKey(r.Name)); err != nil {
		return "", err
	}
	if r.Kind == ownership.Company {
		if id, err := customerFor(ctx, tx, r); err != nil || id != "" {
			return id, err
		}
	}
	known, err := partiesLike(ctx, tx, r.Kind, NameKey(r.Name), r.IDNumber)
	if err != nil {
		return "", err
	}
	if p, ok := r.among(known); ok {
		if r.IDNumber != "" && p.IDNumber == "" && p.MergedInto == "" {
			before := p
			p.IDNumber = r.IDNumber
			if err := updateParty(ctx, tx.Tx, p); err != nil {
				return "", err
			}
			tx.Changed("party", p.ID, before.shown(), p.shown())
		}
		return rootOf(ctx, tx, p)
	}
	p := Party{ID: operation.NewID(), Kind: r.Kind, Name: r.Name, IDNumber: r.IDNumber, CreatedAt: tx.Now, Version: 1}
	if err := insertParty(ctx, tx.Tx, p); err != nil {
		return "", err
	}
	tx.Changed("party", p.ID, nil, p.shown())
	return p.ID, nil
}

// among finds the party that a reference means among those of its name or number: the one of the number; else one without
// a number, which takes it on; else, when no number was given, the only one of the name.
func (r PartyRef) among(known []Party) (Party, bool) {
	for _, p := range known {
		if r.IDNumber != "" && p.IDNumber == r.IDNumber {
			return p, true
		}
	}
	for _, p := range known {
		if p.IDNumber == "" {
			return p, true
		}
	}
	if r.IDNumber == "" && len(known) == 1 {
		return known[0], true
	}
	return Party{}, false
}

func customerFor(ctx context.Context, tx *operation.Tx, r PartyRef) (string, error) {
	if r.IDNumber != "" {
		if c, found, err := findBy(ctx, tx, "uscc", r.IDNumber); err != nil || found {
			return c.ID, err
		}
	}
	c, found, err := findBy(ctx, tx, "name_key", NameKey(r.Name))
	if err != nil || !found || r.IDNumber != "" && c.USCC != "" && c.USCC != r.IDNumber {
		return "", err
	}
	return c.ID, nil
}

// adopt makes the party that a new customer was known as point to it, so that what was known of its owners stays.
func adopt(ctx context.Context, tx *operation.Tx, c Customer) error {
	if err := lockName(ctx, tx.Tx, NameKey(c.Name)); err != nil {
		return err
	}
	known, err := partiesLike(ctx, tx, ownership.Company, NameKey(c.Name), c.USCC)
	if err != nil {
		return err
	}
	for _, p := range known {
		if p.MergedInto != "" || p.IDNumber != "" && c.USCC != "" && p.IDNumber != c.USCC {
			continue
		}
		if err := mergeParty(ctx, tx, p, c.ID, "customer.created"); err != nil {
			return err
		}
		if err := moveHolders(ctx, tx.Tx, p.ID, c.ID); err != nil {
			return err
		}
	}
	return nil
}

func mergeParty(ctx context.Context, tx *operation.Tx, p Party, into, reason string) error {
	before := p
	p.MergedInto, p.MergeReason = into, reason
	if err := setMerged(ctx, tx.Tx, p, tx.Actor.ID, tx.Now); err != nil {
		return err
	}
	tx.Changed("party", p.ID, before.shown(), p.shown())
	return ownershipChanged(ctx, tx, into)
}

// MergeInput says that two parties are one: ID becomes another name of Into, which may be a customer.
type MergeInput struct {
	ID     string `json:"id"`
	Into   string `json:"into"`
	Reason string `json:"reason"`
}

// Validate reports every wrong field.
func (in *MergeInput) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.ID != in.Into, "into", "customer.party_same", nil)
	c.Required("into", in.Into)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 500)
	return c.Err()
}

// MergeParties makes a party another name of a second one; UnmergeParty takes it back. Who owns, runs and guarantees what
// is read under the second from then on.
var MergeParties = operation.New("party.merge", func(ctx context.Context, tx *operation.Tx, in MergeInput) (Party, error) {
	p, err := partyByID(ctx, tx, in.ID)
	if err != nil {
		return Party{}, err
	}
	into, found, err := canonical(ctx, tx, in.Into)
	switch {
	case err != nil:
		return Party{}, err
	case !found:
		return Party{}, fault.Invalid("into", "customer.party_unknown", fault.Args{"id": in.Into})
	case p.MergedInto != "" || into == p.ID:
		return Party{}, fault.Conflict("customer.party_merged", fault.Args{"name": p.Name})
	}
	if other, err := partyByID(ctx, tx, into); err == nil && other.Kind != p.Kind {
		return Party{}, fault.Invalid("into", "customer.party_kinds", fault.Args{"name": other.Name})
	} else if err != nil && (fault.KindOf(err) != fault.KindNotFound || p.Kind != ownership.Company) {
		return Party{}, fault.Invalid("into", "customer.party_kinds", fault.Args{"name": in.Into})
	}
	if held, err := holdersOf(ctx, tx, p.ID); err != nil || len(held) > 0 {
		others, errOther := holdersOf(ctx, tx, into)
		if err != nil || errOther != nil || len(others) > 0 {
			return Party{}, fault.Conflict("customer.party_both_owned", fault.Args{"name": p.Name})
		}
	}
	if err := mergeParty(ctx, tx, p, into, in.Reason); err != nil {
		return Party{}, err
	}
	tx.About(into)
	p.MergedInto, p.MergeReason = into, in.Reason
	return p.shown(), nil
}).Guard(wideOnly[MergeInput])

// UnmergeInput takes a merge back.
type UnmergeInput struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Validate reports every wrong field.
func (in *UnmergeInput) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.Required("reason", in.Reason)
	return c.Err()
}

// UnmergeParty makes a merged party one of its own again, with all that it had.
var UnmergeParty = operation.New("party.unmerge", func(ctx context.Context, tx *operation.Tx, in UnmergeInput) (Party, error) {
	p, err := partyByID(ctx, tx, in.ID)
	if err != nil {
		return Party{}, err
	}
	if p.MergedInto == "" {
		return Party{}, fault.Conflict("customer.party_not_merged", fault.Args{"name": p.Name})
	}
	tx.About(p.MergedInto)
	return p.shown(), mergeParty(ctx, tx, p, "", in.Reason)
}).Guard(wideOnly[UnmergeInput])

// SeparateInput says that the holder or officer of one company is another one of the same name.
type SeparateInput struct {
	PartyID   string `json:"party_id"`
	CompanyID string `json:"company_id"`
	Reason    string `json:"reason"`
	IDNumber  string `json:"id_number,omitempty"` // of the one at this company
}

// Validate reports every wrong field.
func (in *SeparateInput) Validate() error {
	var c fault.Check
	c.Required("party_id", in.PartyID)
	c.Required("company_id", in.CompanyID)
	c.Required("reason", in.Reason)
	return c.Err()
}

// SeparateParty gives the namesake at one company a party of his own (同名不同人): what linked him to the others by his
// name alone is undone.
var SeparateParty = operation.New("party.separate", func(ctx context.Context, tx *operation.Tx, in SeparateInput) (Party, error) {
	p, err := partyByID(ctx, tx, in.PartyID)
	if err != nil {
		return Party{}, err
	}
	var c fault.Check
	checkNumber(&c, "id_number", p.Kind, &in.IDNumber)
	c.That(in.IDNumber == "" || in.IDNumber != p.IDNumber, "id_number", "customer.party_same", nil)
	if err := c.Err(); err != nil {
		return Party{}, err
	}
	made := Party{ID: operation.NewID(), Kind: p.Kind, Name: p.Name, IDNumber: in.IDNumber, CreatedAt: tx.Now, Version: 1}
	if err := insertParty(ctx, tx.Tx, made); err != nil {
		return Party{}, err
	}
	moved, err := moveLinks(ctx, tx.Tx, p.ID, made.ID, in.CompanyID)
	if err != nil {
		return Party{}, err
	}
	if moved == 0 {
		return Party{}, fault.Conflict("customer.party_not_there", fault.Args{"name": p.Name})
	}
	tx.About(in.CompanyID)
	tx.Changed("party.separate", made.ID, map[string]string{"party_id": p.ID}, in.Reason)
	return made.shown(), ownershipChanged(ctx, tx, in.CompanyID)
}).Guard(wideOnly[SeparateInput])

// wideOnly lets those act on shared parties who see all customers: a party belongs to nobody's customers alone.
func wideOnly[In any](_ context.Context, tx *operation.Tx, _ In) error {
	if tx.Actor.System || tx.Actor.Scope == operation.ScopeAll {
		return nil
	}
	return fault.Forbidden("customer.party_shared", nil)
}
