package screening

import (
	"context"
	"strings"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// OwnEntry is the input of SaveEntry: a party on an own list, found again by its name.
type OwnEntry struct {
	Source     string `json:"source"` // own_black, own_grey, own_white
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Aliases    string `json:"aliases,omitempty"` // split by semicolons, as are the following
	IDs        string `json:"ids,omitempty"`     // USCC, LEI, identity card
	Countries  string `json:"countries,omitempty"`
	Born       string `json:"born,omitempty"`       // or founded
	Programmes string `json:"programmes,omitempty"` // what it rests on: contract, judgement, decision
	Reason     string `json:"reason"`
}

// Validate reports every wrong field.
func (in *OwnEntry) Validate() error {
	var c fault.Check
	ownSource(&c, in.Source)
	in.Name, in.Reason = strings.Join(strings.Fields(in.Name), " "), strings.TrimSpace(in.Reason)
	c.Required("name", in.Name)
	c.Length("name", in.Name, 300)
	c.Length("aliases", in.Aliases, 2000)
	c.Length("ids", in.IDs, 500)
	if in.Kind == "" {
		in.Kind = kindOrganisation
	}
	c.OneOf("kind", in.Kind, EntryKinds...)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 2000)
	return c.Err()
}

func ownSource(c *fault.Check, key string) {
	var own []string
	for _, s := range Sources {
		if s.Own() {
			own = append(own, s.Key)
		}
	}
	c.OneOf("source", key, own...)
}

func (in OwnEntry) entry() Entry {
	return Entry{SourceID: in.Name, Kind: in.Kind, Name: in.Name, Aliases: alternatives(in.Aliases), IDs: alternatives(in.IDs), Countries: commas(alternatives(in.Countries)...),
		Born: commas(alternatives(in.Born)...), Programmes: strings.TrimSpace(in.Programmes), Remarks: in.Reason}
}

// SaveEntry puts a party on an own list, or changes what stands there. It is in force at once; on the white list it
// waits for a second person, together with others that were typed meanwhile.
var SaveEntry = operation.New("screening.save_entry", func(ctx context.Context, tx *operation.Tx, in OwnEntry) (Edition, error) {
	row, err := rowOf(in.entry())
	if err != nil {
		return Edition{}, err
	}
	return typed(ctx, tx, in.Source, in.Name, &row)
})

// OwnRemoval is the input of RemoveEntry.
type OwnRemoval struct {
	Source   string `json:"source"`
	SourceID string `json:"source_id"`
}

// Validate reports every wrong field.
func (in *OwnRemoval) Validate() error {
	var c fault.Check
	ownSource(&c, in.Source)
	c.Required("source_id", in.SourceID)
	return c.Err()
}

// RemoveEntry takes a party off an own list.
var RemoveEntry = operation.New("screening.remove_entry", func(ctx context.Context, tx *operation.Tx, in OwnRemoval) (Edition, error) {
	return typed(ctx, tx, in.Source, in.SourceID, nil)
})

// typed makes an edition that differs by one entry; without a row the entry is removed.
func typed(ctx context.Context, tx *operation.Tx, source, sourceID string, row *listedRow) (Edition, error) {
	src, err := lockedSource(ctx, tx, source)
	if err != nil {
		return Edition{}, err
	}
	waits, waiting, err := editionWith(ctx, tx, source, EditionWaiting)
	if err != nil {
		return Edition{}, err
	}
	if waiting && (waits.Origin != FromTyped || waits.LoadedByID != tx.Actor.ID || row == nil) {
		return Edition{}, fault.Conflict("screening.edition_waits", nil)
	}
	standing, err := standingRows(ctx, tx, source, max(src.CurrentNo, waits.No))
	if err != nil {
		return Edition{}, err
	}
	before, known := standing[sourceID]
	if row == nil && !known {
		return Edition{}, fault.NotFound("screening.entry", sourceID)
	}
	if row != nil && known && before.sha256 == row.sha256 {
		e, _, err := editionWith(ctx, tx, source, EditionInForce)
		return e, err
	}
	if waiting && known && before.since == waits.No {
		return Edition{}, fault.Conflict("screening.edition_waits", nil)
	}
	d := oneChange(before, known, row)
	if waiting {
		return added(ctx, tx, waits, d)
	}
	e, err := alone(ctx, tx, src, len(standing), before, d)
	if err != nil || classOf(source) == White && row != nil {
		return e, err
	}
	return enforce(ctx, tx, e)
}

// alone stages an edition that differs from the one in force by one entry.
func alone(ctx context.Context, tx *operation.Tx, src sourceRow, entries int, before standingRow, d difference) (Edition, error) {
	current, _, err := editionWith(ctx, tx, src.Key, EditionInForce)
	if err != nil {
		return Edition{}, err
	}
	e := Edition{ID: operation.NewID(), Source: src.Key, Status: EditionWaiting, Origin: FromTyped, Entries: entries + d.added - d.removed, Names: current.Names, Added: d.added, Removed: d.removed,
		Changed: d.changed, LoadedBy: tx.Actor.Name, LoadedByID: tx.Actor.ID, LoadedAt: tx.Now, Version: 1, New: true}
	for _, r := range d.rows {
		e.SHA256, e.Names = r.sha256, e.Names+namesOf(r.entry)
	}
	if len(d.ends) > 0 {
		full, err := listedRowByID(ctx, tx, before.id)
		if err != nil {
			return Edition{}, err
		}
		e.Names -= namesOf(full.entry)
	}
	return stage(ctx, tx, src, e, d)
}

// oneChange is the difference that one entry makes.
func oneChange(before standingRow, known bool, row *listedRow) difference {
	switch {
	case row == nil:
		return difference{ends: []string{before.id}, removed: 1}
	case !known:
		return difference{rows: []listedRow{*row}, added: 1}
	}
	return difference{rows: []listedRow{*row}, ends: []string{before.id}, changed: 1}
}

// added puts an entry to those of a typed edition that waits.
func added(ctx context.Context, tx *operation.Tx, waits Edition, d difference) (Edition, error) {
	more := waits
	more.Entries, more.Added, more.Changed = waits.Entries+d.added, waits.Added+d.added, waits.Changed+d.changed
	for _, r := range d.rows {
		more.Names += namesOf(r.entry)
	}
	tx.About("list:" + waits.Source)
	tx.Changed("screening.edition", more.ID, waits, more)
	if err := putEdition(ctx, tx.Tx, more); err != nil {
		return Edition{}, err
	}
	more.Version++
	return more, insertListed(ctx, tx.Tx, waits.Source, more.No, d)
}
