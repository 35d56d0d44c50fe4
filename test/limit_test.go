package test

import (
	"math"
	"testing"
	"time"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

func approved(w *story.World, c customer.Customer, in limit.Application) limit.Limit {
	w.T.Helper()
	in.CustomerID, in.Reason = c.ID, "年度授信"
	asked := story.Must(w, w.Sales, limit.Apply, in)
	for _, voter := range []operation.Actor{w.Manager, w.Member1, w.Member2} {
		if asked.Approval.Status != approval.Waiting {
			break
		}
		asked = story.Must(w, voter, limit.Decide, approval.Decision{RequestID: asked.Approval.ID, Version: asked.Approval.Version, Verdict: approval.Approve})
	}
	return asked.Limit
}

// A limit that is approved for a day to come leaves the one in force until that day, on which orders find it, whether the
// daily round has come by or not.
func TestLimitOfALaterDay(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "温州瑞安汽配有限公司", 1000)
		w.Now = w.Now.Add(time.Hour)
		next := approved(w, c, limit.Application{Amount: story.Yuan(5000), ValidFrom: "2026-06-20"})
		if next.Status != limit.Scheduled {
			w.T.Fatalf("approved for the twentieth: %s", next.Status)
		}
		order := func(number string, yuan int64) ordercheck.Check {
			return story.Must(w, w.Sales, ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: number, Amount: story.Yuan(yuan)}).Check
		}
		if k := order("1", 900); k.Decision != ordercheck.Approve || k.Limit != story.Yuan(1000) {
			w.T.Errorf("on the fifteenth: %+v", k)
		}
		w.Now = w.Now.Add(5 * 24 * time.Hour)
		if k := order("2", 4000); k.Decision != ordercheck.Approve || k.Limit != story.Yuan(5000) {
			w.T.Errorf("on the twentieth: %+v", k)
		}
		if err := w.DailyRound(w.T.Context()); err != nil {
			w.T.Fatal(err)
		}
		if k := order("3", 100); k.Decision != ordercheck.Approve || k.Limit != story.Yuan(5000) {
			w.T.Errorf("after the round: %+v", k)
		}
		page := story.See(w, w.Manager, limit.View, limit.CustomerInput{CustomerID: c.ID})
		var states []limit.Status
		for _, l := range page.History {
			states = append(states, l.Status)
		}
		if len(states) != 2 || states[0] != limit.Active || states[1] != limit.Replaced {
			w.T.Errorf("the history is %v", states)
		}
	})
}

// What the rule rejects, nobody releases: the limit ended while the order was held, or the customer came into default.
func TestReleaseIsBoundByTheRule(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		ended, late := newCustomer(w, "衢州晟达化工有限公司", 1000), newCustomer(w, "丽水嘉禾竹木有限公司", 1000)
		hold := func(c customer.Customer) receivable.Order {
			o := story.Must(w, w.Sales, ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: "1", Amount: story.Yuan(2000)}).Order
			if o.Status != receivable.OrderHeld {
				w.T.Fatalf("over the limit: %s", o.Status)
			}
			return o
		}
		first, second := hold(ended), hold(late)
		story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: late.ID, Number: "A", Amount: story.Yuan(1), IssuedOn: "2026-01-01", DueOn: "2026-03-01"})
		release := func(o receivable.Order) error {
			_, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), ordercheck.Release, ordercheck.Ruling{OrderID: o.ID, Version: o.Version, Reason: "重点客户"})
			return err
		}
		if f := fault.As(release(second)); f == nil || f.Key != "ordercheck.default_overdue" {
			w.T.Errorf("of a customer 106 days past due: %v", f)
		}
		w.Now = w.Now.Add(400 * 24 * time.Hour)
		if f := fault.As(release(first)); f == nil || f.Key != "ordercheck.no_limit" {
			w.T.Errorf("after the limit ended: %v", f)
		}
	})
}

// A freeze that an incident caused is lifted there; the door lifts a person's own.
func TestFreezeOfAnotherCause(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "金华永固五金有限公司", 1000)
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), limit.FreezeLimit, limit.FreezeInput{CustomerID: c.ID, Cause: "incident:1", Reason: "x"}); fault.KindOf(err) != fault.KindConflict {
			w.T.Errorf("a person freezes in an incident's name: %v", err)
		}
		story.Must(w, operation.System("test"), limit.FreezeLimit, limit.FreezeInput{CustomerID: c.ID, Cause: "incident:1", Reason: "x"})
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), limit.Unfreeze, limit.FreezeInput{CustomerID: c.ID, Cause: "incident:1", Reason: "x"}); fault.KindOf(err) != fault.KindConflict {
			w.T.Errorf("a person lifts an incident's freeze: %v", err)
		}
	})
}

// Amounts and days that no document has are refused at the door, before sums could overflow.
func TestImpossibleDocuments(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "舟山远洋渔业有限公司", 1000)
		huge := money.Amount{Minor: math.MaxInt64, Currency: money.CNY}
		for name, in := range map[string]receivable.NewInvoice{
			"amount": {Amount: huge, IssuedOn: "2026-06-01"}, "early": {Amount: story.Yuan(1), IssuedOn: "0001-01-01"}, "late": {Amount: story.Yuan(1), IssuedOn: "9999-12-31"},
		} {
			in.CustomerID, in.Number = c.ID, name
			if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), receivable.IssueInvoice, in); fault.KindOf(err) != fault.KindInvalid {
				w.T.Errorf("%s: %v", name, err)
			}
		}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Sales), ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: "1", Amount: huge}); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("an order: %v", err)
		}
		p := story.Must(w, w.Manager, receivable.ReceivePayment, receivable.NewPayment{CustomerID: c.ID, Number: "P", Amount: story.Yuan(100), ReceivedOn: "2026-06-01", OnAccount: true})
		inv := story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, Number: "I", Amount: story.Yuan(100), IssuedOn: "2026-06-01"})
		dollars := receivable.Assign{InvoiceID: inv.ID, Amount: money.Of(500, "USD")}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), receivable.Allocate, receivable.Later{PaymentID: p.ID, Allocate: []receivable.Assign{dollars}}); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("dollars of a payment in yuan: %v", err)
		}
	})
}
