package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/assessment/judgement"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/diligence"
	"github.com/xinheng/xinheng/customer/industry"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// profileField is the input of a field of the profile.
func (v *visit) profileField(name string, p customer.Profile) Field {
	x := Field{Name: name, Value: p.Value(name)}
	figure := func(a money.Amount) {
		x.Kind, x.Value, x.Currency = "money", "", string(p.Currency)
		if a.Positive() {
			x.Value = a.Decimal()
		}
	}
	switch name {
	case "name":
		x.Required = true
	case "aliases", "former_names":
		x.Kind, x.Help = "lines", v.T("web.one_a_line")
	case "uscc":
		x.Help = v.T("web.uscc_help")
	case "external_ref":
		x.Help = v.T("web.external_ref_help")
	case "capital":
		figure(p.Capital)
	case "paid_in":
		figure(p.PaidIn)
	case "founded":
		x.Kind = "date"
	case "country":
		x.Help = "ISO 3166-1: CN, HK, DE …"
	case "registration_status":
		x.Kind, x.Choices = "choice", v.choices("registration_status", customer.RegistrationStatuses...)
	case "industry":
		for _, i := range industry.All() {
			x.Choices = append(x.Choices, Choice{i.Code, v.pick(i.ZH, i.EN)})
		}
		x.Help = "GB/T 4754"
	case "size":
		x.Kind, x.Choices = "choice", v.choices("size", "large", "medium", "small", "micro")
	case "employees":
		x.Kind = "number"
	case "main_business":
		x.Kind, x.Wide = "long", true
	case "terms_days":
		x.Kind = "number"
		if p.Name != "" {
			x.Value = strconv.Itoa(p.TermsDays)
		}
	case "currency":
		x.Help = "ISO 4217"
	case "status":
		x.Kind, x.Choices = "choice", v.choices("customer_status", "prospect", "active", "blocked", "closed")
	}
	return x
}

// sectionFields are the inputs of a section of the profile; whose customer it is, is changed elsewhere.
func (v *visit) sectionFields(section string, p customer.Profile) []Field {
	var all []Field
	for _, name := range customer.FieldNames(section) {
		if name != "owner_id" && name != "team_id" {
			all = append(all, v.profileField(name, p))
		}
	}
	return all
}

func (v *visit) profileFields(p customer.Profile) []Field {
	var all []Field
	for _, section := range customer.Sections {
		all = append(all, Field{Kind: "heading", Label: v.T("web.section." + section)})
		all = append(all, v.sectionFields(section, p)...)
	}
	return all
}

// provenanceFields ask where something was learnt.
func (v *visit) provenanceFields(p customer.Provenance, required bool) []Field {
	choices := v.choices("source", customer.Sources...)
	if p.Source != "" && !slices.Contains(customer.Sources, p.Source) {
		choices = append(choices, Choice{p.Source, p.Source})
	}
	return []Field{{Kind: "heading", Label: v.T("web.provenance")}, {Name: "source", Kind: "choice", Value: p.Source, Choices: choices, Required: required},
		{Name: "as_of", Kind: "date", Value: string(p.AsOf), Required: required}, {Name: "evidence", Value: p.Evidence, Help: v.T("web.evidence_help")}}
}

// editSection edits a section of the profile; the other fields stay as they are.
func editSection(v *visit) (templ.Component, error) {
	id, section := v.param("id"), v.param("section")
	if !slices.Contains(customer.Sections, section) {
		return nil, errNotFound("section", section)
	}
	c, err := v.head(id, v.T("web.section."+section))
	if err != nil {
		return nil, err
	}
	fixed := map[string]any{}
	raw, err := json.Marshal(c.Profile)
	if err == nil {
		err = json.Unmarshal(raw, &fixed)
	}
	if err != nil {
		return nil, err
	}
	fields := v.sectionFields(section, c.Profile)
	var confirm []Choice
	for _, x := range fields {
		delete(fixed, x.Name)
		confirm = append(confirm, Choice{x.Name, v.L(x.Name)})
	}
	fixed["id"] = id
	version := c.Version
	if text := v.r.PostFormValue("version"); text != "" {
		version, _ = strconv.ParseInt(text, 10, 64)
	}
	fields = append(fields, v.provenanceFields(customer.Provenance{}, false)...)
	fields = append(fields, Field{Name: "confirm", Kind: "choices", Choices: confirm, Wide: true, Help: v.T("web.confirm_help")},
		Field{Name: "version", Kind: "hidden", Value: strconv.FormatInt(version, 10)})
	return v.form(formOf{op: customer.Update, fields: fields, fixed: fixed, cancel: "/customers/" + id + "/file", done: saved("/customers/" + id + "/file")})
}

func saved(path string) func(any) (string, string) {
	return func(any) (string, string) { return path, "saved" }
}

// itemOf finds the part of the file that the address names; a new one when it names none.
func itemOf[T any](v *visit, all []T, id func(T) string) (T, error) {
	var none T
	want := v.param("item")
	if want == "" {
		return none, nil
	}
	i := slices.IndexFunc(all, func(t T) bool { return id(t) == want })
	if i < 0 {
		return none, errNotFound("item", want)
	}
	return all[i], nil
}

func (v *visit) file(id, title string) (customer.File, error) {
	f, err := read(v, customer.View, customer.ByIDInput{ID: id})
	v.Title, v.Over, v.OverHref = title, f.Customer.Name, "/customers/"+id
	return f, err
}

// fixedItem are the parts of an item's input that its form does not show.
func fixedItem(customerID, id string, version int64) map[string]any {
	fixed := map[string]any{"customer_id": customerID}
	if id != "" {
		fixed["id"], fixed["version"] = id, version
	}
	return fixed
}

func saveContact(v *visit) (templ.Component, error) {
	id := v.param("id")
	f, err := v.file(id, v.T("web.contact"))
	if err != nil {
		return nil, err
	}
	c, err := itemOf(v, f.Contacts, func(c customer.Contact) string { return c.ID })
	if err != nil {
		return nil, err
	}
	form := formOf{op: customer.AddContact, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/file", done: saved("/customers/" + id + "/file"),
		fields: []Field{{Name: "name", Value: c.Name, Required: true}, {Name: "title", Label: v.L("job_title"), Value: c.Title},
			{Name: "role", Label: v.L("contact_role"), Kind: "choice", Value: c.Role, Choices: v.choices("contact_role", customer.ContactRoles...)},
			{Name: "phone", Value: c.Phone}, {Name: "email", Value: c.Email}}}
	if c.ID != "" {
		form.op, form.fixed["id"] = customer.ChangeContact, c.ID
		form.fields = append(form.fields, Field{Name: "left_on", Kind: "date", Value: string(c.LeftOn), Help: v.T("web.left_on_help")})
	}
	return v.form(form)
}

func saveLicence(v *visit) (templ.Component, error) {
	id := v.param("id")
	f, err := v.file(id, v.T("web.licence"))
	if err != nil {
		return nil, err
	}
	l, err := itemOf(v, f.Licences, func(l customer.Licence) string { return l.ID })
	if err != nil {
		return nil, err
	}
	status := l.Status
	if status == "" {
		status = "valid"
	}
	fields := []Field{{Name: "kind", Kind: "choice", Value: l.Kind, Required: true, Choices: v.choices("licence", customer.LicenceKinds...)}, {Name: "name", Value: l.Name, Required: true},
		{Name: "number", Label: v.L("licence_number"), Value: l.Number, Required: true}, {Name: "authority", Label: v.L("issuing_authority"), Value: l.Authority, Required: true},
		{Name: "issued_on", Kind: "date", Value: string(l.IssuedOn)}, {Name: "expires_on", Kind: "date", Value: string(l.ExpiresOn), Help: v.T("web.no_end_help")},
		{Name: "status", Kind: "choice", Value: status, Choices: v.choices("licence_status", customer.LicenceStatuses...)}, {Name: "scope", Label: v.L("licence_scope"), Kind: "long", Value: l.Scope, Wide: true}}
	return v.form(formOf{op: customer.SaveLicence, fields: append(fields, v.provenanceFields(l.Provenance, false)...), fixed: fixedItem(id, l.ID, l.Version),
		cancel: "/customers/" + id + "/file", done: saved("/customers/" + id + "/file")})
}

func saveAccount(v *visit) (templ.Component, error) {
	id := v.param("id")
	f, err := v.file(id, v.T("web.bank_account"))
	if err != nil {
		return nil, err
	}
	a, err := itemOf(v, f.Accounts, func(a customer.Account) string { return a.ID })
	if err != nil {
		return nil, err
	}
	if a.ID == "" {
		a.Holder, a.Kind, a.Currency, a.Status = f.Customer.Name, "basic", f.Customer.Currency, "active"
	}
	fields := []Field{{Name: "bank", Value: a.Bank, Required: true}, {Name: "branch", Value: a.Branch}, {Name: "holder", Value: a.Holder, Required: true},
		{Name: "number", Label: v.L("account_number"), Value: a.Number, Required: true}, {Name: "kind", Kind: "choice", Value: a.Kind, Choices: v.choices("account", customer.AccountKinds...)},
		{Name: "currency", Value: string(a.Currency)}, {Name: "status", Kind: "choice", Value: a.Status, Choices: v.choices("account_status", "active", "closed")}}
	return v.form(formOf{op: customer.SaveAccount, fields: append(fields, v.provenanceFields(a.Provenance, false)...), fixed: fixedItem(id, a.ID, a.Version),
		cancel: "/customers/" + id + "/file", done: saved("/customers/" + id + "/file")})
}

func saveCompliance(v *visit) (templ.Component, error) {
	id := v.param("id")
	f, err := v.file(id, v.T("web.legal_fact"))
	if err != nil {
		return nil, err
	}
	c, err := itemOf(v, f.Compliance, func(c customer.Compliance) string { return c.ID })
	if err != nil {
		return nil, err
	}
	form := formOf{op: customer.AddCompliance, fixed: fixedItem(id, c.ID, c.Version), cancel: "/customers/" + id + "/file", done: saved("/customers/" + id + "/file")}
	open := "true"
	if c.ID != "" {
		form.op, open = customer.CorrectCompliance, strconv.FormatBool(c.Open)
		v.Title = v.T("web.correct")
	}
	claimed := ""
	if c.Amount.Positive() {
		claimed = c.Amount.Decimal()
	}
	form.fields = []Field{{Name: "kind", Kind: "choice", Value: string(c.Kind), Required: true, Choices: v.choices("compliance", customer.ComplianceKinds...)}, {Name: "title", Value: c.Title, Required: true},
		{Name: "number", Label: v.L("case_number"), Value: c.Number}, {Name: "authority", Label: v.L("court_authority"), Value: c.Authority},
		{Name: "side", Label: v.L("side_in_case"), Kind: "choice", Value: c.Side, Choices: v.choices("case_side", "defendant", "plaintiff", "third_party")},
		{Name: "happened", Kind: "date", Value: string(c.Happened), Required: true}, {Name: "amount", Kind: "money", Value: claimed, Currency: string(c.Amount.Currency)},
		{Name: "source", Value: c.Source, Required: true, Choices: v.choices("source", customer.Sources...)}, {Name: "evidence", Value: c.Evidence, Help: v.T("web.evidence_help")},
		{Name: "open", Kind: "flag", Value: open, Help: v.T("web.still_open")}}
	if c.ID != "" {
		form.fields = append(form.fields, Field{Name: "closed_on", Kind: "date", Value: string(c.ClosedOn)}, Field{Name: "outcome", Value: c.Outcome})
	}
	return v.form(form)
}

func closeCompliance(v *visit) (templ.Component, error) {
	id := v.param("id")
	f, err := v.file(id, v.T("web.close_fact"))
	if err != nil {
		return nil, err
	}
	c, err := itemOf(v, f.Compliance, func(c customer.Compliance) string { return c.ID })
	if err != nil {
		return nil, err
	}
	v.Title += " · " + c.Title
	return v.form(formOf{op: customer.CloseCompliance, fixed: map[string]any{"id": c.ID, "version": c.Version}, cancel: "/customers/" + id + "/file", done: saved("/customers/" + id + "/file"),
		fields: []Field{{Name: "closed_on", Kind: "date", Required: true}, {Name: "outcome", Required: true, Wide: true},
			{Name: "source", Required: true, Choices: v.choices("source", customer.Sources...)}, {Name: "evidence", Help: v.T("web.evidence_help")}}})
}

// answerOperations asks topic by topic, so that each answer has its own source, date and evidence.
func answerOperations(v *visit) (templ.Component, error) {
	id := v.param("id")
	f, err := v.file(id, v.T("web.operations"))
	if err != nil {
		return nil, err
	}
	key := v.param("topic")
	i := slices.IndexFunc(customer.Topics, func(t customer.Topic) bool { return t.Key == key })
	if i < 0 {
		if key != "" {
			return nil, errNotFound("topic", key)
		}
		return v.topics(f), nil
	}
	t := customer.Topics[i]
	v.Title = v.E("topic", key)
	var a customer.OperatingAnswer
	if n := slices.IndexFunc(f.Operations, func(a customer.OperatingAnswer) bool { return a.Topic == key }); n >= 0 {
		a = f.Operations[n]
	}
	fields := []Field{{Name: "answers.0.answer", Label: v.E("topic", key), Kind: "choice", Value: a.Answer, Required: true, Choices: v.choices("answer", t.Answers...)}}
	for _, name := range t.Figures {
		shown := ""
		if n, ok := a.Figures[name]; ok {
			shown = strconv.FormatFloat(n, 'f', -1, 64)
		}
		fields = append(fields, Field{Name: "answers.0.figures." + name, Label: v.L(name), Kind: "decimal", Value: shown})
	}
	fields = append(fields, Field{Name: "answers.0.note", Wide: true, Value: a.Note})
	for _, x := range v.provenanceFields(a.Provenance, true) {
		if x.Name != "" {
			x.Label, x.Name = v.L(x.Name), "answers.0."+x.Name
		}
		x.Required = x.Name != "answers.0.source"
		fields = append(fields, x)
	}
	return v.form(formOf{op: customer.AnswerOperations, fields: fields, fixed: map[string]any{"customer_id": id, "answers.0.topic": key}, cancel: "/customers/" + id + "/operations",
		done: saved("/customers/" + id + "/operations")})
}

const partnerRows = 6

func setPartners(v *visit) (templ.Component, error) {
	id, side := v.param("id"), v.param("side")
	f, err := v.file(id, v.T("web.partners."+side))
	if err != nil {
		return nil, err
	}
	known := slices.DeleteFunc(f.Partners, func(p customer.Partner) bool { return p.Side != side })
	var from customer.Provenance
	if len(known) > 0 {
		from = known[0].Provenance
	}
	fields := v.provenanceFields(from, true)
	posted := v.r.Method == http.MethodPost
	for i := range max(partnerRows, len(known)+2) {
		at := fmt.Sprintf("partners.%d.", i)
		if posted && strings.TrimSpace(v.r.PostFormValue(at+"name")+v.r.PostFormValue(at+"share")) == "" {
			continue
		}
		var p customer.Partner
		share := ""
		if i < len(known) {
			p, share = known[i], strconv.FormatFloat(known[i].Share, 'f', -1, 64)
		}
		fields = append(fields, Field{Kind: "heading", Label: fmt.Sprintf("%s %d", v.E("partner_side", side), i+1)}, Field{Name: at + "name", Value: p.Name},
			Field{Name: at + "share", Label: v.L("share_percent"), Kind: "decimal", Value: share})
	}
	return v.form(formOf{op: customer.SetPartners, fields: fields, fixed: map[string]any{"customer_id": id, "side": side}, cancel: "/customers/" + id + "/file", done: saved("/customers/" + id + "/file")})
}

func verify(v *visit) (templ.Component, error) {
	id, kind := v.param("id"), v.param("kind")
	f, err := v.file(id, v.T("web.verifications")+" · "+v.E("verification", kind))
	if err != nil {
		return nil, err
	}
	back := "/customers/" + id + "/diligence"
	switch kind {
	case customer.VerifyRegistration:
		return v.form(formOf{op: customer.CompareRegistration, fixed: map[string]any{"customer_id": id}, submit: v.T("web.compare"), cancel: back, done: saved(back),
			fields: append([]Field{{Kind: "heading", Label: v.T("web.as_registered")}, {Name: "told.name", Required: true}, {Name: "told.uscc", Required: true}, {Name: "told.legal_representative"},
				{Name: "told.registration_status", Kind: "choice", Choices: v.choices("registration_status", customer.RegistrationStatuses...)}, {Name: "told.registered_address"},
				{Name: "told.founded", Kind: "date"}, {Name: "told.capital", Help: v.T("web.capital_help")}}, v.provenanceFields(customer.Provenance{}, true)...)})
	case customer.VerifyTransfer:
		return v.form(formOf{op: customer.StartTransfer, fixed: map[string]any{"customer_id": id}, cancel: back, done: saved(back),
			fields: []Field{{Name: "account_id", Label: v.T("web.bank_account"), Kind: "choice", Required: true, Choices: v.targets(f, kind)}, {Name: "amount", Kind: "money", Required: true, Help: v.T("web.transfer_help")},
				{Name: "sent_on", Kind: "date", Value: string(v.today()), Required: true}, {Name: "evidence", Required: true, Help: v.T("web.evidence_help")}}})
	case customer.VerifyLetter, customer.VerifyLicence, customer.VerifySignatory:
		return v.form(formOf{op: customer.Verify, fixed: map[string]any{"customer_id": id, "kind": kind}, cancel: back, done: saved(back),
			fields: []Field{{Name: "target", Kind: "choice", Required: true, Choices: v.targets(f, kind)}, {Name: "checked_on", Kind: "date", Value: string(v.today()), Required: true},
				{Name: "evidence", Required: true, Help: v.T("web.evidence_help")}, {Name: "passed", Kind: "flag", Value: "true", Help: v.T("web.check_passed")}, {Name: "note", Wide: true}}})
	}
	return nil, errNotFound("verification", kind)
}

// targets are what of a file a kind of verification may look at.
func (v *visit) targets(f customer.File, kind string) []Choice {
	var all []Choice
	switch kind {
	case customer.VerifyTransfer, customer.VerifyLetter:
		for _, a := range f.Accounts {
			all = append(all, Choice{a.ID, a.Bank + " " + a.Number})
		}
	case customer.VerifyLicence:
		for _, l := range f.Licences {
			all = append(all, Choice{l.ID, l.Name + " " + l.Number})
		}
	case customer.VerifySignatory:
		for _, c := range f.Contacts {
			all = append(all, Choice{c.ID, c.Name + " " + c.Title})
		}
	}
	return all
}

func confirmTransfer(v *visit) (templ.Component, error) {
	id := v.param("id")
	f, err := v.file(id, v.T("web.confirm_transfer"))
	if err != nil {
		return nil, err
	}
	check, err := itemOf(v, f.Verifications, func(x customer.Verification) string { return x.ID })
	if err != nil {
		return nil, err
	}
	v.Badges = []Cell{{Text: v.T("web.attempts_left", map[string]any{"n": 3 - check.Attempts}), Tone: Warn}}
	return v.form(formOf{op: customer.ConfirmTransfer, fixed: map[string]any{"id": check.ID}, submit: v.T("web.compare"), cancel: "/customers/" + id + "/diligence", narrow: true,
		fields: []Field{{Name: "amount", Label: v.L("named_amount"), Kind: "money", Required: true}, {Name: "note"}},
		done: func(out any) (string, string) {
			switch out.(customer.Verification).State {
			case customer.VerificationPassed:
				return "/customers/" + id + "/diligence", "transfer_passed"
			case customer.VerificationFailed:
				return "/customers/" + id + "/diligence", "transfer_failed"
			}
			return "/customers/" + id + "/transfer/" + check.ID, "transfer_wrong"
		}})
}

func setLevel(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.set_level")); err != nil {
		return nil, err
	}
	d, err := read(v, customer.ViewDiligence, customer.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	return v.form(formOf{op: customer.SetLevel, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/diligence", done: saved("/customers/" + id + "/diligence"),
		fields: []Field{{Name: "level", Label: v.L("diligence_level"), Kind: "choice", Value: string(d.InForce()), Required: true, Choices: v.choices("diligence", "simplified", "standard", "enhanced"),
			Help: v.T("web.proposed_is", map[string]any{"level": v.E("diligence", string(d.Proposed))})}, {Name: "reason", Wide: true}}})
}

func reviewFile(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.review_file")); err != nil {
		return nil, err
	}
	return v.form(formOf{op: customer.ReviewFile, fixed: map[string]any{"customer_id": id}, cancel: "/customers/" + id + "/diligence", done: saved("/customers/" + id + "/diligence"),
		fields: []Field{{Name: "note", Label: v.L("review_note"), Kind: "long", Required: true, Wide: true, Help: v.T("web.review_help")}}})
}

func tickItem(v *visit) (templ.Component, error) {
	id, key := v.param("id"), v.param("item")
	if _, err := v.head(id, v.T("web.checklist")); err != nil {
		return nil, err
	}
	d, err := read(v, customer.ViewDiligence, customer.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(d.Score.Lines, func(l diligence.Line) bool { return l.Key == key })
	if i < 0 {
		return nil, errNotFound("item", key)
	}
	v.Title = v.pick(d.Score.Lines[i].ZH, d.Score.Lines[i].EN)
	return v.form(formOf{op: customer.Tick, fixed: map[string]any{"customer_id": id, "item": key}, cancel: "/customers/" + id + "/diligence", done: saved("/customers/" + id + "/diligence"),
		fields: []Field{{Name: "done_on", Kind: "date", Value: string(v.today()), Required: true}, {Name: "evidence", Required: true, Help: v.T("web.evidence_help")}, {Name: "note", Kind: "long", Wide: true}}})
}

func judgeFile(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := act(v, assessment.JudgeFile, assessment.JudgeInput{CustomerID: id}); err != nil {
		return nil, err
	}
	return v.to("/customers/"+id, "judged")
}

// document is a page that shows the version in force of a document of rules, and proposes the next one.
func (v *visit) document(op operation.Any, text, back string) (templ.Component, error) {
	next := text
	if head, rest, ok := strings.Cut(text, "version: "); ok {
		number, tail, _ := strings.Cut(rest, "\n")
		if n, err := strconv.Atoi(strings.TrimSpace(number)); err == nil {
			next = head + "version: " + strconv.Itoa(n+1) + "\n" + tail
		}
	}
	if !v.can(op.Name()) {
		return padded("", pre(text)), nil
	}
	return v.form(formOf{op: op, fields: []Field{{Name: "document", Label: v.T("web.rules_yaml"), Kind: "long", Value: next, Wide: true, Required: true, Help: v.T("web.next_version_help")}, {Name: "reason", Required: true, Wide: true}},
		cancel: back, done: saved(back)})
}

func editStandard(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.diligence_standard")
	all, err := read(v, customer.Standards, struct{}{})
	if err != nil {
		return nil, err
	}
	v.Badges = []Cell{{Text: "v" + strconv.Itoa(all[0].Version), Tone: Info}}
	return v.document(customer.SaveStandard, all[0].Document, "/diligence-standard")
}

func editFileCard(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.file_card")
	all, err := read(v, assessment.FileCards, struct{}{})
	if err != nil {
		return nil, err
	}
	v.Badges = []Cell{{Text: "v" + strconv.Itoa(all[0].Version), Tone: Info}}
	return v.document(assessment.SaveFileCard, all[0].Document, "/file-card")
}

// riskTone colours a level of a judgement by its place.
func riskTone(j judgement.Verdict) Tone {
	worst := 4
	if j.Subject == judgement.Initial {
		worst = 2
	}
	switch {
	case j.Index == 0:
		return Good
	case j.Index*2 < worst:
		return Info
	case j.Index < worst:
		return Warn
	}
	return Bad
}
