package access

import (
	"slices"
	"strings"
)

// Role is what a person is in the credit process.
type Role string

// The roles.
const (
	Admin         Role = "admin"
	CreditManager Role = "credit_manager"
	Analyst       Role = "analyst"
	Sales         Role = "sales"
	Collector     Role = "collector"
	Legal         Role = "legal"
	Committee     Role = "committee"
	Auditor       Role = "auditor"
	Integrator    Role = "integrator"
)

// Roles lists all roles in the order pages show them.
var Roles = []Role{Admin, CreditManager, Analyst, Sales, Collector, Legal, Committee, Auditor, Integrator}

// everybodyReads are the views of anyone who is signed in (within his row scope).
var everybodyReads = []string{
	"home.*", "search.*", "customer.view", "customer.list", "customer.positions", "customer.timeline", "customer.documents", "customer.document",
	"statement.list", "statement.view", "assessment.list", "assessment.view", "limit.list", "limit.view", "ordercheck.list",
	"ordercheck.view", "receivable.list", "receivable.view", "receivable.invoice", "receivable.payment", "receivable.ageing", "alert.list", "alert.view", "rule.list",
	"incident.list", "incident.view", "plan.list", "plan.view", "approval.list", "approval.view", "access.me",
	"access.change_password", "screening.list", "screening.view", "screening.lists", "screening.editions", "screening.edition", "screening.entries", "assessment.view_customer", "assessment.view_card", "policy.view",
}

// permissions are the name patterns ("limit.*") each role adds to everybodyReads. Nobody approves his own request: that
// is approval's rule, not a permission.
var permissions = map[Role][]string{
	Admin: {"*"},
	CreditManager: {"customer.*", "statement.*", "screening.*", "assessment.*", "limit.*", "ordercheck.*", "receivable.*", "rule.*",
		"alert.*", "event.*", "plan.*", "incident.*", "approval.*", "policy.*", "audit.list", "portfolio.*"},
	Analyst: {"customer.*", "statement.*", "screening.*", "assessment.*", "rule.*", "limit.apply", "alert.*", "receivable.*", "event.*", "portfolio.*"},
	Sales: {"customer.create", "screening.enter", "screening.search", "customer.update", "customer.add_document", "customer.add_contact", "statement.import", "statement.enter",
		"statement.preview", "limit.apply", "ordercheck.submit", "ordercheck.cancel", "receivable.create_order"},
	Collector:  {"receivable.*", "alert.*", "incident.act"},
	Legal:      {"customer.add_document", "incident.act", "alert.comment"},
	Committee:  {"limit.decide", "screening.agree", "assessment.decide_card", "approval.*", "incident.act", "audit.list", "portfolio.*"},
	Auditor:    {"audit.*", "access.users", "portfolio.*"},
	Integrator: {"event.*", "receivable.*", "statement.import", "statement.preview", "customer.create", "screening.enter", "customer.update", "ordercheck.*", "access.tokens", "access.create_token", "access.revoke_token"},
}

// Permits tells whether any of the roles has the permission.
func Permits(roles []Role, name string) bool {
	if matches(everybodyReads, name) {
		return true
	}
	for _, r := range roles {
		if matches(permissions[r], name) {
			return true
		}
	}
	return false
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if prefix, wild := strings.CutSuffix(p, "*"); wild {
			return strings.HasPrefix(name, prefix)
		}
		return p == name
	})
}

func validRole(r Role) bool { return slices.Contains(Roles, r) }
