package provider

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/theory/jsonpath"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

func TestConversions(t *testing.T) {
	path := Path{jsonpath.MustParse("$.v")}
	for _, c := range []struct {
		json string
		part Part
		want string // empty = refused
	}{
		{`"1000万元人民币"`, Part{As: "amount"}, "CNY 10000000.00"},
		{`"1,000.5万元"`, Part{As: "amount"}, "CNY 10005000.00"},
		{`"500万美元"`, Part{As: "amount"}, "USD 5000000.00"},
		{`"10000万日元"`, Part{As: "amount"}, "JPY 100000000"},
		{`"2.5亿"`, Part{As: "amount"}, "CNY 250000000.00"},
		{`"100万元（人民币）"`, Part{As: "amount"}, "CNY 1000000.00"},
		{`0.1`, Part{As: "amount", Unit: "万元"}, "CNY 1000.00"},
		{`12345678901234.56`, Part{As: "amount"}, "CNY 12345678901234.56"}, // a float64 would lose the 分
		{`"88元"`, Part{As: "amount", Unit: "万元"}, "CNY 88.00"},             // the text's own unit wins
		{`"100"`, Part{As: "amount", Currency: "HKD"}, "HKD 100.00"},
		{`"-5"`, Part{As: "amount"}, ""},
		{`"约100万"`, Part{As: "amount"}, ""},
		{`"99999999999999999亿"`, Part{As: "amount"}, ""},
		{`"2026-06-30"`, Part{As: "date"}, "2026-06-30"},
		{`"2026年6月3日"`, Part{As: "date"}, "2026-06-03"},
		{`"20260630"`, Part{As: "date"}, "2026-06-30"},
		{`"2026-06-30T10:00:00+08:00"`, Part{As: "date"}, "2026-06-30"},
		{`1780243200`, Part{As: "date", Format: "unix"}, "2026-06-01"},
		{`"30/06/2026"`, Part{As: "date", Format: "02/01/2006"}, "2026-06-30"},
		{`"30/06/2026"`, Part{As: "date"}, ""},
		{`"2026-02-30"`, Part{As: "date"}, ""},
		{`"60.5%"`, Part{As: "percent"}, "60.5"},
		{`"六成"`, Part{As: "percent"}, ""},
		{`"是"`, Part{As: "flag"}, "true"},
		{`false`, Part{As: "flag"}, "false"},
		{`"也许"`, Part{As: "flag"}, ""},
		{`"存续"`, Part{Values: map[string]string{"存续": "in_operation"}}, "in_operation"},
		{`"冬眠"`, Part{Values: map[string]string{"存续": "in_operation"}}, ""},
		{`"冬眠"`, Part{Values: map[string]string{"存续": "in_operation"}, Else: "suspended"}, "suspended"},
		{`["a"]`, Part{}, ""},
	} {
		answer, err := decode([]byte(`{"v":` + c.json + `}`))
		if err != nil {
			t.Fatal(err)
		}
		c.part.At = path
		got, there, err := c.part.read(answer, "")
		if (err != nil) != (c.want == "") || got != c.want || there != (c.want != "") {
			t.Errorf("%s as %s: %q %v %v, want %q", c.json, c.part.As, got, there, err, c.want)
		}
	}
}

// The shipped examples are read, and say that they are invented.
func TestExamples(t *testing.T) {
	for _, e := range Examples() {
		m, err := ReadMapping(e.Text)
		if err != nil {
			t.Errorf("%s: %v", e.Key, err)
			continue
		}
		if len(m.gives()) == 0 || !strings.Contains(m.Name.EN, "xample") || !strings.Contains(e.Text, "EXAMPLE") {
			t.Errorf("%s: %v", e.Key, m.Name)
		}
	}
}

func TestMappingsThatAreRefused(t *testing.T) {
	good := `name: {zh: 测, en: t}
request:
  url: https://x.example.com/a?n={name}
  headers: {X-Key: "{secret:k}"}
response: {fields: [{field: name, at: $.n}]}`
	if _, err := ReadMapping(good); err != nil {
		t.Fatal(err)
	}
	for why, change := range map[string][2]string{
		"a literal secret":              {`"{secret:k}"`, `"abc123"`},
		"an unknown place":              {"{name}", "{env}"},
		"a secret with a path":          {"{secret:k}", "{secret:../x}"},
		"another scheme":                {"https://", "file://"},
		"a user in the address":         {"https://x", "https://u:p@x"},
		"the customer chooses the host": {"x.example.com", "{name}.example.com"},
		"a field of ours":               {"field: name", "field: terms_days"},
		"a field that is none":          {"field: name", "field: nonsense"},
		"a path that is none":           {"$.n", "$.["},
		"an unknown key":                {"request:", "requests:"},
		"a new line in a header":        {`"{secret:k}"`, `"{secret:k}\r\nX: y"`},
		"no answer":                     {"[{field: name, at: $.n}]", "[]"},
		"too long":                      {"url:", "timeout: 10m\n  url:"},
	} {
		_, err := ReadMapping(strings.Replace(good, change[0], change[1], 1))
		if f := fault.As(err); f == nil || f.Fields[0].Path != "mapping" {
			t.Errorf("%s was taken: %v", why, err)
		}
	}
}

func TestCompare(t *testing.T) {
	file := customer.File{Customer: customer.Customer{Profile: customer.Profile{Name: "示例（福建）公司", RegisteredAddress: "福州市 鼓楼区", Capital: money.Yuan(100), LegalRepresentative: "张三"}},
		Shareholders: []customer.Shareholder{{ID: "s1", Name: "李四", Share: 60}, {ID: "s2", Name: "旧股东", Share: 40}},
		Contacts:     []customer.Contact{{Name: "王五", Title: "监事"}},
		Compliance: []customer.Compliance{{ID: "c1", Kind: customer.Enforcement, Title: "合同 （2025）京01执1号 法院", Source: "测", Open: true, Happened: "2025-01-01"},
			{ID: "c2", Kind: customer.Enforcement, Title: "另案 (2025)京01执2号", Source: "测", Open: true}, {ID: "c3", Kind: customer.Enforcement, Title: "人工录入", Source: "法院公告", Open: true}}}
	facts := Facts{Found: true, AsOf: "2026-06-01", Complete: []string{KindShareholder, KindEnforcement},
		Fields: []Fact{{Field: "name", Value: "示例(福建)公司"}, {Field: "registered_address", Value: "福州市鼓楼区"}, {Field: "capital", Value: "CNY 200.00"}, {Field: "legal_representative", Value: "赵六"}},
		Records: []Record{{Kind: KindShareholder, Key: "李四", Name: "李四", Share: 60.001}, {Kind: KindShareholder, Key: "新股东", Name: "新股东", Share: 39}, {Kind: KindOfficer, Key: "王五", Name: "王五", Position: "监事"},
			{Kind: KindEnforcement, Key: "a", Number: "(2025)京01执1号", Open: false}, {Kind: KindNews, Key: "u1", Title: "获奖"}, {Kind: KindNews, Key: "u2", Title: "欠薪", Negative: true}}}
	var got []string
	for _, d := range Compare(file, facts, "测") {
		got = append(got, string(d.Action)+" "+d.Slot+" "+d.TargetID)
	}
	raw, _ := json.Marshal(got)
	// Width, blanks and a rounding of 0.001 % are no difference; 人工录入 came from elsewhere and stays.
	want := `["set field:capital ","set field:legal_representative ","add shareholder:新股东 ","close enforcement:a c1","add news:u2 ","close shareholder:旧股东 s2","close enforcement:c2 c2"]`
	if string(raw) != want {
		t.Errorf("\n got %s\nwant %s", raw, want)
	}
	if d := Compare(file, Facts{}, "测"); len(d) != 0 {
		t.Errorf("a company that was not found differs in nothing: %v", d)
	}
}
