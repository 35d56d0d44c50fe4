package screening

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// ParseEU reads an EU list in either of two forms, told apart by the first line: the Commission's consolidated list (see
// parseFSF), or an annex of one regulation (see parseAnnex). Errors name the line.
func ParseEU(files ...io.Reader) ([]Entry, error) {
	if len(files) != 1 {
		return nil, errOneFile
	}
	file := bufio.NewReaderSize(files[0], 16<<10)
	head, err := file.Peek(16 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if line, _, _ := bytes.Cut(head, []byte("\n")); bytes.Contains(line, []byte("Entity_LogicalId")) {
		return parseFSF(file)
	}
	return parseAnnex(file)
}

// parseAnnex reads an annex of a sanctions regulation (such as Annex I of Council Regulation (EU) No 269/2014) as a table
// with a header; cells with several values split them by semicolons.
func parseAnnex(file io.Reader) ([]Entry, error) {
	return withHeader(file, []string{"celex", "annex", "recordId", "schema", "name", "alias"}, func(cell func(string) string) Entry {
		e := Entry{SourceID: cell("celex") + "-" + cell("annex") + "-" + cell("recordId"), Kind: kindOf(cell("schema")), Name: cell("name"), Programmes: cell("programKey"),
			Countries: commas(cell("country"), cell("nationality"), cell("jurisdiction")), Born: commas(alternatives(cell("birthDate"))...),
			IDs:     joined(slices.Concat(alternatives(cell("registrationNumber")), alternatives(cell("taxNumber")), alternatives(cell("idNumber")), alternatives(cell("innCode")), alternatives(cell("ogrnCode")), alternatives(cell("leiCode")), alternatives(cell("passportNumber")))...),
			Remarks: cell("reason")}
		e.Aliases = spellings(e.Name)
		for _, column := range []string{"alias", "weakAlias", "previousName"} {
			for _, alias := range alternatives(cell(column)) {
				e.Aliases = append(e.Aliases, spellings(alias)...)
			}
		}
		e.Aliases = joined(slices.DeleteFunc(e.Aliases, func(a string) bool { return a == e.Name })...)
		return e
	})
}

var (
	slash      = regexp.MustCompile(`\s+/\s+`)
	inBrackets = regexp.MustCompile(`(?s)^(.*\S)\s*\(([^()]*)\)$`)
)

// spellings are the ways of writing that a name in the annex holds: alternatives around " / ", and the name in its own
// script in brackets, "Artem SHEYNIN (Russian: Артём ШЕЙНИН)". Brackets in Latin letters are part of the name.
func spellings(name string) []string {
	var all []string
	for _, part := range slash.Split(strings.TrimSpace(name), -1) {
		m := inBrackets.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil || !strings.ContainsFunc(m[2], func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) }) {
			all = append(all, part)
			continue
		}
		all = append(all, m[1], m[2][strings.LastIndexByte(m[2], ':')+1:])
	}
	return joined(all...)
}
