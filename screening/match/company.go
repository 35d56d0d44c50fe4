package match

import (
	"slices"
	"strings"
)

// addCompany cuts the name of a company into legal form, places, line of business, branch and what is left: its own name.
func (f *form) addCompany(words []word) {
	t := known()
	words = t.openPinyin(words)
	hans := slices.ContainsFunc(words, func(w word) bool { return w.han != nil })
	for i := 0; i < len(words); i++ {
		w := words[i]
		if w.han != nil {
			f.hanCompany(w, slices.ContainsFunc(words[:i], func(w word) bool { return w.han != nil }), slices.ContainsFunc(words[i+1:], func(w word) bool { return w.han != nil }))
			continue
		}
		if f.vessel {
			f.vesselWord(words, i)
			continue
		}
		if c, n := t.formHere(words, i, hans); n > 0 {
			f.addForm(words[i:i+n], c)
			i += n - 1
			continue
		}
		if place, n := t.placeAt(words, i); n > 0 {
			f.places = append(f.places, token{raw: raws(words[i : i+n]), text: texts(words[i : i+n]), part: PartPlace, concept: place, weight: .3, group: w.group})
			i += n - 1
			continue
		}
		if value, n := numberAt(words, i); n > 0 {
			f.numbers = append(f.numbers, token{raw: raws(words[i : i+n]), text: value, part: PartNumber, concept: value, weight: .4})
			i += n - 1
			continue
		}
		f.companyWord(w, len(words))
	}
}

// formHere gives the legal form of a company's name that begins at a word: at the end, in front if it is one that stands
// there, anywhere if it is long. Beside Chinese characters a single word is none.
func (t *tables) formHere(words []word, i int, hans bool) (class, int) {
	c, n := t.formAt(words, i)
	if slipped, m := t.slippedForm(words, i); m > n && (i > 0 || m > 1) {
		c, n = slipped, m
	}
	text := words[i].text
	if slipped, ok := t.miswritten(text); n == 0 && i > 0 && i == len(words)-1 && ok {
		c, n = slipped, 1
	}
	front := i > 0 || n > 1 || n == len(words) || standsInFront[text]
	end := i == 0 || n > 2 || i+n >= len(words)-2 || len(text) > 2
	if !front || !end || n == 1 && hans {
		return "", 0
	}
	return c, n
}

// standsInFront are legal forms that stand before the name, as Russian ones do.
var standsInFront = set("ooo oao zao pao ao nao jsc ojsc cjsc pjsc llc pt cv too tov ano fgup gup mup ip srl sarl sa sas spa ltd gk kk uab sia limited")

// shortLegalForms are legal forms of one word that names often end with.
var shortLegalForms = strings.Fields("limited ltd llc inc corp gmbh company corporation ltda limitada incorporated jsc ojsc")

// miswritten tells whether an unheard word at the end of a name is a usual legal form with two letters swapped or one
// doubled (LDT, IINC).
func (t *tables) miswritten(text string) (class, bool) {
	if t.counts[text] > 0 || len(text) < 3 {
		return "", false
	}
	for _, form := range shortLegalForms {
		if d := len(form) - len(text); d >= -1 && d <= 1 && edits(text, form) <= .6 {
			return t.forms[form], true
		}
	}
	return "", false
}

func (f *form) addForm(words []word, c class) {
	f.forms = append(f.forms, token{raw: raws(words), text: texts(words), part: PartForm, concept: string(c)})
}

func raws(words []word) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w.raw
	}
	return strings.Join(all, " ")
}

func texts(words []word) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w.text
	}
	return strings.Join(all, " ")
}

// vesselWord takes a word of a ship's name: prefixes say nothing, numbers tell sister ships apart.
func (f *form) vesselWord(words []word, i int) {
	w := words[i]
	if vesselPrefixes[w.text] && len(words) > 1 {
		f.names = append(f.names, token{raw: w.raw, text: w.text, part: PartTitle, weight: .05})
		return
	}
	if value, n := numberAt(words, i); n > 0 && len(words) > 1 {
		f.numbers = append(f.numbers, token{raw: w.raw, text: value, part: PartNumber, concept: value, weight: .4})
		return
	}
	f.names = append(f.names, known().latinToken(w, PartName))
}

// companyWord takes a word that is neither form, place nor number.
func (f *form) companyWord(w word, words int) {
	t := known()
	if particles[w.text] && words > 1 && len(w.text) > 1 || w.text == "and" {
		f.names = append(f.names, token{raw: w.raw, text: w.text, part: PartParticle, weight: .04})
		return
	}
	if w.text == "branch" {
		f.branch = append(f.branch, token{raw: w.raw, text: w.text, part: PartBranch, concept: "branch"})
		return
	}
	if han := t.pinyinBiz[w.text]; han != "" && len(w.text) >= 4 && len(t.english[w.text]) == 0 {
		f.names = append(f.names, token{raw: w.raw, text: w.text, sound: sound(w.text), full: fullForm(w.text), part: PartBusiness, concept: han, also: t.business[han], weight: .5, group: w.group})
		return
	}
	text := w.text
	if long := shortForms[text]; long != "" {
		text = long
	}
	if e := t.english[text]; len(e) > 0 {
		f.names = append(f.names, token{raw: w.raw, text: w.text, sound: sound(w.text), full: fullForm(w.text), part: PartBusiness, concept: e[0], also: e[1:], weight: .45, group: w.group})
		return
	}
	f.names = append(f.names, t.latinToken(w, PartName))
}

// placeAt finds the longest place of up to four words.
func (t *tables) placeAt(words []word, at int) (string, int) {
	joined, place, n := "", "", 0
	for i := at; i < len(words) && i < at+4 && words[i].han == nil; i++ {
		joined += words[i].text
		if p := t.places[joined]; p != "" && (len(joined) > 2 || i > at) {
			place, n = p, i-at+1
		}
	}
	return place, n
}

// numberAt reads a number of one or two words (forty four). One word of letters that is a number only by name counts from
// its second place on or when others follow.
func numberAt(words []word, at int) (string, int) {
	if words[at].han != nil {
		return "", 0
	}
	value, ok := number(words[at].text)
	if !ok && strings.ContainsAny(words[at].text, "0123456789") {
		return words[at].text, 1 // A8, B6
	}
	if !ok {
		if n := romanLetters[words[at].text]; n != "" && at > 0 && words[at].roman && at >= len(words)-2 {
			return n, 1
		}
		return "", 0
	}
	if len(value) == 2 && value[1] == '0' && at+1 < len(words) && words[at].text != value {
		if unit, ok := number(words[at+1].text); ok && len(unit) == 1 && unit != "0" {
			return value[:1] + unit, 2
		}
	}
	return value, 1
}

// romanLetters are single letters that are numbers at the end of a name.
var romanLetters = map[string]string{"i": "1", "v": "5", "x": "10"}

// hanCompany cuts a run of Chinese characters of a company's name: form and line of business from its end, places from its
// front. later and sooner tell that other runs follow or went before, as around brackets.
func (f *form) hanCompany(w word, sooner, later bool) {
	t := known()
	written, simple := w.han, t.simplify(w.han)
	if head, tail, ok := t.branchAt(simple); ok {
		// 总公司有限公司 + 上海 + 分公司
		f.hanCompany(word{han: written[:head], group: w.group}, sooner, true)
		if tail > head {
			f.hanCompany(word{han: written[head:tail], group: w.group}, true, true)
		}
		f.branch = append(f.branch, token{raw: string(written[tail:]), text: "branch", part: PartBranch, concept: "branch"})
		return
	}
	alone := !sooner && !later
	written, simple = f.takeForms(written, simple)
	written, simple = f.takePlaces(written, simple, w.group, alone)
	written, simple, business := f.takeBusiness(written, simple, sooner)
	if len(simple) > 0 {
		tok := t.hanToken(written, simple)
		tok.group = w.group
		f.names = append(f.names, tok)
	}
	f.names = append(f.names, business...)
}

// takeForms cuts legal forms from the end.
func (f *form) takeForms(written, simple []rune) ([]rune, []rune) {
	for {
		n, c := known().formSuffix(simple)
		if n == 0 {
			return written, simple
		}
		cut := len(simple) - n
		f.forms = append(f.forms, token{raw: string(written[cut:]), text: string(simple[cut:]), part: PartForm, concept: string(c)})
		written, simple = written[:cut], simple[:cut]
	}
}

// takePlaces cuts places from the front. A place and one character more is likely a name, and so is a place alone.
func (f *form) takePlaces(written, simple []rune, group int, alone bool) ([]rune, []rune) {
	t := known()
	for {
		place, n := t.placePrefix(simple)
		whole := n == len(simple) && alone && len(f.places) == 0 && len(f.forms) == 0
		if n == 0 || whole || len(simple)-n == 1 {
			return written, simple
		}
		f.places = append(f.places, token{raw: string(written[:n]), text: t.plain(string(simple[:n])), han: simple[:n], part: PartPlace, concept: place, weight: .3, group: group})
		written, simple = written[n:], simple[n:]
	}
}

// takeBusiness cuts lines of business from the end, and leaves a name of two characters if no other run holds one.
func (f *form) takeBusiness(written, simple []rune, sooner bool) (_, _ []rune, business []token) {
	t := known()
	for len(simple) > 0 {
		b, n := t.businessSuffix(simple)
		left := len(simple) - n
		if n == 0 || !sooner && (left == 1 || left == 0 && len(f.places) == 0 && len(business) == 0) {
			break
		}
		business = append(business, token{raw: string(written[left:]), text: t.plain(b), han: simple[left:], part: PartBusiness, concept: b, also: t.business[b], weight: .45})
		written, simple = written[:left], simple[:left]
	}
	slices.Reverse(business)
	return written, simple, business
}

// branchAt finds a branch at the end: the head office's name ends at head, the branch's place at tail.
func (t *tables) branchAt(simple []rune) (head, tail int, ok bool) {
	s := string(simple)
	for _, suffix := range []string{"分公司", "分行", "支行", "办事处", "营业部", "分店", "分厂", "分部", "代表处"} {
		rest, found := strings.CutSuffix(s, suffix)
		if !found || rest == "" {
			continue
		}
		tail = len([]rune(rest))
		head = tail
		for _, form := range []string{"有限公司", "有限责任公司", "股份公司", "公司", "银行"} {
			if i := strings.LastIndex(rest, form); i > 0 {
				head = len([]rune(rest[:i+len(form)]))
				break
			}
		}
		return head, tail, true
	}
	return 0, 0, false
}

func (t *tables) formSuffix(simple []rune) (int, class) {
	for n := min(len(simple), 8); n >= 2; n-- {
		if c, ok := t.hanForms[string(simple[len(simple)-n:])]; ok {
			return n, c
		}
	}
	return 0, ""
}

func (t *tables) placePrefix(simple []rune) (string, int) {
	for n := min(len(simple), 6); n >= 2; n-- {
		name := string(simple[:n])
		if !t.hanPlaces[name] {
			continue
		}
		rest := simple[n:]
		for _, suffix := range []string{"特别行政区", "壮族自治区", "维吾尔自治区", "回族自治区", "自治区", "自治州", "省", "市", "县", "区"} {
			if s := []rune(suffix); len(rest) > len(s) && string(rest[:len(s)]) == suffix {
				n += len(s)
				break
			}
		}
		return t.places[name], n
	}
	return "", 0
}

func (t *tables) businessSuffix(simple []rune) (string, int) {
	for n := min(len(simple), 8); n >= 1; n-- {
		b := string(simple[len(simple)-n:])
		if _, ok := t.business[b]; ok {
			return b, n
		}
	}
	return "", 0
}

// openPinyin cuts words that are a whole Chinese company name in pinyin (hangzhouanzejixieyouxiangongsi) into its place,
// name, line of business and legal form, so that they meet what the characters say.
func (t *tables) openPinyin(words []word) []word {
	var out []word
	for _, w := range words {
		if w.han != nil || len(w.text) < 12 || !t.isPinyin(w.text) {
			out = append(out, w)
			continue
		}
		out = append(out, t.cutPinyin(w)...)
	}
	return out
}

func (t *tables) cutPinyin(w word) []word {
	part := func(text string) word { return word{raw: text, text: text, group: w.group} }
	rest := w.text
	var front, back []word
	for again := true; again; {
		again = false
		for n := min(len(rest)-4, 14); n >= 5; n-- {
			p := t.places[rest[:n]]
			if r := []rune(p); p != "" && r[0] > 0x2e80 && t.isPinyin(rest[n:]) {
				front, rest, again = append(front, part(rest[:n])), rest[n:], true
				break
			}
		}
	}
	for again := true; again; {
		again = false
		for n := min(len(rest)-4, 24); n >= 4; n-- {
			tail := rest[len(rest)-n:]
			_, isForm := t.forms[tail]
			if (isForm && len(tail) >= 6 || t.pinyinBiz[tail] != "") && t.isPinyin(rest[:len(rest)-n]) {
				back, rest, again = append(back, part(tail)), rest[:len(rest)-n], true
				break
			}
		}
	}
	slices.Reverse(back)
	return slices.Concat(front, []word{part(rest)}, back)
}

// isPinyin tells whether a word can be read as pinyin syllables from its beginning to its end.
func (t *tables) isPinyin(text string) bool {
	reach := make([]bool, len(text)+1)
	reach[0] = true
	for i := range text {
		if !reach[i] {
			continue
		}
		for n := 1; n <= 6 && i+n <= len(text); n++ {
			if t.syllables[text[i:i+n]] {
				reach[i+n] = true
			}
		}
	}
	return reach[len(text)]
}
