package sample

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

// loader is who sets the sample up, before anybody can sign in.
var loader = operation.System("sample portfolio")

const (
	keyOfStart = "sample/start"
	keyOfEnd   = "sample/end"
	atOnce     = 16 // customers whose histories are written side by side: they share commits
	checked    = 28 // the last days, in which orders go through the order check day by day
)

// Start is what a sample was made with.
type Start struct {
	Seed      uint64     `json:"seed"`
	Today     clock.Date `json:"today"`
	Companies int        `json:"companies"`
}

type nothing struct{}

// Begin notes what the sample is made with, and gives what it was first begun with: a load that was interrupted goes on
// with that portfolio, though it be another day.
func Begin(ctx context.Context, runner *operation.Runner, s Start) (Start, error) {
	begin := operation.New("sample.begin", func(context.Context, *operation.Tx, nothing) (Start, error) { return s, nil })
	return operation.Run(ctx, runner, call(loader, keyOfStart), begin, nothing{})
}

func call(a operation.Actor, key string) operation.Call {
	return operation.Call{Actor: a, Key: key, Door: "sample"}
}

// load is a running Load.
type load struct {
	runner *operation.Runner
	zone   *time.Location
	people map[string]operation.Actor
}

// Load writes the portfolio through the product's operations, in the order of its dates and by the people of the
// sample, into an installation that nobody has set up yet. Every operation has an idempotency key, so that loading again
// after an interruption goes on where it stopped, and loading what is loaded changes nothing.
//
// It must be done before the background work starts: a daily round in the middle would see invoices whose payments are
// still to come. progress (nil = none) is told how many periods are done, of how many, and the last day of the one begun.
func Load(ctx context.Context, runner *operation.Runner, p Portfolio, progress func(done, total int, what string)) error {
	if done, err := Loaded(ctx, runner.DB); err != nil || done {
		return err
	}
	l := &load{runner: runner, zone: cmp.Or(runner.Zone, time.UTC)}
	if err := l.sign(ctx, p); err != nil {
		return err
	}
	periods := l.periods(p)
	for i, period := range periods {
		if progress != nil {
			progress(i, len(periods), string(period.to))
		}
		if err := l.period(ctx, period); err != nil {
			return fmt.Errorf("%s to %s: %w", period.from, period.to, err)
		}
	}
	end := operation.New("sample.end", func(context.Context, *operation.Tx, nothing) (nothing, error) { return nothing{}, nil })
	_, err := operation.Run(ctx, runner, call(loader, keyOfEnd), end, nothing{})
	if err == nil && progress != nil {
		progress(len(periods), len(periods), string(p.Today))
	}
	return err
}

// at gives the runner as it stood at a time of a day of the past.
func (l *load) at(day clock.Date, hour, minute int) *operation.Runner {
	t := day.Time()
	then := *l.runner
	then.Clock = clock.Fixed(time.Date(t.Year(), t.Month(), t.Day(), hour, minute, 0, 0, l.zone))
	return &then
}

// sign sets the installation up and creates the people. Their passwords are hashed side by side: that is slow on
// purpose.
func (l *load) sign(ctx context.Context, p Portfolio) error {
	l.people = map[string]operation.Actor{}
	opening := l.at(p.Today.AddMonths(-historyMonths).AddDays(-30), 9, 0)
	admin, err := operation.Run(ctx, opening, call(loader, "sample/setup"), access.Setup,
		access.SetUp{Login: p.Users[0].Login, Name: p.Users[0].Name, Password: access.Secret(Password)})
	if err != nil {
		return err
	}
	l.people[administrator] = admin.Actor()
	for _, t := range p.Teams {
		if _, err := operation.Run(ctx, opening, call(admin.Actor(), "sample/team/"+t.ID), access.CreateTeam, access.NewTeam(t)); err != nil {
			return err
		}
	}
	var all sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	for _, u := range p.Users[1:] {
		g.Go(func() error {
			made, err := operation.Run(ctx, opening, call(admin.Actor(), "sample/user/"+u.Login), access.CreateUser,
				access.NewUser{ID: u.ID, Login: u.Login, Name: u.Name, Password: access.Secret(Password), TeamID: u.Team, Scope: u.Scope, Roles: u.Roles})
			all.Lock()
			defer all.Unlock()
			l.people[u.Login] = made.Actor()
			return err
		})
	}
	return g.Wait()
}

// period is a span of days, both included, with what happened in it.
type period struct {
	from, to  clock.Date
	histories [][]step // of each customer that has any, in the order of their dates
	orders    []booked
	feed      []receivable.Row // invoices before the payments of the same day
}

// periods cuts the portfolio into weeks, and its last weeks into days.
func (l *load) periods(p Portfolio) []period {
	first, last := p.Today, p.Today.AddDays(-1)
	steps := make([][]step, len(p.Companies))
	for i := range p.Companies {
		first = min(first, p.Companies[i].JoinedOn)
		steps[i] = l.steps(&p.Companies[i], last)
	}
	orders, feed := history(p)
	var all []period
	for from := first; from <= last; {
		to := from
		if from.AddDays(6) < last.AddDays(-checked) {
			to = from.AddDays(6)
		}
		w := period{from: from, to: to}
		for i := range steps {
			n := countUntil(steps[i], to, func(s step) clock.Date { return s.on })
			if n > 0 {
				w.histories = append(w.histories, steps[i][:n])
			}
			steps[i] = steps[i][n:]
		}
		n := countUntil(orders, to, func(b booked) clock.Date { return b.On })
		w.orders, orders = orders[:n], orders[n:]
		n = countUntil(feed, to, func(r receivable.Row) clock.Date { return r.Date })
		w.feed, feed = feed[:n], feed[n:]
		all = append(all, w)
		from = to.AddDays(1)
	}
	return all
}

// countUntil tells how many of the first ones, sorted by day, lie no later than a day.
func countUntil[T any](sorted []T, day clock.Date, on func(T) clock.Date) int {
	n, _ := slices.BinarySearchFunc(sorted, day.AddDays(1), func(t T, day clock.Date) int { return cmp.Compare(on(t), day) })
	return n
}

// history gives the delivered orders, and the invoices and payments as the accounts would feed them, by date.
func history(p Portfolio) (orders []booked, feed []receivable.Row) {
	for _, c := range p.Companies {
		for _, o := range c.Orders {
			if o.Invoice == nil {
				continue
			}
			orders = append(orders, booked{CustomerID: c.ID, Order: o})
			i := o.Invoice
			feed = append(feed, receivable.Row{Kind: "invoice", Customer: c.ID, Number: i.Number, Amount: i.Amount.Decimal(), Date: i.IssuedOn, DueOn: i.DueOn, Disputed: i.Disputed})
			for _, pay := range i.Payments {
				feed = append(feed, receivable.Row{Kind: "payment", Customer: c.ID, Number: pay.Number, Amount: pay.Amount.Decimal(), Date: pay.On, Invoice: i.Number})
			}
		}
	}
	slices.SortStableFunc(orders, func(a, b booked) int { return cmp.Compare(a.On, b.On) })
	slices.SortStableFunc(feed, func(a, b receivable.Row) int { return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Kind, b.Kind)) })
	return orders, feed
}

// booked is an order of before the order check, and whose it is.
type booked struct {
	CustomerID string
	Order
}

type bookedOrders struct{ Orders []booked }

// bookOrders books delivered orders as they were taken over from the order system: they were decided there, and hold
// nothing of the limit any more.
var bookOrders = operation.New("sample.book_orders", func(ctx context.Context, tx *operation.Tx, in bookedOrders) (nothing, error) {
	for _, b := range in.Orders {
		if err := receivable.Lock(ctx, tx, b.CustomerID); err != nil {
			return nothing{}, err
		}
		if _, err := receivable.PlaceOrder(ctx, tx, receivable.Order{CustomerID: b.CustomerID, Number: b.Number, Amount: b.Amount, OrderedOn: b.On, Status: receivable.OrderInvoiced}); err != nil {
			return nothing{}, err
		}
	}
	tx.Changed("sample.orders", string(in.Orders[0].On), nil, len(in.Orders)) // one entry for the batch
	return nothing{}, nil
})

// period writes a period: what people did, customers side by side; then what the accounts fed in the evening.
func (l *load) period(ctx context.Context, p period) error {
	g, inGroup := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, steps := range p.histories {
		g.Go(func() error {
			for _, s := range steps {
				if err := s.run(inGroup, l.at(s.on, 10, s.minute)); err != nil {
					return fmt.Errorf("%s on %s: %w", s.what, s.on, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	evening := l.at(p.to, 18, 30)
	if len(p.orders) > 0 {
		if _, err := operation.Run(ctx, evening, call(loader, "sample/orders/"+string(p.to)), bookOrders, bookedOrders{p.orders}); err != nil {
			return err
		}
	}
	for start := 0; start < len(p.feed); start += receivable.MostRows {
		rows := p.feed[start:min(start+receivable.MostRows, len(p.feed))]
		key := fmt.Sprintf("sample/feed/%s/%d", p.to, start)
		if _, err := operation.Run(ctx, evening, call(l.people["integrator"], key), receivable.Import, receivable.ImportInput{Rows: slices.Clone(rows)}); err != nil {
			return err
		}
	}
	return nil
}
