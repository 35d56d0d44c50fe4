package browser

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/web"
)

const password = "correct horse battery"

// serve starts a product with an empty database and the people of the main job.
func serve(t *testing.T) (*app.App, *httptest.Server) {
	t.Helper()
	Find(t)
	a, err := app.OpenServer(t.Context(), app.Options{Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	router := chi.NewRouter()
	web.Mount(router, a)
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	return a, server
}

func people(t *testing.T, a *app.App) {
	t.Helper()
	for _, p := range []struct {
		login string
		roles []access.Role
		scope operation.Scope
	}{
		{"manager", []access.Role{access.CreditManager}, operation.ScopeAll}, {"analyst", []access.Role{access.Analyst}, operation.ScopeAll}, {"sales", []access.Role{access.Sales}, operation.ScopeOwn},
	} {
		in := access.NewUser{Login: p.login, Name: p.login, Password: access.Secret(password), Scope: p.scope, Roles: p.roles}
		if _, err := operation.Run(t.Context(), a.Runner, operation.Call{Actor: operation.System("test"), Door: "test"}, access.CreateUser, in); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *Browser) signIn(login string) {
	b.t.Helper()
	b.Go("/sign-in?lang=" + b.lang)
	b.Fill("login", login, "password", password)
	b.Submit()
}

func (b *Browser) signOut() {
	b.t.Helper()
	b.Press(`form[action="/sign-out"] button`)
}

// The words that each step must show, in both languages.
var words = map[string]map[string]string{
	"zh": {"frozen": "已冻结", "approved": "通过", "held": "暂挂", "uscc": "校验", "waiting": "待我审批", "incident": "重大客户违约", "overLimit": "超出"},
	"en": {"frozen": "frozen", "approved": "approved", "held": "held", "uscc": "check", "waiting": "your turn", "incident": "default", "overLimit": "over"},
}

// The main job from an empty installation: the first administrator, a customer, its statements and assessment, a limit
// by approval, orders, an invoice and a payment, an alert that activates the plan that freezes the limit.
func TestMainJob(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			a, server := serve(t)
			b := Open(t, server, lang)
			w := words[lang]

			b.Go("/?lang=" + lang)
			b.Shoot("set-up")
			b.Fill("login", "admin", "name", "Admin", "password", "short")
			b.Expect(422, b.Submit)
			b.Fill("password", password)
			b.Submit()
			people(t, a)
			b.Expect(401, func() {
				b.Fill("login", "analyst", "password", "wrong password")
				b.Submit()
			})
			b.signIn("sales")
			b.Shoot("workbench-empty")

			// A customer: wrong fields are shown beside them and nothing typed is lost.
			b.Go("/customers/new")
			b.Fill("name", "安泽恒岳机械有限公司", "uscc", "91350100M000100Y44", "capital", "abc", "industry", "34", "founded", "2012-03-01")
			b.Expect(422, b.Submit)
			b.Shoot("customer-wrong")
			b.Fill("uscc", "91350100M000100Y43", "capital", "20,000,000.00", "terms_days", "30", "status", "active")
			b.Submit()
			b.See("安泽恒岳机械有限公司")
			customerPath := b.Path()
			b.Go(customerPath + "/contact")
			b.Fill("name", "李样本", "title", "财务经理", "phone", "021-5555")
			b.Submit()
			b.signOut()

			// Statements by form: a sheet that does not balance is refused with the difference.
			b.signIn("analyst")
			b.Go(customerPath + "/statement")
			year := clock.DateOf(a.Runner.Clock()).Time().Year() - 1
			period := clock.Date(itoa(year) + "-12-31")
			b.run(chromedp.SetValue(`main [name="period"]`, string(period)))
			b.Fill("unit", "10000", "source", "2025 annual report", "values.total_current_assets", "3,000", "values.inventories", "800", "values.total_noncurrent_assets", "2000", "values.total_assets", "5010",
				"values.total_current_liabilities", "1500", "values.total_noncurrent_liabilities", "500", "values.total_liabilities", "2000", "values.total_equity", "3000", "values.retained_earnings", "900",
				"values.accounts_receivable", "700", "values.revenue", "6000", "values.cost_of_sales", "4500", "values.finance_expenses", "40", "values.total_profit", "480", "values.income_tax", "120", "values.net_profit", "360", "values.net_cash_operating", "420")
			b.Expect(422, b.Submit)
			b.See("100,000.00") // ten units of 万元
			b.Shoot("statement-wrong")
			b.Fill("values.total_assets", "5000")
			b.Submit()
			b.See("5,000", string(period))
			b.Shoot("statements")

			b.Go(customerPath + "/questionnaire")
			b.Fill("market_position.choice", "strong", "relation.choice", "long")
			b.Expect(422, b.Submit) // evidence is wanted
			b.Fill("market_position.evidence", "协会排名")
			b.Submit()
			b.Press(`form[action$="/assess"] button`)
			b.Shoot("assessment")

			b.Go(customerPath + "/apply-limit")
			b.Shoot("apply-limit")
			b.Fill("amount", "500,000", "reason", "首次授信")
			b.Submit()
			approvalPath := b.Path()
			b.signOut()

			b.signIn("manager")
			b.See(w["waiting"])
			b.Go(approvalPath)
			b.Shoot("approval")
			b.Fill("verdict", "approve", "reason", "同意")
			b.Submit()
			b.signOut()

			// Orders: within the limit approved, beyond it held with the reason, released by a person with authority.
			b.signIn("sales")
			b.Go(customerPath + "/order")
			b.Fill("number", "SO-1", "amount", "400000")
			b.Submit()
			b.See(w["approved"])
			b.Go(customerPath + "/order")
			b.Fill("number", "SO-2", "amount", "150000")
			b.Submit()
			b.See(w["held"], "50,000.00")
			held := b.Path()
			b.signOut()
			b.signIn("manager")
			b.Go(held)
			b.Shoot("order-held")
			b.Fill("ruling", "release", "reason", "老客户")
			b.Submit()
			b.See(w["approved"])

			// An invoice long overdue: the daily round raises the alert, the plan freezes the limit.
			today := clock.DateOf(a.Runner.Clock())
			b.Go(customerPath + "/invoice")
			b.run(chromedp.SetValue(`main [name="issued_on"]`, string(today.AddDays(-150))), chromedp.SetValue(`main [name="due_on"]`, string(today.AddDays(-120))))
			b.Fill("number", "INV-1", "amount", "88,000")
			b.Submit()
			b.Go(customerPath + "/payment")
			b.See("INV-1")
			b.Fill("number", "P-1", "amount", "8000")
			b.Submit()
			b.See("INV-1", "8,000.00")
			b.Shoot("payment")
			b.Press("main table a[href^='/invoices/']")
			b.See("SO-1", "80,000.00") // the invoice billed the order
			b.Shoot("invoice")
			b.Go(customerPath + "/receivables")
			b.See("80,000.00")
			b.Shoot("receivables-tab")
			if err := a.DailyRound(context.WithoutCancel(t.Context())); err != nil {
				t.Fatal(err)
			}
			if err := a.Settle(context.WithoutCancel(t.Context())); err != nil {
				t.Fatal(err)
			}
			b.Go("/")
			b.See("120")
			b.Shoot("workbench")
			b.Go("/alerts")
			b.Press("main table a[href^='/alerts/']")
			b.Shoot("alert")
			b.Go("/incidents")
			b.Press("main table a[href^='/incidents/']")
			b.Shoot("incident")
			b.Go(customerPath)
			b.See(w["frozen"])
			b.Shoot("customer")
			b.Go(customerPath + "/order")
			b.Fill("number", "SO-3", "amount", "100")
			b.Submit()
			b.Go(customerPath + "/timeline")
			b.Shoot("timeline")

			for _, path := range []string{"/customers", "/limits", "/orders", "/receivables", "/receivables/invoices", "/receivables/import", "/screening", "/screening/lists", "/assessments", "/scorecard", "/scorecard/edit", "/rules", "/rules/overdue",
				"/approvals", "/settings/password", "/audit", customerPath + "/limits", customerPath + "/orders", customerPath + "/alerts", customerPath + "/screening", customerPath + "/owners", customerPath + "/import-statements", customerPath + "/freeze"} {
				b.Go(path)
				b.Shoot("page" + strings.ReplaceAll(strings.Replace(path, customerPath, "/customer", 1), "/", "-"))
			}
			b.signOut()

			// Rights: a salesperson sees neither the trail nor another's customers.
			b.signIn("admin")
			b.Go("/settings/users")
			b.Shoot("users")
			b.Go("/settings/tokens")
			b.Fill("name", "ERP", "scopes", "event.*")
			b.Submit()
			b.See("xh_")
			b.signOut()
			b.signIn("sales")
			b.Expect(403, func() { b.Go("/audit") })
		})
	}
}

func itoa(n int) string {
	digits := ""
	for ; n > 0; n /= 10 {
		digits = string(rune('0'+n%10)) + digits
	}
	return digits
}
