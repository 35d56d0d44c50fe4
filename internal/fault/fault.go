// Package fault holds the errors that Xinheng shows to people and programs.
//
// A fault says what kind of failure happened, which message of the catalogue tells it in the reader's language, and,
// for bad input, every wrong field at once. Anything that is not a fault is an internal error: it is logged in full
// and shown without details.
package fault

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Kind is the class of a failure; each door maps it to its own status (HTTP status, exit code).
type Kind string

// The kinds, with the HTTP status they become.
const (
	KindInvalid      Kind = "invalid"          // 422: the input is wrong, Fields says where
	KindMalformed    Kind = "malformed"        // 400: the request could not be read at all
	KindUnauthorised Kind = "unauthorised"     // 401: nobody is signed in
	KindForbidden    Kind = "forbidden"        // 403: signed in, but not allowed
	KindNotFound     Kind = "not_found"        // 404
	KindConflict     Kind = "conflict"         // 409: the state of the thing forbids it
	KindStale        Kind = "stale"            // 412: somebody changed it meanwhile
	KindTooLarge     Kind = "too_large"        // 413
	KindReused       Kind = "idempotency_used" // 422: the idempotency key belongs to another request
	KindBusy         Kind = "busy"             // 429 or 503: try again later
	KindInternal     Kind = "internal"         // 500
)

// Args fill the named places ({name}) of a catalogue message.
type Args map[string]any

// Field is one wrong input value: Path is the JSON path of the input ("owners[2].share"), Key its message.
type Field struct {
	Path string `json:"path"`
	Key  string `json:"code"`
	Args Args   `json:"args,omitempty"`
}

// Error is a failure meant to be shown. Key names the message in the catalogue (internal/i18n).
type Error struct {
	Kind   Kind
	Key    string
	Args   Args
	Fields []Field
	cause  error
}

// Error tells the fault in one technical line, for logs and tests; people see the catalogue's message.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Kind, e.Key)
	keys := make([]string, 0, len(e.Args))
	for k := range e.Args {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, " %s=%v", k, e.Args[k])
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Path, f.Key)
		if len(f.Args) > 0 {
			fmt.Fprintf(&b, " %v", map[string]any(f.Args))
		}
	}
	if e.cause != nil {
		fmt.Fprintf(&b, " (%v)", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause, if one was attached.
func (e *Error) Unwrap() error { return e.cause }

// Because attaches the technical cause, which is logged and never shown.
func (e *Error) Because(err error) *Error { e.cause = err; return e }

// New makes a fault of any kind.
func New(kind Kind, key string, args Args) *Error { return &Error{Kind: kind, Key: key, Args: args} }

// NotFound says that there is no such thing, or that the caller may not know of it.
func NotFound(thing, id string) *Error {
	return New(KindNotFound, "fault.not_found", Args{"thing": thing, "id": id})
}

// Forbidden says that the caller may not do it; key names the reason.
func Forbidden(key string, args Args) *Error { return New(KindForbidden, key, args) }

// Conflict says that the state of the thing forbids it.
func Conflict(key string, args Args) *Error { return New(KindConflict, key, args) }

// Stale says that the version the caller saw is no longer the current one.
func Stale(thing, id string) *Error {
	return New(KindStale, "fault.stale", Args{"thing": thing, "id": id})
}

// Invalid makes a fault of a single wrong field.
func Invalid(path, key string, args Args) *Error {
	return &Error{Kind: KindInvalid, Key: "fault.invalid", Fields: []Field{{Path: path, Key: key, Args: args}}}
}

// As gives the fault in err's chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// KindOf gives the kind of err; anything that is not a fault is internal.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return KindInternal
}

// Check collects wrong fields, so that an input's Validate reports all of them at once. The zero value is ready.
type Check struct{ fields []Field }

// Add records a wrong field.
func (c *Check) Add(path, key string, args Args) {
	c.fields = append(c.fields, Field{Path: path, Key: key, Args: args})
}

// That records the field as wrong unless ok.
func (c *Check) That(ok bool, path, key string, args Args) bool {
	if !ok {
		c.Add(path, key, args)
	}
	return ok
}

// Required records the field as missing when the text is blank.
func (c *Check) Required(path, text string) bool {
	return c.That(strings.TrimSpace(text) != "", path, "fault.required", nil)
}

// Length records the field as wrong when its text has more than most characters.
func (c *Check) Length(path, text string, most int) bool {
	return c.That(len([]rune(text)) <= most, path, "fault.too_long", Args{"most": most})
}

// OneOf records the field as wrong when the text is none of the allowed.
func (c *Check) OneOf(path, text string, allowed ...string) bool {
	for _, a := range allowed {
		if a == text {
			return true
		}
	}
	c.Add(path, "fault.one_of", Args{"allowed": strings.Join(allowed, ", ")})
	return false
}

// Join takes over the fields of another failure below a path prefix ("rows[3]."); other errors become one field.
func (c *Check) Join(prefix string, err error) {
	if err == nil {
		return
	}
	if e := As(err); e != nil && len(e.Fields) > 0 {
		for _, f := range e.Fields {
			c.fields = append(c.fields, Field{Path: prefix + f.Path, Key: f.Key, Args: f.Args})
		}
		return
	}
	if e := As(err); e != nil {
		c.fields = append(c.fields, Field{Path: strings.TrimSuffix(prefix, "."), Key: e.Key, Args: e.Args})
		return
	}
	c.fields = append(c.fields, Field{Path: strings.TrimSuffix(prefix, "."), Key: "fault.unreadable", Args: Args{"detail": err.Error()}})
}

// Err gives the fault with all recorded fields, or nil when everything was right.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Error{Kind: KindInvalid, Key: "fault.invalid", Fields: c.fields}
}
