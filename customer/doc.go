// Package customer is the customer risk file (客户风险档案): who the customer is.
//
// Owns: customer, customer_contact, customer_shareholder, customer_document, customer_compliance. Does not own:
// financial statements' figures beyond storing them (customer/statement knows the items), watch lists (screening), what
// the customer owes (receivable).
// Operations: customer.create, customer.update, customer.add_contact, customer.set_shareholders, customer.add_document,
// customer.add_compliance. Views: customer.list, customer.view, customer.documents. Events: customer.created,
// customer.updated, customer.owners_changed, customer.contacts_changed, customer.compliance_added. Other capabilities check row scope with InScope and Visible.
package customer
