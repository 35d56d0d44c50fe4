package test

import (
	"sync"
	"testing"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

// refused runs an operation that has to be refused with a kind.
func refused[In, Out any](w *story.World, a operation.Actor, o *operation.Operation[In, Out], in In, want fault.Kind) {
	w.T.Helper()
	if _, err := operation.Run(w.T.Context(), w.Runner, story.By(a), o, in); fault.KindOf(err) != want || err == nil {
		w.T.Errorf("%s by %s: %v; want %s", o.Name(), a.Name, err, want)
	}
}

// asking opens an application for yuan until a day.
func asking(w *story.World, name string, yuan int64, until clock.Date) limit.Asked {
	w.T.Helper()
	c := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: name, Industry: "C34", TermsDays: 60}})
	return story.Must(w, w.Sales, limit.Apply, limit.Application{CustomerID: c.ID, Amount: story.Yuan(yuan), ValidUntil: until, Reason: "年度框架合同"})
}

func vote(r approval.Request, verdict approval.Verdict) approval.Decision {
	return approval.Decision{RequestID: r.ID, Version: r.Version, Verdict: verdict, Reason: "已核"}
}

// An approver may lower the amount and the last day and name conditions, never go above what was asked; who voted for
// other terms votes again, and the limit in force is what was granted last, with what was asked beside it.
func TestApprovedIsWhatWasGranted(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		end, earlier := w.Today().AddDays(300), w.Today().AddDays(120)
		asked := asking(w, "宁波旭晟塑料有限公司", 2_000_000, end) // a manager, then the committee
		above, long := story.Yuan(2_000_001), vote(asked.Approval, approval.Approve)
		over := vote(asked.Approval, approval.Approve)
		over.Amount, long.Until = &above, end.AddDays(1)
		refused(w, w.Manager, limit.Decide, over, fault.KindInvalid)
		refused(w, w.Manager, limit.Decide, long, fault.KindInvalid)

		asked = story.Must(w, w.Manager, limit.Decide, vote(asked.Approval, approval.Approve))
		if asked.Approval.Step != 1 || asked.Approval.Status != approval.Waiting {
			w.T.Fatalf("after the manager: %+v", asked.Approval)
		}
		less, lower := story.Yuan(1_200_000), vote(asked.Approval, approval.Approve)
		lower.Amount, lower.Until, lower.Conditions = &less, earlier, "须追加存货质押"
		asked = story.Must(w, w.Member1, limit.Decide, lower)
		if asked.Approval.Status != approval.Waiting || asked.Approval.Step != 0 || asked.Limit.Status != limit.Requested {
			w.T.Fatalf("the manager's vote for 2,000,000 counts for 1,200,000: %+v", asked.Approval)
		}
		refused(w, w.Member1, limit.Decide, vote(asked.Approval, approval.Approve), fault.KindForbidden) // not his step
		asked = story.Must(w, w.Manager, limit.Decide, vote(asked.Approval, approval.Approve))
		l := asked.Limit
		if l.Status != limit.Active || l.Amount != less || l.Asked != story.Yuan(2_000_000) || l.ValidUntil != earlier || l.AskedUntil != end || l.Conditions != "须追加存货质押" {
			w.T.Fatalf("limit: %+v", l)
		}
		seen := story.See(w, w.Sales, limit.View, limit.CustomerInput{CustomerID: l.CustomerID})
		if kept := seen.Lines[0].Limit; kept == nil || kept.Amount != less || kept.Asked != l.Asked || kept.Conditions != l.Conditions || kept.ValidUntil != earlier {
			w.T.Errorf("kept: %+v", kept)
		}
	})
}

// A returned request waits for its applicant; what he resubmits is voted on anew, by the chain of its amount.
func TestReturnedIsAmendedAndVotedOnAnew(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		asked := asking(w, "温州启帆电器有限公司", 900_000, w.Today().AddDays(200))
		asked = story.Must(w, w.Manager, limit.Decide, vote(asked.Approval, approval.Approve))
		question := vote(asked.Approval, approval.Return)
		question.Reason = ""
		refused(w, w.Member1, limit.Decide, question, fault.KindInvalid)
		question.Reason = "为何不用信用证？"
		returned := story.Must(w, w.Member1, limit.Decide, question)
		if returned.Approval.Status != approval.Returned || returned.Limit.Status != limit.Requested {
			w.T.Fatalf("returned: %+v", returned)
		}
		refused(w, w.Member2, limit.Decide, vote(returned.Approval, approval.Approve), fault.KindConflict)
		again := limit.Amendment{RequestID: returned.Approval.ID, Version: returned.Approval.Version, Amount: story.Yuan(400_000), Reason: "客户不接受信用证，减额"}
		refused(w, w.Analyst, limit.Amend, again, fault.KindForbidden) // not his
		refused(w, w.Sales2, limit.Amend, again, fault.KindNotFound)   // not his customer
		amended := story.Must(w, w.Sales, limit.Amend, again)
		if r := amended.Approval; r.Status != approval.Waiting || r.Round != 2 || r.Step != 0 || len(r.Steps) != 1 || r.Amount != story.Yuan(400_000) {
			w.T.Fatalf("amended: %+v", r)
		}
		done := story.Must(w, w.Manager, limit.Decide, vote(amended.Approval, approval.Approve)) // his vote of before does not stand in the way
		if done.Limit.Status != limit.Active || done.Limit.Amount != story.Yuan(400_000) {
			w.T.Errorf("limit: %+v", done.Limit)
		}
	})
}

// An approval of the version before an amendment is stale; when both come at once, the limit in force is always the
// version that was voted on.
func TestApprovalRacesAmendment(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		until := w.Today().AddDays(100)
		asked := asking(w, "嘉兴越海纺织有限公司", 100_000, until)
		story.Must(w, w.Sales, limit.Amend, limit.Amendment{RequestID: asked.Approval.ID, Version: asked.Approval.Version, Amount: story.Yuan(450_000), Reason: "增额"})
		refused(w, w.Manager, limit.Decide, vote(asked.Approval, approval.Approve), fault.KindStale)

		for i, name := range []string{"绍兴一号有限公司", "绍兴二号有限公司", "绍兴三号有限公司", "绍兴四号有限公司", "绍兴五号有限公司", "绍兴六号有限公司"} {
			asked := asking(w, name, 100_000, until)
			var approveErr, amendErr error
			var wg sync.WaitGroup
			wg.Go(func() {
				_, approveErr = operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), limit.Decide, vote(asked.Approval, approval.Approve))
			})
			wg.Go(func() {
				_, amendErr = operation.Run(w.T.Context(), w.Runner, story.By(w.Sales), limit.Amend,
					limit.Amendment{RequestID: asked.Approval.ID, Version: asked.Approval.Version, Amount: story.Yuan(450_000), Reason: "增额"})
			})
			wg.Wait()
			if (approveErr == nil) == (amendErr == nil) {
				w.T.Fatalf("race %d: approval %v, amendment %v", i, approveErr, amendErr)
			}
			o := story.See(w, w.Manager, limit.View, limit.CustomerInput{CustomerID: asked.Limit.CustomerID})
			if l := o.Lines[0].Limit; approveErr == nil && (l == nil || l.Amount != story.Yuan(100_000)) || approveErr != nil && l != nil {
				w.T.Errorf("race %d: in force %+v, approval %v", i, l, approveErr)
			}
		}
	})
}

// One person releases alone what is within his authority; above it the chain decides, and the last vote releases the
// order in its own transaction.
func TestReleaseFollowsTheAuthorityMatrix(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "台州博远阀门有限公司", 300_000)
		submit := func(number string, yuan int64) receivable.Order {
			w.T.Helper()
			a := story.Must(w, w.Sales, ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: number, Amount: story.Yuan(yuan)})
			if a.Check.Decision != ordercheck.Hold {
				w.T.Fatalf("%s: %+v", number, a.Check)
			}
			return a.Order
		}
		release := func(o receivable.Order) ordercheck.Answer {
			w.T.Helper()
			return story.Must(w, w.Manager, ordercheck.Release, ordercheck.Ruling{OrderID: o.ID, Version: o.Version, Reason: "已收定金"})
		}
		if a := release(submit("R1", 400_000)); a.Order.Status != receivable.OrderApproved || a.Approval != nil { // 100,000 over: the edge of his band
			w.T.Fatalf("within his authority: %+v", a)
		}
		o := submit("R2", 350_000) // 450,000 over
		dossier := story.See(w, w.Manager, ordercheck.View, ordercheck.ByIDInput{OrderID: o.ID})
		if dossier.AtStake != story.Yuan(450_000) || dossier.Alone {
			w.T.Errorf("dossier: %+v", dossier)
		}
		a := release(o)
		if a.Order.Status != receivable.OrderHeld || a.Approval == nil || a.Approval.Amount != story.Yuan(450_000) || a.Approval.Steps[0].Role != "committee" {
			w.T.Fatalf("beyond his authority: %+v", a)
		}
		refused(w, w.Manager, ordercheck.Release, ordercheck.Ruling{OrderID: o.ID, Version: o.Version, Reason: "再试"}, fault.KindConflict)
		refused(w, w.Manager, ordercheck.DecideRelease, vote(*a.Approval, approval.Approve), fault.KindForbidden) // he asked
		refused(w, w.Sales, ordercheck.DecideRelease, vote(*a.Approval, approval.Approve), fault.KindForbidden)

		// Meanwhile another order took more of the limit: the committee would release more than it was asked for.
		release(submit("R3", 1)) // 400,001 over with R1: to the committee as well, nothing reserved yet
		story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, Number: "F1", Amount: story.Yuan(20_000), IssuedOn: w.Today()})
		refused(w, w.Member1, ordercheck.DecideRelease, vote(*a.Approval, approval.Approve), fault.KindConflict)
		amended := release(o)
		if amended.Approval.ID != a.Approval.ID || amended.Approval.Amount != story.Yuan(470_000) || amended.Approval.Round != 2 {
			w.T.Fatalf("asked again: %+v", amended.Approval)
		}
		refused(w, w.Member1, ordercheck.DecideRelease, vote(*a.Approval, approval.Approve), fault.KindStale)
		done := story.Must(w, w.Member1, ordercheck.DecideRelease, vote(*amended.Approval, approval.Approve))
		if done.Order.Status != receivable.OrderApproved || done.Approval.Status != approval.Approved {
			w.T.Fatalf("released: %+v", done)
		}
		kept, err := receivable.BalanceOf(w.T.Context(), w.DB, c.ID, money.CNY)
		if err != nil || kept.OpenOrders != story.Yuan(750_000) {
			w.T.Errorf("reserved %v %v; want 750,000", kept.OpenOrders, err)
		}
	})
}

// Whatever its amount, an order on a frozen limit counts whole; refusing it takes back the request to release it.
func TestFrozenCountsWhole(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "金华锦程汽配有限公司", 500_000)
		story.Must(w, w.Manager, limit.FreezeLimit, limit.FreezeInput{CustomerID: c.ID, Reason: "股权冻结"})
		held := story.Must(w, w.Sales, ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: "Z1", Amount: story.Yuan(200_000)}).Order
		ruling := ordercheck.Ruling{OrderID: held.ID, Version: held.Version, Reason: "预付款到账"}
		a := story.Must(w, w.Manager, ordercheck.Release, ruling)
		if a.Approval == nil || a.Approval.Amount != story.Yuan(200_000) {
			w.T.Fatalf("a frozen order within the limit: %+v", a)
		}
		story.Must(w, w.Manager2, ordercheck.Refuse, ruling)
		if r := story.See(w, w.Manager, approval.View, approval.ByID{ID: a.Approval.ID}); r.Status != approval.Withdrawn {
			w.T.Errorf("the request about a refused order: %s", r.Status)
		}
		refused(w, w.Member1, ordercheck.DecideRelease, vote(*a.Approval, approval.Approve), fault.KindConflict)
	})
}

// The matrix is an administrator's: bands without gap or overlap, roles that exist.
func TestAuthorityMatrixIsChecked(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		row := func(currency string, upTo int64, role string) approval.Authority {
			return approval.Authority{Currency: currency, UpTo: upTo, Steps: []approval.Step{{Role: role, Votes: 1}}}
		}
		good := approval.Matrix{Kind: "order_release", Rows: []approval.Authority{row("CNY", 1_000_00, "credit_manager"), row("CNY", approval.NoUpperEnd, "committee"), row("*", approval.NoUpperEnd, "committee")}}
		refused(w, w.Manager, approval.SetAuthority, good, fault.KindForbidden)
		refused(w, w.Member1, approval.SetAuthority, good, fault.KindForbidden)
		admin := w.Manager
		admin.ID, admin.May = "admin", func(string) bool { return true }
		for name, rows := range map[string][]approval.Authority{
			"twice the same band": {row("CNY", 1_000_00, "committee"), row("CNY", 1_000_00, "committee"), row("CNY", approval.NoUpperEnd, "committee"), row("*", approval.NoUpperEnd, "committee")},
			"no upper end":        {row("CNY", 1_000_00, "committee"), row("*", approval.NoUpperEnd, "committee")},
			"no other currency":   {row("CNY", approval.NoUpperEnd, "committee")},
			"unknown role":        {row("*", approval.NoUpperEnd, "boss")},
			"no steps":            {{Currency: "*", UpTo: approval.NoUpperEnd}},
			"no rows":             nil,
		} {
			if _, err := operation.Run(w.T.Context(), w.Runner, story.By(admin), approval.SetAuthority, approval.Matrix{Kind: "order_release", Rows: rows}); fault.KindOf(err) != fault.KindInvalid {
				w.T.Errorf("%s: %v", name, err)
			}
		}
		story.Must(w, admin, approval.SetAuthority, good)
		c := newCustomer(w, "湖州正泽木业有限公司", 10_000)
		held := story.Must(w, w.Sales, ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: "M1", Amount: story.Yuan(11_001)}).Order
		if a := story.Must(w, w.Manager, ordercheck.Release, ordercheck.Ruling{OrderID: held.ID, Version: held.Version, Reason: "测试"}); a.Approval == nil {
			w.T.Errorf("1,001 over with an authority of 1,000: %+v", a)
		}
	})
}
