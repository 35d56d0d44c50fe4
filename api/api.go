package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// MostBody is the largest request body in bytes.
const MostBody = 8 << 20

// Version is the version that the API document names.
var Version = "dev"

type door struct {
	app *app.App
	log *slog.Logger
}

// Mount adds the API to the router.
func Mount(r chi.Router, a *app.App) {
	d := door{app: a, log: a.Log}
	config := huma.DefaultConfig("Xinheng 信衡", Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/openapi", "", ""
	config.CreateHooks = nil
	config.Components = &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName)}
	doc := humachi.New(r, config)
	registry := doc.OpenAPI().Components.Schemas
	registry.RegisterTypeAlias(reflect.TypeFor[money.Amount](), reflect.TypeFor[amount]())
	doc.OpenAPI().Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}
	for _, o := range app.Operations {
		path := "/api/v1/" + strings.ReplaceAll(o.Name(), ".", "/")
		describe(doc, http.MethodPost, path, o)
		r.Post(path, d.write(o))
	}
	for _, v := range app.Views {
		path := "/api/v1/" + strings.ReplaceAll(v.Name(), ".", "/")
		describe(doc, http.MethodGet, path, v)
		r.Get(path, d.read(v))
		r.Post("/api/v1/views/"+strings.ReplaceAll(v.Name(), ".", "/"), d.readBody(v))
	}
	d.mountEvents(r, doc)
	r.HandleFunc("/api/*", func(w http.ResponseWriter, req *http.Request) {
		d.fail(w, req, fault.NotFound("endpoint", req.Method+" "+req.URL.Path))
	})
}

// schemaName names a type in the document by its package and name: several capabilities have a Page or a Hit.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if path := t.PkgPath(); path != "" && t.Name() != "" {
		return path[strings.LastIndexByte(path, '/')+1:] + "." + strings.NewReplacer("[", "-", "]", "", "/", ".", "*", "").Replace(t.Name())
	}
	return huma.DefaultSchemaNamer(t, hint)
}

type amount struct {
	Amount   string `json:"amount" doc:"decimal text, exact" example:"1234.50"`
	Currency string `json:"currency" doc:"ISO 4217" example:"CNY"`
}

func describe(doc huma.API, method, path string, o operation.Any) {
	registry := doc.OpenAPI().Components.Schemas
	entry := &huma.Operation{OperationID: strings.ReplaceAll(o.Name(), ".", "-"), Method: method, Path: path, Tags: []string{strings.Split(o.Name(), ".")[0]},
		Summary: o.Name(), Description: "Permission: " + o.Name(), Security: []map[string][]string{{"token": {}}}, Responses: map[string]*huma.Response{
			"200":     {Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(o.Output(), true, o.Name()+"Output")}}},
			"default": {Description: "Problem", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: registry.Schema(reflect.TypeFor[Problem](), true, "Problem")}}},
		}}
	input := registry.Schema(o.Input(), true, o.Name()+"Input")
	if method == http.MethodPost {
		entry.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: input}}}
		entry.Parameters = []*huma.Param{
			{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"}, Description: "the same key and body get the same answer; another body is refused with 422"},
			{Name: "Dry-Run", In: "header", Schema: &huma.Schema{Type: "boolean"}, Description: "act, answer, and take everything back"},
		}
	} else {
		for i := range o.Input().NumField() {
			if name := jsonName(o.Input().Field(i)); name != "" {
				entry.Parameters = append(entry.Parameters, &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: "string"}})
			}
		}
	}
	doc.OpenAPI().AddOperation(entry)
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func (d door) write(o operation.Any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call, err := d.call(r, o.Name())
		if err != nil {
			d.fail(w, r, err)
			return
		}
		raw, err := body(w, r)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		if raw, err = withMatch(raw, r.Header.Get("If-Match")); err != nil {
			d.fail(w, r, err)
			return
		}
		out, err := o.Call(r.Context(), d.app.Runner, call, raw)
		d.answer(w, r, out, err)
	}
}

// withMatch puts the version of an If-Match header into the body's "version", so that a client may use either.
func withMatch(raw []byte, match string) ([]byte, error) {
	if match == "" {
		return raw, nil
	}
	version, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(match, "W/"), `"`), 10, 64)
	if err != nil {
		return nil, fault.New(fault.KindMalformed, "fault.malformed", fault.Args{"detail": "If-Match: " + match})
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, fault.New(fault.KindMalformed, "fault.malformed", fault.Args{"detail": err.Error()})
	}
	fields["version"] = json.RawMessage(strconv.FormatInt(version, 10))
	return json.Marshal(fields)
}

func (d door) read(v operation.Any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call, err := d.call(r, v.Name())
		if err != nil {
			d.fail(w, r, err)
			return
		}
		raw, err := FromQuery(v.Input(), r.URL.Query())
		if err != nil {
			d.fail(w, r, err)
			return
		}
		out, err := v.Call(r.Context(), d.app.Runner, call, raw)
		d.answer(w, r, out, err)
	}
}

func (d door) readBody(v operation.Any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call, err := d.call(r, v.Name())
		if err != nil {
			d.fail(w, r, err)
			return
		}
		raw, err := body(w, r)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		out, err := v.Call(r.Context(), d.app.Runner, call, raw)
		d.answer(w, r, out, err)
	}
}

// FromQuery makes a view's JSON input of query parameters, by the kind of each field. Filters are written
// filter=column:op:value and may be repeated.
func FromQuery(input reflect.Type, q url.Values) ([]byte, error) {
	in := map[string]any{}
	var c fault.Check
	known := map[string]reflect.Kind{}
	collectFields(input, known)
	for name, values := range q {
		if name == "filter" {
			in["filters"] = filters(values)
			continue
		}
		kind, ok := known[name]
		if !c.That(ok, name, "fault.unknown_field", nil) {
			continue
		}
		text := values[len(values)-1]
		switch kind {
		case reflect.Bool:
			b, err := strconv.ParseBool(text)
			c.That(err == nil, name, "fault.wrong_type", fault.Args{"want": "bool", "got": text})
			in[name] = b
		case reflect.Int, reflect.Int64:
			n, err := strconv.ParseInt(text, 10, 64)
			c.That(err == nil, name, "fault.not_number", fault.Args{"text": text})
			in[name] = n
		case reflect.Float64:
			f, err := strconv.ParseFloat(text, 64)
			c.That(err == nil, name, "fault.not_number", fault.Args{"text": text})
			in[name] = f
		default:
			in[name] = text
		}
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	return json.Marshal(in)
}

func collectFields(t reflect.Type, into map[string]reflect.Kind) {
	if t.Kind() != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			collectFields(f.Type, into)
		} else if name := jsonName(f); name != "" && name != "-" {
			into[name] = f.Type.Kind()
		}
	}
}

func filters(values []string) []map[string]string {
	all := []map[string]string{}
	for _, v := range values {
		parts := strings.SplitN(v, ":", 3)
		for len(parts) < 3 {
			parts = append(parts, "")
		}
		all = append(all, map[string]string{"column": parts[0], "op": parts[1], "value": parts[2]})
	}
	return all
}

func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MostBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, fault.New(fault.KindTooLarge, "fault.too_large", fault.Args{"most": fmt.Sprintf("%d MiB", MostBody>>20)})
	}
	if err != nil {
		return nil, fault.New(fault.KindMalformed, "fault.malformed", fault.Args{"detail": err.Error()})
	}
	return raw, nil
}

// call signs the bearer token in and asks for the permission, before anything else of the request is read.
func (d door) call(r *http.Request, permission string) (operation.Call, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return operation.Call{}, fault.New(fault.KindUnauthorised, "fault.unauthorised", nil)
	}
	actor, err := d.app.Door.Bearer(r.Context(), token)
	if err != nil {
		return operation.Call{}, err
	}
	if err := operation.Permitted(actor, permission); err != nil {
		return operation.Call{}, err
	}
	key := r.Header.Get("Idempotency-Key")
	if len(key) > 200 {
		return operation.Call{}, fault.Invalid("Idempotency-Key", "fault.too_long", fault.Args{"most": 200})
	}
	return operation.Call{Actor: actor, Key: key, DryRun: r.Header.Get("Dry-Run") == "true", RequestID: RequestID(r.Context()), Door: "api"}, nil
}

func (d door) answer(w http.ResponseWriter, r *http.Request, out any, err error) {
	if err != nil {
		d.fail(w, r, err)
		return
	}
	raw, err := json.Marshal(out)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	if version := versionOf(out); version > 0 {
		w.Header().Set("ETag", `"`+strconv.FormatInt(version, 10)+`"`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(raw) // a reader that went away is its own affair
}

// versionOf finds the version of the answer: its own, or its first struct field's.
func versionOf(out any) int64 {
	v := reflect.ValueOf(out)
	for depth := 0; depth < 2 && v.Kind() == reflect.Struct; depth++ {
		if f := v.FieldByName("Version"); f.IsValid() && f.Kind() == reflect.Int64 {
			return f.Int()
		}
		if v.NumField() == 0 {
			return 0
		}
		v = v.Field(0)
	}
	return 0
}

// Problem is an error as RFC 9457 writes it; Errors names every wrong field at once.
type Problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Code      string         `json:"code"`
	Detail    string         `json:"detail"`
	RequestID string         `json:"request_id,omitempty"`
	Errors    []FieldProblem `json:"errors,omitempty"`
}

// FieldProblem is one wrong field.
type FieldProblem struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Status is the HTTP status of a kind of fault.
func Status(kind fault.Kind) int {
	switch kind {
	case fault.KindInvalid, fault.KindReused:
		return http.StatusUnprocessableEntity
	case fault.KindMalformed:
		return http.StatusBadRequest
	case fault.KindUnauthorised:
		return http.StatusUnauthorized
	case fault.KindForbidden:
		return http.StatusForbidden
	case fault.KindNotFound:
		return http.StatusNotFound
	case fault.KindConflict:
		return http.StatusConflict
	case fault.KindStale:
		return http.StatusPreconditionFailed
	case fault.KindTooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.KindBusy:
		return http.StatusServiceUnavailable
	case fault.KindInternal:
	}
	return http.StatusInternalServerError
}

func (d door) fail(w http.ResponseWriter, r *http.Request, err error) {
	lang := i18n.Parse(r.Header.Get("Accept-Language"))
	kind := fault.KindOf(err)
	if kind == fault.KindInternal && r.Context().Err() == nil {
		d.log.Error("request failed", "request_id", RequestID(r.Context()), "path", r.URL.Path, "err", err)
	}
	sentence, _ := i18n.Fault(lang, err)
	p := Problem{Type: "about:blank", Title: http.StatusText(Status(kind)), Status: Status(kind), Code: string(kind), Detail: sentence, RequestID: RequestID(r.Context())}
	if e := fault.As(err); e != nil {
		p.Code = e.Key
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, FieldProblem{Field: f.Path, Code: f.Key, Message: i18n.Text(lang, f.Key, f.Args)})
		}
	}
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	if kind == fault.KindBusy {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a reader that went away is its own affair
}

type requestIDKey struct{}

// WithRequestID notes the id under which a request is found in logs and the audit trail.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID gives it back.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
