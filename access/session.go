package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

const (
	sessionLife   = 12 * time.Hour
	mostFailures  = 5
	lockTime      = 5 * time.Minute
	tokenPrefix   = "xh_"
	defaultExpiry = 365 * 24 * time.Hour
)

// Session is a signed-in browser. Token is the secret of the cookie; only its hash is stored.
type Session struct {
	Token     string
	CSRF      string
	User      User
	ExpiresAt time.Time
}

// Door signs people and programs in. Its writes (failed tries, sessions) are not operations: there is no actor yet.
type Door struct {
	DB    *database.DB
	Clock clock.Clock
}

func secret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails on the supported systems; the runtime stops the process if it would
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// SignIn opens a session for login and password. Wrong name and wrong password are told alike; after some failures
// the login pauses.
func (d Door) SignIn(ctx context.Context, login, password string) (Session, error) {
	now := d.Clock()
	login = strings.ToLower(strings.TrimSpace(login))
	u, err := userByLogin(ctx, d.DB, login)
	wrong := fault.New(fault.KindUnauthorised, "access.sign_in_wrong", nil)
	if fault.KindOf(err) == fault.KindNotFound {
		if _, err := checkPassword(ctx, password, dummyHash()); err != nil {
			return Session{}, err
		}
		return Session{}, wrong
	}
	if err != nil {
		return Session{}, err
	}
	last, err := takeTry(ctx, d.DB, u.ID, now)
	if err != nil {
		return Session{}, err
	}
	right, err := checkPassword(ctx, password, u.passwordHash)
	if err != nil {
		return Session{}, err
	}
	if !right || u.Disabled {
		return Session{}, wrong
	}
	s := Session{Token: secret(), CSRF: secret(), User: u, ExpiresAt: now.Add(sessionLife)}
	err = d.DB.Write(ctx, func(tx *database.Tx) error {
		again, err := userByID(ctx, tx, u.ID) // the password waited in a queue: others may have locked or disabled him meanwhile
		switch {
		case err != nil:
			return err
		case again.Disabled || again.passwordHash != u.passwordHash:
			return wrong
		case now.Before(again.lockedUntil) && !last:
			return locked(again.lockedUntil, now)
		}
		if err := setFailures(ctx, tx, u.ID, 0, time.Time{}); err != nil {
			return err
		}
		if err := deleteExpiredSessions(ctx, tx, now); err != nil {
			return err
		}
		return insertSession(ctx, tx, digest(s.Token), u.ID, s.CSRF, now, s.ExpiresAt)
	})
	if err != nil {
		return Session{}, err
	}
	return s, nil
}

func locked(until, now time.Time) error {
	return fault.New(fault.KindBusy, "access.locked", fault.Args{"minutes": int(until.Sub(now).Minutes()) + 1})
}

// takeTry counts a try as a failure before its password is looked at, in one statement, so that tries at the same moment
// cannot share a count; whoever then knows the password clears the count. The last try that is allowed (last) locks: no
// other begins before the pause is over. A locked login is a fault.
func takeTry(ctx context.Context, db *database.DB, userID string, now time.Time) (last bool, err error) {
	err = db.Write(ctx, func(tx *database.Tx) error {
		taken, err := countTry(ctx, tx, userID, now)
		if err != nil {
			return err
		}
		u, err := userByID(ctx, tx, userID)
		if err != nil {
			return err
		}
		if !taken {
			return locked(u.lockedUntil, now)
		}
		last = now.Before(u.lockedUntil)
		return nil
	})
	return last, err
}

// Session finds the session of a cookie's token.
func (d Door) Session(ctx context.Context, token string) (Session, error) {
	s, err := sessionByID(ctx, d.DB, digest(token))
	if err != nil {
		return Session{}, err
	}
	if s.User.Disabled || !d.Clock().Before(s.ExpiresAt) {
		return Session{}, fault.New(fault.KindUnauthorised, "fault.unauthorised", nil)
	}
	s.Token = token
	return s, nil
}

// SignOut ends a session.
func (d Door) SignOut(ctx context.Context, token string) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error { return deleteSession(ctx, tx, digest(token)) })
}

// Bearer finds the actor of an API token: its user's rights, cut down to the token's scopes.
func (d Door) Bearer(ctx context.Context, token string) (operation.Actor, error) {
	t, u, err := tokenByHash(ctx, d.DB, digest(token))
	if err != nil {
		return operation.Actor{}, err
	}
	now := d.Clock()
	if u.Disabled || !t.RevokedAt.IsZero() || !now.Before(t.ExpiresAt) {
		return operation.Actor{}, fault.New(fault.KindUnauthorised, "access.token_ended", nil)
	}
	a := u.Actor()
	may := a.May
	a.May = func(name string) bool { return matches(t.Scopes, name) && may(name) }
	return a, nil
}

// Empty tells whether nobody can sign in yet, so that the set-up page asks for the first administrator.
func (d Door) Empty(ctx context.Context) (bool, error) { return noUsers(ctx, d.DB) }

// SetUp is the input of Setup.
type SetUp struct {
	Login    string   `json:"login"`
	Name     string   `json:"name"`
	Password Password `json:"password"`
}

// Validate reports every wrong field.
func (in *SetUp) Validate() error {
	var c fault.Check
	in.Login = strings.ToLower(strings.TrimSpace(in.Login))
	c.Required("login", in.Login)
	c.Required("name", in.Name)
	in.Password.check(&c, "password")
	return c.Err()
}

// Setup creates the first administrator; it works once, on an empty installation.
var Setup = operation.New("access.setup", func(ctx context.Context, tx *operation.Tx, in SetUp) (User, error) {
	empty, err := noUsers(ctx, tx)
	if err != nil {
		return User{}, err
	}
	if !empty {
		return User{}, fault.Conflict("access.already_set_up", nil)
	}
	return createUser(ctx, tx, NewUser{Login: in.Login, Name: in.Name, Password: in.Password, Scope: operation.ScopeAll, Roles: []Role{Admin}, Lang: "zh"})
})

// Token is an API token; its secret is shown once, when it is made.
type Token struct {
	ID        string    `json:"id"`
	UserID    string    `json:"user_id"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	RevokedAt time.Time `json:"revoked_at"`
	Secret    string    `json:"secret,omitempty"`
}

// WithoutSecrets is the token as an idempotency key keeps it.
func (t Token) WithoutSecrets() any { t.Secret = ""; return t }

// NewToken is the input of CreateToken. Scopes are permission names or patterns ("event.*").
type NewToken struct {
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
	Days   int      `json:"days,omitempty"`
}

// Validate reports every wrong field.
func (in *NewToken) Validate() error {
	var c fault.Check
	c.Required("name", in.Name)
	c.Length("name", in.Name, 100)
	c.That(len(in.Scopes) > 0, "scopes", "fault.required", nil)
	c.That(len(in.Scopes) <= mostScopes, "scopes", "fault.too_many", fault.Args{"most": mostScopes})
	c.That(in.Days >= 0 && in.Days <= 730, "days", "fault.range", fault.Args{"min": 1, "max": 730})
	for i, s := range in.Scopes {
		c.That(len(s) <= 100 && scopeForm.MatchString(s), fmt.Sprintf("scopes[%d]", i), "access.scope_form", fault.Args{"scope": s})
	}
	return c.Err()
}

const mostScopes = 100

var scopeForm = regexp.MustCompile(`^(\*|[a-z_]+\.(\*|[a-z_]+))$`)

// CreateToken makes an API token with the caller's rights cut down to the scopes. A scope that reaches further than the
// caller's own rights, be they a person's or a token's, is refused: a token never makes a stronger one.
var CreateToken = operation.New("access.create_token", func(ctx context.Context, tx *operation.Tx, in NewToken) (Token, error) {
	var c fault.Check
	for i, s := range in.Scopes {
		c.That(tx.Actor.Can(s), fmt.Sprintf("scopes[%d]", i), "access.scope_beyond", fault.Args{"scope": s})
	}
	if err := c.Err(); err != nil {
		return Token{}, err
	}
	life := defaultExpiry
	if in.Days > 0 {
		life = time.Duration(in.Days) * 24 * time.Hour
	}
	t := Token{ID: operation.NewID(), UserID: tx.Actor.ID, Name: in.Name, Scopes: in.Scopes, CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(life)}
	plain := tokenPrefix + secret()
	if err := insertToken(ctx, tx.Tx, t, digest(plain)); err != nil {
		return Token{}, err
	}
	tx.Changed("api_token", t.ID, nil, t)
	t.Secret = plain
	return t, nil
})

// RevokeInput names a token.
type RevokeInput struct {
	ID string `json:"id"`
}

// RevokeToken ends a token at once.
var RevokeToken = operation.New("access.revoke_token", func(ctx context.Context, tx *operation.Tx, in RevokeInput) (Token, error) {
	t, err := tokenByID(ctx, tx, in.ID)
	if err != nil {
		return Token{}, err
	}
	if t.UserID != tx.Actor.ID && !tx.Actor.Has(string(Admin)) {
		return Token{}, fault.NotFound("api_token", in.ID)
	}
	before := t
	t.RevokedAt = tx.Now
	if err := revokeToken(ctx, tx.Tx, t.ID, tx.Now); err != nil {
		return Token{}, err
	}
	tx.Changed("api_token", t.ID, before, t)
	return t, nil
})

// Tokens shows the caller's tokens, without secrets.
var Tokens = operation.NewView("access.tokens", func(ctx context.Context, rd *operation.Reading, _ UsersInput) ([]Token, error) {
	return tokensOf(ctx, rd, rd.Actor.ID)
})

// Operations lists the writes of this capability for the doors.
var Operations = []operation.Any{CreateUser, UpdateUser, ChangePassword, CreateTeam, CreateToken, RevokeToken}

// Views lists the reads of this capability for the doors.
var Views = []operation.Any{Users, Me, Tokens}
