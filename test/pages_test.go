package test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/app/sample"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/web"
)

// visitor is somebody who is signed in and looks at pages without a browser.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
}

var (
	links    = regexp.MustCompile(`href="(/[^"]*)"`)
	csrf     = regexp.MustCompile(`name="csrf" value="([^"]*)"`)
	forms    = regexp.MustCompile(`(?s)<form class="card-form.*?</form>`)
	formName = regexp.MustCompile(`name="form" value="([^"]*)"`)
	inputs   = regexp.MustCompile(`<input[^>]*type="hidden"[^>]*name="([^"]*)" value="([^"]*)"`)
)

// sampleServer serves a small sample portfolio with the daily round done.
func sampleServer(t *testing.T) (*app.App, *httptest.Server) {
	t.Helper()
	a, err := app.OpenServer(t.Context(), app.Options{Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	today := clock.DateOf(a.Runner.Clock().In(a.Runner.Zone))
	start, err := sample.Begin(t.Context(), a.Runner, sample.Start{Seed: 2026, Today: today, Companies: 40})
	if err != nil {
		t.Fatal(err)
	}
	if err := sample.Load(t.Context(), a.Runner, sample.Make(start.Seed, start.Today, start.Companies), nil); err != nil {
		t.Fatal(err)
	}
	if err := a.DailyRound(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	router := chi.NewRouter()
	web.Mount(router, a)
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	return a, server
}

func signInAs(t *testing.T, server *httptest.Server, login, lang string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, base: server.URL, client: &http.Client{Jar: jar}}
	if code, page := v.post("/sign-in?lang="+lang, url.Values{"login": {login}, "password": {sample.Password}}); code != 200 {
		t.Fatalf("sign in as %s: %d %s", login, code, page)
	}
	return v
}

func (v *visitor) answer(r *http.Response, err error) (int, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r.StatusCode, string(page)
}

func (v *visitor) get(path string) (int, string) {
	v.t.Helper()
	return v.answer(v.client.Get(v.base + path))
}

func (v *visitor) post(path string, form url.Values) (int, string) {
	v.t.Helper()
	return v.answer(v.client.PostForm(v.base+path, form))
}

// submit posts one of a page's forms by its name (empty = the first), with its hidden fields and what is typed.
func (v *visitor) submit(page, path, name string, typed ...string) (int, string) {
	v.t.Helper()
	for _, f := range forms.FindAllString(page, -1) {
		if got := formName.FindStringSubmatch(f); name != "" && (got == nil || !strings.HasPrefix(got[1], name)) {
			continue
		}
		values := url.Values{"csrf": {csrf.FindStringSubmatch(f)[1]}}
		for _, in := range inputs.FindAllStringSubmatch(f, -1) {
			values.Set(in[1], in[2])
		}
		for i := 0; i+1 < len(typed); i += 2 {
			values.Set(typed[i], typed[i+1])
		}
		return v.post(path, values)
	}
	v.t.Fatalf("%s has no form %q:\n%s", path, name, page)
	return 0, ""
}

// one gives the first link on a page that begins with a prefix and goes on.
func (v *visitor) one(path, prefix string) string {
	v.t.Helper()
	_, page := v.get(path)
	for _, l := range links.FindAllStringSubmatch(page, -1) {
		if rest, ok := strings.CutPrefix(l[1], prefix); ok && rest != "" && !strings.ContainsAny(rest, "?") && rest != "new" && rest != "due" {
			return l[1]
		}
	}
	v.t.Fatalf("%s links to nothing below %s", path, prefix)
	return ""
}

func sees(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not show %q:\n%s", text, main(page))
		}
	}
}

func seesNot(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(page, text) {
			t.Errorf("the page shows %q:\n%s", text, main(page))
		}
	}
}

func main(page string) string {
	_, rest, _ := strings.Cut(page, "<main")
	return rest
}

func TestPages(t *testing.T) {
	t.Parallel()
	_, server := sampleServer(t)

	// Whatever a page offers to somebody he may open: no link leads to a refusal.
	t.Run("links", func(t *testing.T) {
		for _, login := range []string{"manager", "analyst", "sales1", "collector", "legal", "committee", "auditor", "integrator", "admin"} {
			v := signInAs(t, server, login, "zh")
			waiting, seen := []string{"/"}, map[string]bool{"/": true}
			kinds := map[string]int{}
			for opened := 0; len(waiting) > 0 && opened < 220; opened++ {
				path := waiting[0]
				waiting = waiting[1:]
				code, page := v.get(path)
				if code != http.StatusOK {
					t.Errorf("%s was offered %s: %d", login, path, code)
				}
				for _, l := range links.FindAllStringSubmatch(main(page), -1) {
					to := strings.ReplaceAll(l[1], "&amp;", "&")
					kind := shape.ReplaceAllString(to, "*")
					if seen[to] || strings.Contains(to, "xlsx") || strings.HasPrefix(to, "/documents/") || kinds[kind] >= 3 {
						continue
					}
					seen[to] = true
					kinds[kind]++
					waiting = append(waiting, to)
				}
			}
		}
	})

	t.Run("small forms keep what was typed", func(t *testing.T) {
		v := signInAs(t, server, "manager", "zh")
		activate := v.one("/customers", "/customers/") + "/incident"
		_, page := v.get(activate)
		if code, answer := v.submit(page, activate, "", "plan_id", "major_default", "reason", ""); code != http.StatusUnprocessableEntity {
			t.Errorf("activated without a reason: %d %s", code, answer)
		}
		v.submit(page, activate, "", "plan_id", "major_default", "reason", "客户失联")
		incident := v.one("/incidents", "/incidents/")
		_, page = v.get(incident)
		seesNot(t, page, "freeze_limit", "incident:", "Default of a customer")
		sees(t, page, "启动时敞口", "冻结额度")
		_, workbench := v.get("/")
		sees(t, workbench, "我的任务", `href="`+incident)
		code, answer := v.submit(page, incident, "note", "text", "  ")
		if code != http.StatusUnprocessableEntity {
			t.Errorf("a blank note: %d", code)
		}
		sees(t, answer, "必填", "指挥日志")
		code, answer = v.submit(page, incident, "close", "reason", "款项已经全部收回")
		if code != http.StatusUnprocessableEntity {
			t.Errorf("closing with open tasks: %d", code)
		}
		sees(t, answer, "任务未完成，不能结束", `value="款项已经全部收回"`)
		if code, answer = v.submit(page, incident, "task:", "note", "已电话核实"); code != http.StatusOK {
			t.Fatalf("doing a task: %d", code)
		}
		sees(t, answer, "已电话核实")
		code, answer = v.submit(page, incident, "task:", "note", "第二个人的说明") // from the page of before
		if code != http.StatusConflict {
			t.Errorf("a task that was done meanwhile: %d", code)
		}
		sees(t, answer, "已被他人处理", "指挥日志")

		// Legal counsel does tasks, and is not offered to close the incident or to save its plan.
		legal := signInAs(t, server, "legal", "zh")
		_, page = legal.get(incident)
		sees(t, page, `name="form" value="task:`)
		seesNot(t, page, `value="close"`)
	})

	t.Run("alerts", func(t *testing.T) {
		v := signInAs(t, server, "manager", "en")
		alert := v.one("/alerts", "/alerts/")
		_, page := v.get(alert)
		code, answer := v.submit(page, alert, "note", "result", "handled", "text", "")
		if code != http.StatusUnprocessableEntity {
			t.Errorf("closing without a reason: %d", code)
		}
		sees(t, answer, "required")
		auditor := signInAs(t, server, "auditor", "en")
		_, page = auditor.get(alert)
		seesNot(t, page, `class="card-form`)
	})

	t.Run("approval", func(t *testing.T) {
		v := signInAs(t, server, "manager", "zh")
		request := v.one("/approvals", "/approvals/")
		_, page := v.get(request)
		sees(t, page, "批准后使用率", "当前使用率", "付款记录", "建议额度", "未结预警", "该客户以往的审批", "<details")
		code, answer := v.submit(page, request, "vote", "verdict", "approve", "amount", "999,999,999", "amount_currency", "CNY", "reason", "同意")
		if code != http.StatusUnprocessableEntity {
			t.Errorf("more than was asked: %d", code)
		}
		sees(t, answer, "不能超过申请金额", "999,999,999", "同意")
		code, answer = v.submit(page, request, "vote", "verdict", "reject", "reason", "")
		if code != http.StatusUnprocessableEntity {
			t.Errorf("rejected without a reason: %d", code)
		}
		sees(t, answer, "必填")
		code, answer = v.submit(page, request, "vote", "version", "99", "verdict", "approve", "reason", "按旧页面")
		if code != http.StatusUnprocessableEntity {
			t.Errorf("a vote on another version: %d", code)
		}
		sees(t, answer, "审批申请刚被他人修改", "按旧页面", `name="version" value="1"`)
		if code, _ = v.submit(page, request, "vote", "verdict", "return", "reason", "请补充担保"); code != http.StatusOK {
			t.Fatalf("returned: %d", code)
		}
		code, answer = v.submit(page, request, "vote", "verdict", "approve")
		if code != http.StatusConflict {
			t.Errorf("a vote on what was returned: %d", code)
		}
		sees(t, answer, "已退回申请人")
	})

	t.Run("choices are told by their labels", func(t *testing.T) {
		v := signInAs(t, server, "manager", "zh")
		id := v.one("/customers", "/customers/")
		_, page := v.get(id + "/compliance")
		_, answer := v.submit(page, id+"/compliance", "", "kind", "unheard", "title", "某案")
		sees(t, answer, "只能是其中之一：诉讼、行政处罚、被执行、失信被执行人")
		_, answer = v.submit(page, id+"/compliance", "", "title", "某案")
		seesNot(t, answer, "lawsuit, ")
	})

	t.Run("authority", func(t *testing.T) {
		v := signInAs(t, server, "manager", "zh")
		_, page := v.get("/settings/authority?kind=order_release")
		sees(t, page, "100,000.00", "信用委员会 × 2")
		seesNot(t, page, "card-form")
		admin := signInAs(t, server, "admin", "zh")
		const path = "/settings/authority?kind=order_release"
		_, page = admin.get(path)
		row := func(i, currency, upTo, role string) []string {
			return []string{"rows." + i + ".currency", currency, "rows." + i + ".up_to", upTo, "rows." + i + ".steps.0.role", role, "rows." + i + ".steps.0.votes", "1"}
		}
		code, answer := admin.submit(page, path, "", slices.Concat(row("0", "CNY", "200,000", "credit_manager"), row("1", "*", "", "committee"))...)
		if code != http.StatusUnprocessableEntity {
			t.Errorf("CNY without an open end: %d", code)
		}
		sees(t, answer, "币种 CNY 缺少不设上限的一行", "200,000")
		code, answer = admin.submit(page, path, "", slices.Concat(row("0", "CNY", "200,000", "credit_manager"), row("1", "CNY", "", "committee"), row("2", "*", "", "committee"))...)
		if code != http.StatusOK {
			t.Fatalf("saved: %d", code)
		}
		sees(t, answer, "200,000.00")
		_, trail := admin.get("/audit?operation=approval.set_authority")
		sees(t, trail, "修改审批权限", "− 订单放行 · CNY 金额上限 100,000.00：信用经理 × 1", "+ 订单放行 · CNY 金额上限 200,000.00：信用经理 × 1")
	})

	t.Run("trail", func(t *testing.T) {
		v := signInAs(t, server, "auditor", "zh")
		_, page := v.get("/audit?operation=limit.decide")
		sees(t, page, "审批额度", "状态：待审批 → 有效", "沈立衡", `href="/customers/`, "<details")
		_, page = v.get("/audit?operation=incident.respond")
		sees(t, page, "系统：预警触发应急预案")
		seesNot(t, page, ">alert.opened→")
		_, page = v.get("/audit?operation=limit.decide&to=2001-01-01")
		sees(t, page, "暂无数据")
		_, page = v.get("/audit?by=people")
		seesNot(t, page, "系统：")
		_, page = v.get("/audit?by=system")
		sees(t, page, "系统：", "href=\"/customers/")
		_, page = v.get("/audit?actor=沈立衡")
		sees(t, page, "沈立衡")
		seesNot(t, page, "系统：事件监控")
		if code, _ := v.get("/audit?from=yesterday"); code != http.StatusUnprocessableEntity {
			t.Errorf("no date: %d", code)
		}
		if code, book := v.get("/audit?operation=limit.decide&format=xlsx"); code != http.StatusOK || !strings.HasPrefix(book, "PK") {
			t.Errorf("export: %d", code)
		}
	})

	t.Run("ways back", func(t *testing.T) {
		v := signInAs(t, server, "sales1", "zh")
		id := v.one("/customers", "/customers/")
		code, page := v.get(id + "/freeze")
		if code != http.StatusForbidden {
			t.Errorf("freezing by a salesperson: %d", code)
		}
		sees(t, page, "没有权限：冻结额度", `href="`+id)
		seesNot(t, page, "limit.freeze")
		code, page = v.get("/customers/nobody/order")
		if code != http.StatusNotFound {
			t.Errorf("an order of nobody: %d", code)
		}
		sees(t, page, "没有找到：客户", `href="/customers"`)
	})
}

// shape is what differs between addresses of the same kind of page.
var shape = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|sample-\d+|[?].*`)
