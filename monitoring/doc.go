// Package monitoring watches customers (监控预警): events in, rules with time windows, alerts out.
//
// Owns: monitor_rule, monitor_state, monitor_progress, event_seen, event_dead, alert, alert_note. monitoring/rule and
// monitoring/window are the pure engines. Does not own: the books (receivable); what an alert leads to (app/reactions.go).
// Operations: alert.assign, alert.comment, alert.close, rule.save, rule.set_status, event.process (by the partition
// workers). Views: alert.list, alert.view, rule.list. Events: alert.opened, alert.raised_again, alert.closed.
package monitoring
