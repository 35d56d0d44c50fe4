package assessment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xinheng/xinheng/assessment/distress"
	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Assessment is one run of a scorecard on a customer, with all that led to it.
type Assessment struct {
	ID           string             `json:"id"`
	CustomerID   string             `json:"customer_id"`
	CustomerName string             `json:"customer_name,omitempty"`
	On           clock.Date         `json:"assessed_on"`
	Card         string             `json:"card"`
	CardVersion  int                `json:"card_version"`
	StatementID  string             `json:"statement_id,omitempty"` // empty = no annual statement
	Score        float64            `json:"score"`
	Grade        string             `json:"grade"`
	PD           float64            `json:"pd"`
	Recommended  money.Amount       `json:"recommended"`
	TermsDays    int                `json:"terms_days"`
	Outcome      *scorecard.Outcome `json:"outcome,omitempty"`
	Facts        scorecard.Facts    `json:"facts,omitempty"`
	Ratios       []ratio.Value      `json:"ratios,omitempty"`
	Models       []distress.Result  `json:"models,omitempty"`
	By           string             `json:"assessed_by"`
	At           time.Time          `json:"assessed_at"`
}

// Done is the topic of a finished assessment; payload: Assessment without its details.
const Done = "assessment.done"

// Run is the input of Assess.
type Run struct {
	CustomerID string `json:"customer_id"`
	Card       string `json:"card,omitempty"` // empty = the library's
}

// Validate reports every wrong field.
func (in *Run) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	return c.Err()
}

// Assess applies the card in force to what is known about the customer today. What is missing is treated as the card
// says and shown; it never stops the assessment.
var Assess = operation.New("assessment.run", func(ctx context.Context, tx *operation.Tx, in Run) (Assessment, error) {
	c, err := customer.ByID(ctx, tx, in.CustomerID)
	if err != nil {
		return Assessment{}, err
	}
	card, err := CardInForce(ctx, tx, in.Card)
	if err != nil {
		return Assessment{}, err
	}
	known, err := gather(ctx, tx, c, tx.Today)
	if err != nil {
		return Assessment{}, err
	}
	outcome := scorecard.Evaluate(card, known.facts, known.answers)
	recommended, err := money.Of(1, c.Currency).Scale(outcome.Limit.Amount * float64(pow10(c.Currency.Scale())))
	if err != nil {
		return Assessment{}, err
	}
	a := Assessment{ID: operation.NewID(), CustomerID: c.ID, CustomerName: c.Name, On: tx.Today, Card: card.Key, CardVersion: card.Version, StatementID: known.statementID,
		Score: outcome.Score, Grade: outcome.Grade, PD: outcome.PD, Recommended: recommended, TermsDays: outcome.TermsDays, Outcome: &outcome, Facts: known.facts,
		Ratios: known.ratios, Models: known.models, By: tx.Actor.Name, At: tx.Now}
	before, found, err := LatestFor(ctx, tx, c.ID)
	if err != nil {
		return Assessment{}, err
	}
	if err := insertAssessment(ctx, tx.Tx, a); err != nil {
		return Assessment{}, err
	}
	tx.About(c.ID)
	if found {
		tx.Changed("assessment", a.ID, brief(before), brief(a))
	} else {
		tx.Changed("assessment", a.ID, nil, brief(a))
	}
	tx.Publish(Done, c.ID, brief(a))
	return a, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Run) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Reconsider is the input of Rerun: what happened to whom.
type Reconsider struct {
	CustomerID string `json:"customer_id"`
	Serious    bool   `json:"serious"` // whether it can move a grade
}

// Rerun assesses a customer again after something serious, so that grade and suggested limit follow what happened. One
// that was never assessed stays so: an assessment by default answers would look like knowledge.
var Rerun = operation.New("assessment.rerun", func(ctx context.Context, tx *operation.Tx, in Reconsider) (Assessment, error) {
	before, found, err := LatestFor(ctx, tx, in.CustomerID)
	if err != nil || !found || !in.Serious {
		return Assessment{}, err
	}
	return Assess.Within(ctx, tx, Run{CustomerID: in.CustomerID, Card: before.Card})
}).Guard(func(ctx context.Context, tx *operation.Tx, in Reconsider) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// brief is the assessment without its details, for trail and events.
func brief(a Assessment) Assessment {
	a.Outcome, a.Facts, a.Ratios, a.Models = nil, nil, nil, nil
	return a
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// Answers is the input of AnswerQuestionnaire: the questions that are answered now; the others stay as they are.
type Answers struct {
	CustomerID string             `json:"customer_id"`
	Card       string             `json:"card,omitempty"`
	Answers    []scorecard.Answer `json:"answers"`
}

// Validate reports every wrong field that needs no look at the card.
func (in *Answers) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.That(len(in.Answers) > 0, "answers", "fault.required", nil)
	for i, a := range in.Answers {
		c.Required(fmt.Sprintf("answers[%d].question", i), a.Question)
		c.Length(fmt.Sprintf("answers[%d].evidence", i), a.Evidence, 2000)
	}
	return c.Err()
}

// AnswerQuestionnaire keeps answers of the non-financial questionnaire. A question that wants evidence is not answered
// without.
var AnswerQuestionnaire = operation.New("assessment.answer", func(ctx context.Context, tx *operation.Tx, in Answers) ([]Answered, error) {
	card, err := CardInForce(ctx, tx, in.Card)
	if err != nil {
		return nil, err
	}
	var check fault.Check
	for i, a := range in.Answers {
		checkAnswer(&check, fmt.Sprintf("answers[%d].", i), card, a)
	}
	if err := check.Err(); err != nil {
		return nil, err
	}
	before, err := answersOf(ctx, tx, in.CustomerID)
	if err != nil {
		return nil, err
	}
	for _, a := range in.Answers {
		if err := putAnswer(ctx, tx.Tx, in.CustomerID, Answered{Answer: a, By: tx.Actor.Name, At: tx.Now}); err != nil {
			return nil, err
		}
	}
	tx.About(in.CustomerID)
	tx.Changed("questionnaire", in.CustomerID, before, in.Answers)
	return answersOf(ctx, tx, in.CustomerID)
}).Guard(func(ctx context.Context, tx *operation.Tx, in Answers) error {
	return customer.Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Answered is a kept answer.
type Answered struct {
	scorecard.Answer
	By string    `json:"answered_by"`
	At time.Time `json:"answered_at"`
}

func checkAnswer(c *fault.Check, at string, card scorecard.Card, a scorecard.Answer) {
	for _, q := range card.Questions {
		if q.Key != a.Question {
			continue
		}
		var choices []string
		for _, choice := range q.Choices {
			choices = append(choices, choice.Key)
		}
		c.OneOf(at+"choice", a.Choice, choices...)
		c.That(!q.Evidence || strings.TrimSpace(a.Evidence) != "", at+"evidence", "assessment.evidence", nil)
		return
	}
	c.Add(at+"question", "assessment.question_unknown", fault.Args{"question": a.Question})
}
