package customer

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// NetNode is a node of the graph as it is shown. Of a Hidden one, another person's customer, the name is all there is.
type NetNode struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Kind     ownership.Kind `json:"kind"`
	Customer bool           `json:"customer,omitempty"`
	Hidden   bool           `json:"hidden,omitempty"`
	ByName   bool           `json:"by_name,omitempty"` // it is known by its name alone: a namesake may have been taken for it
}

// NetEdge is a link of the graph as it is shown. Percent is nil where there is none, or where the reader may not see it.
type NetEdge struct {
	ID         string             `json:"id,omitempty"` // of a relation, to remove it by
	From       string             `json:"from"`
	To         string             `json:"to"`
	Kind       ownership.LinkKind `json:"kind"`
	Percent    *float64           `json:"percent,omitempty"`
	Role       string             `json:"role,omitempty"`
	Amount     money.Amount       `json:"amount"`
	ValidUntil clock.Date         `json:"valid_until,omitempty"`
	AsOf       clock.Date         `json:"as_of,omitempty"`
	Source     string             `json:"source,omitempty"`
}

// Net is a part of the graph. More says that it was cut.
type Net struct {
	Nodes []NetNode `json:"nodes"`
	Edges []NetEdge `json:"edges"`
	More  bool      `json:"more,omitempty"`
}

// Node finds a node of the net.
func (n Net) Node(id string) NetNode {
	for _, x := range n.Nodes {
		if x.ID == id {
			return x
		}
	}
	return NetNode{ID: id, Name: id}
}

// Related is a customer that has to do with this one, and how: group, owner, owned, sister (a common owner), officer (a
// common officer), guarantee.
type Related struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Hidden bool     `json:"hidden,omitempty"`
	How    []string `json:"how"`
}

// Wrong is something in the record that the graph could not take as it is.
type Wrong struct {
	Name string  `json:"name"`
	What string  `json:"what"` // shares_exceed, votes_exceed, person_owned
	Sum  float64 `json:"sum"`  // percent
}

// Ownership is who stands behind a customer and what it has to do with others.
type Ownership struct {
	Owners      []ownership.Holding    `json:"owners"`      // look-through, from a thousandth up
	Undisclosed float64                `json:"undisclosed"` // fraction of the capital whose holder is not known
	SelfHeld    float64                `json:"self_held"`   // fraction that it holds of itself through others
	Beneficial  ownership.Findings     `json:"beneficial"`
	Controllers []ownership.Controller `json:"controllers"`
	Groups      []Group                `json:"groups"`
	Related     []Related              `json:"related"`
	Common      []ownership.Common     `json:"common_officers"`
	Circles     []ownership.Circle     `json:"guarantee_circles"`
	Net         Net                    `json:"net"`
	Wrong       []Wrong                `json:"wrong"`
}

const (
	mostNodes  = 500  // shown at once
	ownerFloor = .001 // the smallest look-through share that is listed
)

// ShowOwnership shows who stands behind a customer. The graph holds everybody above it, what it and those next to it own,
// run and guarantee, and its groups.
var ShowOwnership = operation.NewView("ownership.view", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (Ownership, error) {
	if err := Visible(ctx, rd, rd.Actor, in.ID); err != nil {
		return Ownership{}, err
	}
	n := newNetwork()
	if err := n.climb(ctx, rd, []string{in.ID}); err != nil {
		return Ownership{}, err
	}
	if err := n.around(ctx, rd, in.ID); err != nil {
		return Ownership{}, err
	}
	if err := n.stand(ctx, rd, []string{in.ID}); err != nil {
		return Ownership{}, err
	}
	groups, err := GroupsOf(ctx, rd, in.ID)
	if err != nil {
		return Ownership{}, err
	}
	members, err := n.takeGroups(ctx, rd, rd.Actor, groups)
	if err != nil {
		return Ownership{}, err
	}
	n.legalRepresentative(in.ID)
	g, wrong, err := n.sound()
	if err != nil {
		return Ownership{}, err
	}
	v := Ownership{Groups: groups, Beneficial: g.BeneficialOwners(in.ID), Controllers: g.Controllers(in.ID), SelfHeld: g.SelfHeld(in.ID),
		Common: g.CommonOfficers(), Circles: g.GuaranteeCircles()}
	v.Owners, v.Undisclosed = g.Owners(in.ID, ownerFloor)
	for _, w := range wrong {
		v.Wrong = append(v.Wrong, Wrong{Name: n.party(w.Party).Name, What: w.What, Sum: 100 * w.Sum})
	}
	above := map[string]bool{in.ID: true}
	for _, h := range v.Owners {
		above[h.Party.ID] = true
	}
	v.Net = n.shown(rd.Actor, in.ID, above)
	v.Related = n.related(rd.Actor, in.ID, above, members)
	n.cover(rd.Actor, &v)
	return v, nil
})

// around adds what the customer, its direct owners and its officers own, run and guarantee themselves.
func (n *network) around(ctx context.Context, q database.Querier, focus string) error {
	next := map[string]bool{focus: true}
	for _, l := range n.now() {
		if l.To == focus && l.Kind != ownership.Guarantee {
			next[l.From] = true
		}
	}
	_, err := n.reach(ctx, q, n.names(next), false)
	return err
}

func (n *network) takeGroups(ctx context.Context, q database.Querier, a operation.Actor, groups []Group) (map[string]bool, error) {
	members := map[string]bool{}
	for _, g := range groups {
		v, err := ViewGroup(ctx, q, a, g.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range v.Members {
			members[m.PartyID] = true
		}
	}
	ids := slices.Sorted(maps.Keys(members))
	if len(ids) == 0 {
		return members, nil
	}
	all, err := n.start(ctx, q, ids)
	if err == nil {
		_, err = n.reach(ctx, q, all, true)
	}
	if err == nil {
		err = n.stand(ctx, q, ids)
	}
	return members, err
}

// legalRepresentative adds the one that the profile names, unless an office names one: the person of that name whom the
// company has already, or a node of its own.
func (n *network) legalRepresentative(focus string) {
	name := n.party(focus).legal
	if name == "" {
		return
	}
	id := ""
	for _, l := range n.now() {
		p := n.party(l.From)
		switch {
		case l.To != focus || p.Kind != ownership.Person:
			continue
		case l.Kind == ownership.Office && l.Role == ownership.LegalRepresentative:
			return
		case NameKey(p.Name) == NameKey(name):
			id = l.From
		}
	}
	if id == "" {
		id = "legal:" + focus
		*n.party(id) = node{Party: ownership.Party{ID: id, Name: name, Kind: ownership.Person}}
	}
	n.link(ownership.Link{From: id, To: focus, Kind: ownership.Office, Role: ownership.LegalRepresentative}, "")
}

func (n *network) hidden(a operation.Actor, id string) bool {
	p := n.party(id)
	return p.customer && !within(a, p.owner, p.team)
}

// shown gives the net, nearest to the focus first. What is known of a hidden customer's own owners and officers stays out,
// except of those above the focus, whose shares explain who stands behind it.
func (n *network) shown(a operation.Actor, focus string, above map[string]bool) Net {
	near := map[string][]string{}
	for _, l := range n.now() {
		near[l.From] = append(near[l.From], l.To)
		near[l.To] = append(near[l.To], l.From)
	}
	place := map[string]int{}
	var order []string
	take := func(ids []string) {
		for _, id := range ids {
			if _, seen := place[id]; !seen && n.alias[id] == "" {
				place[id] = len(order)
				order = append(order, id)
			}
		}
	}
	if p := n.parties[focus]; p != nil && p.Name != "" {
		take([]string{focus})
	}
	for i := 0; i < len(order); i++ {
		slices.Sort(near[order[i]])
		take(near[order[i]])
	}
	take(slices.Sorted(maps.Keys(n.parties))) // and those that nothing ties to it, such as members added by hand
	net := Net{Nodes: []NetNode{}, Edges: []NetEdge{}, More: len(order) > mostNodes}
	order = order[:min(len(order), mostNodes)]
	for _, id := range order {
		p := n.party(id)
		net.Nodes = append(net.Nodes, NetNode{ID: id, Name: p.Name, Kind: p.Kind, Customer: p.customer, Hidden: n.hidden(a, id), ByName: !p.numbered && p.Kind == ownership.Person})
	}
	for i, l := range n.links {
		from, to := n.root(l.From), n.root(l.To)
		atFrom, okFrom := place[from]
		atTo, okTo := place[to]
		if from == to || !okFrom || !okTo || atFrom >= len(order) || atTo >= len(order) {
			continue
		}
		e := NetEdge{From: from, To: to, Kind: l.Kind}
		if !n.hidden(a, to) || above[to] {
			r := n.relations[i]
			e.ID, e.Role, e.AsOf, e.Source, e.Amount, e.ValidUntil = r.ID, l.Role, l.AsOf, l.Source, r.Amount, r.ValidUntil
			if l.Kind == ownership.Share || l.Kind == ownership.Voting {
				percent := 100 * l.Fraction
				e.Percent = &percent
			}
		}
		net.Edges = append(net.Edges, e)
	}
	return net
}

// related lists the customers in the network with what they have to do with the focus.
func (n *network) related(a operation.Actor, focus string, above, members map[string]bool) []Related {
	how := map[string]map[string]bool{}
	say := func(id, what string) {
		if id != focus && n.party(id).customer {
			if how[id] == nil {
				how[id] = map[string]bool{}
			}
			how[id][what] = true
		}
	}
	links := n.now()
	owners, officers := map[string]bool{}, map[string]bool{}
	for _, l := range links {
		switch {
		case l.Kind == ownership.Guarantee && l.From == focus:
			say(l.To, "guarantee")
		case l.Kind == ownership.Guarantee && l.To == focus:
			say(l.From, "guarantee")
		case l.Kind == ownership.Office && l.To == focus:
			officers[l.From] = true
		case owns(l) && l.From == focus:
			say(l.To, "owned")
		case owns(l) && l.To == focus:
			owners[l.From] = true
		}
	}
	for _, l := range links {
		switch {
		case l.Kind == ownership.Office && officers[l.From]:
			say(l.To, "officer")
		case owns(l) && owners[l.From]:
			say(l.To, "sister")
		}
	}
	for id := range above {
		say(id, "owner")
	}
	for id := range members {
		say(id, "group")
	}
	return n.listed(a, how)
}

// owns tells whether a link is one of ownership: a share, votes, control.
func owns(l ownership.Link) bool {
	return l.Kind != ownership.Office && l.Kind != ownership.Guarantee
}

// listed puts those first who are related in most ways.
func (n *network) listed(a operation.Actor, how map[string]map[string]bool) []Related {
	all := make([]Related, 0, len(how))
	for id, ways := range how {
		all = append(all, Related{ID: id, Name: n.party(id).Name, Hidden: n.hidden(a, id), How: slices.Sorted(maps.Keys(ways))})
	}
	slices.SortFunc(all, func(x, y Related) int {
		return cmp.Or(cmp.Compare(len(y.How), len(x.How)), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	return all
}

// cover leaves the name alone of other people's customers in the findings.
func (n *network) cover(a operation.Actor, v *Ownership) {
	for i := range v.Common {
		for j := range v.Common[i].Posts {
			if n.hidden(a, v.Common[i].Posts[j].Company.ID) {
				v.Common[i].Posts[j].Role = ""
			}
		}
	}
}

// NeighboursInput names a node of the graph.
type NeighboursInput struct {
	ID string `json:"id"`
}

// Validate reports every wrong field.
func (in *NeighboursInput) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	return c.Err()
}

// Neighbours shows what is next to a node: for opening the graph further. A reader who does not see all sees the
// neighbours of his own customers, and of parties that have to do with one of them.
var Neighbours = operation.NewView("ownership.neighbours", func(ctx context.Context, rd *operation.Reading, in NeighboursInput) (Net, error) {
	n, err := neighbourhood(ctx, rd, rd.Actor, in.ID)
	if err != nil {
		return Net{}, err
	}
	return n.shown(rd.Actor, in.ID, map[string]bool{}), nil
})

func neighbourhood(ctx context.Context, q database.Querier, a operation.Actor, id string) (*network, error) {
	if _, found, err := canonical(ctx, q, id); err != nil || !found {
		return nil, cmp.Or(err, error(fault.NotFound("party", id)))
	}
	n := newNetwork()
	all, err := n.start(ctx, q, []string{id})
	if err != nil {
		return nil, err
	}
	if n.hidden(a, id) {
		return nil, fault.NotFound("customer", id)
	}
	for _, up := range []bool{true, false} {
		if _, err := n.reach(ctx, q, all, up); err != nil {
			return nil, err
		}
	}
	wide := a.System || a.Scope == operation.ScopeAll
	for other, p := range n.parties {
		wide = wide || p.customer && !n.hidden(a, other)
	}
	if !wide {
		return nil, fault.NotFound("party", id)
	}
	return n, nil
}

// PartyView is a party with what it has to do with others, and who may be the same.
type PartyView struct {
	Party     Party   `json:"party"`
	Net       Net     `json:"net"`
	Namesakes []Party `json:"namesakes"` // of the same name and kind, or merged into this one
}

// ShowParty shows a party that is no customer.
var ShowParty = operation.NewView("party.view", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (PartyView, error) {
	p, err := partyByID(ctx, rd, in.ID)
	if err != nil {
		return PartyView{}, err
	}
	n, err := neighbourhood(ctx, rd, rd.Actor, in.ID)
	if err != nil {
		return PartyView{}, err
	}
	v := PartyView{Party: p.shown(), Net: n.shown(rd.Actor, in.ID, map[string]bool{}), Namesakes: []Party{}}
	like, err := namesakes(ctx, rd, p)
	for _, other := range like {
		v.Namesakes = append(v.Namesakes, other.shown())
	}
	return v, err
})
