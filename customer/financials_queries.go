package customer

import (
	"context"
	"slices"

	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// StatementsInput asks for a customer's statements: Periods is how many, newest first.
type StatementsInput struct {
	CustomerID string `json:"customer_id"`
	Periods    int    `json:"periods,omitempty"`
}

// Validate reports every wrong field.
func (in *StatementsInput) Validate() error {
	var c fault.Check
	c.Required("customer_id", in.CustomerID)
	c.That(in.Periods >= 0 && in.Periods <= mostStatements, "periods", "fault.range", fault.Args{"min": 1, "max": mostStatements})
	if in.Periods == 0 {
		in.Periods = 8
	}
	return c.Err()
}

// ListStatements shows the newest version of each period, newest period first.
var ListStatements = operation.NewView("statement.list", func(ctx context.Context, rd *operation.Reading, in StatementsInput) ([]Financial, error) {
	if err := Visible(ctx, rd, rd.Actor, in.CustomerID); err != nil {
		return nil, err
	}
	return StatementsOf(ctx, rd, in.CustomerID, in.Periods)
})

// ViewStatement shows one version of a period's statements.
var ViewStatement = operation.NewView("statement.view", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (Financial, error) {
	f, err := financialByID(ctx, rd, in.ID)
	if err != nil {
		return Financial{}, err
	}
	return f, Visible(ctx, rd, rd.Actor, f.CustomerID)
})

// StatementFile is a file with statements, read but not kept. Code picks the company where the layout's files hold
// several.
type StatementFile struct {
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

// Validate reports every wrong field.
func (in *StatementFile) Validate() error {
	var c fault.Check
	c.Required("name", in.Name)
	c.That(len(in.Content) > 0, "content", "fault.required", nil)
	return c.Err()
}

// Preview is what a file would bring, period by period, with the identities that do not hold.
type Preview struct {
	Statements []statement.Statement `json:"statements"`
	Breaks     [][]statement.Break   `json:"breaks"` // beside Statements
}

// PreviewStatements reads a workbook or CSV in the template layout without keeping anything; a file that cannot be read
// is a fault that names every wrong cell.
var PreviewStatements = operation.NewView("statement.preview", func(_ context.Context, _ *operation.Reading, in StatementFile) (Preview, error) {
	all, err := statement.ReadTemplate(in.Name, in.Content)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Statements: all}
	for _, s := range all {
		p.Breaks = append(p.Breaks, statement.Check(s))
	}
	return p, nil
})

// LatestAnnual gives the newest annual statement and the one of the year before, of the same kind (consolidated or
// not); nil where there is none.
func LatestAnnual(all []Financial) (current, previous *Financial) {
	i := slices.IndexFunc(all, func(f Financial) bool { return f.Kind == statement.Annual })
	if i < 0 {
		return nil, nil
	}
	return &all[i], YearBefore(all, all[i])
}

// YearBefore gives the statement twelve months before f, or nil.
func YearBefore(all []Financial, f Financial) *Financial {
	day := f.Period.AddMonths(-12)
	j := slices.IndexFunc(all, func(g Financial) bool {
		return g.Period == day && g.Consolidated == f.Consolidated && g.Currency == f.Currency
	})
	if j < 0 {
		return nil
	}
	return &all[j]
}
