package screening_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/test/story"
)

const header = "Type,Name,Alias,Chinese name,List,Date,Country\n"

func table(rows ...string) [][]byte {
	return [][]byte{[]byte(header + strings.Join(rows, "\n") + "\n")}
}

// load puts an edition of China's list in force and screens everybody whom it concerns.
func load(w *story.World, rows ...string) screening.Edition {
	w.T.Helper()
	e := story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "china", Files: table(rows...), Accept: true})
	if e.Status == screening.EditionWaiting {
		e = story.Must(w, w.Manager, screening.Accept, screening.Acceptance{ID: e.ID, Version: e.Version, Confirm: true})
	}
	w.React()
	return e
}

func create(w *story.World, by operation.Actor, p customer.Profile) customer.Customer {
	w.T.Helper()
	return story.Must(w, by, customer.Create, customer.New{Profile: p})
}

func screen(w *story.World, id string) []screening.Hit {
	w.T.Helper()
	return story.Must(w, w.Analyst, screening.ScreenCustomer, screening.Screen{CustomerID: id})
}

// standing gives the customer's hits as they stand, without screening, by the entry's name.
func standing(w *story.World, id string) map[string]screening.Hit {
	w.T.Helper()
	found := map[string]screening.Hit{}
	for _, h := range story.See(w, w.Manager, screening.Hits, listing.Query{Filters: []listing.Filter{{Column: "customer_id", Value: id}}}).Rows {
		found[h.Entry.Name] = h
	}
	return found
}

func confirm(w *story.World, h screening.Hit) screening.Hit {
	w.T.Helper()
	return story.Must(w, w.Manager, screening.Decide, screening.Verdict{ID: h.ID, Version: h.Version, Status: screening.Certain, Reason: "same USCC"})
}

// clearHit clears a hit with two persons.
func clearHit(w *story.World, h screening.Hit) {
	w.T.Helper()
	waits := story.Must(w, w.Analyst, screening.Decide, screening.Verdict{ID: h.ID, Version: h.Version, Status: screening.Cleared, Reason: "USCC differs", Evidence: "register of 2026-06-01"})
	if waits.Status == screening.Clearing {
		story.Must(w, w.Manager, screening.Agree, approval.Decision{RequestID: waits.RequestID, Version: 1, Verdict: approval.Approve, Reason: "seen"})
	}
}

func refused[In, Out any](w *story.World, by operation.Actor, o *operation.Operation[In, Out], in In, want fault.Kind) *fault.Error {
	w.T.Helper()
	_, err := operation.Run(w.T.Context(), w.Runner, story.By(by), o, in)
	if fault.KindOf(err) != want {
		w.T.Fatalf("%s by %s: %v, want %s", o.Name(), by.Name, err, want)
	}
	return fault.As(err)
}

// announced counts the hits published from now on.
func announced(w *story.World) *int {
	n, send := new(int), w.Runner.Send
	w.Runner.Send = func(ctx context.Context, tx *database.Tx, events []operation.Event, call operation.Call, now time.Time) error {
		for _, e := range events {
			if e.Topic == screening.HitTopic {
				*n++
			}
		}
		return send(ctx, tx, events, call, now)
	}
	return n
}

func TestEveryNameOfTheFileIsCompared(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Alphatron Ltd,,阿尔法隆有限公司,L,1,", "Company,Betamax Inc,,,L,1,", "Person,Gamma Petrosyan,,,L,1,", "Company,Deltawing Shipping,,,L,1,", "Person,Epsilon Kowalski,,欧阳伊普,L,1,", "Company,Nobody Industries,,,L,1,")
		c := create(w, w.Analyst, customer.Profile{Name: "阿尔法隆股份有限公司", NameEN: "Alphatron, Limited", ShortName: "ｂｅｔａｍａｘ", LegalRepresentative: "gamma petrosyan"})
		story.Must(w, w.Analyst, customer.SetShareholders, customer.Shareholders{CustomerID: c.ID, Shareholders: []customer.Shareholder{{Kind: "company", Name: "DELTAWING SHIPPING", Share: 60}, {Kind: "company", Name: "Deltawing Shipping Co.", Share: 40}}})
		story.Must(w, w.Analyst, customer.AddContact, customer.Contact{CustomerID: c.ID, Name: "欧阳伊普"})
		w.React() // the file's changes cause its screening
		var got []string
		for _, h := range standing(w, c.ID) {
			got = append(got, h.PartyKind+" "+h.Entry.Name)
		}
		slices.Sort(got)
		want := []string{"contact Epsilon Kowalski", "customer Alphatron Ltd", "customer Betamax Inc", "legal_representative Gamma Petrosyan", "shareholder Deltawing Shipping"}
		if !slices.Equal(got, want) { // the customer's three names are one party, so are two owners of one name
			w.T.Errorf("%q, want %q", got, want)
		}
		for _, h := range standing(w, c.ID) {
			if h.Score < 0.5 || h.Score >= 1 || len(h.Explanation.Steps) == 0 || h.Ours.Name == "" {
				w.T.Errorf("a hit says how alike and why: %+v", h)
			}
		}
		runs := story.See(w, w.Manager, screening.Runs, screening.RunsInput{CustomerID: c.ID})
		if len(runs) != 3 || runs[0].FinishedAt.IsZero() || len(runs[0].Lists) != 1 {
			w.T.Errorf("created, owners, contact: %+v", runs)
		}
		_ = refused(w, w.Analyst, screening.ScreenCustomer, screening.Screen{CustomerID: "nobody"}, fault.KindNotFound)
	})
}

// The life of a case: found, cleared by two persons, remembered over reloads, reopened by each side's facts, closed when
// the entry goes, and open again when it comes back.
func TestDecisionsAreRememberedUntilFactsChange(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := create(w, w.Analyst, customer.Profile{Name: "Alphatron Limited", LegalRepresentative: "Gamma Petrosyan"})
		w.React()
		events := announced(w)
		first := load(w, "Company,Alphatron,,,L,1,US", "Person,Gamma Petrosyan,,,L,1,")
		found := standing(w, c.ID) // nobody screened the customer: the list's change did
		alpha, gamma := found["Alphatron"], found["Gamma Petrosyan"]
		if len(found) != 2 || *events != 2 || alpha.Status != screening.Open {
			w.T.Fatalf("%d events: %+v", *events, found)
		}
		is := func(name string, want screening.Status) screening.Hit {
			w.T.Helper()
			h := standing(w, c.ID)[name]
			if h.Status != want {
				w.T.Errorf("%s is %s, want %s", name, h.Status, want)
			}
			return h
		}
		is("Alphatron", screening.Open)
		clearHit(w, alpha)
		confirm(w, gamma)
		if open, barred, err := screening.HasOpenOrConfirmed(w.T.Context(), w.DB, c.ID); err != nil || open || !barred {
			w.T.Errorf("open %v, barred %v, %v", open, barred, err)
		}
		cleared := is("Alphatron", screening.Cleared)
		if cleared.Reason != "USCC differs" || cleared.Evidence != "register of 2026-06-01" || cleared.DecidedBy != "analyst / manager" {
			w.T.Errorf("who and why: %+v", cleared)
		}

		if again := load(w, "Company,Alphatron,,,L,1,US", "Person,Gamma Petrosyan,,,L,1,"); again.New || again.ID != first.ID {
			w.T.Errorf("the same file again: %+v", again)
		}
		screen(w, c.ID)
		load(w, "Company,Nobody Industries,,,L,1,", "Company,Alphatron,,,L,1,US", "Person,Gamma Petrosyan,,,L,1,")
		screen(w, c.ID)
		is("Alphatron", screening.Cleared)
		is("Gamma Petrosyan", screening.Certain)
		if *events != 2 {
			w.T.Errorf("%d events, but nothing is new", *events)
		}

		load(w, "Company,Alphatron,,,L,1,CN", "Person,Gamma Petrosyan,,,L,1,")
		reopened := is("Alphatron", screening.Open)
		is("Gamma Petrosyan", screening.Certain)
		if reopened.ID != alpha.ID || reopened.Reason != "" || reopened.Entry.Countries != "CN" || *events != 3 {
			w.T.Errorf("the entry has changed, %d events: %+v", *events, reopened)
		}
		clearHit(w, reopened)
		c.USCC = "91330100799655058B"
		c = story.Must(w, w.Analyst, customer.Update, customer.Edit{ID: c.ID, Version: c.Version, Profile: c.Profile})
		w.React()
		is("Alphatron", screening.Open)

		load(w, "Company,Nobody Industries,,,L,1,")
		if h := is("Alphatron", screening.Closed); h.Reason != screening.GoneEntry {
			w.T.Errorf("why it was closed: %+v", h)
		}
		if h := is("Gamma Petrosyan", screening.Certain); h.GoneAt.IsZero() {
			w.T.Errorf("a person's decision stays, and says that the entry has gone: %+v", h)
		}
		_ = refused(w, w.Analyst, screening.Decide, screening.Verdict{ID: alpha.ID, Version: is("Alphatron", screening.Closed).Version, Status: screening.Cleared, Reason: "late"}, fault.KindConflict)
		load(w, "Company,Alphatron,,,L,1,CN", "Person,Gamma Petrosyan,,,L,1,")
		is("Alphatron", screening.Open)
		if h := is("Gamma Petrosyan", screening.Certain); !h.GoneAt.IsZero() {
			w.T.Errorf("the entry is back: %+v", h)
		}

		c.Name = "Quite Another Name Limited"
		story.Must(w, w.Analyst, customer.Update, customer.Edit{ID: c.ID, Version: c.Version, Profile: c.Profile})
		w.React()
		if h := is("Alphatron", screening.Closed); h.Reason != screening.GoneUnlike {
			w.T.Errorf("the name has changed: %+v", h)
		}
		var story1 []string
		for _, d := range story.See(w, w.Sales2, screening.Lists, screening.ListsInput{}) {
			if d.Key == "china" && (d.InForce == nil || d.InForce.Entries != 2 || !d.Screened) {
				w.T.Errorf("the list in force: %+v", d)
			}
		}
		for _, d := range story.See(w, w.Manager, screening.ViewHit, screening.HitInput{ID: alpha.ID}).History {
			story1 = append(story1, d.What)
		}
		want := []string{"no_longer_alike", "reopened", "entry_removed", "reopened", "agreed", "clearing", "reopened", "agreed", "clearing", "found"}
		if !slices.Equal(story1, want) {
			w.T.Errorf("history %q, want %q", story1, want)
		}
	})
}

func TestClearingNeedsTwoPersons(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Alphatron,,,L,1,US")
		story.Must(w, w.Manager, screening.SaveEntry, screening.OwnEntry{Source: "own_grey", Name: "Deltawing Shipping Lines", Reason: "slow payer in 2024"})
		w.React()
		c := create(w, w.Analyst, customer.Profile{Name: "Alphatron Limited"})
		grey := create(w, w.Analyst, customer.Profile{Name: "Deltawin Shipping Lines"})
		w.React()
		h := standing(w, c.ID)["Alphatron"]
		_ = refused(w, w.Manager, screening.Decide, screening.Verdict{ID: h.ID, Version: 9, Status: screening.Cleared, Reason: "late"}, fault.KindStale)
		if err := refused(w, w.Manager, screening.Decide, screening.Verdict{Status: "open"}, fault.KindInvalid); len(err.Fields) != 4 {
			w.T.Errorf("all wrong fields: %v", err)
		}
		waits := story.Must(w, w.Manager, screening.Decide, screening.Verdict{ID: h.ID, Version: h.Version, Status: screening.Cleared, Reason: "USCC differs"})
		if waits.Status != screening.Clearing || waits.RequestID == "" {
			w.T.Fatalf("a sanctions hit waits: %+v", waits)
		}
		vote := approval.Decision{RequestID: waits.RequestID, Version: 1, Verdict: approval.Approve}
		_ = refused(w, w.Manager, screening.Agree, vote, fault.KindForbidden) // his own
		_ = refused(w, w.Analyst, screening.Agree, vote, fault.KindForbidden) // not his role
		story.Must(w, w.Manager2, screening.Agree, approval.Decision{RequestID: waits.RequestID, Version: 1, Verdict: approval.Reject, Reason: "look at the owners"})
		h = standing(w, c.ID)["Alphatron"]
		if h.Status != screening.Open {
			w.T.Errorf("refused: %+v", h)
		}
		waits = story.Must(w, w.Manager, screening.Decide, screening.Verdict{ID: h.ID, Version: h.Version, Status: screening.Cleared, Reason: "USCC differs, owners too"})
		c.USCC = "91330100799655058B" // meanwhile the facts change
		story.Must(w, w.Analyst, customer.Update, customer.Edit{ID: c.ID, Version: c.Version, Profile: c.Profile})
		w.React()
		story.Must(w, w.Manager2, screening.Agree, approval.Decision{RequestID: waits.RequestID, Version: 1, Verdict: approval.Approve})
		if h = standing(w, c.ID)["Alphatron"]; h.Status != screening.Open {
			w.T.Errorf("what was agreed to rests on other facts: %+v", h)
		}
		own := standing(w, grey.ID)["Deltawing Shipping Lines"]
		if own.Class != screening.Grey || own.Score >= screening.StrongScore {
			w.T.Fatalf("a weak hit on the grey list: %+v", own)
		}
		if n, err := screening.Warnings(w.T.Context(), w.DB, grey.ID); n != 1 || err != nil {
			w.T.Errorf("grey warns: %d, %v", n, err)
		}
		if one := story.Must(w, w.Analyst, screening.Decide, screening.Verdict{ID: own.ID, Version: own.Version, Status: screening.Cleared, Reason: "another company"}); one.Status != screening.Cleared {
			w.T.Errorf("one person clears a weak hit of an own list: %+v", one)
		}
	})
}

func TestSeveralWeakHitsAreClearedTogether(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Northern Star Trading,,,L,1,")
		story.Must(w, w.Manager, screening.SaveEntry, screening.OwnEntry{Source: "own_black", Name: "Alphatron Shipping Lines", IDs: "91330100799655058B", Reason: "fraud"})
		weak, strong := create(w, w.Analyst, customer.Profile{Name: "Northern Star Tradings"}), create(w, w.Analyst, customer.Profile{Name: "Alphatron Shipping Lines", USCC: "91330100799655058B"})
		second := create(w, w.Analyst, customer.Profile{Name: "Norther Star Trading"})
		w.React()
		var ids []string
		for _, c := range []customer.Customer{weak, second} {
			for _, h := range standing(w, c.ID) {
				if h.Score >= screening.StrongScore {
					w.T.Fatalf("the names should not be that alike: %+v", h)
				}
				ids = append(ids, h.ID)
			}
		}
		if len(ids) != 2 {
			w.T.Fatalf("two weak hits: %q", ids)
		}
		exact := standing(w, strong.ID)["Alphatron Shipping Lines"]
		err := refused(w, w.Analyst, screening.ClearMany, screening.Clearance{IDs: append(slices.Clone(ids), exact.ID), Reason: "generic words"}, fault.KindInvalid)
		if len(err.Fields) != 1 || err.Fields[0].Path != "ids[2]" {
			w.T.Errorf("a strong hit is looked at alone: %v", err)
		}
		out := story.Must(w, w.Analyst, screening.ClearMany, screening.Clearance{IDs: ids, Reason: "generic words"})
		if len(out) != 2 || out[0].Status != screening.Clearing || out[0].RequestID != out[1].RequestID {
			w.T.Fatalf("one request for all: %+v", out)
		}
		_ = refused(w, w.Analyst, screening.ClearMany, screening.Clearance{IDs: ids, Reason: "again"}, fault.KindInvalid)
		story.Must(w, w.Manager, screening.Agree, approval.Decision{RequestID: out[0].RequestID, Version: 1, Verdict: approval.Approve})
		for _, c := range []customer.Customer{weak, second} {
			for _, h := range standing(w, c.ID) {
				if h.Status != screening.Cleared {
					w.T.Errorf("%+v", h)
				}
			}
		}
	})
}

func TestWhiteListPutsHitsAside(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Alphatron,,,L,1,US")
		black := story.Must(w, w.Manager, screening.SaveEntry, screening.OwnEntry{Source: "own_black", Name: "Betamax Industrial", Reason: "fraud 2023"})
		if black.Status != screening.EditionInForce {
			w.T.Errorf("a typed entry is in force at once: %+v", black)
		}
		c := create(w, w.Analyst, customer.Profile{Name: "Alphatron Limited", NameEN: "Betamax Industrial Ltd"})
		w.React()
		white := story.Must(w, w.Manager, screening.SaveEntry, screening.OwnEntry{Source: "own_white", Name: "Alphatron", Reason: "licence of 2025, another company"})
		w.React()
		if h := standing(w, c.ID)["Alphatron"]; h.Status != screening.Open || white.Status != screening.EditionWaiting {
			w.T.Errorf("the white list waits for a second person: %+v", h)
		}
		more := story.Must(w, w.Manager, screening.SaveEntry, screening.OwnEntry{Source: "own_white", Name: "Other", Reason: "known"})
		if more.ID != white.ID || more.Entries != 2 || more.Added != 2 {
			w.T.Errorf("entries typed meanwhile wait with it: %+v", more)
		}
		_ = refused(w, w.Manager, screening.Accept, screening.Acceptance{ID: more.ID, Version: more.Version}, fault.KindForbidden)
		story.Must(w, w.Manager2, screening.Accept, screening.Acceptance{ID: more.ID, Version: more.Version})
		w.React()
		if h := standing(w, c.ID)["Alphatron"]; h.Status != screening.Suppressed || h.Reason != "Alphatron" {
			w.T.Errorf("put aside: %+v", h)
		}
		if h := standing(w, c.ID)["Betamax Industrial"]; h.Status != screening.Open || h.Class != screening.Black {
			w.T.Errorf("the own black list is not put aside: %+v", h)
		}
		story.Must(w, w.Manager, screening.RemoveEntry, screening.OwnRemoval{Source: "own_white", SourceID: "Alphatron"})
		w.React()
		if h := standing(w, c.ID)["Alphatron"]; h.Status != screening.Open {
			w.T.Errorf("open again: %+v", h)
		}
		_ = refused(w, w.Manager, screening.RemoveEntry, screening.OwnRemoval{Source: "own_white", SourceID: "Alphatron"}, fault.KindNotFound)
		_ = refused(w, w.Manager, screening.SaveEntry, screening.OwnEntry{Source: "china", Name: "X", Reason: "x"}, fault.KindInvalid)
	})
}

func TestGreyWarnsBlackBars(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		for _, source := range []string{"own_grey", "own_black"} {
			story.Must(w, w.Manager, screening.SaveEntry, screening.OwnEntry{Source: source, Name: "Alphatron " + source[4:], Reason: "known"})
		}
		for _, c := range []struct {
			name  string
			count int
		}{{"Alphatron grey", 0}, {"Alphatron black", 1}} {
			made := create(w, w.Analyst, customer.Profile{Name: c.name})
			w.React()
			confirm(w, standing(w, made.ID)[c.name])
			if n, err := screening.Confirmed(w.T.Context(), w.DB, made.ID); n != c.count || err != nil {
				w.T.Errorf("%s: %d confirmed hits bar, want %d, %v", c.name, n, c.count, err)
			}
		}
	})
}

func TestEditionsAreComparedAndWait(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		var rows []string
		for i := range 10 {
			rows = append(rows, fmt.Sprintf("Company,Firm Number %d,,,L,1,", i))
		}
		load(w, rows...)
		changed := slices.Clone(rows)
		changed[0] = "Company,Firm Number 0,Alias,,L,1,"
		changed[9] = "Company,Newcomer,,,L,1,"
		waits := story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "china", Files: table(changed...)})
		d := story.See(w, w.Sales, screening.ShowEdition, screening.EditionInput{ID: waits.ID})
		var got []string
		for _, c := range d.Changes {
			got = append(got, c.Kind+" "+c.Name())
		}
		if want := []string{"removed Firm Number 9", "changed Firm Number 0", "added Newcomer"}; !slices.Equal(got, want) || d.Loses || d.Status != screening.EditionWaiting {
			w.T.Errorf("%q, want %q", got, want)
		}
		if d.Changes[1].Before.Aliases != nil || d.Changes[1].After.Aliases[0] != "Alias" {
			w.T.Errorf("both sides of a change: %+v", d.Changes[1])
		}
		entries := func() (names []string) {
			for _, e := range story.See(w, w.Sales, screening.Entries, screening.EntriesInput{Source: "china"}).Rows {
				names = append(names, e.Name)
			}
			return names
		}
		if names := entries(); len(names) != 10 || slices.Contains(names, "Newcomer") {
			w.T.Errorf("what waits is not in force: %q", names)
		}
		w.React()
		later := story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "china", Files: table(rows[:7]...)}) // takes its place
		_ = refused(w, w.Manager, screening.Accept, screening.Acceptance{ID: waits.ID, Version: waits.Version}, fault.KindConflict)
		if err := refused(w, w.Manager, screening.Accept, screening.Acceptance{ID: later.ID, Version: later.Version}, fault.KindInvalid); err.Fields[0].Key != "screening.loses" {
			w.T.Errorf("3 of 10 are lost: %v", err)
		}
		if at := story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "china", Files: table(rows[:7]...), Accept: true}); at.Status != screening.EditionWaiting {
			w.T.Errorf("a loss is never accepted by the way: %+v", at)
		} else {
			story.Must(w, w.Manager, screening.Discard, screening.Acceptance{ID: at.ID, Version: at.Version})
		}
		if names := entries(); len(names) != 10 || !slices.Contains(names, "Firm Number 9") {
			w.T.Errorf("what was discarded leaves no trace: %q", names)
		}
		final := load(w, rows[:7]...)
		if names := entries(); len(names) != 7 || final.Removed != 3 || final.Added+final.Changed != 0 {
			w.T.Errorf("%q: %+v", names, final)
		}
		after := story.See(w, w.Sales, screening.ShowEdition, screening.EditionInput{ID: final.ID, Most: 2})
		if len(after.Changes) != 2 || !after.More || after.Changes[0].Kind != "removed" {
			w.T.Errorf("the difference stands afterwards: %+v", after)
		}
		all := story.See(w, w.Sales, screening.Editions, screening.SourceInput{Source: "china"})
		var states []string
		for _, e := range all {
			states = append(states, string(e.Status))
		}
		if want := []string{"in_force", "discarded", "discarded", "discarded", "replaced"}; !slices.Equal(states, want) {
			w.T.Errorf("editions %q, want %q", states, want)
		}
	})
}

func TestLoadsAtTheSameTimeFollowEachOther(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		base := []string{"Company,Alphatron,,,L,1,", "Company,Betamax,,,L,1,", "Company,Gammaray,,,L,1,", "Company,Deltawing,,,L,1,", "Company,Epsilon,,,L,1,", "Company,Zetafax,,,L,1,"}
		load(w, base...)
		c := create(w, w.Analyst, customer.Profile{Name: "Load 3 of Eight"})
		w.React()
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				files := table(append(slices.Clone(base), fmt.Sprintf("Company,Load %d of Eight,,,L,1,", i))...)
				if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), screening.LoadList, screening.Load{Source: "china", Files: files, Accept: true}); err != nil {
					w.T.Error(err)
				}
				if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Analyst), screening.ScreenCustomer, screening.Screen{CustomerID: c.ID}); err != nil && fault.KindOf(err) != fault.KindBusy {
					w.T.Error(err)
				}
			})
		}
		all.Wait()
		w.React()
		editions := story.See(w, w.Manager, screening.Editions, screening.SourceInput{Source: "china"})
		rows := story.See(w, w.Manager, screening.Entries, screening.EntriesInput{Source: "china"}).Rows
		inForce := slices.DeleteFunc(slices.Clone(editions), func(e screening.Edition) bool { return e.Status != screening.EditionInForce })
		if len(editions) != 9 || len(inForce) != 1 || inForce[0].No != 9 || len(rows) != 7 {
			w.T.Errorf("9 editions, one in force, 7 entries: %d, %+v, %d", len(editions), inForce, len(rows))
		}
		listed := slices.ContainsFunc(rows, func(e screening.Entry) bool { return e.Name == "Load 3 of Eight" })
		for _, h := range standing(w, c.ID) {
			if listed := slices.ContainsFunc(rows, func(e screening.Entry) bool { return e.Name == h.Entry.Name }); listed == (h.Status == screening.Closed) {
				w.T.Errorf("%s is listed: %v, but its hit is %s", h.Entry.Name, listed, h.Status)
			}
		}
		if h, found := standing(w, c.ID)["Load 3 of Eight"]; listed && (!found || h.Status != screening.Open) {
			w.T.Errorf("the hit of the entry in force: %+v", h)
		}
	})
}

func TestAllAreScreenedInBatches(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Quartz Borealis,,,L,1,", "Company,Umbra Helvetica,,,L,1,", "Company,Nowhere Whatsoever,,,L,1,")
		for _, name := range []string{"QUARTZ BOREALIS Ltd", "Alpha Kilo", "Bravo Lima", "Charlie Mike", "Delta November", "Echo Oscar", "Umbra Helvetica"} {
			create(w, w.Analyst, customer.Profile{Name: name})
		}
		var sizes []int
		next, hits := "", 0
		for {
			done := story.Must(w, w.Manager, screening.ScreenAll, screening.Batch{After: next, Most: 3})
			sizes, hits = append(sizes, done.Customers), hits+done.New
			if done.Next == "" {
				break
			}
			next = done.Next
		}
		if !slices.Equal(sizes, []int{3, 3, 1}) || hits != 2 {
			w.T.Errorf("batches %v, %d hits", sizes, hits)
		}
		runs := story.See(w, w.Manager, screening.Runs, screening.RunsInput{})
		if len(runs) != 2 || !slices.ContainsFunc(runs, func(r screening.Run) bool { return r.Customers == 7 && r.New == 2 && !r.FinishedAt.IsZero() }) {
			w.T.Errorf("a run over all, and one for the list: %+v", runs)
		}
		for _, cursor := range []string{next, "moon", "moon:1"} { // the run is over, or never was
			_ = refused(w, w.Manager, screening.ScreenAll, screening.Batch{After: cursor}, fault.KindInvalid)
		}
		again := story.Must(w, w.Manager, screening.ScreenAll, screening.Batch{})
		if again.Customers != 7 || again.Hits != 2 || again.New != 0 || again.Next != "" {
			w.T.Errorf("again: %+v", again)
		}
	})
}

func TestEnteringACustomerShowsItsHits(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Alphatron,,,L,1,", "Person,Gamma Petrosyan,,,L,1,")
		in := screening.Entering{New: customer.New{Profile: customer.Profile{Name: "Alphatron Ltd", LegalRepresentative: "Gamma Petrosyan"}}}
		out := story.Must(w, w.Sales, screening.Enter, in)
		if len(out.Hits) != 2 || out.Hits[0].CustomerID != out.Customer.ID {
			w.T.Fatalf("%+v", out)
		}
		w.React() // the file's own screening finds the same
		if found := standing(w, out.Customer.ID); len(found) != 2 || found["Alphatron"].Version != 1 {
			w.T.Errorf("%+v", found)
		}
		_ = refused(w, w.Sales, screening.Enter, in, fault.KindInvalid) // twice: the name is taken, and nothing is left behind
		if n := len(story.See(w, w.Manager, screening.Hits, listing.Query{}).Rows); n != 2 {
			w.T.Errorf("%d hits", n)
		}
		found := story.See(w, w.Sales, screening.Search, screening.Query{Name: "ALPHATRON LIMITED"})
		if len(found) != 1 || found[0].Entry.Name != "Alphatron" || found[0].Class != screening.Sanctions {
			w.T.Errorf("a name that is no customer's: %+v", found)
		}
	})
}

func TestHitsStayWithinTheRowScope(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Alphatron,,,L,1,", "Company,Betamax,,,L,1,")
		mine, others := create(w, w.Sales, customer.Profile{Name: "Alphatron Ltd"}), create(w, w.Sales2, customer.Profile{Name: "Betamax Ltd"})
		own, foreign := screen(w, mine.ID)[0], screen(w, others.ID)[0]
		page := story.See(w, w.Sales, screening.Hits, listing.Query{})
		if len(page.Rows) != 1 || page.Rows[0].ID != own.ID || page.Rows[0].CustomerName != "Alphatron Ltd" {
			w.T.Errorf("own hits only: %+v", page)
		}
		if all := story.See(w, w.Manager, screening.Hits, listing.Query{Limit: 1}); len(all.Rows) != 1 || len(story.See(w, w.Manager, screening.Hits, listing.Query{Limit: 1, After: all.Next}).Rows) != 1 {
			w.T.Errorf("pages: %+v", all)
		}
		if strong := story.See(w, w.Manager, screening.Hits, listing.Query{Filters: []listing.Filter{{Column: "band", Value: screening.BandOf(own.Score)}, {Column: "customer_id", Value: mine.ID}}}); len(strong.Rows) != 1 {
			w.T.Errorf("by band: %+v", strong)
		}
		story.See(w, w.Sales, screening.ViewHit, screening.HitInput{ID: own.ID})
		if _, err := operation.Read(w.T.Context(), w.Runner, story.By(w.Sales), screening.ViewHit, screening.HitInput{ID: foreign.ID}); fault.KindOf(err) != fault.KindNotFound {
			w.T.Errorf("another's hit: %v", err)
		}
		_ = refused(w, w.Sales, screening.Decide, screening.Verdict{ID: own.ID, Version: 1, Status: screening.Cleared, Reason: "mine"}, fault.KindForbidden)
		_ = refused(w, w.Manager, screening.SetSource, screening.Settings{Source: "un", Version: 1}, fault.KindForbidden)
	})
}

func TestOwnListsComeFromExcelAndCSV(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		book := excelize.NewFile()
		for i, row := range [][]any{{"名称", "类型", "别名", "证件号码", "原因"}, {"宏远机电设备有限公司", "企业", "宏远机电；HONGYUAN", "91330100799655058B", "合同欺诈"}, {}, {"张三丰", "个人", "", "", "失信"}} {
			if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
				w.T.Fatal(err)
			}
		}
		var raw bytes.Buffer
		if err := book.Write(&raw); err != nil {
			w.T.Fatal(err)
		}
		e := story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "own_black", Files: [][]byte{raw.Bytes()}, Accept: true})
		rows := story.See(w, w.Manager, screening.Entries, screening.EntriesInput{Source: "own_black", Search: "hongyuan"}).Rows
		if e.Entries != 2 || len(rows) != 1 || !slices.Equal(rows[0].Aliases, []string{"宏远机电", "HONGYUAN"}) || rows[0].IDs[0] != "91330100799655058B" || rows[0].Remarks != "合同欺诈" {
			w.T.Errorf("%+v: %+v", e, rows)
		}
		for name, c := range map[string]struct{ text, says string }{
			"no name":   {"name,kind\nA,\n,person\n", "line=3 why=screening.why.no_name"},
			"twice":     {"name,kind\nA,\nA,person\n", "line=3 why=screening.why.twice"},
			"kind":      {"名称;类型\nA;行星\n", "line=2 why=screening.why.kind"},
			"no column": {"a,b\n1,2\n", "line=1 why=screening.why.no_column"},
		} {
			err := refused(w, w.Manager, screening.LoadList, screening.Load{Source: "own_grey", Files: [][]byte{[]byte(c.text)}}, fault.KindInvalid)
			for _, part := range strings.Fields(c.says) {
				key, value, _ := strings.Cut(part, "=")
				if fmt.Sprint(err.Fields[0].Args[key]) != value {
					w.T.Errorf("%s: %v, want %s", name, err, c.says)
				}
			}
		}
	})
}
