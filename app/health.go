package app

import "context"

// Part is how one part of the installation is.
type Part struct {
	Name    string `json:"part"`
	Up      bool   `json:"up"`
	Warning string `json:"warning,omitempty"` // it works, and somebody should look
	why     error
}

// Health tells how the parts are that the product cannot do without, and whether all of them are up. Reasons are for the
// log: whoever asks need not be signed in.
func (a *App) Health(ctx context.Context) (parts []Part, up bool) {
	parts = []Part{{Name: "database", why: a.DB.Ping(ctx)}}
	if a.Events != nil {
		log := Part{Name: "event log", why: a.Events.Health()}
		if a.Watch.Lost() {
			log.Warning = "the event log is not the one that the database was applied from: events of the other may be lost; see the program's log"
		}
		parts = append(parts, log)
	}
	up = true
	for i := range parts {
		parts[i].Up = parts[i].why == nil
		up = up && parts[i].Up
	}
	return parts, up
}
