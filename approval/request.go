package approval

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Status is where a request stands.
type Status string

// The states of a request.
const (
	Waiting  Status = "open"
	Approved Status = "approved"
	Rejected Status = "rejected"
	Returned Status = "returned" // to the applicant, with a question
	// Withdrawn requests ended because what they asked for was settled otherwise.
	Withdrawn Status = "withdrawn"
)

// Verdict is one person's vote.
type Verdict string

// The verdicts.
const (
	Approve Verdict = "approve"
	Reject  Verdict = "reject"
	Return  Verdict = "return"
)

// Step is one link of the chain: that many votes of people with that role.
type Step struct {
	Role  string `json:"role"`
	Votes int    `json:"votes"`
}

// Vote is what one person decided, and why.
type Vote struct {
	Round    int64        `json:"round"`
	Step     int          `json:"step"`
	UserID   string       `json:"user_id"`
	UserName string       `json:"user_name"`
	Verdict  Verdict      `json:"verdict"`
	Amount   money.Amount `json:"amount"` // that the vote was about
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
}

// Request is something that waits for people with authority.
type Request struct {
	ID         string       `json:"id"`
	Kind       string       `json:"kind"`      // "limit": the operation limit.decide decides it
	Reference  string       `json:"reference"` // id of the thing that waits
	CustomerID string       `json:"customer_id"`
	Title      string       `json:"title"`
	Amount     money.Amount `json:"amount"`          // asked
	Until      clock.Date   `json:"until,omitempty"` // last day asked; empty = the kind has none, and its terms are not lowered
	// Granted, GrantedUntil and Conditions are the terms that are voted on. Round counts them: it goes up with each
	// amendment and each change of terms, and only votes of the newest round count.
	Granted      money.Amount `json:"granted"`
	GrantedUntil clock.Date   `json:"granted_until,omitempty"`
	Conditions   string       `json:"conditions,omitempty"`
	Round        int64        `json:"round"`
	Reason       string       `json:"reason"`
	Steps        []Step       `json:"steps"`
	Step         int          `json:"step"` // index of the step that waits
	Status       Status       `json:"status"`
	AskedBy      string       `json:"asked_by"`
	AskedName    string       `json:"asked_name"`
	AskedAt      time.Time    `json:"asked_at"`
	ClosedAt     time.Time    `json:"closed_at"`
	Version      int64        `json:"version"`
	Votes        []Vote       `json:"votes"`
	// MayDecide tells whether the reader can vote now.
	MayDecide bool `json:"may_decide"`
}

// Decision is the input of every capability's decide operation.
type Decision struct {
	RequestID string  `json:"request_id"`
	Version   int64   `json:"version"`
	Verdict   Verdict `json:"verdict"`
	Reason    string  `json:"reason"`
	// Terms of an approval, for kinds that have an end date; what is left out stays as it stands. Never above what was asked.
	Amount     *money.Amount `json:"amount,omitempty"`
	Until      clock.Date    `json:"valid_until,omitempty"`
	Conditions string        `json:"conditions,omitempty"`
}

// Validate reports every wrong field. A rejection needs a reason, a return its question.
func (d *Decision) Validate() error {
	var c fault.Check
	c.Required("request_id", d.RequestID)
	c.That(d.Version > 0, "version", "fault.version_required", nil)
	c.OneOf("verdict", string(d.Verdict), string(Approve), string(Reject), string(Return))
	d.Reason, d.Conditions = strings.TrimSpace(d.Reason), strings.TrimSpace(d.Conditions)
	c.Length("conditions", d.Conditions, 2000)
	c.That(d.Until.IsZero() || d.Until.Valid(), "valid_until", "fault.not_date", fault.Args{"text": string(d.Until)})
	c.That(d.Amount == nil || d.Amount.Positive(), "amount", "fault.not_positive", nil)
	if d.Verdict == Reject || d.Verdict == Return {
		c.Required("reason", d.Reason)
	}
	c.Length("reason", d.Reason, 2000)
	return c.Err()
}

// Ask is what Open needs to know.
type Ask struct {
	Kind, Reference, CustomerID, Title, Reason string
	Amount                                     money.Amount
	Until                                      clock.Date // empty = no end date, terms are not lowered
}

// Open opens a request with the chain that the authority matrix names for its amount.
func Open(ctx context.Context, tx *operation.Tx, ask Ask) (Request, error) {
	steps, err := ChainFor(ctx, tx, ask.Kind, ask.Amount)
	if err != nil {
		return Request{}, err
	}
	r := Request{ID: operation.NewID(), Kind: ask.Kind, Reference: ask.Reference, CustomerID: ask.CustomerID, Title: ask.Title,
		Amount: ask.Amount, Until: ask.Until, Granted: ask.Amount, GrantedUntil: ask.Until, Round: 1, Reason: ask.Reason, Steps: steps, Status: Waiting,
		AskedBy: tx.Actor.ID, AskedName: tx.Actor.Name, AskedAt: tx.Now, Version: 1}
	if err := insertRequest(ctx, tx.Tx, r); err != nil {
		return Request{}, err
	}
	tx.Changed("approval", r.ID, nil, r)
	return r, nil
}

// ChainFor gives the steps that the authority matrix names for an amount now.
func ChainFor(ctx context.Context, q database.Querier, kind string, amount money.Amount) ([]Step, error) {
	rows, err := authorityFor(ctx, q, kind, string(amount.Currency))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		if rows, err = authorityFor(ctx, q, kind, "*"); err != nil {
			return nil, err
		}
	}
	for _, row := range rows { // ordered by amount
		if amount.Minor <= row.UpTo {
			return row.Steps, nil
		}
	}
	return nil, fault.Conflict("approval.no_authority", fault.Args{"kind": "enum.approval_kind." + kind, "amount": amount.String()})
}

// Alone tells whether a chain asks for one vote only, of a role that the actor has: then he decides by himself.
func Alone(steps []Step, has func(role string) bool) bool {
	return len(steps) == 1 && steps[0].Votes == 1 && has(steps[0].Role)
}

// mayDecide tells why the actor may not vote on the request now; nil when he may.
func mayDecide(r Request, actorID string, has func(role string) bool) error {
	switch {
	case r.Status != Waiting:
		return fault.Conflict("approval.closed", nil)
	case r.AskedBy == actorID:
		return fault.Forbidden("approval.own", nil)
	case !has(r.Steps[r.Step].Role):
		return fault.Forbidden("approval.role_needed", fault.Args{"role": "access.role." + r.Steps[r.Step].Role})
	}
	for _, v := range r.Votes {
		if v.UserID == actorID && v.Round == r.Round {
			return fault.Conflict("approval.voted", nil)
		}
	}
	return nil
}

// Decide records the actor's vote in the caller's transaction. The request it returns tells whether that vote closed
// it: approved after the last step's last vote, rejected at the first rejection. kind guards against deciding another
// capability's request.
func Decide(ctx context.Context, tx *operation.Tx, kind string, d Decision) (Request, error) {
	if err := tx.Lock(ctx, "approval_request", d.RequestID); err != nil {
		return Request{}, err
	}
	r, err := requestByID(ctx, tx, d.RequestID)
	if err != nil {
		return Request{}, err
	}
	if r.Kind != kind {
		return Request{}, fault.NotFound("approval", d.RequestID)
	}
	if err := mayDecide(r, tx.Actor.ID, tx.Actor.Has); err != nil {
		return Request{}, err
	}
	if r.Version != d.Version {
		return Request{}, fault.Stale("approval", r.ID)
	}
	before := r
	if err := r.setTerms(d, tx.Today); err != nil {
		return Request{}, err
	}
	vote := Vote{Round: r.Round, Step: before.Step, UserID: tx.Actor.ID, UserName: tx.Actor.Name, Verdict: d.Verdict, Amount: r.Granted, Reason: d.Reason, At: tx.Now}
	r.Votes = append(append([]Vote(nil), r.Votes...), vote)
	r.advance(tx.Now)
	if err := insertVote(ctx, tx.Tx, r.ID, vote); err != nil {
		return Request{}, err
	}
	return keep(ctx, tx, before, r)
}

func keep(ctx context.Context, tx *operation.Tx, before, after Request) (Request, error) {
	after.Version++
	if err := updateRequest(ctx, tx.Tx, after); err != nil {
		return Request{}, err
	}
	tx.Changed("approval", after.ID, before, after)
	return after, nil
}

// setTerms takes the terms that an approving vote names; others than those that stand begin a new round.
func (r *Request) setTerms(d Decision, today clock.Date) error {
	amount, until, conditions := r.Granted, r.GrantedUntil, r.Conditions
	named := d.Amount != nil || !d.Until.IsZero() || d.Conditions != ""
	if d.Verdict != Approve || !named {
		return nil
	}
	if r.Until.IsZero() {
		return fault.Invalid("amount", "approval.no_terms", nil)
	}
	if d.Amount != nil {
		amount = *d.Amount
	}
	if !d.Until.IsZero() {
		until = d.Until
	}
	if d.Conditions != "" {
		conditions = d.Conditions
	}
	var c fault.Check
	c.That(amount.Currency == r.Amount.Currency, "amount", "approval.other_currency", fault.Args{"currency": string(r.Amount.Currency)})
	c.That(amount.Minor <= r.Amount.Minor, "amount", "approval.above_asked", fault.Args{"asked": r.Amount.Grouped()})
	c.That(until <= r.Until, "valid_until", "approval.beyond_asked", fault.Args{"asked": string(r.Until)})
	c.That(until >= today, "valid_until", "approval.ends_in_past", nil)
	if err := c.Err(); err != nil {
		return err
	}
	if amount != r.Granted || until != r.GrantedUntil || conditions != r.Conditions {
		r.Granted, r.GrantedUntil, r.Conditions = amount, until, conditions
		r.Round++
	}
	return nil
}

// advance moves the request on after its newest vote: to the first step of the chain that lacks votes of this round.
func (r *Request) advance(now time.Time) {
	switch r.Votes[len(r.Votes)-1].Verdict {
	case Reject:
		r.Status, r.ClosedAt = Rejected, now
		return
	case Return:
		r.Status = Returned
		return
	}
	for i, step := range r.Steps {
		votes := 0
		for _, v := range r.Votes {
			if v.Round == r.Round && v.Step == i && v.Verdict == Approve {
				votes++
			}
		}
		if r.Step = i; votes < step.Votes {
			return
		}
	}
	r.Status, r.ClosedAt = Approved, now
}

// Amendment is a new version of what a request asks for.
type Amendment struct {
	RequestID, Reason string
	Version           int64
	Amount            money.Amount
	Until             clock.Date
}

// Amend replaces what a waiting or returned request asks for: a new round with the chain of the new amount, votes start
// anew. Only who asked amends, unless the capability itself does it for a changed amount (byAnyone).
func Amend(ctx context.Context, tx *operation.Tx, kind string, in Amendment, byAnyone bool) (Request, error) {
	if err := tx.Lock(ctx, "approval_request", in.RequestID); err != nil {
		return Request{}, err
	}
	r, err := requestByID(ctx, tx, in.RequestID)
	if err != nil {
		return Request{}, err
	}
	switch {
	case r.Kind != kind:
		return Request{}, notFound(in.RequestID)
	case r.Status != Waiting && r.Status != Returned:
		return Request{}, fault.Conflict("approval.closed", nil)
	case r.AskedBy != tx.Actor.ID && !byAnyone:
		return Request{}, fault.Forbidden("approval.not_yours", nil)
	case r.Version != in.Version:
		return Request{}, fault.Stale("approval", r.ID)
	}
	before := r
	if r.Steps, err = ChainFor(ctx, tx, kind, in.Amount); err != nil {
		return Request{}, err
	}
	r.Amount, r.Until, r.Reason = in.Amount, in.Until, in.Reason
	r.Granted, r.GrantedUntil, r.Conditions = in.Amount, in.Until, ""
	r.AskedBy, r.AskedName = tx.Actor.ID, tx.Actor.Name
	r.Status, r.Step, r.AskedAt = Waiting, 0, tx.Now
	r.Round++
	return keep(ctx, tx, before, r)
}

// Withdraw ends the request about a thing that was settled otherwise, if one is not closed yet.
func Withdraw(ctx context.Context, tx *operation.Tx, kind, reference string) error {
	r, err := ForReference(ctx, tx, kind, reference)
	if err != nil && fault.KindOf(err) == fault.KindNotFound || err == nil && r.Status != Waiting && r.Status != Returned {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tx.Lock(ctx, "approval_request", r.ID); err != nil {
		return err
	}
	before := r
	r.Status, r.ClosedAt = Withdrawn, tx.Now
	_, err = keep(ctx, tx, before, r)
	return err
}

// Authority is one row of the matrix: requests of the kind up to the amount need these steps.
type Authority struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Currency string `json:"currency"` // "*" = every currency without rows of its own
	UpTo     int64  `json:"up_to_minor"`
	Steps    []Step `json:"steps"`
}

// Matrix is the input of SetAuthority: all rows of one kind.
type Matrix struct {
	Kind string      `json:"kind"`
	Rows []Authority `json:"rows"`
}

// Kinds are what the matrix knows chains for: the kinds of request that capabilities open.
var Kinds = []string{"limit", "scorecard", "order_release", "screening"}

// AnyCurrency marks the rows that serve every currency without rows of its own.
const AnyCurrency = "*"

// NoUpperEnd is the upper end of a row for every amount above the row before it.
const NoUpperEnd = math.MaxInt64

// Validate reports every wrong field. A row begins above the row before it, so bands have neither gap nor overlap when no
// two rows of a currency end alike; each currency ends with a row without upper end, and '*' is there, so that no amount
// lacks a chain.
func (m *Matrix) Validate() error {
	var c fault.Check
	c.OneOf("kind", m.Kind, Kinds...)
	c.That(len(m.Rows) > 0, "rows", "fault.required", nil)
	open, taken := map[string]bool{AnyCurrency: false}, map[string]bool{}
	for i, row := range m.Rows {
		at := fmt.Sprintf("rows[%d].", i)
		c.That(row.Currency == AnyCurrency || money.Currency(row.Currency).Valid(), at+"currency", "money.currency_unknown", fault.Args{"code": row.Currency})
		c.That(row.UpTo > 0, at+"up_to_minor", "fault.not_positive", nil)
		c.That(len(row.Steps) > 0, at+"steps", "fault.required", nil)
		for j, s := range row.Steps {
			role := fmt.Sprintf("%ssteps[%d].role", at, j)
			c.That(slices.Contains(access.Roles, access.Role(s.Role)), role, "access.role_unknown", fault.Args{"role": s.Role})
			c.That(s.Votes >= 1 && s.Votes <= 9, fmt.Sprintf("%ssteps[%d].votes", at, j), "fault.range", fault.Args{"min": 1, "max": 9})
		}
		band := fmt.Sprint(row.Currency, " ", row.UpTo)
		c.That(!taken[band], at+"up_to_minor", "approval.band_twice", nil)
		taken[band] = true
		open[row.Currency] = open[row.Currency] || row.UpTo == NoUpperEnd
	}
	for _, currency := range slices.Sorted(maps.Keys(open)) {
		key := "approval.no_open_end"
		if currency == AnyCurrency {
			key = "approval.no_any_currency"
		}
		c.That(open[currency], "rows", key, fault.Args{"currency": currency})
	}
	return c.Err()
}

// SetAuthority replaces the rows of a kind; requests that wait keep the chain they were asked with.
var SetAuthority = operation.New("approval.set_authority", func(ctx context.Context, tx *operation.Tx, in Matrix) (Matrix, error) {
	before, err := authorityOf(ctx, tx, in.Kind)
	if err != nil {
		return Matrix{}, err
	}
	for i := range in.Rows {
		in.Rows[i].ID, in.Rows[i].Kind = operation.NewID(), in.Kind
	}
	if err := replaceAuthority(ctx, tx.Tx, in); err != nil {
		return Matrix{}, err
	}
	tx.Changed("approval_authority", in.Kind, before, in.Rows)
	return in, nil
})
