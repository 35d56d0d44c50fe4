package screening

import (
	"context"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Run is one screening, of one customer or of all: the proof of when it was done, and against which editions.
type Run struct {
	ID         string            `json:"id"`
	CustomerID string            `json:"customer_id,omitempty"` // empty = all customers
	Lists      map[string]string `json:"lists"`                 // source → id of the edition in force when it began
	Customers  int               `json:"customers"`
	Names      int               `json:"names"`
	Hits       int               `json:"hits"`
	New        int               `json:"new"` // of them new or reopened
	StartedBy  string            `json:"started_by"`
	StartedAt  time.Time         `json:"started_at"`
	FinishedAt time.Time         `json:"finished_at"` // zero while batches are left
}

func begun(ctx context.Context, tx *operation.Tx) (Run, error) {
	r := Run{ID: operation.NewID(), Lists: map[string]string{}, StartedBy: tx.Actor.Name, StartedAt: tx.Now}
	all, err := lists(ctx, tx)
	for _, l := range all {
		r.Lists[l.Source] = l.ID
	}
	return r, err
}

func (r *Run) add(done outcome) {
	r.Names += done.names
	r.Hits += len(done.hits)
	r.New += done.new
}

// Batch is the input of ScreenAll. After empty begins a run; Most is at most 500 customers, which is also the default.
type Batch struct {
	After string `json:"after,omitempty"` // Next of the batch before
	Most  int    `json:"most,omitempty"`
}

// Screened is what a batch did. Next is the After of the following batch, empty when all are done.
type Screened struct {
	Run       string `json:"run"`
	Customers int    `json:"customers"`
	Hits      int    `json:"hits"`
	New       int    `json:"new"` // of them new or reopened
	Next      string `json:"next,omitempty"`
}

const mostBatch = 500

// ScreenAll screens a batch of customers, so that no transaction lasts long; call it with Next until that is empty.
var ScreenAll = operation.New("screening.screen_all", func(ctx context.Context, tx *operation.Tx, in Batch) (Screened, error) {
	if in.Most <= 0 || in.Most > mostBatch {
		in.Most = mostBatch
	}
	r, after, err := continued(ctx, tx, in.After)
	if err != nil {
		return Screened{}, err
	}
	ids, err := customersAfter(ctx, tx, after, in.Most)
	if err != nil {
		return Screened{}, err
	}
	var done outcome
	if len(ids) > 0 {
		if done, err = screen(ctx, tx, ids[0], ids[len(ids)-1]); err != nil {
			return Screened{}, err
		}
	}
	r.Customers += len(ids)
	r.add(done)
	out := Screened{Run: r.ID, Customers: len(ids), Hits: len(done.hits), New: done.new}
	if len(ids) == in.Most {
		out.Next = r.ID + ":" + ids[len(ids)-1]
	} else {
		r.FinishedAt = tx.Now
	}
	return out, putRun(ctx, tx.Tx, r)
})

// continued finds the run and the customer that a batch goes on from.
func continued(ctx context.Context, tx *operation.Tx, cursor string) (r Run, after string, err error) {
	if cursor == "" {
		r, err = begun(ctx, tx)
		return r, "", err
	}
	id, after, _ := strings.Cut(cursor, ":")
	r, found, err := runByID(ctx, tx, id)
	if err == nil && (!found || after == "" || r.CustomerID != "" || !r.FinishedAt.IsZero()) {
		err = fault.Invalid("after", "listing.cursor", nil)
	}
	return r, after, err
}
