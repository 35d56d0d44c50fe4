// Package story gives tests of whole stories a running Xinheng with its people.
package story

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
	"github.com/xinheng/xinheng/internal/eventlog"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// World is a Xinheng with an empty database, its people, and a clock that stands at Now until it is moved.
type World struct {
	*app.App
	T   *testing.T
	Now time.Time

	Manager, Manager2, Analyst, Sales, Sales2, Member1, Member2, Auditor operation.Actor
}

// Each runs the story on both engines.
func Each(t *testing.T, run func(w *World)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := &World{T: t, Now: time.Date(2026, 6, 15, 2, 0, 0, 0, time.UTC)}
		events, err := eventlog.Open(t.Context(), eventlog.Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(events.Close)
		w.App = app.New(db, events, app.Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return w.Now }})
		w.people()
		run(w)
	})
}

func (w *World) people() {
	person := func(login, team string, scope operation.Scope, roles ...access.Role) operation.Actor {
		w.T.Helper()
		a := access.User{ID: "user-" + login, Login: login, Name: login, TeamID: team, Scope: scope, Roles: roles}.Actor()
		return a
	}
	w.Manager = person("manager", "", operation.ScopeAll, access.CreditManager)
	w.Manager2 = person("manager2", "", operation.ScopeAll, access.CreditManager)
	w.Analyst = person("analyst", "", operation.ScopeAll, access.Analyst)
	w.Sales = person("sales", "east", operation.ScopeOwn, access.Sales)
	w.Sales2 = person("sales2", "west", operation.ScopeOwn, access.Sales)
	w.Member1 = person("member1", "", operation.ScopeAll, access.Committee)
	w.Member2 = person("member2", "", operation.ScopeAll, access.Committee)
	w.Auditor = person("auditor", "", operation.ScopeAll, access.Auditor)
}

// By is the call of a person.
func By(a operation.Actor) operation.Call { return operation.Call{Actor: a, Door: "test"} }

// Must runs an operation that has to work.
func Must[In, Out any](w *World, a operation.Actor, o *operation.Operation[In, Out], in In) Out {
	w.T.Helper()
	out, err := operation.Run(w.T.Context(), w.Runner, By(a), o, in)
	if err != nil {
		w.T.Fatalf("%s by %s: %v", o.Name(), a.Name, err)
	}
	return out
}

// See reads a view that has to work.
func See[In, Out any](w *World, a operation.Actor, v *operation.View[In, Out], in In) Out {
	w.T.Helper()
	out, err := operation.Read(w.T.Context(), w.Runner, By(a), v, in)
	if err != nil {
		w.T.Fatalf("%s by %s: %v", v.Name(), a.Name, err)
	}
	return out
}

// React carries out what has been caused so far, until nothing is left: the outbox, the event log, and what they cause.
func (w *World) React() {
	w.T.Helper()
	if err := w.Settle(context.WithoutCancel(w.T.Context())); err != nil {
		w.T.Fatal(err)
	}
}

// Today is the business date of the world's clock.
func (w *World) Today() clock.Date { return clock.DateOf(w.Now) }

// Yuan makes a CNY amount.
func Yuan(y int64) money.Amount { return money.Yuan(y) }
