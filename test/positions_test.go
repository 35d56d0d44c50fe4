package test

import (
	"testing"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/portfolio"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

// The list of customers shows for each what its own page shows, in the reader's scope, sorted by what is wrong.
func TestPositions(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		a := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: "位置测试甲有限公司", Status: customer.Active}})
		b := story.Must(w, w.Sales2, customer.Create, customer.New{Profile: customer.Profile{Name: "位置测试乙有限公司", Status: customer.Active}})
		bill := func(c customer.Customer, number string, yuan int64, due string, disputed bool) {
			inv := story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, Number: number, Amount: money.Yuan(yuan), IssuedOn: "2026-03-01", DueOn: clock.Date(due)})
			if disputed {
				story.Must(w, w.Manager, receivable.Dispute, receivable.Disputed{InvoiceID: inv.ID, Version: inv.Version, Disputed: true, Reason: "质量异议"})
			}
		}
		bill(a, "A1", 1000, "2026-06-05", false) // ten days past due on 15 June 2026
		bill(a, "A2", 500, "2026-07-01", false)
		bill(b, "B1", 300, "2026-05-01", true)
		read := func(who operation.Actor, q listing.Query) portfolio.Positions {
			return story.See(w, who, portfolio.ListPositions, portfolio.PositionsInput{Query: q})
		}
		all := read(w.Manager, listing.Query{Sort: "-overdue"})
		if all.Total != 2 || len(all.Rows) != 2 || all.Rows[0].CustomerID != a.ID {
			t.Fatalf("%+v", all)
		}
		first, second := all.Rows[0], all.Rows[1]
		if first.Exposure != money.Yuan(1500) || first.Overdue != money.Yuan(1000) || first.WorstDays != 10 || first.Limit.Minor != 0 {
			t.Errorf("first %+v", first)
		}
		if second.Overdue != money.Yuan(300) || second.WorstDays != 0 { // all of it disputed
			t.Errorf("second %+v", second)
		}
		if own := read(w.Sales2, listing.Query{}); own.Total != 1 || own.Rows[0].CustomerID != b.ID {
			t.Errorf("a salesperson sees %+v", own)
		}
		page := read(w.Manager, listing.Query{Sort: "-overdue", Limit: 1})
		if next := read(w.Manager, listing.Query{Sort: "-overdue", Limit: 1, After: page.Next}); len(next.Rows) != 1 || next.Rows[0].CustomerID != b.ID {
			t.Errorf("the second page is %+v", next)
		}
		if some := read(w.Manager, listing.Query{Filters: []listing.Filter{{Column: "exposure", Op: "ge", Value: "100000"}}}); some.Total != 1 {
			t.Errorf("filtered: %+v", some)
		}
	})
}
