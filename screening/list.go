package screening

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/internal/fault"
)

// Entry is a party on a watch list, as the list gives it.
type Entry struct {
	SourceID   string   `json:"source_id"`
	Kind       string   `json:"kind"` // person, organisation, vessel, aircraft, unknown
	Name       string   `json:"name"`
	Aliases    []string `json:"aliases,omitempty"`
	Programmes string   `json:"programmes,omitempty"`
	Countries  string   `json:"countries,omitempty"`
	Born       string   `json:"born,omitempty"`
	Remarks    string   `json:"remarks,omitempty"`
}

// Source is a list that can be loaded, with the files that it consists of, in order.
type Source struct {
	Key   string   `json:"key"`
	ZH    string   `json:"zh"`
	EN    string   `json:"en"`
	Files []string `json:"files"`
	parse func(files [][]byte) ([]Entry, error)
}

// Sources are the lists that can be loaded.
var Sources = []Source{
	{"ofac_sdn", "美国 OFAC SDN 名单", "OFAC SDN list", []string{"sdn.csv", "alt.csv"}, parseOFAC},
	{"ofac_consolidated", "美国 OFAC 综合名单", "OFAC consolidated list", []string{"cons_prim.csv", "cons_alt.csv"}, parseOFAC},
	{"un", "联合国安理会综合名单", "UN Security Council consolidated list", []string{"consolidated.xml"}, parseUN},
	{"eu_269", "欧盟 2014/269 名单", "EU 2014/269 list", []string{"eu.csv"}, parseEU},
	{"china", "中国反制清单", "China's countermeasure list", []string{"cn.csv"}, parseChina},
}

func parse(source string, files [][]byte) ([]Entry, error) {
	i := slices.IndexFunc(Sources, func(s Source) bool { return s.Key == source })
	if i < 0 {
		keys := make([]string, len(Sources))
		for j, s := range Sources {
			keys[j] = s.Key
		}
		return nil, fault.Invalid("source", "fault.one_of", fault.Args{"allowed": strings.Join(keys, ", ")})
	}
	s := Sources[i]
	if len(files) != len(s.Files) {
		return nil, fault.Invalid("files", "screening.files", fault.Args{"files": strings.Join(s.Files, ", ")})
	}
	all, err := s.parse(files)
	if err != nil {
		return nil, fault.Invalid("files", "screening.unreadable", fault.Args{"detail": err.Error()})
	}
	if len(all) == 0 {
		return nil, fault.Invalid("files", "screening.empty", nil)
	}
	return all, nil
}

// rows reads a CSV; a lone 0x1A at the end is the end-of-file mark of old systems.
func rows(raw []byte) ([][]string, error) {
	raw = bytes.TrimPrefix(bytes.TrimRight(raw, "\x1a\r\n "), []byte("\ufeff"))
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	return r.ReadAll()
}

// parseOFAC reads the primary file and the file of aliases of the US Treasury: no header, "-0-" for nothing. Columns are
// those of its "SDN data specification": number, name, type, programme, …, remarks; aliases: number, …, kind, name.
func parseOFAC(files [][]byte) ([]Entry, error) {
	null := func(s string) string {
		if s = strings.TrimSpace(s); s == "-0-" {
			return ""
		}
		return s
	}
	main, err := rows(files[0])
	if err != nil {
		return nil, err
	}
	all, at := make([]Entry, 0, len(main)), map[string]int{}
	for n, row := range main {
		if len(row) < 12 {
			return nil, fmt.Errorf("%d: %d columns, want 12", n+1, len(row))
		}
		kind := map[string]string{"individual": "person", "vessel": "vessel", "aircraft": "aircraft", "": "organisation"}[null(row[2])]
		if kind == "" {
			kind = "unknown"
		}
		at[row[0]] = len(all)
		all = append(all, Entry{SourceID: row[0], Kind: kind, Name: null(row[1]), Programmes: null(row[3]), Remarks: null(row[11])})
	}
	other, err := rows(files[1])
	if err != nil {
		return nil, err
	}
	for n, row := range other {
		if len(row) < 4 {
			return nil, fmt.Errorf("aliases %d: %d columns, want 5", n+1, len(row))
		}
		if i, ok := at[row[0]]; ok && null(row[3]) != "" {
			all[i].Aliases = append(all[i].Aliases, null(row[3]))
		}
	}
	return all, nil
}

type unParty struct {
	ID         string   `xml:"REFERENCE_NUMBER"`
	First      string   `xml:"FIRST_NAME"`
	Second     string   `xml:"SECOND_NAME"`
	Third      string   `xml:"THIRD_NAME"`
	Fourth     string   `xml:"FOURTH_NAME"`
	Original   string   `xml:"NAME_ORIGINAL_SCRIPT"`
	List       string   `xml:"UN_LIST_TYPE"`
	Comments   string   `xml:"COMMENTS1"`
	Nations    []string `xml:"NATIONALITY>VALUE"`
	PersonAKA  []string `xml:"INDIVIDUAL_ALIAS>ALIAS_NAME"`
	EntityAKA  []string `xml:"ENTITY_ALIAS>ALIAS_NAME"`
	Years      []string `xml:"INDIVIDUAL_DATE_OF_BIRTH>YEAR"`
	BirthDates []string `xml:"INDIVIDUAL_DATE_OF_BIRTH>DATE"`
}

// parseUN reads the consolidated list in the UN's XML (sc-sanctions.xsd).
func parseUN(files [][]byte) ([]Entry, error) {
	var list struct {
		Persons  []unParty `xml:"INDIVIDUALS>INDIVIDUAL"`
		Entities []unParty `xml:"ENTITIES>ENTITY"`
	}
	if err := xml.NewDecoder(bytes.NewReader(files[0])).Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var all []Entry
	add := func(p unParty, kind string) {
		e := Entry{SourceID: p.ID, Kind: kind, Name: strings.Join(strings.Fields(strings.Join([]string{p.First, p.Second, p.Third, p.Fourth}, " ")), " "), Programmes: p.List,
			Countries: strings.Join(p.Nations, ", "), Born: strings.Join(append(p.BirthDates, p.Years...), ", "), Remarks: strings.TrimSpace(p.Comments)}
		for _, a := range append(append(p.PersonAKA, p.EntityAKA...), p.Original) {
			if a = strings.TrimSpace(a); a != "" {
				e.Aliases = append(e.Aliases, a)
			}
		}
		all = append(all, e)
	}
	for _, p := range list.Persons {
		add(p, "person")
	}
	for _, p := range list.Entities {
		add(p, "organisation")
	}
	return all, nil
}

// parseEU reads the annex of Council Regulation (EU) 269/2014 as a table with a header; names are split by semicolons.
func parseEU(files [][]byte) ([]Entry, error) {
	return withHeader(files[0], func(get func(string) string) Entry {
		e := Entry{SourceID: get("celex") + "-" + get("annex") + "-" + get("recordId"), Kind: kindOf(get("schema")), Name: get("name"), Programmes: get("programKey"),
			Countries: get("country") + get("nationality"), Born: get("birthDate"), Remarks: get("reason")}
		for _, column := range []string{"alias", "previousName"} {
			e.Aliases = append(e.Aliases, split(get(column))...)
		}
		return e
	})
}

// parseChina reads the list of China's countermeasures as a table with a header; both the foreign and the Chinese name
// count.
func parseChina(files [][]byte) ([]Entry, error) {
	return withHeader(files[0], func(get func(string) string) Entry {
		e := Entry{SourceID: get("Name") + "|" + get("Chinese name"), Kind: kindOf(get("Type")), Name: get("Name"), Programmes: get("List") + get("Body"), Countries: get("Country"),
			Remarks: strings.TrimSpace(get("Date") + " " + get("Chinese summary"))}
		e.Aliases = append(split(get("Alias")), split(get("Chinese name"))...)
		if e.Name == "" && len(e.Aliases) > 0 {
			e.Name = e.Aliases[0]
		}
		return e
	})
}

func withHeader(raw []byte, entry func(get func(string) string) Entry) ([]Entry, error) {
	table, err := rows(raw)
	if err != nil {
		return nil, err
	}
	if len(table) == 0 {
		return nil, nil
	}
	column := map[string]int{}
	for i, name := range table[0] {
		column[strings.TrimSpace(name)] = i
	}
	var all []Entry
	seen := map[string]int{}
	for _, row := range table[1:] {
		e := entry(func(name string) string {
			if i, ok := column[name]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		})
		if e.Name == "" {
			continue
		}
		if seen[e.SourceID]++; seen[e.SourceID] > 1 {
			e.SourceID = fmt.Sprintf("%s#%d", e.SourceID, seen[e.SourceID])
		}
		all = append(all, e)
	}
	return all, nil
}

func split(text string) []string {
	var all []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == '；' }) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

func kindOf(schema string) string {
	switch strings.ToLower(schema) {
	case "person", "individual":
		return "person"
	case "vessel", "airplane":
		return strings.ToLower(schema)
	case "":
		return "unknown"
	}
	return "organisation"
}
