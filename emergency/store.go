package emergency

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

type scanner interface{ Scan(dst ...any) error }

func scanPlan(row scanner) (Plan, error) {
	var id, source, status, by string
	var version int64
	var at time.Time
	if err := row.Scan(&id, &version, &source, &status, &by, database.Time(&at)); err != nil {
		return Plan{}, err
	}
	p, err := ParsePlan(source)
	p.Version, p.Status, p.SavedBy, p.SavedAt = version, status, by, at
	return p, err
}

const planColumns = `id, version, source, status, saved_by, saved_at`

func activePlan(ctx context.Context, q database.Querier, id string) (Plan, error) {
	p, err := scanPlan(q.QueryRow(ctx, `SELECT `+planColumns+` FROM emergency_plan WHERE id = $1 AND status = 'active'`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Plan{}, fault.NotFound("plan", id)
	}
	return p, err
}

func activePlans(ctx context.Context, q database.Querier) ([]Plan, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Plan, error) { return scanPlan(rows) },
		`SELECT `+planColumns+` FROM emergency_plan WHERE status = 'active' ORDER BY id`)
}

func lastVersion(ctx context.Context, q database.Querier, id string) (v int64, err error) {
	err = q.QueryRow(ctx, `SELECT COALESCE(MAX(version), 0) FROM emergency_plan WHERE id = $1`, id).Scan(&v)
	return v, err
}

func retirePlan(ctx context.Context, tx *database.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE emergency_plan SET status = 'off' WHERE id = $1`, id)
	return err
}

func insertPlan(ctx context.Context, tx *database.Tx, p Plan) error {
	_, err := tx.Exec(ctx, `INSERT INTO emergency_plan (`+planColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`, p.ID, p.Version, p.Source, p.Status, p.SavedBy, database.Micros(p.SavedAt))
	return err
}

const incidentColumns = `i.id, i.plan_id, i.plan_version, i.customer_id, i.alert_id, i.title_zh, i.title_en, i.level, i.status, i.reason, i.exposure_minor, i.currency,
	i.opened_by, i.opened_at, i.closed_at, i.version`

func scanIncident(row scanner, more ...any) (i Incident, err error) {
	dst := []any{&i.ID, &i.PlanID, &i.PlanVersion, &i.CustomerID, &i.AlertID, &i.Title.ZH, &i.Title.EN, &i.Level, &i.Status, &i.Reason, &i.Exposure.Minor,
		&i.Exposure.Currency, &i.OpenedBy, database.Time(&i.OpenedAt), database.Time(&i.ClosedAt), &i.Version}
	err = row.Scan(append(dst, more...)...)
	return i, err
}

func incidentByID(ctx context.Context, q database.Querier, id string) (Incident, error) {
	var name string
	i, err := scanIncident(q.QueryRow(ctx, `SELECT `+incidentColumns+`, c.name FROM incident i JOIN customer c ON c.id = i.customer_id WHERE i.id = $1`, id), &name)
	if errors.Is(err, sql.ErrNoRows) {
		return Incident{}, fault.NotFound("incident", id)
	}
	i.CustomerName = name
	return i, err
}

func openIncident(ctx context.Context, q database.Querier, customerID, planID string) (Incident, bool, error) {
	i, err := scanIncident(q.QueryRow(ctx, `SELECT `+incidentColumns+` FROM incident i WHERE i.customer_id = $1 AND i.plan_id = $2 AND i.status <> 'closed'`, customerID, planID))
	if errors.Is(err, sql.ErrNoRows) {
		return Incident{}, false, nil
	}
	return i, err == nil, err
}

func insertIncident(ctx context.Context, tx *database.Tx, i Incident) error {
	_, err := tx.Exec(ctx, `INSERT INTO incident (id, plan_id, plan_version, customer_id, alert_id, title_zh, title_en, level, status, reason, exposure_minor, currency, opened_by, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, i.ID, i.PlanID, i.PlanVersion, i.CustomerID, i.AlertID, i.Title.ZH, i.Title.EN, int(i.Level),
		i.Status, i.Reason, i.Exposure.Minor, string(i.Exposure.Currency), i.OpenedBy, database.Micros(i.OpenedAt))
	return err
}

func changed(done sql.Result, err error, thing, id string) error {
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale(thing, id))
	}
	return nil
}

func updateIncident(ctx context.Context, tx *database.Tx, i Incident, version int64) error {
	done, err := tx.Exec(ctx, `UPDATE incident SET status = $3, closed_at = $4, version = version + 1 WHERE id = $1 AND version = $2`, i.ID, version, i.Status, database.Micros(i.ClosedAt))
	return changed(done, err, "incident", i.ID)
}

const taskColumns = `id, title_zh, title_en, role, due_at, status, done_by, done_at, note, version, assignee_id, assignee_name`

func scanTask(row scanner) (t Task, err error) {
	err = row.Scan(&t.ID, &t.Title.ZH, &t.Title.EN, &t.Role, database.Time(&t.DueAt), &t.Status, &t.DoneBy, database.Time(&t.DoneAt), &t.Note, &t.Version, &t.AssigneeID, &t.AssigneeName)
	return t, err
}

func tasksOf(ctx context.Context, q database.Querier, incidentID string) ([]Task, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Task, error) { return scanTask(rows) },
		`SELECT `+taskColumns+` FROM incident_task WHERE incident_id = $1 ORDER BY position`, incidentID)
}

func taskByID(ctx context.Context, q database.Querier, incidentID, id string) (Task, error) {
	t, err := scanTask(q.QueryRow(ctx, `SELECT `+taskColumns+` FROM incident_task WHERE incident_id = $1 AND id = $2`, incidentID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Task{}, fault.NotFound("task", id)
	}
	return t, err
}

func openTasks(ctx context.Context, q database.Querier, incidentID string) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM incident_task WHERE incident_id = $1 AND status = 'open'`, incidentID).Scan(&n)
	return n, err
}

func insertTask(ctx context.Context, tx *database.Tx, incidentID string, position int, t Task) error {
	_, err := tx.Exec(ctx, `INSERT INTO incident_task (id, incident_id, position, title_zh, title_en, role, due_at, status, assignee_id, assignee_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		t.ID, incidentID, position, t.Title.ZH, t.Title.EN, t.Role, database.Micros(t.DueAt), t.Status, t.AssigneeID, t.AssigneeName)
	return err
}

func updateTask(ctx context.Context, tx *database.Tx, t Task, version int64) error {
	done, err := tx.Exec(ctx, `UPDATE incident_task SET status = $3, done_by = $4, done_at = $5, note = $6, assignee_id = $7, assignee_name = $8, version = version + 1
		WHERE id = $1 AND version = $2`, t.ID, version, t.Status, t.DoneBy, database.Micros(t.DoneAt), t.Note, t.AssigneeID, t.AssigneeName)
	return changed(done, err, "task", t.ID)
}

const actionColumns = `id, position, kind, status, detail, done_by, done_at, undone_by, undone_at, version`

func scanAction(row scanner) (a Action, err error) {
	err = row.Scan(&a.ID, &a.Position, &a.Kind, &a.Status, &a.Detail, &a.DoneBy, database.Time(&a.DoneAt), &a.UndoneBy, database.Time(&a.UndoneAt), &a.Version)
	return a, err
}

func actionsOf(ctx context.Context, q database.Querier, incidentID string) ([]Action, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Action, error) { return scanAction(rows) },
		`SELECT `+actionColumns+` FROM incident_action WHERE incident_id = $1 ORDER BY position`, incidentID)
}

func actionByID(ctx context.Context, q database.Querier, incidentID, id string) (Action, error) {
	a, err := scanAction(q.QueryRow(ctx, `SELECT `+actionColumns+` FROM incident_action WHERE incident_id = $1 AND id = $2`, incidentID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Action{}, fault.NotFound("action", id)
	}
	return a, err
}

func insertAction(ctx context.Context, tx *database.Tx, incidentID string, a Action) error {
	_, err := tx.Exec(ctx, `INSERT INTO incident_action (id, incident_id, position, kind, status, detail, done_by, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		a.ID, incidentID, a.Position, a.Kind, a.Status, a.Detail, a.DoneBy, database.Micros(a.DoneAt))
	return err
}

func updateAction(ctx context.Context, tx *database.Tx, a Action) error {
	done, err := tx.Exec(ctx, `UPDATE incident_action SET status = $3, detail = $4, done_by = $5, done_at = $6, undone_by = $7, undone_at = $8, version = version + 1
		WHERE id = $1 AND version = $2`, a.ID, a.Version, a.Status, a.Detail, a.DoneBy, database.Micros(a.DoneAt), a.UndoneBy, database.Micros(a.UndoneAt))
	return changed(done, err, "action", a.ID)
}

func insertLine(ctx context.Context, tx *database.Tx, incidentID string, l Line) error {
	_, err := tx.Exec(ctx, `INSERT INTO incident_log (id, incident_id, at, actor, kind, text) VALUES ($1, $2, $3, $4, $5, $6)`, l.ID, incidentID, database.Micros(l.At), l.Actor, l.Kind, l.Text)
	return err
}

func linesOf(ctx context.Context, q database.Querier, incidentID string) ([]Line, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (l Line, err error) {
		err = rows.Scan(&l.ID, database.Time(&l.At), &l.Actor, &l.Kind, &l.Text)
		return l, err
	}, `SELECT id, at, actor, kind, text FROM incident_log WHERE incident_id = $1 ORDER BY at, id`, incidentID)
}

// openTaskLoad counts the open tasks of each person.
func openTaskLoad(ctx context.Context, q database.Querier) (map[string]int64, error) {
	load := map[string]int64{}
	_, err := database.Collect(ctx, q, func(rows *sql.Rows) (struct{}, error) {
		var id string
		var n int64
		err := rows.Scan(&id, &n)
		load[id] = n
		return struct{}{}, err
	}, `SELECT assignee_id, COUNT(*) FROM incident_task WHERE assignee_id <> '' AND status = 'open' GROUP BY assignee_id`)
	return load, err
}

// tasksFor finds the reader's open tasks in open incidents of customers that he sees.
func tasksFor(ctx context.Context, rd *operation.Reading, limit int) ([]MyTask, error) {
	where, args := customer.ScopeSQL(rd.Actor, "c", []any{rd.Actor.ID, limit})
	roles := ""
	for _, r := range rd.Actor.Roles {
		args = append(args, r)
		roles += fmt.Sprintf(", $%d", len(args))
	}
	mine := `t.assignee_id = $1`
	if roles != "" {
		mine = `(t.assignee_id = $1 OR t.assignee_id = '' AND t.role IN (` + roles[2:] + `))`
	}
	return database.Collect(ctx, rd, func(rows *sql.Rows) (m MyTask, err error) {
		t := &m.Task
		err = rows.Scan(&t.ID, &t.Title.ZH, &t.Title.EN, &t.Role, database.Time(&t.DueAt), &t.Status, &t.DoneBy, database.Time(&t.DoneAt), &t.Note, &t.Version, &t.AssigneeID, &t.AssigneeName,
			&m.IncidentID, &m.Incident.ZH, &m.Incident.EN, &m.Level, database.Time(&m.OpenedAt), &m.CustomerID, &m.CustomerName)
		m.Late = t.DueAt.Before(rd.Now)
		return m, err
	}, `SELECT t.id, t.title_zh, t.title_en, t.role, t.due_at, t.status, t.done_by, t.done_at, t.note, t.version, t.assignee_id, t.assignee_name,
		i.id, i.title_zh, i.title_en, i.level, i.opened_at, c.id, c.name
		FROM incident_task t JOIN incident i ON i.id = t.incident_id JOIN customer c ON c.id = i.customer_id
		WHERE t.status = 'open' AND i.status <> 'closed' AND `+mine+where+` ORDER BY t.due_at, t.id LIMIT $2`, args...)
}
