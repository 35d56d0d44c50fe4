package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/provider"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
)

// externalTab is a customer's part of the external data: whom to ask, and what they say otherwise.
func externalTab(v *visit, f customer.File) (templ.Component, error) { return v.external(f, nil) }

func (v *visit) external(f customer.File, wrong error) (templ.Component, error) {
	p, err := read(v, provider.ShowPending, provider.CustomerInput{CustomerID: f.Customer.ID})
	if err != nil {
		return nil, err
	}
	action := "/customers/" + f.Customer.ID + "/external"
	var parts []templ.Component
	if wrong != nil {
		sentence, fields := i18n.Fault(v.Lang, wrong)
		for path, said := range fields {
			sentence += " — " + v.L(path) + ": " + said
		}
		parts = append(parts, notice(sentence, Bad))
	}
	var offers [][]Cell
	for _, o := range p.Offers {
		offers = append(offers, v.offerRow(o))
	}
	parts = append(parts, boxed(v.T("web.providers_of_customer"), table(v.Page, small(v.cols("-provider_name", "-provider_gives", "#-call_cost", "-last_fetch"), offers, v.T("web.no_providers")))))
	if v.can(provider.Ask.Name()) && len(p.Offers) > 0 {
		var buttons []templ.Component
		for _, o := range p.Offers {
			buttons = append(buttons, button(v.Page, action, v.T("web.fetch_from", fault.Args{"name": v.pick(o.ZH, o.EN)}), Info, []Choice{{"ask", o.Key}}))
		}
		parts = append(parts, inLine(buttons))
	}
	rows := make([]DifferenceRow, 0, len(p.Differences))
	slices.SortStableFunc(p.Differences, func(a, b provider.Difference) int { return cmp.Compare(fieldOrder(a), fieldOrder(b)) }) // what is said of one field stands together
	for _, d := range p.Differences {
		r := v.differenceRow(d)
		if d.Action == provider.SetField && slices.ContainsFunc(p.Differences, func(o provider.Difference) bool { return o.Slot == d.Slot && o.After != d.After }) {
			r.Sub = v.T("web.providers_disagree")
		}
		rows = append(rows, r)
	}
	parts = append(parts, differences(v.Page, action, strconv.FormatInt(p.Version, 10), rows, v.can(provider.Accept.Name(), provider.Reject.Name())))
	if len(p.Decided) > 0 {
		var decided [][]Cell
		for _, d := range p.Decided {
			r := v.differenceRow(d)
			tone := Good
			if d.Status == "rejected" {
				tone = Bad
			}
			decided = append(decided, []Cell{{Text: r.What, Sub: r.Sub}, {Text: r.File, Wide: true}, {Text: r.Provider, Wide: true}, {Text: v.E("difference", d.Status), Tone: tone, Sub: d.Reason}, {Text: d.DecidedBy, Sub: v.time(d.DecidedAt)}})
		}
		parts = append(parts, boxed(v.T("web.decided_differences"), table(v.Page, small(v.cols("-difference_of", "-file_said", "-provider_says", "-decision", "-decided_by"), decided, ""))))
	}
	return stack(parts...), nil
}

func (v *visit) offerRow(o provider.Offer) []Cell {
	last := Cell{Text: v.T("web.never_fetched")}
	if j := o.Last; j != nil {
		last = Cell{Text: v.E("job", j.Status), Sub: j.AskedBy + " " + v.time(j.AskedAt)}
		switch j.Status {
		case "done":
			last.Tone, last.Text = Good, v.E("fetch", string(j.Outcome))
			last.Sub = v.time(j.EndedAt)
		case "failed":
			last.Tone, last.Sub = Bad, v.E("fetch", string(j.Outcome))+" · "+v.time(j.EndedAt)
		case "waiting":
			last.Tone = Warn
			if j.Attempts > 0 {
				last.Sub = v.E("fetch", string(j.Outcome)) + " · " + v.T("web.next_try", fault.Args{"time": v.time(j.NextAt)})
			}
		case "running":
			last.Tone = Info
		}
	}
	return []Cell{{Text: v.pick(o.ZH, o.EN), Sub: o.Key}, {Text: v.gives(o.Gives), Wide: true}, {Text: amount(o.Cost), Num: true}, last}
}

// gives names what a provider gives.
func (v *visit) gives(all []string) string {
	names := make([]string, 0, len(all))
	for _, g := range all {
		if slices.Contains(provider.Kinds, g) {
			names = append(names, v.E("provider_record", g))
		} else {
			names = append(names, v.L(g))
		}
	}
	return strings.Join(names, v.pick("、", ", "))
}

func (v *visit) differenceRow(d provider.Difference) DifferenceRow {
	r := DifferenceRow{ID: d.ID, File: d.Before, Provider: d.After, Source: d.Source, AsOf: string(d.AsOf), Does: v.E("difference_action", string(d.Action))}
	switch d.Action {
	case provider.SetField:
		r.What, r.File, r.Provider = v.L(d.Field()), v.fieldText(d.Field(), d.Before), v.fieldText(d.Field(), d.After)
		r.Tone = Info
	case provider.CloseRecord:
		r.What, r.Tone = v.E("provider_record", d.Kind()), Warn
		if r.Provider == "" {
			r.Provider = v.T("web.no_longer_listed")
		}
	default:
		r.What, r.Tone = v.E("provider_record", d.Kind()), Good
		if slices.Contains([]string{"lawsuit", "penalty", "enforcement", "dishonest", "abnormal", "violation", "news"}, d.Kind()) {
			r.Tone = Bad
		}
	}
	return r
}

// fieldOrder is the place of the difference's field in the file; records come after all fields.
func fieldOrder(d provider.Difference) int {
	if at := slices.Index(provider.Fields(), d.Field()); at >= 0 {
		return at
	}
	return len(provider.Fields())
}

// fieldText shows a field's text as people read it.
func (v *visit) fieldText(field, text string) string {
	if currency, figure, two := strings.Cut(text, " "); two && (field == "capital" || field == "paid_in") {
		if a, err := money.Parse(figure, money.Currency(currency)); err == nil {
			return amount(a)
		}
	}
	return v.shown(field, text)
}

// fetchPatience is how long the page waits for a fetch that was just asked for; most are done by then.
const fetchPatience = 3 * time.Second

// externalDecision does what the tab's forms ask: fetch, accept, reject.
func externalDecision(v *visit) (templ.Component, error) {
	id := v.param("id")
	file, err := read(v, customer.View, customer.ByIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	said := "saved"
	ids := v.r.PostForm["id"]
	switch do := v.r.PostFormValue("do"); {
	case v.r.PostFormValue("ask") != "":
		said = "fetch_asked"
		job, askErr := act(v, provider.Ask, provider.Order{Provider: v.r.PostFormValue("ask"), CustomerID: id})
		if err = askErr; err == nil && v.fetched(id, job) {
			said = "fetched"
		}
	case do == "reject":
		_, err = act(v, provider.Reject, provider.Refusal{CustomerID: id, IDs: ids, Reason: strings.TrimSpace(v.r.PostFormValue("reason"))})
	default:
		if do == "accept_all" {
			if ids, err = v.allPending(id); err != nil {
				return nil, err
			}
		}
		version, _ := strconv.ParseInt(v.r.PostFormValue("version"), 10, 64)
		_, err = act(v, provider.Accept, provider.Choice{CustomerID: id, Version: version, IDs: ids})
	}
	if err == nil {
		return v.to("/customers/"+id+"/external", said)
	}
	status, known := statusOf[fault.KindOf(err)]
	if !known || status == http.StatusForbidden || status == http.StatusNotFound {
		return nil, err
	}
	v.code = status
	v.Title, v.Over, v.OverHref = v.T("tab.external"), file.Customer.Name, "/customers/"+id+"/external"
	return v.external(file, err)
}

func (v *visit) allPending(id string) ([]string, error) {
	p, err := read(v, provider.ShowPending, provider.CustomerInput{CustomerID: id})
	ids := make([]string, 0, len(p.Differences))
	for _, d := range p.Differences {
		ids = append(ids, d.ID)
	}
	return ids, err
}

// fetched waits a little for a job to end.
func (v *visit) fetched(id string, job provider.Job) bool {
	v.app.Providers.Wake()
	ctx, cancel := context.WithTimeout(v.r.Context(), fetchPatience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		p, err := read(v, provider.ShowPending, provider.CustomerInput{CustomerID: id})
		if err != nil {
			return false
		}
		for _, o := range p.Offers {
			if o.Key == job.Provider && o.Last != nil && o.Last.ID == job.ID && o.Last.Status != "running" && (o.Last.Status != "waiting" || o.Last.Attempts > 0) {
				return o.Last.Status == "done"
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

func differencesInbox(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.differences")
	return v.list(listOf{columns: v.cols("customer", "#count", "found_at"), sort: "-found_at", file: "differences", empty: v.T("web.no_differences"),
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			if q.Sort == "" {
				q.Sort = "-found_at"
			}
			box, err := read(v, provider.ShowInbox, q)
			var rows [][]Cell
			for _, w := range box.Customers {
				rows = append(rows, []Cell{{Text: w.CustomerName, Href: "/customers/" + w.CustomerID + "/external"}, {Text: strconv.Itoa(w.Count), Num: true}, {Text: v.time(w.FoundAt)}})
			}
			return rows, box.Next, box.Total, err
		}})
}
