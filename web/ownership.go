package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/ownership"
)

// shownNet is what the page's graph reads: the net, where it starts, and the words it says.
type shownNet struct {
	Focus string            `json:"focus"`
	Net   saidNet           `json:"net"`
	Words map[string]string `json:"words"`
}

type saidNet struct {
	Nodes []customer.NetNode `json:"nodes"`
	Edges []saidEdge         `json:"edges"`
}

// saidEdge is an edge with what it says in the reader's language, where that is no percentage.
type saidEdge struct {
	customer.NetEdge
	Said string `json:"said,omitempty"`
}

// netColours are those of ownership.js, in the order of the key.
var netColours = []struct{ kind, colour string }{{"customer", "#1f4b99"}, {"company", "#7d8fae"}, {"person", "#f59f00"}, {"state", "#c22f2f"}, {"hidden", "#b8c0cc"}}

// netLines are how the kinds of link are drawn.
var netLines = []struct {
	kind  ownership.LinkKind
	style string
}{{ownership.Share, "solid #5b84c4"}, {ownership.Voting, "dotted #2f9e77"}, {ownership.Control, "dashed #7b4fb5"}, {ownership.Office, "dashed #a3adbd"}, {ownership.Guarantee, "dashed #e8590c"}}

func lineColour(style string) templ.SafeCSS { return templ.SafeCSS("border-top:2px " + style) }

func borderColour(colour string) templ.SafeCSS { return templ.SafeCSS("border-color:" + colour) }

func (v *visit) saidNet(n customer.Net) saidNet {
	out := saidNet{Nodes: n.Nodes, Edges: []saidEdge{}}
	for _, e := range n.Edges {
		said := ""
		if e.Percent == nil {
			said = v.edgeSays(e)
		}
		out.Edges = append(out.Edges, saidEdge{e, said})
	}
	return out
}

func (v *visit) edgeSays(e customer.NetEdge) string {
	switch {
	case e.Percent != nil:
		return fmt.Sprintf("%.2f%%", *e.Percent)
	case e.Role != "":
		return v.E("office", e.Role)
	case e.Amount.Positive():
		return v.E("relation", string(e.Kind)) + " " + v.brief(e.Amount)
	}
	return v.E("relation", string(e.Kind))
}

// netCard shows a graph in a card.
func (v *visit) netCard(title, focus string, n customer.Net) templ.Component {
	words := map[string]string{"hint": v.T("web.net_hint"), "open": v.T("web.net_open"), "nothing_new": v.T("web.net_nothing_new"), "full": v.T("web.net_full"),
		"failed": v.T("web.net_failed"), "by_name": v.T("web.by_name")}
	if n.More {
		words["hint"] = v.T("web.net_full")
	}
	var key []Choice
	for _, c := range netColours {
		words[c.kind] = v.E("node", c.kind)
		key = append(key, Choice{c.colour, v.E("node", c.kind)})
	}
	var lines []Choice
	for _, l := range netLines {
		lines = append(lines, Choice{l.style, v.E("relation", string(l.kind))})
	}
	return boxed(title, net("net", shownNet{Focus: focus, Net: v.saidNet(n), Words: words}, title, key, lines))
}

// neighbours answers the graph's question for what is next to a node.
func neighbours(v *visit) (templ.Component, error) {
	n, err := read(v, customer.Neighbours, customer.NeighboursInput{ID: v.query.Get("id")})
	if err != nil {
		return nil, err
	}
	v.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return nil, json.NewEncoder(v.w).Encode(v.saidNet(n))
}

func ownershipTab(v *visit, f customer.File) (templ.Component, error) {
	id := f.Customer.ID
	o, err := read(v, customer.ShowOwnership, customer.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	related, err := v.relatedTable(o)
	if err != nil {
		return nil, err
	}
	at := "/customers/" + id
	add := func(permission, key, path string) {
		if v.can(permission) {
			v.Actions = append(v.Actions, Action{Label: v.T(key), Href: at + path})
		}
	}
	v.Actions = nil
	add("customer.set_shareholders", "web.edit_owners", "/owners")
	add("ownership.relate", "web.add_relation", "/relation")
	add("ownership.relate", "web.add_relation_out", "/relation?out=1")
	figures, err := v.ownershipFigures(o)
	if err != nil {
		return nil, err
	}
	all := append([]templ.Component{figures}, v.ownershipNotices(o)...)
	all = append(all, v.netCard(v.T("web.ownership_graph"), id, o.Net),
		boxed(v.T("web.beneficial_owners"), table(v.Page, small(v.cols("-holder_name", "-ground", "#-look_through", "#-voting_share", "-holding_chain"), v.beneficialRows(o), v.T("web.no_beneficial")))),
		boxed(v.T("web.controllers"), table(v.Page, small(v.cols("-holder_name", "-ground", "#-voting_share", "-holding_chain"), v.controllerRows(o), v.T("web.no_controller")))),
		halves(boxed(v.T("web.look_through"), table(v.Page, small(v.cols("-holder_name", "#-look_through", "#-direct", "-remark"), v.holdingRows(o), v.T("web.nothing")))),
			boxed(v.T("web.related_customers"), related)),
		boxed(v.T("web.links"), table(v.Page, small(v.cols("-link_from", "-relation", "#-percent", "-link_to", "-known_as_of", "-source", "-link_action"), v.edgeRows(o.Net, at+"/ownership"), v.T("web.nothing")))))
	return stack(all...), nil
}

func (v *visit) ownershipFigures(o customer.Ownership) (templ.Component, error) {
	names := func(n int, name func(int) string) string {
		var all []string
		for i := range n {
			all = append(all, name(i))
		}
		if len(all) == 0 {
			return "—"
		}
		return strings.Join(all, v.pick("、", ", "))
	}
	all := []Stat{
		{Label: v.T("web.beneficial_owners"), Value: names(len(o.Beneficial.Owners), func(i int) string { return o.Beneficial.Owners[i].Party.Name }), Tone: when(!o.Beneficial.Complete, Warn)},
		{Label: v.T("web.controllers"), Value: names(len(o.Controllers), func(i int) string { return o.Controllers[i].Party.Name })},
		{Label: v.T("web.undisclosed"), Value: percent2(o.Beneficial.Undisclosed), Sub: v.T("web.undisclosed_help"), Tone: when(!o.Beneficial.Complete, Warn)},
	}
	if o.SelfHeld > 0 {
		all = append(all, Stat{Label: v.T("web.self_held"), Value: percent2(o.SelfHeld), Sub: v.T("web.self_held_help"), Tone: Warn})
	}
	for _, g := range o.Groups {
		all = append(all, Stat{Label: v.T("web.group"), Value: v.groupName(g), Href: "/groups/" + g.ID, Sub: v.E("group_kind", string(g.Kind))})
		e, err := read(v, limit.ShowGroupExposure, limit.GroupExposureInput{GroupID: g.ID})
		if err != nil {
			return nil, err
		}
		for _, t := range e.Totals {
			s := Stat{Label: v.T("web.group_exposure"), Value: amount(t.Exposure), Href: "/groups/" + g.ID, Sub: v.T("web.limits_together_of", map[string]any{"amount": amount(t.Limit)}), Tone: when(t.Over > 0, Bad)}
			if e.Hidden > 0 {
				s.Sub = v.T("web.own_members_only")
			}
			all = append(all, s)
		}
	}
	return stats(all), nil
}

func (v *visit) groupName(g customer.Group) string {
	return v.T("web.group_of", map[string]any{"name": g.Name})
}

// ownershipNotices say what should be looked at.
func (v *visit) ownershipNotices(o customer.Ownership) []templ.Component {
	var all []templ.Component
	for _, w := range o.Wrong {
		all = append(all, notice(v.T("web.wrong_"+w.What, map[string]any{"name": w.Name, "sum": fmt.Sprintf("%.2f", w.Sum)}), Bad))
	}
	if !o.Beneficial.Complete {
		all = append(all, notice(v.T("web.beneficial_incomplete", map[string]any{"share": percent2(o.Beneficial.Undisclosed)}), Warn))
	}
	return append(all, v.tieNotices(o.Common, o.Circles)...)
}

// tieNotices name common officers and circles of guarantees.
func (v *visit) tieNotices(common []ownership.Common, circles []ownership.Circle) []templ.Component {
	var all []templ.Component
	for _, c := range circles {
		var names []string
		for _, m := range c.Members {
			names = append(names, m.Name)
		}
		key := "web.guarantee_circle"
		if len(names) == 2 {
			key = "web.guarantee_mutual"
		}
		all = append(all, notice(v.T(key, map[string]any{"names": strings.Join(names, v.pick("、", ", "))}), Warn))
	}
	const shown = 5
	for i, c := range common {
		if i == shown {
			all = append(all, text(v.T("web.and_more", map[string]any{"n": len(common) - shown})))
			break
		}
		var posts []string
		for _, p := range c.Posts {
			post := p.Company.Name
			if p.Role != "" {
				post += v.T("web.in_brackets", map[string]any{"text": v.E("office", p.Role)})
			}
			posts = append(posts, post)
		}
		all = append(all, notice(v.T("web.common_officer", map[string]any{"name": c.Person.Name, "posts": strings.Join(posts, v.pick("、", ", "))}), Plain))
	}
	return all
}

// nodeCell links to what is known of a node.
func (v *visit) nodeCell(n customer.NetNode) Cell {
	c := Cell{Text: n.Name, Sub: v.E("owner_kind", string(n.Kind))}
	switch {
	case n.Hidden:
		c.Sub = v.E("node", "hidden")
	case n.Customer:
		c.Href, c.Sub = "/customers/"+n.ID+"/ownership", v.E("node", "customer")
	case !strings.Contains(n.ID, ":"):
		c.Href = "/parties/" + n.ID
	}
	if n.ByName && c.Href != "" {
		c.Sub += " · " + v.T("web.by_name")
	}
	return c
}

func (v *visit) chains(all []ownership.Chain) string {
	var out []string
	for _, c := range all {
		var b strings.Builder
		for i, s := range c.Steps {
			if i == 0 {
				b.WriteString(s.From.Name)
			}
			share := v.E("relation", string(ownership.Control))
			if s.Kind != ownership.Control {
				share = percent2(s.Fraction)
			}
			fmt.Fprintf(&b, " →%s→ %s", share, s.To.Name)
		}
		if c.Fraction > 0 && len(c.Steps) > 1 {
			fmt.Fprintf(&b, " = %s", percent2(c.Fraction))
		}
		out = append(out, b.String())
	}
	return strings.Join(out, "; ")
}

func (v *visit) beneficialRows(o customer.Ownership) [][]Cell {
	var rows [][]Cell
	for _, b := range o.Beneficial.Owners {
		rows = append(rows, []Cell{v.nodeCell(o.Net.Node(b.Party.ID)), {Text: v.E("beneficial", string(b.Ground)), Sub: v.T("web.article_" + string(b.Ground))}, {Text: percent2(b.Fraction), Num: true},
			{Text: percent2(b.Votes), Num: true}, {Text: v.chains(b.Chains), Wide: true}})
	}
	return rows
}

func (v *visit) controllerRows(o customer.Ownership) [][]Cell {
	var rows [][]Cell
	for _, c := range o.Controllers {
		who := v.nodeCell(o.Net.Node(c.Party.ID))
		if !c.Ultimate {
			who.Sub += " · " + v.T("web.not_ultimate")
		}
		rows = append(rows, []Cell{who, {Text: v.E("control_rule", string(c.Rule))}, {Text: percent2(c.Votes), Num: true}, {Text: v.chains([]ownership.Chain{c.Chain}), Wide: true}})
	}
	return rows
}

func (v *visit) holdingRows(o customer.Ownership) [][]Cell {
	var rows [][]Cell
	for _, h := range o.Owners {
		remark := Cell{}
		switch {
		case h.Closed:
			remark = Cell{Text: v.T("web.closed_circle"), Tone: Warn}
		case h.Ultimate && h.Party.Kind == ownership.Company:
			remark = Cell{Text: v.T("web.not_ultimate"), Tone: Warn}
		}
		direct := ""
		if h.Direct > 0 {
			direct = percent2(h.Direct)
		}
		rows = append(rows, []Cell{v.nodeCell(o.Net.Node(h.Party.ID)), {Text: percent2(h.Fraction), Num: true}, {Text: direct, Num: true}, remark})
	}
	return rows
}

// relatedTable shows the customers that have to do with this one, with what those owe that the reader may see.
func (v *visit) relatedTable(o customer.Ownership) (templ.Component, error) {
	var ask []string
	for _, r := range o.Related {
		if !r.Hidden {
			ask = append(ask, r.ID)
		}
	}
	positions := map[string][]limit.Position{}
	if len(ask) > 0 {
		e, err := read(v, limit.ShowGroupExposure, limit.GroupExposureInput{Customers: ask})
		if err != nil {
			return nil, err
		}
		for _, m := range e.Members {
			positions[m.CustomerID] = m.Positions
		}
	}
	var rows [][]Cell
	for _, r := range o.Related {
		var how []string
		for _, h := range r.How {
			how = append(how, v.E("related", h))
		}
		exposure, line := v.positionCells(positions[r.ID], r.Hidden)
		rows = append(rows, []Cell{v.nodeCell(customer.NetNode{ID: r.ID, Name: r.Name, Customer: true, Hidden: r.Hidden}), {Text: strings.Join(how, v.pick("、", ", ")), Wide: true}, exposure, line})
	}
	return table(v.Page, small(v.cols("-customer", "-how_related", "#-exposure", "#-limit"), rows, v.T("web.nothing"))), nil
}

// positionCells shows what a customer owes and its limits, a currency a line.
func (v *visit) positionCells(all []limit.Position, hidden bool) (exposure, line Cell) {
	exposure, line = Cell{Text: "—", Num: true}, Cell{Text: "—", Num: true}
	if hidden {
		return exposure, line
	}
	var owed, limits []string
	for _, p := range all {
		owed = append(owed, amount(p.Exposure))
		if p.Limit.Positive() {
			limits = append(limits, amount(p.Limit))
		}
		if p.Exposure.Minor > p.Limit.Minor {
			exposure.Tone = Bad
		}
	}
	if len(owed) > 0 {
		exposure.Text = strings.Join(owed, " + ")
	}
	if len(limits) > 0 {
		line.Text = strings.Join(limits, " + ")
	}
	return exposure, line
}

// edgeRows are the links of the graph as a table: what stands behind the picture, for paper and small screens.
func (v *visit) edgeRows(n customer.Net, back string) [][]Cell {
	const most = 200
	var rows [][]Cell
	for _, e := range n.Edges[:min(most, len(n.Edges))] {
		relation := Cell{Text: v.E("relation", string(e.Kind))}
		if e.Role != "" {
			relation.Text = v.E("office", e.Role)
		}
		if e.Amount.Positive() {
			relation.Sub = amount(e.Amount)
			if !e.ValidUntil.IsZero() {
				relation.Sub += " · " + v.T("web.until", map[string]any{"date": string(e.ValidUntil)})
			}
		}
		share, act := "", Cell{}
		if e.Percent != nil {
			share = fmt.Sprintf("%.2f%%", *e.Percent)
		}
		if e.ID != "" && v.can("ownership.unrelate") && e.Kind != ownership.Share {
			act = Cell{Text: v.T("web.remove_link"), Href: "/ownership/relations/" + e.ID + "/remove?to=" + url.QueryEscape(back)}
		}
		rows = append(rows, []Cell{v.nodeCell(n.Node(e.From)), relation, {Text: share, Num: true}, v.nodeCell(n.Node(e.To)), {Text: string(e.AsOf)}, {Text: e.Source}, act})
	}
	return rows
}

// backTo is the page that a form of a relation leads back to: one of ours only.
func (v *visit) backTo() string {
	if to := v.query.Get("to"); strings.HasPrefix(to, "/customers/") || strings.HasPrefix(to, "/parties/") {
		return to
	}
	return "/customers"
}

// addRelation records who controls, runs or guarantees the customer; with out=1, what the customer controls or guarantees.
func addRelation(v *visit) (templ.Component, error) {
	id := v.param("id")
	title, other, own, kinds := "web.add_relation", "from", "to", customer.RelationKinds
	if v.query.Get("out") == "1" {
		title, other, own, kinds = "web.add_relation_out", "to", "from", []string{string(ownership.Guarantee), string(ownership.Control), string(ownership.Voting)}
	}
	if _, err := v.head(id, v.T(title)); err != nil {
		return nil, err
	}
	done := "/customers/" + id + "/ownership"
	fields := []Field{
		{Kind: "heading", Label: v.T("web.other_party")},
		{Name: other + ".name", Required: true}, {Name: other + ".kind", Label: v.L("owner_kind"), Kind: "choice", Required: true, Choices: v.choices("owner_kind", "person", "company", "state")},
		{Name: other + ".id_number", Help: v.T("web.id_number_help")},
		{Kind: "heading", Label: v.L("relation")},
		{Name: "kind", Label: v.L("relation"), Kind: "choice", Required: true, Choices: v.choices("relation", kinds...)},
		{Name: "role", Label: v.L("office"), Kind: "choice", Choices: v.choices("office", customer.Roles...), Help: v.T("web.role_help")},
		{Name: "share", Label: v.L("votes_percent"), Kind: "decimal", Help: v.T("web.votes_help")},
		{Name: "amount", Label: v.L("guaranteed"), Kind: "money", Help: v.T("web.guaranteed_help")}, {Name: "valid_until", Kind: "date"},
		{Name: "as_of", Label: v.L("known_as_of"), Kind: "date"}, {Name: "source"},
	}
	if own == "from" {
		fields = append(fields[:6], fields[7:]...)
	}
	return v.form(formOf{op: customer.Relate, fixed: map[string]any{own + ".id": id}, fields: fields, cancel: done, done: func(any) (string, string) { return done, "saved" }})
}

func removeRelation(v *visit) (templ.Component, error) {
	v.Title = v.T("web.remove_relation")
	back := v.backTo()
	return v.form(formOf{op: customer.Unrelate, fixed: map[string]any{"id": v.param("id")}, fields: []Field{{Name: "reason", Kind: "long", Wide: true}}, submit: v.T("web.remove_link"), tone: Bad, narrow: true,
		cancel: back, done: func(any) (string, string) { return back, "saved" }})
}

func partyPage(v *visit) (templ.Component, error) {
	id := v.param("id")
	p, err := read(v, customer.ShowParty, customer.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	if into := p.Party.MergedInto; into != "" {
		v.Badges = []Cell{{Text: v.T("web.merged"), Tone: Warn}}
	}
	at := "/parties/" + id
	v.Title, v.Over, v.OverHref = p.Party.Name, v.T("menu.customers"), "/customers"
	if p.Party.Kind == ownership.Company && v.can("party.set_shareholders") {
		v.Actions = append(v.Actions, Action{Label: v.T("web.edit_owners"), Href: at + "/owners"})
	}
	known := v.T("web.by_name")
	if p.Party.IDNumber != "" {
		known = p.Party.IDNumber
	}
	var rows [][]Cell
	for _, n := range p.Namesakes {
		act := Cell{}
		switch {
		case n.MergedInto == id && v.can("party.unmerge"):
			act = Cell{Text: v.T("web.unmerge"), Href: "/parties/" + n.ID + "/unmerge?to=" + url.QueryEscape(at)}
		case n.MergedInto == "" && v.can("party.merge"):
			act = Cell{Text: v.T("web.merge_into_this"), Href: "/parties/" + n.ID + "/merge?into=" + url.QueryEscape(id)}
		}
		rows = append(rows, []Cell{{Text: n.Name, Href: "/parties/" + n.ID}, {Text: n.IDNumber}, {Text: n.MergeReason, Wide: true}, act})
	}
	var links [][]Cell
	for _, e := range p.Net.Edges {
		act := Cell{}
		if e.From == id && e.To != id && v.can("party.separate") && !p.Net.Node(e.To).Hidden {
			act = Cell{Text: v.T("web.separate"), Href: at + "/separate?company=" + url.QueryEscape(e.To)}
		}
		links = append(links, []Cell{v.nodeCell(p.Net.Node(e.From)), {Text: v.edgeSays(e)}, v.nodeCell(p.Net.Node(e.To)), {Text: e.Source, Sub: string(e.AsOf)}, act})
	}
	return stack(padded("", facts([]Fact{{Label: v.L("owner_kind"), Value: v.E("owner_kind", string(p.Party.Kind))}, {Label: v.L("id_number"), Value: known}})),
		v.netCard(v.T("web.ownership_graph"), id, p.Net),
		boxed(v.T("web.links"), table(v.Page, small(v.cols("-link_from", "-relation", "-link_to", "-source", "-link_action"), links, v.T("web.nothing")))),
		boxed(v.T("web.namesakes"), table(v.Page, small(v.cols("-name", "-id_number", "-reason", "-link_action"), rows, v.T("web.no_namesakes"))))), nil
}

// partyHead sets the head of a form below a party.
func (v *visit) partyHead(id, title string) (customer.PartyView, error) {
	p, err := read(v, customer.ShowParty, customer.ByIDInput{ID: id})
	v.Title, v.Over, v.OverHref = title, p.Party.Name, "/parties/"+id
	return p, err
}

func setPartyOwners(v *visit) (templ.Component, error) {
	id := v.param("id")
	p, err := v.partyHead(id, v.T("web.owners"))
	if err != nil {
		return nil, err
	}
	var all []customer.Shareholder
	for _, e := range p.Net.Edges {
		if e.To == id && e.Kind == ownership.Share && e.Percent != nil {
			n := p.Net.Node(e.From)
			all = append(all, customer.Shareholder{Kind: string(n.Kind), Name: n.Name, Share: *e.Percent, Source: e.Source, AsOf: e.AsOf})
		}
	}
	return v.form(formOf{op: customer.SetPartyShareholders, fixed: map[string]any{"party_id": id}, fields: v.holderFields(all), cancel: "/parties/" + id,
		done: func(any) (string, string) { return "/parties/" + id, "saved" }})
}

// holderFields are the lines of owners; a line left empty is none.
func (v *visit) holderFields(all []customer.Shareholder) []Field {
	var fields []Field
	posted := v.r.Method == http.MethodPost
	line := 0
	for i := range max(ownerRows, len(all)+2) {
		var s customer.Shareholder
		if i < len(all) {
			s = all[i]
		}
		at := fmt.Sprintf("shareholders.%d.", i)
		if posted && strings.TrimSpace(v.r.PostFormValue(at+"name")+v.r.PostFormValue(at+"share")) == "" {
			continue
		}
		line++
		share := ""
		if s.Share > 0 {
			share = strconv.FormatFloat(s.Share, 'f', -1, 64)
		}
		fields = append(fields, Field{Kind: "heading", Label: fmt.Sprintf("%s %d", v.T("web.shareholder"), line)},
			Field{Name: at + "name", Value: s.Name}, Field{Name: at + "kind", Label: v.L("owner_kind"), Kind: "choice", Value: s.Kind, Choices: v.choices("owner_kind", "person", "company", "state")},
			Field{Name: at + "share", Label: v.L("share_percent"), Kind: "decimal", Value: share}, Field{Name: at + "id_number", Help: v.T("web.id_number_help")},
			Field{Name: at + "as_of", Label: v.L("known_as_of"), Kind: "date", Value: string(s.AsOf)}, Field{Name: at + "source", Value: s.Source})
	}
	return fields
}

func mergeParty(v *visit) (templ.Component, error) {
	id, into := v.param("id"), v.query.Get("into")
	if _, err := v.partyHead(id, v.T("web.merge_party")); err != nil {
		return nil, err
	}
	return v.form(formOf{op: customer.MergeParties, fixed: map[string]any{"id": id, "into": into}, fields: []Field{{Name: "reason", Kind: "long", Required: true, Wide: true, Help: v.T("web.merge_help")}},
		submit: v.T("web.merge_party"), narrow: true, cancel: "/parties/" + into, done: func(any) (string, string) { return "/parties/" + into, "saved" }})
}

func unmergeParty(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.partyHead(id, v.T("web.unmerge")); err != nil {
		return nil, err
	}
	return v.form(formOf{op: customer.UnmergeParty, fixed: map[string]any{"id": id}, fields: []Field{{Name: "reason", Kind: "long", Required: true, Wide: true}}, submit: v.T("web.unmerge"), narrow: true,
		cancel: v.backTo(), done: func(any) (string, string) { return v.backTo(), "saved" }})
}

func separateParty(v *visit) (templ.Component, error) {
	id, company := v.param("id"), v.query.Get("company")
	p, err := v.partyHead(id, v.T("web.separate"))
	if err != nil {
		return nil, err
	}
	return v.form(formOf{op: customer.SeparateParty, fixed: map[string]any{"party_id": id, "company_id": company},
		fields: []Field{{Kind: "heading", Label: v.T("web.separate_help", map[string]any{"name": p.Party.Name, "company": p.Net.Node(company).Name})},
			{Name: "id_number", Help: v.T("web.id_number_help")}, {Name: "reason", Kind: "long", Required: true, Wide: true}},
		submit: v.T("web.separate"), narrow: true, cancel: "/parties/" + id, done: func(out any) (string, string) { return "/parties/" + out.(customer.Party).ID, "saved" }})
}
