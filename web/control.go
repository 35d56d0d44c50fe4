package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/screening"
)

func approvals(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.approvals")
	status := approval.Status(v.query.Get("status"))
	inbox, err := read(v, approval.List, approval.ListInput{Status: status})
	if err != nil {
		return nil, err
	}
	at := func(s approval.Status, key string) Tab {
		return Tab{Label: v.T(key), Href: "/approvals?status=" + string(s), Active: s == status || status == "" && s == approval.Waiting}
	}
	return stack(tabs([]Tab{at(approval.Waiting, "enum.approval.waiting"), at(approval.Approved, "enum.approval.approved"), at(approval.Rejected, "enum.approval.rejected")}),
		table(v.Page, v.approvalTable(inbox.Requests, 200))), nil
}

// approvalPage shows a request with what it rests on, and takes the visitor's vote.
func approvalPage(v *visit) (templ.Component, error) {
	r, err := read(v, approval.View, approval.ByID{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = r.Title, v.T("menu.approvals"), "/approvals"
	v.Badges = []Cell{{Text: v.E("approval", string(r.Status)), Tone: map[approval.Status]Tone{approval.Waiting: Info, approval.Approved: Good, approval.Rejected: Bad}[r.Status]}}
	var steps [][]Cell
	for i, s := range r.Steps {
		done := 0
		for _, vote := range r.Votes {
			if vote.Step == i && vote.Verdict == approval.Approve {
				done++
			}
		}
		tone := Plain
		if i == r.Step && r.Status == approval.Waiting {
			tone = Info
		}
		steps = append(steps, []Cell{{Text: strconv.Itoa(i + 1)}, {Text: v.E("role", s.Role), Tone: tone}, {Text: fmt.Sprintf("%d / %d", done, s.Votes), Num: true}})
	}
	var votes []Moment
	for _, vote := range r.Votes {
		votes = append(votes, Moment{When: v.time(vote.At), Title: v.E("verdict", string(vote.Verdict)), Text: vote.Reason, Who: vote.UserName, Tone: map[approval.Verdict]Tone{approval.Approve: Good, approval.Reject: Bad}[vote.Verdict]})
	}
	info := []Fact{{Label: v.L("kind"), Value: v.E("approval_kind", r.Kind)}, {Label: v.L("amount"), Value: shownMoney(r.Amount)}, {Label: v.L("asked_by"), Value: r.AskedName}, {Label: v.L("asked_at"), Value: v.time(r.AskedAt)}}
	if r.CustomerID != "" {
		info = append(info, Fact{Label: v.L("customer"), Value: r.Title, Href: "/customers/" + r.CustomerID})
	}
	info = append(info, Fact{Label: v.L("reason"), Value: r.Reason, Wide: true})
	parts := []templ.Component{columns(padded("", facts(info)), boxed(v.T("web.chain"), table(v.Page, small(v.cols("-step", "-role", "#-votes"), steps, ""))), padded(v.T("web.votes"), timeline(votes, v.T("web.no_votes"))))}
	if r.MayDecide && v.can(decideOperation[r.Kind]) {
		f, err := v.form(formOf{op: v.operation(decideOperation[r.Kind]), fixed: map[string]any{"request_id": r.ID, "version": r.Version}, submit: v.T("web.decide"), fields: []Field{
			{Name: "verdict", Kind: "choice", Required: true, Choices: v.choices("verdict", "approve", "reject")}, {Name: "reason", Kind: "long", Wide: true, Help: v.T("web.reject_reason")}},
			done: func(any) (string, string) { return "/approvals/" + r.ID, "decided" }})
		if err != nil || f == nil {
			return nil, err
		}
		parts = append([]templ.Component{f}, parts...)
	}
	if r.Kind == screening.Kind {
		page, err := read(v, screening.Hits, listing.Query{Filters: []listing.Filter{{Column: "request_id", Value: r.ID}}, Limit: 200})
		if err != nil {
			return nil, err
		}
		parts = append(parts, table(v.Page, small(v.hitColumns(false), v.hitRows(page.Rows), v.T("web.no_hits"))))
	}
	if r.CustomerID != "" {
		standing, err := read(v, assessment.ForCustomer, assessment.CustomerInput{CustomerID: r.CustomerID})
		if err == nil && standing.Latest != nil {
			parts = append(parts, v.outcome(*standing.Latest))
		}
	}
	return stack(parts...), nil
}

func (v *visit) operation(name string) operation.Any {
	for _, o := range []operation.Any{limit.Decide, assessment.DecideCard, screening.Agree} {
		if o.Name() == name {
			return o
		}
	}
	return nil
}

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
		history = append(history, []Cell{{Text: amount(l.Amount), Num: true}, {Text: shownMoney(l.Recommended), Num: true}, {Text: v.E("limit_status", string(l.Status)), Tone: limitTone(l.Status)}, {Text: string(l.ValidFrom) + " – " + string(l.ValidUntil)}, {Text: l.Reason, Wide: true}, {Text: l.AppliedBy, Sub: v.time(l.AppliedAt)}})
	}
	for _, z := range append(o.Freezes, o.Past...) {
		state := Cell{Text: v.T("web.frozen"), Tone: Bad}
		if !z.LiftedAt.IsZero() {
			state = Cell{Text: v.T("web.lifted"), Sub: z.LiftedBy + " " + v.time(z.LiftedAt)}
		}
		freezes = append(freezes, []Cell{state, {Text: z.Reason, Wide: true}, {Text: z.Cause}, {Text: z.FrozenBy, Sub: v.time(z.FrozenAt)}})
	}
	parts := []templ.Component{}
	if o.Waiting != nil && o.Waiting.ID != "" {
		parts = append(parts, boxed("", inBody(linkTo("/approvals/"+o.Waiting.ID, v.T("web.application_waits")))))
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
		causes = append(causes, Choice{z.Cause, short(z.Reason, 40)})
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

// orderPage shows an order with the reasons of each check, and rules on a held one.
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
	var parts, cancel []templ.Component
	if o.Status == receivable.OrderApproved && o.Open.Positive() {
		if v.can(receivable.IssueInvoice.Name()) {
			v.Actions = append(v.Actions, Action{Label: v.T("web.issue_invoice"), Href: "/customers/" + o.CustomerID + "/invoice?order=" + o.ID, Main: true})
		}
		if v.can(ordercheck.Cancel.Name()) {
			f, err := v.form(formOf{op: ordercheck.Cancel, fixed: map[string]any{"order_id": o.ID, "version": o.Version}, submit: v.T("web.cancel_order", map[string]any{"open": amount(o.Open)}), tone: Bad,
				fields: []Field{{Name: "reason", Kind: "long", Required: true, Wide: true}}, done: func(any) (string, string) { return "/orders/" + o.ID, "saved" }})
			if err != nil || f == nil {
				return nil, err
			}
			cancel = append(cancel, f)
		}
	}
	if o.Status == receivable.OrderHeld && v.can("ordercheck.release") {
		op, ok := map[string]operation.Any{"": ordercheck.Release, "release": ordercheck.Release, "refuse": ordercheck.Refuse, "cancel": ordercheck.Cancel}[v.r.PostFormValue("ruling")]
		if ruling := v.r.PostFormValue("ruling"); !ok || v.r.Method == http.MethodPost && ruling == "" {
			return nil, fault.Invalid("ruling", "fault.required", nil)
		}
		f, err := v.form(formOf{op: op, fixed: map[string]any{"order_id": o.ID, "version": o.Version}, submit: v.T("web.decide"), fields: []Field{
			{Name: "ruling", Kind: "route", Label: v.L("ruling"), Required: true, Choices: v.choices("ruling", "release", "refuse", "cancel")}, {Name: "reason", Kind: "long", Required: true, Wide: true}},
			done: func(any) (string, string) { return "/orders/" + o.ID, "decided" }})
		if err != nil || f == nil {
			return nil, err
		}
		parts = append(parts, f)
	}
	var checks []Moment
	for _, k := range d.Checks {
		why := ""
		for _, r := range k.Reasons {
			why += v.T(r.Key, r.Args) + "  "
		}
		tone := map[ordercheck.Decision]Tone{ordercheck.Approve: Good, ordercheck.Hold: Warn, ordercheck.Reject: Bad}[k.Decision]
		checks = append(checks, Moment{When: v.time(k.At), Title: v.E("check_step", k.Step) + " · " + v.E("decision", string(k.Decision)), Tone: tone, Who: k.ActorName,
			Text: why + v.T("web.check_figures", map[string]any{"limit": amount(k.Limit), "exposure": amount(k.Exposure), "order": amount(k.Amount)}) + " " + k.Note})
	}
	return stack(slices.Concat(parts, []templ.Component{columns(padded("", facts([]Fact{{Label: v.L("customer"), Value: c.Name, Href: "/customers/" + o.CustomerID}, {Label: v.L("amount"), Value: amount(o.Amount)}, {Label: v.L("ordered_on"), Value: string(o.OrderedOn)},
		{Label: v.L("open"), Value: amount(o.Open)}, {Label: v.L("reserved_until"), Value: string(o.ReservedUntil)}})), padded(v.T("web.checks"), timeline(checks, "")))}, cancel)...), nil
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
