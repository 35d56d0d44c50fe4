package provider

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/document"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// dropFolder is the provider whose partner puts files into a folder.
type dropFolder struct {
	key string
	m   *Mapping
	dir string
}

// About says what the files give.
func (d dropFolder) About() About { return d.m.about(d.key) }

// Fetch looks for the company in the partner's files, the newest first.
func (d dropFolder) Fetch(ctx context.Context, of Subject, _ int) (Answer, error) {
	start := time.Now()
	files, err := waitingFiles(d.dir)
	if err != nil {
		return Answer{}, failed(Unreachable, true, "folder: %v", errors.Unwrap(err))
	}
	slices.SortFunc(files, func(a, b waiting) int { return b.at.Compare(a.at) })
	for _, f := range files {
		if ctx.Err() != nil {
			return Answer{}, failed(Timeout, true, "no whole answer in time")
		}
		raw, err := os.ReadFile(f.path)
		if err != nil {
			return Answer{}, failed(Unreachable, true, "%s", filepath.Base(f.path))
		}
		items, err := d.m.items(raw)
		if err != nil {
			continue // a broken file is told where files are told
		}
		for _, item := range items {
			if about, err := d.m.subject(item); err != nil || !sameCompany(about, of) {
				continue
			}
			facts, err := d.m.Response.Read(item)
			own, marshalErr := json.Marshal(item)
			if err := errors.Join(err, marshalErr); err != nil {
				return Answer{}, outcomeOf(err)
			}
			sum := sha256.Sum256(own)
			return Answer{Facts: facts, Calls: 0, Took: time.Since(start), Raw: own, SHA256: hex.EncodeToString(sum[:])}, nil
		}
	}
	return Answer{Took: time.Since(start)}, nil
}

func sameCompany(a, b Subject) bool {
	if a.USCC != "" && b.USCC != "" {
		return strings.EqualFold(a.USCC, b.USCC)
	}
	return a.Name != "" && customer.NameKey(a.Name) == customer.NameKey(b.Name)
}

// items splits a file into what it says of each company.
func (m *Mapping) items(raw []byte) ([]any, error) {
	if !isJSON(raw) {
		return csvItems(raw)
	}
	whole, err := decode(raw)
	if err != nil {
		return nil, err
	}
	if m.Drop.Items.set() {
		return m.Drop.Items.Select(whole), nil
	}
	if list, ok := whole.([]any); ok {
		return list, nil
	}
	return []any{whole}, nil
}

func (m *Mapping) subject(item any) (s Subject, err error) {
	if s.USCC, _, err = one(m.Drop.USCC, item); err != nil {
		return s, err
	}
	s.Name, _, err = one(m.Drop.Name, item)
	return s, err
}

// File is a partner's file that was processed.
type File struct {
	Provider  string    `json:"provider"`
	SHA256    string    `json:"sha256"`
	Name      string    `json:"name"`
	Bytes     int64     `json:"bytes"`
	Items     int       `json:"items"`
	Matched   int       `json:"matched"`             // items about customers of ours
	Unmatched []string  `json:"unmatched,omitempty"` // the first items that could not be taken, and why
	Detail    string    `json:"detail,omitempty"`    // why the file as a whole was not taken
	At        time.Time `json:"at"`
	Known     bool      `json:"known,omitempty"` // it was processed before
}

type waiting struct {
	path string
	at   time.Time
}

const (
	settled       = 5 * time.Second // a file that changed since may still be written
	mostUnmatched = 20
)

func (f *Fetcher) folder(key string) string { return filepath.Join(f.Dir, "drop", key) }

// waitingFiles lists the files of a folder, without those that are still being written.
func waitingFiles(dir string) ([]waiting, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []waiting
	for _, e := range entries {
		name := strings.ToLower(e.Name())
		if !e.Type().IsRegular() || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".part") {
			continue
		}
		info, err := e.Info()
		if err != nil || info.Size() == 0 || info.Size() > document.MostBytes || time.Since(info.ModTime()) < settled {
			continue
		}
		all = append(all, waiting{filepath.Join(dir, e.Name()), info.ModTime()})
	}
	return all, err
}

// TakeFiles processes the files that partners put into the folders of enabled providers.
func (f *Fetcher) TakeFiles(ctx context.Context) error {
	all, err := configs(ctx, f.Runner.DB)
	if err != nil {
		return err
	}
	for _, cfg := range all {
		l, err := f.lineOf(cfg)
		if err != nil || !cfg.Enabled || l.m.Drop == nil {
			continue
		}
		files, err := waitingFiles(f.folder(cfg.Key))
		if err != nil {
			return err
		}
		for _, w := range files {
			raw, err := os.ReadFile(w.path)
			if err != nil {
				return err
			}
			if _, err := f.take(ctx, l, filepath.Base(w.path), raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// TakeUpload processes a file that a person brings instead of the partner.
func (f *Fetcher) TakeUpload(ctx context.Context, call operation.Call, key, name string, content io.Reader) (File, error) {
	if !call.Actor.Can(RefreshMany.Name()) || call.Actor.Scope != operation.ScopeAll { // the file speaks of anybody's customers
		return File{}, fault.Forbidden("fault.forbidden", fault.Args{"operation": RefreshMany.Name()})
	}
	cfg, found, err := configByKey(ctx, f.Runner.DB, key)
	if err != nil {
		return File{}, err
	}
	if !found {
		return File{}, fault.NotFound("provider", key)
	}
	l, err := f.lineOf(cfg)
	if err != nil {
		return File{}, err
	}
	if l.m.Drop == nil || !cfg.Enabled {
		return File{}, fault.Conflict("provider.no_files", fault.Args{"provider": key})
	}
	raw, err := io.ReadAll(io.LimitReader(content, document.MostBytes+1))
	if err != nil {
		return File{}, fmt.Errorf("read the upload: %w", err)
	}
	if len(raw) > document.MostBytes {
		return File{}, fault.Invalid("file", "fault.too_large", fault.Args{"most": "32 MiB"})
	}
	return f.take(ctx, l, name, raw)
}

// take processes a file once: what it says of each customer is compared in a transaction of its own, and the file is noted
// at the end, so that a crash in between only means to compare again.
func (f *Fetcher) take(ctx context.Context, l *line, name string, raw []byte) (File, error) {
	sum := sha256.Sum256(raw)
	file := File{Provider: l.cfg.Key, SHA256: hex.EncodeToString(sum[:]), Name: clip(name, 200), Bytes: int64(len(raw)), At: f.Runner.Clock()}
	known, err := fileKnown(ctx, f.Runner.DB, file.Provider, file.SHA256)
	if err != nil || known {
		file.Known = known
		return file, err
	}
	items, err := l.m.items(raw)
	if err != nil {
		file.Detail = clip(outcomeOf(err).Detail, 300)
		if e := fault.As(err); e != nil {
			file.Detail = e.Key
		}
	}
	if file.Items = len(items); len(items) > 0 {
		if _, _, err := f.Store().Put(ctx, bytes.NewReader(raw)); err != nil {
			return File{}, err
		}
	}
	for i, item := range items {
		if err := f.takeItem(ctx, l, &file, i, item); err != nil {
			return File{}, err
		}
	}
	return operation.Run(ctx, f.Runner, f.call("provider "+l.cfg.Key), noteFile, file)
}

func (f *Fetcher) takeItem(ctx context.Context, l *line, file *File, i int, item any) error {
	refuse := func(why string) {
		if len(file.Unmatched) < mostUnmatched {
			file.Unmatched = append(file.Unmatched, fmt.Sprintf("%d: %s", i+1, clip(why, 120)))
		}
	}
	about, err := l.m.subject(item)
	if err != nil {
		refuse(err.Error())
		return nil
	}
	id, err := customer.Resolve(ctx, f.Runner.DB, first(about.USCC, about.Name))
	if fault.KindOf(err) == fault.KindNotFound && about.USCC != "" && about.Name != "" {
		id, err = customer.Resolve(ctx, f.Runner.DB, about.Name)
	}
	if err != nil {
		if fault.KindOf(err) != fault.KindNotFound {
			return err
		}
		refuse(first(about.Name, about.USCC, "?"))
		return nil
	}
	facts, err := l.m.Response.Read(item)
	if err != nil {
		refuse(about.Name + ": " + outcomeOf(err).Detail)
		return nil
	}
	file.Matched++
	_, err = operation.Run(ctx, f.Runner, f.call("provider "+l.cfg.Key), noteFacts, noted{Config: l.cfg, CustomerID: id, Facts: facts, Evidence: file.SHA256})
	return err
}

type noted struct {
	Config     Config
	CustomerID string
	Facts      Facts
	Evidence   string
}

// noteFacts compares what a file says of a customer. It stands in no list of operations.
var noteFacts = operation.New("provider.note_facts", func(ctx context.Context, tx *operation.Tx, in noted) (int, error) {
	if err := tx.Lock(ctx, "customer", in.CustomerID); err != nil {
		return 0, err
	}
	m, err := ReadMapping(in.Config.Mapping)
	if err != nil {
		return 0, err
	}
	tx.About(in.CustomerID)
	return note(ctx, tx, in.Config, m, in.CustomerID, in.Facts, in.Evidence)
})

// noteFile notes a processed file. It stands in no list of operations.
var noteFile = operation.New("provider.note_file", func(ctx context.Context, tx *operation.Tx, in File) (File, error) {
	tx.Changed("provider.file", in.Provider+" "+in.SHA256, nil, in)
	return in, insertFile(ctx, tx.Tx, in)
})
