package assessment

import (
	"context"

	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

var listSpec = listing.Spec{ID: "a.id", Default: "-assessed_at", Columns: []listing.Column{
	{Name: "customer", SQL: "c.name"}, {Name: "customer_id", SQL: "a.customer_id"}, {Name: "grade", SQL: "a.grade"}, {Name: "score", SQL: "a.score", Kind: listing.Float},
	{Name: "pd", SQL: "a.pd", Kind: listing.Float}, {Name: "recommended", SQL: "a.recommended_minor", Kind: listing.Number},
	{Name: "assessed_on", SQL: "a.assessed_on", Kind: listing.Date}, {Name: "assessed_at", SQL: "a.assessed_at", Kind: listing.Number},
}}

// ListInput asks for assessments; All shows the earlier ones too, not only each customer's latest.
type ListInput struct {
	All bool `json:"all,omitempty"`
	listing.Query
}

// Page is a page of assessments, without their details.
type Page struct {
	Rows  []Assessment `json:"rows"`
	Next  string       `json:"next,omitempty"`
	Total int64        `json:"total"`
}

// List shows assessments of the customers within the reader's scope.
var List = operation.NewView("assessment.list", func(ctx context.Context, rd *operation.Reading, in ListInput) (Page, error) {
	return listAssessments(ctx, rd, rd.Actor, in)
})

// ByID names an assessment.
type ByID struct {
	ID string `json:"id"`
}

// View shows an assessment with everything that led to it.
var View = operation.NewView("assessment.view", func(ctx context.Context, rd *operation.Reading, in ByID) (Assessment, error) {
	a, err := assessmentByID(ctx, rd, in.ID)
	if err != nil {
		return Assessment{}, err
	}
	return a, customer.Visible(ctx, rd, rd.Actor, a.CustomerID)
})

// CustomerInput names a customer.
type CustomerInput struct {
	CustomerID string `json:"customer_id"`
}

// Validate reports every wrong field.
func (in *CustomerInput) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	return c.Err()
}

// Standing is how a customer stands: the latest assessment in full, the earlier ones in brief, the questionnaire.
type Standing struct {
	Latest  *Assessment    `json:"latest,omitempty"`
	History []Assessment   `json:"history"`
	Answers []Answered     `json:"answers"`
	Card    scorecard.Card `json:"card"`
}

// ForCustomer shows how a customer stands.
var ForCustomer = operation.NewView("assessment.view_customer", func(ctx context.Context, rd *operation.Reading, in CustomerInput) (s Standing, err error) {
	if err := customer.Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
		return Standing{}, err
	}
	latest, found, err := LatestFor(ctx, rd, in.CustomerID)
	if err != nil {
		return Standing{}, err
	}
	if found {
		s.Latest = &latest
	}
	if s.History, err = historyOf(ctx, rd, in.CustomerID); err != nil {
		return Standing{}, err
	}
	if s.Answers, err = answersOf(ctx, rd, in.CustomerID); err != nil {
		return Standing{}, err
	}
	s.Card, err = CardInForce(ctx, rd, "")
	return s, err
})

// CardInput names a card; empty = the library's.
type CardInput struct {
	Key string `json:"key,omitempty"`
}

// Cards are a card in force and the stored versions, newest first.
type Cards struct {
	InForce  scorecard.Card `json:"in_force"`
	Document string         `json:"document"`
	Versions []CardVersion  `json:"versions"`
}

// ShowCard shows the card in force and its versions.
var ShowCard = operation.NewView("assessment.view_card", func(ctx context.Context, rd *operation.Reading, in CardInput) (out Cards, err error) {
	if out.InForce, err = CardInForce(ctx, rd, in.Key); err != nil {
		return Cards{}, err
	}
	if out.Versions, err = cardVersions(ctx, rd, out.InForce.Key); err != nil {
		return Cards{}, err
	}
	out.Document = scorecard.DefaultText()
	for _, v := range out.Versions {
		if v.Status == CardActive {
			out.Document = v.Document
		}
	}
	return out, nil
})

// Operations lists the writes for the doors.
var Operations = []operation.Any{AnswerQuestionnaire, Assess, Rerun, ProposeCard, DecideCard}

// Views lists the reads for the doors.
var Views = []operation.Any{List, View, ForCustomer, ShowCard}
