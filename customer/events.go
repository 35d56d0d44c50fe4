package customer

// The topics this capability publishes.
const (
	Created           = "customer.created"            // payload: Customer
	Updated           = "customer.updated"            // payload: Customer
	OwnersChanged     = "customer.owners_changed"     // payload: the customer's id
	ContactsChanged   = "customer.contacts_changed"   // payload: the customer's id
	ComplianceAdded   = "customer.compliance_added"   // payload: Compliance
	StatementsEntered = "customer.statements_entered" // payload: the customer's id
)
