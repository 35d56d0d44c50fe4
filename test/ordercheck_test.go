package test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/audit"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

// newCustomer gives a customer of the salesperson with an approved limit of yuan.
func newCustomer(w *story.World, name string, yuan int64) customer.Customer {
	w.T.Helper()
	c := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: name, Industry: "C34", TermsDays: 60}})
	if yuan == 0 {
		return c
	}
	asked := story.Must(w, w.Sales, limit.Apply, limit.Application{CustomerID: c.ID, Amount: story.Yuan(yuan), Reason: "年度框架合同"})
	voters := []operation.Actor{w.Manager, w.Member1, w.Member2}
	for i := 0; asked.Approval.Status == approval.Waiting; i++ {
		asked = story.Must(w, voters[i], limit.Decide, approval.Decision{RequestID: asked.Approval.ID, Version: asked.Approval.Version, Verdict: approval.Approve})
	}
	return c
}

// A hundred orders at once on one customer: what is approved never exceeds the limit, on either engine.
func TestApprovalsNeverExceedTheLimit(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		const orders, each, limitYuan = 100, 30_000, 1_000_000 // 33 fit
		c := newCustomer(w, "杭州澜启精密机械有限公司", limitYuan)
		var wg sync.WaitGroup
		answers := make([]ordercheck.Answer, orders)
		failures := make([]error, orders)
		for i := range orders {
			wg.Go(func() {
				answers[i], failures[i] = operation.Run(w.T.Context(), w.Runner, story.By(w.Sales), ordercheck.Submit,
					ordercheck.NewOrder{CustomerID: c.ID, Number: fmt.Sprintf("SO-%03d", i), Amount: story.Yuan(each)})
			})
		}
		wg.Wait()
		approved := 0
		for i, a := range answers {
			if failures[i] != nil {
				w.T.Fatalf("order %d: %v", i, failures[i])
			}
			switch a.Check.Decision {
			case ordercheck.Approve:
				approved++
				if a.Check.Exposure.Minor+a.Check.Amount.Minor > a.Check.Limit.Minor {
					w.T.Errorf("order %d approved over the limit: %+v", i, a.Check)
				}
			case ordercheck.Hold:
			case ordercheck.Reject:
				w.T.Errorf("order %d rejected: %+v", i, a.Check.Reasons)
			}
		}
		if want := limitYuan / each; approved != want {
			w.T.Errorf("%d orders approved; want %d", approved, want)
		}
		kept, err := receivable.BalanceOf(w.T.Context(), w.DB, c.ID, money.CNY)
		if err != nil {
			w.T.Fatal(err)
		}
		counted, err := receivable.Recount(w.T.Context(), w.DB, c.ID, money.CNY)
		if err != nil {
			w.T.Fatal(err)
		}
		if kept != counted || kept.OpenOrders.Minor != int64(approved)*each*100 {
			w.T.Errorf("balance %+v, recount %+v, approved %d", kept, counted, approved)
		}
	})
}

func TestOrderToCash(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "苏州恒拓电子科技有限公司", 100_000)
		submit := func(number string, yuan int64) ordercheck.Answer {
			return story.Must(w, w.Sales, ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: number, Amount: story.Yuan(yuan)})
		}
		a := submit("A1", 60_000)
		if a.Check.Decision != ordercheck.Approve {
			w.T.Fatalf("A1: %+v", a.Check)
		}
		if again := submit("A1", 60_000); again.Order.ID != a.Order.ID || again.Check.ID != a.Check.ID {
			w.T.Errorf("the same order again is not the same answer: %+v", again)
		}
		b := submit("A2", 50_000)
		if b.Check.Decision != ordercheck.Hold || b.Check.Reasons[0].Key != "ordercheck.over_limit" {
			w.T.Fatalf("A2: %+v", b.Check)
		}
		ruling := ordercheck.Ruling{OrderID: b.Order.ID, Version: b.Order.Version, Reason: "年末备货，已收定金"}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Sales), ordercheck.Release, ruling); fault.KindOf(err) != fault.KindForbidden {
			w.T.Errorf("a salesperson released an order: %v", err)
		}
		released := story.Must(w, w.Manager, ordercheck.Release, ruling)
		if released.Order.Status != receivable.OrderApproved {
			w.T.Errorf("released: %+v", released.Order)
		}
		inv := story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, OrderID: a.Order.ID, Number: "F1", Amount: story.Yuan(60_000), IssuedOn: w.Today()})
		if want := w.Today().AddDays(60); inv.DueOn != want {
			w.T.Errorf("due on %s, want %s", inv.DueOn, want)
		}
		p := story.Must(w, w.Manager, receivable.ReceivePayment, receivable.NewPayment{CustomerID: c.ID, Number: "P1", Amount: story.Yuan(70_000), ReceivedOn: w.Today()})
		if p.Unused != story.Yuan(10_000) || len(p.Allocations) != 1 {
			w.T.Errorf("payment: %+v", p)
		}
		o := story.See(w, w.Sales, limit.View, limit.CustomerInput{CustomerID: c.ID})
		if len(o.Lines) != 1 || o.Lines[0].Exposure != story.Yuan(40_000) || o.Lines[0].Available != story.Yuan(60_000) {
			w.T.Errorf("line: %+v", o.Lines)
		}
		story.Must(w, w.Manager, limit.FreezeLimit, limit.FreezeInput{CustomerID: c.ID, Reason: "法定代表人失联"})
		if frozen := submit("A3", 1_000); frozen.Check.Decision != ordercheck.Hold || frozen.Check.Reasons[0].Key != "ordercheck.frozen" {
			w.T.Errorf("frozen: %+v", frozen.Check)
		}
	})
}

func TestScopeAndFourEyes(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "成都蜀源食品有限公司", 0)
		if _, err := operation.Read(w.T.Context(), w.Runner, story.By(w.Sales2), customer.View, customer.ByIDInput{ID: c.ID}); fault.KindOf(err) != fault.KindNotFound {
			w.T.Errorf("another salesperson sees the customer: %v", err)
		}
		if page := story.See(w, w.Sales2, customer.List, customer.ListInput{}); page.Total != 0 || len(page.Customers) != 0 {
			w.T.Errorf("another salesperson lists the customer: %+v", page)
		}
		asked := story.Must(w, w.Manager, limit.Apply, limit.Application{CustomerID: c.ID, Amount: story.Yuan(200_000), Reason: "首次授信"})
		vote := approval.Decision{RequestID: asked.Approval.ID, Version: asked.Approval.Version, Verdict: approval.Approve}
		_, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), limit.Decide, vote)
		if e := fault.As(err); e == nil || e.Key != "approval.own" {
			w.T.Errorf("the applicant approved his own request: %v", err)
		}
		_, err = operation.Run(w.T.Context(), w.Runner, story.By(w.Member1), limit.Decide, vote)
		if e := fault.As(err); e == nil || e.Key != "approval.role_needed" {
			w.T.Errorf("someone without the step's role approved: %v", err)
		}
		done := story.Must(w, w.Manager2, limit.Decide, vote)
		if done.Limit.Status != limit.Active {
			w.T.Errorf("after the last vote: %+v", done)
		}
		if _, err = operation.Run(w.T.Context(), w.Runner, story.By(w.Manager2), limit.Decide, vote); fault.KindOf(err) != fault.KindConflict {
			w.T.Errorf("a closed request was decided again: %v", err)
		}
	})
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "青岛海沃贸易有限公司", 100_000)
		call := story.By(w.Sales)
		call.Key = "k-1"
		order := ordercheck.NewOrder{CustomerID: c.ID, Number: "S1", Amount: story.Yuan(1_000)}
		var wg sync.WaitGroup
		ids := make([]string, 20)
		for i := range ids {
			wg.Go(func() {
				a, err := operation.Run(w.T.Context(), w.Runner, call, ordercheck.Submit, order)
				if err != nil {
					w.T.Error(err)
				}
				ids[i] = a.Check.ID
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] || id == "" {
				w.T.Fatalf("one key, several answers: %v", ids)
			}
		}
		order.Amount = story.Yuan(2_000)
		if _, err := operation.Run(w.T.Context(), w.Runner, call, ordercheck.Submit, order); fault.KindOf(err) != fault.KindReused {
			w.T.Errorf("the key served another body: %v", err)
		}
	})
}

func TestAuditNamesWhatWasTouched(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		for i := range 5 {
			newCustomer(w, fmt.Sprintf("审计样本%d有限公司", i), 0)
		}
		if n, err := audit.Seal(w.T.Context(), w.DB); err != nil || n != 5 {
			w.T.Fatalf("sealed %d, %v", n, err)
		}
		verify := func() audit.Report {
			r, err := audit.Verify(w.T.Context(), w.DB)
			if err != nil {
				w.T.Fatal(err)
			}
			return r
		}
		if r := verify(); !r.OK || r.Sealed != 5 || r.Unsealed != 0 {
			w.T.Fatalf("a whole chain: %+v", r)
		}
		exec := func(query string) {
			if _, err := w.DB.Pool().ExecContext(w.T.Context(), query); err != nil {
				w.T.Fatal(err)
			}
		}
		exec(`UPDATE audit_entry SET actor_name = 'nobody' WHERE seq = 3`)
		if r := verify(); r.OK || r.Seq != 3 || r.BrokenID == "" {
			w.T.Errorf("a changed entry: %+v", r)
		}
		exec(`UPDATE audit_entry SET actor_name = 'sales' WHERE seq = 3`)
		if r := verify(); !r.OK {
			w.T.Errorf("mended: %+v", r)
		}
		exec(`DELETE FROM audit_entry WHERE seq = 5`)
		if r := verify(); r.OK || r.Seq != 5 {
			w.T.Errorf("the last entry gone: %+v", r)
		}
		exec(`DELETE FROM audit_entry WHERE seq = 2`)
		if r := verify(); r.OK || r.Seq != 2 {
			w.T.Errorf("an entry gone: %+v", r)
		}
	})
}
