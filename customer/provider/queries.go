package provider

import (
	"context"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Standing is a provider with how it is used.
type Standing struct {
	About
	Enabled  bool         `json:"enabled"`
	Files    bool         `json:"files"` // the partner sends files
	Today    int64        `json:"today"` // calls
	Month    money.Amount `json:"month"` // cost
	Waiting  int64        `json:"waiting"`
	Failed   int64        `json:"failed"` // jobs of the last seven days
	Problems string       `json:"problems,omitempty"`
}

// AllInput asks for everything.
type AllInput struct{}

// List shows the providers.
var List = operation.NewView("provider.list", func(ctx context.Context, rd *operation.Reading, _ AllInput) ([]Standing, error) {
	all, err := configs(ctx, rd)
	if err != nil {
		return nil, err
	}
	months, err := monthsOf(ctx, rd, monthStart(rd.Today))
	if err != nil {
		return nil, err
	}
	out := make([]Standing, 0, len(all))
	for _, c := range all {
		s, err := standing(ctx, rd, c, rd.Today, rd.Now)
		if err != nil {
			return nil, err
		}
		for _, m := range months {
			if m.Provider == c.Key {
				s.Month = m.Cost
			}
		}
		out = append(out, s)
	}
	return out, nil
})

func standing(ctx context.Context, q database.Querier, c Config, today clock.Date, now time.Time) (Standing, error) {
	s := Standing{About: About{Key: c.Key, ZH: c.Key, EN: c.Key}, Enabled: c.Enabled, Month: money.Of(0, money.CNY)}
	m, err := ReadMapping(c.Mapping)
	if err != nil {
		s.Problems = err.Error()
		return s, nil
	}
	s.About, s.Files = m.about(c.Key), m.Drop != nil
	if s.Today, err = callsOn(ctx, q, c.Key, today); err != nil {
		return s, err
	}
	err = q.QueryRow(ctx, `SELECT COUNT(CASE WHEN status IN ('waiting', 'running') THEN 1 END), COUNT(CASE WHEN status = 'failed' AND ended_at >= $2 THEN 1 END) FROM provider_job WHERE provider = $1`,
		c.Key, database.Micros(now.AddDate(0, 0, -7))).Scan(&s.Waiting, &s.Failed)
	return s, err
}

func monthStart(d clock.Date) clock.Date { return d[:8] + "01" }

// KeyInput names a provider.
type KeyInput struct {
	Key string `json:"key"`
}

// View shows a provider's configuration. It holds the names of secrets, never a secret.
var View = operation.NewView("provider.view", func(ctx context.Context, rd *operation.Reading, in KeyInput) (Config, error) {
	c, found, err := configByKey(ctx, rd, in.Key)
	if err == nil && !found {
		err = fault.NotFound("provider", in.Key)
	}
	return c, err
})

// Pending is what providers say otherwise about a customer, beside the file as it is now.
type Pending struct {
	Version     int64        `json:"version"` // of the customer, for Accept
	Differences []Difference `json:"differences"`
	Decided     []Difference `json:"decided"` // the last ones
	Offers      []Offer      `json:"offers"`
}

// Offer is a provider that may be asked about the customer, with the last time it was.
type Offer struct {
	About
	Last *Job `json:"last,omitempty"`
}

// CustomerInput names a customer.
type CustomerInput struct {
	CustomerID string `json:"customer_id"`
}

const mostDecided = 20

// ShowPending shows the difference screen of a customer.
var ShowPending = operation.NewView("provider.pending", func(ctx context.Context, rd *operation.Reading, in CustomerInput) (Pending, error) {
	if err := customer.Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
		return Pending{}, err
	}
	c, err := customer.ByID(ctx, rd, in.CustomerID)
	if err != nil {
		return Pending{}, err
	}
	p := Pending{Version: c.Version}
	if p.Differences, err = pendingOf(ctx, rd, c.ID); err != nil {
		return Pending{}, err
	}
	for i := range p.Differences {
		if d := &p.Differences[i]; d.Action == SetField {
			d.Before = c.Value(d.Field()) // as it is now, not as it was when it was fetched
		}
	}
	if p.Decided, err = decidedOf(ctx, rd, c.ID, mostDecided); err != nil {
		return Pending{}, err
	}
	last, err := lastJobs(ctx, rd, c.ID)
	if err != nil {
		return Pending{}, err
	}
	all, err := configs(ctx, rd)
	for _, cfg := range all {
		m, wrong := ReadMapping(cfg.Mapping)
		if !cfg.Enabled || wrong != nil {
			continue
		}
		o := Offer{About: m.about(cfg.Key)}
		if j, asked := last[cfg.Key]; asked {
			o.Last = &j
		}
		p.Offers = append(p.Offers, o)
	}
	return p, err
})

// Waiting is a customer with differences that wait for a person.
type Waiting struct {
	CustomerID   string    `json:"customer_id"`
	CustomerName string    `json:"customer_name"`
	Count        int       `json:"count"`
	FoundAt      time.Time `json:"found_at"`
}

// Inbox is a page of them; Total counts customers.
type Inbox struct {
	Customers   []Waiting `json:"customers"`
	Next        string    `json:"next,omitempty"`
	Total       int64     `json:"total"`
	Differences int64     `json:"differences"`
}

// ShowInbox shows the customers within the reader's scope about whom providers say otherwise.
var ShowInbox = operation.NewView("provider.inbox", func(ctx context.Context, rd *operation.Reading, in listing.Query) (Inbox, error) {
	return listInbox(ctx, rd, rd.Actor, in)
})

// Month is what a provider cost in a month.
type Month struct {
	Provider string       `json:"provider"`
	Month    string       `json:"month"`
	Fetches  int64        `json:"fetches"`
	Calls    int64        `json:"calls"`
	Billed   int64        `json:"billed"`
	Good     int64        `json:"good"`
	Cost     money.Amount `json:"cost"`
}

// Costs is the log of costs.
type Costs struct {
	Months  []Month `json:"months"` // of the last year, newest first
	Calls   []Call  `json:"calls"`  // the last ones
	Batches []Batch `json:"batches"`
}

const (
	mostCalls   = 100
	mostBatches = 20
)

// ShowCosts shows what providers cost, month by month, and the last calls within the reader's scope.
var ShowCosts = operation.NewView("provider.costs", func(ctx context.Context, rd *operation.Reading, _ AllInput) (c Costs, err error) {
	if c.Months, err = monthsOf(ctx, rd, monthStart(rd.Today.AddMonths(-11))); err != nil {
		return Costs{}, err
	}
	if c.Calls, err = lastCalls(ctx, rd, rd.Actor, mostCalls); err != nil {
		return Costs{}, err
	}
	c.Batches, err = batches(ctx, rd, `1 = 1 ORDER BY b.created_at DESC, b.id DESC LIMIT $1`, mostBatches)
	return c, err
})

// ShowCall shows one call, for the door that sends its kept answer.
var ShowCall = operation.NewView("provider.call", func(ctx context.Context, rd *operation.Reading, in BatchID) (Call, error) {
	k, err := callByID(ctx, rd, in.ID)
	if err != nil || k.CustomerID == "" {
		return k, err
	}
	return k, customer.Visible(ctx, rd, rd.Actor, k.CustomerID)
})

// ShowFiles shows the last files of a partner.
var ShowFiles = operation.NewView("provider.files", func(ctx context.Context, rd *operation.Reading, in KeyInput) ([]File, error) {
	return lastFiles(ctx, rd, in.Key, mostCalls)
})

// Operations lists the writes for the doors.
var Operations = []operation.Any{Save, Ask, RefreshMany, StopBatch, Accept, Reject}

// Views lists the reads for the doors.
var Views = []operation.Any{List, View, ShowPending, ShowInbox, ShowCosts, ShowCall, ShowFiles}
