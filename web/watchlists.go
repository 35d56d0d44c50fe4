package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/screening"
)

func editionTone(s screening.EditionStatus) Tone {
	return map[screening.EditionStatus]Tone{screening.EditionWaiting: Warn, screening.EditionInForce: Good}[s]
}

// watchLists shows all lists: what is in force, what waits, what failed.
func watchLists(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.watch_lists"), v.T("menu.screening"), "/screening"
	all, err := read(v, screening.Lists, screening.ListsInput{})
	if err != nil {
		return nil, err
	}
	var rows [][]Cell
	for _, l := range all {
		row := []Cell{{Text: v.pick(l.ZH, l.EN), Href: "/screening/lists/" + l.Key, Wide: true}, {Text: v.E("list_class", string(l.Class))}, {Text: "—", Num: true}, {Num: true}, {}, {}}
		if e := l.InForce; e != nil {
			row[2].Text, row[3].Text, row[4] = fmt.Sprint(e.Entries), fmt.Sprint(e.Names), Cell{Text: v.time(e.DecidedAt), Sub: e.DecidedBy}
			if !l.Screened {
				row[5] = Cell{Text: v.T("web.screening_now"), Tone: Info}
			}
		}
		if l.Failure != "" {
			row[5] = Cell{Text: v.T("web.fetch_failed"), Tone: Bad, Sub: v.time(l.TriedAt)}
		}
		if e := l.Waiting; e != nil {
			row[5] = Cell{Text: v.E("edition", string(e.Status)), Tone: Warn, Sub: changesText(*e)}
		}
		rows = append(rows, row)
	}
	return table(v.Page, small(v.cols("-list", "-class", "#-entries", "#-names", "-in_force_since", "-status"), rows, "")), nil
}

func changesText(e screening.Edition) string {
	return fmt.Sprintf("+%d −%d ≠%d", e.Added, e.Removed, e.Changed)
}

// watchList shows one list, its editions and entries, and takes its files.
func watchList(v *visit) (templ.Component, error) {
	all, err := read(v, screening.Lists, screening.ListsInput{})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(l screening.List) bool { return l.Key == v.param("source") })
	if i < 0 {
		return nil, fault.NotFound("screening.source", v.param("source"))
	}
	l := all[i]
	v.Title, v.Over, v.OverHref = v.pick(l.ZH, l.EN), v.T("web.watch_lists"), "/screening/lists"
	v.Badges = []Cell{{Text: v.E("list_class", string(l.Class))}}
	if l.Own() && v.can("screening.save_entry") {
		v.Actions = append(v.Actions, Action{Label: v.T("web.add_entry"), Href: v.path + "/entry", Main: true})
	}
	if v.can("watchlist.set_source") {
		v.Actions = append(v.Actions, Action{Label: v.T("web.fetch_settings"), Href: v.path + "/settings"})
	}
	upload := Form{Action: v.path, Key: newKey(), Submit: v.T("web.load_and_compare")}
	for i, name := range slices.Concat(l.Files, l.Optional) {
		upload.Fields = append(upload.Fields, Field{Name: fmt.Sprintf("file%d", i), Label: name, Kind: "file", Required: i < len(l.Files), Help: ownHelp(v, l.Source)})
	}
	if v.r.Method == http.MethodPost {
		e, err := v.loadList(l.Source)
		if err == nil {
			return v.to("/screening/editions/"+e.ID, map[bool]string{true: "compared", false: "same_edition"}[e.New])
		}
		if fault.KindOf(err) != fault.KindInvalid {
			return nil, err
		}
		upload.tell(v.Page, err, nil)
		v.code = http.StatusUnprocessableEntity
	}
	parts := []templ.Component{}
	if l.Waiting != nil {
		parts = append(parts, boxed("", inBody(linkTo("/screening/editions/"+l.Waiting.ID, v.T("web.edition_waits", map[string]any{"changes": changesText(*l.Waiting)})))))
	}
	if l.Failure != "" {
		parts = append(parts, notice(v.T("web.fetch_failed_because", map[string]any{"at": v.time(l.TriedAt), "why": l.Failure}), Bad))
	}
	if e := l.InForce; e != nil {
		parts = append(parts, stats([]Stat{{Label: v.L("entries"), Value: fmt.Sprint(e.Entries)}, {Label: v.L("names"), Value: fmt.Sprint(e.Names)}, {Label: v.T("web.last_change"), Value: changesText(*e), Sub: v.time(e.DecidedAt), Href: "/screening/editions/" + e.ID}}))
	}
	if v.can("screening.load") {
		parts = append(parts, boxed(v.T("web.load_files"), form(v.Page, upload)))
	}
	if l.Fetched && v.can("screening.fetch") {
		parts = append(parts, boxed("", inBody(button(v.Page, v.path+"/fetch", v.T("web.fetch_now"), Info, nil))))
	}
	editions, err := read(v, screening.Editions, screening.SourceInput{Source: l.Key})
	if err != nil {
		return nil, err
	}
	var rows [][]Cell
	for _, e := range editions {
		rows = append(rows, []Cell{{Text: strconv.FormatInt(e.No, 10), Href: "/screening/editions/" + e.ID}, {Text: v.E("edition", string(e.Status)), Tone: editionTone(e.Status)}, {Text: fmt.Sprint(e.Entries), Num: true},
			{Text: fmt.Sprint(e.Added), Num: true}, {Text: fmt.Sprint(e.Removed), Num: true}, {Text: fmt.Sprint(e.Changed), Num: true}, {Text: v.E("origin", e.Origin)}, {Text: v.time(e.LoadedAt), Sub: e.LoadedBy}, {Text: v.time(e.DecidedAt), Sub: e.DecidedBy}})
	}
	entries, err := v.list(listOf{columns: v.cols("name", "-kind", "-aliases", "-countries", "-born", "-remarks"), filters: []filterBy{{name: "q"}}, sort: "name", file: l.Key, empty: v.T("web.no_entries"),
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			page, err := read(v, screening.Entries, screening.EntriesInput{Source: l.Key, Search: v.query.Get("q"), Query: q})
			return v.entryRows(l.Source, page.Rows), page.Next, -1, err
		}})
	if err != nil || entries == nil {
		return nil, err
	}
	return stack(append(parts, entries, boxed(v.T("web.editions"), table(v.Page, small(v.cols("-edition", "-status", "#-entries", "#-added", "#-removed", "#-changed", "-origin", "-loaded_at", "-decided_at"), rows, v.T("web.nothing")))))...), nil
}

func ownHelp(v *visit, s screening.Source) string {
	if !s.Own() {
		return ""
	}
	var names []string
	for _, c := range screening.OwnColumns {
		names = append(names, v.pick(c[0], c[1]))
	}
	return v.T("web.own_columns", map[string]any{"columns": strings.Join(names, ", ")})
}

func (v *visit) entryRows(s screening.Source, all []screening.Entry) [][]Cell {
	var rows [][]Cell
	for _, e := range all {
		name := Cell{Text: e.Name, Sub: strings.Join(e.IDs, "; "), Wide: true}
		if s.Own() && v.can("screening.save_entry") {
			name.Href = "/screening/lists/" + s.Key + "/entry?id=" + pathEscape(e.SourceID)
		}
		rows = append(rows, []Cell{name, {Text: v.E("listed_kind", e.Kind)}, {Text: brief(strings.Join(e.Aliases, "; ")), Wide: true}, {Text: e.Countries, Wide: true}, {Text: e.Born}, {Text: brief(e.Remarks), Sub: e.Programmes, Wide: true}})
	}
	return rows
}

// brief cuts what only hints in a table; the whole stands on the object's own page.
func brief(text string) string {
	const most = 90
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

func (v *visit) loadList(s screening.Source) (screening.Edition, error) {
	in := screening.Load{Source: s.Key}
	for i := range len(s.Files) + len(s.Optional) {
		if _, raw, err := v.upload(fmt.Sprintf("file%d", i)); err == nil {
			in.Files = append(in.Files, raw)
		}
	}
	e, err := act(v, screening.LoadList, in)
	return e, renamed(err, map[string]string{"files": "file0"})
}

func fetchList(v *visit) (templ.Component, error) {
	source := v.param("source")
	call := v.call()
	call.Key = "" // what the address gives now is asked, not what it gave before
	if err := screening.FetchNow(v.r.Context(), v.app.Runner, call, source); err != nil {
		return nil, err
	}
	return v.to("/screening/lists/"+source, "list_fetched")
}

// editionPage shows what an edition changes, and takes it or drops it.
func editionPage(v *visit) (templ.Component, error) {
	from, _ := strconv.Atoi(v.query.Get("from"))
	d, err := read(v, screening.ShowEdition, screening.EditionInput{ID: v.param("id"), Kind: v.query.Get("kind"), From: from})
	if err != nil {
		return nil, err
	}
	s, _ := screening.SourceOf(d.Source)
	v.Title, v.Over, v.OverHref = v.T("web.edition_n", map[string]any{"n": d.No}), v.pick(s.ZH, s.EN), "/screening/lists/"+d.Source
	v.Badges = []Cell{{Text: v.E("edition", string(d.Status)), Tone: editionTone(d.Status)}}
	at := func(kind string) string { return v.path + "?kind=" + kind }
	parts := []templ.Component{}
	waits := d.Status == screening.EditionWaiting
	if v.r.Method == http.MethodPost && v.r.PostFormValue("do") == "discard" {
		if _, err := act(v, screening.Discard, screening.Acceptance{ID: d.ID, Version: d.Version}); err != nil {
			return nil, err
		}
		return v.to("/screening/lists/"+d.Source, "discarded")
	}
	if waits && v.can("screening.accept") {
		drop := padded("", button(v.Page, v.path, v.T("web.discard_edition"), Bad, []Choice{{"do", "discard"}}))
		if s.Class == screening.White && d.LoadedByID == v.Actor.ID {
			parts = append(parts, notice(v.T("screening.second_person"), Info), drop)
		} else {
			fields := []Field{}
			if d.Loses {
				fields = append(fields, Field{Name: "confirm", Label: v.T("web.confirm_loss"), Kind: "flag", Help: v.T("web.confirm_loss_help", map[string]any{"removed": d.Removed, "before": d.Entries - d.Added + d.Removed}), Wide: true})
			}
			f, err := v.form(formOf{op: screening.Accept, fixed: map[string]any{"id": d.ID, "version": d.Version}, fields: fields, submit: v.T("web.accept_edition"), done: func(any) (string, string) { return "/screening/lists/" + d.Source, "accepted" }})
			if err != nil || f == nil {
				return nil, err
			}
			parts = append(parts, columns(f, drop))
		}
	}
	parts = append(parts, stats([]Stat{{Label: v.L("entries"), Value: fmt.Sprint(d.Entries)}, {Label: v.L("removed"), Value: fmt.Sprint(d.Removed), Href: at("removed"), Tone: when(d.Loses, Bad)},
		{Label: v.L("changed"), Value: fmt.Sprint(d.Changed), Href: at("changed")}, {Label: v.L("added"), Value: fmt.Sprint(d.Added), Href: at("added")},
		{Label: v.L("loaded_at"), Value: v.time(d.LoadedAt), Sub: d.LoadedBy + " · " + v.E("origin", d.Origin)}, {Label: v.L("decided_at"), Value: v.time(d.DecidedAt), Sub: d.DecidedBy}}))
	var rows [][]Cell
	for _, c := range d.Changes {
		rows = append(rows, []Cell{{Text: v.E("change", c.Kind), Tone: map[string]Tone{"removed": Bad, "changed": Warn, "added": Good}[c.Kind]}, {Text: c.Name(), Wide: true}, {Text: v.entryText(c.Before, c.After), Wide: true}, {Text: v.entryText(c.After, c.Before), Wide: true}})
	}
	parts = append(parts, table(v.Page, small(v.cols("-change", "-name", "-before", "-after"), rows, v.T("web.no_changes"))))
	if d.More {
		parts = append(parts, boxed("", inBody(linkTo(fmt.Sprintf("%s?kind=%s&from=%d", v.path, v.query.Get("kind"), from+len(d.Changes)), v.T("web.next_page")))))
	}
	return stack(parts...), nil
}

// entryText tells of an entry what differs from the other, or its main facts when there is no other.
func (v *visit) entryText(e, other *screening.Entry) string {
	if e == nil {
		return ""
	}
	if other == nil {
		other = &screening.Entry{}
	}
	var parts []string
	say := func(label, value, against string) {
		if value != against {
			parts = append(parts, v.L(label)+": "+firstNot(brief(value), "—"))
		}
	}
	say("name", e.Name, other.Name)
	say("kind", v.E("listed_kind", e.Kind), v.E("listed_kind", other.Kind))
	say("aliases", strings.Join(e.Aliases, "; "), strings.Join(other.Aliases, "; "))
	say("programmes", e.Programmes, other.Programmes)
	say("countries", e.Countries, other.Countries)
	say("born", e.Born, other.Born)
	say("ids", strings.Join(e.IDs, "; "), strings.Join(other.IDs, "; "))
	say("remarks", e.Remarks, other.Remarks)
	return strings.Join(parts, " · ")
}

func firstNot(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// ownEntry takes a party onto an own list, or changes or removes it.
func ownEntry(v *visit) (templ.Component, error) {
	s, ok := screening.SourceOf(v.param("source"))
	if !ok || !s.Own() {
		return nil, fault.NotFound("screening.source", v.param("source"))
	}
	v.Title, v.Over, v.OverHref = v.T("web.add_entry"), v.pick(s.ZH, s.EN), "/screening/lists/"+s.Key
	e := screening.Entry{Kind: "organisation"}
	id := v.query.Get("id")
	if id != "" {
		page, err := read(v, screening.Entries, screening.EntriesInput{Source: s.Key, Query: listing.Query{Filters: []listing.Filter{{Column: "source_id", Value: id}}}})
		if err != nil {
			return nil, err
		}
		if len(page.Rows) == 0 {
			return nil, fault.NotFound("screening.entry", id)
		}
		e, v.Title = page.Rows[0], page.Rows[0].Name
	}
	semicolons := func(text string) string { return strings.ReplaceAll(text, ", ", "; ") }
	name := Field{Name: "name", Value: e.Name, Required: true}
	if id != "" {
		name.Help = v.T("web.other_name_other_entry")
	}
	f, err := v.form(formOf{op: screening.SaveEntry, fixed: map[string]any{"source": s.Key}, cancel: v.OverHref, fields: []Field{
		name, {Name: "kind", Kind: "choice", Required: true, Value: e.Kind, Choices: v.choices("listed_kind", screening.EntryKinds...)}, {Name: "aliases", Value: strings.Join(e.Aliases, "; "), Help: v.T("web.semicolons")},
		{Name: "ids", Value: strings.Join(e.IDs, "; "), Help: v.T("web.ids_help")}, {Name: "countries", Value: semicolons(e.Countries), Help: v.T("web.semicolons")}, {Name: "born", Label: v.L("born_or_founded"), Value: semicolons(e.Born)},
		{Name: "programmes", Label: v.T("web.entry_basis"), Value: e.Programmes, Help: v.T("web.basis_help")}, {Name: "reason", Kind: "long", Value: e.Remarks, Required: true, Wide: true}},
		done: func(out any) (string, string) {
			if e := out.(screening.Edition); e.Status == screening.EditionWaiting {
				return "/screening/editions/" + e.ID, "waits_for_second"
			}
			return "/screening/lists/" + s.Key, "saved"
		}})
	if err != nil || f == nil || id == "" || !v.can("screening.remove_entry") {
		return f, err
	}
	return stack(f, boxed("", inBody(button(v.Page, "/screening/lists/"+s.Key+"/remove", v.T("web.remove_entry"), Bad, []Choice{{"source_id", id}})))), nil
}

func removeOwnEntry(v *visit) (templ.Component, error) {
	source := v.param("source")
	if _, err := act(v, screening.RemoveEntry, screening.OwnRemoval{Source: source, SourceID: v.r.PostFormValue("source_id")}); err != nil {
		return nil, err
	}
	return v.to("/screening/lists/"+source, "removed")
}

// watchListSettings is where an administrator says from where a list is fetched.
func watchListSettings(v *visit) (templ.Component, error) {
	s, _ := screening.SourceOf(v.param("source"))
	in, err := read(v, screening.ShowSource, screening.SourceInput{Source: v.param("source")})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = v.T("web.fetch_settings"), v.pick(s.ZH, s.EN), "/screening/lists/"+s.Key
	hours := ""
	if in.EveryHours > 0 {
		hours = strconv.Itoa(in.EveryHours)
	}
	return v.form(formOf{op: screening.SetSource, cancel: v.OverHref, fixed: map[string]any{"source": s.Key, "version": in.Version}, fields: []Field{
		{Name: "urls", Kind: "lines", Value: strings.Join(in.URLs, "\n"), Wide: true, Help: v.T("web.urls_help", map[string]any{"files": strings.Join(slices.Concat(s.Files, s.Optional), ", ")})},
		{Name: "every_hours", Kind: "number", Value: hours, Help: v.T("web.every_hours_help")}, {Name: "automatic", Kind: "flag", Value: strconv.FormatBool(in.Automatic), Help: v.T("web.automatic_help")},
		{Name: "allowed_hosts", Kind: "lines", Value: strings.Join(in.AllowedHosts, "\n"), Wide: true, Help: v.T("web.mirror_hosts_help")}},
		done: func(any) (string, string) { return "/screening/lists/" + s.Key, "saved" }})
}
