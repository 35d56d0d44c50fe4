package test

import (
	"testing"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/test/story"
)

func sheet(period clock.Date, assets, liabilities, equity int64) statement.Statement {
	return statement.Statement{Period: period, Consolidated: true, Currency: money.CNY, Unit: 1,
		Values: statement.Values{"total_assets": assets, "total_liabilities": liabilities, "total_equity": equity}}
}

func TestStatementsKeepVersionsAndRefuseBreaks(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "安泽恒岳机械有限公司"}})
		enter := func(in customer.NewStatements) ([]customer.Financial, error) {
			in.CustomerID, in.Source = c.ID, "annual report.xlsx"
			return operation.Run(w.T.Context(), w.Runner, story.By(w.Analyst), customer.EnterStatements, in)
		}
		right, wrong := sheet("2024-12-31", 900, 500, 400), sheet("2025-12-31", 1000, 500, 400)

		_, err := enter(customer.NewStatements{Statements: []statement.Statement{right, wrong}})
		f := fault.As(err)
		if f == nil || len(f.Fields) != 1 || f.Fields[0].Path != "statements[1].values.total_assets" || f.Fields[0].Args["difference"] != "1.00" {
			w.T.Fatalf("want the broken identity named with its difference of 1.00, got %v", err)
		}
		if all := story.See(w, w.Analyst, customer.ListStatements, customer.StatementsInput{CustomerID: c.ID}); len(all) != 0 {
			w.T.Fatalf("nothing half-done stays: %v", all)
		}

		if _, err := enter(customer.NewStatements{Statements: []statement.Statement{wrong}, AcceptBreaks: true}); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("breaks are accepted for a reason only, got %v", err)
		}
		kept, err := enter(customer.NewStatements{Statements: []statement.Statement{right, wrong}, AcceptBreaks: true, Reason: "as published"})
		if err != nil || len(kept) != 2 || kept[1].Reason != "as published" || kept[0].Reason != "" {
			w.T.Fatalf("%+v %v", kept, err)
		}

		corrected := sheet("2025-12-31", 900, 500, 400)
		again, err := enter(customer.NewStatements{Statements: []statement.Statement{right, corrected}})
		if err != nil || again[0].ID != kept[0].ID || again[0].Version != 1 || again[1].Version != 2 {
			w.T.Fatalf("the same figures stay version 1, others become version 2: %+v %v", again, err)
		}
		all := story.See(w, w.Analyst, customer.ListStatements, customer.StatementsInput{CustomerID: c.ID})
		if len(all) != 2 || all[0].Period != "2025-12-31" || all[0].Version != 2 || len(all[0].Breaks) != 0 || all[0].Values["total_assets"] != 900 {
			w.T.Errorf("the newest versions, newest period first: %+v", all)
		}
		old := story.See(w, w.Analyst, customer.ViewStatement, customer.ByIDInput{ID: kept[1].ID})
		if old.Values["total_assets"] != 1000 || len(old.Breaks) != 1 {
			w.T.Errorf("the first version stays: %+v", old)
		}

		_, err = enter(customer.NewStatements{Statements: []statement.Statement{sheet("2030-12-31", 1, 1, 0), {Period: "2020-02-30", Unit: 7, Currency: "XXX"}}})
		paths := map[string]bool{}
		if f := fault.As(err); f != nil {
			for _, field := range f.Fields {
				paths[field.Path] = true
			}
		}
		for _, want := range []string{"statements[1].period", "statements[1].unit", "statements[1].values"} {
			if !paths[want] {
				w.T.Errorf("%s is not named in %v", want, err)
			}
		}
		if _, err := operation.Read(w.T.Context(), w.Runner, story.By(w.Sales), customer.ViewStatement, customer.ByIDInput{ID: kept[1].ID}); fault.KindOf(err) != fault.KindNotFound {
			w.T.Errorf("another's customer is not found, got %v", err)
		}
	})
}
