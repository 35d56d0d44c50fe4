package statement_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

func TestIdentitiesNameTheLinesAndTheDifference(t *testing.T) {
	s := statement.Statement{Period: "2023-12-31", Currency: money.CNY, Unit: 1, Values: statement.Values{
		"total_assets": 1_000_00, "total_liabilities": 600_00, "total_equity": 399_99,
		"total_profit": 80_00, "income_tax": 20_00, "net_profit": 60_00,
		"cash_opening": 10_00, "net_increase_in_cash": -3_00, "cash_closing": 8_00,
	}}
	breaks := statement.Check(s)
	if len(breaks) != 2 {
		t.Fatalf("breaks %v", breaks)
	}
	for i, want := range []struct {
		text string
		hard bool
	}{
		{"assets: total_assets = 1000.00 ≠ 999.99 (0.01)", true},
		{"cash_reconciliation: cash_closing = 8.00 ≠ 7.00 (1.00)", false},
	} {
		if breaks[i].String() != want.text || breaks[i].Hard != want.hard {
			t.Errorf("%s hard=%v, want %s hard=%v", breaks[i], breaks[i].Hard, want.text, want.hard)
		}
	}
}

// Figures rounded to a unit may each be off by half of it: three figures by 1.5, that is 2 whole units.
func TestToleranceIsTheRoundingOfTheUnit(t *testing.T) {
	const wan = 10_000 * 100
	for _, c := range []struct {
		off    int64
		breaks int
	}{{0, 0}, {1, 0}, {2, 0}, {3, 1}, {-2, 0}, {-3, 1}} {
		s := statement.Statement{Currency: money.CNY, Unit: 10_000, Values: statement.Values{
			"total_assets": (500 + c.off) * wan, "total_liabilities": 300 * wan, "total_equity": 200 * wan,
		}}
		if got := len(statement.Check(s)); got != c.breaks {
			t.Errorf("off by %d 万元: %d breaks, want %d", c.off, got, c.breaks)
		}
	}
}

func TestMissingIsNotZero(t *testing.T) {
	s := statement.Statement{Currency: money.CNY, Unit: 1, Values: statement.Values{"total_assets": 5, "total_liabilities": 3}}
	if breaks := statement.Check(s); len(breaks) != 0 {
		t.Errorf("an identity with a missing line says nothing, got %v", breaks)
	}
	if _, ok := s.Get("total_equity"); ok {
		t.Error("a missing item has no figure")
	}
}

// Whatever the figures: a statement whose totals are sums of its parts breaks nothing, and moving one total is found.
func TestIdentitiesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.Int64Range(-1e12, 1e12)
		ca, nca, cl, ncl := part.Draw(t, "ca"), part.Draw(t, "nca"), part.Draw(t, "cl"), part.Draw(t, "ncl")
		v := statement.Values{
			"total_current_assets": ca, "total_noncurrent_assets": nca, "total_assets": ca + nca,
			"total_current_liabilities": cl, "total_noncurrent_liabilities": ncl, "total_liabilities": cl + ncl,
			"total_equity": ca + nca - cl - ncl,
		}
		s := statement.Statement{Currency: money.CNY, Unit: 1, Values: v}
		if breaks := statement.Check(s); len(breaks) != 0 {
			t.Fatalf("%v", breaks)
		}
		v["total_assets"] += rapid.Int64Range(1, 1e9).Draw(t, "off")
		if breaks := statement.Check(s); len(breaks) < 2 {
			t.Fatalf("a wrong total was not found: %v", breaks)
		}
	})
}

func TestTemplateReadsWhatPeopleWrite(t *testing.T) {
	csv := "单位：万元,,\n币种,CNY,\n项目,2023年12月31日,20221231\n流动资产：,,\n货币资金,\"１，２３４.５０\",(20)\n应收账款,--,\n一、营业总收入,\"1,000\",900\n资产总计,3000,2800\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(csv)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{csv, "\ufeff" + csv, gbk} {
		all, err := statement.ReadTemplate("甲公司.csv", []byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || all[0].Period != "2023-12-31" || all[1].Period != "2022-12-31" || all[0].Unit != 10_000 {
			t.Fatalf("%+v", all)
		}
		const wan = 10_000 * 100
		want := []statement.Values{
			{"cash": 1234.5 * wan, "total_revenue": 1000 * wan, "total_assets": 3000 * wan},
			{"cash": -20 * wan, "total_revenue": 900 * wan, "total_assets": 2800 * wan},
		}
		for i := range want {
			if len(all[i].Values) != len(want[i]) {
				t.Errorf("%v, want %v", all[i].Values, want[i])
			}
			for item, v := range want[i] {
				if all[i].Values[item] != v {
					t.Errorf("%s = %d, want %d", item, all[i].Values[item], v)
				}
			}
		}
	}
}

func TestTemplateNamesEveryWrongCell(t *testing.T) {
	csv := "项目,2023-12-31,2023-13-31\n货币资金,12a,1\n火星资产,5,\n资产总计,100,\n总资产,101,\n"
	_, err := statement.ReadTemplate("甲公司.csv", []byte(csv))
	f := fault.As(err)
	if f == nil {
		t.Fatalf("want a fault, got %v", err)
	}
	got := map[string]string{}
	for _, field := range f.Fields {
		got[field.Path] = field.Key
	}
	want := map[string]string{
		"甲公司.csv!C1": "fault.not_date", "甲公司.csv!B2": "fault.not_number", "甲公司.csv!A3": "statement.item_unknown", "甲公司.csv!B5": "statement.item_twice",
	}
	for path, key := range want {
		if got[path] != key {
			t.Errorf("%s: %q, want %q (all: %v)", path, got[path], key, got)
		}
	}
}

func TestTemplateRoundTrip(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		var b strings.Builder
		for _, row := range statement.Template(lang, []clock.Date{"2024-12-31"}) {
			if len(row) == 2 && row[1] == "" {
				row[1] = "7"
			}
			b.WriteString(`"` + strings.Join(row, `","`) + "\"\n")
		}
		all, err := statement.ReadTemplate("t.csv", []byte(b.String()))
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		for _, l := range statement.Lines() {
			if l.Part != statement.Supplement && all[0].Values[l.Item] != 700 {
				t.Errorf("%s: %s was not read back", lang, l.Item)
			}
		}
	}
}

func TestNeteaseNamesFileAndCell(t *testing.T) {
	gb := func(text string) *fstest.MapFile {
		raw, err := simplifiedchinese.GB18030.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return &fstest.MapFile{Data: []byte(raw)}
	}
	files := fstest.MapFS{
		"zcfzb_000001.csv": gb("报告日期,2017-12-31,\n 货币资金(万元),100,\n 月亮(万元),1,\n资产总计(万元),x,\n"),
		"lrb_000001.csv":   gb("报告日期,2017-12-31,\n营业收入(万元),--,\n"),
	}
	layout, err := statement.LayoutByName("netease")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	if err := layout.Read(files, func(c statement.Company) error {
		seen++
		text := ""
		if f := fault.As(c.Err); f != nil {
			for _, field := range f.Fields {
				text += field.Path + ";"
			}
		}
		for _, want := range []string{"zcfzb_000001.csv A3", "zcfzb_000001.csv B4"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q does not name %s", text, want)
			}
		}
		if c.Err == nil || !strings.Contains(c.Err.Error()+text, "xjllb_000001.csv") {
			t.Errorf("the missing file is not named: %v %s", c.Err, text)
		}
		return nil
	}); err != nil || seen != 1 {
		t.Fatalf("%d companies, %v", seen, err)
	}
	if _, err := statement.LayoutByName("sap"); fault.KindOf(err) != fault.KindInvalid {
		t.Errorf("unknown layout: %v", err)
	}
}
