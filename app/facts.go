package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer/provider"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/internal/outbox"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/monitoring/rule"
	"github.com/xinheng/xinheng/receivable"
)

// tell makes the handler that writes a fact of the books to the event log, under an id that stays the same however often
// it is told.
func tell[Fact any](a *App, event func(Fact) rule.Event) outbox.Handler {
	return func(ctx context.Context, d outbox.Delivery) error {
		var fact Fact
		if err := json.Unmarshal(d.Payload, &fact); err != nil {
			return fmt.Errorf("payload of %s: %w", d.Topic, err)
		}
		if a.Events == nil {
			return fmt.Errorf("%s: this process has no event log", d.Topic)
		}
		e := event(fact)
		e.Type, e.CustomerID = d.Topic, d.Subject
		return monitoring.Tell(ctx, a.Events, e)
	}
}

func orderEvent(f receivable.OrderFact) rule.Event {
	return rule.Event{ID: "order:" + f.OrderID, At: monitoring.Noon(f.OrderedOn), Amount: &f.Amount, Texts: map[string]string{"number": f.Number}}
}

func invoiceEvent(f receivable.InvoiceFact) rule.Event {
	return rule.Event{ID: "invoice:" + f.InvoiceID, At: monitoring.Noon(f.IssuedOn), Amount: &f.Amount,
		Texts: map[string]string{"number": f.Number, "issued_on": string(f.IssuedOn), "due_on": string(f.DueOn)}}
}

func paymentEvent(f receivable.PaymentFact) rule.Event {
	return rule.Event{ID: "payment:" + f.PaymentID, At: monitoring.Noon(f.ReceivedOn), Amount: &f.Amount,
		Texts: map[string]string{"number": f.Number, "received_on": string(f.ReceivedOn)}}
}

func settledEvent(f receivable.SettledFact) rule.Event {
	return rule.Event{ID: "settled:" + f.InvoiceID, At: monitoring.Noon(f.SettledOn), Amount: &f.Amount, Numbers: map[string]float64{"days_late": float64(f.DaysLate)},
		Texts: map[string]string{"number": f.Number}}
}

func newsEvent(f provider.Accepted) rule.Event {
	return rule.Event{ID: "difference:" + f.DifferenceID, At: monitoring.Noon(f.At), Numbers: map[string]float64{"score": f.Score}, Texts: map[string]string{"title": f.Title, "url": f.URL}}
}

func registryEvent(f provider.Accepted) rule.Event {
	return rule.Event{ID: "difference:" + f.DifferenceID, At: monitoring.Noon(f.At), Texts: map[string]string{"field": f.Field, "before": f.Before, "after": f.After}}
}

func litigationEvent(f provider.Accepted) rule.Event {
	e := rule.Event{ID: "difference:" + f.DifferenceID, At: monitoring.Noon(f.At), Texts: map[string]string{"case": f.Number, "court": f.Court}}
	if f.Amount.Positive() {
		e.Amount = &f.Amount
	}
	return e
}

// booking names the operation, and so the permission, that each type of event from outside is booked by.
var booking = map[string]string{
	receivable.OrderPlaced: ordercheck.Submit.Name(), receivable.InvoiceIssued: receivable.IssueInvoice.Name(), receivable.PaymentReceived: receivable.ReceivePayment.Name(),
}

// submitter gives the actor in whose name an event is booked: who submitted it, with the rights that he has now.
func (a *App) submitter(ctx context.Context, e monitoring.Submitted) (operation.Actor, error) {
	if e.By == "" {
		return operation.System("events from " + e.Source), nil
	}
	u, err := access.ByID(ctx, a.DB, e.By)
	if err != nil {
		return operation.Actor{}, err
	}
	if u.Disabled {
		return operation.Actor{}, fault.Forbidden("monitoring.submitter_disabled", fault.Args{"name": u.Name})
	}
	return u.Actor(), nil
}

// eventKey is the idempotency key of an event's identity. The source's length keeps ("a", "b:c") apart from ("a:b", "c").
func eventKey(e rule.Event) string {
	return fmt.Sprintf("event:%d:%s:%s", len(e.Source), e.Source, e.ID)
}

// book applies an event from outside to the books in the name of who submitted it, under a key made of the event's
// identity, so that it is booked once, whoever sends it again.
func (a *App) book(ctx context.Context, e monitoring.Submitted) error {
	if e.Amount == nil {
		return fault.Invalid("amount", "fault.required", nil)
	}
	actor, err := a.submitter(ctx, e)
	if err != nil {
		return err
	}
	call := operation.Call{Actor: actor, Key: eventKey(e.Event), KeyOwner: "event log", Door: "log", Cause: "event " + e.Source + " " + e.ID}
	day := func(name string) clock.Date {
		if text := e.Texts[name]; text != "" {
			return clock.Date(text)
		}
		return clock.DateOf(e.At.In(a.Runner.Zone))
	}
	number := e.Texts["number"]
	if number == "" {
		number = e.ID
	}
	switch e.Type {
	case receivable.OrderPlaced:
		_, err = operation.Run(ctx, a.Runner, call, ordercheck.Submit, ordercheck.NewOrder{CustomerID: e.CustomerID, Number: number, Amount: *e.Amount, OrderedOn: day("ordered_on")})
	case receivable.InvoiceIssued:
		_, err = operation.Run(ctx, a.Runner, call, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: e.CustomerID, Number: number, Amount: *e.Amount,
			IssuedOn: day("issued_on"), DueOn: clock.Date(e.Texts["due_on"])})
	case receivable.PaymentReceived:
		in := receivable.NewPayment{CustomerID: e.CustomerID, Number: number, Payer: e.Texts["payer"], Amount: *e.Amount, ReceivedOn: day("received_on")}
		if invoice := e.Texts["invoice_number"]; invoice != "" {
			in.Allocate = []receivable.Assign{{Number: invoice}}
		}
		_, err = operation.Run(ctx, a.Runner, call, receivable.ReceivePayment, in)
	default:
		err = fault.Invalid("type", "rule.event_unknown", fault.Args{"type": e.Type})
	}
	return err
}

// tellDay tells the event log what is overdue today, and to every watched customer that the day has passed. The ids hold
// the date, so that running again tells nothing new.
func (a *App) tellDay(ctx context.Context) error {
	if a.Events == nil {
		return nil
	}
	today := clock.DateOf(a.Runner.Clock().In(a.Runner.Zone))
	late, err := receivable.Overdue(ctx, a.DB, today)
	if err != nil {
		return err
	}
	var events []rule.Event
	for _, l := range late {
		events = append(events, rule.Event{ID: fmt.Sprintf("overdue:%s:%s:%s", l.CustomerID, l.Amount.Currency, today), Type: "invoice.overdue", CustomerID: l.CustomerID,
			At: monitoring.Noon(today), Amount: &l.Amount, Numbers: map[string]float64{"days_late": float64(l.Days), "invoices": float64(l.Invoices)}})
	}
	const most = 5000
	for after := ""; ; {
		ids, err := monitoring.Watched(ctx, a.DB, after, most)
		if err != nil {
			return err
		}
		for _, id := range ids {
			events = append(events, rule.Event{ID: fmt.Sprintf("day:%s:%s", id, today), Type: rule.DayPassed, CustomerID: id, At: monitoring.Noon(today)})
		}
		if len(events) > 0 {
			if err := monitoring.Tell(ctx, a.Events, events...); err != nil {
				return err
			}
		}
		if len(ids) < most {
			break
		}
		after, events = ids[len(ids)-1], nil
	}
	const keepSeen = 400 // days: as long as the log keeps events
	return a.DB.Write(ctx, func(tx *database.Tx) error { return monitoring.Forget(ctx, tx, today.AddDays(-keepSeen)) })
}

// Settle carries out all that has been caused, until nothing is left: for tests, imports and demonstrations, which want
// to see the end of it.
func (a *App) Settle(ctx context.Context) error {
	for {
		n, err := a.Outbox.DeliverDue(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if n, err := a.Lists.CatchUp(ctx); err != nil {
			return err
		} else if n > 0 {
			continue
		}
		before, err := a.Outbox.Waiting(ctx)
		if err != nil {
			return err
		}
		if a.Watch != nil {
			if err := a.Watch.CatchUp(ctx); err != nil {
				return err
			}
		}
		after, err := a.Outbox.Waiting(ctx)
		if err != nil || after == before {
			return err
		}
	}
}
