package test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The disk of the event log fills up under the running program: the door for events says 503 within seconds, so does
// /healthz, /readyz names the part, and pages go on. With room again it takes events, without a restart, and books what it
// acknowledged once.
func TestAFullDiskUnderTheRunningProgram(t *testing.T) {
	p := prepare(t)
	dir := filepath.Join(p.data, "events")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=32m"); err != nil {
		t.Skipf("needs the right to mount a small disk in memory, as root has it: %v", err)
	}
	t.Cleanup(func() {
		p.kill()
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	p.serve()
	acknowledged := map[string]bool{}
	submit := func(number string, padding int) int {
		body := strings.Replace(invoiceEvent(number), `"issued_on"`, `"order_number":"`+strings.Repeat("x", padding)+`","issued_on"`, 1)
		began := time.Now()
		status, raw := p.send(http.MethodPost, "/api/v1/event/submit", body, "")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: the answer %d came after %s", number, status, took)
		}
		if status == http.StatusOK {
			acknowledged[number] = true
		} else if !strings.Contains(string(raw), "eventlog.unavailable") {
			t.Errorf("%s: %d %s", number, status, raw)
		}
		return status
	}
	if status := submit("A-1", 0); status != http.StatusOK {
		t.Fatalf("an event on an empty disk: %d", status)
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "filler"), make([]byte, int64(fs.Bavail)*fs.Bsize-64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	status := http.StatusOK
	for i := 0; status == http.StatusOK && i < 2000; i++ {
		status = submit(fmt.Sprint("B-", i), 400)
	}
	if status != http.StatusServiceUnavailable {
		t.Fatalf("an event on a full disk: %d", status)
	}
	if status, raw := p.send(http.MethodGet, "/healthz", "", ""); status != http.StatusServiceUnavailable || !strings.Contains(string(raw), "event log") {
		t.Errorf("/healthz: %d %s", status, raw)
	}
	if status, raw := p.send(http.MethodGet, "/readyz", "", ""); status != http.StatusServiceUnavailable || !strings.Contains(string(raw), `{"part":"database","up":true},{"part":"event log","up":false}`) {
		t.Errorf("/readyz: %d %s", status, raw)
	}
	if status, _ := p.send(http.MethodGet, "/sign-in", "", ""); status != http.StatusOK {
		t.Errorf("a page: %d", status)
	}
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
	p.until("the program is well again", func() bool {
		status, _ := p.send(http.MethodGet, "/healthz", "", "")
		return status == http.StatusOK
	})
	if status := submit("C-1", 0); status != http.StatusOK {
		t.Errorf("an event after it: %d", status)
	}
	p.until("all that was acknowledged is booked", func() bool {
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
			t.Errorf("%s stands %d times", number, times)
		}
	}
}
