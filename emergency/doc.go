// Package emergency is what we do when it goes wrong (应急预案): plans, incidents, tasks, actions, the timeline.
//
// Owns: emergency_plan, incident, incident_task, incident_action, incident_log. A plan is a versioned YAML document:
// which alerts trigger it, its levels by exposure, its tasks with deadlines, and the system actions it carries out. An incident is a
// plan at work on one customer. Does not own: limits and freezes (control/limit does what an action says).
// Operations: plan.save, plan.set_status, incident.activate, incident.act, incident.undo, incident.do_task,
// incident.assign_task, incident.log, incident.close. Views: plan.list, incident.list, incident.view,
// incident.tasks. Events: incident.opened, incident.closed.
package emergency
