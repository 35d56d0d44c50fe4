package web

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

type templComponent = templ.Component

// signIn shows the sign-in page and signs in. There is no session yet whose secret the form could carry; what stands
// against forged requests is SameSite, and that a browser's Origin has to be ours.
func (s *server) signIn(w http.ResponseWriter, r *http.Request) {
	p := s.page(r, w)
	f := Form{Action: r.URL.RequestURI(), Submit: p.T("web.sign_in"), Narrow: true, Fields: []Field{
		{Name: "login", Label: p.L("login"), Required: true}, {Name: "password", Label: p.L("password"), Kind: "password", Required: true}}}
	if empty, err := s.door.Empty(r.Context()); err == nil && empty {
		http.Redirect(w, r, "/set-up", http.StatusSeeOther)
		return
	}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, mostForm)
		session, err := access.Session{}, sameOrigin(r)
		if err == nil {
			session, err = s.door.SignIn(r.Context(), r.PostFormValue("login"), r.PostFormValue("password"))
		}
		if err == nil {
			http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: session.Token, Path: "/", Expires: session.ExpiresAt, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil})
			http.Redirect(w, r, localPath(r.URL.Query().Get("to")), http.StatusSeeOther)
			return
		}
		f.tell(p, err, nil)
		f.Fields[0].Value, status = r.PostFormValue("login"), http.StatusUnauthorized
	}
	s.showDoor(w, r, p, status, p.T("web.sign_in"), f)
}

// setUp makes the first administrator, once.
func (s *server) setUp(w http.ResponseWriter, r *http.Request) {
	p := s.page(r, w)
	if empty, err := s.door.Empty(r.Context()); err != nil || !empty {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return
	}
	f := Form{Action: "/set-up", Submit: p.T("web.set_up"), Narrow: true, Fields: []Field{
		{Name: "login", Label: p.L("login"), Required: true, Value: "admin"}, {Name: "name", Label: p.L("name"), Required: true},
		{Name: "password", Label: p.L("password"), Kind: "password", Required: true, Help: p.T("web.password_help")}}}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, mostForm)
		err := sameOrigin(r)
		if err == nil {
			in := access.SetUp{Login: r.PostFormValue("login"), Name: r.PostFormValue("name"), Password: access.Secret(r.PostFormValue("password"))}
			_, err = operation.Run(r.Context(), s.app.Runner, operation.Call{Actor: operation.System("set-up"), Door: "page"}, access.Setup, in)
		}
		if err == nil {
			http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
			return
		}
		f.tell(p, err, nil)
		f.Fields[0].Value, f.Fields[1].Value, status = r.PostFormValue("login"), r.PostFormValue("name"), http.StatusUnprocessableEntity
	}
	s.showDoor(w, r, p, status, p.T("web.set_up"), f)
}

func (s *server) showDoor(w http.ResponseWriter, r *http.Request, p *Page, status int, title string, f Form) {
	p.Title = title
	var page bytes.Buffer
	if err := layout(p, doorPage(p, title, f.Action, f)).Render(r.Context(), &page); err != nil {
		s.app.Log.Error("render", "path", p.path, "err", err)
		http.Error(w, "render", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes())
}

func sameOrigin(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" || origin == "null" {
		return nil // browsers send it with every form; programs without one carry no cookies of ours
	}
	if _, host, ok := strings.Cut(origin, "://"); !ok || host != r.Host {
		return fault.Forbidden("web.csrf", nil)
	}
	return nil
}

// localPath keeps a redirect on this site.
func localPath(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return "/"
	}
	return to
}
