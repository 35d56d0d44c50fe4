package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/document"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/receivable"
)

func receivables(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.receivables")
	if v.can("receivable.import") {
		v.Actions = []Action{{Label: v.T("web.import_receivables"), Href: "/receivables/import", Main: true}}
	}
	v.Actions = append(v.Actions, Action{Label: v.T("web.all_invoices"), Href: "/receivables/invoices"})
	a, err := read(v, receivable.ShowAgeing, receivable.AgeingInput{})
	if err != nil {
		return nil, err
	}
	late, err := read(v, receivable.Invoices, receivable.InvoicesInput{OverdueOnly: true, Query: listing.Query{Sort: "due_on", Limit: 15}})
	if err != nil {
		return nil, err
	}
	return stack(stats([]Stat{{Label: v.T("web.receivables_total"), Value: amount(a.Total)}, {Label: v.T("web.overdue"), Value: amount(a.Overdue), Tone: when(a.Overdue.Positive(), Bad), Href: "/receivables/invoices?state=overdue"},
		{Label: v.L("share"), Value: share(a.Overdue.Float(), a.Total.Float())}}),
		columns(padded(v.T("web.ageing"), chart("ageing", v.ageingChart(a), "mid", v.T("web.ageing"))), boxed(v.T("web.ageing"), table(v.Page, v.ageingTable(a)))),
		boxedMore(v.T("web.oldest_overdue"), v.T("web.all"), "/receivables/invoices?state=overdue", table(v.Page, small(v.cols("-number", "-customer", "#-amount", "#-open", "-due_on", "#-days_overdue", "-status"), v.invoiceRows(late.Invoices), v.T("web.nothing_overdue"))))), nil
}

func share(part, whole float64) string {
	if whole == 0 {
		return "—"
	}
	return percent(part / whole)
}

func (v *visit) invoiceRows(all []receivable.Invoice) [][]Cell {
	var rows [][]Cell
	for _, i := range all {
		days := i.DaysOverdue(v.today())
		late, state := Cell{Num: true}, Cell{Text: v.T("web.not_due")}
		if days > 0 {
			late.Text, state = strconv.Itoa(days), Cell{Text: v.T("web.overdue"), Tone: Warn}
			if days > 30 {
				state.Tone = Bad
			}
		}
		if !i.Open.Positive() {
			state = Cell{Text: v.T("web.settled"), Tone: Good, Sub: string(i.SettledOn)}
		}
		if i.Disputed && i.Open.Positive() {
			state.Sub = v.T("web.disputed_since", map[string]any{"date": string(i.Dispute.Since)})
		}
		rows = append(rows, []Cell{{Text: i.Number, Href: "/invoices/" + i.ID}, {Text: i.CustomerName, Href: "/customers/" + i.CustomerID + "/receivables"}, {Text: amount(i.Amount), Num: true}, {Text: amount(i.Open), Num: true}, {Text: string(i.DueOn)}, late, state})
	}
	return rows
}

func invoices(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.all_invoices"), v.T("menu.receivables"), "/receivables"
	return v.list(listOf{columns: v.cols("number", "customer", "#amount", "#open", "due_on", "#-days_overdue", "-status"), sort: "due_on", file: "invoices",
		filters: []filterBy{{name: "customer", column: "customer", op: "has"}, {name: "number", column: "number", op: "has"}, {name: "state", choices: v.choices("invoice_state", "open", "overdue")}},
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			in := receivable.InvoicesInput{OpenOnly: v.query.Get("state") == "open", OverdueOnly: v.query.Get("state") == "overdue", Query: q}
			page, err := read(v, receivable.Invoices, in)
			return v.invoiceRows(page.Invoices), page.Next, page.Total, err
		}})
}

func receivablesTab(v *visit, f customer.File) (templ.Component, error) {
	id := f.Customer.ID
	a, err := read(v, receivable.View, receivable.CustomerInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	ageing, err := read(v, receivable.ShowAgeing, receivable.AgeingInput{CustomerID: id, Currency: f.Customer.Currency})
	if err != nil {
		return nil, err
	}
	if v.can("receivable.issue_invoice") {
		v.Actions = append([]Action{{Label: v.T("web.issue_invoice"), Href: "/customers/" + id + "/invoice"}}, v.Actions...)
	}
	var payments [][]Cell
	for _, p := range a.Payments {
		payments = append(payments, []Cell{{Text: p.Number, Href: "/payments/" + p.ID}, {Text: string(p.ReceivedOn)}, {Text: amount(p.Amount), Num: true}, {Text: shownMoney(p.Unused), Num: true}, {Text: p.Payer}})
	}
	rows := v.invoiceRows(a.Invoices)
	for i := range rows {
		rows[i] = append(rows[i][:1], rows[i][2:]...)
	}
	return stack(stats([]Stat{{Label: v.T("web.receivables_total"), Value: amount(ageing.Total)}, {Label: v.T("web.overdue"), Value: amount(ageing.Overdue), Tone: when(ageing.Overdue.Positive(), Bad)},
		{Label: v.T("web.average_late"), Value: fmt.Sprintf("%.1f", a.DaysLate12), Sub: v.T("web.settled_n", map[string]any{"n": a.Settled12}), Tone: when(a.DaysLate12 > 15, Warn)}}),
		columns(padded(v.T("web.ageing"), chart("ageing", v.ageingChart(ageing), "low", v.T("web.ageing"))), boxed(v.T("web.ageing"), table(v.Page, v.ageingTable(ageing)))),
		boxed(v.T("web.invoices"), table(v.Page, small(v.cols("-number", "#-amount", "#-open", "-due_on", "#-days_overdue", "-status"), rows, v.T("web.nothing")))),
		boxed(v.T("web.payments"), table(v.Page, small(v.cols("-number", "-received_on", "#-amount", "#-unused", "-payer"), payments, v.T("web.nothing"))))), nil
}

func issueInvoice(v *visit) (templ.Component, error) {
	id := v.param("id")
	c, err := v.head(id, v.T("web.issue_invoice"))
	if err != nil {
		return nil, err
	}
	account, err := read(v, receivable.View, receivable.CustomerInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	chosen := v.query.Get("order")
	var orders []Choice
	open := Field{Name: "amount", Kind: "money", Currency: string(c.Currency), Required: true}
	for _, o := range account.Orders {
		if o.Status != receivable.OrderApproved || !o.Open.Positive() {
			continue
		}
		orders = append(orders, Choice{o.ID, v.T("web.order_open", map[string]any{"number": o.Number, "open": amount(o.Open), "date": string(o.OrderedOn)})})
		if chosen == "" || chosen == o.ID { // the oldest comes last in the list: it is what is usually billed next
			open.Value, open.Currency = o.Open.Decimal(), string(o.Open.Currency)
		}
	}
	order := Field{Name: "order_id", Label: v.L("order"), Kind: "choice", Value: chosen, Choices: orders, Help: v.T("web.order_help")}
	if chosen == "" && len(orders) > 0 {
		order.Value = orders[len(orders)-1].Value
	}
	return v.form(formOf{op: receivable.IssueInvoice, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/receivables",
		fields: []Field{order, {Name: "number", Required: true}, open, {Name: "issued_on", Kind: "date", Value: string(v.today()), Required: true},
			{Name: "due_on", Kind: "date", Help: v.T("web.due_help", map[string]any{"days": c.TermsDays})}},
		done: func(out any) (string, string) { return "/invoices/" + out.(receivable.Invoice).ID, "saved" }})
}

// dotJoined puts a dot between the texts that are not empty.
func dotJoined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), " · ")
}

// openChoices are a customer's open invoices to tick, the oldest due first.
func (v *visit) openChoices(customerID string) ([]Choice, error) {
	page, err := read(v, receivable.Invoices, receivable.InvoicesInput{OpenOnly: true, Query: listing.Query{Sort: "due_on", Limit: 100, Filters: []listing.Filter{{Column: "customer_id", Value: customerID}}}})
	var all []Choice
	for _, i := range page.Invoices {
		text := v.T("web.invoice_open", map[string]any{"number": i.Number, "open": amount(i.Open), "due": string(i.DueOn)})
		if days := i.DaysOverdue(v.today()); days > 0 {
			text += " · " + v.T("web.late_days", map[string]any{"n": days})
		}
		all = append(all, Choice{i.ID, text})
	}
	return all, err
}

func receivePayment(v *visit) (templ.Component, error) {
	id := v.param("id")
	c, err := v.head(id, v.T("web.receive_payment"))
	if err != nil {
		return nil, err
	}
	open, err := v.openChoices(id)
	if err != nil {
		return nil, err
	}
	fields := []Field{{Name: "number", Required: true}, {Name: "amount", Kind: "money", Currency: string(c.Currency), Required: true}, {Name: "received_on", Kind: "date", Value: string(v.today()), Required: true}, {Name: "payer"},
		{Name: "pays", Label: v.L("pays_invoice"), Kind: "choices", Choices: open, Help: v.T("web.fifo_help"), Wide: true}, {Name: "on_account", Kind: "flag", Help: v.T("web.on_account_help")}}
	return v.form(formOf{op: receivable.ReceivePayment, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/receivables", fields: fields,
		done: func(out any) (string, string) { return "/payments/" + out.(receivable.Payment).ID, "saved" }})
}

// paymentPage shows what a payment paid, and allocates what is left of it.
func paymentPage(v *visit) (templ.Component, error) {
	p, err := read(v, receivable.ViewPayment, receivable.ByIDInput{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	c, err := v.head(p.CustomerID, v.T("web.payment_n", map[string]any{"number": p.Number}))
	if err != nil {
		return nil, err
	}
	v.OverHref += "/receivables"
	var parts []templ.Component
	if p.Unused.Positive() && v.can(receivable.Allocate.Name()) {
		open, err := v.openChoices(p.CustomerID)
		if err != nil {
			return nil, err
		}
		if len(open) > 0 {
			f, err := v.form(formOf{op: receivable.Allocate, fixed: map[string]any{"payment_id": p.ID}, submit: v.T("web.allocate_rest", map[string]any{"amount": amount(p.Unused)}),
				fields: []Field{{Name: "pays", Label: v.L("pays_invoice"), Kind: "choices", Choices: open, Required: true, Wide: true}}, done: func(any) (string, string) { return "/payments/" + p.ID, "saved" }})
			if err != nil || f == nil {
				return nil, err
			}
			parts = append(parts, f)
		}
	}
	var rows [][]Cell
	for _, a := range p.Allocations {
		rows = append(rows, []Cell{{Text: a.InvoiceNumber, Href: "/invoices/" + a.InvoiceID}, {Text: amount(a.Amount), Num: true}, {Text: string(a.AllocatedOn)}})
	}
	parts = append(parts, columns(padded("", facts([]Fact{{Label: v.L("customer"), Value: c.Name, Href: "/customers/" + c.ID}, {Label: v.L("amount"), Value: amount(p.Amount)}, {Label: v.L("unused"), Value: amount(p.Unused), Tone: when(p.Unused.Positive(), Warn)},
		{Label: v.L("received_on"), Value: string(p.ReceivedOn)}, {Label: v.L("payer"), Value: p.Payer}})), boxed(v.T("web.allocations"), table(v.Page, small(v.cols("-number", "#-amount", "-date"), rows, v.T("web.nothing"))))))
	return stack(parts...), nil
}

// invoicePage shows an invoice with what paid it, and takes or ends a dispute.
func invoicePage(v *visit) (templ.Component, error) {
	d, err := read(v, receivable.ViewInvoice, receivable.ByIDInput{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	i := d.Invoice
	c, err := v.head(i.CustomerID, v.T("web.invoice_n", map[string]any{"number": i.Number}))
	if err != nil {
		return nil, err
	}
	v.OverHref += "/receivables"
	days := i.DaysOverdue(v.today())
	switch {
	case !i.Open.Positive():
		v.Badges = []Cell{{Text: v.T("web.settled"), Tone: Good}}
	case days > 0:
		v.Badges = []Cell{{Text: v.T("web.late_days", map[string]any{"n": days}), Tone: Bad}}
	default:
		v.Badges = []Cell{{Text: v.T("web.not_due"), Tone: Info}}
	}
	about := []Fact{{Label: v.L("customer"), Value: c.Name, Href: "/customers/" + c.ID}, {Label: v.L("amount"), Value: amount(i.Amount)}, {Label: v.L("open"), Value: amount(i.Open), Tone: when(days > 0, Bad)},
		{Label: v.L("issued_on"), Value: string(i.IssuedOn)}, {Label: v.L("due_on"), Value: string(i.DueOn)}, {Label: v.L("settled_on"), Value: string(i.SettledOn)}}
	if d.OrderNumber != "" {
		about = append(about, Fact{Label: v.L("order"), Value: d.OrderNumber, Href: "/orders/" + i.OrderID})
	}
	if i.Disputed {
		v.Badges = append(v.Badges, Cell{Text: v.T("web.disputed"), Tone: Warn})
		effect := v.T("web.dispute_suspends", map[string]any{"until": string(i.Dispute.Since.AddDays(receivable.DisputeDays))})
		if !i.Suspended(v.today()) {
			effect = v.T("web.dispute_old", map[string]any{"days": receivable.DisputeDays})
		}
		about = append(about, Fact{Label: v.T("web.disputed_label"), Value: dotJoined(v.T("web.disputed_since", map[string]any{"date": string(i.Dispute.Since)}), i.Dispute.Reason, i.Dispute.By), Wide: true}, Fact{Label: v.L("effect"), Value: effect, Wide: true})
	}
	var rows [][]Cell
	for _, s := range d.Paid {
		rows = append(rows, []Cell{{Text: s.PaymentNumber, Href: "/payments/" + s.PaymentID}, {Text: amount(s.Amount), Num: true}, {Text: string(s.AllocatedOn)}})
	}
	parts := []templ.Component{columns(padded("", facts(about)), boxed(v.T("web.paid_by"), table(v.Page, small(v.cols("-number", "#-amount", "-date"), rows, v.T("web.nothing_paid")))))}
	if i.Open.Positive() && v.can(receivable.Dispute.Name()) {
		submit := v.T("web.note_dispute")
		if i.Disputed {
			submit = v.T("web.end_dispute")
		}
		f, err := v.form(formOf{op: receivable.Dispute, fixed: map[string]any{"invoice_id": i.ID, "version": i.Version, "disputed": !i.Disputed}, submit: submit,
			fields: []Field{{Name: "reason", Kind: "long", Required: true, Wide: true, Help: v.T("web.dispute_help", map[string]any{"days": receivable.DisputeDays})}}, done: func(any) (string, string) { return "/invoices/" + i.ID, "saved" }})
		if err != nil || f == nil {
			return nil, err
		}
		parts = append(parts, f)
	}
	return stack(parts...), nil
}

// importReceivables reads a file of invoices and payments, says what is wrong by line, and books all or nothing.
func importReceivables(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.import_receivables"), v.T("menu.receivables"), "/receivables"
	f := Form{Action: v.path, Key: newKey(), Submit: v.T("web.preview"), Cancel: "/receivables", Fields: []Field{
		{Name: "file", Label: v.L("file"), Kind: "file", Accept: ".xlsx,.xlsm,.csv", Required: true, Help: v.T("web.receivables_file_help"), Wide: true}}}
	if v.r.Method != http.MethodPost {
		return boxed("", form(v.Page, f)), nil
	}
	var rows []receivable.Row
	var err error
	if kept := v.r.PostFormValue("rows"); kept != "" {
		err = jsonInto(kept, &rows)
	} else {
		var name string
		var raw []byte
		if name, raw, err = v.upload("file"); err == nil {
			rows, err = receivable.ReadFile(name, raw)
		}
	}
	if err == nil && v.r.PostFormValue("rows") != "" {
		var done receivable.Imported
		if done, err = act(v, receivable.Import, receivable.ImportInput{Rows: rows}); err == nil {
			return v.to("/receivables", fmt.Sprintf("imported&invoices=%d&payments=%d", done.Invoices, done.Payments))
		}
	} else if err == nil {
		call := v.call()
		call.DryRun, call.Key = true, ""
		_, err = receivable.Import.Call(v.r.Context(), v.app.Runner, call, mustJSON(receivable.ImportInput{Rows: rows}))
	}
	if err != nil {
		if fault.KindOf(err) == fault.KindInternal {
			return nil, err
		}
		f.tell(v.Page, err, nil)
		v.code = http.StatusUnprocessableEntity
		return boxed("", form(v.Page, f)), nil
	}
	text, err := jsonText(rows)
	if err != nil {
		return nil, err
	}
	var cells [][]Cell
	for _, r := range rows[:min(200, len(rows))] {
		cells = append(cells, []Cell{{Text: strconv.Itoa(r.Line), Num: true}, {Text: v.E("row_kind", r.Kind)}, {Text: r.Customer}, {Text: r.Number}, {Text: r.Amount, Num: true}, {Text: string(r.Date)}, {Text: string(r.DueOn)}, {Text: r.Invoice}})
	}
	f = Form{Action: v.path, Key: newKey(), Submit: v.T("web.book_rows", map[string]any{"n": len(rows)}), Cancel: v.path, Hidden: []Choice{{"rows", text}}}
	return stack(notice(v.T("web.rows_right", map[string]any{"n": len(rows)}), Good), boxed("", form(v.Page, f)),
		table(v.Page, small(v.cols("#-line", "-kind", "-customer", "-number", "#-amount", "-date", "-due_on", "-invoice"), cells, ""))), nil
}

func addDocument(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.add_document")); err != nil {
		return nil, err
	}
	f := Form{Action: v.path, Key: newKey(), Submit: v.T("web.save"), Cancel: "/customers/" + id, Fields: []Field{{Name: "file", Label: v.L("file"), Kind: "file", Required: true, Wide: true},
		{Name: "kind", Label: v.L("kind"), Kind: "choice", Required: true, Value: v.r.PostFormValue("kind"), Choices: v.choices("document", customer.DocumentKinds...)}, {Name: "expires", Label: v.L("expires"), Kind: "date", Value: v.r.PostFormValue("expires")}}}
	if v.r.Method != http.MethodPost {
		return boxed("", form(v.Page, f)), nil
	}
	err := v.keepDocument(id)
	if err == nil {
		return v.to("/customers/"+id, "saved")
	}
	if fault.KindOf(err) != fault.KindInvalid {
		return nil, err
	}
	f.tell(v.Page, err, nil)
	v.code = http.StatusUnprocessableEntity
	return boxed("", form(v.Page, f)), nil
}

func (v *visit) keepDocument(id string) error {
	file, header, err := v.r.FormFile("file")
	if err != nil {
		return fault.Invalid("file", "fault.required", nil)
	}
	defer file.Close()
	sum, bytes, err := v.documents().Put(file)
	if err != nil {
		return err
	}
	_, err = act(v, customer.AddDocument, customer.Document{CustomerID: id, Kind: v.r.PostFormValue("kind"), Name: header.Filename, ContentType: "application/octet-stream", Bytes: bytes, SHA256: sum,
		Expires: dateOf(v.r.PostFormValue("expires"))})
	return err
}

func (v *visit) documents() document.Store { return document.Store{Dir: v.app.Data + "/documents"} }

// sendDocument sends a document's content as a download: a browser never runs what somebody uploaded.
func sendDocument(v *visit) (templ.Component, error) {
	d, err := read(v, customer.ViewDocument, customer.ByIDInput{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	raw, err := v.documents().Get(d.SHA256)
	if err != nil {
		return nil, err
	}
	v.w.Header().Set("Content-Type", "application/octet-stream")
	v.w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+pathEscape(d.Name))
	_, err = v.w.Write(raw)
	return nil, err
}
