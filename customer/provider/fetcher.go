package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/document"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Fetcher asks the providers in the background, outside of any transaction.
type Fetcher struct {
	Runner  *operation.Runner
	Store   func() document.Store // where answers are kept as evidence
	Dir     string                // holds the folders secrets and drop
	Log     *slog.Logger
	BreakIn time.Duration // how long a provider that keeps failing is left alone; 0 = a minute

	mu    sync.Mutex
	lines map[string]*line
	wake  chan struct{}
	once  sync.Once
}

// line is a provider as it is running now: what is remembered between calls and does not survive a restart.
type line struct {
	cfg     Config
	m       *Mapping
	p       Provider
	pace    *rate.Limiter
	breaker *gobreaker.CircuitBreaker[Answer]
	until   clock.Date // the day whose quota is used up
	mu      sync.Mutex // one call at a time
}

const (
	breakAfter  = 5 // failures in a row
	usualBreak  = time.Minute
	roundJobs   = 20 // of a provider a round
	atOnce      = 4  // providers
	idle        = time.Second
	scanFolders = time.Minute
	lease       = 10 * time.Minute // longer than a fetch may take; then the process that had it is dead
	mostFetch   = 5 * time.Minute
)

// lineOf gives the provider's line, made anew when its configuration changed.
func (f *Fetcher) lineOf(cfg Config) (*line, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l := f.lines[cfg.Key]; l != nil && l.cfg.Version == cfg.Version {
		return l, nil
	}
	m, err := ReadMapping(cfg.Mapping)
	if err != nil {
		return nil, err
	}
	l := &line{cfg: cfg, m: m}
	if m.Rate > 0 {
		l.pace = rate.NewLimiter(rate.Every(time.Minute/time.Duration(m.Rate)), max(1, m.Rate/10))
	}
	if m.Drop != nil {
		l.p = dropFolder{key: cfg.Key, m: m, dir: f.folder(cfg.Key)}
	} else {
		s := newService(cfg.Key, m, cfg.AllowedHosts, Secrets{Dir: filepath.Join(f.Dir, "secrets")}, f.Runner.Clock)
		s.pace = l.pace
		l.p = s
	}
	rest := f.BreakIn
	if rest == 0 {
		rest = usualBreak
	}
	l.breaker = gobreaker.NewCircuitBreaker[Answer](gobreaker.Settings{Name: cfg.Key, MaxRequests: 1, Timeout: rest,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakAfter },
		// What the provider answers well, and what is our own mistake, says nothing against it.
		IsSuccessful: func(err error) bool { return err == nil || !outcomeOf(err).Retry },
		OnStateChange: func(name string, from, to gobreaker.State) {
			f.Log.Warn("provider", "provider", name, "was", from.String(), "is", to.String())
		}})
	if f.lines == nil {
		f.lines = map[string]*line{}
	}
	f.lines[cfg.Key] = l
	return l, nil
}

// Resting tells whether a provider is left alone for now because it kept failing.
func (f *Fetcher) Resting(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.lines[key]
	return l != nil && l.breaker.State() == gobreaker.StateOpen
}

// Wake makes Run look at once.
func (f *Fetcher) Wake() {
	select {
	case f.woken() <- struct{}{}:
	default:
	}
}

func (f *Fetcher) woken() chan struct{} {
	f.once.Do(func() { f.wake = make(chan struct{}, 1) })
	return f.wake
}

// Run fetches what is due until ctx ends, and looks for partners' files once a minute.
func (f *Fetcher) Run(ctx context.Context) {
	tick, files := time.NewTicker(idle), time.NewTicker(scanFolders)
	defer tick.Stop()
	defer files.Stop()
	for {
		if _, err := f.Round(ctx); err != nil && ctx.Err() == nil {
			f.Log.Error("providers", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-f.woken():
		case <-files.C:
			if err := f.TakeFiles(ctx); err != nil && ctx.Err() == nil {
				f.Log.Error("partners' files", "err", err)
			}
		}
	}
}

func (f *Fetcher) call(name string) operation.Call {
	return operation.Call{Actor: operation.System(name), Door: "provider"}
}

// Round makes the next jobs of batches and fetches what is due; it tells how many jobs it handled.
func (f *Fetcher) Round(ctx context.Context) (int, error) {
	running, err := batches(ctx, f.Runner.DB, `b.status = 'running' ORDER BY b.created_at, b.id LIMIT 4`)
	if err != nil {
		return 0, err
	}
	for _, b := range running {
		if _, err := operation.Run(ctx, f.Runner, f.call("provider batches"), expand, BatchID{ID: b.ID}); err != nil {
			return 0, err
		}
	}
	all, err := configs(ctx, f.Runner.DB)
	if err != nil {
		return 0, err
	}
	var handled int
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, cfg := range all {
		if !cfg.Enabled {
			continue
		}
		group.Go(func() error {
			n, err := f.serve(ctx, cfg)
			mu.Lock()
			defer mu.Unlock()
			handled += n
			return err
		})
	}
	return handled, group.Wait()
}

// serve fetches a provider's due jobs, one after the other.
func (f *Fetcher) serve(ctx context.Context, cfg Config) (int, error) {
	l, err := f.lineOf(cfg)
	if err != nil {
		return 0, fmt.Errorf("provider %s: %w", cfg.Key, err)
	}
	due, err := dueJobs(ctx, f.Runner.DB, cfg.Key, f.Runner.Clock(), roundJobs)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, job := range due {
		if ctx.Err() != nil || l.breaker.State() == gobreaker.StateOpen || l.spent(f.today()) {
			break
		}
		took, err := f.fetch(ctx, l, begin{JobID: job.ID, Quota: l.m.Quota, Lease: lease})
		if err != nil {
			return done, err
		}
		if took {
			done++
		}
	}
	return done, nil
}

func (l *line) spent(today clock.Date) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until == today
}

func (f *Fetcher) today() clock.Date {
	now := f.Runner.Clock()
	if f.Runner.Zone != nil {
		now = now.In(f.Runner.Zone)
	}
	return clock.DateOf(now)
}

// fetch does one job; false means that it was not its turn.
func (f *Fetcher) fetch(ctx context.Context, l *line, in begin) (bool, error) {
	call := f.call("provider " + l.cfg.Key)
	b, err := operation.Run(ctx, f.Runner, call, beginCall, in)
	if err != nil {
		return false, err
	}
	if b.Exhausted {
		l.mu.Lock()
		l.until = f.today()
		l.mu.Unlock()
	}
	if b.Exhausted || b.Gone {
		return false, nil
	}
	end, _ := f.ask(ctx, l, b)
	if ctx.Err() != nil { // we are being stopped: the lease ends, and the job is done again
		return false, ctx.Err()
	}
	_, err = operation.Run(ctx, f.Runner, call, endCall, end)
	return true, err
}

// ask calls the provider and keeps what it answered.
func (f *Fetcher) ask(ctx context.Context, l *line, b begun) (ending, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	within, cancel := context.WithTimeout(ctx, mostFetch)
	defer cancel()
	a, err := l.breaker.Execute(func() (Answer, error) { return l.p.Fetch(within, b.Subject, b.Left) })
	end := ending{Call: b.Call, Job: b.Job, Facts: a.Facts, Config: l.cfg}
	k := &end.Call
	k.Calls, k.Billed, k.Status, k.TookMicros, k.SHA256, k.Bytes = a.Calls, a.Billed, a.Status, a.Took.Microseconds(), a.SHA256, int64(len(a.Raw))
	k.CostMinor = int64(a.Billed) * l.m.cost.Minor
	switch {
	case errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests):
		k.Outcome, k.Detail, end.Retry, err = Busy, "circuit", true, failed(Busy, true, "circuit")
	case err != nil:
		failure := outcomeOf(err)
		k.Outcome, k.Detail, end.Retry, end.After = failure.Outcome, clip(failure.Detail, 300), failure.Retry, failure.After
	case a.Found:
		k.Outcome = Done
	default:
		k.Outcome = NotFound
	}
	if len(a.Raw) > 0 {
		sum, _, putErr := f.Store().Put(ctx, bytes.NewReader(a.Raw))
		if putErr != nil { // facts without evidence are not taken over
			f.Log.Error("an answer could not be kept", "provider", l.cfg.Key, "err", putErr)
			k.Outcome, k.Detail, end.Retry, err = Unreachable, "evidence store", true, putErr
		} else {
			k.SHA256 = sum
		}
	}
	return end, err
}

// Trial is what a provider answered to a trial: facts as they are mapped, nothing of them kept in a file.
type Trial struct {
	Answer
	Outcome Outcome `json:"outcome"`
	Detail  string  `json:"detail,omitempty"`
}

// Try asks a provider for a company, as the administrator's trial. It counts and costs as every call does.
func (f *Fetcher) Try(ctx context.Context, call operation.Call, key string, of Subject) (Trial, error) {
	if !call.Actor.Can(Save.Name()) {
		return Trial{}, fault.Forbidden("fault.forbidden", fault.Args{"operation": Save.Name()})
	}
	cfg, found, err := configByKey(ctx, f.Runner.DB, key)
	if err != nil {
		return Trial{}, err
	}
	if !found {
		return Trial{}, fault.NotFound("provider", key)
	}
	l, err := f.lineOf(cfg)
	if err != nil {
		return Trial{}, err
	}
	system := f.call("trial by " + call.Actor.Name)
	b, err := operation.Run(ctx, f.Runner, system, beginCall, begin{Provider: key, By: call.Actor.Name, Quota: l.m.Quota, Subject: of})
	if err != nil {
		return Trial{}, err
	}
	if b.Exhausted {
		return Trial{}, fault.New(fault.KindBusy, "provider.quota_used", fault.Args{"quota": l.m.Quota})
	}
	end, failure := f.ask(ctx, l, b)
	if _, err := operation.Run(context.WithoutCancel(ctx), f.Runner, system, endCall, end); err != nil {
		return Trial{}, err
	}
	t := Trial{Answer: Answer{Facts: end.Facts, Calls: end.Call.Calls, Billed: end.Call.Billed, Status: end.Call.Status, Took: time.Duration(end.Call.TookMicros) * time.Microsecond,
		SHA256: end.Call.SHA256}, Outcome: end.Call.Outcome}
	if failure != nil {
		t.Detail, t.Facts = end.Call.Detail, Facts{}
	}
	return t, nil
}
