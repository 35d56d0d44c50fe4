// Package operation runs use cases: every write of Xinheng is an operation, every read a view.
//
// An operation is a name (which is also the permission), an input that validates itself, and a function that acts in
// a transaction. The one Runner does for all of them: validate, authorise, begin, act, audit, outbox, commit, with
// idempotency key and dry run. The doors (REST, pages, command line) decode into the same input and call Run.
package operation

import (
	"context"
	"encoding/json"
	"reflect"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
)

// Scope is how far a person sees and acts.
type Scope string

// The scopes, narrow to wide.
const (
	ScopeOwn  Scope = "own"
	ScopeTeam Scope = "team"
	ScopeAll  Scope = "all"
)

// Actor is who asks: a signed-in person, a token, or the system itself.
type Actor struct {
	ID     string
	Name   string
	Team   string
	Scope  Scope
	Roles  []string
	System bool
	// May answers whether the actor has the permission of that operation or view name; of a pattern ("limit.*"), whether he
	// has all that it could ever match. Nil permits nothing.
	May func(name string) bool
}

// Can tells whether the actor has the permission.
func (a Actor) Can(name string) bool { return a.System || (a.May != nil && a.May(name)) }

// SeesAll tells whether no row is out of the actor's scope.
func (a Actor) SeesAll() bool { return a.System || a.Scope == ScopeAll }

// Has tells whether the actor has the role.
func (a Actor) Has(role string) bool {
	for _, r := range a.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// System is the actor of reactions and schedules; name says which one.
func System(name string) Actor {
	return Actor{ID: "system", Name: name, Scope: ScopeAll, System: true}
}

// Call is the circumstance of one run.
type Call struct {
	Actor     Actor
	Key       string // idempotency key; empty = none
	KeyOwner  string // whose key it is; empty = the actor's own
	DryRun    bool   // act, answer, and roll back
	RequestID string
	Door      string // api, page, cli, reaction, schedule
	Cause     string // what led to it: the outbox entry of a reaction, for instance
}

func (c Call) keyOwner() string {
	if c.KeyOwner != "" {
		return c.KeyOwner
	}
	return c.Actor.ID
}

// Tx is the transaction an operation acts in.
type Tx struct {
	*database.Tx
	Actor Actor
	Now   time.Time  // one instant for the whole operation, UTC
	Today clock.Date // the business date in the company's time zone

	subject string
	changes []Change
	events  []Event
}

// Change is what became of one thing, for the audit trail.
type Change struct {
	Thing  string `json:"thing"`
	ID     string `json:"id"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// Event is what happened, recorded with the change and carried to its subscribers after the commit.
type Event struct {
	Topic   string
	Subject string
	Payload any
}

// Changed records a change for the audit entry; before is nil for a creation, after for a removal.
func (tx *Tx) Changed(thing, id string, before, after any) {
	tx.changes = append(tx.changes, Change{Thing: thing, ID: id, Before: before, After: after})
}

// About names the object (usually a customer) under whose history the audit entry is found.
func (tx *Tx) About(subject string) { tx.subject = subject }

// Publish records an event of the topic about the subject.
func (tx *Tx) Publish(topic, subject string, payload any) {
	tx.events = append(tx.events, Event{Topic: topic, Subject: subject, Payload: payload})
}

// Operation is a write use case.
type Operation[In, Out any] struct {
	name    string
	before  func(ctx context.Context, r *Runner, call Call, in *In) error
	prepare func(ctx context.Context, rd *Reading, in *In) error
	guard   func(ctx context.Context, tx *Tx, in In) error
	act     func(ctx context.Context, tx *Tx, in In) (Out, error)
}

// New declares an operation. Its name is its permission and its address at the doors: "limit.apply".
func New[In, Out any](name string, act func(ctx context.Context, tx *Tx, in In) (Out, error)) *Operation[In, Out] {
	return &Operation[In, Out]{name: name, act: act}
}

// Before adds work that is too slow for a transaction, such as comparing a password with its hash: it runs after permission
// and validation, before the transaction, and may note what it found in the input. What it writes stays, also on a dry run.
func (o *Operation[In, Out]) Before(before func(ctx context.Context, r *Runner, call Call, in *In) error) *Operation[In, Out] {
	o.before = before
	return o
}

// Guard adds the check of row scope or amount authority, run inside the transaction before the act.
func (o *Operation[In, Out]) Guard(guard func(ctx context.Context, tx *Tx, in In) error) *Operation[In, Out] {
	o.guard = guard
	return o
}

// Prepare adds what is too slow for a transaction, such as a download or a search in memory. It runs after the permission
// is checked and the input is valid, before the transaction begins, and leaves what it found in unexported fields of the
// input. The act checks that what was found still holds, and answers ErrPrepareAgain when it does not.
func (o *Operation[In, Out]) Prepare(prepare func(ctx context.Context, rd *Reading, in *In) error) *Operation[In, Out] {
	o.prepare = prepare
	return o
}

// ErrPrepareAgain is the answer of an act when what was prepared no longer holds: the runner prepares and acts again, a
// few times.
var ErrPrepareAgain error = fault.New(fault.KindBusy, "fault.prepare_again", nil)

// Within acts inside a transaction that another operation began: for what must be atomic with it. The outer operation's
// permission covers it; its audit entry and events become part of the outer one's. It is not prepared.
func (o *Operation[In, Out]) Within(ctx context.Context, tx *Tx, in In) (Out, error) {
	if err := validate(&in); err != nil {
		var none Out
		return none, err
	}
	return o.act(ctx, tx, in)
}

// Name gives the name.
func (o *Operation[In, Out]) Name() string { return o.name }

// Input gives the type of the input struct.
func (o *Operation[In, Out]) Input() reflect.Type { return reflect.TypeFor[In]() }

// Output gives the type of the answer.
func (o *Operation[In, Out]) Output() reflect.Type { return reflect.TypeFor[Out]() }

// Call decodes a JSON input and runs the operation, for the doors that know it by name.
func (o *Operation[In, Out]) Call(ctx context.Context, r *Runner, call Call, raw json.RawMessage) (any, error) {
	if err := Permitted(call.Actor, o.name); err != nil { // before anything is made of the input
		return nil, err
	}
	var in In
	if err := Decode(raw, &in); err != nil {
		return nil, err
	}
	return Run(ctx, r, call, o, in)
}

// Any is an operation whose types are known at run time only.
type Any interface {
	Name() string
	Input() reflect.Type
	Output() reflect.Type
	Call(ctx context.Context, r *Runner, call Call, raw json.RawMessage) (any, error)
}

// Reading is what a view reads with.
type Reading struct {
	database.Querier
	Actor Actor
	Now   time.Time
	Today clock.Date
	Zone  *time.Location // of business dates; nil = UTC

	lent []any
}

// Lent finds the part of the app of that type which lives in memory and was lent to the runner.
func Lent[T any](rd *Reading) (part T, ok bool) {
	for _, p := range rd.lent {
		if part, ok = p.(T); ok {
			return part, true
		}
	}
	return part, false
}

// View is a read use case; its name is its permission. Page, API and command line show the same answer.
type View[In, Out any] struct {
	name string
	read func(ctx context.Context, rd *Reading, in In) (Out, error)
}

// NewView declares a view.
func NewView[In, Out any](name string, read func(ctx context.Context, rd *Reading, in In) (Out, error)) *View[In, Out] {
	return &View[In, Out]{name: name, read: read}
}

// Name gives the name.
func (v *View[In, Out]) Name() string { return v.name }

// Input gives the type of the input struct.
func (v *View[In, Out]) Input() reflect.Type { return reflect.TypeFor[In]() }

// Output gives the type of the answer.
func (v *View[In, Out]) Output() reflect.Type { return reflect.TypeFor[Out]() }

// Call decodes a JSON input and reads the view.
func (v *View[In, Out]) Call(ctx context.Context, r *Runner, call Call, raw json.RawMessage) (any, error) {
	if err := Permitted(call.Actor, v.name); err != nil {
		return nil, err
	}
	var in In
	if err := Decode(raw, &in); err != nil {
		return nil, err
	}
	return Read(ctx, r, call, v, in)
}
