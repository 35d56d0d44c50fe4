package screening

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"

	"github.com/xinheng/xinheng/internal/realdata"
)

// RealFiles reads watch lists of the real data.
func RealFiles(t testing.TB, names ...string) [][]byte {
	t.Helper()
	var files [][]byte
	for _, name := range names {
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
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		files = append(files, raw)
	}
	return files
}

// The counts were taken with Python's csv and ElementTree readers: OFAC rows by the third column, alias rows (all have an
// entry), numbers with a country other than -0- in the address file, remarks that
// match (^|; )(alt\. )?DOB; UN elements below INDIVIDUALS and ENTITIES, alias cells and NAME_ORIGINAL_SCRIPT split by
// semicolons; EU and China rows by schema, names split as ParseEU says. Repeated aliases of one entry count once.
func TestRealLists(t *testing.T) {
	type counts struct{ person, organisation, vessel, aircraft, aliases, born, countries int }
	for _, c := range []struct {
		source string
		files  []string
		want   counts
	}{
		{"ofac_sdn", []string{"sdn.csv.gz", "alt.csv.gz", "add.csv.gz"}, counts{3845, 2994, 323, 217, 9680, 3662, 5151}},
		{"ofac_consolidated", []string{"cons_prim.csv.gz", "cons_alt.csv.gz", "cons_add.csv.gz"}, counts{79, 363, 0, 0, 1073, 74, 390}},
		{"un", []string{"UN_consolidated.xml.gz"}, counts{730, 273, 0, 0, 3190, 677, 838}},
		{"eu_269", []string{"eu_32014R0269.csv.gz"}, counts{1984, 818, 0, 0, 4624, 1875, 984}},
		{"china", []string{"opensanctions_cn_sanctions.csv.gz"}, counts{195, 415, 0, 0, 557, 0, 534}},
	} {
		all, err := parse(c.source, RealFiles(t, c.files...))
		if err != nil {
			t.Fatalf("%s: %v", c.source, err)
		}
		var got counts
		ids := map[string]bool{}
		for _, e := range all {
			switch e.Kind {
			case kindPerson:
				got.person++
			case kindOrganisation:
				got.organisation++
			case kindVessel:
				got.vessel++
			case kindAircraft:
				got.aircraft++
			}
			got.aliases += len(e.Aliases)
			if e.Born != "" {
				got.born++
			}
			if e.Countries != "" {
				got.countries++
			}
			if e.Name == "" || e.SourceID == "" || ids[e.SourceID] {
				t.Errorf("%s: %+v has no name, no id, or another's", c.source, e)
			}
			ids[e.SourceID] = true
		}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.source, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("1,\"A\",-0- ,x,,,,,,,,\"DOB 1962.\"\n\x1a"), []byte("1,2,\"aka\",\"B\",-0-\n"))
	f.Add([]byte("<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>A</FIRST_NAME></INDIVIDUAL>"), []byte(""))
	f.Add([]byte("celex,annex,recordId,schema,name,alias\n1,2,3,Person,A (Б),\"C; D\"\n"), []byte("\xff"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, s := range Sources {
			files := []io.Reader{bytes.NewReader(a), bytes.NewReader(b)}[:len(s.Files)]
			all, err := s.parse(files...)
			if err != nil {
				continue
			}
			for _, e := range all {
				if e.Name == "" || e.Kind == "" {
					t.Errorf("%s: %+v", s.Key, e)
				}
			}
		}
	})
}
