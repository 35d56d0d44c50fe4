package test

import (
	"math"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/test/story"
)

func TestAssessmentFromStatementToLimit(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "安泽恒岳机械有限公司", Founded: "2006-06-15"}})

		// Nothing but the founding date is known: all points but those of "years" come from the card's treatment of what is missing.
		bare := story.Must(w, w.Analyst, assessment.Assess, assessment.Run{CustomerID: c.ID})
		if bare.StatementID != "" || len(bare.Outcome.Caps) != 3 || bare.Outcome.Caps[0].Key != "no_statement" || bare.Outcome.Known != 2 || !bare.Recommended.IsZero() {
			w.T.Errorf("without statements: %.0f%% known, caps %+v, recommended %s", bare.Outcome.Known, bare.Outcome.Caps, bare.Recommended)
		}

		yuan := func(y int64) int64 { return y * 100 }
		story.Must(w, w.Analyst, customer.EnterStatements, customer.NewStatements{CustomerID: c.ID, Source: "annual report", Statements: []statement.Statement{
			{Period: "2025-12-31", Audited: true, Consolidated: true, Currency: money.CNY, Unit: 1, Values: statement.Values{
				"total_assets": yuan(50_000_000), "total_current_assets": yuan(30_000_000), "total_noncurrent_assets": yuan(20_000_000), "inventories": yuan(8_000_000),
				"total_current_liabilities": yuan(15_000_000), "total_liabilities": yuan(20_000_000), "total_equity": yuan(30_000_000), "intangible_assets": yuan(2_000_000),
				"revenue": yuan(60_000_000), "net_profit": yuan(3_600_000)}},
		}})
		story.Must(w, w.Analyst, assessment.AnswerQuestionnaire, assessment.Answers{CustomerID: c.ID, Answers: []scorecard.Answer{
			{Question: "market_position", Choice: "strong", Evidence: "industry association ranking 2025"}}})
		a := story.Must(w, w.Analyst, assessment.Assess, assessment.Run{CustomerID: c.ID})
		// By hand: debt ratio .4 is the second bin, 80 points of weight 10; current ratio 2 the last, 100 of 6; net margin .06
		// the fourth, 85 of 6; 20 years since founding 100 of 2; market position "strong" 75 of 4.
		for key, gives := range map[string]float64{"debt_ratio": 8, "current_ratio": 6, "net_margin": 5.1, "years": 2, "market_position": 3} {
			found := false
			for _, p := range a.Outcome.Parts {
				if p.Key == key {
					found = math.Abs(p.Gives-gives) < 1e-9
				}
			}
			if !found {
				w.T.Errorf("%s does not give %v: %+v", key, gives, a.Outcome.Parts)
			}
		}
		// Net worth 30 − 2 = 28 million, a tenth of it; working capital 15 million, a fifth: 2.8 against 3.0 million times the grade's factor.
		g, _ := scorecard.Default().GradeNamed(a.Grade)
		if want := int64(math.Floor(2_800_000*g.Factor/10_000)) * 10_000 * 100; a.Recommended.Minor != want || a.Outcome.Limit.Binding != scorecard.NetWorth {
			w.T.Errorf("recommended %v by %s, want %d fen (grade %s)", a.Recommended, a.Outcome.Limit.Binding, want, a.Grade)
		}
		seen := story.See(w, w.Analyst, assessment.View, assessment.ByID{ID: a.ID})
		if seen.Score != a.Score || len(seen.Ratios) == 0 || len(seen.Models) != 4 || seen.Outcome.Grade != a.Grade {
			w.T.Errorf("the kept assessment is not the one that was made: %+v", seen)
		}
		page := story.See(w, w.Manager, assessment.List, assessment.ListInput{})
		if page.Total != 1 || page.Rows[0].ID != a.ID {
			w.T.Errorf("the list shows the latest of each customer: %+v", page)
		}
		asked := story.Must(w, w.Analyst, limit.Apply, limit.Application{CustomerID: c.ID, Amount: story.Yuan(1_000_000), Reason: "new customer"})
		if asked.Limit.AssessmentID != a.ID || asked.Limit.Recommended != a.Recommended {
			w.T.Errorf("the application carries the assessment: %+v", asked.Limit)
		}

		story.Must(w, w.Analyst, customer.AddCompliance, customer.Compliance{CustomerID: c.ID, Kind: customer.Dishonest, Title: "失信被执行人", Source: "court", Happened: "2026-05-01", Open: true})
		barred := story.Must(w, w.Analyst, assessment.Assess, assessment.Run{CustomerID: c.ID})
		if barred.Grade != "D" || !barred.Recommended.IsZero() || len(barred.Outcome.Vetoes) != 1 {
			w.T.Errorf("a dishonest debtor: %+v", barred.Outcome)
		}

		_, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Analyst), assessment.AnswerQuestionnaire, assessment.Answers{CustomerID: c.ID, Answers: []scorecard.Answer{
			{Question: "market_position", Choice: "strong"}, {Question: "competition", Choice: "huge"}, {Question: "moon", Choice: "full"}}})
		f := fault.As(err)
		if f == nil || len(f.Fields) != 3 || f.Fields[0].Path != "answers[0].evidence" || f.Fields[1].Path != "answers[1].choice" || f.Fields[2].Path != "answers[2].question" {
			w.T.Errorf("all wrong answers are named: %v", err)
		}
	})
}

func TestCardVersionsNeedAnother(t *testing.T) {
	story.Each(t, func(w *story.World) {
		second := strings.Replace(scorecard.DefaultText(), "version: 1", "version: 2", 1)
		proposed := story.Must(w, w.Manager, assessment.ProposeCard, assessment.SaveCard{Document: second, Reason: "yearly review"})
		vote := approval.Decision{RequestID: proposed.Approval.ID, Version: proposed.Approval.Version, Verdict: approval.Approve}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), assessment.DecideCard, vote); fault.KindOf(err) != fault.KindForbidden {
			w.T.Errorf("nobody approves his own: %v", err)
		}
		if c := story.See(w, w.Analyst, assessment.ShowCard, assessment.CardInput{}); c.InForce.Version != 1 {
			w.T.Errorf("a requested version is not in force: %d", c.InForce.Version)
		}
		story.Must(w, w.Manager2, assessment.DecideCard, vote)
		if c := story.See(w, w.Analyst, assessment.ShowCard, assessment.CardInput{}); c.InForce.Version != 2 || len(c.Versions) != 1 {
			w.T.Errorf("the approved version is in force: %d", c.InForce.Version)
		}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), assessment.ProposeCard, assessment.SaveCard{Document: second, Reason: "again"}); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("a version stands once: %v", err)
		}
	})
}

const ofacMain = "1,\"HENGYUE MACHINERY CO., LTD.\",-0- ,\"IRAN\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"first\"\r\n2,\"ZHAO, Example\",\"individual\",\"IRAN\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1a"

func TestScreeningRemembersDecisions(t *testing.T) {
	story.Each(t, func(w *story.World) {
		alt := []byte("2,9,\"aka\",\"赵样本\",-0- \r\n")
		l := story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "ofac_sdn", Files: [][]byte{[]byte(ofacMain), alt}, Accept: true})
		if l.Entries != 2 || l.Names != 3 || !l.New {
			w.T.Fatalf("%+v", l)
		}
		if again := story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "ofac_sdn", Files: [][]byte{[]byte(ofacMain), alt}, Accept: true}); again.New {
			w.T.Error("the same files change nothing")
		}
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "恒岳机械有限公司", NameEN: "Hengyue Machinery Company Limited", LegalRepresentative: "赵样本"}})
		hits := story.Must(w, w.Analyst, screening.ScreenCustomer, screening.Screen{CustomerID: c.ID})
		if len(hits) != 2 || hits[0].PartyKind != "customer" || hits[1].PartyKind != "legal_representative" || hits[1].ListedName != "赵样本" {
			w.T.Fatalf("%+v", hits)
		}
		waits := story.Must(w, w.Manager, screening.Decide, screening.Verdict{ID: hits[0].ID, Version: 1, Status: screening.Cleared, Reason: "another company: USCC differs"})
		vote := approval.Decision{RequestID: waits.RequestID, Version: 1, Verdict: approval.Approve}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), screening.Agree, vote); fault.KindOf(err) != fault.KindForbidden {
			w.T.Errorf("nobody agrees with himself: %v", err)
		}
		story.Must(w, w.Manager2, screening.Agree, vote)
		story.Must(w, w.Manager, screening.Decide, screening.Verdict{ID: hits[1].ID, Version: 1, Status: screening.Certain, Reason: "same birth date"})
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), screening.Decide, screening.Verdict{ID: hits[1].ID, Version: 1, Status: screening.Cleared, Reason: "late"}); fault.KindOf(err) != fault.KindStale {
			w.T.Errorf("a stale decision: %v", err)
		}
		all := story.Must(w, w.Manager, screening.ScreenAll, screening.Batch{})
		again := story.Must(w, w.Analyst, screening.ScreenCustomer, screening.Screen{CustomerID: c.ID})
		if all.Customers != 1 || again[0].Status != screening.Cleared || again[1].Status != screening.Certain {
			w.T.Errorf("decisions are remembered: %+v", again)
		}
		if a := story.Must(w, w.Analyst, assessment.Assess, assessment.Run{CustomerID: c.ID}); a.Grade != "D" {
			w.T.Errorf("a confirmed hit is a veto: %s", a.Grade)
		}
		changed := strings.Replace(ofacMain, "first", "second", 1)
		story.Must(w, w.Manager, screening.LoadList, screening.Load{Source: "ofac_sdn", Files: [][]byte{[]byte(changed), alt}, Accept: true})
		reopened := story.Must(w, w.Analyst, screening.ScreenCustomer, screening.Screen{CustomerID: c.ID})
		if reopened[0].Status != screening.Open || reopened[0].ID != hits[0].ID || reopened[1].Status != screening.Certain {
			w.T.Errorf("a hit reopens when its entry changes, the other stays: %+v", reopened)
		}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), screening.LoadList, screening.Load{Source: "ofac_sdn", Files: [][]byte{[]byte("1,2\n"), alt}}); fault.KindOf(err) != fault.KindInvalid {
			w.T.Errorf("a broken file is refused: %v", err)
		}
	})
}
