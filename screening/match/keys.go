package match

import (
	"slices"
	"unicode/utf8"
)

// key is a hash of something that names in common with another are likely to share. Two things with one key only cost a
// comparison more.
type key uint32

// What keys are made of; the kind goes into the hash.
const (
	keyWord byte = iota + 1
	keySound
	keyConsonants
	keyFront
	keyBack
	keyLetters
	keyInitials
	keyHan
	keyPinyin
	keyPinyinPair
	keyGeneric
)

func hashed(kind byte, parts ...string) key {
	h := uint32(2166136261) ^ uint32(kind)
	h *= 16777619
	for _, p := range parts {
		for i := range len(p) {
			h ^= uint32(p[i])
			h *= 16777619
		}
		h ^= 0xff
		h *= 16777619
	}
	return key(h)
}

// keys gives the keys of a name, each once. They are chosen so that any one slip in a name leaves some of them: words by
// letters, sound, consonants, front and back; Chinese characters in pairs by shape and by pinyin.
func (f *form) keys() []key {
	k := make([]key, 0, 24)
	named := false
	var han []token
	var latin []token
	for _, t := range f.names {
		if t.part != PartName {
			continue
		}
		named = true
		if t.han != nil {
			han = append(han, t)
			if t.foreign {
				k = append(k, hashed(keyConsonants, merged.Replace(consonants(t.sound))))
			}
			continue
		}
		latin = append(latin, t)
		k = wordKeys(k, t)
	}
	k = hanKeys(k, han)
	k = pinyinKeys(k, latin)
	if !f.person && len(latin) > 0 {
		k = append(k, f.initials()...)
	}
	if !named {
		k = f.genericKeys(k)
	}
	slices.Sort(k)
	return slices.Compact(k)
}

func wordKeys(k []key, t token) []key {
	if len(t.text) < 2 {
		return k
	}
	k = append(k, hashed(keyWord, t.text), hashed(keySound, t.sound))
	if n := nicknames[t.text]; n != "" {
		k = append(k, hashed(keyWord, n))
	}
	if s := shortForms[t.text]; s != "" {
		k = append(k, hashed(keyWord, s), hashed(keySound, sound(s)))
	}
	if c := merged.Replace(consonants(t.sound)); c != "" {
		k = append(k, hashed(keyConsonants, c))
	}
	if n := len(t.sound); n >= 5 {
		k = append(k, hashed(keyFront, t.sound[:4]), hashed(keyBack, t.sound[n-4:]))
	} else if n >= 3 {
		k = append(k, hashed(keyFront, t.sound[:3]), hashed(keyBack, t.sound[n-3:]))
	}
	if len(t.text) >= 5 {
		letters := []byte(t.text)
		slices.Sort(letters)
		k = append(k, hashed(keyLetters, string(letters)))
	}
	return k
}

// hanKeys pairs neighbouring characters, also over one between, by shape and by their readings.
func hanKeys(k []key, han []token) []key {
	t := known()
	var runes []rune
	var said [][]reading
	for _, tok := range han {
		runes = append(runes, tok.han...)
		for i, r := range tok.han {
			if i < len(tok.said) && len(tok.said[i]) > 0 {
				said = append(said, tok.said[i])
			} else {
				said = append(said, t.readings[r])
			}
		}
	}
	if len(runes) == 1 {
		return append(k, hashed(keyHan, string(runes[0])))
	}
	for i := range runes {
		for j := i + 1; j < len(runes) && j <= i+2; j++ {
			k = append(k, hashed(keyHan, string(runes[i]), string(runes[j])))
			if j == i+1 || len(runes) <= 4 {
				k = readingKeys(k, said[i], said[j], len(runes) == 2)
			}
		}
	}
	return k
}

const mostReadings = 3 // of a character that are indexed

func readingKeys(k []key, a, b []reading, turned bool) []key {
	for _, x := range a[:min(len(a), mostReadings)] {
		for _, y := range b[:min(len(b), mostReadings)] {
			k = append(k, hashed(keyPinyin, x.plain, y.plain))
			if turned {
				k = append(k, hashed(keyPinyinPair, min(x.plain, y.plain), max(x.plain, y.plain)))
			}
		}
	}
	return k
}

// mistaken gives the further keys of a name that is asked for: its pairs of characters with one that looks alike in place
// of another.
func (f *form) mistaken() []key {
	t := known()
	var runes []rune
	for _, tok := range f.names {
		if tok.part == PartName {
			runes = append(runes, tok.han...)
		}
	}
	var k []key
	for i := range runes {
		for j := i + 1; j < len(runes) && j <= i+1; j++ {
			for _, r := range t.shapes[runes[i]] {
				k = append(k, hashed(keyHan, string(r), string(runes[j])))
			}
			for _, r := range t.shapes[runes[j]] {
				k = append(k, hashed(keyHan, string(runes[i]), string(r)))
			}
		}
	}
	slices.Sort(k)
	return slices.Compact(k)
}

// chinese tells whether a name is written in characters.
func (f *form) chinese() bool {
	return slices.ContainsFunc(f.names, func(t token) bool { return t.han != nil })
}

// pinyinKeys gives the keys by which romanised Chinese words meet characters.
func pinyinKeys(k []key, latin []token) []key {
	t := known()
	var all []string
	for _, tok := range latin {
		if s := t.syllablesOf(tok.text); s != nil {
			all = append(all, s...)
		}
	}
	if len(all) < 2 || len(all) > 24 {
		return k
	}
	for i := range all[:len(all)-1] {
		k = append(k, hashed(keyPinyin, all[i], all[i+1]))
		if i+2 < len(all) && len(all) <= 4 {
			k = append(k, hashed(keyPinyin, all[i], all[i+2]))
		}
	}
	if len(all) == 2 {
		k = append(k, hashed(keyPinyinPair, min(all[0], all[1]), max(all[0], all[1])))
	}
	return k
}

// syllablesOf splits a word into pinyin syllables, the longest first where that works out; nil when it is none.
func (t *tables) syllablesOf(text string) []string {
	if text == "" {
		return []string{}
	}
	for n := min(6, len(text)); n >= 1; n-- {
		if !t.syllables[text[:n]] {
			continue
		}
		if n < len(text) && !t.isPinyin(text[n:]) {
			continue
		}
		if rest := t.syllablesOf(text[n:]); rest != nil {
			return append([]string{text[:n]}, rest...)
		}
	}
	return nil
}

// initials gives the key by which a company's name meets its abbreviation.
func (f *form) initials() []key {
	var all []key
	letters := ""
	for _, t := range f.names {
		if t.han != nil || t.part == PartParticle || t.text == "" {
			continue
		}
		letters += t.text[:1]
		if n := len(t.text); n >= 3 && n <= 6 {
			all = append(all, hashed(keyInitials, t.text))
		}
	}
	if n := utf8.RuneCountInString(letters); n >= 3 && n <= 6 {
		all = append(all, hashed(keyInitials, letters))
	}
	return all
}

// genericKeys are for names of nothing but generic words and places: these words then are the name.
func (f *form) genericKeys(k []key) []key {
	for i, t := range f.names {
		if t.han == nil {
			k = wordKeys(k, t)
		}
		k = append(k, hashed(keyGeneric, t.concept))
		if i > 0 {
			k = append(k, hashed(keyGeneric, f.names[i-1].concept, t.concept))
		}
		for _, p := range f.places {
			k = append(k, hashed(keyGeneric, p.concept, t.concept))
		}
	}
	for _, p := range f.places {
		k = append(k, hashed(keyGeneric, p.concept))
	}
	return k
}
