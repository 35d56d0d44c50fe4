package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/provider"
	"github.com/xinheng/xinheng/emergency"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/internal/outbox"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/screening"
)

// react subscribes what follows from what: each line names an event and the operation it causes. This is the whole
// process beyond single use cases. Names stay the same over releases: rows in the outbox carry them.
func (a *App) react() {
	// The books tell the event log, so that rules see each fact once whichever door it came by.
	a.Outbox.On(receivable.OrderPlaced, "order.placed→event log", tell(a, orderEvent))
	a.Outbox.On(receivable.InvoiceIssued, "invoice.issued→event log", tell(a, invoiceEvent))
	a.Outbox.On(receivable.PaymentReceived, "payment.received→event log", tell(a, paymentEvent))
	a.Outbox.On(receivable.InvoiceSettled, "invoice.settled→event log", tell(a, settledEvent))

	// Who is in a customer's file is screened when the file changes; what changes in the lists, the Screener follows.
	a.Outbox.On(customer.Created, "customer.created→screening", cause(a, screening.ScreenCustomer, screenFile))
	a.Outbox.On(customer.Updated, "customer.updated→screening", cause(a, screening.ScreenCustomer, screenFile))
	a.Outbox.On(customer.OwnersChanged, "customer.owners_changed→screening", cause(a, screening.ScreenCustomer, screenID))
	a.Outbox.On(customer.ContactsChanged, "customer.contacts_changed→screening", cause(a, screening.ScreenCustomer, screenID))

	a.Outbox.On(monitoring.Opened, "alert.opened→assessment.rerun", cause(a, assessment.Rerun, seriousAlert))
	a.Outbox.On(monitoring.RaisedAgain, "alert.raised_again→assessment.rerun", cause(a, assessment.Rerun, seriousAlert))
	a.Outbox.On(provider.NewsNegative, "news.negative→event log", tell(a, newsEvent))
	a.Outbox.On(provider.RegistryChanged, "registry.changed→event log", tell(a, registryEvent))
	a.Outbox.On(provider.LitigationFiled, "litigation.filed→event log", tell(a, litigationEvent))

	// A file is judged anew when it changes, and when the customer wants more or is found on a list.
	judge := func(id string) assessment.JudgeInput { return assessment.JudgeInput{CustomerID: id} }
	a.Outbox.On(customer.Updated, "customer.updated→file.judge", cause(a, assessment.JudgeFile, func(c customer.Customer) assessment.JudgeInput {
		return assessment.JudgeInput{CustomerID: c.ID, Since: c.UpdatedAt}
	}))
	a.Outbox.On(customer.FileChanged, "customer.file_changed→file.judge", cause(a, assessment.JudgeFile, func(c customer.FileChange) assessment.JudgeInput {
		return assessment.JudgeInput{CustomerID: c.CustomerID, Since: c.At}
	}))
	a.Outbox.On(customer.StatementsEntered, "customer.statements_entered→file.judge", cause(a, assessment.JudgeFile, judge))
	a.Outbox.On(screening.HitTopic, "screening.hit→file.judge", cause(a, assessment.JudgeFile, func(h screening.Hit) assessment.JudgeInput { return judge(h.CustomerID) }))
	a.Outbox.On(limit.Applied, "limit.applied→customer.note_request", cause(a, customer.NoteRequest, func(l limit.Limit) customer.Requested {
		return customer.Requested{CustomerID: l.CustomerID, Amount: l.Amount}
	}))
	// Groups follow from who controls whom.
	a.Outbox.On(customer.OwnershipChanged, "ownership.changed→group.regroup", a.regroups)

	a.Outbox.On(monitoring.Opened, "alert.opened→incident.respond", cause(a, emergency.Respond, same[monitoring.Alert]))
	a.Outbox.On(monitoring.RaisedAgain, "alert.raised_again→incident.respond", cause(a, emergency.Respond, same[monitoring.Alert]))
}

func screenFile(c customer.Customer) screening.Screen { return screening.Screen{CustomerID: c.ID} }

func screenID(id string) screening.Screen { return screening.Screen{CustomerID: id} }

func same[T any](v T) T { return v }

// An alert that is high or critical can move a grade; milder ones wait for the next review.
func seriousAlert(al monitoring.Alert) assessment.Reconsider {
	return assessment.Reconsider{CustomerID: al.CustomerID, Serious: al.Severity.Rank() >= monitoring.High.Rank()}
}

// cause makes the handler that runs an operation for an event: the event's payload becomes the input, the delivery's id
// the idempotency key.
func cause[Event, In, Out any](a *App, o *operation.Operation[In, Out], input func(Event) In) outbox.Handler {
	return func(ctx context.Context, d outbox.Delivery) error {
		var event Event
		if err := json.Unmarshal(d.Payload, &event); err != nil {
			return fmt.Errorf("payload of %s: %w", d.Topic, err)
		}
		call := operation.Call{Actor: operation.System(d.Subscriber), Key: d.ID, Door: "reaction", RequestID: d.Cause, Cause: d.Topic + " " + d.ID}
		_, err := operation.Run(ctx, a.Runner, call, o, input(event))
		return err
	}
}
