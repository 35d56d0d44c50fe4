package ownership

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/internal/clock"
)

// Kind says what a party is.
type Kind string

// The kinds of party.
const (
	Person  Kind = "person"
	Company Kind = "company"
	State   Kind = "state" // a state body that holds shares, such as 国资委
)

// Party is a node of the graph.
type Party struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// LinkKind says what a link is.
type LinkKind string

// The kinds of link. From holds, controls, serves or guarantees To.
const (
	Share     LinkKind = "share"     // Fraction of the capital
	Voting    LinkKind = "voting"    // Fraction of the votes, where they are not as the shares are
	Control   LinkKind = "control"   // by agreement (协议控制)
	Office    LinkKind = "office"    // Role at the company
	Guarantee LinkKind = "guarantee" // From stands in for To's debts
)

// The roles of an Office.
const (
	LegalRepresentative = "legal_representative"
	Director            = "director"
	Supervisor          = "supervisor"
	Manager             = "manager" // who runs the daily business (负责日常经营管理的人员)
)

// Link is an edge of the graph.
type Link struct {
	From     string     `json:"from"`
	To       string     `json:"to"`
	Kind     LinkKind   `json:"kind"`
	Fraction float64    `json:"fraction,omitempty"` // 0 to 1, of shares and votes
	Role     string     `json:"role,omitempty"`
	AsOf     clock.Date `json:"as_of,omitempty"`
	Source   string     `json:"source,omitempty"`
}

// sumSlack is how far shares may exceed 100 % in sum: percentages are typed with two decimals.
const sumSlack = 5e-5

const epsilon = 1e-9

// Problem is something that the graph cannot be.
type Problem struct {
	Party string  // whose owners or votes are wrong
	What  string  // shares_exceed, votes_exceed, fraction, unknown_party, person_owned
	Sum   float64 // of shares_exceed and votes_exceed, as a fraction
}

// Problems is the error of New.
type Problems []Problem

func (p Problems) Error() string {
	var all []string
	for _, x := range p {
		all = append(all, fmt.Sprintf("%s: %s (%.4f)", x.Party, x.What, x.Sum))
	}
	return "ownership: " + strings.Join(all, "; ")
}

type arc struct {
	node   int
	weight float64
}

// Graph is parties and their links. It is not safe for concurrent use: look-through systems are solved when asked for.
type Graph struct {
	parties []Party
	links   []Link
	at      map[string]int

	up, down           [][]arc // shares: owners of, holdings of
	votesUp, votesDown [][]arc
	agreed, agreedUp   [][]int // control by agreement: from, to

	component []int // of each node; numbered from the owned to the owners
	parts     []part
}

// New makes a graph. Several share links of one pair add up; a share of nothing is left out.
func New(parties []Party, links []Link) (*Graph, error) {
	g := &Graph{parties: parties, links: links, at: make(map[string]int, len(parties))}
	var wrong Problems
	for i, p := range parties {
		g.at[p.ID] = i
	}
	n := len(parties)
	shares, votes := make([]map[int]float64, n), make([]map[int]float64, n) // by the owned, then the owner
	g.agreed, g.agreedUp = make([][]int, n), make([][]int, n)
	for _, l := range links {
		from, okFrom := g.at[l.From]
		to, okTo := g.at[l.To]
		switch {
		case !okFrom || !okTo:
			wrong = append(wrong, Problem{Party: l.To, What: "unknown_party"})
			continue
		case l.Kind != Guarantee && parties[to].Kind != Company:
			wrong = append(wrong, Problem{Party: l.To, What: "person_owned"})
			continue
		case (l.Kind == Share || l.Kind == Voting) && !(l.Fraction >= 0 && l.Fraction <= 1+sumSlack): // NaN too
			wrong = append(wrong, Problem{Party: l.To, What: "fraction", Sum: l.Fraction})
			continue
		}
		switch l.Kind {
		case Share:
			add(shares, to, from, l.Fraction)
		case Voting:
			add(votes, to, from, l.Fraction)
		case Control:
			g.agreed[from], g.agreedUp[to] = append(g.agreed[from], to), append(g.agreedUp[to], from)
		}
	}
	for to := range shares {
		total := sum(shares[to])
		if total > 1+sumSlack {
			wrong = append(wrong, Problem{Party: parties[to].ID, What: "shares_exceed", Sum: total})
		}
		if total > 1 {
			for from := range shares[to] {
				shares[to][from] /= total
			}
		}
		total = g.castVotes(shares, votes, to)
		if total > 1+sumSlack {
			wrong = append(wrong, Problem{Party: parties[to].ID, What: "votes_exceed", Sum: total})
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	g.up, g.down = arcs(shares)
	g.votesUp, g.votesDown = arcs(votes)
	g.split()
	return g, nil
}

// castVotes fills in the votes of a company's shares where no voting link says otherwise, leaves out its own, and gives
// their sum.
func (g *Graph) castVotes(shares, votes []map[int]float64, to int) float64 {
	voting := 1 - shares[to][to]
	for from, fraction := range shares[to] {
		if _, said := votes[to][from]; !said && from != to && voting > epsilon {
			add(votes, to, from, fraction/voting)
		}
	}
	delete(votes[to], to)
	return sum(votes[to])
}

func add(all []map[int]float64, to, from int, fraction float64) {
	if all[to] == nil {
		all[to] = map[int]float64{}
	}
	all[to][from] += fraction
}

// sum adds in the order of the owners: floats depend on it.
func sum(m map[int]float64) float64 {
	total := 0.0
	for _, from := range slices.Sorted(maps.Keys(m)) {
		total += m[from]
	}
	return total
}

func arcs(byOwned []map[int]float64) (up, down [][]arc) {
	up, down = make([][]arc, len(byOwned)), make([][]arc, len(byOwned))
	for to, owners := range byOwned {
		for _, from := range slices.Sorted(maps.Keys(owners)) {
			if w := owners[from]; w > 0 {
				up[to] = append(up[to], arc{from, math.Min(w, 1)})
				down[from] = append(down[from], arc{to, math.Min(w, 1)})
			}
		}
	}
	return up, down
}

// Party finds a party of the graph.
func (g *Graph) Party(id string) (Party, bool) {
	i, ok := g.at[id]
	if !ok {
		return Party{}, false
	}
	return g.parties[i], true
}

// above gives the node and all that are above it by next, sorted.
func above(start int, next func(int) []int) []int {
	seen, queue := map[int]bool{start: true}, []int{start}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, k := range next(i) {
			if !seen[k] {
				seen[k] = true
				queue = append(queue, k)
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func nodes(all []arc) []int {
	out := make([]int, len(all))
	for i, a := range all {
		out[i] = a.node
	}
	return out
}
