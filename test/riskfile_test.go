package test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/assessment/judgement"
	"github.com/xinheng/xinheng/audit"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/diligence"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/test/story"
)

func newFile(w *story.World, name string) customer.Customer {
	w.T.Helper()
	return story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: name, Industry: "C", Founded: "2010-03-01", Capital: story.Yuan(10_000_000)}})
}

// refused runs an operation that has to fail, and gives the wrong places with their messages, or the message itself.
func refused[In, Out any](w *story.World, a operation.Actor, o *operation.Operation[In, Out], in In) string {
	w.T.Helper()
	out, err := operation.Run(w.T.Context(), w.Runner, story.By(a), o, in)
	e := fault.As(err)
	if e == nil {
		w.T.Fatalf("%s by %s: %v, %v", o.Name(), a.Name, out, err)
	}
	if len(e.Fields) == 0 {
		return e.Key
	}
	var all []string
	for _, f := range e.Fields {
		all = append(all, f.Path+" "+f.Key)
	}
	return strings.Join(all, "; ")
}

// A file becomes complete, is judged along the way, is reviewed, and falls due again.
func TestRiskFileFromFirstContactToReview(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := newFile(w, "霁州衡远轴承有限公司")
		story.Must(w, w.Sales, customer.AddContact, customer.Contact{CustomerID: c.ID, Name: "钱一", Role: "finance", Phone: "0900-80000001"})
		story.Must(w, w.Sales, limit.Apply, limit.Application{CustomerID: c.ID, Amount: story.Yuan(800_000), Reason: "首单"})
		w.React()
		d := story.See(w, w.Sales, customer.ViewDiligence, customer.ByIDInput{ID: c.ID})
		if d.Requested != story.Yuan(800_000) || d.Proposed != diligence.Standard || d.Level != "" || d.InForce() != diligence.Standard {
			t.Fatalf("proposed %s for a new customer that asks for %v: %+v", d.Proposed, d.Requested, d.ProposedWhy)
		}
		if len(d.ProposedWhy) != 3 || !strings.Contains(d.ProposedWhy[0].ZH+d.ProposedWhy[1].ZH+d.ProposedWhy[2].ZH, "800,000") {
			t.Errorf("because %+v", d.ProposedWhy)
		}
		// Weights of the standard level: 10+8+5+5+8+5 and 3+4+8+10+3+6+8+5 = 88. There: identity 1 of 4 fields, registration
		// 2 of 3, industry 1 of 2, contact, finance contact.
		if want := (10.0/4 + 8*2.0/3 + 5/2.0 + 5 + 3) / 88; d.Score.Complete < want-1e-9 || d.Score.Complete > want+1e-9 {
			t.Errorf("complete %v, want %v", d.Score.Complete, want)
		}
		if d.Completeness != d.Score.Complete {
			t.Errorf("kept completeness %v, computed %v", d.Completeness, d.Score.Complete)
		}
		risk := story.See(w, w.Analyst, assessment.ViewFileRisk, assessment.FileInput{CustomerID: c.ID})
		// No statement 10, file below half complete 15 with the floor medium, no owner known 10.
		if v := risk.Latest.Verdicts[judgement.Initial]; v.Level != "medium" || v.Points != 35 {
			t.Errorf("judged %+v", v)
		}
		if why := refused(w, w.Analyst, customer.SetLevel, customer.LevelChoice{CustomerID: c.ID, Level: diligence.Simplified}); why != "reason customer.below_proposal" {
			t.Errorf("a level below the proposal: %s", why)
		}
		if why := refused(w, w.Analyst, customer.ReviewFile, customer.FileReview{CustomerID: c.ID, Note: "资料齐全"}); why != "customer.level_first" {
			t.Errorf("reviewed without a level: %s", why)
		}
		if why := refused(w, w.Sales, customer.SetLevel, customer.LevelChoice{CustomerID: c.ID, Level: diligence.Standard}); why != "fault.forbidden" {
			t.Errorf("a salesperson set the level: %s", why)
		}
		story.Must(w, w.Analyst, customer.SetLevel, customer.LevelChoice{CustomerID: c.ID, Level: diligence.Standard})
		due := story.See(w, w.Sales, customer.ListDue, listing.Query{})
		if due.Total != 1 || !slices.Equal(due.Files[0].Why, []string{"unreviewed"}) {
			t.Errorf("due: %+v", due)
		}
		if other := story.See(w, w.Sales2, customer.ListDue, listing.Query{}); other.Total != 0 {
			t.Errorf("another salesperson sees %+v", other)
		}
		d = story.Must(w, w.Analyst, customer.ReviewFile, customer.FileReview{CustomerID: c.ID, Note: "资料齐全"})
		if d.ReviewDue != "2027-06-15" || d.ExpiresOn != "2027-09-15" {
			t.Errorf("reviewed: due %s, expires %s", d.ReviewDue, d.ExpiresOn)
		}
		if due = story.See(w, w.Analyst, customer.ListDue, listing.Query{}); due.Total != 0 {
			t.Errorf("due after the review: %+v", due)
		}
		story.Must(w, w.Analyst, customer.SaveLicence, customer.Licence{CustomerID: c.ID, Kind: "business_licence", Name: "营业执照", Number: "91320000MA1", Authority: "霁州市市场监督管理局", ExpiresOn: "2026-07-10"})
		if due = story.See(w, w.Analyst, customer.ListDue, listing.Query{}); due.Total != 1 || !slices.Equal(due.Files[0].Why, []string{"licence"}) || due.Files[0].LicenceEnds != "2026-07-10" {
			t.Errorf("a licence ends: %+v", due)
		}
		w.Now = w.Now.AddDate(1, 4, 0)
		if due = story.See(w, w.Analyst, customer.ListDue, listing.Query{}); due.Total != 1 || !slices.Equal(due.Files[0].Why, []string{"expired", "licence"}) {
			t.Errorf("a year later: %+v", due)
		}
	})
}

// A small transfer is confirmed by somebody else who names the amount, within three attempts; nobody reads it before.
func TestSmallTransferKeepsItsSecret(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := newFile(w, "云泽明川电气有限公司")
		account := story.Must(w, w.Analyst, customer.SaveAccount, customer.Account{CustomerID: c.ID, Bank: "样本银行", Holder: c.Name, Number: "6222 0000 1111 2345", Kind: "basic"})
		start := func() customer.Verification {
			return story.Must(w, w.Analyst, customer.StartTransfer, customer.Transfer{CustomerID: c.ID, AccountID: account.ID, Amount: money.Of(37, money.CNY), SentOn: w.Today(), Evidence: "回单 20260615"})
		}
		v := start()
		if why := refused(w, w.Analyst, customer.StartTransfer, customer.Transfer{CustomerID: c.ID, AccountID: account.ID, Amount: money.Of(37, money.CNY), SentOn: w.Today(), Evidence: "回单"}); why != "customer.transfer_running" {
			t.Errorf("a second transfer: %s", why)
		}
		if why := refused(w, w.Analyst, customer.ConfirmTransfer, customer.Named{ID: v.ID, Amount: money.Of(37, money.CNY)}); why != "customer.transfer_four_eyes" {
			t.Errorf("confirmed by who sent it: %s", why)
		}
		if why := refused(w, w.Sales2, customer.ConfirmTransfer, customer.Named{ID: v.ID, Amount: money.Of(37, money.CNY)}); why != "fault.not_found" {
			t.Errorf("another's customer: %s", why)
		}
		for i := 1; i <= 3; i++ {
			v = story.Must(w, w.Sales, customer.ConfirmTransfer, customer.Named{ID: v.ID, Amount: money.Of(int64(40+i), money.CNY)})
			if v.Attempts != i || (v.State == customer.VerificationPending) != (i < 3) {
				t.Errorf("attempt %d: %+v", i, v)
			}
		}
		if v.State != customer.VerificationFailed {
			t.Errorf("after three wrong amounts: %s", v.State)
		}
		if why := refused(w, w.Sales, customer.ConfirmTransfer, customer.Named{ID: v.ID, Amount: money.Of(37, money.CNY)}); why != "customer.verification_decided" {
			t.Errorf("a fourth attempt: %s", why)
		}
		v = start()
		file, err := json.Marshal(story.See(w, w.Manager, customer.View, customer.ByIDInput{ID: c.ID}))
		if err != nil || strings.Contains(string(file), "0.37") {
			t.Errorf("the amount is read from the file: %s %v", file, err)
		}
		trail, err := json.Marshal(story.See(w, w.Manager, audit.List, audit.ListInput{Subject: c.ID}))
		if err != nil || strings.Contains(string(trail), "0.37") || strings.Contains(string(trail), "6222000011112345") {
			t.Errorf("the trail tells a secret: %s %v", trail, err)
		}
		v = story.Must(w, w.Sales, customer.ConfirmTransfer, customer.Named{ID: v.ID, Amount: money.Of(37, money.CNY)})
		if v.State != customer.VerificationPassed || v.Amount != money.Of(37, money.CNY) || v.ExpiresOn != "2027-06-15" {
			t.Errorf("confirmed: %+v", v)
		}
		// Who may not see account numbers gets them masked, and may send the masked one back without changing it.
		seen := story.See(w, w.Sales, customer.View, customer.ByIDInput{ID: c.ID}).Accounts[0]
		if full := story.See(w, w.Analyst, customer.View, customer.ByIDInput{ID: c.ID}).Accounts[0]; seen.Number != "****2345" || full.Number != "6222000011112345" {
			t.Errorf("numbers %s and %s", seen.Number, full.Number)
		}
		seen.Branch = "霁州支行"
		if seen = story.Must(w, w.Sales, customer.SaveAccount, seen); seen.Number != "****2345" {
			t.Errorf("the answer shows %s", seen.Number)
		}
		file2 := story.See(w, w.Analyst, customer.View, customer.ByIDInput{ID: c.ID})
		if full := file2.Accounts[0]; full.Number != "6222000011112345" || full.Branch != "霁州支行" || file2.Verifications[0].State != customer.VerificationPassed {
			t.Errorf("kept as %+v, verified %+v", full, file2.Verifications[0])
		}
		full := file2.Accounts[0]
		full.Number = "6222000011119999"
		story.Must(w, w.Analyst, customer.SaveAccount, full)
		if after := story.See(w, w.Analyst, customer.View, customer.ByIDInput{ID: c.ID}).Verifications; after[0].State != customer.VerificationReplaced || after[1].State != customer.VerificationFailed {
			t.Errorf("a new number is verified as %s, %s", after[0].State, after[1].State)
		}
	})
}

// Legal facts raise compliance risk with figures, closing them lowers it, and every state is kept.
func TestLegalFactsMoveComplianceRisk(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := newFile(w, "景澜恒信物流有限公司")
		risk := func() assessment.FileRisk {
			w.React()
			return story.See(w, w.Analyst, assessment.ViewFileRisk, assessment.FileInput{CustomerID: c.ID})
		}
		trend := func(r assessment.FileRisk) int {
			direction, _ := r.Trend(judgement.Compliance)
			return direction
		}
		suit := story.Must(w, legal(), customer.AddCompliance, customer.Compliance{CustomerID: c.ID, Kind: customer.Lawsuit, Title: "买卖合同纠纷", Number: "(2026)样0101民初1号", Authority: "样本法院",
			Side: "defendant", Source: "court", Happened: "2026-04-01", Amount: story.Yuan(6_000_000), Open: true})
		story.Must(w, legal(), customer.AddCompliance, customer.Compliance{CustomerID: c.ID, Kind: customer.Lawsuit, Title: "货款追索", Side: "plaintiff", Source: "court", Happened: "2026-04-02", Amount: story.Yuan(9_000_000), Open: true})
		r := risk()
		// 6 of 10 million: 30 points; what it claims itself counts nothing.
		if v := r.Latest.Verdicts[judgement.Compliance]; v.Level != "moderate" || v.Points != 30 || len(v.Reasons) != 1 || !strings.Contains(v.Reasons[0].EN, "60%") {
			t.Errorf("compliance %+v", v)
		}
		record := story.Must(w, legal(), customer.AddCompliance, customer.Compliance{CustomerID: c.ID, Kind: customer.Dishonest, Title: "失信", Source: "court", Happened: "2026-05-01", Open: true})
		r = risk()
		if v := r.Latest.Verdicts[judgement.Compliance]; v.Level != "severe" || r.Latest.Verdicts[judgement.Initial].Level != "high" || trend(r) != 1 {
			t.Errorf("with a dishonest-debtor record: %+v, trend %d", r.Latest.Verdicts, trend(r))
		}
		// Combined: compliance 100 at most, operational 10 (nothing known of operations), half each.
		if got := r.Latest.Combined; got.Points != 55 || got.Level != "elevated" {
			t.Errorf("combined %+v", got)
		}
		if d := story.See(w, w.Analyst, customer.ViewDiligence, customer.ByIDInput{ID: c.ID}); d.Proposed != diligence.Enhanced {
			t.Errorf("proposed %s", d.Proposed)
		}
		if why := refused(w, legal(), customer.CloseCompliance, customer.Closing{ID: record.ID, Version: 1, ClosedOn: "2026-04-30", Outcome: "已履行", Source: "court"}); why != "closed_on customer.ends_before_start" {
			t.Errorf("closed before it began: %s", why)
		}
		closed := story.Must(w, legal(), customer.CloseCompliance, customer.Closing{ID: record.ID, Version: 1, ClosedOn: "2026-06-10", Outcome: "已履行完毕，移出名单", Source: "court"})
		if closed.Open || closed.ClosedOn != "2026-06-10" || closed.Version != 2 {
			t.Errorf("closed as %+v", closed)
		}
		if why := refused(w, legal(), customer.CloseCompliance, customer.Closing{ID: record.ID, Version: 2, ClosedOn: "2026-06-10", Outcome: "再次", Source: "court"}); why != "customer.closed_already" {
			t.Errorf("closed twice: %s", why)
		}
		suit.Amount = story.Yuan(600_000)
		if why := refused(w, w.Sales, customer.CorrectCompliance, customer.Correction{Compliance: suit}); why != "fault.forbidden" {
			t.Errorf("a salesperson corrected a legal fact: %s", why)
		}
		story.Must(w, legal(), customer.CorrectCompliance, customer.Correction{Compliance: suit})
		if why := refused(w, legal(), customer.CorrectCompliance, customer.Correction{Compliance: suit}); why != "fault.stale" {
			t.Errorf("corrected at an old version: %s", why)
		}
		r = risk()
		if v := r.Latest.Verdicts[judgement.Compliance]; v.Level != "very_low" || v.Points != 8 || trend(r) != -1 || len(r.History) < 3 {
			t.Errorf("afterwards %+v, %d judgements", v, len(r.History))
		}
		var amounts []string
		for _, h := range story.See(w, w.Analyst, customer.History, customer.HistoryInput{CustomerID: c.ID, Item: suit.ID}) {
			if h.Field == "amount" {
				amounts = append(amounts, h.Value)
			}
		}
		if !slices.Equal(amounts, []string{"CNY 600000.00", "CNY 6000000.00"}) {
			t.Errorf("the amount was %q", amounts)
		}
	})
}

// What is known of operations raises operational risk by figures.
func TestOperationsMoveOperationalRisk(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := newFile(w, "枫港启明包装有限公司")
		from := customer.Provenance{Source: "site_visit", AsOf: "2026-06-01", Evidence: "走访记录 12"}
		if why := refused(w, w.Analyst, customer.AnswerOperations, customer.OperatingAnswers{CustomerID: c.ID, Answers: []customer.OperatingAnswer{{Topic: "capacity", Answer: "plenty"}, {Topic: "weather", Answer: "fair", Provenance: from}}}); why !=
			"answers[0].evidence fault.required; answers[0].as_of fault.required; answers[0].answer fault.one_of; answers[1].topic customer.topic_unknown" {
			t.Errorf("told %s", why)
		}
		story.Must(w, w.Analyst, customer.AnswerOperations, customer.OperatingAnswers{CustomerID: c.ID, Answers: []customer.OperatingAnswer{
			{Topic: "capacity", Answer: "idle", Figures: map[string]float64{"utilisation_percent": 20}, Provenance: from}, {Topic: "payment_habits", Answer: "often_late", Provenance: from}}})
		in := customer.Partners{CustomerID: c.ID, Side: "buyer", Provenance: from, Partners: []customer.Partner{{Name: "甲", Share: 20}, {Name: "乙", Share: 55}, {Name: "丙", Share: 30}}}
		if why := refused(w, w.Analyst, customer.SetPartners, in); why != "partners customer.shares_exceed" {
			t.Errorf("105 %%: %s", why)
		}
		in.Partners[2].Share = 5
		story.Must(w, w.Analyst, customer.SetPartners, in)
		w.React()
		file := story.See(w, w.Analyst, customer.View, customer.ByIDInput{ID: c.ID})
		if got := customer.ConcentrationOf(file.Partners, "buyer"); got != (customer.Concentration{Known: 3, Largest: 55, TopFive: 80}) || file.Partners[0].Name != "乙" {
			t.Errorf("concentration %+v of %+v", got, file.Partners)
		}
		v := story.See(w, w.Analyst, assessment.ViewFileRisk, assessment.FileInput{CustomerID: c.ID}).Latest.Verdicts[judgement.Operational]
		if v.Points != 25+15+25 || v.Level != "elevated" || len(v.Reasons) != 3 { // buyers, habits, capacity
			t.Errorf("operational %+v", v)
		}
	})
}

// A registration is compared field by field with what a source tells.
func TestRegistrationIsCompared(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "桐陵泰和化工有限公司", USCC: "91310000MA1FL4B24G", LegalRepresentative: "孙二", RegisteredAddress: "样本路 1 号"}})
		told := map[string]string{"name": "桐陵泰和化工有限公司", "uscc": "91310000MA1FL4B24G", "legal_representative": "孙二", "registered_address": "样本路 2 号", "registration_status": "in_operation"}
		in := customer.RegistrationAnswer{CustomerID: c.ID, Told: told, Provenance: customer.Provenance{Source: "gsxt", AsOf: "2026-06-10"}}
		v := story.Must(w, w.Analyst, customer.CompareRegistration, in)
		differ := slices.DeleteFunc(slices.Clone(v.Findings), func(f customer.Finding) bool { return f.Same })
		if v.State != customer.VerificationPassed || len(v.Findings) != 5 || len(differ) != 2 || differ[1].Field != "registered_address" {
			t.Errorf("compared: %+v", v)
		}
		told["legal_representative"] = "李三"
		if v = story.Must(w, w.Analyst, customer.CompareRegistration, in); v.State != customer.VerificationFailed {
			t.Errorf("another legal representative: %s", v.State)
		}
		w.React()
		if v := story.See(w, w.Analyst, assessment.ViewFileRisk, assessment.FileInput{CustomerID: c.ID}).Latest.Verdicts[judgement.Initial]; !slices.ContainsFunc(v.Reasons, func(r judgement.Reason) bool { return r.Rule == "unverified" }) {
			t.Errorf("judged %+v", v)
		}
	})
}

// Standards and cards are data with versions: a new one counts at once, an old number is refused, a broken one named.
func TestStandardsAndCardsHaveVersions(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := newFile(w, "翠渡新元材料有限公司")
		doc := "version: 2\nlevels:\n  simplified: {review_months: 1, expiry_months: 2}\n  standard: {review_months: 3, expiry_months: 4}\n  enhanced: {review_months: 1, expiry_months: 1}\nitems:\n  - {key: name, from: simplified, weight: 1, fields: [name], form: edit/identity, zh: 名称, en: Name}\n"
		if why := refused(w, w.Manager, customer.SaveStandard, customer.NewStandard{Document: strings.Replace(doc, "version: 2", "version: 1", 1), Reason: "简化"}); why != "document.version customer.standard_version" {
			t.Errorf("an old version: %s", why)
		}
		if why := refused(w, w.Manager, customer.SaveStandard, customer.NewStandard{Document: strings.Replace(doc, "fields: [name]", "fields: [name], accounts: 1", 1), Reason: "简化"}); why != "document.items[0].key diligence.one_thing" {
			t.Errorf("an item that asks two things: %s", why)
		}
		story.Must(w, w.Manager, customer.SaveStandard, customer.NewStandard{Document: doc, Reason: "简化"})
		if d := story.See(w, w.Analyst, customer.ViewDiligence, customer.ByIDInput{ID: c.ID}); d.Score.Complete != 1 || d.Score.Version != 2 {
			t.Errorf("by the new standard %+v", d.Score)
		}
		card := strings.Replace(judgement.LibraryDocument(), "version: 1", "version: 2", 1)
		if why := refused(w, w.Manager, assessment.SaveFileCard, assessment.NewFileCard{Document: strings.Replace(card, "fact: open_lawsuits,", "fact: open_suits,", 1), Reason: "调整"}); !strings.Contains(why, "judgement.fact_unknown") {
			t.Errorf("an unknown fact: %s", why)
		}
		story.Must(w, w.Manager, assessment.SaveFileCard, assessment.NewFileCard{Document: card, Reason: "调整"})
		if err := w.DailyRound(t.Context()); err != nil {
			t.Fatal(err)
		}
		r := story.See(w, w.Analyst, assessment.ViewFileRisk, assessment.FileInput{CustomerID: c.ID})
		if r.Latest == nil || r.Latest.CardVersion != 2 {
			t.Fatalf("the round judged %+v", r.Latest)
		}
		w.Now = w.Now.AddDate(0, 0, 8)
		if err := w.DailyRound(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r = story.See(w, w.Analyst, assessment.ViewFileRisk, assessment.FileInput{CustomerID: c.ID}); len(r.History) != 1 || !r.Latest.LookedAt.Equal(w.Now) {
			t.Errorf("looked at again: %d judgements, the last look %v", len(r.History), r.Latest.LookedAt)
		}
	})
}

func legal() operation.Actor {
	return access.User{ID: "user-legal", Login: "legal", Name: "legal", Scope: operation.ScopeAll, Roles: []access.Role{access.Legal}}.Actor()
}
