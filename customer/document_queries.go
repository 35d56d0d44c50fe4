package customer

import (
	"context"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

func documentVisible(ctx context.Context, q database.Querier, a operation.Actor, id string) error {
	d, err := documentByID(ctx, q, id)
	if err != nil {
		return err
	}
	return Visible(ctx, q, a, d.CustomerID)
}

// ViewDocument shows one document's entry.
var ViewDocument = operation.NewView("customer.document", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (Document, error) {
	d, err := documentByID(ctx, rd, in.ID)
	if err != nil {
		return Document{}, err
	}
	return d, Visible(ctx, rd, rd.Actor, d.CustomerID)
})

// ListDocuments shows all documents of a customer, with earlier versions and deleted ones, newest first.
var ListDocuments = operation.NewView("customer.documents", func(ctx context.Context, rd *operation.Reading, in ByIDInput) ([]Document, error) {
	if err := Visible(ctx, rd, rd.Actor, in.ID); err != nil {
		return nil, err
	}
	return allDocumentsOf(ctx, rd, in.ID)
})

// ExpiringInput asks for the documents that have expired or will within so many days (0 = 30).
type ExpiringInput struct {
	Days int `json:"days,omitempty"`
	listing.Query
}

// Expiring is a document that needs to be renewed.
type Expiring struct {
	Document
	CustomerName string `json:"customer_name"`
	Days         int    `json:"days"` // until it expires; negative = has expired
}

// ExpiringPage is a page of them; Expired counts those that have expired already.
type ExpiringPage struct {
	Documents []Expiring `json:"documents"`
	Next      string     `json:"next,omitempty"`
	Total     int64      `json:"total"`
	Expired   int64      `json:"expired"`
}

const usualNotice = 30 // days

var expiringSpec = listing.Spec{ID: "d.id", Default: "expires", Columns: []listing.Column{
	{Name: "expires", SQL: "d.expires", Kind: listing.Date}, {Name: "kind", SQL: "d.kind"}, {Name: "name", SQL: "d.name"}, {Name: "customer", SQL: "c.name"},
}}

// ListExpiring is the reminder list: documents that have expired or soon will, within the reader's scope.
var ListExpiring = operation.NewView("customer.documents_expiring", func(ctx context.Context, rd *operation.Reading, in ExpiringInput) (ExpiringPage, error) {
	if in.Days <= 0 {
		in.Days = usualNotice
	}
	return listExpiring(ctx, rd, rd.Actor, in, rd.Today)
})

// DocumentRulesInput asks for all rules.
type DocumentRulesInput struct{}

// ViewDocumentRules shows what may be uploaded, a rule a kind.
var ViewDocumentRules = operation.NewView("document.rules", func(ctx context.Context, rd *operation.Reading, _ DocumentRulesInput) ([]DocumentRule, error) {
	var all []DocumentRule
	for _, kind := range DocumentKinds {
		r, err := documentRule(ctx, rd, kind)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
})
