package test

import (
	"database/sql"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/test/story"
)

const goodPassword = "correct horse battery"

func person(w *story.World, login string, roles ...access.Role) access.User {
	w.T.Helper()
	return story.Must(w, operation.System("test"), access.CreateUser, access.NewUser{Login: login, Name: "某人 " + login, Password: access.Secret(goodPassword), Scope: operation.ScopeAll, Roles: roles})
}

// Many wrong passwords at the same moment: no more than five are looked at before the login pauses, and the right one does
// not open it during the pause.
func TestParallelTriesDoNotPassTheLock(t *testing.T) {
	story.Each(t, func(w *story.World) {
		person(w, "wang", access.Analyst)
		var wrong, locked atomic.Int32
		var all sync.WaitGroup
		for range 25 {
			all.Go(func() {
				_, err := w.Door.SignIn(w.T.Context(), "wang", "not his password")
				switch fault.KindOf(err) {
				case fault.KindUnauthorised:
					wrong.Add(1)
				case fault.KindBusy:
					locked.Add(1)
				default:
					w.T.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		if wrong.Load() != 5 || locked.Load() != 20 {
			w.T.Errorf("%d tries were looked at and %d refused, want 5 and 20", wrong.Load(), locked.Load())
		}
		if _, err := w.Door.SignIn(w.T.Context(), "wang", goodPassword); fault.KindOf(err) != fault.KindBusy {
			w.T.Errorf("the login pauses: %v", err)
		}
		w.Now = w.Now.Add(5 * time.Minute)
		if _, err := w.Door.SignIn(w.T.Context(), "wang", goodPassword); err != nil {
			w.T.Errorf("the pause is over: %v", err)
		}
		for range 4 {
			_, _ = w.Door.SignIn(w.T.Context(), "wang", "not his password")
		}
		if _, err := w.Door.SignIn(w.T.Context(), "wang", goodPassword); err != nil {
			w.T.Errorf("the fifth try may be the right one: %v", err)
		}
	})
}

// Whoever holds a session learns the password no quicker than at the door.
func TestChangingThePasswordCountsTries(t *testing.T) {
	story.Each(t, func(w *story.World) {
		u := person(w, "wang", access.Analyst)
		change := func(old string, dry bool) error {
			call := story.By(u.Actor())
			call.DryRun = dry
			_, err := operation.Run(w.T.Context(), w.Runner, call, access.ChangePassword, access.NewPassword{Old: access.Secret(old), New: access.Secret("another good password")})
			return err
		}
		for i := range 5 {
			if err := change("not his password", i%2 == 0); fault.KindOf(err) != fault.KindInvalid {
				w.T.Fatalf("try %d: %v", i, err)
			}
		}
		if err := change(goodPassword, false); fault.KindOf(err) != fault.KindBusy {
			w.T.Errorf("after five wrong ones it pauses: %v", err)
		}
		if _, err := w.Door.SignIn(w.T.Context(), "wang", goodPassword); fault.KindOf(err) != fault.KindBusy {
			w.T.Errorf("so does the door: %v", err)
		}
		w.Now = w.Now.Add(5 * time.Minute)
		if err := change(goodPassword, false); err != nil {
			w.T.Fatal(err)
		}
		if _, err := w.Door.SignIn(w.T.Context(), "wang", "another good password"); err != nil {
			w.T.Error(err)
		}
	})
}

// A token never makes a stronger one, and neither does a person.
func TestTokensReachNoFurtherThanTheirMaker(t *testing.T) {
	story.Each(t, func(w *story.World) {
		admin := person(w, "root", access.Admin)
		narrow := story.Must(w, admin.Actor(), access.CreateToken, access.NewToken{Name: "narrow", Scopes: []string{"access.create_token", "event.*"}})
		actor, err := w.Door.Bearer(w.T.Context(), narrow.Secret)
		if err != nil {
			w.T.Fatal(err)
		}
		analyst := person(w, "analyst2", access.Analyst, access.Integrator)
		for _, c := range []struct {
			by    operation.Actor
			scope string
			good  bool
		}{{actor, "*", false}, {actor, "access.*", false}, {actor, "access.create_user", false}, {actor, "event.submit", true}, {actor, "event.*", true}, {actor, "access.create_token", true},
			{analyst.Actor(), "*", false}, {analyst.Actor(), "ordercheck.release", false}, {analyst.Actor(), "customer.*", true}, {analyst.Actor(), "limit.*", false}, {analyst.Actor(), "limit.apply", true},
			{admin.Actor(), "*", true}, {admin.Actor(), "no scope at all", false}, {admin.Actor(), "ev*", false}} {
			_, err := operation.Run(w.T.Context(), w.Runner, story.By(c.by), access.CreateToken, access.NewToken{Name: "t", Scopes: []string{"event.submit", c.scope}})
			if c.good != (err == nil) || err != nil && (fault.KindOf(err) != fault.KindInvalid || fault.As(err).Fields[0].Path != "scopes[1]") {
				w.T.Errorf("%s by %s: %v", c.scope, c.by.Name, err)
			}
		}
	})
}

// A token's secret is told once. The answer that an idempotency key keeps has none, and neither does the audit trail.
func TestASecretIsToldOnce(t *testing.T) {
	story.Each(t, func(w *story.World) {
		admin := person(w, "root", access.Admin)
		call := story.By(admin.Actor())
		call.Key = "k"
		in := access.NewToken{Name: "erp", Scopes: []string{"event.submit"}}
		first, err := operation.Run(w.T.Context(), w.Runner, call, access.CreateToken, in)
		if err != nil || first.Secret == "" {
			w.T.Fatal(first, err)
		}
		again, err := operation.Run(w.T.Context(), w.Runner, call, access.CreateToken, in)
		if err != nil || again.Secret != "" || again.ID != first.ID {
			w.T.Errorf("the same request again: %+v %v", again, err)
		}
		for _, query := range []string{`SELECT response FROM idempotency`, `SELECT changes FROM audit_entry`} {
			texts, err := database.Collect(w.T.Context(), w.DB, func(rows *sql.Rows) (text string, err error) { return text, rows.Scan(&text) }, query)
			if err != nil || len(texts) == 0 {
				w.T.Fatal(texts, err)
			}
			if text := strings.Join(texts, "\n"); strings.Contains(text, first.Secret) {
				w.T.Errorf("%s holds the secret: %s", query, text)
			}
		}
	})
}

// An installation keeps an administrator, also when two of them dismiss each other at the same moment.
func TestTheLastAdministratorStays(t *testing.T) {
	story.Each(t, func(w *story.World) {
		one, two := person(w, "one", access.Admin), person(w, "two", access.Admin)
		dismiss := func(by, who access.User, disabled bool) error {
			roles := []access.Role{access.Auditor}
			if disabled {
				roles = who.Roles
			}
			_, err := operation.Run(w.T.Context(), w.Runner, story.By(by.Actor()), access.UpdateUser, access.SetUser{ID: who.ID, Version: who.Version, Name: who.Name, Scope: who.Scope, Roles: roles, Disabled: disabled})
			return err
		}
		var all sync.WaitGroup
		var failed atomic.Int32
		for _, pair := range [][2]access.User{{one, two}, {two, one}} {
			all.Go(func() {
				if err := dismiss(pair[0], pair[1], pair[0].ID == one.ID); err != nil {
					failed.Add(1)
					if fault.As(err) == nil || fault.As(err).Key != "access.last_admin" {
						w.T.Error(err)
					}
				}
			})
		}
		all.Wait()
		if failed.Load() != 1 {
			w.T.Errorf("%d of two dismissals were refused, want one", failed.Load())
		}
	})
}

// Every permission that a role is given names something that there is.
func TestRolesNameWhatThereIs(t *testing.T) {
	names := []string{monitoring.SubmitPermission}
	for _, o := range append(append([]operation.Any(nil), app.Operations...), app.Views...) {
		names = append(names, o.Name())
	}
	for _, r := range access.Roles {
		for _, pattern := range access.Patterns(r) {
			prefix, wild := strings.CutSuffix(pattern, "*")
			found := false
			for _, n := range names {
				found = found || n == pattern || wild && strings.HasPrefix(n, prefix)
			}
			if !found {
				t.Errorf("%s may %s, which is neither operation nor view", r, pattern)
			}
		}
	}
	for _, c := range []struct {
		role  access.Role
		name  string
		might bool
	}{{access.Integrator, "ordercheck.release", false}, {access.Integrator, "ordercheck.refuse", false}, {access.Integrator, "ordercheck.expire", false}, {access.Integrator, "ordercheck.submit", true},
		{access.CreditManager, "approval.set_authority", false}, {access.Committee, "approval.set_authority", false}, {access.Admin, "approval.set_authority", true},
		{access.Sales, "statement.enter", true}, {access.Sales, "incident.do_task", true}, {access.Legal, "incident.do_task", true}, {access.Collector, "incident.log", true}} {
		if access.Permits([]access.Role{c.role}, c.name) != c.might {
			t.Errorf("%s may %s: want %v", c.role, c.name, c.might)
		}
	}
}

func TestAnAuthorityNamesRolesThatThereAre(t *testing.T) {
	m := approval.Matrix{Kind: "limit", Rows: []approval.Authority{{Currency: "*", UpTo: 1<<63 - 1, Steps: []approval.Step{{Role: "credit_manager", Votes: 1}, {Role: "pope", Votes: 1}}}}}
	f := fault.As(m.Validate())
	if f == nil || len(f.Fields) != 1 || f.Fields[0].Path != "rows[0].steps[1].role" {
		t.Errorf("%v", f)
	}
}

// What is sent is not read before it is known that the sender may send it: the answer to a body of nonsense is 403.
func TestPermissionComesBeforeTheBody(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := connect(w)
		auditor := person(w, "audit", access.Auditor)
		made := story.Must(w, operation.Actor{ID: auditor.ID, Name: auditor.Name, System: true}, access.CreateToken, access.NewToken{Name: "t", Scopes: []string{"*"}})
		c.token = made.Secret
		for _, path := range []string{"receivable/issue_invoice", "event/submit", "event/submit_batch", "views/event/parked"} {
			if status, problem, _ := c.send(http.MethodPost, "/api/v1/"+path, "{{{"); status != http.StatusForbidden {
				w.T.Errorf("%s: %d %v", path, status, problem)
			}
		}
	})
}
