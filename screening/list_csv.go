package screening

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// eachRow reads a CSV whose rows all have that many columns (0 = as many as the first) and gives the line each starts
// on. A lone 0x1A at the end is the end-of-file mark of old systems. file is the place that errors name.
func eachRow(file int, from io.Reader, comma rune, columns int, do func(line int, row []string) error) error {
	raw, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	raw = bytes.TrimPrefix(bytes.TrimRight(raw, "\x1a\r\n "), []byte("\ufeff"))
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord, r.Comma = columns, comma
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			return &wrongLine{file, parse.Line, whyFormat, parse.Err.Error()}
		}
		if err != nil {
			return err
		}
		line, _ := r.FieldPos(0)
		for i := range row {
			if !utf8.ValidString(row[i]) || strings.ContainsRune(row[i], 0) {
				return &wrongLine{file, line, whyText, fmt.Sprint(i + 1)}
			}
			row[i] = strings.TrimSpace(row[i])
		}
		var w *wrongLine
		if err := do(line, row); errors.As(err, &w) {
			return &wrongLine{file, line, w.why, w.detail}
		} else if err != nil {
			return err
		}
	}
}

// withHeader reads a table whose first row names its columns; those in need must be there.
func withHeader(file io.Reader, need []string, entry func(cell func(column string) string) Entry) ([]Entry, error) {
	var header []string
	var all []Entry
	times := map[string]int{}
	err := eachRow(0, file, ',', 0, func(_ int, row []string) error {
		if header == nil {
			for _, column := range need {
				if !slices.Contains(row, column) {
					return wrong(whyNoColumn, column)
				}
			}
			header = row
			return nil
		}
		e := entry(func(column string) string {
			if i := slices.Index(header, column); i >= 0 {
				return row[i]
			}
			return ""
		})
		if e.Name == "" {
			return wrong(whyNoName, "")
		}
		if times[e.SourceID]++; times[e.SourceID] > 1 {
			e.SourceID = fmt.Sprintf("%s#%d", e.SourceID, times[e.SourceID])
		}
		all = append(all, e)
		return nil
	})
	return all, err
}

// kindOf translates the kinds of tables that follow the FollowTheMoney schemas.
func kindOf(schema string) string {
	switch strings.ToLower(schema) {
	case "person", "individual":
		return kindPerson
	case "organization", "company", "legalentity", "publicbody":
		return kindOrganisation
	case "vessel":
		return kindVessel
	case "airplane", "aircraft":
		return kindAircraft
	}
	return kindUnknown
}
