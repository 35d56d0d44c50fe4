package test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/api"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/test/story"
)

// client speaks to the API as a program with a token does.
type client struct {
	w      *story.World
	server *httptest.Server
	token  string
}

func connect(w *story.World) client {
	r := chi.NewRouter()
	api.Mount(r, w.App)
	server := httptest.NewServer(r)
	w.T.Cleanup(server.Close)
	system := operation.System("test")
	u := story.Must(w, system, access.CreateUser, access.NewUser{Login: "erp", Name: "ERP", Password: access.Secret("correct horse battery"), Scope: operation.ScopeAll, Roles: []access.Role{access.Admin}})
	token := story.Must(w, u.Actor(), access.CreateToken, access.NewToken{Name: "t", Scopes: []string{"*"}})
	return client{w: w, server: server, token: token.Secret}
}

// send sends a request and gives status, answer and headers.
func (c client) send(method, path, body string, headers ...string) (int, map[string]any, http.Header) {
	c.w.T.Helper()
	r, err := http.NewRequestWithContext(c.w.T.Context(), method, c.server.URL+path, strings.NewReader(body))
	if err != nil {
		c.w.T.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.server.Client().Do(r)
	if err != nil {
		c.w.T.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		c.w.T.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil && len(raw) > 0 && raw[0] == '{' {
		c.w.T.Fatalf("%s %s: %v in %s", method, path, err, raw)
	}
	return answer.StatusCode, out, answer.Header
}

func TestOpenAPINamesEveryOperationAndView(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := connect(w)
		status, doc, _ := c.send(http.MethodGet, "/openapi.json", "")
		if status != http.StatusOK || !strings.HasPrefix(doc["openapi"].(string), "3.1") {
			w.T.Fatalf("%d %v", status, doc["openapi"])
		}
		paths := doc["paths"].(map[string]any)
		for _, o := range append(append([]operation.Any(nil), app.Operations...), app.Views...) {
			if _, ok := paths["/api/v1/"+strings.ReplaceAll(o.Name(), ".", "/")]; !ok {
				w.T.Errorf("%s is not in the document", o.Name())
			}
		}
		for _, path := range []string{"/api/v1/event/submit", "/api/v1/event/submit_batch"} {
			if _, ok := paths[path]; !ok {
				w.T.Errorf("%s is not in the document", path)
			}
		}
	})
}

// What people and programs get wrong, at the API: each has its status, and the field is named.
func TestBadInputAtTheAPI(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := connect(w)
		fields := func(problem map[string]any) string {
			raw, _ := json.Marshal(problem)
			return string(raw)
		}
		status, created, header := c.send(http.MethodPost, "/api/v1/customer/create", `{"name":"安泽恒岳机械有限公司","uscc":"91350100M000100Y43"}`, "Idempotency-Key", "k1")
		if status != http.StatusOK {
			w.T.Fatalf("%d %v", status, created)
		}
		id := created["id"].(string)
		for _, tc := range []struct {
			name, path, body string
			headers          []string
			status           int
			says             []string
		}{
			{"all wrong fields at once", "customer/create", `{"name":"x","uscc":"123","terms_days":999,"currency":"XYZ"}`, nil, 422, []string{"uscc", "terms_days", "currency", "name"}},
			{"wrong type", "customer/create", `{"name":5}`, nil, 422, []string{"name"}},
			{"unknown field", "customer/create", `{"name":"安泽某公司","colour":"red"}`, nil, 422, []string{"colour"}},
			{"no JSON", "customer/create", `{"name":`, nil, 400, nil},
			{"text after JSON", "customer/create", `{"name":"安泽某公司"} {}`, nil, 400, nil},
			{"unknown id", "customer/add_contact", `{"customer_id":"nobody","name":"李样本"}`, nil, 404, nil},
			{"same key, same body", "customer/create", `{"name":"安泽恒岳机械有限公司","uscc":"91350100M000100Y43"}`, []string{"Idempotency-Key", "k1"}, 200, []string{id}},
			{"same key, other body", "customer/create", `{"name":"另一家公司"}`, []string{"Idempotency-Key", "k1"}, 422, nil},
			{"stale version", "customer/update", `{"id":"` + id + `","version":7,"name":"安泽恒岳机械有限公司"}`, nil, 412, nil},
			{"If-Match of an old version", "customer/update", `{"id":"` + id + `","name":"安泽恒岳机械有限公司"}`, []string{"If-Match", `"7"`}, 412, nil},
			{"money with too many decimals", "receivable/issue_invoice", `{"customer_id":"` + id + `","number":"1","amount":{"amount":"1.005","currency":"CNY"},"issued_on":"2026-06-01"}`, nil, 422, []string{"amount"}},
			{"money without currency", "receivable/issue_invoice", `{"customer_id":"` + id + `","number":"1","amount":{"amount":"1","currency":"XXX"},"issued_on":"2026-06-01"}`, nil, 422, []string{"currency"}},
			{"no such operation", "customer/explode", `{}`, nil, 404, nil},
		} {
			status, problem, header := c.send(http.MethodPost, "/api/v1/"+tc.path, tc.body, tc.headers...)
			if status != tc.status {
				w.T.Errorf("%s: status %d, want %d: %v", tc.name, status, tc.status, problem)
			}
			if status >= 400 && !strings.HasPrefix(header.Get("Content-Type"), "application/problem+json") {
				w.T.Errorf("%s: content type %s", tc.name, header.Get("Content-Type"))
			}
			for _, word := range tc.says {
				if !strings.Contains(fields(problem), word) {
					w.T.Errorf("%s: %s is not named in %v", tc.name, word, problem)
				}
			}
		}
		_ = header
		if status, _, _ := c.send(http.MethodPost, "/api/v1/customer/create", `{"name":"`+strings.Repeat("x", api.MostBody)+`"}`); status != http.StatusRequestEntityTooLarge {
			w.T.Errorf("a body too large: %d", status)
		}
		bad := c
		bad.token = "xh_wrong"
		if status, _, _ := bad.send(http.MethodGet, "/api/v1/customer/list", ""); status != http.StatusUnauthorized {
			w.T.Errorf("a wrong token: %d", status)
		}
		status, problem, _ := c.send(http.MethodPost, "/api/v1/event/submit_batch", `{"events":[{"source":"erp","id":"1","type":"moon.full","customer_id":"`+id+`","at":"2026-06-01T00:00:00Z"}]}`)
		if status != 422 || !strings.Contains(fields(problem), "events[0].type") {
			w.T.Errorf("a wrong event: %d %v", status, problem)
		}
		status, answer, _ := c.send(http.MethodPost, "/api/v1/event/submit", `{"source":"erp","id":"1","type":"activity.noted","customer_id":"91350100M000100Y43","at":"2026-06-01T00:00:00Z"}`)
		if status != http.StatusOK || answer["accepted"] != 1.0 {
			w.T.Errorf("an event: %d %v", status, answer)
		}
	})
}
