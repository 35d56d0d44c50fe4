package screening

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// ParseEU reads an annex of an EU sanctions regulation (such as Annex I of Council Regulation (EU) No 269/2014) as a
// table with a header; cells with several values split them by semicolons. Errors name the line.
func ParseEU(files ...io.Reader) ([]Entry, error) {
	if len(files) != 1 {
		return nil, errOneFile
	}
	return withHeader(files[0], []string{"celex", "annex", "recordId", "schema", "name", "alias"}, func(cell func(string) string) Entry {
		e := Entry{SourceID: cell("celex") + "-" + cell("annex") + "-" + cell("recordId"), Kind: kindOf(cell("schema")), Name: cell("name"), Programmes: cell("programKey"),
			Countries: commas(cell("country"), cell("nationality"), cell("jurisdiction")), Born: commas(alternatives(cell("birthDate"))...), Remarks: cell("reason")}
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
