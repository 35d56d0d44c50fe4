// Package document keeps files under the SHA-256 of their content: the same content is kept once, and what is read can
// be proved to be what was put. It looks into files by their content, never by their name (content.go), has them scanned
// for malware (clamd.go), and draws pictures anew for preview (picture.go).
package document

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Store keeps contents. A folder and an S3-compatible bucket are the two there are; Open chooses.
type Store interface {
	// Put keeps content, durably when it returns, and gives its hash (hexadecimal SHA-256) and size.
	Put(ctx context.Context, content io.Reader) (sum string, bytes int64, err error)
	// Get reads the content of a hash and proves it: ErrDamaged when it is another, fs.ErrNotExist when there is none.
	Get(ctx context.Context, sum string) ([]byte, error)
}

// MostBytes is the largest content that a store keeps.
const MostBytes = 32 << 20

// ErrDamaged says that a file is no longer what was put.
var ErrDamaged = errors.New("document: the content does not have its hash")

// ErrTooLarge says that a content is larger than MostBytes.
var ErrTooLarge = errors.New("document: the content is too large")

// Folder is a Store in a folder of files.
type Folder struct{ Dir string }

func (s Folder) path(sum string) string { return filepath.Join(s.Dir, sum[:2], sum) }

// Put keeps content, on disk when it returns.
func (s Folder) Put(_ context.Context, content io.Reader) (sum string, bytes int64, err error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	f, err := os.CreateTemp(s.Dir, "new-*")
	if err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it was moved away when all went well
	h := sha256.New()
	bytes, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(content, MostBytes+1))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	if bytes > MostBytes {
		return "", 0, ErrTooLarge
	}
	sum = hex.EncodeToString(h.Sum(nil))
	if err := os.MkdirAll(filepath.Dir(s.path(sum)), 0o700); err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	if err := os.Rename(f.Name(), s.path(sum)); err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	// The name is on disk only when its folder is, and the folder's own name when the store's folder is.
	return sum, bytes, errors.Join(syncFolder(filepath.Dir(s.path(sum))), syncFolder(s.Dir))
}

// syncFolder puts the folder's entries on disk, so that they are found after a power failure.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("document: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, os.ErrInvalid) { // not every system syncs folders
		return fmt.Errorf("document: %w", err)
	}
	return nil
}

// Get reads the content of a hash, and checks it.
func (s Folder) Get(_ context.Context, sum string) ([]byte, error) {
	if err := checkSum(sum); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(s.path(sum))
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return proved(raw, sum)
}

func checkSum(sum string) error {
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size {
		return fmt.Errorf("document: %q is no hash", sum)
	}
	return nil
}

func proved(raw []byte, sum string) ([]byte, error) {
	if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != sum {
		return nil, ErrDamaged
	}
	return raw, nil
}
