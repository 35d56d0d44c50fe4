package screening

import (
	"io"
	"slices"
	"strings"
)

// parseFSF reads the Commission's consolidated list of financial sanctions as CSV, version 1.1: semicolons, a header, and
// a row for each name, address, birth date or document of an entity, each of which repeats the entity's own columns. An
// entity's first whole name is its name, the others are aliases.
func parseFSF(file io.Reader) ([]Entry, error) {
	var header []string
	var all []*Entry
	at := map[string]*Entry{}
	err := eachRow(0, file, ';', 0, func(_ int, row []string) error {
		if header == nil {
			for _, column := range []string{"Entity_LogicalId", "Entity_SubjectType", "NameAlias_WholeName"} {
				if !slices.Contains(row, column) {
					return wrong(whyNoColumn, column)
				}
			}
			header = row
			return nil
		}
		cell := func(column string) string {
			if i := slices.Index(header, column); i >= 0 {
				return row[i]
			}
			return ""
		}
		id := cell("Entity_LogicalId")
		if id == "" {
			return wrong(whyNumber, "")
		}
		e := at[id]
		if e == nil {
			e = &Entry{SourceID: id, Kind: fsfKind(cell("Entity_SubjectType"), cell("Entity_SubjectType_ClassificationCode")), Remarks: cell("Entity_Remark")}
			at[id] = e
			all = append(all, e)
		}
		name := cell("NameAlias_WholeName")
		if name == "" {
			name = strings.Join(joined(cell("NameAlias_FirstName"), cell("NameAlias_MiddleName"), cell("NameAlias_LastName")), " ")
		}
		if e.Name == "" {
			e.Name = name
		} else if name != e.Name {
			e.Aliases = joined(append(e.Aliases, name)...)
		}
		add := func(to *string, values ...string) { *to = commas(append(strings.Split(*to, ", "), values...)...) }
		add(&e.Programmes, cell("Entity_Regulation_Programme"))
		add(&e.Countries, cell("Citizenship_CountryDescription"), cell("Address_CountryDescription"))
		add(&e.Born, firstOf(cell("BirthDate_BirthDate"), cell("BirthDate_Year")))
		e.IDs = joined(append(e.IDs, cell("Identification_Number"))...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]Entry, 0, len(all))
	for _, e := range all {
		if e.Name == "" {
			return nil, &wrongLine{0, 1, whyNoName, e.SourceID}
		}
		out = append(out, *e)
	}
	return out, nil
}

// The subject type is P or person, E or enterprise, by the file's age.
func fsfKind(kinds ...string) string {
	for _, k := range kinds {
		switch strings.ToLower(k) {
		case "p", "person":
			return kindPerson
		case "e", "enterprise":
			return kindOrganisation
		}
	}
	return kindUnknown
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
