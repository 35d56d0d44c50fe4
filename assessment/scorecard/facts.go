package scorecard

import (
	"math"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/assessment/ratio"
)

// Facts are what is known about a customer, by fact name. A name that is absent or nil is missing, and so is a value that
// is not finite; yes/no facts are 1 and 0.
type Facts map[string]*float64

// Known makes a fact.
func Known(f float64) *float64 { return &f }

func (facts Facts) get(name string) *float64 {
	f := facts[name]
	if f == nil || math.IsNaN(*f) || math.IsInf(*f, 0) {
		return nil
	}
	return f
}

// AnswerFact before a question's key names the points of its answer, for vetoes and caps.
const AnswerFact = "answer."

// FactKnownWeight is Outcome.Known, for caps on a grade that rests on too little. The card makes it itself.
const FactKnownWeight = "known_weight"

// The facts beside ratios: distress scores, age of company and statement, dealings with us, compliance.
var otherFacts = []string{
	"altman_z", "altman_z1", "altman_z2", "altman_em",
	"years_since_founding", "equity", "statement_age_months", "statement_breaks", "statement_audited", FactKnownWeight, FactTangibleEquity, FactYearlyPurchases,
	"average_days_late", "share_late", "worst_days_overdue",
	"open_lawsuits", "open_enforcements", "open_dishonest_records", "confirmed_screening_hits",
}

// FactNames lists the facts that a card may name: every ratio by its key, and the others that an assessment gathers. A
// card that names anything else is refused, because a misspelt veto would never apply.
func FactNames() []string {
	names := slices.Clone(otherFacts)
	for _, r := range ratio.All() {
		names = append(names, r.Key)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// condition gives the fact that a veto or cap looks at.
func (card Card) condition(name string, facts Facts, answers []Answer) *float64 {
	question, isAnswer := strings.CutPrefix(name, AnswerFact)
	if !isAnswer {
		return facts.get(name)
	}
	for _, q := range card.Questions {
		if q.Key != question {
			continue
		}
		if i := q.answered(answers); i >= 0 {
			return &q.Choices[i].Points
		}
	}
	return nil
}
