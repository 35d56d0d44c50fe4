package emergency

import (
	"context"
	"database/sql"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

var incidentSpec = listing.Spec{ID: "i.id", Default: "level", Columns: []listing.Column{
	{Name: "level", SQL: "i.level", Kind: listing.Number}, {Name: "status", SQL: "i.status"}, {Name: "customer", SQL: "c.name"},
	{Name: "customer_id", SQL: "i.customer_id"}, {Name: "plan_id", SQL: "i.plan_id"}, {Name: "opened_at", SQL: "i.opened_at", Kind: listing.Number},
	{Name: "exposure", SQL: "i.exposure_minor", Kind: listing.Number},
}}

// IncidentsInput asks for incidents; All includes closed ones.
type IncidentsInput struct {
	All bool `json:"all,omitempty"`
	listing.Query
}

// IncidentPage is a page of incidents.
type IncidentPage struct {
	Incidents []Incident `json:"incidents"`
	Next      string     `json:"next,omitempty"`
}

// Incidents shows incidents of the customers within the reader's scope, gravest first.
var Incidents = operation.NewView("incident.list", func(ctx context.Context, rd *operation.Reading, in IncidentsInput) (IncidentPage, error) {
	now := database.Micros(rd.Now)
	where, args := customer.ScopeSQL(rd.Actor, "c", []any{now})
	if !in.All {
		where += " AND i.status <> 'closed'"
	}
	tail, err := incidentSpec.Build(in.Query, args)
	if err != nil {
		return IncidentPage{}, err
	}
	var page IncidentPage
	var keys []any
	page.Incidents, err = database.Collect(ctx, rd, func(rows *sql.Rows) (Incident, error) {
		var key any
		var name string
		var open, late int64
		var due time.Time
		i, err := scanIncident(rows, &name, &open, &late, database.Time(&due), &key)
		i.CustomerName, i.OpenTasks, i.LateTasks, i.NextDue = name, open, late, due
		keys = append(keys, key)
		return i, err
	}, `SELECT `+incidentColumns+`, c.name, (SELECT COUNT(*) FROM incident_task t WHERE t.incident_id = i.id AND t.status = 'open'),
		(SELECT COUNT(*) FROM incident_task t WHERE t.incident_id = i.id AND t.status = 'open' AND t.due_at < $1),
		(SELECT COALESCE(MIN(t.due_at), 0) FROM incident_task t WHERE t.incident_id = i.id AND t.status = 'open'), `+tail.Key+`
		FROM incident i JOIN customer c ON c.id = i.customer_id WHERE 1 = 1`+where+tail.Where+tail.Order, tail.Args...)
	if err != nil {
		return IncidentPage{}, err
	}
	if size := in.Size(); len(page.Incidents) > size {
		page.Incidents = page.Incidents[:size]
		page.Next = listing.Cursor(keys[size-1], page.Incidents[size-1].ID)
	}
	return page, nil
})

// ByIDInput names an incident.
type ByIDInput struct {
	ID string `json:"id"`
}

// View shows one incident with its tasks, actions and timeline.
var View = operation.NewView("incident.view", func(ctx context.Context, rd *operation.Reading, in ByIDInput) (Incident, error) {
	i, err := incidentByID(ctx, rd, in.ID)
	if err != nil {
		return Incident{}, err
	}
	if err := customer.Visible(ctx, rd, rd.Actor, i.CustomerID); err != nil {
		return Incident{}, fault.NotFound("incident", in.ID)
	}
	p, err := scanPlan(rd.QueryRow(ctx, `SELECT `+planColumns+` FROM emergency_plan WHERE id = $1 AND version = $2`, i.PlanID, i.PlanVersion))
	if err != nil {
		return Incident{}, err
	}
	i.Exit, i.Grading = p.Exit, p.Grade(i.Exposure)
	if i.Tasks, err = tasksOf(ctx, rd, i.ID); err != nil {
		return Incident{}, err
	}
	for _, t := range i.Tasks {
		if t.Status == "open" {
			i.OpenTasks++
			if i.NextDue.IsZero() || t.DueAt.Before(i.NextDue) {
				i.NextDue = t.DueAt
			}
			if t.DueAt.Before(rd.Now) {
				i.LateTasks++
			}
		}
	}
	if i.Actions, err = actionsOf(ctx, rd, i.ID); err != nil {
		return Incident{}, err
	}
	people, err := assigneesFor(ctx, rd, i.CustomerID)
	if err != nil {
		return Incident{}, err
	}
	i.People = people.people
	i.Log, err = linesOf(ctx, rd, i.ID)
	return i, err
})

// PlansInput asks for all plans.
type PlansInput struct{}

// PlanList is the plan library.
type PlanList struct {
	Plans []Plan `json:"plans"`
}

// Plans shows the plans in force.
var Plans = operation.NewView("plan.list", func(ctx context.Context, rd *operation.Reading, _ PlansInput) (PlanList, error) {
	plans, err := activePlans(ctx, rd)
	return PlanList{Plans: plans}, err
})

// Operations lists the writes for the doors.
var Operations = []operation.Any{SavePlan, Activate, Act, Undo, DoTask, AssignTask, Note, Close}

// Views lists the reads for the doors.
var Views = []operation.Any{Plans, Incidents, View, MyTasks}
