// Package spreadsheet reads tables that people keep in Excel and CSV files, and says in which cell something is wrong.
//
// CSV may be UTF-8 (with or without byte-order mark) or GB18030; XLSX formulas are read by their stored result, merged
// cells by their first cell. Sizes are bounded, so that a small file cannot unpack into a large one.
package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/xinheng/xinheng/internal/fault"
)

// Sheet is a table: Rows[r][c] is the text of a cell, blanks trimmed; rows may differ in length.
type Sheet struct {
	Name string
	Rows [][]string
}

// The bounds of what is read.
const (
	MostBytes    = 32 << 20
	mostUnpacked = 256 << 20
	MostRows     = 200_000
	MostColumns  = 2_000
)

// Cell names a cell as spreadsheets do: row and column counted from 0 give "B7" for (6, 1).
func Cell(row, column int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		return fmt.Sprintf("(%d,%d)", row+1, column+1)
	}
	return name
}

// At is the cell's text, empty beyond the row's end.
func (s Sheet) At(row, column int) string {
	if row < 0 || row >= len(s.Rows) || column < 0 || column >= len(s.Rows[row]) {
		return ""
	}
	return s.Rows[row][column]
}

// Read reads a file by its name's ending: .xlsx, .xlsm, or CSV for any other.
func Read(name string, r io.Reader) ([]Sheet, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(raw) > MostBytes {
		return nil, fault.New(fault.KindTooLarge, "fault.too_large", fault.Args{"most": fmt.Sprintf("%d MiB", MostBytes>>20)})
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".xlsx", ".xlsm":
		return readExcel(raw)
	case ".xls":
		return nil, fault.New(fault.KindMalformed, "spreadsheet.old_excel", nil)
	}
	s, err := ReadCSV(raw)
	if err != nil {
		return nil, err
	}
	s.Name = path.Base(name)
	return []Sheet{s}, nil
}

func readExcel(raw []byte) (sheets []Sheet, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked, RawCellValue: true})
	if err != nil {
		return nil, fault.New(fault.KindMalformed, "spreadsheet.not_excel", nil).Because(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			return nil, fault.New(fault.KindMalformed, "spreadsheet.not_excel", nil).Because(err)
		}
		s, err := bounded(Sheet{Name: name, Rows: rows})
		if err != nil {
			return nil, err
		}
		sheets = append(sheets, s)
	}
	return sheets, nil
}

// ReadCSV reads comma, semicolon or tab separated text in UTF-8 or GB18030.
func ReadCSV(raw []byte) (Sheet, error) {
	text, err := Decode(raw)
	if err != nil {
		return Sheet{}, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes, r.Comma = -1, true, separator(text)
	rows, err := r.ReadAll()
	if err != nil {
		return Sheet{}, fault.New(fault.KindMalformed, "spreadsheet.not_csv", fault.Args{"detail": err.Error()})
	}
	return bounded(Sheet{Rows: rows})
}

// Decode gives the text of a file in UTF-8 (a byte-order mark is dropped) or, when it is not UTF-8, GB18030.
func Decode(raw []byte) (string, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if utf8.Valid(raw) {
		return string(raw), nil
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", fault.New(fault.KindMalformed, "spreadsheet.encoding", nil)
	}
	return string(text), nil
}

func separator(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	best, most := ',', strings.Count(line, ",")
	for _, c := range []rune{'\t', ';'} {
		if n := strings.Count(line, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func bounded(s Sheet) (Sheet, error) {
	if len(s.Rows) > MostRows {
		return Sheet{}, fault.New(fault.KindTooLarge, "spreadsheet.rows", fault.Args{"most": MostRows})
	}
	for i, row := range s.Rows {
		if len(row) > MostColumns {
			return Sheet{}, fault.New(fault.KindTooLarge, "spreadsheet.columns", fault.Args{"row": i + 1, "most": MostColumns})
		}
		for j := range row {
			row[j] = strings.TrimSpace(strings.Trim(row[j], "\u00a0\u3000"))
		}
	}
	return s, nil
}
