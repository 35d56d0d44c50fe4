package monitoring

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/eventlog"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring/rule"
)

// SubmitPermission is what a door needs to take events in; they are acknowledged by the log, so it is no operation.
const SubmitPermission = "event.submit"

// MostEvents is how many one batch takes.
const MostEvents = 10_000

// Intake takes events in. What it accepted is on disk in the event log.
type Intake struct {
	DB     *database.DB
	Events *eventlog.Log
	Clock  clock.Clock
	// Booking names, for each type of event that books, the permission that booking it by hand needs.
	Booking map[string]string

	mu    sync.RWMutex
	known map[string]bool // ids of customers; other names may come to mean another customer, so they are asked for each time
}

// Submitted is an event as the log holds it: with who submitted it, in whose name it is booked. By is empty for what the
// system itself sent.
type Submitted struct {
	rule.Event
	By     string `json:"submitted_by,omitempty"`
	ByName string `json:"submitted_by_name,omitempty"`
}

// Accepted is the answer to a batch.
type Accepted struct {
	Accepted int `json:"accepted"`
}

const mostKnown = 200_000

// Take checks a batch and writes it to the log: all of it, or none with every wrong event and field named. Customers
// may be named by id, external reference, USCC or exact name. One event alone shares its write with others that come at
// the same time.
func (in *Intake) Take(ctx context.Context, actor operation.Actor, events []rule.Event) (Accepted, error) {
	if !actor.Can(SubmitPermission) {
		return Accepted{}, fault.Forbidden("fault.forbidden", fault.Args{"operation": SubmitPermission})
	}
	var c fault.Check
	c.That(len(events) > 0, "events", "fault.required", nil)
	c.That(len(events) <= MostEvents, "events", "fault.too_many", fault.Args{"most": MostEvents})
	if err := c.Err(); err != nil {
		return Accepted{}, err
	}
	for i := range events {
		if kind, _ := rule.KindOf(events[i].Type); kind.Book {
			if err := operation.Permitted(actor, in.Booking[kind.Key]); err != nil {
				return Accepted{}, err
			}
		}
	}
	now := in.Clock()
	resolved := map[string]string{}
	records := make([]eventlog.Record, 0, len(events))
	for i := range events {
		e := &events[i]
		at := fmt.Sprintf("events[%d].", i)
		e.Check(&c, at, now)
		c.That(e.Source != Books, at+"source", "monitoring.source_reserved", nil)
		id, err := in.resolve(ctx, actor, e.CustomerID, resolved)
		switch {
		case err == nil:
			e.CustomerID = id
		case fault.KindOf(err) == fault.KindNotFound:
			c.That(e.CustomerID == "", at+"customer_id", "monitoring.customer_unknown", fault.Args{"customer": e.CustomerID})
		default:
			return Accepted{}, err
		}
		s := Submitted{Event: *e, By: actor.ID, ByName: actor.Name}
		if actor.System {
			s.By = ""
		}
		records = append(records, record(e.CustomerID, s))
	}
	if err := c.Err(); err != nil {
		return Accepted{}, err
	}
	if len(records) == 1 {
		return Accepted{1}, in.Events.Submit(ctx, records[0])
	}
	return Accepted{len(records)}, in.Events.Append(ctx, records)
}

// resolve finds the customer and checks that the actor may see it. resolved is what this batch has asked for already.
func (in *Intake) resolve(ctx context.Context, actor operation.Actor, text string, resolved map[string]string) (string, error) {
	if id, ok := resolved[text]; ok {
		return id, nil
	}
	in.mu.RLock()
	known := in.known[text]
	in.mu.RUnlock()
	id := text
	if !known {
		var err error
		if id, err = customer.Resolve(ctx, in.DB, text); err != nil {
			return "", err
		}
		in.mu.Lock()
		if in.known == nil || len(in.known) >= mostKnown {
			in.known = map[string]bool{}
		}
		if id == text {
			in.known[id] = true
		}
		in.mu.Unlock()
	}
	if !actor.System && actor.Scope != operation.ScopeAll {
		if err := customer.Visible(ctx, in.DB, actor, id); err != nil {
			return "", err
		}
	}
	resolved[text] = id
	return id, nil
}

func record(customerID string, event any) eventlog.Record {
	raw, err := json.Marshal(event)
	if err != nil {
		panic(fmt.Sprintf("an event cannot fail to marshal: %v", err))
	}
	return eventlog.Record{Key: customerID, Data: raw}
}

// Tell writes facts of our own books to the log. Their ids are stable, so that telling again changes nothing.
func Tell(ctx context.Context, log *eventlog.Log, events ...rule.Event) error {
	records := make([]eventlog.Record, 0, len(events))
	for _, e := range events {
		e.Source = Books
		records = append(records, record(e.CustomerID, e))
	}
	if len(records) == 1 {
		return log.Submit(ctx, records[0])
	}
	return log.Append(ctx, records)
}

// Noon is the moment by which a business date stands in the log.
func Noon(d clock.Date) time.Time { return d.Time().Add(12 * time.Hour) }
