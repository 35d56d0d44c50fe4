package app

import (
	"context"
	"io/fs"
	"path/filepath"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// ImportSource says where imported statements come from, and for which reason those that do not balance are kept (empty
// = they are refused).
type ImportSource struct{ Name, AcceptBreaks string }

// Source makes an ImportSource of a path.
func Source(path, acceptBreaks string) ImportSource {
	return ImportSource{Name: filepath.Base(path), AcceptBreaks: acceptBreaks}
}

// Imported counts what an import did.
type Imported struct {
	Companies  int `json:"companies"`
	Statements int `json:"statements"`
	Refused    int `json:"refused"` // companies
}

// Plus sums two counts.
func (i Imported) Plus(other Imported) Imported {
	return Imported{Companies: i.Companies + other.Companies, Statements: i.Statements + other.Statements, Refused: i.Refused + other.Refused}
}

// ImportStatements imports the files of a layout, a company in a transaction of its own. Companies are found by their
// code as external reference, USCC or name. refused is told what was not taken; the import goes on with the next.
func (a *App) ImportStatements(ctx context.Context, call operation.Call, layoutName string, files fs.FS, source ImportSource, refused func(code string, err error)) (Imported, error) {
	layout, err := statement.LayoutByName(layoutName)
	if err != nil {
		return Imported{}, err
	}
	var done Imported
	err = layout.Read(files, func(c statement.Company) error {
		done.Companies++
		err := c.Err
		if err == nil {
			err = a.enter(ctx, call, c, source)
		}
		if err == nil {
			done.Statements += len(c.Statements)
			return nil
		}
		if fault.KindOf(err) == fault.KindInternal {
			return err
		}
		done.Refused++
		refused(c.Code, err)
		return ctx.Err()
	})
	return done, err
}

func (a *App) enter(ctx context.Context, call operation.Call, c statement.Company, source ImportSource) error {
	id, err := customer.Resolve(ctx, a.DB, c.Code)
	if err != nil {
		return err
	}
	const most = 200
	for start := 0; start < len(c.Statements); start += most {
		in := customer.NewStatements{CustomerID: id, Source: source.Name, Statements: c.Statements[start:min(start+most, len(c.Statements))],
			AcceptBreaks: source.AcceptBreaks != "", Reason: source.AcceptBreaks}
		if _, err := operation.Run(ctx, a.Runner, call, customer.EnterStatements, in); err != nil {
			return err
		}
	}
	return nil
}
