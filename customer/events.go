package customer

// The topics this capability publishes.
const (
	Created           = "customer.created"            // payload: Customer
	Updated           = "customer.updated"            // payload: Customer
	ComplianceAdded   = "customer.compliance_added"   // payload: Compliance
	OwnershipChanged  = "ownership.changed"           // payload: OwnershipChange
	StatementsEntered = "customer.statements_entered" // payload: the customer's id
)
