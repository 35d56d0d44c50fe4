// Package limit is the credit limit (信用额度): how much a customer may owe.
//
// Owns: credit_limit, limit_freeze. A limit goes from application through approval to active; the active one is
// replaced by the next, expires at its last day, or is frozen. A freeze is a row with its cause and reason: a customer
// may be frozen for several causes, and lifting one leaves the others. Does not own: exposure (receivable), the
// decision on an order (control/ordercheck), the recommended limit (assessment).
// Operations: limit.apply, limit.decide, limit.freeze, limit.unfreeze, limit.start, limit.expire. Views: limit.list, limit.view.
// Events: limit.applied, limit.scheduled, limit.activated, limit.rejected, limit.frozen, limit.unfrozen, limit.expired.
package limit
