package scorecard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/money"
)

// told has a factor of each unit and of each manner: by hand, with what the facts below give,
//
//	debt ratio 62.5 %, in 50 – 80 %      50 points of 30: gives 15, loses 15; below 50 % adds 15: 42 + 15 = 57, a B still
//	days late 12.25, from 10             20 points of 20: gives  4, loses 16; below 10 days adds 16: 58, a B still
//	current ratio 2, from 1             100 points of 10: gives 10, loses  0
//	years unknown                        30 points of 10: gives  3, loses  7
//	market "fair"                        33⅓ points of 30 would be 10: gives 10, loses 20; "good" adds 20: 62, an A
//
// 15 + 4 + 10 + 3 + 10 = 42: a B. The limit: net worth .1 × 2,345,678 × .5 = 117,283.9, rounded down to 117,000.
const told = `
key: told
version: 1
zh: 示例卡
en: Example card
sections:
  - key: s
    zh: 财务
    en: Finance
    financial: true
    factors:
      - {key: debt, zh: 资产负债率, en: Debt ratio, fact: debt_ratio, unit: percent, better: low, weight: 30, missing: 0, bins: [{below: 0.5, points: 100}, {below: 0.8, points: 50}, {points: 0}]}
      - {key: late, zh: 平均逾期, en: Average delay, fact: average_days_late, unit: days, better: low, weight: 20, missing: 0, bins: [{below: 10, points: 100}, {points: 20}]}
      - {key: current, zh: 流动比率, en: Current ratio, fact: current_ratio, unit: times, better: high, weight: 10, missing: 0, bins: [{below: 1, points: 0}, {points: 100}]}
      - {key: years, zh: 成立年限, en: Years since founding, fact: years_since_founding, better: high, weight: 10, missing: 30, bins: [{below: 2, points: 0}, {points: 100}]}
questions:
  - {key: market, zh: 市场地位, en: Market position, weight: 30, missing: 0, choices: [{key: good, zh: 领先, en: leading, points: 100}, {key: fair, zh: 一般, en: fair, points: 33.333333333333336}]}
vetoes:
  - {key: v, fact: open_lawsuits, op: ">", value: 0, grade: C, zh: 有未结诉讼, en: sued}
caps:
  - {key: c, fact: statement_age_months, op: missing, grade: B, zh: 没有报表, en: no statement}
scale:
  - {grade: A, from: 60, pd: 0.0125, factor: 1, terms_days: 60, zh: 好, en: good}
  - {grade: B, from: 40, pd: 0.05, factor: 0.5, terms_days: 30, zh: 中, en: fair}
  - {grade: C, from: 0, pd: 0.3, factor: 0, terms_days: 0, zh: 差, en: poor}
limit: {equity_share: 0.1, working_share: 0.2, delay_days: 13, step: 1000, ceiling: 500000}
`

func toldFacts() scorecard.Facts {
	return scorecard.Facts{"debt_ratio": scorecard.Known(0.625), "average_days_late": scorecard.Known(12.25), "current_ratio": scorecard.Known(2),
		"statement_age_months": scorecard.Known(4), "tangible_net_worth": scorecard.Known(2_345_678)}
}

var fair = []scorecard.Answer{{Question: "market", Choice: "fair"}}

func lines(t *testing.T, o scorecard.Outcome, lang i18n.Lang) []string {
	t.Helper()
	all, err := o.Explain(lang, money.CNY)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t *testing.T, got []string, want string) {
	t.Helper()
	if text := strings.Join(got, "\n"); text != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", text, strings.TrimSpace(want))
	}
}

func TestExplanation(t *testing.T) {
	o := scorecard.Evaluate(parse(t, told), toldFacts(), fair)
	same(t, lines(t, o, i18n.EN), `
Score 42, which is B; final grade B, probability of default within a year 5%
Market position “fair”: 33.3 points, weight 30, gives 10, loses 20; “leading” adds 20 and lifts the grade to A
Average delay 12.25 days (≥ 10 days): 20 points, weight 20, gives 4, loses 16; falling below 10 days adds 16, the grade stays
Debt ratio 62.5% (50% – 80%): 50 points, weight 30, gives 15, loses 15; falling below 50% adds 15, the grade stays
Years since founding missing: 30 points, weight 10, gives 3, loses 7; data could add up to 7
Current ratio 2 (≥ 1): 100 points, weight 10, gives 10, loses 0
Recommended limit CNY 117,000.00, bound by: Net worth; terms 30 days`)
	same(t, lines(t, o, i18n.ZH), `
得分 42，对应等级 B；最终等级 B，一年违约概率 5%
市场地位“一般”：33.3 分，权重 30，贡献 10，失分 20；达到“领先”可加 20 分，等级升为 A
平均逾期 12.25 天（≥ 10 天）：20 分，权重 20，贡献 4，失分 16；降到 10 天 以下可加 16 分，等级不变
资产负债率 62.5%（50% – 80%）：50 分，权重 30，贡献 15，失分 15；降到 50% 以下可加 15 分，等级不变
成立年限缺少数据：按 30 分计，权重 10，贡献 3，失分 7；补充数据最多可加 7 分
流动比率 2（≥ 1）：100 分，权重 10，贡献 10，失分 0
建议额度 CNY 117,000.00，由净资产法决定，账期 30 天`)
}

// A lawsuit forces a C and the missing statement would allow a B: no change of a factor lifts the grade. Score 42 as
// above, less the 10 of the current ratio .5 = 32.
func TestExplanationOfVetoAndCap(t *testing.T) {
	facts := toldFacts()
	facts["open_lawsuits"], facts["current_ratio"] = scorecard.Known(1), scorecard.Known(0.5)
	delete(facts, "statement_age_months")
	same(t, lines(t, scorecard.Evaluate(parse(t, told), facts, fair), i18n.EN), `
Score 32, which is C; final grade C, probability of default within a year 30%
Veto: sued, grade C
Cap: no statement, at most B
Market position “fair”: 33.3 points, weight 30, gives 10, loses 20; “leading” adds 20, the grade stays
Average delay 12.25 days (≥ 10 days): 20 points, weight 20, gives 4, loses 16; falling below 10 days adds 16, the grade stays
Debt ratio 62.5% (50% – 80%): 50 points, weight 30, gives 15, loses 15; falling below 50% adds 15, the grade stays
Current ratio 0.5 (< 1): 0 points, weight 10, gives 0, loses 10; reaching 1 adds 10, the grade stays
Years since founding missing: 30 points, weight 10, gives 3, loses 7; data could add up to 7
No limit is recommended: the grade allows no credit`)
}

// Without the lawsuit: 32 points are a C; what adds 8 or more lifts it to the B that the missing statement allows.
func TestExplanationOfRaises(t *testing.T) {
	facts := toldFacts()
	facts["current_ratio"] = scorecard.Known(0.5)
	delete(facts, "statement_age_months")
	delete(facts, "tangible_net_worth")
	o := scorecard.Evaluate(parse(t, told), facts, fair)
	same(t, lines(t, o, i18n.ZH)[2:], `
市场地位“一般”：33.3 分，权重 30，贡献 10，失分 20；达到“领先”可加 20 分，等级升为 B
平均逾期 12.25 天（≥ 10 天）：20 分，权重 20，贡献 4，失分 16；降到 10 天 以下可加 16 分，等级升为 B
资产负债率 62.5%（50% – 80%）：50 分，权重 30，贡献 15，失分 15；降到 50% 以下可加 15 分，等级升为 B
流动比率 0.5（< 1）：0 分，权重 10，贡献 0，失分 10；升至 1 可加 10 分，等级升为 B
成立年限缺少数据：按 30 分计，权重 10，贡献 3，失分 7；补充数据最多可加 7 分
不建议额度：该等级不授信`)
}

// Neutral years leave 90 of weight; the refused debt ratio leaves no grade. Points: current ratio 100 × 10 / 90 = 11.1,
// late 20 × 20 / 90 = 4.4, market 33⅓ × 30 / 90 = 11.1: 26.7 in all.
func TestExplanationOfWhatIsMissing(t *testing.T) {
	card := parse(t, strings.NewReplacer("weight: 30, missing: 0, bins", "weight: 30, when_missing: refuse, bins", "missing: 30", "when_missing: neutral").Replace(told))
	facts := toldFacts()
	delete(facts, "debt_ratio")
	same(t, lines(t, scorecard.Evaluate(card, facts, fair), i18n.EN), `
Score 26.7, which is C; final grade C, probability of default within a year 30%
Debt ratio is missing, and the card does not grade without it
Debt ratio missing: 0 points, weight 30, gives 0, loses 33.3; data could add up to 33.3
Market position “fair”: 33.3 points, weight 30, gives 11.1, loses 22.2; “leading” adds 22.2, the grade stays
Average delay 12.25 days (≥ 10 days): 20 points, weight 20, gives 4.4, loses 17.8; falling below 10 days adds 17.8, the grade stays
Current ratio 2 (≥ 1): 100 points, weight 10, gives 11.1, loses 0
Years since founding missing: left out of the score
No limit is recommended: required data is missing`)

	facts = scorecard.Facts{"debt_ratio": scorecard.Known(0.1), "average_days_late": scorecard.Known(0), "current_ratio": scorecard.Known(3), "statement_age_months": scorecard.Known(1)}
	all := lines(t, scorecard.Evaluate(parse(t, told), facts, nil), i18n.EN)
	if last := all[len(all)-1]; last != "No method for a limit applies, none is recommended" {
		t.Error(last)
	}
	if _, err := scorecard.Evaluate(card, facts, nil).Explain(i18n.EN, "???"); fault.KindOf(err) != fault.KindInvalid {
		t.Errorf("an unknown currency: %v", err)
	}
}

func TestDiff(t *testing.T) {
	a := parse(t, told)
	for _, x := range []struct {
		name     string
		old, new string
		want     []scorecard.Change
	}{
		{"nothing", "version: 1", "version: 1", nil},
		{"version", "version: 1", "version: 2", []scorecard.Change{{Path: "version", Was: "1", Now: "2"}}},
		{"weights", "better: low, weight: 30, missing: 0, bins: [{below: 0.5, points: 100}, {below: 0.8, points: 50}, {points: 0}]}\n      - {key: late, zh: 平均逾期, en: Average delay, fact: average_days_late, unit: days, better: low, weight: 20",
			"better: low, weight: 20, missing: 0, bins: [{below: 0.5, points: 100}, {below: 0.8, points: 50}, {points: 0}]}\n      - {key: late, zh: 平均逾期, en: Average delay, fact: average_days_late, unit: days, better: low, weight: 30",
			[]scorecard.Change{{Path: "sections[s].factors[debt].weight", Was: "30", Now: "20"}, {Path: "sections[s].factors[late].weight", Was: "20", Now: "30"}}},
		{"bins", "{below: 0.8, points: 50}, {points: 0}", "{below: 0.7, points: 50}, {points: 10}",
			[]scorecard.Change{{Path: "sections[s].factors[debt].bins", Was: "[{below: 0.5, points: 100}, {below: 0.8, points: 50}, {points: 0}]", Now: "[{below: 0.5, points: 100}, {below: 0.7, points: 50}, {points: 10}]"}}},
		{"missing", "missing: 30", "when_missing: neutral",
			[]scorecard.Change{{Path: "sections[s].factors[years].missing", Was: "30", Now: "0"}, {Path: "sections[s].factors[years].when_missing", Now: "neutral"}}},
		{"a choice", "points: 100}, {key: fair", "points: 100}, {key: poor, zh: 差, en: poor, points: 0}, {key: fair",
			[]scorecard.Change{{Path: "questions[market].choices[poor]", Now: "{key: poor, zh: 差, en: poor, points: 0}"}}},
		{"vetoes", "vetoes:\n  - {key: v, fact: open_lawsuits, op: \">\", value: 0, grade: C, zh: 有未结诉讼, en: sued}", "vetoes: []",
			[]scorecard.Change{{Path: "vetoes[v]", Was: "{key: v, fact: open_lawsuits, op: '>', value: 0, grade: C, zh: 有未结诉讼, en: sued}"}}},
		{"scale", "pd: 0.05", "pd: 0.06", []scorecard.Change{{Path: "scale[B].pd", Was: "0.05", Now: "0.06"}}},
		{"limit", "step: 1000", "step: 500", []scorecard.Change{{Path: "limit.step", Was: "1000", Now: "500"}}},
	} {
		b := parse(t, strings.Replace(told, x.old, x.new, 1))
		if got := scorecard.Diff(a, b); !slices.Equal(got, x.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", x.name, got, x.want)
		}
		back := scorecard.Diff(b, a)
		if len(back) != len(x.want) {
			t.Errorf("%s: %d changes forth, %d back", x.name, len(x.want), len(back))
		}
	}
	moved := parse(t, told)
	slices.Reverse(moved.Sections[0].Factors)
	if got := scorecard.Diff(a, moved); len(got) != 0 {
		t.Errorf("moving factors is no change: %+v", got)
	}
}
