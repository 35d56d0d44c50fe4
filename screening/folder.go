package screening

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/screening/match"
)

// FolderList is a published list that was found in a folder.
type FolderList struct {
	Key     string // as in Sources
	Files   []string
	Entries []Entry
}

// Folder reads the published lists in a folder, plain or gzipped, by what the files hold and not by their names: the UN's
// XML, tables with the header of the EU or the Chinese list, OFAC's tables without header, of which those that speak of
// the same numbers belong together. Other files are told of and left out. Errors name the file.
func Folder(fsys fs.FS, leftOut func(name string)) ([]FolderList, error) {
	names, err := fs.Glob(fsys, "*")
	if err != nil {
		return nil, err
	}
	var lists []FolderList
	var ofac []ofacFile
	for _, name := range names {
		if info, err := fs.Stat(fsys, name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		raw, err := unpacked(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		key, parse, columns := sniffed(raw)
		switch {
		case parse != nil:
			entries, err := parse(bytes.NewReader(raw))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			lists = append(lists, FolderList{key, []string{name}, entries})
		case columns == 12 || columns == 5 || columns == 6:
			ofac = append(ofac, ofacFile{name, raw, columns, firstColumn(raw)})
		default:
			leftOut(name)
		}
	}
	more, err := ofacLists(ofac, leftOut)
	if err != nil {
		return nil, err
	}
	lists = append(lists, more...)
	if len(lists) == 0 {
		return nil, errors.New("the folder holds no list that can be read")
	}
	return lists, nil
}

func unpacked(fsys fs.FS, name string) (_ []byte, err error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil || !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		return raw, err
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// sniffed tells by its beginning what a file is: a list with its reader, or a table of so many columns.
func sniffed(raw []byte) (key string, parse func(...io.Reader) ([]Entry, error), columns int) {
	if head := raw[:min(len(raw), 4096)]; bytes.Contains(head, []byte("<CONSOLIDATED_LIST")) {
		return "un", ParseUN, 0
	} else if bytes.Contains(head, []byte("Entity_LogicalId;")) {
		return "eu_fsf", ParseEU, 0
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	row, err := r.Read()
	if err != nil {
		return "", nil, 0
	}
	switch {
	case slices.Contains(row, "celex") && slices.Contains(row, "recordId"):
		return "eu_269", ParseEU, 0
	case slices.Contains(row, "Chinese name") && slices.Contains(row, "Type"):
		return "china", ParseChina, 0
	}
	return "", nil, len(row)
}

// ofacFile is a file of OFAC: parties (12 columns), aliases (5) or addresses (6), with the numbers that it speaks of.
type ofacFile struct {
	name    string
	raw     []byte
	columns int
	numbers map[string]bool
}

func firstColumn(raw []byte) map[string]bool {
	numbers := map[string]bool{}
	_ = eachRow(0, bytes.NewReader(raw), ',', 0, func(_ int, row []string) error { // what is wrong is told when the file is read
		numbers[row[0]] = true
		return nil
	})
	return numbers
}

func ofacLists(files []ofacFile, leftOut func(string)) ([]FolderList, error) {
	var lists []FolderList
	used := map[string]bool{}
	for _, primary := range files {
		if primary.columns != 12 {
			continue
		}
		l := FolderList{Key: "ofac_sdn", Files: []string{primary.name}}
		if strings.Contains(strings.ToLower(path.Base(primary.name)), "cons") {
			l.Key = "ofac_consolidated"
		}
		readers := []io.Reader{bytes.NewReader(primary.raw), bytes.NewReader(nil)}
		for _, columns := range []int{5, 6} {
			for _, f := range files {
				if f.columns != columns || used[f.name] || !within(f.numbers, primary.numbers) {
					continue
				}
				if used[f.name] = true; columns == 5 {
					readers[1] = bytes.NewReader(f.raw)
				} else {
					readers = append(readers, bytes.NewReader(f.raw))
				}
				l.Files = append(l.Files, f.name)
				break
			}
		}
		var err error
		if l.Entries, err = ParseOFAC(readers...); err != nil {
			return nil, fmt.Errorf("%s: %w", strings.Join(l.Files, ", "), err)
		}
		used[primary.name] = true
		lists = append(lists, l)
	}
	for _, f := range files {
		if !used[f.name] {
			leftOut(f.name)
		}
	}
	return lists, nil
}

func within(some, all map[string]bool) bool {
	for n := range some {
		if !all[n] {
			return false
		}
	}
	return len(some) > 0
}

// IndexEntries makes the entries of lists ready for an index, under "list|number".
func IndexEntries(lists []FolderList) []match.Entry {
	var all []match.Entry
	for _, l := range lists {
		for _, e := range l.Entries {
			all = append(all, match.Entry{ID: l.Key + "|" + e.SourceID, Party: e.matched()})
		}
	}
	return all
}
