package test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/test/story"
)

var ask = operation.New("test.ask", approval.Open)

// What waits for somebody is in his list however much of others' stands before it, and each closed request that he had a
// part in too.
func TestNobodysRequestIsPushedOutOfHisList(t *testing.T) {
	story.Each(t, func(w *story.World) {
		system := operation.System("test")
		story.Must(w, system, approval.SetAuthority, approval.Matrix{Kind: "screening", Rows: []approval.Authority{{Currency: "*", UpTo: math.MaxInt64, Steps: []approval.Step{{Role: "legal", Votes: 1}}}}})
		lawyer := access.User{ID: "lawyer", Name: "lawyer", Scope: operation.ScopeOwn, Roles: []access.Role{access.Legal}}.Actor()
		by := func(a operation.Actor, kind string, n int) (last approval.Request) {
			a.May = func(string) bool { return true }
			for i := range n {
				last = story.Must(w, a, ask, approval.Ask{Kind: kind, Reference: fmt.Sprint(kind, i), Title: "t", Amount: story.Yuan(1)})
			}
			return last
		}
		by(w.Manager, "limit", 520)
		special := by(w.Manager2, "screening", 1)
		own := by(w.Sales, "limit", 1)

		box := story.See(w, lawyer, approval.List, approval.ListInput{})
		if len(box.Requests) != 1 || box.Requests[0].ID != special.ID || box.Waiting != 1 {
			w.T.Errorf("the lawyer sees %d, %d wait", len(box.Requests), box.Waiting)
		}
		box = story.See(w, w.Sales, approval.List, approval.ListInput{})
		if len(box.Requests) != 1 || box.Requests[0].ID != own.ID || box.Waiting != 0 {
			w.T.Errorf("the salesman sees %d, %d wait", len(box.Requests), box.Waiting)
		}
		box = story.See(w, w.Manager, approval.List, approval.ListInput{Mine: true})
		if len(box.Requests) != 1 || box.Requests[0].ID != own.ID || box.Waiting != 1 {
			w.T.Errorf("the manager can decide %d, %d wait", len(box.Requests), box.Waiting)
		}
		box = story.See(w, w.Manager2, approval.List, approval.ListInput{Limit: 30})
		if len(box.Requests) != 30 || box.Waiting != 521 {
			w.T.Errorf("the other sees %d, %d wait", len(box.Requests), box.Waiting)
		}
		decide := operation.New("test.decide", func(ctx context.Context, tx *operation.Tx, in approval.Decision) (approval.Request, error) {
			return approval.Decide(ctx, tx, "screening", in)
		})
		voter := lawyer
		voter.May = func(string) bool { return true }
		story.Must(w, voter, decide, approval.Decision{RequestID: special.ID, Version: 1, Verdict: approval.Approve})
		for who, want := range map[*operation.Actor]int{&lawyer: 1, &w.Sales: 0, &w.Manager: 1} {
			if box := story.See(w, *who, approval.List, approval.ListInput{Status: approval.Approved}); len(box.Requests) != want || want == 1 && len(box.Requests[0].Votes) != 1 {
				w.T.Errorf("%s sees %+v of what is approved", who.Name, box.Requests)
			}
		}
	})
}

// An alert goes to somebody who is there, under the name that he has.
func TestAnAlertIsGivenToSomebodyWhoIsThere(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := firm(w, "安泽恒岳机械有限公司", "K-1")
		raise := operation.New("test.raise", monitoring.Raise)
		a := story.Must(w, operation.System("test"), raise, monitoring.Alert{CustomerID: c.ID, RuleID: "r", Severity: monitoring.High, Dedup: "r:" + c.ID, TitleZH: "甲", TitleEN: "A"})
		li, gone := person(w, "li", access.Collector), person(w, "gone", access.Collector)
		story.Must(w, operation.System("test"), access.UpdateUser, access.SetUser{ID: gone.ID, Version: 1, Name: gone.Name, Scope: gone.Scope, Roles: gone.Roles, Disabled: true})
		for _, id := range []string{"nobody", gone.ID} {
			_, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), monitoring.Assign, monitoring.AssignInput{AlertID: a.ID, Version: a.Version, UserID: id})
			if f := fault.As(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Path != "user_id" {
				w.T.Errorf("%s: %v", id, err)
			}
		}
		got := story.Must(w, w.Manager, monitoring.Assign, monitoring.AssignInput{AlertID: a.ID, Version: a.Version, UserID: li.ID})
		if got.AssignedTo != li.ID || got.AssignedName != li.Name {
			w.T.Errorf("%+v", got)
		}
	})
}
