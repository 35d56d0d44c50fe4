package match

import (
	"math"
	"math/bits"
	"strings"
)

// sounds rewrites letters by how names are pronounced, so that spellings of one sound meet: Khaled and Haled, Yussef and
// Iusef, Xi and Shi. Coarser than Metaphone, as it must serve romanisations of many languages.
var sounds = strings.NewReplacer("shch", "sh", "tsch", "c", "sch", "sh", "dzh", "j", "tch", "c", "ch", "c", "kh", "h", "gh", "g", "ph", "f", "ck", "k", "qu", "k", "q", "k", "th", "t", "dh", "d", "dj", "j", "cz", "c", "sz", "s", "zh", "j",
	"xi", "shi", "xu", "shu", "x", "ks", "ce", "se", "ci", "si", "cy", "si", "c", "k", "w", "v", "oo", "u", "ou", "u", "ee", "i", "ea", "i", "ie", "i", "ae", "e", "ai", "e", "ay", "e", "ei", "e", "ey", "e", "ii", "i", "iy", "i", "yi", "i", "y", "i", "ts", "s", "tz", "s")

func sound(text string) string {
	s := sounds.Replace(text)
	var b strings.Builder
	b.Grow(len(s))
	var last byte
	for i := range len(s) {
		if c := s[i]; c != last {
			b.WriteByte(c)
			last = c
		}
	}
	return b.String()
}

const mostLetters = 48 // of a word that is compared letter by letter

func vowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'
}

// alike are consonants that stand for each other in romanisations and by ear.
var alike = func() (m [128][128]bool) {
	for _, group := range []string{"bp", "bv", "vf", "vw", "dt", "gk", "kq", "kc", "sz", "sc", "jg", "jy", "jz", "mn", "hk", "gh", "gj", "lr", "cj"} {
		m[group[0]][group[1]], m[group[1]][group[0]] = true, true
	}
	return m
}()

func swapCost(a, b byte) float64 {
	switch {
	case a == b:
		return 0
	case vowel(a) && vowel(b):
		return .5
	case a < 128 && b < 128 && alike[a][b]:
		return .7
	}
	return 1
}

// extraCost is the cost of a letter too many beside its neighbours.
func extraCost(s string, i int) float64 {
	c := s[i]
	if i > 0 && s[i-1] == c || i+1 < len(s) && s[i+1] == c {
		return .3 // doubled
	}
	if c == 'h' {
		return .6
	}
	if vowel(c) {
		return .8
	}
	return 1
}

// edits is the weighted optimal string alignment distance: letters inserted, deleted, replaced, neighbours swapped. A
// doubled letter, a vowel for a vowel and an h cost less than others.
func edits(a, b string) float64 {
	if a == b {
		return 0
	}
	if len(a) > mostLetters || len(b) > mostLetters {
		return float64(max(len(a), len(b)))
	}
	var rows [3][mostLetters + 1]float64
	before, last, now := &rows[0], &rows[1], &rows[2]
	for j := 1; j <= len(b); j++ {
		last[j] = last[j-1] + extraCost(b, j-1)
	}
	for i := 1; i <= len(a); i++ {
		extra := extraCost(a, i-1)
		now[0] = last[0] + extra
		for j := 1; j <= len(b); j++ {
			d := min(last[j-1]+swapCost(a[i-1], b[j-1]), last[j]+extra, now[j-1]+extraCost(b, j-1))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+.6)
			}
			now[j] = d
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}

// slip turns a distance into the loss of a pair of words of n letters: 0 the same, 1 nothing in common. It grows faster
// than the share of letters: one slip in seven is a slip, two are another name.
func slip(distance float64, n int) float64 {
	if n == 0 {
		return 1
	}
	x := distance / float64(n)
	switch {
	case n <= 3:
		x *= 1.6
	case n == 4:
		x *= 1.3
	case n == 5:
		x *= 1.1
	}
	x /= .22
	return min(1, .5*x*math.Sqrt(x))
}

// letters is the set of letters of a word, as bits.
func letters(text string) (mask uint32) {
	for i := range len(text) {
		mask |= 1 << (text[i] & 31)
	}
	return mask
}

// apart tells, without comparing letter by letter, that two words of at most n letters are too far apart to meet: each
// letter that only one of them has costs an edit.
func apart(a, b uint32, n int) bool {
	d := max(bits.OnesCount32(a&^b), bits.OnesCount32(b&^a))
	return float64(d)*leastEdit > worstShare*float64(n)
}

const (
	leastEdit  = .5  // the cheapest edit that brings in another letter
	worstShare = .29 // the share of edits at which slip exceeds worstPair
)

// wordLoss compares two folded words by letters and by sound.
func wordLoss(a, b, soundA, soundB string) (float64, How) {
	if a == b {
		return 0, Same
	}
	n := max(len(a), len(b))
	if d := len(a) - len(b); (d > 3 || d < -3) && 2*min(len(a), len(b)) < n {
		return 1, Differs
	}
	if soundA == soundB && len(soundA) > 1 {
		return .05, Phonetic
	}
	if apart(letters(a), letters(b), n) && apart(letters(soundA), letters(soundB), max(len(soundA), len(soundB))) {
		return 1, Differs
	}
	first := 0.0
	if a[0] != b[0] && (!vowel(a[0]) || !vowel(b[0])) && soundA != "" && soundB != "" && soundA[0] != soundB[0] {
		first = .5 // names are seldom misspelt in their first letter
	}
	how := Edit
	loss := slip(edits(a, b)+first, n)
	if s := slip(edits(soundA, soundB)+first, max(len(soundA), len(soundB))) + .05; s < loss {
		loss, how = s, Phonetic
	}
	if otherGender(a, b) {
		return max(loss, .6), Edit
	}
	if n >= 5 && loss > .15 && scrambled(a, b) {
		loss, how = .15, Edit
	}
	return min(1, loss), how
}

// otherGender tells whether two words differ only by the ending that makes a given name a man's or a woman's: Antonio and
// Antonia, Michel and Michelle.
func otherGender(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	n := len(a) - 1
	if len(a) == len(b) {
		return n >= 3 && a[:n] == b[:n] && (a[n] == 'a' && b[n] == 'o' || a[n] == 'o' && b[n] == 'a')
	}
	return strings.HasSuffix(a, "el") && b == a+"le"
}

// scrambled tells whether two words have the same letters in an order that is no accident: reversed, with the halves
// changed, with half of the letters in place, or long.
func scrambled(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	var counts [256]int8
	reversed, same := true, 0
	for i := range len(a) {
		counts[a[i]]++
		counts[b[i]]--
		if a[i] != b[len(b)-1-i] {
			reversed = false
		}
		if a[i] == b[i] {
			same++
		}
	}
	for _, n := range counts {
		if n != 0 {
			return false
		}
	}
	return reversed || len(a) >= 7 || 2*same >= len(a)-1 || strings.Contains(a+a, b)
}

// consonants is the sound of a word without its vowels: what is left of a name in a script without vowels. Sounds that
// Arabic does not tell apart are one.
func consonants(sound string) string {
	var b strings.Builder
	var last byte
	for i := range len(sound) {
		c := sound[i]
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y', 'h', 'v':
			continue
		case 'z':
			c = 's'
		case 'p':
			c = 'b'
		case 'j', 'c':
			c = 'g'
		}
		if c != last {
			b.WriteByte(c)
			last = c
		}
	}
	return b.String()
}

// merged makes l and r one, which Chinese characters do not tell apart in foreign names.
var merged = strings.NewReplacer("r", "l")

// skeletonLoss is the loss of two words with these consonants in common: few of them say little.
func skeletonLoss(consonants string) float64 {
	switch len(consonants) {
	case 0, 1:
		return .65
	case 2:
		return .2
	}
	return .1
}

// southern writes pinyin syllables as they sound in the south, where zh is z, sh is s, ng is n, and as beginners write x.
var southern = strings.NewReplacer("zh", "z", "ch", "c", "sh", "s", "x", "s", "ng", "n")
