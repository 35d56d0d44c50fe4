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

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/app/sample"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/web"
)

// Every page of the menu and every tab of some customers opens on the sample portfolio, in both languages, for everybody
// whose menu shows it, without the console or the server complaining; pictures are kept for looking at.
func TestSamplePortfolioPages(t *testing.T) {
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
	p := sample.Make(7, clock.DateOf(a.Runner.Clock().In(a.Runner.Zone)), 60)
	if err := sample.Load(ctx, a.Runner, p, func(int, int, string) {}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func(context.Context) error{a.Settle, a.DailyRound, a.Settle} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	r := chi.NewRouter()
	web.Mount(r, a)
	server := httptest.NewServer(r)
	defer server.Close()

	for _, lang := range []string{"zh", "en"} {
		b := Open(t, server, lang)
		for i, login := range []string{"manager", "sales1", "committee", "auditor", "admin"} {
			b.Go("/sign-in?lang=" + lang)
			b.Fill("login", login, "password", sample.Password)
			b.Submit()
			links := strings.Fields(ask(b, chromedp.Evaluate[string](`[...document.querySelectorAll(".side a")].map(a => a.getAttribute("href")).join(" ")`)))
			if len(links) < 5 {
				t.Fatalf("%s sees a menu of %v", login, links)
			}
			for _, link := range links {
				b.Go(link)
				if i == 0 {
					b.Shoot("sample" + strings.ReplaceAll(link, "/", "-"))
				}
			}
			if i == 0 {
				b.Go("/customers?sort=name")
				customer := ask(b, chromedp.Evaluate[string](`document.querySelector("main table a[href^='/customers/']").getAttribute("href")`))
				for _, tab := range []string{"overview", "statements", "assessment", "limits", "orders", "receivables", "alerts", "screening", "timeline"} {
					b.Go(customer + "/" + tab)
					b.Shoot("sample-tab-" + tab)
				}
				b.Go("/alerts")
				b.Press("main table a[href^='/alerts/']")
				b.Shoot("sample-alert")
				b.Go("/approvals")
				b.Press("main table a[href^='/approvals/']")
				b.Shoot("sample-approval")
				// The list sorts, filters and pages without leaving it.
				b.Go("/customers")
				first := ask(b, chromedp.Evaluate[string](`document.querySelector("main tbody a").innerText`))
				b.run(chromedp.Click(`a[rel="next"]`))
				b.Until(`document.querySelector("main tbody a").innerText !== "` + first + `"`)
				b.run(chromedp.Click("main thead th:nth-child(4) a"))
				b.Until(`location.search.includes("sort=exposure")`)
				b.Go("/search?q=" + p.Companies[0].USCC)
				if !strings.HasPrefix(b.Path(), "/customers/") {
					t.Errorf("a search that finds one opens it, got %s", b.Path())
				}
			}
			b.signOut()
		}
	}
}
