package screening

import (
	"bytes"
	"errors"
	"fmt"
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
	Born       string   `json:"born,omitempty"`      // or founded; dates as the list writes them, split by ", "
	IDs        []string `json:"ids,omitempty"`       // numbers of registers and documents: USCC, LEI, passport
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

// EntryKinds are the kinds of entry, in the order pages show them.
var EntryKinds = []string{kindOrganisation, kindPerson, kindVessel, kindAircraft, kindUnknown}

// Class says what a hit of a list means.
type Class string

// The classes of lists.
const (
	Sanctions Class = "sanctions" // published by a state or a community of states; a confirmed hit bars
	Black     Class = "black"     // our own; a confirmed hit bars
	Grey      Class = "grey"      // our own; a hit warns
	White     Class = "white"     // our own; its parties are known, their hits on other lists are put aside
)

// Source is a list that can be loaded, with the files that it consists of, in order; those in Optional may follow.
type Source struct {
	Key      string   `json:"key"`
	Class    Class    `json:"class"`
	ZH       string   `json:"zh"`
	EN       string   `json:"en"`
	Files    []string `json:"files"`
	Optional []string `json:"optional,omitempty"`
	parse    func(files ...io.Reader) ([]Entry, error)
}

// Own tells whether the list is the company's own, so that entries can be typed one by one.
func (s Source) Own() bool { return s.Class != Sanctions }

// Sources are the lists that can be loaded.
var Sources = []Source{
	{"ofac_sdn", Sanctions, "美国 OFAC SDN 名单", "OFAC SDN list", []string{"sdn.csv", "alt.csv"}, []string{"add.csv"}, ParseOFAC},
	{"ofac_consolidated", Sanctions, "美国 OFAC 综合名单", "OFAC consolidated list", []string{"cons_prim.csv", "cons_alt.csv"}, []string{"cons_add.csv"}, ParseOFAC},
	{"un", Sanctions, "联合国安理会综合名单", "UN Security Council consolidated list", []string{"consolidated.xml"}, nil, ParseUN},
	{"eu_fsf", Sanctions, "欧盟金融制裁综合名单", "EU consolidated list of financial sanctions", []string{"csvFullSanctionsList_1_1.csv"}, nil, ParseEU},
	{"eu_269", Sanctions, "欧盟 2014/269 名单", "EU 2014/269 list", []string{"eu.csv"}, nil, ParseEU},
	{"china", Sanctions, "中国反制清单", "China's countermeasure list", []string{"cn.csv"}, nil, ParseChina},
	{"own_black", Black, "自有黑名单", "Own black list", []string{"black.xlsx"}, nil, ParseOwn},
	{"own_grey", Grey, "自有灰名单", "Own grey list", []string{"grey.xlsx"}, nil, ParseOwn},
	{"own_white", White, "自有白名单", "Own white list", []string{"white.xlsx"}, nil, ParseOwn},
}

// SourceOf finds a list by its key.
func SourceOf(key string) (Source, bool) {
	i := slices.IndexFunc(Sources, func(s Source) bool { return s.Key == key })
	if i < 0 {
		return Source{}, false
	}
	return Sources[i], true
}

func unknownSource() error {
	keys := make([]string, len(Sources))
	for i, s := range Sources {
		keys[i] = s.Key
	}
	return fault.Invalid("source", "fault.one_of", fault.Args{"allowed": strings.Join(keys, ", ")})
}

func parse(source string, files [][]byte) ([]Entry, error) {
	s, ok := SourceOf(source)
	if !ok {
		return nil, unknownSource()
	}
	names := slices.Concat(s.Files, s.Optional)
	if len(files) < len(s.Files) || len(files) > len(names) {
		return nil, fault.Invalid("files", "screening.files", fault.Args{"files": strings.Join(names, ", ")})
	}
	readers := make([]io.Reader, len(files))
	for j, f := range files {
		readers[j] = bytes.NewReader(f)
	}
	all, err := s.parse(readers...)
	var wrong *wrongLine
	if errors.As(err, &wrong) {
		f := fault.Invalid("files", "screening.line", fault.Args{"file": names[wrong.file], "line": wrong.line, "why": wrong.why, "detail": wrong.detail})
		return nil, f.Because(err)
	}
	if f := fault.As(err); f != nil {
		return nil, fault.Invalid("files", f.Key, f.Args)
	}
	if err != nil {
		return nil, fault.Invalid("files", "screening.unreadable", fault.Args{"detail": err.Error()})
	}
	if len(all) == 0 {
		return nil, fault.Invalid("files", "screening.empty", nil)
	}
	return all, nil
}

// wrongLine says why a file was refused, and where. why is a key of the catalogue.
type wrongLine struct {
	file   int // place of the file in its source's order
	line   int
	why    string
	detail string // what stands there, or what a reader of the format says
}

// Error tells it in one technical line.
func (w *wrongLine) Error() string {
	return strings.TrimSpace(fmt.Sprintf("file %d: line %d: %s %s", w.file+1, w.line, w.why, w.detail))
}

// The reasons for which a line is refused.
const (
	whyNoName   = "screening.why.no_name"
	whyNumber   = "screening.why.number" // empty, or stands twice
	whyNobody   = "screening.why.nobody" // refers to an entry that is not there
	whyText     = "screening.why.text"   // not UTF-8
	whyFormat   = "screening.why.format" // not a row of the format
	whyNoColumn = "screening.why.no_column"
	whyTwice    = "screening.why.twice"
	whyKind     = "screening.why.kind"
)

func wrong(why, detail string) error { return &wrongLine{why: why, detail: detail} }

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
