package screening

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening/match"
)

// HitTopic is the topic of a new or reopened hit; payload: Hit.
const HitTopic = "screening.hit"

// Status is where a hit stands.
type Status string

// The states of a hit.
const (
	Open    Status = "open"
	Cleared Status = "cleared"   // another party of the same name
	Certain Status = "confirmed" // the listed party
)

// Hit is a name of a customer, its owners or officers that stands on a watch list.
type Hit struct {
	ID           string    `json:"id"`
	CustomerID   string    `json:"customer_id"`
	CustomerName string    `json:"customer_name,omitempty"`
	PartyKind    string    `json:"party_kind"` // customer, shareholder, legal_representative, contact
	Party        string    `json:"party"`
	Key          string    `json:"key"` // the name as compared: equal on both sides
	Source       string    `json:"source"`
	SourceID     string    `json:"source_id"`
	ListedName   string    `json:"listed_name"`
	Entry        Entry     `json:"entry"`
	SHA256       string    `json:"sha256"` // of the entry and of what tells the party apart: the facts that a decision rests on
	Status       Status    `json:"status"`
	Reason       string    `json:"reason,omitempty"`
	DecidedBy    string    `json:"decided_by,omitempty"`
	DecidedAt    time.Time `json:"decided_at"`
	FoundAt      time.Time `json:"found_at"`
	Version      int64     `json:"version"`
}

// fact is what a hit is about; there is one hit a fact.
type fact struct{ customerID, partyKind, key, source, sourceID string }

func (h Hit) fact() fact { return fact{h.CustomerID, h.PartyKind, h.Key, h.Source, h.SourceID} }

// Screen is the input of ScreenCustomer.
type Screen struct {
	CustomerID string `json:"customer_id"`
}

// Validate reports every wrong field.
func (in *Screen) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	return c.Err()
}

// ScreenCustomer compares all names of a customer's file with the lists: its own names, its legal representative,
// shareholders and contacts. A hit that was decided stays so, unless the list's entry or the party's facts (USCC, LEI
// and founding date of the customer, kind and file of a shareholder) have changed since.
var ScreenCustomer = operation.New("screening.screen", func(ctx context.Context, tx *operation.Tx, in Screen) ([]Hit, error) {
	if err := tx.Lock(ctx, "customer", in.CustomerID); err != nil {
		return nil, err
	}
	tx.About(in.CustomerID)
	r, err := begun(ctx, tx)
	if err != nil {
		return nil, err
	}
	done, err := screen(ctx, tx, in.CustomerID, in.CustomerID)
	if err != nil {
		return nil, err
	}
	r.CustomerID, r.Customers, r.FinishedAt = in.CustomerID, 1, tx.Now
	r.add(done)
	return done.hits, putRun(ctx, tx.Tx, r)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Screen) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// outcome is what screening some customers found: all their hits, and how many of them are new or reopened.
type outcome struct {
	hits       []Hit
	names, new int
}

// screen compares the customers from the first id to the last, in as few statements for many as for one.
func screen(ctx context.Context, tx *operation.Tx, first, last string) (outcome, error) {
	parties, err := partiesBetween(ctx, tx, first, last)
	if err != nil {
		return outcome{}, err
	}
	parties, keys := distinct(parties)
	listed, err := entriesNamed(ctx, tx, keys)
	if err != nil {
		return outcome{}, err
	}
	standing, err := hitsBetween(ctx, tx, first, last)
	if err != nil {
		return outcome{}, err
	}
	done := outcome{names: len(parties)}
	for _, p := range parties {
		for _, l := range listed[p.key] {
			h := Hit{ID: operation.NewID(), CustomerID: p.customerID, PartyKind: p.kind, Party: p.name, Key: p.key, Source: l.source, SourceID: l.entry.SourceID, ListedName: l.name,
				Entry: l.entry, SHA256: hashOf(l.sha256 + p.facts), Status: Open, FoundAt: tx.Now, Version: 1}
			if before, known := standing[h.fact()]; known && before.SHA256 == h.SHA256 {
				done.hits = append(done.hits, before)
				continue
			} else if known {
				h.ID, h.Version = before.ID, before.Version+1
				tx.Changed("screening.hit", h.ID, before, h)
			} else {
				tx.Changed("screening.hit", h.ID, nil, h)
			}
			kept, err := putHit(ctx, tx.Tx, h)
			if err != nil {
				return outcome{}, err
			}
			if !kept { // somebody screened or decided at this very moment: the caller tries again
				return outcome{}, fault.Stale("screening.hit", h.ID)
			}
			tx.Publish(HitTopic, h.CustomerID, h)
			done.hits = append(done.hits, h)
			done.new++
		}
	}
	return done, nil
}

// party is a name of a customer's file; facts are what tells its bearer from others of that name.
type party struct{ customerID, kind, name, facts, key string }

// distinct normalises the names; those of one kind that become equal are one party with the facts of all.
func distinct(all []party) (parties []party, keys []string) {
	at, known := map[party]int{}, map[string]bool{"": true}
	for _, p := range all {
		p.key = match.Normalise(p.name)
		if p.key == "" {
			continue
		}
		same := party{customerID: p.customerID, kind: p.kind, key: p.key}
		if i, ok := at[same]; ok {
			if !slices.Contains(strings.Split(parties[i].facts, "\n"), p.facts) {
				parties[i].facts += "\n" + p.facts
			}
			continue
		}
		at[same] = len(parties)
		parties = append(parties, p)
		if !known[p.key] {
			known[p.key] = true
			keys = append(keys, p.key)
		}
	}
	return parties, keys
}

// Verdict is the input of Decide.
type Verdict struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Status  Status `json:"status"` // cleared or confirmed
	Reason  string `json:"reason"`
}

// Validate reports every wrong field.
func (in *Verdict) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.OneOf("status", string(in.Status), string(Cleared), string(Certain))
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 2000)
	return c.Err()
}

// Decide clears or confirms a hit, with the reason.
var Decide = operation.New("screening.decide", func(ctx context.Context, tx *operation.Tx, in Verdict) (Hit, error) {
	before, err := hitByID(ctx, tx, in.ID)
	if err != nil {
		return Hit{}, err
	}
	after := before
	after.Status, after.Reason, after.DecidedBy, after.DecidedAt, after.Version = in.Status, in.Reason, tx.Actor.Name, tx.Now, in.Version+1
	kept, err := putHit(ctx, tx.Tx, after)
	if err != nil {
		return Hit{}, err
	}
	if !kept {
		return Hit{}, fault.Stale("screening.hit", in.ID)
	}
	tx.About(after.CustomerID)
	tx.Changed("screening.hit", after.ID, before, after)
	return after, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Verdict) error {
	h, err := hitByID(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	return customer.Visible(ctx, tx, tx.Actor, h.CustomerID)
})
