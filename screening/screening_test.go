package screening_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/test/story"
)

const header = "Type,Name,Alias,Chinese name,List,Date,Country\n"

func load(w *story.World, rows ...string) screening.Edition {
	w.T.Helper()
	return story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "china", Files: [][]byte{[]byte(header + strings.Join(rows, "\n") + "\n")}})
}

func create(w *story.World, by operation.Actor, p customer.Profile) customer.Customer {
	w.T.Helper()
	return story.Must(w, by, customer.Create, customer.New{Profile: p})
}

func screen(w *story.World, id string) []screening.Hit {
	w.T.Helper()
	return story.Must(w, w.Analyst, screening.ScreenCustomer, screening.Screen{CustomerID: id})
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
		load(w, "Company,Alpha Ltd,,阿尔法有限公司,L,1,", "Company,Beta Inc,,,L,1,", "Person,Gamma,,,L,1,", "Company,Delta,,,L,1,", "Person,Epsilon,,伊普,L,1,", "Company,Short Co,,,L,1,", "Company,Nobody,,,L,1,")
		c := create(w, w.Analyst, customer.Profile{Name: "阿尔法股份有限公司", NameEN: "BETA, Incorporated", ShortName: "ｓｈｏｒｔ", LegalRepresentative: "gamma"})
		story.Must(w, w.Analyst, customer.SetShareholders, customer.Shareholders{CustomerID: c.ID, Shareholders: []customer.Shareholder{{Kind: "company", Name: "DELTA", Share: 60}, {Kind: "person", Name: "Delta Co.", Share: 40}}})
		story.Must(w, w.Analyst, customer.AddContact, customer.Contact{CustomerID: c.ID, Name: "伊普"})
		var got []string
		for _, h := range screen(w, c.ID) {
			got = append(got, h.PartyKind+" "+h.ListedName)
		}
		want := []string{"customer 阿尔法有限公司", "customer Beta Inc", "customer Short Co", "legal_representative Gamma", "shareholder Delta", "contact 伊普"}
		if !slices.Equal(got, want) {
			w.T.Errorf("%q, want %q", got, want)
		}
		if again := screen(w, c.ID); len(again) != 6 || again[4].Version != 1 { // two owners of one name are one hit, and stay so
			w.T.Errorf("screening again changes nothing: %+v", again)
		}
		runs := story.See(w, w.Manager, screening.Runs, screening.RunsInput{CustomerID: c.ID})
		if len(runs) != 2 || runs[1].New != 6 || runs[0].New != 0 || runs[0].Hits != 6 || runs[0].Names != 6 || runs[0].FinishedAt.IsZero() || len(runs[0].Lists) != 1 {
			w.T.Errorf("runs: %+v", runs)
		}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Analyst), screening.ScreenCustomer, screening.Screen{CustomerID: "nobody"}); fault.KindOf(err) != fault.KindNotFound {
			w.T.Errorf("an unknown customer: %v", err)
		}
	})
}

func TestDecisionsAreRememberedUntilFactsChange(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		first := load(w, "Company,Alpha,,,L,1,US", "Person,Gamma,,,L,1,")
		if again := load(w, "Company,Alpha,,,L,1,US", "Person,Gamma,,,L,1,"); again.Changed || again.ID != first.ID {
			w.T.Errorf("the same file again: %+v", again)
		}
		c := create(w, w.Analyst, customer.Profile{Name: "Alpha Limited", LegalRepresentative: "Gamma"})
		events := announced(w)
		hits := screen(w, c.ID)
		if len(hits) != 2 || *events != 2 {
			w.T.Fatalf("%d events: %+v", *events, hits)
		}
		standing := func(open, confirmed bool) {
			w.T.Helper()
			if o, c, err := screening.HasOpenOrConfirmed(w.T.Context(), w.DB, c.ID); err != nil || o != open || c != confirmed {
				w.T.Errorf("open %v, confirmed %v, %v", o, c, err)
			}
		}
		standing(true, false)
		decide := func(h screening.Hit, s screening.Status) screening.Hit {
			w.T.Helper()
			return story.Must(w, w.Manager, screening.Decide, screening.Verdict{ID: h.ID, Version: h.Version, Status: s, Reason: "USCC differs"})
		}
		decide(hits[0], screening.Cleared)
		standing(true, false)
		decide(hits[1], screening.Certain)
		standing(false, true)
		if again := screen(w, c.ID); again[0].Status != screening.Cleared || again[0].Reason != "USCC differs" || again[0].DecidedBy != "manager" || again[1].Status != screening.Certain {
			w.T.Errorf("decisions stay: %+v", again)
		}

		second := load(w, "Company,Other,,,L,1,", "Company,Alpha,,,L,1,US", "Person,Gamma,,,L,1,") // a new edition, the same facts
		if !second.Changed || second.ID == first.ID || len(story.See(w, w.Sales, screening.Lists, screening.ListsInput{})) != 1 {
			w.T.Errorf("one edition is in force: %+v", second)
		}
		screen(w, c.ID)
		standing(false, true)
		if *events != 2 {
			w.T.Errorf("%d events, but nothing is new", *events)
		}

		load(w, "Company,Alpha,,,L,1,CN", "Person,Gamma,,,L,1,")
		reopened := screen(w, c.ID)
		if reopened[0].ID != hits[0].ID || reopened[0].Status != screening.Open || reopened[0].Reason != "" || reopened[0].Entry.Countries != "CN" || reopened[1].Status != screening.Certain {
			w.T.Errorf("the entry has changed: %+v", reopened)
		}
		if *events != 3 {
			w.T.Errorf("%d events, want one more for the reopened hit", *events)
		}
		cleared := decide(reopened[0], screening.Cleared)
		c.USCC = "91330100799655058B"
		c = story.Must(w, w.Analyst, customer.Update, customer.Edit{ID: c.ID, Version: c.Version, Profile: c.Profile})
		if again := screen(w, c.ID); again[0].Status != screening.Open || again[0].Version != cleared.Version+1 || again[1].Status != screening.Certain {
			w.T.Errorf("the party has changed: %+v", again)
		}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), screening.Decide, screening.Verdict{ID: hits[0].ID, Version: 1, Status: screening.Cleared, Reason: "late"}); fault.KindOf(err) != fault.KindStale {
			w.T.Errorf("a late decision: %v", err)
		}
		_, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), screening.Decide, screening.Verdict{Status: "open"})
		if f := fault.As(err); f == nil || len(f.Fields) != 4 {
			w.T.Errorf("all wrong fields: %v", err)
		}
	})
}

func TestAllAreScreenedInBatches(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Firm 2,,,L,1,", "Company,Firm 6,,,L,1,", "Company,Firm 7,,,L,1,")
		for i := range 7 {
			create(w, w.Analyst, customer.Profile{Name: fmt.Sprintf("FIRM %d Ltd", i)}) // 0 to 6: two of them are listed
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
		if len(runs) != 1 || runs[0].Customers != 7 || runs[0].New != 2 || runs[0].FinishedAt.IsZero() {
			w.T.Errorf("one run over all: %+v", runs)
		}
		for _, cursor := range []string{next, "moon", "moon:1"} { // the run is over, or never was
			if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), screening.ScreenAll, screening.Batch{After: cursor}); fault.KindOf(err) != fault.KindInvalid {
				w.T.Errorf("cursor %q: %v", cursor, err)
			}
		}
		again := story.Must(w, w.Manager, screening.ScreenAll, screening.Batch{})
		if again.Customers != 7 || again.Hits != 2 || again.New != 0 || again.Next != "" {
			w.T.Errorf("again: %+v", again)
		}
	})
}

func TestHitsStayWithinTheRowScope(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		load(w, "Company,Alpha,,,L,1,", "Company,Beta,,,L,1,")
		mine, others := create(w, w.Sales, customer.Profile{Name: "Alpha Ltd"}), create(w, w.Sales2, customer.Profile{Name: "Beta Ltd"})
		own, foreign := screen(w, mine.ID)[0], screen(w, others.ID)[0]
		page := story.See(w, w.Sales, screening.Hits, listing.Query{})
		if len(page.Rows) != 1 || page.Rows[0].ID != own.ID || page.Rows[0].CustomerName != "Alpha Ltd" {
			w.T.Errorf("own hits only: %+v", page)
		}
		if all := story.See(w, w.Manager, screening.Hits, listing.Query{Limit: 1}); len(all.Rows) != 1 || len(story.See(w, w.Manager, screening.Hits, listing.Query{Limit: 1, After: all.Next}).Rows) != 1 {
			w.T.Errorf("pages: %+v", all)
		}
		story.See(w, w.Sales, screening.ViewHit, screening.HitInput{ID: own.ID})
		if _, err := operation.Read(w.T.Context(), w.Runner, story.By(w.Sales), screening.ViewHit, screening.HitInput{ID: foreign.ID}); fault.KindOf(err) != fault.KindNotFound {
			w.T.Errorf("another's hit: %v", err)
		}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Sales), screening.Decide, screening.Verdict{ID: own.ID, Version: 1, Status: screening.Cleared, Reason: "mine"}); fault.KindOf(err) != fault.KindForbidden {
			w.T.Errorf("sales do not decide: %v", err)
		}
	})
}

// A customer that bears names taken by hand from each real list; the numbers of entries that bear them were counted with
// grep: AEROCARIBBEAN AIRLINES once in sdn.csv, 立方公司 four times in China's list, ERIC BADEGE once in the UN's (OFAC has
// him as "BADEGE, Eric", which is another exact name), Сергей Валерьевич АКСЁНОВ once, in brackets, in the EU's.
func TestRealListsAreLoadedAndFound(t *testing.T) {
	real := []screening.Load{
		{Source: "ofac_sdn", Files: screening.RealFiles(t, "sdn.csv.gz", "alt.csv.gz", "add.csv.gz")}, {Source: "ofac_consolidated", Files: screening.RealFiles(t, "cons_prim.csv.gz", "cons_alt.csv.gz")},
		{Source: "un", Files: screening.RealFiles(t, "UN_consolidated.xml.gz")}, {Source: "eu_269", Files: screening.RealFiles(t, "eu_32014R0269.csv.gz")}, {Source: "china", Files: screening.RealFiles(t, "opensanctions_cn_sanctions.csv.gz")},
	}
	story.Each(t, func(w *story.World) {
		for _, in := range real {
			start := time.Now()
			l := story.Must(w, w.Manager, screening.LoadList, in)
			w.T.Logf("%s: %d entries, %d names in %v", l.Source, l.Entries, l.Names, time.Since(start).Round(time.Millisecond))
		}
		c := create(w, w.Analyst, customer.Profile{Name: "立方公司", NameEN: "Aerocaribbean Airlines", LegalRepresentative: "сергей валерьевич аксенов"})
		story.Must(w, w.Analyst, customer.AddContact, customer.Contact{CustomerID: c.ID, Name: "Eric Badege"})
		found := map[string]int{}
		for _, h := range screen(w, c.ID) {
			found[h.Source+" "+h.PartyKind]++
		}
		want := map[string]int{"china customer": 4, "ofac_sdn customer": 1, "eu_269 legal_representative": 1, "un contact": 1, "ofac_sdn contact": 0}
		for key, n := range want {
			if found[key] != n {
				w.T.Errorf("%s: %d hits, want %d (all: %v)", key, found[key], n, found)
			}
		}
		for i := range 500 {
			create(w, w.Analyst, customer.Profile{Name: fmt.Sprintf("第%d号机械有限公司", i), NameEN: fmt.Sprintf("Machinery %d Co., Ltd.", i), LegalRepresentative: fmt.Sprintf("王%d", i)})
		}
		start := time.Now()
		done := story.Must(w, w.Manager, screening.ScreenAll, screening.Batch{})
		w.T.Logf("%d customers screened in %v", done.Customers, time.Since(start).Round(time.Millisecond))
	})
}
