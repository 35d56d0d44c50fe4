package web

import (
	"strings"

	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/internal/i18n"
)

// who names an actor: a person by his name, the system by what it was doing.
func (p *Page) who(name string) string {
	if key := "system." + name; i18n.Has(key) {
		return p.T("web.by_system", map[string]any{"what": p.T(key)})
	}
	if source, ok := strings.CutPrefix(name, "events from "); ok {
		return p.T("web.by_system", map[string]any{"what": p.T("system.events", map[string]any{"source": source})})
	}
	if strings.Contains(name, "→") || name == "schedule" {
		return p.T("web.by_itself")
	}
	return name
}

// freezeCause names what froze a limit, with a link to it.
func (p *Page) freezeCause(cause string) Cell {
	if id, ok := strings.CutPrefix(cause, "incident:"); ok {
		return Cell{Text: p.T("web.cause_incident"), Href: "/incidents/" + id}
	}
	return Cell{Text: p.E("freeze_cause", cause)}
}

// granted shows a limit's amount, beside what was asked where it was lowered.
func (p *Page) granted(l limit.Limit) Cell {
	c := Cell{Text: amount(l.Amount), Num: true}
	if l.Status != limit.Requested && l.Asked.Positive() && l.Asked != l.Amount {
		c.Sub = p.T("web.asked_amount", map[string]any{"amount": amount(l.Asked)})
	}
	return c
}

func (p *Page) conditions(l limit.Limit) string {
	if l.Conditions == "" {
		return ""
	}
	return p.T("web.under_conditions", map[string]any{"conditions": l.Conditions})
}
