// Package customer is the customer risk file (客户风险档案): who the customer is, and who stands behind it.
//
// Owns: customer, customer_contact, customer_shareholder, customer_document, customer_compliance; party, party_relation
// (persons and companies that are no customers, and what parties are to each other beyond shares of customers); party_group
// and its members. Does not own: financial statements' figures beyond storing them (customer/statement knows the items),
// the mathematics of ownership (customer/ownership), watch lists (screening), what the customer owes (receivable), the
// exposure of a group (control/limit).
// Operations: customer.create, customer.update, customer.add_contact, customer.set_shareholders, customer.add_document,
// customer.add_compliance; ownership.relate, ownership.unrelate; party.set_shareholders, party.merge, party.unmerge,
// party.separate; group.create, group.update, group.close, group.add_member, group.remove_member, group.reset_member,
// group.regroup (by the system, after Groupings). Views: customer.list, customer.view, customer.documents; ownership.view,
// ownership.neighbours, party.view, group.view. Events: customer.created, customer.updated, customer.compliance_added,
// ownership.changed. Other capabilities check row scope with ScopeSQL and Visible; of customers outside of a reader's scope
// the ownership graph shows the name alone.
package customer
