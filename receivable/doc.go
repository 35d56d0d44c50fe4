// Package receivable is what the customer owes (应收): orders, invoices, payments, their allocation, ageing.
//
// Owns: sales_order, invoice, payment, allocation, customer_balance. customer_balance is the sum of the customer's open
// orders, open invoices and money on account per currency, kept in the same transaction as each of them, so that an
// order check reads one row; Recount proves it against the documents.
// Operations: receivable.issue_invoice, receivable.receive_payment, receivable.allocate, receivable.dispute,
// receivable.import. Orders are created by control/ordercheck through PlaceOrder, ReleaseOrder, CloseOrder.
// Views: receivable.list, receivable.view, receivable.ageing. Events: order.placed, invoice.issued, payment.received,
// invoice.settled (with the days late), receivable.overdue (daily).
package receivable
