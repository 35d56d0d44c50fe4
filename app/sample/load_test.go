package sample_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/app/sample"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
	"github.com/xinheng/xinheng/internal/eventlog"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

const today clock.Date = "2026-06-15"

func open(db *database.DB, events *eventlog.Log, data string) *app.App {
	morning := time.Date(2026, 6, 15, 1, 0, 0, 0, time.UTC)
	return app.New(db, events, app.Options{Data: data, Log: slog.New(slog.DiscardHandler), Clock: clock.Fixed(morning)})
}

// counted are all rows that a load makes.
func counted(t *testing.T, db *database.DB) map[string]int {
	t.Helper()
	rows := map[string]int{}
	for _, table := range []string{"customer", "customer_contact", "customer_shareholder", "party", "party_relation", "customer_compliance", "customer_statement", "questionnaire_answer", "assessment", "credit_limit",
		"limit_freeze", "approval_request", "approval_vote", "sales_order", "order_check", "invoice", "payment", "allocation", "outbox", "audit_entry", "idempotency"} {
		var n int
		if err := db.QueryRow(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		rows[table] = n
	}
	return rows
}

func TestLoad(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		a := open(db, nil, t.TempDir())
		p := sample.Make(11, today, 12)
		made := text(t, p)

		// The first load is cut off in the middle; the second goes on, though with another day it would be another portfolio.
		first, err := sample.Begin(t.Context(), a.Runner, sample.Start{Seed: 11, Today: today, Companies: 12})
		if err != nil {
			t.Fatal(err)
		}
		cut, stop := context.WithCancel(t.Context())
		err = sample.Load(cut, a.Runner, p, func(done, total int, _ string) {
			if done == total/2 {
				stop()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cut off: %v", err)
		}
		again, err := sample.Begin(t.Context(), a.Runner, sample.Start{Seed: 99, Today: today.AddDays(1), Companies: 300})
		if err != nil || again != first {
			t.Fatalf("begun again as %+v, first as %+v: %v", again, first, err)
		}
		if done, err := sample.Loaded(t.Context(), db); done || err != nil {
			t.Errorf("loaded before it was: %v", err)
		}
		if err := sample.Load(t.Context(), a.Runner, p, nil); err != nil {
			t.Fatal(err)
		}
		if done, err := sample.Loaded(t.Context(), db); !done || err != nil {
			t.Errorf("not loaded: %v", err)
		}
		before := counted(t, db)
		t.Log(before)
		if err := sample.Load(t.Context(), a.Runner, p, nil); err != nil {
			t.Fatal(err)
		}
		for table, n := range counted(t, db) {
			if n != before[table] {
				t.Errorf("the second load made %d rows of %s, before %d", n, table, before[table])
			}
		}
		agrees(t, a, p, before)
		if text(t, p) != made {
			t.Error("loading changed the portfolio")
		}
	})
}

func text(t *testing.T, p sample.Portfolio) string {
	t.Helper()
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// agrees compares what the product says with what the portfolio says.
func agrees(t *testing.T, a *app.App, p sample.Portfolio, rows map[string]int) {
	t.Helper()
	manager := actor(t, a, "manager")
	want := map[string]int{"customer": len(p.Companies)}
	total, overdue := int64(0), int64(0)
	for _, c := range p.Companies {
		open, invoices, payments := int64(0), 0, 0
		for _, o := range c.Orders {
			if o.Invoice == nil {
				continue
			}
			invoices, payments = invoices+1, payments+len(o.Invoice.Payments)
			open += o.Invoice.Open().Minor
			if o.Invoice.DueOn < p.Today {
				overdue += o.Invoice.Open().Minor
			}
		}
		total += open
		kept, err := receivable.BalanceOf(t.Context(), a.DB, c.ID, money.CNY)
		if err != nil {
			t.Fatal(err)
		}
		counted, err := receivable.Recount(t.Context(), a.DB, c.ID, money.CNY)
		if err != nil {
			t.Fatal(err)
		}
		if kept.Invoiced.Minor != open || kept.OnAccount.Minor != 0 || kept != counted {
			t.Errorf("%s: balance %+v, counted %+v, invoiced by the portfolio %d", c.Name, kept, counted, open)
		}
		want["customer_contact"] += len(c.Contacts)
		want["customer_shareholder"] += len(c.Shareholders)
		want["party_relation"] += len(c.Relations)
		if c.Holding != nil {
			want["party_relation"] += len(c.Holding.Owners)
		}
		want["customer_compliance"] += len(c.Compliance)
		want["customer_statement"] += len(c.Statements)
		want["questionnaire_answer"] += len(c.Answers)
		want["assessment"] += len(c.Assessed)
		want["credit_limit"] += len(c.Limits)
		want["approval_request"] += len(c.Limits)
		want["sales_order"] += len(c.Orders)
		want["invoice"] += invoices
		want["payment"] += payments
		want["allocation"] += payments
	}
	var releases int // what was beyond the manager's authority went to the committee
	if err := a.DB.QueryRow(t.Context(), `SELECT COUNT(*) FROM approval_request WHERE kind = 'order_release'`).Scan(&releases); err != nil {
		t.Fatal(err)
	}
	want["approval_request"] += releases
	for table, n := range want {
		if rows[table] != n {
			t.Errorf("%d rows of %s; the portfolio has %d", rows[table], table, n)
		}
	}
	ageing, err := operation.Read(t.Context(), a.Runner, operation.Call{Actor: manager}, receivable.ShowAgeing, receivable.AgeingInput{AsOf: p.Today})
	if err != nil {
		t.Fatal(err)
	}
	if ageing.Total.Minor != total || ageing.Overdue.Minor != overdue {
		t.Errorf("ageing %s, overdue %s; the portfolio has %d and %d", ageing.Total, ageing.Overdue, total, overdue)
	}
}

func actor(t *testing.T, a *app.App, login string) operation.Actor {
	t.Helper()
	s, err := a.Door.SignIn(t.Context(), login, sample.Password)
	if err != nil {
		t.Fatalf("sign in as %s: %v", login, err)
	}
	return s.User.Actor()
}

// An installation that somebody has set up already is left alone.
func TestLoadLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "xinheng.db"))
	a := open(db, nil, t.TempDir())
	if _, err := operation.Run(t.Context(), a.Runner, operation.Call{Actor: operation.System("test")}, access.Setup,
		access.SetUp{Login: "boss", Name: "老板", Password: access.Secret("a long password")}); err != nil {
		t.Fatal(err)
	}
	if err := sample.Load(t.Context(), a.Runner, sample.Make(1, today, 3), nil); err == nil {
		t.Error("the sample was loaded into a foreign installation")
	}
	if rows := counted(t, db); rows["customer"] != 0 {
		t.Errorf("%d customers", rows["customer"])
	}
}

// The whole sample of 300 companies: everything that a page can show occurs. It says how long the load takes.
func TestWholeSample(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	events, err := eventlog.Open(t.Context(), eventlog.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(events.Close)
	a := open(databasetest.Open(t, "sqlite:"+filepath.Join(dir, "xinheng.db")), events, dir)
	p := sample.Make(2026, today, 300)
	start := time.Now()
	if err := sample.Load(t.Context(), a.Runner, p, nil); err != nil {
		t.Fatal(err)
	}
	t.Logf("300 companies in %s", time.Since(start))
	rows := counted(t, a.DB)
	agrees(t, a, p, rows)
	t.Log(rows)

	call := operation.Call{Actor: actor(t, a, "manager")}
	ageing, err := operation.Read(t.Context(), a.Runner, call, receivable.ShowAgeing, receivable.AgeingInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range ageing.Buckets {
		if t.Logf("ageing %-8s %s in %d", b.Name, b.Amount.Grouped(), b.Count); b.Count == 0 {
			t.Errorf("nothing in the ageing bucket %s", b.Name)
		}
	}
	tally := func(query string, least map[string]int) {
		t.Helper()
		found, err := a.DB.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		counts := map[string]int{}
		for found.Next() {
			var name string
			var n int
			if err := found.Scan(&name, &n); err != nil {
				t.Fatal(err)
			}
			counts[name] = n
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%v: %s", counts, query)
		for name, n := range least {
			if counts[name] < n {
				t.Errorf("%d of %s, at least %d wanted: %s", counts[name], name, n, query)
			}
		}
	}
	tally(`SELECT status, COUNT(*) FROM sales_order GROUP BY status`, map[string]int{string(receivable.OrderApproved): 60, string(receivable.OrderHeld): 5, string(receivable.OrderRejected): 5})
	tally(`SELECT decision, COUNT(*) FROM order_check WHERE step = 'submit' GROUP BY decision`, map[string]int{string(ordercheck.Approve): 60, string(ordercheck.Hold): 10})
	tally(`SELECT status, COUNT(*) FROM credit_limit GROUP BY status`, map[string]int{string(limit.Active): 250, string(limit.Requested): 5, string(limit.Rejected): 5, string(limit.Replaced): 100})
	tally(`SELECT status, COUNT(*) FROM approval_request GROUP BY status`, map[string]int{string(approval.Waiting): 5})
	tally(`SELECT grade, COUNT(*) FROM assessment a WHERE assessed_at = (SELECT MAX(b.assessed_at) FROM assessment b WHERE b.customer_id = a.customer_id) GROUP BY grade`,
		map[string]int{"AA": 3, "A": 15, "BBB": 30, "BB": 15, "B": 5, "CCC": 3, "D": 1})
	tally(`SELECT region, COUNT(*) FROM customer GROUP BY region`, map[string]int{"江苏": 10, "广东": 10})

	start = time.Now() // what it causes: the rules see the history, and the first morning
	for _, work := range []func(context.Context) error{a.Settle, a.DailyRound, a.Settle} {
		if err := work(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("settled in %s", time.Since(start))
	tally(`SELECT rule_id, COUNT(*) FROM alert GROUP BY rule_id`, map[string]int{"overdue": 10, "payment_worsens": 5, "orders_collapse": 8})
}
