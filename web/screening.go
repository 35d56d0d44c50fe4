package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/screening"
)

func hitStatuses(v *visit) []Choice {
	var all []string
	for _, s := range screening.Statuses {
		all = append(all, string(s))
	}
	return v.choices("hit", all...)
}

func sourceChoices(v *visit) []Choice {
	var all []Choice
	for _, s := range screening.Sources {
		if s.Class != screening.White {
			all = append(all, Choice{s.Key, v.E("list", s.Key)})
		}
	}
	return all
}

// ages are days of the company's calendar, so that the choice stays the same all day.
func (v *visit) ages() []Choice {
	var all []Choice
	for _, days := range []int{1, 7, 30, 90} {
		y, m, d := v.today().AddDays(-days).Time().Date()
		day := time.Date(y, m, d, 0, 0, 0, 0, v.app.Runner.Zone)
		all = append(all, Choice{strconv.FormatInt(day.UnixMicro(), 10), v.T("web.older_than", map[string]any{"days": days})})
	}
	return all
}

func screeningHits(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.screening")
	if v.can("screening.clear_many") {
		v.Actions = append(v.Actions, Action{Label: v.T("web.clear_many"), Href: "/screening/clear?" + v.query.Encode()})
	}
	if v.can("screening.search") {
		v.Actions = append(v.Actions, Action{Label: v.T("web.search_lists"), Href: "/screening/search"})
	}
	v.Actions = append(v.Actions, Action{Label: v.T("web.watch_lists"), Href: "/screening/lists"})
	var bands []string
	for _, b := range screening.Bands {
		bands = append(bands, b.Key)
	}
	return v.list(listOf{columns: v.hitColumns(true), sort: "-score", file: "screening",
		filters: []filterBy{{name: "customer", column: "customer", op: "has"}, {name: "status", column: "status", choices: hitStatuses(v)}, {name: "source", column: "source", choices: sourceChoices(v)},
			{name: "band", column: "band", choices: v.choices("band", bands...)}, {name: "party_kind", column: "party_kind", choices: v.choices("party", "customer", "legal_representative", "shareholder", "contact")},
			{name: "class", column: "class", choices: v.choices("list_class", "sanctions", "black", "grey")}, {name: "age", column: "found_at", op: "le", choices: v.ages()}},
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			page, err := read(v, screening.Hits, q)
			return v.hitRows(page.Rows), page.Next, -1, err
		}, empty: v.T("web.no_hits")})
}

func hitTone(h screening.Hit) Tone {
	switch {
	case h.Status == screening.Certain:
		return Bad
	case h.Status.Undecided():
		return Warn
	case h.Status == screening.Cleared:
		return Good
	}
	return Plain
}

func scoreTone(score float64) Tone {
	switch screening.BandOf(score) {
	case "strong":
		return Bad
	case "high":
		return Warn
	}
	return Info
}

// score shows a score as a percentage that never says 100.
func score(s float64) string { return fmt.Sprintf("%.1f%%", min(99.9, 100*s)) }

func (v *visit) hitColumns(sorted bool) []Column {
	names := []string{"score", "-both_sides", "status", "customer", "source", "found_at"}
	if !sorted {
		names = []string{"-score", "-both_sides", "-status", "-customer", "-source", "-found_at"}
	}
	all := v.cols(names...)
	all[0].Label = v.L("band")
	return all
}

func (v *visit) hitRows(all []screening.Hit) [][]Cell {
	var rows [][]Cell
	for _, h := range all {
		rows = append(rows, []Cell{{Text: score(h.Score), Tone: scoreTone(h.Score)}, {Text: h.Party, Sub: "≈ " + h.ListedName, Href: "/screening/" + h.ID, Wide: true}, {Text: v.E("hit", string(h.Status)), Tone: hitTone(h)},
			{Text: h.CustomerName, Href: "/customers/" + h.CustomerID + "/screening", Sub: v.E("party", h.PartyKind), Wide: true}, {Text: v.E("list", h.Source), Sub: v.E("list_class", string(h.Class))}, {Text: v.time(h.FoundAt)}})
	}
	return rows
}

func screeningTab(v *visit, f customer.File) (templ.Component, error) {
	page, err := read(v, screening.Hits, listing.Query{Filters: []listing.Filter{{Column: "customer_id", Value: f.Customer.ID}}, Limit: 200})
	if err != nil {
		return nil, err
	}
	parts := []templ.Component{}
	bars, grey, undecided := 0, 0, 0
	for _, h := range page.Rows {
		switch {
		case h.Bars():
			bars++
		case h.Status.Undecided() && h.Class != screening.Grey:
			undecided++
		case h.Class == screening.Grey && (h.Status == screening.Certain || h.Status.Undecided()):
			grey++
		}
	}
	if bars > 0 {
		parts = append(parts, notice(v.T("web.hit_bars", map[string]any{"n": bars}), Bad))
	}
	if undecided > 0 {
		parts = append(parts, notice(v.T("web.hits_undecided", map[string]any{"n": undecided}), Warn))
	}
	if grey > 0 {
		parts = append(parts, notice(v.T("web.hit_warns", map[string]any{"n": grey}), Warn))
	}
	if v.can("screening.screen") {
		parts = append(parts, boxed("", inBody(button(v.Page, "/customers/"+f.Customer.ID+"/screen", v.T("web.screen_now"), Info, nil))))
	}
	parts = append(parts, table(v.Page, small(v.hitColumns(false), v.hitRows(page.Rows), v.T("web.no_hits"))))
	if v.can("screening.runs") {
		runs, err := read(v, screening.Runs, screening.RunsInput{CustomerID: f.Customer.ID})
		if err != nil {
			return nil, err
		}
		var rows [][]Cell
		for _, r := range runs[:min(10, len(runs))] {
			rows = append(rows, []Cell{{Text: v.time(r.StartedAt)}, {Text: r.StartedBy}, {Text: strconv.Itoa(len(r.Lists)), Num: true}, {Text: strconv.Itoa(r.Names), Num: true}, {Text: strconv.Itoa(r.Hits), Num: true}, {Text: strconv.Itoa(r.New), Num: true}})
		}
		parts = append(parts, boxed(v.T("web.screening_runs"), table(v.Page, small(v.cols("-at", "-done_by", "#-lists", "#-parties", "#-hits", "#-new_hits"), rows, v.T("web.never_screened")))))
	}
	return stack(parts...), nil
}

func screenCustomer(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := act(v, screening.ScreenCustomer, screening.Screen{CustomerID: id}); err != nil {
		return nil, err
	}
	return v.to("/customers/"+id+"/screening", "screened")
}

// screeningHit shows a case: what is alike and why, both sides field by field, what was decided, and the form to decide.
func screeningHit(v *visit) (templ.Component, error) {
	h, err := read(v, screening.ViewHit, screening.HitInput{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = h.Party+" ≈ "+h.ListedName, v.T("menu.screening"), "/screening"
	v.Badges = []Cell{{Text: score(h.Score), Tone: scoreTone(h.Score)}, {Text: v.E("hit", string(h.Status)), Tone: hitTone(h.Hit)}, {Text: v.E("list_class", string(h.Class)), Tone: when(h.Class != screening.Grey, Bad)}}
	parts := []templ.Component{}
	if !h.GoneAt.IsZero() {
		parts = append(parts, notice(v.T("web.hit_gone", map[string]any{"at": v.time(h.GoneAt)}), Warn))
	}
	if h.Status == screening.Clearing {
		parts = append(parts, boxed("", inBody(linkTo("/approvals/"+h.RequestID, v.T("web.waits_for_second")))))
	}
	var why [][]Cell
	for _, line := range h.Explanation.Explain(v.Lang) {
		why = append(why, []Cell{{Text: line, Wide: true}})
	}
	history := []Moment{}
	for _, d := range h.History {
		history = append(history, Moment{When: v.time(d.At), Title: v.E("hit_event", d.What), Text: strings.Join(slices.DeleteFunc([]string{v.hitReason(d.What, d.Reason), d.Evidence}, func(s string) bool { return s == "" }), "\n"), Who: d.By})
	}
	parts = append(parts, columns(boxed(v.T("web.both_sides"), table(v.Page, small(v.cols("-field", "-our_side", "-listed_side"), v.bothSides(h.Hit), ""))),
		boxed(v.T("web.why_alike"), table(v.Page, Table{Columns: []Column{{Label: v.T("web.why_columns")}}, Rows: why, Static: true, Empty: v.T("web.nothing")}))))
	decided := []Fact{{Label: v.L("decided_by"), Value: strings.TrimSpace(h.DecidedBy + " " + v.time(h.DecidedAt))}, {Label: v.L("reason"), Value: v.hitReason(string(h.Status), h.Reason), Wide: true}, {Label: v.T("web.evidence"), Value: h.Evidence, Wide: true}}
	if v.can("screening.decide") && (h.Status != screening.Clearing && h.Status != screening.Closed) {
		f, err := v.form(formOf{op: screening.Decide, fixed: map[string]any{"id": h.ID, "version": h.Version}, submit: v.T("web.decide"), fields: []Field{
			{Name: "status", Label: v.T("web.verdict_on_hit"), Kind: "choice", Required: true, Choices: []Choice{{"cleared", v.T("web.another_party")}, {"confirmed", v.T("web.same_party")}}, Help: v.secondHelp(h.NeedsSecond)},
			{Name: "reason", Kind: "long", Required: true, Wide: true}, {Name: "evidence", Label: v.T("web.evidence"), Kind: "long", Wide: true, Help: v.T("web.screening_evidence_help")}},
			done: func(any) (string, string) { return "/screening/" + h.ID, "decided" }})
		if err != nil || f == nil {
			return nil, err
		}
		parts = append(parts, f)
	}
	last := []templ.Component{}
	if !h.DecidedAt.IsZero() {
		last = append(last, padded(v.T("web.decision"), facts(decided)))
	}
	last = append(last, padded(v.T("web.hit_history"), timeline(history, v.T("web.nothing"))))
	return stack(append(parts, columns(last...))...), nil
}

func (v *visit) secondHelp(second bool) string {
	if second {
		return v.T("web.second_person_clears")
	}
	return ""
}

// hitReason is a reason as it is shown: a person's own words, or what the program says about its own steps.
func (v *visit) hitReason(what, reason string) string {
	if key := "enum.hit_event." + reason; i18n.Has(key) {
		return v.T(key)
	}
	if what == string(screening.Suppressed) && reason != "" {
		return v.T("web.white_entry", map[string]any{"name": reason})
	}
	return reason
}

// bothSides puts the listed party beside ours, field by field; what agrees or disagrees is coloured by the explanation.
func (v *visit) bothSides(h screening.Hit) [][]Cell {
	tone := map[string]Tone{}
	for _, f := range h.Explanation.Facts {
		tone[f.What] = Bad // agreement speaks for the listed party
		if !f.Agree {
			tone[f.What] = Good
		}
	}
	e, o := h.Entry, h.Ours
	line := func(label, ours, theirs, fact string) []Cell {
		listed := Cell{Text: theirs, Wide: true}
		if theirs != "" && ours != "" {
			listed.Tone = tone[fact]
		}
		return []Cell{{Text: label}, {Text: ours, Wide: true}, listed}
	}
	rows := [][]Cell{
		{{Text: v.L("name")}, {Text: h.Party, Sub: v.E("party", h.PartyKind) + " · " + h.CustomerName, Href: "/customers/" + h.CustomerID, Wide: true}, {Text: e.Name, Sub: v.E("list", h.Source) + " · " + e.SourceID, Wide: true}},
		line(v.L("aliases"), strings.Join(o.Aliases, "; "), strings.Join(e.Aliases, "; "), ""),
		line(v.L("kind"), v.E("listed_kind", o.Kind), v.E("listed_kind", e.Kind), ""),
		line(v.L("countries"), o.Countries, e.Countries, "country"),
		line(v.L("born_or_founded"), o.Born, e.Born, "born"),
		line(v.L("ids"), strings.Join(o.IDs, "; "), strings.Join(e.IDs, "; "), "id"),
		line(v.L("programmes"), "", e.Programmes, ""),
		line(v.L("remarks"), o.Detail, e.Remarks, ""),
	}
	return slices.DeleteFunc(rows, func(r []Cell) bool { return r[1].Text == "" && r[2].Text == "" })
}

// clearHits clears several hits of low scores for one reason: those of the work list's filters.
func clearHits(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.clear_many"), v.T("menu.screening"), "/screening"
	q := listing.Query{Sort: "score", Limit: 100, Filters: []listing.Filter{{Column: "status", Value: "open"}, {Column: "band", Op: "ne", Value: "strong"}}}
	for name, f := range map[string]listing.Filter{"customer": {Column: "customer", Op: "has"}, "source": {Column: "source"}, "band": {Column: "band"}, "party_kind": {Column: "party_kind"}, "class": {Column: "class"}, "age": {Column: "found_at", Op: "le"}} {
		if f.Value = v.query.Get(name); f.Value != "" {
			q.Filters = append(q.Filters, f)
		}
	}
	page, err := read(v, screening.Hits, q)
	if err != nil {
		return nil, err
	}
	if len(page.Rows) == 0 && v.r.Method != http.MethodPost {
		return boxed("", inBody(text(v.T("web.nothing_to_clear")))), nil
	}
	var choices []Choice
	for _, h := range page.Rows {
		choices = append(choices, Choice{h.ID, fmt.Sprintf("%s  %s (%s · %s) ≈ %s · %s", score(h.Score), h.Party, v.E("party", h.PartyKind), h.CustomerName, h.ListedName, v.E("list", h.Source))})
	}
	return v.form(formOf{op: screening.ClearMany, cancel: "/screening", submit: v.T("web.clear"), fields: []Field{
		{Name: "reason", Kind: "long", Required: true, Wide: true, Help: v.T("web.clear_many_help")}, {Name: "evidence", Label: v.T("web.evidence"), Kind: "long", Wide: true, Help: v.T("web.screening_evidence_help")},
		{Name: "ids", Label: v.T("web.hits_to_clear"), Kind: "choices", Choices: choices, Wide: true}},
		done: func(any) (string, string) { return "/screening?" + url.Values{"status": {"open"}}.Encode(), "decided" }})
}

// searchLists looks a name up in all lists.
func searchLists(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.search_lists"), v.T("menu.screening"), "/screening"
	in := screening.Query{Name: strings.TrimSpace(v.query.Get("name")), Kind: v.query.Get("kind"), Born: v.query.Get("born"), IDs: v.query.Get("ids")}
	t := Table{Columns: v.cols("#-score", "-listed_name", "-source", "-countries", "-born", "-why"), Path: v.path, Empty: v.T("web.search_lists_help"), Filters: []Filter{
		{Name: "name", Label: v.L("name"), Value: in.Name}, {Name: "kind", Label: v.L("kind"), Value: in.Kind, Kind: "choice", Choices: v.choices("listed_kind", "organisation", "person")},
		{Name: "born", Label: v.L("born_or_founded"), Value: in.Born}, {Name: "ids", Label: v.L("ids"), Value: in.IDs}}}
	if in.Name == "" {
		return table(v.Page, t), nil
	}
	found, err := read(v, screening.Search, in)
	if err != nil {
		return nil, err
	}
	t.Empty = v.T("web.nobody_alike")
	for _, m := range found {
		t.Rows = append(t.Rows, []Cell{{Text: score(m.Score), Tone: scoreTone(m.Score), Num: true}, {Text: m.Why.B, Sub: m.Entry.Name, Wide: true}, {Text: v.E("list", m.Source), Sub: m.Entry.Programmes, Wide: true},
			{Text: m.Entry.Countries, Wide: true}, {Text: m.Entry.Born, Wide: true}, {Text: strings.Join(m.Why.Explain(v.Lang), "; "), Wide: true}})
	}
	return table(v.Page, t), nil
}
