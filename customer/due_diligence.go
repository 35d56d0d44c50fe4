package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer/diligence"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Diligence is how deep the customer is looked into (尽职调查): the level that a person set, the one that the rules propose,
// and until when the file is good.
type Diligence struct {
	CustomerID   string            `json:"customer_id"`
	Level        diligence.Level   `json:"level"` // empty = nobody has set one
	LevelReason  string            `json:"level_reason,omitempty"`
	LevelBy      string            `json:"level_by,omitempty"`
	LevelAt      time.Time         `json:"level_at"`
	Proposed     diligence.Level   `json:"proposed,omitempty"`
	ProposedWhy  []ProposalReason  `json:"proposed_why,omitempty"`
	ProposedAt   time.Time         `json:"proposed_at"`
	ReviewedOn   clock.Date        `json:"reviewed_on,omitempty"`
	ReviewedBy   string            `json:"reviewed_by,omitempty"`
	ReviewNote   string            `json:"review_note,omitempty"`
	ReviewDue    clock.Date        `json:"review_due,omitempty"`
	ExpiresOn    clock.Date        `json:"expires_on,omitempty"`
	Completeness float64           `json:"completeness"` // as of the last change of the file, 0 to 1
	Requested    money.Amount      `json:"requested"`    // the limit last applied for; zero = none
	Score        diligence.Score   `json:"score"`
	Confirmed    []ChecklistAnswer `json:"confirmed,omitempty"`
}

// ProposalReason is why the rules propose a level, with the figure that they saw.
type ProposalReason struct {
	ZH    string          `json:"zh"`
	EN    string          `json:"en"`
	Level diligence.Level `json:"level"`
}

// ChecklistAnswer is an item that a person ticked off.
type ChecklistAnswer struct {
	Item     string     `json:"item"`
	DoneOn   clock.Date `json:"done_on"`
	Evidence string     `json:"evidence"`
	Note     string     `json:"note,omitempty"`
	By       string     `json:"done_by"`
	At       time.Time  `json:"done_at"`
}

// InForce is the level that counts: the one set, else the one proposed, else the standard one.
func (d Diligence) InForce() diligence.Level {
	switch {
	case d.Level != "":
		return d.Level
	case d.Proposed != "":
		return d.Proposed
	}
	return diligence.Standard
}

// ViewDiligence shows a customer's due diligence with its checklist.
var ViewDiligence = operation.NewView("customer.diligence", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (Diligence, error) {
	if err := Visible(ctx, rd, rd.Actor, in.ID); err != nil {
		return Diligence{}, err
	}
	f, err := FileOf(ctx, rd, in.ID)
	if err != nil {
		return Diligence{}, err
	}
	return DiligenceOf(ctx, rd, f, rd.Today)
})

// DiligenceOf gives the due diligence of a file as it stands on a day.
func DiligenceOf(ctx context.Context, q database.Querier, f File, today clock.Date) (Diligence, error) {
	d, err := diligenceRow(ctx, q, f.Customer.ID)
	if err != nil {
		return Diligence{}, err
	}
	if d.Confirmed, err = checklistOf(ctx, q, f.Customer.ID); err != nil {
		return Diligence{}, err
	}
	d.Score, err = ScoreOf(ctx, q, f, d, today)
	return d, err
}

// ScoreOf scores a file by the level that counts for it.
func ScoreOf(ctx context.Context, q database.Querier, f File, d Diligence, today clock.Date) (diligence.Score, error) {
	book, err := StandardInForce(ctx, q)
	if err != nil {
		return diligence.Score{}, err
	}
	facts, err := factsOf(ctx, q, f, d, today)
	return diligence.Complete(book, d.InForce(), facts), err
}

func factsOf(ctx context.Context, q database.Querier, f File, d Diligence, today clock.Date) (diligence.Facts, error) {
	facts := diligence.Facts{Today: today, Fields: map[string]bool{}, Roles: map[string]bool{}, Licences: map[string]bool{}, Topics: map[string]bool{}, Partners: map[string]bool{},
		Documents: map[string]bool{}, Verified: map[string]bool{}, Confirmed: map[string]clock.Date{}}
	for _, x := range fields {
		facts.Fields[x.name] = x.get(&f.Customer.Profile) != ""
	}
	for _, c := range f.Contacts {
		if c.LeftOn.IsZero() || c.LeftOn > today {
			facts.Contacts++
			facts.Roles[c.Role] = true
		}
	}
	for _, l := range f.Licences {
		facts.Licences[l.Kind] = facts.Licences[l.Kind] || l.ValidOn(today)
	}
	for _, a := range f.Accounts {
		if a.Status == "active" {
			facts.Accounts++
		}
	}
	for _, s := range f.Shareholders {
		facts.Owned += s.Share
	}
	for _, a := range f.Operations {
		facts.Topics[a.Topic] = true
	}
	for _, p := range f.Partners {
		facts.Partners[p.Side] = true
	}
	for _, doc := range f.Documents {
		facts.Documents[doc.Kind] = facts.Documents[doc.Kind] || doc.Expires.IsZero() || doc.Expires >= today
	}
	for _, v := range f.Verifications {
		facts.Verified[v.Kind] = facts.Verified[v.Kind] || v.CountsOn(today)
	}
	for _, c := range d.Confirmed {
		facts.Confirmed[c.Item] = c.DoneOn
	}
	all, err := StatementsOf(ctx, q, f.Customer.ID, mostStatements)
	for _, s := range all {
		if s.Kind == statement.Annual && !slices.Contains(facts.Statements, s.Period) {
			facts.Statements = append(facts.Statements, s.Period)
		}
	}
	return facts, err
}

// LevelChoice is the input of SetLevel.
type LevelChoice struct {
	CustomerID string          `json:"customer_id"`
	Level      diligence.Level `json:"level"`
	Reason     string          `json:"reason"`
}

// Validate reports every wrong field.
func (in *LevelChoice) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.OneOf("level", string(in.Level), string(diligence.Simplified), string(diligence.Standard), string(diligence.Enhanced))
	in.Reason = strings.TrimSpace(in.Reason)
	c.Length("reason", in.Reason, 500)
	return c.Err()
}

// SetLevel sets the due-diligence level. One below the proposal wants a reason.
var SetLevel = operation.New("customer.set_diligence", func(ctx context.Context, tx *operation.Tx, in LevelChoice) (Diligence, error) {
	return changeDiligence(ctx, tx, in.CustomerID, "level", func(d *Diligence, book diligence.Book) error {
		if d.Proposed != "" && !in.Level.Reaches(d.Proposed) && in.Reason == "" {
			return fault.Invalid("reason", "customer.below_proposal", fault.Args{"proposed": "enum.diligence." + string(d.Proposed)})
		}
		d.Level, d.LevelReason, d.LevelBy, d.LevelAt = in.Level, in.Reason, tx.Actor.Name, tx.Now
		if !d.ReviewedOn.IsZero() {
			d.ReviewDue, d.ExpiresOn = book.Due(d.Level, d.ReviewedOn)
		}
		return nil
	})
}).Guard(func(ctx context.Context, tx *operation.Tx, in LevelChoice) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// FileReview is the input of ReviewFile.
type FileReview struct {
	CustomerID string `json:"customer_id"`
	Note       string `json:"note"`
}

// Validate reports every wrong field.
func (in *FileReview) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	in.Note = strings.TrimSpace(in.Note)
	c.Required("note", in.Note)
	c.Length("note", in.Note, 1000)
	return c.Err()
}

// ReviewFile notes that the file was gone through today; the next review and the expiry follow from the level.
var ReviewFile = operation.New("customer.review_file", func(ctx context.Context, tx *operation.Tx, in FileReview) (Diligence, error) {
	return changeDiligence(ctx, tx, in.CustomerID, "review", func(d *Diligence, book diligence.Book) error {
		if d.Level == "" {
			return fault.Conflict("customer.level_first", nil)
		}
		d.ReviewedOn, d.ReviewedBy, d.ReviewNote = tx.Today, tx.Actor.Name, in.Note
		d.ReviewDue, d.ExpiresOn = book.Due(d.Level, tx.Today)
		return nil
	})
}).Guard(func(ctx context.Context, tx *operation.Tx, in FileReview) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Requested is the input of NoteRequest.
type Requested struct {
	CustomerID string       `json:"customer_id"`
	Amount     money.Amount `json:"amount"`
}

// NoteRequest notes the limit that was applied for: how much is at stake decides how deep the customer is looked into.
var NoteRequest = operation.New("customer.note_request", func(ctx context.Context, tx *operation.Tx, in Requested) (Diligence, error) {
	return changeDiligence(ctx, tx, in.CustomerID, "request", func(d *Diligence, _ diligence.Book) error {
		d.Requested = in.Amount
		return nil
	})
}).Guard(func(ctx context.Context, tx *operation.Tx, in Requested) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Propose keeps the level that the rules propose for a customer, why, and how complete its file is, in the transaction of
// whoever worked that out. It is told nobody: the caller tells.
func Propose(ctx context.Context, tx *operation.Tx, in Diligence) error {
	d, err := diligenceRow(ctx, tx, in.CustomerID)
	if err != nil {
		return err
	}
	if d.Proposed != in.Proposed {
		d.ProposedAt = tx.Now
	}
	d.Proposed, d.ProposedWhy, d.Completeness = in.Proposed, in.ProposedWhy, in.Score.Complete
	return putDiligence(ctx, tx.Tx, d)
}

func changeDiligence(ctx context.Context, tx *operation.Tx, customerID, what string, change func(d *Diligence, book diligence.Book) error) (Diligence, error) {
	if err := tx.Lock(ctx, "customer", customerID); err != nil {
		return Diligence{}, err
	}
	before, err := diligenceRow(ctx, tx, customerID)
	if err != nil {
		return Diligence{}, err
	}
	book, err := StandardInForce(ctx, tx)
	if err != nil {
		return Diligence{}, err
	}
	after := before
	if err := change(&after, book); err != nil {
		return Diligence{}, err
	}
	if err := putDiligence(ctx, tx.Tx, after); err != nil {
		return Diligence{}, err
	}
	tx.About(customerID)
	tx.Changed("customer.diligence", customerID, before, after)
	tx.Publish(FileChanged, customerID, FileChange{CustomerID: customerID, What: what, At: tx.Now})
	return after, nil
}

// Ticked is the input of Tick: a checklist item that a person has done.
type Ticked struct {
	CustomerID string     `json:"customer_id"`
	Item       string     `json:"item"`
	DoneOn     clock.Date `json:"done_on"`
	Evidence   string     `json:"evidence"`
	Note       string     `json:"note,omitempty"`
}

// Validate reports every wrong field.
func (in *Ticked) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.Required("item", in.Item)
	c.That(in.DoneOn.Valid(), "done_on", "fault.not_date", fault.Args{"text": string(in.DoneOn)})
	in.Evidence = strings.TrimSpace(in.Evidence)
	c.Required("evidence", in.Evidence)
	c.Length("evidence", in.Evidence, 500)
	c.Length("note", in.Note, 1000)
	return c.Err()
}

// Tick notes that an item of the checklist was done, with its evidence.
var Tick = operation.New("customer.tick", func(ctx context.Context, tx *operation.Tx, in Ticked) (ChecklistAnswer, error) {
	book, err := StandardInForce(ctx, tx)
	if err != nil {
		return ChecklistAnswer{}, err
	}
	if !slices.ContainsFunc(book.Items, func(i diligence.Item) bool { return i.Key == in.Item && i.Confirm }) {
		return ChecklistAnswer{}, fault.Invalid("item", "customer.item_unknown", fault.Args{"item": in.Item})
	}
	if in.DoneOn > tx.Today {
		return ChecklistAnswer{}, fault.Invalid("done_on", "customer.in_future", nil)
	}
	a := ChecklistAnswer{Item: in.Item, DoneOn: in.DoneOn, Evidence: in.Evidence, Note: in.Note, By: tx.Actor.Name, At: tx.Now}
	if err := putTick(ctx, tx.Tx, in.CustomerID, a); err != nil {
		return ChecklistAnswer{}, err
	}
	from := Provenance{AsOf: in.DoneOn, Evidence: in.Evidence}
	return a, changed(ctx, tx, item{in.CustomerID, "checklist", in.Item, from}, (*ChecklistAnswer)(nil), a)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Ticked) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

func (a ChecklistAnswer) texts() map[string]string {
	return map[string]string{"done_on": string(a.DoneOn), "note": a.Note}
}

// StandardVersion is a version of the due-diligence standard that replaced the library's.
type StandardVersion struct {
	Version   int       `json:"version"`
	Document  string    `json:"document"` // YAML
	Reason    string    `json:"reason"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
}

// NewStandard is the input of SaveStandard.
type NewStandard struct {
	Document string `json:"document"`
	Reason   string `json:"reason"`
}

// Validate reports every wrong place of the standard.
func (in *NewStandard) Validate() error {
	var c fault.Check
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("reason", in.Reason)
	c.Length("document", in.Document, 200_000)
	_, err := diligence.Parse([]byte(in.Document))
	c.Join("", err)
	return c.Err()
}

// SaveStandard puts a new version of the due-diligence standard in force.
var SaveStandard = operation.New("customer.save_standard", func(ctx context.Context, tx *operation.Tx, in NewStandard) (StandardVersion, error) {
	book, err := diligence.Parse([]byte(in.Document))
	if err != nil {
		return StandardVersion{}, err
	}
	before, err := StandardInForce(ctx, tx)
	if err != nil {
		return StandardVersion{}, err
	}
	if book.Version <= before.Version {
		return StandardVersion{}, fault.Invalid("document.version", "customer.standard_version", fault.Args{"newest": before.Version})
	}
	v := StandardVersion{Version: book.Version, Document: in.Document, Reason: in.Reason, CreatedBy: tx.Actor.Name, CreatedAt: tx.Now}
	tx.Changed("diligence_standard", fmt.Sprint(v.Version), before.Version, v)
	return v, insertStandard(ctx, tx.Tx, v)
})

// StandardInForce gives the due-diligence standard in force.
func StandardInForce(ctx context.Context, q database.Querier) (diligence.Book, error) {
	all, err := standardVersions(ctx, q, 1)
	if err != nil || len(all) == 0 {
		return diligence.Library(), err
	}
	return diligence.Parse([]byte(all[0].Document))
}

// Standards shows the versions of the due-diligence standard, newest first; the library's is the last.
var Standards = operation.NewView("customer.standards", func(ctx context.Context, rd *operation.Reading, _ struct{}) ([]StandardVersion, error) {
	all, err := standardVersions(ctx, rd, 100)
	return append(all, StandardVersion{Version: diligence.Library().Version, Document: diligence.LibraryDocument()}), err
})

// DueFile is a file to bring up to date, and why: never reviewed, review due, expired, or a licence that ends.
type DueFile struct {
	CustomerID   string          `json:"customer_id"`
	Name         string          `json:"name"`
	OwnerName    string          `json:"owner_name"`
	Level        diligence.Level `json:"level"`
	ReviewDue    clock.Date      `json:"review_due,omitempty"`
	ExpiresOn    clock.Date      `json:"expires_on,omitempty"`
	LicenceEnds  clock.Date      `json:"licence_ends,omitempty"` // the first one within the notice
	Completeness float64         `json:"completeness"`
	Why          []string        `json:"why"` // unreviewed, review_due, expired, licence
}

// DueFiles is a page of files to bring up to date.
type DueFiles struct {
	Files []DueFile `json:"files"`
	Next  string    `json:"next,omitempty"`
	Total int64     `json:"total"`
}

const licenceNotice = 30 // days before its end in which a licence is asked for anew

// ListDue shows the files within the reader's scope that are to be brought up to date (档案待更新), the longest overdue first.
var ListDue = operation.NewView("customer.files_due", func(ctx context.Context, rd *operation.Reading, in listing.Query) (DueFiles, error) {
	return dueFiles(ctx, rd, rd.Actor, rd.Today, in)
})

// CountDue counts the files that ListDue would show.
func CountDue(ctx context.Context, q database.Querier, a operation.Actor, today clock.Date) (int64, error) {
	page, err := dueFiles(ctx, q, a, today, listing.Query{Limit: 1})
	return page.Total, err
}

func (f *DueFile) reasons(reviewed bool, today clock.Date) {
	switch {
	case !reviewed:
		f.Why = append(f.Why, "unreviewed")
	case f.ExpiresOn < today:
		f.Why = append(f.Why, "expired")
	case f.ReviewDue <= today:
		f.Why = append(f.Why, "review_due")
	}
	if !f.LicenceEnds.IsZero() {
		f.Why = append(f.Why, "licence")
	}
}
