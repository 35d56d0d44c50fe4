package assessment

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/assessment/judgement"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/diligence"
	"github.com/xinheng/xinheng/customer/industry"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening"
)

// FileJudged is the topic of a judgement that differs from the one before it; payload: FileJudgement.
const FileJudged = "assessment.file_judged"

// FileJudgement is what the rules say of a customer's file: the initial risk (初步风险判断), compliance and operational risk
// (合规风险, 经营风险) with what raised them, both weighted into one, and the due-diligence level they propose.
type FileJudgement struct {
	ID           string                       `json:"id"`
	CustomerID   string                       `json:"customer_id"`
	CardVersion  int                          `json:"card_version"`
	Verdicts     map[string]judgement.Verdict `json:"verdicts"` // by subject: initial, compliance, operational, diligence
	Combined     judgement.Verdict            `json:"combined"`
	Completeness float64                      `json:"completeness"`
	By           string                       `json:"judged_by"`
	At           time.Time                    `json:"judged_at"`
	LookedAt     time.Time                    `json:"looked_at"` // when it was last found to be still so
}

// JudgeInput names the customer whose file is judged. With Since, a file that was looked at a while after is left alone: of
// many changes at once, or of the past, the first delivery judges them all.
type JudgeInput struct {
	CustomerID string    `json:"customer_id"`
	Since      time.Time `json:"since"`
}

// settling is longer than any transaction takes: what was looked at so long after a change has seen it.
const settling = time.Minute

// Validate reports every wrong field.
func (in *JudgeInput) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	return c.Err()
}

// JudgeFile judges a customer's file by the card in force and keeps the outcome when it differs from the one before. What
// it says of due diligence goes to the file as the proposed level.
var JudgeFile = operation.New("assessment.judge_file", func(ctx context.Context, tx *operation.Tx, in JudgeInput) (FileJudgement, error) {
	before, found, err := latestJudgement(ctx, tx, in.CustomerID)
	if err != nil || found && !in.Since.IsZero() && before.LookedAt.After(in.Since.Add(settling)) {
		return before, err
	}
	card, err := FileCardInForce(ctx, tx)
	if err != nil {
		return FileJudgement{}, err
	}
	file, err := customer.FileOf(ctx, tx, in.CustomerID)
	if err != nil {
		return FileJudgement{}, err
	}
	due, err := customer.DiligenceOf(ctx, tx, file, tx.Today)
	if err != nil {
		return FileJudgement{}, err
	}
	facts, err := fileFacts(ctx, tx, file, due, tx.Today)
	if err != nil {
		return FileJudgement{}, err
	}
	verdicts := judgement.Judge(card, facts)
	if due, err = propose(ctx, tx, file, due, verdicts[judgement.Diligence]); err != nil {
		return FileJudgement{}, err
	}
	if facts.Numbers["completeness"] != due.Score.Complete { // another level asks for another file
		facts.Numbers["completeness"] = due.Score.Complete
		verdicts = judgement.Judge(card, facts)
	}
	j := FileJudgement{ID: operation.NewID(), CustomerID: in.CustomerID, CardVersion: card.Version, Verdicts: verdicts, Combined: judgement.Combined(card, verdicts),
		Completeness: due.Score.Complete, By: tx.Actor.Name, At: tx.Now, LookedAt: tx.Now}
	if found && before.CardVersion == j.CardVersion && before.says(j) { // only its figures are newer
		j.ID, j.By, j.At = before.ID, before.By, before.At
		return j, lookAgain(ctx, tx.Tx, j)
	}
	tx.About(in.CustomerID)
	if err := insertJudgement(ctx, tx.Tx, j); err != nil {
		return FileJudgement{}, err
	}
	if found {
		tx.Changed("file_judgement", j.ID, levelsOf(before), levelsOf(j))
	} else {
		tx.Changed("file_judgement", j.ID, nil, levelsOf(j))
	}
	tx.Publish(FileJudged, in.CustomerID, j)
	return j, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in JudgeInput) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// propose keeps the level that the rules propose, and gives the due diligence as it then stands.
func propose(ctx context.Context, tx *operation.Tx, file customer.File, due customer.Diligence, v judgement.Verdict) (customer.Diligence, error) {
	var why []customer.ProposalReason
	for _, r := range v.Reasons {
		level := r.Floor
		if level == "" {
			level = v.Level
		}
		why = append(why, customer.ProposalReason{ZH: r.ZH, EN: r.EN, Level: diligence.Level(level)})
	}
	was := due.InForce()
	due.Proposed, due.ProposedWhy = diligence.Level(v.Level), why
	if due.InForce() != was {
		var err error
		if due.Score, err = customer.ScoreOf(ctx, tx, file, due, tx.Today); err != nil {
			return due, err
		}
	}
	return due, customer.Propose(ctx, tx, due)
}

// says tells whether two judgements say the same: levels and the rules that fired, whatever the figures in their sentences.
func (j FileJudgement) says(other FileJudgement) bool {
	same := func(a, b judgement.Reason) bool {
		return a.Rule == b.Rule && a.Points == b.Points && a.Floor == b.Floor
	}
	return maps.EqualFunc(j.Verdicts, other.Verdicts, func(a, b judgement.Verdict) bool {
		return a.Level == b.Level && a.Points == b.Points && a.Weight == b.Weight && slices.EqualFunc(a.Reasons, b.Reasons, same)
	})
}

func levelsOf(j FileJudgement) map[string]string {
	all := map[string]string{}
	for key, v := range j.Verdicts {
		all[key] = v.Level
	}
	return all
}

// reach is how far back changes and penalties count, in months.
const reach = 24

func fileFacts(ctx context.Context, q database.Querier, f customer.File, due customer.Diligence, today clock.Date) (judgement.Facts, error) {
	c := f.Customer
	n := map[string]float64{"completeness": due.Score.Complete, "answered_topics": float64(len(f.Operations)), "owners": float64(len(f.Shareholders)),
		"days_known": float64(today.DaysSince(clock.DateOf(c.CreatedAt)))}
	facts := judgement.Facts{Numbers: n, Texts: map[string]string{"country": c.Country}}
	if i, known := industry.Lookup(c.Industry); known {
		facts.Texts["industry_section"] = i.Section
	}
	if !c.Founded.IsZero() {
		n["years_since_founding"] = float64(today.DaysSince(c.Founded)) / 365.25
	}
	if c.Capital.Positive() && !c.PaidIn.IsZero() {
		n["paid_in_share"] = c.PaidIn.Float() / c.Capital.Float()
	}
	flag := func(name string, yes bool) {
		n[name] = 0
		if yes {
			n[name] = 1
		}
	}
	flag("registration_ended", c.RegistrationStatus == customer.Revoked || c.RegistrationStatus == customer.Deregistered)
	flag("registration_suspended", c.RegistrationStatus == customer.Suspended || c.RegistrationStatus == customer.Liquidating)
	if due.Requested.Currency == money.CNY {
		n["requested_limit"] = due.Requested.Float()
	} else {
		flag("requested_foreign", due.Requested.Positive())
	}
	n["known_owned_percent"] = 0
	legalFacts(n, f, today)
	operatingFacts(n, f)
	for _, s := range f.Shareholders {
		n["known_owned_percent"] += s.Share
		if s.Kind == "company" {
			n["company_owners"]++
		}
	}
	failed := map[string]bool{} // by what was checked: the newest outcome counts
	for _, v := range slices.Backward(f.Verifications) {
		if v.State == customer.VerificationPassed || v.State == customer.VerificationFailed || v.State == customer.VerificationReplaced {
			failed[v.Kind+" "+v.Target] = v.State == customer.VerificationFailed
		}
	}
	for _, yes := range failed {
		if yes {
			n["failed_verifications"]++
		}
	}
	open, _, err := screening.HasOpenOrConfirmed(ctx, q, c.ID)
	if err != nil {
		return judgement.Facts{}, err
	}
	flag("open_screening_hits", open)
	confirmed, err := screening.Confirmed(ctx, q, c.ID)
	if err != nil {
		return judgement.Facts{}, err
	}
	n["confirmed_screening_hits"] = float64(confirmed)
	if err := changesOf(ctx, q, n, c.ID, today); err != nil {
		return judgement.Facts{}, err
	}
	all, err := customer.StatementsOf(ctx, q, c.ID, mostPeriods)
	if err != nil {
		return judgement.Facts{}, err
	}
	if current, _ := customer.LatestAnnual(all); current != nil {
		assets, haveAssets := current.Get("total_assets")
		debt, haveDebt := current.Get("total_liabilities")
		if haveAssets && haveDebt && assets > 0 {
			n["debt_ratio"] = debt / assets
		}
		if profit, ok := current.Get("net_profit"); ok {
			flag("net_profit_negative", profit < 0)
		}
	}
	return facts, nil
}

func legalFacts(n map[string]float64, f customer.File, today clock.Date) {
	open := customer.OpenFacts(f.Compliance)
	n["open_dishonest_records"], n["open_enforcements"], n["open_lawsuits"] = float64(open[customer.Dishonest]), float64(open[customer.Enforcement]), float64(open[customer.Lawsuit])
	n["open_abnormal_records"], n["open_violations"] = float64(open[customer.Abnormal]), float64(open[customer.Violation])
	claimed := 0.0
	for _, r := range f.Compliance {
		if r.Kind == customer.Penalty && r.Happened > today.AddMonths(-reach) {
			n["penalties_of_24_months"]++
		}
		if r.Kind == customer.Lawsuit && r.Open && r.Side != "plaintiff" && r.Amount.Currency == f.Customer.Currency {
			claimed += r.Amount.Float()
		}
	}
	if f.Customer.Capital.Positive() {
		n["lawsuit_amount_to_capital"] = claimed / f.Customer.Capital.Float()
	}
	for _, l := range f.Licences {
		switch {
		case l.Status == "revoked" || l.Status == "suspended":
			n["licences_revoked"]++
		case l.Status == "valid" && !l.ValidOn(today):
			n["licences_ended"]++
		}
	}
}

func operatingFacts(n map[string]float64, f customer.File) {
	for _, a := range f.Operations {
		for _, t := range customer.Topics {
			if t.Key == a.Topic {
				n[t.Key] = float64(slices.Index(t.Answers, a.Answer)) // 0 = the best answer
			}
		}
	}
	if c := customer.ConcentrationOf(f.Partners, "buyer"); c.Known > 0 {
		n["largest_buyer_percent"], n["top_five_buyers_percent"] = c.Largest, c.TopFive
	}
	if c := customer.ConcentrationOf(f.Partners, "supplier"); c.Known > 0 {
		n["largest_supplier_percent"], n["top_five_suppliers_percent"] = c.Largest, c.TopFive
	}
}

// changesOf counts how often the legal representative and the address changed within reach. A first value and a
// confirmation are no change.
func changesOf(ctx context.Context, q database.Querier, n map[string]float64, customerID string, today clock.Date) error {
	history, err := customer.HistoryOf(ctx, q, customerID, "")
	if err != nil {
		return err
	}
	since := today.AddMonths(-reach).Time()
	last := map[string]string{}
	for _, h := range slices.Backward(history) {
		was, known := last[h.Field]
		last[h.Field] = h.Value
		if !known || was == h.Value || h.At.Before(since) {
			continue
		}
		switch h.Field {
		case "legal_representative":
			n["legal_representative_changes_24_months"]++
		case "registered_address":
			n["address_changes_24_months"]++
		}
	}
	return nil
}

// FileRisk is a customer's file judgement with the ones before it, newest first.
type FileRisk struct {
	Latest  *FileJudgement  `json:"latest,omitempty"` // nil = not judged yet
	History []FileJudgement `json:"history,omitempty"`
}

// trendDays is how far back a trend looks.
const trendDays = 90

// Trend compares the points of a subject ("combined" too) with those that stood 90 days before the last look, or with the
// first ones when the file is younger: 1 = riskier now, -1 = less risky, 0 = the same. Since is the day of those.
func (r FileRisk) Trend(subject string) (direction int, since clock.Date) {
	if r.Latest == nil || len(r.History) == 0 {
		return 0, ""
	}
	points := func(j FileJudgement) float64 {
		if subject == "combined" {
			return j.Combined.Points
		}
		return j.Verdicts[subject].Points
	}
	then := r.Latest.LookedAt.AddDate(0, 0, -trendDays)
	before := r.History[len(r.History)-1]
	for _, j := range r.History {
		if !j.At.After(then) {
			before = j
			break
		}
	}
	return cmp.Compare(points(*r.Latest), points(before)), clock.DateOf(before.At)
}

// FileInput names the customer whose file risk is read.
type FileInput struct {
	CustomerID string `json:"customer_id"`
}

// ViewFileRisk shows what the rules say of a customer's file, and said before.
var ViewFileRisk = operation.NewView("assessment.file_risk", func(ctx context.Context, rd *operation.Reading, in FileInput) (FileRisk, error) {
	if err := customer.Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
		return FileRisk{}, err
	}
	var r FileRisk
	var err error
	if r.History, err = judgements(ctx, rd, in.CustomerID, 100); err == nil && len(r.History) > 0 {
		r.Latest = &r.History[0]
	}
	return r, err
})

// FileCard is a version of the file card that replaced the library's.
type FileCard struct {
	Version   int       `json:"version"`
	Document  string    `json:"document"` // YAML
	Reason    string    `json:"reason"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
}

// NewFileCard is the input of SaveFileCard.
type NewFileCard struct {
	Document string `json:"document"`
	Reason   string `json:"reason"`
}

// Validate reports every wrong place of the card.
func (in *NewFileCard) Validate() error {
	var c fault.Check
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("reason", in.Reason)
	c.Length("document", in.Document, 200_000)
	_, err := judgement.Parse([]byte(in.Document))
	c.Join("", err)
	return c.Err()
}

// SaveFileCard puts a new version of the file card in force; files are judged by it at their next change or look.
var SaveFileCard = operation.New("assessment.save_file_card", func(ctx context.Context, tx *operation.Tx, in NewFileCard) (FileCard, error) {
	card, err := judgement.Parse([]byte(in.Document))
	if err != nil {
		return FileCard{}, err
	}
	before, err := FileCardInForce(ctx, tx)
	if err != nil {
		return FileCard{}, err
	}
	if card.Version <= before.Version {
		return FileCard{}, fault.Invalid("document.version", "customer.standard_version", fault.Args{"newest": before.Version})
	}
	v := FileCard{Version: card.Version, Document: in.Document, Reason: in.Reason, CreatedBy: tx.Actor.Name, CreatedAt: tx.Now}
	tx.Changed("file_card", fmt.Sprint(v.Version), before.Version, v)
	return v, insertFileCard(ctx, tx.Tx, v)
})

// FileCardInForce gives the file card in force.
func FileCardInForce(ctx context.Context, q database.Querier) (judgement.Card, error) {
	all, err := fileCards(ctx, q, 1)
	if err != nil || len(all) == 0 {
		return judgement.Library(), err
	}
	return judgement.Parse([]byte(all[0].Document))
}

// FileCards shows the versions of the file card, newest first; the library's is the last.
var FileCards = operation.NewView("assessment.file_cards", func(ctx context.Context, rd *operation.Reading, _ struct{}) ([]FileCard, error) {
	all, err := fileCards(ctx, rd, 100)
	return append(all, FileCard{Version: judgement.Library().Version, Document: judgement.LibraryDocument()}), err
})
