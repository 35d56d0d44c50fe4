// Package customer is the customer risk file (客户风险档案): who the customer is, and who stands behind it.
//
// Owns: customer, customer_field (history of values), customer_contact, customer_shareholder, customer_document (versions,
// scan, deletion; document_upload, document_rule),
// customer_compliance, customer_licence, customer_bank_account, customer_operation, customer_partner, customer_verification,
// customer_diligence, customer_checklist, diligence_standard, and the statements; party, party_relation (persons and
// companies that are no customers, and what parties are to each other beyond shares of customers); party_group and its
// members. Does not own: financial statements' figures beyond storing them (customer/statement knows the items), the
// mathematics of ownership (customer/ownership), what a level of due diligence asks for (customer/diligence), watch lists
// (screening), the risk that follows from the file (assessment), what the customer owes (receivable), the exposure of a
// group (control/limit).
// Operations and views: see queries.go. Events: see events.go. Contents of documents go in and out through Vault. Other
// capabilities check row scope with Visible and ScopeSQL, and take facts over with SetFields; of customers outside of a
// reader's scope the ownership graph shows the name alone.
package customer
