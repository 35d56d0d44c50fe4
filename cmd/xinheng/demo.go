package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/app/sample"
	"github.com/xinheng/xinheng/internal/clock"
)

type demoCommand struct {
	place
	Listen    string `help:"Address to listen on." default:"127.0.0.1:8080"`
	Companies int    `help:"How many companies the sample portfolio has." default:"300"`
	Seed      uint64 `help:"Seed of the sample portfolio: the same seed and day give the same companies." default:"2026"`
	LoadOnly  bool   `help:"Load and stop, without serving."`
}

// Run serves an installation with the sample portfolio of invented companies, loading it when the data directory is new;
// an interrupted load goes on where it was.
func (c demoCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	a, err := app.OpenServer(ctx, app.Options{Data: c.Data, DB: c.DB, Log: log})
	if err != nil {
		return err
	}
	defer func() { err = first(err, a.Close()) }()
	if err := c.load(ctx, a); err != nil || c.LoadOnly {
		return err
	}
	fmt.Fprintf(os.Stderr, "\n  信衡 Xinheng   http://%s\n\n  样本登录 sample sign-ins, password %q:\n", c.Listen, sample.Password)
	for _, u := range sample.Make(c.Seed, clock.DateOf(time.Now()), 1).Users {
		fmt.Fprintf(os.Stderr, "    %-11s %s\n", u.Login, u.Name)
	}
	fmt.Fprintln(os.Stderr)
	a.Start(ctx)
	return serve(ctx, log, a, c.Listen)
}

func (c demoCommand) load(ctx context.Context, a *app.App) error {
	done, err := sample.Loaded(ctx, a.DB)
	if err != nil || done {
		return err
	}
	today := clock.DateOf(a.Runner.Clock().In(a.Runner.Zone))
	start, err := sample.Begin(ctx, a.Runner, sample.Start{Seed: c.Seed, Today: today, Companies: c.Companies})
	if err != nil {
		return err
	}
	began := time.Now()
	err = sample.Load(ctx, a.Runner, sample.Make(start.Seed, start.Today, start.Companies), func(done, total int, what string) {
		fmt.Fprintf(os.Stderr, "\r  样本数据 sample portfolio %3d%%  %s ", 100*done/max(1, total), what)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "\r  监控 watching the history…                        ")
	if err := a.Settle(ctx); err != nil {
		return err
	}
	if err := a.DailyRound(ctx); err != nil {
		return err
	}
	if err := a.Settle(ctx); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "\r  %d companies in %s                                        \n", start.Companies, time.Since(began).Round(time.Second))
	return nil
}
