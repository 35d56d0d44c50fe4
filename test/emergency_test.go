package test

import (
	"testing"

	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/emergency"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/test/story"
)

// raise opens an alert the way the rule engine does, inside an operation of the system.
func raise(w *story.World, a monitoring.Alert) {
	w.T.Helper()
	o := operation.New("test.raise", monitoring.Raise)
	if _, err := operation.Run(w.T.Context(), w.Runner, operation.Call{Actor: operation.System("test")}, o, a); err != nil {
		w.T.Fatal(err)
	}
}

func TestAlertActivatesThePlanThatFreezesTheLimit(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		if err := w.DailyRound(w.T.Context()); err != nil { // lays down the starting plans
			w.T.Fatal(err)
		}
		c := newCustomer(w, "郑州华鼎建材有限公司", 300_000)
		alert := monitoring.Alert{CustomerID: c.ID, RuleID: "overdue", RuleVersion: 1, Severity: monitoring.High, Dedup: "overdue:" + c.ID, TitleZH: "逾期 61 天", TitleEN: "61 days overdue"}
		raise(w, alert)
		w.React()
		if page := story.See(w, w.Manager, emergency.Incidents, emergency.IncidentsInput{}); len(page.Incidents) != 0 {
			w.T.Fatalf("a milder alert activated the plan: %+v", page.Incidents)
		}
		alert.Severity = monitoring.Critical // the same finding, worse
		raise(w, alert)
		raise(w, alert)
		w.React()
		alerts := story.See(w, w.Manager, monitoring.Alerts, monitoring.AlertsInput{})
		if len(alerts.Alerts) != 1 || alerts.Alerts[0].Times != 3 || alerts.Alerts[0].Severity != monitoring.Critical {
			w.T.Fatalf("alerts: %+v", alerts.Alerts)
		}
		page := story.See(w, w.Sales, emergency.Incidents, emergency.IncidentsInput{})
		if len(page.Incidents) != 1 {
			w.T.Fatalf("incidents: %+v", page.Incidents)
		}
		i := story.See(w, w.Manager, emergency.View, emergency.ByIDInput{ID: page.Incidents[0].ID})
		if i.AlertID != alerts.Alerts[0].ID || len(i.Tasks) != 6 || len(i.Actions) != 1 || i.Actions[0].Status != "done" {
			w.T.Fatalf("incident: %+v", i)
		}
		check := func(number string) ordercheck.Answer {
			return story.Must(w, w.Sales, ordercheck.Submit, ordercheck.NewOrder{CustomerID: c.ID, Number: number, Amount: story.Yuan(1_000)})
		}
		if a := check("N1"); a.Check.Decision != ordercheck.Hold || a.Check.Reasons[0].Key != "ordercheck.frozen" {
			w.T.Errorf("an order on a frozen limit: %+v", a.Check)
		}

		// A second cause, then undoing the first: the limit stays frozen.
		story.Must(w, w.Manager, limit.FreezeLimit, limit.FreezeInput{CustomerID: c.ID, Reason: "人工冻结"})
		story.Must(w, w.Manager, emergency.Undo, emergency.ActInput{IncidentID: i.ID, ActionID: i.Actions[0].ID, Reason: "已回款"})
		if a := check("N2"); a.Check.Decision != ordercheck.Hold {
			w.T.Errorf("the manual freeze went with the incident's: %+v", a.Check)
		}
		story.Must(w, w.Manager, limit.Unfreeze, limit.FreezeInput{CustomerID: c.ID, Reason: "核实无误"})
		if a := check("N3"); a.Check.Decision != ordercheck.Approve {
			w.T.Errorf("nothing freezes any more: %+v", a.Check)
		}

		// It closes only when every task is done.
		closing := emergency.CloseInput{IncidentID: i.ID, Version: i.Version, Reason: "款项已收回"}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), emergency.Close, closing); fault.KindOf(err) != fault.KindConflict {
			w.T.Errorf("closed with open tasks: %v", err)
		}
		for _, task := range i.Tasks {
			story.Must(w, w.Manager, emergency.DoTask, emergency.DoTaskInput{IncidentID: i.ID, TaskID: task.ID, Version: task.Version, Note: "已办"})
		}
		story.Must(w, w.Manager, emergency.Close, closing)
		done := story.See(w, w.Manager, emergency.View, emergency.ByIDInput{ID: i.ID})
		kinds := map[string]int{}
		for _, line := range done.Log {
			kinds[line.Kind]++
		}
		for kind, want := range map[string]int{"opened": 1, "action": 1, "undone": 1, "task": 6, "closed": 1} {
			if kinds[kind] != want {
				w.T.Errorf("timeline has %d of %s, want %d: %+v", kinds[kind], kind, want, done.Log)
			}
		}
	})
}
