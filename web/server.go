package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

const (
	sessionCookie = "xinheng_session"
	langCookie    = "xinheng_lang"
	mostForm      = 1 << 20  // bytes of a form
	mostUpload    = 33 << 20 // bytes of a form with files
)

type server struct {
	app  *app.App
	door access.Door
}

// Page is what every page knows: who looks, in which language, and what stands around the content.
type Page struct {
	Lang     i18n.Lang
	Title    string
	Over     string // what the page belongs to
	OverHref string
	Badges   []Cell
	Actions  []Action
	Said     string // what was just done
	Search   string
	Actor    operation.Actor
	CSRF     string
	Menu     []MenuItem

	path  string
	query url.Values
}

// MenuItem is a line of the menu; without Href it heads a group.
type MenuItem struct {
	Label, Href string
	Active      bool
}

// visit is one request for a page.
type visit struct {
	*Page
	*server
	w    http.ResponseWriter
	r    *http.Request
	code int
}

// handler makes a page's content. Nil without error means that it answered by itself.
type handler func(v *visit) (templ.Component, error)

// Mount adds the pages to the router.
func Mount(r chi.Router, a *app.App) {
	s := &server{app: a, door: a.Door}
	r.Get("/assets/*", serveAsset)
	r.Group(func(r chi.Router) {
		r.Use(headers)
		s.doorRoutes(r)
		s.routes(r)
		r.NotFound(s.signedIn("", func(*visit) (templ.Component, error) { return nil, fault.NotFound("page", "") }))
	})
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (s *server) page(r *http.Request, w http.ResponseWriter) *Page {
	p := &Page{path: r.URL.Path, query: r.URL.Query()}
	if tag := p.query.Get("lang"); tag != "" {
		http.SetCookie(w, &http.Cookie{Name: langCookie, Value: string(i18n.Parse(tag)), Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: r.TLS != nil})
		p.Lang = i18n.Parse(tag)
	} else if c, err := r.Cookie(langCookie); err == nil {
		p.Lang = i18n.Parse(c.Value)
	} else {
		p.Lang = i18n.ZH
	}
	if said := p.query.Get("said"); i18n.Has("said." + said) {
		p.Said = p.T("said." + said)
	}
	return p
}

// signedIn wraps a page that only people who are signed in see.
func (s *server) signedIn(menu string, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := s.page(r, w)
		v := &visit{Page: p, server: s, w: w, r: r, code: http.StatusOK}
		session, err := s.session(r)
		if err != nil {
			if fault.KindOf(err) != fault.KindUnauthorised {
				s.fail(v, err)
				return
			}
			s.toDoor(w, r)
			return
		}
		p.Actor, p.CSRF = session.User.Actor(), session.CSRF
		p.Menu = s.menu(p, menu)
		if r.Method == http.MethodPost {
			if err := s.checkPost(v); err != nil {
				s.fail(v, err)
				return
			}
		}
		content, err := h(v)
		if err != nil {
			s.fail(v, err)
			return
		}
		if content != nil {
			s.show(v, v.code, content)
		}
	}
}

func (s *server) session(r *http.Request) (access.Session, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return access.Session{}, fault.New(fault.KindUnauthorised, "fault.unauthorised", nil)
	}
	return s.door.Session(r.Context(), c.Value)
}

// toDoor sends to the sign-in page, or to the set-up page while nobody can sign in yet.
func (s *server) toDoor(w http.ResponseWriter, r *http.Request) {
	to := "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		to += "?to=" + url.QueryEscape(r.URL.RequestURI())
	}
	if empty, err := s.door.Empty(r.Context()); err == nil && empty {
		to = "/set-up"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// checkPost reads the form and compares its secret with the session's.
func (s *server) checkPost(v *visit) error {
	most := int64(mostForm)
	multipart := strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/form-data")
	if multipart {
		most = mostUpload
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most)
	var err error
	if multipart {
		err = v.r.ParseMultipartForm(8 << 20)
	} else {
		err = v.r.ParseForm()
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return fault.New(fault.KindTooLarge, "fault.too_large", fault.Args{"most": fmt.Sprintf("%d MiB", most>>20)})
	}
	if err != nil {
		return fault.New(fault.KindMalformed, "fault.malformed", fault.Args{"detail": err.Error()})
	}
	if v.CSRF == "" || v.r.PostFormValue("csrf") != v.CSRF {
		return fault.Forbidden("web.csrf", nil)
	}
	return nil
}

func (s *server) show(v *visit, status int, content templ.Component) {
	var page bytes.Buffer // whole before it goes out: a failure is then still an error page
	if err := layout(v.Page, content).Render(v.r.Context(), &page); err != nil {
		s.app.Log.Error("render", "path", v.path, "err", err)
		http.Error(v.w, "render", http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(page.Bytes()) // a browser that went away is its own affair
}

var statusOf = map[fault.Kind]int{fault.KindNotFound: 404, fault.KindForbidden: 403, fault.KindConflict: 409, fault.KindStale: 412, fault.KindInvalid: 422, fault.KindTooLarge: 413,
	fault.KindMalformed: 400, fault.KindBusy: 503, fault.KindReused: 422, fault.KindUnauthorised: 401}

func (s *server) fail(v *visit, err error) {
	status, ok := statusOf[fault.KindOf(err)]
	sentence, fields := i18n.Fault(v.Lang, err)
	detail := ""
	if !ok {
		status = http.StatusInternalServerError
		detail = v.T("web.request_id", fault.Args{"id": v.w.Header().Get("X-Request-Id")})
		s.app.Log.Error("page", "path", v.path, "request", v.w.Header().Get("X-Request-Id"), "err", err)
	}
	for path, said := range fields {
		detail += path + ": " + said + " "
	}
	v.Title, v.Actions, v.Badges, v.Over = v.T("web.failed"), nil, nil, ""
	s.show(v, status, failure(v.Page, sentence, detail))
}

// call is the circumstance of what the visitor does.
func (v *visit) call() operation.Call {
	return operation.Call{Actor: v.Actor, Door: "page", RequestID: v.w.Header().Get("X-Request-Id"), Key: v.r.PostFormValue("idempotency_key")}
}

// read reads a view for the visitor.
func read[In, Out any](v *visit, view *operation.View[In, Out], in In) (Out, error) {
	return operation.Read(v.r.Context(), v.app.Runner, v.call(), view, in)
}

// to redirects after something was done; said names what, as a catalogue key below "said.".
func (v *visit) to(path, said string) (templ.Component, error) {
	if said != "" {
		glue := "?"
		if strings.Contains(path, "?") {
			glue = "&"
		}
		path += glue + "said=" + said
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil, nil
}

func (v *visit) param(name string) string { return chi.URLParam(v.r, name) }

// T is a message of the catalogue in the visitor's language.
func (p *Page) T(key string, args ...fault.Args) string { return i18n.Text(p.Lang, key, args...) }

// E names a value of a fixed set, such as a status; a value without a name is shown as it is.
func (p *Page) E(set, value string) string {
	if value == "" {
		return ""
	}
	if key := "enum." + set + "." + value; i18n.Has(key) {
		return p.T(key)
	}
	return value
}

// L is the label of a field or column.
func (p *Page) L(field string) string {
	if key := "field." + field; i18n.Has(key) {
		return p.T(key)
	}
	return field
}

func (p *Page) pick(zh, en string) string {
	if p.Lang == i18n.EN && en != "" {
		return en
	}
	return zh
}

func (p *Page) htmlLang() string {
	if p.Lang == i18n.EN {
		return "en"
	}
	return "zh-CN"
}

func (p *Page) otherLangTag() string {
	if p.Lang == i18n.EN {
		return "zh"
	}
	return "en"
}

func (p *Page) otherLang() string {
	q := url.Values{}
	for k, v := range p.query {
		if k != "said" {
			q[k] = v
		}
	}
	q.Set("lang", p.otherLangTag())
	return p.path + "?" + q.Encode()
}

// can tells whether the visitor has all of the permissions.
func (p *Page) can(names ...string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return !p.Actor.Can(n) })
}

// time shows a moment in the company's time zone.
func (v *visit) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(v.app.Runner.Zone).Format("2006-01-02 15:04")
}

func (v *visit) today() clock.Date { return clock.DateOf(v.app.Runner.Clock().In(v.app.Runner.Zone)) }

// amount shows money with its currency, CNY by its sign.
func amount(a money.Amount) string {
	if a.Currency == "" {
		return ""
	}
	sign := ""
	if a.Minor < 0 {
		a, sign = a.Neg(), "−"
	}
	if a.Currency == money.CNY {
		return sign + "¥" + a.Grouped()
	}
	return sign + string(a.Currency) + " " + a.Grouped()
}

// brief shows money in 亿 and 万, or in millions and thousands, where a glance is enough.
func (v *visit) brief(a money.Amount) string {
	f := a.Float()
	sign := "¥"
	if a.Currency != money.CNY {
		sign = string(a.Currency) + " "
	}
	steps := []struct {
		from   float64
		zh, en string
	}{{1e8, "亿", ""}, {1e6, "", "M"}, {1e4, "万", ""}, {1e3, "", "K"}}
	for _, s := range steps {
		unit := v.pick(s.zh, s.en)
		if v.Lang == i18n.EN {
			unit = s.en
		}
		if unit != "" && math.Abs(f) >= s.from {
			return fmt.Sprintf("%s%.2f%s", sign, f/s.from, unit)
		}
	}
	return sign + a.Grouped()
}

// boxed puts a component into a card.
func boxed(title string, content templ.Component) templ.Component {
	return boxedMore(title, "", "", content)
}

// boxedMore is boxed with a link to more of it.
func boxedMore(title, more, href string, content templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return card(title, more, href).Render(templ.WithChildren(ctx, content), w)
	})
}

// padded puts a component into a card with room around it.
func padded(title string, content templ.Component) templ.Component {
	return boxed(title, templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return body().Render(templ.WithChildren(ctx, content), w)
	}))
}

func newKey() string { return operation.NewID() }

func btnTone(t Tone) string {
	switch t {
	case Bad:
		return "danger"
	case Warn:
		return "warning"
	case Good:
		return "success"
	}
	return "primary"
}

func noticeClass(t Tone) string {
	switch t {
	case Bad:
		return "danger"
	case Warn:
		return "warning"
	case Good:
		return "success"
	}
	return "info"
}

func width(share float64) templ.SafeCSS {
	return templ.SafeCSS(fmt.Sprintf("width:%.1f%%", 100*min(1, max(0, share))))
}
