package screening

import (
	"context"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Run is one screening, of one customer, of all, or of those whom a list's change concerns: the proof of when it was
// done, and against which editions.
type Run struct {
	ID         string            `json:"id"`
	CustomerID string            `json:"customer_id,omitempty"` // empty = several
	Lists      map[string]string `json:"lists"`                 // source → id of the edition in force
	Customers  int               `json:"customers"`
	Names      int               `json:"names"`
	Hits       int               `json:"hits"`
	New        int               `json:"new"` // of them new or reopened
	StartedBy  string            `json:"started_by"`
	StartedAt  time.Time         `json:"started_at"`
	FinishedAt time.Time         `json:"finished_at"` // zero while batches are left
}

func begun(tx *operation.Tx, numbers map[string]numbered) Run {
	r := Run{ID: operation.NewID(), Lists: map[string]string{}, StartedBy: tx.Actor.Name, StartedAt: tx.Now}
	for source, edition := range numbers {
		r.Lists[source] = edition.id
	}
	return r
}

func (r *Run) add(done outcome) {
	r.Names += done.names
	r.Hits += len(done.hits)
	r.New += done.new
}

// Screen is the input of ScreenCustomer.
type Screen struct {
	CustomerID string `json:"customer_id"`

	found *finding
}

// Validate reports every wrong field.
func (in *Screen) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	return c.Err()
}

// ScreenCustomer compares all parties of a customer's file with the lists: the customer itself, its legal representative,
// shareholders and contacts. A hit that was decided stays so, unless the list's entry or the party's facts have changed.
var ScreenCustomer = operation.New("screening.screen", func(ctx context.Context, tx *operation.Tx, in Screen) ([]Hit, error) {
	if err := tx.Lock(ctx, "customer", in.CustomerID); err != nil {
		return nil, err
	}
	tx.About(in.CustomerID)
	return screenOne(ctx, tx, in.CustomerID, in.found)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Screen) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
}).Prepare(func(ctx context.Context, rd *operation.Reading, in *Screen) error {
	if err := customer.Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
		return err
	}
	s, err := lentScreener(rd)
	if err != nil {
		return err
	}
	in.found, err = s.find(ctx, rd, []string{in.CustomerID})
	return err
})

func screenOne(ctx context.Context, tx *operation.Tx, customerID string, found *finding) ([]Hit, error) {
	done, err := record(ctx, tx, found)
	if err != nil {
		return nil, err
	}
	r := begun(tx, found.numbers)
	r.CustomerID, r.Customers, r.FinishedAt = customerID, 1, tx.Now
	r.add(done)
	return done.hits, putRun(ctx, tx.Tx, r)
}

// Entering is the input of Enter: a new customer.
type Entering struct {
	customer.New

	id    string
	found *finding
}

// Entered is a new customer with the hits that its names have.
type Entered struct {
	Customer customer.Customer `json:"customer"`
	Hits     []Hit             `json:"hits"`
}

// Enter adds a customer and screens it in the same transaction, so that whoever enters it sees its hits at once.
var Enter = operation.New("screening.enter", func(ctx context.Context, tx *operation.Tx, in Entering) (Entered, error) {
	in.ID = in.id
	c, err := customer.Create.Within(ctx, tx, in.New)
	if err != nil {
		return Entered{}, err
	}
	hits, err := screenOne(ctx, tx, c.ID, in.found)
	return Entered{Customer: c, Hits: hits}, err
}).Prepare(func(ctx context.Context, rd *operation.Reading, in *Entering) error {
	s, err := lentScreener(rd)
	if err != nil {
		return err
	}
	if in.id = in.ID; in.id == "" {
		in.id = operation.NewID()
	}
	in.found, err = s.search(ctx, rd, []string{in.id}, partiesOf(profileRows(in.id, in.Profile)))
	return err
})

// Batch is the input of ScreenAll. After empty begins a run; Most is at most 500 customers, which is also the default.
type Batch struct {
	After string `json:"after,omitempty"` // Next of the batch before
	Most  int    `json:"most,omitempty"`

	run   Run
	found *finding
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

func (in Batch) size() int {
	if in.Most <= 0 || in.Most > mostBatch {
		return mostBatch
	}
	return in.Most
}

// ScreenAll screens a batch of customers, so that no transaction lasts long; call it with Next until that is empty.
var ScreenAll = operation.New("screening.screen_all", func(ctx context.Context, tx *operation.Tx, in Batch) (Screened, error) {
	r, ids := in.run, in.found.customers
	if r.ID == "" {
		r = begun(tx, in.found.numbers)
	}
	done, err := record(ctx, tx, in.found)
	if err != nil {
		return Screened{}, err
	}
	r.Customers += len(ids)
	r.add(done)
	out := Screened{Run: r.ID, Customers: len(ids), Hits: len(done.hits), New: done.new}
	if len(ids) == in.size() {
		out.Next = r.ID + ":" + ids[len(ids)-1]
	} else {
		r.FinishedAt = tx.Now
	}
	return out, putRun(ctx, tx.Tx, r)
}).Prepare(func(ctx context.Context, rd *operation.Reading, in *Batch) error {
	s, err := lentScreener(rd)
	if err != nil {
		return err
	}
	var after string
	if in.run, after, err = continued(ctx, rd, in.After); err != nil {
		return err
	}
	ids, err := customersAfter(ctx, rd, after, in.size())
	if err != nil {
		return err
	}
	in.found, err = s.find(ctx, rd, ids)
	return err
})

// continued finds the run and the customer that a batch goes on from.
func continued(ctx context.Context, q database.Querier, cursor string) (r Run, after string, err error) {
	if cursor == "" {
		return Run{}, "", nil
	}
	id, after, _ := strings.Cut(cursor, ":")
	r, found, err := runByID(ctx, q, id)
	if err == nil && (!found || after == "" || r.CustomerID != "" || !r.FinishedAt.IsZero()) {
		err = fault.Invalid("after", "listing.cursor", nil)
	}
	return r, after, err
}

type someCustomers struct {
	IDs []string `json:"ids"`

	found *finding
}

type followed struct {
	Source    string `json:"source"`
	No        int64  `json:"no"`
	Customers int    `json:"customers"`
	Names     int    `json:"names"`
	Hits      int    `json:"hits"`
	New       int    `json:"new"`
}

// rescreen screens the customers whom the change of a list may concern.
var rescreen = operation.New("screening.rescreen", func(ctx context.Context, tx *operation.Tx, in someCustomers) (followed, error) {
	done, err := record(ctx, tx, in.found)
	return followed{Names: done.names, Hits: len(done.hits), New: done.new}, err
}).Prepare(func(ctx context.Context, rd *operation.Reading, in *someCustomers) error {
	s, err := lentScreener(rd)
	if err != nil {
		return err
	}
	in.found, err = s.find(ctx, rd, in.IDs)
	return err
})

// finishFollowing notes that everybody was screened against an edition.
var finishFollowing = operation.New("screening.followed", func(ctx context.Context, tx *operation.Tx, in followed) (none struct{}, err error) {
	numbers, err := editionNumbers(ctx, tx.Tx) // not held: this only notes them
	if err != nil {
		return none, err
	}
	r := begun(tx, numbers)
	r.Customers, r.Names, r.Hits, r.New, r.FinishedAt = in.Customers, in.Names, in.Hits, in.New, tx.Now
	if err := putRun(ctx, tx.Tx, r); err != nil {
		return none, err
	}
	return none, setScreened(ctx, tx.Tx, in.Source, in.No)
})
