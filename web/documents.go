package web

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/document"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/listing"
)

const soonDays = 30 // a document that expires within is shown as a warning

func (v *visit) expiryCell(d customer.Document) Cell {
	if d.Expires.IsZero() || !d.Current {
		return Cell{Text: string(d.Expires)}
	}
	switch days := d.Expires.DaysSince(v.today()); {
	case days < 0:
		return Cell{Text: string(d.Expires), Tone: Bad, Sub: v.T("web.expired_days", fault.Args{"n": -days})}
	case days <= soonDays:
		return Cell{Text: string(d.Expires), Tone: Warn, Sub: v.T("web.expires_in_days", fault.Args{"n": days})}
	}
	return Cell{Text: string(d.Expires)}
}

// scanCell says what stands against opening a document: the scan's state and the cautions.
func (v *visit) scanCell(d customer.Document) Cell {
	c := Cell{Text: v.E("scan", string(d.Scan)), Wide: true}
	switch d.Scan {
	case customer.ScanClean:
		c.Tone = Good
	case customer.ScanWaiting:
		c.Tone = Warn
	case customer.ScanInfected:
		c.Tone, c.Sub = Bad, d.Threat
		return c
	}
	if !d.DeletedAt.IsZero() {
		return Cell{Text: v.T("web.deleted"), Sub: d.DeleteReason, Wide: true}
	}
	var cautions []string
	for _, x := range d.Cautions {
		cautions = append(cautions, v.T("document.caution."+x))
	}
	c.Sub = strings.Join(cautions, " · ")
	return c
}

func sizeOf(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%.1f KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}

func (v *visit) documentRow(d customer.Document) []Cell {
	return []Cell{{Text: d.Name, Href: "/documents/" + d.ID + "/look", Sub: v.E("document", d.Kind), Wide: true}, {Text: strconv.FormatInt(d.Version, 10), Num: true}, v.expiryCell(d), v.scanCell(d),
		{Text: sizeOf(d.Bytes), Num: true}, {Text: d.AddedBy, Sub: v.time(d.AddedAt)}}
}

func (v *visit) documentColumns() []Column {
	return v.cols("-name", "#-version", "-expires", "-scan", "#-bytes", "-added_by")
}

func documentsTab(v *visit, f customer.File) (templ.Component, error) {
	all, err := read(v, customer.ListDocuments, customer.ByIDInput{ID: f.Customer.ID})
	if err != nil {
		return nil, err
	}
	var current, earlier, deleted [][]Cell
	for _, d := range all {
		switch row := v.documentRow(d); {
		case !d.DeletedAt.IsZero():
			deleted = append(deleted, row)
		case d.Current:
			current = append(current, row)
		default:
			earlier = append(earlier, row)
		}
	}
	parts := []templ.Component{boxedMore(v.T("web.documents"), v.link("customer.add_document", "web.add_document"), "/customers/"+f.Customer.ID+"/document",
		table(v.Page, small(v.documentColumns(), current, v.T("web.no_documents"))))}
	if len(earlier) > 0 {
		parts = append(parts, boxed(v.T("web.earlier_versions"), table(v.Page, small(v.documentColumns(), earlier, ""))))
	}
	if len(deleted) > 0 {
		parts = append(parts, boxed(v.T("web.deleted_documents"), table(v.Page, small(v.documentColumns(), deleted, ""))))
	}
	return stack(parts...), nil
}

// uploadForm is the form of a new document, or of the next version of old.
func (v *visit) uploadForm(old *customer.Document, cancel string) Form {
	kind, expires := v.r.PostFormValue("kind"), v.r.PostFormValue("expires")
	if old != nil {
		kind = old.Kind
	}
	f := Form{Action: v.path, Key: newKey(), Submit: v.T("web.save"), Cancel: cancel, Fields: []Field{
		{Name: "file", Label: v.L("file"), Kind: "file", Required: true, Wide: true, Help: v.T("web.upload_help")},
		{Name: "kind", Label: v.L("kind"), Kind: "choice", Required: true, Value: kind, Choices: v.choices("document", customer.DocumentKinds...)},
		{Name: "expires", Label: v.L("expires"), Kind: "date", Value: expires}}}
	if old != nil {
		f.Fields = append(f.Fields[:1], f.Fields[2])
	}
	return f
}

func addDocument(v *visit) (templ.Component, error) {
	id := v.param("id")
	if _, err := v.head(id, v.T("web.add_document")); err != nil {
		return nil, err
	}
	at := "/customers/" + id + "/documents"
	return v.takeDocument(v.uploadForm(nil, at), v.r.PostFormValue("kind"), customer.NewDocument{CustomerID: id}, at)
}

func replaceDocument(v *visit) (templ.Component, error) {
	d, err := read(v, customer.ViewDocument, customer.ByIDInput{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	if _, err := v.head(d.CustomerID, v.T("web.replace_document", fault.Args{"name": d.Name})); err != nil {
		return nil, err
	}
	return v.takeDocument(v.uploadForm(&d, "/documents/"+d.ID+"/look"), d.Kind, customer.NewDocument{CustomerID: d.CustomerID, Replaces: d.ID}, "/customers/"+d.CustomerID+"/documents")
}

// takeDocument shows the form, or receives the posted file and files it.
func (v *visit) takeDocument(f Form, kind string, in customer.NewDocument, to string) (templ.Component, error) {
	if v.r.Method != http.MethodPost {
		return boxed("", form(v.Page, f)), nil
	}
	err := v.keepDocument(kind, in)
	if err == nil {
		return v.to(to, "saved")
	}
	if k := fault.KindOf(err); k != fault.KindInvalid && k != fault.KindStale {
		return nil, err
	}
	f.tell(v.Page, err, nil)
	v.code = http.StatusUnprocessableEntity
	return boxed("", form(v.Page, f)), nil
}

func (v *visit) keepDocument(kind string, in customer.NewDocument) error {
	in.Expires = dateOf(v.r.PostFormValue("expires"))
	file, header, err := v.r.FormFile("file")
	if err != nil {
		return fault.Invalid("file", "fault.required", nil)
	}
	defer file.Close()
	// Who may not see the customer uploads nothing about it; the operation's guard says so again.
	if _, err := read(v, customer.View, customer.ByIDInput{ID: in.CustomerID}); err != nil {
		return err
	}
	up, err := v.app.Documents.Receive(v.r.Context(), v.call(), kind, header.Filename, file)
	if err != nil {
		return err
	}
	in.UploadID = up.ID
	_, err = act(v, customer.AddDocument, in)
	return err
}

// lookAtDocument is a document's page: what it is, a preview where it is safe, its versions.
func lookAtDocument(v *visit) (templ.Component, error) {
	d, err := read(v, customer.ViewDocument, customer.ByIDInput{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	if _, err := v.head(d.CustomerID, d.Name); err != nil {
		return nil, err
	}
	v.OverHref += "/documents"
	all, err := read(v, customer.ListDocuments, customer.ByIDInput{ID: d.CustomerID})
	if err != nil {
		return nil, err
	}
	var versions [][]Cell
	for _, o := range all {
		if o.SeriesID == d.SeriesID {
			versions = append(versions, v.documentRow(o))
		}
	}
	state := v.scanCell(d)
	if state.Tone != Plain || state.Text != "" {
		v.Badges = append(v.Badges, state)
	}
	at := "/documents/" + d.ID
	refused := d.Readable(v.Actor)
	if refused == nil {
		v.Actions = append(v.Actions, Action{Label: v.T("web.download"), Href: at, Main: true})
	}
	if d.Current && d.DeletedAt.IsZero() {
		if v.can(customer.AddDocument.Name()) {
			v.Actions = append(v.Actions, Action{Label: v.T("web.replace"), Href: at + "/replace"})
		}
		if v.can(customer.DeleteDocument.Name()) {
			v.Actions = append(v.Actions, Action{Label: v.T("web.delete"), Href: at + "/delete", Tone: Bad})
		}
	}
	var parts []templ.Component
	switch {
	case refused != nil:
		sentence, _ := i18n.Fault(v.Lang, refused)
		parts = append(parts, notice(sentence, Bad))
	case len(d.Cautions) > 0:
		for _, x := range d.Cautions {
			parts = append(parts, notice(v.T("document.caution_long."+x), Warn))
		}
	}
	shown := []templ.Component{padded(v.T("web.document"), facts([]Fact{
		{Label: v.L("kind"), Value: v.E("document", d.Kind)}, {Label: v.L("content_type"), Value: d.ContentType}, {Label: v.L("bytes"), Value: sizeOf(d.Bytes)}, {Label: v.L("expires"), Value: string(d.Expires)},
		{Label: v.L("version"), Value: strconv.FormatInt(d.Version, 10)}, {Label: v.L("added_by"), Value: d.AddedBy + " " + v.time(d.AddedAt)}, {Label: "SHA-256", Value: d.SHA256, Wide: true}}))}
	if len(versions) > 1 {
		shown = append(shown, boxed(v.T("web.document_versions"), table(v.Page, small(v.documentColumns(), versions, ""))))
	}
	parts = append(parts, shown...)
	if refused == nil {
		parts = append(parts, v.preview(d))
	}
	return stack(parts...), nil
}

// preview shows a PDF in a frame of its own and a picture drawn anew; anything else is downloaded only.
func (v *visit) preview(d customer.Document) templ.Component {
	if !document.HasPreview(d.ContentType) {
		return notice(v.T("web.no_preview"), Info)
	}
	src, title := "/documents/"+d.ID+"/preview", html.EscapeString(d.Name)
	return boxed(v.T("web.document_preview"), templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		markup := `<img class="preview-picture" src="` + src + `" alt="` + title + `">`
		if document.IsPDF(d.ContentType) {
			markup = `<iframe class="preview-frame" src="` + src + `" title="` + title + `" referrerpolicy="no-referrer" loading="lazy"></iframe>`
		}
		_, err := io.WriteString(w, markup)
		return err
	}))
}

// previewDocument sends what the preview shows, under headers that let nothing else happen: no script, no request to
// anywhere, no other page around it.
func previewDocument(v *visit) (templ.Component, error) {
	d, raw, err := v.app.Documents.Content(v.r.Context(), v.call(), v.param("id"))
	if err != nil {
		return nil, err
	}
	kind := d.ContentType
	switch {
	case document.IsPDF(kind):
	case document.HasPreview(kind):
		if raw, err = document.Picture(v.r.Context(), raw); err != nil {
			return nil, fault.Conflict("web.no_preview", nil).Because(err)
		}
		kind = "image/jpeg"
	default:
		return nil, fault.NotFound("preview", d.ID)
	}
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", "inline")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", previewPolicy)
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	_, err = v.w.Write(raw)
	return nil, err
}

// previewPolicy is the content security policy of previews. See docs/decisions/0016-documents.md for what the browser's PDF
// viewer needs of it.
const previewPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"

// sendDocument sends a document's content as a download: a browser never runs what somebody uploaded.
func sendDocument(v *visit) (templ.Component, error) {
	d, raw, err := v.app.Documents.Content(v.r.Context(), v.call(), v.param("id"))
	if err != nil {
		return nil, err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+pathEscape(d.Name))
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	_, err = v.w.Write(raw)
	return nil, err
}

func deleteDocument(v *visit) (templ.Component, error) {
	d, err := read(v, customer.ViewDocument, customer.ByIDInput{ID: v.param("id")})
	if err != nil {
		return nil, err
	}
	if _, err := v.head(d.CustomerID, v.T("web.delete_document", fault.Args{"name": d.Name})); err != nil {
		return nil, err
	}
	return v.form(formOf{op: customer.DeleteDocument, fixed: map[string]any{"id": d.ID}, tone: Bad, submit: v.T("web.delete"), cancel: "/documents/" + d.ID + "/look",
		fields: []Field{{Name: "reason", Required: true, Wide: true}},
		done:   func(any) (string, string) { return "/customers/" + d.CustomerID + "/documents", "saved" }})
}

// expiringDocuments is the reminder list.
func expiringDocuments(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.documents")
	days, _ := strconv.Atoi(v.query.Get("within"))
	return v.list(listOf{
		columns: v.cols("customer", "name", "kind", "expires", "-scan", "-added_by"),
		filters: []filterBy{{name: "within", choices: []Choice{{"30", v.T("web.days", fault.Args{"n": 30})}, {"90", v.T("web.days", fault.Args{"n": 90})}, {"365", v.T("web.days", fault.Args{"n": 365})}}},
			{name: "kind", column: "kind", choices: v.choices("document", customer.DocumentKinds...)}},
		sort: "expires", file: "documents", empty: v.T("web.nothing_expires"),
		fetch: func(q listing.Query) ([][]Cell, string, int64, error) {
			page, err := read(v, customer.ListExpiring, customer.ExpiringInput{Days: min(days, 3650), Query: q})
			var rows [][]Cell
			for _, d := range page.Documents {
				rows = append(rows, []Cell{{Text: d.CustomerName, Href: "/customers/" + d.CustomerID + "/documents"}, {Text: d.Name, Href: "/documents/" + d.ID + "/look"}, {Text: v.E("document", d.Kind)},
					v.expiryCell(d.Document), v.scanCell(d.Document), {Text: d.AddedBy, Sub: v.time(d.AddedAt)}})
			}
			return rows, page.Next, page.Total, err
		},
	})
}

func documentRules(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.document_rules")
	all, err := read(v, customer.ViewDocumentRules, customer.DocumentRulesInput{})
	if err != nil {
		return nil, err
	}
	var rows [][]Cell
	allowed := func(yes bool) Cell {
		if yes {
			return Cell{Text: v.T("web.allowed"), Tone: Warn}
		}
		return Cell{Text: v.T("web.refused")}
	}
	for _, r := range all {
		rows = append(rows, []Cell{{Text: v.E("document", r.Kind), Href: "/settings/documents/" + r.Kind}, {Text: sizeOf(r.MostBytes), Num: true}, allowed(r.Archives), allowed(r.Macros)})
	}
	scanner := notice(v.T("web.scanner_off"), Warn)
	if v.app.Documents.Scanner != nil {
		scanner = notice(v.T("web.scanner_on", fault.Args{"address": v.app.Documents.Scanner.Address}), Info)
	}
	return stack(scanner, table(v.Page, small(v.cols("-kind", "#-most_bytes", "-archives", "-macros"), rows, "")), notice(v.T("web.upload_help"), Info)), nil
}

func editDocumentRule(v *visit) (templ.Component, error) {
	kind := v.param("kind")
	all, err := read(v, customer.ViewDocumentRules, customer.DocumentRulesInput{})
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.Kind != kind {
			continue
		}
		v.Title, v.Over, v.OverHref = v.E("document", kind), v.T("menu.document_rules"), "/settings/documents"
		return v.form(formOf{op: customer.SetDocumentRule, fixed: map[string]any{"kind": kind}, cancel: "/settings/documents", narrow: true,
			fields: []Field{{Name: "most_bytes", Kind: "number", Value: strconv.FormatInt(r.MostBytes, 10), Help: v.T("web.most_bytes_help")},
				{Name: "archives", Kind: "flag", Value: strconv.FormatBool(r.Archives), Help: v.T("web.archives_help")}, {Name: "macros", Kind: "flag", Value: strconv.FormatBool(r.Macros), Help: v.T("web.macros_help")},
				{Name: "version", Kind: "hidden", Value: strconv.FormatInt(r.Version, 10)}},
			done: func(any) (string, string) { return "/settings/documents", "saved" }})
	}
	return nil, fault.NotFound("document kind", kind)
}
