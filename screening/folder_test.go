package screening

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/xinheng/xinheng/internal/realdata"
	"os"
)

// The sizes are those of TestRealLists, counted outside.
func TestFolderFindsTheRealLists(t *testing.T) {
	var left []string
	lists, err := Folder(os.DirFS(realdata.Path(t, "watchlists")), func(name string) { left = append(left, name) })
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"ofac_sdn": 3845 + 2994 + 323 + 217, "ofac_consolidated": 79 + 363, "un": 730 + 273, "eu_269": 1984 + 818, "china": 195 + 415}
	for _, l := range lists {
		if n := want[l.Key]; len(l.Entries) < n || len(l.Entries) > n+5 { // a few entries are of an unknown kind
			t.Errorf("%s (%v): %d entries, want %d", l.Key, l.Files, len(l.Entries), n)
		}
		delete(want, l.Key)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	if !slices.Equal(left, []string{"sdn_comments.csv.gz"}) {
		t.Errorf("left out: %v", left)
	}
}

func TestFolderTellsWhatIsWrong(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"empty":  {},
		"others": {"a.txt": {Data: []byte("hello")}},
		"broken": {"un.xml": {Data: []byte("<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL>")}},
		"gzip":   {"un.xml.gz": {Data: []byte{0x1f, 0x8b, 1, 2}}},
	} {
		if lists, err := Folder(files, func(string) {}); err == nil {
			t.Errorf("%s: %v", name, lists)
		}
	}
}
