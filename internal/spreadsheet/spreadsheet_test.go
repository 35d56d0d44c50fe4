package spreadsheet_test

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/xinheng/xinheng/internal/spreadsheet"
)

func TestNumber(t *testing.T) {
	for text, want := range map[string]string{
		"1234.5": "1234.50", "1,234,567.89": "1234567.89", "１２３４．５": "1234.50", "(1,234)": "-1234.00", "（１，２３４．５）": "-1234.50",
		"-3": "-3.00", "−3": "-3.00", "+7": "7.00", "¥ 12": "12.00", "-¥12": "-12.00", "1.5e3": "1500.00", " 8 ": "8.00", "0": "0.00", ".5": "0.50", "5.": "5.00",
	} {
		n, missing, err := spreadsheet.Number(text)
		if err != nil || missing || n.FloatString(2) != want {
			t.Errorf("Number(%q) = %v, missing %v, %v; want %s", text, n, missing, err, want)
		}
	}
	for _, text := range []string{"", "--", "-", "—", "——", "N/A", "无"} {
		if _, missing, err := spreadsheet.Number(text); err != nil || !missing {
			t.Errorf("Number(%q) is not missing: %v", text, err)
		}
	}
	for _, text := range []string{"12a", "1,23", "1.2.3", "一百", "1 2", "(-3)", "--3", "1e9999", "0x10", "#REF!"} {
		if n, missing, err := spreadsheet.Number(text); err == nil {
			t.Errorf("Number(%q) = %v, missing %v; want a fault", text, n, missing)
		}
	}
}

func TestReadEncodings(t *testing.T) {
	const text = "项目,2023-12-31\n货币资金,\"1,000\"\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"utf-8": text, "bom": "\xef\xbb\xbf" + text, "gb18030": gbk, "tab": "项目\t2023-12-31\n货币资金\t1,000\n"} {
		sheets, err := spreadsheet.Read(name+".csv", bytes.NewReader([]byte(raw)))
		if err != nil || len(sheets) != 1 || sheets[0].At(1, 0) != "货币资金" || sheets[0].At(1, 1) != "1,000" {
			t.Errorf("%s: %+v, %v", name, sheets, err)
		}
	}
	if _, err := spreadsheet.Read("x.csv", bytes.NewReader([]byte{0xff, 0xff, 0xff})); err == nil {
		t.Error("rubbish was read as text")
	}
}

// A formula counts by its stored result, a merged cell by its first cell.
func TestReadExcel(t *testing.T) {
	f := excelize.NewFile()
	set := func(cell string, v any) {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	set("A1", "项目")
	set("B1", "2023-12-31")
	set("A2", "货币资金")
	set("B2", 1234.5)
	set("A3", "合计")
	set("B3", 99)
	if err := f.SetCellFormula("Sheet1", "B3", "=B2*2"); err != nil {
		t.Fatal(err)
	}
	if err := f.MergeCell("Sheet1", "A4", "A5"); err != nil {
		t.Fatal(err)
	}
	set("A4", "合并")
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	sheets, err := spreadsheet.Read("x.xlsx", &b)
	if err != nil {
		t.Fatal(err)
	}
	s := sheets[0]
	if s.At(1, 1) != "1234.5" || s.At(3, 0) != "合并" || s.At(4, 0) != "" {
		t.Errorf("%+v", s.Rows)
	}
	if spreadsheet.Cell(6, 1) != "B7" {
		t.Error(spreadsheet.Cell(6, 1))
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1,234.5", "(3)", "--", "１２", "1e5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, missing, err := spreadsheet.Number(text)
		if (err == nil && !missing) != (n != nil) {
			t.Fatalf("Number(%q) = %v, %v, %v", text, n, missing, err)
		}
	})
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		_, _ = spreadsheet.ReadCSV(raw) // must not panic or hang
	})
}
