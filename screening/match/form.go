package match

import (
	"slices"
	"strings"
)

// token is a part of a prepared name.
type token struct {
	raw     string // as written
	text    string // folded Latin letters; of Chinese characters their usual pinyin
	sound   string // text as it sounds
	han     []rune // simplified characters; nil when the part is not Chinese
	said    [][]reading
	part    Part
	concept string   // of places, numbers, legal forms and lines of business: what they stand for
	also    []string // other concepts that it may stand for, in the other language
	weight  float64  // as evidence
	loose   bool     // no vowels written
	full    string   // what text is a short or familiar form of
	foreign bool     // Chinese characters that spell a foreign name by sound
	group   int
}

// form is a name made ready for comparison.
type form struct {
	raw     string
	person  bool // leave out and turn round, as persons' names do
	vessel  bool
	names   []token // what tells this party from others: names, titles, particles, numbers' neighbours
	places  []token
	numbers []token
	forms   []token
	branch  []token
	company *form // the same name read as a company's, when the kind is not known
}

// party is a Party made ready.
type party struct {
	forms []form
	facts facts
}

func prepareParty(p Party) party {
	out := party{facts: prepareFacts(p)}
	for _, name := range slices.Concat([]string{p.Name}, p.Aliases) {
		for _, one := range alternatives(name) {
			f := prepare(one, p.Kind)
			if !slices.ContainsFunc(out.forms, func(o form) bool { return o.raw == f.raw }) {
				out.forms = append(out.forms, f)
			}
		}
	}
	return out
}

// alternatives are the names that a text holds: "Al-Qa'ida/Islamic Army" are two.
func alternatives(name string) []string {
	parts := strings.Split(name, "/")
	if len(parts) == 1 || slices.ContainsFunc(parts, func(p string) bool { return len(strings.TrimSpace(p)) < 5 }) {
		return []string{name}
	}
	return append([]string{name}, parts...)
}

// prepare cuts a name into its parts by kind. Names of an unknown kind count as a company's when they have a legal form, a
// line of business or, in Chinese, more characters than a person has.
func prepare(name string, kind Kind) form {
	words := split(name, kind == Person || kind == Unknown || kind == LegalEntity)
	f := form{raw: name, vessel: kind == Vessel}
	switch kind {
	case Person:
		f.person = true
	case Company, Organization, Vessel:
	default:
		if f.person = !looksLikeCompany(words); f.person {
			other := prepare(name, Organization)
			f.company = &other
		}
	}
	if f.person {
		f.addPerson(words)
	} else {
		f.addCompany(words)
	}
	f.finish()
	return f
}

func looksLikeCompany(words []word) bool {
	t := known()
	for i, w := range words {
		if w.han != nil {
			s := string(t.simplify(w.han))
			if len(w.han) > 4 && len(words) == 1 {
				return true
			}
			for form := range t.hanForms {
				if strings.HasSuffix(s, form) {
					return true
				}
			}
			if b, n := t.businessSuffix([]rune(s)); b != "" && n < len(w.han)-1 {
				return true
			}
			continue
		}
		if _, n := t.formAt(words, i); n > 0 && (len(w.text) > 2 || n > 1) {
			return true
		}
		if len(t.english[w.text]) > 0 || t.english[shortForms[w.text]] != nil {
			return true
		}
	}
	return false
}

func (t *tables) simplify(han []rune) []rune {
	out := make([]rune, len(han))
	for i, r := range han {
		if s, ok := t.simple[r]; ok {
			r = s
		}
		out[i] = r
	}
	return out
}

// formAt gives the legal form that begins at a word, and how many words it has.
func (t *tables) formAt(words []word, at int) (class, int) {
	var best class
	n := 0
	var b strings.Builder
	for i := at; i < len(words) && i < at+8 && words[i].han == nil; i++ {
		if i > at {
			b.WriteByte(' ')
		}
		b.WriteString(words[i].text)
		if c, ok := t.forms[b.String()]; ok {
			best, n = c, i-at+1
		}
	}
	return best, n
}

// slippedForm finds a long legal form that is written with slips (Aktiengeselschaft), beginning at a word.
func (t *tables) slippedForm(words []word, at int) (found class, n int) {
	text := ""
	for i := at; i < len(words) && i < at+6 && words[i].han == nil; i++ {
		if i > at {
			text += " "
		}
		text += words[i].text
		if len(text) < 9 {
			continue
		}
		for _, long := range t.longForms {
			if d := len(long) - len(text); d > 2 || d < -2 || long[0] != text[0] {
				continue
			}
			if !apart(letters(text), letters(long), len(long)) && edits(text, long) <= 1+float64(len(long)/16) {
				found, n = t.forms[long], i-at+1
				break
			}
		}
	}
	return found, n
}

// formsOfPersons are legal forms that are put behind persons' names to get past a filter.
var formsOfPersons = set("llc ltd inc gmbh sa plc co corp")

func (f *form) addPerson(words []word) {
	t := known()
	words = koreanWords(oneName(words))
	hans := 0
	syllables := len(words) <= 4 // Liu De Hai: the particle de is a name here
	for _, w := range words {
		if w.han != nil {
			hans++
		}
		syllables = syllables && t.isPinyin(w.text)
	}
	for i, w := range words {
		last := hans == 0 && i > 0 && i == len(words)-1
		switch {
		case w.han != nil && hans == 1:
			f.hanPerson(w)
		case w.han != nil:
			tok := t.hanToken(w.han, t.simplify(w.han))
			tok.foreign = w.point // 贝拉克·奥巴马: characters that stand for sounds
			f.names = append(f.names, tok)
		case titles[w.text] && len(words) > 1:
			f.names = append(f.names, token{raw: w.raw, text: w.text, part: PartTitle, weight: .08})
		case particles[w.text] && len(words) > 1 && !initial(w) && !syllables:
			f.names = append(f.names, token{raw: w.raw, text: w.text, part: PartParticle, weight: .06})
		case last && formsOfPersons[w.text]:
			f.forms = append(f.forms, token{raw: w.raw, text: w.text, part: PartForm, concept: string(anyCompany)})
		default:
			f.names = append(f.names, t.latinToken(w, PartName))
		}
	}
}

// oneName joins the characters of a Chinese name that is written with blanks (张 伟 明).
func oneName(words []word) []word {
	var han []rune
	raw := ""
	for _, w := range words {
		if w.han == nil || w.point {
			return words
		}
		han = append(han, w.han...)
		raw += w.raw
	}
	if len(words) < 2 || len(han) > 4 {
		return words
	}
	return []word{{raw: raw, han: han}}
}

// koreanWords cuts a Korean name in Hangul into surname and given name, as it is romanised.
func koreanWords(words []word) []word {
	if len(words) != 1 || words[0].han != nil {
		return words
	}
	r := []rune(words[0].raw)
	if len(r) < 2 || len(r) > 4 || r[0] < 0xac00 || r[len(r)-1] > 0xd7a3 {
		return words
	}
	family, _ := latin(r[:1])
	if own := koreanSurnames[family]; own != "" {
		family = own
	}
	given, _ := latin(r[1:])
	return []word{{raw: string(r[:1]), text: family}, {raw: string(r[1:]), text: given}}
}

// initial tells whether a word of one letter that could be a particle (e, y, i) stands for a name: it is a capital.
func initial(w word) bool { return len(w.text) == 1 && w.roman }

// hanPerson splits a Chinese person's name into surname and given name.
func (f *form) hanPerson(w word) {
	t := known()
	simple := t.simplify(w.han)
	n := 1
	if len(simple) >= 3 {
		if _, compound := t.surnames[string(simple[:2])]; compound {
			n = 2
		}
	}
	if len(simple) < 2 || len(simple) > 5 {
		f.names = append(f.names, t.hanToken(w.han, simple))
		return
	}
	family := t.hanToken(w.han[:n], simple[:n])
	if s, ok := t.surnames[string(simple[:n])]; ok {
		family.weight = s.weight
		if s.reading != "" && n == 1 {
			family.said = [][]reading{append([]reading{{plain: s.reading, tone: s.reading}}, family.said[0]...)}
			family.text = s.reading
		} else if s.reading != "" {
			family.text = s.reading
			family.said = nil
		}
	} else {
		family.weight = .6
	}
	f.names = append(f.names, family, t.hanToken(w.han[n:], simple[n:]))
}

func (t *tables) latinToken(w word, part Part) token {
	return token{raw: w.raw, text: w.text, sound: sound(w.text), full: fullForm(w.text), part: part, weight: t.rarity(w.text), loose: w.loose, group: w.group}
}

// fullForm gives the full name of a familiar one, and the word that an abbreviation stands for.
func fullForm(text string) string {
	if s := shortForms[text]; s != "" {
		text = s
	}
	if n := nicknames[text]; n != "" {
		return n
	}
	return text
}

// hanToken makes a part of Chinese characters; each character says about half of what a word does.
func (t *tables) hanToken(written, simple []rune) token {
	tok := token{raw: string(written), han: simple, part: PartName, weight: .55 * float64(len(simple))}
	if tok.weight > 2.2 {
		tok.weight = 2.2 + .2*(tok.weight-2.2)
	}
	var b strings.Builder
	for _, r := range simple {
		all := t.readings[r]
		tok.said = append(tok.said, all)
		if len(all) > 0 {
			b.WriteString(all[0].plain)
		}
	}
	tok.text = b.String()
	tok.sound = sound(tok.text)
	return tok
}

// finish sets what depends on the whole name: when nothing else is there, places, numbers, titles and particles are the
// name.
func (f *form) finish() {
	if len(f.names) == 0 {
		f.names, f.places, f.numbers = slices.Concat(f.places, f.numbers), nil, nil
		for i := range f.names {
			f.names[i].part, f.names[i].weight = PartName, .6
			f.names[i].sound = sound(f.names[i].text)
		}
	}
	if slices.ContainsFunc(f.names, func(t token) bool { return t.part == PartName || t.part == PartBusiness }) {
		return
	}
	for i, t := range f.names {
		if t.part == PartParticle || t.part == PartTitle {
			f.names[i].weight = .3 * known().rarity(t.text)
		}
	}
}
