package match_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/screening/match"
)

var kinds = []match.Kind{match.Unknown, match.Person, match.Company, match.Organization, match.Vessel, match.LegalEntity}

func score(kind match.Kind, a, b string) float64 {
	return match.Compare(match.Party{Name: a, Kind: kind}, match.Party{Name: b, Kind: kind}).Score
}

// Generic words identify nobody, however alike.
func TestLegalFormsAloneNeverMatch(t *testing.T) {
	for _, kind := range []match.Kind{match.Company, match.Organization, match.LegalEntity, match.Unknown} {
		for _, name := range []string{"CORP.", "Co., Ltd.", "Limited", "GmbH & Co. KG", "有限公司", "股份有限公司", "ООО", "", "—"} {
			if r := match.Compare(match.Party{Name: name, Kind: kind}, match.Party{Name: name, Kind: kind}); r.Match || r.Score > .2 {
				t.Errorf("%s %q matches itself with %.2f", kind, name, r.Score)
			}
		}
	}
}

// One brand in two cities is two companies; a name that is the same scores high and yet below 1.
func TestScoresDoNotSaturate(t *testing.T) {
	if s := score(match.Company, "杭州安泽恒岳机械有限公司", "宁波安泽恒岳机械有限公司"); s >= match.Threshold {
		t.Errorf("two cities: %.2f", s)
	}
	common, rare := score(match.Person, "王伟", "王伟"), score(match.Person, "欧阳靖远", "欧阳靖远")
	if common >= rare || common < .7 || rare >= 1 {
		t.Errorf("a common name scores %.3f, a rare one %.3f", common, rare)
	}
	short, long := score(match.Person, "Ali Khan", "Ali Khan"), score(match.Person, "Mehrdad Khorasanizadeh Tabrizi", "Mehrdad Khorasanizadeh Tabrizi")
	if short >= long || long >= .995 {
		t.Errorf("common words score %.3f, rare ones %.3f", short, long)
	}
	same, slip, other := score(match.Person, "Friedrich Lindenberg", "Friedrich Lindenberg"), score(match.Person, "Fridrich Lindenberg", "Friedrich Lindenberg"), score(match.Person, "Gerhard Lindenberg", "Friedrich Lindenberg")
	if same <= slip || slip <= match.Threshold || other >= match.Threshold {
		t.Errorf("same %.3f, slip %.3f, other %.3f", same, slip, other)
	}
}

func TestNamesOfOneDistinctivePartyMatch(t *testing.T) {
	for kind, names := range map[match.Kind][]string{
		match.Person:  {"Mehrdad Khorasanizadeh", "张伟明", "Ротенберг Аркадий", "محمد بن سلمان", "N. Nazarbayev", "Hannibal", "贝拉克·奥巴马"},
		match.Company: {"Gazprom", "Bank of China", "3M Company", "中国银行", "上海有限公司", "Dubai Ltd", "7-Eleven Inc", "Deutsche Bank (Schweiz) AG", "北京A8音乐科技有限公司", "香港万隆航运有限公司"},
		match.Vessel:  {"Victory 3", "MV Hellenic Spirit", "SINGAPORE"},
		match.Unknown: {"Huawei Shenzhen", "Nanshan Group", "faberlic"},
	} {
		for _, name := range names {
			if s := score(kind, name, name); s < .65 {
				t.Errorf("%s %q meets itself with %.2f", kind, name, s)
			}
		}
	}
	if s := score(match.Unknown, "Huawei Shenzhen", "Huawei Shenzhen Co Ltd"); s < match.Threshold {
		t.Errorf("a legal form more: %.2f", s)
	}
}

func TestSupportingFactsMoveTheScore(t *testing.T) {
	name := "Ahmed Mohammed Ali"
	with := func(born, country, id string) match.Result {
		a := match.Party{Name: name, Kind: match.Person, Born: []string{"1969-11-20", "circa 1971"}, Countries: []string{"Iran"}, IDs: []string{"P-1234567"}}
		return match.Compare(a, match.Party{Name: name, Kind: match.Person, Born: list(born), Countries: list(country), IDs: list(id)})
	}
	plain := with("", "", "").Score
	for _, c := range []struct {
		born, country, id string
		up                bool
	}{
		{"20 Nov 1969", "", "", true}, {"1969年11月20日", "", "", true}, {"1969", "", "", true}, {"20.11.1969", "", "", true}, {"1940-01-01", "", "", false}, {"1965–1967", "", "", false},
		{"", "IR", "", true}, {"", "伊朗", "", true}, {"", "Iranian", "", true}, {"", "Cuba", "", false}, {"", "", "p1234567", true}, {"", "", "X9999999", false},
	} {
		r := with(c.born, c.country, c.id)
		if len(r.Facts) != 1 || r.Facts[0].Agree != c.up || (r.Score > plain) != c.up {
			t.Errorf("%+v: %.3f from %.3f, %+v", c, r.Score, plain, r.Facts)
		}
	}
	if r := with("a long time ago", "", "12"); len(r.Facts) != 0 {
		t.Errorf("facts that say nothing count: %+v", r.Facts)
	}
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// The explanation is the score: its parts add up to the logit, and both languages say each.
func TestExplanationAddsUp(t *testing.T) {
	r := match.Compare(match.Party{Name: "北京安泽恒岳科技有限公司", Kind: match.Company, Countries: []string{"CN"}}, match.Party{Name: "Beijing Anze Hengyue Technology Co., Ltd.", Kind: match.Company, Countries: []string{"中国"}})
	for _, how := range []match.How{match.Pinyin, match.Abbreviation, match.LegalForm} {
		if !slices.ContainsFunc(r.Steps, func(s match.Step) bool { return s.How == how }) {
			t.Errorf("no part is told as %s: %+v", how, r.Steps)
		}
	}
	zh, en := r.Explain(i18n.ZH), r.Explain(i18n.EN)
	if len(zh) != len(r.Steps)+1 || len(en) != len(zh) || slices.Equal(zh, en) {
		t.Errorf("%v\n%v", zh, en)
	}
}

var nameParts = rapid.OneOf(
	rapid.SampledFrom([]string{"Muhammad", "al", "bin", "Ltd", "公司", "有限公司", "北京", "科技", "安泽", "张伟", "Zhang", "Wei", "GmbH", "&", "(", "）", "·", "3rd", "IV", "O'Neil", "ООО", "Иван", "محمد", "김정은", "バラク", "分公司", "集团", "J.", "jc", "a", "1st", "/", "Int'l"}),
	rapid.StringN(0, 12, -1), rapid.StringMatching(`[a-z]{1,14}`), rapid.StringMatching(`[一-龥]{1,6}`),
)

func names(t *rapid.T, label string) string {
	parts := rapid.SliceOfN(nameParts, 0, 7).Draw(t, label)
	out := ""
	for i, p := range parts {
		if i > 0 && rapid.Bool().Draw(t, "blank") {
			out += " "
		}
		out += p
	}
	return out
}

func TestCompareIsSymmetricAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := match.Party{Name: names(t, "a"), Kind: rapid.SampledFrom(kinds).Draw(t, "kind a")}
		b := match.Party{Name: names(t, "b"), Kind: rapid.SampledFrom(kinds).Draw(t, "kind b")}
		if rapid.Bool().Draw(t, "alias") {
			b.Aliases = []string{names(t, "alias")}
		}
		check(t, a, b)
	})
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func check(t fataler, a, b match.Party) {
	x, y, again := match.Compare(a, b), match.Compare(b, a), match.Compare(a, b)
	if x.Score != y.Score || x.Score != again.Score {
		t.Fatalf("%+v and %+v: %v one way, %v the other, %v again", a, b, x.Score, y.Score, again.Score)
	}
	if !(x.Score >= 0 && x.Score < 1) || x.Match != (x.Score >= match.Threshold) {
		t.Fatalf("%+v and %+v: %+v", a, b, x)
	}
	if sum := x.Sum(); x.Score > 0 && (sum-x.Score > 1e-9 || x.Score-sum > 1e-9) {
		t.Fatalf("%+v and %+v: the explanation gives %v, the score is %v: %+v", a, b, sum, x.Score, x)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("Muhammad bin Salman", "محمد بن سلمان", uint8(1))
	f.Add("北京安泽(上海)科技有限公司", "An Ze Ke Ji", uint8(2))
	f.Add("\xff\x00 Co Co", "·・", uint8(0))
	f.Add("A/S Møller-Mærsk", "a p m o l l e r", uint8(3))
	f.Fuzz(func(t *testing.T, a, b string, kind uint8) {
		k := kinds[int(kind)%len(kinds)]
		check(t, match.Party{Name: a, Kind: k}, match.Party{Name: b, Kind: k})
	})
}

func entries(n int) []match.Entry {
	out := make([]match.Entry, n)
	for i := range out {
		out[i] = match.Entry{ID: fmt.Sprint(i), Party: match.Party{Name: fmt.Sprintf("杭州%c%c机械有限公司", rune(0x5000+i%700), rune(0x6000+i/700)), Kind: match.Company}}
	}
	return out
}

func TestIndexIsChangedWhileOthersSearch(t *testing.T) {
	index := match.NewIndex(entries(5000))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if got := index.Search(match.Party{Name: "杭州倀怀机械有限公司", Kind: match.Company}, match.Options{}); len(got) > 10 {
					t.Errorf("%d found", len(got))
				}
			}
		})
	}
	find := func(name string) []string {
		var ids []string
		for _, f := range index.Search(match.Party{Name: name, Kind: match.Company}, match.Options{Threshold: .8}) {
			ids = append(ids, f.ID)
		}
		return ids
	}
	steps := []struct {
		add    []match.Entry
		remove []string
		name   string
		want   []string
		size   int
	}{
		{[]match.Entry{{ID: "new", Party: match.Party{Name: "宁波恒岳轴承有限公司", Kind: match.Company}}}, nil, "宁波恒岳轴承有限公司", []string{"new"}, 5001},
		{[]match.Entry{{ID: "new", Party: match.Party{Name: "温州远帆鞋业有限公司", Kind: match.Company}}}, nil, "宁波恒岳轴承有限公司", nil, 5001},
		{nil, []string{"new", "absent"}, "温州远帆鞋业有限公司", nil, 5000},
		{nil, []string{"0", "1"}, string([]rune("杭州")) + string([]rune{0x5000, 0x6000}) + "机械有限公司", nil, 4998},
		{[]match.Entry{{ID: "0", Party: match.Party{Name: "温州远帆鞋业有限公司", Kind: match.Company}}}, nil, "温州远帆鞋业有限公司", []string{"0"}, 4999},
	}
	for i, s := range steps {
		index.Apply(s.add, s.remove)
		if got := find(s.name); !slices.Equal(got, s.want) || index.Len() != s.size {
			t.Errorf("step %d: %v of %d, want %v of %d", i, got, index.Len(), s.want, s.size)
		}
	}
	many := entries(3000)
	for i := range many {
		many[i].ID = "more " + many[i].ID
	}
	index.Apply(many, nil) // more than a tenth: built anew
	if index.Len() != 7999 || !slices.Equal(find("温州远帆鞋业有限公司"), []string{"0"}) {
		t.Errorf("%d after the index was built anew", index.Len())
	}
	close(stop)
	wg.Wait()
}

// Searching finds what comparing with each would find.
func TestSearchAgreesWithCompare(t *testing.T) {
	var all []match.Entry
	for i, p := range chinesePairs(t, "chinese_pairs.csv") {
		all = append(all, match.Entry{ID: fmt.Sprint(i), Party: match.Party{Name: p.b, Kind: match.Kind(p.kind)}})
	}
	index := match.NewIndex(all)
	missed, should := 0, 0
	for i, p := range chinesePairs(t, "chinese_pairs.csv") {
		q := match.Party{Name: p.a, Kind: match.Kind(p.kind)}
		if !match.Compare(q, all[i].Party).Match {
			continue
		}
		should++
		if !slices.ContainsFunc(index.Search(q, match.Options{Most: 100}), func(f match.Found) bool { return f.ID == all[i].ID }) {
			missed++
			t.Logf("%q does not find %q", p.a, p.b)
		}
	}
	if should < 150 || missed > should/100 {
		t.Errorf("%d of %d are not found", missed, should)
	}
}
