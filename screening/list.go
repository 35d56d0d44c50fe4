package screening

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/internal/fault"
)

// Entry is a party on a watch list, as the list gives it.
type Entry struct {
	SourceID   string   `json:"source_id"` // unique within its list
	Kind       string   `json:"kind"`      // person, organisation, vessel, aircraft, unknown
	Name       string   `json:"name"`
	Aliases    []string `json:"aliases,omitempty"`
	Programmes string   `json:"programmes,omitempty"`
	Countries  string   `json:"countries,omitempty"` // of nationality or address, in the list's own words, split by ", "
	Born       string   `json:"born,omitempty"`      // dates as the list writes them, split by ", "
	Remarks    string   `json:"remarks,omitempty"`
}

// The kinds of entry.
const (
	kindPerson       = "person"
	kindOrganisation = "organisation"
	kindVessel       = "vessel"
	kindAircraft     = "aircraft"
	kindUnknown      = "unknown"
)

// Source is a list that can be loaded, with the files that it consists of, in order; those in Optional may follow.
type Source struct {
	Key      string   `json:"key"`
	ZH       string   `json:"zh"`
	EN       string   `json:"en"`
	Files    []string `json:"files"`
	Optional []string `json:"optional,omitempty"`
	parse    func(files ...io.Reader) ([]Entry, error)
}

// Sources are the lists that can be loaded.
var Sources = []Source{
	{"ofac_sdn", "美国 OFAC SDN 名单", "OFAC SDN list", []string{"sdn.csv", "alt.csv"}, []string{"add.csv"}, ParseOFAC},
	{"ofac_consolidated", "美国 OFAC 综合名单", "OFAC consolidated list", []string{"cons_prim.csv", "cons_alt.csv"}, []string{"cons_add.csv"}, ParseOFAC},
	{"un", "联合国安理会综合名单", "UN Security Council consolidated list", []string{"consolidated.xml"}, nil, ParseUN},
	{"eu_269", "欧盟 2014/269 名单", "EU 2014/269 list", []string{"eu.csv"}, nil, ParseEU},
	{"china", "中国反制清单", "China's countermeasure list", []string{"cn.csv"}, nil, ParseChina},
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
	if len(files) < len(s.Files) || len(files) > len(s.Files)+len(s.Optional) {
		return nil, fault.Invalid("files", "screening.files", fault.Args{"files": strings.Join(slices.Concat(s.Files, s.Optional), ", ")})
	}
	readers := make([]io.Reader, len(files))
	for j, f := range files {
		readers[j] = bytes.NewReader(f)
	}
	all, err := s.parse(readers...)
	if err != nil {
		return nil, fault.Invalid("files", "screening.unreadable", fault.Args{"detail": err.Error()})
	}
	if len(all) == 0 {
		return nil, fault.Invalid("files", "screening.empty", nil)
	}
	return all, nil
}

var errOneFile = errors.New("this list is one file")

// alternatives are the parts of a cell that holds several values split by semicolons.
func alternatives(text string) []string {
	return joined(strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '；' })...)
}

// joined gives the texts that are not blank, each once, trimmed, in their order.
func joined(texts ...string) []string {
	var all []string
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

func commas(texts ...string) string { return strings.Join(joined(texts...), ", ") }
