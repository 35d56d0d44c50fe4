package paper

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/paper/papertest"
)

func TestPagesHoldTheirTextAndNumber(t *testing.T) {
	papertest.Needs(t, Font)
	doc := Document{Title: "霁州衡远轴承有限公司", Subtitle: "客户风险档案", Foot: "foot of the file", Page: "第 %d 页，共 %d 页", Sections: []Section{
		{Title: "主体身份", Facts: []Fact{{"名称", "霁州衡远轴承有限公司"}, {"地址", strings.Repeat("江苏省霁州市高新区样本路", 12)}, {"空", ""}}},
		{Title: "法律事项", Empty: "无记录"}}}
	table := Table{Columns: []string{"序号", "说明"}, Widths: []float64{1, 6}}
	for i := range 120 {
		table.Rows = append(table.Rows, []string{fmt.Sprintf("R%03d", i), "买卖合同纠纷\n样本法院"})
	}
	doc.Sections = append(doc.Sections, Section{Title: "明细", Table: &table})
	raw, err := PDF(doc)
	if err != nil {
		t.Fatal(err)
	}
	pages := papertest.Read(t, raw)
	all := strings.Join(pages, "")
	for _, want := range []string{"霁州衡远轴承有限公司", "客户风险档案", "主体身份", "法律事项", "无记录", "明细", "—"} {
		if !strings.Contains(all, want) {
			t.Errorf("the document does not say %s", want)
		}
	}
	for i := range 120 {
		if n := strings.Count(all, fmt.Sprintf("R%03d", i)); n != 1 {
			t.Errorf("row %d stands %d times", i, n)
		}
	}
	if n := strings.Count(all, "江苏省霁州市高新区样本路"); n < 6 { // the others are broken over lines
		t.Errorf("of the long value %d parts stand whole", n)
	}
	if len(pages) < 4 {
		t.Fatalf("240 lines on %d pages", len(pages))
	}
	for i, page := range pages {
		if want := fmt.Sprintf("第%d页，共%d页", i+1, len(pages)); !strings.Contains(page, want) {
			t.Errorf("page %d does not say %s", i+1, want)
		}
		if i > 0 && !strings.Contains(page, "序号") {
			t.Errorf("page %d does not repeat the heading row", i+1)
		}
	}
}

func TestWithoutFontItSaysSo(t *testing.T) {
	t.Setenv("XINHENG_FONT", "/nowhere/font.ttf")
	_, err := PDF(Document{Title: "x", Page: "%d %d"})
	if e := fault.As(err); e == nil || e.Key != "paper.no_font" || !strings.Contains(e.Error(), "/nowhere/font.ttf") {
		t.Errorf("told %v", err)
	}
}
