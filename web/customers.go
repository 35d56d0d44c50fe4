package web

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/industry"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/portfolio"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/screening"
)

func customers(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.customers")
	if v.can(customer.Create.Name()) {
		v.Actions = []Action{{Label: v.T("web.new_customer"), Href: "/customers/new", Main: true}}
	}
	return v.list(listOf{
		columns: v.cols("name", "grade", "#limit", "#exposure", "#-use", "#overdue", "#alerts", "status", "industry", "region", "owner"),
		filters: []filterBy{{name: "q"}, {name: "status", column: "status", choices: v.choices("customer_status", "prospect", "active", "blocked", "closed")},
			{name: "grade", column: "grade", op: "in"}, {name: "size", column: "size", choices: v.choices("size", "large", "medium", "small", "micro")}, {name: "region", column: "region", op: "has"}},
		sort: "name", file: "customers", empty: v.T("web.no_customers"),
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			if strings.TrimPrefix(q.Sort, "-") == "grade" { // from good to bad, not by the alphabet
				q.Sort = strings.Replace(q.Sort, "grade", "pd", 1)
			}
			page, err := read(v, portfolio.ListPositions, portfolio.PositionsInput{Search: v.query.Get("q"), Query: q})
			rows := make([][]Cell, 0, len(page.Rows))
			for _, p := range page.Rows {
				rows = append(rows, v.positionRow(p))
			}
			return rows, page.Next, page.Total, err
		},
	})
}

func (v *visit) positionRow(p portfolio.Position) []Cell {
	href := "/customers/" + p.CustomerID
	limit, use, overdue, alerts := Cell{Text: "—", Num: true}, Cell{Num: true}, Cell{Num: true}, Cell{Num: true}
	if p.Limit.Positive() {
		limit = Cell{Text: amount(p.Limit), Num: true, Href: href + "/limits"}
		use.Text = percent(p.Exposure.Float() / p.Limit.Float())
		use.Tone = map[bool]Tone{true: Bad}[p.Exposure.Minor > p.Limit.Minor]
	}
	if p.Frozen {
		limit.Sub = v.T("web.frozen")
	}
	if p.Overdue.Positive() {
		overdue = Cell{Text: amount(p.Overdue), Num: true, Href: href + "/receivables", Sub: v.T("web.days_n", map[string]any{"n": p.WorstDays})}
		if p.WorstDays == 0 {
			overdue.Sub = v.T("web.in_dispute")
		}
	}
	if p.Alerts > 0 {
		alerts = Cell{Text: strconv.FormatInt(p.Alerts, 10), Num: true, Href: href + "/alerts", Tone: Warn}
	}
	grade := Cell{Text: p.Grade, Tone: gradeTone(p.PD), Href: href + "/assessment"}
	if p.Grade == "" {
		grade = Cell{Text: v.T("web.not_assessed")}
	}
	return []Cell{{Text: p.Name, Href: href, Sub: p.USCC}, grade, limit, {Text: amount(p.Exposure), Num: true}, use, overdue, alerts,
		{Text: v.E("customer_status", string(p.Status)), Tone: customerTone(p.Status)}, {Text: v.industry(p.Industry)}, {Text: p.Region}, {Text: p.OwnerName}}
}

func customerTone(s customer.Status) Tone {
	switch s {
	case customer.Active:
		return Good
	case customer.Blocked:
		return Bad
	case customer.Prospect:
		return Info
	}
	return Plain
}

func (v *visit) industry(code string) string {
	i, ok := industry.Lookup(code)
	if !ok {
		return code
	}
	return code + " " + v.pick(i.ZH, i.EN)
}

func newCustomer(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.new_customer"), v.T("menu.customers"), "/customers"
	return v.form(formOf{op: screening.Enter, fields: append(v.profileFields(customer.Profile{}), v.provenanceFields(customer.Provenance{}, false)...), cancel: "/customers", done: func(out any) (string, string) {
		entered := out.(screening.Entered)
		if len(entered.Hits) > 0 {
			return "/customers/" + entered.Customer.ID + "/screening", "entered_hits"
		}
		return "/customers/" + entered.Customer.ID, "saved"
	}})
}

func editCustomer(v *visit) (templ.Component, error) {
	id := v.param("id")
	file, err := v.head(id, v.T("web.edit"))
	if err != nil {
		return nil, err
	}
	version := file.Version
	if text := v.r.PostFormValue("version"); text != "" {
		version, _ = strconv.ParseInt(text, 10, 64)
	}
	fields := append(v.profileFields(file.Profile), v.provenanceFields(customer.Provenance{}, false)...)
	fields = append(fields, Field{Name: "version", Kind: "hidden", Value: strconv.FormatInt(version, 10)})
	return v.form(formOf{op: customer.Update, fields: fields, fixed: map[string]any{"id": id, "owner_id": file.OwnerID, "team_id": file.TeamID}, cancel: "/customers/" + id,
		done: func(any) (string, string) { return "/customers/" + id, "saved" }})
}

// head sets the page's head for something below a customer.
func (v *visit) head(id, title string) (customer.Customer, error) {
	file, err := read(v, customer.View, customer.ByIDInput{ID: id})
	v.Title, v.Over, v.OverHref = title, file.Customer.Name, "/customers/"+id
	return file.Customer, err
}

const ownerRows = 8

func setOwners(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.owners")); err != nil {
		return nil, err
	}
	file, err := read(v, customer.View, customer.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	return v.form(formOf{op: customer.SetShareholders, fixed: map[string]any{"customer_id": id}, fields: v.holderFields(file.Shareholders), cancel: "/customers/" + id + "/ownership",
		done: func(any) (string, string) { return "/customers/" + id + "/ownership", "saved" }})
}

// customerTabs are the tabs of the customer's page, in the order of the credit cycle.
var customerTabs = []struct {
	key, permission string
	show            func(v *visit, c customer.File) (templ.Component, error)
}{
	{"overview", "customer.view", overviewTab},
	{"file", "customer.history", fileTab},
	{"ownership", "ownership.view", ownershipTab},
	{"diligence", "customer.diligence", diligenceTab},
	{"statements", "statement.list", statementsTab},
	{"assessment", "assessment.view_customer", assessmentTab},
	{"limits", "limit.view", limitsTab},
	{"orders", "receivable.view", ordersTab},
	{"receivables", "receivable.view", receivablesTab},
	{"alerts", "alert.list", alertsTab},
	{"screening", "screening.list", screeningTab},
	{"documents", "customer.documents", documentsTab},
	{"external", "provider.pending", externalTab},
	{"timeline", "customer.timeline", timelineTab},
}

func customerPage(v *visit) (templ.Component, error) {
	id, tab := v.param("id"), v.param("tab")
	if tab == "" {
		tab = customerTabs[0].key
	}
	file, err := read(v, customer.View, customer.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	c := file.Customer
	v.Title, v.Over, v.OverHref = c.Name, v.T("menu.customers"), "/customers"
	v.Badges = []Cell{{Text: v.E("customer_status", string(c.Status)), Tone: customerTone(c.Status)}}
	standing, err := read(v, assessment.ForCustomer, assessment.CustomerInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	lines, err := read(v, limit.View, limit.CustomerInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	if standing.Latest != nil {
		v.Badges = append(v.Badges, Cell{Text: standing.Latest.Grade, Tone: gradeTone(standing.Latest.PD)})
	}
	if len(lines.Freezes) > 0 {
		v.Badges = append(v.Badges, Cell{Text: v.T("web.frozen"), Tone: Bad})
	}
	v.customerActions(id, standing.Latest != nil, len(lines.Freezes) > 0)
	var shown []Tab
	var content templ.Component
	for _, t := range customerTabs {
		if !v.can(t.permission) {
			continue
		}
		shown = append(shown, Tab{Label: v.T("tab." + t.key), Href: "/customers/" + id + "/" + t.key, Active: t.key == tab})
		if t.key == tab {
			if content, err = t.show(v, file); err != nil {
				return nil, err
			}
		}
	}
	if content == nil {
		return nil, errNotFound("tab", tab)
	}
	ageing, err := read(v, receivable.ShowAgeing, receivable.AgeingInput{CustomerID: id, Currency: c.Currency})
	if err != nil {
		return nil, err
	}
	return stack(v.customerFigures(c, standing, lines, ageing), stack(tabs(shown), content)), nil
}

// customerActions offers what to do next, the most useful first.
func (v *visit) customerActions(id string, assessed, frozen bool) {
	at := "/customers/" + id
	add := func(permission, key, path string, tone Tone) {
		if v.can(permission) {
			v.Actions = append(v.Actions, Action{Label: v.T(key), Href: at + path, Main: len(v.Actions) == 0, Tone: tone})
		}
	}
	if assessed {
		add("limit.apply", "web.apply_limit", "/apply-limit", Plain)
	} else {
		add("statement.enter", "web.import_statements", "/import-statements", Plain)
	}
	add("ordercheck.submit", "web.submit_order", "/order", Plain)
	add("receivable.receive_payment", "web.receive_payment", "/payment", Plain)
	if frozen {
		add("limit.unfreeze", "web.unfreeze", "/unfreeze", Good)
	} else {
		add("limit.freeze", "web.freeze", "/freeze", Bad)
	}
	add("customer.update", "web.edit", "/edit", Plain)
}

func gradeTone(pd float64) Tone {
	switch {
	case pd >= 0.1:
		return Bad
	case pd >= 0.02:
		return Warn
	}
	return Good
}

func (v *visit) customerFigures(c customer.Customer, s assessment.Standing, o limit.Overview, overdue receivable.Ageing) templ.Component {
	all := []Stat{}
	if s.Latest != nil {
		all = append(all, Stat{Label: v.T("web.grade"), Value: s.Latest.Grade, Sub: fmt.Sprintf("%s %.1f · PD %.2f%%", v.T("web.score"), s.Latest.Score, 100*s.Latest.PD), Href: "/assessments/" + s.Latest.ID, Tone: gradeTone(s.Latest.PD)})
	} else {
		all = append(all, Stat{Label: v.T("web.grade"), Value: "—", Sub: v.T("web.not_assessed")})
	}
	at := "/customers/" + c.ID
	for _, l := range o.Lines {
		if l.Limit == nil && l.Exposure.IsZero() && l.Exposure.Currency != c.Currency {
			continue
		}
		if l.Limit != nil {
			use := l.Exposure.Float() / l.Limit.Amount.Float()
			available := Stat{Label: v.T("web.available"), Value: amount(l.Available), Href: at + "/limits", Tone: when(l.Available.Minor < 0, Bad)}
			if len(o.Freezes) > 0 { // what is left of a frozen limit is not there to be used
				available = Stat{Label: v.T("web.available"), Value: amount(money.Of(0, l.Available.Currency)), Sub: v.T("web.frozen"), Href: at + "/limits", Tone: Bad}
			}
			all = append(all, Stat{Label: v.T("web.limit"), Value: amount(l.Limit.Amount), Sub: v.T("web.until", map[string]any{"date": string(l.Limit.ValidUntil)}), Href: at + "/limits"},
				Stat{Label: v.T("web.exposure") + " " + percent(use), Value: amount(l.Exposure), Sub: v.exposureParts(l.Balance), Href: at + "/limits", Tone: when(use > 1, Bad)}, available)
		} else {
			all = append(all, Stat{Label: v.T("web.limit"), Value: "—", Sub: v.T("web.no_limit"), Href: at + "/limits"},
				Stat{Label: v.T("web.exposure"), Value: amount(l.Exposure), Sub: v.exposureParts(l.Balance), Href: at + "/limits", Tone: when(l.Exposure.Positive(), Bad)})
		}
	}
	if overdue.Overdue.Positive() {
		all = append(all, Stat{Label: v.T("web.overdue"), Value: amount(overdue.Overdue), Sub: v.T("web.of_receivables", map[string]any{"total": amount(overdue.Total)}), Href: at + "/receivables", Tone: Bad})
	}
	return stats(all)
}

// exposureParts says what the exposure is made of.
func (v *visit) exposureParts(b receivable.Balance) string {
	text := v.T("web.exposure_parts", map[string]any{"invoiced": v.brief(b.Invoiced), "orders": v.brief(b.OpenOrders)})
	if b.OnAccount.Positive() {
		text += " − " + v.T("web.on_account_n", map[string]any{"amount": v.brief(b.OnAccount)})
	}
	return text
}

// link is the text of a link when the visitor may follow it.
func (v *visit) link(permission, key string) string {
	if !v.can(permission) {
		return ""
	}
	return v.T(key)
}

func (v *visit) barsOr(all []Bar) templ.Component {
	if len(all) == 0 {
		return text(v.T("web.nothing"))
	}
	return bars(all)
}

func shownMoney(a money.Amount) string {
	if a.IsZero() {
		return ""
	}
	return amount(a)
}

func timelineTab(v *visit, f customer.File) (templ.Component, error) {
	story, err := read(v, portfolio.Timeline, portfolio.TimelineInput{CustomerID: f.Customer.ID, Before: v.query.Get("before")})
	if err != nil {
		return nil, err
	}
	all := []templ.Component{inBody(timeline(v.moments(story.Moments), v.T("web.nothing")))}
	if story.Next != "" {
		all = append(all, inBody(linkTo(v.path+"?before="+story.Next, v.T("web.earlier"))))
	}
	return boxed("", stack(all...)), nil
}
