// Package customer is the customer risk file (客户风险档案): who the customer is.
//
// Owns: customer, customer_field (history of values), customer_contact, customer_shareholder, customer_document (versions,
// scan, deletion; document_upload, document_rule),
// customer_compliance, customer_licence, customer_bank_account, customer_operation, customer_partner, customer_verification,
// customer_diligence, customer_checklist, diligence_standard, and the statements. Does not own: financial statements'
// figures beyond storing them (customer/statement knows the items), what a level of due diligence asks for
// (customer/diligence), watch lists (screening), the risk that follows from the file (assessment), what the customer owes
// (receivable).
// Operations and views: see queries.go. Events: customer.created, customer.updated, customer.compliance_added,
// customer.file_changed, customer.statements_entered, customer.quarantined. Contents
// of documents go in and out through Vault. Other capabilities check row scope with Visible and ScopeSQL, and
// take facts over with SetFields.
package customer
