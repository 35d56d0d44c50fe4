package screening_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/test/story"
)

// lines counts the lines of an OFAC file: one an entry, as no text of theirs holds a line break.
func lines(raw []byte) int {
	return strings.Count(strings.TrimRight(string(raw), "\x1a\r\n "), "\n") + 1
}

// records counts what stands below a CSV header, with a reader that knows nothing else of the list.
func records(t *testing.T, raw []byte) int {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return len(all) - 1
}

// elements counts the opening tags of individuals and entities.
func elements(t *testing.T, raw []byte) (n int) {
	t.Helper()
	for dec := xml.NewDecoder(bytes.NewReader(raw)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(xml.StartElement); ok && slices.Contains([]string{"INDIVIDUAL", "ENTITY"}, s.Name.Local) {
			n++
		}
	}
}

// A customer that bears names taken by hand from each real list: AEROCARIBBEAN AIRLINES is number 36 of sdn.csv, 立方公司
// stands four times in China's list, ERIC BADEGE is the UN's CDi.001 and, as "BADEGE, Eric", OFAC's; Сергей Валерьевич
// АКСЁНОВ stands in the EU's, in brackets.
func TestRealListsAreLoadedAndFound(t *testing.T) {
	sdn, un, eu, china := screening.RealFiles(t, "sdn.csv.gz", "alt.csv.gz", "add.csv.gz"), screening.RealFiles(t, "UN_consolidated.xml.gz"), screening.RealFiles(t, "eu_32014R0269.csv.gz"), screening.RealFiles(t, "opensanctions_cn_sanctions.csv.gz")
	consolidated := screening.RealFiles(t, "cons_prim.csv.gz", "cons_alt.csv.gz")
	real := []struct {
		screening.Load
		entries int
	}{
		{screening.Load{Source: "ofac_sdn", Files: sdn}, lines(sdn[0])}, {screening.Load{Source: "ofac_consolidated", Files: consolidated}, lines(consolidated[0])},
		{screening.Load{Source: "un", Files: un}, elements(t, un[0])}, {screening.Load{Source: "eu_269", Files: eu}, records(t, eu[0])}, {screening.Load{Source: "china", Files: china}, records(t, china[0])},
	}
	story.Each(t, func(w *story.World) {
		for _, in := range real {
			in.Accept = true
			start := time.Now()
			e := story.Must(w, w.Manager, screening.LoadList, in.Load)
			w.T.Logf("%s: %d entries, %d names in %v", e.Source, e.Entries, e.Names, time.Since(start).Round(time.Millisecond))
			if e.Entries != in.entries || e.Added != in.entries || e.Status != screening.EditionInForce {
				w.T.Errorf("%s: %+v, want %d entries", in.Source, e, in.entries)
			}
			if again := story.Must(w, w.Manager, screening.LoadList, in.Load); again.New {
				w.T.Errorf("%s again: %+v", in.Source, again)
			}
		}
		w.React()
		c := create(w, w.Analyst, customer.Profile{Name: "立方公司", NameEN: "Aerocaribbean Airlines", LegalRepresentative: "сергей валерьевич аксенов"})
		story.Must(w, w.Analyst, customer.AddContact, customer.Contact{CustomerID: c.ID, Name: "Eric Badege"})
		w.React()
		found := map[string]int{}
		for _, h := range story.See(w, w.Manager, screening.Hits, listing.Query{Filters: []listing.Filter{{Column: "customer_id", Value: c.ID}}, Limit: 500}).Rows {
			found[h.Source+" "+h.PartyKind+" "+h.Entry.Name]++
		}
		for key, n := range map[string]int{"ofac_sdn customer AEROCARIBBEAN AIRLINES": 1, "un contact ERIC BADEGE": 1, "ofac_sdn contact BADEGE, Eric": 1} {
			if found[key] != n {
				w.T.Errorf("%s: %d hits, want %d (all: %v)", key, found[key], n, found)
			}
		}
		bySource := map[string]int{}
		for key, n := range found {
			bySource[strings.Join(strings.Fields(key)[:2], " ")] += n
		}
		if bySource["china customer"] < 4 || bySource["eu_269 legal_representative"] < 1 {
			w.T.Errorf("立方公司 stands four times, Аксёнов once: %v", found)
		}
	})
}
