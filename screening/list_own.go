package screening

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/internal/spreadsheet"
)

// OwnColumns are the columns of a file of an own list, Chinese and English; the first is required.
var OwnColumns = [][2]string{{"名称", "name"}, {"类型", "kind"}, {"别名", "aliases"}, {"证件号码", "ids"}, {"国家", "countries"}, {"出生或成立日期", "born"}, {"依据", "programmes"}, {"原因", "reason"}}

// ParseOwn reads an own list (黑名单, 灰名单, 白名单) from Excel or CSV: a header in Chinese or English (see OwnColumns), a
// row a party; cells with several values split them by semicolons. A party stands once. Errors name the line.
func ParseOwn(files ...io.Reader) ([]Entry, error) {
	if len(files) != 1 {
		return nil, errOneFile
	}
	raw, err := io.ReadAll(files[0])
	if err != nil {
		return nil, err
	}
	name := "list.csv"
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		name = "list.xlsx"
	}
	sheets, err := spreadsheet.Read(name, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if len(sheets) == 0 || len(sheets[0].Rows) == 0 {
		return nil, nil
	}
	s := sheets[0]
	place := map[string]int{}
	for _, c := range OwnColumns {
		place[c[1]] = slices.IndexFunc(s.Rows[0], func(h string) bool { return strings.EqualFold(h, c[0]) || strings.EqualFold(h, c[1]) })
	}
	if place["name"] < 0 {
		return nil, &wrongLine{0, 1, whyNoColumn, OwnColumns[0][0] + " / " + OwnColumns[0][1]}
	}
	var all []Entry
	seen := map[string]bool{}
	for i, row := range s.Rows[1:] {
		if strings.Join(row, "") == "" {
			continue
		}
		cell := func(column string) string { return s.At(i+1, place[column]) }
		e := Entry{Name: cell("name"), Kind: ownKind(cell("kind")), Aliases: alternatives(cell("aliases")), IDs: alternatives(cell("ids")), Countries: commas(alternatives(cell("countries"))...),
			Born: commas(alternatives(cell("born"))...), Programmes: cell("programmes"), Remarks: cell("reason")}
		e.SourceID = e.Name
		switch {
		case e.Name == "":
			return nil, &wrongLine{0, i + 2, whyNoName, ""}
		case e.Kind == "":
			return nil, &wrongLine{0, i + 2, whyKind, cell("kind")}
		case seen[e.SourceID]:
			return nil, &wrongLine{0, i + 2, whyTwice, e.Name}
		}
		seen[e.SourceID] = true
		all = append(all, e)
	}
	return all, nil
}

// ownKind reads a kind in Chinese or English; nothing is an organisation, as most customers are.
func ownKind(text string) string {
	switch strings.ToLower(text) {
	case "", "企业", "组织", "公司", kindOrganisation, "organization", "company":
		return kindOrganisation
	case "个人", "自然人", kindPerson:
		return kindPerson
	case "船舶", kindVessel:
		return kindVessel
	case "航空器", kindAircraft:
		return kindAircraft
	case "未知", kindUnknown:
		return kindUnknown
	}
	return ""
}
