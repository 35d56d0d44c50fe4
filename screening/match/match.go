package match

// Kind is what a party is. It decides which parts of a name count: persons leave names out and turn them round, companies
// do not, but have legal forms, places and lines of business.
type Kind string

// The kinds, named as in the FollowTheMoney schemas. LegalEntity is a person or an organisation, Unknown may be anything.
const (
	Unknown      Kind = "Unknown"
	Person       Kind = "Person"
	Company      Kind = "Company"
	Organization Kind = "Organization"
	Vessel       Kind = "Vessel"
	LegalEntity  Kind = "LegalEntity"
)

// Party is who is compared. Only Name is needed.
type Party struct {
	Name      string
	Aliases   []string
	Kind      Kind
	Countries []string // names or ISO 3166 codes
	Born      []string // dates, years or spans of years as the source writes them
	IDs       []string // registration numbers, passports, identity cards
}

// Threshold is the score from which two parties count as the same until a person has looked at them.
const Threshold = 0.5

// How says in what way a part of one name meets a part of the other.
type How string

// The ways. Missing stands only in the first name, Extra only in the second, Differs in both and is not the same.
const (
	Same         How = "same"
	Traditional  How = "traditional"  // simplified and traditional writing of one character
	Pinyin       How = "pinyin"       // characters and their romanisation
	Homophone    How = "homophone"    // characters of one reading
	Lookalike    How = "lookalike"    // characters that look alike
	Phonetic     How = "phonetic"     // words that sound alike
	Edit         How = "edit"         // words that differ by slips of writing
	Joined       How = "joined"       // the same letters, split into words differently
	Initial      How = "initial"      // a word and its first letter, words and their initials
	Abbreviation How = "abbreviation" // a word and its short form, another word or language for the same thing
	LegalForm    How = "legal_form"
	Missing      How = "missing"
	Extra        How = "extra"
	Differs      How = "differs"
)

// Step is one part of the explanation: which part of the first name meets which of the second, how, and what that gave
// in log-odds. The steps, the facts and the model's constant add up to the logit of the score.
type Step struct {
	A    string  `json:"a,omitempty"`
	B    string  `json:"b,omitempty"`
	How  How     `json:"how"`
	Part Part    `json:"part"`
	Gave float64 `json:"gave"`
}

// Part is what a part of a name is for.
type Part string

// The parts of names.
const (
	PartName     Part = "name"
	PartNumber   Part = "number"
	PartPlace    Part = "place"
	PartBusiness Part = "business" // line of business or generic word: 科技, trading
	PartForm     Part = "form"     // legal form
	PartBranch   Part = "branch"   // 分公司, branch
	PartTitle    Part = "title"
	PartParticle Part = "particle"
)

// Fact is a supporting fact that both parties have, and its effect in log-odds.
type Fact struct {
	What  string  `json:"what"` // country, born or id
	A     string  `json:"a"`
	B     string  `json:"b"`
	Agree bool    `json:"agree"`
	Gave  float64 `json:"gave"`
}

// Result is how well two parties match. Score is between 0 and 1 and reads like a probability that both are the same,
// given these facts; it never reaches 1.
type Result struct {
	Score float64 `json:"score"`
	Match bool    `json:"match"`
	A     string  `json:"a"` // the names that met best
	B     string  `json:"b"`
	Steps []Step  `json:"steps,omitempty"`
	Facts []Fact  `json:"facts,omitempty"`
}

// Compare tells how well two parties match: the best of all their names, with the supporting facts. It is symmetric and
// deterministic.
func Compare(a, b Party) Result {
	return compare(prepareParty(a), prepareParty(b))
}

// Sum gives the score that the explanation adds up to: the model's constant, the steps and the facts. It is Score but for
// rounding.
func (r Result) Sum() float64 {
	x := bias
	for _, s := range r.Steps {
		x += s.Gave
	}
	for _, f := range r.Facts {
		x += f.Gave
	}
	return sigmoid(x)
}
