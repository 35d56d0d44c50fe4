package document

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/gabriel-vasile/mimetype"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/spreadsheet"
)

// Content is what a file is by its content.
type Content struct {
	Type     string   `json:"type"`               // media type
	Cautions []string `json:"cautions,omitempty"` // what a reader should know before opening it; see the Caution constants
}

// The cautions.
const (
	CautionMacro     = "macro"     // the file carries macros
	CautionActive    = "active"    // a PDF with scripts, launch actions or files inside
	CautionEncrypted = "encrypted" // nobody, and no scanner, can look inside without the password
	CautionArchive   = "archive"   // an archive of files
)

// Allowance is what may be kept beyond the plain documents.
type Allowance struct {
	Archives bool // ZIP files
	Macros   bool // Office files with macros
}

// The bounds of an archive and of an Office file, which is one.
const (
	mostEntries  = 5_000
	mostUnpacked = 512 << 20
	mostRatio    = 200 // unpacked to packed; beyond it is a bomb, not a document
)

const (
	typePDF  = "application/pdf"
	typeZIP  = "application/zip"
	typeOFD  = "application/ofd" // 版式文档 GB/T 33190, the format of electronic invoices
	typeOLE  = "application/x-ole-storage"
	typeText = "text/plain"
)

// plain are the types that are kept as they are; the first that the content is a kind of names it.
var plain = []string{
	typePDF, "image/png", "image/jpeg", "image/webp", "image/tiff",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.presentation",
	"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
	"text/csv", "text/tab-separated-values", "application/json", typeText,
}

// Inspect tells what a content is, or refuses it: as a fault of the field "file". The file's name plays no part.
func Inspect(raw []byte, may Allowance) (Content, error) {
	refuse := func(key string, args fault.Args) (Content, error) { return Content{}, fault.Invalid("file", key, args) }
	if len(raw) == 0 {
		return refuse("document.empty", nil)
	}
	found := mimetype.Detect(raw)
	kind := bare(found.String())
	if strings.HasPrefix(kind, "application/octet") || strings.HasPrefix(kind, "text/plain") {
		if text, ok := asText(raw); ok { // GB18030 text looks like nothing to detectors made for UTF-8
			return inspectText(text)
		}
	}
	c := Content{Type: kind}
	switch {
	case kind == typePDF:
		c.Cautions = cautionsOfPDF(raw)
		return c, nil
	case within(found, typeZIP):
		return inspectZIP(raw, kind, may)
	case within(found, typeOLE):
		return inspectOLE(raw, found, kind, may)
	case strings.HasPrefix(kind, "text/") && !slices.Contains(plain, kind):
		return refuse("document.type_refused", fault.Args{"type": kind})
	case slices.Contains(plain, kind):
		return c, nil
	}
	return refuse("document.type_refused", fault.Args{"type": kind})
}

func bare(kind string) string {
	kind, _, _ = strings.Cut(kind, ";")
	return kind
}

// within tells whether the type is of the family, itself or by a parent.
func within(m *mimetype.MIME, family string) bool {
	for ; m != nil; m = m.Parent() {
		if m.Is(family) {
			return true
		}
	}
	return false
}

// asText gives the content as text when it is one: no control characters beyond line ends and tabs.
func asText(raw []byte) (string, bool) {
	text, err := spreadsheet.Decode(raw)
	if err != nil {
		return "", false
	}
	for _, r := range text {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' || r == 0xFFFD {
			return "", false
		}
	}
	return text, true
}

func inspectText(text string) (Content, error) {
	head := strings.ToLower(strings.TrimSpace(text[:min(len(text), 1024)]))
	for _, start := range []string{"<!doctype", "<html", "<?xml", "<svg", "<script", "<body", "#!", "<?php", "@echo off"} {
		if strings.HasPrefix(head, start) { // pages, pictures and programs written as text
			return Content{}, fault.Invalid("file", "document.type_refused", fault.Args{"type": "text/" + strings.Trim(start, "<!?#@")})
		}
	}
	return Content{Type: typeText}, nil
}

func cautionsOfPDF(raw []byte) (all []string) {
	if bytes.Contains(raw, []byte("/JavaScript")) || bytes.Contains(raw, []byte("/JS")) || bytes.Contains(raw, []byte("/Launch")) || bytes.Contains(raw, []byte("/EmbeddedFile")) {
		all = append(all, CautionActive)
	}
	if bytes.Contains(raw, []byte("/Encrypt")) {
		all = append(all, CautionEncrypted)
	}
	return all
}

// programs are endings that no document has inside an archive.
var programs = []string{".exe", ".dll", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".hta", ".lnk", ".msi", ".jar", ".sh", ".apk", ".iso", ".img"}

func inspectZIP(raw []byte, kind string, may Allowance) (Content, error) {
	refuse := func(key string, args fault.Args) (Content, error) { return Content{}, fault.Invalid("file", key, args) }
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return refuse("document.archive_broken", nil)
	}
	if len(z.File) > mostEntries {
		return refuse("document.archive_bomb", nil)
	}
	c := Content{Type: kind}
	office, found := slices.Contains(plain, kind), listed(z)
	switch {
	case !office && found.program != "":
		return refuse("document.archive_program", fault.Args{"name": found.program})
	case found.bomb:
		return refuse("document.archive_bomb", nil)
	case truthful(z) != nil:
		return refuse("document.archive_broken", nil)
	case found.macro && !may.Macros:
		return refuse("document.macro_refused", nil)
	}
	if found.encrypted {
		c.Cautions = append(c.Cautions, CautionEncrypted)
	}
	if found.macro {
		c.Cautions = append(c.Cautions, CautionMacro)
	}
	switch {
	case found.ofd:
		c.Type = typeOFD
	case office:
	case !may.Archives:
		return refuse("document.archive_refused", nil)
	default:
		c.Type, c.Cautions = typeZIP, append(c.Cautions, CautionArchive)
	}
	return c, nil
}

type listing struct {
	macro, ofd, encrypted, bomb bool
	program                     string // the first program's name
}

// listed tells what an archive's directory says of its entries.
func listed(z *zip.Reader) (l listing) {
	var unpacked, packed uint64
	for _, f := range z.File {
		unpacked, packed = unpacked+f.UncompressedSize64, packed+f.CompressedSize64
		name := strings.ToLower(f.Name)
		l.macro = l.macro || strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "basic/") && strings.HasSuffix(name, ".xml")
		l.ofd = l.ofd || f.Name == "OFD.xml"
		l.encrypted = l.encrypted || f.Flags&1 != 0
		if l.program == "" && slices.Contains(programs, path.Ext(name)) {
			l.program = f.Name
		}
	}
	l.bomb = unpacked > mostUnpacked || packed > 0 && unpacked/packed > mostRatio || packed == 0 && unpacked > 0
	return l
}

// truthful unpacks an archive to nowhere: entries that are larger than their header says would pass the bounds above.
func truthful(z *zip.Reader) error {
	for _, f := range z.File {
		if f.Flags&1 != 0 || f.FileInfo().IsDir() {
			continue // encrypted: nobody can look
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, io.LimitReader(r, mostUnpacked)) // the reader itself fails beyond the stated size
		if err := closeAfter(r, err); err != nil {
			return err
		}
	}
	return nil
}

func closeAfter(r io.Closer, err error) error {
	if closed := r.Close(); err == nil {
		err = closed
	}
	return err
}

func inspectOLE(raw []byte, found *mimetype.MIME, kind string, may Allowance) (Content, error) {
	c := Content{Type: kind}
	switch {
	case bytes.Contains(raw, wide("EncryptedPackage")): // an encrypted .docx or .xlsx comes in this old container
		c.Type, c.Cautions = typeOLE, append(c.Cautions, CautionEncrypted)
	case !slices.Contains(plain, bare(found.String())):
		return Content{}, fault.Invalid("file", "document.type_refused", fault.Args{"type": kind})
	}
	if bytes.Contains(raw, wide("_VBA_PROJECT")) || bytes.Contains(raw, wide("VBA")) {
		if !may.Macros {
			return Content{}, fault.Invalid("file", "document.macro_refused", nil)
		}
		c.Cautions = append(c.Cautions, CautionMacro)
	}
	return c, nil
}

// wide is how the old Office container writes the names of its streams.
func wide(name string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(name)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// HasPreview tells whether the type can be looked at in the browser: a PDF by the browser's own viewer, a picture drawn anew.
func HasPreview(kind string) bool { return kind == typePDF || isPicture(kind) }

// IsPDF tells whether the type is a PDF.
func IsPDF(kind string) bool { return kind == typePDF }

func isPicture(kind string) bool {
	return slices.Contains([]string{"image/png", "image/jpeg", "image/webp", "image/tiff"}, kind)
}
