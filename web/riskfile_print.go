package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/assessment/judgement"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/paper"
)

// paperFile is the whole file as a document, for print and PDF alike.
func (v *visit) paperFile(id string) (paper.Document, error) {
	f, err := read(v, customer.View, customer.ByIDInput{ID: id})
	if err != nil {
		return paper.Document{}, err
	}
	due, err := read(v, customer.ViewDiligence, customer.ByIDInput{ID: id})
	if err != nil {
		return paper.Document{}, err
	}
	risk, err := read(v, assessment.ViewFileRisk, assessment.FileInput{CustomerID: id})
	if err != nil {
		return paper.Document{}, err
	}
	history, err := read(v, customer.History, customer.HistoryInput{CustomerID: id})
	if err != nil {
		return paper.Document{}, err
	}
	c := f.Customer
	doc := paper.Document{Title: c.Name, Subtitle: strings.Join([]string{v.T("web.risk_file"), c.NameEN, c.USCC, v.T("web.printed", map[string]any{"at": v.time(v.app.Runner.Clock()), "who": v.Actor.Name})}, "  ·  "),
		Foot: v.T("web.risk_file") + " · " + c.Name, Page: v.T("web.page_n_of")}
	doc.Sections = append(doc.Sections, v.judgementSection(risk), v.diligenceSection(due))
	for _, section := range customer.Sections {
		doc.Sections = append(doc.Sections, v.profileSection(section, c, history))
	}
	nothing := v.T("web.nothing")
	of := func(title string, t Table, widths ...float64) {
		doc.Sections = append(doc.Sections, paper.Section{Title: title, Table: onPaper(t, widths), Empty: nothing})
	}
	of(v.T("web.owners"), v.ownerTable(f.Shareholders))
	of(v.T("web.contacts"), v.contactTable(id, f.Contacts))
	of(v.T("web.bank_accounts"), v.accountTable(f))
	of(v.T("web.licences"), v.licenceTable(id, f.Licences), 3, 3, 2, 1)
	of(v.T("web.operations"), v.operationsTable(id, f.Operations), 2, 3, 3, 2)
	of(v.T("web.partners.buyer"), v.partnerTable(f.Partners, "buyer"), 5, 1, 3)
	of(v.T("web.partners.supplier"), v.partnerTable(f.Partners, "supplier"), 5, 1, 3)
	of(v.T("web.compliance"), v.complianceTable(id, f.Compliance), 2, 5, 2, 3)
	statements, err := v.keyFigures(id)
	if err != nil {
		return paper.Document{}, err
	}
	of(v.T("tab.statements"), statements)
	of(v.T("web.verifications"), v.verificationTable(f), 3, 1.5, 4, 2, 2)
	of(v.T("web.documents"), v.documentTable(f.Documents), 4, 1, 3)
	return doc, nil
}

// printedPeriods is how many periods of statements stand on paper.
const printedPeriods = 6

func (v *visit) keyFigures(id string) (Table, error) {
	all, err := read(v, customer.ListStatements, customer.StatementsInput{CustomerID: id, Periods: printedPeriods})
	var rows [][]Cell
	for _, f := range all {
		row := []Cell{{Text: string(f.Period)}}
		for _, item := range []string{"total_assets", "total_liabilities", "total_equity", "revenue", "net_profit"} {
			cell := Cell{}
			if a, ok := f.Money(statement.Item(item)); ok {
				cell.Text = amount(a)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	columns := []Column{{Label: v.L("period")}}
	for _, item := range []string{"total_assets", "total_liabilities", "total_equity", "revenue", "net_profit"} {
		if i, known := statement.Find(statement.Item(item)); known {
			columns = append(columns, Column{Label: v.pick(i.ZH, i.EN)})
		}
	}
	return small(columns, rows, ""), err
}

func (v *visit) judgementSection(risk assessment.FileRisk) paper.Section {
	s := paper.Section{Title: v.T("web.judgement"), Empty: v.T("web.not_judged")}
	if risk.Latest == nil {
		return s
	}
	t := paper.Table{Columns: []string{v.L("risk_kind"), v.L("reason"), v.L("points")}, Widths: []float64{2, 7, 1}}
	for _, key := range []string{judgement.Initial, judgement.Compliance, judgement.Operational} {
		j := risk.Latest.Verdicts[key]
		set := "risk_level"
		if key == judgement.Initial {
			set = "initial_risk"
		}
		s.Facts = append(s.Facts, paper.Fact{Label: v.T("web." + key + "_risk"), Value: v.E(set, j.Level) + "  " + v.points(risk, j)})
		for _, r := range j.Reasons {
			t.Rows = append(t.Rows, []string{v.T("web." + key + "_risk"), v.pick(r.ZH, r.EN), "+" + strconv.FormatFloat(r.Points, 'f', -1, 64)})
		}
	}
	s.Facts = append(s.Facts, paper.Fact{Label: v.T("web.combined_risk"), Value: v.E("risk_level", risk.Latest.Combined.Level) + "  " + v.points(risk, risk.Latest.Combined)})
	s.Table = &t
	return s
}

func (v *visit) diligenceSection(due customer.Diligence) paper.Section {
	t := paper.Table{Columns: []string{v.L("item"), v.L("status")}, Widths: []float64{8, 2}}
	for _, l := range due.Score.Lines {
		state := v.T("web.not_there")
		if l.Done {
			state = v.T("web.there")
		}
		t.Rows = append(t.Rows, []string{strings.TrimSpace(v.pick(l.ZH, l.EN) + " " + v.gaps(l)), state})
	}
	return paper.Section{Title: v.T("web.due_diligence"), Table: &t, Facts: []paper.Fact{{Label: v.L("diligence_level"), Value: v.levelSaid(due)}, {Label: v.T("web.completeness"), Value: fmt.Sprintf("%.0f%%", 100*due.Score.Complete)},
		{Label: v.L("reviewed_on"), Value: strings.TrimSpace(string(due.ReviewedOn) + " " + due.ReviewedBy)}, {Label: v.L("review_due"), Value: string(due.ReviewDue)}, {Label: v.L("file_expires"), Value: string(due.ExpiresOn)}}}
}

func (v *visit) profileSection(section string, c customer.Customer, history []customer.FieldValue) paper.Section {
	s := paper.Section{Title: v.T("web.section." + section)}
	for _, name := range customer.FieldNames(section) {
		if name == "owner_id" || name == "team_id" {
			continue
		}
		value := v.shown(name, c.Value(name))
		if i := slices.IndexFunc(history, func(h customer.FieldValue) bool { return h.Field == name && h.Source != "" }); i >= 0 && value != "" {
			value += "（" + strings.TrimSpace(v.E("source", history[i].Source)+" "+string(history[i].AsOf)) + "）"
		}
		s.Facts = append(s.Facts, paper.Fact{Label: v.L(name), Value: value})
	}
	return s
}

func (v *visit) ownerTable(all []customer.Shareholder) Table {
	rows := make([][]Cell, 0, len(all))
	for _, s := range all {
		rows = append(rows, []Cell{{Text: s.Name}, {Text: v.E("owner_kind", s.Kind)}, {Text: fmt.Sprintf("%.2f%%", s.Share)}, {Text: s.Source}, {Text: string(s.AsOf)}})
	}
	return small(v.cols("-name", "-owner_kind", "-share_percent", "-source", "-as_of"), rows, v.T("web.nothing"))
}

func (v *visit) partnerTable(all []customer.Partner, side string) Table {
	var rows [][]Cell
	for _, p := range all {
		if p.Side == side {
			rows = append(rows, []Cell{{Text: p.Name}, {Text: fmt.Sprintf("%.1f%%", p.Share)}, {Text: strings.TrimSpace(v.E("source", p.Source) + " " + string(p.AsOf))}})
		}
	}
	return small(v.cols("-name", "-share_percent", "-source"), rows, "")
}

// onPaper makes a table of a page one of a document: no links, the small text behind the large, no steps to take.
func onPaper(t Table, widths []float64) *paper.Table {
	out := &paper.Table{Widths: widths}
	most := len(t.Columns)
	if len(widths) > 0 {
		most = len(widths)
	} else {
		out.Widths = nil
	}
	for _, c := range t.Columns[:most] {
		out.Columns = append(out.Columns, c.Label)
	}
	for _, row := range t.Rows {
		cells := make([]string, 0, most)
		for _, c := range row[:most] {
			cells = append(cells, strings.TrimSpace(c.Text+"\n"+c.Sub))
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// printFile shows the whole file on one page, made for the browser's print.
func printFile(v *visit) (templ.Component, error) {
	id := v.param("id")
	doc, err := v.paperFile(id)
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = doc.Title, v.T("menu.customers"), "/customers/"+id
	v.Actions = []Action{{Label: "PDF", Href: "/customers/" + id + "/file.pdf", Main: true}}
	all := []templ.Component{text(doc.Subtitle)}
	for _, s := range doc.Sections {
		var parts []templ.Component
		if len(s.Facts) > 0 {
			shown := make([]Fact, 0, len(s.Facts))
			for _, f := range s.Facts {
				shown = append(shown, Fact{Label: f.Label, Value: f.Value})
			}
			parts = append(parts, inBody(facts(shown)))
		}
		if s.Table != nil {
			t := Table{Static: true, Empty: s.Empty}
			for _, c := range s.Table.Columns {
				t.Columns = append(t.Columns, Column{Label: c})
			}
			for _, row := range s.Table.Rows {
				cells := make([]Cell, 0, len(row))
				for _, c := range row {
					head, rest, _ := strings.Cut(c, "\n")
					cells = append(cells, Cell{Text: head, Sub: rest, Wide: true})
				}
				t.Rows = append(t.Rows, cells)
			}
			parts = append(parts, table(v.Page, t))
		}
		all = append(all, boxed(s.Title, stack(parts...)))
	}
	return stack(all...), nil
}

// pdfFile sends the whole file as PDF.
func pdfFile(v *visit) (templ.Component, error) {
	doc, err := v.paperFile(v.param("id"))
	if err != nil {
		return nil, err
	}
	raw, err := paper.PDF(doc)
	if err != nil {
		return nil, err
	}
	v.w.Header().Set("Content-Type", "application/pdf")
	v.w.Header().Set("Content-Disposition", `attachment; filename="risk-file.pdf"; filename*=UTF-8''`+url.PathEscape(doc.Title+"-"+v.T("web.risk_file")+"-"+string(v.today())+".pdf"))
	v.w.WriteHeader(http.StatusOK)
	_, err = v.w.Write(raw)
	return nil, err
}
