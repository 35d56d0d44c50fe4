package ownership_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/customer/ownership"
)

// drawn makes a graph of lines such as "P 60 A" (P holds 60 % of A), "P votes 30 A", "P controls A", "P guarantees A",
// "P manager A". Names in capitals are companies, small ones persons, those with a leading $ state bodies.
func drawn(t testing.TB, lines ...string) *ownership.Graph {
	t.Helper()
	g, err := sketch(lines...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func sketch(lines ...string) (*ownership.Graph, error) {
	var parties []ownership.Party
	seen := map[string]bool{}
	node := func(name string) string {
		if !seen[name] {
			seen[name] = true
			kind := ownership.Company
			if strings.HasPrefix(name, "$") {
				kind = ownership.State
			} else if strings.ToLower(name) == name {
				kind = ownership.Person
			}
			parties = append(parties, ownership.Party{ID: name, Name: name, Kind: kind})
		}
		return name
	}
	var links []ownership.Link
	for _, line := range lines {
		f := strings.Fields(line)
		l := ownership.Link{From: node(f[0]), To: node(f[len(f)-1])}
		percent := 0.0
		read := func(text string) {
			if _, err := fmt.Sscan(text, &percent); err != nil {
				panic(err) // a mistake in the test's drawing
			}
		}
		switch f[1] {
		case "controls":
			l.Kind = ownership.Control
		case "guarantees":
			l.Kind = ownership.Guarantee
		case "votes":
			l.Kind = ownership.Voting
			read(f[2])
		case ownership.Manager, ownership.Director, ownership.Supervisor, ownership.LegalRepresentative:
			l.Kind, l.Role = ownership.Office, f[1]
		default:
			l.Kind = ownership.Share
			read(f[1])
		}
		l.Fraction = percent / 100
		links = append(links, l)
	}
	return ownership.New(parties, links)
}

func holds(g *ownership.Graph, holder, company string) float64 {
	all, _ := g.Owners(company, 0)
	for _, h := range all {
		if h.Party.ID == holder {
			return h.Fraction
		}
	}
	return 0
}

// Every expectation is worked out by hand, from the source named.
func TestLookThroughShares(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		graph  []string
		want   map[string]float64 // "holder company": percent
		hidden map[string]float64 // undisclosed percent
	}{
		{
			// White, "When matrix theory explains consolidation": 10 + 80·40 + 60·10·40 + 60·20 = 56.4 %.
			"several ways", []string{"S0 10 S3", "S0 80 S1", "S0 60 S2", "S1 40 S3", "S2 10 S1", "S2 20 S3"},
			map[string]float64{"S0 S3": 56.4, "S0 S1": 86, "S1 S3": 40, "S2 S3": 24},
			map[string]float64{"S3": 43.6},
		},
		{
			// Elliott, Golub and Jackson (2014): two organisations hold half of each other; of each, two thirds end with its
			// own owners, a third with the other's.
			"halves of each other", []string{"A 50 B", "B 50 A", "p 50 A", "q 50 B"},
			map[string]float64{"p A": 200. / 3, "q A": 100. / 3, "p B": 100. / 3, "q B": 200. / 3, "A B": 50},
			map[string]float64{"A": 0, "B": 0},
		},
		{
			// x = 0.8 + 0.2·0.3·x gives 0.8/0.94; the way q→B→A alone is 24 %, with the circle it is 25.53 %.
			"a circle lifts above a quarter", []string{"p 70 A", "q 80 B", "A 20 B", "B 30 A"},
			map[string]float64{"p A": 70 / .94, "p B": 14 / .94, "q B": 80 / .94, "q A": 24 / .94, "A B": 20, "B A": 30},
			map[string]float64{"A": 0},
		},
		{
			// The company's own fifth belongs to the others in proportion: 60/80 and 20/80.
			"own shares", []string{"p 60 C", "q 20 C", "C 20 C"}, map[string]float64{"p C": 75, "q C": 25}, map[string]float64{"C": 0},
		},
		{
			// Three in a ring: p's share in A is 0.4 + 0.6·0.5·0.5·x.
			"a ring of three", []string{"p 40 A", "C 60 A", "A 50 B", "B 50 C", "q 50 B", "r 50 C"},
			map[string]float64{"p A": 40 / .85, "p B": 20 / .85, "p C": 10 / .85, "q B": 50 / .85, "q A": 15 / .85, "r C": 50 / .85, "r A": 30 / .85, "r B": 15 / .85},
			map[string]float64{"A": 0, "B": 0, "C": 0},
		},
		{
			// Nobody outside owns a closed circle: each member holds all of the other, and all of what the circle holds.
			"a closed circle", []string{"A 100 B", "B 100 A", "A 30 C", "B 20 C", "p 50 C"},
			map[string]float64{"A B": 100, "B A": 100, "A C": 50, "B C": 50, "p C": 50}, map[string]float64{"A": 0, "C": 0},
		},
		{
			"a rest that nobody is known for", []string{"p 40 A", "A 50 B"}, map[string]float64{"p B": 20}, map[string]float64{"A": 60, "B": 80},
		},
		{
			"all of itself", []string{"A 100 A", "A 40 B", "p 60 B"}, map[string]float64{"A B": 40, "p B": 60}, map[string]float64{"A": 0, "B": 0},
		},
		{
			"a chain of five", []string{"p 90 A", "A 80 B", "B 70 C", "C 60 D", "D 50 E"}, map[string]float64{"p E": 15.12, "C E": 30}, map[string]float64{"E": 84.88},
		},
	} {
		g := drawn(t, c.graph...)
		for pair, percent := range c.want {
			holder, company, _ := strings.Cut(pair, " ")
			if got := 100 * holds(g, holder, company); math.Abs(got-percent) > 1e-9 {
				t.Errorf("%s: %s in %s is %.6f %%, want %.6f", c.name, holder, company, got, percent)
			}
		}
		for company, percent := range c.hidden {
			if _, got := g.Owners(company, 0); math.Abs(100*got-percent) > 1e-9 {
				t.Errorf("%s: undisclosed of %s is %.6f %%, want %.6f", c.name, company, 100*got, percent)
			}
		}
	}
}

func TestSelfHeld(t *testing.T) {
	t.Parallel()
	g := drawn(t, "p 70 A", "q 80 B", "A 20 B", "B 30 A", "C 10 C", "A 5 C", "D 100 E", "E 100 D")
	for company, want := range map[string]float64{"A": .06, "B": .06, "C": .1, "D": 1, "p": 0, "nobody": 0} {
		if got := g.SelfHeld(company); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s holds %.4f of itself, want %.4f", company, got, want)
		}
	}
}

func TestFloorLeavesOutSmallHolders(t *testing.T) {
	t.Parallel()
	g := drawn(t, "p 60 A", "q 30 A", "r 10 A")
	all, hidden := g.Owners("A", .2)
	if len(all) != 2 || all[0].Party.ID != "p" || all[1].Party.ID != "q" || hidden != 0 {
		t.Errorf("%+v, %v undisclosed", all, hidden)
	}
}

func TestWhatCannotBe(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"p 60 A;q 50 A": "shares_exceed", "p 101 A": "fraction", "p -1 A": "fraction", "A 10 p": "person_owned", "A controls $s": "person_owned",
		"p 60 A;q 40 A;r votes 20 A": "votes_exceed", "p nan A": "fraction",
	} {
		_, err := sketch(strings.Split(line, ";")...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), -.1} {
		if _, err := ownership.New([]ownership.Party{{ID: "p"}, {ID: "A", Kind: ownership.Company}}, []ownership.Link{{From: "p", To: "A", Kind: ownership.Share, Fraction: bad}}); err == nil {
			t.Errorf("a share of %v was taken", bad)
		}
	}
	if _, err := ownership.New(nil, []ownership.Link{{From: "p", To: "A", Kind: ownership.Share}}); err == nil {
		t.Error("a link of unknown parties was taken")
	}
	// A hundred and four thousandths, of rounding, is a hundred.
	if g := drawn(t, "p 50.002 A", "q 50.002 A"); math.Abs(holds(g, "p", "A")-.5) > 1e-12 {
		t.Errorf("rounded shares: %v", holds(g, "p", "A"))
	}
}

func shown(c ownership.Chain) string {
	var b strings.Builder
	for i, s := range c.Steps {
		if i == 0 {
			b.WriteString(s.From.ID)
		}
		fmt.Fprintf(&b, " %.4g %s", 100*s.Fraction, s.To.ID)
	}
	return b.String()
}

func TestChains(t *testing.T) {
	t.Parallel()
	g := drawn(t, "S0 10 S3", "S0 80 S1", "S0 60 S2", "S1 40 S3", "S2 10 S1", "S2 20 S3", "p 100 S0")
	var got []string
	for _, c := range g.Chains("S0", "S3", 10) {
		got = append(got, shown(c))
	}
	want := []string{"S0 80 S1 40 S3", "S0 60 S2 20 S3", "S0 10 S3", "S0 60 S2 10 S1 40 S3"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if n := len(g.Chains("S0", "S3", 2)); n != 2 {
		t.Errorf("%d chains of at most 2", n)
	}
	// In a circle each chain passes a party once.
	ring := drawn(t, "p 40 A", "C 60 A", "A 50 B", "B 50 C")
	if all := ring.Chains("p", "C", 10); len(all) != 1 || shown(all[0]) != "p 40 A 50 B 50 C" {
		t.Errorf("%+v", all)
	}
}

func TestControllers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, company string
		graph         []string
		want          []string // "party rule votes%"
	}{
		// Control is not the product: 51 % of 51 % are 26 % of the capital and all of the control.
		{"a pyramid", "B", []string{"p 51 A", "A 51 B", "q 49 A", "r 49 B"}, []string{"p majority 51"}},
		{"two stakes of companies under one hand", "C", []string{"p 60 A", "p 60 B", "A 30 C", "B 30 C", "q 40 C"}, []string{"p majority 60"}},
		{"half is no majority", "A", []string{"p 50 A", "q 50 A"}, nil},
		{"by agreement", "A", []string{"p 20 A", "q 80 A", "p controls A", "q votes 0 A"}, []string{"p agreement 20"}},
		{"votes given away", "A", []string{"p 30 A", "q 70 A", "p votes 75 A", "q votes 25 A"}, []string{"p majority 75"}},
		{"own shares have no vote", "A", []string{"p 45 A", "q 35 A", "A 20 A"}, []string{"p majority 56.25"}},
		{"the weakest link", "B", []string{"p 40 A", "q 15 A", "A 50 B", "r 20 B"}, []string{"p weakest 40"}},
		{"thirty is not above thirty", "B", []string{"p 30 B", "q 20 B"}, nil},
		{"two are equal", "B", []string{"p 40 B", "q 40 B"}, nil},
		{"a company nobody is known for", "B", []string{"A 80 B", "p 20 B"}, []string{"A majority 80"}},
		{"a closed circle", "A", []string{"A 100 B", "B 100 A"}, []string{"B majority 100"}},
		{"nobody", "A", []string{"A 10 B"}, nil},
		{"joint agreement", "A", []string{"p controls A", "q controls A", "r 100 A"}, []string{"r majority 100", "p agreement 0", "q agreement 0"}},
	} {
		var got []string
		for _, x := range drawn(t, c.graph...).Controllers(c.company) {
			got = append(got, fmt.Sprintf("%s %s %.4g", x.Party.ID, x.Rule, 100*x.Votes))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	all := drawn(t, "p 51 A", "A 51 B").Controllers("B")
	if s := shown(all[0].Chain); s != "p 51 A 51 B" {
		t.Errorf("chain of control %q", s)
	}
}

func TestBeneficialOwners(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, company string
		graph         []string
		want          []string // "person ground share% votes%"
		complete      bool
	}{
		{"twenty-five is enough", "A", []string{"p 25 A", "q 24.99 A", "r 50.01 A"}, []string{"r share 50.01 50.01", "p share 25 25"}, true},
		// Directly he has nothing, the single way gives 24 %, the circle 25.53 %.
		{"by a circle", "A", []string{"p 70 A", "q 80 B", "A 20 B", "B 30 A"}, []string{"p share 74.47 70", "q share 25.53 30"}, true},
		// 51 % of 40 % are 20.4 % of the capital, but the whole 40 % of the votes.
		{"by votes", "B", []string{"p 51 A", "q 49 A", "A 40 B", "r 60 B"}, []string{"r share 60 60", "p votes 20.4 40"}, true},
		{"by agreement", "A", []string{"p controls A", "q 24 A", "r 24 A", "s 24 A", "t 24 A"}, []string{"p control 0 0"}, true},
		{"the manager when there is none", "A", []string{"p 20 A", "q 20 A", "r 20 A", "s 20 A", "t 20 A", "u manager A", "v director A"}, []string{"u manager 0 0"}, true},
		{"none is known", "A", []string{"B 100 A"}, nil, false},
		{"of the state", "A", []string{"$s 60 A", "p 40 A", "l legal_representative A"}, []string{"l state 0 0"}, true},
		{"a minority of the state", "A", []string{"$s 30 A", "p 70 A", "l legal_representative A"}, []string{"p share 70 70"}, true},
		{"a quarter is hidden", "A", []string{"p 75 A", "B 25 A"}, []string{"p share 75 75"}, false},
	} {
		f := drawn(t, c.graph...).BeneficialOwners(c.company)
		var got []string
		for _, b := range f.Owners {
			got = append(got, fmt.Sprintf("%s %s %.4g %.4g", b.Party.ID, b.Ground, 100*b.Fraction, 100*b.Votes))
		}
		if !slices.Equal(got, c.want) || f.Complete != c.complete {
			t.Errorf("%s: %q complete %v, want %q %v", c.name, got, f.Complete, c.want, c.complete)
		}
	}
	f := drawn(t, "p 51 A", "q 49 A", "A 40 B", "r 60 B").BeneficialOwners("B")
	if s := shown(f.Owners[1].Chains[0]); s != "p 51 A 40 B" {
		t.Errorf("the way of p is %q", s)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	g := drawn(t, "p 60 A", "p 60 B", "A 30 C", "B 30 C", "q 40 C", // p: A, B, C
		"r 50 D", "s 50 D", // nobody
		"E 51 F", "E 100 G", "t 30 E", // E: F, G
		"u 100 H",             // one company is no group
		"$s 100 I", "$s 90 J", // the state connects nothing
		"v controls K", "v 70 L") // v: K, L
	var got []string
	for _, x := range g.Groups() {
		names := x.Apex.ID + ":"
		for _, m := range x.Members {
			names += m.ID
		}
		got = append(got, names)
	}
	if want := []string{"E:EFG", "p:ABCp", "v:KLv"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestCommonOfficers(t *testing.T) {
	t.Parallel()
	all := drawn(t, "p director A", "p manager A", "q director A", "q supervisor B", "r manager B").CommonOfficers()
	if len(all) != 1 || all[0].Person.ID != "q" || len(all[0].Posts) != 2 || all[0].Posts[1].Role != "supervisor" {
		t.Errorf("%+v", all)
	}
}

func TestGuaranteeCircles(t *testing.T) {
	t.Parallel()
	all := drawn(t, "A guarantees B", "B guarantees A", "C guarantees D", "D guarantees E", "E guarantees C", "E guarantees F", "p guarantees A").GuaranteeCircles()
	if len(all) != 2 || len(all[0].Members) != 2 || len(all[0].Links) != 2 || len(all[1].Members) != 3 || all[1].Members[2].ID != "E" || len(all[1].Links) != 3 {
		t.Errorf("%+v", all)
	}
}
