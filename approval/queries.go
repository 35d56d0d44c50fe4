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
	Waiting  int       `json:"waiting"` // how many the reader can vote on, of all that were asked for
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
	box := Inbox{}
	// What the reader may see and decide is known from votes and steps: page on until his list is full, so that requests of
	// others in front of it do not push his own out.
	for after := (Request{}); ; {
		part, err := listRequests(ctx, rd, rd.Actor, in, after, pageSize)
		if err != nil {
			return Inbox{}, err
		}
		for _, r := range part {
			r.MayDecide = mayDecide(r, rd.Actor.ID, rd.Actor.Has) == nil
			if !visible(rd.Actor, r) || in.Mine && !r.MayDecide {
				continue
			}
			if r.MayDecide {
				box.Waiting++
			}
			if len(box.Requests) < limit {
				box.Requests = append(box.Requests, r)
			}
		}
		// Waiting requests are counted to the end, so that the number on the workbench is right.
		if len(part) < pageSize || len(box.Requests) >= limit && in.Status != Waiting {
			return box, nil
		}
		after = part[len(part)-1]
	}
})

const pageSize = 500

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
