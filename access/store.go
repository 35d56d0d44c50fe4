package access

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
)

const userColumns = `u.id, u.login, u.name, u.password_hash, u.team_id, COALESCE(t.name, ''), u.scope, u.roles, u.lang, u.disabled, u.failures, u.locked_until, u.version`

const fromUser = ` FROM app_user u LEFT JOIN team t ON t.id = u.team_id `

type scanner interface{ Scan(dst ...any) error }

func scanUser(row scanner, more ...any) (User, error) {
	var u User
	var roles string
	dst := []any{&u.ID, &u.Login, &u.Name, &u.passwordHash, &u.TeamID, &u.TeamName, &u.Scope, &roles, &u.Lang, &u.Disabled,
		&u.failures, database.Time(&u.lockedUntil), &u.Version}
	if err := row.Scan(append(dst, more...)...); err != nil {
		return User{}, err
	}
	return u, json.Unmarshal([]byte(roles), &u.Roles)
}

func one(u User, err error, id string) (User, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, fault.NotFound("user", id)
	}
	return u, err
}

func userByID(ctx context.Context, q database.Querier, id string) (User, error) {
	u, err := scanUser(q.QueryRow(ctx, `SELECT `+userColumns+fromUser+`WHERE u.id = $1`, id))
	return one(u, err, id)
}

func userByLogin(ctx context.Context, q database.Querier, login string) (User, error) {
	u, err := scanUser(q.QueryRow(ctx, `SELECT `+userColumns+fromUser+`WHERE u.login = $1`, login))
	return one(u, err, login)
}

// ByLogin finds a user for the command line, which acts in a named person's name.
func ByLogin(ctx context.Context, q database.Querier, login string) (User, error) {
	return userByLogin(ctx, q, login)
}

// ByID finds a user whose name something bears that is done later, such as an event that he submitted.
func ByID(ctx context.Context, q database.Querier, id string) (User, error) {
	return userByID(ctx, q, id)
}

func allUsers(ctx context.Context, q database.Querier) ([]User, error) {
	rows, err := q.Query(ctx, `SELECT `+userColumns+fromUser+`ORDER BY u.login`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []User
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, rows.Err()
}

// People gives who can sign in, for capabilities that give work to people by their roles.
func People(ctx context.Context, q database.Querier) ([]User, error) {
	all, err := allUsers(ctx, q)
	return slices.DeleteFunc(all, func(u User) bool { return u.Disabled }), err
}

func allTeams(ctx context.Context, q database.Querier) ([]Team, error) {
	rows, err := q.Query(ctx, `SELECT id, name FROM team ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Team
	for rows.Next() {
		var t Team
		if err := rows.Scan(&t.ID, &t.Name); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

func noUsers(ctx context.Context, q database.Querier) (bool, error) {
	var some bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM app_user)`).Scan(&some)
	return !some, err
}

func loginTaken(ctx context.Context, q database.Querier, login string) (taken bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM app_user WHERE login = $1)`, login).Scan(&taken)
	return taken, err
}

func insertUser(ctx context.Context, tx *database.Tx, u User, now time.Time) error {
	roles, err := json.Marshal(u.Roles)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO app_user (id, login, name, password_hash, team_id, scope, roles, lang, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, u.ID, u.Login, u.Name, u.passwordHash, u.TeamID, string(u.Scope), string(roles), u.Lang, database.Micros(now))
	return err
}

func updateUser(ctx context.Context, tx *database.Tx, u User, version int64) error {
	roles, err := json.Marshal(u.Roles)
	if err != nil {
		return err
	}
	done, err := tx.Exec(ctx, `UPDATE app_user SET name = $3, team_id = $4, scope = $5, roles = $6, disabled = $7, version = version + 1
		WHERE id = $1 AND version = $2`, u.ID, version, u.Name, u.TeamID, string(u.Scope), string(roles), u.Disabled)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("user", u.ID))
	}
	return nil
}

// setPassword replaces the hash before by another; when it is no longer the one before, the change is stale.
func setPassword(ctx context.Context, tx *database.Tx, id, before, hash string) error {
	done, err := tx.Exec(ctx, `UPDATE app_user SET password_hash = $3, failures = 0, locked_until = 0, version = version + 1 WHERE id = $1 AND password_hash = $2`, id, before, hash)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("user", id))
	}
	return nil
}

func setFailures(ctx context.Context, tx *database.Tx, id string, failures int, until time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE app_user SET failures = $2, locked_until = $3 WHERE id = $1`, id, failures, database.Micros(until))
	return err
}

// countTry counts a try, unless the login is locked at that moment; the last allowed one locks it.
func countTry(ctx context.Context, tx *database.Tx, id string, now time.Time) (bool, error) {
	done, err := tx.Exec(ctx, `UPDATE app_user SET failures = CASE WHEN failures + 1 >= $2 THEN 0 ELSE failures + 1 END,
		locked_until = CASE WHEN failures + 1 >= $2 THEN CAST($3 AS BIGINT) ELSE 0 END WHERE id = $1 AND locked_until <= $4`,
		id, mostFailures, database.Micros(now.Add(lockTime)), database.Micros(now))
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// lockAdmins holds the rows of the active administrators until the transaction ends, in one order, and gives their ids.
func lockAdmins(ctx context.Context, tx *database.Tx) ([]string, error) {
	active := func() ([]string, error) {
		return database.Collect(ctx, tx, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) },
			`SELECT id FROM app_user WHERE disabled = FALSE AND roles LIKE $1 ORDER BY id`, `%"`+string(Admin)+`"%`)
	}
	ids, err := active()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := tx.Lock(ctx, "app_user", id); err != nil {
			return nil, err
		}
	}
	return active() // another transaction may have ended while we waited
}

func insertTeam(ctx context.Context, tx *database.Tx, t Team) error {
	_, err := tx.Exec(ctx, `INSERT INTO team (id, name) VALUES ($1, $2)`, t.ID, t.Name)
	if database.IsUnique(err) {
		return fault.Invalid("name", "access.team_taken", fault.Args{"name": t.Name})
	}
	return err
}

func insertSession(ctx context.Context, tx *database.Tx, id, userID, csrf string, now, expires time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO session (id, user_id, csrf, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		id, userID, csrf, database.Micros(now), database.Micros(expires))
	return err
}

func deleteSession(ctx context.Context, tx *database.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM session WHERE id = $1`, id)
	return err
}

func deleteSessionsOf(ctx context.Context, tx *database.Tx, userID string) error {
	_, err := tx.Exec(ctx, `DELETE FROM session WHERE user_id = $1`, userID)
	return err
}

func deleteExpiredSessions(ctx context.Context, tx *database.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM session WHERE expires_at < $1`, database.Micros(now))
	return err
}

func sessionByID(ctx context.Context, q database.Querier, id string) (Session, error) {
	var s Session
	u, err := scanUser(q.QueryRow(ctx, `SELECT `+userColumns+`, s.csrf, s.expires_at FROM session s JOIN app_user u ON u.id = s.user_id
		LEFT JOIN team t ON t.id = u.team_id WHERE s.id = $1`, id), &s.CSRF, database.Time(&s.ExpiresAt))
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, fault.New(fault.KindUnauthorised, "fault.unauthorised", nil)
	}
	s.User = u
	return s, err
}

const tokenColumns = `k.id, k.user_id, k.name, k.scopes, k.created_at, k.expires_at, k.revoked_at`

func tokenDst(t *Token, scopes *string) []any {
	return []any{&t.ID, &t.UserID, &t.Name, scopes, database.Time(&t.CreatedAt), database.Time(&t.ExpiresAt), database.Time(&t.RevokedAt)}
}

func tokenByHash(ctx context.Context, q database.Querier, hash string) (Token, User, error) {
	var t Token
	var scopes string
	u, err := scanUser(q.QueryRow(ctx, `SELECT `+userColumns+`, `+tokenColumns+` FROM api_token k JOIN app_user u ON u.id = k.user_id
		LEFT JOIN team t ON t.id = u.team_id WHERE k.hash = $1`, hash), tokenDst(&t, &scopes)...)
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, User{}, fault.New(fault.KindUnauthorised, "access.token_ended", nil)
	}
	if err != nil {
		return Token{}, User{}, err
	}
	return t, u, json.Unmarshal([]byte(scopes), &t.Scopes)
}

func tokenByID(ctx context.Context, q database.Querier, id string) (Token, error) {
	var t Token
	var scopes string
	err := q.QueryRow(ctx, `SELECT `+tokenColumns+` FROM api_token k WHERE k.id = $1`, id).Scan(tokenDst(&t, &scopes)...)
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, fault.NotFound("api_token", id)
	}
	if err != nil {
		return Token{}, err
	}
	return t, json.Unmarshal([]byte(scopes), &t.Scopes)
}

func tokensOf(ctx context.Context, q database.Querier, userID string) ([]Token, error) {
	rows, err := q.Query(ctx, `SELECT `+tokenColumns+` FROM api_token k WHERE k.user_id = $1 ORDER BY k.created_at DESC`, userID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Token
	for rows.Next() {
		var t Token
		var scopes string
		if err := rows.Scan(tokenDst(&t, &scopes)...); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(scopes), &t.Scopes); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

func insertToken(ctx context.Context, tx *database.Tx, t Token, hash string) error {
	scopes, err := json.Marshal(t.Scopes)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO api_token (id, user_id, name, hash, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.ID, t.UserID, t.Name, hash, string(scopes), database.Micros(t.CreatedAt), database.Micros(t.ExpiresAt))
	return err
}

func revokeToken(ctx context.Context, tx *database.Tx, id string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0`, id, database.Micros(now))
	return err
}
