package customer

import (
	"context"
	"database/sql"
	"errors"

	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

const groupColumns = `g.id, g.kind, g.name, g.apex_id, g.note, g.status, g.created_at, g.updated_at, g.version`

func scanGroup(row scanner) (g Group, err error) {
	err = row.Scan(&g.ID, &g.Kind, &g.Name, &g.ApexID, &g.Note, &g.Status, database.Time(&g.CreatedAt), database.Time(&g.UpdatedAt), &g.Version)
	return g, err
}

// GroupByID finds a group, whatever the reader's scope.
func GroupByID(ctx context.Context, q database.Querier, id string) (Group, error) {
	g, err := scanGroup(q.QueryRow(ctx, `SELECT `+groupColumns+` FROM party_group g WHERE g.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Group{}, fault.NotFound("group", id)
	}
	return g, err
}

func insertGroup(ctx context.Context, tx *database.Tx, g Group) error {
	_, err := tx.Exec(ctx, `INSERT INTO party_group (id, kind, name, apex_id, note, status, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		g.ID, string(g.Kind), g.Name, g.ApexID, g.Note, g.Status, database.Micros(g.CreatedAt), database.Micros(g.UpdatedAt), g.Version)
	return err
}

// updateGroup writes a group; named says that a person gave it its name, which then stays.
func updateGroup(ctx context.Context, tx *database.Tx, g Group, version int64, named bool) error {
	mark := 0
	if named {
		mark = 1
	}
	done, err := tx.Exec(ctx, `UPDATE party_group SET name = $3, note = $4, status = $5, updated_at = $6, named = CASE WHEN $7 = 1 THEN 1 ELSE named END, version = version + 1
		WHERE id = $1 AND version = $2`, g.ID, version, g.Name, g.Note, g.Status, database.Micros(g.UpdatedAt), int64(mark))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("group", g.ID))
	}
	return nil
}

const memberColumns = `m.party_id, m.derived, m.hand, m.reason, m.set_by, m.set_at`

func scanMember(row scanner, more ...any) (m Member, err error) {
	var derived int64
	dst := []any{&m.PartyID, &derived, &m.Hand, &m.Reason, &m.SetBy, database.Time(&m.SetAt)}
	err = row.Scan(append(dst, more...)...)
	m.Derived = derived == 1
	return m, err
}

func memberOf(ctx context.Context, q database.Querier, group, party string) (Member, bool, error) {
	m, err := scanMember(q.QueryRow(ctx, `SELECT `+memberColumns+` FROM party_group_member m WHERE m.group_id = $1 AND m.party_id = $2`, group, party))
	if errors.Is(err, sql.ErrNoRows) {
		return Member{}, false, nil
	}
	return m, err == nil, err
}

// putMember writes a member, or removes it when neither control nor a person makes it one.
func putMember(ctx context.Context, tx *database.Tx, group string, m Member) error {
	if !m.Derived && m.Hand == "" {
		_, err := tx.Exec(ctx, `DELETE FROM party_group_member WHERE group_id = $1 AND party_id = $2`, group, m.PartyID)
		return err
	}
	derived := int64(0)
	if m.Derived {
		derived = 1
	}
	_, err := tx.Exec(ctx, `INSERT INTO party_group_member (group_id, party_id, derived, hand, reason, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (group_id, party_id) DO UPDATE SET derived = excluded.derived, hand = excluded.hand, reason = excluded.reason, set_by = excluded.set_by, set_at = excluded.set_at`,
		group, m.PartyID, derived, string(m.Hand), m.Reason, m.SetBy, database.Micros(m.SetAt))
	return err
}

// MemberSQL is the condition that a row of party_group_member, known as m, counts.
const MemberSQL = `(m.hand = 'added' OR m.derived = 1 AND m.hand <> 'removed')`

// GroupsOf gives the active groups that a party is a member of.
func GroupsOf(ctx context.Context, q database.Querier, party string) ([]Group, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Group, error) { return scanGroup(rows) },
		`SELECT `+groupColumns+` FROM party_group g JOIN party_group_member m ON m.group_id = g.id WHERE m.party_id = $1 AND g.status = 'active' AND `+MemberSQL+` ORDER BY g.name, g.id`, party)
}

// GroupCustomers gives the customers of a group, whatever the reader's scope: for limits of the whole group.
func GroupCustomers(ctx context.Context, q database.Querier, group string) ([]string, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) },
		`SELECT c.id FROM party_group_member m JOIN customer c ON c.id = m.party_id WHERE m.group_id = $1 AND `+MemberSQL+` ORDER BY c.id`, group)
}

// ViewGroup gives a group with its members as far as the reader may see them: one who sees none of its customers' files
// does not learn of it.
func ViewGroup(ctx context.Context, q database.Querier, a operation.Actor, id string) (GroupView, error) {
	g, err := GroupByID(ctx, q, id)
	if err != nil {
		return GroupView{}, err
	}
	v := GroupView{Group: g, Members: []Member{}, Removed: []Member{}}
	all, err := database.Collect(ctx, q, func(rows *sql.Rows) (Member, error) {
		var owner, team, customer string
		var name, kind string
		m, err := scanMember(rows, &name, &kind, &customer, &owner, &team)
		m.Name, m.Customer = name, customer != ""
		m.Kind = "company"
		if kind != "" {
			m.Kind = ownership.Kind(kind)
		}
		m.Hidden = m.Customer && !within(a, owner, team)
		return m, err
	}, `SELECT `+memberColumns+`, COALESCE(c.name, p.name, m.party_id), COALESCE(p.kind, ''), COALESCE(c.id, ''), COALESCE(c.owner_id, ''), COALESCE(c.team_id, '')
		FROM party_group_member m LEFT JOIN customer c ON c.id = m.party_id LEFT JOIN party p ON p.id = m.party_id WHERE m.group_id = $1
		ORDER BY CASE WHEN c.id IS NULL THEN 1 ELSE 0 END, m.party_id`, id)
	if err != nil {
		return GroupView{}, err
	}
	seen := a.System || a.Scope == operation.ScopeAll
	for _, m := range all {
		seen = seen || m.Customer && !m.Hidden && m.In()
		if m.Hidden {
			m.Reason, m.SetBy = "", ""
		}
		switch {
		case m.In() && m.PartyID == g.ApexID:
			apex := m
			v.Apex = &apex
			v.Members = append(v.Members, m)
		case m.In():
			v.Members = append(v.Members, m)
		default:
			v.Removed = append(v.Removed, m)
		}
		if m.In() && m.Hidden {
			v.Hidden++
		}
	}
	if !seen {
		return GroupView{}, fault.NotFound("group", id)
	}
	return v, nil
}

func staleGroups(ctx context.Context, q database.Querier) ([]string, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) }, `SELECT id FROM party_group_stale ORDER BY id`)
}

func clearStale(ctx context.Context, tx *database.Tx, ids []string) error {
	for len(ids) > 0 {
		part := ids[:min(chunk, len(ids))]
		ids = ids[len(part):]
		condition, args := among("id", part, nil)
		if _, err := tx.Exec(ctx, `DELETE FROM party_group_stale WHERE `+condition, args...); err != nil {
			return err
		}
	}
	return nil
}

// standing is a derived group as it is stored.
type standing struct {
	Group
	named   bool
	members map[string]bool // derived ones
	hand    bool            // a person added a member
}

func derivedGroups(ctx context.Context, q database.Querier) (map[string]*standing, error) {
	all := map[string]*standing{}
	_, err := database.Collect(ctx, q, func(rows *sql.Rows) (struct{}, error) {
		s := standing{members: map[string]bool{}}
		var named int64
		err := rows.Scan(&s.ID, &s.Name, &s.ApexID, &s.Status, &s.Version, &named)
		s.Kind, s.named = DerivedGroup, named == 1
		all[s.ID] = &s
		return struct{}{}, err
	}, `SELECT id, name, apex_id, status, version, named FROM party_group WHERE kind = 'derived' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	_, err = database.Collect(ctx, q, func(rows *sql.Rows) (struct{}, error) {
		var id, party, hand string
		var derived int64
		err := rows.Scan(&id, &party, &derived, &hand)
		if s := all[id]; s != nil {
			if derived == 1 {
				s.members[party] = true
			}
			s.hand = s.hand || hand == string(HandAdded)
		}
		return struct{}{}, err
	}, `SELECT group_id, party_id, derived, hand FROM party_group_member`)
	return all, err
}

// putDerived writes a derived group with exactly those derived members; what people decided stays.
func putDerived(ctx context.Context, tx *operation.Tx, c GroupChange) error {
	done, err := tx.Exec(ctx, `UPDATE party_group SET apex_id = $2, name = CASE WHEN named = 1 THEN name ELSE $3 END, status = $4, updated_at = $5, version = version + 1 WHERE id = $1`,
		c.ID, c.ApexID, c.Name, c.Status, database.Micros(tx.Now))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		g := Group{ID: c.ID, Kind: DerivedGroup, Name: c.Name, ApexID: c.ApexID, Status: c.Status, CreatedAt: tx.Now, UpdatedAt: tx.Now, Version: 1}
		if err := insertGroup(ctx, tx.Tx, g); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE party_group_member SET derived = 0 WHERE group_id = $1`, c.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM party_group_member WHERE group_id = $1 AND hand = ''`, c.ID); err != nil {
		return err
	}
	for _, id := range c.Members {
		if _, err := tx.Exec(ctx, `INSERT INTO party_group_member (group_id, party_id, derived) VALUES ($1, $2, 1) ON CONFLICT (group_id, party_id) DO UPDATE SET derived = 1`, c.ID, id); err != nil {
			return err
		}
	}
	return nil
}
