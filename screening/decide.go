package screening

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Kind is the kind of approval request that clearing opens.
const Kind = "screening"

// Verdict is the input of Decide.
type Verdict struct {
	ID       string `json:"id"`
	Version  int64  `json:"version"`
	Status   Status `json:"status"` // cleared or confirmed
	Reason   string `json:"reason"`
	Evidence string `json:"evidence,omitempty"` // what was looked at
}

// Validate reports every wrong field.
func (in *Verdict) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.OneOf("status", string(in.Status), string(Cleared), string(Certain))
	checkReason(&c, &in.Reason, &in.Evidence)
	return c.Err()
}

func checkReason(c *fault.Check, reason, evidence *string) {
	*reason, *evidence = strings.TrimSpace(*reason), strings.TrimSpace(*evidence)
	c.Required("reason", *reason)
	c.Length("reason", *reason, 2000)
	c.Length("evidence", *evidence, 4000)
}

// Decide clears or confirms a hit, with the reason. Clearing a hit of a sanctions list, or one of StrongScore or more,
// waits for a second person.
var Decide = operation.New("screening.decide", func(ctx context.Context, tx *operation.Tx, in Verdict) (Hit, error) {
	before, err := hitByID(ctx, tx, in.ID)
	if err != nil {
		return Hit{}, err
	}
	if before.Version != in.Version {
		return Hit{}, fault.Stale("screening.hit", in.ID)
	}
	if before.Status == Closed || before.Status == Clearing {
		return Hit{}, fault.Conflict("screening.not_open", nil)
	}
	tx.About(before.CustomerID)
	if in.Status == Cleared {
		cleared, err := clearAll(ctx, tx, []Hit{before}, in.Reason, in.Evidence)
		if err != nil {
			return Hit{}, err
		}
		return cleared[0], nil
	}
	after := before
	after.Status, after.Reason, after.Evidence, after.RequestID, after.DecidedBy, after.DecidedAt = Certain, in.Reason, in.Evidence, "", tx.Actor.Name, tx.Now
	return after, keep(ctx, tx, before, &after, string(Certain))
}).Guard(func(ctx context.Context, tx *operation.Tx, in Verdict) error {
	h, err := hitByID(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	return customer.Visible(ctx, tx, tx.Actor, h.CustomerID)
})

// Clearance is the input of ClearMany.
type Clearance struct {
	IDs      []string `json:"ids"`
	Reason   string   `json:"reason"`
	Evidence string   `json:"evidence,omitempty"`
}

const mostCleared = 200

// Validate reports every wrong field.
func (in *Clearance) Validate() error {
	var c fault.Check
	in.IDs = joined(in.IDs...)
	c.That(len(in.IDs) > 0, "ids", "fault.required", nil)
	c.That(len(in.IDs) <= mostCleared, "ids", "fault.too_many", fault.Args{"most": mostCleared})
	checkReason(&c, &in.Reason, &in.Evidence)
	return c.Err()
}

// ClearMany clears open hits of low scores for one reason. Those that need a second person wait for one together; a hit
// of StrongScore or more is looked at alone.
var ClearMany = operation.New("screening.clear_many", func(ctx context.Context, tx *operation.Tx, in Clearance) ([]Hit, error) {
	var c fault.Check
	var all []Hit
	for i, id := range in.IDs {
		h, err := hitByID(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		at := fmt.Sprintf("ids[%d]", i)
		c.That(h.Status == Open, at, "screening.not_open", nil)
		c.That(h.Score < StrongScore, at, "screening.too_strong", fault.Args{"name": h.Party})
		all = append(all, h)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	return clearAll(ctx, tx, all, in.Reason, in.Evidence)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Clearance) error {
	for _, id := range in.IDs {
		h, err := hitByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := customer.Visible(ctx, tx, tx.Actor, h.CustomerID); err != nil {
			return err
		}
	}
	return nil
})

// clearAll clears hits, or asks a second person for those that need one.
func clearAll(ctx context.Context, tx *operation.Tx, all []Hit, reason, evidence string) ([]Hit, error) {
	request := approval.Request{}
	if second := slices.DeleteFunc(slices.Clone(all), func(h Hit) bool { return !h.NeedsSecond() }); len(second) > 0 {
		ask := approval.Ask{Kind: Kind, Reference: second[0].ID, Title: second[0].CustomerName, CustomerID: second[0].CustomerID, Reason: reason, Amount: money.Of(0, money.CNY)}
		if slices.ContainsFunc(second, func(h Hit) bool { return h.CustomerID != ask.CustomerID }) {
			ask.CustomerID, ask.Title = "", fmt.Sprintf("%s + %d", second[0].CustomerName, len(second)-1)
		}
		var err error
		if request, err = approval.Open(ctx, tx, ask); err != nil {
			return nil, err
		}
	}
	out := make([]Hit, len(all))
	for i, before := range all {
		h := before
		h.Status, h.Reason, h.Evidence, h.RequestID, h.DecidedBy, h.DecidedAt = Cleared, reason, evidence, "", tx.Actor.Name, tx.Now
		if h.NeedsSecond() {
			h.Status, h.RequestID = Clearing, request.ID
		}
		if err := keep(ctx, tx, before, &h, string(h.Status)); err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}

// Agree is a second person's vote on clearing hits. Hits whose facts have changed since are open again, and stay so.
var Agree = operation.New("screening.agree", func(ctx context.Context, tx *operation.Tx, in approval.Decision) (approval.Request, error) {
	request, err := approval.Decide(ctx, tx, Kind, in)
	if err != nil || request.Status == approval.Waiting {
		return request, err
	}
	all, err := hitsOfRequest(ctx, tx, request.ID)
	if err != nil {
		return approval.Request{}, err
	}
	if request.CustomerID != "" {
		tx.About(request.CustomerID)
	}
	for _, before := range all {
		h := before
		what := "agreed"
		if h.Status = Cleared; request.Status == approval.Rejected {
			h.Status, h.RequestID, what = Open, "", "refused"
		}
		h.DecidedBy, h.DecidedAt = before.DecidedBy+" / "+tx.Actor.Name, tx.Now
		if err := keepSaying(ctx, tx, before, &h, what, in.Reason); err != nil {
			return approval.Request{}, err
		}
	}
	return request, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in approval.Decision) error {
	all, err := hitsOfRequest(ctx, tx, in.RequestID)
	for _, h := range all {
		if err := customer.Visible(ctx, tx, tx.Actor, h.CustomerID); err != nil {
			return err
		}
	}
	return err
})

// keep writes a hit and the line of its history that says what became of it.
func keep(ctx context.Context, tx *operation.Tx, before Hit, h *Hit, what string) error {
	return keepSaying(ctx, tx, before, h, what, h.Reason)
}

func keepSaying(ctx context.Context, tx *operation.Tx, before Hit, h *Hit, what, reason string) error {
	if before.ID == "" {
		tx.Changed("screening.hit", h.ID, nil, h)
	} else {
		h.Version = before.Version + 1
		tx.Changed("screening.hit", h.ID, before, h)
	}
	kept, err := putHit(ctx, tx.Tx, *h)
	if err != nil {
		return err
	}
	if !kept { // somebody screened or decided at this very moment
		return fault.Stale("screening.hit", h.ID)
	}
	return insertDecision(ctx, tx.Tx, *h, Decision{What: what, Reason: reason, Evidence: h.Evidence, Score: h.Score, By: tx.Actor.Name, At: tx.Now})
}
