package test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/internal/paper"
	"github.com/xinheng/xinheng/internal/paper/papertest"
	"github.com/xinheng/xinheng/test/story"
	"github.com/xinheng/xinheng/web"
)

// The printed file and its PDF hold the customer's name and every section, in both languages.
func TestRiskFileOnPaper(t *testing.T) {
	papertest.Needs(t, paper.Font)
	story.Each(t, func(w *story.World) {
		w.Now = time.Now().UTC().Truncate(time.Second) // cookies end by the client's clock
		c := newFile(w, "霁州衡远轴承有限公司")
		story.Must(w, w.Analyst, customer.SaveLicence, customer.Licence{CustomerID: c.ID, Kind: "business_licence", Name: "营业执照", Number: "9132ABC", Authority: "霁州市市场监督管理局"})
		story.Must(w, w.Analyst, customer.SaveAccount, customer.Account{CustomerID: c.ID, Bank: "样本银行", Holder: c.Name, Number: "6222000011112345"})
		story.Must(w, legal(), customer.AddCompliance, customer.Compliance{CustomerID: c.ID, Kind: customer.Lawsuit, Title: "买卖合同纠纷", Side: "defendant", Source: "court", Happened: "2026-04-01", Amount: story.Yuan(1_234_567), Open: true})
		w.React()
		get := signedIn(w, access.Collector).get
		for lang, sections := range map[string][]string{
			"zh": {"风险判断与依据", "尽职调查", "主体身份", "登记信息", "经营概况", "交易条件", "股东", "联系人", "银行账户", "证照", "经营情况", "主要买方", "主要供应商", "法律合规记录", "财务报表", "身份核验", "文件", "第1页，共"},
			"en": {"Riskjudgementandwhy", "Duediligence", "Identity", "Registration", "Business", "Termsoftrade", "Owners", "Contacts", "Bankaccounts", "Licences", "Operations", "Largestbuyers", "Largestsuppliers", "Compliance", "Statements", "Identitychecks", "Documents", "page1of"},
		} {
			answer, raw := get("/customers/" + c.ID + "/file.pdf?lang=" + lang)
			if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/pdf" {
				t.Fatalf("%s: %s %s", lang, answer.Status, raw)
			}
			said := strings.Join(papertest.Read(t, raw), "")
			for _, want := range append(sections, "霁州衡远轴承有限公司", "9132ABC", "买卖合同纠纷", "1,234,567.00", "****2345") {
				if !strings.Contains(said, want) {
					t.Errorf("%s: the PDF does not say %s", lang, want)
				}
			}
			if strings.Contains(said, "6222000011112345") {
				t.Errorf("%s: a collector reads the account number", lang)
			}
			_, page := get("/customers/" + c.ID + "/print?lang=" + lang)
			for _, want := range sections[:len(sections)-1] {
				if !strings.Contains(strings.ReplaceAll(string(page), " ", ""), want) {
					t.Errorf("%s: the page does not say %s", lang, want)
				}
			}
		}
	})
}

// visitor is somebody who signed in at the pages.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
}

// signedIn creates a person with a role and signs him in.
func signedIn(w *story.World, role access.Role) visitor {
	w.T.Helper()
	const password = "correct horse battery"
	story.Must(w, operation.System("test"), access.CreateUser, access.NewUser{Login: string(role), Name: string(role), Password: access.Secret(password), Scope: operation.ScopeAll, Roles: []access.Role{role}})
	r := chi.NewRouter()
	web.Mount(r, w.App)
	server := httptest.NewServer(r)
	w.T.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.T.Fatal(err)
	}
	v := visitor{w.T, server.URL, &http.Client{Jar: jar}}
	if answer, _ := v.post("/sign-in", url.Values{"login": {string(role)}, "password": {password}}); answer.StatusCode != http.StatusOK || strings.HasSuffix(answer.Request.URL.Path, "sign-in") {
		w.T.Fatalf("sign-in: %s at %s", answer.Status, answer.Request.URL)
	}
	return v
}

func (v visitor) do(method, path string, body io.Reader) (*http.Response, []byte) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer, raw
}

func (v visitor) get(path string) (*http.Response, []byte) {
	v.t.Helper()
	return v.do(http.MethodGet, path, http.NoBody)
}

func (v visitor) post(path string, form url.Values) (*http.Response, []byte) {
	v.t.Helper()
	return v.do(http.MethodPost, path, strings.NewReader(form.Encode()))
}

var standing = regexp.MustCompile(`<(?:input|textarea)[^>]* name="([^"]+)"(?:[^>]* value="([^"]*)")?`)

// fill opens a form, changes some of its fields and posts it with all that stood in it, as a browser would.
func (v visitor) fill(path string, with map[string]string) (*http.Response, string) {
	v.t.Helper()
	answer, raw := v.get(path)
	if answer.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %s %s", path, answer.Status, raw)
	}
	form := url.Values{}
	main, _, _ := strings.Cut(string(raw[strings.Index(string(raw), "<main"):]), "</main>")
	for _, m := range standing.FindAllStringSubmatch(main, -1) {
		if !strings.Contains(m[0], "checkbox") {
			form.Set(m[1], html.UnescapeString(m[2]))
		}
	}
	for name, value := range with {
		if !strings.Contains(main, `name="`+name+`"`) {
			v.t.Errorf("%s has no field %s", path, name)
		}
		form.Set(name, value)
	}
	answer, raw = v.post(path, form)
	return answer, string(raw)
}

// The forms of the file do what they say, and say beside the fields what is wrong.
func TestRiskFileForms(t *testing.T) {
	story.Each(t, func(w *story.World) {
		w.Now = time.Now().UTC().Truncate(time.Second)
		c := newFile(w, "澄浦明川电气有限公司")
		at, v := "/customers/"+c.ID, signedIn(w, access.Analyst)
		saved := func(path string, with map[string]string) {
			t.Helper()
			if answer, page := v.fill(at+path, with); answer.StatusCode != http.StatusOK || answer.Request.URL.Query().Get("said") == "" {
				t.Fatalf("%s: %s at %s: %s", path, answer.Status, answer.Request.URL, wrongOf(page))
			}
		}
		today := string(w.Today())
		saved("/edit/registration", map[string]string{"registration_status": "in_operation", "legal_representative": "孙二", "paid_in": "6000000", "source": "gsxt", "as_of": today, "confirm": "founded"})
		saved("/edit/identity", map[string]string{"former_names": "澄浦电气厂\n澄浦明川电气厂", "uscc": "91310000MA1FL4B24G"})
		saved("/contact", map[string]string{"name": "钱一", "role": "finance"})
		saved("/licence", map[string]string{"kind": "business_licence", "name": "营业执照", "number": "1", "authority": "市监局", "expires_on": today})
		saved("/account", map[string]string{"bank": "样本银行", "number": "6222000011112345"})
		saved("/compliance", map[string]string{"kind": "penalty", "title": "环保处罚", "happened": "2026-01-05", "amount": "50000", "source": "生态环境局", "open": "true"})
		saved("/operations/capacity", map[string]string{"answers.0.answer": "low", "answers.0.figures.utilisation_percent": "45", "answers.0.as_of": today, "answers.0.evidence": "走访"})
		saved("/partners/buyer", map[string]string{"source": "site_visit", "as_of": today, "partners.0.name": "甲", "partners.0.share": "60"})
		saved("/verify/registration", map[string]string{"told.name": c.Name, "told.uscc": "91310000MA1FL4B24G", "told.legal_representative": "孙二", "told.registration_status": "in_operation", "source": "gsxt", "as_of": today})
		saved("/level", map[string]string{"level": "enhanced"})
		saved("/checklist/site_visit", map[string]string{"done_on": today, "evidence": "照片"})
		saved("/review", map[string]string{"note": "齐全"})
		f := story.See(w, w.Analyst, customer.View, customer.ByIDInput{ID: c.ID})
		saved("/contact/"+f.Contacts[0].ID, map[string]string{"phone": "0900-1", "role": "finance"})
		saved("/verify/licence", map[string]string{"target": f.Licences[0].ID, "evidence": "原件", "checked_on": today, "passed": "true"})
		saved("/verify/bank_transfer", map[string]string{"account_id": f.Accounts[0].ID, "amount": "0.42", "evidence": "回单", "sent_on": today})
		saved("/compliance/"+f.Compliance[0].ID+"/close", map[string]string{"closed_on": "2026-02-01", "outcome": "已缴清", "source": "生态环境局"})
		saved("/compliance/"+f.Compliance[0].ID, map[string]string{"kind": "penalty", "amount": "60000"})

		f = story.See(w, w.Analyst, customer.View, customer.ByIDInput{ID: c.ID})
		p := f.Customer
		if p.PaidIn != story.Yuan(6_000_000) || p.RegistrationStatus != customer.InOperation || p.LegalRepresentative != "孙二" || p.Founded != "2010-03-01" || p.Industry != "C" || p.Capital != c.Capital || len(p.FormerNames) != 2 || p.OwnerID != c.OwnerID {
			t.Errorf("the profile is %+v", p)
		}
		if f.Contacts[0].Role != "finance" || f.Contacts[0].Phone != "0900-1" || len(f.Licences) != 1 || f.Accounts[0].Number != "6222000011112345" || f.Operations[0].Figures["utilisation_percent"] != 45 || f.Partners[0].Share != 60 {
			t.Errorf("the file is %+v", f)
		}
		if x := f.Compliance[0]; x.Open || x.Outcome != "已缴清" || x.Amount != story.Yuan(60_000) || x.ClosedOn != "2026-02-01" {
			t.Errorf("the record is %+v", x)
		}
		if len(f.Verifications) != 3 || f.Verifications[0].State != customer.VerificationPending || f.Verifications[1].State != customer.VerificationPassed || f.Verifications[2].State != customer.VerificationPassed {
			t.Errorf("verified %+v", f.Verifications)
		}
		if values, sources := 0, map[string]string{}; true {
			for _, h := range story.See(w, w.Analyst, customer.History, customer.HistoryInput{CustomerID: c.ID}) {
				values++
				sources[h.Field] = h.Source
			}
			if sources["founded"] != "gsxt" || sources["paid_in"] != "gsxt" || values == 0 {
				t.Errorf("sources %v", sources)
			}
		}
		for path, with := range map[string]map[string]string{"/edit/identity": {"uscc": "91310000MA1FL4B24X"}, "/partners/buyer": {"partners.0.share": "160"}, "/operations/capacity": {"answers.0.figures.utilisation_percent": "200"}} {
			answer, page := v.fill(at+path, with)
			if answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "invalid-feedback") {
				t.Errorf("%s: %s %s", path, answer.Status, wrongOf(page))
			}
		}
		for _, path := range []string{"", "/file", "/diligence", "/history/legal_representative", "/print", "/operations"} {
			if answer, page := v.get(at + path); answer.StatusCode != http.StatusOK || strings.Contains(string(page), "0.42") {
				t.Errorf("%s: %s", path, answer.Status)
			}
		}
		if answer, page := v.get("/customers/due"); answer.StatusCode != http.StatusOK || !strings.Contains(string(page), c.Name) { // the licence ends today
			t.Errorf("files due: %s", answer.Status)
		}
	})
}

var complaint = regexp.MustCompile(`(?s)class="(?:alert[^"]*|invalid-feedback[^"]*)"[^>]*>([^<]*)<`)

func wrongOf(page string) (all []string) {
	for _, m := range complaint.FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return all
}
