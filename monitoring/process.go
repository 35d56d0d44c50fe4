package monitoring

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/eventlog"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring/rule"
)

// Books is the source of the events that our own books tell.
const Books = "books"

// Processor reads the event log, partition by partition, and applies what it holds: facts from outside to the books,
// everything else to the rules.
//
// A partition's batch changes windows, alerts and the last applied sequence in one transaction, so that a crash loses
// nothing and counts nothing twice; an event that was seen before (by source and id) is passed over.
type Processor struct {
	Runner *operation.Runner
	Events *eventlog.Log
	// Book applies an event from outside to the books, idempotently, in the name of who submitted it; a fault parks the event,
	// other errors are retried.
	Book func(ctx context.Context, e Submitted) error
	Log  *slog.Logger

	mu    sync.Mutex
	print string // of the rules that set was compiled from
	set   *rule.Set
	at    []place // by partition; each is touched by its own worker only
	lost  bool    // some partition began anew
}

// place is where a partition's worker stands: the sequence that it applied last, and the stored states of customers that
// it saw lately. They hold only while nobody else applied anything.
type place struct {
	seq    uint64
	states map[string][]byte
}

const (
	mostStates = 20_000 // a partition's
	restart    = 5 * time.Second
)

// Applied is what a batch of the log did.
type Applied struct {
	Events int `json:"events"`
	New    int `json:"new"`
	Alerts int `json:"alerts"`
	Parked int `json:"parked"`

	states map[string][]byte
}

// Parked is an event that could not be applied, with the reason.
type Parked struct {
	Event  string
	Reason string
}

// pile is a batch on its way into the database.
type pile struct {
	Partition int          `json:"partition"`
	Last      uint64       `json:"last"`
	Log       string       `json:"log"`
	Events    []rule.Event `json:"-"`
	Parked    []Parked     `json:"-"`
}

// Run works on all partitions until ctx ends.
func (p *Processor) Run(ctx context.Context) {
	var all sync.WaitGroup
	for partition := range p.Events.Partitions() {
		all.Go(func() {
			for ctx.Err() == nil {
				if err := p.follow(ctx, partition, nil); err != nil && ctx.Err() == nil {
					p.Log.Error("monitoring cannot read the event log; it tries again", "partition", partition, "pause", restart, "err", err)
					select {
					case <-ctx.Done():
					case <-time.After(restart):
					}
				}
			}
		})
	}
	all.Wait()
}

// CatchUp applies all that the log holds now and returns.
func (p *Processor) CatchUp(ctx context.Context) error {
	for partition := range p.Events.Partitions() {
		last, err := p.Events.Last(ctx, partition)
		if err != nil {
			return err
		}
		done, err := p.begin(ctx, partition)
		if err != nil {
			return err
		}
		if done >= last {
			continue
		}
		until, cancel := context.WithCancel(ctx)
		err = p.follow(until, partition, func(applied uint64) {
			if applied >= last {
				cancel()
			}
		})
		cancel()
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

func (p *Processor) follow(ctx context.Context, partition int, applied func(uint64)) error {
	after, err := p.begin(ctx, partition)
	if err != nil {
		return err
	}
	failed := func(err error) { p.Log.Error("monitoring", "partition", partition, "err", err) }
	return p.Events.Consume(ctx, partition, after, failed, func(ctx context.Context, b eventlog.Batch) error {
		if _, err := p.apply(context.WithoutCancel(ctx), b); err != nil {
			return err
		}
		if applied != nil {
			applied(b.Last)
		}
		return nil
	})
}

func (p *Processor) prepare() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at == nil {
		p.at = make([]place, p.Events.Partitions())
	}
}

func (p *Processor) apply(ctx context.Context, b eventlog.Batch) (Applied, error) {
	in := pile{Partition: b.Partition, Last: b.Last, Log: p.Events.Identity()}
	for _, seq := range b.Damaged {
		in.Parked = append(in.Parked, Parked{Event: fmt.Sprintf("sequence %d", seq), Reason: "the message is damaged"})
	}
	for _, raw := range b.Records {
		var s Submitted
		if err := json.Unmarshal(raw, &s); err != nil {
			in.Parked = append(in.Parked, Parked{Event: string(raw), Reason: err.Error()})
			continue
		}
		e := s.Event
		if kind, _ := rule.KindOf(e.Type); kind.Book && e.Source != Books {
			if err := p.Book(ctx, s); err != nil {
				if fault.KindOf(err) == fault.KindInternal || fault.KindOf(err) == fault.KindBusy {
					return Applied{}, err
				}
				in.Parked = append(in.Parked, Parked{Event: string(raw), Reason: err.Error()})
			}
			continue // the books tell it to the log, and the rules see it then
		}
		in.Events = append(in.Events, e)
	}
	process := operation.New("event.process", p.process)
	call := operation.Call{Actor: operation.System("monitoring"), Door: "log"}
	out, err := operation.Run(ctx, p.Runner, call, process, in)
	if err != nil {
		return Applied{}, err
	}
	here := &p.at[b.Partition]
	if here.states == nil || len(here.states) > mostStates {
		here.states = map[string][]byte{}
	}
	maps.Copy(here.states, out.states)
	here.seq = b.Last
	return out, nil
}

// process runs in the batch's transaction. States are read anew on each try, so that a retried transaction starts from
// what is stored.
func (p *Processor) process(ctx context.Context, tx *operation.Tx, in pile) (Applied, error) {
	stored, err := lockProgress(ctx, tx.Tx, in.Partition)
	if err != nil {
		return Applied{}, err
	}
	if stored.Log != in.Log {
		return Applied{}, fmt.Errorf("partition %d is applied from another event log: restart the program", in.Partition)
	}
	if stored.Seq >= in.Last {
		return Applied{}, nil // another process was quicker
	}
	set, err := p.rules(ctx, tx)
	if err != nil {
		return Applied{}, err
	}
	out := Applied{Events: len(in.Events), Parked: len(in.Parked)}
	// What no rule listens to changes nothing, so that seeing it twice does no harm.
	heard := slices.DeleteFunc(slices.Clone(in.Events), func(e rule.Event) bool { return !set.Listens(e.Type) })
	events, err := unseen(ctx, tx, heard)
	if err != nil {
		return Applied{}, err
	}
	out.New = len(events)
	cache := p.at[in.Partition].states
	if stored.Seq != p.at[in.Partition].seq {
		cache = nil
	}
	states, err := load(ctx, tx, cache, events)
	if err != nil {
		return Applied{}, err
	}
	for _, e := range events {
		for _, f := range set.Evaluate(states[e.CustomerID], e) {
			if _, err := Raise(ctx, tx, alertOf(f)); err != nil {
				return Applied{}, err
			}
			out.Alerts++
		}
	}
	out.states = make(map[string][]byte, len(states))
	for id, s := range states {
		out.states[id] = s.Marshal()
	}
	if err := putStates(ctx, tx.Tx, out.states); err != nil {
		return Applied{}, err
	}
	if err := park(ctx, tx.Tx, in.Parked, in.Partition, tx.Now); err != nil {
		return Applied{}, err
	}
	if out.Events > 0 {
		tx.Changed("event.batch", fmt.Sprintf("%d/%d", in.Partition, in.Last), nil, struct {
			Applied
			SHA256 string `json:"sha256"`
		}{out, digest(in.Events)})
	}
	return out, setProgress(ctx, tx.Tx, in.Partition, progress{Seq: in.Last, Log: in.Log})
}

func digest(events []rule.Event) string {
	h := sha256.New()
	for _, e := range events {
		h.Write([]byte(e.Source + "\x00" + e.ID + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// seenKey is an event's identity as a number: 64 bits of a hash, which for a billion events collide with a chance of
// about 3 %, that is one event lost to monitoring at worst; the table stays small for it.
func seenKey(e rule.Event) int64 {
	sum := sha256.Sum256([]byte(e.Source + "\x00" + e.ID))
	return int64(binary.LittleEndian.Uint64(sum[:8]))
}

func alertOf(f rule.Finding) Alert {
	a := Alert{CustomerID: f.CustomerID, RuleID: f.Rule, RuleVersion: f.Version, Severity: Severity(f.Severity), Dedup: f.Rule + ":" + f.CustomerID, TitleZH: f.TitleZH, TitleEN: f.TitleEN}
	for _, v := range f.Values {
		a.Findings = append(a.Findings, Finding{Name: v.Name, Value: rule.Figure(v.Value)})
	}
	return a
}

// rules gives the rules in force, compiled again only when they changed.
func (p *Processor) rules(ctx context.Context, q database.Querier) (*rule.Set, error) {
	print, err := rulesPrint(ctx, q)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.set != nil && p.print == print {
		return p.set, nil
	}
	stored, err := rulesInForce(ctx, q)
	if err != nil {
		return nil, err
	}
	var active []rule.Rule
	for _, s := range stored {
		if s.Status == RuleActive {
			active = append(active, s.Rule)
		}
	}
	set, err := rule.Compile(active)
	if err == nil {
		p.set, p.print = set, print
	}
	return set, err
}

// load gives the states of the events' customers, from the cache where they are there.
func load(ctx context.Context, q database.Querier, cache map[string][]byte, events []rule.Event) (map[string]*rule.State, error) {
	states := map[string]*rule.State{}
	var missing []string
	for _, e := range events {
		if states[e.CustomerID] != nil {
			continue
		}
		s := &rule.State{}
		states[e.CustomerID] = s
		raw, ok := cache[e.CustomerID]
		if !ok {
			missing = append(missing, e.CustomerID)
			continue
		}
		if err := s.Unmarshal(raw); err != nil {
			return nil, err
		}
	}
	return states, statesOf(ctx, q, missing, func(id string, raw []byte) error { return states[id].Unmarshal(raw) })
}

// Progress gives the last sequence of a partition that is applied.
func (p *Processor) Progress(ctx context.Context, partition int) (uint64, error) {
	done, err := progressOf(ctx, p.Runner.DB, partition)
	return done.Seq, err
}
