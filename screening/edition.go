package screening

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening/match"
)

// EditionStatus is where an edition stands.
type EditionStatus string

// The states of an edition. One of a list waits at most, and one is in force at most.
const (
	EditionWaiting   EditionStatus = "waiting" // loaded and compared; nobody is screened against it yet
	EditionInForce   EditionStatus = "in_force"
	EditionReplaced  EditionStatus = "replaced"
	EditionDiscarded EditionStatus = "discarded"
)

// The ways in which an edition came.
const (
	FromFile  = "file"
	FromURL   = "url"
	FromTyped = "typed"
)

// Edition is a watch list as it was loaded once, and how it differs from the edition in force then.
type Edition struct {
	ID         string        `json:"id"`
	Source     string        `json:"source"`
	No         int64         `json:"no"`
	Status     EditionStatus `json:"status"`
	Origin     string        `json:"origin"` // file, url, typed
	SHA256     string        `json:"sha256"` // of its entries
	Entries    int           `json:"entries"`
	Names      int           `json:"names"` // distinct normalised names of each entry, summed
	Added      int           `json:"added"`
	Removed    int           `json:"removed"`
	Changed    int           `json:"changed"`
	LoadedBy   string        `json:"loaded_by"`
	LoadedByID string        `json:"loaded_by_id,omitempty"`
	LoadedAt   time.Time     `json:"loaded_at"`
	DecidedBy  string        `json:"decided_by,omitempty"`
	DecidedAt  time.Time     `json:"decided_at"`
	Version    int64         `json:"version"`
	New        bool          `json:"new"` // false: what was loaded stands already
}

// before is the number of entries of the edition that this one replaces.
func (e Edition) before() int { return e.Entries - e.Added + e.Removed }

// MostLoss is the share of a list's entries that an edition may lose without anybody confirming it: a file cut short
// would otherwise close the hits of everyone who is missing in it.
const MostLoss = 0.2

// Loses tells that the edition lacks so many of the entries in force that somebody has to confirm it.
func (e Edition) Loses() bool { return float64(e.Removed) > MostLoss*float64(e.before()) }

// Load is the input of LoadList: the list's files in the order that its source names them.
type Load struct {
	Source string   `json:"source"`
	Files  [][]byte `json:"files"`
	Accept bool     `json:"accept,omitempty"` // put it in force at once, unless it loses too much or needs a second person

	content content
}

// content is what a list's files hold.
type content struct {
	rows   []listedRow
	names  int
	origin string
}

// listedRow is an entry as it is kept: data is its JSON, sha256 the hash of that.
type listedRow struct {
	entry        Entry
	data, sha256 string
}

func rowOf(e Entry) (listedRow, error) {
	raw, err := json.Marshal(e)
	return listedRow{e, string(raw), hashOf(string(raw))}, err
}

func contentOf(entries []Entry, origin string) (c content, err error) {
	c.origin, c.rows = origin, make([]listedRow, len(entries))
	for i, e := range entries {
		if c.rows[i], err = rowOf(e); err != nil {
			return content{}, err
		}
		c.names += namesOf(e)
	}
	return c, nil
}

func namesOf(e Entry) int {
	seen := map[string]bool{}
	for _, name := range append([]string{e.Name}, e.Aliases...) {
		if key := match.Normalise(name); key != "" {
			seen[key] = true
		}
	}
	return len(seen)
}

func (c content) sha256() string {
	h := sha256.New()
	for _, r := range c.rows {
		h.Write([]byte(r.sha256))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Validate reports every wrong field, down to the line of a file. It reads the files, so that the transaction need not
// wait for that.
func (in *Load) Validate() error {
	var c fault.Check
	c.Required("source", in.Source)
	c.That(len(in.Files) > 0, "files", "fault.required", nil)
	if err := c.Err(); err != nil {
		return err
	}
	entries, err := parse(in.Source, in.Files)
	if err != nil {
		return err
	}
	in.content, err = contentOf(entries, FromFile)
	return err
}

// LoadList loads an edition of a watch list and compares it with the one in force. It waits until somebody accepts it;
// a later load takes the place of one that waits. What stands already changes nothing.
var LoadList = operation.New("screening.load", func(ctx context.Context, tx *operation.Tx, in Load) (Edition, error) {
	return load(ctx, tx, in.Source, in.content, in.Accept)
})

func load(ctx context.Context, tx *operation.Tx, source string, c content, accept bool) (Edition, error) {
	src, err := lockedSource(ctx, tx, source)
	if err != nil {
		return Edition{}, err
	}
	src.TriedAt, src.Failure = tx.Now, ""
	if err := putSource(ctx, tx.Tx, src); err != nil {
		return Edition{}, err
	}
	standing, err := standingRows(ctx, tx, source, src.CurrentNo)
	if err != nil {
		return Edition{}, err
	}
	d := compareRows(standing, c.rows)
	if d.empty() && src.CurrentNo > 0 {
		e, _, err := editionWith(ctx, tx, source, EditionInForce)
		return e, err
	}
	e := Edition{ID: operation.NewID(), Source: source, Status: EditionWaiting, Origin: c.origin, SHA256: c.sha256(), Entries: len(c.rows), Names: c.names,
		Added: d.added, Removed: d.removed, Changed: d.changed, LoadedBy: tx.Actor.Name, LoadedByID: tx.Actor.ID, LoadedAt: tx.Now, Version: 1, New: true}
	if waits, found, err := editionWith(ctx, tx, source, EditionWaiting); err != nil {
		return Edition{}, err
	} else if found {
		if err := discard(ctx, tx, waits); err != nil {
			return Edition{}, err
		}
	}
	if e, err = stage(ctx, tx, src, e, d); err != nil {
		return Edition{}, err
	}
	if class := classOf(source); accept && !e.Loses() && class != White {
		return enforce(ctx, tx, e)
	}
	return e, nil
}

// difference is what an edition changes: the rows that it brings, and those in force that it ends.
type difference struct {
	rows                    []listedRow
	ends                    []string // ids of rows
	added, removed, changed int
}

func (d difference) empty() bool { return d.added+d.removed+d.changed == 0 }

func compareRows(standing map[string]standingRow, rows []listedRow) difference {
	var d difference
	left := make(map[string]bool, len(standing))
	for id := range standing {
		left[id] = true
	}
	for _, r := range rows {
		before, known := standing[r.entry.SourceID]
		delete(left, r.entry.SourceID)
		if known && before.sha256 == r.sha256 {
			continue
		}
		d.rows = append(d.rows, r)
		if known {
			d.changed++
			d.ends = append(d.ends, before.id)
		} else {
			d.added++
		}
	}
	for id := range left {
		d.removed++
		d.ends = append(d.ends, standing[id].id)
	}
	return d
}

// stage writes a new edition that waits.
func stage(ctx context.Context, tx *operation.Tx, src sourceRow, e Edition, d difference) (Edition, error) {
	src.LastNo++
	e.No = src.LastNo
	if err := putSource(ctx, tx.Tx, src); err != nil {
		return Edition{}, err
	}
	if err := insertEdition(ctx, tx.Tx, e); err != nil {
		return Edition{}, err
	}
	tx.About("list:" + e.Source)
	tx.Changed("screening.edition", e.ID, nil, e)
	return e, insertListed(ctx, tx.Tx, e.Source, e.No, d)
}

// Acceptance is the input of Accept and Discard.
type Acceptance struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Confirm bool   `json:"confirm,omitempty"` // yes, although the edition loses more than MostLoss of the entries
}

// Validate reports every wrong field.
func (in *Acceptance) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	return c.Err()
}

// Accept puts an edition in force that waits. All customers are then screened against what it changed. A white list
// puts hits aside, so another person than the one who loaded it accepts it.
var Accept = operation.New("screening.accept", func(ctx context.Context, tx *operation.Tx, in Acceptance) (Edition, error) {
	e, err := waitingEdition(ctx, tx, in)
	if err != nil {
		return Edition{}, err
	}
	if classOf(e.Source) == White && e.Added+e.Changed > 0 && e.LoadedByID == tx.Actor.ID {
		return Edition{}, fault.Forbidden("screening.second_person", nil)
	}
	if e.Loses() && !in.Confirm {
		return Edition{}, fault.Invalid("confirm", "screening.loses", fault.Args{"removed": e.Removed, "before": e.before()})
	}
	return enforce(ctx, tx, e)
})

// Discard drops an edition that waits.
var Discard = operation.New("screening.discard", func(ctx context.Context, tx *operation.Tx, in Acceptance) (Edition, error) {
	e, err := waitingEdition(ctx, tx, in)
	if err != nil {
		return Edition{}, err
	}
	if err := discard(ctx, tx, e); err != nil {
		return Edition{}, err
	}
	return editionByID(ctx, tx, e.ID)
})

func waitingEdition(ctx context.Context, tx *operation.Tx, in Acceptance) (Edition, error) {
	e, err := editionByID(ctx, tx, in.ID)
	if err != nil {
		return Edition{}, err
	}
	if _, err := lockedSource(ctx, tx, e.Source); err != nil {
		return Edition{}, err
	}
	if e, err = editionByID(ctx, tx, in.ID); err != nil { // again, now that nobody else changes it
		return Edition{}, err
	}
	if e.Status != EditionWaiting {
		return Edition{}, fault.Conflict("screening.edition_decided", nil)
	}
	if e.Version != in.Version {
		return Edition{}, fault.Stale("screening.edition", e.ID)
	}
	return e, nil
}

// enforce puts an edition in force: its rows carry numbers already, so that this is one number.
func enforce(ctx context.Context, tx *operation.Tx, e Edition) (Edition, error) {
	if before, found, err := editionWith(ctx, tx, e.Source, EditionInForce); err != nil {
		return Edition{}, err
	} else if found {
		before.Status = EditionReplaced
		if err := putEdition(ctx, tx.Tx, before); err != nil {
			return Edition{}, err
		}
	}
	waited := e
	e.Status, e.DecidedBy, e.DecidedAt = EditionInForce, tx.Actor.Name, tx.Now
	if err := putEdition(ctx, tx.Tx, e); err != nil {
		return Edition{}, err
	}
	e.Version++
	tx.About("list:" + e.Source)
	tx.Changed("screening.edition", e.ID, waited, e)
	return e, setCurrent(ctx, tx.Tx, e.Source, e.No)
}

func discard(ctx context.Context, tx *operation.Tx, e Edition) error {
	before := e
	e.Status, e.DecidedBy, e.DecidedAt = EditionDiscarded, tx.Actor.Name, tx.Now
	tx.Changed("screening.edition", e.ID, before, e)
	if err := putEdition(ctx, tx.Tx, e); err != nil {
		return err
	}
	return withdrawListed(ctx, tx.Tx, e.Source, e.No)
}

func classOf(source string) Class {
	s, _ := SourceOf(source)
	return s.Class
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
