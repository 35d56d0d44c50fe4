package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/app"
)

// asBrowsersRead gives the host that a browser on our site goes to for an address, by the URL standard: tabs and line ends
// are dropped wherever they stand, spaces and control characters at both ends too, and a backslash is a slash.
func asBrowsersRead(to string) (host string) {
	to = strings.TrimFunc(to, func(r rune) bool { return r <= ' ' })
	to = strings.NewReplacer("\t", "", "\r", "", "\n", "", `\`, "/").Replace(to)
	if scheme, _, ok := strings.Cut(to, ":"); ok && !strings.ContainsAny(scheme, "/?#") {
		return "another scheme"
	}
	if rest, ok := strings.CutPrefix(to, "//"); ok {
		return "another host " + strings.TrimLeft(rest, "/")
	}
	return ""
}

func FuzzARedirectStaysHere(f *testing.F) {
	for _, to := range []string{"/", "/customers?a=b#c", "//evil.example", "/\t/evil.example", "/\\evil.example", "\t//evil.example", "https://evil.example", "/\x00/x", "/\u0085/evil", "javascript:alert(1)", "", "/客户", "/\n/evil.example", "/\x0b/evil.example"} {
		f.Add(to)
	}
	f.Fuzz(func(t *testing.T, to string) {
		went := localPath(to)
		if host := asBrowsersRead(went); host != "" || !strings.HasPrefix(went, "/") {
			t.Errorf("%q leads to %q: %s", to, went, host)
		}
		w := httptest.NewRecorder()
		http.Redirect(w, httptest.NewRequest(http.MethodPost, "/sign-in", nil), went, http.StatusSeeOther)
		if host := asBrowsersRead(w.Header().Get("Location")); host != "" {
			t.Errorf("%q is sent to %q: %s", to, w.Header().Get("Location"), host)
		}
	})
}

func TestRedirectsThatAreRefused(t *testing.T) {
	for _, to := range []string{"//evil.example", "/\t/evil.example", `/\evil.example`, "/\x0b/x", "/\x00", "/\u0085", "https://evil.example", "", "x"} {
		if went := localPath(to); went != "/" {
			t.Errorf("%q leads to %q", to, went)
		}
	}
	for _, to := range []string{"/customers?said=saved", "/客户/一"} {
		if went := localPath(to); went != to {
			t.Errorf("%q leads to %q", to, went)
		}
	}
}

// The link to the other language stays on the page, whatever its path looks like.
func TestTheOtherLanguageIsOnThisSite(t *testing.T) {
	page, err := url.Parse("http://127.0.0.1:8080//evil.example/x?q=1&said=saved")
	if err != nil {
		t.Fatal(err)
	}
	p := &Page{path: page.Path, query: page.Query()}
	link, err := page.Parse(p.otherLang())
	if err != nil || link.Host != page.Host || link.Path != page.Path || link.RawQuery != "lang=en&q=1" {
		t.Errorf("%v %v", link, err)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	public, err := url.Parse("https://credit.example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		public *url.URL
		origin string
		good   bool
	}{{nil, "", true}, {nil, "http://127.0.0.1:8080", true}, {nil, "null", false}, {nil, "http://evil.example", false}, {nil, "http://127.0.0.1:80801", false},
		{public, "https://credit.example.com", true}, {public, "http://credit.example.com", false}, {public, "http://127.0.0.1:8080", false}, {public, "null", false}} {
		s := &server{app: &app.App{PublicURL: c.public}}
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/sign-in", nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if err := s.sameOrigin(r); c.good != (err == nil) {
			t.Errorf("%v from %q: %v", c.public, c.origin, err)
		}
		if s.secure(r) != (c.public != nil) {
			t.Errorf("%v: secure %v", c.public, s.secure(r))
		}
	}
}

// "inf" and "nan" are numbers to Go and none to a person.
func TestADecimalIsANumber(t *testing.T) {
	for _, text := range []string{"NaN", "inf", "-Infinity", "1e999", "十"} {
		if v, err := (Field{Name: "x", Kind: "decimal"}).parse(text); err == nil {
			t.Errorf("%s is read as %v", text, v)
		}
	}
	if v, err := (Field{Name: "x", Kind: "decimal"}).parse("12.5%"); err != nil || v != 12.5 {
		t.Errorf("%v %v", v, err)
	}
}
