package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

// authority shows who decides up to which amount, a tab a kind of request; who may changes it by form.
func authority(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.authority")
	kind := v.query.Get("kind")
	if kind == "" {
		kind = approval.Kinds[0]
	}
	m, err := read(v, approval.ShowAuthority, approval.KindInput{Kind: kind})
	if err != nil {
		return nil, err
	}
	var kinds []Tab
	for _, k := range approval.Kinds {
		kinds = append(kinds, Tab{Label: v.E("approval_kind", k), Href: "/settings/authority?kind=" + k, Active: k == kind})
	}
	var rows [][]Cell
	from := map[string]int64{}
	for _, a := range m.Rows {
		rows = append(rows, []Cell{{Text: v.currencyName(a.Currency)}, {Text: grouped(from[a.Currency], a.Currency), Num: true}, {Text: v.upTo(a), Num: true}, {Text: v.steps(a.Steps), Wide: true}})
		from[a.Currency] = a.UpTo
	}
	parts := []templ.Component{tabs(kinds), notice(v.T("web.authority_help"), Info), table(v.Page, small(v.cols("-currency", "#-above", "#-up_to", "-chain"), rows, v.T("web.nothing")))}
	if !v.can(approval.SetAuthority.Name()) {
		return stack(parts...), nil
	}
	f, err := v.authorityForm(m)
	if err != nil || f == nil {
		return nil, err
	}
	return stack(append(parts, f)...), nil
}

func (v *visit) currencyName(c string) string {
	if c == approval.AnyCurrency {
		return v.T("web.other_currencies")
	}
	return c
}

func (v *visit) upTo(a approval.Authority) string {
	if a.UpTo == approval.NoUpperEnd {
		return v.T("web.any_amount")
	}
	return grouped(a.UpTo, a.Currency)
}

// grouped shows minor units of a currency; rows for every other currency count in two decimals.
func grouped(minor int64, currency string) string {
	c := money.Currency(currency)
	if !c.Valid() {
		c = money.CNY
	}
	return money.Of(minor, c).Grouped()
}

const (
	spareRows  = 2 // empty ones at the end of the form, for new bands
	chainSteps = 3
)

// authorityForm edits the rows of a kind: a row left without currency is taken away.
func (v *visit) authorityForm(m approval.Matrix) (templ.Component, error) {
	posted := v.r.Method == http.MethodPost
	n := len(m.Rows) + spareRows
	for posted && v.r.PostForm.Has(fmt.Sprintf("rows.%d.currency", n)) {
		n++ // rows that a form of before had more
	}
	f := Form{Action: v.r.URL.RequestURI(), Key: newKey(), Submit: v.T("web.save")}
	for i := range n {
		var a approval.Authority
		if i < len(m.Rows) {
			a = m.Rows[i]
		}
		f.Fields = append(f.Fields, v.bandFields(i, a)...)
	}
	if !posted {
		return boxed(v.T("web.edit_authority"), form(v.Page, f)), nil
	}
	_, wrong := v.input(f.Fields)
	in, names := v.matrix(m.Kind, n, wrong)
	var err error
	if len(wrong) == 0 {
		if _, err = act(v, approval.SetAuthority, in); err == nil {
			return v.to("/settings/authority?kind="+m.Kind, "saved")
		}
	}
	if err != nil && fault.KindOf(err) == fault.KindInternal {
		return nil, err
	}
	if e := fault.As(err); e != nil {
		for i := range e.Fields {
			e.Fields[i].Path = dotted(e.Fields[i].Path)
		}
	}
	f.tell(v.Page, renamed(err, names), wrong)
	v.code = http.StatusUnprocessableEntity
	return boxed(v.T("web.edit_authority"), form(v.Page, f)), nil
}

func (v *visit) bandFields(i int, a approval.Authority) []Field {
	at := fmt.Sprintf("rows.%d.", i)
	upTo := ""
	if a.UpTo > 0 && a.UpTo < approval.NoUpperEnd {
		upTo = grouped(a.UpTo, a.Currency)
	}
	fields := []Field{{Kind: "heading", Label: v.T("web.band_n", map[string]any{"n": i + 1})},
		{Name: at + "currency", Label: v.L("currency"), Value: a.Currency, Choices: []Choice{{"CNY", "CNY"}, {approval.AnyCurrency, v.T("web.other_currencies")}}, Help: v.T("web.currency_help")},
		{Name: at + "up_to", Label: v.L("up_to"), Kind: "figure", Value: upTo, Help: v.T("web.up_to_help")}}
	var roles []Choice
	for _, r := range access.Roles {
		roles = append(roles, Choice{string(r), v.E("role", string(r))})
	}
	for j := range max(chainSteps, len(a.Steps)) {
		role, votes := "", ""
		if j < len(a.Steps) {
			role, votes = a.Steps[j].Role, strconv.Itoa(a.Steps[j].Votes)
		}
		step := map[string]any{"n": j + 1}
		fields = append(fields, Field{Name: fmt.Sprintf("%ssteps.%d.role", at, j), Label: v.T("web.step_role", step), Kind: "choice", Value: role, Choices: roles},
			Field{Name: fmt.Sprintf("%ssteps.%d.votes", at, j), Label: v.T("web.step_votes", step), Kind: "number", Value: votes})
	}
	return fields
}

// matrix reads the posted rows. Rows and steps left empty are left out; names gives the inputs of what the matrix's paths
// then mean.
func (v *visit) matrix(kind string, n int, wrong map[string]string) (m approval.Matrix, names map[string]string) {
	m.Kind, names = kind, map[string]string{}
	for i := range n {
		at := fmt.Sprintf("rows.%d.", i)
		posted := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(at + name)) }
		a := approval.Authority{Currency: strings.ToUpper(posted("currency")), UpTo: approval.NoUpperEnd}
		if a.Currency == "" {
			continue
		}
		row := fmt.Sprintf("rows.%d.", len(m.Rows))
		names[row+"currency"], names[row+"up_to_minor"], names[row+"steps"] = at+"currency", at+"up_to", at+"steps.0.role"
		if text := posted("up_to"); text != "" {
			c := money.Currency(a.Currency)
			if !c.Valid() {
				c = money.CNY
			}
			up, err := money.Parse(text, c)
			if err != nil {
				wrong[at+"up_to"] = v.T("fault.not_number", fault.Args{"text": text})
			}
			a.UpTo = up.Minor
		}
		for j := 0; v.r.PostForm.Has(fmt.Sprintf("%ssteps.%d.role", at, j)); j++ {
			input := fmt.Sprintf("steps.%d.", j)
			votes, _ := strconv.Atoi(posted(input + "votes")) // what is no number was named by input
			if s := (approval.Step{Role: posted(input + "role"), Votes: votes}); s.Role != "" || s.Votes > 0 {
				step := fmt.Sprintf("%ssteps.%d.", row, len(a.Steps))
				names[step+"role"], names[step+"votes"] = at+input+"role", at+input+"votes"
				a.Steps = append(a.Steps, s)
			}
		}
		m.Rows = append(m.Rows, a)
	}
	return m, names
}
