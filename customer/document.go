package customer

import (
	"context"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/document"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Scan is what the virus scanner knows of a content.
type Scan string

// The states of a scan.
const (
	ScanOff      Scan = "off"       // no scanner is configured
	ScanClean    Scan = "clean"     // scanned, nothing found
	ScanWaiting  Scan = "unscanned" // a scanner is configured and did not answer: only the uploader has it
	ScanInfected Scan = "infected"  // malware was found: in quarantine, nobody has it
)

// Document is a file kept about the customer. Its content lies in the document store under its SHA-256. The documents of
// one series are the versions of one paper; the newest is current.
type Document struct {
	ID          string     `json:"id,omitempty"`
	CustomerID  string     `json:"customer_id"`
	Kind        string     `json:"kind"` // licence, contract, statement, letter, other
	Name        string     `json:"name"`
	ContentType string     `json:"content_type"`       // by its content
	Cautions    []string   `json:"cautions,omitempty"` // macro, active, encrypted, archive
	Bytes       int64      `json:"bytes"`
	SHA256      string     `json:"sha256"`
	Expires     clock.Date `json:"expires,omitempty"`
	AddedBy     string     `json:"added_by,omitempty"`
	AddedByID   string     `json:"added_by_id,omitempty"`
	AddedAt     time.Time  `json:"added_at"`
	SeriesID    string     `json:"series_id"`
	Version     int64      `json:"version"`
	Current     bool       `json:"current"`
	Scan        Scan       `json:"scan"`
	Threat      string     `json:"threat,omitempty"`

	DeletedAt    time.Time `json:"deleted_at,omitzero"`
	DeletedBy    string    `json:"deleted_by,omitempty"`
	DeleteReason string    `json:"delete_reason,omitempty"`
}

// DocumentKinds are the kinds of document, in the order pages show them.
var DocumentKinds = []string{"licence", "contract", "statement", "letter", "other"}

// Readable is nil when the reader may have the content: not deleted, not in quarantine, and, while it waits for its scan,
// his own upload.
func (d Document) Readable(a operation.Actor) error {
	switch {
	case !d.DeletedAt.IsZero():
		return fault.Conflict("customer.document_deleted", fault.Args{"reason": d.DeleteReason})
	case d.Scan == ScanInfected:
		return fault.Forbidden("customer.document_infected", fault.Args{"threat": d.Threat})
	case d.Scan == ScanWaiting && d.AddedByID != a.ID:
		return fault.Forbidden("customer.document_unscanned", nil)
	}
	return nil
}

// NewDocument is the input of AddDocument: what was received under UploadID becomes a document of the customer, or the
// next version of the one that it replaces.
type NewDocument struct {
	CustomerID string     `json:"customer_id"`
	UploadID   string     `json:"upload_id"`
	Expires    clock.Date `json:"expires,omitempty"`
	Replaces   string     `json:"replaces,omitempty"` // id of the current version
}

// Validate reports every wrong field.
func (in *NewDocument) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.Required("upload_id", in.UploadID)
	c.That(in.Expires.IsZero() || in.Expires.Valid(), "expires", "fault.not_date", fault.Args{"text": string(in.Expires)})
	return c.Err()
}

// AddDocument files what was received. Content, type and scan were found when it was received (Vault.Receive), outside of
// any transaction; the client cannot claim them.
var AddDocument = operation.New("customer.add_document", func(ctx context.Context, tx *operation.Tx, in NewDocument) (Document, error) {
	up, err := uploadByID(ctx, tx, in.UploadID)
	if err != nil {
		return Document{}, err
	}
	if up.ByID != tx.Actor.ID { // as good as absent: ids of others' uploads tell nothing
		return Document{}, fault.NotFound("upload", in.UploadID)
	}
	if up.Used {
		return Document{}, fault.Invalid("upload_id", "customer.upload_used", nil)
	}
	d := Document{ID: operation.NewID(), CustomerID: in.CustomerID, Kind: up.Kind, Name: up.Name, ContentType: up.Type, Cautions: up.Cautions, Bytes: up.Bytes, SHA256: up.SHA256,
		Expires: in.Expires, AddedBy: tx.Actor.Name, AddedByID: tx.Actor.ID, AddedAt: tx.Now, Version: 1, Current: true, Scan: up.Scan, Threat: up.Threat}
	d.SeriesID = d.ID
	if in.Replaces != "" {
		if err := supersede(ctx, tx, in, &d); err != nil {
			return Document{}, err
		}
	}
	if err := useUpload(ctx, tx.Tx, up.ID, tx.Now); err != nil {
		return Document{}, err
	}
	if err := insertDocument(ctx, tx.Tx, d, up.ScannedAt); err != nil {
		return Document{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("customer.document", d.ID, nil, d)
	tx.Publish(FileChanged, d.CustomerID, FileChange{CustomerID: d.CustomerID, What: "document", At: tx.Now})
	if d.Scan == ScanInfected {
		tx.Publish(Quarantined, d.CustomerID, d)
	}
	return d, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in NewDocument) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// supersede makes d the next version of the document that it replaces.
func supersede(ctx context.Context, tx *operation.Tx, in NewDocument, d *Document) error {
	if err := tx.Lock(ctx, "customer_document", in.Replaces); err != nil {
		return err
	}
	old, err := documentByID(ctx, tx, in.Replaces)
	if err != nil {
		return err
	}
	if old.CustomerID != in.CustomerID {
		return fault.NotFound("document", in.Replaces)
	}
	if !old.Current || !old.DeletedAt.IsZero() {
		return fault.Stale("document", in.Replaces)
	}
	d.SeriesID, d.Version = old.SeriesID, old.Version+1
	tx.Changed("customer.document", old.ID, map[string]any{"current": true}, map[string]any{"current": false, "replaced_by": d.ID})
	return retireDocument(ctx, tx.Tx, old.ID)
}

// DocumentToDelete is the input of DeleteDocument.
type DocumentToDelete struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Validate reports every wrong field.
func (in *DocumentToDelete) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 300)
	return c.Err()
}

// DeleteDocument takes a document and its earlier versions out of the file. Entry, reason and content stay for audit;
// nobody reads the content any more.
var DeleteDocument = operation.New("customer.delete_document", func(ctx context.Context, tx *operation.Tx, in DocumentToDelete) (Document, error) {
	d, err := documentByID(ctx, tx, in.ID)
	if err != nil {
		return Document{}, err
	}
	if !d.DeletedAt.IsZero() {
		return Document{}, fault.Conflict("customer.document_deleted", fault.Args{"reason": d.DeleteReason})
	}
	before := d
	d.DeletedAt, d.DeletedBy, d.DeleteReason = tx.Now, tx.Actor.Name, in.Reason
	if err := deleteSeries(ctx, tx.Tx, d); err != nil {
		return Document{}, err
	}
	tx.About(d.CustomerID)
	tx.Changed("customer.document", d.ID, before, d)
	tx.Publish(FileChanged, d.CustomerID, FileChange{CustomerID: d.CustomerID, What: "document", At: tx.Now})
	return d, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in DocumentToDelete) error {
	return documentVisible(ctx, tx, tx.Actor, in.ID)
})

// DocumentRule is what may be uploaded as one kind of document.
type DocumentRule struct {
	Kind      string `json:"kind"`
	MostBytes int64  `json:"most_bytes"`
	Archives  bool   `json:"archives"` // ZIP files too
	Macros    bool   `json:"macros"`   // Office files with macros too, shown with a caution
	Version   int64  `json:"version"`
}

const usualBytes = 20 << 20

// Validate reports every wrong field.
func (in *DocumentRule) Validate() error {
	var c fault.Check
	c.OneOf("kind", in.Kind, DocumentKinds...)
	c.That(in.MostBytes >= 1024 && in.MostBytes <= document.MostBytes, "most_bytes", "fault.range", fault.Args{"min": 1024, "max": document.MostBytes})
	return c.Err()
}

// SetDocumentRule changes what may be uploaded as a kind of document; what is there stays.
var SetDocumentRule = operation.New("document.set_rule", func(ctx context.Context, tx *operation.Tx, in DocumentRule) (DocumentRule, error) {
	before, err := documentRule(ctx, tx, in.Kind)
	if err != nil {
		return DocumentRule{}, err
	}
	if before.Version != in.Version {
		return DocumentRule{}, fault.Stale("document rule", in.Kind)
	}
	in.Version++
	if err := putDocumentRule(ctx, tx.Tx, in); err != nil {
		return DocumentRule{}, err
	}
	tx.Changed("document.rule", in.Kind, before, in)
	return in, nil
})
