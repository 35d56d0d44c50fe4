package ownership_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/customer/ownership"
)

// web is a random graph of companies C0 … and persons p0 …, with its direct matrix.
type web struct {
	parties []ownership.Party
	links   []ownership.Link
	direct  map[[2]string]float64
}

// weave draws owners for each company; acyclic ones are owned by persons and by companies of a lower number only. Their
// shares add up to most at most.
func weave(t *rapid.T, acyclic bool, most float64) web {
	companies, persons := rapid.IntRange(1, 9).Draw(t, "companies"), rapid.IntRange(1, 4).Draw(t, "persons")
	w := web{direct: map[[2]string]float64{}}
	name := func(i int) string {
		if i < persons {
			return fmt.Sprint("p", i)
		}
		return fmt.Sprint("C", i-persons)
	}
	for i := range persons + companies {
		kind := ownership.Person
		if i >= persons {
			kind = ownership.Company
		}
		w.parties = append(w.parties, ownership.Party{ID: name(i), Kind: kind})
	}
	for j := persons; j < persons+companies; j++ {
		last := persons + companies - 1
		if acyclic {
			last = j - 1
		}
		owners := rapid.SliceOfNDistinct(rapid.IntRange(0, last), 0, min(5, last+1), rapid.ID[int]).Draw(t, "owners")
		left := most
		for _, i := range owners {
			share := left * float64(rapid.IntRange(1, 99).Draw(t, "share")) / 100
			left -= share
			w.links = append(w.links, ownership.Link{From: name(i), To: name(j), Kind: ownership.Share, Fraction: share})
			w.direct[[2]string{name(i), name(j)}] = share
		}
	}
	return w
}

func (w web) graph(t *rapid.T) *ownership.Graph {
	g, err := ownership.New(w.parties, w.links)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// series is the look-through share by the power series: what flows along ways of one, two, three … links, those through
// the holder itself left out.
func (w web) series(holder, company string) float64 {
	flow := map[string]float64{company: 1}
	total := 0.0
	for range 4000 {
		next := map[string]float64{}
		for pair, share := range w.direct {
			if f := flow[pair[1]]; f > 0 && (pair[1] != holder) {
				next[pair[0]] += f * share
			}
		}
		total += next[holder]
		delete(next, holder)
		flow = next
		rest := 0.0
		for _, f := range flow {
			rest += f
		}
		if rest < 1e-14 {
			break
		}
	}
	return total
}

// ways is the sum over all ways of the product of their shares.
func (w web) ways(holder, company string) float64 {
	total := 0.0
	for pair, share := range w.direct {
		if pair[1] == company {
			if pair[0] == holder {
				total += share
			} else {
				total += share * w.ways(holder, pair[0])
			}
		}
	}
	return total
}

func TestWithoutCirclesItIsTheSumOverAllWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := weave(t, true, 1)
		g := w.graph(t)
		for _, c := range w.parties {
			for _, h := range w.parties {
				if c.Kind == ownership.Company && h.ID != c.ID {
					if got, want := holds(g, h.ID, c.ID), w.ways(h.ID, c.ID); math.Abs(got-want) > 1e-12 {
						t.Fatalf("%s in %s: %v, by the ways %v", h.ID, c.ID, got, want)
					}
				}
			}
		}
	})
}

func TestWithCirclesItIsThePowerSeries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := weave(t, false, .97)
		g := w.graph(t)
		for _, c := range w.parties {
			for _, h := range w.parties {
				if c.Kind == ownership.Company && h.ID != c.ID {
					if got, want := holds(g, h.ID, c.ID), w.series(h.ID, c.ID); math.Abs(got-want) > 1e-9 {
						t.Fatalf("%s in %s: %v, by the series %v; %v", h.ID, c.ID, got, want, w.direct)
					}
				}
			}
		}
	})
}

// What the ultimate holders have and what is not disclosed is all of it, and no share exceeds it.
func TestSharesAddUpToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := weave(t, rapid.Bool().Draw(t, "acyclic"), rapid.SampledFrom([]float64{1, .9, .5}).Draw(t, "most"))
		g := w.graph(t)
		for _, c := range w.parties {
			if c.Kind != ownership.Company {
				continue
			}
			all, hidden := g.Owners(c.ID, 0)
			total := hidden
			for _, h := range all {
				if h.Fraction < 0 || h.Fraction > 1 || h.Fraction < h.Direct-1e-9 {
					t.Fatalf("%s holds %v of %s, %v directly", h.Party.ID, h.Fraction, c.ID, h.Direct)
				}
				if h.Ultimate {
					total += h.Fraction
				}
			}
			if math.Abs(total-1) > 1e-9 && len(all) > 0 {
				t.Fatalf("%s: %v", c.ID, total)
			}
		}
	})
}

// When every owner of a company that owns nothing sells the same part, all look-through shares in it shrink by that part.
func TestSharesScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := weave(t, false, .97)
		factor := rapid.Float64Range(.1, 1).Draw(t, "factor")
		owned := ownership.Party{ID: "T", Kind: ownership.Company}
		w.parties = append(w.parties, owned)
		full := []ownership.Link{{From: "p0", To: "T", Kind: ownership.Share, Fraction: .3}, {From: "C0", To: "T", Kind: ownership.Share, Fraction: .6}}
		part := []ownership.Link{{From: "p0", To: "T", Kind: ownership.Share, Fraction: .3 * factor}, {From: "C0", To: "T", Kind: ownership.Share, Fraction: .6 * factor}}
		links := w.links
		w.links = slices.Concat(links, full)
		before := w.graph(t)
		w.links = slices.Concat(links, part)
		after := w.graph(t)
		for _, h := range w.parties[:len(w.parties)-1] {
			if a, b := holds(before, h.ID, "T"), holds(after, h.ID, "T"); math.Abs(a*factor-b) > 1e-12 {
				t.Fatalf("%s: %v scaled by %v is %v", h.ID, a, factor, b)
			}
		}
	})
}

// At most one of the parties that nobody controls has the majority anywhere, and a controller's chain is unbroken.
func TestControlIsUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := weave(t, rapid.Bool().Draw(t, "acyclic"), 1)
		g := w.graph(t)
		for _, c := range w.parties {
			persons := 0
			for _, x := range g.Controllers(c.ID) {
				if x.Party.Kind == ownership.Person {
					persons++
				}
				steps := x.Chain.Steps
				if len(steps) == 0 || steps[0].From.ID != x.Party.ID || steps[len(steps)-1].To.ID != c.ID {
					t.Fatalf("chain of %s over %s: %+v", x.Party.ID, c.ID, steps)
				}
				for i := range steps[1:] {
					if steps[i].To.ID != steps[i+1].From.ID {
						t.Fatalf("broken chain %+v", steps)
					}
				}
			}
			if persons > 1 {
				t.Fatalf("%d persons control %s", persons, c.ID)
			}
		}
	})
}

// FuzzGraph throws any links at the graph: it refuses them, or what it finds stays within its bounds.
func FuzzGraph(f *testing.F) {
	f.Add([]byte{0, 5, 60, 1, 5, 40, 5, 6, 100, 6, 5, 20})
	f.Add([]byte{4, 5, 100, 5, 4, 100, 5, 5, 30})
	f.Fuzz(func(t *testing.T, raw []byte) {
		const all = 9 // 0 to 2 persons, 3 a state body, the others companies
		var parties []ownership.Party
		for i := range all {
			kind := ownership.Company
			if i < 3 {
				kind = ownership.Person
			} else if i == 3 {
				kind = ownership.State
			}
			parties = append(parties, ownership.Party{ID: fmt.Sprint(i), Kind: kind})
		}
		kinds := []ownership.LinkKind{ownership.Share, ownership.Share, ownership.Share, ownership.Voting, ownership.Control, ownership.Office, ownership.Guarantee}
		var links []ownership.Link
		for ; len(raw) >= 3 && len(links) < 40; raw = raw[3:] {
			links = append(links, ownership.Link{From: fmt.Sprint(raw[0] % all), To: fmt.Sprint(raw[1] % all), Kind: kinds[int(raw[0]/all)%len(kinds)], Fraction: float64(raw[2]) / 100, Role: ownership.Manager})
		}
		g, err := ownership.New(parties, links)
		if err != nil {
			return
		}
		for _, p := range parties {
			owners, hidden := g.Owners(p.ID, 0)
			if hidden < 0 || hidden > 1 || math.IsNaN(hidden) {
				t.Fatalf("undisclosed %v", hidden)
			}
			for _, h := range owners {
				if math.IsNaN(h.Fraction) || h.Fraction < 0 || h.Fraction > 1 {
					t.Fatalf("%v holds %v", h.Party, h.Fraction)
				}
				g.Chains(h.Party.ID, p.ID, 3)
			}
			if s := g.SelfHeld(p.ID); math.IsNaN(s) || s < 0 || s > 1 {
				t.Fatalf("self-held %v", s)
			}
			g.Controllers(p.ID)
			g.BeneficialOwners(p.ID)
		}
		g.Groups()
		g.CommonOfficers()
		g.GuaranteeCircles()
	})
}

// country is a graph of n parties as a large portfolio has them: a third persons, pyramids, some circles of companies that
// hold each other, some holders of many small stakes.
func country(n int) ([]ownership.Party, []ownership.Link) {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	persons := n / 3
	var parties []ownership.Party
	var links []ownership.Link
	for i := range n {
		kind := ownership.Company
		if i < persons {
			kind = ownership.Person
		}
		parties = append(parties, ownership.Party{ID: fmt.Sprint(i), Kind: kind})
	}
	hold := func(i, j int, share float64) {
		links = append(links, ownership.Link{From: fmt.Sprint(i), To: fmt.Sprint(j), Kind: ownership.Share, Fraction: share})
	}
	for j := persons; j < n; j++ {
		left := 1.0
		for k := range 1 + r.IntN(4) {
			i := r.IntN(persons)
			if j > persons && r.Float64() < .5 {
				i = persons + r.IntN(j-persons)
			}
			share := left * (.2 + .6*r.Float64())
			if k > 0 {
				share = left * .3
			}
			left -= share
			hold(i, j, share)
		}
		if r.Float64() < .05 && j+1 < n { // it holds something of a later one: a circle, when that one holds it
			hold(persons+r.IntN(n-persons), j, left*.5)
		}
	}
	return parties, links
}

func BenchmarkTenThousand(b *testing.B) {
	parties, links := country(10_000)
	b.Logf("%d parties, %d links", len(parties), len(links))
	build := func() *ownership.Graph {
		g, err := ownership.New(parties, links)
		if err != nil {
			b.Fatal(err)
		}
		return g
	}
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			build()
		}
	})
	b.Run("owners of every company", func(b *testing.B) {
		g := build()
		for b.Loop() {
			for _, p := range parties {
				g.Owners(p.ID, .01)
			}
		}
	})
	b.Run("groups", func(b *testing.B) {
		g := build()
		for b.Loop() {
			b.ReportMetric(float64(len(g.Groups())), "groups")
		}
	})
	b.Run("one company, built and asked", func(b *testing.B) {
		for b.Loop() {
			g := build()
			g.BeneficialOwners("9999")
			g.Controllers("9999")
		}
	})
}
