package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/monitoring/rule"
)

// eventBatch is the body of a batch.
type eventBatch struct {
	Events []rule.Event `json:"events"`
}

// mountEvents adds the doors for events. They answer when the events are on disk in the event log, before they are
// applied; sending the same event again (by source and id) changes nothing.
func (d door) mountEvents(r chi.Router, doc huma.API) {
	for _, e := range []struct {
		path    string
		input   reflect.Type
		summary string
		decode  func(raw []byte) ([]rule.Event, error)
	}{
		{"/api/v1/event/submit", reflect.TypeFor[rule.Event](), "One event", func(raw []byte) ([]rule.Event, error) {
			var e rule.Event
			err := operation.Decode(raw, &e)
			return []rule.Event{e}, err
		}},
		{"/api/v1/event/submit_batch", reflect.TypeFor[eventBatch](), "Many events, all or none", func(raw []byte) ([]rule.Event, error) {
			var b eventBatch
			err := operation.Decode(raw, &b)
			return b.Events, err
		}},
	} {
		registry := doc.OpenAPI().Components.Schemas
		doc.OpenAPI().AddOperation(&huma.Operation{OperationID: "event-" + e.path[len("/api/v1/event/"):], Method: http.MethodPost, Path: e.path, Tags: []string{"event"},
			Summary: e.summary, Description: "Permission: " + monitoring.SubmitPermission, Security: []map[string][]string{{"token": {}}},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(e.input, true, "Events")}}},
			Responses: map[string]*huma.Response{
				"200":     {Description: "On disk", Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(reflect.TypeFor[monitoring.Accepted](), true, "Accepted")}}},
				"default": {Description: "Problem", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: registry.Schema(reflect.TypeFor[Problem](), true, "Problem")}}},
			}})
		r.Post(e.path, func(w http.ResponseWriter, req *http.Request) {
			out, err := d.takeEvents(w, req, e.decode)
			d.answer(w, req, out, err)
		})
	}
}

func (d door) takeEvents(w http.ResponseWriter, req *http.Request, decode func(raw []byte) ([]rule.Event, error)) (any, error) {
	call, err := d.call(req, monitoring.SubmitPermission)
	if err != nil {
		return nil, err
	}
	if d.app.Intake == nil {
		return nil, fault.New(fault.KindBusy, "fault.busy", nil)
	}
	raw, err := body(w, req)
	if err != nil {
		return nil, err
	}
	events, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return d.app.Intake.Take(req.Context(), call.Actor, events)
}
