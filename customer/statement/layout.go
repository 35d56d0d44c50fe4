package statement

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/spreadsheet"
)

// Company is what a file or a set of files brings about one company.
type Company struct {
	Code       string      // as the source names it
	Statements []Statement // newest first
	Err        error       // what could not be read; nothing of a wrong file is used
}

// Layout is a form in which files bring statements. Read visits the companies of a folder (or archive) one by one.
type Layout struct {
	Name string
	Read func(files fs.FS, visit func(Company) error) error
}

// Layouts are the known layouts; a new one is a line here and its file.
var Layouts = []Layout{{Name: "netease", Read: readNetease}, {Name: "template", Read: readTemplates}}

// LayoutByName finds a layout.
func LayoutByName(name string) (Layout, error) {
	i := slices.IndexFunc(Layouts, func(l Layout) bool { return l.Name == name })
	if i < 0 {
		names := make([]string, len(Layouts))
		for j, l := range Layouts {
			names[j] = l.Name
		}
		return Layout{}, fault.Invalid("layout", "fault.one_of", fault.Args{"allowed": strings.Join(names, ", ")})
	}
	return Layouts[i], nil
}

// grid is a table of items by periods being read, with every wrong cell.
type grid struct {
	check  fault.Check
	byDate map[clock.Date]Values
	unit   int64
	scale  int64
}

func (g *grid) put(where string, date clock.Date, item Item, text string) {
	n, missing, err := spreadsheet.Number(text)
	if err != nil {
		g.check.Join(where, err)
		return
	}
	if missing {
		return
	}
	v, err := spreadsheet.Minor(n, g.unit*g.scale)
	if err != nil {
		g.check.Join(where, err)
		return
	}
	if g.byDate[date] == nil {
		g.byDate[date] = Values{}
	}
	if before, twice := g.byDate[date][item]; twice && before != v {
		g.check.Add(where, "statement.item_twice", fault.Args{"item": Label(item)})
		return
	}
	g.byDate[date][item] = v
}

// Label names an item in Chinese and English, for messages.
func Label(i Item) string {
	l, ok := Find(i)
	if !ok {
		return string(i)
	}
	return l.ZH + " / " + l.EN
}

func (g *grid) statements(currency money.Currency) []Statement {
	var all []Statement
	for date, values := range g.byDate {
		all = append(all, Statement{Period: date, Currency: currency, Unit: g.unit, Consolidated: true, Values: values})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Period > all[j].Period })
	return all
}

// readNetease reads the layout of a public site for A-share companies: three CSV files a company (zcfzb_ balance sheet,
// lrb_ income, xjllb_ cash flow) in GB18030, rows = items, columns = report dates newest first with a trailing empty
// column, unit 万元, "--" = missing, labels with a leading space. Per-share rows are no items and are passed over.
func readNetease(files fs.FS, visit func(Company) error) error {
	names, err := fs.Glob(files, "zcfzb_*.csv")
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fault.New(fault.KindInvalid, "statement.no_files", fault.Args{"pattern": "zcfzb_*.csv"})
	}
	for _, name := range names {
		code := strings.TrimSuffix(strings.TrimPrefix(name, "zcfzb_"), ".csv")
		g := &grid{byDate: map[clock.Date]Values{}, unit: 10_000, scale: 100}
		for _, part := range []struct {
			prefix string
			part   Part
		}{{"zcfzb_", Balance}, {"lrb_", Income}, {"xjllb_", CashFlow}} {
			if err := g.netease(files, part.prefix+code+".csv", part.part); err != nil {
				g.check.Join(part.prefix+code+".csv ", err)
			}
		}
		if err := visit(Company{Code: code, Statements: g.statements(money.CNY), Err: g.check.Err()}); err != nil {
			return err
		}
	}
	return nil
}

func (g *grid) netease(files fs.FS, name string, part Part) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	sheet, err := spreadsheet.ReadCSV(raw)
	if err != nil {
		return err
	}
	dates := map[int]clock.Date{}
	for c := 1; len(sheet.Rows) > 0 && c < len(sheet.Rows[0]); c++ {
		if text := sheet.At(0, c); text != "" {
			if dates[c], err = clock.ParseDate(text); err != nil {
				g.check.Add(name+" "+spreadsheet.Cell(0, c), "fault.not_date", fault.Args{"text": text})
				delete(dates, c)
			}
		}
	}
	supplement := false
	for r := 1; r < len(sheet.Rows); r++ {
		label := sheet.At(r, 0)
		if label == "" || strings.Contains(label, "每股收益") {
			continue
		}
		supplement = supplement || part == CashFlow && normal(label) == normal("净利润")
		in := part
		if supplement {
			in = Supplement
		}
		item, ok := ByLabel(in, label)
		if !ok {
			g.check.Add(name+" "+spreadsheet.Cell(r, 0), "statement.item_unknown", fault.Args{"label": label})
			continue
		}
		for c := 1; c < len(sheet.Rows[r]); c++ {
			if date, ok := dates[c]; ok {
				g.put(name+" "+spreadsheet.Cell(r, c), date, item, sheet.Rows[r][c])
			}
		}
	}
	return nil
}

// readTemplates reads each file of a folder as one company's statements in the template layout.
func readTemplates(files fs.FS, visit func(Company) error) error {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		raw, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return err
		}
		statements, err := ReadTemplate(e.Name(), raw)
		code := strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
		if err := visit(Company{Code: code, Statements: statements, Err: err}); err != nil {
			return err
		}
	}
	return nil
}

// ReadTemplate reads a workbook or CSV in the template layout: the first column names items (code, Chinese or English),
// the others are periods headed by their dates (2023-12-31, 20231231, 2023年, 2023年12月31日). Rows above the header may
// say 单位/Unit and 币种/Currency. Headings without figures are passed over; anything else that is not understood is a
// fault that names its cell, all of them at once.
func ReadTemplate(name string, raw []byte) ([]Statement, error) {
	sheets, err := spreadsheet.Read(name, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	currency := money.CNY
	g := &grid{byDate: map[clock.Date]Values{}, unit: 1, scale: 100}
	found := false
	for _, sheet := range sheets {
		header := headerRow(sheet)
		if header < 0 {
			continue
		}
		found = true
		for r := range header {
			if c, ok := g.preamble(sheet, r); ok {
				currency = c
			}
		}
		g.scale = pow10(currency.Scale())
		g.table(sheet, header)
	}
	if !found {
		return nil, fault.Invalid("file", "statement.no_header", nil)
	}
	if err := g.check.Err(); err != nil {
		return nil, err
	}
	return g.statements(currency), nil
}

// headerRow finds the row of periods: most of its cells after the first are dates.
func headerRow(s spreadsheet.Sheet) int {
	for r := range min(len(s.Rows), 20) {
		filled, dates := 0, 0
		for c := 1; c < len(s.Rows[r]); c++ {
			text := s.At(r, c)
			if text == "" {
				continue
			}
			filled++
			if _, err := period(text); err == nil {
				dates++
			}
		}
		if dates > 0 && 2*dates >= filled {
			return r
		}
	}
	return -1
}

func period(text string) (clock.Date, error) {
	if year, ok := strings.CutSuffix(text, "年"); ok && len(year) == 4 {
		return clock.ParseDate(year + "-12-31")
	}
	if len(text) == 4 && strings.HasPrefix(text, "20") {
		return clock.ParseDate(text + "-12-31")
	}
	return clock.ParseDate(strings.TrimSuffix(text, " 00:00:00"))
}

func (g *grid) preamble(s spreadsheet.Sheet, r int) (money.Currency, bool) {
	line := strings.Join(s.Rows[r], " ")
	if strings.Contains(line, "单位") || strings.Contains(strings.ToLower(line), "unit") {
		for _, u := range []struct {
			word string
			unit int64
		}{{"百万", 1_000_000}, {"million", 1_000_000}, {"亿元", 100_000_000}, {"万元", 10_000}, {"千元", 1_000}, {"thousand", 1_000}} {
			if strings.Contains(strings.ToLower(line), u.word) {
				g.unit = u.unit
				break
			}
		}
	}
	if strings.Contains(line, "币种") || strings.Contains(strings.ToLower(line), "currency") {
		for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ' ' || r == ':' || r == '：' }) {
			if c := money.Currency(strings.ToUpper(word)); len(word) == 3 && c.Valid() {
				return c, true
			}
		}
	}
	return "", false
}

func (g *grid) table(s spreadsheet.Sheet, header int) {
	at := func(r, c int) string {
		if s.Name != "" {
			return s.Name + "!" + spreadsheet.Cell(r, c)
		}
		return spreadsheet.Cell(r, c)
	}
	dates := map[int]clock.Date{}
	for c := 1; c < len(s.Rows[header]); c++ {
		if text := s.At(header, c); text != "" {
			d, err := period(text)
			if err != nil {
				g.check.Add(at(header, c), "fault.not_date", fault.Args{"text": text})
				continue
			}
			dates[c] = d
		}
	}
	supplement := false
	for r := header + 1; r < len(s.Rows); r++ {
		label := s.At(r, 0)
		empty := true
		for c := range dates {
			_, missing, err := spreadsheet.Number(s.At(r, c))
			empty = empty && err == nil && missing
		}
		if label == "" && empty {
			continue
		}
		supplement = supplement || strings.Contains(label, "补充资料")
		item, ok := AnyLabel(label)
		if supplement {
			item, ok = ByLabel(Supplement, label)
		}
		if !ok {
			if !empty {
				g.check.Add(at(r, 0), "statement.item_unknown", fault.Args{"label": label})
			}
			continue
		}
		for c, date := range dates {
			g.put(at(r, c), date, item, s.At(r, c))
		}
	}
}

// Template writes an empty form in the template layout: one column for each of the dates.
func Template(lang string, dates []clock.Date) [][]string {
	rows := [][]string{{"单位 Unit", "元"}, {"币种 Currency", "CNY"}}
	header := []string{"项目 Item"}
	for _, d := range dates {
		header = append(header, string(d))
	}
	rows = append(rows, header)
	for _, l := range lines {
		name := l.ZH
		if lang == "en" {
			name = l.EN
		}
		if l.Part == Supplement {
			continue
		}
		rows = append(rows, append([]string{name}, make([]string, len(dates))...))
	}
	return rows
}

// String is for logs: the company and how many periods.
func (c Company) String() string { return fmt.Sprintf("%s: %d statements", c.Code, len(c.Statements)) }
