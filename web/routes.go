package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

// menuLine is a line of the menu in the order of the credit cycle: it shows when the visitor has the permission.
type menuLine struct{ key, href, permission string }

var menuLines = []menuLine{
	{"workbench", "/", "home.view"},
	{"approvals", "/approvals", "approval.list"},
	{"group.identify", "", ""},
	{"customers", "/customers", "customer.list"},
	{"files_due", "/customers/due", "customer.files_due"},
	{"groups", "/groups", "group.list"},
	{"screening", "/screening", "screening.list"},
	{"documents", "/documents", "customer.documents_expiring"},
	{"differences", "/providers", "provider.inbox"},
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
	{"document_rules", "/settings/documents", "document.rules"},
	{"providers", "/settings/providers", "provider.list"},
	{"provider_costs", "/providers/costs", "provider.costs"},
	{"diligence_standard", "/diligence-standard", "customer.save_standard"},
	{"file_card", "/file-card", "assessment.save_file_card"},
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

	// Pages with forms of their own making are for those who may submit them; v.form looks after the others.
	needs := func(o operation.Any, h handler) handler {
		return func(v *visit) (templComponent, error) {
			if !v.can(o.Name()) {
				return nil, operation.Permitted(v.Actor, o.Name())
			}
			return h(v)
		}
	}

	get("/", "workbench", home)
	get("/search", "workbench", search)

	get("/approvals", "approvals", approvals)
	both("/approvals/{id}", "approvals", approvalPage)

	get("/customers", "customers", customers)
	both("/customers/new", "customers", newCustomer)
	both("/customers/{id}/edit", "customers", editCustomer)
	get("/customers/due", "files_due", filesDue)
	both("/customers/{id}/edit/{section}", "customers", editSection)
	both("/customers/{id}/contact", "customers", saveContact)
	both("/customers/{id}/contact/{item}", "customers", saveContact)
	both("/customers/{id}/licence", "customers", saveLicence)
	both("/customers/{id}/licence/{item}", "customers", saveLicence)
	both("/customers/{id}/account", "customers", saveAccount)
	both("/customers/{id}/account/{item}", "customers", saveAccount)
	both("/customers/{id}/compliance/{item}", "customers", saveCompliance)
	both("/customers/{id}/compliance/{item}/close", "customers", closeCompliance)
	get("/customers/{id}/operations", "customers", answerOperations)
	both("/customers/{id}/operations/{topic}", "customers", answerOperations)
	both("/customers/{id}/partners/{side}", "customers", setPartners)
	both("/customers/{id}/verify/{kind}", "customers", verify)
	both("/customers/{id}/transfer/{item}", "customers", confirmTransfer)
	both("/customers/{id}/level", "customers", setLevel)
	both("/customers/{id}/review", "customers", reviewFile)
	both("/customers/{id}/checklist/{item}", "customers", tickItem)
	post("/customers/{id}/judge", "customers", judgeFile)
	get("/customers/{id}/history/{field}", "customers", fieldHistory)
	get("/customers/{id}/print", "customers", printFile)
	get("/customers/{id}/file.pdf", "customers", pdfFile)
	both("/diligence-standard", "diligence_standard", editStandard)
	both("/file-card", "file_card", editFileCard)
	both("/customers/{id}/owners", "customers", setOwners)
	both("/customers/{id}/compliance", "customers", saveCompliance)
	both("/customers/{id}/statement", "customers", needs(customer.EnterStatements, enterStatement))
	both("/customers/{id}/import-statements", "customers", needs(customer.EnterStatements, importStatements))
	get("/customers/{id}/statement-template.xlsx", "customers", statementTemplate)
	both("/customers/{id}/questionnaire", "customers", needs(assessment.AnswerQuestionnaire, questionnaire))
	post("/customers/{id}/assess", "customers", assess)
	post("/customers/{id}/screen", "customers", screenCustomer)
	both("/customers/{id}/apply-limit", "customers", applyLimit)
	both("/customers/{id}/freeze", "customers", freezeLimit)
	both("/customers/{id}/unfreeze", "customers", unfreezeLimit)
	both("/customers/{id}/order", "customers", submitOrder)
	both("/customers/{id}/invoice", "customers", issueInvoice)
	both("/customers/{id}/payment", "customers", receivePayment)
	both("/customers/{id}/document", "customers", needs(customer.AddDocument, addDocument))
	both("/customers/{id}/incident", "customers", activatePlan)
	get("/documents/{id}", "customers", sendDocument)
	both("/customers/{id}/relation", "customers", addRelation)
	get("/documents/{id}/look", "customers", lookAtDocument)
	get("/documents/{id}/preview", "customers", previewDocument)
	both("/documents/{id}/replace", "customers", replaceDocument)
	both("/documents/{id}/delete", "customers", deleteDocument)
	get("/documents", "documents", expiringDocuments)
	post("/customers/{id}/external", "customers", externalDecision)
	get("/providers", "differences", differencesInbox)
	both("/providers/costs", "provider_costs", providerCosts)
	get("/providers/evidence/{id}", "provider_costs", providerEvidence)
	get("/settings/providers", "providers", providers)
	both("/settings/providers/new", "providers", newProvider)
	both("/settings/providers/{key}", "providers", editProvider)
	both("/settings/providers/{key}/try", "providers", tryProvider)
	both("/settings/providers/{key}/files", "providers", providerFiles)
	get("/settings/documents", "document_rules", documentRules)
	both("/settings/documents/{kind}", "document_rules", editDocumentRule)
	get("/customers/{id}", "customers", customerPage)
	get("/customers/{id}/{tab}", "customers", customerPage)
	get("/statements/{id}", "customers", statementPage)

	get("/ownership/neighbours", "", neighbours)
	both("/ownership/relations/{id}/remove", "customers", removeRelation)
	get("/parties/{id}", "customers", partyPage)
	both("/parties/{id}/owners", "customers", setPartyOwners)
	both("/parties/{id}/merge", "customers", mergeParty)
	both("/parties/{id}/unmerge", "customers", unmergeParty)
	both("/parties/{id}/separate", "customers", separateParty)
	get("/groups", "groups", groups)
	both("/groups/new", "groups", newGroup)
	get("/groups/{id}", "groups", groupPage)
	both("/groups/{id}/edit", "groups", editGroup)
	both("/groups/{id}/close", "groups", closeGroup)
	both("/groups/{id}/member", "groups", groupMember)

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
	both("/receivables/import", "receivables", needs(receivable.Import, importReceivables))
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
	both("/settings/tokens", "tokens", needs(access.CreateToken, tokens))
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
		http.SetCookie(v.w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(v.r)})
		return v.to("/sign-in", "")
	}))
}
