package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/xuri/excelize/v2"

	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
)

func (t Table) sortLink(key string) string {
	sort := key
	if t.Sort == key {
		sort = "-" + key
	}
	return t.Path + "?" + joined(t.Query, "sort="+url.QueryEscape(sort))
}

func (t Table) sortMark(key string) string {
	switch t.Sort {
	case key:
		return " ▲"
	case "-" + key:
		return " ▼"
	}
	return ""
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "&")
}

// filterBy is a filter above a list: the query parameter, the listing column it compares, and how.
type filterBy struct {
	name, column, op string
	choices          []Choice
}

// listOf describes a list page. fetch reads one page of it; a total below 0 is not known.
type listOf struct {
	columns []Column
	filters []filterBy
	fetch   func(q listing.Query) (rows [][]Cell, next string, total int64, err error)
	empty   string
	file    string // name of the export
	sort    string // the default sort, for its mark
}

const (
	pageRows   = 50
	exportRows = 20_000
)

// list shows a list page, or sends it as a workbook when that was asked for.
func (v *visit) list(l listOf) (templ.Component, error) {
	q := listing.Query{Sort: v.query.Get("sort"), After: v.query.Get("after"), Limit: pageRows}
	rest := url.Values{}
	t := Table{Columns: l.columns, Path: v.path, Sort: q.Sort, Empty: v.T("web.nothing")}
	if l.empty != "" {
		t.Empty = l.empty
	}
	for _, f := range l.filters {
		value := strings.TrimSpace(v.query.Get(f.name))
		shown := Filter{Name: f.name, Label: v.L(f.name), Value: value, Choices: f.choices}
		if len(f.choices) > 0 {
			shown.Kind = "choice"
		}
		t.Filters = append(t.Filters, shown)
		if value == "" {
			continue
		}
		rest.Set(f.name, value)
		if f.column != "" {
			q.Filters = append(q.Filters, listing.Filter{Column: f.column, Op: f.op, Value: value})
		}
	}
	t.Query = rest.Encode()
	if v.query.Get("format") == "xlsx" {
		return nil, v.export(l, q)
	}
	rows, next, total, err := l.fetch(q)
	if err != nil {
		return nil, err
	}
	t.Rows = rows
	sort := ""
	if q.Sort != "" {
		sort = "sort=" + url.QueryEscape(q.Sort)
	} else {
		t.Sort = l.sort
	}
	if next != "" {
		t.Next = v.path + "?" + joined(t.Query, sort, "after="+url.QueryEscape(next))
	}
	if q.After != "" {
		t.First = v.path + "?" + joined(t.Query, sort)
	}
	if total >= 0 {
		t.Count = v.T("web.count", map[string]any{"n": total})
	}
	if l.file != "" {
		t.Export = v.path + "?" + joined(t.Query, sort, "format=xlsx")
	}
	return table(v.Page, t), nil
}

// export sends the whole filtered list as a workbook; texts are written as texts, so that none becomes a formula.
func (v *visit) export(l listOf, q listing.Query) error {
	book := excelize.NewFile()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	header := make([]any, len(l.columns))
	for i, c := range l.columns {
		header[i] = c.Label
	}
	if err := sheet.SetRow("A1", header); err != nil {
		return err
	}
	q.Limit, q.After = listing.MostRows, ""
	for n := 2; n < exportRows+2; {
		rows, next, _, err := l.fetch(q)
		if err != nil {
			return err
		}
		for _, row := range rows {
			cells := make([]any, len(row))
			for i, c := range row {
				cells[i] = c.Text
				if figure, err := money.Parse(strings.NewReplacer("¥", "", "−", "-").Replace(c.Text), money.CNY); c.Num && err == nil {
					cells[i] = figure.Float()
				}
			}
			if err := sheet.SetRow(fmt.Sprintf("A%d", n), cells); err != nil {
				return err
			}
			n++
		}
		if q.After = next; next == "" {
			break
		}
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.xlsx"`, l.file, v.today()))
	return book.Write(v.w)
}

// small makes a table that is part of another page.
func small(columns []Column, rows [][]Cell, empty string) Table {
	return Table{Columns: columns, Rows: rows, Empty: empty, Static: true}
}

// cols makes columns of field names; a leading # is for figures, a leading - for columns that cannot be sorted.
func (p *Page) cols(names ...string) []Column {
	all := make([]Column, 0, len(names))
	for _, n := range names {
		c := Column{}
		n, c.Num = strings.CutPrefix(n, "#")
		key, fixed := strings.CutPrefix(n, "-")
		if !fixed {
			c.Key = key
		}
		c.Label = p.L(key)
		all = append(all, c)
	}
	return all
}

func (p *Page) choices(set string, values ...string) []Choice {
	all := make([]Choice, 0, len(values))
	for _, v := range values {
		all = append(all, Choice{v, p.E(set, v)})
	}
	return all
}
