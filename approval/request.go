package approval

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/access"
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
)

// Verdict is one person's vote.
type Verdict string

// The verdicts.
const (
	Approve Verdict = "approve"
	Reject  Verdict = "reject"
)

// Step is one link of the chain: that many votes of people with that role.
type Step struct {
	Role  string `json:"role"`
	Votes int    `json:"votes"`
}

// Vote is what one person decided, and why.
type Vote struct {
	Step     int       `json:"step"`
	UserID   string    `json:"user_id"`
	UserName string    `json:"user_name"`
	Verdict  Verdict   `json:"verdict"`
	Reason   string    `json:"reason"`
	At       time.Time `json:"at"`
}

// Request is something that waits for people with authority.
type Request struct {
	ID         string       `json:"id"`
	Kind       string       `json:"kind"`      // "limit": the operation limit.decide decides it
	Reference  string       `json:"reference"` // id of the thing that waits
	CustomerID string       `json:"customer_id"`
	Title      string       `json:"title"`
	Amount     money.Amount `json:"amount"`
	Reason     string       `json:"reason"`
	Steps      []Step       `json:"steps"`
	Step       int          `json:"step"` // index of the step that waits
	Status     Status       `json:"status"`
	AskedBy    string       `json:"asked_by"`
	AskedName  string       `json:"asked_name"`
	AskedAt    time.Time    `json:"asked_at"`
	ClosedAt   time.Time    `json:"closed_at"`
	Version    int64        `json:"version"`
	Votes      []Vote       `json:"votes"`
	// MayDecide tells whether the reader can vote now.
	MayDecide bool `json:"may_decide"`
}

// Decision is the input of every capability's decide operation.
type Decision struct {
	RequestID string  `json:"request_id"`
	Version   int64   `json:"version"`
	Verdict   Verdict `json:"verdict"`
	Reason    string  `json:"reason"`
}

// Validate reports every wrong field. A rejection needs a reason.
func (d *Decision) Validate() error {
	var c fault.Check
	c.Required("request_id", d.RequestID)
	c.That(d.Version > 0, "version", "fault.version_required", nil)
	c.OneOf("verdict", string(d.Verdict), string(Approve), string(Reject))
	d.Reason = strings.TrimSpace(d.Reason)
	if d.Verdict == Reject {
		c.Required("reason", d.Reason)
	}
	c.Length("reason", d.Reason, 2000)
	return c.Err()
}

// Ask is what Open needs to know.
type Ask struct {
	Kind, Reference, CustomerID, Title, Reason string
	Amount                                     money.Amount
}

// Open opens a request with the chain that the authority matrix names for its amount.
func Open(ctx context.Context, tx *operation.Tx, ask Ask) (Request, error) {
	steps, err := chain(ctx, tx, ask.Kind, ask.Amount)
	if err != nil {
		return Request{}, err
	}
	r := Request{ID: operation.NewID(), Kind: ask.Kind, Reference: ask.Reference, CustomerID: ask.CustomerID, Title: ask.Title,
		Amount: ask.Amount, Reason: ask.Reason, Steps: steps, Status: Waiting, AskedBy: tx.Actor.ID, AskedName: tx.Actor.Name,
		AskedAt: tx.Now, Version: 1}
	if err := insertRequest(ctx, tx.Tx, r); err != nil {
		return Request{}, err
	}
	tx.Changed("approval", r.ID, nil, r)
	return r, nil
}

func chain(ctx context.Context, tx *operation.Tx, kind string, amount money.Amount) ([]Step, error) {
	rows, err := authorityFor(ctx, tx, kind, string(amount.Currency))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		if rows, err = authorityFor(ctx, tx, kind, "*"); err != nil {
			return nil, err
		}
	}
	for _, row := range rows { // ordered by amount
		if amount.Minor <= row.UpTo {
			return row.Steps, nil
		}
	}
	return nil, fault.Conflict("approval.no_authority", fault.Args{"kind": kind, "amount": amount.String()})
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
		if v.UserID == actorID {
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
	vote := Vote{Step: r.Step, UserID: tx.Actor.ID, UserName: tx.Actor.Name, Verdict: d.Verdict, Reason: d.Reason, At: tx.Now}
	r.Votes = append(append([]Vote(nil), r.Votes...), vote)
	advance(&r, tx.Now)
	r.Version++
	if err := insertVote(ctx, tx.Tx, r.ID, vote); err != nil {
		return Request{}, err
	}
	if err := updateRequest(ctx, tx.Tx, r); err != nil {
		return Request{}, err
	}
	tx.Changed("approval", r.ID, before, r)
	return r, nil
}

// advance moves the request on after its newest vote.
func advance(r *Request, now time.Time) {
	last := r.Votes[len(r.Votes)-1]
	if last.Verdict == Reject {
		r.Status, r.ClosedAt = Rejected, now
		return
	}
	votes := 0
	for _, v := range r.Votes {
		if v.Step == r.Step && v.Verdict == Approve {
			votes++
		}
	}
	if votes < r.Steps[r.Step].Votes {
		return
	}
	if r.Step == len(r.Steps)-1 {
		r.Status, r.ClosedAt = Approved, now
		return
	}
	r.Step++
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

// Validate reports every wrong field. Each currency needs a row without upper end, so that no amount lacks a chain.
func (m *Matrix) Validate() error {
	var c fault.Check
	c.Required("kind", m.Kind)
	c.That(len(m.Rows) > 0, "rows", "fault.required", nil)
	open := map[string]bool{}
	for i, row := range m.Rows {
		at := fmt.Sprintf("rows[%d].", i)
		c.That(row.Currency == "*" || money.Currency(row.Currency).Valid(), at+"currency", "money.currency_unknown", fault.Args{"code": row.Currency})
		c.That(row.UpTo > 0, at+"up_to_minor", "fault.not_positive", nil)
		c.That(len(row.Steps) > 0, at+"steps", "fault.required", nil)
		for j, s := range row.Steps {
			c.That(slices.Contains(access.Roles, access.Role(s.Role)), fmt.Sprintf("%ssteps[%d].role", at, j), "access.role_unknown", fault.Args{"role": s.Role})
			c.That(s.Votes >= 1 && s.Votes <= 9, fmt.Sprintf("%ssteps[%d].votes", at, j), "fault.range", fault.Args{"min": 1, "max": 9})
		}
		open[row.Currency] = open[row.Currency] || row.UpTo == math.MaxInt64
	}
	for currency, ok := range open {
		c.That(ok, "rows", "approval.no_open_end", fault.Args{"currency": currency})
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
