package screening

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/xinheng/xinheng/customer/identifier"
)

// ParseOFAC reads a list of the US Treasury's Office of Foreign Assets Control: the primary file (sdn.csv or
// cons_prim.csv), the aliases, and the addresses when they are given. The files have no header, "-0-" stands for
// nothing; columns as in OFAC's "SDN List data specification" (number, name, type, programme, …, remarks; number, alias
// number, kind, name, remarks; number, address number, address, city, country, remarks). Errors name file and line.
func ParseOFAC(files ...io.Reader) ([]Entry, error) {
	if len(files) < 2 || len(files) > 3 {
		return nil, errors.New("the primary file and the aliases are needed; the addresses may follow")
	}
	var all []Entry
	at := map[string]int{}
	err := eachRow(0, files[0], ',', 12, func(_ int, row []string) error {
		e := Entry{SourceID: row[0], Name: ofacText(row[1]), Kind: ofacKind(ofacText(row[2])), Programmes: ofacText(row[3]), Remarks: ofacText(row[11])}
		if _, twice := at[e.SourceID]; twice || e.SourceID == "" {
			return wrong(whyNumber, e.SourceID)
		}
		if e.Name == "" {
			return wrong(whyNoName, "")
		}
		e.Born, e.IDs = commas(ofacBirths(e.Remarks)...), numbersIn(e.Remarks)
		at[e.SourceID] = len(all)
		all = append(all, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	belonging := func(file, columns int, do func(e *Entry, row []string)) error {
		return eachRow(file, files[file], ',', columns, func(_ int, row []string) error {
			i, ok := at[row[0]]
			if !ok {
				return wrong(whyNobody, row[0])
			}
			do(&all[i], row)
			return nil
		})
	}
	if err := belonging(1, 5, func(e *Entry, row []string) { e.Aliases = joined(append(e.Aliases, ofacText(row[3]))...) }); err != nil {
		return nil, err
	}
	if len(files) == 2 {
		return all, nil
	}
	return all, belonging(2, 6, func(e *Entry, row []string) {
		e.Countries = commas(append(strings.Split(e.Countries, ", "), ofacText(row[4]))...)
	})
}

func ofacText(s string) string {
	if s == "-0-" {
		return ""
	}
	return s
}

func ofacKind(text string) string {
	switch text {
	case "individual":
		return kindPerson
	case "vessel":
		return kindVessel
	case "aircraft":
		return kindAircraft
	case "":
		return kindOrganisation
	}
	return kindUnknown
}

// Remarks hold "DOB 02 Aug 1965; alt. DOB 1966; POB …".
var ofacBirth = regexp.MustCompile(`(?:^|; )(?:alt\. )?DOB ([^;]+)`)

func ofacBirths(remarks string) []string {
	var all []string
	for _, m := range ofacBirth.FindAllStringSubmatch(remarks, -1) {
		all = append(all, strings.TrimRight(m[1], ". "))
	}
	return all
}

// What looks like a unified social credit code (GB 32100) or a legal entity identifier (ISO 17442) in free text.
var numberShaped = regexp.MustCompile(`\b[0-9A-Z]{18}(?:[0-9]{2})?\b`)

// numbersIn finds the register numbers in free text whose check digits are right.
func numbersIn(remarks string) []string {
	var all []string
	for _, text := range numberShaped.FindAllString(remarks, -1) {
		if code, err := identifier.USCC(text); err == nil {
			all = append(all, code)
		} else if code, err := identifier.LEI(text); err == nil {
			all = append(all, code)
		}
	}
	return joined(all...)
}
