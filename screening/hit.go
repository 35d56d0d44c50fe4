package screening

import (
	"context"
	"maps"
	"time"

	"github.com/xinheng/xinheng/internal/database"
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
	Open       Status = "open"
	Clearing   Status = "clearing"   // cleared by one person, waits for a second
	Cleared    Status = "cleared"    // another party of the same name
	Certain    Status = "confirmed"  // the listed party
	Suppressed Status = "suppressed" // put aside by the white list
	Closed     Status = "closed"     // the entry was removed, or the names are no longer alike
)

// Statuses are the states in the order pages show them.
var Statuses = []Status{Open, Clearing, Certain, Cleared, Suppressed, Closed}

// Undecided tells that the hit needs a person.
func (s Status) Undecided() bool { return s == Open || s == Clearing }

// StrongScore is the score from which a second person has to agree before a hit is cleared.
const StrongScore = 0.95

// The reasons for which a hit is closed without a person.
const (
	GoneEntry  = "entry_removed"
	GoneUnlike = "no_longer_alike"
)

// Hit is a customer, one of its owners or officers who resembles a party on a watch list.
type Hit struct {
	ID           string       `json:"id"`
	CustomerID   string       `json:"customer_id"`
	CustomerName string       `json:"customer_name,omitempty"`
	PartyKind    string       `json:"party_kind"` // customer, shareholder, legal_representative, contact
	Party        string       `json:"party"`
	Key          string       `json:"key,omitempty"` // tells parties of one kind apart
	Ours         Party        `json:"ours"`
	Source       string       `json:"source"`
	Class        Class        `json:"class"`
	SourceID     string       `json:"source_id"`
	ListedName   string       `json:"listed_name"` // the entry's name that met best
	Entry        Entry        `json:"entry"`
	Score        float64      `json:"score"`
	Explanation  match.Result `json:"explanation"`
	SHA256       string       `json:"sha256"` // of both sides: the facts that a decision rests on
	Status       Status       `json:"status"`
	Reason       string       `json:"reason,omitempty"`
	Evidence     string       `json:"evidence,omitempty"`
	RequestID    string       `json:"request_id,omitempty"` // of the approval that clearing waits for
	DecidedBy    string       `json:"decided_by,omitempty"`
	DecidedAt    time.Time    `json:"decided_at"`
	FoundAt      time.Time    `json:"found_at"`
	GoneAt       time.Time    `json:"gone_at"` // since when a decided hit is no longer found
	Version      int64        `json:"version"`
}

// Bars tells that business must not go on: a person confirmed the hit, and the list is one that bars.
func (h Hit) Bars() bool { return h.Status == Certain && h.Class != Grey }

// NeedsSecond tells that a second person has to agree before the hit is cleared.
func (h Hit) NeedsSecond() bool { return h.Class == Sanctions || h.Score >= StrongScore }

// fact is what a hit is about; there is one hit a fact.
type fact struct{ customerID, partyKind, key, source, sourceID string }

func (h Hit) fact() fact { return fact{h.CustomerID, h.PartyKind, h.Key, h.Source, h.SourceID} }

// hit makes the hit of a candidate, as if it were new.
func (c candidate) hit(now time.Time) Hit {
	h := Hit{ID: operation.NewID(), CustomerID: c.party.customerID, PartyKind: c.party.kind, Party: c.party.Name, Key: c.party.key, Ours: c.party.Party, Source: c.listed.source,
		Class: classOf(c.listed.source), SourceID: c.listed.entry.SourceID, ListedName: c.result.B, Entry: c.listed.entry, Score: c.result.Score, Explanation: c.result,
		SHA256: hashOf(c.listed.sha256 + c.party.facts()), Status: Open, FoundAt: now, Version: 1}
	if h.ListedName == "" {
		h.ListedName = h.Entry.Name
	}
	if c.white != nil && h.Class != Black && !h.sharesNumber() {
		h.Status, h.Reason = Suppressed, c.white.Name
	}
	return h
}

// sharesNumber tells that both sides bear one register number, so that the hit is no mere likeness of names.
func (h Hit) sharesNumber() bool {
	for _, f := range h.Explanation.Facts {
		if f.What == "id" && f.Agree {
			return true
		}
	}
	return false
}

// outcome is what screening some customers found: all their hits, and how many of them are new or reopened.
type outcome struct {
	hits       []Hit
	names, new int
}

// record brings the customers' hits to what a search found. It answers ErrPrepareAgain when the lists or the files have
// changed since the search.
func record(ctx context.Context, tx *operation.Tx, f *finding) (outcome, error) {
	if err := holds(ctx, tx, f); err != nil {
		return outcome{}, err
	}
	standing, err := hitsOf(ctx, tx, f.customers)
	if err != nil {
		return outcome{}, err
	}
	done := outcome{names: f.parties}
	for _, c := range f.candidates {
		h := c.hit(tx.Now)
		before, known := standing[h.fact()]
		delete(standing, h.fact())
		what := "found"
		if known {
			h, what = before.again(h)
		}
		done.hits = append(done.hits, h)
		if what == "" {
			continue
		}
		if err := found(ctx, tx, before, &h, what); err != nil {
			return outcome{}, err
		}
		done.hits[len(done.hits)-1] = h
		if h.Status == Open {
			tx.Publish(HitTopic, h.CustomerID, h)
			done.new++
		}
	}
	for _, before := range standing {
		h, what := before.gone(f.entries, tx.Now)
		if what == "" {
			continue
		}
		if err := found(ctx, tx, before, &h, what); err != nil {
			return outcome{}, err
		}
	}
	return done, nil
}

// found keeps what a search changed; when somebody screened or decided at this very moment, the search is done again.
func found(ctx context.Context, tx *operation.Tx, before Hit, h *Hit, what string) error {
	err := keep(ctx, tx, before, h, what)
	if fault.KindOf(err) == fault.KindStale {
		return operation.ErrPrepareAgain
	}
	return err
}

// holds checks that what was searched is what stands.
func holds(ctx context.Context, tx *operation.Tx, f *finding) error {
	numbers, err := editionNumbers(ctx, tx)
	if err != nil {
		return err
	}
	if !maps.Equal(f.numbers, numbers) {
		return operation.ErrPrepareAgain
	}
	rows, err := partyRows(ctx, tx, f.customers)
	if err != nil {
		return err
	}
	if factsOf(partiesOf(rows)) != f.facts {
		return operation.ErrPrepareAgain
	}
	return nil
}

// again is what becomes of a hit that was found once more, and what to call that; nothing when it stays as it is.
func (h Hit) again(now Hit) (Hit, string) {
	now.ID, now.Version = h.ID, h.Version
	if now.SHA256 != h.SHA256 {
		if now.Status == Suppressed {
			return now, "suppressed"
		}
		return now, "reopened"
	}
	now.FoundAt = h.FoundAt
	switch h.Status {
	case Open, Suppressed, Closed:
		if now.Status == h.Status && now.Reason == h.Reason {
			return h, ""
		}
		if now.Status == Suppressed {
			return now, "suppressed"
		}
		return now, "reopened"
	}
	if !h.GoneAt.IsZero() {
		h.GoneAt = time.Time{}
		return h, "returned"
	}
	return h, ""
}

// gone is what becomes of a hit that is not found any more. What a person decided stays, as a list may err; the page
// says that the entry has gone.
func (h Hit) gone(entries map[string]listed, at time.Time) (Hit, string) {
	reason := GoneUnlike
	if _, stands := entries[listedID(h.Source, h.SourceID)]; !stands {
		reason = GoneEntry
	}
	switch h.Status {
	case Closed:
		return h, ""
	case Cleared, Certain:
		if !h.GoneAt.IsZero() {
			return h, ""
		}
		h.GoneAt = at
		return h, reason
	}
	h.Status, h.Reason, h.Evidence, h.RequestID, h.DecidedBy, h.DecidedAt = Closed, reason, "", "", "", at
	return h, reason
}

// Confirmed counts a customer's confirmed hits that bar business, for the scorecard's veto. A hit on the grey list warns.
func Confirmed(ctx context.Context, q database.Querier, customerID string) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM screening_hit WHERE customer_id = $1 AND status = 'confirmed' AND class <> 'grey'`, customerID).Scan(&n)
	return n, err
}

// Warnings counts a customer's hits on the grey list that nobody has cleared.
func Warnings(ctx context.Context, q database.Querier, customerID string) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM screening_hit WHERE customer_id = $1 AND status IN ('open', 'clearing', 'confirmed') AND class = 'grey'`, customerID).Scan(&n)
	return n, err
}

// HasOpenOrConfirmed tells whether a customer has hits that nobody has decided yet, and whether it has confirmed ones
// that bar business.
func HasOpenOrConfirmed(ctx context.Context, q database.Querier, customerID string) (open, confirmed bool, err error) {
	var n int
	if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM screening_hit WHERE customer_id = $1 AND status IN ('open', 'clearing')`, customerID).Scan(&n); err != nil {
		return false, false, err
	}
	certain, err := Confirmed(ctx, q, customerID)
	return n > 0, certain > 0, err
}
