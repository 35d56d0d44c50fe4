package ownership

import (
	"cmp"
	"maps"
	"slices"

	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"
)

// Group is a set of companies under common control (集团), with who controls it.
type Group struct {
	Apex    Party   `json:"apex"`    // who controls the most of them and is controlled by none of them
	Members []Party `json:"members"` // companies, and the persons who control them; by id
}

// Groups gives all sets of two companies or more that control connects: by votes above one half, by agreement, or by a
// common controlling owner (see the package). State bodies connect nothing: companies controlled by the state are not
// related for that reason alone (公司法 第二百六十五条第四项).
func (g *Graph) Groups() []Group {
	root := make([]int, len(g.parties))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	reach, under := map[int]int{}, map[int]int{} // how many it controls; how many control it
	for p := range g.parties {
		if g.parties[p].Kind == State || !g.mayControl(p) {
			continue
		}
		r := g.realm(p, nil)
		reach[p] = len(r.by)
		for j := range r.by {
			under[j]++
			root[find(j)] = find(p)
		}
	}
	sets := map[int][]int{}
	for i := range g.parties {
		if reach[i] > 0 || under[i] > 0 {
			sets[find(i)] = append(sets[find(i)], i)
		}
	}
	var all []Group
	for _, r := range slices.Sorted(maps.Keys(sets)) {
		set := sets[r]
		companies := 0
		for _, i := range set {
			if g.parties[i].Kind == Company {
				companies++
			}
		}
		if companies < 2 {
			continue
		}
		apex := slices.MinFunc(set, func(a, b int) int {
			return cmp.Or(-cmp.Compare(reach[a], reach[b]), cmp.Compare(under[a], under[b]), cmp.Compare(g.parties[a].ID, g.parties[b].ID))
		})
		all = append(all, Group{Apex: g.parties[apex], Members: g.named(set)})
	}
	slices.SortFunc(all, func(a, b Group) int { return cmp.Compare(a.Apex.ID, b.Apex.ID) })
	return all
}

// mayControl tells whether control can start at p: nobody controls anything without a majority or an agreement of his own.
func (g *Graph) mayControl(p int) bool {
	return len(g.agreed[p]) > 0 || slices.ContainsFunc(g.votesDown[p], func(a arc) bool { return a.weight > majority+epsilon })
}

func (g *Graph) named(set []int) []Party {
	var out []Party
	for _, i := range set {
		out = append(out, g.parties[i])
	}
	slices.SortFunc(out, func(a, b Party) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Post is an office that somebody holds.
type Post struct {
	Company Party  `json:"company"`
	Role    string `json:"role"`
}

// Common is a person who holds offices at several companies (董监高交叉任职).
type Common struct {
	Person Party  `json:"person"`
	Posts  []Post `json:"posts"`
}

// CommonOfficers gives the persons who hold offices at two companies or more.
func (g *Graph) CommonOfficers() []Common {
	posts := map[int][]Post{}
	for _, l := range g.links {
		if l.Kind == Office {
			posts[g.at[l.From]] = append(posts[g.at[l.From]], Post{g.parties[g.at[l.To]], l.Role})
		}
	}
	var all []Common
	for _, i := range slices.Sorted(maps.Keys(posts)) {
		mine := posts[i]
		slices.SortFunc(mine, func(a, b Post) int {
			return cmp.Or(cmp.Compare(a.Company.ID, b.Company.ID), cmp.Compare(a.Role, b.Role))
		})
		if mine[0].Company.ID != mine[len(mine)-1].Company.ID {
			all = append(all, Common{g.parties[i], mine})
		}
	}
	return all
}

// Circle is a set of parties that stand in for each other's debts: two do so mutually (互保), more in a circle (担保圈), so
// that each guarantee is worth less than it says.
type Circle struct {
	Members []Party `json:"members"`
	Links   []Link  `json:"links"` // the guarantees among them
}

// GuaranteeCircles gives the circles of guarantees: the strongly connected components of the guarantee graph.
func (g *Graph) GuaranteeCircles() []Circle {
	d := simple.NewDirectedGraph()
	for _, l := range g.links {
		if l.Kind == Guarantee && l.From != l.To {
			d.SetEdge(simple.Edge{F: simple.Node(g.at[l.From]), T: simple.Node(g.at[l.To])})
		}
	}
	var all []Circle
	for _, part := range topo.TarjanSCC(d) {
		if len(part) < 2 {
			continue
		}
		in := map[string]bool{}
		var set []int
		for _, n := range part {
			in[g.parties[n.ID()].ID] = true
			set = append(set, int(n.ID()))
		}
		c := Circle{Members: g.named(set)}
		for _, l := range g.links {
			if l.Kind == Guarantee && in[l.From] && in[l.To] {
				c.Links = append(c.Links, l)
			}
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Circle) int { return cmp.Compare(a.Members[0].ID, b.Members[0].ID) })
	return all
}
