// Package match says when two names mean the same party. Pure: no database, clock or network.
package match

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalise gives the form in which names are compared exactly. Two names with one form differ only in what says nothing
// about who is meant:
//   - compatible letters: full width, ligatures (Unicode NFKC, UAX #15);
//   - case (ß is ss, final ς is σ);
//   - diacritics of the Latin, Greek and Cyrillic scripts and the optional points of Arabic and Hebrew. Marks of other
//     scripts stay, as they make other letters (が is not か);
//   - apostrophes, which go, and all other punctuation and blanks, which become one blank;
//   - the legal form of a company at the end (有限公司, CO., LTD., GmbH, ООО), unless less than two letters would be left.
//
// Simplified and traditional characters, the order of a person's names and forms in front of the name are not unified.
// The form of a form is itself; a name without letters and digits has the empty form.
func Normalise(name string) string {
	var b strings.Builder
	var base rune
	blank := false
	for _, r := range norm.NFKD.String(strings.ToLower(norm.NFKC.String(name))) {
		switch {
		case unicode.Is(unicode.M, r):
			if base != 0 && !blank && !unicode.In(base, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew) {
				b.WriteRune(r)
			}
		case strings.ContainsRune("'`’‘ʼʹ", r):
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if blank && b.Len() > 0 {
				b.WriteByte(' ')
			}
			blank, base = false, r
			if plain, ok := plainLetters[r]; ok {
				b.WriteString(plain)
			} else {
				b.WriteRune(r)
			}
		default:
			blank = true
		}
	}
	whole := norm.NFKC.String(b.String())
	for {
		short := withoutForm(whole)
		if short == whole {
			return whole
		}
		whole = short
	}
}

// plainLetters are letters that are written with a stroke or as a ligature, and so have no mark that could be taken off,
// and lower-case letters that share their capital with another.
var plainLetters = map[rune]string{'ß': "ss", 'ς': "σ", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'ħ': "h", 'ŧ': "t", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ı': "i", 'ŋ': "n"}

// gluedForms are legal forms of scripts without blanks; they end the last word. Longer ones come before their own ends.
var gluedForms = []string{
	"股份有限公司", "有限责任公司", "有限責任公司", "股份公司", "有限公司", "公司", "株式会社", "有限会社", "合同会社", "주식회사",
}

// wordForms are legal forms that stand as words of their own at the end. Longer ones come before their own ends.
var wordForms = []string{
	"public joint stock company", "open joint stock company", "closed joint stock company", "joint stock company", "limited liability company", "public limited company",
	"company limited", "private limited", "pte ltd", "pvt ltd", "pty ltd", "co ltd", "co limited", "sdn bhd", "gmbh co kg", "sp z o o", "s a r l", "s a s", "s r l", "s p a", "d o o", "l l c",
	"s a", "b v", "n v", "a s", "a g",
	"corporation", "incorporated", "limited", "company", "corp", "inc", "ltd", "llc", "llp", "plc", "pte", "pvt", "pty", "co", "gmbh", "kgaa", "kg", "ag", "sa", "sas", "sarl", "srl", "spa",
	"bv", "nv", "ab", "oy", "doo", "bhd", "fze", "fzco", "fzc", "pjsc", "ojsc", "cjsc", "jsc", "ooo", "oao", "zao", "pao",
	"ооо", "оао", "зао", "пао", "ао",
}

// withoutForm drops one legal form at the end. The longest form that fits decides: of 有限公司 alone nothing goes.
func withoutForm(name string) string {
	if slices.Contains(gluedForms, name) {
		return name // a form alone names nobody, and is not a name with a shorter form
	}
	for _, form := range gluedForms {
		if rest, ok := strings.CutSuffix(name, form); ok {
			return named(rest, name)
		}
	}
	for _, form := range wordForms {
		if rest, ok := strings.CutSuffix(name, " "+form); ok { // a word of its own: "tesco" does not end with the form "co"
			return named(rest, name)
		}
	}
	return name
}

func named(rest, whole string) string {
	if rest = strings.TrimSpace(rest); utf8.RuneCountInString(rest) >= 2 {
		return rest
	}
	return whole
}
