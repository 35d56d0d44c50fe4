// Package approval is the one request type for every four-eyes decision (审批).
//
// Owns: approval_authority (the authority matrix 授权矩阵), approval_request, approval_vote. A capability opens a request
// with Open and decides it in its own operation through Decide, in the same transaction as the consequence (a limit
// becomes active in the transaction of the last vote). The chain of roles and votes comes from the matrix by kind,
// currency and amount at the time of asking. Nobody approves his own request, and nobody votes twice on one.
// Terms (amount, last day, conditions) may be lowered by who approves, and amended by who asked; either begins a new
// round, and votes count for their round only. A returned request waits for its applicant.
// Operations: approval.set_authority. Views: approval.list, approval.view, approval.authority.
package approval
