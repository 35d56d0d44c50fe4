package screening_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/test/story"
)

type process struct {
	Runner *operation.Runner
	Lists  *screening.Screener
}

// processOver gives what screening needs of a process of its own over a database: it shares nothing in memory with others.
func processOver(db *database.DB, clock clock.Clock) process {
	r := &operation.Runner{DB: db, Clock: clock}
	p := process{r, &screening.Screener{Runner: r, Log: slog.New(slog.DiscardHandler)}}
	r.Lend(p.Lists)
	return p
}

func another(w *story.World) process { return processOver(w.DB, w.Runner.Clock) }

// What one process changes in lists and files, another sees with its next screening.
func TestProcessesSeeEachOthersChanges(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Alphatron,,,L,1,", "Company,Betamax,,,L,1,")
		c := create(w, w.Analyst, customer.Profile{Name: "Alphatron Ltd"})
		w.React() // both indexes of this process are built now
		other := another(w)
		run := func(name string) customer.Customer {
			w.T.Helper()
			made, err := operation.Run(w.T.Context(), other.Runner, story.By(w.Analyst), customer.Create, customer.New{Profile: customer.Profile{Name: name}})
			if err == nil {
				_, err = operation.Run(w.T.Context(), other.Runner, story.By(w.Analyst), screening.ScreenCustomer, screening.Screen{CustomerID: made.ID})
			}
			if err != nil {
				w.T.Fatal(err)
			}
			return made
		}
		theirs := run("Deltawing Shipping")
		if _, err := operation.Run(w.T.Context(), other.Runner, story.By(w.Manager), screening.LoadList, screening.Load{Source: "own_black", Files: [][]byte{[]byte("name\nDeltawing Shipping\nAlphatron\n")}, Accept: true}); err != nil {
			w.T.Fatal(err)
		}
		if hits := screen(w, c.ID); len(hits) != 2 {
			w.T.Errorf("a list that another process loaded: %+v", hits)
		}
		w.React() // the change is followed here, to a customer that was made there
		if hits := standing(w, theirs.ID); len(hits) != 1 {
			w.T.Errorf("a customer that another process made: %+v", hits)
		}
	})
}

// A process that dies while it follows a list's change is followed by one that does the rest, once.
func TestFollowingIsFinishedAfterACrash(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		const many = 130 // more than one transaction's worth
		for i := range many {
			p := customer.Profile{Name: fmt.Sprintf("Customer %d", i), NameEN: "Deltawing Shipping Lines"}
			if i%2 == 0 {
				p.Founded = w.Today().AddDays(-i) // of some, nothing but the name is known
			}
			create(w, w.Analyst, p)
		}
		w.React()
		story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "own_black", Files: [][]byte{[]byte("name\nDeltawing Shipping Lines\n")}, Accept: true})
		count := func() (hits, history int) {
			w.T.Helper()
			err := w.DB.QueryRow(w.T.Context(), `SELECT (SELECT COUNT(*) FROM screening_hit), (SELECT COUNT(*) FROM screening_decision)`).Scan(&hits, &history)
			if err != nil {
				w.T.Fatal(err)
			}
			return hits, history
		}
		dies := errors.New("power cut")
		record, writes := w.Runner.Record, 0
		w.Runner.Record = func(ctx context.Context, tx *database.Tx, e operation.Entry) error {
			if writes++; writes == 2 {
				return dies
			}
			return record(ctx, tx, e)
		}
		if _, err := w.Lists.CatchUp(w.T.Context()); !errors.Is(err, dies) {
			w.T.Fatalf("%v, want the power cut", err)
		}
		if hits, _ := count(); hits != 100 {
			w.T.Errorf("%d hits before the cut, want those of the first transaction", hits)
		}
		n, err := another(w).Lists.CatchUp(w.T.Context())
		if hits, history := count(); n != 1 || err != nil || hits != many || history != many {
			w.T.Errorf("%d lists followed, %d hits, %d lines of history, %v", n, hits, history, err)
		}
		if n, err := another(w).Lists.CatchUp(w.T.Context()); n != 0 || err != nil {
			w.T.Errorf("nothing is left: %d, %v", n, err)
		}
	})
}
