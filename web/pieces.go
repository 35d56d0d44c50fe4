package web

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"net/url"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
)

// inBody gives a component the room of a card's body.
func inBody(content templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return body().Render(templ.WithChildren(ctx, content), w)
	})
}

// linkTo is a plain link.
func linkTo(href, label string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<a href="`+html.EscapeString(href)+`">`+html.EscapeString(label)+`</a>`)
		return err
	})
}

// did names an operation as something that was done.
func (v *visit) did(operation string) string {
	if key := "did." + operation; i18n.Has(key) {
		return v.T(key)
	}
	return operation
}

func jsonText(value any) (string, error) {
	raw, err := json.Marshal(value)
	return string(raw), err
}

func jsonInto(text string, into any) error {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fault.New(fault.KindMalformed, "fault.malformed", fault.Args{"detail": err.Error()})
	}
	return nil
}

func mustJSON(value any) []byte {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // inputs are plain structs
	}
	return raw
}

func dateOf(text string) clock.Date { return clock.Date(text) }

func pathEscape(name string) string { return url.PathEscape(name) }

// renamed gives the fields of a fault the names that the form has for them.
func renamed(err error, names map[string]string) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	for i := range f.Fields {
		if name, ok := names[f.Fields[i].Path]; ok {
			f.Fields[i].Path = name
		}
	}
	return f
}

// inLine puts small components side by side.
func inLine(all []templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, `<div class="d-flex flex-wrap gap-2">`); err != nil {
			return err
		}
		for _, c := range all {
			if err := c.Render(ctx, w); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, `</div>`)
		return err
	})
}

// inline puts components beside each other.
func inline(all ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for i, c := range all {
			if i > 0 {
				if _, err := io.WriteString(w, " &nbsp; "); err != nil {
					return err
				}
			}
			if err := c.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// wideColumns are columns for tables that need room.
func wideColumns(all ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, `<div class="columns-wide">`); err != nil {
			return err
		}
		if err := columns(all...).Render(ctx, w); err != nil {
			return err
		}
		_, err := io.WriteString(w, `</div>`)
		return err
	})
}

// hrefOf puts a prefix before an id that is there.
func hrefOf(prefix, id string) string {
	if id == "" {
		return ""
	}
	return prefix + id
}
