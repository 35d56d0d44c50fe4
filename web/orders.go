package web

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

var rulings = map[string]operation.Any{"release": ordercheck.Release, "refuse": ordercheck.Refuse, "cancel": ordercheck.Cancel}

// orderPage shows an order with the reasons of each check and how its customer stands, and rules on a held one.
func orderPage(v *visit) (templ.Component, error) {
	d, err := read(v, ordercheck.View, ordercheck.ByIDInput{OrderID: v.param("id")})
	if err != nil {
		return nil, err
	}
	o := d.Order
	c, err := v.head(o.CustomerID, v.T("web.order_n", map[string]any{"number": o.Number}))
	if err != nil {
		return nil, err
	}
	v.OverHref += "/orders"
	v.Badges = []Cell{{Text: v.E("order_status", string(o.Status)), Tone: orderTone(o.Status)}}
	cancel, err := v.cancelForm(o)
	if err != nil || cancel == nil {
		return nil, err
	}
	var parts []templ.Component
	var others templ.Component = templ.NopComponent
	if o.Status == receivable.OrderHeld {
		s, err := v.stand(o.CustomerID, o.Amount.Currency)
		if err != nil {
			return nil, err
		}
		f, err := v.rulingForm(d)
		if err != nil || f == nil {
			return nil, err
		}
		parts = append(parts, stats(v.orderStats(d, s)), v.releaseNote(d), f)
		if others, err = v.otherHeld(o); err != nil {
			return nil, err
		}
	}
	parts = append(parts, columns(padded("", facts([]Fact{{Label: v.L("customer"), Value: c.Name, Href: "/customers/" + o.CustomerID}, {Label: v.L("amount"), Value: amount(o.Amount)}, {Label: v.L("ordered_on"), Value: string(o.OrderedOn)},
		{Label: v.L("open"), Value: amount(o.Open)}, {Label: v.L("reserved_until"), Value: string(o.ReservedUntil)}})), padded(v.T("web.checks"), timeline(v.checkMoments(d.Checks), "")), others))
	if o.Status != receivable.OrderHeld {
		return stack(append(parts, cancel)...), nil
	}
	ageing, err := read(v, receivable.ShowAgeing, receivable.AgeingInput{CustomerID: o.CustomerID, Currency: o.Amount.Currency})
	if err != nil {
		return nil, err
	}
	return stack(append(parts, boxed(v.T("web.ageing"), table(v.Page, v.ageingTable(ageing))))...), nil
}

// cancelForm offers what to do next with an order that went ahead: invoice it, or take back what is not invoiced.
func (v *visit) cancelForm(o receivable.Order) (templ.Component, error) {
	if o.Status != receivable.OrderApproved || !o.Open.Positive() {
		return templ.NopComponent, nil
	}
	if v.can(receivable.IssueInvoice.Name()) {
		v.Actions = append(v.Actions, Action{Label: v.T("web.issue_invoice"), Href: "/customers/" + o.CustomerID + "/invoice?order=" + o.ID, Main: true})
	}
	label := v.T("web.cancel_order", map[string]any{"open": amount(o.Open)})
	f, err := v.form(formOf{name: "cancel", op: ordercheck.Cancel, fixed: map[string]any{"order_id": o.ID}, submit: label, tone: Bad,
		fields: []Field{version(o.Version), {Name: "reason", Kind: "long", Required: true, Wide: true}}, done: func(any) (string, string) { return "/orders/" + o.ID, "saved" }})
	if err != nil || f == nil {
		return nil, err
	}
	return boxedOr(label, v.can(ordercheck.Cancel.Name()), f), nil
}

// orderStats is the strip above a held order: what releasing it would make of the limit.
func (v *visit) orderStats(d ordercheck.Dossier, s customerStand) []Stat {
	all := []Stat{{Label: v.L("at_stake"), Value: amount(d.AtStake), Sub: v.T("web.at_stake_help"), Tone: Warn}}
	after, limitAmount := money.Of(s.position.Exposure.Minor+d.Order.Amount.Minor, d.Order.Amount.Currency), money.Of(0, d.Order.Amount.Currency)
	if l := s.line(); l != nil {
		limitAmount = l.Amount
	}
	then, tone := useOf(after, limitAmount)
	all = append(all, v.standStats(s, approval.Request{})...)
	return append(all[:4:4], append([]Stat{{Label: v.T("web.use_after_release"), Value: then, Sub: amount(after), Tone: tone}}, all[4:]...)...)
}

// releaseNote says whose authority a release needs.
func (v *visit) releaseNote(d ordercheck.Dossier) templ.Component {
	if r := d.Approval; r != nil && (r.Status == approval.Waiting || r.Status == approval.Returned) {
		return boxed("", inBody(linkTo("/approvals/"+r.ID, v.T("web.release_waits", map[string]any{"who": r.AskedName, "state": v.E("approval", string(r.Status))}))))
	}
	if !v.can("ordercheck.release") {
		return templ.NopComponent
	}
	if len(d.Barred) > 0 {
		var why []string
		for _, r := range d.Barred {
			why = append(why, v.T(r.Key, r.Args))
		}
		return notice(v.T("web.release_barred", map[string]any{"why": strings.Join(why, v.pick("；", "; "))}), Bad)
	}
	if d.Alone {
		return notice(v.T("web.release_alone", map[string]any{"amount": amount(d.AtStake)}), Info)
	}
	return notice(v.T("web.release_by_chain", map[string]any{"amount": amount(d.AtStake), "chain": v.steps(d.Chain)}), Warn)
}

func (v *visit) steps(all []approval.Step) string {
	var steps []string
	for _, s := range all {
		steps = append(steps, fmt.Sprintf("%s × %d", v.E("role", s.Role), s.Votes))
	}
	return strings.Join(steps, " → ")
}

// rulingForm offers what the visitor may do to a held order.
func (v *visit) rulingForm(d ordercheck.Dossier) (templ.Component, error) {
	o := d.Order
	var may []string
	for _, name := range []string{"release", "refuse", "cancel"} {
		if v.can(rulings[name].Name()) && (name != "release" || o.CreatedBy != v.Actor.ID && len(d.Barred) == 0) {
			may = append(may, name)
		}
	}
	if len(may) == 0 {
		return templ.NopComponent, nil
	}
	choices := v.choices("ruling", may...)
	if may[0] == "release" && !d.Alone {
		choices[0].Label = v.T("web.ask_release")
	}
	op := rulings[v.r.PostFormValue("ruling")]
	if op == nil {
		op = rulings[may[0]]
	}
	ruling := Field{Name: "ruling", Kind: "route", Required: true, Choices: choices}
	f, err := v.form(formOf{name: "rule", op: op, fixed: map[string]any{"order_id": o.ID}, submit: v.T("web.decide"), fields: []Field{ruling, version(o.Version), {Name: "reason", Kind: "long", Required: true, Wide: true}},
		done: func(any) (string, string) { return "/orders/" + o.ID, "decided" }})
	if err != nil || f == nil {
		return nil, err
	}
	return boxed(v.T("web.rule_order"), f), nil
}

func (v *visit) checkMoments(all []ordercheck.Check) []Moment {
	var checks []Moment
	for _, k := range all {
		why := ""
		for _, r := range k.Reasons {
			why += v.T(r.Key, r.Args) + v.pick("。", ". ")
		}
		tone := map[ordercheck.Decision]Tone{ordercheck.Approve: Good, ordercheck.Hold: Warn, ordercheck.Reject: Bad}[k.Decision]
		checks = append(checks, Moment{When: v.time(k.At), Title: v.E("check_step", k.Step) + " · " + v.E("decision", string(k.Decision)), Tone: tone, Who: v.who(k.ActorName),
			Text: capital(why) + v.T("web.check_figures", map[string]any{"limit": amount(k.Limit), "exposure": amount(k.Exposure), "order": amount(k.Amount)}) + " " + k.Note})
	}
	return checks
}

// otherHeld are the customer's other held orders, which compete for the same limit.
func (v *visit) otherHeld(o receivable.Order) (templ.Component, error) {
	page, err := read(v, ordercheck.List, listing.Query{Filters: []listing.Filter{{Column: "status", Value: "held"}, {Column: "customer_id", Value: o.CustomerID}}})
	if err != nil {
		return nil, err
	}
	var rows [][]Cell
	for _, other := range page.Orders {
		if other.ID != o.ID {
			rows = append(rows, []Cell{{Text: other.Number, Href: "/orders/" + other.ID}, {Text: string(other.OrderedOn)}, {Text: amount(other.Amount), Num: true}})
		}
	}
	return boxed(v.T("web.other_held"), table(v.Page, small(v.cols("-number", "-ordered_on", "#-amount"), rows, v.T("web.nothing_waits")))), nil
}
