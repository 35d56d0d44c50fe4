package app

import (
	"context"
	"time"

	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/emergency"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening"
)

// schedule runs the daily round once at the start and then every hour: each job finds by itself what is due, so that
// running twice does nothing twice.
func (a *App) schedule(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := a.DailyRound(ctx); err != nil && ctx.Err() == nil {
			a.Log.Error("daily round", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// rescan has scanned what waits for the virus scanner, once a minute.
func (a *App) rescan(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if _, err := a.Documents.Rescan(ctx); err != nil && ctx.Err() == nil {
			a.Log.Error("scan of documents", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// DailyRound puts approved limits in force on their first day, ends limits and reservations whose last day has passed,
// judges files, fetches the watch lists whose time has come, and tells the event log what is overdue and that a day has
// passed, so that rules notice silence.
func (a *App) DailyRound(ctx context.Context) error {
	call := operation.Call{Actor: operation.System("schedule"), Door: "schedule"}
	if _, err := operation.Run(ctx, a.Runner, call, emergency.Seed, emergency.SeedInput{}); err != nil {
		return err
	}
	for {
		done, err := operation.Run(ctx, a.Runner, call, limit.Start, limit.StartInput{})
		if err != nil {
			return err
		}
		if len(done.Limits) == 0 {
			break
		}
	}
	for {
		done, err := operation.Run(ctx, a.Runner, call, limit.Expire, limit.ExpireInput{})
		if err != nil {
			return err
		}
		if len(done.Limits) == 0 {
			break
		}
	}
	for {
		done, err := operation.Run(ctx, a.Runner, call, ordercheck.Expire, ordercheck.ExpireInput{})
		if err != nil {
			return err
		}
		if len(done.Orders) == 0 {
			break
		}
	}
	if err := a.lookAtFiles(ctx, call); err != nil {
		return err
	}
	if err := a.regroup(ctx, call.Actor, "", true); err != nil {
		return err
	}
	if err := screening.FetchDue(ctx, a.Runner, call); err != nil {
		return err
	}
	return a.tellDay(ctx)
}

// filesEachRound bounds how many files a round looks at, so that a large import is worked off over some rounds.
const filesEachRound = 2000

// lookAtFiles judges the files that nothing has judged yet, and those that nobody looked at for a week: licences and
// verifications run out without anybody changing anything.
func (a *App) lookAtFiles(ctx context.Context, call operation.Call) error {
	ids, err := assessment.Unjudged(ctx, a.DB, a.Runner.Clock().AddDate(0, 0, -7), filesEachRound)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := operation.Run(ctx, a.Runner, call, assessment.JudgeFile, assessment.JudgeInput{CustomerID: id}); err != nil {
			return err
		}
	}
	return nil
}
