package match

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Bounds of a search in one segment. They keep the worst query short; the rarest keys come first, so that what is cut off
// shares only common ones.
const (
	mostPostings   = 24_000 // list places that are visited
	commonKey      = 12_000 // a key of more names than this is left out while others found something
	mostCandidates = 40     // names that are compared in full
	mostOther      = 16     // of them in the other script, characters or Latin letters
	leastRank      = .2     // of the best candidate's rank; of 683 perturbed names all but one find theirs above .9
	mostKept       = 60_000 // names that stay prepared, about 1 kB each
)

// segment is an immutable part of an index: inverted lists from keys to names. A name is a place in names, which leads to
// its entry.
type segment struct {
	entries []stored
	order   []int32 // entries by id
	names   []nameAt
	keys    []key    // ascending
	from    []uint32 // of keys, into lists; one more than keys
	lists   []uint32
	mass    []float32 // of names: the sum of their keys' rarity
	chinese []bool    // of names: written in characters
	scratch sync.Pool
	kept    []atomic.Pointer[form] // of names, made ready when they were last compared
	room    atomic.Int64           // how many more are kept
}

// stored keeps an entry small: most have a name and nothing else.
type stored struct {
	id, name string
	kind     Kind
	more     *Party
}

type nameAt struct {
	entry int32
	alias int32 // -1 = the name itself
}

func (s *stored) party() Party {
	if s.more != nil {
		return *s.more
	}
	return Party{Name: s.name, Kind: s.kind}
}

func (s *stored) nameOf(alias int32) string {
	if alias < 0 {
		return s.name
	}
	return s.more.Aliases[alias]
}

func newSegment(entries []Entry) *segment {
	s := &segment{entries: make([]stored, len(entries)), order: make([]int32, len(entries))}
	s.scratch.New = func() any { return &scratch{sums: make([]float32, len(s.names))} }
	for i, e := range entries {
		s.entries[i] = stored{id: e.ID, name: e.Party.Name, kind: e.Party.Kind}
		s.order[i] = int32(i)
		if p := e.Party; len(p.Aliases)+len(p.Born)+len(p.Countries)+len(p.IDs) > 0 {
			s.entries[i].more = &p
		}
		for alias := -1; alias < len(e.Party.Aliases); alias++ {
			s.names = append(s.names, nameAt{int32(i), int32(alias)})
		}
	}
	s.chinese = make([]bool, len(s.names))
	s.kept = make([]atomic.Pointer[form], len(s.names))
	s.room.Store(mostKept)
	slices.SortFunc(s.order, func(a, b int32) int { return cmp.Compare(s.entries[a].id, s.entries[b].id) })
	s.fill(s.pairs())
	return s
}

// pairs gives the keys of all names, each with its name, ascending. The processors share the names between them.
func (s *segment) pairs() []uint64 {
	workers := min(runtime.GOMAXPROCS(0), 1+len(s.names)/1000)
	parts := make([][]uint64, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for n := w * len(s.names) / workers; n < (w+1)*len(s.names)/workers; n++ {
				at := s.names[n]
				e := &s.entries[at.entry]
				for _, one := range alternatives(e.nameOf(at.alias)) {
					f := prepare(one, e.kind)
					s.chinese[n] = s.chinese[n] || f.chinese()
					for _, k := range f.keys() {
						parts[w] = append(parts[w], uint64(k)<<32|uint64(n))
					}
				}
			}
		})
	}
	wg.Wait()
	all := slices.Concat(parts...)
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *segment) fill(pairs []uint64) {
	s.lists = make([]uint32, len(pairs))
	for i, p := range pairs {
		k := key(p >> 32)
		if i == 0 || s.keys[len(s.keys)-1] != k {
			s.keys = append(s.keys, k)
			s.from = append(s.from, uint32(i))
		}
		s.lists[i] = uint32(p)
	}
	s.from = append(s.from, uint32(len(pairs)))
	s.keys, s.from = slices.Clip(s.keys), slices.Clip(s.from)
	s.mass = make([]float32, len(s.names))
	for i := range s.keys {
		list := s.lists[s.from[i]:s.from[i+1]]
		w := s.rarity(len(list))
		for _, n := range list {
			s.mass[n] += w
		}
	}
}

// rarity is the weight of a key that so many names have.
func (s *segment) rarity(names int) float32 {
	return float32(math.Log(1 + float64(len(s.names))/float64(names)))
}

func (s *segment) has(id string) (int, bool) {
	at, ok := slices.BinarySearchFunc(s.order, id, func(i int32, id string) int { return cmp.Compare(s.entries[i].id, id) })
	if !ok {
		return 0, false
	}
	return int(s.order[at]), true
}

func (s *segment) all() []Entry {
	out := make([]Entry, len(s.entries))
	for i := range s.entries {
		out[i] = Entry{ID: s.entries[i].id, Party: s.entries[i].party()}
	}
	return out
}

// list gives the names that have a key.
func (s *segment) list(k key) []uint32 {
	i, ok := slices.BinarySearch(s.keys, k)
	if !ok {
		return nil
	}
	return s.lists[s.from[i]:s.from[i+1]]
}

// scratch is the memory of one search.
type scratch struct {
	sums    []float32
	touched []uint32
}

type candidate struct {
	name uint32
	rank float32
}

// search compares in full the names that share the rarest keys with one of the names asked for.
func (s *segment) search(asked party, o Options, gone map[string]bool) []Found {
	if len(s.entries) == 0 {
		return nil
	}
	best := map[int32]Result{}
	for i := range asked.forms {
		f := &asked.forms[i]
		for _, c := range s.candidates(f) {
			at := s.names[c.name]
			e := &s.entries[at.entry]
			if gone[e.id] {
				continue
			}
			for _, one := range alternatives(e.nameOf(at.alias)) {
				g := s.ready(c.name, one, e)
				r := scoreForms(f, g, false)
				if before, ok := best[at.entry]; !ok || r.Score > before.Score {
					r.A, r.B = f.raw, g.raw
					best[at.entry] = r
				}
			}
		}
	}
	var found []Found
	for entry, r := range best {
		e := &s.entries[entry]
		if r.Score == 0 || e.more == nil && r.Score < o.Threshold || logit(r.Score)+mostFacts < logit(o.Threshold) {
			continue // no fact could lift it
		}
		full := finishResult(asked, partyOf(e, r.B), r)
		if full.Score >= o.Threshold {
			found = append(found, Found{ID: e.id, Result: full})
		}
	}
	return found
}

// ready gives a name prepared, from what is kept if it is the name itself.
func (s *segment) ready(name uint32, text string, e *stored) *form {
	if f := s.kept[name].Load(); f != nil && f.raw == text {
		return f
	}
	f := prepare(text, e.kind)
	if text == e.nameOf(s.names[name].alias) && s.room.Add(-1) >= 0 {
		s.kept[name].Store(&f)
	}
	return &f
}

// mostFacts is what the supporting facts can add at most.
const mostFacts = idAgrees + bornDayAgrees + countryAgrees

// partyOf makes the one name of an entry that met best ready, with the entry's facts.
func partyOf(e *stored, name string) party {
	p := e.party()
	return party{forms: []form{prepare(name, p.Kind)}, facts: prepareFacts(p)}
}

// candidates ranks names by the rarity of the keys that they share with f, as a share of what both have; what only the
// candidate has weighs less, as lists have longer names than those who ask.
func (s *segment) candidates(f *form) []candidate {
	type found struct {
		list []uint32
		w    float32
	}
	var lists []found
	whole := float32(0)
	for _, k := range f.keys() {
		list := s.list(k)
		if len(list) == 0 {
			whole += s.rarity(1) / 2
			continue
		}
		w := s.rarity(len(list))
		whole += w
		lists = append(lists, found{list, w})
	}
	for _, k := range f.mistaken() {
		if list := s.list(k); len(list) > 0 {
			lists = append(lists, found{list, s.rarity(len(list))})
		}
	}
	slices.SortFunc(lists, func(a, b found) int { return cmp.Compare(len(a.list), len(b.list)) })
	m := s.scratch.Get().(*scratch)
	visited := 0
	for i, l := range lists {
		if i > 0 && visited > 0 && (visited+len(l.list) > mostPostings || len(l.list) > commonKey) {
			break
		}
		list := l.list[:min(len(l.list), mostPostings)]
		visited += len(list)
		for _, n := range list {
			if m.sums[n] == 0 {
				m.touched = append(m.touched, n)
			}
			m.sums[n] += l.w
		}
	}
	// Names in the other script share fewer keys, so they have a list of their own.
	same, other := make(ranking, 0, mostCandidates+1), make(ranking, 0, mostOther+1)
	characters := f.chinese()
	for _, n := range m.touched {
		shared := m.sums[n]
		m.sums[n] = 0
		c := candidate{n, shared / (shared + .7*max(whole-shared, 0) + .25*max(s.mass[n]-shared, 0))}
		if s.chinese[n] == characters {
			same = same.with(c, mostCandidates)
		} else {
			other = other.with(c, mostOther)
		}
	}
	m.touched = m.touched[:0]
	s.scratch.Put(m)
	return append(same.best(), other...)
}

// ranking holds the best candidates, the best first.
type ranking []candidate

func (r ranking) with(c candidate, most int) ranking {
	if len(r) == most && c.rank <= r[len(r)-1].rank {
		return r
	}
	at, _ := slices.BinarySearchFunc(r, c, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(a.name, b.name))
	})
	r = slices.Insert(r, at, c)
	return r[:min(len(r), most)]
}

// best leaves out those that share far less than the first.
func (r ranking) best() ranking {
	for i, c := range r {
		if c.rank < leastRank*r[0].rank {
			return r[:i]
		}
	}
	return r
}
