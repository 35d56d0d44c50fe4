package browser

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/app/sample"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/web"
)

// layoutMost is how long the graph of five hundred nodes may take to be laid out and drawn, in milliseconds.
const layoutMost = 2000

// The ownership tab of a group's head, its group, a party and the forms, on the sample portfolio; then five hundred nodes.
func TestOwnershipPages(t *testing.T) {
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
	p := sample.Make(7, clock.DateOf(a.Runner.Clock().In(a.Runner.Zone)), 34)
	if err := sample.Load(ctx, a.Runner, p, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	large := wide(t, a)
	r := chi.NewRouter()
	web.Mount(r, a)
	server := httptest.NewServer(r)
	defer server.Close()

	head, sub := p.Companies[0], p.Companies[1]
	for _, lang := range []string{"zh", "en"} {
		b := Open(t, server, lang)
		b.Go("/sign-in?lang=" + lang)
		b.Fill("login", "manager", "password", sample.Password)
		b.Submit()
		b.Go("/customers/" + sub.ID + "/ownership")
		b.Until(`Number(document.querySelector(".net").dataset.nodes) > 5`)
		b.See(head.Name, head.Holding.Name, head.Holding.Owners[0].Name)
		b.Shoot("ownership-tab")
		// A click opens what is next to a node: the graph asks for it and grows.
		b.Go("/customers/" + p.Companies[6].ID + "/ownership")
		b.Until(`Number(document.querySelector(".net").dataset.nodes) > 3`)
		b.See(map[string]string{"zh": "担保圈", "en": "Circle of guarantees"}[lang])
		before := ask(b, chromedp.Evaluate[int](`Number(document.querySelector(".net").dataset.nodes)`))
		_ = ask(b, chromedp.Evaluate[bool](`(function () {
			var box = document.querySelector(".net"), chart = echarts.getInstanceByDom(box), data = chart.getModel().getSeriesByIndex(0).getData();
			for (var i = 0; i < data.count(); i++) {
				if (data.getId(i) === "`+p.Companies[7].ID+`") {
					var at = data.getItemGraphicEl(i).getComputedTransform(), r = box.getBoundingClientRect();
					["mousedown", "mouseup", "click"].forEach(function (kind) {
						box.querySelector("canvas").dispatchEvent(new MouseEvent(kind, { bubbles: true, clientX: r.left + at[4], clientY: r.top + at[5] }));
					});
					return true;
				}
			}
			return false;
		})()`))
		b.Until(fmt.Sprintf(`Number(document.querySelector(".net").dataset.nodes) > %d`, before))
		b.See(p.Companies[7].Name)
		b.Shoot("ownership-circle")
		b.Go("/groups")
		b.Shoot("ownership-groups")
		b.Press("main table a[href^='/groups/']")
		b.See(head.Name, sub.Name)
		b.Shoot("ownership-group")
		b.Go("/groups")
		b.Go(ask(b, chromedp.Evaluate[string](`document.querySelector("main table a[href^='/groups/']").getAttribute("href")`)) + "/member")
		b.Shoot("ownership-member")
		b.Go("/customers/" + sub.ID + "/ownership")
		b.Press("main a[href^='/parties/']")
		b.Until(`!!document.querySelector(".net").dataset.nodes`)
		b.Shoot("ownership-party")
		b.Go("/customers/" + sub.ID + "/relation")
		b.Shoot("ownership-relation")
		b.Fill("from.name", `<img src=x onerror="window.hacked=1"> & "Co" `+lang, "from.kind", "company", "kind", "office", "role", "director")
		b.Expect(422, b.Submit) // a company holds no office
		b.Fill("from.kind", "person")
		b.Submit()
		b.Until(`Number(document.querySelector(".net").dataset.nodes) > 5`)
		if ask(b, chromedp.Evaluate[bool](`window.hacked === 1 || !!document.querySelector("main img")`)) {
			t.Error("a name became markup")
		}
		b.See(`<img src=x`)
		b.Press("main a[href^='/ownership/relations/']")
		b.Fill("reason", "test")
		b.Submit()

		b.Go("/customers/" + large + "/ownership")
		b.Until(`Number(document.querySelector(".net").dataset.nodes) === 500`)
		took := ask(b, chromedp.Evaluate[int](`Number(document.querySelector(".net").dataset.milliseconds)`))
		t.Logf("%s: 500 nodes in %d ms", lang, took)
		if took > layoutMost {
			t.Errorf("500 nodes took %d ms", took)
		}
		if lang == "zh" {
			b.Shoot("ownership-500")
		}
		b.signOut()
	}
}

// wide makes a customer with many layers of owners: more than five hundred nodes above and below it.
func wide(t *testing.T, a *app.App) string {
	t.Helper()
	run := operation.Call{Actor: operation.System("test")}
	make := func(name string) string {
		c, err := operation.Run(t.Context(), a.Runner, run, customer.Create, customer.New{Profile: customer.Profile{Name: name, TermsDays: 30}})
		if err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	top := make("大型网络测试有限公司")
	own := func(id string, holders []customer.Shareholder) {
		if _, err := operation.Run(t.Context(), a.Runner, run, customer.SetShareholders, customer.Shareholders{CustomerID: id, Shareholders: holders}); err != nil {
			t.Fatal(err)
		}
	}
	layer := []string{top}
	made := 0
	for depth := range 4 {
		var next []string
		for _, id := range layer {
			var holders []customer.Shareholder
			for k := range 5 {
				made++
				name := fmt.Sprintf("网络第%d层%d号投资有限公司", depth+1, made)
				next = append(next, make(name))
				holders = append(holders, customer.Shareholder{Kind: "company", Name: name, Share: 18 + float64(k)})
			}
			own(id, holders[:5])
			if made > 560 {
				return top
			}
		}
		layer = next
	}
	return strings.TrimSpace(top)
}
