package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

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
		session, err := access.Session{}, s.sameOrigin(r)
		if err == nil {
			session, err = s.door.SignIn(r.Context(), r.PostFormValue("login"), r.PostFormValue("password"))
		}
		if err == nil {
			http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: session.Token, Path: "/", Expires: session.ExpiresAt, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(r)})
			http.Redirect(w, r, localPath(r.URL.Query().Get("to")), http.StatusSeeOther)
			return
		}
		f.tell(p, err, nil)
		f.Fields[0].Value, status = r.PostFormValue("login"), s.doorStatus(w, r, err, http.StatusUnauthorized)
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
		err := s.sameOrigin(r)
		if err == nil {
			in := access.SetUp{Login: r.PostFormValue("login"), Name: r.PostFormValue("name"), Password: access.Secret(r.PostFormValue("password"))}
			_, err = operation.Run(r.Context(), s.app.Runner, operation.Call{Actor: operation.System("set-up"), Door: "page"}, access.Setup, in)
		}
		if err == nil {
			http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
			return
		}
		f.tell(p, err, nil)
		f.Fields[0].Value, f.Fields[1].Value, status = r.PostFormValue("login"), r.PostFormValue("name"), s.doorStatus(w, r, err, http.StatusUnprocessableEntity)
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

// sameOrigin refuses a form that another site sent. Without an Origin it is a program, which carries no cookies of ours;
// "null" is a page that hides where it comes from. With a public address (a proxy ends TLS before us) it is that address
// that browsers name.
func (s *server) sameOrigin(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	from, err := url.Parse(origin)
	ours := err == nil && from.Host != "" && from.Host == r.Host
	if public := s.app.PublicURL; public != nil {
		ours = err == nil && from.Scheme == public.Scheme && from.Host == public.Host
	}
	if !ours {
		return fault.Forbidden("web.csrf", nil)
	}
	return nil
}

// secure tells whether browsers reach us by TLS, so that cookies may say so.
func (s *server) secure(r *http.Request) bool {
	return r.TLS != nil || s.app.PublicURL != nil && s.app.PublicURL.Scheme == "https"
}

// localPath keeps a redirect on this site. Browsers drop tabs and line ends from addresses and take a backslash for a
// slash, so that "/\t/evil" is another site to them: neither has a place in a path of ours.
func localPath(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) || strings.ContainsFunc(to, unicode.IsControl) || !utf8.ValidString(to) {
		return "/"
	}
	return to
}

// doorStatus is the status of a page at the door that failed with err; what is our own fault is logged.
func (s *server) doorStatus(w http.ResponseWriter, r *http.Request, err error, refused int) int {
	switch fault.KindOf(err) {
	case fault.KindInternal:
		s.app.Log.Error("page", "path", r.URL.Path, "request", w.Header().Get("X-Request-Id"), "err", err)
		return http.StatusInternalServerError
	case fault.KindBusy:
		return http.StatusTooManyRequests
	case fault.KindForbidden:
		return http.StatusForbidden
	default:
		return refused
	}
}
