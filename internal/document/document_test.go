package document_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/internal/document"
)

func TestPutGetAndTampering(t *testing.T) {
	s := document.Store{Dir: t.TempDir()}
	// The hash of "abc" is the example of FIPS 180-2.
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	for range 2 {
		sum, n, err := s.Put(strings.NewReader("abc"))
		if err != nil || sum != abc || n != 3 {
			t.Fatal(sum, n, err)
		}
	}
	if raw, err := s.Get(abc); err != nil || string(raw) != "abc" {
		t.Errorf("%q %v", raw, err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "ba", abc), []byte("abd"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(abc); !errors.Is(err, document.ErrDamaged) {
		t.Errorf("tampered: %v", err)
	}
	if _, err := s.Get("../../etc/passwd"); err == nil {
		t.Error("a path is no hash")
	}
}
