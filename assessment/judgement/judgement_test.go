package judgement_test

import (
	"strings"
	"testing"

	"github.com/xinheng/xinheng/assessment/judgement"
	"github.com/xinheng/xinheng/internal/fault"
)

func judge(numbers map[string]float64, texts map[string]string) map[string]judgement.Verdict {
	return judgement.Judge(judgement.Library(), judgement.Facts{Numbers: numbers, Texts: texts})
}

// Expectations are added up by hand from the library's card.
func TestLibraryJudges(t *testing.T) {
	for name, c := range map[string]struct {
		numbers map[string]float64
		texts   map[string]string
		subject string
		level   string
		points  float64
		forced  bool
		says    string
	}{
		"nothing wrong": {map[string]float64{"years_since_founding": 12, "debt_ratio": .4, "completeness": .95, "known_owned_percent": 100}, nil, "initial", "low", 0, false, ""},
		"young, indebted, half a file": {map[string]float64{"years_since_founding": 2.24, "debt_ratio": .9, "completeness": .4, "known_owned_percent": 100}, nil, "initial", "medium", 40, false,
			"成立仅 2.2 年"},
		"one dishonest record is high at once": {map[string]float64{"open_dishonest_records": 1, "years_since_founding": 12, "debt_ratio": .4, "completeness": 1}, nil, "initial", "high", 60, false, "失信被执行人记录未了结 1 条"},
		"a floor lifts the level":              {map[string]float64{"failed_verifications": 1, "years_since_founding": 12, "debt_ratio": .4, "completeness": 1}, nil, "initial", "medium", 20, true, "身份核验未通过 1 项"},
		"of a group the first counts":          {map[string]float64{"open_lawsuits": 6, "lawsuit_amount_to_capital": .6}, nil, "compliance", "moderate", 30, false, "60%"},
		"many small suits":                     {map[string]float64{"open_lawsuits": 6, "lawsuit_amount_to_capital": .1}, nil, "compliance", "low", 20, false, "未决诉讼 6 件"},
		"dependence on both sides":             {map[string]float64{"largest_buyer_percent": 55, "largest_supplier_percent": 50, "answered_topics": 3}, nil, "operational", "elevated", 45, false, "最大买方占销售 55%"},
		"a large request is enhanced":          {map[string]float64{"requested_limit": 5_000_000, "known_owned_percent": 100, "days_known": 900}, nil, "diligence", "enhanced", 40, false, "5,000,000"},
		"a known small customer is simplified": {map[string]float64{"requested_limit": 100_000, "known_owned_percent": 100, "days_known": 900}, map[string]string{"country": "CN"}, "diligence", "simplified", 0, false, ""},
		"abroad is standard at least":          {map[string]float64{"known_owned_percent": 100, "days_known": 900}, map[string]string{"country": "DE"}, "diligence", "standard", 15, false, "DE"},
	} {
		v := judge(c.numbers, c.texts)[c.subject]
		said := ""
		for _, r := range v.Reasons {
			said += r.ZH + "; "
		}
		if v.Level != c.level || v.Points != c.points || v.Forced != c.forced || !strings.Contains(said, c.says) {
			t.Errorf("%s: %s by %v (forced %v) because %s; want %s by %v", name, v.Level, v.Points, v.Forced, said, c.level, c.points)
		}
	}
}

// Half each, a subject counting at most 100 and a forced level at least what it takes to reach it.
func TestCombinedIsTheWeightedMean(t *testing.T) {
	card := judgement.Library()
	v := map[string]judgement.Verdict{"compliance": {Points: 140, Index: 4}, "operational": {Points: 20, Index: 1}}
	if got := judgement.Combined(card, v); got.Points != 60 || got.Level != "elevated" {
		t.Errorf("140 and 20: %+v", got)
	}
	v = map[string]judgement.Verdict{"compliance": {Points: 10, Index: 2}, "operational": {Points: 0}}
	if got := judgement.Combined(card, v); got.Points != 12.5 || got.Level != "low" {
		t.Errorf("forced to moderate: %+v", got)
	}
}

func TestBrokenCardsAreNamed(t *testing.T) {
	doc := judgement.LibraryDocument()
	for from, to := range map[string]string{
		"version: 1":                   "version: 0",
		"fact: open_dishonest_records": "fact: dishonesty",
		"{key: medium, from: 25}":      "{key: medium, from: 70}",
		"floor: high, points: 60":      "floor: extreme, points: 60",
		"key: operational\n":           "key: operations\n",
		"{key: owners, fact: known_owned_percent, below: 50, ": "{key: owners, fact: known_owned_percent, ",
	} {
		if !strings.Contains(doc, from) {
			t.Fatalf("the library has no %q", from)
		}
		_, err := judgement.Parse([]byte(strings.Replace(doc, from, to, 1)))
		if e := fault.As(err); e == nil || len(e.Fields) == 0 {
			t.Errorf("%q for %q: %v", to, from, err)
		}
	}
}
