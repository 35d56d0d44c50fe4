package screening

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening/match"
)

// HitTopic is the topic of a new or reopened hit; payload: Hit.
const HitTopic = "screening.hit"

// List is a watch list as loaded.
type List struct {
	Source   string    `json:"source"`
	SHA256   string    `json:"sha256"`
	Entries  int       `json:"entries"`
	Names    int       `json:"names"`
	LoadedBy string    `json:"loaded_by"`
	LoadedAt time.Time `json:"loaded_at"`
	Changed  bool      `json:"changed"` // false: the same files stood already
}

// Load is the input of LoadList: the list's files in the order that its source names them.
type Load struct {
	Source string   `json:"source"`
	Files  [][]byte `json:"files"`
}

// Validate reports every wrong field.
func (in *Load) Validate() error {
	var c fault.Check
	c.Required("source", in.Source)
	c.That(len(in.Files) > 0, "files", "fault.required", nil)
	return c.Err()
}

// LoadList replaces a watch list by a newer edition. Decisions on hits stay.
var LoadList = operation.New("screening.load", func(ctx context.Context, tx *operation.Tx, in Load) (List, error) {
	h := sha256.New()
	for _, f := range in.Files {
		h.Write(f)
		h.Write([]byte{0})
	}
	l := List{Source: in.Source, SHA256: hex.EncodeToString(h.Sum(nil)), LoadedBy: tx.Actor.Name, LoadedAt: tx.Now, Changed: true}
	before, found, err := listBySource(ctx, tx, in.Source)
	if err != nil {
		return List{}, err
	}
	if found && before.SHA256 == l.SHA256 {
		before.Changed = false
		return before, nil
	}
	entries, err := parse(in.Source, in.Files)
	if err != nil {
		return List{}, err
	}
	l.Entries = len(entries)
	if l.Names, err = replaceList(ctx, tx.Tx, in.Source, entries); err != nil {
		return List{}, err
	}
	if found {
		tx.Changed("screening.list", in.Source, before, l)
	} else {
		tx.Changed("screening.list", in.Source, nil, l)
	}
	return l, putList(ctx, tx.Tx, l)
})

// Status is where a hit stands.
type Status string

// The states of a hit.
const (
	Open    Status = "open"
	Cleared Status = "cleared"   // another party of the same name
	Certain Status = "confirmed" // the listed party
)

// Hit is a name of a customer, its owners or officers that stands on a watch list.
type Hit struct {
	ID           string    `json:"id"`
	CustomerID   string    `json:"customer_id"`
	CustomerName string    `json:"customer_name,omitempty"`
	PartyKind    string    `json:"party_kind"` // customer, shareholder, legal_representative, contact
	Party        string    `json:"party"`
	Key          string    `json:"key"` // the name as compared: equal on both sides
	Source       string    `json:"source"`
	SourceID     string    `json:"source_id"`
	ListedName   string    `json:"listed_name"`
	Entry        Entry     `json:"entry"`
	SHA256       string    `json:"sha256"` // of the entry: the facts that a decision rests on
	Status       Status    `json:"status"`
	Reason       string    `json:"reason,omitempty"`
	DecidedBy    string    `json:"decided_by,omitempty"`
	DecidedAt    time.Time `json:"decided_at"`
	FoundAt      time.Time `json:"found_at"`
	Version      int64     `json:"version"`
}

// Screen is the input of ScreenCustomer.
type Screen struct {
	CustomerID string `json:"customer_id"`
}

// Validate reports every wrong field.
func (in *Screen) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	return c.Err()
}

// ScreenCustomer compares all names of a customer's file with the lists. A hit that was decided stays so, unless the
// list's entry has changed since.
var ScreenCustomer = operation.New("screening.screen", func(ctx context.Context, tx *operation.Tx, in Screen) ([]Hit, error) {
	tx.About(in.CustomerID)
	return screen(ctx, tx, in.CustomerID)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Screen) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Batch is the input of ScreenAll: the customers after an id, in their order.
type Batch struct {
	After string `json:"after,omitempty"`
	Most  int    `json:"most,omitempty"`
}

// Screened is what a batch did. Next is the After of the following batch, empty when all are done.
type Screened struct {
	Customers int    `json:"customers"`
	Hits      int    `json:"hits"`
	Next      string `json:"next,omitempty"`
}

const mostBatch = 500

// ScreenAll screens a batch of customers, so that no transaction lasts long; call it with Next until that is empty.
var ScreenAll = operation.New("screening.screen_all", func(ctx context.Context, tx *operation.Tx, in Batch) (Screened, error) {
	if in.Most <= 0 || in.Most > mostBatch {
		in.Most = mostBatch
	}
	ids, err := customersAfter(ctx, tx, in.After, in.Most)
	if err != nil {
		return Screened{}, err
	}
	done := Screened{Customers: len(ids)}
	for _, id := range ids {
		hits, err := screen(ctx, tx, id)
		if err != nil {
			return Screened{}, err
		}
		done.Hits += len(hits)
	}
	if len(ids) == in.Most {
		done.Next = ids[len(ids)-1]
	}
	return done, nil
})

// party is a name of the file that is compared.
type party struct{ kind, name string }

func parties(f customer.File) []party {
	all := []party{{"customer", f.Customer.Name}, {"customer", f.Customer.NameEN}, {"legal_representative", f.Customer.LegalRepresentative}}
	for _, s := range f.Shareholders {
		all = append(all, party{"shareholder", s.Name})
	}
	for _, c := range f.Contacts {
		all = append(all, party{"contact", c.Name})
	}
	return all
}

func screen(ctx context.Context, tx *operation.Tx, customerID string) ([]Hit, error) {
	file, err := customer.FileOf(ctx, tx, customerID)
	if err != nil {
		return nil, err
	}
	var hits []Hit
	for _, p := range parties(file) {
		key := match.Normalise(p.name)
		if key == "" {
			continue
		}
		entries, err := entriesNamed(ctx, tx, key)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			h, err := found(ctx, tx, customerID, p, key, e)
			if err != nil {
				return nil, err
			}
			hits = append(hits, h)
		}
	}
	return hits, nil
}

func found(ctx context.Context, tx *operation.Tx, customerID string, p party, key string, e listed) (Hit, error) {
	h := Hit{ID: operation.NewID(), CustomerID: customerID, PartyKind: p.kind, Party: p.name, Key: key, Source: e.source, SourceID: e.entry.SourceID, ListedName: e.name,
		Entry: e.entry, SHA256: e.sha256, Status: Open, FoundAt: tx.Now, Version: 1}
	before, known, err := standingHit(ctx, tx, h)
	if err != nil || known && before.SHA256 == h.SHA256 {
		return before, err
	}
	if known {
		h.ID, h.Version = before.ID, before.Version+1
		tx.Changed("screening.hit", h.ID, before, h)
	} else {
		tx.Changed("screening.hit", h.ID, nil, h)
	}
	tx.Publish(HitTopic, customerID, h)
	return h, putHit(ctx, tx.Tx, h)
}

// Verdict is the input of Decide.
type Verdict struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Status  Status `json:"status"` // cleared or confirmed
	Reason  string `json:"reason"`
}

// Validate reports every wrong field.
func (in *Verdict) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.OneOf("status", string(in.Status), string(Cleared), string(Certain))
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 2000)
	return c.Err()
}

// Decide clears or confirms a hit, with the reason.
var Decide = operation.New("screening.decide", func(ctx context.Context, tx *operation.Tx, in Verdict) (Hit, error) {
	before, err := hitByID(ctx, tx, in.ID)
	if err != nil {
		return Hit{}, err
	}
	if before.Version != in.Version {
		return Hit{}, fault.Stale("screening.hit", in.ID)
	}
	after := before
	after.Status, after.Reason, after.DecidedBy, after.DecidedAt, after.Version = in.Status, in.Reason, tx.Actor.Name, tx.Now, before.Version+1
	tx.About(after.CustomerID)
	tx.Changed("screening.hit", after.ID, before, after)
	return after, putHit(ctx, tx.Tx, after)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Verdict) error {
	h, err := hitByID(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	return customer.Visible(ctx, tx, tx.Actor, h.CustomerID)
})

func digest(e Entry) (data, hash string, err error) {
	raw, err := json.Marshal(e)
	sum := sha256.Sum256(raw)
	return string(raw), hex.EncodeToString(sum[:]), err
}
