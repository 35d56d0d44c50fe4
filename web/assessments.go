package web

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/assessment/distress"
	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/screening"
)

func assessments(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.assessments")
	var grades []Choice
	for _, g := range scorecard.Default().Scale {
		grades = append(grades, Choice{g.Grade, g.Grade})
	}
	return v.list(listOf{columns: v.cols("customer", "grade", "#score", "#pd", "#recommended", "#-terms_days", "assessed_on", "-assessed_by"), sort: "-assessed_at", file: "assessments",
		filters: []filterBy{{name: "customer", column: "customer", op: "has"}, {name: "grade", column: "grade", choices: grades}},
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			page, err := read(v, assessment.List, assessment.ListInput{Query: q})
			var rows [][]Cell
			for _, a := range page.Rows {
				rows = append(rows, v.assessmentRow(a, true))
			}
			return rows, page.Next, page.Total, err
		}})
}

func (v *visit) assessmentRow(a assessment.Assessment, named bool) []Cell {
	row := []Cell{{Text: a.Grade, Tone: gradeTone(a.PD)}, {Text: fmt.Sprintf("%.1f", a.Score), Num: true}, {Text: percent2(a.PD), Num: true}, {Text: amount(a.Recommended), Num: true},
		{Text: strconv.Itoa(a.TermsDays), Num: true}, {Text: string(a.On), Href: "/assessments/" + a.ID}, {Text: a.By}}
	if named {
		row = append([]Cell{{Text: a.CustomerName, Href: "/customers/" + a.CustomerID + "/assessment"}}, row...)
	}
	return row
}

func percent2(f float64) string { return fmt.Sprintf("%.2f%%", 100*f) }

func assessmentTab(v *visit, f customer.File) (templ.Component, error) {
	id := f.Customer.ID
	s, err := read(v, assessment.ForCustomer, assessment.CustomerInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	parts := []templ.Component{}
	if v.can("assessment.run") {
		v.Actions = append([]Action{{Label: v.T("web.questionnaire"), Href: "/customers/" + id + "/questionnaire"}}, v.Actions...)
		label := v.T("web.assess_now")
		if s.Latest != nil {
			label = v.T("web.assess_again")
		}
		parts = append(parts, boxed("", inBody(button(v.Page, "/customers/"+id+"/assess", label, Info, nil))))
	}
	if s.Latest == nil {
		return stack(append(parts, notice(v.T("web.not_assessed_yet"), Info))...), nil
	}
	parts = append(parts, v.outcome(*s.Latest))
	var rows [][]Cell
	for _, a := range s.History {
		rows = append(rows, v.assessmentRow(a, false))
	}
	return stack(append(parts, boxed(v.T("web.assessment_history"), table(v.Page, small(v.cols("-grade", "#-score", "#-pd", "#-recommended", "#-terms_days", "-assessed_on", "-assessed_by"), rows, ""))))...), nil
}

func assess(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := act(v, assessment.Assess, assessment.Run{CustomerID: id}); err != nil {
		return nil, err
	}
	return v.to("/customers/"+id+"/assessment", "assessed")
}

func assessmentPage(v *visit) (templ.Component, error) {
	a, err := read(v, assessment.View, assessment.ByID{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = v.T("web.assessment_of", map[string]any{"date": string(a.On)}), a.CustomerName, "/customers/"+a.CustomerID+"/assessment"
	v.Badges = []Cell{{Text: a.Grade, Tone: gradeTone(a.PD)}}
	return v.outcome(a), nil
}

// outcome explains an assessment: grade, what each factor gave and what would lift it, the limit's methods, ratios and
// models with their inputs.
func (v *visit) outcome(a assessment.Assessment) templ.Component {
	o := a.Outcome
	sub := ""
	if o.Grade != o.ByScore {
		sub = v.T("web.grade_by_score", map[string]any{"grade": o.ByScore})
	}
	head := stats([]Stat{
		{Label: v.T("web.grade"), Value: o.Grade, Sub: sub, Tone: gradeTone(o.PD)}, {Label: v.T("web.score"), Value: fmt.Sprintf("%.1f", o.Score), Sub: v.T("web.of_100")},
		{Label: "PD", Value: percent2(o.PD), Sub: v.T("web.one_year")}, {Label: v.T("web.recommended_limit"), Value: amount(a.Recommended), Sub: v.T("web.bound_by", map[string]any{"method": v.bound(o.Limit.Binding)})},
		{Label: v.L("terms_days"), Value: strconv.Itoa(o.TermsDays)}, {Label: v.T("web.known_weight"), Value: fmt.Sprintf("%.0f%%", o.Known), Sub: v.missingParts(o), Tone: when(o.Known < 70, Warn)}, v.basis(a),
	})
	parts := []templ.Component{head}
	for _, h := range o.Vetoes {
		parts = append(parts, notice(v.T("web.veto", map[string]any{"grade": h.Grade, "why": v.pick(h.ZH, h.EN)}), Bad))
	}
	for _, h := range o.Caps {
		parts = append(parts, notice(v.T("web.cap", map[string]any{"grade": h.Grade, "why": v.pick(h.ZH, h.EN)}), Warn))
	}
	return stack(append(parts, boxed(v.T("web.factors"), table(v.Page, v.factorTable(o))), columns(boxed(v.T("web.limit_methods"), table(v.Page, v.methodTable(a))),
		boxed(v.T("web.models"), table(v.Page, v.modelTable(a.Models)))), boxed(v.T("web.ratios"), table(v.Page, v.ratioTable(a.Ratios))))...)
}

// basis is the statement that an assessment rests on.
func (v *visit) basis(a assessment.Assessment) Stat {
	s := Stat{Label: v.T("web.basis"), Value: "—", Sub: v.T("web.no_statement"), Tone: Warn}
	if a.StatementID == "" {
		return s
	}
	f, err := read(v, customer.ViewStatement, customer.ByIDInput{ID: a.StatementID})
	if err != nil {
		return s
	}
	s = Stat{Label: v.T("web.basis"), Value: string(f.Period), Sub: v.T("web.audited"), Href: "/statements/" + a.StatementID}
	if !f.Audited {
		s.Sub = v.T("web.not_audited")
	}
	return s
}

// missingParts counts what the score had to assume.
func (v *visit) missingParts(o *scorecard.Outcome) string {
	n := 0
	for _, p := range o.Parts {
		if p.Missing {
			n++
		}
	}
	if n == 0 {
		return v.T("web.nothing_missing")
	}
	return v.T("web.missing_parts", map[string]any{"n": n})
}

func (v *visit) bound(method string) string {
	if method == "" {
		return "—"
	}
	return v.T("scorecard.limit." + method)
}

func (v *visit) factorTable(o *scorecard.Outcome) Table {
	var rows [][]Cell
	for _, p := range o.Parts {
		value := Cell{Text: "—", Num: true, Sub: v.T("web.missing")}
		if p.Value != nil {
			value = Cell{Text: figure(*p.Value, p.Unit), Num: true}
		} else if p.Choice != "" {
			value = Cell{Text: v.choiceName(p.Key, p.Choice), Num: true}
		}
		lift := Cell{Wide: true}
		if p.Lift != nil && p.Lift.Adds >= 0.05 {
			way := "web.lift_down"
			if p.Lift.Up {
				way = "web.lift_up"
			}
			lift.Text = v.T(way, map[string]any{"to": figure(p.Lift.To, p.Unit), "adds": fmt.Sprintf("%.1f", p.Lift.Adds), "grade": p.Lift.Grade})
		}
		tone := Plain
		if p.Lost > 4 {
			tone = Bad
		} else if p.Lost > 2 {
			tone = Warn
		}
		rows = append(rows, []Cell{{Text: v.pick(p.ZH, p.EN)}, value, {Text: fmt.Sprintf("%.0f", p.Points), Num: true}, {Text: fmt.Sprintf("%g", p.Weight), Num: true},
			{Text: fmt.Sprintf("%.1f", p.Gives), Num: true}, {Text: lostPoints(p.Lost), Num: true, Tone: tone}, lift})
	}
	return small(v.cols("-factor", "#-value", "#-points", "#-weight", "#-gives", "#-lost", "-lift"), rows, "")
}

func lostPoints(lost float64) string {
	if lost < 0.05 {
		return "0"
	}
	return fmt.Sprintf("−%.1f", lost)
}

func (v *visit) choiceName(question, choice string) string {
	for _, q := range scorecard.Default().Questions {
		for _, c := range q.Choices {
			if q.Key == question && c.Key == choice {
				return v.pick(c.ZH, c.EN)
			}
		}
	}
	return choice
}

func figure(f float64, unit string) string {
	switch unit {
	case "percent":
		return percent(f)
	case "days":
		return fmt.Sprintf("%.1f", f)
	case "money":
		return money.Of(int64(math.Round(f*100)), money.CNY).Grouped()
	}
	return fmt.Sprintf("%.2f", f)
}

func (v *visit) methodTable(a assessment.Assessment) Table {
	var rows [][]Cell
	c := a.Recommended.Currency
	for _, m := range a.Outcome.Limit.Methods {
		row := []Cell{{Text: v.T("scorecard.limit." + m.Key)}, {Num: true}, {Text: percent(m.Share), Num: true}, {Text: fmt.Sprintf("%g", a.Outcome.Limit.GradeFactor), Num: true}, {Num: true}, {}}
		if m.Base != nil {
			row[1].Text = wholeMoney(*m.Base, c)
		}
		if m.Amount != nil {
			row[4].Text = wholeMoney(*m.Amount, c)
		}
		if m.Reason != "" {
			row[5].Text = v.T(m.Reason)
		}
		if m.Key == a.Outcome.Limit.Binding {
			row[5] = Cell{Text: v.T("web.binding"), Tone: Info}
		}
		rows = append(rows, row)
	}
	return small(v.cols("-method", "#-base", "#-share", "#-grade_factor", "#-amount", "-note"), rows, "")
}

func wholeMoney(units float64, c money.Currency) string {
	return money.Of(int64(math.Round(units*math.Pow10(c.Scale()))), c).Grouped()
}

func (v *visit) modelTable(all []distress.Result) Table {
	var rows [][]Cell
	for _, m := range all {
		row := []Cell{{Text: v.pick(m.ZH, m.EN), Sub: m.Source}, {Text: "—", Num: true}, {}, {Wide: true}}
		if m.Score != nil {
			row[1].Text = fmt.Sprintf("%.4f", *m.Score)
			row[2] = Cell{Text: v.T("distress.zone." + string(m.Zone)), Tone: map[distress.Zone]Tone{distress.Distress: Bad, distress.Grey: Warn, distress.Safe: Good}[m.Zone]}
		} else {
			row[2].Text = v.T(m.Reason)
		}
		var terms []string
		for _, t := range m.Terms {
			if t.Gives != nil {
				terms = append(terms, fmt.Sprintf("%s %.4f × %g", v.pick(t.ZH, t.EN), *t.Value, t.Coefficient))
			}
		}
		row[3].Sub = strings.Join(terms, "; ")
		rows = append(rows, row)
	}
	return small(v.cols("-model", "#-score", "-zone", "-terms"), rows, v.T("web.no_statements"))
}

func (v *visit) ratioTable(all []ratio.Value) Table {
	var rows [][]Cell
	group := ratio.Group("")
	for _, value := range all {
		r, ok := ratio.Find(value.Key)
		if !ok {
			continue
		}
		if r.Group != group {
			group = r.Group
			rows = append(rows, []Cell{{Text: v.T("ratio.group." + string(group)), Tone: Info}, {}, {}, {}})
		}
		shown := Cell{Text: "—", Num: true, Sub: v.T(value.Reason)}
		if value.Reason == "" {
			shown = Cell{Text: figure(*value.Value, string(r.Unit)), Num: true}
		}
		var from []string
		for _, in := range value.Inputs {
			l, _ := statement.Find(in.Item)
			name := v.pick(l.ZH, l.EN)
			if in.Before {
				name = v.T("web.last_year", map[string]any{"item": name})
			}
			from = append(from, name+" "+wholeMoney(in.Figure, money.CNY))
		}
		rows = append(rows, []Cell{{Text: v.pick(r.ZH, r.EN), Sub: r.Formula(string(v.Lang))}, shown, {Text: v.pick(r.MeaningZH, r.MeaningEN), Wide: true}, {Sub: strings.Join(from, "; "), Wide: true}})
	}
	return small(v.cols("-ratio", "#-value", "-meaning", "-inputs"), rows, v.T("web.no_statements"))
}

func questionnaire(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.questionnaire")); err != nil {
		return nil, err
	}
	s, err := read(v, assessment.ForCustomer, assessment.CustomerInput{CustomerID: id})
	if err != nil {
		return nil, err
	}
	return v.questions(id, s.Card, s.Answers)
}

// questions is the form of the questionnaire: questions without an answer are left as they are.
func (v *visit) questions(id string, card scorecard.Card, answers []assessment.Answered) (templ.Component, error) {
	posted := v.r.Method == http.MethodPost
	in := assessment.Answers{CustomerID: id}
	f := Form{Action: v.path, Key: newKey(), Submit: v.T("web.save"), Cancel: "/customers/" + id + "/assessment"}
	paths := map[string]string{} // of the input → field
	for _, q := range card.Questions {
		a := assessment.Answered{}
		for _, given := range answers {
			if given.Question == q.Key {
				a = given
			}
		}
		if posted {
			a.Choice, a.Evidence = v.r.PostFormValue(q.Key+".choice"), v.r.PostFormValue(q.Key+".evidence")
		}
		var choices []Choice
		for _, c := range q.Choices {
			choices = append(choices, Choice{c.Key, v.pick(c.ZH, c.EN)})
		}
		if a.Choice != "" {
			at := fmt.Sprintf("answers[%d].", len(in.Answers))
			paths[at+"choice"], paths[at+"evidence"] = q.Key+".choice", q.Key+".evidence"
			in.Answers = append(in.Answers, scorecard.Answer{Question: q.Key, Choice: a.Choice, Evidence: a.Evidence})
		}
		f.Fields = append(f.Fields, Field{Name: q.Key + ".choice", Label: v.pick(q.TopicZH, q.TopicEN) + " · " + v.pick(q.ZH, q.EN), Kind: "choice", Value: a.Choice, Choices: choices},
			Field{Name: q.Key + ".evidence", Label: v.L("evidence"), Value: a.Evidence, Required: q.Evidence})
	}
	if !posted {
		return boxed("", form(v.Page, f)), nil
	}
	_, err := act(v, assessment.AnswerQuestionnaire, in)
	if err == nil {
		return v.to("/customers/"+id+"/assessment", "saved")
	}
	f.tell(v.Page, renamed(err, paths), nil)
	v.code = 422
	return boxed("", form(v.Page, f)), nil
}

func scorecardPage(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.scorecard")
	cards, err := read(v, assessment.ShowCard, assessment.CardInput{})
	if err != nil {
		return nil, err
	}
	card := cards.InForce
	v.Badges = []Cell{{Text: fmt.Sprintf("v%d", card.Version), Tone: Info}}
	if v.can("assessment.save_card") {
		v.Actions = []Action{{Label: v.T("web.new_version"), Href: "/scorecard/edit", Main: true}}
	}
	parts := []templ.Component{}
	var scale, vetoes, versions [][]Cell
	for _, g := range card.Scale {
		scale = append(scale, []Cell{{Text: g.Grade, Tone: gradeTone(g.PD)}, {Text: v.pick(g.ZH, g.EN)}, {Text: fmt.Sprintf("%g", g.From), Num: true}, {Text: percent2(g.PD), Num: true}, {Text: fmt.Sprintf("%g", g.Factor), Num: true}, {Text: strconv.Itoa(g.Terms), Num: true}})
	}
	for _, x := range card.Vetoes {
		vetoes = append(vetoes, []Cell{{Text: v.T("web.veto_kind"), Tone: Bad}, {Text: v.pick(x.ZH, x.EN), Wide: true}, {Text: x.Fact + " " + x.Op + " " + strconv.FormatFloat(x.Value, 'g', -1, 64)}, {Text: x.Grade}})
	}
	for _, x := range card.Caps {
		vetoes = append(vetoes, []Cell{{Text: v.T("web.cap_kind"), Tone: Warn}, {Text: v.pick(x.ZH, x.EN), Wide: true}, {Text: x.Fact + " " + x.Op + " " + strconv.FormatFloat(x.Value, 'g', -1, 64)}, {Text: x.Grade}})
	}
	for _, s := range card.Sections {
		var rows [][]Cell
		for _, f := range s.Factors {
			var bins []string
			for i, b := range f.Bins {
				if b.Below != nil {
					bins = append(bins, fmt.Sprintf("< %s: %g", figure(*b.Below, f.Unit), b.Points))
				} else {
					bins = append(bins, fmt.Sprintf("≥ %s: %g", figure(*f.Bins[i-1].Below, f.Unit), b.Points))
				}
			}
			rows = append(rows, []Cell{{Text: v.pick(f.ZH, f.EN)}, {Text: fmt.Sprintf("%g", f.Weight), Num: true}, {Text: strings.Join(bins, " · "), Wide: true}, {Text: fmt.Sprintf("%g", f.Missing), Num: true}})
		}
		parts = append(parts, boxed(v.pick(s.ZH, s.EN), table(v.Page, small(v.cols("-factor", "#-weight", "-bins", "#-when_missing"), rows, ""))))
	}
	var questions [][]Cell
	for _, q := range card.Questions {
		var choices []string
		for _, c := range q.Choices {
			choices = append(choices, fmt.Sprintf("%s: %g", v.pick(c.ZH, c.EN), c.Points))
		}
		questions = append(questions, []Cell{{Text: v.pick(q.ZH, q.EN), Sub: v.pick(q.TopicZH, q.TopicEN)}, {Text: fmt.Sprintf("%g", q.Weight), Num: true}, {Text: strings.Join(choices, " · "), Wide: true}, {Text: fmt.Sprintf("%g", q.Missing), Num: true}})
	}
	for _, x := range cards.Versions {
		versions = append(versions, []Cell{{Text: fmt.Sprintf("v%d", x.Version)}, {Text: v.E("card_status", string(x.Status))}, {Text: x.Reason, Wide: true}, {Text: x.CreatedBy}, {Text: v.time(x.CreatedAt)}})
	}
	parts = append(parts, boxed(v.T("web.questionnaire"), table(v.Page, small(v.cols("-question", "#-weight", "-choices", "#-when_missing"), questions, ""))),
		columns(boxed(v.T("web.master_scale"), table(v.Page, small(v.cols("-grade", "-meaning", "#-from_score", "#-pd", "#-grade_factor", "#-terms_days"), scale, ""))),
			boxed(v.T("web.vetoes"), table(v.Page, small(v.cols("-kind", "-meaning", "-condition", "-grade"), vetoes, ""))),
			boxed(v.T("web.versions"), table(v.Page, small(v.cols("-version", "-status", "-reason", "-created_by", "-created_at"), versions, v.T("web.library_version"))))))
	return stack(parts...), nil
}

func editScorecard(v *visit) (templ.Component, error) {
	cards, err := read(v, assessment.ShowCard, assessment.CardInput{})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = v.T("web.new_version"), v.T("menu.scorecard"), "/scorecard"
	next := strings.Replace(cards.Document, fmt.Sprintf("version: %d", cards.InForce.Version), fmt.Sprintf("version: %d", cards.InForce.Version+1), 1)
	return v.form(formOf{op: assessment.ProposeCard, cancel: "/scorecard", submit: v.T("web.propose"), fields: []Field{
		{Name: "reason", Required: true, Wide: true}, {Name: "document", Kind: "long", Value: next, Wide: true, Required: true}},
		done: func(out any) (string, string) {
			return "/approvals/" + out.(assessment.ProposedCard).Approval.ID, "proposed"
		}})
}

// decideOperation is the operation that decides a kind of request.
var decideOperation = map[string]string{"limit": "limit.decide", assessment.Kind: "assessment.decide_card", screening.Kind: "screening.agree"}

func (v *visit) approvalTable(all []approval.Request, most int) Table {
	var rows [][]Cell
	for _, r := range all[:min(most, len(all))] {
		state := Cell{Text: v.E("approval", string(r.Status))}
		if r.MayDecide {
			state = Cell{Text: v.T("web.your_turn"), Tone: Info}
		}
		rows = append(rows, []Cell{{Text: r.Title, Href: "/approvals/" + r.ID, Sub: v.E("approval_kind", r.Kind) + " · " + r.AskedName + " · " + v.time(r.AskedAt), Wide: true}, {Text: shownMoney(r.Amount), Num: true}, state})
	}
	return small(v.cols("-title", "#-amount", "-status"), rows, v.T("web.nothing_waits"))
}
