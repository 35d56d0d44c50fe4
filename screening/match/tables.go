package match

import (
	"embed"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// The tables are text, so that who knows names can read and mend them; each says where it comes from.
//
//go:embed data/*.txt
var files embed.FS

// tables are what the matcher knows about words and characters. They are read once and never change.
type tables struct {
	simple    map[rune]rune      // traditional → simplified
	shapes    map[rune][]rune    // characters that look alike
	readings  map[rune][]reading // of a character, the usual one first
	syllables map[string]bool    // all pinyin syllables, without tone
	surnames  map[string]surname
	counts    map[string]int // words by the number of names that hold them
	most      int

	forms     map[string]class // words of a legal form, joined by blanks
	longForms []string         // forms of one long word, which slips of writing do not hide
	hanForms  map[string]class
	places    map[string]string   // writing → canonical place
	hanPlaces map[string]bool     // Chinese writing of places
	business  map[string][]string // Chinese word → English words
	english   map[string][]string // English word → Chinese words that it stands for, with the word's first form in front
	pinyinBiz map[string]string   // pinyin of a Chinese word of business → the word
	longest   int                 // of Chinese table words, in characters
}

type reading struct {
	plain string // without tone
	tone  string // with tone as a digit
}

// surname is what is known of a Chinese surname.
type surname struct {
	weight  float64
	reading string // when it differs from the character's usual one
}

// class is a kind of legal form. Forms of one class name the same kind of company in different countries and languages.
type class string

const anyCompany class = "company"

var known = sync.OnceValue(load)

func lines(name string) []string {
	raw, err := files.ReadFile("data/" + name)
	if err != nil {
		panic(err) // embedded: there or the program does not build
	}
	var all []string
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

func load() *tables {
	t := &tables{simple: map[rune]rune{}, shapes: map[rune][]rune{}, readings: map[rune][]reading{}, syllables: map[string]bool{}, surnames: map[string]surname{}, counts: map[string]int{},
		forms: map[string]class{}, hanForms: map[string]class{}, places: map[string]string{}, hanPlaces: map[string]bool{}, business: map[string][]string{}, english: map[string][]string{}, pinyinBiz: map[string]string{}}
	for _, line := range lines("simplified.txt") {
		for pair := range strings.FieldsSeq(line) {
			r := []rune(pair)
			t.simple[r[0]] = r[1]
		}
	}
	t.loadReadings()
	for _, line := range lines("lookalikes.txt") {
		for group := range strings.FieldsSeq(line) {
			for _, a := range group {
				for _, b := range group {
					if a != b && !slices.Contains(t.shapes[a], b) {
						t.shapes[a] = append(t.shapes[a], b)
					}
				}
			}
		}
	}
	for _, line := range lines("words.txt") {
		for pair := range strings.FieldsSeq(line) {
			word, count, _ := strings.Cut(pair, ":")
			n, err := strconv.Atoi(count)
			if err != nil {
				panic(err)
			}
			t.counts[word] = n
			t.most = max(t.most, n)
		}
	}
	t.loadSurnames()
	t.loadPlaces()
	t.loadBusiness()
	t.loadForms()
	return t
}

func (t *tables) loadReadings() {
	toned := pinyin.NewArgs()
	toned.Style, toned.Heteronym = pinyin.Tone3, true
	for code := range pinyin.PinyinDict {
		all := pinyin.SinglePinyin(rune(code), toned)
		var out []reading
		for _, said := range all {
			plain := strings.NewReplacer("ü", "u", "v", "u").Replace(strings.TrimRight(said, "12345"))
			if plain == "" || strings.ContainsFunc(plain, func(r rune) bool { return r < 'a' || r > 'z' }) {
				continue
			}
			if !slices.ContainsFunc(out, func(r reading) bool { return r.tone == said }) {
				out = append(out, reading{plain, said})
			}
			if t.commonHan(rune(code)) {
				t.syllables[plain] = true
			}
		}
		t.readings[rune(code)] = out
	}
	for _, odd := range []string{"a", "e", "o", "m", "n", "ng", "r", "hm", "hng"} { // interjections: as syllables they would split everything
		delete(t.syllables, odd)
	}
	t.syllables["e"], t.syllables["a"] = true, true
}

// commonHan tells the basic block of CJK characters.
func (t *tables) commonHan(r rune) bool { return r >= 0x4e00 && r <= 0x9fa5 }

func (t *tables) loadSurnames() {
	weights := map[string]float64{"compound": .9, "frequent": .3, "common": .5}
	for _, line := range lines("surnames.txt") {
		kind, rest, _ := strings.Cut(line, ":")
		for word := range strings.FieldsSeq(rest) {
			if kind == "reading" {
				name, said, _ := strings.Cut(word, "=")
				s := t.surnames[name]
				s.reading = said
				if s.weight == 0 {
					s.weight = .6
				}
				t.surnames[name] = s
				continue
			}
			if s := t.surnames[word]; s.weight == 0 {
				s.weight = weights[kind]
				t.surnames[word] = s
			}
		}
	}
}

func (t *tables) plain(han string) string {
	var b strings.Builder
	for _, r := range han {
		if all := t.readings[r]; len(all) > 0 {
			b.WriteString(all[0].plain)
		}
	}
	return b.String()
}

// spellings gives the pinyin of a word with every reading of each character.
func (t *tables) spellings(han string) []string {
	all := []string{""}
	for _, r := range han {
		var next []string
		for _, head := range all {
			for _, said := range t.readings[r] {
				if s := head + said.plain; !slices.Contains(next, s) && len(next) < 24 {
					next = append(next, s)
				}
			}
		}
		all = next
	}
	return all
}

func (t *tables) addPlace(writing, canonical string) {
	if writing != "" && t.places[writing] == "" {
		t.places[writing] = canonical
	}
}

func (t *tables) loadPlaces() {
	for _, line := range lines("places.txt") {
		words := strings.Fields(line)
		latin := slices.ContainsFunc(words, func(w string) bool { return w[0] < 0x80 })
		for i, word := range words {
			if latin && i > 0 {
				t.addPlace(word, words[0])
				continue
			}
			t.hanPlaces[word] = true
			t.addPlace(word, word)
			if !latin {
				for _, said := range t.spellings(word) {
					t.addPlace(said, word)
				}
			}
			t.longest = max(t.longest, len([]rune(word)))
		}
	}
	zh, en := display.Chinese.Regions(), display.English.Regions()
	for _, code := range countryCodes {
		region := language.MustParseRegion(code)
		name := zh.Name(region)
		t.addPlace(code, code)
		t.addPlace(strings.Join(latinWords(en.Name(region)), ""), code)
		t.addPlace(name, code)
		if !strings.HasSuffix(name, "群岛") {
			t.hanPlaces[name] = true
		}
	}
	for word, code := range countryWords {
		t.addPlace(word, code)
		if r := []rune(word)[0]; r > 0x2e80 {
			t.hanPlaces[word] = true
		}
	}
}

func (t *tables) loadBusiness() {
	for _, line := range lines("business.txt") {
		han, words, _ := strings.Cut(line, "=")
		han = strings.TrimSpace(han)
		var english []string
		for group := range strings.FieldsSeq(words) {
			forms := strings.Split(group, ",")
			english = append(english, forms[0])
			for _, form := range forms {
				if len(t.english[form]) == 0 {
					t.english[form] = []string{forms[0]}
				}
				if han != "" {
					t.english[form] = append(t.english[form], han)
				}
			}
		}
		if han != "" {
			t.business[han] = english
			t.longest = max(t.longest, len([]rune(han)))
			if p := t.plain(han); t.pinyinBiz[p] == "" {
				t.pinyinBiz[p] = han
			}
		}
	}
}

func (t *tables) loadForms() {
	for _, line := range lines("forms.txt") {
		kind, rest, _ := strings.Cut(line, ":")
		for form := range strings.SplitSeq(rest, "|") {
			form = strings.TrimSpace(form)
			if r := []rune(form)[0]; r > 0x2e80 {
				t.hanForms[form] = class(kind)
				t.longest = max(t.longest, len([]rune(form)))
				continue
			}
			words := strings.Join(latinWords(form), " ")
			if _, ok := t.forms[words]; !ok {
				t.forms[words] = class(kind)
			}
			if len(words) >= 10 {
				t.longForms = append(t.longForms, words)
			}
		}
	}
	slices.Sort(t.longForms)
	t.longForms = slices.Compact(t.longForms)
}

// rarity is the weight of a word as evidence, from 0.35 for the most common to 1 for an unheard one; short words say less.
func (t *tables) rarity(word string) float64 {
	w := 1.0
	if n := t.counts[word]; n > 0 {
		w = .35 + .55*(1-math.Log(float64(n))/math.Log(float64(t.most)))
	}
	switch len(word) {
	case 1:
		return w * .25
	case 2:
		return w * .55
	case 3:
		return w * .75
	case 4:
		return w * .9
	}
	return w
}
