package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/industry"
	"github.com/xinheng/xinheng/internal/i18n"
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

func (v *visit) profileFields(p customer.Profile) []Field {
	var industries []Choice
	for _, i := range industry.All() {
		industries = append(industries, Choice{i.Code, v.pick(i.ZH, i.EN)})
	}
	capital := ""
	if p.Capital.Positive() {
		capital = p.Capital.Decimal()
	}
	terms := ""
	if p.Name != "" {
		terms = strconv.Itoa(p.TermsDays)
	}
	return []Field{
		{Kind: "heading", Label: v.T("web.identity")},
		{Name: "name", Value: p.Name, Required: true}, {Name: "name_en", Value: p.NameEN}, {Name: "short_name", Value: p.ShortName},
		{Name: "uscc", Value: p.USCC, Help: v.T("web.uscc_help")}, {Name: "lei", Value: p.LEI}, {Name: "external_ref", Value: p.ExternalRef, Help: v.T("web.external_ref_help")},
		{Kind: "heading", Label: v.T("web.business")},
		{Name: "industry", Value: p.Industry, Choices: industries, Help: "GB/T 4754"}, {Name: "size", Kind: "choice", Value: string(p.Size), Choices: v.choices("size", "large", "medium", "small", "micro")},
		{Name: "region", Value: p.Region}, {Name: "legal_representative", Value: p.LegalRepresentative}, {Name: "capital", Kind: "money", Value: capital, Currency: string(p.Capital.Currency)},
		{Name: "founded", Kind: "date", Value: string(p.Founded)}, {Name: "registered_address", Value: p.RegisteredAddress}, {Name: "operating_address", Value: p.OperatingAddress},
		{Name: "main_business", Kind: "long", Value: p.MainBusiness, Wide: true},
		{Kind: "heading", Label: v.T("web.credit_terms")},
		{Name: "terms_days", Kind: "number", Value: terms}, {Name: "currency", Value: string(p.Currency), Help: "ISO 4217"},
		{Name: "status", Kind: "choice", Value: string(p.Status), Choices: v.choices("customer_status", "prospect", "active", "blocked", "closed")},
	}
}

func newCustomer(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.new_customer"), v.T("menu.customers"), "/customers"
	return v.form(formOf{op: screening.Enter, fields: v.profileFields(customer.Profile{}), cancel: "/customers", done: func(out any) (string, string) {
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
	fields := append(v.profileFields(file.Profile), Field{Name: "version", Kind: "hidden", Value: strconv.FormatInt(version, 10)})
	return v.form(formOf{op: customer.Update, fields: fields, fixed: map[string]any{"id": id, "owner_id": file.OwnerID, "team_id": file.TeamID}, cancel: "/customers/" + id,
		done: func(any) (string, string) { return "/customers/" + id, "saved" }})
}

// head sets the page's head for something below a customer.
func (v *visit) head(id, title string) (customer.Customer, error) {
	file, err := read(v, customer.View, customer.ByIDInput{ID: id})
	v.Title, v.Over, v.OverHref = title, file.Customer.Name, "/customers/"+id
	return file.Customer, err
}

func addContact(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.add_contact")); err != nil {
		return nil, err
	}
	return v.form(formOf{op: customer.AddContact, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id,
		fields: []Field{{Name: "name", Required: true}, {Name: "title", Label: v.L("job_title")}, {Name: "phone"}, {Name: "email"}},
		done:   func(any) (string, string) { return "/customers/" + id, "saved" }})
}

func addCompliance(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.add_compliance")); err != nil {
		return nil, err
	}
	return v.form(formOf{op: customer.AddCompliance, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id,
		fields: []Field{{Name: "kind", Kind: "choice", Required: true, Choices: v.choices("compliance", "lawsuit", "penalty", "enforcement", "dishonest")}, {Name: "title", Required: true},
			{Name: "source", Required: true}, {Name: "happened", Kind: "date", Required: true}, {Name: "amount", Kind: "money"}, {Name: "open", Kind: "flag", Value: "true", Help: v.T("web.still_open")}},
		done: func(any) (string, string) { return "/customers/" + id, "saved" }})
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
	var fields []Field
	posted := v.r.Method == http.MethodPost
	for i := range max(ownerRows, len(file.Shareholders)+2) {
		var s customer.Shareholder
		if i < len(file.Shareholders) {
			s = file.Shareholders[i]
		}
		at := fmt.Sprintf("shareholders.%d.", i)
		if posted && strings.TrimSpace(v.r.PostFormValue(at+"name")+v.r.PostFormValue(at+"share")) == "" {
			continue // a line left empty is no shareholder
		}
		share := ""
		if s.Share > 0 {
			share = strconv.FormatFloat(s.Share, 'f', -1, 64)
		}
		fields = append(fields, Field{Kind: "heading", Label: fmt.Sprintf("%s %d", v.T("web.shareholder"), i+1)},
			Field{Name: at + "name", Value: s.Name}, Field{Name: at + "kind", Label: v.L("owner_kind"), Kind: "choice", Value: s.Kind, Choices: v.choices("owner_kind", "person", "company")},
			Field{Name: at + "share", Label: v.L("share_percent"), Kind: "decimal", Value: share}, Field{Name: at + "source", Value: s.Source})
	}
	return v.form(formOf{op: customer.SetShareholders, fixed: map[string]any{"customer_id": id}, fields: fields, cancel: "/customers/" + id,
		done: func(any) (string, string) { return "/customers/" + id, "saved" }})
}

// customerTabs are the tabs of the customer's page, in the order of the credit cycle.
var customerTabs = []struct {
	key, permission string
	show            func(v *visit, c customer.File) (templ.Component, error)
}{
	{"overview", "customer.view", overviewTab},
	{"statements", "statement.list", statementsTab},
	{"assessment", "assessment.view_customer", assessmentTab},
	{"limits", "limit.view", limitsTab},
	{"orders", "receivable.view", ordersTab},
	{"receivables", "receivable.view", receivablesTab},
	{"alerts", "alert.list", alertsTab},
	{"screening", "screening.list", screeningTab},
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

func overviewTab(v *visit, f customer.File) (templ.Component, error) {
	c := f.Customer
	ageing, err := read(v, receivable.ShowAgeing, receivable.AgeingInput{CustomerID: c.ID, Currency: c.Currency})
	if err != nil {
		return nil, err
	}
	story, err := read(v, portfolio.Timeline, portfolio.TimelineInput{CustomerID: c.ID})
	if err != nil {
		return nil, err
	}
	at := "/customers/" + c.ID
	var owners []Bar
	for _, s := range f.Shareholders {
		owners = append(owners, Bar{Label: s.Name, Sub: v.E("owner_kind", s.Kind), Value: fmt.Sprintf("%.2f%%", s.Share), Share: s.Share / 100})
	}
	var contacts, compliance, documents [][]Cell
	for _, x := range f.Contacts {
		contacts = append(contacts, []Cell{{Text: x.Name, Sub: x.Title}, {Text: x.Phone}, {Text: x.Email}})
	}
	for _, x := range f.Compliance {
		state := Cell{Text: v.T("web.closed")}
		if x.Open {
			state = Cell{Text: v.T("web.open"), Tone: Bad}
		}
		compliance = append(compliance, []Cell{{Text: v.E("compliance", string(x.Kind))}, {Text: x.Title, Sub: x.Source, Wide: true}, {Text: string(x.Happened)}, {Text: amount(x.Amount), Num: true}, state})
	}
	for _, x := range f.Documents {
		documents = append(documents, []Cell{{Text: x.Name, Href: "/documents/" + x.ID, Sub: v.E("document", x.Kind)}, {Text: fmt.Sprintf("%.1f KiB", float64(x.Bytes)/1024), Num: true}, {Text: x.SHA256[:12], Sub: v.time(x.AddedAt)}})
	}
	return columns(
		padded(v.T("web.identity"), facts([]Fact{
			{Label: v.L("name_en"), Value: c.NameEN}, {Label: v.L("uscc"), Value: c.USCC}, {Label: v.L("lei"), Value: c.LEI}, {Label: v.L("industry"), Value: v.industry(c.Industry)},
			{Label: v.L("region"), Value: c.Region}, {Label: v.L("size"), Value: v.E("size", string(c.Size))}, {Label: v.L("legal_representative"), Value: c.LegalRepresentative},
			{Label: v.L("capital"), Value: shownMoney(c.Capital)}, {Label: v.L("founded"), Value: string(c.Founded)}, {Label: v.L("terms_days"), Value: strconv.Itoa(c.TermsDays)},
			{Label: v.L("external_ref"), Value: c.ExternalRef}, {Label: v.L("owner"), Value: c.OwnerName}, {Label: v.L("registered_address"), Value: c.RegisteredAddress, Wide: true},
			{Label: v.L("main_business"), Value: c.MainBusiness, Wide: true}})),
		padded(v.T("web.ageing"), chart("ageing", v.ageingChart(ageing), "low", v.T("web.ageing"))),
		boxedMore(v.T("web.owners"), v.link("customer.set_shareholders", "web.edit"), at+"/owners", inBody(v.barsOr(owners))),
		boxedMore(v.T("web.compliance"), v.link("customer.add_compliance", "web.add"), at+"/compliance", table(v.Page, small(v.cols("-kind", "-title", "-happened", "#-amount", "-status"), compliance, v.T("web.nothing")))),
		boxedMore(v.T("web.contacts"), v.link("customer.add_contact", "web.add"), at+"/contact", table(v.Page, small(v.cols("-name", "-phone", "-email"), contacts, v.T("web.nothing")))),
		boxedMore(v.T("web.documents"), v.link("customer.add_document", "web.add"), at+"/document", table(v.Page, small(v.cols("-name", "#-bytes", "-sha256"), documents, v.T("web.nothing")))),
		boxedMore(v.T("tab.timeline"), v.T("web.all"), at+"/timeline", inBody(timeline(v.moments(story.Moments[:min(8, len(story.Moments))]), v.T("web.nothing")))),
	), nil
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

func (v *visit) moments(all []portfolio.Moment) []Moment {
	out := make([]Moment, 0, len(all))
	for _, m := range all {
		title := m.What
		if key := "did." + m.What; i18n.Has(key) {
			title = v.T(key)
		}
		text := m.Text
		if zh, en, both := strings.Cut(m.Text, " / "); both {
			text = v.pick(zh, en)
		}
		tone := Plain
		switch m.What {
		case "alert.opened":
			tone = Warn
		case "incident.opened", "limit.freeze":
			tone = Bad
		case "limit.decide":
			tone = Good
		}
		out = append(out, Moment{When: v.time(m.At), Title: title, Text: text, Who: m.Who, Tone: tone})
	}
	return out
}
