package receivable

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/spreadsheet"
)

// fileColumns are the columns of an import file with the headings that people give them.
var fileColumns = []struct {
	key   string
	names []string
	put   func(r *Row, text string)
}{
	{"kind", []string{"kind", "type", "类型", "单据类型"}, func(r *Row, t string) { r.Kind = kinds[strings.ToLower(t)] }},
	{"customer", []string{"customer", "customer_id", "客户", "客户名称", "客户编码"}, func(r *Row, t string) { r.Customer = t }},
	{"number", []string{"number", "no", "单号", "发票号", "编号", "单据号"}, func(r *Row, t string) { r.Number = t }},
	{"amount", []string{"amount", "金额"}, func(r *Row, t string) { r.Amount = t }},
	{"currency", []string{"currency", "币种"}, func(r *Row, t string) { r.Currency = strings.ToUpper(t) }},
	{"date", []string{"date", "日期", "开票日期", "收款日期"}, nil},
	{"due_on", []string{"due_on", "due", "due_date", "到期日"}, nil},
	{"order", []string{"order", "order_number", "订单号", "对应订单"}, func(r *Row, t string) { r.Order = t }},
	{"invoice", []string{"invoice", "invoice_number", "核销发票", "对应发票"}, func(r *Row, t string) { r.Invoice = t }},
	{"disputed", []string{"disputed", "争议"}, func(r *Row, t string) {
		r.Disputed = slices.Contains([]string{"1", "y", "yes", "true", "是"}, strings.ToLower(t))
	}},
}

var kinds = map[string]string{"invoice": "invoice", "发票": "invoice", "payment": "payment", "收款": "payment", "回款": "payment"}

var neededColumns = []string{"kind", "customer", "number", "amount", "date"}

// ReadFile reads a workbook or CSV of invoices and payments. The first row names the columns, in Chinese or English; a
// wrong cell is named, all of them at once.
func ReadFile(name string, raw []byte) ([]Row, error) {
	sheets, err := spreadsheet.Read(name, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	var c fault.Check
	sheet := sheets[0]
	if len(sheet.Rows) == 0 {
		return nil, fault.Invalid("file", "receivable.file_empty", nil)
	}
	at := map[string]int{}
	for i, heading := range sheet.Rows[0] {
		for _, column := range fileColumns {
			if slices.Contains(column.names, strings.ToLower(strings.TrimSpace(heading))) {
				at[column.key] = i
			}
		}
	}
	for _, needed := range neededColumns {
		_, ok := at[needed]
		c.That(ok, "file", "receivable.column_missing", fault.Args{"column": needed})
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	var rows []Row
	for n := 1; n < len(sheet.Rows); n++ {
		if strings.TrimSpace(strings.Join(sheet.Rows[n], "")) == "" {
			continue
		}
		rows = append(rows, readRow(&c, sheet, n, at))
	}
	c.That(len(rows) > 0, "file", "receivable.file_empty", nil)
	return rows, c.Err()
}

func readRow(c *fault.Check, sheet spreadsheet.Sheet, n int, at map[string]int) Row {
	r := Row{Line: n + 1}
	for _, column := range fileColumns {
		i, ok := at[column.key]
		if !ok {
			continue
		}
		text := sheet.At(n, i)
		if column.put != nil {
			column.put(&r, text)
			continue
		}
		if text == "" {
			continue
		}
		day, err := clock.ParseDate(text)
		c.That(err == nil, fmt.Sprintf("%s (%s)", spreadsheet.Cell(n, i), column.key), "fault.not_date", fault.Args{"text": text})
		if column.key == "date" {
			r.Date = day
		} else {
			r.DueOn = day
		}
	}
	number, missing, err := spreadsheet.Number(r.Amount)
	if err != nil {
		c.Join(spreadsheet.Cell(n, at["amount"])+" (amount)", err)
	} else if !missing {
		r.Amount = number.FloatString(6)
		r.Amount = strings.TrimRight(strings.TrimRight(r.Amount, "0"), ".")
	}
	return r
}
