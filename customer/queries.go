package customer

import (
	"context"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

var listSpec = listing.Spec{ID: "c.id", Default: "name", Columns: []listing.Column{
	{Name: "name", SQL: "c.name"}, {Name: "uscc", SQL: "c.uscc"}, {Name: "industry", SQL: "c.industry"}, {Name: "region", SQL: "c.region"},
	{Name: "status", SQL: "c.status"}, {Name: "size", SQL: "c.size"}, {Name: "owner_id", SQL: "c.owner_id"}, {Name: "team_id", SQL: "c.team_id"},
	{Name: "capital", SQL: "c.capital_minor", Kind: listing.Number}, {Name: "created_at", SQL: "c.created_at", Kind: listing.Number},
	{Name: "external_ref", SQL: "c.external_ref"},
}}

// ListInput asks for customers: Search looks in names and codes.
type ListInput struct {
	Search string `json:"search,omitempty"`
	listing.Query
}

// Page is a page of customers; Next is the cursor of the following page, empty on the last.
type Page struct {
	Customers []Customer `json:"customers"`
	Next      string     `json:"next,omitempty"`
	Total     int64      `json:"total"`
}

// List shows the customers within the reader's scope.
var List = operation.NewView("customer.list", func(ctx context.Context, rd *operation.Reading, in ListInput) (Page, error) {
	return listCustomers(ctx, rd, rd.Actor, in)
})

// ListFor is List for other views.
func ListFor(ctx context.Context, q database.Querier, a operation.Actor, in ListInput) (Page, error) {
	return listCustomers(ctx, q, a, in)
}

// ByIDInput names a customer.
type ByIDInput struct {
	ID string `json:"id"`
}

// File is the customer with all that the risk file holds beside statements.
type File struct {
	Customer      Customer          `json:"customer"`
	Contacts      []Contact         `json:"contacts"`
	Shareholders  []Shareholder     `json:"shareholders"`
	Documents     []Document        `json:"documents"`
	Compliance    []Compliance      `json:"compliance"`
	Licences      []Licence         `json:"licences"`
	Accounts      []Account         `json:"accounts"` // numbers are masked for those who may not see them
	Operations    []OperatingAnswer `json:"operations"`
	Partners      []Partner         `json:"partners"`
	Verifications []Verification    `json:"verifications"`
}

// View shows one customer's file.
var View = operation.NewView("customer.view", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (File, error) {
	if err := Visible(ctx, rd, rd.Actor, in.ID); err != nil {
		return File{}, err
	}
	f, err := FileOf(ctx, rd, in.ID)
	if err != nil || !rd.Actor.Can(SeeAccountNumbers) {
		return f, err
	}
	f.Accounts, err = accountsOf(ctx, rd, in.ID)
	return f, err
})

// FileOf gives a customer's file with masked account numbers, whatever the reader's scope: callers check Visible first.
func FileOf(ctx context.Context, q database.Querier, id string) (f File, err error) {
	if f.Customer, err = ByID(ctx, q, id); err != nil {
		return File{}, err
	}
	if f.Contacts, err = contactsOf(ctx, q, id); err != nil {
		return File{}, err
	}
	if f.Shareholders, err = shareholdersOf(ctx, q, id); err != nil {
		return File{}, err
	}
	if f.Documents, err = documentsOf(ctx, q, id); err != nil {
		return File{}, err
	}
	if f.Compliance, err = ComplianceOf(ctx, q, id); err != nil {
		return File{}, err
	}
	if f.Licences, err = licencesOf(ctx, q, id); err != nil {
		return File{}, err
	}
	if f.Accounts, err = accountsOf(ctx, q, id); err != nil {
		return File{}, err
	}
	for i, a := range f.Accounts {
		f.Accounts[i] = a.Masked()
	}
	if f.Operations, err = operatingOf(ctx, q, id); err != nil {
		return File{}, err
	}
	if f.Partners, err = partnersOf(ctx, q, id); err != nil {
		return File{}, err
	}
	f.Verifications, err = verificationsOf(ctx, q, id)
	return f, err
}

// Operations lists the writes for the doors.
var Operations = []operation.Any{Create, Update, Set, AddContact, ChangeContact, SetShareholders, AddDocument, DeleteDocument, SetDocumentRule, AddCompliance, CorrectCompliance, CloseCompliance, SaveLicence, SaveAccount,
	AnswerOperations, SetPartners, Verify, StartTransfer, ConfirmTransfer, CompareRegistration, SetLevel, ReviewFile, Tick, NoteRequest, SaveStandard, EnterStatements,
	Relate, Unrelate, SetPartyShareholders, MergeParties, UnmergeParty, SeparateParty, CreateGroup, UpdateGroup, CloseGroup, AddMember, RemoveMember, ResetMember, Regroup}

// Views lists the reads for the doors.
var Views = []operation.Any{List, View, History, ViewDiligence, ListDue, Standards, ViewDocument, ListDocuments, ListExpiring, ViewDocumentRules, ListStatements, ViewStatement, PreviewStatements,
	ShowOwnership, Neighbours, ShowParty, ShowGroup}
