package main

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/assessment/distress"
	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/operation"
)

type statementCommand struct {
	Check  statementCheck  `cmd:"" help:"Check files with statements and compute ratios and models; one JSON line a company and date."`
	Import statementImport `cmd:"" help:"Import files with statements of customers that stand under their external reference."`
}

type statementFiles struct {
	Layout string `help:"Layout of the files: netease or template." default:"template"`
	Path   string `arg:"" help:"Folder of files or of ZIP archives, or one archive." type:"existingfile,existingdir"`
}

// each opens the folder, or one archive after another, as a file system.
func (f statementFiles) each(do func(fs.FS) error) error {
	info, err := os.Stat(f.Path)
	if err != nil {
		return err
	}
	archives := []string{f.Path}
	if info.IsDir() {
		if archives, err = filepath.Glob(filepath.Join(f.Path, "*.zip")); err != nil {
			return err
		}
		if len(archives) == 0 {
			return do(os.DirFS(f.Path))
		}
	}
	for _, name := range archives {
		if err := inArchive(name, do); err != nil {
			return err
		}
	}
	return nil
}

func inArchive(name string, do func(fs.FS) error) (err error) {
	z, err := zip.OpenReader(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() { err = first(err, z.Close()) }()
	return do(z)
}

type statementCheck struct {
	statementFiles
}

// checked is a line of the check's output.
type checked struct {
	Company string                     `json:"company"`
	Period  clock.Date                 `json:"period"`
	Items   map[statement.Item]float64 `json:"items"` // whole currency units
	Breaks  []checkedBreak             `json:"breaks"`
	Ratios  map[string]checkedValue    `json:"ratios"`
	Models  map[string]checkedValue    `json:"models"`
}

type checkedBreak struct {
	Identity   string  `json:"identity"`
	Difference float64 `json:"difference"`
}

type checkedValue struct {
	Value  *float64 `json:"value"`
	Zone   string   `json:"zone,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// Run prints what the files hold. Identity breaks are findings, not failures; a file that cannot be read is a failure,
// told after all others were done.
func (c statementCheck) Run(log *slog.Logger) (err error) {
	layout, err := statement.LayoutByName(c.Layout)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	wrong := 0
	print := func(company statement.Company) error {
		if company.Err != nil {
			wrong++
			told(log, company)
			return nil
		}
		for i, s := range company.Statements {
			if err := lines.Encode(check(company, i, s)); err != nil {
				return err
			}
		}
		return nil
	}
	err = c.each(func(files fs.FS) error { return layout.Read(files, print) })
	if err := first(err, out.Flush()); err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("%d companies could not be read", wrong)
	}
	return nil
}

func told(log *slog.Logger, company statement.Company) {
	sentence, fields := i18n.Fault(i18n.Parse(os.Getenv("LANG")), company.Err)
	log.Error(sentence, "company", company.Code, "cells", fields)
}

func check(company statement.Company, i int, s statement.Statement) checked {
	c := checked{Company: company.Code, Period: s.Period, Items: map[statement.Item]float64{}, Breaks: []checkedBreak{}, Ratios: map[string]checkedValue{}, Models: map[string]checkedValue{}}
	for item := range s.Values {
		c.Items[item], _ = s.Get(item)
	}
	for _, b := range statement.Check(s) {
		c.Breaks = append(c.Breaks, checkedBreak{b.Key, b.Difference.Float()})
	}
	var previous *statement.Statement
	for _, other := range company.Statements[i:] {
		if other.Period == s.Period.AddMonths(-12) {
			previous = &other
			break
		}
	}
	for _, v := range ratio.Compute(s, previous) {
		c.Ratios[v.Key] = checkedValue{Value: v.Value, Reason: v.Reason}
	}
	for _, m := range distress.Altman(s, nil) {
		c.Models[m.Model] = checkedValue{Value: m.Score, Zone: string(m.Zone), Reason: m.Reason}
	}
	return c
}

type statementImport struct {
	place
	statementFiles
	AcceptBreaks string `help:"Keep statements that do not balance, for this reason."`
}

// Run imports company by company, each as a whole; running it again changes nothing. What is refused is told, and the
// exit code is 1.
func (c statementImport) Run(ctx context.Context, log *slog.Logger) (err error) {
	a, err := c.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = first(err, a.Close()) }()
	var done app.Imported
	err = c.each(func(files fs.FS) error {
		part, err := a.ImportStatements(ctx, operation.Call{Actor: operation.System("command line"), Door: "cli"}, c.Layout, files, app.Source(c.Path, c.AcceptBreaks),
			func(code string, err error) { told(log, statement.Company{Code: code, Err: err}) })
		done = done.Plus(part)
		return err
	})
	if err != nil {
		return err
	}
	if err := print(done); err != nil {
		return err
	}
	if done.Refused > 0 {
		return fault.New(fault.KindInvalid, "statement.import_refused", fault.Args{"refused": done.Refused, "companies": done.Companies})
	}
	return nil
}
