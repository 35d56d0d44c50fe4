package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// menuLine is a line of the menu in the order of the credit cycle: it shows when the visitor has the permission.
type menuLine struct{ key, href, permission string }

var menuLines = []menuLine{
	{"workbench", "/", "home.view"},
	{"approvals", "/approvals", "approval.list"},
	{"group.identify", "", ""},
	{"customers", "/customers", "customer.list"},
	{"screening", "/screening", "screening.list"},
	{"group.assess", "", ""},
	{"assessments", "/assessments", "assessment.list"},
	{"scorecard", "/scorecard", "assessment.view_card"},
	{"group.control", "", ""},
	{"limits", "/limits", "limit.list"},
	{"orders", "/orders", "ordercheck.list"},
	{"receivables", "/receivables", "receivable.list"},
	{"group.monitor", "", ""},
	{"alerts", "/alerts", "alert.list"},
	{"rules", "/rules", "rule.list"},
	{"incidents", "/incidents", "incident.list"},
	{"group.settings", "", ""},
	{"users", "/settings/users", "access.users"},
	{"tokens", "/settings/tokens", "access.create_token"},
	{"authority", "/settings/authority", "approval.authority"},
	{"audit", "/audit", "audit.list"},
	{"password", "/settings/password", "access.change_password"},
}

func (s *server) menu(p *Page, active string) []MenuItem {
	var items []MenuItem
	group := ""
	for _, l := range menuLines {
		if l.href == "" {
			group = l.key
			continue
		}
		if !p.can(l.permission) {
			continue
		}
		if group != "" {
			items = append(items, MenuItem{Label: p.T("menu." + group)})
			group = ""
		}
		items = append(items, MenuItem{Label: p.T("menu." + l.key), Href: l.href, Active: l.key == active})
	}
	return items
}

// routes ties addresses to pages. A form is at one address for looking and posting.
func (s *server) routes(r chi.Router) {
	get := func(path, menu string, h handler) { r.Get(path, s.signedIn(menu, h)) }
	post := func(path, menu string, h handler) { r.Post(path, s.signedIn(menu, h)) }
	both := func(path, menu string, h handler) { get(path, menu, h); post(path, menu, h) }

	get("/", "workbench", home)
	get("/search", "workbench", search)

	get("/approvals", "approvals", approvals)
	both("/approvals/{id}", "approvals", approvalPage)

	get("/customers", "customers", customers)
	both("/customers/new", "customers", newCustomer)
	both("/customers/{id}/edit", "customers", editCustomer)
	both("/customers/{id}/contact", "customers", addContact)
	both("/customers/{id}/owners", "customers", setOwners)
	both("/customers/{id}/compliance", "customers", addCompliance)
	both("/customers/{id}/statement", "customers", enterStatement)
	both("/customers/{id}/import-statements", "customers", importStatements)
	get("/customers/{id}/statement-template.xlsx", "customers", statementTemplate)
	both("/customers/{id}/questionnaire", "customers", questionnaire)
	post("/customers/{id}/assess", "customers", assess)
	post("/customers/{id}/screen", "customers", screenCustomer)
	both("/customers/{id}/apply-limit", "customers", applyLimit)
	both("/customers/{id}/freeze", "customers", freezeLimit)
	both("/customers/{id}/unfreeze", "customers", unfreezeLimit)
	both("/customers/{id}/order", "customers", submitOrder)
	both("/customers/{id}/invoice", "customers", issueInvoice)
	both("/customers/{id}/payment", "customers", receivePayment)
	both("/customers/{id}/document", "customers", addDocument)
	both("/customers/{id}/incident", "customers", activatePlan)
	get("/documents/{id}", "customers", sendDocument)
	get("/customers/{id}", "customers", customerPage)
	get("/customers/{id}/{tab}", "customers", customerPage)
	get("/statements/{id}", "customers", statementPage)

	get("/screening", "screening", screeningHits)
	get("/screening/search", "screening", searchLists)
	both("/screening/clear", "screening", clearHits)
	get("/screening/lists", "screening", watchLists)
	both("/screening/lists/{source}", "screening", watchList)
	both("/screening/lists/{source}/entry", "screening", ownEntry)
	post("/screening/lists/{source}/remove", "screening", removeOwnEntry)
	both("/screening/lists/{source}/settings", "screening", watchListSettings)
	post("/screening/lists/{source}/fetch", "screening", fetchList)
	both("/screening/editions/{id}", "screening", editionPage)
	both("/screening/{id}", "screening", screeningHit)

	get("/assessments", "assessments", assessments)
	get("/assessments/{id}", "assessments", assessmentPage)
	get("/scorecard", "scorecard", scorecardPage)
	both("/scorecard/edit", "scorecard", editScorecard)

	get("/limits", "limits", limits)
	get("/orders", "orders", orders)
	both("/orders/{id}", "orders", orderPage)
	get("/receivables", "receivables", receivables)
	get("/receivables/invoices", "receivables", invoices)
	both("/receivables/import", "receivables", importReceivables)
	both("/invoices/{id}", "receivables", invoicePage)
	both("/payments/{id}", "receivables", paymentPage)

	get("/alerts", "alerts", alerts)
	both("/alerts/{id}", "alerts", alertPage)
	get("/rules", "rules", rules)
	both("/rules/{key}", "rules", editRule)
	get("/incidents", "incidents", incidents)
	both("/incidents/{id}", "incidents", incidentPage)
	both("/plans/{id}", "incidents", editPlan)

	get("/settings/users", "users", users)
	both("/settings/users/new", "users", newUser)
	both("/settings/users/{id}", "users", editUser)
	both("/settings/teams/new", "users", newTeam)
	both("/settings/tokens", "tokens", tokens)
	both("/settings/authority", "authority", authority)
	both("/settings/password", "password", changePassword)
	get("/audit", "audit", auditTrail)
}

// doorRoutes are the pages of people who are not signed in.
func (s *server) doorRoutes(r chi.Router) {
	r.HandleFunc("/sign-in", s.signIn)
	r.HandleFunc("/set-up", s.setUp)
	r.Post("/sign-out", s.signedIn("", func(v *visit) (_ templComponent, err error) {
		if c, err := v.r.Cookie(sessionCookie); err == nil {
			if err := v.door.SignOut(v.r.Context(), c.Value); err != nil {
				return nil, err
			}
		}
		http.SetCookie(v.w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil})
		return v.to("/sign-in", "")
	}))
}
