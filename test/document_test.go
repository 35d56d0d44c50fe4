package test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/audit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/document"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/test/story"
)

const (
	pdfPage   = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
	newerPage = "%PDF-1.4\n1 0 obj<</Type/Catalog/Lang(zh)>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)

// eicar is the harmless file that every virus scanner knows, in two parts so that they leave this source alone.
var eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

func receive(w *story.World, a operation.Actor, kind, name, content string) customer.Upload {
	w.T.Helper()
	up, err := w.Documents.Receive(w.T.Context(), story.By(a), kind, name, strings.NewReader(content))
	if err != nil {
		w.T.Fatal(err)
	}
	return up
}

func file(w *story.World, a operation.Actor, customerID, kind, name, content string) customer.Document {
	w.T.Helper()
	return story.Must(w, a, customer.AddDocument, customer.NewDocument{CustomerID: customerID, UploadID: receive(w, a, kind, name, content).ID})
}

func kindIs(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: want %s, got %v", what, want, err)
	}
}

func TestDocumentsLife(t *testing.T) {
	story.Each(t, func(w *story.World) {
		t, ctx := w.T, w.T.Context()
		mine := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司"}})
		theirs := story.Must(w, w.Sales2, customer.Create, customer.New{Profile: customer.Profile{Name: "示例二公司"}})

		up := receive(w, w.Sales, "licence", `..\..\营业执照`+"\u202e"+`fdp.exe`, pdfPage)
		if up.Name != "营业执照fdp.exe" || up.Type != "application/pdf" || up.Bytes != int64(len(pdfPage)) {
			t.Errorf("received as %+v", up)
		}
		add := func(a operation.Actor, in customer.NewDocument) error {
			_, err := operation.Run(ctx, w.Runner, story.By(a), customer.AddDocument, in)
			return err
		}
		kindIs(t, "another's upload", add(w.Sales2, customer.NewDocument{CustomerID: theirs.ID, UploadID: up.ID}), fault.KindNotFound)
		kindIs(t, "another's customer", add(w.Sales, customer.NewDocument{CustomerID: theirs.ID, UploadID: up.ID}), fault.KindNotFound)
		first := story.Must(w, w.Sales, customer.AddDocument, customer.NewDocument{CustomerID: mine.ID, UploadID: up.ID, Expires: "2026-07-01"})
		kindIs(t, "the same upload again", add(w.Sales, customer.NewDocument{CustomerID: mine.ID, UploadID: up.ID}), fault.KindInvalid)

		// Rights and row scope on reading, both of entry and content.
		_, err := operation.Read(ctx, w.Runner, story.By(w.Sales2), customer.ViewDocument, customer.ByIDInput{ID: first.ID})
		kindIs(t, "another's document", err, fault.KindNotFound)
		_, _, err = w.Documents.Content(ctx, story.By(w.Sales2), first.ID)
		kindIs(t, "another's content", err, fault.KindNotFound)
		_, err = w.Documents.Receive(ctx, story.By(w.Auditor), "licence", "a.pdf", strings.NewReader(pdfPage))
		kindIs(t, "who may not upload", err, fault.KindForbidden)

		// The next version keeps the one before.
		next := receive(w, w.Sales, "licence", "执照 2026.pdf", newerPage)
		second := story.Must(w, w.Sales, customer.AddDocument, customer.NewDocument{CustomerID: mine.ID, UploadID: next.ID, Replaces: first.ID, Expires: "2036-07-01"})
		if second.Version != 2 || second.SeriesID != first.SeriesID {
			t.Errorf("the second version is %+v", second)
		}
		again := receive(w, w.Sales, "licence", "c.pdf", pdfPage)
		kindIs(t, "replacing what is replaced", add(w.Sales, customer.NewDocument{CustomerID: mine.ID, UploadID: again.ID, Replaces: first.ID}), fault.KindStale)
		kindIs(t, "replacing across customers", add(w.Sales2, customer.NewDocument{CustomerID: theirs.ID, UploadID: receive(w, w.Sales2, "licence", "c.pdf", pdfPage).ID, Replaces: second.ID}), fault.KindNotFound)
		if _, raw, err := w.Documents.Content(ctx, story.By(w.Sales), first.ID); err != nil || string(raw) != pdfPage {
			t.Errorf("the old version: %q %v", raw, err)
		}
		if f := story.See(w, w.Sales, customer.View, customer.ByIDInput{ID: mine.ID}); len(f.Documents) != 1 || f.Documents[0].ID != second.ID {
			t.Errorf("the file shows %+v", f.Documents)
		}

		// Deleting is by right, with a reason, of the whole series; nothing is lost for audit.
		_, err = operation.Run(ctx, w.Runner, story.By(w.Sales), customer.DeleteDocument, customer.DocumentToDelete{ID: second.ID, Reason: "x"})
		kindIs(t, "sales deletes", err, fault.KindForbidden)
		_, err = operation.Run(ctx, w.Runner, story.By(w.Manager), customer.DeleteDocument, customer.DocumentToDelete{ID: second.ID})
		kindIs(t, "without a reason", err, fault.KindInvalid)
		story.Must(w, w.Manager, customer.DeleteDocument, customer.DocumentToDelete{ID: second.ID, Reason: "放错客户"})
		for _, id := range []string{first.ID, second.ID} {
			_, _, err = w.Documents.Content(ctx, story.By(w.Manager), id)
			kindIs(t, "a deleted document", err, fault.KindConflict)
		}
		all := story.See(w, w.Sales, customer.ListDocuments, customer.ByIDInput{ID: mine.ID})
		if len(all) != 2 || all[0].DeleteReason != "放错客户" || all[1].DeletedBy != "manager" {
			t.Errorf("the list keeps %+v", all)
		}
		trail := story.See(w, w.Auditor, audit.List, audit.ListInput{Subject: mine.ID, Limit: 20})
		if n := len(slices.Collect(func(yield func(string) bool) {
			for _, e := range trail.Entries {
				if strings.HasPrefix(e.Operation, "customer.") && strings.HasSuffix(e.Operation, "_document") && !yield(e.Operation) {
					return
				}
			}
		})); n != 3 {
			t.Errorf("the trail tells %d of 3 changes", n)
		}
	})
}

func TestUploadRules(t *testing.T) {
	story.Each(t, func(w *story.World) {
		t, ctx := w.T, w.T.Context()
		var archive bytes.Buffer
		z := zip.NewWriter(&archive)
		entry, err := z.Create("合同.pdf")
		if err == nil {
			_, err = entry.Write([]byte(pdfPage))
		}
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		try := func(kind, content string) error {
			_, err := w.Documents.Receive(ctx, story.By(w.Sales), kind, "x.pdf", strings.NewReader(content))
			return err
		}
		kindIs(t, "an archive", try("contract", archive.String()), fault.KindInvalid)
		kindIs(t, "a page under the name of a PDF", try("contract", "<html><script>1</script></html>"), fault.KindInvalid)
		kindIs(t, "an unknown kind", try("selfie", pdfPage), fault.KindInvalid)
		_, err = operation.Run(ctx, w.Runner, story.By(w.Manager), customer.SetDocumentRule, customer.DocumentRule{Kind: "contract", MostBytes: 4096})
		kindIs(t, "a manager sets rules", err, fault.KindForbidden)
		admin := operation.System("administrator")
		_, err = operation.Run(ctx, w.Runner, story.By(admin), customer.SetDocumentRule, customer.DocumentRule{Kind: "contract", MostBytes: 1 << 40})
		kindIs(t, "a terabyte", err, fault.KindInvalid)
		story.Must(w, admin, customer.SetDocumentRule, customer.DocumentRule{Kind: "contract", MostBytes: 4096, Archives: true})
		_, err = operation.Run(ctx, w.Runner, story.By(admin), customer.SetDocumentRule, customer.DocumentRule{Kind: "contract", MostBytes: 4096})
		kindIs(t, "a rule seen in an older version", err, fault.KindStale)
		if err := try("contract", archive.String()); err != nil {
			t.Errorf("an allowed archive: %v", err)
		}
		if err := try("contract", pdfPage+strings.Repeat(" ", 4096-len(pdfPage))); err != nil {
			t.Errorf("exactly the largest size: %v", err)
		}
		kindIs(t, "one byte more", try("contract", pdfPage+strings.Repeat(" ", 4097-len(pdfPage))), fault.KindInvalid)
		if err := try("licence", pdfPage+strings.Repeat(" ", 5000)); err != nil {
			t.Errorf("another kind has its own rule: %v", err)
		}
	})
}

func TestExpiringDocuments(t *testing.T) {
	story.Each(t, func(w *story.World) {
		mine := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司"}})
		theirs := story.Must(w, w.Sales2, customer.Create, customer.New{Profile: customer.Profile{Name: "示例二公司"}})
		put := func(a operation.Actor, id string, expires clock.Date, replaces string) customer.Document {
			return story.Must(w, a, customer.AddDocument, customer.NewDocument{CustomerID: id, UploadID: receive(w, a, "licence", "执照"+string(expires)+".pdf", pdfPage).ID, Expires: expires, Replaces: replaces})
		}
		// Today is 2026-06-15; the notice is 30 days.
		put(w.Sales, mine.ID, "2026-06-14", "")
		put(w.Sales, mine.ID, "2026-07-15", "")
		put(w.Sales, mine.ID, "2026-07-16", "") // a day beyond
		put(w.Sales, mine.ID, "", "")
		old := put(w.Sales, mine.ID, "2026-06-01", "")
		put(w.Sales, mine.ID, "2030-06-01", old.ID) // renewed
		put(w.Sales2, theirs.ID, "2026-06-20", "")
		page := story.See(w, w.Sales, customer.ListExpiring, customer.ExpiringInput{})
		if page.Total != 2 || page.Expired != 1 || len(page.Documents) != 2 || page.Documents[0].Days != -1 || page.Documents[1].Days != 30 {
			w.T.Errorf("sales sees %+v", page)
		}
		if page := story.See(w, w.Manager, customer.ListExpiring, customer.ExpiringInput{}); page.Total != 3 {
			w.T.Errorf("the manager sees %d", page.Total)
		}
		if page := story.See(w, w.Sales, customer.ListExpiring, customer.ExpiringInput{Days: 31}); page.Total != 3 {
			w.T.Errorf("within 31 days: %d", page.Total)
		}
	})
}

// clamd speaks INSTREAM on an address; it finds eicar.
func clamd(t *testing.T, address string) (string, func()) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close() //nolint:errcheck // a test server
				if _, err := io.CopyN(io.Discard, conn, int64(len("zINSTREAM\x00"))); err != nil {
					return
				}
				var content bytes.Buffer
				for n := uint32(1); n > 0; {
					if binary.Read(conn, binary.BigEndian, &n) != nil {
						return
					}
					if _, err := io.CopyN(&content, conn, int64(n)); err != nil {
						return
					}
				}
				answer := "stream: OK\x00"
				if bytes.Contains(content.Bytes(), []byte(eicar)) {
					answer = "stream: Eicar-Test-Signature FOUND\x00"
				}
				_, _ = io.WriteString(conn, answer)
			}()
		}
	}()
	return l.Addr().String(), func() { _ = l.Close() }
}

func TestScannedQuarantinedAndWaiting(t *testing.T) {
	story.Each(t, func(w *story.World) {
		t, ctx := w.T, w.T.Context()
		address, stop := clamd(t, "127.0.0.1:0")
		w.Documents.Scanner = &document.Clamd{Address: address}
		mine := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司"}})
		open := func(a operation.Actor, id string) error {
			_, _, err := w.Documents.Content(ctx, story.By(a), id)
			return err
		}
		clean, bad := file(w, w.Sales, mine.ID, "letter", "函.txt", "harmless"), file(w, w.Sales, mine.ID, "letter", "bad.txt", eicar)
		if clean.Scan != customer.ScanClean || bad.Scan != customer.ScanInfected || bad.Threat != "Eicar-Test-Signature" {
			t.Errorf("scans: %s, %s %s", clean.Scan, bad.Scan, bad.Threat)
		}
		if err := open(w.Manager, clean.ID); err != nil {
			t.Error(err)
		}
		kindIs(t, "quarantine, the uploader", open(w.Sales, bad.ID), fault.KindForbidden)
		kindIs(t, "quarantine, the manager", open(w.Manager, bad.ID), fault.KindForbidden)

		// The scanner is away: the upload is taken, and is the uploader's alone until it was scanned.
		stop()
		waits, waitsBad := file(w, w.Sales, mine.ID, "letter", "later.txt", "harmless too"), file(w, w.Sales, mine.ID, "letter", "later-bad.txt", "x"+eicar)
		if waits.Scan != customer.ScanWaiting || waitsBad.Scan != customer.ScanWaiting {
			t.Errorf("while it is away: %s, %s", waits.Scan, waitsBad.Scan)
		}
		if err := open(w.Sales, waits.ID); err != nil {
			t.Errorf("the uploader: %v", err)
		}
		kindIs(t, "unscanned, another", open(w.Manager, waits.ID), fault.KindForbidden)
		if n, err := w.Documents.Rescan(ctx); n != 0 || err != nil {
			t.Errorf("scanned %d while it is away, %v", n, err)
		}
		_, stop = clamd(t, address)
		defer stop()
		if n, err := w.Documents.Rescan(ctx); n != 2 || err != nil {
			t.Errorf("scanned %d of 2, %v", n, err)
		}
		if err := open(w.Manager, waits.ID); err != nil {
			t.Errorf("after the scan: %v", err)
		}
		kindIs(t, "found later", open(w.Sales, waitsBad.ID), fault.KindForbidden)
		if n, err := w.Documents.Rescan(ctx); n != 0 || err != nil {
			t.Errorf("nothing waits, yet %d were scanned, %v", n, err)
		}
	})
}

func TestDamagedContentIsWithheld(t *testing.T) {
	story.Each(t, func(w *story.World) {
		dir := w.T.TempDir()
		w.Documents.Store = document.Folder{Dir: dir}
		mine := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司"}})
		d := file(w, w.Sales, mine.ID, "letter", "函.txt", "we owe nothing")
		if err := os.WriteFile(filepath.Join(dir, d.SHA256[:2], d.SHA256), []byte("we owe 5000000"), 0o600); err != nil {
			w.T.Fatal(err)
		}
		_, raw, err := w.Documents.Content(w.T.Context(), story.By(w.Sales), d.ID)
		kindIs(w.T, "a changed content", err, fault.KindConflict)
		if raw != nil {
			w.T.Errorf("it was given out: %q", raw)
		}
	})
}
