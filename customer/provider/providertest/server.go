// Package providertest is a provider's server for tests: it speaks real HTTP, answers in the shape of the registration
// example, and misbehaves when it is told to.
package providertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Fault is a way to misbehave.
type Fault string

// The faults.
const (
	Silent      Fault = "silent"       // accepts and never answers
	SlowBody    Fault = "slow body"    // the head at once, the body never whole
	CutBody     Fault = "cut body"     // the connection ends within the body
	BusyFor     Fault = "busy"         // 429, Retry-After 120
	BusyUntil   Fault = "busy until"   // 429, Retry-After as a date, an hour on
	Down        Fault = "down"         // 500
	Away        Fault = "away"         // 503, Retry-After 30
	NotJSON     Fault = "not json"     // a page, with 200
	Halved      Fault = "halved"       // JSON that ends too early
	Twice       Fault = "twice"        // two JSON values
	WrongTypes  Fault = "wrong types"  // an object where a text belongs
	WrongWord   Fault = "wrong word"   // a word that the mapping does not know
	WrongDate   Fault = "wrong date"   // 2026-02-30
	ErrorInside Fault = "error inside" // 200 with an error code
	BusyInside  Fault = "busy inside"  // 200 with a code that means later
	Absent      Fault = "absent"       // 200, no such company
	Denied      Fault = "denied"       // 403 that repeats the secret
	Huge        Fault = "huge"         // more than the bound, as gzip would unpack
	ToLoopback  Fault = "to loopback"  // redirect to another host, inside the house
	ToItself    Fault = "to itself"    // redirects without end
)

// Server is the provider. Company is what it answers for a credit code: the JSON of the result.
type Server struct {
	*httptest.Server
	mu      sync.Mutex
	company map[string]string
	faults  []Fault
	seen    []*http.Request
	stop    chan struct{}
}

// Start starts a provider until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{company: map[string]string{}, stop: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		close(s.stop)
		s.Close()
	})
	return s
}

// Knows makes the provider know a company.
func (s *Server) Knows(uscc, result string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.company[uscc] = result
}

// Then queues faults for the next requests; afterwards it behaves.
func (s *Server) Then(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Behave forgets the queued faults.
func (s *Server) Behave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Seen gives the requests so far.
func (s *Server) Seen() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.seen...)
}

func (s *Server) next(r *http.Request) (Fault, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, r)
	var f Fault
	if len(s.faults) > 0 {
		f, s.faults = s.faults[0], s.faults[1:]
	}
	return f, s.company[r.URL.Query().Get("creditCode")]
}

func (s *Server) wait(r *http.Request) {
	select {
	case <-s.stop:
	case <-r.Context().Done():
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	fault, company := s.next(r)
	say := func(text string) { _, _ = fmt.Fprint(w, text) }
	result := `{"Status":"200","Message":"ok","Result":` + company + `}`
	status := func(code int, wait string) {
		if wait != "" {
			w.Header().Set("Retry-After", wait)
		}
		w.WriteHeader(code)
		say(`{"Status":"x"}`)
	}
	switch fault {
	case Silent:
		s.wait(r)
	case SlowBody, CutBody:
		w.Header().Set("Content-Length", "4000")
		say(`{"Status":"200","Result":{"Name":"`)
		_ = http.NewResponseController(w).Flush()
		if fault == SlowBody {
			s.wait(r)
		}
		panic(http.ErrAbortHandler)
	case BusyFor:
		status(http.StatusTooManyRequests, "120")
	case BusyUntil:
		status(http.StatusTooManyRequests, time.Date(2026, 6, 15, 3, 0, 0, 0, time.UTC).Format(http.TimeFormat))
	case Down:
		status(http.StatusInternalServerError, "")
	case Away:
		status(http.StatusServiceUnavailable, "30")
	case NotJSON:
		w.Header().Set("Content-Type", "text/html")
		say("<html><body>维护中</body></html>")
	case Halved:
		say(result[:len(result)/2])
	case Twice:
		say(result + result)
	case WrongTypes:
		say(`{"Status":"200","Result":{"Name":{"zh":"x"},"OperName":["a","b"]}}`)
	case WrongWord:
		say(`{"Status":"200","Result":{"Name":"示例公司","RegStatus":"冬眠"}}`)
	case WrongDate:
		say(`{"Status":"200","Result":{"Name":"示例公司","StartDate":"2026-02-30"}}`)
	case ErrorInside:
		say(`{"Status":"110","Message":"余额不足 ` + r.URL.Query().Get("key") + `"}`)
	case BusyInside:
		say(`{"Status":"429","Message":"频率超限"}`)
	case Denied:
		w.WriteHeader(http.StatusForbidden)
		say("bad key " + r.URL.Query().Get("key") + " in " + r.URL.String())
	case Huge:
		for range 600 {
			say(strings.Repeat(" ", 8<<10))
		}
		say(result)
	case ToLoopback:
		http.Redirect(w, r, "http://localhost:1/inside", http.StatusFound)
	case ToItself:
		s.Then(ToItself)
		http.Redirect(w, r, r.URL.String(), http.StatusFound)
	default:
		if company == "" || fault == Absent {
			say(`{"Status":"201","Message":"无记录"}`)
			return
		}
		say(result)
	}
}

// Secret is what the tests' mapping names as registry_key.
const Secret = "k-7Zq/9+secret"

// Mapping is the registration example with this server's address and short bounds.
func (s *Server) Mapping(example string) string {
	return strings.NewReplacer("https://registry.example.com", s.URL, "timeout: 15s", "timeout: 400ms\nmost_bytes: 1048576", "rate: 60\n", "").Replace(example)
}
