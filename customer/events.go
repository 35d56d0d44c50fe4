package customer

import "time"

// The topics this capability publishes.
const (
	Created           = "customer.created"            // payload: Customer
	Updated           = "customer.updated"            // payload: Customer
	OwnersChanged     = "customer.owners_changed"     // payload: the customer's id
	ContactsChanged   = "customer.contacts_changed"   // payload: the customer's id
	ComplianceAdded   = "customer.compliance_added"   // payload: Compliance
	Quarantined       = "customer.quarantined"        // payload: Document, in which a scan found malware
	FileChanged       = "customer.file_changed"       // payload: FileChange
	OwnershipChanged  = "ownership.changed"           // payload: OwnershipChange
	StatementsEntered = "customer.statements_entered" // payload: the customer's id
)

// FileChange says that a part of the file beside the profile changed.
type FileChange struct {
	CustomerID string    `json:"customer_id"`
	What       string    `json:"what"` // the operation's part: "licence", "account", "verification" …
	At         time.Time `json:"at"`
}
