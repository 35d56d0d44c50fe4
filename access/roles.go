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

// everybody is what anyone who is signed in may do (within his row scope).
var everybody = []string{
	"home.*", "search.*", "customer.view", "customer.list", "customer.positions", "customer.timeline",
	"customer.document", "customer.documents", "customer.documents_expiring", "provider.pending", "provider.inbox",
	"customer.history", "customer.diligence", "customer.files_due", "customer.standards", "assessment.file_risk", "assessment.file_cards",
	"statement.list", "statement.view", "assessment.list", "assessment.view", "limit.list", "limit.view", "ordercheck.list",
	"ordercheck.view", "receivable.list", "receivable.view", "receivable.invoice", "receivable.payment", "receivable.ageing", "alert.list", "alert.view", "rule.list",
	"incident.list", "incident.view", "incident.tasks", "plan.list", "approval.list", "approval.view", "access.me",
	"access.change_password", "screening.list", "screening.view", "screening.lists", "screening.editions", "screening.edition", "screening.entries", "assessment.view_customer", "assessment.view_card",
	"ownership.view", "ownership.neighbours", "party.view", "group.list", "group.view", "group.exposure",
}

// permissions are the name patterns ("limit.*") each role adds to everybody's; a test holds that each of them names
// something. Nobody approves his own request: that is approval's rule, not a permission. The matrix that says whose
// approval counts is the administrator's alone (approval.set_authority): whoever decides does not choose who decides.
var permissions = map[Role][]string{
	Admin: {"*"},
	CreditManager: {"customer.*", "ownership.*", "party.*", "group.*", "statement.*", "screening.*", "assessment.*", "limit.*", "ordercheck.*", "receivable.*", "rule.*",
		"alert.*", "event.*", "plan.*", "incident.*", "approval.authority", "audit.list",
		"provider.list", "provider.request", "provider.refresh_many", "provider.stop_batch", "provider.accept", "provider.reject", "provider.costs", "provider.call", "provider.files"},
	Analyst: {"customer.*", "ownership.*", "party.*", "group.*", "statement.*", "screening.*", "assessment.*", "rule.*", "limit.apply", "limit.amend", "alert.*", "receivable.*", "event.*",
		"incident.do_task", "incident.log", "provider.request", "provider.accept", "provider.reject", "provider.list"},
	Sales: {"customer.create", "customer.update", "customer.set_fields", "customer.add_document", "customer.add_contact", "customer.change_contact",
		"customer.save_licence", "customer.save_account", "customer.answer_operations", "customer.set_partners", "customer.tick", "customer.confirm_transfer",
		"screening.enter", "screening.search", "statement.enter", "statement.preview", "limit.apply", "limit.amend", "ordercheck.submit", "ordercheck.cancel", "incident.do_task", "incident.log"},
	Collector: {"receivable.*", "alert.*", "incident.act", "incident.do_task", "incident.log"},
	Legal: {"customer.add_document", "customer.add_compliance", "customer.correct_compliance", "customer.close_compliance", "customer.verify", "customer.tick",
		"incident.act", "incident.do_task", "incident.log", "alert.comment"},
	Committee: {"limit.decide", "screening.agree", "ordercheck.decide_release", "assessment.decide_card", "approval.authority", "incident.act", "incident.undo", "incident.do_task", "incident.log", "audit.list"},
	Auditor:   {"audit.*", "access.users", "approval.authority"},
	// A program submits and takes back; what a check held, a person releases or refuses.
	Integrator: {"event.*", "receivable.*", "statement.enter", "statement.preview", "customer.create", "screening.enter", "customer.update", "customer.set_fields", "ordercheck.submit", "ordercheck.cancel",
		"access.tokens", "access.create_token", "access.revoke_token"},
}

// Patterns are the permissions of a role as they are declared, those of everybody first.
func Patterns(r Role) []string { return slices.Concat(everybody, permissions[r]) }

// Permits tells whether any of the roles has the permission.
func Permits(roles []Role, name string) bool {
	if matches(everybody, name) {
		return true
	}
	for _, r := range roles {
		if matches(permissions[r], name) {
			return true
		}
	}
	return false
}

// matches tells whether a pattern covers the name. A name that is a pattern itself ("limit.*") is covered by those that
// cover all it could match.
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if prefix, wild := strings.CutSuffix(p, "*"); wild {
			return strings.HasPrefix(name, prefix)
		}
		return p == name
	})
}

func validRole(r Role) bool { return slices.Contains(Roles, r) }
