package web

import (
	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/receivable"
)

func limitTone(s limit.Status) Tone {
	switch s {
	case limit.Active:
		return Good
	case limit.Requested:
		return Info
	case limit.Rejected, limit.Expired:
		return Bad
	}
	return Plain
}

func limits(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.limits")
	if !v.query.Has("status") { // what is in force; the history is one choice away
		v.query.Set("status", string(limit.Active))
	}
	return v.list(listOf{columns: v.cols("customer", "status", "#amount", "#exposure", "#use", "#-suggested", "-frozen", "valid_until", "applied_at"), sort: "-applied_at", file: "limits",
		filters: []filterBy{{name: "customer", column: "customer", op: "has"}, {name: "status", column: "status", choices: v.choices("limit_status", "active", "requested", "rejected", "replaced", "expired")},
			{name: "frozen", column: "frozen", op: "ge", choices: []Choice{{"1", v.T("web.frozen")}}}},
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			page, err := read(v, limit.List, q)
			var rows [][]Cell
			for _, l := range page.Rows {
				use := Cell{Num: true}
				if l.Status == limit.Active && l.Amount.Positive() {
					share := l.Exposure.Float() / l.Amount.Float()
					use = Cell{Text: percent(share), Tone: when(share > 1, Bad), Num: true}
					if share > 0.8 && share <= 1 {
						use.Tone = Warn
					}
				}
				suggested := Cell{Num: true}
				if l.Suggested != nil {
					suggested.Text = amount(*l.Suggested)
					suggested.Tone = when(l.Status == limit.Active && l.Suggested.Minor < l.Amount.Minor, Warn)
				}
				frozen := Cell{}
				if l.Frozen {
					frozen = Cell{Text: v.T("web.frozen"), Tone: Bad}
				}
				rows = append(rows, []Cell{{Text: l.CustomerName, Href: "/customers/" + l.CustomerID + "/limits"}, {Text: v.E("limit_status", string(l.Status)), Tone: limitTone(l.Status)}, {Text: amount(l.Amount), Num: true},
					{Text: amount(l.Exposure), Num: true}, use, suggested, frozen, {Text: string(l.ValidUntil)}, {Text: v.time(l.AppliedAt)}})
			}
			return rows, page.Next, page.Total, err
		}})
}

func limitsTab(v *visit, f customer.File) (templ.Component, error) {
	o, err := read(v, limit.View, limit.CustomerInput{CustomerID: f.Customer.ID})
	if err != nil {
		return nil, err
	}
	var history, freezes [][]Cell
	for _, l := range o.History {
		history = append(history, []Cell{v.granted(l), {Text: shownMoney(l.Recommended), Num: true}, {Text: v.E("limit_status", string(l.Status)), Tone: limitTone(l.Status)}, {Text: string(l.ValidFrom) + " – " + string(l.ValidUntil)}, {Text: v.both(l.Reason), Sub: v.conditions(l), Wide: true}, {Text: v.who(l.AppliedBy), Sub: v.time(l.AppliedAt)}})
	}
	for _, z := range append(o.Freezes, o.Past...) {
		state := Cell{Text: v.T("web.frozen"), Tone: Bad}
		if !z.LiftedAt.IsZero() {
			state = Cell{Text: v.T("web.lifted"), Sub: v.who(z.LiftedBy) + " " + v.time(z.LiftedAt)}
		}
		freezes = append(freezes, []Cell{state, {Text: v.both(z.Reason), Wide: true}, v.freezeCause(z.Cause), {Text: v.who(z.FrozenBy), Sub: v.time(z.FrozenAt)}})
	}
	parts := []templ.Component{}
	if o.Waiting != nil && o.Waiting.ID != "" {
		parts = append(parts, boxed("", inBody(linkTo("/approvals/"+o.Waiting.ID, v.T("web.application_waits")))))
	}
	for _, l := range o.Lines {
		if l.Limit != nil && l.Limit.Conditions != "" {
			parts = append(parts, notice(v.T("web.under_conditions", map[string]any{"conditions": l.Limit.Conditions}), Warn))
		}
	}
	return stack(append(parts, boxed(v.T("web.limit_history"), table(v.Page, small(v.cols("#-amount", "#-recommended", "-status", "-validity", "-reason", "-applied_by"), history, v.T("web.no_limit")))),
		boxed(v.T("web.freezes"), table(v.Page, small(v.cols("-status", "-reason", "-cause", "-frozen_by"), freezes, v.T("web.nothing")))))...), nil
}

func applyLimit(v *visit) (templ.Component, error) {
	id := v.param("id")
	c, err := v.head(id, v.T("web.apply_limit"))
	if err != nil {
		return nil, err
	}
	s, err := read(v, assessment.ForCustomer, assessment.CustomerInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	x := Field{Name: "amount", Kind: "money", Currency: string(c.Currency), Required: true}
	if s.Latest != nil {
		x.Help = v.T("web.recommended_help", map[string]any{"amount": amount(s.Latest.Recommended), "grade": s.Latest.Grade})
		if s.Latest.Recommended.Positive() {
			x.Value = s.Latest.Recommended.Decimal()
		}
	} else {
		x.Help = v.T("web.not_assessed")
	}
	return v.form(formOf{op: limit.Apply, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/limits", submit: v.T("web.apply"),
		fields: []Field{x, {Name: "valid_from", Kind: "date", Value: string(v.today())}, {Name: "valid_until", Kind: "date", Value: string(v.today().AddMonths(12).AddDays(-1))}, {Name: "reason", Kind: "long", Required: true, Wide: true}},
		done:   func(out any) (string, string) { return "/approvals/" + out.(limit.Asked).Approval.ID, "applied" }})
}

func freezeLimit(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.freeze")); err != nil {
		return nil, err
	}
	return v.form(formOf{op: limit.FreezeLimit, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/limits", submit: v.T("web.freeze"), tone: Bad,
		fields: []Field{{Name: "reason", Kind: "long", Required: true, Wide: true}}, done: func(any) (string, string) { return "/customers/" + id + "/limits", "frozen" }})
}

func unfreezeLimit(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.unfreeze")); err != nil {
		return nil, err
	}
	o, err := read(v, limit.View, limit.CustomerInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	var causes []Choice
	for _, z := range o.Freezes {
		if z.Cause != limit.Manual { // lifted where it was caused
			return v.to("/customers/"+id+"/alerts", "freeze_elsewhere")
		}
		causes = append(causes, Choice{z.Cause, short(v.both(z.Reason), 40)})
	}
	cause := ""
	if len(causes) > 0 {
		cause = causes[0].Value
	}
	return v.form(formOf{op: limit.Unfreeze, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/limits", submit: v.T("web.unfreeze"), tone: Good,
		fields: []Field{{Name: "cause", Kind: "choice", Value: cause, Required: true, Choices: causes}, {Name: "reason", Kind: "long", Required: true, Wide: true}},
		done:   func(any) (string, string) { return "/customers/" + id + "/limits", "unfrozen" }})
}

func orderTone(s receivable.OrderStatus) Tone {
	switch string(s) {
	case "approved":
		return Good
	case "held":
		return Warn
	case "rejected":
		return Bad
	}
	return Plain
}

func (v *visit) orderTable(all []receivable.Order) Table {
	var rows [][]Cell
	for _, o := range all {
		rows = append(rows, []Cell{{Text: o.CustomerName, Href: "/orders/" + o.ID, Sub: o.Number, Wide: true}, {Text: amount(o.Amount), Num: true}, {Text: v.E("order_status", string(o.Status)), Tone: orderTone(o.Status)}})
	}
	return small(v.cols("-order", "#-amount", "-status"), rows, v.T("web.nothing_waits"))
}

func orders(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.orders")
	return v.list(listOf{columns: v.cols("number", "customer", "#amount", "status", "ordered_on", "created_at"), sort: "-created_at", file: "orders",
		filters: []filterBy{{name: "customer", column: "customer", op: "has"}, {name: "number", column: "number", op: "has"}, {name: "status", column: "status", choices: v.choices("order_status", "held", "approved", "rejected", "cancelled", "expired", "invoiced")}},
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			page, err := read(v, ordercheck.List, q)
			var rows [][]Cell
			for _, o := range page.Orders {
				rows = append(rows, []Cell{{Text: o.Number, Href: "/orders/" + o.ID}, {Text: o.CustomerName, Href: "/customers/" + o.CustomerID}, {Text: amount(o.Amount), Num: true},
					{Text: v.E("order_status", string(o.Status)), Tone: orderTone(o.Status)}, {Text: string(o.OrderedOn)}, {Text: v.time(o.CreatedAt)}})
			}
			return rows, page.Next, -1, err
		}})
}

func submitOrder(v *visit) (templ.Component, error) {
	id := v.param("id")
	c, err := v.head(id, v.T("web.submit_order"))
	if err != nil {
		return nil, err
	}
	return v.form(formOf{op: ordercheck.Submit, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/orders", submit: v.T("web.check_order"),
		fields: []Field{{Name: "number", Required: true}, {Name: "amount", Kind: "money", Currency: string(c.Currency), Required: true}, {Name: "ordered_on", Kind: "date", Value: string(v.today())}},
		done:   func(out any) (string, string) { return "/orders/" + out.(ordercheck.Answer).Order.ID, "" }})
}

func ordersTab(v *visit, f customer.File) (templ.Component, error) {
	a, err := read(v, receivable.View, receivable.CustomerInput{CustomerID: f.Customer.ID})
	if err != nil {
		return nil, err
	}
	var rows [][]Cell
	for _, o := range a.Orders {
		rows = append(rows, []Cell{{Text: o.Number, Href: "/orders/" + o.ID}, {Text: string(o.OrderedOn)}, {Text: amount(o.Amount), Num: true}, {Text: amount(o.Open), Num: true}, {Text: v.E("order_status", string(o.Status)), Tone: orderTone(o.Status)}, {Text: string(o.ReservedUntil)}})
	}
	return table(v.Page, small(v.cols("-number", "-ordered_on", "#-amount", "#-open", "-status", "-reserved_until"), rows, v.T("web.nothing"))), nil
}
