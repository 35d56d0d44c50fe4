// Package match says when two names mean the same party. Pure: no database, clock or network.
package match

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// forms are legal forms that do not tell companies apart, as they stand at the end of a normalised name. Longer ones
// come first, so that 股份有限公司 goes as a whole.
var forms = []string{
	"股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "股份公司", "公司",
	"company limited", "co limited", "co ltd", "limited liability company", "public joint stock company", "joint stock company",
	"corporation", "incorporated", "limited", "company", "gmbh", "corp", "inc", "ltd", "llc", "plc", "co", "ag", "sa", "s a", "bv", "b v", "ooo", "pjsc", "jsc", "oao", "zao", "ао", "ооо", "пао", "оао", "зао",
}

// Key is the name by which listed and known parties are compared for now: compatible forms of letters unified (full
// width, ligatures), case and diacritics folded, punctuation turned to blanks, the legal form at the end dropped. Equal
// keys mean equal names but for such trifles; the graded comparison is a matter of its own. Key of a key is itself.
func Key(name string) string {
	var b strings.Builder
	blank := false
	for _, r := range norm.NFKD.String(strings.ToLower(norm.NFKC.String(name))) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’' || r == '`':
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if blank && b.Len() > 0 {
				b.WriteByte(' ')
			}
			blank = false
			b.WriteRune(unicode.ToLower(r))
		default:
			blank = true
		}
	}
	key := norm.NFC.String(b.String())
	for {
		short := withoutForm(key)
		if short == key {
			return key
		}
		key = short
	}
}

// withoutForm drops one legal form at the end, unless nothing (or a single letter) would be left.
func withoutForm(key string) string {
	for _, f := range forms {
		rest, ok := strings.CutSuffix(key, f)
		if !ok || len([]rune(strings.TrimSpace(rest))) < 2 {
			continue
		}
		if latin := f[0] < 0x80 || strings.ContainsRune(f, 'о') || strings.ContainsRune(f, 'а'); latin && !strings.HasSuffix(rest, " ") {
			continue // "tesco" does not end with the form "co"
		}
		return strings.TrimSpace(rest)
	}
	return key
}
