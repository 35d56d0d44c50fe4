package customer

// The topics this capability publishes.
const (
	Created           = "customer.created"            // payload: Customer
	Updated           = "customer.updated"            // payload: Customer
	ComplianceAdded   = "customer.compliance_added"   // payload: Compliance
	Quarantined       = "customer.quarantined"        // payload: Document, in which a scan found malware
	StatementsEntered = "customer.statements_entered" // payload: the customer's id
)
