package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/assessment/judgement"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/diligence"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/portfolio"
	"github.com/xinheng/xinheng/receivable"
)

// overviewTab shows at a glance who the customer is, how its file is judged and why, what is missing, and what is open.
func overviewTab(v *visit, f customer.File) (templ.Component, error) {
	c := f.Customer
	at := "/customers/" + c.ID
	risk, err := read(v, assessment.ViewFileRisk, assessment.FileInput{CustomerID: c.ID})
	if err != nil {
		return nil, err
	}
	due, err := read(v, customer.ViewDiligence, customer.ByIDInput{ID: c.ID})
	if err != nil {
		return nil, err
	}
	ageing, err := read(v, receivable.ShowAgeing, receivable.AgeingInput{CustomerID: c.ID, Currency: c.Currency})
	if err != nil {
		return nil, err
	}
	story, err := read(v, portfolio.Timeline, portfolio.TimelineInput{CustomerID: c.ID})
	if err != nil {
		return nil, err
	}
	var open []customer.Compliance
	for _, x := range f.Compliance {
		if x.Open {
			open = append(open, x)
		}
	}
	missing := due.Score.Missing()
	return stack(
		stats(v.fileStats(c.ID, risk, due, len(open))),
		columns(
			boxedMore(v.T("web.identity"), v.T("web.whole_file"), at+"/file", inBody(facts(v.identity(c)))),
			boxedMore(v.T("web.judgement"), v.T("web.details"), at+"/diligence", v.reasons(risk)),
			boxedMore(v.T("web.missing_n", map[string]any{"n": len(missing)}), v.T("web.checklist"), at+"/diligence", table(v.Page, v.missingTable(c.ID, missing, 8))),
			boxedMore(v.T("web.open_facts"), v.link("customer.add_compliance", "web.add"), at+"/compliance", table(v.Page, v.openTable(c.ID, open))),
			padded(v.T("web.ageing"), chart("ageing", v.ageingChart(ageing), "low", v.T("web.ageing"))),
			boxedMore(v.T("web.owners"), v.link("customer.set_shareholders", "web.edit"), at+"/owners", inBody(v.barsOr(v.ownerBars(f.Shareholders)))),
			boxedMore(v.T("web.contacts"), v.link("customer.add_contact", "web.add"), at+"/contact", table(v.Page, v.contactTable(c.ID, f.Contacts))),
			boxedMore(v.T("web.documents"), v.link("customer.add_document", "web.add"), at+"/document", table(v.Page, v.documentTable(f.Documents))),
			boxedMore(v.T("tab.timeline"), v.T("web.all"), at+"/timeline", inBody(timeline(v.moments(story.Moments[:min(8, len(story.Moments))]), v.T("web.nothing")))),
		)), nil
}

// fileStats are the figures of the file: the judgement, the risks, and how good the file is.
func (v *visit) fileStats(id string, risk assessment.FileRisk, due customer.Diligence, open int) []Stat {
	at := "/customers/" + id + "/diligence"
	var all []Stat
	if risk.Latest == nil {
		all = append(all, Stat{Label: v.T("web.initial_risk"), Value: "—", Sub: v.T("web.not_judged"), Href: at})
	} else {
		one := func(label, set string, j judgement.Verdict) {
			all = append(all, Stat{Label: label, Value: v.E(set, j.Level), Sub: v.points(risk, j), Href: at, Tone: riskTone(j)})
		}
		one(v.T("web.initial_risk"), "initial_risk", risk.Latest.Verdicts[judgement.Initial])
		one(v.T("web.compliance_risk"), "risk_level", risk.Latest.Verdicts[judgement.Compliance])
		one(v.T("web.operational_risk"), "risk_level", risk.Latest.Verdicts[judgement.Operational])
		one(v.T("web.combined_risk"), "risk_level", risk.Latest.Combined)
	}
	tone := Good
	if due.Score.Complete < 0.8 {
		tone = Warn
	}
	all = append(all, Stat{Label: v.T("web.completeness"), Value: fmt.Sprintf("%.0f%%", 100*due.Score.Complete), Sub: v.levelSaid(due), Href: at, Tone: tone},
		v.reviewStat(due, at), Stat{Label: v.T("web.open_facts"), Value: strconv.Itoa(open), Href: "/customers/" + id + "/file", Tone: when(open > 0, Bad)})
	return all
}

// points says a verdict's points, its weight and its trend.
func (v *visit) points(risk assessment.FileRisk, j judgement.Verdict) string {
	text := v.T("web.points_n", map[string]any{"n": strconv.FormatFloat(j.Points, 'f', -1, 64)})
	switch direction, since := risk.Trend(j.Subject); direction {
	case 1:
		text += " · ↑ " + v.T("web.since", map[string]any{"date": string(since)})
	case -1:
		text += " · ↓ " + v.T("web.since", map[string]any{"date": string(since)})
	default:
		text += " · → " + v.T("web.unchanged")
	}
	return text
}

func (v *visit) levelSaid(due customer.Diligence) string {
	level := v.E("diligence", string(due.InForce()))
	if due.Level == "" {
		return level + " · " + v.T("web.level_proposed")
	}
	return level
}

func (v *visit) reviewStat(due customer.Diligence, href string) Stat {
	s := Stat{Label: v.T("web.next_review"), Value: string(due.ReviewDue), Href: href}
	switch today := v.today(); {
	case due.ReviewedOn.IsZero():
		s.Value, s.Sub, s.Tone = "—", v.T("web.never_reviewed"), Warn
	case due.ExpiresOn < today:
		s.Sub, s.Tone = v.T("web.file_expired", map[string]any{"date": string(due.ExpiresOn)}), Bad
	case due.ReviewDue <= today:
		s.Sub, s.Tone = v.T("web.review_overdue"), Warn
	default:
		s.Sub = v.T("web.until", map[string]any{"date": string(due.ExpiresOn)})
	}
	return s
}

func (v *visit) identity(c customer.Customer) []Fact {
	state := Plain
	if c.RegistrationStatus != "" && c.RegistrationStatus != customer.InOperation {
		state = Bad
	}
	return []Fact{{Label: v.L("uscc"), Value: c.USCC}, {Label: v.L("legal_representative"), Value: c.LegalRepresentative},
		{Label: v.L("registration_status"), Value: v.E("registration_status", string(c.RegistrationStatus)), Tone: state}, {Label: v.L("founded"), Value: string(c.Founded)},
		{Label: v.L("capital"), Value: shownMoney(c.Capital)}, {Label: v.L("paid_in"), Value: shownMoney(c.PaidIn)}, {Label: v.L("industry"), Value: v.industry(c.Industry)},
		{Label: v.L("size"), Value: v.E("size", string(c.Size))}, {Label: v.L("region"), Value: c.Region}, {Label: v.L("terms_days"), Value: strconv.Itoa(c.TermsDays)},
		{Label: v.L("owner"), Value: c.OwnerName}, {Label: v.L("name_en"), Value: c.NameEN}, {Label: v.L("main_business"), Value: c.MainBusiness, Wide: true}}
}

// reasons lists what raised the judgements, the heaviest first.
func (v *visit) reasons(risk assessment.FileRisk) templ.Component {
	var rows [][]Cell
	if risk.Latest != nil {
		for _, key := range []string{judgement.Initial, judgement.Compliance, judgement.Operational} {
			j := risk.Latest.Verdicts[key]
			for _, r := range j.Reasons {
				rows = append(rows, []Cell{{Text: v.T("web." + key + "_risk")}, {Text: v.pick(r.ZH, r.EN), Wide: true}, {Text: "+" + strconv.FormatFloat(r.Points, 'f', -1, 64), Num: true}})
			}
		}
	}
	return table(v.Page, small(v.cols("-risk_kind", "-reason", "#-points"), rows, v.T("web.nothing_raised")))
}

// formNeeds is the operation behind the form that adds a missing part of the file, by the longest beginning of its address.
var formNeeds = map[string]operation.Any{"verify": customer.Verify, "verify/" + customer.VerifyRegistration: customer.CompareRegistration, "verify/" + customer.VerifyTransfer: customer.StartTransfer,
	"checklist": customer.Tick, "document": customer.AddDocument, "contact": customer.AddContact, "partners": customer.SetPartners, "licence": customer.SaveLicence, "account": customer.SaveAccount,
	"operations": customer.AnswerOperations, "edit": customer.Update, "owners": customer.SetShareholders, "compliance": customer.AddCompliance, "statement": customer.EnterStatements,
	"import-statements": customer.EnterStatements, "level": customer.SetLevel}

// addIt links to the form that adds what is missing, for those who may.
func (v *visit) addIt(id, form string) Cell {
	first, _, _ := strings.Cut(form, "/")
	need, known := formNeeds[form]
	if !known {
		need, known = formNeeds[first]
	}
	if known && !v.can(need.Name()) {
		return Cell{}
	}
	return Cell{Text: v.T("web.add_it"), Href: "/customers/" + id + "/" + form}
}

func (v *visit) missingTable(id string, missing []diligence.Line, most int) Table {
	rows := make([][]Cell, 0, most)
	for _, l := range missing[:min(most, len(missing))] {
		rows = append(rows, []Cell{{Text: v.pick(l.ZH, l.EN), Sub: v.gaps(l), Wide: true}, v.addIt(id, l.Form)})
	}
	return small(v.cols("-item", "-next_step"), rows, v.T("web.file_complete"))
}

// gaps names the parts of an item that are not there.
func (v *visit) gaps(l diligence.Line) string {
	names := make([]string, 0, len(l.Missing))
	for _, m := range l.Missing {
		switch {
		case len(l.Topics) > 0:
			names = append(names, v.E("topic", m))
		case len(l.Partners) > 0:
			names = append(names, v.E("partner_side", m))
		case len(l.Documents) > 0:
			names = append(names, v.E("document", m))
		default:
			names = append(names, v.L(m))
		}
	}
	return strings.Join(names, v.pick("、", ", "))
}

func (v *visit) complianceTable(id string, all []customer.Compliance) Table {
	may := v.can(customer.CorrectCompliance.Name())
	var rows [][]Cell
	for _, x := range all {
		state := Cell{Text: v.T("web.closed"), Sub: strings.TrimSpace(string(x.ClosedOn) + " " + x.Outcome)}
		step := Cell{}
		if x.Open {
			state = Cell{Text: v.T("web.open"), Tone: Bad}
			if may {
				step = Cell{Text: v.T("web.close_fact"), Href: "/customers/" + id + "/compliance/" + x.ID + "/close"}
			}
		}
		title := Cell{Text: x.Title, Sub: strings.Join(slices.DeleteFunc([]string{x.Number, x.Authority, v.E("case_side", x.Side), v.E("source", x.Source)}, func(s string) bool { return s == "" }), " · "), Wide: true}
		if may {
			title.Href = "/customers/" + id + "/compliance/" + x.ID
		}
		rows = append(rows, []Cell{{Text: v.E("compliance", string(x.Kind)), Sub: string(x.Happened)}, title, {Text: shownMoney(x.Amount), Num: true}, state, step})
	}
	return small(v.cols("-kind", "-title", "#-amount", "-status", "-next_step"), rows, v.T("web.nothing"))
}

// openTable is complianceTable where there is little room and all are open.
func (v *visit) openTable(id string, open []customer.Compliance) Table {
	t := v.complianceTable(id, open)
	t.Columns = append(slices.Clone(t.Columns[:3]), t.Columns[4])
	for i, row := range t.Rows {
		t.Rows[i] = append(slices.Clone(row[:3]), row[4])
	}
	return t
}

func (v *visit) ownerBars(all []customer.Shareholder) []Bar {
	bars := make([]Bar, 0, len(all))
	for _, s := range all {
		bars = append(bars, Bar{Label: s.Name, Sub: v.E("owner_kind", s.Kind), Value: fmt.Sprintf("%.2f%%", s.Share), Share: s.Share / 100})
	}
	return bars
}

func (v *visit) contactTable(id string, all []customer.Contact) Table {
	rows := make([][]Cell, 0, len(all))
	for _, x := range all {
		name := Cell{Text: x.Name, Sub: x.Title}
		if v.can(customer.ChangeContact.Name()) {
			name.Href = "/customers/" + id + "/contact/" + x.ID
		}
		role := Cell{Text: v.E("contact_role", x.Role)}
		if !x.LeftOn.IsZero() {
			role.Sub = v.T("web.left_on", map[string]any{"date": string(x.LeftOn)})
		}
		rows = append(rows, []Cell{name, role, {Text: x.Phone, Sub: x.Email}})
	}
	return small(v.cols("-name", "-contact_role", "-phone"), rows, v.T("web.nothing"))
}

func (v *visit) documentTable(all []customer.Document) Table {
	rows := make([][]Cell, 0, len(all))
	for _, x := range all {
		rows = append(rows, []Cell{{Text: x.Name, Href: "/documents/" + x.ID + "/look", Sub: v.E("document", x.Kind)}, v.expiryCell(x), v.scanCell(x)})
	}
	return small(v.cols("-name", "-expires", "-scan"), rows, v.T("web.nothing"))
}

// shown is a value of the profile as people read it.
func (v *visit) shown(name, value string) string {
	switch name {
	case "registration_status", "size":
		return v.E(name, value)
	case "status":
		return v.E("customer_status", value)
	case "industry":
		return v.industry(value)
	case "capital", "paid_in":
		if currency, figure, ok := strings.Cut(value, " "); ok {
			if a, err := money.Parse(figure, money.Currency(currency)); err == nil {
				return amount(a)
			}
		}
	case "aliases", "former_names":
		return strings.ReplaceAll(value, "\n", v.pick("；", "; "))
	}
	return value
}

// fileTab shows the whole file, each field with its source, its date and how many values it had before.
func fileTab(v *visit, f customer.File) (templ.Component, error) {
	id := f.Customer.ID
	history, err := read(v, customer.History, customer.HistoryInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	by := map[string][]customer.FieldValue{}
	for _, h := range history {
		by[h.Field] = append(by[h.Field], h)
	}
	at := "/customers/" + id
	v.Actions = append(v.Actions, Action{Label: v.T("web.print_view"), Href: at + "/print"}, Action{Label: "PDF", Href: at + "/file.pdf"})
	var all []templ.Component
	for _, section := range customer.Sections {
		var rows [][]Cell
		for _, name := range customer.FieldNames(section) {
			if name == "owner_id" || name == "team_id" {
				continue
			}
			rows = append(rows, v.fieldRow(f.Customer, name, by[name]))
		}
		all = append(all, boxedMore(v.T("web.section."+section), v.link(customer.Update.Name(), "web.edit"), at+"/edit/"+section, table(v.Page, small(v.cols("-field", "-value", "-source"), rows, ""))))
	}
	all = append(all,
		boxedMore(v.T("web.owners"), v.link(customer.SetShareholders.Name(), "web.edit"), at+"/owners", table(v.Page, v.ownerTable(f.Shareholders))),
		boxedMore(v.T("web.contacts"), v.link(customer.AddContact.Name(), "web.add"), at+"/contact", table(v.Page, v.contactTable(id, f.Contacts))),
		boxedMore(v.T("web.bank_accounts"), v.link(customer.SaveAccount.Name(), "web.add"), at+"/account", table(v.Page, v.accountTable(f))),
		boxedMore(v.T("web.licences"), v.link(customer.SaveLicence.Name(), "web.add"), at+"/licence", table(v.Page, v.licenceTable(id, f.Licences))),
		boxedMore(v.T("web.operations"), v.link(customer.AnswerOperations.Name(), "web.edit"), at+"/operations", table(v.Page, v.operationsTable(id, f.Operations))),
		boxedMore(v.T("web.partners.buyer"), v.link(customer.SetPartners.Name(), "web.edit"), at+"/partners/buyer", inBody(v.partners(f.Partners, "buyer"))),
		boxedMore(v.T("web.partners.supplier"), v.link(customer.SetPartners.Name(), "web.edit"), at+"/partners/supplier", inBody(v.partners(f.Partners, "supplier"))),
	)
	return stack(wideColumns(all...), boxedMore(v.T("web.compliance"), v.link(customer.AddCompliance.Name(), "web.add"), at+"/compliance", table(v.Page, v.complianceTable(id, f.Compliance)))), nil
}

func (v *visit) fieldRow(c customer.Customer, name string, history []customer.FieldValue) []Cell {
	value := Cell{Text: v.shown(name, c.Value(name)), Wide: true}
	source := Cell{}
	if len(history) > 0 {
		h := history[0]
		source = Cell{Text: strings.TrimSpace(v.E("source", h.Source) + " " + string(h.AsOf)), Sub: h.By, Wide: true}
		if n := len(history) - 1; n > 0 {
			source.Sub += " · " + v.T("web.earlier_n", map[string]any{"n": n})
		}
	}
	return []Cell{{Text: v.L(name), Href: "/customers/" + c.ID + "/history/" + name}, value, source}
}

func (v *visit) accountTable(f customer.File) Table {
	rows := make([][]Cell, 0, len(f.Accounts))
	for _, a := range f.Accounts {
		state := Cell{Text: v.T("web.unverified")}
		for _, x := range f.Verifications {
			if x.Target == a.ID && x.CountsOn(v.today()) {
				state = Cell{Text: v.T("web.verified"), Tone: Good}
			}
		}
		if a.Status == "closed" {
			state = Cell{Text: v.E("account_status", "closed")}
		}
		bank := Cell{Text: a.Bank, Sub: a.Branch}
		if v.can(customer.SaveAccount.Name()) {
			bank.Href = "/customers/" + a.CustomerID + "/account/" + a.ID
		}
		rows = append(rows, []Cell{bank, {Text: a.Number, Sub: v.E("account", a.Kind) + " " + string(a.Currency)}, {Text: a.Holder, Wide: true}, state})
	}
	return small(v.cols("-bank", "-account_number", "-holder", "-status"), rows, v.T("web.nothing"))
}

func (v *visit) licenceTable(id string, all []customer.Licence) Table {
	today := v.today()
	rows := make([][]Cell, 0, len(all))
	for _, l := range all {
		state := Cell{Text: v.E("licence_status", l.Status), Tone: Good}
		switch {
		case l.Status != "valid":
			state.Tone = Bad
		case !l.ValidOn(today):
			state = Cell{Text: v.T("web.run_out"), Tone: Bad}
		case !l.ValidOn(today.AddDays(30)):
			state = Cell{Text: v.T("web.ends_soon"), Tone: Warn}
		}
		name := Cell{Text: l.Name, Sub: l.Number, Wide: true}
		if v.can(customer.SaveLicence.Name()) {
			name.Href = "/customers/" + id + "/licence/" + l.ID
		}
		end := string(l.ExpiresOn)
		if end == "" {
			end = v.T("web.no_end")
		}
		rows = append(rows, []Cell{name, {Text: l.Authority, Wide: true}, {Text: end, Sub: string(l.IssuedOn)}, state})
	}
	return small(v.cols("-name", "-issuing_authority", "-expires_on", "-status"), rows, v.T("web.nothing"))
}

func (v *visit) figures(a customer.OperatingAnswer) string {
	var parts []string
	for _, t := range customer.Topics {
		if t.Key != a.Topic {
			continue
		}
		for _, name := range t.Figures {
			if n, ok := a.Figures[name]; ok {
				parts = append(parts, v.L(name)+" "+strconv.FormatFloat(n, 'f', -1, 64))
			}
		}
	}
	return strings.TrimSpace(strings.Join(append(parts, a.Note), " "))
}

func (v *visit) operationsTable(id string, known []customer.OperatingAnswer) Table {
	rows := make([][]Cell, 0, len(customer.Topics))
	for _, t := range customer.Topics {
		row := []Cell{{Text: v.E("topic", t.Key)}, {Text: "—"}, {}, {}}
		if v.can(customer.AnswerOperations.Name()) {
			row[0].Href = "/customers/" + id + "/operations/" + t.Key
		}
		for _, a := range known {
			if a.Topic == t.Key {
				row[1] = Cell{Text: v.E("answer", a.Answer), Sub: v.figures(a), Wide: true}
				row[2] = Cell{Text: a.Evidence, Sub: v.E("source", a.Source), Wide: true}
				row[3] = Cell{Text: string(a.AsOf), Sub: a.By}
			}
		}
		rows = append(rows, row)
	}
	return small(v.cols("-topic", "-answer", "-evidence", "-as_of"), rows, "")
}

func (v *visit) topics(f customer.File) templ.Component {
	return table(v.Page, v.operationsTable(f.Customer.ID, f.Operations))
}

func (v *visit) partners(all []customer.Partner, side string) templ.Component {
	c := customer.ConcentrationOf(all, side)
	if c.Known == 0 {
		return text(v.T("web.nothing"))
	}
	var shown []Bar
	said := ""
	for _, p := range all {
		if p.Side == side {
			shown = append(shown, Bar{Label: p.Name, Value: fmt.Sprintf("%.1f%%", p.Share), Share: p.Share / 100, Tone: when(p.Share >= 50, Warn)})
			said = strings.TrimSpace(v.E("source", p.Source) + " " + string(p.AsOf))
		}
	}
	return stack(text(v.T("web.concentration", map[string]any{"largest": fmt.Sprintf("%.1f%%", c.Largest), "five": fmt.Sprintf("%.1f%%", c.TopFive)})+" · "+said), bars(shown))
}

// fieldHistory shows every value that a field had.
func fieldHistory(v *visit) (templ.Component, error) {
	id, name := v.param("id"), v.param("field")
	if _, err := v.head(id, v.T("web.history_of", map[string]any{"field": v.L(name)})); err != nil {
		return nil, err
	}
	all, err := read(v, customer.History, customer.HistoryInput{CustomerID: id, Item: v.query.Get("item")})
	if err != nil {
		return nil, err
	}
	var rows [][]Cell
	for _, h := range all {
		if h.Field != name {
			continue
		}
		who := h.By
		if who == "" {
			who = v.T("web.with_the_file")
		}
		rows = append(rows, []Cell{{Text: v.shown(name, h.Value), Wide: true}, {Text: v.E("source", h.Source)}, {Text: string(h.AsOf)}, {Text: h.Evidence, Wide: true}, {Text: v.time(h.At), Sub: who}})
	}
	return stack(table(v.Page, small(v.cols("-value", "-source", "-as_of", "-evidence", "-set_at"), rows, v.T("web.no_history"))), linkTo("/customers/"+id+"/file", v.T("web.whole_file"))), nil
}

// diligenceTab shows the level, the checklist, the verifications and how the judgement came about and moved.
func diligenceTab(v *visit, f customer.File) (templ.Component, error) {
	id := f.Customer.ID
	at := "/customers/" + id
	due, err := read(v, customer.ViewDiligence, customer.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	risk, err := read(v, assessment.ViewFileRisk, assessment.FileInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	set := v.T("web.level_proposed")
	if due.Level != "" {
		set = due.LevelBy + " " + v.time(due.LevelAt)
	}
	var why [][]Cell
	for _, r := range due.ProposedWhy {
		why = append(why, []Cell{{Text: v.pick(r.ZH, r.EN), Wide: true}, {Text: v.E("diligence", string(r.Level))}})
	}
	level := stack(inBody(facts([]Fact{{Label: v.L("diligence_level"), Value: v.E("diligence", string(due.InForce())), Tone: Info}, {Label: v.L("set_by"), Value: set},
		{Label: v.L("proposed_level"), Value: v.E("diligence", string(due.Proposed))}, {Label: v.L("requested_limit"), Value: shownMoney(due.Requested)},
		{Label: v.L("reviewed_on"), Value: strings.TrimSpace(string(due.ReviewedOn) + " " + due.ReviewedBy)}, {Label: v.L("review_due"), Value: string(due.ReviewDue)},
		{Label: v.L("file_expires"), Value: string(due.ExpiresOn)}, {Label: v.L("reason"), Value: due.LevelReason, Wide: true}, {Label: v.L("review_note"), Value: due.ReviewNote, Wide: true}})),
		table(v.Page, small(v.cols("-reason", "-diligence_level"), why, v.T("web.nothing_raised"))))
	levelLink, levelHref := v.link(customer.SetLevel.Name(), "web.set_level"), at+"/level"
	if due.Level != "" && v.can(customer.ReviewFile.Name()) {
		for i := range v.Actions {
			v.Actions[i].Main = false
		}
		v.Actions = append([]Action{{Label: v.T("web.review_file"), Href: at + "/review", Main: true}}, v.Actions...)
	}
	all := []templ.Component{
		stats(v.fileStats(id, risk, due, len(slices.DeleteFunc(slices.Clone(f.Compliance), func(c customer.Compliance) bool { return !c.Open })))),
		columns(boxedMore(v.T("web.due_diligence"), levelLink, levelHref, level), boxed(v.T("web.judgement"), v.reasons(risk))),
		boxed(v.T("web.checklist")+" · "+fmt.Sprintf("%.0f%%", 100*due.Score.Complete)+" · v"+strconv.Itoa(due.Score.Version), table(v.Page, v.checklistTable(id, due))),
		boxed(v.T("web.verifications"), stack(v.verifyLinks(id), table(v.Page, v.verificationTable(f)))),
	}
	if len(risk.History) > 0 {
		all = append(all, boxed(v.T("web.judgement_history"), table(v.Page, v.judgementTable(risk))))
	}
	if v.can(assessment.JudgeFile.Name()) {
		all = append(all, button(v.Page, at+"/judge", v.T("web.judge_now"), Plain, nil))
	}
	return stack(all...), nil
}

func (v *visit) checklistTable(id string, due customer.Diligence) Table {
	rows := make([][]Cell, 0, len(due.Score.Lines))
	for _, l := range due.Score.Lines {
		state, step := Cell{Text: v.T("web.there"), Tone: Good}, Cell{}
		if !l.Done {
			state, step = Cell{Text: v.T("web.not_there"), Tone: Warn}, v.addIt(id, l.Form)
		}
		note := ""
		for _, c := range due.Confirmed {
			if c.Item == l.Key {
				note = string(c.DoneOn) + " " + c.By + " · " + c.Evidence
			}
		}
		if note == "" {
			note = v.gaps(l)
		}
		rows = append(rows, []Cell{{Text: v.pick(l.ZH, l.EN), Sub: note, Wide: true}, {Text: v.E("diligence", string(l.From))}, {Text: strconv.FormatFloat(l.Weight, 'f', -1, 64), Num: true}, state, step})
	}
	return small(v.cols("-item", "-asked_from", "#-weight", "-status", "-next_step"), rows, "")
}

func (v *visit) verifyLinks(id string) templ.Component {
	if !v.can(customer.Verify.Name()) {
		return templ.NopComponent
	}
	var links []templ.Component
	for _, kind := range customer.VerificationKinds {
		if x := v.addIt(id, "verify/"+kind); x.Href != "" {
			links = append(links, linkTo(x.Href, "+ "+v.E("verification", kind)))
		}
	}
	return inBody(inline(links...))
}

func (v *visit) verificationTable(f customer.File) Table {
	names := map[string]string{}
	for _, kind := range customer.VerificationKinds {
		for _, t := range v.targets(f, kind) {
			names[t.Value] = t.Label
		}
	}
	rows := make([][]Cell, 0, len(f.Verifications))
	for _, x := range f.Verifications {
		state := Cell{Text: v.E("verification_state", x.State)}
		switch {
		case x.State == customer.VerificationPassed && !x.CountsOn(v.today()):
			state = Cell{Text: v.T("web.run_out"), Tone: Warn}
		case x.State == customer.VerificationPassed:
			state.Tone = Good
		case x.State == customer.VerificationFailed:
			state.Tone = Bad
		case x.State == customer.VerificationPending:
			state.Tone = Info
		}
		step := Cell{}
		if x.State == customer.VerificationPending && v.can(customer.ConfirmTransfer.Name()) {
			step = Cell{Text: v.T("web.confirm_transfer"), Href: "/customers/" + f.Customer.ID + "/transfer/" + x.ID}
		}
		rows = append(rows, []Cell{{Text: v.E("verification", x.Kind), Sub: names[x.Target]}, state, {Text: v.findings(x), Sub: x.Evidence, Wide: true},
			{Text: string(x.CheckedOn), Sub: hrefOf(v.T("web.until_short")+" ", string(x.ExpiresOn))}, {Text: x.StartedBy, Sub: x.DecidedBy}, step})
	}
	return small(v.cols("-verification", "-status", "-finding", "-checked_on", "-checked_by", "-next_step"), rows, v.T("web.nothing"))
}

// findings says on which fields a comparison differed, else the note.
func (v *visit) findings(x customer.Verification) string {
	var parts []string
	for _, f := range x.Findings {
		if !f.Same {
			parts = append(parts, v.L(f.Field)+": "+v.shown(f.Field, f.Ours)+" ≠ "+v.shown(f.Field, f.Told))
		}
	}
	if len(parts) == 0 && len(x.Findings) > 0 {
		parts = append(parts, v.T("web.all_agree", map[string]any{"n": len(x.Findings)}))
	}
	return strings.TrimSpace(strings.Join(parts, "; ") + " " + x.Note)
}

func (v *visit) judgementTable(risk assessment.FileRisk) Table {
	rows := make([][]Cell, 0, len(risk.History))
	for _, j := range risk.History {
		one := func(set, key string) Cell {
			x := j.Verdicts[key]
			return Cell{Text: v.E(set, x.Level) + " " + strconv.FormatFloat(x.Points, 'f', -1, 64), Tone: riskTone(x)}
		}
		rows = append(rows, []Cell{{Text: v.time(j.At), Sub: v.who(j.By)}, one("initial_risk", judgement.Initial), one("risk_level", judgement.Compliance), one("risk_level", judgement.Operational),
			{Text: strconv.FormatFloat(j.Combined.Points, 'f', -1, 64), Num: true}, {Text: fmt.Sprintf("%.0f%%", 100*j.Completeness), Num: true}, {Text: "v" + strconv.Itoa(j.CardVersion)}})
	}
	return small(v.cols("-judged_at", "-initial_risk", "-compliance_risk", "-operational_risk", "#-combined", "#-completeness", "-card_version"), rows, "")
}

// filesDue lists the files to bring up to date.
func filesDue(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.files_due")
	return v.list(listOf{
		columns: v.cols("name", "level", "-why_due", "review_due", "expires_on", "#completeness", "-owner"),
		filters: []filterBy{{name: "level", column: "level", choices: v.choices("diligence", "simplified", "standard", "enhanced")}},
		sort:    "review_due", file: "files-due", empty: v.T("web.no_files_due"),
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			page, err := read(v, customer.ListDue, q)
			var rows [][]Cell
			for _, f := range page.Files {
				tone := Warn
				if slices.Contains(f.Why, "expired") {
					tone = Bad
				}
				var why []string
				for _, w := range f.Why {
					text := v.E("due", w)
					if w == "licence" {
						text += " " + string(f.LicenceEnds)
					}
					why = append(why, text)
				}
				rows = append(rows, []Cell{{Text: f.Name, Href: "/customers/" + f.CustomerID + "/diligence"}, {Text: v.E("diligence", string(f.Level))},
					{Text: strings.Join(why, v.pick("、", ", ")), Tone: tone}, {Text: string(f.ReviewDue)}, {Text: string(f.ExpiresOn)}, {Text: fmt.Sprintf("%.0f%%", 100*f.Completeness), Num: true}, {Text: f.OwnerName}})
			}
			return rows, page.Next, page.Total, err
		},
	})
}
