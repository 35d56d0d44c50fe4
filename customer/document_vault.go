package customer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/xinheng/xinheng/internal/document"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Vault receives and gives out the contents of documents: all that is slow, outside of transactions.
type Vault struct {
	Runner  *operation.Runner
	Store   document.Store
	Scanner *document.Clamd // nil = none is configured
	Log     *slog.Logger
}

// Upload is a content that was received and is not yet a document.
type Upload struct {
	ID string `json:"id"`
	document.Content
	Kind      string    `json:"kind"`
	Name      string    `json:"name"`
	Bytes     int64     `json:"bytes"`
	SHA256    string    `json:"sha256"`
	Scan      Scan      `json:"scan"`
	Threat    string    `json:"threat,omitempty"`
	ScannedAt time.Time `json:"scanned_at,omitzero"`
	ByID      string    `json:"by_id"`
	Used      bool      `json:"used"`
}

// receiveUpload notes what the vault received. It stands in no list of operations: no door can claim a content.
var receiveUpload = operation.New("customer.receive_upload", func(ctx context.Context, tx *operation.Tx, in Upload) (Upload, error) {
	return in, insertUpload(ctx, tx.Tx, in, tx.Now)
})

// Receive takes a content in: bounded by the kind's rule, known by looking inside, scanned, kept in the store. The answer's
// id is what AddDocument files.
func (v *Vault) Receive(ctx context.Context, call operation.Call, kind, name string, content io.Reader) (Upload, error) {
	if !call.Actor.Can(AddDocument.Name()) {
		return Upload{}, fault.Forbidden("fault.forbidden", fault.Args{"operation": AddDocument.Name()})
	}
	up := Upload{ID: operation.NewID(), Kind: kind, Name: cleanName(name), ByID: call.Actor.ID}
	var c fault.Check
	c.OneOf("kind", kind, DocumentKinds...)
	c.Length("file", up.Name, 200)
	if err := c.Err(); err != nil {
		return Upload{}, err
	}
	rule, err := documentRule(ctx, v.Runner.DB, kind)
	if err != nil {
		return Upload{}, err
	}
	raw, err := io.ReadAll(io.LimitReader(content, rule.MostBytes+1))
	if err != nil {
		return Upload{}, fmt.Errorf("read the upload: %w", err)
	}
	if int64(len(raw)) > rule.MostBytes {
		return Upload{}, fault.Invalid("file", "fault.too_large", fault.Args{"most": sizeText(rule.MostBytes)})
	}
	if up.Content, err = document.Inspect(raw, document.Allowance{Archives: rule.Archives, Macros: rule.Macros}); err != nil {
		return Upload{}, err
	}
	up.Scan, up.Threat = v.scan(ctx, raw)
	if up.Scan == ScanClean || up.Scan == ScanInfected {
		up.ScannedAt = v.Runner.Clock()
	}
	if up.SHA256, up.Bytes, err = v.Store.Put(ctx, bytes.NewReader(raw)); err != nil {
		return Upload{}, err
	}
	call.Actor, call.Key, call.DryRun = operation.System("upload by "+call.Actor.Name), "", false
	return operation.Run(ctx, v.Runner, call, receiveUpload, up)
}

func sizeText(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

// cleanName keeps of a client's file name what is fit to be shown and to name a download: no path, no control characters.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) { // Cf: marks that turn the reading direction hide an ending
			return -1
		}
		return r
	}, name))
	if name == "" || name == "." || name == ".." {
		return "document"
	}
	return name
}

func (v *Vault) scan(ctx context.Context, raw []byte) (Scan, string) {
	if v.Scanner == nil {
		return ScanOff, ""
	}
	verdict, err := v.Scanner.Scan(ctx, bytes.NewReader(raw))
	switch {
	case err != nil:
		v.Log.Warn("a document waits for its scan", "err", err)
		return ScanWaiting, ""
	case verdict.Threat != "":
		return ScanInfected, verdict.Threat
	}
	return ScanClean, ""
}

// Content gives a document's content to a reader who may have it.
func (v *Vault) Content(ctx context.Context, call operation.Call, id string) (Document, []byte, error) {
	d, err := operation.Read(ctx, v.Runner, call, ViewDocument, ByIDInput{ID: id})
	if err != nil {
		return Document{}, nil, err
	}
	if err := d.Readable(call.Actor); err != nil {
		return Document{}, nil, err
	}
	raw, err := v.Store.Get(ctx, d.SHA256)
	if errors.Is(err, document.ErrDamaged) {
		v.Log.Error("a document's content is damaged", "document", d.ID, "sha256", d.SHA256)
		return Document{}, nil, fault.Conflict("customer.document_damaged", nil).Because(err)
	}
	return d, raw, err
}

// scanned is the input of recordScan.
type scanned struct {
	SHA256 string `json:"sha256"`
	Scan   Scan   `json:"scan"`
	Threat string `json:"threat,omitempty"`
}

// recordScan notes what a later scan found, for every entry of that content. It stands in no list of operations.
var recordScan = operation.New("customer.record_scan", func(ctx context.Context, tx *operation.Tx, in scanned) (int, error) {
	if err := putScan(ctx, tx.Tx, in, tx.Now); err != nil {
		return 0, err
	}
	all, err := documentsOfContent(ctx, tx, in.SHA256)
	if err != nil {
		return 0, err
	}
	for _, d := range all {
		tx.About(d.CustomerID)
		tx.Changed("customer.document", d.ID, map[string]any{"scan": ScanWaiting}, map[string]any{"scan": in.Scan, "threat": in.Threat})
		if in.Scan == ScanInfected {
			tx.Publish(Quarantined, d.CustomerID, d)
		}
	}
	return len(all), nil
})

// Rescan scans what waits for it, until the scanner fails or nothing waits; it tells how many contents it scanned.
func (v *Vault) Rescan(ctx context.Context) (int, error) {
	if v.Scanner == nil {
		return 0, nil
	}
	done := 0
	for after := ""; ctx.Err() == nil; {
		const batch = 50
		sums, err := unscanned(ctx, v.Runner.DB, after, batch)
		if err != nil || len(sums) == 0 {
			return done, err
		}
		for _, sum := range sums {
			after = sum
			raw, err := v.Store.Get(ctx, sum)
			if err != nil {
				v.Log.Error("a content that waits for its scan cannot be read", "sha256", sum, "err", err)
				continue
			}
			found, threat := v.scan(ctx, raw)
			if found == ScanWaiting {
				return done, nil // still away: the next round asks again
			}
			call := operation.Call{Actor: operation.System("virus scanner"), Door: "schedule"}
			if _, err := operation.Run(ctx, v.Runner, call, recordScan, scanned{SHA256: sum, Scan: found, Threat: threat}); err != nil {
				return done, err
			}
			done++
		}
	}
	return done, ctx.Err()
}
