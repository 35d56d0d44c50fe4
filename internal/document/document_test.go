package document_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/xinheng/xinheng/internal/document"
)

// The hash of "abc" is the example of FIPS 180-2.
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

// bucket is a store in a real S3-speaking server; fault is asked before each of its answers and may answer itself.
func bucket(t *testing.T, fault func(w http.ResponseWriter, r *http.Request) bool) document.Store {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("papers"); err != nil {
		t.Fatal(err)
	}
	s3 := gofakes3.New(backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fault == nil || !fault(w, r) {
			s3.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	s, err := document.Open("s3://papers/customers?region=cn-north-1&endpoint=" + server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBothStoresKeepAndProve(t *testing.T) {
	for name, s := range map[string]document.Store{"folder": document.Folder{Dir: t.TempDir()}, "bucket": bucket(t, nil)} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				sum, n, err := s.Put(t.Context(), strings.NewReader("abc"))
				if err != nil || sum != abc || n != 3 {
					t.Fatal(sum, n, err)
				}
			}
			if raw, err := s.Get(t.Context(), abc); err != nil || string(raw) != "abc" {
				t.Errorf("%q %v", raw, err)
			}
			if _, err := s.Get(t.Context(), strings.Repeat("0", 64)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("absent: %v", err)
			}
			if _, err := s.Get(t.Context(), "../../etc/passwd"); err == nil {
				t.Error("a path is no hash")
			}
			if _, _, err := s.Put(t.Context(), zeros(document.MostBytes+1)); !errors.Is(err, document.ErrTooLarge) {
				t.Errorf("too large: %v", err)
			}
		})
	}
}

func zeros(n int64) *limited { return &limited{n} }

type limited struct{ left int64 }

func (l *limited) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, errEnd
	}
	n := min(int64(len(p)), l.left)
	clear(p[:n])
	l.left -= n
	return int(n), nil
}

var errEnd = errors.New("read beyond what may be kept")

func TestFolderFindsTampering(t *testing.T) {
	s := document.Folder{Dir: t.TempDir()}
	if _, _, err := s.Put(t.Context(), strings.NewReader("abc")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "ba", abc), []byte("abd"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), abc); !errors.Is(err, document.ErrDamaged) {
		t.Errorf("tampered: %v", err)
	}
}

func TestBucketFaults(t *testing.T) {
	var fault atomic.Value
	var calls atomic.Int64
	fault.Store("")
	s := bucket(t, func(w http.ResponseWriter, r *http.Request) bool {
		calls.Add(1)
		switch fault.Load() {
		case "once 503":
			fault.Store("")
			http.Error(w, "slow down", http.StatusServiceUnavailable)
			return true
		case "always 503":
			http.Error(w, "slow down", http.StatusServiceUnavailable)
			return true
		case "other content":
			w.Header().Set("Content-Length", "3")
			w.Header().Set("Last-Modified", "Mon, 15 Jun 2026 02:00:00 GMT")
			w.Header().Set("ETag", `"900150983cd24fb0d6963f7d28e17f72"`)
			_, _ = w.Write([]byte("abd"))
			return true
		case "cut":
			w.Header().Set("Content-Length", "3")
			w.Header().Set("Last-Modified", "Mon, 15 Jun 2026 02:00:00 GMT")
			_, _ = w.Write([]byte("a"))
			return true
		case "forbidden":
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	fault.Store("once 503")
	if sum, _, err := s.Put(t.Context(), strings.NewReader("abc")); err != nil || sum != abc {
		t.Fatalf("one failure is overcome by asking again: %v", err)
	}
	fault.Store("always 503")
	before := calls.Load()
	if _, _, err := s.Put(t.Context(), strings.NewReader("abc")); err == nil {
		t.Error("a store that is away keeps nothing")
	}
	if n := calls.Load() - before; n < 2 || n > 6 {
		t.Errorf("it was asked %d times", n)
	}
	for name, want := range map[string]error{"other content": document.ErrDamaged, "cut": nil, "forbidden": nil} {
		fault.Store(name)
		raw, err := s.Get(t.Context(), abc)
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %q %v", name, raw, err)
		}
		if errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is not the same as absent", name)
		}
	}
	fault.Store("")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(ended, abc); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
	if raw, err := s.Get(t.Context(), abc); err != nil || string(raw) != "abc" {
		t.Errorf("afterwards: %q %v", raw, err)
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	for _, address := range []string{"s3://papers", "s3://?endpoint=http://127.0.0.1:1", "s3://key:secret@papers?endpoint=http://127.0.0.1:1", "s3://papers?endpoint=ftp://127.0.0.1"} {
		_, err := document.Open(address)
		if err == nil {
			t.Errorf("%s was taken", address)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}
