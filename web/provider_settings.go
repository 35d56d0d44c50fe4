package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/customer/provider"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
)

func providers(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.providers")
	all, err := read(v, provider.List, provider.AllInput{})
	if err != nil {
		return nil, err
	}
	if v.can(provider.Save.Name()) {
		for i, e := range provider.Examples() {
			v.Actions = append(v.Actions, Action{Label: v.T("web.new_provider_like", fault.Args{"example": v.E("provider_example", e.Key)}), Href: "/settings/providers/new?example=" + e.Key, Main: i == 0})
		}
	}
	var rows [][]Cell
	for _, s := range all {
		state := Cell{Text: v.T("web.active"), Tone: Good}
		switch {
		case s.Problems != "":
			state = Cell{Text: v.T("web.mapping_broken"), Tone: Bad}
		case !s.Enabled:
			state = Cell{Text: v.T("web.disabled")}
		case v.app.Providers.Resting(s.Key):
			state = Cell{Text: v.T("web.provider_resting"), Tone: Warn}
		}
		name := Cell{Text: v.pick(s.ZH, s.EN), Sub: s.Key}
		if v.can(provider.Save.Name()) {
			name.Href = "/settings/providers/" + s.Key
		}
		today := strconv.FormatInt(s.Today, 10)
		if s.Quota > 0 {
			today += " / " + strconv.FormatInt(s.Quota, 10)
		}
		jobs := Cell{Text: strconv.FormatInt(s.Waiting, 10), Num: true}
		if s.Failed > 0 {
			jobs.Sub = v.T("web.failed_n", fault.Args{"n": s.Failed})
		}
		more := Cell{}
		switch {
		case s.Files && v.can(provider.ShowFiles.Name()):
			more = Cell{Text: v.T("web.partner_files"), Href: "/settings/providers/" + s.Key + "/files"}
		case !s.Files && v.can(provider.Save.Name()):
			more = Cell{Text: v.T("web.try_it"), Href: "/settings/providers/" + s.Key + "/try"}
		}
		rows = append(rows, []Cell{name, state, {Text: v.gives(s.Gives), Wide: true}, {Text: amount(s.Cost), Num: true}, {Text: today, Num: true}, {Text: amount(s.Month), Num: true}, jobs, more})
	}
	return stack(table(v.Page, small(v.cols("-provider_name", "-status", "-provider_gives", "#-call_cost", "#-calls_today", "#-month_cost", "#-waiting_jobs", "-more"), rows, v.T("web.no_providers"))),
		notice(v.T("web.secrets_help"), Info)), nil
}

func (v *visit) providerForm(c provider.Config) (templ.Component, error) {
	fields := []Field{{Name: "enabled", Label: v.L("provider_enabled"), Kind: "flag", Value: strconv.FormatBool(c.Enabled), Help: v.T("web.provider_enabled_help")},
		{Name: "allowed", Label: v.L("allowed_hosts"), Value: strings.Join(c.AllowedHosts, " "), Help: v.T("web.allowed_hosts_help")},
		{Name: "auto", Label: v.L("auto_fields"), Kind: "choices", Value: strings.Join(c.AutoFields, ","), Choices: v.fieldChoices(), Wide: true, Help: v.T("web.auto_fields_help")},
		{Name: "mapping", Label: v.L("provider_mapping"), Kind: "long", Value: c.Mapping, Wide: true, Required: true, Help: v.T("web.mapping_help")},
		{Name: "version", Kind: "hidden", Value: strconv.FormatInt(c.Version, 10)}}
	if c.Version == 0 {
		fields = append([]Field{{Name: "key", Label: v.L("provider_key"), Value: c.Key, Required: true, Help: v.T("provider.key")}}, fields...)
	}
	f := Form{Action: v.r.URL.RequestURI(), Key: newKey(), Fields: fields, Submit: v.T("web.save"), Cancel: "/settings/providers"}
	if v.r.Method != http.MethodPost {
		return boxed("", form(v.Page, f)), nil
	}
	in := provider.Config{Key: c.Key, Mapping: strings.ReplaceAll(v.r.PostFormValue("mapping"), "\r\n", "\n"), Enabled: v.r.PostFormValue("enabled") == "true",
		AllowedHosts: strings.Fields(v.r.PostFormValue("allowed")), AutoFields: v.r.PostForm["auto"], Version: c.Version}
	if version, err := strconv.ParseInt(v.r.PostFormValue("version"), 10, 64); err == nil {
		in.Version = version
	}
	if c.Version == 0 {
		in.Key = strings.TrimSpace(v.r.PostFormValue("key"))
	}
	saved, err := act(v, provider.Save, in)
	if err == nil {
		return v.to("/settings/providers/"+saved.Key, "saved")
	}
	if k := fault.KindOf(err); k != fault.KindInvalid && k != fault.KindStale {
		return nil, err
	}
	for i := range f.Fields { // nothing that was typed is lost
		switch x := &f.Fields[i]; x.Kind {
		case "choices":
			x.Value = strings.Join(v.r.PostForm[x.Name], ",")
		case "flag":
			x.Value = strconv.FormatBool(v.r.PostFormValue(x.Name) == "true")
		default:
			x.Value = v.r.PostFormValue(x.Name)
		}
	}
	f.tell(v.Page, renamed(err, map[string]string{"allowed_hosts": "allowed", "auto_fields": "auto"}), nil)
	v.code = http.StatusUnprocessableEntity
	return boxed("", form(v.Page, f)), nil
}

func (v *visit) fieldChoices() []Choice {
	var all []Choice
	for _, f := range provider.Fields() {
		all = append(all, Choice{f, v.L(f)})
	}
	return all
}

func newProvider(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.new_provider"), v.T("menu.providers"), "/settings/providers"
	var c provider.Config
	for _, e := range provider.Examples() {
		if e.Key == v.query.Get("example") {
			c = provider.Config{Key: e.Key, Mapping: e.Text}
		}
	}
	return v.providerForm(c)
}

func editProvider(v *visit) (templ.Component, error) {
	c, err := read(v, provider.View, provider.KeyInput{Key: v.param("key")})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = c.Key, v.T("menu.providers"), "/settings/providers"
	v.Actions = []Action{{Label: v.T("web.try_it"), Href: "/settings/providers/" + c.Key + "/try", Main: true}}
	return v.providerForm(c)
}

// tryProvider asks a provider for a company and shows what the mapping makes of its answer; nothing is kept in a file.
func tryProvider(v *visit) (templ.Component, error) {
	key := v.param("key")
	if _, err := read(v, provider.View, provider.KeyInput{Key: key}); err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = v.T("web.try_provider", fault.Args{"provider": key}), v.T("menu.providers"), "/settings/providers/"+key
	of := provider.Subject{USCC: strings.TrimSpace(v.r.PostFormValue("uscc")), Name: strings.TrimSpace(v.r.PostFormValue("name"))}
	f := Form{Action: v.path, Submit: v.T("web.try_it"), Cancel: "/settings/providers/" + key, Fields: []Field{{Name: "uscc", Label: v.L("uscc"), Value: of.USCC}, {Name: "name", Label: v.L("name"), Value: of.Name, Help: v.T("web.try_help")}}}
	if v.r.Method != http.MethodPost {
		return boxed("", form(v.Page, f)), nil
	}
	t, err := v.app.Providers.Try(v.r.Context(), v.call(), key, of)
	if err != nil {
		return nil, err
	}
	tone := Good
	if t.Outcome != provider.Done {
		tone = Bad
	}
	parts := []templ.Component{boxed("", form(v.Page, f)), padded(v.T("web.trial_result"), facts([]Fact{{Label: v.L("fetch_outcome"), Value: v.E("fetch", string(t.Outcome)), Tone: tone}, {Label: v.L("detail"), Value: t.Detail, Wide: t.Detail != ""},
		{Label: "HTTP", Value: strconv.Itoa(t.Status)}, {Label: v.L("calls"), Value: strconv.Itoa(t.Calls)}, {Label: v.L("took"), Value: t.Took.String()}, {Label: v.L("told_as_of"), Value: string(t.AsOf)}}))}
	var rows [][]Cell
	for _, x := range t.Fields {
		rows = append(rows, []Cell{{Text: v.L(x.Field), Sub: x.Field}, {Text: v.fieldText(x.Field, x.Value), Sub: x.Value, Wide: true}})
	}
	for _, r := range t.Records {
		rows = append(rows, []Cell{{Text: v.E("provider_record", r.Kind), Sub: r.Key}, {Text: recordText(r), Wide: true}})
	}
	return stack(append(parts, boxed(v.T("web.mapped_facts"), table(v.Page, small(v.cols("-difference_of", "-provider_says"), rows, v.T("web.nothing")))))...), nil
}

func recordText(r provider.Record) string {
	words := []string{r.Name, r.Title, r.Number, r.Authority, r.Position, string(r.Date)}
	if r.Share > 0 {
		words = append(words, fmt.Sprintf("%.2f%%", r.Share))
	}
	if r.Amount.Positive() {
		words = append(words, amount(r.Amount))
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " · ")
}

// providerFiles shows a partner's files and takes one by hand.
func providerFiles(v *visit) (templ.Component, error) {
	key := v.param("key")
	all, err := read(v, provider.ShowFiles, provider.KeyInput{Key: key})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = v.T("web.files_of", fault.Args{"provider": key}), v.T("menu.providers"), "/settings/providers"
	f := Form{Action: v.path, Submit: v.T("web.take_file"), Fields: []Field{{Name: "file", Label: v.L("file"), Kind: "file", Accept: ".csv,.json,.txt", Required: true, Help: v.T("web.drop_help", fault.Args{"folder": "drop/" + key})}}, Narrow: true}
	var parts []templ.Component
	if v.r.Method == http.MethodPost {
		name, raw, err := v.upload("file")
		if err == nil {
			var taken provider.File
			if taken, err = v.app.Providers.TakeUpload(v.r.Context(), v.call(), key, name, strings.NewReader(string(raw))); err == nil {
				return v.to(v.path, map[bool]string{true: "file_known", false: "saved"}[taken.Known])
			}
		}
		if k := fault.KindOf(err); k != fault.KindInvalid && k != fault.KindConflict {
			return nil, err
		}
		f.tell(v.Page, err, nil)
		v.code = http.StatusUnprocessableEntity
	}
	var rows [][]Cell
	for _, x := range all {
		state := Cell{Text: v.T("web.matched_of", fault.Args{"n": x.Matched, "all": x.Items}), Sub: strings.Join(x.Unmatched, "; "), Wide: true}
		if x.Detail != "" {
			state = Cell{Text: v.T("web.file_refused"), Tone: Bad, Sub: x.Detail, Wide: true}
		}
		rows = append(rows, []Cell{{Text: x.Name, Sub: x.SHA256[:12]}, {Text: sizeOf(x.Bytes), Num: true}, state, {Text: v.time(x.At)}})
	}
	return stack(append(parts, boxed("", form(v.Page, f)), table(v.Page, small(v.cols("-name", "#-bytes", "-fetch_outcome", "-taken_at"), rows, v.T("web.no_files"))))...), nil
}

// providerCosts shows what the providers cost, starts and stops refreshes of many customers.
func providerCosts(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.provider_costs")
	var wrong error
	if v.r.Method == http.MethodPost {
		if err := v.manyFetches(); err == nil {
			return v.to(v.path, "saved")
		} else if wrong = err; fault.KindOf(err) != fault.KindInvalid && fault.KindOf(err) != fault.KindConflict {
			return nil, err
		}
	}
	c, err := read(v, provider.ShowCosts, provider.AllInput{})
	if err != nil {
		return nil, err
	}
	var parts []templ.Component
	if v.can(provider.RefreshMany.Name(), provider.List.Name()) {
		box, err := v.refreshForm(wrong)
		if err != nil {
			return nil, err
		}
		parts = append(parts, box)
	}
	var months, calls [][]Cell
	for _, m := range c.Months {
		months = append(months, []Cell{{Text: m.Month}, {Text: m.Provider}, {Text: strconv.FormatInt(m.Fetches, 10), Num: true}, {Text: strconv.FormatInt(m.Calls, 10), Num: true}, {Text: share(float64(m.Good), float64(m.Fetches)), Num: true}, {Text: amount(m.Cost), Num: true}})
	}
	for _, k := range c.Calls {
		outcome := Cell{Text: v.E("fetch", string(k.Outcome)), Tone: Bad, Sub: k.Detail, Wide: true}
		if k.Outcome == provider.Done || k.Outcome == provider.NotFound {
			outcome.Tone = Good
		}
		evidence := Cell{}
		if k.SHA256 != "" {
			evidence = Cell{Text: v.T("web.kept_answer"), Href: "/providers/evidence/" + k.ID}
		}
		who := Cell{Text: k.CustomerName, Href: hrefOf("/customers/", k.CustomerID)}
		if k.CustomerID == "" {
			who = Cell{Text: v.T("web.trial")}
		}
		calls = append(calls, []Cell{{Text: v.time(k.At), Sub: k.AskedBy}, {Text: k.Provider}, who, outcome, {Text: strconv.Itoa(k.Calls), Num: true}, {Text: fmt.Sprintf("%d ms", k.TookMicros/1000), Num: true}, {Text: yuan(k.CostMinor), Num: true}, evidence})
	}
	parts = append(parts, v.batchList(c.Batches))
	return stack(append(parts, boxed(v.T("web.costs_by_month"), table(v.Page, small(v.cols("-month_of", "-provider_name", "#-fetches", "#-calls", "#-good_share", "#-month_cost"), months, v.T("web.nothing")))),
		boxed(v.T("web.last_calls"), table(v.Page, small(v.cols("-at", "-provider_name", "-customer", "-fetch_outcome", "#-calls", "#-took", "#-call_cost", "-evidence_kept"), calls, v.T("web.nothing")))))...), nil
}

func (v *visit) manyFetches() error {
	if id := v.r.PostFormValue("stop"); id != "" {
		_, err := act(v, provider.StopBatch, provider.BatchID{ID: id})
		return err
	}
	in := provider.ManyOrder{Provider: v.r.PostFormValue("provider")}
	for _, f := range []listing.Filter{{Column: "status", Value: v.r.PostFormValue("status")}, {Column: "region", Op: "has", Value: strings.TrimSpace(v.r.PostFormValue("region"))}, {Column: "size", Value: v.r.PostFormValue("size")}} {
		if f.Value != "" {
			in.Filters = append(in.Filters, f)
		}
	}
	_, err := act(v, provider.RefreshMany, in)
	v.app.Providers.Wake()
	return err
}

func (v *visit) refreshForm(wrong error) (templ.Component, error) {
	all, err := read(v, provider.List, provider.AllInput{})
	if err != nil {
		return nil, err
	}
	var choices []Choice
	for _, s := range all {
		if s.Enabled {
			choices = append(choices, Choice{s.Key, v.pick(s.ZH, s.EN)})
		}
	}
	f := Form{Action: v.path, Key: newKey(), Submit: v.T("web.refresh_many"), Fields: []Field{{Name: "provider", Label: v.L("provider_name"), Kind: "choice", Choices: choices, Required: true, Value: v.r.PostFormValue("provider")},
		{Name: "status", Label: v.L("status"), Kind: "choice", Choices: v.choices("customer_status", "prospect", "active", "blocked", "closed"), Value: v.r.PostFormValue("status")},
		{Name: "region", Label: v.L("region"), Value: v.r.PostFormValue("region")}, {Name: "size", Label: v.L("size"), Kind: "choice", Choices: v.choices("size", "large", "medium", "small", "micro"), Value: v.r.PostFormValue("size")}}}
	if wrong != nil {
		f.tell(v.Page, wrong, nil)
		v.code = http.StatusUnprocessableEntity
	}
	return boxed(v.T("web.refresh_many"), form(v.Page, f)), nil
}

func (v *visit) batchList(all []provider.Batch) templ.Component {
	var rows [][]Cell
	var stops []templ.Component
	for _, b := range all {
		state := Cell{Text: v.E("batch", b.Status), Tone: Good}
		if b.Open > 0 && b.Status != "stopped" {
			state = Cell{Text: v.E("batch", "running"), Tone: Info}
			if v.can(provider.StopBatch.Name()) {
				stops = append(stops, button(v.Page, v.path, v.T("web.stop_batch", fault.Args{"provider": b.Provider, "time": v.time(b.CreatedAt)}), Bad, []Choice{{"stop", b.ID}}))
			}
		}
		var filters []string
		for _, f := range b.Filters {
			filters = append(filters, v.L(f.Column)+" "+f.Value)
		}
		rows = append(rows, []Cell{{Text: v.time(b.CreatedAt), Sub: b.ActorName}, {Text: b.Provider}, {Text: strings.Join(filters, v.pick("、", ", ")), Wide: true}, state,
			{Text: fmt.Sprintf("%d / %d", b.Jobs-b.Open, b.Jobs), Num: true}, {Text: strconv.FormatInt(b.Failed, 10), Num: true}})
	}
	list := boxed(v.T("web.batches"), table(v.Page, small(v.cols("-at", "-provider_name", "-filters", "-status", "#-progress", "#-failed"), rows, v.T("web.no_batches"))))
	if len(stops) > 0 {
		return stack(list, inLine(stops))
	}
	return list
}

// providerEvidence sends the answer that was kept, as a download.
func providerEvidence(v *visit) (templ.Component, error) {
	k, err := read(v, provider.ShowCall, provider.BatchID{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	if k.SHA256 == "" {
		return nil, fault.NotFound("evidence", k.ID)
	}
	raw, err := v.app.Documents.Store.Get(v.r.Context(), k.SHA256)
	if err != nil {
		return nil, errors.Join(errors.New("evidence of a call"), err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", `attachment; filename="`+k.Provider+"-"+k.SHA256[:12]+`.json"`)
	_, err = v.w.Write(raw)
	return nil, err
}

func yuan(minor int64) string { return amount(money.Of(minor, money.CNY)) }
