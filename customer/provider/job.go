package provider

import (
	"context"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

// Job is a fetch of one customer from one provider.
type Job struct {
	ID         string    `json:"id"`
	Provider   string    `json:"provider"`
	CustomerID string    `json:"customer_id"`
	BatchID    string    `json:"batch_id,omitempty"`
	Status     string    `json:"status"` // waiting, running, done, failed, stopped
	Attempts   int       `json:"attempts"`
	NextAt     time.Time `json:"next_at"`
	Outcome    Outcome   `json:"outcome,omitempty"`
	Detail     string    `json:"detail,omitempty"`
	Found      int       `json:"found"` // differences that wait for a person
	AskedBy    string    `json:"asked_by"`
	AskedAt    time.Time `json:"asked_at"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
}

// Order is the input of Ask.
type Order struct {
	Provider   string `json:"provider"`
	CustomerID string `json:"customer_id"`
}

// Validate reports every wrong field.
func (in *Order) Validate() error {
	var c fault.Check
	c.Required("provider", in.Provider)
	c.Required("customer_id", in.CustomerID)
	return c.Err()
}

// Ask has a customer fetched from a provider, in the background. A fetch that waits already is not doubled.
var Ask = operation.New("provider.request", func(ctx context.Context, tx *operation.Tx, in Order) (Job, error) {
	if err := enabled(ctx, tx, in.Provider); err != nil {
		return Job{}, err
	}
	job := Job{ID: operation.NewID(), Provider: in.Provider, CustomerID: in.CustomerID, Status: "waiting", NextAt: tx.Now, AskedBy: tx.Actor.Name, AskedAt: tx.Now}
	if err := insertJob(ctx, tx.Tx, job); err != nil {
		return Job{}, err
	}
	tx.About(in.CustomerID)
	open, err := openJob(ctx, tx, in.Provider, in.CustomerID)
	if err == nil && open.ID == job.ID {
		tx.Changed("provider.job", job.ID, nil, job)
	}
	return open, err
}).Guard(func(ctx context.Context, tx *operation.Tx, in Order) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

func enabled(ctx context.Context, tx *operation.Tx, key string) error {
	cfg, found, err := configByKey(ctx, tx, key)
	if err != nil {
		return err
	}
	if !found {
		return fault.NotFound("provider", key)
	}
	if !cfg.Enabled {
		return fault.Conflict("provider.disabled", fault.Args{"provider": key})
	}
	return nil
}

// Batch is a refresh of many customers.
type Batch struct {
	ID        string           `json:"id"`
	Provider  string           `json:"provider"`
	Filters   []listing.Filter `json:"filters,omitempty"`
	Status    string           `json:"status"` // running, done, stopped
	Jobs      int64            `json:"jobs"`   // made so far
	Open      int64            `json:"open"`   // of them not ended
	Failed    int64            `json:"failed"`
	ActorName string           `json:"actor_name"`
	CreatedAt time.Time        `json:"created_at"`

	position           string
	actorID, actorTeam string
	scope              operation.Scope
}

// ManyOrder is the input of RefreshMany: all customers within the actor's scope that the filters of customer.list leave.
type ManyOrder struct {
	Provider string           `json:"provider"`
	Filters  []listing.Filter `json:"filters,omitempty"`
}

// Validate reports every wrong field.
func (in *ManyOrder) Validate() error {
	var c fault.Check
	c.Required("provider", in.Provider)
	return c.Err()
}

// RefreshMany has many customers fetched. Its jobs are made step by step in the background and survive a restart.
var RefreshMany = operation.New("provider.refresh_many", func(ctx context.Context, tx *operation.Tx, in ManyOrder) (Batch, error) {
	if err := enabled(ctx, tx, in.Provider); err != nil {
		return Batch{}, err
	}
	if _, err := customer.ListFor(ctx, tx, tx.Actor, customer.ListInput{Query: listing.Query{Filters: in.Filters, Limit: 1}}); err != nil {
		return Batch{}, err // wrong filters are told now
	}
	b := Batch{ID: operation.NewID(), Provider: in.Provider, Filters: in.Filters, Status: "running", ActorName: tx.Actor.Name, CreatedAt: tx.Now,
		actorID: tx.Actor.ID, actorTeam: tx.Actor.Team, scope: tx.Actor.Scope}
	tx.Changed("provider.batch", b.ID, nil, b)
	return b, insertBatch(ctx, tx.Tx, b)
})

// BatchID names a batch.
type BatchID struct {
	ID string `json:"id"`
}

// StopBatch ends a refresh of many: what waits is not fetched any more.
var StopBatch = operation.New("provider.stop_batch", func(ctx context.Context, tx *operation.Tx, in BatchID) (Batch, error) {
	b, err := batchByID(ctx, tx, in.ID)
	if err != nil {
		return Batch{}, err
	}
	if b.Status == "stopped" {
		return b, nil
	}
	before := b
	b.Status = "stopped"
	tx.Changed("provider.batch", b.ID, before, b)
	return b, stopBatch(ctx, tx.Tx, b, tx.Now)
})

const batchStep = 50 // customers a transaction

// expand makes the next jobs of a batch. It stands in no list of operations, as all below.
var expand = operation.New("provider.expand_batch", func(ctx context.Context, tx *operation.Tx, in BatchID) (Batch, error) {
	if err := tx.Lock(ctx, "provider_batch", in.ID); err != nil {
		return Batch{}, err
	}
	b, err := batchByID(ctx, tx, in.ID)
	if err != nil || b.Status != "running" {
		return b, err
	}
	actor := operation.Actor{ID: b.actorID, Name: b.ActorName, Team: b.actorTeam, Scope: b.scope}
	page, err := customer.ListFor(ctx, tx, actor, customer.ListInput{Query: listing.Query{Filters: b.Filters, Sort: "created_at", After: b.position, Limit: batchStep}})
	if err != nil {
		return Batch{}, err
	}
	for _, c := range page.Customers {
		job := Job{ID: operation.NewID(), Provider: b.Provider, CustomerID: c.ID, BatchID: b.ID, Status: "waiting", NextAt: tx.Now, AskedBy: b.ActorName, AskedAt: tx.Now}
		if err := insertJob(ctx, tx.Tx, job); err != nil {
			return Batch{}, err
		}
	}
	b.Jobs, b.position = b.Jobs+int64(len(page.Customers)), page.Next
	if page.Next == "" {
		b.Status = "done"
	}
	return b, moveBatch(ctx, tx.Tx, b)
})

// Call is one fetch as it was asked and paid for.
type Call struct {
	ID           string    `json:"id"`
	Provider     string    `json:"provider"`
	CustomerID   string    `json:"customer_id,omitempty"`
	CustomerName string    `json:"customer_name,omitempty"`
	JobID        string    `json:"job_id,omitempty"`
	At           time.Time `json:"at"`
	Calls        int       `json:"calls"`
	Billed       int       `json:"billed"`
	CostMinor    int64     `json:"cost_minor"` // CNY 分
	Outcome      Outcome   `json:"outcome"`
	Detail       string    `json:"detail,omitempty"`
	Status       int       `json:"status"` // HTTP
	TookMicros   int64     `json:"took_micros"`
	SHA256       string    `json:"sha256,omitempty"`
	Bytes        int64     `json:"bytes"`
	AskedBy      string    `json:"asked_by"`
}

type begin struct {
	JobID    string // empty = a trial without a customer
	Provider string // of a trial
	By       string // who tries
	Quota    int64  // a day; 0 = none
	Lease    time.Duration
	Subject  Subject // of a trial
}

type begun struct {
	Call      Call
	Job       Job
	Subject   Subject
	Left      int  // calls that the quota leaves, this one included
	Exhausted bool // the day's quota is used up
	Gone      bool // another process has the job, or it ended
}

const unbounded = 1 << 20

// beginCall reserves a call within the day's quota before it goes out.
var beginCall = operation.New("provider.begin_call", func(ctx context.Context, tx *operation.Tx, in begin) (begun, error) {
	out := begun{Subject: in.Subject, Left: unbounded}
	key := in.Provider
	if in.JobID != "" {
		job, err := jobByID(ctx, tx, in.JobID)
		if err != nil {
			return begun{}, err
		}
		out.Job, key = job, job.Provider
	}
	if err := tx.Lock(ctx, "provider_config", key); err != nil {
		return begun{}, err
	}
	if in.JobID != "" {
		job, err := jobByID(ctx, tx, in.JobID) // again, under the lock
		if err != nil {
			return begun{}, err
		}
		if out.Job = job; job.Status != "waiting" && job.Status != "running" || job.NextAt.After(tx.Now) {
			out.Gone = true
			return out, nil
		}
		c, err := customer.ByID(ctx, tx, job.CustomerID)
		if err != nil {
			return begun{}, err
		}
		out.Subject, in.By = Subject{USCC: c.USCC, Name: c.Name}, job.AskedBy
	}
	if in.Quota > 0 {
		used, err := callsOn(ctx, tx, key, tx.Today)
		if err != nil {
			return begun{}, err
		}
		if out.Left = int(in.Quota - used); out.Left <= 0 {
			out.Exhausted = true
			return out, nil
		}
	}
	out.Call = Call{ID: operation.NewID(), Provider: key, CustomerID: out.Job.CustomerID, JobID: in.JobID, At: tx.Now, Calls: 1, Outcome: Running, AskedBy: in.By}
	if err := insertCall(ctx, tx.Tx, out.Call, tx.Today); err != nil {
		return begun{}, err
	}
	if in.JobID == "" {
		return out, nil
	}
	tx.About(out.Job.CustomerID)
	tx.Changed("provider.call", out.Call.ID, nil, map[string]any{"provider": key, "subject": out.Subject})
	out.Job.Status, out.Job.Attempts, out.Job.NextAt = "running", out.Job.Attempts+1, tx.Now.Add(in.Lease)
	return out, putJob(ctx, tx.Tx, out.Job)
})

type ending struct {
	Call   Call
	Job    Job
	Facts  Facts
	Config Config
	Retry  bool
	After  time.Duration
}

const mostAttempts = 6

// endCall notes how a call ended, its cost, and what it found.
var endCall = operation.New("provider.end_call", func(ctx context.Context, tx *operation.Tx, in ending) (Job, error) {
	running, err := callRuns(ctx, tx, in.Call.ID)
	if err != nil || !running {
		return in.Job, err
	}
	if err := putCall(ctx, tx.Tx, in.Call); err != nil || in.Call.JobID == "" {
		return in.Job, err
	}
	job := in.Job
	job.Outcome, job.Detail, job.Status, job.EndedAt = in.Call.Outcome, in.Call.Detail, "failed", tx.Now
	switch {
	case in.Call.Outcome == Done || in.Call.Outcome == NotFound:
		job.Status = "done"
		m, err := ReadMapping(in.Config.Mapping)
		if err != nil {
			return Job{}, err
		}
		if job.Found, err = note(ctx, tx, in.Config, m, job.CustomerID, in.Facts, in.Call.SHA256); err != nil {
			return Job{}, err
		}
	case in.Retry && job.Attempts < mostAttempts:
		job.Status, job.EndedAt = "waiting", time.Time{}
		job.NextAt = tx.Now.Add(max(in.After, pause(job)))
	}
	tx.About(job.CustomerID)
	tx.Changed("provider.job", job.ID, nil, map[string]any{"outcome": job.Outcome, "status": job.Status, "found": job.Found})
	return job, putJob(ctx, tx.Tx, job)
})

// pause grows with the attempts, 30 s doubling to an hour, spread by the job's id so that jobs that failed together do not
// come back together.
func pause(j Job) time.Duration {
	wait := min(30*time.Second<<max(0, j.Attempts-1), time.Hour)
	spread := time.Duration(0)
	for _, b := range []byte(j.ID) {
		spread = (spread*31 + time.Duration(b)) % 1000
	}
	return wait + wait*spread/5000 // up to a fifth more
}
