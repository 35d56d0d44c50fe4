package app

import (
	"context"
	"sync"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/internal/outbox"
)

// regrouping lets one process derive groups once at a time: many changes are answered by one reading of the graph.
type regrouping struct{ sync.Mutex }

// regroup finds the groups anew after changes of ownership: it reads and computes outside of any transaction, and writes
// what differs in small ones. Without a change that is noted it does nothing, unless always.
func (a *App) regroup(ctx context.Context, actor operation.Actor, cause string, always bool) error {
	a.groups.Lock()
	defer a.groups.Unlock()
	pieces, err := customer.Groupings(ctx, a.DB, always)
	if err != nil {
		return err
	}
	for _, piece := range pieces {
		call := operation.Call{Actor: actor, Door: "reaction", Cause: cause}
		if _, err := operation.Run(ctx, a.Runner, call, customer.Regroup, piece); err != nil {
			return err
		}
	}
	return nil
}

// regroups handles a change of ownership.
func (a *App) regroups(ctx context.Context, d outbox.Delivery) error {
	return a.regroup(ctx, operation.System(d.Subscriber), d.Topic+" "+d.ID, false)
}
