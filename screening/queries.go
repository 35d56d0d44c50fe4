package screening

import (
	"context"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

var hitSpec = listing.Spec{ID: "h.id", Default: "-found_at", Columns: []listing.Column{
	{Name: "customer", SQL: "c.name"}, {Name: "customer_id", SQL: "h.customer_id"}, {Name: "status", SQL: "h.status"}, {Name: "source", SQL: "h.source"},
	{Name: "party_kind", SQL: "h.party_kind"}, {Name: "found_at", SQL: "h.found_at", Kind: listing.Number},
}}

// HitPage is a page of hits.
type HitPage struct {
	Rows []Hit  `json:"rows"`
	Next string `json:"next,omitempty"`
}

// Hits shows the hits of the customers within the reader's scope.
var Hits = operation.NewView("screening.list", func(ctx context.Context, rd *operation.Reading, in listing.Query) (HitPage, error) {
	return listHits(ctx, rd, rd.Actor, in)
})

// HitInput names a hit.
type HitInput struct {
	ID string `json:"id"`
}

// ViewHit shows a hit with the list's entry.
var ViewHit = operation.NewView("screening.view", func(ctx context.Context, rd *operation.Reading, in HitInput) (Hit, error) {
	h, err := hitByID(ctx, rd, in.ID)
	if err != nil {
		return Hit{}, err
	}
	return h, customer.Visible(ctx, rd, rd.Actor, h.CustomerID)
})

// ListsInput asks for the lists.
type ListsInput struct{}

// Lists shows the editions of the watch lists that are in force.
var Lists = operation.NewView("screening.lists", func(ctx context.Context, rd *operation.Reading, _ ListsInput) ([]List, error) {
	return lists(ctx, rd)
})

// RunsInput asks for the latest runs over all customers, or those of one customer.
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

// Operations lists the writes for the doors.
var Operations = []operation.Any{LoadList, ScreenCustomer, ScreenAll, Decide}

// Views lists the reads for the doors.
var Views = []operation.Any{Hits, ViewHit, Lists, Runs}
