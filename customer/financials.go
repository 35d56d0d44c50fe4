package customer

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// Financial is a stored version of a period's statements (财务报表). Corrections are new versions; the old ones stay.
type Financial struct {
	ID         string `json:"id"`
	CustomerID string `json:"customer_id"`
	statement.Statement
	Kind      statement.Kind    `json:"kind"`
	Breaks    []statement.Break `json:"breaks"` // the identities that do not hold
	Source    string            `json:"source"` // the file or system it came from
	Reason    string            `json:"reason,omitempty"`
	EnteredBy string            `json:"entered_by"`
	EnteredAt time.Time         `json:"entered_at"`
	Version   int64             `json:"version"`
}

// NewStatements is the input of EnterStatements: any number of periods of one customer, all or none of which are kept.
type NewStatements struct {
	CustomerID string                `json:"customer_id"`
	Source     string                `json:"source"`
	Statements []statement.Statement `json:"statements"`
	// AcceptBreaks keeps statements whose assets differ from liabilities plus equity, as some published ones do; the
	// reason is then required and stays with them.
	AcceptBreaks bool   `json:"accept_breaks,omitempty"`
	Reason       string `json:"reason,omitempty"`
}

const mostStatements = 200

// Validate reports every wrong field.
func (in *NewStatements) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.Required("source", in.Source)
	c.Length("source", in.Source, 300)
	c.Length("reason", in.Reason, 500)
	c.That(len(in.Statements) > 0, "statements", "fault.required", nil)
	c.That(len(in.Statements) <= mostStatements, "statements", "fault.too_many", fault.Args{"most": mostStatements})
	if in.AcceptBreaks {
		c.Required("reason", in.Reason)
	}
	seen := map[string]bool{}
	for i := range in.Statements {
		at, s := fmt.Sprintf("statements[%d].", i), &in.Statements[i]
		checkStatement(&c, at, s)
		key := fmt.Sprint(s.Period, s.Consolidated)
		c.That(!seen[key], at+"period", "statement.period_twice", fault.Args{"period": string(s.Period)})
		seen[key] = true
	}
	return c.Err()
}

func checkStatement(c *fault.Check, at string, s *statement.Statement) {
	if s.Currency == "" {
		s.Currency = money.CNY
	}
	if s.Unit == 0 {
		s.Unit = 1
	}
	c.That(s.Period.Valid(), at+"period", "fault.not_date", fault.Args{"text": string(s.Period)})
	c.That(s.Currency.Valid(), at+"currency", "money.currency_unknown", fault.Args{"code": string(s.Currency)})
	c.That(s.Unit == 1 || s.Unit == 1_000 || s.Unit == 10_000 || s.Unit == 1_000_000 || s.Unit == 100_000_000, at+"unit", "statement.unit", nil)
	c.That(len(s.Values) > 0, at+"values", "fault.required", nil)
	for item := range s.Values {
		_, known := statement.Find(item)
		c.That(known, at+"values."+string(item), "statement.item_unknown", fault.Args{"label": string(item)})
	}
}

// EnterStatements keeps statements of a customer, whether typed or read from a file. A balance sheet whose assets are
// not liabilities plus equity is refused, with the lines and the difference, unless breaks are accepted for a reason;
// the other identities that do not hold are kept with the statement and shown. A period that stands with the same
// figures is left alone; with others it gets a new version.
var EnterStatements = operation.New("statement.enter", func(ctx context.Context, tx *operation.Tx, in NewStatements) ([]Financial, error) {
	var check fault.Check
	entered := make([]Financial, 0, len(in.Statements))
	for i, s := range in.Statements {
		at := fmt.Sprintf("statements[%d].", i)
		check.That(s.Period <= tx.Today, at+"period", "statement.in_future", fault.Args{"period": string(s.Period)})
		f := Financial{ID: operation.NewID(), CustomerID: in.CustomerID, Statement: s, Kind: s.Kind(), Breaks: statement.Check(s), Source: in.Source,
			EnteredBy: tx.Actor.Name, EnteredAt: tx.Now}
		if n := f.HardBreaks(); n > 0 && in.AcceptBreaks {
			f.Reason = in.Reason
		} else if n > 0 {
			for _, b := range f.Breaks {
				if b.Hard {
					field := b.Fault()
					check.Add(at+field.Path, field.Key, field.Args)
				}
			}
		}
		entered = append(entered, f)
	}
	if err := check.Err(); err != nil {
		return nil, err
	}
	standing, err := StatementsOf(ctx, tx, in.CustomerID, mostStatements)
	if err != nil {
		return nil, err
	}
	var added []Financial
	for i := range entered {
		before := same(standing, entered[i])
		if before != nil && equal(*before, entered[i]) {
			entered[i] = *before
			continue
		}
		if entered[i].Version = 1; before != nil {
			entered[i].Version = before.Version + 1
		}
		added = append(added, entered[i])
		standing = append([]Financial{entered[i]}, standing...)
		tx.Changed("statement", entered[i].ID, summary(before), summary(&entered[i]))
	}
	if len(added) == 0 {
		return entered, nil
	}
	tx.About(in.CustomerID)
	tx.Publish(StatementsEntered, in.CustomerID, in.CustomerID)
	return entered, insertFinancials(ctx, tx.Tx, added)
}).Guard(func(ctx context.Context, tx *operation.Tx, in NewStatements) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

// HardBreaks counts the broken identities that define a balance sheet.
func (f Financial) HardBreaks() int {
	n := 0
	for _, b := range f.Breaks {
		if b.Hard {
			n++
		}
	}
	return n
}

func same(standing []Financial, f Financial) *Financial {
	for i := range standing {
		if standing[i].Period == f.Period && standing[i].Consolidated == f.Consolidated {
			return &standing[i]
		}
	}
	return nil
}

func equal(a, b Financial) bool {
	return a.Currency == b.Currency && a.Unit == b.Unit && a.Audited == b.Audited && maps.Equal(a.Values, b.Values)
}

// summary is what the audit trail keeps: the figures themselves stay in their versions.
func summary(f *Financial) any {
	if f == nil {
		return nil
	}
	total, _ := f.Money("total_assets")
	return map[string]any{"period": f.Period, "version": f.Version, "audited": f.Audited, "lines": len(f.Values), "total_assets": total,
		"breaks": len(f.Breaks), "source": f.Source, "reason": f.Reason}
}
