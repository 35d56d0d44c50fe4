package web

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/portfolio"
	"github.com/xinheng/xinheng/receivable"
)

func home(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.workbench")
	h, err := read(v, portfolio.ShowHome, portfolio.HomeInput{})
	if err != nil {
		return nil, err
	}
	found, err := read(v, monitoring.Alerts, monitoring.AlertsInput{Query: listing.Query{Limit: 8}})
	if err != nil {
		return nil, err
	}
	inbox, err := read(v, approval.List, approval.ListInput{})
	if err != nil {
		return nil, err
	}
	held, err := read(v, ordercheck.List, listing.Query{Limit: 8, Filters: []listing.Filter{{Column: "status", Value: "held"}}})
	if err != nil {
		return nil, err
	}
	use := ""
	if h.Limits.Positive() {
		use = v.T("web.of_limits", map[string]any{"limits": v.brief(h.Limits), "share": percent(h.Exposure.Float() / h.Limits.Float())})
	}
	open := found.Open[monitoring.Critical] + found.Open[monitoring.High] + found.Open[monitoring.Warning] + found.Open[monitoring.Info]
	return stack(
		stats([]Stat{
			{Label: v.T("web.exposure"), Value: v.brief(h.Exposure), Sub: use, Href: "/limits?sort=-exposure"},
			{Label: v.T("web.overdue"), Value: v.brief(h.Ageing.Overdue), Sub: v.T("web.of_receivables", map[string]any{"total": v.brief(h.Ageing.Total)}), Href: "/receivables", Tone: when(h.Ageing.Overdue.Positive(), Bad)},
			{Label: v.T("web.open_alerts"), Value: fmt.Sprint(open), Sub: v.T("web.critical_n", map[string]any{"n": found.Open[monitoring.Critical]}), Href: "/alerts", Tone: when(found.Open[monitoring.Critical] > 0, Bad)},
			{Label: v.T("web.held_orders"), Value: fmt.Sprint(h.Held), Href: "/orders?status=held", Tone: when(h.Held > 0, Warn)},
			{Label: v.T("web.my_approvals"), Value: fmt.Sprint(inbox.Waiting), Href: "/approvals", Tone: when(inbox.Waiting > 0, Info)},
			{Label: v.T("web.open_incidents"), Value: fmt.Sprint(h.Incidents), Href: "/incidents", Tone: when(h.Incidents > 0, Bad)},
			{Label: v.T("web.frozen_customers"), Value: fmt.Sprint(h.Frozen), Sub: v.T("web.of_customers", map[string]any{"n": h.Customers}), Href: "/limits?frozen=1&status="},
			{Label: v.T("web.open_hits"), Value: fmt.Sprint(h.Hits), Href: "/screening?status=open", Tone: when(h.Hits > 0, Warn)},
		}),
		columns(
			boxedMore(v.T("web.alerts_now"), v.T("web.all"), "/alerts", table(v.Page, v.alertTable(found.Alerts))),
			boxedMore(v.T("web.waiting_orders"), v.T("web.all"), "/orders?status=held", table(v.Page, v.orderTable(held.Orders))),
			padded(v.T("web.ageing"), chart("ageing", v.ageingChart(h.Ageing), "mid", v.T("web.ageing"))),
			padded(v.T("web.exposure_by_grade"), chart("grades", v.gradeChart(h.Grades), "mid", v.T("web.exposure_by_grade"))),
			boxedMore(v.T("web.waiting_approvals"), v.T("web.all"), "/approvals", table(v.Page, v.approvalTable(inbox.Requests, 8))),
			padded(v.T("web.largest_exposures"), bars(v.largest(h.Largest))),
			padded(v.T("web.alerts_by_severity"), chart("severities", v.severityChart(found.Open), "mid", v.T("web.alerts_by_severity"))),
		),
	), nil
}

func when(yes bool, t Tone) Tone {
	if yes {
		return t
	}
	return Plain
}

func (v *visit) largest(all []portfolio.Large) []Bar {
	out := make([]Bar, 0, len(all))
	for _, l := range all {
		b := Bar{Label: l.Name, Href: "/customers/" + l.CustomerID, Sub: l.Grade, Value: v.brief(l.Exposure)}
		if l.Limit.Positive() {
			b.Share = l.Exposure.Float() / l.Limit.Float()
			b.Value += " · " + percent(b.Share)
		} else if l.Exposure.Positive() {
			b.Share = 1
		}
		switch {
		case b.Share > 1 || !l.Limit.Positive() && l.Exposure.Positive():
			b.Tone = Bad
		case b.Share > 0.8:
			b.Tone = Warn
		}
		out = append(out, b)
	}
	return out
}

func percent(f float64) string { return fmt.Sprintf("%.1f%%", 100*f) }

// search finds anything by name, code or number.
func search(v *visit) (templ.Component, error) {
	v.Search = strings.TrimSpace(v.query.Get("q"))
	v.Title = v.T("web.search_results", map[string]any{"text": v.Search})
	all, err := read(v, portfolio.Search, portfolio.SearchInput{Text: v.Search})
	if err != nil {
		return nil, err
	}
	if len(all) == 1 {
		return v.to(all[0].Link, "")
	}
	rows := make([][]Cell, 0, len(all))
	for _, f := range all {
		rows = append(rows, []Cell{{Text: v.E("found", f.Kind)}, {Text: f.Name, Href: f.Link}, {Text: f.Sub}})
	}
	return table(v.Page, small(v.cols("-kind", "-name", "-detail"), rows, v.T("web.nothing_found"))), nil
}

func (v *visit) ageingTable(a receivable.Ageing) Table {
	rows := make([][]Cell, 0, len(a.Buckets))
	for _, b := range a.Buckets {
		share := 0.0
		if a.Total.Positive() {
			share = b.Amount.Float() / a.Total.Float()
		}
		rows = append(rows, []Cell{{Text: v.T("receivable.bucket." + b.Name)}, {Text: amount(b.Amount), Num: true}, {Text: fmt.Sprint(b.Count), Num: true}, {Text: percent(share), Num: true}})
	}
	return small(v.cols("-bucket", "#-amount", "#-invoices", "#-share"), rows, v.T("web.nothing"))
}
