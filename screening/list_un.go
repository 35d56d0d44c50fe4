package screening

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

type unParty struct {
	ID        string    `xml:"REFERENCE_NUMBER"`
	First     string    `xml:"FIRST_NAME"`
	Second    string    `xml:"SECOND_NAME"`
	Third     string    `xml:"THIRD_NAME"`
	Fourth    string    `xml:"FOURTH_NAME"`
	Original  []string  `xml:"NAME_ORIGINAL_SCRIPT"`
	List      string    `xml:"UN_LIST_TYPE"`
	Comments  string    `xml:"COMMENTS1"`
	Nations   []string  `xml:"NATIONALITY>VALUE"`
	Homes     []string  `xml:"INDIVIDUAL_ADDRESS>COUNTRY"`
	Seats     []string  `xml:"ENTITY_ADDRESS>COUNTRY"`
	PersonAKA []string  `xml:"INDIVIDUAL_ALIAS>ALIAS_NAME"`
	EntityAKA []string  `xml:"ENTITY_ALIAS>ALIAS_NAME"`
	Births    []unBirth `xml:"INDIVIDUAL_DATE_OF_BIRTH"`
	Papers    []string  `xml:"INDIVIDUAL_DOCUMENT>NUMBER"`
}

// unBirth is a date, a year, or the span of years in which the birth lies.
type unBirth struct {
	Date string `xml:"DATE"`
	Year string `xml:"YEAR"`
	From string `xml:"FROM_YEAR"`
	To   string `xml:"TO_YEAR"`
}

// ParseUN reads the Security Council's consolidated list as XML (schema sc-sanctions.xsd of the UN): one file. The four
// name parts make the name; the name in its original script and each alternative of an alias are aliases. Errors name
// the line.
func ParseUN(files ...io.Reader) ([]Entry, error) {
	if len(files) != 1 {
		return nil, errOneFile
	}
	var all []Entry
	seen := map[string]bool{}
	kinds := map[string]string{"INDIVIDUAL": kindPerson, "ENTITY": kindOrganisation}
	for dec := xml.NewDecoder(files[0]); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, wrongXML(err)
		}
		start, ok := token.(xml.StartElement)
		kind := kinds[start.Name.Local]
		if !ok || kind == "" {
			continue
		}
		line, _ := dec.InputPos()
		var p unParty
		if err := dec.DecodeElement(&p, &start); err != nil {
			return nil, wrongXML(err)
		}
		e := p.entry(kind)
		if e.SourceID == "" || seen[e.SourceID] {
			return nil, &wrongLine{0, line, whyNumber, e.SourceID}
		}
		if e.Name == "" {
			return nil, &wrongLine{0, line, whyNoName, e.SourceID}
		}
		seen[e.SourceID] = true
		all = append(all, e)
	}
}

func wrongXML(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return &wrongLine{0, syntax.Line, whyFormat, syntax.Msg}
	}
	return err
}

func (p unParty) entry(kind string) Entry {
	e := Entry{SourceID: strings.TrimSpace(p.ID), Kind: kind, Name: strings.Join(strings.Fields(strings.Join([]string{p.First, p.Second, p.Third, p.Fourth}, " ")), " "),
		Programmes: strings.TrimSpace(p.List), Countries: commas(append(append(p.Nations, p.Homes...), p.Seats...)...), IDs: joined(p.Papers...), Remarks: strings.TrimSpace(p.Comments)}
	for _, alias := range append(append(p.PersonAKA, p.EntityAKA...), p.Original...) {
		e.Aliases = joined(append(e.Aliases, alternatives(alias)...)...)
	}
	var births []string
	for _, b := range p.Births {
		span := ""
		if b.From != "" || b.To != "" {
			span = b.From + "–" + b.To
		}
		births = append(births, b.Date, b.Year, span)
	}
	e.Born = commas(births...)
	return e
}
