package match

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// Entry is a party in an index, under an id that is unique in it.
type Entry struct {
	ID    string
	Party Party
}

// Found is a party of an index that resembles the one asked for.
type Found struct {
	ID     string
	Result Result
}

// Options bound a search. Zero values mean Threshold and 10.
type Options struct {
	Threshold float64 // the lowest score to give
	Most      int     // how many parties at most
}

// Index finds the parties that a name resembles. Any number of goroutines may search while one changes it: a search sees
// the index as it was when it began.
type Index struct {
	now   atomic.Pointer[snapshot]
	write sync.Mutex
}

// snapshot is the state of an index: a large segment, a small one with what was added since, and the ids of the large one
// that are gone. None of it changes once it is published.
type snapshot struct {
	base, recent *segment
	gone         map[string]bool
}

// NewIndex builds an index. Of entries with one id the last counts.
func NewIndex(entries []Entry) *Index {
	x := &Index{}
	x.now.Store(&snapshot{base: newSegment(lastOfEach(entries)), recent: newSegment(nil)})
	return x
}

func lastOfEach(entries []Entry) []Entry {
	at := make(map[string]int, len(entries))
	for i, e := range entries {
		at[e.ID] = i
	}
	if len(at) == len(entries) {
		return entries
	}
	var out []Entry
	for i, e := range entries {
		if at[e.ID] == i {
			out = append(out, e)
		}
	}
	return out
}

// Len is the number of parties.
func (x *Index) Len() int {
	s := x.now.Load()
	return len(s.base.entries) - len(s.gone) + len(s.recent.entries)
}

// Apply adds entries, replaces those whose id is there already, and removes ids; searches go on meanwhile and see all of
// it or nothing. Small changes are cheap; when they add up to a tenth of the index it is built anew.
func (x *Index) Apply(add []Entry, remove []string) {
	x.write.Lock()
	defer x.write.Unlock()
	old := x.now.Load()
	out := make(map[string]bool, len(add)+len(remove))
	for _, id := range remove {
		out[id] = true
	}
	add = lastOfEach(add)
	for _, e := range add {
		out[e.ID] = true
	}
	gone := make(map[string]bool, len(old.gone)+len(out))
	for id := range old.gone {
		gone[id] = true
	}
	for id := range out {
		if _, ok := old.base.has(id); ok {
			gone[id] = true
		}
	}
	var recent []Entry
	for _, e := range old.recent.all() {
		if !out[e.ID] {
			recent = append(recent, e)
		}
	}
	recent = append(recent, add...)
	if len(recent)+len(gone) > max(1000, len(old.base.entries)/10) {
		var all []Entry
		for _, e := range old.base.all() {
			if !gone[e.ID] {
				all = append(all, e)
			}
		}
		x.now.Store(&snapshot{base: newSegment(append(all, recent...)), recent: newSegment(nil)})
		return
	}
	x.now.Store(&snapshot{base: old.base, recent: newSegment(recent), gone: gone})
}

// Search gives the parties that resemble q, the best first, ties by id.
func (x *Index) Search(q Party, o Options) []Found {
	if o.Threshold == 0 {
		o.Threshold = Threshold
	}
	if o.Most == 0 {
		o.Most = 10
	}
	s := x.now.Load()
	asked := prepareParty(q)
	found := s.base.search(asked, o, s.gone)
	found = append(found, s.recent.search(asked, o, nil)...)
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(b.Result.Score, a.Result.Score), cmp.Compare(a.ID, b.ID))
	})
	return found[:min(len(found), o.Most)]
}
