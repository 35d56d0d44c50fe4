package assessment

import (
	"context"
	"strings"
	"time"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Kind is the kind of approval request that new card versions open.
const Kind = "scorecard"

// CardStatus is where a version of a card stands.
type CardStatus string

// The states of a card version.
const (
	CardRequested CardStatus = "requested"
	CardActive    CardStatus = "active"
	CardRejected  CardStatus = "rejected"
	CardReplaced  CardStatus = "replaced"
)

// CardVersion is a stored version of a scorecard. Document is its YAML.
type CardVersion struct {
	Key       string         `json:"key"`
	Version   int            `json:"version"`
	Document  string         `json:"document"`
	Card      scorecard.Card `json:"card"`
	Status    CardStatus     `json:"status"`
	Reason    string         `json:"reason"`
	CreatedBy string         `json:"created_by"`
	CreatedAt time.Time      `json:"created_at"`
	DecidedAt time.Time      `json:"decided_at"`
}

// SaveCard is the input of ProposeCard.
type SaveCard struct {
	Document string `json:"document"`
	Reason   string `json:"reason"`
}

// Validate reports every wrong place of the card.
func (in *SaveCard) Validate() error {
	var c fault.Check
	in.Reason = strings.TrimSpace(in.Reason)
	c.Required("reason", in.Reason)
	c.Length("document", in.Document, 200_000)
	_, err := scorecard.Parse([]byte(in.Document))
	c.Join("document.", err)
	return c.Err()
}

// ProposedCard is a card version and the approval that it waits for.
type ProposedCard struct {
	Card     CardVersion      `json:"card"`
	Approval approval.Request `json:"approval"`
}

// ProposeCard asks for a new version of a scorecard; it comes into force when somebody else approves it.
var ProposeCard = operation.New("assessment.save_card", func(ctx context.Context, tx *operation.Tx, in SaveCard) (ProposedCard, error) {
	card, err := scorecard.Parse([]byte(in.Document))
	if err != nil {
		return ProposedCard{}, err
	}
	newest, err := newestVersion(ctx, tx, card.Key)
	if err != nil {
		return ProposedCard{}, err
	}
	if card.Version <= newest {
		return ProposedCard{}, fault.Invalid("document.version", "assessment.card_version", fault.Args{"newest": newest})
	}
	v := CardVersion{Key: card.Key, Version: card.Version, Document: in.Document, Card: card, Status: CardRequested, Reason: in.Reason, CreatedBy: tx.Actor.Name, CreatedAt: tx.Now}
	if err := insertCard(ctx, tx.Tx, v); err != nil {
		return ProposedCard{}, err
	}
	request, err := approval.Open(ctx, tx, approval.Ask{Kind: Kind, Reference: reference(v), Title: card.ZH, Reason: in.Reason})
	tx.Changed("scorecard", reference(v), nil, map[string]any{"status": v.Status, "reason": v.Reason})
	return ProposedCard{Card: v, Approval: request}, err
})

// DecideCard is one person's vote on a card version; approved, it replaces the one in force.
var DecideCard = operation.New("assessment.decide_card", func(ctx context.Context, tx *operation.Tx, in approval.Decision) (ProposedCard, error) {
	request, err := approval.Decide(ctx, tx, Kind, in)
	if err != nil {
		return ProposedCard{}, err
	}
	v, err := cardByReference(ctx, tx, request.Reference)
	if err != nil || request.Status == approval.Waiting {
		return ProposedCard{Card: v, Approval: request}, err
	}
	if request.Status == approval.Returned {
		return ProposedCard{}, fault.Invalid("verdict", "approval.no_return", nil) // a new version is proposed instead
	}
	v.Status, v.DecidedAt = CardRejected, tx.Now
	if request.Status == approval.Approved {
		v.Status = CardActive
		if err := replaceActiveCard(ctx, tx.Tx, v.Key, tx.Now); err != nil {
			return ProposedCard{}, err
		}
	}
	tx.Changed("scorecard", reference(v), map[string]any{"status": CardRequested}, map[string]any{"status": v.Status})
	return ProposedCard{Card: v, Approval: request}, setCardStatus(ctx, tx.Tx, v)
})

// CardInForce gives the active version of a card; the library's when none was saved under its key (empty = "trade").
func CardInForce(ctx context.Context, q database.Querier, key string) (scorecard.Card, error) {
	library := scorecard.Default()
	if key == "" {
		key = library.Key
	}
	v, found, err := activeCard(ctx, q, key)
	switch {
	case err != nil:
		return scorecard.Card{}, err
	case found:
		return v.Card, nil
	case key == library.Key:
		return library, nil
	}
	return scorecard.Card{}, fault.NotFound("scorecard", key)
}
