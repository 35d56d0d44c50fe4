package test

import (
	"testing"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/emergency"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/portfolio"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

// hired makes the story's people users of the product, so that work can be given to them.
func hired(w *story.World, roles map[string]access.Role) {
	w.T.Helper()
	for login, role := range roles {
		scope := operation.ScopeAll
		if role == access.Sales {
			scope = operation.ScopeOwn
		}
		in := access.NewUser{ID: "user-" + login, Login: login, Name: login, Password: access.Secret("correct horse battery"), Scope: scope, Roles: []access.Role{role}}
		story.Must(w, operation.System("test"), access.CreateUser, in)
	}
}

// An incident is as grave as the exposure at stake, by the plan's bands; its tasks go to people with the role who see the
// customer, and stand on their lists.
func TestIncidentsInProportionWithTasksOfPeople(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		if err := w.DailyRound(w.T.Context()); err != nil {
			w.T.Fatal(err)
		}
		hired(w, map[string]access.Role{"sales": access.Sales, "sales2": access.Sales, "manager": access.CreditManager, "manager2": access.CreditManager})
		open := func(name string, yuan int64) emergency.Incident {
			c := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: name, Industry: "C34", TermsDays: 60}})
			if yuan > 0 {
				story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, Number: "F-" + name, Amount: story.Yuan(yuan), IssuedOn: w.Today()})
			}
			return story.Must(w, w.Manager, emergency.Activate, emergency.ActivateInput{PlanID: "major_default", CustomerID: c.ID, Reason: "失联"})
		}
		for name, want := range map[string]struct {
			yuan  int64
			level emergency.Level
		}{"甲": {61_208, 4}, "乙": {100_000, 3}, "丙": {999_999, 3}, "丁": {9_400_000, 2}, "戊": {10_000_000, 1}, "己": {0, 4}} {
			if i := open("衢州"+name+"有限公司", want.yuan); i.Level != want.level {
				w.T.Errorf("level %d at %d; want %d", i.Level, want.yuan, want.level)
			}
		}
		i := open("丽水青瓷有限公司", 200_000)
		managers := map[string]int{}
		for _, task := range i.Tasks {
			switch task.Role {
			case "sales":
				if task.AssigneeID != w.Sales.ID { // the other salesperson does not see the customer
					w.T.Errorf("the salesperson's task went to %q", task.AssigneeID)
				}
			case "credit_manager":
				managers[task.AssigneeID]++
			case "legal":
				if task.AssigneeID != "" {
					w.T.Errorf("there is no legal counsel, and yet the task went to %q", task.AssigneeID)
				}
			}
		}
		if managers[w.Manager.ID] == 0 || managers[w.Manager2.ID] == 0 || len(managers) != 2 {
			w.T.Errorf("three tasks of two managers went to %v", managers)
		}
		first := i.Tasks[0]
		refused(w, w.Manager, emergency.AssignTask, emergency.AssignInput{IncidentID: i.ID, TaskID: first.ID, Version: first.Version, AssigneeID: w.Sales2.ID}, fault.KindInvalid)
		refused(w, w.Manager, emergency.AssignTask, emergency.AssignInput{IncidentID: i.ID, TaskID: first.ID, Version: first.Version, AssigneeID: w.Manager.ID}, fault.KindInvalid)
		w.Now = w.Now.Add(5 * time.Hour)
		mine := story.See(w, w.Sales, emergency.MyTasks, emergency.MyTasksInput{})
		late := 0
		for _, m := range mine {
			if m.Late {
				late++
			}
			if m.AssigneeID != w.Sales.ID || m.CustomerName == "" || m.IncidentID == "" {
				w.T.Errorf("task: %+v", m)
			}
		}
		if len(mine) != 7 || late != 7 { // one an incident, due within 4 hours
			w.T.Errorf("%d tasks, %d late; want 7 and 7", len(mine), late)
		}
		if others := story.See(w, w.Sales2, emergency.MyTasks, emergency.MyTasksInput{}); len(others) != 0 {
			w.T.Errorf("another's salesperson has %d tasks", len(others))
		}
		page := story.See(w, w.Manager, emergency.Incidents, emergency.IncidentsInput{})
		for _, row := range page.Incidents {
			if row.LateTasks != 1 || !row.NextDue.Equal(row.OpenedAt.Add(4*time.Hour)) {
				w.T.Errorf("late %d, next due %s of %s", row.LateTasks, row.NextDue, row.OpenedAt)
			}
		}
	})
}

func TestPlanBands(t *testing.T) {
	t.Parallel()
	const head = "id: a_plan\nname: {zh: 预案, en: plan}\nexit: {zh: 了结, en: done}\ntrigger: {severity: high}\ntasks: [{title: {zh: 催, en: call}, role: sales, hours: 4}]\n"
	parse := func(more string) (emergency.Plan, error) { return emergency.ParsePlan(head + more) }
	own, err := parse("levels: [{level: 2, from: 500}, {level: 4, from: 50}]\n")
	if err != nil {
		t.Fatal(err)
	}
	if g := own.Grade(money.Yuan(500)); g.Level != 2 || g.From != money.Yuan(500) {
		t.Errorf("at the edge: %+v", g)
	}
	if g := own.Grade(money.Yuan(499)); g.Level != 4 || g.From != money.Yuan(50) || g.Next != money.Yuan(500) {
		t.Errorf("below it: %+v", g)
	}
	if yen, err := money.Parse("600", "JPY"); err != nil || own.Grade(yen).Level != 2 { // a currency without decimals
		t.Errorf("yen: %+v %v", own.Grade(yen), err)
	}
	fixed, err := parse("level: 1\n")
	if g := fixed.Grade(money.Yuan(1)); err != nil || g.Level != 1 || !g.Fixed {
		t.Errorf("a level of its own: %+v %v", g, err)
	}
	for _, wrong := range []string{"levels: [{level: 3, from: 50}, {level: 2, from: 500}]\n", "levels: [{level: 2, from: 50}, {level: 3, from: 500}]\n", "levels: [{level: 5, from: 50}]\n", "level: 5\n"} {
		if _, err := parse(wrong); fault.KindOf(err) != fault.KindInvalid {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// A release of the starting plan reaches an installation that did not change it, and leaves one that did.
func TestSeedKeepsWhatPeopleChanged(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		sources, err := emergency.StartingPlans()
		if err != nil {
			w.T.Fatal(err)
		}
		schedule := operation.System("schedule")
		story.Must(w, schedule, emergency.SavePlan, emergency.SavePlanInput{Source: sources[0] + "\n# an earlier release\n"})
		story.Must(w, schedule, emergency.Seed, emergency.SeedInput{})
		if p := story.See(w, w.Manager, emergency.Plans, emergency.PlansInput{}).Plans[0]; p.Version != 2 || p.Source != sources[0] {
			w.T.Errorf("the new release is not in force: v%d", p.Version)
		}
		story.Must(w, w.Manager, emergency.SavePlan, emergency.SavePlanInput{Source: sources[0] + "\n# ours\n"})
		story.Must(w, schedule, emergency.Seed, emergency.SeedInput{})
		if p := story.See(w, w.Manager, emergency.Plans, emergency.PlansInput{}).Plans[0]; p.Version != 3 || p.SavedBy != w.Manager.Name {
			w.T.Errorf("what the manager changed is gone: v%d by %s", p.Version, p.SavedBy)
		}
	})
}

// The timeline tells how much a decision was about and what came of it, and leads to it.
func TestTimelineTellsAmountAndOutcome(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		asked := asking(w, "舟山远航渔业有限公司", 80_000, w.Today().AddDays(90))
		no := vote(asked.Approval, approval.Reject)
		story.Must(w, w.Manager, limit.Decide, no)
		paid := story.Must(w, w.Manager, receivable.ReceivePayment, receivable.NewPayment{CustomerID: asked.Limit.CustomerID, Number: "P-9", Amount: story.Yuan(700), ReceivedOn: w.Today()})
		told := map[string]portfolio.Moment{}
		for _, m := range story.See(w, w.Sales, portfolio.Timeline, portfolio.TimelineInput{CustomerID: asked.Limit.CustomerID}).Moments {
			told[m.What] = m
		}
		if m := told["limit.decide"]; m.Thing != "limit" || m.Amount != story.Yuan(80_000) || m.Outcome != "rejected" || m.Link != "approvals/"+asked.Approval.ID {
			w.T.Errorf("the decision: %+v", m)
		}
		if m := told["receivable.receive_payment"]; m.Amount != paid.Amount || m.Text != "P-9" || m.Link == "" {
			w.T.Errorf("the payment: %+v", m)
		}
	})
}
