package match

import "slices"

// What it costs when one character stands for another. The share of such characters in the longer name, times hanSteep, is
// the loss.
const (
	homophoneCost  = .20 // one reading with its tone
	otherToneCost  = .25 // one reading but for the tone
	lookalikeCost  = .22
	characterCost  = .9 // one too many
	otherCharacter = 1.
	hanSteep       = 2.2
)

// hanLoss compares two runs of simplified characters.
func hanLoss(a, b token) (float64, How) {
	if slices.Equal(a.han, b.han) {
		if a.raw != b.raw {
			return 0, Traditional
		}
		return 0, Same
	}
	if len(a.han) > mostLetters || len(b.han) > mostLetters {
		return 1, Differs
	}
	var costs [2][mostLetters + 1]float64
	last, now := &costs[0], &costs[1]
	for j := range b.han {
		last[j+1] = last[j] + characterCost
	}
	how := Edit
	for i := range a.han {
		now[0] = last[0] + characterCost
		for j := range b.han {
			cost, kind := otherCharacter, Edit
			if a.han[i] == b.han[j] {
				cost = 0
			} else if len(a.said) == len(a.han) && len(b.said) == len(b.han) {
				cost, kind = character(a.han[i], b.han[j], a.said[i], b.said[j])
			}
			if kind != Edit && (i == j || len(a.han) != len(b.han)) {
				how = kind
			}
			now[j+1] = min(last[j]+cost, last[j+1]+characterCost, now[j]+characterCost)
		}
		last, now = now, last
	}
	loss := hanSteep * last[len(b.han)] / float64(max(len(a.han), len(b.han)))
	if last[len(b.han)] >= characterCost {
		how = Edit
	}
	return min(1, loss), how
}

func character(a, b rune, saidA, saidB []reading) (float64, How) {
	best, how := otherCharacter, Edit
	for _, x := range saidA {
		for _, y := range saidB {
			if x.tone == y.tone && best > homophoneCost {
				best, how = homophoneCost, Homophone
			} else if x.plain == y.plain && best > otherToneCost {
				best, how = otherToneCost, Homophone
			}
		}
	}
	if best > lookalikeCost && slices.Contains(known().shapes[a], b) {
		return lookalikeCost, Lookalike
	}
	return best, how
}

// spells tells whether Latin letters are a reading of characters, with any reading of each.
func spells(said [][]reading, text string) bool {
	if len(said) == 0 || text == "" || len(text) > 255 {
		return false
	}
	var reach, next [256]bool
	reach[0] = true
	for _, readings := range said {
		next = [256]bool{}
		found := false
		for at := range len(text) {
			if !reach[at] {
				continue
			}
			for _, r := range readings {
				if n := len(r.plain); at+n <= len(text) && text[at:at+n] == r.plain {
					next[at+n], found = true, true
				} else if lenient := umlaut(r.plain); lenient != "" && at+len(lenient) <= len(text) && text[at:at+len(lenient)] == lenient {
					next[at+len(lenient)], found = true, true
				}
			}
		}
		if !found {
			return false
		}
		reach = next
	}
	return reach[len(text)]
}

// umlaut gives the other usual writing of lü and nü: lyu and lv are folded by the caller to lu, passports write lyu.
func umlaut(plain string) string {
	switch plain {
	case "lu":
		return "lyu"
	case "nu":
		return "nyu"
	}
	return ""
}

// pinyinLoss compares characters with Latin letters.
func pinyinLoss(h, l token) (float64, How) {
	if h.foreign {
		if a, b := merged.Replace(consonants(h.sound)), merged.Replace(consonants(l.sound)); a == b && len(l.text) >= 3 {
			return skeletonLoss(a), Phonetic
		}
		if loss, _ := wordLoss(h.text, l.text, h.sound, l.sound); loss < .5 {
			return loss, Phonetic
		}
		return 1, Differs
	}
	if spells(h.said, l.text) || h.said == nil && h.text == l.text {
		return .02, Pinyin
	}
	if d := len(h.text) - len(l.text); d > 2 || d < -2 {
		return 1, Differs
	}
	loss := slip(edits(h.text, l.text)*1.3, max(len(h.text), len(l.text)))
	return min(1, loss+.05), Pinyin
}
