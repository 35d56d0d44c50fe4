package sample

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/operation"
)

// step is one thing that somebody did about a customer on a day.
type step struct {
	on     clock.Date
	minute int // after ten o'clock, in the order of the day
	what   string
	run    func(ctx context.Context, r *operation.Runner) error
}

// diary collects the steps of a customer.
type diary struct {
	*load
	*Company
	steps []step
}

// do adds a step: a person runs an operation with an input. The key is made of the customer, the operation and what
// tells this run from others.
func do[In, Out any](d *diary, on clock.Date, login string, o *operation.Operation[In, Out], in In, key string) {
	what := o.Name() + " " + d.ID + " " + key
	d.add(on, what, func(ctx context.Context, r *operation.Runner) error {
		_, err := operation.Run(ctx, r, call(d.people[login], "sample/"+what), o, in)
		return err
	})
}

func (d *diary) add(on clock.Date, what string, run func(ctx context.Context, r *operation.Runner) error) {
	d.steps = append(d.steps, step{on: on, what: what, run: run})
}

// steps gives what happened about a customer, by date, up to the last day.
func (l *load) steps(c *Company, last clock.Date) []step {
	d := &diary{load: l, Company: c}
	d.file()
	for _, on := range c.Assessed {
		do(d, on, "analyst", assessment.Assess, assessment.Run{CustomerID: c.ID}, string(on))
	}
	for i, asked := range c.Limits {
		d.limit(i, asked, last)
	}
	if f := c.Freeze; f != nil {
		do(d, f.On, "manager", limit.FreezeLimit, limit.FreezeInput{CustomerID: c.ID, Reason: f.Reason}, "")
	}
	for _, o := range c.Orders {
		if o.Invoice == nil {
			d.order(o, last)
		}
	}
	slices.SortStableFunc(d.steps, func(a, b step) int { return cmp.Compare(a.on, b.on) })
	for i := range d.steps {
		if i > 0 && d.steps[i].on == d.steps[i-1].on {
			d.steps[i].minute = d.steps[i-1].minute + 3
		}
	}
	return d.steps
}

// file opens the customer's file and fills it.
func (d *diary) file() {
	do(d, d.JoinedOn, d.Salesperson, customer.Create, d.New, "")
	for i, contact := range d.Contacts {
		do(d, d.JoinedOn, d.Salesperson, customer.AddContact, contact, fmt.Sprint(i))
	}
	do(d, d.JoinedOn.AddDays(1), "analyst", customer.SetShareholders, customer.Shareholders{CustomerID: d.ID, Shareholders: slices.Clone(d.Shareholders)}, "")
	for on, in := range d.statementsByDay() {
		do(d, on, "analyst", customer.EnterStatements, in, string(on))
	}
	if len(d.Answers) > 0 {
		do(d, d.JoinedOn.AddDays(2), "analyst", assessment.AnswerQuestionnaire, assessment.Answers{CustomerID: d.ID, Answers: d.Answers}, "")
	}
	d.riskFile()
	for i, record := range d.Compliance {
		do(d, record.Happened, "analyst", customer.AddCompliance, record, fmt.Sprint(i))
	}
}

// statementsByDay gives what is entered on each day: what came in on one day is entered together.
func (d *diary) statementsByDay() map[clock.Date]customer.NewStatements {
	days := map[clock.Date]customer.NewStatements{}
	for _, s := range d.Statements {
		in := days[s.On]
		in.CustomerID, in.Source = d.ID, "客户报送财务报表"
		in.Statements = append(in.Statements, s.Statement)
		days[s.On] = in
	}
	return days
}

// votingDays are how long after the application the first, second and third vote fall.
var votingDays = []int{1, 3, 4}

// limit applies for a limit, and lets people with the authority decide on the days after. Who waits at the end of the
// portfolio waits for the reader.
func (d *diary) limit(number int, asked Limit, last clock.Date) {
	var now limit.Asked
	do := func(on clock.Date, what string, vote func(ctx context.Context, r *operation.Runner, key string) (limit.Asked, error)) {
		what = fmt.Sprintf("%s %s %d", what, d.ID, number)
		d.add(on, what, func(ctx context.Context, r *operation.Runner) (err error) {
			now, err = vote(ctx, r, "sample/"+what)
			return err
		})
	}
	do(asked.On, limit.Apply.Name(), func(ctx context.Context, r *operation.Runner, key string) (limit.Asked, error) {
		return operation.Run(ctx, r, call(d.people[d.Salesperson], key), limit.Apply, limit.Application{CustomerID: d.ID, Amount: asked.Amount, Reason: asked.Reason})
	})
	if asked.Verdict == "" {
		return
	}
	reason := "额度与评级、往来情况相符"
	if asked.Verdict == approval.Reject {
		reason = "已有逾期未清，先收回逾期款项"
	}
	for i, days := range votingDays {
		if on := asked.On.AddDays(days); on <= last {
			do(on, fmt.Sprint(limit.Decide.Name(), " ", i), func(ctx context.Context, r *operation.Runner, key string) (limit.Asked, error) {
				if now.Approval.Status != approval.Waiting {
					return now, nil
				}
				vote := approval.Decision{RequestID: now.Approval.ID, Version: now.Approval.Version, Verdict: asked.Verdict, Reason: reason}
				return operation.Run(ctx, r, call(d.voter(now.Approval), key), limit.Decide, vote)
			})
		}
	}
}

// voters are who decides, by role, in the order in which they are asked.
var voters = map[string][]string{string(access.CreditManager): {"manager"}, string(access.Committee): {"committee", "committee2"}}

// voter is the first person with the role of the step that waits who has not voted.
func (l *load) voter(r approval.Request) operation.Actor {
	for _, login := range voters[r.Steps[r.Step].Role] {
		who := l.people[login]
		if !slices.ContainsFunc(r.Votes, func(v approval.Vote) bool { return v.UserID == who.ID }) {
			return who
		}
	}
	return operation.Actor{}
}

// order submits an order to the check; the day after, a manager rules on what is held.
func (d *diary) order(o Order, last clock.Date) {
	var answer ordercheck.Answer
	d.add(o.On, ordercheck.Submit.Name()+" "+o.Number, func(ctx context.Context, r *operation.Runner) (err error) {
		answer, err = operation.Run(ctx, r, call(d.people[d.Salesperson], "sample/"+o.Number), ordercheck.Submit,
			ordercheck.NewOrder{CustomerID: d.ID, Number: o.Number, Amount: o.Amount, OrderedOn: o.On})
		return err
	})
	rulings := map[string]*operation.Operation[ordercheck.Ruling, ordercheck.Answer]{"release": ordercheck.Release, "refuse": ordercheck.Refuse}
	reasons := map[string]string{"release": "客户已书面承诺付款日期，本批照发", "refuse": "先收回逾期款项再发货"}
	rule, on := rulings[o.Ruling], o.On.AddDays(1)
	if rule == nil || on > last {
		return
	}
	d.add(on, rule.Name()+" "+o.Number, func(ctx context.Context, r *operation.Runner) error {
		if answer.Check.Decision != ordercheck.Hold {
			return nil
		}
		_, err := operation.Run(ctx, r, call(d.people["manager"], "sample/ruling/"+o.Number), rule,
			ordercheck.Ruling{OrderID: answer.Order.ID, Version: answer.Order.Version, Reason: reasons[o.Ruling]})
		return err
	})
}
