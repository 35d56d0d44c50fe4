package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Entry is one line of the trail.
type Entry struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	ActorID   string    `json:"actor_id"`
	ActorName string    `json:"actor_name"`
	Operation string    `json:"operation"`
	Door      string    `json:"door"`
	RequestID string    `json:"request_id"`
	Cause     string    `json:"cause"`
	Subject   string    `json:"subject"`
	// SubjectName is the customer's that the entry is about, as he is called now; empty for other subjects.
	SubjectName string          `json:"subject_name,omitempty"`
	Changes     json.RawMessage `json:"changes"`
	Seq         int64           `json:"seq"` // 0 = not sealed yet
	Prev        string          `json:"-"`
	Hash        string          `json:"hash"`
}

// Record writes the entry of an operation in the operation's own transaction; operation.Runner calls it.
func Record(ctx context.Context, tx *database.Tx, e operation.Entry) error {
	changes, err := json.Marshal(e.Changes)
	if err != nil {
		return fmt.Errorf("changes of %s: %w", e.Operation, err)
	}
	return insertEntry(ctx, tx, Entry{
		ID: e.ID, At: e.At, ActorID: e.Call.Actor.ID, ActorName: e.Call.Actor.Name, Operation: e.Operation,
		Door: e.Call.Door, RequestID: e.Call.RequestID, Cause: e.Call.Cause, Subject: e.Subject, Changes: changes,
	})
}

// link is the hash of an entry in the chain: SHA-256 over its place, the hash before it, and all it says, each part
// with its length so that no two entries can read the same.
func link(seq int64, prev string, e Entry) string {
	h := sha256.New()
	for _, part := range []string{
		strconv.FormatInt(seq, 10), prev, e.ID, strconv.FormatInt(database.Micros(e.At), 10), e.ActorID, e.ActorName,
		e.Operation, e.Door, e.RequestID, e.Cause, e.Subject, string(e.Changes),
	} {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

const sealBatch = 2000

// Seal gives up to one batch of unsealed entries their place and hash and tells how many. The head row is held for
// the transaction, so two sealers take turns.
func Seal(ctx context.Context, db *database.DB) (int, error) {
	waiting, err := anyUnsealed(ctx, db)
	if err != nil || !waiting {
		return 0, err
	}
	sealed := 0
	err = db.Write(ctx, func(tx *database.Tx) error {
		sealed = 0
		if err := tx.Lock(ctx, "audit_head", "head"); err != nil {
			return err
		}
		seq, prev, err := head(ctx, tx)
		if err != nil {
			return err
		}
		entries, err := unsealed(ctx, tx, sealBatch)
		if err != nil {
			return err
		}
		for _, e := range entries {
			seq++
			hash := link(seq, prev, e)
			if err := setSeal(ctx, tx, e.ID, seq, prev, hash); err != nil {
				return err
			}
			prev = hash
		}
		sealed = len(entries)
		return setHead(ctx, tx, seq, prev)
	})
	return sealed, err
}

// Sealer seals until ctx ends, at the interval; what is left when it ends is sealed at the next start.
func Sealer(ctx context.Context, db *database.DB, interval time.Duration, log *slog.Logger) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for ctx.Err() == nil {
			n, err := Seal(ctx, db)
			if err != nil && ctx.Err() == nil {
				log.Error("seal the audit trail", "err", err)
			}
			if err != nil || n < sealBatch {
				break
			}
		}
	}
}

// Report is the outcome of a verification.
type Report struct {
	OK       bool   `json:"ok"`
	Sealed   int64  `json:"sealed"`
	Unsealed int64  `json:"unsealed"`
	Head     string `json:"head"`
	// Broken names the first broken or missing entry, empty when the chain is whole.
	Broken   string `json:"broken,omitempty"`
	BrokenID string `json:"broken_id,omitempty"`
	Seq      int64  `json:"seq,omitempty"`
}

// Verify walks the whole chain and names the first entry that was changed or is missing, also at its end.
func Verify(ctx context.Context, q database.Querier) (Report, error) {
	var r Report
	headSeq, headHash, err := head(ctx, q)
	if err != nil {
		return r, err
	}
	r.Head = headHash
	if r.Unsealed, err = countUnsealed(ctx, q); err != nil {
		return r, err
	}
	prev := ""
	broken := func(seq int64, id, what string) { r.Seq, r.BrokenID, r.Broken = seq, id, what }
	err = walk(ctx, q, func(e Entry) bool {
		switch want := r.Sealed + 1; {
		case e.Seq != want:
			broken(want, "", fmt.Sprintf("entry %d is missing", want))
		case e.Prev != prev:
			broken(e.Seq, e.ID, fmt.Sprintf("entry %d does not follow the one before it", e.Seq))
		case link(e.Seq, prev, e) != e.Hash:
			broken(e.Seq, e.ID, fmt.Sprintf("entry %d was changed", e.Seq))
		default:
			r.Sealed, prev = e.Seq, e.Hash
			return true
		}
		return false
	})
	if err != nil {
		return r, err
	}
	if r.Broken == "" && (headSeq != r.Sealed || headHash != prev) {
		broken(r.Sealed+1, "", fmt.Sprintf("entry %d is missing", r.Sealed+1))
		if headSeq == r.Sealed {
			broken(r.Sealed, "", "the head of the chain was changed")
		}
	}
	r.OK = r.Broken == ""
	return r, nil
}

// ListInput asks for entries, newest first. Empty filters let everything through.
type ListInput struct {
	Subject   string     `json:"subject,omitempty"`
	Customer  string     `json:"customer,omitempty"`  // part of the name of the customer that it is about
	Actor     string     `json:"actor,omitempty"`     // part of the name of who did it
	Operation string     `json:"operation,omitempty"` // its name
	By        string     `json:"by,omitempty"`        // people or system
	From      clock.Date `json:"from,omitempty"`      // first day, in the company's time zone
	To        clock.Date `json:"to,omitempty"`        // last day
	Before    string     `json:"before,omitempty"`    // id of the last entry of the page before
	Limit     int        `json:"limit,omitempty"`
}

// Validate reports every wrong field.
func (in *ListInput) Validate() error {
	var c fault.Check
	for _, d := range []struct {
		path string
		day  clock.Date
	}{{"from", in.From}, {"to", in.To}} {
		c.That(d.day.IsZero() || d.day.Valid(), d.path, "fault.not_date", fault.Args{"text": string(d.day)})
	}
	if in.By != "" {
		c.OneOf("by", in.By, "people", "system")
	}
	in.Subject, in.Customer, in.Actor = strings.TrimSpace(in.Subject), strings.TrimSpace(in.Customer), strings.TrimSpace(in.Actor)
	return c.Err()
}

// Page is a page of entries.
type Page struct {
	Entries []Entry `json:"entries"`
	Next    string  `json:"next,omitempty"`
}

// List shows the trail, of everything or of what the filters let through.
var List = operation.NewView("audit.list", func(ctx context.Context, rd *operation.Reading, in ListInput) (Page, error) {
	zone := rd.Zone
	if zone == nil {
		zone = time.UTC
	}
	return page(ctx, rd, in, zone)
})

// Of gives the entries of a subject (empty = of everything) before an entry, newest first, whatever the reader's rights.
func Of(ctx context.Context, q database.Querier, subject, before string, limit int) (Page, error) {
	return page(ctx, q, ListInput{Subject: subject, Before: before, Limit: limit}, time.UTC)
}

func page(ctx context.Context, q database.Querier, in ListInput, zone *time.Location) (Page, error) {
	if in.Limit <= 0 || in.Limit > 500 {
		in.Limit = 100
	}
	limit := in.Limit
	in.Limit++
	entries, err := list(ctx, q, in, zone)
	if err != nil {
		return Page{}, err
	}
	p := Page{Entries: entries}
	if len(entries) > limit {
		p.Entries = entries[:limit]
		p.Next = entries[limit-1].ID
	}
	return p, nil
}
