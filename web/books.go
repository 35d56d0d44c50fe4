package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/customer"
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
		if i.Disputed {
			state = Cell{Text: v.T("web.disputed"), Tone: Info}
		}
		rows = append(rows, []Cell{{Text: i.Number}, {Text: i.CustomerName, Href: "/customers/" + i.CustomerID + "/receivables"}, {Text: amount(i.Amount), Num: true}, {Text: amount(i.Open), Num: true}, {Text: string(i.DueOn)}, late, state})
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
		payments = append(payments, []Cell{{Text: p.Number}, {Text: string(p.ReceivedOn)}, {Text: amount(p.Amount), Num: true}, {Text: shownMoney(p.Unused), Num: true}, {Text: p.Payer}})
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
	return v.form(formOf{op: receivable.IssueInvoice, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/receivables",
		fields: []Field{{Name: "number", Required: true}, {Name: "amount", Kind: "money", Currency: string(c.Currency), Required: true}, {Name: "issued_on", Kind: "date", Value: string(v.today()), Required: true},
			{Name: "due_on", Kind: "date", Help: v.T("web.due_help", map[string]any{"days": c.TermsDays})}, {Name: "disputed", Kind: "flag", Help: v.T("web.disputed")}},
		done: func(any) (string, string) { return "/customers/" + id + "/receivables", "saved" }})
}

func receivePayment(v *visit) (templ.Component, error) {
	id := v.param("id")
	c, err := v.head(id, v.T("web.receive_payment"))
	if err != nil {
		return nil, err
	}
	fields := []Field{{Name: "number", Required: true}, {Name: "amount", Kind: "money", Currency: string(c.Currency), Required: true}, {Name: "received_on", Kind: "date", Value: string(v.today()), Required: true}, {Name: "payer"},
		{Name: "on_account", Kind: "flag", Help: v.T("web.on_account_help")}}
	if v.r.Method != http.MethodPost || strings.TrimSpace(v.r.PostFormValue("allocate.0.number")) != "" {
		fields = append(fields, Field{Name: "allocate.0.number", Label: v.L("pays_invoice"), Help: v.T("web.fifo_help")})
	}
	return v.form(formOf{op: receivable.ReceivePayment, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/receivables", fields: fields,
		done: func(any) (string, string) { return "/customers/" + id + "/receivables", "saved" }})
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
