// Command xinheng runs the customer risk management system and its tools. JSON goes to standard output, progress and
// logs to standard error; the exit code is 0 only when all is well.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/audit"
	"github.com/xinheng/xinheng/internal/i18n"
)

// version is set when a release is built.
var version = "dev"

type place struct {
	Data string `help:"Data directory: embedded database, event log, documents." default:"./data" env:"XINHENG_DATA"`
	DB   string `help:"Database address, postgres://… or sqlite:PATH; SQLite below the data directory when empty." env:"XINHENG_DB"`
}

func (p place) open(ctx context.Context, log *slog.Logger) (*app.App, error) {
	return app.Open(ctx, app.Options{Data: p.Data, DB: p.DB, Log: log})
}

type commands struct {
	Serve     serveCommand     `cmd:"" help:"Serve pages and API."`
	Demo      demoCommand      `cmd:"" help:"Serve an installation with a sample portfolio of invented companies."`
	Bench     benchCommand     `cmd:"" help:"Measure against a bare baseline of the same run."`
	Setup     setupCommand     `cmd:"" help:"Create the first administrator without a prompt."`
	Statement statementCommand `cmd:"" help:"Financial statements."`
	Screening screeningCommand `cmd:"" help:"Watch lists and names."`
	Audit     auditCommand     `cmd:"" help:"The audit trail."`
	Do        doCommand        `cmd:"" help:"Run an operation or read a view by its name, with a JSON input."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

type versionCommand struct{}

// Run prints what was built, from what, with what.
func (versionCommand) Run() error {
	built := map[string]string{"version": version}
	if info, ok := debug.ReadBuildInfo(); ok {
		built["go"] = info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.time" {
				built[s.Key] = s.Value
			}
		}
	}
	return print(built)
}

type auditCommand struct {
	Verify verifyCommand `cmd:"" help:"Verify the hash chain and name the first broken or missing entry."`
}

type verifyCommand struct {
	place
}

// Run verifies the chain; a broken one ends with exit code 1.
func (c verifyCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	a, err := c.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = first(err, a.Close()) }()
	report, err := audit.Verify(ctx, a.DB)
	if err != nil {
		return err
	}
	if err := print(report); err != nil {
		return err
	}
	if !report.OK {
		return fmt.Errorf("the audit trail is broken: %s", report.Broken)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func print(v any) error {
	e := json.NewEncoder(os.Stdout)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	var c commands
	parser := kong.Parse(&c, kong.Name("xinheng"), kong.Description("Xinheng 信衡: customer risk management."), kong.UsageOnError(),
		kong.Bind(log), kong.BindTo(ctx, (*context.Context)(nil)))
	err := parser.Run()
	stop()
	if err != nil {
		sentence, fields := i18n.Fault(i18n.Parse(os.Getenv("LANG")), err)
		fmt.Fprintln(os.Stderr, "xinheng:", sentence)
		for field, said := range fields {
			fmt.Fprintf(os.Stderr, "  %s: %s\n", field, said)
		}
		if fields == nil {
			fmt.Fprintln(os.Stderr, "  ", err)
		}
		os.Exit(1)
	}
}
