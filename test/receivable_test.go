package test

import (
	"testing"
	"time"

	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

func exposureOf(w *story.World, c customer.Customer) money.Amount {
	w.T.Helper()
	b, err := receivable.BalanceOf(w.T.Context(), w.DB, c.ID, money.CNY)
	if err != nil {
		w.T.Fatal(err)
	}
	counted, err := receivable.Recount(w.T.Context(), w.DB, c.ID, money.CNY)
	if err != nil {
		w.T.Fatal(err)
	}
	if b != counted {
		w.T.Errorf("the balance kept is %+v, the documents sum to %+v", b, counted)
	}
	e, err := b.Exposure()
	if err != nil {
		w.T.Fatal(err)
	}
	return e
}

// An invoice of an order counts once: what it bills leaves the order. What is left of an order can be taken back.
func TestInvoiceTakesItsOrdersPlace(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "宁波启衡传动有限公司", 1_000_000)
		order := story.Must(w, w.Sales, ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: "SO-1", Amount: story.Yuan(300_000)}).Order
		bill := func(number, orderNumber string, yuan int64) (receivable.Imported, error) {
			return operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), receivable.Import, receivable.ImportInput{Rows: []receivable.Row{
				{Kind: "invoice", Customer: c.Name, Number: number, Order: orderNumber, Amount: money.Yuan(yuan).Decimal(), Date: "2026-06-10"}}})
		}
		if _, err := bill("FP-0", "SO-9", 1); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("an order that is not there: %v", err)
		}
		if _, err := bill("FP-1", "SO-1", 120_000); err != nil {
			w.T.Fatal(err)
		}
		if e := exposureOf(w, c); e != story.Yuan(300_000) {
			w.T.Errorf("an order of 300,000 of which 120,000 are billed exposes %s", e)
		}
		if _, err := bill("FP-2", "SO-1", 200_000); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("more than the order has left: %v", err)
		}
		seen := story.See(w, w.Manager, ordercheck.View, ordercheck.ByIDInput{OrderID: order.ID}).Order
		after := story.Must(w, w.Sales, ordercheck.Cancel, ordercheck.Ruling{OrderID: order.ID, Version: seen.Version, Reason: "尾数不再交付"}).Order
		if after.Status != receivable.OrderInvoiced || after.Open.Minor != 0 {
			w.T.Errorf("after the rest was taken back: %+v", after)
		}
		if e := exposureOf(w, c); e != story.Yuan(120_000) {
			w.T.Errorf("then the exposure is %s", e)
		}
	})
}

// Money goes to the invoices that were ticked, the oldest due first, and never to others.
func TestPaymentPaysTheChosenInvoices(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c, other := newCustomer(w, "嘉兴恒拓纺织有限公司", 0), newCustomer(w, "湖州锦程纺织有限公司", 0)
		issue := func(c customer.Customer, number string, yuan int64, due string) receivable.Invoice {
			return story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, Number: number, Amount: story.Yuan(yuan), IssuedOn: "2026-04-01", DueOn: clock.Date(due)})
		}
		old, mid, late := issue(c, "A", 100, "2026-05-01"), issue(c, "B", 200, "2026-06-01"), issue(c, "C", 300, "2026-07-01")
		foreign := issue(other, "D", 50, "2026-05-01")
		pay := func(number string, yuan int64, ids ...string) (receivable.Payment, error) {
			return operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), receivable.ReceivePayment,
				receivable.NewPayment{CustomerID: c.ID, Number: number, Amount: story.Yuan(yuan), ReceivedOn: "2026-06-15", Pays: ids})
		}
		if _, err := pay("P0", 50, foreign.ID); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("another customer's invoice: %v", err)
		}
		p, err := pay("P1", 600, late.ID, mid.ID)
		if err != nil {
			w.T.Fatal(err)
		}
		if len(p.Allocations) != 2 || p.Allocations[0].InvoiceID != mid.ID || p.Allocations[1].InvoiceID != late.ID || p.Unused != story.Yuan(100) {
			w.T.Errorf("600 for invoices of 200 and 300: %+v", p)
		}
		p = story.Must(w, w.Manager, receivable.Allocate, receivable.Later{PaymentID: p.ID, Pays: []string{old.ID}})
		if p.Unused.Minor != 0 {
			w.T.Errorf("the rest: %+v", p)
		}
		shown := story.See(w, w.Manager, receivable.ViewPayment, receivable.ByIDInput{ID: p.ID})
		if len(shown.Allocations) != 3 {
			w.T.Errorf("the payment shows %+v", shown.Allocations)
		}
		paid := story.See(w, w.Manager, receivable.ViewInvoice, receivable.ByIDInput{ID: old.ID})
		if len(paid.Paid) != 1 || paid.Paid[0].PaymentNumber != "P1" || paid.Invoice.SettledOn != "2026-06-15" {
			w.T.Errorf("the invoice shows %+v", paid)
		}
		if _, err := operation.Read(w.T.Context(), w.Runner, story.By(w.Sales2), receivable.ViewInvoice, receivable.ByIDInput{ID: old.ID}); fault.KindOf(err) != fault.KindNotFound {
			w.T.Errorf("another salesperson reads it: %v", err)
		}
		if e := exposureOf(w, c); e.Minor != 0 {
			w.T.Errorf("all is paid, and the exposure is %s", e)
		}
	})
}

// A dispute keeps an overdue invoice out of holds and alerts for sixty days, and not longer; it needs a reason.
func TestDisputeSuspendsForATime(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "绍兴润达印染有限公司", 1_000_000)
		inv := story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, Number: "A", Amount: story.Yuan(1000), IssuedOn: "2026-04-01", DueOn: "2026-05-16"})
		decide := func(number string) ordercheck.Decision {
			return story.Must(w, w.Sales, ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: number, Amount: story.Yuan(10)}).Check.Decision
		}
		if d := decide("1"); d != ordercheck.Hold { // thirty days past due
			w.T.Errorf("overdue: %s", d)
		}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), receivable.Dispute, receivable.Disputed{InvoiceID: inv.ID, Version: 1, Disputed: true}); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("a dispute without a reason: %v", err)
		}
		inv = story.Must(w, w.Manager, receivable.Dispute, receivable.Disputed{InvoiceID: inv.ID, Version: 1, Disputed: true, Reason: "到货短缺"})
		if d := decide("2"); d != ordercheck.Approve {
			w.T.Errorf("in dispute: %s", d)
		}
		late := func() int {
			all, err := receivable.Overdue(w.T.Context(), w.DB, w.Today())
			if err != nil {
				w.T.Fatal(err)
			}
			return len(all)
		}
		w.Now = w.Now.Add(60 * 24 * time.Hour)
		if d, n := decide("3"), late(); d != ordercheck.Approve || n != 0 {
			w.T.Errorf("on the sixtieth day: %s, %d told", d, n)
		}
		w.Now = w.Now.Add(24 * time.Hour)
		if d, n := decide("4"), late(); d != ordercheck.Reject || n != 1 { // ninety-one days past due
			w.T.Errorf("on the sixty-first day: %s, %d told", d, n)
		}
		// Saying it again does not start the sixty days anew; ending it makes it overdue at once.
		inv = story.Must(w, w.Manager, receivable.Dispute, receivable.Disputed{InvoiceID: inv.ID, Version: inv.Version, Disputed: true, Reason: "仍未解决"})
		if inv.Dispute.Since != "2026-06-15" {
			w.T.Errorf("told again, it stands since %s", inv.Dispute.Since)
		}
	})
}

// A serious alert makes the grade follow; a customer that was never assessed is not graded by what is missing.
func TestSeriousAlertAssessesAgain(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		known, unknown := newCustomer(w, "台州博远阀门有限公司", 0), newCustomer(w, "台州博安阀门有限公司", 0)
		story.Must(w, w.Analyst, assessment.Assess, assessment.Run{CustomerID: known.ID})
		for _, c := range []customer.Customer{known, unknown} {
			story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, Number: "A", Amount: story.Yuan(1000), IssuedOn: "2026-01-01", DueOn: "2026-02-01"})
		}
		for range 2 { // the second day's round changes nothing more
			if err := w.DailyRound(w.T.Context()); err != nil {
				w.T.Fatal(err)
			}
			w.React()
			w.Now = w.Now.Add(24 * time.Hour)
		}
		s := story.See(w, w.Manager, assessment.ForCustomer, assessment.CustomerInput{CustomerID: known.ID})
		if len(s.History) != 2 {
			w.T.Fatalf("%d assessments", len(s.History))
		}
		if days := s.Latest.Facts["worst_days_overdue"]; days == nil || *days != 134 {
			w.T.Errorf("the assessment rests on %v days", days)
		}
		if s := story.See(w, w.Manager, assessment.ForCustomer, assessment.CustomerInput{CustomerID: unknown.ID}); s.Latest != nil {
			w.T.Errorf("a customer that nobody assessed has grade %s", s.Latest.Grade)
		}
	})
}
