// Package ordercheck decides whether an order may go ahead on credit (订单信用检查): approve, hold or reject.
//
// Owns: order_check (each decision with the figures it was taken on). It reserves through receivable, under the
// customer's lock, in one transaction: the sum of what is approved never exceeds the limit. Does not own: orders and
// balances (receivable), limits and freezes (limit).
// Operations: ordercheck.submit, ordercheck.release, ordercheck.decide_release, ordercheck.refuse, ordercheck.cancel, ordercheck.expire.
// Views: ordercheck.list, ordercheck.view. Events: order.placed (from receivable), ordercheck.held.
package ordercheck
