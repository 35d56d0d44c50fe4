package screening

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// List is an edition of a watch list as loaded.
type List struct {
	ID       string    `json:"id"`
	Source   string    `json:"source"`
	SHA256   string    `json:"sha256"` // of the files
	Entries  int       `json:"entries"`
	Names    int       `json:"names"` // distinct normalised names of each entry, summed
	LoadedBy string    `json:"loaded_by"`
	LoadedAt time.Time `json:"loaded_at"`
	Changed  bool      `json:"changed"` // false: the same files stood already
}

// Load is the input of LoadList: the list's files in the order that its source names them.
type Load struct {
	Source string   `json:"source"`
	Files  [][]byte `json:"files"`

	entries []Entry
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
	var err error
	in.entries, err = parse(in.Source, in.Files)
	return err
}

// LoadList puts a newer edition of a watch list in the place of the one before. The same files again change nothing.
// Decisions on hits stay.
var LoadList = operation.New("screening.load", func(ctx context.Context, tx *operation.Tx, in Load) (List, error) {
	h := sha256.New()
	for _, f := range in.Files {
		sum := sha256.Sum256(f)
		h.Write(sum[:])
	}
	l := List{ID: operation.NewID(), Source: in.Source, SHA256: hex.EncodeToString(h.Sum(nil)), Entries: len(in.entries), LoadedBy: tx.Actor.Name, LoadedAt: tx.Now, Changed: true}
	before, found, err := listBySource(ctx, tx, in.Source)
	if err != nil {
		return List{}, err
	}
	if found && before.SHA256 == l.SHA256 {
		return before, nil
	}
	entries, keys, err := indexed(l.ID, in.entries)
	if err != nil {
		return List{}, err
	}
	l.Names = len(keys)
	if found {
		if err := retireList(ctx, tx.Tx, before.ID, tx.Now); err != nil {
			return List{}, err
		}
		tx.Changed("screening.list", in.Source, before, l)
	} else {
		tx.Changed("screening.list", in.Source, nil, l)
	}
	return l, insertList(ctx, tx.Tx, l, entries, keys)
})

// digest is the text by which an entry is kept, and its hash.
func digest(e Entry) (data, hash string, err error) {
	raw, err := json.Marshal(e)
	return string(raw), hashOf(string(raw)), err
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
