package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// word is a run of letters and digits of a name. A word of Chinese characters keeps them; others are folded to lower-case
// Latin letters.
type word struct {
	raw   string
	text  string // folded; empty when han is set
	han   []rune // as written
	loose bool   // from a script that does not write vowels
	group int    // which brackets it stands in; 0 = none
	roman bool   // written in capitals: may be a Roman numeral or an abbreviation
	point bool   // a middle dot stands before or after it, as in foreign names in Chinese
}

// splitter gathers the words of a name.
type splitter struct {
	words []word
	raw   []rune
	group int
	depth int
	han   bool
	point bool
}

// split cuts a name into words: at blanks and punctuation, between Chinese characters and other letters, and where capitals
// say so: in SiemensAG, and in persons' names (OlafScholz, but PetroChina is one word). Apostrophes vanish, letters with points between them (S.R.L.) are one word.
func split(name string, person bool) []word {
	s := &splitter{}
	runes := []rune(norm.NFKC.String(strings.ToValidUTF8(name, " ")))
	for i, r := range runes {
		switch {
		case unicode.Is(unicode.Han, r) || r == '々':
			s.letter(r, true)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) && len(s.raw) > 0:
			if s.capital(r) && camel(runes[i:], person) {
				s.end()
			}
			s.letter(r, false)
		case strings.ContainsRune(apostrophes, r) && (r != '?' || s.inside(runes, i)):
			if s.inside(runes, i) && possessive(runes[i+1:]) {
				runes[i+1] = ' ' // the bank's
			}
		case r == '.' && len(s.raw) > 0 && !s.han && s.inAbbreviation(runes, i):
		default:
			s.end()
			s.mark(r)
		}
	}
	s.end()
	return s.words
}

// apostrophes vanish. A question mark is one that a system could not write.
const apostrophes = "'`’‘ʼʹ´′ʻ?"

// inside tells whether the sign at i stands between letters.
func (s *splitter) inside(runes []rune, i int) bool {
	return !s.han && len(s.raw) > 0 && i+1 < len(runes) && unicode.IsLetter(runes[i+1])
}

// possessive tells whether an s alone follows.
func possessive(rest []rune) bool {
	return rest[0] == 's' && (len(rest) == 1 || !unicode.IsLetter(rest[1]))
}

// capital tells whether a capital follows small letters of a word.
func (s *splitter) capital(r rune) bool {
	n := len(s.raw)
	return n >= 3 && unicode.IsUpper(r) && unicode.IsLower(s.raw[n-1])
}

// letter goes on with a word, or begins the next where the script changes.
func (s *splitter) letter(r rune, han bool) {
	if s.han != han {
		s.end()
	}
	s.han = han
	s.raw = append(s.raw, r)
}

// mark takes what stands between words.
func (s *splitter) mark(r rune) {
	switch {
	case r == '&':
		s.words = append(s.words, word{raw: "&", text: "and", group: s.group})
	case strings.ContainsRune("·・•‧∙", r):
		if n := len(s.words); n > 0 {
			s.words[n-1].point = true
		}
		s.point = true
	case strings.ContainsRune("（(「『【[〔《<“\"«", r):
		s.depth++
		s.group = s.depth
	case strings.ContainsRune("）)」』】]〕》>”»", r):
		s.group = 0
	}
}

// camel tells whether capitals begin a new word here: three letters or more of a person's name, or two to four capitals to
// the end.
func camel(rest []rune, person bool) bool {
	n, upper := 0, 0
	for _, r := range rest {
		if !unicode.IsLetter(r) {
			break
		}
		n++
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return person && n >= 3 || n >= 2 && n <= 4 && upper == n
}

// inAbbreviation tells whether the point at i stands between single letters.
func (s *splitter) inAbbreviation(runes []rune, i int) bool {
	single := len(s.raw) == 1 || i >= 2 && runes[i-2] == '.'
	return single && i+1 < len(runes) && unicode.IsLetter(runes[i+1]) && (i+2 >= len(runes) || !unicode.IsLetter(runes[i+2]))
}

func (s *splitter) end() {
	if len(s.raw) == 0 {
		return
	}
	raw := s.raw
	s.raw = nil
	w := word{raw: string(raw), group: s.group, point: s.point}
	s.point = false
	if s.han {
		s.han = false
		w.han = raw
		s.words = append(s.words, w)
		return
	}
	w.roman = strings.ToUpper(w.raw) == w.raw
	w.text, w.loose = latin(raw)
	for i, part := range strings.Fields(w.text) {
		next := w
		next.text = part
		if i > 0 {
			next.raw = part
		}
		s.words = append(s.words, next)
	}
}

// latin folds letters of any script to lower-case Latin letters and digits. The transliteration of other scripts is that
// of Unidecode, but for the few letters that names in our lists write differently. loose is true for Arabic and Hebrew,
// whose vowels are not written.
func latin(letters []rune) (text string, loose bool) {
	var b strings.Builder
	plain, digits := 0, 0
	for _, r := range letters {
		if r < utf8.RuneSelf {
			b.WriteRune(unicode.ToLower(r))
			if unicode.IsDigit(r) {
				digits++
			} else {
				plain++
			}
			continue
		}
		if unicode.In(r, unicode.Arabic, unicode.Hebrew) {
			loose = true
		}
		if r >= 0xac00 && r <= 0xd7a3 {
			b.WriteString(hangul(r))
			plain++
			continue
		}
		if s, ok := ownLetters[unicode.ToLower(r)]; ok {
			b.WriteString(s)
			plain++
			continue
		}
		for _, d := range strings.ToLower(unidecode.Unidecode(string(r))) {
			if d >= 'a' && d <= 'z' || d >= '0' && d <= '9' {
				b.WriteRune(d)
				plain++
			}
		}
	}
	text = b.String()
	if digits > 0 && plain > digits && plain >= 2 {
		if _, ok := number(text); !ok {
			text = disguised(text)
		}
	}
	return text, loose
}

// ownLetters are transliterations that differ from Unidecode's: letters without a sound of their own, and those whose usual
// writing in passports and lists is another.
var ownLetters = map[rune]string{'ъ': "", 'ь': "", 'ё': "e", 'є': "ye", 'і': "i", 'ї': "yi", 'и': "i", 'й': "y", 'х': "kh", 'э': "e", 'щ': "shch", 'ю': "yu", 'я': "ya", 'ö': "o", 'ä': "a", 'ü': "u", 'å': "a", 'ı': "i",
	'ø': "o", 'æ': "ae", 'þ': "th", 'ð': "d", 'ł': "l", 'đ': "d", 'ß': "ss", 'ə': "a", 'ع': "", 'ء': "", 'ئ': "y", 'ؤ': "w", 'أ': "a", 'إ': "i", 'آ': "a", 'ا': "a", 'ى': "a", 'ة': "", 'خ': "kh", 'غ': "gh", 'ح': "h", 'ص': "s", 'ض': "d", 'ط': "t", 'ظ': "z", 'ث': "th", 'ذ': "dh", 'ش': "sh", 'ژ': "zh", 'چ': "ch", 'گ': "g", 'پ': "p", 'ی': "y", 'ک': "k", 'ー': ""}

// hangul romanises a Korean syllable as names are written in passports and lists, which is nearer to McCune-Reischauer than
// to the Revised Romanisation: eo is o, eu is u, and surnames have writings of their own.
func hangul(r rune) string {
	s := strings.ToLower(strings.TrimSpace(unidecode.Unidecode(string(r))))
	return strings.NewReplacer("eo", "o", "eu", "u").Replace(s)
}

var koreanSurnames = map[string]string{"gim": "kim", "bag": "pak", "i": "ri", "gang": "kang", "jo": "cho", "go": "ko", "gwon": "kwon", "baeg": "paek", "geum": "kum", "gu": "ku", "bae": "pae", "jong": "chong"}

var disguises = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "9", "g")

// disguised turns digits that stand for letters inside a word back (Sech1n, Ig0r). A digit at the end may be a pinyin tone
// and goes.
func disguised(text string) string {
	if head := strings.TrimRight(text, "12345"); len(text)-len(head) == 1 && len(head) >= 2 {
		return head
	}
	return disguises.Replace(text)
}

// latinWords gives the folded words of a text without Chinese characters.
func latinWords(text string) []string {
	var all []string
	for _, w := range split(text, false) {
		if w.han == nil {
			all = append(all, w.text)
		}
	}
	return all
}
