package ownership

import (
	"cmp"
	"math"
	"slices"
)

// Threshold is the look-through share or the share of votes from which a person is a beneficial owner: 25 % and more.
const Threshold = 0.25

// Ground says by which rule of 受益所有人信息管理办法 (中国人民银行、国家市场监督管理总局令〔2024〕第3号) somebody is a
// beneficial owner.
type Ground string

// The grounds, in the order in which they are tried.
const (
	ByShare   Ground = "share"   // 第六条第一款第一项: ultimately holds 25 % or more of the capital, directly or indirectly
	ByVotes   Ground = "votes"   // 第六条第一款第二项: ultimately has 25 % or more of the votes
	ByControl Ground = "control" // 第六条第一款第三项: in fact controls it, alone or jointly
	ByOffice  Ground = "manager" // 第六条第三款: nobody is one by the grounds above, so who runs the daily business counts as one
	ByState   Ground = "state"   // 第七条: of a company of the state or controlled by it, the legal representative
)

// Beneficial is a beneficial owner (受益所有人), always a natural person.
type Beneficial struct {
	Party    Party   `json:"party"`
	Ground   Ground  `json:"ground"`
	Fraction float64 `json:"fraction"` // look-through share
	Votes    float64 `json:"votes"`    // with those it controls
	Chains   []Chain `json:"chains"`   // of shares, or of control where that is the ground; none for an office
	Role     string  `json:"role,omitempty"`
}

// Findings are a company's beneficial owners and how far they can be relied on.
type Findings struct {
	Owners      []Beneficial `json:"owners"`
	Undisclosed float64      `json:"undisclosed"` // the fraction of the capital whose ultimate holder is not a known person or state body
	Complete    bool         `json:"complete"`    // nobody who is not known can hold 25 % or more
}

const chainsShown = 5

// BeneficialOwners finds the beneficial owners of a company.
func (g *Graph) BeneficialOwners(company string) Findings {
	j, ok := g.at[company]
	if !ok {
		return Findings{Undisclosed: 1}
	}
	holdings, _ := g.Owners(company, 0)
	f := Findings{Undisclosed: 1}
	share, stateShare := map[string]float64{}, 0.0
	for _, h := range holdings {
		share[h.Party.ID] = h.Fraction
		if h.Party.Kind == State {
			stateShare += h.Fraction
		}
		if h.Party.Kind != Company {
			f.Undisclosed -= h.Fraction
		}
	}
	if f.Undisclosed = math.Max(0, f.Undisclosed); f.Undisclosed < epsilon {
		f.Undisclosed = 0
	}
	f.Complete = f.Undisclosed < Threshold-epsilon
	ancestors := above(j, func(i int) []int { return append(nodes(g.up[i]), g.overseers(i)...) })
	within := map[int]bool{}
	for _, i := range ancestors {
		within[i] = true
	}
	state := stateShare > majority+epsilon
	for _, i := range ancestors {
		p := g.parties[i]
		if p.Kind == Company {
			continue
		}
		r := g.realm(i, within)
		_, controls := r.by[j]
		if p.Kind == State {
			state = state || controls
			continue
		}
		b := Beneficial{Party: p, Fraction: share[p.ID], Votes: math.Min(1, r.votes[j])}
		switch {
		case b.Fraction >= Threshold-epsilon:
			b.Ground = ByShare
		case b.Votes >= Threshold-epsilon:
			b.Ground = ByVotes
		case controls:
			b.Ground = ByControl
		default:
			continue
		}
		b.Chains = g.Chains(p.ID, company, chainsShown)
		if controls && b.Ground != ByShare {
			b.Chains = []Chain{r.chain(g, j)}
		}
		f.Owners = append(f.Owners, b)
	}
	slices.SortStableFunc(f.Owners, func(a, b Beneficial) int {
		return cmp.Or(-cmp.Compare(a.Fraction, b.Fraction), -cmp.Compare(a.Votes, b.Votes), cmp.Compare(a.Party.ID, b.Party.ID))
	})
	switch {
	case state:
		f.Owners, f.Complete = g.inOffice(j, LegalRepresentative, ByState), true
	case len(f.Owners) == 0:
		f.Owners = g.inOffice(j, Manager, ByOffice)
	}
	return f
}

func (g *Graph) inOffice(j int, role string, ground Ground) []Beneficial {
	var all []Beneficial
	for _, l := range g.links {
		if l.Kind == Office && l.Role == role && g.at[l.To] == j {
			if p := g.parties[g.at[l.From]]; p.Kind == Person {
				all = append(all, Beneficial{Party: p, Ground: ground, Role: role})
			}
		}
	}
	return all
}
