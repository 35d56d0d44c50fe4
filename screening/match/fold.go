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

// split cuts a name into words: at blanks and punctuation, between Chinese characters and other letters, and inside
// "SiemensAG" where capitals say so. Apostrophes vanish, letters with points between them (S.R.L.) are one word.
func split(name string) []word {
	s := &splitter{}
	runes := []rune(norm.NFKC.String(strings.ToValidUTF8(name, " ")))
	for i, r := range runes {
		switch {
		case unicode.Is(unicode.Han, r) || r == '々':
			if len(s.raw) > 0 && !s.han {
				s.end()
			}
			s.han = true
			s.raw = append(s.raw, r)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) && len(s.raw) > 0:
			if s.han {
				s.end()
			}
			if n := len(s.raw); n >= 3 && unicode.IsUpper(r) && unicode.IsLower(s.raw[n-1]) && camel(runes[i:]) {
				s.end()
			}
			s.raw = append(s.raw, r)
		case strings.ContainsRune("'`’‘ʼʹ´′ʻ?", r) && !s.han && len(s.raw) > 0 && i+1 < len(runes) && unicode.IsLetter(runes[i+1]):
			if runes[i+1] == 's' && (i+2 == len(runes) || !unicode.IsLetter(runes[i+2])) && len(s.raw) > 2 {
				runes[i+1] = ' ' // the bank's
			}
			continue // inside a word
		case strings.ContainsRune("'`’‘ʼʹ´′ʻ", r):
			continue
		case r == '&' || r == '＆':
			s.end()
			s.words = append(s.words, word{raw: "&", text: "and", group: s.group})
		case r == '.' && len(s.raw) > 0 && !s.han && s.inAbbreviation(runes, i):
			continue
		case strings.ContainsRune("·・•‧∙", r):
			s.end()
			if n := len(s.words); n > 0 {
				s.words[n-1].point = true
			}
			s.point = true
		case strings.ContainsRune("（(「『【[〔《<“\"«", r):
			s.end()
			s.depth++
			s.group = s.depth
		case strings.ContainsRune("）)」』】]〕》>”»", r):
			s.end()
			s.group = 0
		default:
			s.end()
		}
	}
	s.end()
	return s.words
}

// camel tells whether capitals begin a new word here: three letters or more, or capitals to the end (SiemensAG).
func camel(rest []rune) bool {
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
	return n >= 3 || n == 2 && upper == 2
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
	for _, w := range split(text) {
		if w.han == nil {
			all = append(all, w.text)
		}
	}
	return all
}
