package provider

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xinheng/xinheng/customer/provider/providertest"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
)

const (
	uscc    = "91350100M000100Y43" // the example of GB 32100-2015
	example = `{"Name":"示例公司","CreditCode":"91350100M000100Y43","OperName":"张三","RegistCapi":"1,250.5万元人民币","RealCapi":"500万美元","StartDate":"2015-03-02 00:00:00",
		"Address":"福州市","Scope":"-","BelongOrg":null,"RegStatus":"存续","UpdatedDate":"2026-06-01","Partners":[{"StockName":"李四","StockPercent":"60%","StockType":"自然人股东"},
		{"StockName":"甲公司","StockPercent":40,"StockType":"企业法人"}],"Employees":[{"Name":"王五","Job":"监事"}]}`
)

var now = time.Date(2026, 6, 15, 2, 0, 0, 0, time.UTC)

func mapped(t *testing.T, text string) *Mapping {
	t.Helper()
	m, err := ReadMapping(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func registry(t *testing.T, s *providertest.Server) *service {
	t.Helper()
	dir := t.TempDir()
	for name, secret := range map[string]string{"registry_key": providertest.Secret, "registry_secret": "second secret"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return newService("registry", mapped(t, s.Mapping(Examples()[0].Text)), []string{"127.0.0.1"}, Secrets{Dir: dir}, clock.Fixed(now))
}

func TestRegistryIsAskedAndMapped(t *testing.T) {
	s := providertest.Start(t)
	s.Knows(uscc, example)
	a, err := registry(t, s).Fetch(t.Context(), Subject{USCC: uscc, Name: "示例公司"}, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"name": "示例公司", "uscc": uscc, "legal_representative": "张三", "capital": "CNY 12505000.00", "paid_in": "USD 5000000.00", "founded": "2015-03-02",
		"registered_address": "福州市", "registration_status": "in_operation"} // what says nothing ("-", null) is left out
	got := map[string]string{}
	for _, f := range a.Fields {
		got[f.Field] = f.Value
		if f.AsOf != "2026-06-01" {
			t.Errorf("%s is as of %q", f.Field, f.AsOf)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("fields\n got %v\nwant %v", got, want)
	}
	if len(a.Records) != 3 || a.Records[0] != (Record{Kind: KindShareholder, Key: "李四", Name: "李四", Person: true, Share: 60, Open: true}) || a.Records[1].Share != 40 || a.Records[1].Person ||
		a.Records[2].Position != "监事" {
		t.Errorf("records %+v", a.Records)
	}
	if a.Calls != 1 || a.Billed != 1 || a.Status != 200 || len(a.SHA256) != 64 {
		t.Errorf("calls %d billed %d status %d %s", a.Calls, a.Billed, a.Status, a.SHA256)
	}
	r := s.Seen()[0]
	sum := md5.Sum([]byte(providertest.Secret + fmt.Sprint(now.Unix()) + "second secret"))
	if r.URL.Query().Get("key") != providertest.Secret || r.Header.Get("Token") != strings.ToUpper(hex.EncodeToString(sum[:])) || r.Header.Get("Timespan") != fmt.Sprint(now.Unix()) {
		t.Errorf("sent %s %v", r.URL, r.Header)
	}
}

// Every fault has its outcome: tried again or not, after how long; and no secret comes out by any of them.
func TestFaultsOfTheServer(t *testing.T) {
	s := providertest.Start(t)
	s.Knows(uscc, example)
	p := registry(t, s)
	for _, c := range []struct {
		fault   providertest.Fault
		outcome Outcome
		retry   bool
		after   time.Duration
		billed  int
	}{
		{providertest.Silent, Timeout, true, 0, 0},
		{providertest.SlowBody, Timeout, true, 0, 0},
		{providertest.CutBody, Unreachable, true, 0, 0},
		{providertest.BusyFor, Busy, true, 2 * time.Minute, 0},
		{providertest.BusyUntil, Busy, true, time.Hour, 0},
		{providertest.Down, ServerError, true, 0, 0},
		{providertest.Away, ServerError, true, 30 * time.Second, 0},
		{providertest.NotJSON, Broken, true, 0, 1},
		{providertest.Halved, Broken, true, 0, 1},
		{providertest.Twice, Broken, true, 0, 1},
		{providertest.WrongTypes, Unmapped, false, 0, 1},
		{providertest.WrongWord, Unmapped, false, 0, 1},
		{providertest.WrongDate, Unmapped, false, 0, 1},
		{providertest.ErrorInside, Rejected, false, 0, 1},
		{providertest.BusyInside, Busy, true, 0, 1},
		{providertest.Denied, ClientError, false, 0, 0},
		{providertest.Huge, TooLarge, false, 0, 0},
		{providertest.ToLoopback, Refused, false, 0, 0},
		{providertest.ToItself, Unreachable, true, 0, 0},
	} {
		s.Then(c.fault)
		a, err := p.Fetch(t.Context(), Subject{USCC: uscc, Name: "示例公司"}, 10)
		var f *Failure
		if !errors.As(err, &f) || f.Outcome != c.outcome || f.Retry != c.retry || f.After != c.after || a.Billed != c.billed {
			t.Errorf("%s: %+v, billed %d", c.fault, err, a.Billed)
			continue
		}
		if told := f.Error() + string(a.Raw); strings.Contains(told, providertest.Secret) || strings.Contains(told, "k-7Zq") || strings.Contains(told, "second secret") {
			t.Errorf("%s tells the secret: %s", c.fault, told)
		}
		s.Behave()
	}
	s.Then(providertest.Absent)
	if a, err := p.Fetch(t.Context(), Subject{USCC: uscc, Name: "示例公司"}, 10); err != nil || a.Found {
		t.Errorf("absent: %+v %v", a.Facts, err)
	}
	if a, err := p.Fetch(t.Context(), Subject{USCC: uscc, Name: "示例公司"}, 10); err != nil || !a.Found {
		t.Errorf("afterwards it works: %v", err)
	}
	if _, err := p.Fetch(t.Context(), Subject{Name: "示例公司"}, 10); outcomeOf(err).Outcome != Incomplete {
		t.Errorf("without a code: %v", err)
	}
	p.secrets.Dir = t.TempDir()
	before := len(s.Seen())
	if a, err := p.Fetch(t.Context(), Subject{USCC: uscc, Name: "示例公司"}, 10); outcomeOf(err).Outcome != NoSecret || a.Calls != 0 || len(s.Seen()) != before {
		t.Errorf("without a secret: %v, %d calls", err, a.Calls)
	}
	s.Close()
	p.secrets = registry(t, providertest.Start(t)).secrets
	if _, err := p.Fetch(t.Context(), Subject{USCC: uscc, Name: "示例公司"}, 10); outcomeOf(err).Outcome != Unreachable || !outcomeOf(err).Retry {
		t.Errorf("gone: %v", err)
	}
}

// A name in an address, a body or a header cannot become anything else there.
func TestPlacesAreEscaped(t *testing.T) {
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, `{"n":"x"}`)
	}))
	defer server.Close()
	m := mapped(t, `name: {zh: 测, en: t}
request:
  method: POST
  url: `+server.URL+`/c/{name}/x?q={name}&a=b
  headers: {X-Name: "{name}"}
  body: '{"n": "{name}"}'
response: {fields: [{field: name, at: $.n}]}`)
	evil := "a/../b?c=d&e\"\r\nX-Evil: 1,\"f\":\"g 公司"
	if _, err := newService("t", m, []string{"127.0.0.1"}, Secrets{}, clock.Fixed(now)).Fetch(t.Context(), Subject{Name: evil}, 1); err != nil {
		t.Fatal(err)
	}
	var sent map[string]string
	if err := json.Unmarshal(body, &sent); err != nil || len(sent) != 1 || sent["n"] != evil {
		t.Errorf("body %s", body)
	}
	if got.URL.Path != "/c/"+evil+"/x" || got.URL.Query().Get("q") != evil || got.URL.Query().Get("a") != "b" || got.Header.Get("X-Evil") != "" || len(got.URL.Query()) != 2 {
		t.Errorf("address %q, headers %v", got.URL, got.Header)
	}
}

func TestGuardRefusesTheInside(t *testing.T) {
	for text, out := range map[string]bool{"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false,
		"255.255.255.255": false, "::1": false, "::": false, "fe80::1": false, "fc00::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:7f00:1::": false,
		"8.8.8.8": true, "114.114.114.114": true, "2400:3200::1": true} {
		if public(netip.MustParseAddr(text)) != out {
			t.Errorf("%s: public is %v", text, !out)
		}
	}
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f000001"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+port+"/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := guardedClient([]string{"registry.example.com"}).Do(req)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s was reached", host)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("the server inside was reached %d times", hits.Load())
	}
	// The proxy of the environment would go where the guard does not.
	t.Setenv("HTTP_PROXY", server.URL)
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:9/", http.NoBody)
	if resp, err := guardedClient(nil).Do(req); err == nil {
		resp.Body.Close()
	}
	if hits.Load() != 0 {
		t.Error("the request went by the proxy")
	}
}

// The judicial example: a token that is fetched once and again when it is refused, pages, kinds of records.
func TestTokenAndPages(t *testing.T) {
	var signIns, searches int
	good := "token-1"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/oauth/token" {
			signIns++
			if !strings.Contains(string(body), `"secret": "s3cr\"et"`) {
				t.Errorf("signs in with %s", body)
			}
			_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":3600}`, good)
			return
		}
		searches++
		if r.Header.Get("Authorization") != "Bearer "+good {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var in struct{ Page int }
		if err := json.Unmarshal(body, &in); err != nil {
			t.Errorf("asked with %s", body)
		}
		_, _ = fmt.Fprintf(w, `{"code":0,"data":{"pages":2,"asOf":1780243200000,"cases":[{"role":"被告","caseNo":"（2026）京01民初%d号","cause":"买卖合同纠纷","court":"北京一中院","filedOn":"2026年3月1日","amount":"12万","stage":"审理中"},
			{"role":"原告","caseNo":"x%d","cause":"y","filedOn":"2026-01-01"}],"enforcements":[],"dishonest":[],"penalties":[]}}`, in.Page, in.Page)
	}))
	defer server.Close()
	t.Setenv("XINHENG_PROVIDER_COURT_CLIENT", "client")
	t.Setenv("XINHENG_PROVIDER_COURT_SECRET", `s3cr"et`)
	m := mapped(t, strings.ReplaceAll(strings.ReplaceAll(Examples()[1].Text, "https://court.example.com", server.URL), "rate: 30\n", ""))
	clockNow := now
	p := newService("court", m, []string{"127.0.0.1"}, Secrets{Dir: t.TempDir()}, func() time.Time { return clockNow })
	fetch := func() (Answer, error) { return p.Fetch(t.Context(), Subject{USCC: uscc, Name: "示例公司"}, 10) }
	a, err := fetch()
	if err != nil || len(a.Records) != 4 || a.Calls != 2 || a.Billed != 2 || signIns != 1 {
		t.Fatalf("%+v %v, %d sign-ins", a, err, signIns)
	}
	if r := a.Records[2]; r != (Record{Kind: KindLawsuit, Side: "defendant", Key: "（2026）京01民初2号", Title: "买卖合同纠纷", Number: "（2026）京01民初2号", Authority: "北京一中院", Date: "2026-03-01", Amount: money.Yuan(120000), Open: true}) {
		t.Errorf("%+v", r)
	}
	if a.Records[3].Side != "plaintiff" {
		t.Errorf("%+v", a.Records[3])
	}
	if a.AsOf != "2026-06-01" { // 1780243200 s is midnight in China, the evening before in UTC
		t.Errorf("as of %s", a.AsOf)
	}
	if strings.Contains(string(a.Raw), good) {
		t.Error("the token is kept")
	}
	if _, err := fetch(); err != nil || signIns != 1 {
		t.Errorf("the token is used again: %v, %d sign-ins", err, signIns)
	}
	good = "token-2"
	if _, err := fetch(); outcomeOf(err).Outcome != ClientError || !outcomeOf(err).Retry {
		t.Errorf("a token that was revoked: %v", err)
	}
	if _, err := fetch(); err != nil || signIns != 2 {
		t.Errorf("a fresh token: %v, %d sign-ins", err, signIns)
	}
	clockNow = clockNow.Add(2 * time.Hour)
	if _, err := fetch(); err != nil || signIns != 3 {
		t.Errorf("after it expired: %v, %d sign-ins", err, signIns)
	}
	before := searches
	if a, err := p.Fetch(t.Context(), Subject{USCC: uscc, Name: "示例公司"}, 1); outcomeOf(err).Outcome != Busy || a.Calls != 1 || searches != before+1 {
		t.Errorf("the quota ends within the pages: %v, %d calls", err, a.Calls)
	}
}
