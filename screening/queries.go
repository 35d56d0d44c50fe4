package screening

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening/match"
)

// Band is a range of scores, from the score on.
type Band struct {
	Key  string
	From float64
}

// Bands are the ranges by which the work list is filtered, from strong to weak.
var Bands = []Band{{"strong", StrongScore}, {"high", 0.85}, {"middle", 0.7}, {"low", 0}}

// BandOf names the band of a score.
func BandOf(score float64) string {
	i := slices.IndexFunc(Bands, func(b Band) bool { return score >= b.From })
	return Bands[max(0, i)].Key
}

var hitSpec = listing.Spec{ID: "h.id", Default: "-score", Columns: []listing.Column{
	{Name: "customer", SQL: "c.name"}, {Name: "customer_id", SQL: "h.customer_id"}, {Name: "status", SQL: "h.status"}, {Name: "source", SQL: "h.source"}, {Name: "class", SQL: "h.class"},
	{Name: "party_kind", SQL: "h.party_kind"}, {Name: "score", SQL: "h.score", Kind: listing.Float}, {Name: "band", SQL: bandSQL}, {Name: "request_id", SQL: "h.request_id"},
	{Name: "found_at", SQL: "h.found_at", Kind: listing.Number},
}}

var entrySpec = listing.Spec{ID: "e.id", Default: "name", Columns: []listing.Column{{Name: "name", SQL: "e.name"}, {Name: "data", SQL: "e.data"}, {Name: "source_id", SQL: "e.source_id"}}}

// HitPage is a page of hits.
type HitPage struct {
	Rows []Hit  `json:"rows"`
	Next string `json:"next,omitempty"`
}

// Hits shows the hits of the customers within the reader's scope, the most alike first.
var Hits = operation.NewView("screening.list", func(ctx context.Context, rd *operation.Reading, in listing.Query) (HitPage, error) {
	return listHits(ctx, rd, rd.Actor, in)
})

// HitInput names a hit.
type HitInput struct {
	ID string `json:"id"`
}

// Decision is a line of a hit's history: what became of it, by whom and why.
type Decision struct {
	What     string    `json:"what"` // found, reopened, returned, suppressed, clearing, cleared, confirmed, agreed, refused, entry_removed, no_longer_alike
	Reason   string    `json:"reason,omitempty"`
	Evidence string    `json:"evidence,omitempty"`
	Score    float64   `json:"score"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// Case is a hit with its history, latest first.
type Case struct {
	Hit
	NeedsSecond bool       `json:"needs_second"` // a second person has to agree before it is cleared
	History     []Decision `json:"history"`
}

// ViewHit shows a hit with both sides and its history.
var ViewHit = operation.NewView("screening.view", func(ctx context.Context, rd *operation.Reading, in HitInput) (Case, error) {
	h, err := hitByID(ctx, rd, in.ID)
	if err != nil {
		return Case{}, err
	}
	if err := customer.Visible(ctx, rd, rd.Actor, h.CustomerID); err != nil {
		return Case{}, err
	}
	history, err := decisionsOf(ctx, rd, h.ID)
	return Case{Hit: h, NeedsSecond: h.NeedsSecond(), History: history}, err
})

// ListsInput asks for the lists.
type ListsInput struct{}

// List is a watch list with its editions.
type List struct {
	Source
	InForce  *Edition  `json:"in_force,omitempty"`
	Waiting  *Edition  `json:"waiting,omitempty"`
	Fetched  bool      `json:"fetched"` // an administrator has said from where
	TriedAt  time.Time `json:"tried_at"`
	Failure  string    `json:"failure,omitempty"` // why the last attempt to fetch it failed
	Screened bool      `json:"screened"`          // everybody was screened against the edition in force
}

// Lists shows the watch lists, those without an edition too.
var Lists = operation.NewView("screening.lists", func(ctx context.Context, rd *operation.Reading, _ ListsInput) ([]List, error) {
	editions, err := standingEditions(ctx, rd)
	if err != nil {
		return nil, err
	}
	rows, err := sourceRows(ctx, rd)
	if err != nil {
		return nil, err
	}
	all := make([]List, len(Sources))
	for i, s := range Sources {
		all[i] = List{Source: s}
		for _, e := range editions {
			if e.Source == s.Key && e.Status == EditionInForce {
				all[i].InForce = &e
			} else if e.Source == s.Key {
				all[i].Waiting = &e
			}
		}
		for _, r := range rows {
			if r.Key == s.Key {
				all[i].Fetched, all[i].TriedAt, all[i].Failure, all[i].Screened = len(r.URLs) > 0, r.TriedAt, r.Failure, r.CurrentNo == r.ScreenedNo
			}
		}
	}
	return all, nil
})

// Editions shows the editions of a list, latest first, 100 at most.
var Editions = operation.NewView("screening.editions", func(ctx context.Context, rd *operation.Reading, in SourceInput) ([]Edition, error) {
	return editionsOf(ctx, rd, in.Source)
})

// EntriesInput asks for the entries in force of a list. Search looks in all that an entry holds.
type EntriesInput struct {
	Source string `json:"source"`
	Search string `json:"search,omitempty"`
	listing.Query
}

// EntryPage is a page of entries.
type EntryPage struct {
	Rows []Entry `json:"rows"`
	Next string  `json:"next,omitempty"`
}

// Entries shows the entries in force of a list.
var Entries = operation.NewView("screening.entries", func(ctx context.Context, rd *operation.Reading, in EntriesInput) (EntryPage, error) {
	if in.Search != "" {
		in.Filters = append(slices.Clone(in.Filters), listing.Filter{Column: "data", Op: "has", Value: in.Search})
	}
	return listEntries(ctx, rd, in.Source, in.Query)
})

// EditionInput asks for an edition and a part of its difference: Most changes from From on; Kind keeps one kind only.
type EditionInput struct {
	ID   string `json:"id"`
	Kind string `json:"kind,omitempty"` // removed, changed, added
	From int    `json:"from,omitempty"`
	Most int    `json:"most,omitempty"` // 200 unless said
}

// Change is what an edition changed of one entry.
type Change struct {
	Kind   string `json:"kind"` // removed, changed, added
	Before *Entry `json:"before,omitempty"`
	After  *Entry `json:"after,omitempty"`
}

// Name is the entry's name, the later one.
func (c Change) Name() string {
	if c.After != nil {
		return c.After.Name
	}
	return c.Before.Name
}

// Difference is an edition with what it changed: removed entries first, then changed, then added.
type Difference struct {
	Edition
	Loses   bool     `json:"loses"` // somebody has to confirm it
	Changes []Change `json:"changes"`
	More    bool     `json:"more"`
}

// ChangeKinds are the kinds of change in the order in which they are shown.
var ChangeKinds = []string{"removed", "changed", "added"}

// ShowEdition shows an edition and how it differs from the one that was in force when it was loaded.
var ShowEdition = operation.NewView("screening.edition", func(ctx context.Context, rd *operation.Reading, in EditionInput) (Difference, error) {
	e, err := editionByID(ctx, rd, in.ID)
	if err != nil {
		return Difference{}, err
	}
	rows, err := listedBetween(ctx, rd, e.Source, e.No-1, e.No)
	if err != nil {
		return Difference{}, err
	}
	d := Difference{Edition: e, Loses: e.Loses()}
	all := changesOf(rows, e.No)
	if in.Kind != "" {
		all = slices.DeleteFunc(all, func(c Change) bool { return c.Kind != in.Kind })
	}
	if in.Most <= 0 || in.Most > listing.MostRows {
		in.Most = 200
	}
	from := min(max(0, in.From), len(all))
	to := min(from+in.Most, len(all))
	d.Changes, d.More = all[from:to], to < len(all)
	return d, nil
})

func changesOf(rows []listed, no int64) []Change {
	at := map[string]int{}
	var all []Change
	for _, l := range rows {
		i, known := at[l.entry.SourceID]
		if !known {
			i = len(all)
			at[l.entry.SourceID] = i
			all = append(all, Change{})
		}
		e := l.entry
		if l.since == no {
			all[i].After = &e
		} else {
			all[i].Before = &e
		}
	}
	for i, c := range all {
		switch {
		case c.After == nil:
			all[i].Kind = "removed"
		case c.Before == nil:
			all[i].Kind = "added"
		default:
			all[i].Kind = "changed"
		}
	}
	slices.SortStableFunc(all, func(a, b Change) int {
		return cmp.Or(cmp.Compare(slices.Index(ChangeKinds, a.Kind), slices.Index(ChangeKinds, b.Kind)), strings.Compare(a.Name(), b.Name()))
	})
	return all
}

// RunsInput asks for the latest runs over several customers, or those of one customer.
type RunsInput struct {
	CustomerID string `json:"customer_id,omitempty"`
}

// Runs shows when was screened against which editions, latest first, 50 at most.
var Runs = operation.NewView("screening.runs", func(ctx context.Context, rd *operation.Reading, in RunsInput) ([]Run, error) {
	if in.CustomerID != "" {
		if err := customer.Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
			return nil, err
		}
	}
	return runsOf(ctx, rd, in.CustomerID)
})

// Query asks who on the lists resembles a party that need not be a customer.
type Query struct {
	Name      string `json:"name"`
	Kind      string `json:"kind,omitempty"`      // person or organisation
	Countries string `json:"countries,omitempty"` // split by semicolons, as are the following
	Born      string `json:"born,omitempty"`
	IDs       string `json:"ids,omitempty"`
}

// Validate reports every wrong field.
func (in *Query) Validate() error {
	var c fault.Check
	c.Required("name", in.Name)
	c.Length("name", in.Name, 300)
	if in.Kind == "" {
		in.Kind = kindOrganisation
	}
	c.OneOf("kind", in.Kind, kindOrganisation, kindPerson)
	return c.Err()
}

// Match is an entry that resembles the party asked for.
type Match struct {
	Source string       `json:"source"`
	Class  Class        `json:"class"`
	Entry  Entry        `json:"entry"`
	Score  float64      `json:"score"`
	Why    match.Result `json:"why"`
}

// Search looks a name up in all lists, the most alike first. Nothing is kept.
var Search = operation.NewView("screening.search", func(ctx context.Context, rd *operation.Reading, in Query) ([]Match, error) {
	s, err := lentScreener(rd)
	if err != nil {
		return nil, err
	}
	x, err := s.current(ctx, rd)
	if err != nil {
		return nil, err
	}
	p := party{Party: Party{Kind: in.Kind, Name: in.Name, Countries: commas(alternatives(in.Countries)...), Born: commas(alternatives(in.Born)...), IDs: alternatives(in.IDs)}}
	var all []Match
	for _, c := range x.search(p) {
		all = append(all, Match{Source: c.listed.source, Class: classOf(c.listed.source), Entry: c.listed.entry, Score: c.result.Score, Why: c.result})
	}
	return all, nil
})

// Operations lists the writes for the doors.
var Operations = []operation.Any{LoadList, FetchList, Accept, Discard, SaveEntry, RemoveEntry, SetSource, ScreenCustomer, Enter, ScreenAll, Decide, ClearMany, Agree}

// Views lists the reads for the doors.
var Views = []operation.Any{Hits, ViewHit, Lists, Editions, ShowEdition, Entries, Runs, Search, ShowSource}
