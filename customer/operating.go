package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Topic is a question about the customer's operations (经营情况) with its answers, best first, and the figures that may
// stand beside it (percentages, days or years as the name says).
type Topic struct {
	Key     string   `json:"key"`
	Answers []string `json:"answers"`
	Figures []string `json:"figures,omitempty"`
}

// Topics are what the file asks about operations. How concentrated buyers and suppliers are is told by Partners.
var Topics = []Topic{
	{"market_position", []string{"leading", "strong", "average", "weak", "declining"}, []string{"market_share_percent"}},
	{"competitiveness", []string{"strong", "average", "weak"}, []string{"gross_margin_percent"}},
	{"customer_relations", []string{"stable", "changing", "strained"}, []string{"years_of_dealing"}},
	{"payment_habits", []string{"prompt", "slightly_late", "often_late", "disputes"}, []string{"average_days_late"}},
	{"capacity", []string{"full", "normal", "low", "idle"}, []string{"utilisation_percent"}},
}

// OperatingAnswer is an answer with its evidence and date.
type OperatingAnswer struct {
	Topic   string             `json:"topic"`
	Answer  string             `json:"answer"`
	Figures map[string]float64 `json:"figures,omitempty"`
	Note    string             `json:"note,omitempty"`
	By      string             `json:"answered_by,omitempty"`
	At      time.Time          `json:"answered_at"`
	Provenance
}

func (a OperatingAnswer) texts() map[string]string {
	all := map[string]string{"answer": a.Answer, "note": a.Note}
	for name, v := range a.Figures {
		all[name] = fmt.Sprint(v)
	}
	return all
}

// OperatingAnswers is the input of AnswerOperations: the topics answered now; the others stay as they are.
type OperatingAnswers struct {
	CustomerID string            `json:"customer_id"`
	Answers    []OperatingAnswer `json:"answers"`
}

// Validate reports every wrong field. An answer without evidence or date is none.
func (in *OperatingAnswers) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.That(len(in.Answers) > 0, "answers", "fault.required", nil)
	for i := range in.Answers {
		a, at := &in.Answers[i], fmt.Sprintf("answers[%d].", i)
		a.Provenance.check(&c, at)
		c.Required(at+"evidence", a.Evidence)
		c.Required(at+"as_of", string(a.AsOf))
		c.Length(at+"note", a.Note, 1000)
		n := slices.IndexFunc(Topics, func(t Topic) bool { return t.Key == a.Topic })
		if !c.That(n >= 0, at+"topic", "customer.topic_unknown", fault.Args{"topic": a.Topic}) {
			continue
		}
		c.OneOf(at+"answer", a.Answer, Topics[n].Answers...)
		for name, v := range a.Figures {
			c.That(slices.Contains(Topics[n].Figures, name), at+"figures."+name, "fault.unknown_field", nil)
			c.That(v >= 0 && (v <= 100 || !strings.HasSuffix(name, "_percent")), at+"figures."+name, "fault.range", fault.Args{"min": 0, "max": 100})
		}
	}
	return c.Err()
}

// AnswerOperations keeps answers about operations; earlier answers stay in the history.
var AnswerOperations = operation.New("customer.answer_operations", func(ctx context.Context, tx *operation.Tx, in OperatingAnswers) ([]OperatingAnswer, error) {
	known, err := operatingOf(ctx, tx, in.CustomerID)
	if err != nil {
		return nil, err
	}
	for _, a := range in.Answers {
		a.By, a.At = tx.Actor.Name, tx.Now
		before := map[string]string{}
		if n := slices.IndexFunc(known, func(k OperatingAnswer) bool { return k.Topic == a.Topic }); n >= 0 {
			before = known[n].texts()
		}
		if err := putOperating(ctx, tx.Tx, in.CustomerID, a); err != nil {
			return nil, err
		}
		if err := noteItem(ctx, tx, in.CustomerID, a.Topic, a.Provenance, before, a.texts()); err != nil {
			return nil, err
		}
	}
	tx.About(in.CustomerID)
	tx.Changed("customer.operations", in.CustomerID, known, in.Answers)
	tx.Publish(FileChanged, in.CustomerID, FileChange{CustomerID: in.CustomerID, What: "operations", At: tx.Now})
	return operatingOf(ctx, tx, in.CustomerID)
}).Guard(func(ctx context.Context, tx *operation.Tx, in OperatingAnswers) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Partner is one of the largest buyers or suppliers of the customer. Share is a percentage of its sales or purchases.
type Partner struct {
	ID    string  `json:"id,omitempty"`
	Side  string  `json:"side"` // buyer or supplier
	Name  string  `json:"name"`
	Share float64 `json:"share"`
	Provenance
}

// Partners is the input of SetPartners: all known ones of a side at once, so that their sum can be checked.
type Partners struct {
	CustomerID string    `json:"customer_id"`
	Side       string    `json:"side"`
	Partners   []Partner `json:"partners"`
	Provenance
}

// Validate reports every wrong field.
func (in *Partners) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.OneOf("side", in.Side, "buyer", "supplier")
	in.Provenance.check(&c, "")
	c.Required("as_of", string(in.AsOf))
	c.Required("source", in.Source)
	sum := 0.0
	for i, p := range in.Partners {
		at := fmt.Sprintf("partners[%d].", i)
		c.Required(at+"name", p.Name)
		c.Length(at+"name", p.Name, 200)
		c.That(p.Share > 0 && p.Share <= 100, at+"share", "fault.range", fault.Args{"min": 0, "max": 100})
		sum += p.Share
	}
	c.That(sum <= 100.005, "partners", "customer.shares_exceed", fault.Args{"sum": fmt.Sprintf("%.2f", sum)})
	return c.Err()
}

func partnerTexts(all []Partner) map[string]string {
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintf(&b, "%s %.2f%%\n", p.Name, p.Share)
	}
	return map[string]string{"partners": strings.TrimSpace(b.String())}
}

// SetPartners replaces the known buyers or suppliers.
var SetPartners = operation.New("customer.set_partners", func(ctx context.Context, tx *operation.Tx, in Partners) (Partners, error) {
	all, err := partnersOf(ctx, tx, in.CustomerID)
	if err != nil {
		return Partners{}, err
	}
	before := slices.DeleteFunc(all, func(p Partner) bool { return p.Side != in.Side })
	for i := range in.Partners {
		in.Partners[i].ID, in.Partners[i].Side, in.Partners[i].Provenance = operation.NewID(), in.Side, in.Provenance
	}
	slices.SortStableFunc(in.Partners, func(a, b Partner) int { return int(1e6*b.Share) - int(1e6*a.Share) })
	if err := replacePartners(ctx, tx.Tx, in); err != nil {
		return Partners{}, err
	}
	if err := noteItem(ctx, tx, in.CustomerID, in.Side, in.Provenance, partnerTexts(before), partnerTexts(in.Partners)); err != nil {
		return Partners{}, err
	}
	tx.About(in.CustomerID)
	tx.Changed("customer.partners", in.CustomerID, before, in.Partners)
	tx.Publish(FileChanged, in.CustomerID, FileChange{CustomerID: in.CustomerID, What: "partners", At: tx.Now})
	return in, nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Partners) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// Concentration is how much of sales or purchases the largest partners take, in per cent (集中度).
type Concentration struct {
	Known   int     `json:"known"`
	Largest float64 `json:"largest"`
	TopFive float64 `json:"top_five"`
}

// ConcentrationOf computes the concentration of a side.
func ConcentrationOf(all []Partner, side string) (c Concentration) {
	var shares []float64
	for _, p := range all {
		if p.Side == side {
			shares = append(shares, p.Share)
		}
	}
	slices.SortFunc(shares, func(a, b float64) int { return int(1e6*b) - int(1e6*a) })
	for i, s := range shares {
		if i == 0 {
			c.Largest = s
		}
		if i < 5 {
			c.TopFive += s
		}
	}
	c.Known = len(shares)
	return c
}
