package ownership

import (
	"cmp"
	"container/heap"
	"slices"
)

// Step is one link of a chain. Fraction is 0 for control by agreement.
type Step struct {
	From     Party    `json:"from"`
	To       Party    `json:"to"`
	Kind     LinkKind `json:"kind"`
	Fraction float64  `json:"fraction,omitempty"`
}

// Chain is a way from a holder down to a company that passes no party twice. Fraction is the product of its shares; a
// chain of control has none.
type Chain struct {
	Steps    []Step  `json:"steps"`
	Fraction float64 `json:"fraction,omitempty"`
}

// mostLooked bounds the ways that Chains follows in a graph with very many of them.
const mostLooked = 5_000

// walk is a way upwards from the company that is not finished: its nodes, the company first.
type walk struct {
	nodes    []int
	fraction float64
}

type walks []walk

func (w walks) Len() int { return len(w) }
func (w walks) Less(i, j int) bool {
	return cmp.Or(-cmp.Compare(w[i].fraction, w[j].fraction), slices.Compare(w[i].nodes, w[j].nodes)) < 0
}
func (w walks) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w *walks) Push(x any)   { *w = append(*w, x.(walk)) }
func (w *walks) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

// Chains gives the largest ways by which a holder has shares of a company, at most most of them, the largest first. A
// product only falls as a way grows longer, so the ways come out in their order.
func (g *Graph) Chains(holder, company string, most int) []Chain {
	from, okFrom := g.at[holder]
	to, okTo := g.at[company]
	if !okFrom || !okTo || from == to {
		return nil
	}
	below := map[int]bool{}
	for _, i := range above(from, func(i int) []int { return nodes(g.down[i]) }) {
		below[i] = true
	}
	var found []Chain
	open := &walks{{nodes: []int{to}, fraction: 1}}
	for looked := 0; open.Len() > 0 && len(found) < most && looked < mostLooked; looked++ {
		w := heap.Pop(open).(walk)
		end := w.nodes[len(w.nodes)-1]
		if end == from {
			found = append(found, g.chain(w))
			continue
		}
		for _, a := range g.up[end] {
			if below[a.node] && !slices.Contains(w.nodes, a.node) {
				heap.Push(open, walk{append(slices.Clone(w.nodes), a.node), w.fraction * a.weight})
			}
		}
	}
	return found
}

func (g *Graph) chain(w walk) Chain {
	c := Chain{Fraction: w.fraction}
	for n := len(w.nodes) - 1; n > 0; n-- {
		i, j := w.nodes[n], w.nodes[n-1]
		c.Steps = append(c.Steps, Step{From: g.parties[i], To: g.parties[j], Kind: Share, Fraction: g.direct(i, j)})
	}
	return c
}
