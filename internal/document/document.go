// Package document keeps files under the SHA-256 of their content: the same content is kept once, and what is read can
// be proved to be what was put.
package document

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Store is a folder of files.
type Store struct{ Dir string }

// ErrDamaged says that a file is no longer what was put.
var ErrDamaged = errors.New("document: the content does not have its hash")

func (s Store) path(sum string) string { return filepath.Join(s.Dir, sum[:2], sum) }

// Put keeps content, on disk when it returns, and gives its hash and size.
func (s Store) Put(content io.Reader) (sum string, bytes int64, err error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	f, err := os.CreateTemp(s.Dir, "new-*")
	if err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it was moved away when all went well
	h := sha256.New()
	bytes, err = io.Copy(io.MultiWriter(f, h), content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	sum = hex.EncodeToString(h.Sum(nil))
	if err := os.MkdirAll(filepath.Dir(s.path(sum)), 0o700); err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	if err := os.Rename(f.Name(), s.path(sum)); err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	// The name is on disk only when its folder is, and the folder's own name when the store's folder is.
	if err := errors.Join(sync(filepath.Dir(s.path(sum))), sync(s.Dir)); err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	return sum, bytes, nil
}

func sync(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Get reads the content of a hash, and checks it.
func (s Store) Get(sum string) ([]byte, error) {
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size {
		return nil, fmt.Errorf("document: %q is no hash", sum)
	}
	raw, err := os.ReadFile(s.path(sum))
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != sum {
		return nil, ErrDamaged
	}
	return raw, nil
}
