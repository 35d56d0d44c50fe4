package app

import (
	"context"
	"time"

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

// DailyRound puts approved limits in force on their first day, ends limits and reservations whose last day has passed, and
// tells the event log what is overdue and that a day has passed, so that rules notice silence; it fetches the watch lists
// whose time has come.
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
	if err := screening.FetchDue(ctx, a.Runner, call); err != nil {
		return err
	}
	return a.tellDay(ctx)
}
