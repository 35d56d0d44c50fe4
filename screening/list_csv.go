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
// on. A lone 0x1A at the end is the end-of-file mark of old systems.
func eachRow(file io.Reader, columns int, do func(line int, row []string) error) error {
	raw, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	raw = bytes.TrimPrefix(bytes.TrimRight(raw, "\x1a\r\n "), []byte("\ufeff"))
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = columns
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err // names the line itself
		}
		line, _ := r.FieldPos(0)
		for i := range row {
			if !utf8.ValidString(row[i]) || strings.ContainsRune(row[i], 0) {
				return fmt.Errorf("line %d: column %d is not UTF-8 text", line, i+1)
			}
			row[i] = strings.TrimSpace(row[i])
		}
		if err := do(line, row); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// withHeader reads a table whose first row names its columns; those in need must be there.
func withHeader(file io.Reader, need []string, entry func(cell func(column string) string) Entry) ([]Entry, error) {
	var header []string
	var all []Entry
	times := map[string]int{}
	err := eachRow(file, 0, func(_ int, row []string) error {
		if header == nil {
			for _, column := range need {
				if !slices.Contains(row, column) {
					return fmt.Errorf("there is no column %q", column)
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
			return errNoName
		}
		if times[e.SourceID]++; times[e.SourceID] > 1 {
			e.SourceID = fmt.Sprintf("%s#%d", e.SourceID, times[e.SourceID])
		}
		all = append(all, e)
		return nil
	})
	return all, err
}

var errNoName = errors.New("the entry has no name")

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
