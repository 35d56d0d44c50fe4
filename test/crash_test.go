package test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is the real xinheng as a process of its own, which tests may kill.
type program struct {
	t              *testing.T
	binary, data   string
	address, token string
	running        *exec.Cmd
	customer       string
}

func start(t *testing.T) *program {
	t.Helper()
	p := prepare(t)
	p.serve()
	return p
}

// prepare builds the program and sets an installation up, with a token and a customer, without serving it yet.
func prepare(t *testing.T) *program {
	t.Helper()
	p := &program{t: t, binary: filepath.Join(t.TempDir(), "xinheng"), data: t.TempDir()}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", p.binary, "../cmd/xinheng")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	setup := exec.CommandContext(t.Context(), p.binary, "setup", "--data", p.data, "--password", "correct horse battery")
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("setup: %v\n%s", err, out)
	}
	var token struct{ Secret string }
	p.do("access.create_token", `{"name":"crash","scopes":["*"]}`, &token)
	p.token = token.Secret
	var c struct{ ID string }
	p.do("customer.create", `{"name":"安泽恒岳机械有限公司","external_ref":"K-1"}`, &c)
	p.customer = c.ID
	return p
}

// do runs an operation on the command line.
func (p *program) do(name, input string, into any) {
	p.t.Helper()
	out, err := exec.CommandContext(p.t.Context(), p.binary, "do", name, input, "--as", "admin", "--data", p.data).Output()
	if err != nil {
		p.t.Fatalf("%s: %v %s", name, err, out)
	}
	if err := json.Unmarshal(out, into); err != nil {
		p.t.Fatal(err)
	}
}

func (p *program) serve() {
	p.t.Helper()
	listener, err := new(net.ListenConfig).Listen(p.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	p.address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		p.t.Fatal(err)
	}
	p.running = exec.CommandContext(context.WithoutCancel(p.t.Context()), p.binary, "serve", "--data", p.data, "--listen", p.address)
	var said bytes.Buffer
	p.running.Stderr = &said
	if err := p.running.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = p.running.Process.Kill() })
	p.until("the server answers", func() bool {
		status, _ := p.send(http.MethodGet, "/healthz", "", "")
		return status == http.StatusOK
	})
}

// kill ends the process as a power loss would, as far as a process can see.
func (p *program) kill() {
	p.t.Helper()
	if err := p.running.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.running.Wait() // it was killed
}

// until asks again and again until something is so.
func (p *program) until(what string, so func() bool) {
	p.t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-deadline:
			p.t.Fatalf("it never came that %s", what)
		case <-tick.C:
		}
	}
}

// send sends a request; a connection that breaks is status 0: nothing was acknowledged.
func (p *program) send(method, path, body, key string) (int, []byte) {
	r, err := http.NewRequestWithContext(p.t.Context(), method, "http://"+p.address+path, strings.NewReader(body))
	if err != nil {
		p.t.Error(err)
		return 0, nil
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil
	}
	return answer.StatusCode, raw
}

// invoices gives how often each invoice number stands in the books.
func (p *program) invoices() map[string]int {
	p.t.Helper()
	found, after := map[string]int{}, ""
	for {
		status, raw := p.send(http.MethodGet, "/api/v1/receivable/list?limit=1000&sort=number&after="+after, "", "")
		if status != http.StatusOK {
			p.t.Fatalf("%d %s", status, raw)
		}
		var page struct {
			Invoices []struct{ Number string }
			Next     string
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			p.t.Fatal(err)
		}
		for _, i := range page.Invoices {
			found[i.Number]++
		}
		if after = page.Next; after == "" {
			return found
		}
	}
}

func invoiceEvent(number string) string {
	return fmt.Sprintf(`{"source":"erp","id":"%s","type":"invoice.issued","customer_id":"K-1","at":"2026-01-05T00:00:00Z","amount":{"amount":"10.00","currency":"CNY"},"texts":{"number":"%s","issued_on":"2026-01-05"}}`, number, number)
}

// Events are sent from many sides, one by one and in batches; the process is killed in the middle, twice. What was
// acknowledged is in the books exactly once, also after everything was sent again.
func TestKilledDuringEventLoad(t *testing.T) {
	p := start(t)
	var mu sync.Mutex
	acknowledged := map[string]string{} // number → the request that brought it
	for round := range 2 {
		var senders sync.WaitGroup
		enough := make(chan struct{})
		var once sync.Once
		for s := range 8 {
			senders.Go(func() {
				for n := 0; ; n++ {
					var numbers, events []string
					for k := range 1 + s%2*4 { // every other sender sends five at a time
						number := fmt.Sprintf("R%d-%d-%d-%d", round, s, n, k)
						numbers, events = append(numbers, number), append(events, invoiceEvent(number))
					}
					path, body := "/api/v1/event/submit", events[0]
					if len(events) > 1 {
						path, body = "/api/v1/event/submit_batch", `{"events":[`+strings.Join(events, ",")+`]}`
					}
					status, _ := p.send(http.MethodPost, path, body, "")
					if status == 0 {
						return // the process is gone
					}
					if status != http.StatusOK {
						continue
					}
					mu.Lock()
					for i, number := range numbers {
						acknowledged[number] = events[i]
					}
					full := len(acknowledged) > 250*(round+1)
					mu.Unlock()
					if full {
						once.Do(func() { close(enough) })
					}
				}
			})
		}
		<-enough
		p.kill()
		senders.Wait()
		p.serve()
	}
	check := func(when string) {
		t.Helper()
		p.until("all acknowledged events are in the books "+when, func() bool {
			found := p.invoices()
			for number := range acknowledged {
				if found[number] == 0 {
					return false
				}
			}
			return true
		})
		for number, times := range p.invoices() {
			if times != 1 {
				t.Errorf("%s stands %d times %s", number, times, when)
			}
		}
	}
	check("after the kills")
	var again []string
	for _, e := range acknowledged {
		again = append(again, e)
	}
	if status, raw := p.send(http.MethodPost, "/api/v1/event/submit_batch", `{"events":[`+strings.Join(again, ",")+`]}`, ""); status != http.StatusOK {
		t.Fatalf("%d %s", status, raw)
	}
	p.until("the repeated events are applied", func() bool {
		status, raw := p.send(http.MethodGet, "/api/v1/event/parked", "", "")
		return status == http.StatusOK && len(raw) > 0
	})
	check("after all was sent again")
	p.verify()
}

// An import is killed in the middle. Each part is whole or absent; sent again under its key, all of it is there once.
func TestKilledDuringImport(t *testing.T) {
	p := start(t)
	const parts, rows = 30, 200
	body := func(part int) string {
		var all []string
		for r := range rows {
			all = append(all, fmt.Sprintf(`{"kind":"invoice","customer":"K-1","number":"P%d-%d","amount":"1.00","date":"2026-01-05"}`, part, r))
		}
		return `{"rows":[` + strings.Join(all, ",") + `]}`
	}
	done := make(chan int, parts)
	go func() {
		defer close(done)
		for part := range parts {
			if status, _ := p.send(http.MethodPost, "/api/v1/receivable/import", body(part), fmt.Sprint("part-", part)); status != http.StatusOK {
				return
			}
			done <- part
		}
	}()
	acknowledged := 0
	for range done {
		if acknowledged++; acknowledged == 5 {
			p.kill()
		}
	}
	p.serve()
	byPart := map[string]int{}
	for number, times := range p.invoices() {
		part, _, _ := strings.Cut(number, "-")
		byPart[part] += times
	}
	for part := range parts {
		n := byPart[fmt.Sprint("P", part)]
		if part < acknowledged && n != rows || n != 0 && n != rows {
			t.Errorf("part %d has %d of %d rows (%d parts were acknowledged)", part, n, rows, acknowledged)
		}
	}
	for part := range parts {
		if status, raw := p.send(http.MethodPost, "/api/v1/receivable/import", body(part), fmt.Sprint("part-", part)); status != http.StatusOK {
			t.Fatalf("part %d again: %d %s", part, status, raw)
		}
	}
	found := p.invoices()
	if len(found) != parts*rows {
		t.Errorf("%d invoices, want %d", len(found), parts*rows)
	}
	for number, times := range found {
		if times != 1 {
			t.Errorf("%s stands %d times", number, times)
		}
	}
	p.verify()
}

// verify checks the audit trail of the running process's data with the command.
func (p *program) verify() {
	p.t.Helper()
	p.until("the trail is whole", func() bool {
		out, err := exec.CommandContext(p.t.Context(), p.binary, "audit", "verify", "--data", p.data).Output()
		if err != nil && len(out) > 0 {
			p.t.Fatalf("audit verify: %v %s", err, out)
		}
		return err == nil
	})
	if _, err := os.Stat(filepath.Join(p.data, "events")); err != nil {
		p.t.Error(err)
	}
}
