package screening

import (
	"io"
	"strings"
)

// ParseChina reads China's countermeasures (反制清单, unreliable entities, export control) as a table with a header, one
// row an announcement about a party; a party announced twice stands twice. Foreign and Chinese name both count. Errors
// name the line.
func ParseChina(files ...io.Reader) ([]Entry, error) {
	if len(files) != 1 {
		return nil, errOneFile
	}
	return withHeader(files[0], []string{"Type", "Name", "Alias", "Chinese name", "List", "Date"}, func(cell func(string) string) Entry {
		e := Entry{SourceID: strings.Join([]string{cell("Name"), cell("Chinese name"), cell("List"), cell("Date")}, "|"), Kind: kindOf(cell("Type")), Name: cell("Name"),
			Programmes: commas(cell("List"), cell("Topics"), cell("Body")), Countries: cell("Country")}
		e.Aliases = joined(append(alternatives(cell("Alias")), alternatives(cell("Chinese name"))...)...)
		if e.Name == "" && len(e.Aliases) > 0 {
			e.Name, e.Aliases = e.Aliases[0], e.Aliases[1:]
		}
		notes := joined(cell("Date"), cell("Summary"), cell("Chinese summary"), cell("Address"))
		if ended := cell("End date"); ended != "" {
			notes = append(notes, "ended "+ended)
		}
		e.Remarks = strings.Join(notes, "; ")
		return e
	})
}
