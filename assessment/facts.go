package assessment

import (
	"context"

	"github.com/xinheng/xinheng/assessment/distress"
	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/screening"
)

const mostPeriods = 40 // ten years of quarters

// known is what an assessment rests on.
type known struct {
	facts       scorecard.Facts
	answers     []scorecard.Answer
	ratios      []ratio.Value
	models      []distress.Result
	statementID string
}

// gather collects the facts by the names that cards use: every ratio and model by its key, and those below. A fact that
// is not known stays absent.
func gather(ctx context.Context, q database.Querier, c customer.Customer, today clock.Date) (known, error) {
	k := known{facts: scorecard.Facts{}}
	put := func(name string, v float64) { k.facts[name] = &v }
	if !c.Founded.IsZero() {
		put("years_since_founding", float64(today.DaysSince(c.Founded))/365.25)
	}
	all, err := customer.StatementsOf(ctx, q, c.ID, mostPeriods)
	if err != nil {
		return known{}, err
	}
	if current, previous := customer.LatestAnnual(all); current != nil {
		k.statementID = current.ID
		k.financial(*current, previous, today, put)
	}
	d, err := receivable.DealingsOf(ctx, q, c.ID, c.Currency, today)
	if err != nil {
		return known{}, err
	}
	if d.Settled > 0 {
		put("average_days_late", d.DaysLate)
		put("share_late", d.ShareLate)
	}
	if d.Purchases > 0 {
		put(scorecard.FactYearlyPurchases, d.Purchases)
	}
	put("worst_days_overdue", float64(d.WorstOverdue))
	if err := k.compliance(ctx, q, c.ID, put); err != nil {
		return known{}, err
	}
	answered, err := answersOf(ctx, q, c.ID)
	for _, a := range answered {
		k.answers = append(k.answers, a.Answer)
	}
	return k, err
}

func (k *known) financial(current customer.Financial, previous *customer.Financial, today clock.Date, put func(string, float64)) {
	var before *statement.Statement
	if previous != nil {
		before = &previous.Statement
	}
	k.ratios = ratio.Compute(current.Statement, before)
	for key, v := range ratio.ByKey(k.ratios) {
		put(key, v)
	}
	k.models = distress.Altman(current.Statement, nil)
	for _, m := range k.models {
		if m.Score != nil {
			put(m.Model, *m.Score)
		}
	}
	if equity, ok := current.Get("total_equity"); ok {
		put("equity", equity)
		intangible, _ := current.Get("intangible_assets")
		goodwill, _ := current.Get("goodwill")
		put(scorecard.FactTangibleEquity, equity-intangible-goodwill)
	}
	put("statement_age_months", float64(today.DaysSince(current.Period))/30.4375)
	audited := 0.0
	if current.Audited {
		audited = 1
	}
	put("statement_audited", audited)
	put("statement_breaks", float64(current.HardBreaks()))
}

func (k *known) compliance(ctx context.Context, q database.Querier, customerID string, put func(string, float64)) error {
	records, err := customer.ComplianceOf(ctx, q, customerID)
	if err != nil {
		return err
	}
	open := map[customer.ComplianceKind]float64{}
	for _, r := range records {
		if r.Open {
			open[r.Kind]++
		}
	}
	put("open_lawsuits", open[customer.Lawsuit])
	put("open_enforcements", open[customer.Enforcement])
	put("open_dishonest_records", open[customer.Dishonest])
	confirmed, err := screening.Confirmed(ctx, q, customerID)
	put("confirmed_screening_hits", float64(confirmed))
	return err
}
