package browser

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/app/sample"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/web"
)

const listed = `名称,类型,别名,证件号码,国家,出生或成立日期,依据,原因
宏远机电设备有限公司,企业,HONGYUAN M&E EQUIPMENT,91330100799655058B,中国,2007-01-15,(2024)浙01民初123号,虚构贸易背景骗取货款
欧阳震华,个人,OUYANG Zhenhua,,中国,1971-03-09,内部调查,冒用他人名义签约
Northern Star Trading FZE,企业,NST FZE; North Star Trading,,United Arab Emirates,,,转口至受制裁国家
`

// Screening on the pages: a list is uploaded, compared and accepted; entering a customer shows its hits; one is cleared by
// two persons, another confirmed; a typed entry, a lost edition, settings and a wrong file.
func TestScreeningPages(t *testing.T) {
	Find(t)
	a, err := app.OpenServer(t.Context(), app.Options{Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := context.WithoutCancel(t.Context())
	if err := sample.Load(ctx, a.Runner, sample.Make(7, clock.DateOf(a.Runner.Clock().In(a.Runner.Zone)), 5), func(int, int, string) {}); err != nil {
		t.Fatal(err)
	}
	settle := func() {
		t.Helper()
		if err := a.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	settle()
	r := chi.NewRouter()
	web.Mount(r, a)
	server := httptest.NewServer(r)
	defer server.Close()
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}

	b := Open(t, server, "zh")
	as := func(login string) {
		t.Helper()
		b.Go("/sign-in?lang=" + b.lang)
		b.Fill("login", login, "password", sample.Password)
		b.Submit()
	}
	upload := func(path string) {
		t.Helper()
		b.run(chromedp.SetUploadFiles(`main input[name="file0"]`, []string{path}))
		b.Submit()
	}
	as("manager")
	b.Go("/screening/lists/own_black")
	b.Expect(422, func() {
		upload(file("wrong.csv", listed+",企业,,,,,,\n"))
		b.See("第 5 行", "条目没有名称")
	})
	b.Shoot("screening-wrong-file")
	b.Go("/screening/lists/own_black")
	upload(file("black.csv", listed))
	b.See("待确认", "宏远机电设备有限公司", "新增")
	b.Shoot("screening-edition-waits")
	b.Submit()
	b.See("生效", "HONGYUAN")
	settle()
	b.Go("/screening/lists/own_black")
	b.Shoot("screening-list")
	b.Go("/screening/lists/own_grey/entry")
	b.Fill("name", "海川包装材料有限公司", "reason", "2024 年三次逾期")
	b.Shoot("screening-own-entry")
	b.Submit()
	settle()

	b.Go("/customers/new")
	b.Fill("name", "宏远机电设备股份有限公司", "name_en", "Northern Star Tradings FZE", "legal_representative", "欧阳震华", "uscc", "91330100799655058B", "founded", "2007-01-15")
	b.Submit()
	b.See("名称有名单命中", "自有黑名单", "条命中等待处理")
	b.Shoot("screening-tab")
	customer := b.Path()
	b.Go("/customers/new")
	b.Fill("name", "海川包装材料有限公司")
	b.Submit()
	b.See("灰名单提示")

	b.Go("/screening")
	b.See("欧阳震华", "Northern Star")
	b.Shoot("screening-hits")
	b.Press(`main tbody tr:first-child a[href^="/screening/"]`)
	b.See("逐项对照", "为什么相似", "91330100799655058B", "排除须由另一人复核")
	b.Shoot("screening-case")
	b.Fill("status", "cleared", "reason", "统一社会信用代码核对有误，系同名企业", "evidence", "国家企业信用信息公示系统 2026-06-01 截图")
	b.Submit()
	b.See("排除待复核", "申请排除")
	cased := b.Path()
	b.Press(`main a[href^="/approvals/"]`)
	b.See("排除名单命中", "宏远机电设备")
	b.signOut()
	as("admin")
	b.Go(cased)
	b.Press(`main a[href^="/approvals/"]`)
	b.Shoot("screening-approval")
	b.Go("/screening/lists/un/settings")
	b.Fill("urls", "https://scsanctions.un.org/resources/xml/en/consolidated.xml", "every_hours", "24")
	b.Shoot("screening-settings")
	b.Submit()
	b.See("立即下载")
	b.signOut()

	as("manager")
	b.Go("/screening/clear?band=high")
	b.Go("/screening/clear")
	b.Shoot("screening-clear-many")
	b.Go("/screening/search?name=" + "northern+star+trading")
	b.See("Northern Star Trading FZE")
	b.Shoot("screening-search")
	b.Go(customer)
	b.Press(`main tbody a[href^="/screening/"]`)
	if b.Path() == cased {
		b.Go(customer)
		b.Press(`main tbody tr:nth-child(2) a[href^="/screening/"]`)
	}
	b.Fill("status", "confirmed", "reason", "身份证号一致")
	b.Submit()
	b.See("已确认")
	b.Go(customer)
	b.See("不得开展业务")

	b.Go("/screening/lists/own_black")
	upload(file("less.csv", "名称,原因\n宏远机电设备有限公司,虚构贸易背景骗取货款\n"))
	b.See("确认减少")
	b.Expect(422, func() {
		b.Submit()
		b.See("减少 2 条")
	})
	b.Shoot("screening-edition-loses")
	b.Go("/screening/lists")
	b.Shoot("screening-lists")
	b.signOut()

	b = Open(t, server, "en")
	as("manager")
	for path, name := range map[string]string{"/screening": "screening-hits", cased: "screening-case", customer: "screening-tab", "/screening/lists": "screening-lists", "/screening/lists/own_black": "screening-list",
		"/screening/lists/own_grey/entry": "screening-own-entry", "/screening/search?name=northern+star+trading": "screening-search", "/screening/clear": "screening-clear-many"} {
		b.Go(path)
		b.Shoot(name)
	}
	b.Go("/screening/lists/own_black")
	b.Press(`main a[href^="/screening/editions/"]`)
	b.Shoot("screening-edition-loses")
	b.signOut()
	as("admin")
	b.Go("/screening/lists/un/settings")
	b.Shoot("screening-settings")
}
