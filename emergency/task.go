package emergency

import (
	"context"
	"slices"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// assignees are who could take tasks about a customer, with how many open ones they have.
type assignees struct {
	people []Assignee
	load   map[string]int64
}

func assigneesFor(ctx context.Context, q database.Querier, customerID string) (assignees, error) {
	users, err := access.People(ctx, q)
	if err != nil {
		return assignees{}, err
	}
	all := assignees{}
	for _, u := range users { // by login
		a := u.Actor()
		if customer.Visible(ctx, q, a, customerID) == nil {
			all.people = append(all.people, Assignee{ID: a.ID, Name: a.Name, Roles: a.Roles})
		}
	}
	all.load, err = openTaskLoad(ctx, q)
	return all, err
}

// take gives a role's task to somebody: the customer's salesperson where he has the role, else who has the fewest open
// tasks. Nil when nobody has the role.
func (a assignees) take(role, ownerID string) *Assignee {
	var best *Assignee
	for i, p := range a.people {
		if !slices.Contains(p.Roles, role) {
			continue
		}
		if p.ID == ownerID {
			best = &a.people[i]
			break
		}
		if best == nil || a.load[p.ID] < a.load[best.ID] {
			best = &a.people[i]
		}
	}
	if best != nil {
		a.load[best.ID]++
	}
	return best
}

// AssignInput gives a task to a person.
type AssignInput struct {
	IncidentID string `json:"incident_id"`
	TaskID     string `json:"task_id"`
	Version    int64  `json:"version"`
	AssigneeID string `json:"assignee_id"`
}

// Validate reports every wrong field.
func (in *AssignInput) Validate() error {
	var c fault.Check
	c.Required("incident_id", in.IncidentID)
	c.Required("task_id", in.TaskID)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	c.Required("assignee_id", in.AssigneeID)
	return c.Err()
}

// AssignTask gives an open task to somebody who has its role and sees the customer.
var AssignTask = operation.New("incident.assign_task", func(ctx context.Context, tx *operation.Tx, in AssignInput) (Task, error) {
	i, err := workingIncident(ctx, tx, in.IncidentID)
	if err != nil {
		return Task{}, err
	}
	t, err := taskByID(ctx, tx, i.ID, in.TaskID)
	if err != nil {
		return Task{}, err
	}
	if t.Status == "done" {
		return Task{}, fault.Conflict("incident.task_done", nil)
	}
	people, err := assigneesFor(ctx, tx, i.CustomerID)
	if err != nil {
		return Task{}, err
	}
	at := slices.IndexFunc(people.people, func(p Assignee) bool { return p.ID == in.AssigneeID && slices.Contains(p.Roles, t.Role) })
	if at < 0 {
		return Task{}, fault.Invalid("assignee_id", "incident.cannot_take", fault.Args{"role": "access.role." + t.Role})
	}
	before := t
	t.AssigneeID, t.AssigneeName = in.AssigneeID, people.people[at].Name
	if err := updateTask(ctx, tx.Tx, t, in.Version); err != nil {
		return Task{}, err
	}
	t.Version = in.Version + 1
	tx.About(i.CustomerID)
	tx.Changed("incident.task", t.ID, before, t)
	return t, nil
})

// MyTask is an open task of the reader with the incident that it belongs to.
type MyTask struct {
	Task
	IncidentID   string    `json:"incident_id"`
	Incident     Text      `json:"incident"`
	Level        Level     `json:"level"`
	CustomerID   string    `json:"customer_id"`
	CustomerName string    `json:"customer_name"`
	Late         bool      `json:"late"`
	OpenedAt     time.Time `json:"opened_at"`
}

// MyTasksInput asks for the reader's open tasks.
type MyTasksInput struct {
	Limit int `json:"limit,omitempty"` // 0 = 50
}

// MyTasks shows the open tasks that are the reader's, or that are nobody's and of a role that he has, soonest due first.
var MyTasks = operation.NewView("incident.tasks", func(ctx context.Context, rd *operation.Reading, in MyTasksInput) ([]MyTask, error) {
	limit := in.Limit
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	return tasksFor(ctx, rd, limit)
})
