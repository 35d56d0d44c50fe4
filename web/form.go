package web

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Form is a form as it is shown.
type Form struct {
	Action   string
	Key      string // idempotency key
	Hidden   []Choice
	Fields   []Field
	Sentence string   // what is wrong as a whole
	Loose    []Choice // wrong places without a field of their own
	Submit   string
	Cancel   string
	Tone     Tone
	Narrow   bool
	Small    bool // one of several on a page
}

func (f Form) encoding() string {
	if slices.ContainsFunc(f.Fields, func(x Field) bool { return x.Kind == "file" }) {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}

// inline forms are a line and its button, beside what they are about.
func (f Form) inline() bool {
	shown := 0
	for _, x := range f.Fields {
		if x.Kind != "hidden" {
			shown++
		}
	}
	return f.Small && shown <= 1
}

func (f Form) buttonTone() string {
	if f.Tone == Plain {
		return "primary"
	}
	return btnTone(f.Tone)
}

// Field is an input. Name is the path in the operation's input, with points: "capital", "shareholders.0.name". Kind is
// text, long, lines (a list, one a line), number (whole), decimal, figure, money, date, choice, choices, flag, password, file, heading, hidden, or route (a
// choice that decides which operation runs).
type Field struct {
	Name     string
	Label    string
	Kind     string
	Value    string
	Currency string
	Choices  []Choice
	Help     string
	Wrong    string
	Accept   string
	Sum      string // of a figure: the names of the fields that it sums, "-" before those taken off, "!" before those it needs; shown while it is empty
	Required bool
	Wide     bool
}

func (x Field) id() string { return "f-" + strings.ReplaceAll(x.Name, ".", "-") }

func (x Field) has(value string) bool { return slices.Contains(strings.Split(x.Value, ","), value) }

// stacked tells that the choices are too long to stand side by side.
func (x Field) stacked() bool {
	const longest = 24
	return slices.ContainsFunc(x.Choices, func(c Choice) bool { return len([]rune(c.Label)) > longest })
}

func (x Field) currency() string {
	if x.Currency == "" {
		return string(money.CNY)
	}
	return x.Currency
}

func (x Field) rows() string { return strconv.Itoa(max(3, min(24, strings.Count(x.Value, "\n")+2))) }

func (x Field) inputType() string {
	switch x.Kind {
	case "date", "password", "email":
		return x.Kind
	}
	return "text"
}

func (x Field) autocomplete() string {
	if x.Kind == "password" {
		return "current-password"
	}
	return "off"
}

func (x Field) list() string {
	if len(x.Choices) == 0 {
		return ""
	}
	return x.id() + "-list"
}

// formOf describes a form page: the operation it runs, its fields with what stands in them first, and where to go after.
type formOf struct {
	op     operation.Any
	fields []Field
	fixed  map[string]any // parts of the input that the page decides, by path
	submit string
	cancel string
	tone   Tone
	narrow bool
	name   string // of one of several forms on a page, by which a post finds its own; not shown to who may not run op
	done   func(out any) (path, said string)
}

// form shows a form page, or runs its operation when it was posted: what is wrong is shown beside the inputs, all at
// once, whatever refuses it, and nothing that was typed is lost. A form that the visitor may not submit is not offered.
// What a decision was seen at (its version) is a hidden field: it is posted back, and a page that is out of date is told so.
func (v *visit) form(f formOf) (templ.Component, error) {
	posted := v.r.Method == http.MethodPost && v.r.PostFormValue(formName) == f.name
	if !v.can(f.op.Name()) && !posted {
		if f.name != "" {
			return templ.NopComponent, nil
		}
		return nil, operation.Permitted(v.Actor, f.op.Name())
	}
	shown := Form{Action: v.r.URL.RequestURI(), Key: newKey(), Fields: f.fields, Submit: f.submit, Cancel: f.cancel, Tone: f.tone, Narrow: f.narrow, Small: f.name != ""}
	if f.name != "" {
		shown.Action, shown.Hidden = v.path, []Choice{{formName, f.name}}
	}
	for i := range shown.Fields {
		if x := &shown.Fields[i]; x.Label == "" {
			x.Label = v.L(lastPart(x.Name))
		}
	}
	if shown.Submit == "" {
		shown.Submit = v.T("web.save")
	}
	if !posted {
		return v.formCard(shown), nil
	}
	if err := operation.Permitted(v.Actor, f.op.Name()); err != nil { // before anything is made of what was posted
		return nil, err
	}
	v.taken = true
	seen := hidden(shown.Fields)
	in, wrong := v.input(shown.Fields)
	for path, value := range f.fixed {
		put(in, path, value)
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	call := v.call()
	call.DryRun = len(wrong) > 0 // what is wrong is wrong already: this run only finds the rest
	out, err := f.op.Call(v.r.Context(), v.app.Runner, call, raw)
	if err == nil && len(wrong) == 0 {
		path, said := f.done(out)
		return v.to(path, said)
	}
	if kind := fault.KindOf(err); err != nil && (kind == fault.KindInternal || kind == fault.KindUnauthorised) {
		return nil, err
	} else if kind == fault.KindStale {
		for i := range shown.Fields { // the page shows the newest state: the next try is about that
			if x := &shown.Fields[i]; x.Kind == "hidden" {
				x.Value = seen[x.Name]
			}
		}
	}
	shown.tell(v.Page, err, wrong)
	shown.Key = newKey()
	v.code = http.StatusUnprocessableEntity
	return v.formCard(shown), nil
}

// formName is the input that carries the name of a form.
const formName = "form"

func hidden(fields []Field) map[string]string {
	all := map[string]string{}
	for _, x := range fields {
		if x.Kind == "hidden" {
			all[x.Name] = x.Value
		}
	}
	return all
}

// version is the hidden field of what a decision was seen at.
func version(n int64) Field {
	return Field{Name: "version", Kind: "hidden", Value: strconv.FormatInt(n, 10)}
}

func (v *visit) formCard(f Form) templ.Component {
	if f.Small {
		return form(v.Page, f)
	}
	return boxed("", form(v.Page, f))
}

func lastPart(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// tell puts what is wrong beside the fields. What has no field of its own is named by its label, or, inside a document
// that the form takes as text, by the document's own key.
func (f *Form) tell(p *Page, err error, wrong map[string]string) {
	sentence, fields := p.T("fault.invalid"), map[string]string{}
	if err != nil {
		sentence, fields = i18n.Fault(p.Lang, f.inLabels(p, err))
	}
	f.Sentence = sentence
	said := map[string]string{}
	for path, text := range fields {
		said[dotted(path)] = text
	}
	for name, text := range wrong {
		said[name] = text
	}
	for i := range f.Fields {
		x := &f.Fields[i]
		if text, ok := said[x.Name]; ok && x.Kind != "hidden" {
			x.Wrong = text
			delete(said, x.Name)
		}
	}
	for path, text := range said {
		f.Loose = append(f.Loose, Choice{f.nameOf(p, path), text})
	}
	slices.SortFunc(f.Loose, func(a, b Choice) int { return strings.Compare(a.Value+a.Label, b.Value+b.Label) })
}

// nameOf names a wrong place that has no input of its own.
func (f *Form) nameOf(p *Page, path string) string {
	for _, x := range f.Fields {
		if rest, inside := strings.CutPrefix(path, x.Name+"."); inside && x.Kind == "long" {
			return rest
		}
	}
	if label := lastPart(path); p.L(label) != label {
		return p.L(label)
	}
	return ""
}

// inLabels tells the choices of a field by their labels, and one that was left blank as required.
func (f *Form) inLabels(p *Page, err error) error {
	e := fault.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	told := *e
	told.Fields = slices.Clone(e.Fields)
	for i, wrong := range told.Fields {
		if wrong.Key != "fault.one_of" {
			continue
		}
		for _, x := range f.Fields {
			switch {
			case x.Name != dotted(wrong.Path):
			case x.Value == "":
				told.Fields[i].Key = "fault.required"
			case len(x.Choices) > 0:
				var labels []string
				for _, c := range x.Choices {
					labels = append(labels, c.Label)
				}
				told.Fields[i].Args = fault.Args{"allowed": strings.Join(labels, p.pick("、", ", "))}
			}
		}
	}
	return &told
}

var indexed = regexp.MustCompile(`\[(\d+)\]`)

func dotted(path string) string { return indexed.ReplaceAllString(path, ".$1") }

// input reads the posted fields into the tree of the operation's input, keeping what was typed. What cannot be read is
// named and left out.
func (v *visit) input(fields []Field) (in map[string]any, wrong map[string]string) {
	in, wrong = map[string]any{}, map[string]string{}
	for i := range fields {
		x := &fields[i]
		text := strings.TrimSpace(v.r.PostFormValue(x.Name))
		if x.Kind == "choices" {
			text = strings.Join(v.r.PostForm[x.Name], ",")
		}
		if x.Kind != "password" {
			x.Value = text
		}
		if x.Kind == "heading" {
			continue
		}
		if x.Kind == "money" {
			x.Currency = strings.ToUpper(strings.TrimSpace(v.r.PostFormValue(x.Name + "_currency")))
		}
		value, err := x.parse(text)
		if err != nil {
			_, said := i18n.Fault(v.Lang, err)
			for _, s := range said {
				wrong[x.Name] = s
			}
			continue
		}
		if value != nil && x.Kind != "route" {
			put(in, x.Name, value)
		}
	}
	return in, wrong
}

func (x Field) parse(text string) (any, error) {
	switch x.Kind {
	case "heading", "file":
		return nil, nil
	case "flag":
		return text == "true", nil
	case "choices":
		if text == "" {
			return []string{}, nil
		}
		return strings.Split(text, ","), nil
	case "lines":
		return strings.Fields(text), nil
	}
	if text == "" {
		return nil, nil
	}
	switch x.Kind {
	case "hidden":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		return text, nil
	case "lines":
		return strings.Split(strings.ReplaceAll(text, "\r", ""), "\n"), nil
	case "money":
		return money.Parse(text, money.Currency(x.Currency))
	case "number":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fault.Invalid(x.Name, "fault.not_number", fault.Args{"text": text})
		}
		return n, nil
	case "decimal":
		n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) { // ParseFloat reads "inf" and "nan", JSON does not know them
			return nil, fault.Invalid(x.Name, "fault.not_number", fault.Args{"text": text})
		}
		return n, nil
	}
	return text, nil
}

// put sets a value at a path of a tree of maps; numbers in the path are places of lists.
func put(tree map[string]any, path string, value any) {
	head, rest, more := strings.Cut(path, ".")
	if !more {
		tree[head] = value
		return
	}
	at, tail, deep := strings.Cut(rest, ".")
	n, err := strconv.Atoi(at)
	if err != nil {
		child, ok := tree[head].(map[string]any)
		if !ok {
			child = map[string]any{}
			tree[head] = child
		}
		put(child, rest, value)
		return
	}
	list, _ := tree[head].([]any)
	for len(list) <= n {
		list = append(list, map[string]any{})
	}
	tree[head] = list
	if child, ok := list[n].(map[string]any); ok && deep {
		put(child, tail, value)
	} else {
		list[n] = value
	}
}

// upload reads a posted file.
func (v *visit) upload(name string) (file string, raw []byte, err error) {
	f, header, err := v.r.FormFile(name)
	if err != nil {
		return "", nil, fault.Invalid(name, "fault.required", nil)
	}
	defer f.Close()
	raw, err = io.ReadAll(f)
	return header.Filename, raw, err
}

// act runs an operation of a page's button with a fixed input.
func act[In, Out any](v *visit, o *operation.Operation[In, Out], in In) (Out, error) {
	return operation.Run(v.r.Context(), v.app.Runner, v.call(), o, in)
}
