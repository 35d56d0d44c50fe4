package test

import (
	"fmt"
	"testing"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/monitoring/rule"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

func event(id, kind, customerID string, day clock.Date, yuan int64, texts map[string]string) rule.Event {
	e := rule.Event{Source: "erp", ID: id, Type: kind, CustomerID: customerID, At: day.Time().Add(4 * time.Hour), Texts: texts}
	if yuan != 0 {
		a := money.Yuan(yuan)
		e.Amount = &a
	}
	return e
}

func alerts(w *story.World, customerID string) []monitoring.Alert {
	return story.See(w, w.Manager, monitoring.Alerts, monitoring.AlertsInput{All: true, Query: listing.Query{Filters: []listing.Filter{{Column: "customer_id", Value: customerID}}}}).Alerts
}

// Invoices and payments arrive as events from outside, twice and in batches; the books hold each once, and the rule on
// payment behaviour raises one alert from what the books tell.
func TestEventsReachBooksAndRulesOnce(t *testing.T) {
	story.Each(t, func(w *story.World) {
		system := operation.System("integrator")
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "安泽恒岳机械有限公司", ExternalRef: "K-1"}})
		var batch []rule.Event
		pay := func(n int, issued clock.Date, late int) {
			number := fmt.Sprintf("INV-%d", n)
			due := issued.AddDays(30)
			batch = append(batch, event(number, "invoice.issued", "K-1", issued, 1000, map[string]string{"number": number, "issued_on": string(issued), "due_on": string(due)}),
				event("PAY-"+number, "payment.received", "K-1", due.AddDays(late), 1000, map[string]string{"number": "P-" + number, "invoice_number": number, "received_on": string(due.AddDays(late))}))
		}
		for i := range 6 { // paid on the day, in the year before
			pay(i, clock.Date("2025-07-01").AddDays(30*i), 0)
		}
		for i := range 3 { // paid 25 days late, lately
			pay(10+i, clock.Date("2026-03-10").AddDays(7*i), 25)
		}
		for range 2 {
			if _, err := w.Intake.Take(w.T.Context(), system, batch); err != nil {
				w.T.Fatal(err)
			}
		}
		w.React()

		account := story.See(w, w.Manager, receivable.View, receivable.CustomerInput{CustomerID: c.ID})
		if len(account.Payments) != 9 || account.Settled12 != 9 {
			w.T.Errorf("%d payments, %d settled: each is booked once", len(account.Payments), account.Settled12)
		}
		found := alerts(w, c.ID)
		if len(found) != 1 || found[0].RuleID != "payment_worsens" || found[0].Severity != monitoring.Warning || found[0].TitleEN != "Paid 25 days late on average in the last 90 days, 0 in the year before" {
			w.T.Fatalf("%+v", found)
		}

		// An invoice number that stands already cannot be booked again: the event is parked, visibly, and the next goes on.
		twice := event("other-id", "invoice.issued", c.ID, "2026-06-01", 5, map[string]string{"number": "INV-1"})
		next := event("third-id", "invoice.issued", c.ID, "2026-06-01", 5, map[string]string{"number": "INV-99"})
		if _, err := w.Intake.Take(w.T.Context(), system, []rule.Event{twice, next}); err != nil {
			w.T.Fatal(err)
		}
		w.React()
		parked := story.See(w, w.Manager, monitoring.ShowParked, monitoring.ParkedInput{})
		if len(parked) != 1 {
			w.T.Errorf("%+v", parked)
		}
		if a := story.See(w, w.Manager, receivable.View, receivable.CustomerInput{CustomerID: c.ID}); len(a.Invoices) == 0 {
			w.T.Errorf("the next event was not booked: %+v", a)
		}
	})
}

// Nobody says anything when a customer stops ordering: the daily round does.
func TestSilenceAndOverdueAreNoticedByTheDailyRound(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "安泽恒岳机械有限公司", Status: customer.Active}})
		for m := range 9 {
			story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, Number: fmt.Sprint("I", m), Amount: story.Yuan(100), IssuedOn: clock.Date("2025-08-15").AddDays(30 * m), DueOn: clock.Date("2026-05-01")})
		}
		var orders []rule.Event
		for m := range 9 {
			e := event(fmt.Sprint("o", m), "order.placed", c.ID, clock.Date("2025-06-20").AddDays(30*m), 10_000, nil)
			e.Source = monitoring.Books
			orders = append(orders, e)
		}
		if err := monitoring.Tell(w.T.Context(), w.Events, orders...); err != nil {
			w.T.Fatal(err)
		}
		w.React()
		for range 2 { // the second round of the day tells nothing new
			if err := w.DailyRound(w.T.Context()); err != nil {
				w.T.Fatal(err)
			}
			w.React()
		}
		byRule := map[string]monitoring.Alert{}
		for _, a := range alerts(w, c.ID) {
			byRule[a.RuleID] = a
		}
		if a := byRule["overdue"]; a.Severity != monitoring.High || a.Times != 1 || a.TitleEN != "Oldest receivable overdue for 45 days, 900 overdue" {
			w.T.Errorf("%+v", a)
		}
		if a := byRule["orders_collapse"]; a.Severity != monitoring.High || a.Times != 1 {
			w.T.Errorf("%+v", byRule)
		}
		// The next day the same findings raise the same alerts again instead of opening others.
		w.Now = w.Now.AddDate(0, 0, 1)
		if err := w.DailyRound(w.T.Context()); err != nil {
			w.T.Fatal(err)
		}
		w.React()
		if all := alerts(w, c.ID); len(all) != 2 || all[0].Times != 2 || all[1].Times != 2 {
			w.T.Errorf("%+v", all)
		}
	})
}

func TestWrongEventsAreNamedAndNothingIsTaken(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "安泽恒岳机械有限公司"}})
		good := event("1", "activity.noted", c.ID, "2026-06-01", 0, nil)
		bad := event("2", "moon.full", "nobody", "2026-06-01", 0, nil)
		odd := event("", "news.negative", c.ID, "2027-06-01", 0, map[string]string{"moon": "x"})
		own := event("4", "activity.noted", c.ID, "2026-06-01", 0, nil)
		own.Source = monitoring.Books
		_, err := w.Intake.Take(w.T.Context(), operation.System("integrator"), []rule.Event{good, bad, odd, own})
		f := fault.As(err)
		if f == nil {
			w.T.Fatalf("taken: %v", err)
		}
		got := map[string]bool{}
		for _, field := range f.Fields {
			got[field.Path] = true
		}
		for _, want := range []string{"events[1].type", "events[1].customer_id", "events[2].id", "events[2].at", "events[2].texts.moon", "events[3].source"} {
			if !got[want] {
				w.T.Errorf("%s is not named in %v", want, err)
			}
		}
		for p := range w.Events.Partitions() {
			if last, err := w.Events.Last(w.T.Context(), p); err != nil || last != 0 {
				w.T.Errorf("partition %d holds %d: %v", p, last, err)
			}
		}
		if _, err := w.Intake.Take(w.T.Context(), w.Auditor, []rule.Event{good}); fault.KindOf(err) != fault.KindForbidden {
			w.T.Errorf("an auditor sends no events: %v", err)
		}
	})
}

func TestRulesAreSavedInVersionsAndWorkAtOnce(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "安泽恒岳机械有限公司"}})
		const news = "key: news\nversion: 1\nzh: 舆情\nen: News\non: [news.negative]\nlevels: [{severity: critical, when: event.score > 0.8}]\ntitle_zh: 负面舆情 {event.title}\ntitle_en: \"News: {event.title}\"\n"
		story.Must(w, w.Manager, monitoring.PutRule, monitoring.SaveRule{Source: news})
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), monitoring.PutRule, monitoring.SaveRule{Source: news}); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("a version stands once: %v", err)
		}
		e := event("n1", "news.negative", c.ID, "2026-06-14", 0, map[string]string{"title": "工厂停工"})
		e.Numbers = map[string]float64{"score": 0.9}
		if _, err := w.Intake.Take(w.T.Context(), operation.System("news"), []rule.Event{e}); err != nil {
			w.T.Fatal(err)
		}
		w.React()
		if all := alerts(w, c.ID); len(all) != 1 || all[0].TitleZH != "负面舆情 工厂停工" || all[0].Severity != monitoring.Critical {
			w.T.Errorf("%+v", all)
		}
		if rules := story.See(w, w.Manager, monitoring.Rules, monitoring.RulesInput{}); len(rules) != 4 {
			w.T.Errorf("%d rules, want the library's three and the new one", len(rules))
		}
	})
}
