package customer

import (
	"context"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Licence is a permission the customer needs for its business (证照): its business licence and what its trade requires.
type Licence struct {
	ID         string     `json:"id,omitempty"` // empty = a new one
	CustomerID string     `json:"customer_id"`
	Kind       string     `json:"kind"`
	Name       string     `json:"name"`
	Number     string     `json:"number"`
	Authority  string     `json:"authority"` // who issued it
	Scope      string     `json:"scope,omitempty"`
	IssuedOn   clock.Date `json:"issued_on,omitempty"`
	ExpiresOn  clock.Date `json:"expires_on,omitempty"` // last day; empty = without end (长期)
	Status     string     `json:"status"`
	AddedAt    time.Time  `json:"added_at"`
	Version    int64      `json:"version,omitempty"`
	Provenance
}

// LicenceKinds are the kinds of licence, in the order pages show them.
var LicenceKinds = []string{"business_licence", "production", "safety", "hazardous", "food", "medical", "construction", "transport", "trade", "other"}

// LicenceStatuses are the states of a licence. Whether a valid one has run out is told by its last day.
var LicenceStatuses = []string{"valid", "suspended", "revoked", "surrendered", "replaced"}

// ValidOn tells whether the licence allows something on a day.
func (l Licence) ValidOn(day clock.Date) bool {
	return l.Status == "valid" && (l.ExpiresOn.IsZero() || l.ExpiresOn >= day)
}

// Validate reports every wrong field.
func (l *Licence) Validate() error {
	var c fault.Check
	c.Required("customer_id", l.CustomerID)
	c.OneOf("kind", l.Kind, LicenceKinds...)
	if l.Status == "" {
		l.Status = "valid"
	}
	c.OneOf("status", l.Status, LicenceStatuses...)
	c.Required("name", l.Name)
	c.Length("name", l.Name, 100)
	c.Required("number", l.Number)
	c.Length("number", l.Number, 60)
	c.Required("authority", l.Authority)
	c.Length("authority", l.Authority, 100)
	c.Length("scope", l.Scope, 1000)
	checkDay(&c, "issued_on", l.IssuedOn)
	checkDay(&c, "expires_on", l.ExpiresOn)
	c.That(l.IssuedOn.IsZero() || l.ExpiresOn.IsZero() || l.ExpiresOn >= l.IssuedOn, "expires_on", "customer.ends_before_start", nil)
	c.That(l.ID == "" || l.Version > 0, "version", "fault.version_required", nil)
	l.Provenance.check(&c, "")
	return c.Err()
}

func checkDay(c *fault.Check, path string, day clock.Date) {
	c.That(day.IsZero() || day.Valid(), path, "fault.not_date", fault.Args{"text": string(day)})
}

func (l Licence) texts() map[string]string {
	return map[string]string{"kind": l.Kind, "name": l.Name, "number": l.Number, "authority": l.Authority, "scope": l.Scope,
		"issued_on": string(l.IssuedOn), "expires_on": string(l.ExpiresOn), "status": l.Status}
}

// SaveLicence adds a licence, or changes the one with that id.
var SaveLicence = operation.New("customer.save_licence", func(ctx context.Context, tx *operation.Tx, in Licence) (Licence, error) {
	var before *Licence
	if in.ID != "" {
		was, err := licenceByID(ctx, tx, in.ID)
		if err != nil {
			return Licence{}, err
		}
		if was.CustomerID != in.CustomerID {
			return Licence{}, fault.NotFound("licence", in.ID)
		}
		before, in.AddedAt = &was, was.AddedAt
		if err := updateLicence(ctx, tx.Tx, in); err != nil {
			return Licence{}, err
		}
		in.Version++
	} else {
		in.ID, in.AddedAt, in.Version = operation.NewID(), tx.Now, 1
		if err := insertLicence(ctx, tx.Tx, in); err != nil {
			return Licence{}, err
		}
	}
	return in, changed(ctx, tx, item{in.CustomerID, "licence", in.ID, in.Provenance}, before, in)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Licence) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// item names a part of the file that changed, and where the news came from.
type item struct {
	customerID, what, id string
	from                 Provenance
}

// texted is a part of the file whose fields have a history.
type texted interface{ texts() map[string]string }

// changed notes a new or changed part of the file: history, audit, event. Before nil = it is new.
func changed[T texted](ctx context.Context, tx *operation.Tx, i item, before *T, after T) error {
	was := map[string]string{}
	var old any
	if before != nil {
		was, old = (*before).texts(), *before
	}
	if err := noteItem(ctx, tx, i.customerID, i.id, i.from, was, after.texts()); err != nil {
		return err
	}
	tx.About(i.customerID)
	tx.Changed("customer."+i.what, i.id, old, after)
	tx.Publish(FileChanged, i.customerID, FileChange{CustomerID: i.customerID, What: i.what, At: tx.Now})
	return nil
}
