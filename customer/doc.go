// Package customer is the customer risk file (客户风险档案): who the customer is.
//
// Owns: customer, customer_contact, customer_shareholder, customer_document (versions, scan,
// deletion; document_upload, document_rule), customer_compliance. Does not own:
// financial statements' figures beyond storing them (customer/statement knows the items), watch lists (screening), what
// the customer owes (receivable).
// Operations: customer.create, customer.update, customer.add_contact, customer.set_shareholders, customer.add_document,
// customer.delete_document, document.set_rule, customer.add_compliance. Views: customer.list, customer.view, customer.documents, customer.documents_expiring,
// document.rules. Contents of documents go in and out through Vault. Events: customer.created,
// customer.updated, customer.compliance_added, customer.quarantined. Other capabilities check row scope with InScope and Visible.
package customer
