package web

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/listing"
)

func groups(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.groups")
	if v.can("group.create") {
		v.Actions = []Action{{Label: v.T("web.new_group"), Href: "/groups/new", Main: true}}
	}
	return v.list(listOf{
		columns: v.cols("name", "kind", "-controller", "#customers", "#exposure", "#limit", "#-use", "#frozen"),
		filters: []filterBy{{name: "q"}, {name: "kind", column: "kind", choices: v.choices("group_kind", string(customer.DerivedGroup), string(customer.ManualGroup))}},
		sort:    "-exposure", file: "groups", empty: v.T("web.no_groups"),
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			page, err := read(v, limit.ListGroups, limit.GroupsInput{Search: v.query.Get("q"), Query: q})
			rows := make([][]Cell, 0, len(page.Rows))
			for _, g := range page.Rows {
				use := Cell{Num: true}
				if g.Limit.Positive() {
					use = Cell{Text: percent(g.Exposure.Float() / g.Limit.Float()), Num: true, Tone: when(g.Exposure.Minor > g.Limit.Minor, Bad)}
				}
				frozen := Cell{Text: strconv.FormatInt(g.Frozen, 10), Num: true, Tone: when(g.Frozen > 0, Bad)}
				rows = append(rows, []Cell{{Text: v.groupName(g.Group), Href: "/groups/" + g.ID}, {Text: v.E("group_kind", string(g.Kind))}, {Text: g.ApexName}, {Text: strconv.FormatInt(g.Customers, 10), Num: true},
					{Text: amount(g.Exposure), Num: true}, {Text: amount(g.Limit), Num: true}, use, frozen})
			}
			return rows, page.Next, page.Total, err
		},
	})
}

func groupPage(v *visit) (templ.Component, error) {
	id := v.param("id")
	g, err := read(v, customer.ShowGroup, customer.GroupInput{ID: id})
	if err != nil {
		return nil, err
	}
	e, err := read(v, limit.ShowGroupExposure, limit.GroupExposureInput{GroupID: id})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = v.groupName(g.Group), v.T("menu.groups"), "/groups"
	v.Badges = []Cell{{Text: v.E("group_kind", string(g.Group.Kind)), Tone: Info}}
	if g.Group.Status == customer.GroupClosed {
		v.Badges = append(v.Badges, Cell{Text: v.T("web.closed"), Tone: Warn})
	}
	at := "/groups/" + id
	open := g.Group.Status == customer.GroupActive
	if open && v.can("group.add_member") {
		v.Actions = append(v.Actions, Action{Label: v.T("web.add_member"), Href: at + "/member", Main: true})
	}
	if open && v.can("group.update") {
		v.Actions = append(v.Actions, Action{Label: v.T("web.edit"), Href: at + "/edit"})
	}
	if open && v.can("group.close") && g.Group.Kind == customer.ManualGroup {
		v.Actions = append(v.Actions, Action{Label: v.T("web.close_group"), Href: at + "/close", Tone: Bad})
	}
	focus := g.Group.ApexID
	if len(g.Net.Nodes) > 0 {
		focus = g.Net.Nodes[0].ID
	}
	all := []templ.Component{v.groupFigures(g, e)}
	if e.Hidden > 0 {
		all = append(all, notice(v.T("web.group_hidden", map[string]any{"n": e.Hidden}), Plain))
	}
	if g.Group.Note != "" {
		all = append(all, notice(g.Group.Note, Plain))
	}
	all = append(all, v.tieNotices(g.Common, g.Circles)...)
	all = append(all, boxed(v.T("web.members"), table(v.Page, small(v.cols("-name", "#-exposure", "#-limit", "-member_origin", "-reason", "-link_action"), v.memberRows(g, e), v.T("web.nothing")))))
	if len(g.Removed) > 0 {
		var rows [][]Cell
		for _, m := range g.Removed {
			rows = append(rows, []Cell{v.memberCell(m), {Text: m.Reason, Wide: true, Sub: v.time(m.SetAt)}, v.memberAction(at, m, "reset", "web.reset_member", "group.reset_member")})
		}
		all = append(all, boxed(v.T("web.removed_members"), table(v.Page, small(v.cols("-name", "-reason", "-link_action"), rows, ""))))
	}
	if len(g.Net.Nodes) > 0 {
		all = append(all, v.netCard(v.T("web.ownership_graph"), focus, g.Net))
	}
	return stack(append(all, boxed(v.T("web.links"), table(v.Page, small(v.cols("-link_from", "-relation", "#-percent", "-link_to", "-known_as_of", "-source", "-link_action"), v.edgeRows(g.Net, at), v.T("web.nothing")))))...), nil
}

func (v *visit) groupFigures(g customer.GroupNet, e limit.GroupExposure) templ.Component {
	customers := 0
	for _, m := range g.Members {
		if m.Customer {
			customers++
		}
	}
	all := []Stat{{Label: v.T("web.group_customers"), Value: strconv.Itoa(customers)}}
	if g.Apex != nil {
		c := v.memberCell(*g.Apex)
		all = append(all, Stat{Label: v.L("controller"), Value: c.Text, Href: c.Href, Sub: c.Sub})
	}
	for _, t := range e.Totals {
		s := Stat{Label: v.T("web.exposure"), Value: amount(t.Exposure), Tone: when(t.Over > 0, Bad)}
		if t.Over > 0 {
			s.Sub = v.T("web.over_limit_n", map[string]any{"n": t.Over})
		}
		all = append(all, s, Stat{Label: v.T("web.limits_sum"), Value: amount(t.Limit)}, Stat{Label: v.T("web.available"), Value: amount(t.Available)})
	}
	return stats(all)
}

func (v *visit) memberCell(m customer.Member) Cell {
	return v.nodeCell(customer.NetNode{ID: m.PartyID, Name: m.Name, Kind: m.Kind, Customer: m.Customer, Hidden: m.Hidden})
}

func (v *visit) memberAction(at string, m customer.Member, do, key, permission string) Cell {
	if !v.can(permission) || m.Hidden {
		return Cell{}
	}
	return Cell{Text: v.T(key), Href: at + "/member?do=" + do + "&party=" + m.PartyID}
}

// memberRows shows customers by what they owe, then the others.
func (v *visit) memberRows(g customer.GroupNet, e limit.GroupExposure) [][]Cell {
	at := "/groups/" + g.Group.ID
	byID := map[string]customer.Member{}
	for _, m := range g.Members {
		byID[m.PartyID] = m
	}
	var rows [][]Cell
	row := func(m customer.Member, exposure, line Cell) {
		origin := Cell{Text: v.T("web.by_control")}
		if m.Hand != "" {
			origin = Cell{Text: v.E("hand", string(m.Hand)), Tone: Info}
		}
		act := Cell{}
		if g.Group.Status == customer.GroupActive {
			act = v.memberAction(at, m, "remove", "web.remove_link", "group.remove_member")
		}
		rows = append(rows, []Cell{v.memberCell(m), exposure, line, origin, {Text: m.Reason, Wide: true}, act})
	}
	for _, p := range e.Members {
		exposure, line := v.positionCells(p.Positions, p.Hidden)
		row(byID[p.CustomerID], exposure, line)
	}
	for _, m := range g.Members {
		if !m.Customer {
			row(m, Cell{}, Cell{})
		}
	}
	return rows
}

func newGroup(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.new_group"), v.T("menu.groups"), "/groups"
	return v.form(formOf{op: customer.CreateGroup, fields: []Field{{Name: "name", Required: true}, {Name: "note", Kind: "long", Wide: true}, {Name: "reason", Kind: "long", Required: true, Wide: true, Help: v.T("web.group_reason_help")}},
		cancel: "/groups", done: func(out any) (string, string) { return "/groups/" + out.(customer.Group).ID, "saved" }})
}

// groupHead sets the head of a form below a group.
func (v *visit) groupHead(title string) (customer.GroupNet, error) {
	g, err := read(v, customer.ShowGroup, customer.GroupInput{ID: v.param("id")})
	v.Title, v.Over, v.OverHref = title, v.groupName(g.Group), "/groups/"+v.param("id")
	return g, err
}

func editGroup(v *visit) (templ.Component, error) {
	g, err := v.groupHead(v.T("web.edit"))
	if err != nil {
		return nil, err
	}
	back := "/groups/" + g.Group.ID
	return v.form(formOf{op: customer.UpdateGroup, fixed: map[string]any{"id": g.Group.ID}, fields: []Field{{Name: "name", Value: g.Group.Name, Required: true}, {Name: "note", Kind: "long", Value: g.Group.Note, Wide: true},
		{Name: "version", Kind: "hidden", Value: strconv.FormatInt(g.Group.Version, 10)}}, cancel: back, done: func(any) (string, string) { return back, "saved" }})
}

func closeGroup(v *visit) (templ.Component, error) {
	g, err := v.groupHead(v.T("web.close_group"))
	if err != nil {
		return nil, err
	}
	back := "/groups/" + g.Group.ID
	return v.form(formOf{op: customer.CloseGroup, fixed: map[string]any{"id": g.Group.ID}, fields: []Field{{Name: "reason", Kind: "long", Required: true, Wide: true}}, submit: v.T("web.close_group"), tone: Bad, narrow: true,
		cancel: back, done: func(any) (string, string) { return back, "saved" }})
}

// groupMember adds a member by name, or with do= and party= takes one out or back.
func groupMember(v *visit) (templ.Component, error) {
	party, do := v.query.Get("party"), v.query.Get("do")
	f := formOf{op: customer.AddMember, submit: v.T("web.add_member"), fixed: map[string]any{"group_id": v.param("id")}, cancel: "/groups/" + v.param("id")}
	title := "web.add_member"
	switch do {
	case "remove":
		f.op, f.submit, f.tone, title = customer.RemoveMember, v.T("web.remove_link"), Bad, "web.remove_member"
	case "reset":
		f.op, f.submit, title = customer.ResetMember, v.T("web.reset_member"), "web.reset_member"
	}
	g, err := v.groupHead(v.T(title))
	if err != nil {
		return nil, err
	}
	if party == "" {
		f.fields = []Field{{Name: "party.name", Required: true, Help: v.T("web.member_help")}, {Name: "party.kind", Label: v.L("owner_kind"), Kind: "choice", Required: true, Value: "company", Choices: v.choices("owner_kind", "company", "person")},
			{Name: "party.id_number", Help: v.T("web.id_number_help")}}
	} else {
		f.fixed["party.id"] = party
		for _, m := range append(g.Members, g.Removed...) {
			if m.PartyID == party {
				v.Title = strings.TrimSpace(v.Title + " · " + m.Name)
			}
		}
	}
	f.fields = append(f.fields, Field{Name: "reason", Kind: "long", Required: true, Wide: true})
	f.done = func(any) (string, string) { return "/groups/" + v.param("id"), "saved" }
	return v.form(f)
}
