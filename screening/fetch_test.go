package screening_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/test/story"
)

// lists serves an own list, well and badly.
func lists(t *testing.T) (at func(path string) string, host string) {
	t.Helper()
	long := "name\n" + strings.Repeat("Somebody\n", 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			_, _ = fmt.Fprint(w, "name,reason\nAlphatron,fraud\nBetamax,fraud\n")
		case "/moved":
			http.Redirect(w, r, "/good", http.StatusFound)
		case "/inside": // another name of this machine, which nobody allowed
			http.Redirect(w, r, "http://localhost:"+r.Host[strings.LastIndexByte(r.Host, ':')+1:]+"/good", http.StatusFound)
		case "/file":
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/half":
			w.Header().Set("Content-Length", fmt.Sprint(len(long)))
			_, _ = fmt.Fprint(w, long[:len(long)/2])
			panic(http.ErrAbortHandler)
		case "/slow":
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Second):
			}
		case "/large":
			_, _ = fmt.Fprint(w, long)
		case "/other":
			_, _ = fmt.Fprint(w, "<html>maintenance</html>")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return func(path string) string { return server.URL + path }, u.Hostname()
}

func TestListsAreFetched(t *testing.T) {
	at, host := lists(t)
	restore := screening.BoundFetches(2*time.Second, 8<<10)
	t.Cleanup(restore)
	story.Each(t, func(w *story.World) {
		admin := access.User{ID: "user-admin", Login: "admin", Name: "admin", Scope: operation.ScopeAll, Roles: []access.Role{access.Admin}}.Actor()
		version := int64(1)
		set := func(s screening.Settings) {
			w.T.Helper()
			s.Source, s.Version = "own_black", version
			version = story.Must(w, admin, screening.SetSource, s).Version
		}
		why := func(err error) string {
			f := fault.As(err)
			if f == nil {
				return fmt.Sprint(err)
			}
			if len(f.Fields) > 0 {
				f = &fault.Error{Args: f.Fields[0].Args}
			}
			return fmt.Sprint(f.Args["why"])
		}
		_ = refused(w, w.Manager, screening.FetchList, screening.Fetch{Source: "own_black"}, fault.KindConflict)
		for _, bad := range []screening.Settings{{URLs: []string{"ftp://example.com/a"}}, {URLs: []string{"http://u:p@example.com/a"}}, {URLs: []string{"https:///a"}}, {URLs: []string{at("/good"), at("/good2")}}, {EveryHours: 3}, {AllowedHosts: []string{"http://x"}}} {
			bad.Source, bad.Version = "own_black", version
			_ = refused(w, admin, screening.SetSource, bad, fault.KindInvalid)
		}
		set(screening.Settings{URLs: []string{at("/good")}})
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), screening.FetchList, screening.Fetch{Source: "own_black"}); why(err) != "screening.fetch.inside" {
			w.T.Errorf("an address inside the network is refused: %v", err)
		}
		set(screening.Settings{URLs: []string{at("/moved")}, AllowedHosts: []string{host}})
		e := story.Must(w, w.Manager, screening.FetchList, screening.Fetch{Source: "own_black"})
		if e.Entries != 2 || e.Origin != screening.FromURL || e.Status != screening.EditionWaiting {
			w.T.Errorf("fetched over a redirection: %+v", e)
		}
		story.Must(w, w.Manager, screening.Accept, screening.Acceptance{ID: e.ID, Version: e.Version})
		for path, want := range map[string]string{"/inside": "screening.fetch.inside", "/file": "screening.fetch.scheme", "/loop": "screening.fetch.redirections", "/half": "screening.fetch.cut", "/slow": "screening.fetch.timeout",
			"/large": "screening.fetch.too_large", "/nothing": "screening.fetch.status", "/other": "screening.why.no_column"} {
			set(screening.Settings{URLs: []string{at(path)}, AllowedHosts: []string{host}})
			if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), screening.FetchList, screening.Fetch{Source: "own_black"}); why(err) != want {
				w.T.Errorf("%s: %v, want %s", path, err, want)
			}
		}

		// The daily round fetches what is due, and notes what failed; the edition in force stays.
		set(screening.Settings{URLs: []string{at("/nothing")}, AllowedHosts: []string{host}, EveryHours: 24, Automatic: true})
		w.Now = w.Now.Add(25 * time.Hour)
		round := func() screening.List {
			w.T.Helper()
			if err := w.DailyRound(w.T.Context()); err != nil {
				w.T.Fatal(err)
			}
			for _, l := range story.See(w, w.Manager, screening.Lists, screening.ListsInput{}) {
				if l.Key == "own_black" {
					return l
				}
			}
			return screening.List{}
		}
		if l := round(); l.Failure == "" || !l.TriedAt.Equal(w.Now) || l.InForce == nil || l.InForce.No != 1 {
			w.T.Errorf("a failure is noted: %+v", l)
		}
		set(screening.Settings{URLs: []string{at("/good")}, AllowedHosts: []string{host}, EveryHours: 24, Automatic: true})
		story.Must(w, w.Manager, screening.SaveEntry, screening.OwnEntry{Source: "own_black", Name: "Typed", Reason: "by hand"})
		if l := round(); l.Failure == "" {
			w.T.Errorf("it is not due again yet: %+v", l)
		}
		w.Now = w.Now.Add(24 * time.Hour)
		if l := round(); l.Failure != "" || l.Waiting == nil || l.Waiting.Removed != 1 || !l.Fetched {
			w.T.Errorf("one of three entries is lost, so it waits although it is automatic: %+v", l)
		}
	})
}
