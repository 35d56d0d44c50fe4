package test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
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
		if _, err := operation.Run(t.Context(), w.Runner, story.By(operation.System("test")), access.CreateUser, access.NewUser{Login: "collector", Name: "collector", Password: access.Secret("correct horse battery"), Scope: operation.ScopeAll, Roles: []access.Role{access.Collector}}); err != nil {
			t.Fatal(err)
		}
		r := chi.NewRouter()
		web.Mount(r, w.App)
		server := httptest.NewServer(r)
		defer server.Close()
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Jar: jar}
		get := func(path string) (*http.Response, []byte) {
			t.Helper()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			return do(t, client, request)
		}
		form := url.Values{"login": {"collector"}, "password": {"correct horse battery"}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/sign-in", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if answer, _ := do(t, client, request); answer.StatusCode != http.StatusOK || strings.HasSuffix(answer.Request.URL.Path, "sign-in") {
			t.Fatalf("sign-in: %s at %s", answer.Status, answer.Request.URL)
		}
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

func do(t *testing.T, client *http.Client, request *http.Request) (*http.Response, []byte) {
	t.Helper()
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, raw
}
