package ownership

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// ring makes one circle of n companies with chords; a person holds what is left of each.
func ring(t *testing.T, n int) *Graph {
	t.Helper()
	r := rand.New(rand.NewPCG(7, uint64(n)))
	parties := []Party{{ID: "p", Kind: Person}}
	var links []Link
	for i := range n {
		parties = append(parties, Party{ID: fmt.Sprint(i), Kind: Company})
		links = append(links, Link{From: fmt.Sprint(i), To: fmt.Sprint((i + 1) % n), Kind: Share, Fraction: .5},
			Link{From: fmt.Sprint(r.IntN(n)), To: fmt.Sprint(i), Kind: Share, Fraction: .3}, Link{From: "p", To: fmt.Sprint(i), Kind: Share, Fraction: .1})
	}
	g, err := New(parties, links)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Above denseMost a circle is solved by sweeps; both ways give the same.
func TestSweepsAgreeWithLU(t *testing.T) {
	t.Parallel()
	g := ring(t, 200)
	c := g.component[g.at["0"]]
	p := &g.parts[c]
	if len(p.members) != 200 {
		t.Fatalf("a circle of %d", len(p.members))
	}
	right := make([]float64, 200)
	right[3], right[77] = 1, .25
	for i, x := range g.solve(p, c, right) {
		if y := g.sweep(p, c, right)[i]; math.Abs(x-y) > 1e-11 {
			t.Errorf("%d: LU %v, sweeps %v", i, x, y)
		}
	}
}

// A circle of five thousand companies: of each, the person has 0.1 / (1 − 0.8), half, by symmetry of the columns.
func TestLargeCircle(t *testing.T) {
	t.Parallel()
	g := ring(t, 5000)
	all, hidden := g.Owners("17", .05)
	if len(all) == 0 || all[0].Party.ID != "p" && all[1].Party.ID != "p" {
		t.Fatalf("%d owners", len(all))
	}
	for _, h := range all {
		if h.Party.ID == "p" && math.Abs(h.Fraction-.5) > 1e-9 {
			t.Errorf("p has %v", h.Fraction)
		}
	}
	if math.Abs(hidden-.5) > 1e-9 {
		t.Errorf("undisclosed %v", hidden)
	}
}
