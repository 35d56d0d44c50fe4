package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Choice is the input of Accept: differences of one customer, as they were seen with that version of the file.
type Choice struct {
	CustomerID string   `json:"customer_id"`
	Version    int64    `json:"version"`
	IDs        []string `json:"ids"`
}

// Validate reports every wrong field.
func (in *Choice) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.That(len(in.IDs) > 0, "ids", "provider.none_chosen", nil)
	c.That(len(in.IDs) <= mostRecords, "ids", "fault.too_many", fault.Args{"most": mostRecords})
	return c.Err()
}

// Accept takes differences over into the file, all of them or none, each with its source and date.
var Accept = operation.New("provider.accept", func(ctx context.Context, tx *operation.Tx, in Choice) ([]Difference, error) {
	if err := tx.Lock(ctx, "customer", in.CustomerID); err != nil {
		return nil, err
	}
	c, err := customer.ByID(ctx, tx, in.CustomerID)
	if err != nil {
		return nil, err
	}
	if c.Version != in.Version { // what the person saw beside the provider's word is no longer there
		return nil, fault.Stale("customer", c.ID)
	}
	chosen, err := pendingByIDs(ctx, tx, in.CustomerID, in.IDs)
	if err != nil {
		return nil, err
	}
	if err := contradictions(chosen); err != nil {
		return nil, err
	}
	if err := apply(ctx, tx, in.CustomerID, chosen); err != nil {
		return nil, named(err, chosen)
	}
	return decideAll(ctx, tx, chosen, "accepted", "")
}).Guard(func(ctx context.Context, tx *operation.Tx, in Choice) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// contradictions refuses two words on one field: providers may disagree, and only a person knows whom to believe.
func contradictions(all []Difference) error {
	var c fault.Check
	said := map[string]string{}
	for _, d := range all {
		if d.Action != SetField {
			continue
		}
		before, twice := said[d.Field()]
		c.That(!twice || before == d.After, d.Field(), "provider.contradiction", fault.Args{"a": before, "b": d.After})
		said[d.Field()] = d.After
	}
	return c.Err()
}

// named gives the complaints about a change the name of its field.
func named(err error, all []Difference) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	var fields []Difference
	for _, d := range all {
		if d.Action == SetField {
			fields = append(fields, d)
		}
	}
	for i := range f.Fields {
		var n int
		if _, scanned := fmt.Sscanf(f.Fields[i].Path, "changes[%d]", &n); scanned == nil && n < len(fields) {
			f.Fields[i].Path = fields[n].Field()
		}
	}
	return f
}

// Refusal is the input of Reject.
type Refusal struct {
	CustomerID string   `json:"customer_id"`
	IDs        []string `json:"ids"`
	Reason     string   `json:"reason"`
}

// Validate reports every wrong field.
func (in *Refusal) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.That(len(in.IDs) > 0, "ids", "provider.none_chosen", nil)
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 300)
	return c.Err()
}

// Reject lays differences aside. The provider saying the same again is not shown again.
var Reject = operation.New("provider.reject", func(ctx context.Context, tx *operation.Tx, in Refusal) ([]Difference, error) {
	chosen, err := pendingByIDs(ctx, tx, in.CustomerID, in.IDs)
	if err != nil {
		return nil, err
	}
	return decideAll(ctx, tx, chosen, "rejected", in.Reason)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Refusal) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

func decideAll(ctx context.Context, tx *operation.Tx, all []Difference, status, reason string) ([]Difference, error) {
	for i := range all {
		d := &all[i]
		d.Status, d.Reason, d.DecidedBy, d.DecidedAt = status, reason, tx.Actor.Name, tx.Now
		if err := putDecision(ctx, tx.Tx, *d); err != nil {
			return nil, err
		}
		tx.Changed("provider.difference", d.ID, map[string]any{"slot": d.Slot, "file": d.Before, "provider": d.After}, map[string]any{"status": status, "reason": reason})
	}
	if len(all) > 0 {
		tx.About(all[0].CustomerID)
	}
	return all, nil
}

// note records the differences that a fetch found, and accepts by itself what the administrator chose for it. It tells how
// many wait for a person.
func note(ctx context.Context, tx *operation.Tx, cfg Config, m *Mapping, customerID string, f Facts, evidence string) (int, error) {
	if !f.Found {
		return 0, nil
	}
	file, err := customer.FileOf(ctx, tx, customerID)
	if err != nil {
		return 0, err
	}
	known, err := differencesOf(ctx, tx, customerID, cfg.Key)
	if err != nil {
		return 0, err
	}
	waiting := 0
	found := Compare(file, f, m.Name.ZH)
	for _, k := range known {
		still := slices.ContainsFunc(found, func(d Difference) bool { return d.Slot == k.Slot && d.Action == k.Action && d.After == k.After })
		switch {
		case k.Status != "pending":
		case still:
			waiting++
		case speaksOf(f, k) || slices.ContainsFunc(found, func(d Difference) bool { return d.Slot == k.Slot }):
			k.Status, k.DecidedAt = "superseded", tx.Now
			if err := putDecision(ctx, tx.Tx, k); err != nil {
				return 0, err
			}
		}
	}
	for _, d := range found {
		if remembered(known, d) {
			continue
		}
		d.ID, d.CustomerID, d.Provider, d.Source, d.Evidence, d.Status, d.FoundAt = operation.NewID(), customerID, cfg.Key, m.Name.ZH, evidence, "pending", tx.Now
		if d.AsOf.IsZero() {
			d.AsOf = tx.Today
		}
		if slices.Contains(cfg.AutoFields, d.Field()) {
			switch err := apply(ctx, tx, customerID, []Difference{d}); {
			case err == nil:
				d.Status, d.DecidedBy, d.DecidedAt = "accepted", tx.Actor.Name, tx.Now
			case fault.As(err) == nil:
				return 0, err
			}
		}
		if d.Status == "pending" {
			waiting++
		}
		if err := insertDifference(ctx, tx.Tx, d); err != nil {
			return 0, err
		}
	}
	return waiting, nil
}

// speaksOf tells whether the facts say something about the difference's matter; if they do and it is not among the
// differences any more, file and provider agree.
func speaksOf(f Facts, d Difference) bool {
	if d.Action == SetField {
		return slices.ContainsFunc(f.Fields, func(x Fact) bool { return x.Field == d.Field() })
	}
	return slices.Contains(f.Complete, d.Kind()) || slices.ContainsFunc(f.Records, func(r Record) bool { return r.Kind+":"+r.Key == d.Slot })
}

// remembered tells whether a person has seen the difference already: it waits, or was rejected as it is, or is news that
// was accepted.
func remembered(known []Difference, d Difference) bool {
	return slices.ContainsFunc(known, func(k Difference) bool {
		if k.Slot != d.Slot || k.Action != d.Action {
			return false
		}
		return k.After == d.After && (k.Status == "pending" || k.Status == "rejected") || k.Status == "accepted" && d.Kind() == KindNews
	})
}
