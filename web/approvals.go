package web

import (
	"fmt"
	"strconv"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening"
)

func approvalTone(s approval.Status) Tone {
	return map[approval.Status]Tone{approval.Waiting: Info, approval.Approved: Good, approval.Rejected: Bad, approval.Returned: Warn}[s]
}

func approvals(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.approvals")
	status := approval.Status(v.query.Get("status"))
	inbox, err := read(v, approval.List, approval.ListInput{Status: status})
	if err != nil {
		return nil, err
	}
	var all []Tab
	for _, s := range []approval.Status{approval.Waiting, approval.Returned, approval.Approved, approval.Rejected} {
		all = append(all, Tab{Label: v.E("approval", string(s)), Href: "/approvals?status=" + string(s), Active: s == status || status == "" && s == approval.Waiting})
	}
	return stack(tabs(all), table(v.Page, v.approvalTable(inbox.Requests, 200))), nil
}

// approvalPage shows a request with how the customer stands and what the request would make of it, and takes the
// visitor's vote, or the applicant's new version.
func approvalPage(v *visit) (templ.Component, error) {
	r, err := read(v, approval.View, approval.ByID{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	v.Title, v.Over, v.OverHref = r.Title, v.T("menu.approvals"), "/approvals"
	v.Badges = []Cell{{Text: v.E("approval", string(r.Status)), Tone: approvalTone(r.Status)}, {Text: v.E("approval_kind", r.Kind)}}
	parts := []templ.Component{}
	var facts customerStand
	if r.CustomerID != "" {
		if facts, err = v.stand(r.CustomerID, r.Amount.Currency); err != nil {
			return nil, err
		}
		parts = append(parts, stats(v.standStats(facts, r)))
	}
	for _, formFor := range []func(approval.Request) (templ.Component, error){v.voteForm, v.amendForm} {
		f, err := formFor(r)
		if err != nil || f == nil {
			return nil, err
		}
		parts = append(parts, f)
	}
	parts = append(parts, columns(padded(v.T("web.request"), v.requestFacts(r)), boxed(v.T("web.chain"), table(v.Page, v.chainTable(r))), padded(v.T("web.votes"), timeline(v.voteMoments(r), v.T("web.no_votes")))))
	if r.Kind == screening.Kind {
		page, err := read(v, screening.Hits, listing.Query{Filters: []listing.Filter{{Column: "request_id", Value: r.ID}}, Limit: 200})
		if err != nil {
			return nil, err
		}
		parts = append(parts, table(v.Page, small(v.hitColumns(false), v.hitRows(page.Rows), v.T("web.no_hits"))))
	}
	if r.CustomerID == "" {
		return stack(parts...), nil
	}
	before, err := v.previousDecisions(r)
	if err != nil {
		return nil, err
	}
	parts = append(parts, before)
	if a := facts.standing.Latest; a != nil {
		parts = append(parts, boxed("", folded(v.T("web.assessment_behind", map[string]any{"date": string(a.On), "grade": a.Grade}), inBody(v.outcome(*a)))))
	}
	return stack(parts...), nil
}

func (v *visit) requestFacts(r approval.Request) templ.Component {
	info := []Fact{{Label: v.L("kind"), Value: v.E("approval_kind", r.Kind)}, {Label: v.L(askedLabel(r)), Value: shownMoney(r.Amount)}, {Label: v.L("until"), Value: string(r.Until)}}
	if r.Granted != r.Amount || r.GrantedUntil != r.Until {
		info = append(info, Fact{Label: v.L("granted"), Value: amount(r.Granted), Tone: Warn}, Fact{Label: v.L("granted_until"), Value: string(r.GrantedUntil)})
	}
	if r.Conditions != "" {
		info = append(info, Fact{Label: v.L("conditions"), Value: r.Conditions, Wide: true})
	}
	info = append(info, Fact{Label: v.L("asked_by"), Value: v.who(r.AskedName)}, Fact{Label: v.L("asked_at"), Value: v.time(r.AskedAt)}, Fact{Label: v.L("round"), Value: strconv.FormatInt(r.Round, 10)})
	switch {
	case r.Kind == ordercheck.Kind:
		info = append(info, Fact{Label: v.L("order"), Value: r.Title, Href: "/orders/" + r.Reference})
	case r.CustomerID != "":
		info = append(info, Fact{Label: v.L("customer"), Value: r.Title, Href: "/customers/" + r.CustomerID})
	}
	return facts(append(info, Fact{Label: v.L("reason"), Value: r.Reason, Wide: true}))
}

func askedLabel(r approval.Request) string {
	if r.Kind == ordercheck.Kind {
		return "at_stake"
	}
	return "asked"
}

func (v *visit) chainTable(r approval.Request) Table {
	var steps [][]Cell
	for i, s := range r.Steps {
		done := 0
		for _, vote := range r.Votes {
			if vote.Round == r.Round && vote.Step == i && vote.Verdict == approval.Approve {
				done++
			}
		}
		tone := Plain
		if i == r.Step && r.Status == approval.Waiting {
			tone = Info
		}
		steps = append(steps, []Cell{{Text: strconv.Itoa(i + 1)}, {Text: v.E("role", s.Role), Tone: tone}, {Text: fmt.Sprintf("%d / %d", done, s.Votes), Num: true}})
	}
	return small(v.cols("-step", "-role", "#-votes"), steps, "")
}

func (v *visit) voteMoments(r approval.Request) []Moment {
	var votes []Moment
	for _, vote := range r.Votes {
		said := vote.Reason
		if vote.Amount.Positive() && (vote.Amount != r.Amount || vote.Round != r.Round) {
			said = v.T("web.vote_about", map[string]any{"round": vote.Round, "amount": amount(vote.Amount)}) + " " + said
		}
		votes = append(votes, Moment{When: v.time(vote.At), Title: v.E("verdict", string(vote.Verdict)), Text: said, Who: vote.UserName,
			Tone: map[approval.Verdict]Tone{approval.Approve: Good, approval.Reject: Bad, approval.Return: Warn}[vote.Verdict]})
	}
	return votes
}

// voteForm takes the vote of who may vote now; nothing for anybody else.
func (v *visit) voteForm(r approval.Request) (templ.Component, error) {
	if !r.MayDecide {
		return templ.NopComponent, nil
	}
	verdicts := []string{"approve", "return", "reject"}
	fields := []Field{{Name: "verdict", Kind: "choice", Required: true}, version(r.Version)}
	if !r.Until.IsZero() {
		fields = append(fields, Field{Name: "amount", Label: v.L("granted"), Kind: "money", Value: r.Granted.Decimal(), Currency: string(r.Granted.Currency), Help: v.T("web.granted_help", map[string]any{"asked": amount(r.Amount)})},
			Field{Name: "valid_until", Label: v.L("granted_until"), Kind: "date", Value: string(r.GrantedUntil), Help: v.T("web.granted_until_help", map[string]any{"asked": string(r.Until)})},
			Field{Name: "conditions", Kind: "long", Value: r.Conditions, Help: v.T("web.conditions_help"), Wide: true})
	} else if r.Kind == assessment.Kind {
		verdicts = []string{"approve", "reject"}
	}
	fields[0].Choices = v.choices("verdict", verdicts...)
	fields = append(fields, Field{Name: "reason", Label: v.L("vote_reason"), Kind: "long", Wide: true, Help: v.T("web.reject_reason")})
	f, err := v.form(formOf{name: "vote", op: decides[r.Kind], fixed: map[string]any{"request_id": r.ID}, fields: fields, submit: v.T("web.decide"),
		done: func(any) (string, string) { return "/approvals/" + r.ID, "decided" }})
	if err != nil || f == nil {
		return nil, err
	}
	return boxedOr(v.T("web.my_vote"), v.can(decides[r.Kind].Name()), f), nil
}

// amendForm lets the applicant answer a question or change what he asked for, as long as it is not decided.
func (v *visit) amendForm(r approval.Request) (templ.Component, error) {
	if r.Kind != limit.Kind || r.AskedBy != v.Actor.ID || !v.can(limit.Amend.Name()) || r.Status != approval.Waiting && r.Status != approval.Returned {
		return templ.NopComponent, nil
	}
	f, err := v.form(formOf{name: "amend", op: limit.Amend, fixed: map[string]any{"request_id": r.ID}, submit: v.T("web.resubmit"), fields: []Field{version(r.Version),
		{Name: "amount", Kind: "money", Value: r.Amount.Decimal(), Currency: string(r.Amount.Currency), Required: true}, {Name: "valid_until", Kind: "date", Value: string(r.Until), Required: true},
		{Name: "reason", Kind: "long", Value: r.Reason, Required: true, Wide: true, Help: v.T("web.amend_help")}},
		done: func(any) (string, string) { return "/approvals/" + r.ID, "amended" }})
	if err != nil || f == nil {
		return nil, err
	}
	if r.Status == approval.Returned {
		question := r.Votes[len(r.Votes)-1]
		return stack(notice(v.T("web.question", map[string]any{"who": question.UserName, "text": question.Reason}), Warn), boxed(v.T("web.amend"), f)), nil
	}
	return boxed("", folded(v.T("web.amend"), f)), nil
}

// previousDecisions are the other requests about the customer, newest first.
func (v *visit) previousDecisions(r approval.Request) (templ.Component, error) {
	box, err := read(v, approval.List, approval.ListInput{CustomerID: r.CustomerID, Limit: 12})
	if err != nil {
		return nil, err
	}
	var rows [][]Cell
	for _, other := range box.Requests {
		if other.ID == r.ID {
			continue
		}
		said := Cell{Wide: true}
		if n := len(other.Votes); n > 0 {
			said.Text, said.Sub = other.Votes[n-1].Reason, other.Votes[n-1].UserName
		}
		if other.Conditions != "" {
			said.Sub += " " + v.T("web.under_conditions", map[string]any{"conditions": other.Conditions})
		}
		rows = append(rows, []Cell{{Text: v.time(other.AskedAt), Href: "/approvals/" + other.ID, Sub: v.E("approval_kind", other.Kind)}, {Text: amount(other.Amount), Num: true}, {Text: amount(other.Granted), Num: true},
			{Text: v.E("approval", string(other.Status)), Tone: approvalTone(other.Status)}, said})
	}
	return boxed(v.T("web.previous_decisions"), table(v.Page, small(v.cols("-asked_at", "#-asked", "#-granted", "-status", "-vote_reason"), rows, v.T("web.no_previous")))), nil
}

// decides says which operation votes on a kind of request.
var decides = map[string]operation.Any{limit.Kind: limit.Decide, assessment.Kind: assessment.DecideCard, ordercheck.Kind: ordercheck.DecideRelease, screening.Kind: screening.Agree}
