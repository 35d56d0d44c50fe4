package ownership

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"
	"gonum.org/v1/gonum/mat"
)

const (
	denseMost  = 800    // members of a circle that are solved by LU
	mostSweeps = 20_000 // of Gauss-Seidel
	settled    = 1e-14  // relative change of a sweep at which it ends
)

// part is a strongly connected component of the share graph.
type part struct {
	members []int // sorted
	closed  bool  // its members hold all of each other
	lu      *mat.LU
	diag    map[int]float64 // N[i][i] of those asked for
}

func (p *part) circle(g *Graph) bool {
	return len(p.members) > 1 || g.self(p.members[0]) > 0
}

// split finds the components, the owned before their owners.
func (g *Graph) split() {
	d := simple.NewDirectedGraph()
	for i := range g.parties {
		d.AddNode(simple.Node(i))
	}
	for i, holdings := range g.down {
		for _, a := range holdings {
			if a.node != i {
				d.SetEdge(simple.Edge{F: simple.Node(i), T: simple.Node(a.node)})
			}
		}
	}
	g.component = make([]int, len(g.parties))
	for _, found := range topo.TarjanSCC(d) { // in reverse topological order: what owns nothing comes first
		p := part{diag: map[int]float64{}}
		for _, n := range found {
			p.members = append(p.members, int(n.ID()))
			g.component[n.ID()] = len(g.parts)
		}
		slices.Sort(p.members)
		g.parts = append(g.parts, p)
	}
	for c := range g.parts {
		p := &g.parts[c]
		if !p.circle(g) {
			continue
		}
		p.closed = !slices.ContainsFunc(p.members, func(j int) bool {
			within := 0.0
			for _, a := range g.up[j] {
				if g.component[a.node] == c {
					within += a.weight
				}
			}
			return within < 1-epsilon
		})
	}
}

func (g *Graph) self(i int) float64 { return g.direct(i, i) }

func (g *Graph) direct(i, j int) float64 {
	for _, a := range g.up[j] {
		if a.node == i {
			return a.weight
		}
	}
	return 0
}

// Holding is a look-through share in a company.
type Holding struct {
	Party    Party   `json:"party"`
	Fraction float64 `json:"fraction"` // look-through, 0 to 1
	Direct   float64 `json:"direct"`   // the direct part of it, 0 to 1
	Ultimate bool    `json:"ultimate"` // nobody is known to own this holder
	Closed   bool    `json:"closed"`   // it is one of a circle whose members hold all of each other
}

// Owners gives all who hold the company directly or through others, the largest look-through share first, those below
// floor (a fraction) left out. Undisclosed is the fraction whose holder is not known: 1 less the shares of the ultimate
// holders (a closed circle counted once). The company's share in itself is not among the owners; see SelfHeld.
func (g *Graph) Owners(company string, floor float64) (all []Holding, undisclosed float64) {
	j, ok := g.at[company]
	if !ok {
		return nil, 1
	}
	column := g.column(j)
	known := 0.0
	counted := map[int]bool{}
	for _, i := range sortedKeys(column) {
		c := g.component[i]
		p := &g.parts[c]
		ultimate := len(g.up[i]) == 0
		switch {
		case i == j && !p.closed:
			continue
		case ultimate:
			known += column[i]
		case p.closed && !counted[c]:
			counted[c] = true
			known += column[i]
		}
		if i == j || column[i] < floor {
			continue
		}
		share := column[i]
		if !p.closed {
			if share /= g.returns(i); share < floor {
				continue
			}
		}
		all = append(all, Holding{Party: g.parties[i], Fraction: math.Min(1, share), Direct: g.direct(i, j), Ultimate: ultimate, Closed: p.closed})
	}
	slices.SortStableFunc(all, func(a, b Holding) int {
		return cmp.Or(-cmp.Compare(a.Fraction, b.Fraction), cmp.Compare(a.Party.ID, b.Party.ID))
	})
	undisclosed = 1 - known
	if undisclosed < epsilon {
		undisclosed = 0
	}
	return all, undisclosed
}

// SelfHeld is the look-through share that a company has in itself, directly and by circles: a fraction.
func (g *Graph) SelfHeld(company string) float64 {
	j, ok := g.at[company]
	if !ok {
		return 0
	}
	if g.parts[g.component[j]].closed {
		return 1
	}
	return 1 - 1/g.returns(j)
}

func sortedKeys(m map[int]float64) []int {
	all := make([]int, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// column gives N[i][j] for the node j and all i above it; for members of closed circles, the look-through share itself.
func (g *Graph) column(j int) map[int]float64 {
	ancestors := above(j, func(i int) []int { return nodes(g.up[i]) })
	slices.SortStableFunc(ancestors, func(a, b int) int { return cmp.Compare(g.component[a], g.component[b]) })
	v := make(map[int]float64, len(ancestors))
	for start := 0; start < len(ancestors); {
		c := g.component[ancestors[start]]
		p := &g.parts[c] // all of its members are ancestors when one is
		start += len(p.members)
		right := make([]float64, len(p.members))
		for n, i := range p.members {
			if i == j {
				right[n] = 1
			}
			for _, a := range g.down[i] {
				if g.component[a.node] != c {
					right[n] += a.weight * v[a.node]
				}
			}
		}
		switch {
		case !p.circle(g):
			v[p.members[0]] = right[0]
		case p.closed:
			whole := 0.0
			for _, r := range right {
				whole += r
			}
			for _, i := range p.members {
				v[i] = whole
			}
		default:
			for n, x := range g.solve(p, c, right) {
				v[p.members[n]] = x
			}
		}
	}
	return v
}

// solve gives x = (I − D)⁻¹·right within a part.
func (g *Graph) solve(p *part, c int, right []float64) []float64 {
	if len(p.members) > denseMost {
		return g.sweep(p, c, right)
	}
	if p.lu == nil {
		p.lu = &mat.LU{}
		p.lu.Factorize(g.matrix(p, c))
	}
	var x mat.VecDense
	// An ill-conditioned system (a circle that is nearly closed) still has a solution to within about 1e-16 times its
	// condition, which is at most 1e9 here; the warning is no failure.
	_ = p.lu.SolveVecTo(&x, false, mat.NewVecDense(len(right), right))
	return x.RawVector().Data
}

// matrix is I − D within a part: rows are holders.
func (g *Graph) matrix(p *part, c int) *mat.Dense {
	m := mat.NewDense(len(p.members), len(p.members), nil)
	for n, i := range p.members {
		m.Set(n, n, 1)
		for _, a := range g.down[i] {
			if g.component[a.node] == c {
				k, _ := slices.BinarySearch(p.members, a.node)
				m.Set(n, k, m.At(n, k)-a.weight)
			}
		}
	}
	return m
}

// sweep solves x = right + D·x by Gauss-Seidel.
func (g *Graph) sweep(p *part, c int, right []float64) []float64 {
	place := make(map[int]int, len(p.members))
	for n, i := range p.members {
		place[i] = n
	}
	type entry struct {
		k int
		w float64
	}
	rows := make([][]entry, len(p.members))
	own := make([]float64, len(p.members))
	for n, i := range p.members {
		for _, a := range g.down[i] {
			switch {
			case a.node == i:
				own[n] = a.weight
			case g.component[a.node] == c:
				rows[n] = append(rows[n], entry{place[a.node], a.weight})
			}
		}
	}
	x := slices.Clone(right)
	for range mostSweeps {
		moved, largest := 0.0, 0.0
		for n := range x {
			s := right[n]
			for _, e := range rows[n] {
				s += e.w * x[e.k]
			}
			s /= 1 - own[n]
			moved, largest = math.Max(moved, math.Abs(s-x[n])), math.Max(largest, math.Abs(s))
			x[n] = s
		}
		if moved <= settled*largest {
			break
		}
	}
	return x
}

// returns is N[i][i]: 1 when i is in no circle. It depends on i's own part alone, for what leaves it does not come back.
func (g *Graph) returns(i int) float64 {
	c := g.component[i]
	p := &g.parts[c]
	if !p.circle(g) {
		return 1
	}
	if n, known := p.diag[i]; known {
		return n
	}
	place, _ := slices.BinarySearch(p.members, i)
	unit := make([]float64, len(p.members))
	unit[place] = 1
	n := g.solve(p, c, unit)[place]
	p.diag[i] = n
	return n
}
