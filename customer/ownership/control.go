package ownership

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

const majority = 0.5

// realm is what a party controls: each company with the step by which it came under control, and the votes that the
// party and those it controls have in any company.
type realm struct {
	by    map[int]Step
	votes map[int]float64
}

// realm follows control downwards from p, through nodes within only (nil = all).
func (g *Graph) realm(p int, within map[int]bool) realm {
	r := realm{by: map[int]Step{}, votes: map[int]float64{}}
	largest := map[int]arc{} // the largest holder of votes in a company, among those under p
	queue := []int{p}
	take := func(j int, s Step) {
		if _, has := r.by[j]; !has && j != p {
			r.by[j] = s
			queue = append(queue, j)
		}
	}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, j := range g.agreed[i] {
			if within == nil || within[j] {
				take(j, Step{From: g.parties[i], To: g.parties[j], Kind: Control})
			}
		}
		for _, a := range g.votesDown[i] {
			if within != nil && !within[a.node] {
				continue
			}
			r.votes[a.node] += a.weight
			if a.weight > largest[a.node].weight {
				largest[a.node] = arc{i, a.weight}
			}
			if r.votes[a.node] > majority+epsilon {
				from := largest[a.node]
				take(a.node, Step{From: g.parties[from.node], To: g.parties[a.node], Kind: Voting, Fraction: from.weight})
			}
		}
	}
	return r
}

// chain gives the way of control from the party down to j.
func (r realm) chain(g *Graph, j int) Chain {
	var c Chain
	for range len(r.by) {
		s, ok := r.by[j]
		if !ok {
			break
		}
		c.Steps = append(c.Steps, s)
		j = g.at[s.From.ID]
	}
	slices.Reverse(c.Steps)
	return c
}

// Rule says why somebody is a controller.
type Rule string

// The rules, in the order in which they are tried.
const (
	ByAgreement Rule = "agreement" // control by agreement stands in the chain
	ByMajority  Rule = "majority"  // more than half of the votes at each step
	ByWeakest   Rule = "weakest"   // nobody has the majority: the largest chain by its weakest link, above 30 %
)

// weakestLink is the share of votes above which a holder is taken for the controller when nobody has the majority: more
// than 30 % (上市公司收购管理办法 第八十四条第二项).
const weakestLink = 0.3

// Controller is an ultimate controlling owner (实际控制人).
type Controller struct {
	Party    Party   `json:"party"`
	Rule     Rule    `json:"rule"`
	Votes    float64 `json:"votes"` // what it has with those it controls; of the weakest rule, the weakest link
	Chain    Chain   `json:"chain"`
	Ultimate bool    `json:"ultimate"` // false: it is a company whose owners are not known, or one of a circle
}

// Controllers gives who ultimately controls a company, in the sense of 公司法 第二百六十五条第三项 (who by investment,
// agreement or other arrangement in fact directs it):
//
//   - those whose control (see the package) reaches it, less those who are themselves controlled by another of them;
//     several when control is joint or in a circle;
//   - when there are none, the one whose largest chain has the largest weakest link (La Porta, López-de-Silanes and
//     Shleifer 1999), if that is above 30 % and nobody equals it. Chains of one holder are not added.
//
// Of a company that nobody controls there are none (无实际控制人).
func (g *Graph) Controllers(company string) []Controller {
	j, ok := g.at[company]
	if !ok {
		return nil
	}
	ancestors := above(j, g.overseers)
	within := map[int]bool{}
	for _, i := range ancestors {
		within[i] = true
	}
	realms := map[int]realm{}
	for _, p := range ancestors {
		if r := g.realm(p, within); p != j {
			if _, has := r.by[j]; has {
				realms[p] = r
			}
		}
	}
	var all []Controller
	for _, p := range slices.Sorted(maps.Keys(realms)) {
		if g.subject(p, realms) {
			continue
		}
		c := Controller{Party: g.parties[p], Rule: ByMajority, Votes: math.Min(1, realms[p].votes[j]), Chain: realms[p].chain(g, j), Ultimate: g.parties[p].Kind != Company}
		if slices.ContainsFunc(c.Chain.Steps, func(s Step) bool { return s.Kind == Control }) {
			c.Rule = ByAgreement
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return g.weakest(j, ancestors)
	}
	slices.SortStableFunc(all, func(a, b Controller) int {
		return cmp.Or(-cmp.Compare(a.Votes, b.Votes), cmp.Compare(a.Party.ID, b.Party.ID))
	})
	return all
}

func (g *Graph) overseers(i int) []int { return append(nodes(g.votesUp[i]), g.agreedUp[i]...) }

// subject tells whether another of the controllers stands above p; in a circle nobody does.
func (g *Graph) subject(p int, realms map[int]realm) bool {
	for q, r := range realms {
		if _, under := r.by[p]; under && q != p {
			if _, mutual := realms[p].by[q]; !mutual {
				return true
			}
		}
	}
	return false
}

// weakest finds the widest chain of votes to j: each node's width is the larger of its ways' narrowest links.
func (g *Graph) weakest(j int, ancestors []int) []Controller {
	width, next := map[int]float64{j: 1}, map[int]int{}
	done := map[int]bool{}
	for range ancestors {
		best := -1
		for _, i := range ancestors {
			if !done[i] && width[i] > 0 && (best < 0 || width[i] > width[best]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		done[best] = true
		for _, a := range g.votesUp[best] {
			if w := math.Min(width[best], a.weight); w > width[a.node] {
				width[a.node], next[a.node] = w, best
			}
		}
	}
	first, tied := -1, false
	for _, i := range ancestors {
		if i == j || len(g.votesUp[i]) > 0 || width[i] <= weakestLink+epsilon {
			continue
		}
		switch {
		case first < 0 || width[i] > width[first]+epsilon:
			first, tied = i, false
		case width[i] >= width[first]-epsilon:
			tied = true
		}
	}
	if first < 0 || tied {
		return nil
	}
	c := Controller{Party: g.parties[first], Rule: ByWeakest, Votes: width[first], Ultimate: g.parties[first].Kind != Company}
	for i := first; i != j; i = next[i] {
		c.Chain.Steps = append(c.Chain.Steps, Step{From: g.parties[i], To: g.parties[next[i]], Kind: Voting, Fraction: g.vote(i, next[i])})
	}
	return []Controller{c}
}

func (g *Graph) vote(i, j int) float64 {
	for _, a := range g.votesUp[j] {
		if a.node == i {
			return a.weight
		}
	}
	return 0
}
