package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/app/real"
	"github.com/xinheng/xinheng/app/sample"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/operation"
)

type demoCommand struct {
	place
	Listen    string `help:"Address to listen on." default:"127.0.0.1:8080"`
	Companies int    `help:"How many companies the sample portfolio has." default:"300"`
	Seed      uint64 `help:"Seed of the sample portfolio: the same seed and day give the same companies." default:"2026"`
	LoadOnly  bool   `help:"Load and stop, without serving."`
	Real      string `help:"Folder of published data to load instead: 2,579 companies, judged in June 2018." type:"existingdir"`
}

// Run serves an installation with the sample portfolio of invented companies, loading it when the data directory is new;
// an interrupted load goes on where it was.
func (c demoCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	if c.Real != "" {
		return c.published(ctx, log)
	}
	a, err := app.OpenServer(ctx, c.options(log))
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

// published serves the published portfolio under a clock that goes on from the day of its judgement.
func (c demoCommand) published(ctx context.Context, log *slog.Logger) (err error) {
	began, base := time.Now(), real.Judged.Time().Add(2*time.Hour)
	now := func() time.Time { return base.Add(time.Since(began)) }
	a, err := app.OpenServer(ctx, app.Options{Data: c.Data, DB: c.DB, Log: log, Clock: func() time.Time { return now() }})
	if err != nil {
		return err
	}
	defer func() { err = first(err, a.Close()) }()
	fresh, err := a.Door.Empty(ctx)
	if err != nil {
		return err
	}
	if fresh {
		later := now
		sum, err := real.Load(ctx, a, real.Options{Dir: c.Real, Set: func(t time.Time) { now = func() time.Time { return t } }, Progress: func(what string) { log.Info(what) }})
		if err != nil {
			return err
		}
		now = later
		if err := print(sum); err != nil {
			return err
		}
		for _, u := range real.Users(sample.Password) {
			if _, err := operation.Run(ctx, a.Runner, operation.Call{Actor: operation.System("demo"), Door: "cli"}, access.CreateUser, u); err != nil {
				return err
			}
		}
	}
	if c.LoadOnly {
		return nil
	}
	fmt.Fprintf(os.Stderr, "\n  信衡 Xinheng   http://%s   manager, analyst, committee1, committee2, admin: %q\n\n", c.Listen, sample.Password)
	a.Start(ctx)
	return serve(ctx, log, a, c.Listen)
}
