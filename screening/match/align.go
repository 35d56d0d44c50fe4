package match

import (
	"cmp"
	"slices"
	"strings"
)

// pair is what meets: one or more parts of each name, and what is lost by it (0 the same, 1 nothing in common).
type pair struct {
	a, b   []int
	loss   float64
	how    How
	weight float64
}

// Beyond these losses parts do not meet.
const (
	worstPair  = .72
	worstJoint = .4
	mostJoined = 4 // words that are read as one
)

// aligner finds which parts of the names meet.
type aligner struct {
	a, b         []token
	usedA, usedB []bool
	twinA, twinB []bool // words that stand a second time
	pairs        []pair
	places       []int // backs the pairs' indices
}

// align gives the pairs of name parts of two forms; parts in no pair stay alone.
func align(a, b []token) *aligner {
	flags := make([]bool, 2*(len(a)+len(b)))
	n, m := len(a), len(b)
	x := &aligner{a: a, b: b, usedA: flags[:n], usedB: flags[n : n+m], twinA: flags[n+m : 2*n+m], twinB: flags[2*n+m:], pairs: make([]pair, 0, min(n, m)), places: make([]int, 0, 2*min(n, m))}
	if x.respaced() {
		return x
	}
	x.equal()
	x.translated()
	x.joined(.06)
	x.single()
	x.joined(worstJoint)
	x.runs()
	x.acronyms()
	x.doubled()
	return x
}

// one gives a list of one index.
func (x *aligner) one(i int) []int {
	x.places = append(x.places, i)
	return x.places[len(x.places)-1:]
}

func (x *aligner) take(p pair) {
	for _, i := range p.a {
		x.usedA[i] = true
		p.weight += x.a[i].weight / 2
	}
	for _, j := range p.b {
		x.usedB[j] = true
		p.weight += x.b[j].weight / 2
	}
	x.pairs = append(x.pairs, p)
}

// equal pairs identical words first, which is most of the work.
func (x *aligner) equal() {
	for i := range x.a {
		for j := range x.b {
			if !x.usedA[i] && !x.usedB[j] && x.a[i].text == x.b[j].text && x.a[i].han == nil && x.b[j].han == nil {
				x.take(pair{a: x.one(i), b: x.one(j), how: Same})
			}
		}
	}
}

// respaced pairs the whole names when they are the same letters with the blanks elsewhere (Chang Myongc Hin).
func (x *aligner) respaced() bool {
	if len(x.a) < 2 && len(x.b) < 2 || len(x.a) == 0 || len(x.b) == 0 {
		return false
	}
	textA, textB, same := "", "", len(x.a) == len(x.b)
	var a, b []int
	for i, t := range x.a {
		if t.han != nil {
			return false
		}
		textA += t.text
		a = append(a, i)
		same = same && t.text == x.b[i].text
	}
	for j, t := range x.b {
		if t.han != nil {
			return false
		}
		textB += t.text
		b = append(b, j)
	}
	if same || textA != textB {
		return false
	}
	x.take(pair{a: a, b: b, loss: .02, how: Joined})
	return true
}

// translated pairs a Chinese line of business with the English words that say it (信息技术 and information technology).
func (x *aligner) translated() {
	words := func(t token, all []token, used []bool) []int {
		if t.part != PartBusiness || !chinese(t) {
			return nil
		}
		var at []int
		for j, o := range all {
			if !used[j] && o.part == PartBusiness && !chinese(o) && slices.Contains(t.also, o.concept) {
				at = append(at, j)
			}
		}
		return at
	}
	for i, t := range x.a {
		if at := words(t, x.b, x.usedB); !x.usedA[i] && at != nil {
			x.take(pair{a: []int{i}, b: at, loss: .02, how: Abbreviation})
		}
	}
	for j, t := range x.b {
		if at := words(t, x.a, x.usedA); !x.usedB[j] && at != nil {
			x.take(pair{a: at, b: []int{j}, loss: .02, how: Abbreviation})
		}
	}
}

// chinese tells whether a line of business is said in Chinese, in characters or in pinyin.
func chinese(t token) bool { return t.concept != "" && t.concept[0] >= 0x80 }

// single pairs words one to one, the closest first.
func (x *aligner) single() {
	type option struct {
		i, j int
		loss float64
		how  How
		w    float64
	}
	var all []option
	for i := range x.a {
		for j := range x.b {
			if x.usedA[i] || x.usedB[j] {
				continue
			}
			if loss, how := tokenLoss(x.a[i], x.b[j]); loss <= worstPair {
				all = append(all, option{i, j, loss, how, x.a[i].weight + x.b[j].weight})
			}
		}
	}
	slices.SortFunc(all, func(p, q option) int {
		return cmp.Or(cmp.Compare(p.loss, q.loss), cmp.Compare(q.w, p.w), cmp.Compare(p.i+p.j, q.i+q.j), cmp.Compare(min(p.i, p.j), min(q.i, q.j)))
	})
	for _, o := range all {
		if !x.usedA[o.i] && !x.usedB[o.j] {
			x.take(pair{a: x.one(o.i), b: x.one(o.j), loss: o.loss, how: o.how})
		}
	}
}

// joined pairs one word with several neighbours that are the same letters, in their order or turned round.
func (x *aligner) joined(worst float64) {
	for i := range x.a {
		if !x.usedA[i] {
			if p, ok := bestJoint(x.a[i], x.b, x.usedB, worst); ok {
				x.take(pair{a: []int{i}, b: p.b, loss: p.loss, how: p.how})
			}
		}
	}
	for j := range x.b {
		if !x.usedB[j] {
			if p, ok := bestJoint(x.b[j], x.a, x.usedA, worst); ok {
				x.take(pair{a: p.b, b: []int{j}, loss: p.loss, how: p.how})
			}
		}
	}
}

func bestJoint(one token, many []token, used []bool, worst float64) (pair, bool) {
	best := pair{loss: worst}
	found := false
	if one.part == PartNumber || len(one.text) < 2 {
		return best, false
	}
	for start := range many {
		if one.han != nil && many[start].han != nil {
			if p, ok := resegmented(one, many, used, start, best.loss); ok {
				best, found = p, true
			}
			continue
		}
		if many[start].han != nil {
			if p, ok := spelled(one, many, used, start); ok && p.loss < best.loss {
				best, found = p, true
			}
			continue
		}
		if p, ok := bestRun(one, many, used, start, best.loss); ok {
			best, found = p, true
		}
	}
	return best, found
}

// spelled pairs a Latin word with neighbouring parts in characters that it spells, in their order or turned round.
func spelled(one token, many []token, used []bool, start int) (pair, bool) {
	if one.han != nil || one.part != PartName {
		return pair{}, false
	}
	var said [][]reading
	var at []int
	for i := start; i < len(many) && i < start+mostJoined && !used[i] && many[i].han != nil && len(many[i].said) == len(many[i].han); i++ {
		at = append(at, i)
		said = append(said, many[i].said...)
		if len(at) < 2 {
			continue
		}
		turned := slices.Concat(said[len(many[start].said):], many[start].said)
		if spells(said, one.text) || spells(turned, one.text) {
			return pair{b: at, loss: .02, how: Pinyin}, true
		}
	}
	return pair{}, false
}

// resegmented pairs a run of characters with neighbouring parts that are the same characters, cut elsewhere because one of
// them is miswritten (鸿图精密摸具 and 鸿图 精密模具).
func resegmented(one token, many []token, used []bool, start int, worst float64) (pair, bool) {
	best := pair{loss: worst}
	joined := token{raw: many[start].raw}
	var at []int
	for i := start; i < len(many) && i < start+mostJoined && !used[i] && many[i].han != nil; i++ {
		at = append(at, i)
		joined.han = slices.Concat(joined.han, many[i].han)
		for _, r := range many[i].han {
			joined.said = append(joined.said, known().readings[r])
		}
		if len(at) < 2 || len(joined.han) > len(one.han)+1 {
			continue
		}
		if loss, how := hanLoss(one, joined); loss < best.loss {
			best = pair{b: slices.Clone(at), loss: loss, how: how}
		}
	}
	return best, best.b != nil
}

// bestRun finds the neighbours from start on that make the one word together, with less loss than worst.
func bestRun(one token, many []token, used []bool, start int, worst float64) (pair, bool) {
	best := pair{loss: worst}
	found := false
	joined, initials := "", ""
	var at []int
	for i := start; i < len(many) && i < start+mostJoined && !used[i] && many[i].han == nil; i++ {
		joined += many[i].text
		initials += many[i].text[:min(1, len(many[i].text))]
		at = append(at, i)
		if len(at) < 2 {
			continue
		}
		if one.han == nil && one.text == initials && len(one.text) <= 3 && one.part == PartName && !vowel(one.text[len(one.text)-1]) && best.loss > .15 {
			best, found = pair{b: slices.Clone(at), loss: .15, how: Initial}, true
		}
		if d := len(joined) - len(one.text); d > 3 {
			break
		} else if d < -3 {
			continue
		}
		var loss float64
		how := Joined
		if one.han != nil {
			loss, how = pinyinLoss(one, token{text: joined, sound: sound(joined)})
		} else {
			if n := max(len(joined), len(one.text)); apart(letters(joined), letters(one.text), n) {
				continue
			}
			loss, _ = wordLoss(one.text, joined, one.sound, sound(joined))
			if len(at) == 2 {
				turned := many[at[1]].text + many[at[0]].text
				if other, _ := wordLoss(one.text, turned, one.sound, sound(turned)); other < loss {
					loss = other
				}
			}
			loss += .02
		}
		if loss < best.loss {
			best, found = pair{b: slices.Clone(at), loss: loss, how: how}, true
		}
	}
	return best, found
}

// runs pairs neighbours that are left over on both sides when they are the same letters, split elsewhere (Myongc Hin and
// Myong Chin).
func (x *aligner) runs() {
	for i := range x.a {
		if x.usedA[i] {
			continue
		}
		runA, textA := leftRun(x.a, x.usedA, i)
		for j := range x.b {
			if x.usedB[j] || len(runA) < 2 {
				continue
			}
			runB, textB := leftRun(x.b, x.usedB, j)
			if len(runB) < 2 {
				continue
			}
			if loss, _ := wordLoss(textA, textB, sound(textA), sound(textB)); loss <= .2 {
				x.take(pair{a: runA, b: runB, loss: loss + .02, how: Joined})
				return
			}
		}
	}
}

func leftRun(all []token, used []bool, from int) ([]int, string) {
	var at []int
	text := ""
	for i := from; i < len(all) && !used[i] && len(at) < mostJoined && all[i].han == nil; i++ {
		at = append(at, i)
		text += all[i].text
	}
	return at, text
}

// acronyms pairs a word with all the other name's words when it is made of their initials (PLA).
func (x *aligner) acronyms() {
	try := func(one, many []token, usedOne, usedMany []bool) ([]int, []int) {
		initials, at := "", []int{}
		for j, t := range many {
			if usedMany[j] {
				return nil, nil
			}
			if t.part == PartParticle || t.han != nil || t.text == "" {
				continue
			}
			initials += t.text[:1]
			at = append(at, j)
		}
		if len(at) < 3 {
			return nil, nil
		}
		for i, t := range one {
			if !usedOne[i] && t.han == nil && t.text == initials {
				return []int{i}, at
			}
		}
		return nil, nil
	}
	if i, j := try(x.a, x.b, x.usedA, x.usedB); i != nil {
		x.take(pair{a: i, b: j, loss: .1, how: Initial})
	} else if j, i := try(x.b, x.a, x.usedB, x.usedA); j != nil {
		x.take(pair{a: i, b: j, loss: .1, how: Initial})
	}
}

// doubled lets a word that stands twice in one name meet its twin's partner.
func (x *aligner) doubled() {
	mark := func(all []token, used, twin []bool) {
		for i := range all {
			for k := range all {
				if i != k && !used[i] && used[k] && all[i].text == all[k].text && all[i].han == nil {
					twin[i] = true
				}
			}
		}
	}
	mark(x.a, x.usedA, x.twinA)
	mark(x.b, x.usedB, x.twinB)
}

// tokenLoss compares two parts of names.
func tokenLoss(a, b token) (float64, How) {
	if a.part == PartBusiness && b.part == PartBusiness {
		return businessLoss(a, b)
	}
	switch {
	case a.han != nil && b.han != nil:
		if a.foreign != b.foreign {
			return 1, Differs
		}
		return hanLoss(a, b)
	case a.han != nil:
		return pinyinLoss(a, b)
	case b.han != nil:
		return pinyinLoss(b, a)
	}
	if a.text == "" || b.text == "" {
		return 1, Differs
	}
	if loss, how, ok := shortLoss(a, b); ok {
		return loss, how
	}
	loss, how := wordLoss(a.text, b.text, a.sound, b.sound)
	if loss > .2 && sameInTheSouth(a.text, b.text) {
		return .2, Phonetic
	}
	if a.part != b.part && loss > .45 {
		return 1, Differs // a word of business is no slip of a name
	}
	return loss, how
}

// shortLoss compares parts that are not compared letter by letter: particles and titles, initials, short and familiar
// forms, words without vowels.
func shortLoss(a, b token) (float64, How, bool) {
	if a.part == b.part && (a.part == PartParticle || a.part == PartTitle && a.text[0] == b.text[0]) {
		return .3, Phonetic, true // bin, ben, ibn; sheikh, shaykh
	}
	if len(a.text) == 1 || len(b.text) == 1 {
		if a.text[0] == b.text[0] && a.part == PartName && b.part == PartName {
			return .25, Initial, true
		}
		return 1, Differs, true
	}
	if a.full == b.full && a.text != b.text && a.full != "" {
		if shortForms[a.text] != "" || shortForms[b.text] != "" {
			return .03, Abbreviation, true
		}
		return .1, Abbreviation, true
	}
	if a.loose != b.loose {
		if x := consonants(a.sound); x == consonants(b.sound) {
			return skeletonLoss(x), Phonetic, true
		}
	}
	return 0, "", false
}

// sameInTheSouth tells whether two words are pinyin and differ only by sounds that many speakers do not tell apart.
func sameInTheSouth(a, b string) bool {
	t := known()
	return len(a) < 12 && southern.Replace(a) == southern.Replace(b) && t.isPinyin(a) && t.isPinyin(b)
}

// businessLoss compares words for lines of business: the same word, or one that stands for it in the other language.
func businessLoss(a, b token) (float64, How) {
	if a.concept == b.concept {
		if a.han != nil && b.han != nil {
			return hanLoss(a, b)
		}
		if a.text == b.text {
			return 0, Same
		}
		return .02, Abbreviation
	}
	if chinese(a) != chinese(b) && (slices.Contains(a.also, b.concept) || slices.Contains(b.also, a.concept)) {
		return .02, Abbreviation
	}
	if chinese(a) || chinese(b) {
		return 1, Differs
	}
	return wordLoss(a.text, b.text, a.sound, b.sound)
}

func joinRaw(all []token, at []int) string {
	parts := make([]string, len(at))
	for i, k := range at {
		parts[i] = all[k].raw
	}
	return strings.Join(parts, " ")
}
