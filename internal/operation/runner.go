package operation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
)

// Entry is what the runner hands to the audit trail, inside the operation's transaction.
type Entry struct {
	ID        string
	At        time.Time
	Call      Call
	Operation string
	Subject   string
	Changes   []Change
}

// Runner runs operations and views. Record writes the audit entry and Send the events, both inside the transaction;
// Committed is told after the commit, so that the outbox starts at once.
type Runner struct {
	DB        *database.DB
	Clock     clock.Clock
	Zone      *time.Location
	Record    func(ctx context.Context, tx *database.Tx, e Entry) error
	Send      func(ctx context.Context, tx *database.Tx, events []Event, call Call, at time.Time) error
	Committed func()

	lent []any
}

// Lend makes a part of the app that lives in memory, such as a search index, reachable for preparations and views. It is
// called while the app is put together.
func (r *Runner) Lend(part any) { r.lent = append(r.lent, part) }

// NewID gives a time-ordered id (UUIDv7).
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

var errDryRun = errors.New("dry run")

// Run runs an operation: all of it is on disk when Run returns without error, nothing of it when Run returns one.
func Run[In, Out any](ctx context.Context, r *Runner, call Call, o *Operation[In, Out], in In) (Out, error) {
	var none Out
	if err := Permitted(call.Actor, o.name); err != nil {
		return none, err
	}
	if err := validate(&in); err != nil {
		return none, err
	}
	if o.before != nil {
		if err := o.before(ctx, r, call, &in); err != nil {
			return none, err
		}
	}
	if o.prepare == nil {
		return run(ctx, r, call, o, in)
	}
	for tries := 1; ; tries++ {
		if err := o.prepare(ctx, r.reading(call.Actor), &in); err != nil {
			return none, err
		}
		if out, err := run(ctx, r, call, o, in); tries == mostTries || !errors.Is(err, ErrPrepareAgain) {
			return out, err
		}
	}
}

const mostTries = 5

// run is Run after the input was validated and prepared.
func run[In, Out any](ctx context.Context, r *Runner, call Call, o *Operation[In, Out], in In) (Out, error) {
	var none, out Out
	wrote := false
	err := r.DB.Write(ctx, func(dtx *database.Tx) error {
		now := r.Clock()
		tx := &Tx{Tx: dtx, Actor: call.Actor, Now: now, Today: r.today(now)}
		out, wrote = none, false
		if call.Key != "" {
			known, err := claimKey(ctx, tx, call, o.name, in, &out)
			if err != nil || known {
				return err
			}
		}
		if o.guard != nil {
			if err := o.guard(ctx, tx, in); err != nil {
				return err
			}
		}
		var err error
		if out, err = o.act(ctx, tx, in); err != nil {
			return err
		}
		if err := r.finish(ctx, tx, call, o.name); err != nil {
			return err
		}
		if call.Key != "" {
			if err := keepAnswer(ctx, tx, call, out); err != nil {
				return err
			}
		}
		wrote = true
		if call.DryRun {
			if err := tx.Flush(ctx); err != nil {
				return err
			}
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		return out, nil
	}
	if err != nil {
		return none, err
	}
	if wrote && r.Committed != nil {
		r.Committed()
	}
	return out, nil
}

// Read reads a view under the caller's rights.
func Read[In, Out any](ctx context.Context, r *Runner, call Call, v *View[In, Out], in In) (Out, error) {
	var none Out
	if err := Permitted(call.Actor, v.name); err != nil {
		return none, err
	}
	if err := validate(&in); err != nil {
		return none, err
	}
	return v.read(ctx, r.reading(call.Actor), in)
}

func (r *Runner) reading(a Actor) *Reading {
	now := r.Clock()
	return &Reading{Querier: r.DB, Actor: a, Now: now, Today: r.today(now), Zone: r.Zone, lent: r.lent}
}

func (r *Runner) today(now time.Time) clock.Date {
	if r.Zone == nil {
		return clock.DateOf(now)
	}
	return clock.DateOf(now.In(r.Zone))
}

func (r *Runner) finish(ctx context.Context, tx *Tx, call Call, name string) error {
	if r.Record != nil {
		entry := Entry{ID: NewID(), At: tx.Now, Call: call, Operation: name, Subject: tx.subject, Changes: tx.changes}
		if err := r.Record(ctx, tx.Tx, entry); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	if r.Send != nil && len(tx.events) > 0 {
		if err := r.Send(ctx, tx.Tx, tx.events, call, tx.Now); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	return nil
}

// Permitted is the fault of an actor who lacks the permission of that operation or view, nil when he has it. Doors ask
// before they read what was sent; the runner asks in any case.
func Permitted(a Actor, name string) error {
	if a.Can(name) {
		return nil
	}
	if a.ID == "" {
		return fault.New(fault.KindUnauthorised, "fault.unauthorised", nil)
	}
	return fault.Forbidden("fault.forbidden", fault.Args{"operation": name})
}

func validate(in any) error {
	if err := checkTexts(in); err != nil {
		return err
	}
	if v, ok := in.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}

// claimKey takes the idempotency key for this request. When the same request was answered before, it fills out with
// that answer and says so; when the key belongs to another request, it is a fault. Two at once: the second waits for
// the first one's transaction (the primary key), then finds its answer.
func claimKey(ctx context.Context, tx *Tx, call Call, name string, in, out any) (known bool, err error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return false, fmt.Errorf("hash the request: %w", err)
	}
	sum := sha256.Sum256(append([]byte(name+"\x00"), raw...))
	hash := hex.EncodeToString(sum[:])
	done, err := tx.Exec(ctx, `INSERT INTO idempotency (actor_id, key, operation, request_hash, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (actor_id, key) DO NOTHING`, call.keyOwner(), call.Key, name, hash, database.Micros(tx.Now))
	if err != nil {
		return false, fmt.Errorf("idempotency key: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return false, err
	}
	var before, response string
	if err := tx.QueryRow(ctx, `SELECT request_hash, response FROM idempotency WHERE actor_id = $1 AND key = $2`,
		call.keyOwner(), call.Key).Scan(&before, &response); err != nil {
		return false, fmt.Errorf("idempotency key: %w", err)
	}
	if before != hash {
		return false, fault.New(fault.KindReused, "fault.key_reused", nil)
	}
	return true, json.Unmarshal([]byte(response), out)
}

// keepAnswer keeps the answer for the same request's next time. An answer that holds a secret (a new token) has a method
// WithoutSecrets that gives what may be kept: a secret is shown once and stands nowhere.
func keepAnswer(ctx context.Context, tx *Tx, call Call, out any) error {
	if s, ok := out.(interface{ WithoutSecrets() any }); ok {
		out = s.WithoutSecrets()
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	return tx.Later(ctx, nil, `UPDATE idempotency SET response = $3 WHERE actor_id = $1 AND key = $2`, call.keyOwner(), call.Key, string(raw))
}

// Decode reads a JSON input strictly: unknown fields, wrong types and trailing text are faults that name the field.
func Decode(raw []byte, into any) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = []byte("{}")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return decodeFault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.KindMalformed, "fault.malformed", fault.Args{"detail": "text after the JSON value"})
	}
	return nil
}

func decodeFault(err error) error {
	var wrongType *json.UnmarshalTypeError
	switch {
	case fault.As(err) != nil:
		return fault.As(err)
	case errors.As(err, &wrongType):
		return fault.Invalid(wrongType.Field, "fault.wrong_type", fault.Args{"want": wrongType.Type.String(), "got": wrongType.Value})
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		field := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		return fault.Invalid(field, "fault.unknown_field", nil)
	}
	return fault.New(fault.KindMalformed, "fault.malformed", fault.Args{"detail": err.Error()})
}
