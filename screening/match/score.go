package match

import (
	"math"
	"slices"
)

// The model is a logistic one over a handful of features. Evidence is how much of the names agrees, in units of one rare
// word, with diminishing returns. Conflict is the weight of what differs, as a share of the shorter name; missing the
// weight of what only the longer one has, as a share of it. Weights in log-odds; docs/screening.md tells how they were
// set and what they reach.
const (
	bias           = .3
	perEvidence    = 1.6
	evidenceScale  = 2.5 // the evidence at which 63 % of its effect is reached
	perConflict    = -9.
	perMissing     = -2.2 // persons: names are left out all the time
	perMissingFirm = -9.  // companies: another word is another company
	oneWordOnly    = -.9  // a person of one word meets one of several

	formDiffers    = -3.
	formDiffersZH  = -.8 // 有限公司 and 股份有限公司: a company that changed its form keeps its name
	formMissing    = -.1
	formAgrees     = .1
	placeDiffers   = -5.
	placeMore      = -4. // a second place beside one that agrees: a subsidiary there
	placeMissing   = -.8
	placeAgrees    = .3
	numberDiffers  = -4.
	numberAgrees   = .4
	branchMissing  = -1.2 // a branch is the company itself (公司法 第十三条), but not the whole of it
	businessPart   = -2.6 // one has lines of business that the other lacks
	businessOther  = -3.5 // both have, and none in common
	initialWeight  = .9   // of an initial that contradicts
	initialMissing = .15  // of one that only one name has
	leastSomething = .12  // less evidence than this is none: generic words and forms only
)

func compare(a, b party) Result {
	best := Result{}
	found := false
	for i := range a.forms {
		for j := range b.forms {
			r := scoreForms(&a.forms[i], &b.forms[j], false)
			if !found || r.Score > best.Score {
				best, found = r, true
				best.A, best.B = a.forms[i].raw, b.forms[j].raw
			}
		}
	}
	return finishResult(a, b, best)
}

// finishResult adds the supporting facts and the explanation of the two names that met best.
func finishResult(a, b party, best Result) Result {
	i := slices.IndexFunc(a.forms, func(f form) bool { return f.raw == best.A })
	j := slices.IndexFunc(b.forms, func(f form) bool { return f.raw == best.B })
	if i < 0 || j < 0 {
		return best
	}
	best = scoreForms(&a.forms[i], &b.forms[j], true)
	best.A, best.B = a.forms[i].raw, b.forms[j].raw
	if best.Score == 0 {
		return best
	}
	best.Facts = compareFacts(a.facts, b.facts)
	x := logit(best.Score)
	for _, f := range best.Facts {
		x += f.Gave
	}
	best.Score = sigmoid(x)
	best.Match = best.Score >= Threshold
	return best
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
func logit(p float64) float64   { return math.Log(p / (1 - p)) }

// scoreForms compares two names in an order of their own, so that the result does not depend on which comes first.
func scoreForms(a, b *form, explain bool) Result {
	if a.person && !b.person && a.company != nil {
		a = a.company
	} else if b.person && !a.person && b.company != nil {
		b = b.company
	}
	if a.raw > b.raw {
		r := scoreOrdered(b, a, explain)
		for i, s := range r.Steps {
			s.A, s.B = s.B, s.A
			switch s.How {
			case Missing:
				s.How = Extra
			case Extra:
				s.How = Missing
			}
			r.Steps[i] = s
		}
		return r
	}
	return scoreOrdered(a, b, explain)
}

// scorer adds up what each part gives.
type scorer struct {
	x       float64
	steps   []Step
	explain bool
}

func (s *scorer) add(step Step) {
	s.x += step.Gave
	if s.explain {
		s.steps = append(s.steps, step)
	}
}

func scoreOrdered(a, b *form, explain bool) Result {
	s := &scorer{x: bias, explain: explain}
	person := a.person && b.person
	x := align(a.names, b.names)
	matched := s.names(x, person)
	if matched < leastSomething {
		return Result{}
	}
	if !person {
		s.forms(a, b)
		s.placesOf(a, b)
		s.numbersOf(a, b)
		s.branches(a, b)
		s.business(x)
	} else {
		s.numbersOf(a, b)
	}
	return Result{Score: sigmoid(s.x), Match: sigmoid(s.x) >= Threshold, Steps: s.steps}
}

// names adds what the aligned parts of the names give, and returns the weight that agrees.
func (s *scorer) names(x *aligner, person bool) float64 {
	var matched, lost, whole [2]float64
	agreed := 0.0
	restA, restB := 0.0, 0.0
	strong := 0
	for _, p := range x.pairs {
		if p.how != Initial || !person {
			strong++
		}
		agreed += p.weight * (1 - p.loss)
		lost[0] += p.weight * p.loss
		matched[0] += p.weight
	}
	whole[0], whole[1] = matched[0], matched[0]
	for i, t := range x.a {
		if !x.usedA[i] {
			restA += x.restWeight(t, x.twinA[i], x.b, x.usedB)
		}
	}
	for j, t := range x.b {
		if !x.usedB[j] {
			restB += x.restWeight(t, x.twinB[j], x.a, x.usedA)
		}
	}
	conflict := min(restA, restB)
	missing := max(restA, restB) - conflict
	shorter := matched[0] + conflict
	longer := shorter + missing
	if shorter == 0 || strong == 0 {
		return 0 // nothing agrees, or initials only
	}
	evidence := perEvidence * evidenceScale * (1 - math.Exp(-agreed/evidenceScale))
	perLoss := perConflict / shorter
	perMiss := perMissing / longer
	if !person {
		perMiss = perMissingFirm / longer
	}
	for _, p := range x.pairs {
		gave := perLoss * p.weight * p.loss
		if agreed > 0 {
			gave += evidence * p.weight * (1 - p.loss) / agreed
		}
		s.x += gave
		if s.explain {
			s.steps = append(s.steps, Step{A: joinRaw(x.a, p.a), B: joinRaw(x.b, p.b), How: p.how, Part: x.a[p.a[0]].part, Gave: gave})
		}
	}
	s.rest(x, restA, restB, conflict, missing, perLoss, perMiss)
	if person && missing > .5 && singleName(x) {
		s.add(Step{How: Missing, Part: PartName, Gave: oneWordOnly})
	}
	return agreed
}

// restWeight is the weight of a part that meets nothing. An initial weighs when the other name has a word that it should
// have met; a word that only stands twice hardly weighs.
func (x *aligner) restWeight(t token, twin bool, other []token, used []bool) float64 {
	if twin {
		return .02
	}
	if len(t.text) != 1 || t.part != PartName || t.han != nil {
		return t.weight
	}
	for i, o := range other {
		if !used[i] && o.part == PartName {
			return initialWeight
		}
	}
	return initialMissing
}

func singleName(x *aligner) bool {
	count := func(all []token) (n int) {
		for _, t := range all {
			if t.part == PartName {
				n++
			}
		}
		return n
	}
	return min(count(x.a), count(x.b)) == 1
}

// rest adds what the parts that meet nothing cost: conflict is shared between both names by weight, the remainder of the
// longer rest is missing.
func (s *scorer) rest(x *aligner, restA, restB, conflict, missing, perLoss, perMiss float64) {
	s.x += perLoss*conflict + perMiss*missing
	if !s.explain {
		return
	}
	total := perLoss*conflict + perMiss*missing
	cost := func(weight, rest, all float64) float64 { return all * weight / rest }
	// What differs is told on both sides; its cost is shared half and half, the missing rest goes to the side that has it.
	half := perLoss * conflict / 2
	sideA, sideB := half, half
	switch {
	case restB == 0:
		sideA, sideB = total, 0
	case restA == 0:
		sideA, sideB = 0, total
	case restA > restB:
		sideA += perMiss * missing
	default:
		sideB += perMiss * missing
	}
	for i, t := range x.a {
		if !x.usedA[i] {
			s.steps = append(s.steps, Step{A: t.raw, How: Missing, Part: t.part, Gave: cost(x.restWeight(t, x.twinA[i], x.b, x.usedB), restA, sideA)})
		}
	}
	for j, t := range x.b {
		if !x.usedB[j] {
			s.steps = append(s.steps, Step{B: t.raw, How: Extra, Part: t.part, Gave: cost(x.restWeight(t, x.twinB[j], x.a, x.usedA), restB, sideB)})
		}
	}
}

// forms compares legal forms: of one class, of different ones, or only one given.
func (s *scorer) forms(a, b *form) {
	pick := func(f *form) token {
		var t token
		for _, o := range f.forms {
			if t.concept == "" || t.concept == string(anyCompany) || o.text == "股份" {
				t = o // 股份 stands before brackets, 有限公司 behind them
			}
		}
		return t
	}
	x, y := pick(a), pick(b)
	switch {
	case x.concept == "" && y.concept == "":
	case x.concept == "" || y.concept == "":
		how := Missing
		if x.concept == "" {
			how = Extra
		}
		s.add(Step{A: x.raw, B: y.raw, How: how, Part: PartForm, Gave: formMissing})
	case x.concept == y.concept || x.concept == string(anyCompany) || y.concept == string(anyCompany):
		s.add(Step{A: x.raw, B: y.raw, How: LegalForm, Part: PartForm, Gave: formAgrees})
	default:
		gave := formDiffers
		if pair := x.concept + y.concept; pair == "limitedjoint" || pair == "jointlimited" {
			switch han := isHan(x.text); {
			case han != isHan(y.text):
				gave = 0 // Co., Ltd. translates both
			case han:
				gave = formDiffersZH
			}
		}
		s.add(Step{A: x.raw, B: y.raw, How: Differs, Part: PartForm, Gave: gave})
	}
}

func isHan(text string) bool { return text != "" && []rune(text)[0] > 0x2e80 }

// compared are the places of two names: those that both have, those of one alone, and countries and continents of one
// alone.
type compared struct {
	same, onlyA, onlyB, wideA, wideB []token
}

func comparePlaces(a, b []token) compared {
	has := func(all []token, concept string) bool {
		return slices.ContainsFunc(all, func(t token) bool { return t.concept == concept })
	}
	var c compared
	alone := func(t token, only, wider *[]token) {
		if wide[t.concept] {
			*wider = append(*wider, t)
		} else {
			*only = append(*only, t)
		}
	}
	for _, t := range a {
		if has(b, t.concept) {
			c.same = append(c.same, t)
		} else {
			alone(t, &c.onlyA, &c.wideA)
		}
	}
	for _, t := range b {
		if !has(a, t.concept) {
			alone(t, &c.onlyB, &c.wideB)
		}
	}
	return c
}

// placesOf compares places: the same, one more, or others.
func (s *scorer) placesOf(a, b *form) {
	if len(a.places) == 0 && len(b.places) == 0 {
		return
	}
	c := comparePlaces(a.places, b.places)
	for _, t := range c.same {
		other := b.places[slices.IndexFunc(b.places, func(o token) bool { return o.concept == t.concept })]
		how := Same
		if (t.han != nil) != (other.han != nil) {
			how = Pinyin
		}
		s.add(Step{A: t.raw, B: other.raw, How: how, Part: PartPlace, Gave: placeAgrees / float64(len(c.same))})
	}
	branches := len(a.branch) + len(b.branch) // one branch is elsewhere by nature, and branches() says what that costs
	switch {
	case len(c.onlyA) > 0 && len(c.onlyB) > 0:
		gave := placeDiffers
		if len(c.same) > 0 && branches < 2 {
			gave = placeMore
		}
		s.add(Step{A: c.onlyA[0].raw, B: c.onlyB[0].raw, How: Differs, Part: PartPlace, Gave: gave})
	case len(c.onlyA)+len(c.onlyB) == 0 || branches == 1:
	case len(c.same) > 0 && !within(c.onlyA, c.onlyB, c.same):
		s.alone(c.onlyA, c.onlyB, PartPlace, placeMore)
	default:
		s.alone(c.onlyA, c.onlyB, PartPlace, placeMissing)
	}
	if len(c.same) == 0 {
		s.alone(c.wideA, nil, PartPlace, placeMissing)
		s.alone(nil, c.wideB, PartPlace, placeMissing)
	}
}

// alone adds what a part of only one of the names costs.
func (s *scorer) alone(a, b []token, part Part, gave float64) {
	switch {
	case len(a) > 0:
		s.add(Step{A: a[0].raw, How: Missing, Part: part, Gave: gave})
	case len(b) > 0:
		s.add(Step{B: b[0].raw, How: Extra, Part: part, Gave: gave})
	}
}

// within tells whether the further place is a province before a city or the like, not one of its own: both stand in front
// of the name without brackets, one after the other.
func within(onlyA, onlyB, same []token) bool {
	t := slices.Concat(onlyA, onlyB)[0]
	return provinces[t.concept] && t.group == 0 && same[0].group == 0 && !provinces[same[0].concept]
}

var provinces = set("河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 甘肃 青海 广西 宁夏 新疆 陕西 内蒙古 西藏 台湾")

// numbersOf compares the numbers of both names, which tell sister ships, funds and factories apart.
func (s *scorer) numbersOf(a, b *form) {
	if len(a.numbers) == 0 && len(b.numbers) == 0 {
		return
	}
	values := func(f *form) (all []string, raw string) {
		for _, t := range f.numbers {
			all = append(all, t.concept)
			if raw != "" {
				raw += " "
			}
			raw += t.raw
		}
		slices.Sort(all)
		return all, raw
	}
	x, rawX := values(a)
	y, rawY := values(b)
	step := Step{A: rawX, B: rawY, Part: PartNumber}
	switch {
	case slices.Equal(x, y):
		step.How, step.Gave = Same, numberAgrees
		if rawX != rawY {
			step.How = Abbreviation
		}
	case len(x) == 0:
		step.How, step.Gave = Extra, numberDiffers
	case len(y) == 0:
		step.How, step.Gave = Missing, numberDiffers
	default:
		step.How, step.Gave = Differs, numberDiffers
	}
	s.add(step)
}

func (s *scorer) branches(a, b *form) {
	if len(a.branch) == len(b.branch) {
		if len(a.branch) > 0 {
			s.add(Step{A: a.branch[0].raw, B: b.branch[0].raw, How: Same, Part: PartBranch})
		}
		return
	}
	s.alone(a.branch, b.branch, PartBranch, branchMissing)
}

// business adds what differing lines of business cost beyond their weight as words.
func (s *scorer) business(x *aligner) {
	var same, onlyA, onlyB int
	var rawA, rawB string
	count := func(all []token, used []bool, only *int, raw *string) {
		for i, t := range all {
			if t.part != PartBusiness {
				continue
			}
			if used[i] {
				same++
			} else {
				*only++
				*raw = t.raw
			}
		}
	}
	count(x.a, x.usedA, &onlyA, &rawA)
	count(x.b, x.usedB, &onlyB, &rawB)
	switch {
	case onlyA > 0 && onlyB > 0:
		s.add(Step{A: rawA, B: rawB, How: Differs, Part: PartBusiness, Gave: businessOther})
	case same > 0 && onlyA > 0:
		s.add(Step{A: rawA, How: Missing, Part: PartBusiness, Gave: businessPart})
	case same > 0 && onlyB > 0:
		s.add(Step{B: rawB, How: Extra, Part: PartBusiness, Gave: businessPart})
	}
}
