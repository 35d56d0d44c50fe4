package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/xuri/excelize/v2"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

func errNotFound(thing, id string) error { return fault.NotFound(thing, id) }

func statementsTab(v *visit, f customer.File) (templ.Component, error) {
	id := f.Customer.ID
	all, err := read(v, customer.ListStatements, customer.StatementsInput{CustomerID: id, Periods: 6})
	if err != nil {
		return nil, err
	}
	if v.can("statement.enter") {
		v.Actions = append([]Action{{Label: v.T("web.import_statements"), Href: "/customers/" + id + "/import-statements", Main: true}, {Label: v.T("web.enter_statement"), Href: "/customers/" + id + "/statement"}}, notMain(v.Actions)...)
	}
	if len(all) == 0 {
		return boxed("", inBody(text(v.T("web.no_statements")))), nil
	}
	return stack(padded(v.T("web.trend"), chart("trend", v.trend(all), "low", v.T("web.trend"))), v.statementTable(all)), nil
}

// trend draws revenue, profit and operating cash of the annual statements, oldest first, in the unit of the newest.
func (v *visit) trend(all []customer.Financial) option {
	var names []string
	series, order := map[string][]any{}, []string{}
	for _, item := range []statement.Item{"revenue", "net_profit", "net_cash_operating"} {
		l, _ := statement.Find(item)
		order = append(order, v.pick(l.ZH, l.EN))
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Kind != statement.Annual {
			continue
		}
		names = append(names, string(all[i].Period))
		for n, item := range []statement.Item{"revenue", "net_profit", "net_cash_operating"} {
			var point any // a missing figure is a gap, not zero
			if f, ok := all[i].Get(item); ok {
				point = f
			}
			series[order[n]] = append(series[order[n]], point)
		}
	}
	return lineChart(names, series, order)
}

// notMain keeps actions as minor ones, without the import that a page offers itself.
func notMain(all []Action) []Action {
	var minor []Action
	for _, a := range all {
		if a.Main = false; !strings.HasSuffix(a.Href, "/import-statements") {
			minor = append(minor, a)
		}
	}
	return minor
}

// statementTable shows periods side by side, newest first, without lines that no period has.
func (v *visit) statementTable(all []customer.Financial) templ.Component {
	columns := []Column{{Label: v.T("web.statement_item")}}
	for _, f := range all {
		label := string(f.Period)
		if f.Version > 1 {
			label += fmt.Sprintf(" v%d", f.Version)
		}
		columns = append(columns, Column{Label: label, Num: true})
	}
	unit := all[0].Unit
	parts := []templ.Component{}
	head := [][]Cell{{{Text: v.T("web.period_kind")}}, {{Text: v.T("web.audited")}}, {{Text: v.T("web.source")}}, {{Text: v.T("web.identities")}}}
	for _, f := range all {
		head[0] = append(head[0], Cell{Text: v.E("period", string(f.Kind)), Num: true})
		head[1] = append(head[1], Cell{Text: v.yes(f.Audited), Num: true})
		head[2] = append(head[2], Cell{Text: short(f.Source, 18), Href: "/statements/" + f.ID, Num: true})
		state := Cell{Text: v.T("web.holds"), Tone: Good, Num: true}
		if len(f.Breaks) > 0 {
			state = Cell{Text: v.T("web.breaks_n", map[string]any{"n": len(f.Breaks)}), Tone: when(f.HardBreaks() > 0, Bad), Href: "/statements/" + f.ID, Num: true}
			if state.Tone == Plain {
				state.Tone = Warn
			}
		}
		head[3] = append(head[3], state)
	}
	parts = append(parts, table(v.Page, small(columns, head, "")))
	for _, part := range []statement.Part{statement.Balance, statement.Income, statement.CashFlow} {
		var rows [][]Cell
		for _, l := range statement.Lines() {
			if l.Part != part {
				continue
			}
			row, any := []Cell{{Text: v.pick(l.ZH, l.EN)}}, false
			for _, f := range all {
				figure := Cell{Num: true}
				if m, ok := f.Money(l.Item); ok {
					figure.Text, any = inUnit(m, unit), true
				}
				row = append(row, figure)
			}
			if any {
				rows = append(rows, row)
			}
		}
		parts = append(parts, boxed(v.T("web.part."+string(part))+" · "+v.T("web.in_unit", map[string]any{"unit": v.unit(unit), "currency": string(all[0].Currency)}),
			table(v.Page, small(columns, rows, v.T("web.nothing")))))
	}
	return stack(parts...)
}

func (v *visit) unit(u int64) string { return v.E("unit", strconv.FormatInt(u, 10)) }

// inUnit shows an amount in the unit that the statement states.
func inUnit(m money.Amount, unit int64) string {
	if unit <= 1 {
		return m.Grouped()
	}
	whole := money.Of(m.Minor/unit, m.Currency)
	return strings.TrimSuffix(whole.Grouped(), ".00")
}

func short(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

func (v *visit) yes(b bool) string {
	if b {
		return v.T("web.yes")
	}
	return v.T("web.no")
}

func (v *visit) breakTable(breaks []statement.Break) templ.Component {
	var rows [][]Cell
	for _, b := range breaks {
		rows = append(rows, []Cell{{Text: v.T("statement.identity." + b.Key), Wide: true}, {Text: b.Left.Grouped(), Num: true}, {Text: b.Right.Grouped(), Num: true},
			{Text: b.Difference.Grouped(), Tone: when(b.Hard, Bad), Num: true}})
	}
	return table(v.Page, small(v.cols("-identity", "#-left", "#-right", "#-difference"), rows, v.T("web.all_hold")))
}

func statementPage(v *visit) (templ.Component, error) {
	f, err := read(v, customer.ViewStatement, customer.ByIDInput{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	if _, err := v.head(f.CustomerID, v.T("web.statement_of", map[string]any{"period": string(f.Period)})); err != nil {
		return nil, err
	}
	v.OverHref += "/statements"
	return stack(padded("", facts([]Fact{{Label: v.L("source"), Value: f.Source}, {Label: v.T("web.version"), Value: strconv.FormatInt(f.Version, 10)}, {Label: v.L("entered_by"), Value: f.EnteredBy},
		{Label: v.L("entered_at"), Value: v.time(f.EnteredAt)}, {Label: v.L("reason"), Value: f.Reason}})),
		boxed(v.T("web.identities"), v.breakTable(f.Breaks)), v.statementTable([]customer.Financial{f})), nil
}

func statementTemplate(v *visit) (templ.Component, error) {
	year := v.today().Time().Year()
	book := excelize.NewFile()
	for r, row := range statement.Template(string(v.Lang), []clock.Date{clock.Date(fmt.Sprintf("%d-12-31", year-1)), clock.Date(fmt.Sprintf("%d-12-31", year-2))}) {
		for c, cell := range row {
			name, err := excelize.CoordinatesToCellName(c+1, r+1)
			if err != nil {
				return nil, err
			}
			if err := book.SetCellStr("Sheet1", name, cell); err != nil {
				return nil, err
			}
		}
	}
	if err := book.SetColWidth("Sheet1", "A", "A", 44); err != nil {
		return nil, err
	}
	v.w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	v.w.Header().Set("Content-Disposition", `attachment; filename="statement-template.xlsx"`)
	return nil, book.Write(v.w)
}

// importStatements reads a file, shows what it would bring, and keeps it when that is confirmed.
func importStatements(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.import_statements")); err != nil {
		return nil, err
	}
	f := Form{Action: v.path, Submit: v.T("web.preview"), Cancel: "/customers/" + id + "/statements", Fields: []Field{
		{Name: "file", Label: v.L("file"), Kind: "file", Accept: ".xlsx,.xlsm,.csv", Required: true, Help: v.T("web.statement_file_help"), Wide: true}}}
	intro := inBody(linkTo("/customers/"+id+"/statement-template.xlsx", v.T("web.download_template")))
	if v.r.Method != http.MethodPost {
		return stack(boxed("", stack(intro, form(v.Page, f)))), nil
	}
	if v.r.PostFormValue("statements") != "" {
		return v.keepStatements(id)
	}
	name, raw, err := v.upload("file")
	var preview customer.Preview
	if err == nil {
		preview, err = read(v, customer.PreviewStatements, customer.StatementFile{Name: name, Content: raw})
	}
	if err != nil {
		f.tell(v.Page, err, nil)
		v.code = http.StatusUnprocessableEntity
		return stack(boxed("", stack(intro, form(v.Page, f)))), nil
	}
	return v.previewStatements(name, preview)
}

func (v *visit) previewStatements(name string, preview customer.Preview) (templ.Component, error) {
	raw, err := jsonText(preview.Statements)
	if err != nil {
		return nil, err
	}
	hard := false
	parts := []templ.Component{notice(v.T("web.preview_note", map[string]any{"file": name, "n": len(preview.Statements)}), Info)}
	var shown []customer.Financial
	for i, s := range preview.Statements {
		if len(preview.Breaks[i]) > 0 {
			parts = append(parts, boxed(string(s.Period)+" · "+v.T("web.identities"), v.breakTable(preview.Breaks[i])))
		}
		f := customer.Financial{Statement: s, Kind: s.Kind(), Breaks: preview.Breaks[i], Source: name, Version: 1}
		hard = hard || f.HardBreaks() > 0
		shown = append(shown, f)
	}
	f := Form{Action: v.path, Key: newKey(), Submit: v.T("web.keep_statements"), Cancel: v.path, Hidden: []Choice{{"statements", raw}, {"source", name}}, Fields: []Field{
		{Name: "audited", Kind: "flag", Label: v.L("audited"), Help: v.T("web.audited_help")}}}
	if hard {
		f.Fields = append(f.Fields, Field{Name: "reason", Label: v.T("web.accept_breaks"), Required: true, Wide: true, Help: v.T("web.accept_breaks_help")})
	}
	return stack(append(parts, boxed("", form(v.Page, f)), v.statementTable(shown))...), nil
}

func (v *visit) keepStatements(id string) (templ.Component, error) {
	in := customer.NewStatements{CustomerID: id, Source: v.r.PostFormValue("source"), Reason: strings.TrimSpace(v.r.PostFormValue("reason"))}
	in.AcceptBreaks = in.Reason != ""
	if err := operation.Decode([]byte(v.r.PostFormValue("statements")), &in.Statements); err != nil {
		return nil, err
	}
	for i := range in.Statements {
		in.Statements[i].Audited = v.r.PostFormValue("audited") == "true"
	}
	if _, err := act(v, customer.EnterStatements, in); err != nil {
		return nil, err
	}
	return v.to("/customers/"+id+"/statements", "saved")
}

// enterStatement is the entry form of one period; figures are read in the chosen unit.
func enterStatement(v *visit) (templ.Component, error) {
	id := v.param("id")
	c, err := v.head(id, v.T("web.enter_statement"))
	if err != nil {
		return nil, err
	}
	fields := []Field{{Name: "period", Kind: "date", Required: true}, {Name: "unit", Kind: "choice", Value: "10000", Required: true, Choices: v.choices("unit", "1", "1000", "10000", "1000000")},
		{Name: "currency", Value: string(c.Currency)}, {Name: "source", Required: true, Value: v.T("web.typed_in")}, {Name: "audited", Kind: "flag", Help: v.T("web.audited_help")},
		{Name: "reason", Label: v.T("web.accept_breaks"), Help: v.T("web.accept_breaks_help")}}
	part := statement.Part("")
	for _, line := range statement.EntryForm() {
		l, _ := statement.Find(line.Item)
		if l.Part != part {
			part = l.Part
			fields = append(fields, Field{Kind: "heading", Label: v.T("web.part." + string(part))})
		}
		x := Field{Name: "values." + string(l.Item), Label: v.pick(l.ZH, l.EN), Kind: "figure"}
		for _, t := range line.Sum {
			sign := ""
			if t.Minus {
				sign = "-"
			}
			if !t.Optional {
				sign = "!" + sign
			}
			x.Sum += sign + "values." + string(t.Item) + " "
		}
		if x.Sum != "" {
			x.Help = v.T("web.sum_help")
		}
		fields = append(fields, x)
	}
	f := Form{Action: v.path, Key: newKey(), Fields: fields, Submit: v.T("web.save"), Cancel: "/customers/" + id + "/statements"}
	for i := range f.Fields {
		if f.Fields[i].Label == "" {
			f.Fields[i].Label = v.L(f.Fields[i].Name)
		}
	}
	if v.r.Method != http.MethodPost {
		return boxed("", form(v.Page, f)), nil
	}
	err = v.enter(id, f.Fields)
	if err == nil {
		return v.to("/customers/"+id+"/statements", "saved")
	}
	if fault.KindOf(err) != fault.KindInvalid {
		return nil, err
	}
	f.tell(v.Page, trimmed(err, "statements[0]."), nil)
	v.code = http.StatusUnprocessableEntity
	return boxed("", form(v.Page, f)), nil
}

func (v *visit) enter(id string, fields []Field) error {
	var c fault.Check
	in := customer.NewStatements{CustomerID: id}
	s := statement.Statement{Consolidated: true, Values: statement.Values{}}
	for i := range fields {
		x := &fields[i]
		x.Value = strings.TrimSpace(v.r.PostFormValue(x.Name))
		switch x.Name {
		case "period":
			s.Period = clock.Date(x.Value)
		case "unit":
			s.Unit, _ = strconv.ParseInt(x.Value, 10, 64)
		case "currency":
			s.Currency = money.Currency(strings.ToUpper(x.Value))
		case "source":
			in.Source = x.Value
		case "reason":
			in.Reason, in.AcceptBreaks = x.Value, x.Value != ""
		case "audited":
			s.Audited = x.Value == "true"
		}
	}
	for _, x := range fields {
		item, ok := strings.CutPrefix(x.Name, "values.")
		if !ok {
			continue
		}
		figure, missing, err := statement.Figure(x.Value, s.Unit, s.Currency)
		c.Join("statements[0]."+x.Name, err)
		if err == nil && !missing {
			s.Values[statement.Item(item)] = figure
		}
	}
	statement.FillTotals(s.Values)
	in.Statements = []statement.Statement{s}
	if c.Err() != nil {
		c.Join("", in.Validate())
		return c.Err()
	}
	_, err := act(v, customer.EnterStatements, in)
	return err
}

// trimmed takes a prefix off the paths of a fault.
func trimmed(err error, prefix string) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	for i := range f.Fields {
		f.Fields[i].Path = strings.TrimPrefix(f.Fields[i].Path, prefix)
	}
	return f
}
