package web

import (
	"fmt"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/portfolio"
	"github.com/xinheng/xinheng/receivable"
)

// customerStand is what somebody looks at who decides about a customer.
type customerStand struct {
	currency money.Currency
	position portfolio.Position
	limits   limit.Overview
	standing assessment.Standing
	account  receivable.Account
}

func (v *visit) stand(id string, c money.Currency) (s customerStand, err error) {
	s.currency = c
	page, err := read(v, portfolio.ListPositions, portfolio.PositionsInput{Currency: c, Query: listing.Query{Filters: []listing.Filter{{Column: "customer_id", Value: id}}}})
	if err != nil {
		return s, err
	}
	if len(page.Rows) == 1 {
		s.position = page.Rows[0]
	}
	if s.limits, err = read(v, limit.View, limit.CustomerInput{CustomerID: id}); err != nil {
		return s, err
	}
	if s.standing, err = read(v, assessment.ForCustomer, assessment.CustomerInput{CustomerID: id}); err != nil {
		return s, err
	}
	s.account, err = read(v, receivable.View, receivable.CustomerInput{CustomerID: id})
	return s, err
}

func (s customerStand) line() *limit.Limit {
	for _, l := range s.limits.Lines {
		if l.Limit != nil && l.Limit.Amount.Currency == s.currency {
			return l.Limit
		}
	}
	return nil
}

// useOf shows use of a limit, by its tone.
func useOf(used, of money.Amount) (string, Tone) {
	if !of.Positive() {
		return "—", when(used.Positive(), Bad)
	}
	use := used.Float() / of.Float()
	switch {
	case use > 1:
		return percent(use), Bad
	case use > 0.8:
		return percent(use), Warn
	}
	return percent(use), Plain
}

// standStats is the strip of figures above a decision: where the customer stands, and what the decision would make of it.
func (v *visit) standStats(s customerStand, r approval.Request) []Stat {
	at, current := "/customers/"+s.position.CustomerID, money.Of(0, s.currency)
	limitStat := Stat{Label: v.T("web.limit"), Value: "—", Sub: v.T("web.no_limit"), Href: at + "/limits"}
	if l := s.line(); l != nil {
		current = l.Amount
		limitStat.Value, limitStat.Sub = amount(l.Amount), string(l.ValidFrom)+" – "+string(l.ValidUntil)
	}
	all := []Stat{}
	after, used := current, s.position.Exposure
	if r.Kind == limit.Kind {
		after = r.Granted
		ask := Stat{Label: v.T("web.asked_limit"), Value: amount(r.Granted), Sub: v.T("web.until", map[string]any{"date": string(r.GrantedUntil)}), Tone: Info}
		if r.Granted != r.Amount {
			ask.Sub = v.T("web.asked_amount", map[string]any{"amount": amount(r.Amount)})
		}
		all = append(all, ask)
	}
	now, tone := useOf(used, current)
	all = append(all, limitStat, Stat{Label: v.T("web.exposure"), Value: amount(used), Href: at + "/receivables"}, Stat{Label: v.T("web.use_now"), Value: now, Tone: tone})
	if r.Kind == limit.Kind {
		then, tone := useOf(used, after)
		all = append(all, Stat{Label: v.T("web.use_after"), Value: then, Tone: tone})
	}
	return append(all, v.riskStats(s, r)...)
}

// riskStats are overdue, grade, suggestion, payment record, freezes and alerts.
func (v *visit) riskStats(s customerStand, r approval.Request) []Stat {
	at := "/customers/" + s.position.CustomerID
	overdue := Stat{Label: v.T("web.overdue"), Value: amount(s.position.Overdue), Sub: v.T("web.nothing_overdue"), Href: at + "/receivables"}
	if s.position.Overdue.Positive() {
		overdue.Tone, overdue.Sub = Bad, v.T("web.in_dispute")
		if s.position.WorstDays > 0 {
			overdue.Sub = v.T("web.days_n", map[string]any{"n": s.position.WorstDays})
		}
	}
	grade := Stat{Label: v.T("web.grade"), Value: "—", Sub: v.T("web.not_assessed"), Tone: Warn}
	suggested := Stat{Label: v.T("web.recommended_limit"), Value: "—", Sub: v.T("web.not_assessed")}
	if a := s.standing.Latest; a != nil {
		grade = Stat{Label: v.T("web.grade"), Value: a.Grade, Sub: fmt.Sprintf("%s %.1f · PD %s", v.T("web.score"), a.Score, percent2(a.PD)), Href: "/assessments/" + a.ID, Tone: gradeTone(a.PD)}
		suggested.Value, suggested.Sub = amount(a.Recommended), string(a.On)
		if gap := money.Of(r.Granted.Minor-a.Recommended.Minor, s.currency); r.Kind == limit.Kind && a.Recommended.Currency == s.currency {
			suggested.Sub = v.T("web.gap_below", map[string]any{"gap": amount(gap.Neg())})
			if gap.Positive() {
				suggested.Sub, suggested.Tone = v.T("web.gap_above", map[string]any{"gap": amount(gap)}), Warn
			}
		}
	}
	paid := Stat{Label: v.T("web.payment_record"), Value: "—", Sub: v.T("web.settled_n", map[string]any{"n": s.account.Settled12}), Href: at + "/receivables"}
	if s.account.Settled12 > 0 {
		paid.Value, paid.Tone = v.T("web.late_on_average", map[string]any{"days": fmt.Sprintf("%.1f", s.account.DaysLate12)}), when(s.account.DaysLate12 > 15, Warn)
		if s.account.DaysLate12 < 0 {
			paid.Value = v.T("web.early_on_average", map[string]any{"days": fmt.Sprintf("%.1f", -s.account.DaysLate12)})
		}
	}
	frozen := Stat{Label: v.T("web.freezes"), Value: fmt.Sprint(len(s.limits.Freezes)), Href: at + "/limits", Tone: when(len(s.limits.Freezes) > 0, Bad)}
	if len(s.limits.Freezes) > 0 {
		frozen.Sub = v.both(s.limits.Freezes[0].Reason)
	}
	all := []Stat{overdue, grade, suggested, paid, frozen, {Label: v.T("web.open_alerts"), Value: fmt.Sprint(s.position.Alerts), Href: at + "/alerts", Tone: when(s.position.Alerts > 0, Warn)}}
	if r.Kind == ordercheck.Kind {
		all = append([]Stat{{Label: v.L("at_stake"), Value: amount(r.Amount), Href: "/orders/" + r.Reference, Tone: Warn}}, all...)
	}
	return all
}
