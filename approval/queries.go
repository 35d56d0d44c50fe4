package approval

import (
	"context"

	"github.com/xinheng/xinheng/internal/operation"
)

// ListInput filters requests; the zero value asks for all that wait.
type ListInput struct {
	Status     Status `json:"status,omitempty"`
	CustomerID string `json:"customer_id,omitempty"`
	Mine       bool   `json:"mine,omitempty"` // only what the reader can vote on now
	Limit      int    `json:"limit,omitempty"`
}

// Inbox is a list of requests, oldest first while they wait.
type Inbox struct {
	Requests []Request `json:"requests"`
	Waiting  int       `json:"waiting"` // how many of them the reader can vote on
}

// List shows requests. Those of customers outside the reader's scope are left out by the customer check of the pages
// that open them; the list itself names amounts only to people with authority or who asked.
var List = operation.NewView("approval.list", func(ctx context.Context, rd *operation.Reading, in ListInput) (Inbox, error) {
	if in.Status == "" && in.CustomerID == "" {
		in.Status = Waiting
	}
	limit := in.Limit
	if limit <= 0 || limit > 500 {
		limit = 200
	}
	all, err := listRequests(ctx, rd, in, limit)
	if err != nil {
		return Inbox{}, err
	}
	box := Inbox{}
	for _, r := range all {
		r.MayDecide = mayDecide(r, rd.Actor.ID, rd.Actor.Has) == nil
		if r.MayDecide {
			box.Waiting++
		}
		if !visible(rd.Actor, r) || in.Mine && !r.MayDecide {
			continue
		}
		box.Requests = append(box.Requests, r)
	}
	return box, nil
})

// visible: who asked, who voted or may vote, and whoever sees all customers.
func visible(a operation.Actor, r Request) bool {
	if a.SeesAll() || r.AskedBy == a.ID || r.MayDecide {
		return true
	}
	for _, v := range r.Votes {
		if v.UserID == a.ID {
			return true
		}
	}
	return false
}

// ByID names one request.
type ByID struct {
	ID string `json:"id"`
}

// View shows one request with its votes.
var View = operation.NewView("approval.view", func(ctx context.Context, rd *operation.Reading, in ByID) (Request, error) {
	r, err := requestByID(ctx, rd, in.ID)
	if err != nil {
		return Request{}, err
	}
	r.MayDecide = mayDecide(r, rd.Actor.ID, rd.Actor.Has) == nil
	if !visible(rd.Actor, r) {
		return Request{}, notFound(in.ID)
	}
	return r, nil
})

// KindInput names a kind of request.
type KindInput struct {
	Kind string `json:"kind"`
}

// ShowAuthority shows the authority matrix of a kind.
var ShowAuthority = operation.NewView("approval.authority", func(ctx context.Context, rd *operation.Reading, in KindInput) (Matrix, error) {
	rows, err := authorityOf(ctx, rd, in.Kind)
	return Matrix{Kind: in.Kind, Rows: rows}, err
})

// Operations lists the writes for the doors.
var Operations = []operation.Any{SetAuthority}

// Views lists the reads for the doors.
var Views = []operation.Any{List, View, ShowAuthority}
