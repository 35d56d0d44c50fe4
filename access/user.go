package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// User is a person who signs in.
type User struct {
	ID       string          `json:"id"`
	Login    string          `json:"login"`
	Name     string          `json:"name"`
	TeamID   string          `json:"team_id"`
	TeamName string          `json:"team_name,omitempty"`
	Scope    operation.Scope `json:"scope"`
	Roles    []Role          `json:"roles"`
	Lang     string          `json:"lang"`
	Disabled bool            `json:"disabled"`
	Version  int64           `json:"version"`

	passwordHash string
	failures     int
	lockedUntil  time.Time
}

// Actor is the user as operations know him.
func (u User) Actor() operation.Actor {
	roles := make([]string, len(u.Roles))
	for i, r := range u.Roles {
		roles[i] = string(r)
	}
	own := u.Roles
	return operation.Actor{ID: u.ID, Name: u.Name, Team: u.TeamID, Scope: u.Scope, Roles: roles,
		May: func(name string) bool { return Permits(own, name) }}
}

const (
	shortestPassword = 10
	longestPassword  = 200
)

// hashing is slow and takes memory on purpose (argon2id, 64 MiB); one at a time a core keeps a sign-in storm from
// taking the machine's memory.
var hashing = make(chan struct{}, 2)

func hashPassword(password string) (string, error) {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2id.CreateHash(password, argon2id.DefaultParams)
}

// checkPassword compares after its turn in the queue, unless the caller went away meanwhile.
func checkPassword(ctx context.Context, password, hash string) (bool, error) {
	if utf8.RuneCountInString(password) > longestPassword {
		return false, nil // it cannot be one
	}
	select {
	case hashing <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-hashing }()
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	return err == nil && ok, nil
}

// NewUser is the input of CreateUser. The password is hashed by Validate's caller before any transaction begins.
type NewUser struct {
	ID       string          `json:"id,omitempty"`
	Login    string          `json:"login"`
	Name     string          `json:"name"`
	Password Password        `json:"password"`
	TeamID   string          `json:"team_id,omitempty"`
	Scope    operation.Scope `json:"scope"`
	Roles    []Role          `json:"roles"`
	Lang     string          `json:"lang,omitempty"`
}

// Password is a secret in an input. It is hashed when the input is validated, before the transaction, and never
// printed, logged or kept: its JSON form is a fixed text.
type Password struct {
	text string
	hash string
}

// Secret makes a password of a text.
func Secret(text string) Password { return Password{text: text} }

// MarshalJSON hides the password (inputs are hashed for idempotency keys and may be logged).
func (Password) MarshalJSON() ([]byte, error) { return []byte(`"***"`), nil }

// UnmarshalText takes the password from JSON or a form.
func (p *Password) UnmarshalText(raw []byte) error { p.text = string(raw); return nil }

// String hides the password.
func (Password) String() string { return "***" }

func (p *Password) check(c *fault.Check, path string) {
	n := len([]rune(p.text))
	if !c.That(n >= shortestPassword && n <= longestPassword, path, "access.password_length", fault.Args{"min": shortestPassword}) {
		return
	}
	hash, err := hashPassword(p.text)
	if err != nil {
		c.Join(path, err)
		return
	}
	p.hash = hash
}

// Validate reports every wrong field.
func (in *NewUser) Validate() error {
	var c fault.Check
	in.Login, in.Name = strings.ToLower(strings.TrimSpace(in.Login)), strings.TrimSpace(in.Name)
	c.Length("id", in.ID, 60)
	c.Required("login", in.Login)
	c.Length("login", in.Login, 60)
	c.Required("name", in.Name)
	c.Length("name", in.Name, 60)
	if in.Scope == "" {
		in.Scope = operation.ScopeOwn
	}
	c.OneOf("scope", string(in.Scope), string(operation.ScopeOwn), string(operation.ScopeTeam), string(operation.ScopeAll))
	c.That(len(in.Roles) > 0, "roles", "fault.required", nil)
	for i, r := range in.Roles {
		c.That(validRole(r), fmt.Sprintf("roles[%d]", i), "access.role_unknown", fault.Args{"role": string(r)})
	}
	if in.Lang == "" {
		in.Lang = "zh"
	}
	c.OneOf("lang", in.Lang, "zh", "en")
	in.Password.check(&c, "password")
	return c.Err()
}

// CreateUser adds a person.
var CreateUser = operation.New("access.create_user", createUser)

func createUser(ctx context.Context, tx *operation.Tx, in NewUser) (User, error) {
	u := User{ID: in.ID, Login: in.Login, Name: in.Name, TeamID: in.TeamID, Scope: in.Scope, Roles: in.Roles, Lang: in.Lang,
		Version: 1, passwordHash: in.Password.hash}
	if u.ID == "" {
		u.ID = operation.NewID()
	}
	if taken, err := loginTaken(ctx, tx, u.Login); err != nil {
		return User{}, err
	} else if taken {
		return User{}, fault.Invalid("login", "access.login_taken", fault.Args{"login": u.Login})
	}
	if err := insertUser(ctx, tx.Tx, u, tx.Now); err != nil {
		return User{}, err
	}
	tx.Changed("user", u.ID, nil, u)
	return u, nil
}

// SetUser is the input of UpdateUser: what an administrator may change about a person.
type SetUser struct {
	ID       string          `json:"id"`
	Version  int64           `json:"version"`
	Name     string          `json:"name"`
	TeamID   string          `json:"team_id"`
	Scope    operation.Scope `json:"scope"`
	Roles    []Role          `json:"roles"`
	Disabled bool            `json:"disabled"`
}

// Validate reports every wrong field.
func (in *SetUser) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.Required("name", in.Name)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.OneOf("scope", string(in.Scope), string(operation.ScopeOwn), string(operation.ScopeTeam), string(operation.ScopeAll))
	c.That(len(in.Roles) > 0, "roles", "fault.required", nil)
	for i, r := range in.Roles {
		c.That(validRole(r), fmt.Sprintf("roles[%d]", i), "access.role_unknown", fault.Args{"role": string(r)})
	}
	return c.Err()
}

// UpdateUser changes a person's name, team, scope, roles, or disables him, which ends his sessions.
var UpdateUser = operation.New("access.set_user", func(ctx context.Context, tx *operation.Tx, in SetUser) (User, error) {
	before, err := userByID(ctx, tx, in.ID)
	if err != nil {
		return User{}, err
	}
	after := before
	after.Name, after.TeamID, after.Scope, after.Roles, after.Disabled = in.Name, in.TeamID, in.Scope, in.Roles, in.Disabled
	if before.administers() && !after.administers() {
		if err := anotherAdmin(ctx, tx.Tx, before.ID); err != nil {
			return User{}, err
		}
	}
	if err := updateUser(ctx, tx.Tx, after, in.Version); err != nil {
		return User{}, err
	}
	after.Version = in.Version + 1
	if after.Disabled {
		if err := deleteSessionsOf(ctx, tx.Tx, after.ID); err != nil {
			return User{}, err
		}
	}
	tx.Changed("user", after.ID, before, after)
	return after, nil
})

func (u User) administers() bool { return !u.Disabled && slices.Contains(u.Roles, Admin) }

// anotherAdmin makes sure that somebody else can still administer: an installation without an administrator could not be
// given one again.
func anotherAdmin(ctx context.Context, tx *database.Tx, but string) error {
	ids, err := lockAdmins(ctx, tx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(ids, func(id string) bool { return id != but }) {
		return fault.Conflict("access.last_admin", nil)
	}
	return nil
}

// NewPassword is the input of ChangePassword.
type NewPassword struct {
	Old Password `json:"old"`
	New Password `json:"new"`

	verified string // the hash that Old was found to fit
}

// Validate reports every wrong field.
func (in *NewPassword) Validate() error {
	var c fault.Check
	in.New.check(&c, "new")
	return c.Err()
}

// ChangePassword changes the caller's own password and ends his other sessions. Wrong old passwords count as failed
// sign-ins do: whoever holds a session learns the password no quicker than at the door.
var ChangePassword = operation.New("access.change_password", func(ctx context.Context, tx *operation.Tx, in NewPassword) (User, error) {
	u, err := userByID(ctx, tx, tx.Actor.ID)
	if err != nil {
		return User{}, err
	}
	if err := setPassword(ctx, tx.Tx, u.ID, in.verified, in.New.hash); err != nil {
		return User{}, err
	}
	if err := deleteSessionsOf(ctx, tx.Tx, u.ID); err != nil {
		return User{}, err
	}
	tx.Changed("user.password", u.ID, nil, nil)
	return u, nil
}).Before(func(ctx context.Context, r *operation.Runner, call operation.Call, in *NewPassword) error {
	u, err := userByID(ctx, r.DB, call.Actor.ID)
	if err != nil {
		return err
	}
	if _, err := takeTry(ctx, r.DB, u.ID, r.Clock()); err != nil {
		return err
	}
	right, err := checkPassword(ctx, in.Old.text, u.passwordHash)
	if err != nil {
		return err
	}
	if !right {
		return fault.Invalid("old", "access.password_wrong", nil)
	}
	in.verified = u.passwordHash
	return nil
})

// NewTeam is the input of CreateTeam.
type NewTeam struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
}

// Team is a sales team, the middle row scope.
type Team struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Validate reports every wrong field.
func (in *NewTeam) Validate() error {
	var c fault.Check
	c.Required("name", in.Name)
	c.Length("name", in.Name, 60)
	return c.Err()
}

// CreateTeam adds a team.
var CreateTeam = operation.New("access.create_team", func(ctx context.Context, tx *operation.Tx, in NewTeam) (Team, error) {
	t := Team(in)
	if t.ID == "" {
		t.ID = operation.NewID()
	}
	if err := insertTeam(ctx, tx.Tx, t); err != nil {
		return Team{}, err
	}
	tx.Changed("team", t.ID, nil, t)
	return t, nil
})

// UsersInput asks for all users.
type UsersInput struct{}

// Directory is who there is.
type Directory struct {
	Users []User `json:"users"`
	Teams []Team `json:"teams"`
}

// Users shows the people and teams.
var Users = operation.NewView("access.users", func(ctx context.Context, rd *operation.Reading, _ UsersInput) (Directory, error) {
	users, err := allUsers(ctx, rd)
	if err != nil {
		return Directory{}, err
	}
	teams, err := allTeams(ctx, rd)
	return Directory{Users: users, Teams: teams}, err
})

// Me shows the caller himself.
var Me = operation.NewView("access.me", func(ctx context.Context, rd *operation.Reading, _ UsersInput) (User, error) {
	return userByID(ctx, rd, rd.Actor.ID)
})

// dummyHash makes a sign-in with an unknown name take as long as one with a wrong password.
var dummyHash = sync.OnceValue(func() string {
	hash, err := hashPassword("no such user, the same time")
	if err != nil {
		return ""
	}
	return hash
})
