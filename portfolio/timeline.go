package portfolio

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/audit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// TimelineInput names a customer; Before continues an earlier page.
type TimelineInput struct {
	CustomerID string `json:"customer_id"`
	Before     string `json:"before,omitempty"`
}

// Validate reports every wrong field.
func (in *TimelineInput) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	return c.Err()
}

// Moment is something that happened to a customer.
type Moment struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	What string    `json:"what"` // an operation's name, "alert.opened" or "incident.opened"
	Text string    `json:"text,omitempty"`
	Who  string    `json:"who"`
	Link string    `json:"link,omitempty"` // "alerts/ID": where the object is shown
	// What it was about, where one thing stands out: the kind of thing, its amount, and what became of it (its status).
	Thing   string       `json:"thing,omitempty"`
	Amount  money.Amount `json:"amount"`
	Outcome string       `json:"outcome,omitempty"`
}

// Moments are a page of a timeline, newest first.
type Moments struct {
	Moments []Moment `json:"moments"`
	Next    string   `json:"next,omitempty"`
}

// Timeline tells a customer's story: what was done about it and by whom, and what happened.
var Timeline = operation.NewView("customer.timeline", func(ctx context.Context, rd *operation.Reading, in TimelineInput) (Moments, error) {
	if err := customer.Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
		return Moments{}, err
	}
	trail, err := audit.Of(ctx, rd, in.CustomerID, in.Before, 60)
	if err != nil {
		return Moments{}, err
	}
	var out Moments
	for _, e := range trail.Entries {
		out.Moments = append(out.Moments, moment(e, in.CustomerID))
	}
	out.Next = trail.Next
	if in.Before != "" {
		return out, nil
	}
	alerts, err := database.Collect(ctx, rd, func(rows *sql.Rows) (m Moment, err error) {
		err = rows.Scan(&m.ID, database.Time(&m.At), &m.Text)
		m.What, m.Link = "alert.opened", "alerts/"+m.ID
		return m, err
	}, `SELECT id, opened_at, title_zh || ' / ' || title_en FROM alert WHERE customer_id = $1 ORDER BY opened_at DESC LIMIT 30`, in.CustomerID)
	if err != nil {
		return Moments{}, err
	}
	incidents, err := database.Collect(ctx, rd, func(rows *sql.Rows) (m Moment, err error) {
		err = rows.Scan(&m.ID, database.Time(&m.At), &m.Text)
		m.What, m.Link = "incident.opened", "incidents/"+m.ID
		return m, err
	}, `SELECT id, opened_at, reason FROM incident WHERE customer_id = $1 ORDER BY opened_at DESC LIMIT 30`, in.CustomerID)
	out.Moments = merge(out.Moments, append(alerts, incidents...))
	return out, err
})

// telling are the things that a moment is told by, the most telling first, with where they are shown: "%s" is the thing's
// id, "%c" the customer's.
var telling = []struct{ thing, link string }{
	{"limit", "customers/%c/limits"}, {"order", "orders/%s"}, {"incident", "incidents/%s"}, {"alert", "alerts/%s"}, {"payment", "customers/%c/receivables"}, {"invoice", "customers/%c/receivables"},
	{"assessment", "assessments/%s"}, {"limit.freeze", "customers/%c/limits"}, {"screening.hit", "screening/%s"}, {"statement", "customers/%c/statements"}, {"approval", "approvals/%s"},
	{"incident.task", "customers/%c/alerts"}, {"incident.action", "customers/%c/alerts"}, {"incident.log", "customers/%c/alerts"}, {"alert.note", "customers/%c/alerts"}, {"questionnaire", "customers/%c/assessment"}, {"customer", "customers/%c"},
	{"customer.contact", "customers/%c"}, {"customer.compliance", "customers/%c"}, {"customer.document", "customers/%c"}, {"customer.shareholders", "customers/%c"},
}

// moment tells an entry of the trail by the most telling thing that it changed. A limit that is decided is shown where it
// was decided.
func moment(e audit.Entry, customerID string) Moment {
	m := Moment{ID: e.ID, At: e.At, What: e.Operation, Who: e.ActorName}
	var changes []struct {
		Thing string          `json:"thing"`
		ID    string          `json:"id"`
		After json.RawMessage `json:"after"`
	}
	if err := json.Unmarshal(e.Changes, &changes); err != nil {
		return m // an entry that tells nothing more
	}
	request := ""
	for _, c := range changes {
		if c.Thing == "approval" {
			request = c.ID
		}
	}
	for _, t := range telling {
		for _, c := range changes {
			if c.Thing != t.thing {
				continue
			}
			var after struct {
				Amount money.Amount `json:"amount"`
				Status string       `json:"status"`
				Grade  string       `json:"grade"`
				Reason string       `json:"reason"`
				Number string       `json:"number"`
			}
			_ = json.Unmarshal(c.After, &after) // a thing of another shape has no amount to tell
			m.Thing, m.Amount, m.Outcome, m.Text = t.thing, after.Amount, after.Status, after.Number
			if t.thing == "assessment" {
				m.Outcome = after.Grade
			}
			if t.thing == "limit.freeze" {
				m.Text = after.Reason
			}
			m.Link = strings.NewReplacer("%s", c.ID, "%c", customerID).Replace(t.link)
			if request != "" && t.thing == "limit" {
				m.Link = "approvals/" + request
			}
			return m
		}
	}
	return m
}

func merge(a, b []Moment) []Moment {
	all := slices.Concat(a, b)
	for i := 1; i < len(all); i++ { // short lists, nearly in order
		for j := i; j > 0 && all[j].At.After(all[j-1].At); j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	return all
}

// SearchInput is what was typed into the search box.
type SearchInput struct {
	Text string `json:"text"`
}

// Found is an object that was found.
type Found struct {
	Kind string `json:"kind"` // customer, order, invoice, payment
	ID   string `json:"id"`
	Name string `json:"name"`
	Sub  string `json:"sub"`
	Link string `json:"link"`
}

const mostFound = 20

// Search finds customers by name or code, and documents by number, within the reader's scope.
var Search = operation.NewView("search.view", func(ctx context.Context, rd *operation.Reading, in SearchInput) ([]Found, error) {
	text := strings.TrimSpace(in.Text)
	if text == "" {
		return nil, nil
	}
	in0 := customer.ListInput{Search: text}
	in0.Limit = mostFound
	page, err := customer.ListFor(ctx, rd, rd.Actor, in0)
	if err != nil {
		return nil, err
	}
	var all []Found
	for _, c := range page.Customers {
		all = append(all, Found{Kind: "customer", ID: c.ID, Name: c.Name, Sub: strings.TrimSpace(c.USCC + " " + c.ExternalRef), Link: "/customers/" + c.ID})
	}
	where, args := customer.ScopeSQL(rd.Actor, "c", []any{text, mostFound})
	for _, d := range []struct{ kind, table, tab string }{{"order", "sales_order", "orders"}, {"invoice", "invoice", "receivables"}, {"payment", "payment", "receivables"}} {
		docs, err := database.Collect(ctx, rd, func(rows *sql.Rows) (f Found, err error) {
			var customerID string
			err = rows.Scan(&f.ID, &f.Name, &customerID, &f.Sub)
			f.Kind, f.Link = d.kind, "/customers/"+customerID+"/"+d.tab
			return f, err
		}, `SELECT d.id, d.number, c.id, c.name FROM `+d.table+` d JOIN customer c ON c.id = d.customer_id WHERE d.number = $1`+where+` ORDER BY d.id LIMIT $2`, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, docs...)
	}
	return all, nil
})
