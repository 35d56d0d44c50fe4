package test

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
	"github.com/xinheng/xinheng/test/story"
	"github.com/xinheng/xinheng/web"
)

// signIn posts the sign-in form and gives the answer without following it: status and cookies.
func signIn(t *testing.T, a *app.App, login, password, origin string) (int, []*http.Cookie) {
	t.Helper()
	r := chi.NewRouter()
	web.Mount(r, a)
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:8080/sign-in?to=/customers", strings.NewReader(url.Values{"login": {login}, "password": {password}}.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, request)
	got := answer.Result()
	if err := got.Body.Close(); err != nil {
		t.Error(err)
	}
	return got.StatusCode, got.Cookies()
}

func TestTheSignInPageSaysWhatIsWrong(t *testing.T) {
	story.Each(t, func(w *story.World) {
		person(w, "wang", access.Analyst)
		for _, c := range []struct {
			password, origin string
			status           int
		}{{goodPassword, "", 303}, {goodPassword, "http://127.0.0.1:8080", 303}, {goodPassword, "null", 403}, {goodPassword, "https://evil.example", 403}, {"wrong", "", 401}, {"wrong", "", 401}, {"wrong", "", 401}, {"wrong", "", 401}, {"wrong", "", 401}, {goodPassword, "", 429}} {
			if status, _ := signIn(w.T, w.App, "wang", c.password, c.origin); status != c.status {
				w.T.Errorf("%s from %q: %d, want %d", c.password, c.origin, status, c.status)
			}
		}
	})
	db := databasetest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	a := app.New(db, nil, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if status, _ := signIn(t, a, "wang", "x", ""); status != http.StatusInternalServerError {
		t.Errorf("our own failure is told as %d", status)
	}
}

// Behind a proxy that ends TLS the cookie is for TLS alone, and only the public address may send the form.
func TestCookiesBehindAProxy(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		public, err := url.Parse("https://credit.example.com")
		if err != nil {
			t.Fatal(err)
		}
		w := &story.World{T: t, App: app.New(db, nil, app.Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: clock.System, PublicURL: public})}
		person(w, "wang", access.Analyst)
		status, cookies := signIn(t, w.App, "wang", goodPassword, "https://credit.example.com")
		if status != http.StatusSeeOther || len(cookies) != 1 || !cookies[0].Secure || !cookies[0].HttpOnly {
			t.Errorf("%d %+v", status, cookies)
		}
		if status, _ := signIn(t, w.App, "wang", goodPassword, "http://127.0.0.1:8080"); status != http.StatusForbidden {
			t.Errorf("from another address: %d", status)
		}
	})
}

// A document of who may not add one leaves nothing behind.
func TestNothingStaysOfARefusedDocument(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := firm(w, "安泽恒岳机械有限公司", "K-1")
		r := chi.NewRouter()
		web.Mount(r, w.App)
		send := func(login, kind string) int {
			session, err := w.Door.SignIn(w.T.Context(), login, goodPassword)
			if err != nil {
				w.T.Fatal(err)
			}
			var body bytes.Buffer
			form := multipart.NewWriter(&body)
			for _, field := range [][2]string{{"csrf", session.CSRF}, {"kind", kind}} {
				if err := form.WriteField(field[0], field[1]); err != nil {
					w.T.Fatal(err)
				}
			}
			file, err := form.CreateFormFile("file", "营业执照.pdf")
			if err != nil {
				w.T.Fatal(err)
			}
			if _, err := fmt.Fprint(file, "content of ", login); err != nil {
				w.T.Fatal(err)
			}
			if err := form.Close(); err != nil {
				w.T.Fatal(err)
			}
			request := httptest.NewRequestWithContext(w.T.Context(), http.MethodPost, "/customers/"+c.ID+"/document", &body)
			request.Header.Set("Content-Type", form.FormDataContentType())
			request.AddCookie(&http.Cookie{Name: "xinheng_session", Value: session.Token})
			answer := httptest.NewRecorder()
			r.ServeHTTP(answer, request)
			return answer.Code
		}
		kept := func() (n int) {
			err := fs.WalkDir(os.DirFS(w.Data), ".", func(_ string, e fs.DirEntry, err error) error {
				if err == nil && !e.IsDir() {
					n++
				}
				return err
			})
			if err != nil {
				w.T.Error(err)
			}
			return n
		}
		person(w, "reader", access.Auditor)
		person(w, "writer", access.CreditManager)
		if status := send("reader", "licence"); status != http.StatusForbidden || kept() != 0 {
			w.T.Errorf("%d, %d files are kept", status, kept())
		}
		if status := send("writer", "poem"); status != http.StatusUnprocessableEntity || kept() != 0 {
			w.T.Errorf("of no kind: %d, %d files are kept", status, kept())
		}
		if status := send("writer", "licence"); status != http.StatusSeeOther || kept() != 1 {
			w.T.Errorf("%d, %d files are kept", status, kept())
		}
	})
}

// Ids that no system has are refused at every door, before a database sees them.
func TestIdsHaveALength(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := connect(w)
		long := strings.Repeat("x", 201)
		for _, call := range []struct{ method, path, body, field string }{
			{http.MethodGet, "customer/view?id=" + long, "", "id"},
			{http.MethodPost, "receivable/issue_invoice", `{"customer_id":"` + long + `","number":"1","amount":{"amount":"1","currency":"CNY"},"issued_on":"2026-06-01"}`, "customer_id"},
			{http.MethodPost, "customer/create", `{"name":"安泽恒岳\u0000机械有限公司"}`, "name"},
			{http.MethodGet, "customer/view?id=a%00b", "", "id"},
			{http.MethodPost, "event/submit", `{"source":"erp","id":"1","type":"activity.noted","customer_id":"` + long + `","at":"2026-06-01T00:00:00Z"}`, "events[0].customer_id"},
		} {
			status, problem, _ := c.send(call.method, "/api/v1/"+call.path, call.body)
			if status != http.StatusUnprocessableEntity || !strings.Contains(fmt.Sprint(problem["errors"]), "field:"+call.field+" ") {
				w.T.Errorf("%s: %d %v", call.path[:20], status, problem)
			}
		}
	})
}
