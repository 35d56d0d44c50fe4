package screening

import (
	"compress/gzip"
	"io"
	"os"
	"testing"

	"github.com/xinheng/xinheng/internal/realdata"
)

// The counts were taken with another program's CSV and XML readers.
func TestRealLists(t *testing.T) {
	for _, c := range []struct {
		source  string
		files   []string
		entries int
		aliases int // -1: not counted
	}{
		{"ofac_sdn", []string{"sdn.csv.gz", "alt.csv.gz"}, 7379, 9682},
		{"ofac_consolidated", []string{"cons_prim.csv.gz", "cons_alt.csv.gz"}, 442, 1073},
		{"un", []string{"UN_consolidated.xml.gz"}, 730 + 273, -1},
		{"eu_269", []string{"eu_32014R0269.csv.gz"}, 2802, -1},
		{"china", []string{"opensanctions_cn_sanctions.csv.gz"}, 610, -1},
	} {
		var files [][]byte
		for _, name := range c.files {
			f, err := os.Open(realdata.Path(t, "watchlists", name))
			if err != nil {
				t.Fatal(err)
			}
			z, err := gzip.NewReader(f)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			_ = f.Close()
			files = append(files, raw)
		}
		all, err := parse(c.source, files)
		if err != nil {
			t.Fatalf("%s: %v", c.source, err)
		}
		aliases := 0
		for _, e := range all {
			aliases += len(e.Aliases)
			if e.Name == "" || e.SourceID == "" {
				t.Errorf("%s: %+v has no name or id", c.source, e)
			}
		}
		if len(all) != c.entries || c.aliases >= 0 && aliases != c.aliases {
			t.Errorf("%s: %d entries with %d aliases, want %d with %d", c.source, len(all), aliases, c.entries, c.aliases)
		}
	}
}
