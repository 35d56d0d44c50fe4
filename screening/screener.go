package screening

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening/match"
)

// Screener keeps the lists and our parties in memory and searches them outside of transactions; what it finds is written
// by operations. Searches go on while an index is brought to newer editions.
type Screener struct {
	Runner *operation.Runner
	Log    *slog.Logger

	lists  atomic.Pointer[lists]
	update sync.Mutex // one at a time makes the next lists

	following sync.Mutex // one at a time follows lists, and owns parties
	parties   *parties
}

// lists is an index over the editions in force. Later editions have other lists, with the same index changed.
type lists struct {
	numbers map[string]numbered // by source
	index   *match.Index        // all but the white list
	entries map[string]listed
	white   whites
}

// listedID names an entry within the index.
func listedID(source, sourceID string) string { return source + " " + sourceID }

// search says how alike two parties must be for a hit, and how many entries one party can hit.
var search = match.Options{Threshold: match.Threshold, Most: 100}

// current gives the index over the editions that are in force now, whoever put them there.
func (s *Screener) current(ctx context.Context, q database.Querier) (*lists, error) {
	numbers, err := editionNumbers(ctx, q)
	if err != nil {
		return nil, err
	}
	if x := s.lists.Load(); x != nil && maps.Equal(x.numbers, numbers) {
		return x, nil
	}
	s.update.Lock()
	defer s.update.Unlock()
	if numbers, err = editionNumbers(ctx, q); err != nil {
		return nil, err
	}
	x := s.lists.Load()
	if x == nil {
		x = &lists{index: match.NewIndex(nil), entries: map[string]listed{}, white: whites{}}
	} else if maps.Equal(x.numbers, numbers) {
		return x, nil
	}
	next, err := x.advanced(ctx, q, numbers)
	if err == nil {
		s.lists.Store(next)
	}
	return next, err
}

// advanced gives the index over other editions: what they have in common is taken over.
func (x *lists) advanced(ctx context.Context, q database.Querier, numbers map[string]numbered) (*lists, error) {
	next := &lists{numbers: numbers, entries: maps.Clone(x.entries), white: whites{}}
	var put []match.Entry
	var drop []string
	for source, edition := range numbers {
		no := edition.no
		if x.numbers[source] == edition {
			continue
		}
		rows, err := listedBetween(ctx, q, source, x.numbers[source].no, no)
		if err != nil {
			return nil, err
		}
		for _, l := range rows {
			id := listedID(source, l.entry.SourceID)
			stands := l.since <= no && (l.until == 0 || l.until > no)
			if !stands { // ordered by entry and edition: a later row of the entry puts it back
				delete(next.entries, id)
				drop = append(drop, id)
				continue
			}
			next.entries[id] = l
			if classOf(source) != White {
				put = append(put, match.Entry{ID: id, Party: l.entry.matched()})
			}
		}
	}
	for _, l := range next.entries {
		if classOf(l.source) == White {
			next.white.add(l.entry)
		}
	}
	drop = slices.DeleteFunc(drop, func(id string) bool { _, stands := next.entries[id]; return stands })
	// Who searches by the lists before sees the changed index from here on. That harms nobody: what he records is checked
	// against the editions in force, and searched again.
	next.index = x.index
	next.index.Apply(put, drop)
	return next, nil
}

// candidate is an entry that one of our parties resembles.
type candidate struct {
	party  party
	listed listed
	result match.Result
	white  *Entry // speaks for the party
}

// finding is what a search found, and what it rests on.
type finding struct {
	numbers    map[string]numbered
	entries    map[string]listed
	customers  []string
	parties    int
	facts      string // of all parties
	candidates []candidate
}

// find searches all names of the customers' files.
func (s *Screener) find(ctx context.Context, q database.Querier, ids []string) (*finding, error) {
	rows, err := partyRows(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	return s.search(ctx, q, ids, partiesOf(rows))
}

func (s *Screener) search(ctx context.Context, q database.Querier, ids []string, all []party) (*finding, error) {
	x, err := s.current(ctx, q)
	if err != nil {
		return nil, err
	}
	f := &finding{numbers: x.numbers, entries: x.entries, customers: ids, parties: len(all), facts: factsOf(all)}
	found := make([][]candidate, len(all))
	var work errgroup.Group
	work.SetLimit(searchers)
	for i, p := range all {
		work.Go(func() error {
			found[i] = x.search(p)
			return ctx.Err()
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	f.candidates = slices.Concat(found...)
	return f, nil
}

func (x *lists) search(p party) []candidate {
	var all []candidate
	for _, found := range x.index.Search(p.matched(), search) {
		l, stands := x.entries[found.ID]
		if !stands {
			continue
		}
		c := candidate{party: p, listed: l, result: found.Result}
		if e, ok := x.white.speaksFor(p.Party); ok {
			c.white = &e
		}
		all = append(all, c)
	}
	return all
}

// Run keeps the index current and screens everybody against what changes in the lists, until ctx ends.
func (s *Screener) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if _, err := s.CatchUp(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("screening", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// CatchUp screens against all editions that nobody was screened against yet, and tells how many those were. What the
// database holds says what is left to do, so that a process that dies in the middle is followed by one that does it.
func (s *Screener) CatchUp(ctx context.Context) (int, error) {
	if _, err := s.current(ctx, s.Runner.DB); err != nil {
		return 0, err
	}
	all, err := sourceRows(ctx, s.Runner.DB)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, src := range all {
		if src.CurrentNo == src.ScreenedNo {
			continue
		}
		if err := s.follow(ctx, src); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

const mostFollowed = 100 // customers in one transaction

// follow screens the customers whom the change of a list may concern: those with a party that resembles a changed entry,
// as it was or as it is, and those with a hit on one.
func (s *Screener) follow(ctx context.Context, src sourceRow) error {
	s.following.Lock()
	defer s.following.Unlock()
	db := s.Runner.DB
	changed, err := listedBetween(ctx, db, src.Key, src.ScreenedNo, src.CurrentNo)
	if err != nil {
		return err
	}
	if s.parties == nil {
		s.parties, err = builtParties(ctx, db, s.Runner.Clock())
	} else {
		err = s.parties.refresh(ctx, db, s.Runner.Clock())
	}
	if err != nil {
		s.parties = nil // half done is built anew
		return err
	}
	concerned, err := s.parties.like(ctx, db, changed)
	if err != nil {
		return err
	}
	sourceIDs, numbers := make([]string, len(changed)), []string{}
	for i, l := range changed {
		sourceIDs[i], numbers = l.entry.SourceID, append(numbers, l.entry.IDs...)
	}
	if err := customersNumbered(ctx, db, numbers, concerned); err != nil {
		return err
	}
	if err := customersWithHits(ctx, db, src.Key, sourceIDs, concerned); err != nil {
		return err
	}
	call := operation.Call{Actor: operation.System("screening"), Door: "schedule", Cause: src.Key}
	total := followed{Source: src.Key, No: src.CurrentNo}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(concerned)), mostFollowed) {
		out, err := operation.Run(ctx, s.Runner, call, rescreen, someCustomers{IDs: part})
		if err != nil {
			return err
		}
		total.Customers += len(part)
		total.Names += out.Names
		total.Hits += out.Hits
		total.New += out.New
	}
	_, err = operation.Run(ctx, s.Runner, call, finishFollowing, total)
	return err
}

// parties is an index over the names in all customers' files. Parties that are compared alike, such as the many people of
// one name, are one entry of it.
type parties struct {
	index   *match.Index
	held    map[string][]string // customer → ids in the index
	bearers map[string][]string // id in the index → customers
	seen    time.Time           // changes up to here are in it
}

const (
	partiesAtOnce = 2000
	overlap       = time.Minute // for transactions that were slow to commit, and for clocks that differ
)

// builtParties reads all files.
func builtParties(ctx context.Context, q database.Querier, now time.Time) (*parties, error) {
	p := &parties{held: map[string][]string{}, bearers: map[string][]string{}, seen: now}
	var all []match.Entry
	err := eachFile(ctx, q, func(some []party) error {
		all = append(all, p.add(some)...)
		return nil
	})
	p.index = match.NewIndex(all)
	return p, err
}

// eachFile hands out the parties of all customers, in parts.
func eachFile(ctx context.Context, q database.Querier, do func(some []party) error) error {
	for after := ""; ; {
		ids, err := customersAfter(ctx, q, after, partiesAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		rows, err := partyRowsBetween(ctx, q, ids[0], after)
		if err != nil {
			return err
		}
		if err := do(partiesOf(rows)); err != nil {
			return err
		}
	}
}

// refresh reads again what has changed. Every change of a file is followed by a screening of that customer, whichever
// process it was made in, so that the runs tell what that is.
func (p *parties) refresh(ctx context.Context, q database.Querier, now time.Time) error {
	ids, err := customersTouched(ctx, q, p.seen.Add(-overlap))
	if err != nil {
		return err
	}
	rows, err := partyRows(ctx, q, ids)
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, customerID := range ids {
		for _, id := range p.held[customerID] {
			left := slices.DeleteFunc(p.bearers[id], func(c string) bool { return c == customerID })
			if p.bearers[id] = left; len(left) == 0 {
				delete(p.bearers, id)
				gone[id] = true
			}
		}
		delete(p.held, customerID)
	}
	put := p.add(partiesOf(rows))
	put = slices.DeleteFunc(put, func(e match.Entry) bool { // what was there before is there still
		was := gone[e.ID]
		delete(gone, e.ID)
		return was
	})
	p.index.Apply(put, slices.Collect(maps.Keys(gone)))
	p.seen = now
	return nil
}

// add notes whose the parties are, and gives those that the index does not have yet.
func (p *parties) add(some []party) (fresh []match.Entry) {
	for _, one := range some {
		id := hashOf(one.facts())[:24]
		p.held[one.customerID] = append(p.held[one.customerID], id)
		if len(p.bearers[id]) == 0 {
			fresh = append(fresh, match.Entry{ID: id, Party: one.matched()})
		}
		p.bearers[id] = append(p.bearers[id], one.customerID)
	}
	return fresh
}

// like finds the customers with a party that resembles one of the entries.
func (p *parties) like(ctx context.Context, q database.Querier, all []listed) (map[string]bool, error) {
	found := make([][]match.Found, len(all))
	var work errgroup.Group
	work.SetLimit(searchers)
	for i, l := range all {
		work.Go(func() error {
			found[i] = p.index.Search(l.entry.matched(), match.Options{Threshold: match.Threshold, Most: crowd})
			return ctx.Err()
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	concerned := map[string]bool{}
	var crowded []match.Entry
	for i, some := range found {
		for _, f := range some {
			for _, customerID := range p.bearers[f.ID] {
				concerned[customerID] = true
			}
		}
		if len(some) >= crowd {
			crowded = append(crowded, match.Entry{ID: strconv.Itoa(i), Party: all[i].entry.matched()})
		}
	}
	if len(crowded) == 0 {
		return concerned, nil
	}
	return concerned, resembling(ctx, q, crowded, concerned)
}

// resembling adds the customers that resemble entries whose names are so common that the parties' index, which compares
// the nearest names only, may not have told all: every party is searched among these few entries.
func resembling(ctx context.Context, q database.Querier, crowded []match.Entry, concerned map[string]bool) error {
	index := match.NewIndex(crowded)
	return eachFile(ctx, q, func(some []party) error {
		alike := make([]bool, len(some))
		var work errgroup.Group
		work.SetLimit(searchers)
		for part := range searchers {
			work.Go(func() error {
				for i := part; i < len(some); i += searchers {
					alike[i] = len(index.Search(some[i].matched(), match.Options{Threshold: match.Threshold, Most: 1})) > 0
				}
				return ctx.Err()
			})
		}
		if err := work.Wait(); err != nil {
			return err
		}
		for i, yes := range alike {
			if yes {
				concerned[some[i].customerID] = true
			}
		}
		return nil
	})
}

const (
	searchers = 4
	crowd     = 12 // parties alike, from which on an index of the nearest names may have left some out
)

var errNoScreener = errors.New("screening: the app lends no Screener")

func lentScreener(rd *operation.Reading) (*Screener, error) {
	s, ok := operation.Lent[*Screener](rd)
	if !ok {
		return nil, errNoScreener
	}
	return s, nil
}
