package customer

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// The kinds of verification (身份核验).
const (
	VerifyRegistration = "registration"  // 工商登记信息
	VerifyTransfer     = "bank_transfer" // 小额打款
	VerifyLetter       = "bank_letter"   // 银行询证函
	VerifyLicence      = "licence"       // 证照原件
	VerifySignatory    = "signatory"     // 签字人身份与授权
)

// VerificationKinds lists the kinds in the order pages show them.
var VerificationKinds = []string{VerifyRegistration, VerifyTransfer, VerifyLetter, VerifyLicence, VerifySignatory}

// The states of a verification. One that passed and whose last day is gone counts no more, without a state of its own.
const (
	VerificationPending  = "pending"
	VerificationPassed   = "passed"
	VerificationFailed   = "failed"
	VerificationReplaced = "replaced" // what was verified has changed
)

const (
	mostAttempts        = 3  // at naming the amount of a small transfer
	verificationMonths  = 12 // a verification counts for so long
	largestTransferYuan = 10 // a small transfer stays below
)

// Finding is a field on which the file and a source were compared.
type Finding struct {
	Field string `json:"field"`
	Ours  string `json:"ours"`
	Told  string `json:"told"`
	Same  bool   `json:"same"`
}

// Verification is one check of who the customer is.
type Verification struct {
	ID         string       `json:"id"`
	CustomerID string       `json:"customer_id"`
	Kind       string       `json:"kind"`
	Target     string       `json:"target,omitempty"`
	State      string       `json:"state"`
	Method     string       `json:"method"` // hand, provider or transfer
	CheckedOn  clock.Date   `json:"checked_on"`
	ExpiresOn  clock.Date   `json:"expires_on,omitempty"`
	Evidence   string       `json:"evidence,omitempty"`
	Note       string       `json:"note,omitempty"`
	Findings   []Finding    `json:"findings,omitempty"`
	Amount     money.Amount `json:"amount"` // of a small transfer, once it is confirmed; before, zero
	Attempts   int          `json:"attempts,omitempty"`
	StartedBy  string       `json:"started_by"`
	StartedAt  time.Time    `json:"started_at"`
	DecidedBy  string       `json:"decided_by,omitempty"`
	DecidedAt  time.Time    `json:"decided_at"`
	Version    int64        `json:"version"`

	secret    money.Amount
	starterID string
}

// CountsOn tells whether the verification stands on a day.
func (v Verification) CountsOn(day clock.Date) bool {
	return v.State == VerificationPassed && (v.ExpiresOn.IsZero() || v.ExpiresOn >= day)
}

func (v Verification) texts() map[string]string {
	return map[string]string{"kind": v.Kind, "state": v.State, "checked_on": string(v.CheckedOn), "expires_on": string(v.ExpiresOn), "note": v.Note}
}

// Check is the input of Verify: a check that was done by hand, with its evidence.
type Check struct {
	CustomerID string     `json:"customer_id"`
	Kind       string     `json:"kind"`
	Target     string     `json:"target,omitempty"` // the account, licence or contact
	Passed     bool       `json:"passed"`
	CheckedOn  clock.Date `json:"checked_on"`
	Evidence   string     `json:"evidence"`
	Note       string     `json:"note,omitempty"`
}

// Validate reports every wrong field. A small transfer is no check by hand.
func (in *Check) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.OneOf("kind", in.Kind, VerifyRegistration, VerifyLetter, VerifyLicence, VerifySignatory)
	c.That(in.CheckedOn.Valid(), "checked_on", "fault.not_date", fault.Args{"text": string(in.CheckedOn)})
	in.Evidence = strings.TrimSpace(in.Evidence)
	c.Required("evidence", in.Evidence)
	c.Length("evidence", in.Evidence, 500)
	c.Length("note", in.Note, 1000)
	c.That(in.Passed || strings.TrimSpace(in.Note) != "", "note", "customer.failed_why", nil)
	c.That(in.Target != "" || in.Kind == VerifyRegistration, "target", "fault.required", nil)
	return c.Err()
}

// Verify notes the outcome of a check that was done by hand.
var Verify = operation.New("customer.verify", func(ctx context.Context, tx *operation.Tx, in Check) (Verification, error) {
	if in.CheckedOn > tx.Today {
		return Verification{}, fault.Invalid("checked_on", "customer.in_future", nil)
	}
	if err := targetThere(ctx, tx, in.CustomerID, in.Kind, in.Target); err != nil {
		return Verification{}, err
	}
	v := Verification{ID: operation.NewID(), CustomerID: in.CustomerID, Kind: in.Kind, Target: in.Target, Method: "hand", CheckedOn: in.CheckedOn, Evidence: in.Evidence, Note: in.Note,
		StartedBy: tx.Actor.Name, starterID: tx.Actor.ID, StartedAt: tx.Now, Version: 1}
	v.decide(tx, in.Passed)
	return v, keepVerification(ctx, tx, v, in.Evidence)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Check) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

func (v *Verification) decide(tx *operation.Tx, passed bool) {
	v.State, v.DecidedBy, v.DecidedAt = VerificationFailed, tx.Actor.Name, tx.Now
	if passed {
		v.State, v.ExpiresOn = VerificationPassed, v.CheckedOn.AddMonths(verificationMonths)
	}
}

func keepVerification(ctx context.Context, tx *operation.Tx, v Verification, evidence string) error {
	if err := insertVerification(ctx, tx.Tx, v); err != nil {
		return err
	}
	return changed(ctx, tx, item{v.CustomerID, "verification", v.ID, Provenance{Source: v.Method, AsOf: v.CheckedOn, Evidence: evidence}}, (*Verification)(nil), v)
}

func targetThere(ctx context.Context, q database.Querier, customerID, kind, target string) error {
	owner := ""
	switch kind {
	case VerifyLetter, VerifyTransfer:
		a, err := accountByID(ctx, q, target)
		if err != nil {
			return fault.Invalid("target", "customer.target_unknown", nil)
		}
		owner = a.CustomerID
	case VerifyLicence:
		l, err := licenceByID(ctx, q, target)
		if err != nil {
			return fault.Invalid("target", "customer.target_unknown", nil)
		}
		owner = l.CustomerID
	case VerifySignatory:
		all, err := contactsOf(ctx, q, customerID)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.ID == target {
				owner = customerID
			}
		}
	default:
		return nil
	}
	if owner != customerID {
		return fault.Invalid("target", "customer.target_unknown", nil)
	}
	return nil
}

// Transfer is the input of StartTransfer: the small amount that was sent to the account.
type Transfer struct {
	CustomerID string       `json:"customer_id"`
	AccountID  string       `json:"account_id"`
	Amount     money.Amount `json:"amount"`
	SentOn     clock.Date   `json:"sent_on"`
	Evidence   string       `json:"evidence"`
}

// Validate reports every wrong field.
func (in *Transfer) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.Required("account_id", in.AccountID)
	if in.Amount.Currency == "" {
		in.Amount.Currency = money.CNY
	}
	c.That(in.Amount.Minor > 0 && in.Amount.Float() < largestTransferYuan, "amount", "customer.transfer_amount", fault.Args{"most": largestTransferYuan})
	c.That(in.SentOn.Valid(), "sent_on", "fault.not_date", fault.Args{"text": string(in.SentOn)})
	c.Required("evidence", in.Evidence)
	return c.Err()
}

// StartTransfer notes a small transfer whose amount the customer is asked to name. The amount stays secret: it is in no
// answer, trail or view until it is confirmed.
var StartTransfer = operation.New("customer.start_transfer", func(ctx context.Context, tx *operation.Tx, in Transfer) (Verification, error) {
	a, err := accountByID(ctx, tx, in.AccountID)
	if err != nil || a.CustomerID != in.CustomerID {
		return Verification{}, fault.Invalid("account_id", "customer.target_unknown", nil)
	}
	if in.SentOn > tx.Today {
		return Verification{}, fault.Invalid("sent_on", "customer.in_future", nil)
	}
	all, err := verificationsOf(ctx, tx, in.CustomerID)
	if err != nil {
		return Verification{}, err
	}
	for _, v := range all {
		if v.Kind == VerifyTransfer && v.Target == a.ID && v.State == VerificationPending {
			return Verification{}, fault.Conflict("customer.transfer_running", nil)
		}
	}
	v := Verification{ID: operation.NewID(), CustomerID: in.CustomerID, Kind: VerifyTransfer, Target: a.ID, State: VerificationPending, Method: "transfer", CheckedOn: in.SentOn,
		Evidence: in.Evidence, StartedBy: tx.Actor.Name, starterID: tx.Actor.ID, StartedAt: tx.Now, Version: 1, secret: in.Amount}
	return v, keepVerification(ctx, tx, v, in.Evidence)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Transfer) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Named is the input of ConfirmTransfer: the amount that the customer says has arrived.
type Named struct {
	ID     string       `json:"id"`
	Amount money.Amount `json:"amount"`
	Note   string       `json:"note,omitempty"`
}

// Validate reports every wrong field.
func (in *Named) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.Amount.Minor > 0, "amount", "fault.not_positive", nil)
	return c.Err()
}

// ConfirmTransfer compares the amount that the customer names with the one that was sent. Who sent it does not confirm
// it; after the third wrong amount the check has failed.
var ConfirmTransfer = operation.New("customer.confirm_transfer", func(ctx context.Context, tx *operation.Tx, in Named) (Verification, error) {
	if err := tx.Lock(ctx, "customer_verification", in.ID); err != nil {
		return Verification{}, err
	}
	v, err := verificationByID(ctx, tx, in.ID)
	if err != nil {
		return Verification{}, err
	}
	if v.State != VerificationPending {
		return Verification{}, fault.Conflict("customer.verification_decided", nil)
	}
	if v.starterID == tx.Actor.ID {
		return Verification{}, fault.Forbidden("customer.transfer_four_eyes", nil)
	}
	before := v
	v.Attempts++
	v.Note = strings.TrimSpace(in.Note)
	switch {
	case in.Amount == v.secret:
		v.CheckedOn, v.Amount = tx.Today, v.secret
		v.decide(tx, true)
	case v.Attempts >= mostAttempts:
		v.decide(tx, false)
	}
	if err := updateVerification(ctx, tx.Tx, v); err != nil {
		return Verification{}, err
	}
	v.Version++
	from := Provenance{Source: v.Method, AsOf: tx.Today, Evidence: "attempt " + strconv.Itoa(v.Attempts)}
	return v, changed(ctx, tx, item{v.CustomerID, "verification", v.ID, from}, &before, v)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Named) error {
	v, err := verificationByID(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	return Visible(ctx, tx, tx.Actor, v.CustomerID)
})

// RegistrationAnswer is the input of CompareRegistration: what a provider or an extract says about the registration, by
// the names of the profile's fields.
type RegistrationAnswer struct {
	CustomerID string            `json:"customer_id"`
	Told       map[string]string `json:"told"`
	Provenance
}

// Validate reports every wrong field.
func (in *RegistrationAnswer) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	in.Provenance.check(&c, "")
	c.Required("source", in.Source)
	c.Required("as_of", string(in.AsOf))
	c.That(in.Told["name"] != "", "told.name", "fault.required", nil)
	c.That(in.Told["uscc"] != "", "told.uscc", "fault.required", nil)
	for name := range in.Told {
		_, ok := fieldOf(name)
		c.That(ok, "told."+name, "customer.field_unknown", fault.Args{"field": name})
	}
	return c.Err()
}

// decisive are the fields that have to agree for a registration to be verified, where the source tells them.
var decisive = map[string]bool{"name": true, "uscc": true, "legal_representative": true}

// CompareRegistration verifies the registration against a provider's answer: it passes when name, credit code and legal
// representative agree and the company is in operation. Other differences are shown and stop nothing.
var CompareRegistration = operation.New("customer.compare_registration", func(ctx context.Context, tx *operation.Tx, in RegistrationAnswer) (Verification, error) {
	c, err := ByID(ctx, tx, in.CustomerID)
	if err != nil {
		return Verification{}, err
	}
	if in.AsOf > tx.Today {
		return Verification{}, fault.Invalid("as_of", "customer.in_future", nil)
	}
	v := Verification{ID: operation.NewID(), CustomerID: c.ID, Kind: VerifyRegistration, Method: "provider", CheckedOn: in.AsOf, Evidence: in.Evidence,
		StartedBy: tx.Actor.Name, starterID: tx.Actor.ID, StartedAt: tx.Now, Version: 1}
	if v.Evidence == "" {
		v.Evidence = in.Source
	}
	passed := true
	for _, f := range fields {
		told, ok := in.Told[f.name]
		if !ok {
			continue
		}
		there := c.Profile
		if err := f.set(&there, told); err != nil {
			return Verification{}, placed(bare(err), map[string]string{"value": "told." + f.name})
		}
		if f.name == "uscc" {
			there.USCC = strings.ToUpper(strings.TrimSpace(told))
		}
		finding := Finding{Field: f.name, Ours: f.get(&c.Profile), Told: f.get(&there)}
		finding.Same = finding.Ours == finding.Told || f.name == "name" && NameKey(finding.Ours) == NameKey(finding.Told)
		passed = passed && (finding.Same || !decisive[f.name])
		if f.name == "registration_status" && there.RegistrationStatus != InOperation {
			passed = false
		}
		v.Findings = append(v.Findings, finding)
	}
	v.decide(tx, passed)
	return v, keepVerification(ctx, tx, v, v.Evidence)
}).Guard(func(ctx context.Context, tx *operation.Tx, in RegistrationAnswer) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})
