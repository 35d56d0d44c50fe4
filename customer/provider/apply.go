package provider

import (
	"context"
	"slices"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// This file is the only place where what a provider says changes the file: by the operations of package customer, in the
// transaction of who accepted it.

// apply writes accepted differences of one customer. Fields go together, so that one check judges them all.
func apply(ctx context.Context, tx *operation.Tx, customerID string, all []Difference) error {
	var changes []customer.FieldChange
	for _, d := range all {
		if d.Action == SetField {
			changes = append(changes, customer.FieldChange{Field: d.Field(), Value: d.After,
				Provenance: customer.Provenance{Source: d.Source, AsOf: first2(d.AsOf, clock.DateOf(d.FoundAt)), Evidence: d.evidence()}})
		}
	}
	if len(changes) > 0 {
		if _, err := customer.SetFields(ctx, tx, customerID, changes); err != nil {
			return err
		}
	}
	if err := applyOwners(ctx, tx, customerID, all); err != nil {
		return err
	}
	for _, d := range all {
		if err := applyRecord(ctx, tx, customerID, d); err != nil {
			return err
		}
		if topic, fact := d.event(); topic != "" {
			tx.Publish(topic, customerID, fact)
		}
	}
	return nil
}

// evidence is the reference that the file keeps: the answer lies in the document store under this hash.
func (d Difference) evidence() string {
	if d.Evidence == "" {
		return ""
	}
	return "sha256:" + d.Evidence
}

// applyOwners replaces the direct owners by those that stand after all accepted changes.
func applyOwners(ctx context.Context, tx *operation.Tx, customerID string, all []Difference) error {
	var mine []Difference
	for _, d := range all {
		if d.Kind() == KindShareholder {
			mine = append(mine, d)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	file, err := customer.FileOf(ctx, tx, customerID)
	if err != nil {
		return err
	}
	owners := file.Shareholders
	for _, d := range mine {
		at := slices.IndexFunc(owners, func(s customer.Shareholder) bool {
			return d.TargetID != "" && s.ID == d.TargetID || d.Record != nil && customer.NameKey(s.Name) == customer.NameKey(d.Record.Name)
		})
		switch {
		case d.Action == CloseRecord && at >= 0:
			owners = slices.Delete(owners, at, at+1)
		case d.Action == AddRecord && d.Record.Share <= 0:
			return fault.Conflict("provider.no_share", fault.Args{"name": d.Record.Name})
		case d.Action == AddRecord:
			kind := "company"
			if d.Record.Person {
				kind = "person"
			}
			s := customer.Shareholder{Kind: kind, Name: d.Record.Name, Share: d.Record.Share, AsOf: d.AsOf, Source: d.Source}
			if at >= 0 {
				s.PartyID, owners[at] = owners[at].PartyID, s
			} else {
				owners = append(owners, s)
			}
		}
	}
	_, err = customer.SetShareholders.Within(ctx, tx, customer.Shareholders{CustomerID: customerID, Shareholders: owners})
	return err
}

func applyRecord(ctx context.Context, tx *operation.Tx, customerID string, d Difference) error {
	var err error
	switch kind := d.Kind(); {
	case kind == "" || kind == KindShareholder || kind == KindNews: // done above; news changes nothing in the file
	case kind == KindOfficer:
		_, err = customer.AddContact.Within(ctx, tx, customer.Contact{CustomerID: customerID, Name: d.Record.Name, Title: d.Record.Position})
	case d.Action == CloseRecord:
		err = closeCompliance(ctx, tx, customerID, d)
	default:
		_, err = customer.AddCompliance.Within(ctx, tx, d.compliance(customerID))
	}
	return err
}

// compliance is the record as a legal fact of the file.
func (d Difference) compliance(customerID string) customer.Compliance {
	r := d.Record
	amount := r.Amount
	if amount.Currency == "" {
		amount.Currency = money.CNY
	}
	return customer.Compliance{CustomerID: customerID, Kind: customer.ComplianceKind(r.Kind), Title: clip(first(r.Title, r.Number, r.Key), 300), Number: clip(r.Number, 100),
		Authority: clip(r.Authority, 100), Side: r.Side, Source: d.Source, Evidence: d.evidence(), Happened: first2(r.Date, d.AsOf), Amount: amount, Open: r.Open}
}

// The topics of what was accepted; app/reactions.go tells the event log, where rules see them.
const (
	NewsNegative    = "news.negative"    // payload: Accepted
	RegistryChanged = "registry.changed" // payload: Accepted
	LitigationFiled = "litigation.filed" // payload: Accepted
)

// Accepted is the payload of the events.
type Accepted struct {
	DifferenceID string       `json:"difference_id"`
	CustomerID   string       `json:"customer_id"`
	At           clock.Date   `json:"at"`
	Field        string       `json:"field,omitempty"`
	Before       string       `json:"before,omitempty"`
	After        string       `json:"after,omitempty"`
	Title        string       `json:"title,omitempty"`
	URL          string       `json:"url,omitempty"`
	Score        float64      `json:"score,omitempty"`
	Number       string       `json:"number,omitempty"`
	Court        string       `json:"court,omitempty"`
	Amount       money.Amount `json:"amount"`
}

func (d Difference) event() (string, Accepted) {
	a := Accepted{DifferenceID: d.ID, CustomerID: d.CustomerID, At: first2(d.AsOf, clock.DateOf(d.FoundAt))}
	switch kind := d.Kind(); {
	case d.Action == SetField && d.Before != "": // what fills a gap has not changed at the register
		a.Field, a.Before, a.After = d.Field(), d.Before, d.After
		return RegistryChanged, a
	case d.Action != AddRecord:
		return "", a
	case kind == KindNews:
		a.Title, a.URL, a.Score, a.At = d.Record.Title, d.Record.URL, d.Record.Score, first2(d.Record.Date, a.At)
		return NewsNegative, a
	case d.Record.Side == "plaintiff": // it is the customer who sues
		return "", a
	case kind == KindLawsuit || kind == KindEnforcement || kind == KindDishonest:
		a.Number, a.Court, a.Amount, a.At = first(d.Record.Number, d.Record.Key), d.Record.Authority, d.Record.Amount, first2(d.Record.Date, a.At)
		return LitigationFiled, a
	}
	return "", a
}

// closeCompliance ends a legal fact of the file, which has to be this customer's.
func closeCompliance(ctx context.Context, tx *operation.Tx, customerID string, d Difference) error {
	facts, err := customer.ComplianceOf(ctx, tx, customerID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(facts, func(c customer.Compliance) bool { return c.ID == d.TargetID })
	if at < 0 {
		return fault.NotFound("compliance", d.TargetID)
	}
	on := max(first2(d.AsOf, clock.DateOf(d.FoundAt)), facts[at].Happened)
	_, err = customer.CloseCompliance.Within(ctx, tx, customer.Closing{ID: d.TargetID, Version: facts[at].Version, ClosedOn: on, Outcome: d.Source, Source: d.Source, Evidence: d.evidence()})
	return err
}
