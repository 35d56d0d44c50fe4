package document_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/image/tiff"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/xinheng/xinheng/internal/document"
	"github.com/xinheng/xinheng/internal/fault"
)

const tinyPDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"

// tinyWebP is one white pixel, written by cwebp.
const tinyWebP = "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"

func zipped(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func picture(width, height int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			m.Set(x, y, color.RGBA{uint8(x), uint8(y), 120, 255})
		}
	}
	return m
}

func encoded(t *testing.T, encode func(b *bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func workbook(t *testing.T) []byte {
	t.Helper()
	return encoded(t, func(b *bytes.Buffer) error { return excelize.NewFile().Write(b) })
}

// ole is the head of an old Office file with the names of streams, as the container writes them.
func ole(streams ...string) []byte {
	b := append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 1200)...)
	binary.LittleEndian.PutUint16(b[26:], 3)
	binary.LittleEndian.PutUint16(b[30:], 9)
	copy(b[512+0x50:], []byte{0x06, 0x09, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46}) // class of Word
	for _, s := range streams {
		for _, r := range s {
			b = append(b, byte(r), 0)
		}
	}
	return b
}

func TestContentIsKnownByLookingInside(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("致示例公司：请确认余额。\n"))
	if err != nil {
		t.Fatal(err)
	}
	webp, err := base64.StdEncoding.DecodeString(tinyWebP)
	if err != nil {
		t.Fatal(err)
	}
	all := document.Allowance{Archives: true, Macros: true}
	macro := zipped(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>", "xl/vbaProject.bin", "x")
	for name, c := range map[string]struct {
		raw      []byte
		may      document.Allowance
		kind     string
		cautions []string
		refused  string
	}{
		"pdf":                    {raw: []byte(tinyPDF), kind: "application/pdf"},
		"pdf with a script":      {raw: []byte(strings.Replace(tinyPDF, "/Type/Catalog", "/Type/Catalog/OpenAction<</S/JavaScript>>", 1)), kind: "application/pdf", cautions: []string{"active"}},
		"pdf encrypted":          {raw: []byte(strings.Replace(tinyPDF, "/Root", "/Encrypt 9 0 R/Root", 1)), kind: "application/pdf", cautions: []string{"encrypted"}},
		"png":                    {raw: encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, picture(3, 3)) }), kind: "image/png"},
		"jpeg":                   {raw: encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, picture(3, 3), nil) }), kind: "image/jpeg"},
		"tiff":                   {raw: encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, picture(3, 3), nil) }), kind: "image/tiff"},
		"webp":                   {raw: webp, kind: "image/webp"},
		"xlsx":                   {raw: workbook(t), kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		"xlsx with macros":       {raw: macro, refused: "document.macro_refused"},
		"macros allowed":         {raw: macro, may: all, kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", cautions: []string{"macro"}},
		"doc":                    {raw: ole("WordDocument"), kind: "application/msword"},
		"doc with macros":        {raw: ole("WordDocument", "_VBA_PROJECT"), refused: "document.macro_refused"},
		"docx with a password":   {raw: ole("EncryptedPackage"), kind: "application/x-ole-storage", cautions: []string{"encrypted"}},
		"text":                   {raw: []byte("对账单\n2026-06\n"), kind: "text/plain"},
		"text in GB18030":        {raw: gb, kind: "text/plain"},
		"ofd":                    {raw: zipped(t, "OFD.xml", "<ofd/>", "Doc_0/Document.xml", "<d/>"), kind: "application/ofd"},
		"zip":                    {raw: zipped(t, "a.pdf", tinyPDF), refused: "document.archive_refused"},
		"zip allowed":            {raw: zipped(t, "a.pdf", tinyPDF), may: all, kind: "application/zip", cautions: []string{"archive"}},
		"zip with a program":     {raw: zipped(t, "a.pdf", tinyPDF, "x/Setup.EXE", "MZ"), may: all, refused: "document.archive_program"},
		"zip bomb":               {raw: zipped(t, "a.txt", strings.Repeat("0", 4<<20)), may: all, refused: "document.archive_bomb"},
		"zip broken":             {raw: zipped(t, "a.txt", "hello hello hello")[:40], may: all, refused: "document.archive_broken"},
		"program":                {raw: append([]byte("MZ\x90\x00\x03\x00\x00\x00"), make([]byte, 200)...), refused: "document.type_refused"},
		"elf":                    {raw: append([]byte("\x7fELF\x02\x01\x01\x00"), make([]byte, 60)...), refused: "document.type_refused"},
		"page":                   {raw: []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), refused: "document.type_refused"},
		"page after blanks":      {raw: []byte("\n\n   <html><body>x</body></html>"), refused: "document.type_refused"},
		"svg":                    {raw: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`), refused: "document.type_refused"},
		"script":                 {raw: []byte("#!/bin/sh\nrm -rf x\n"), refused: "document.type_refused"},
		"random":                 {raw: []byte{1, 2, 3, 4, 5, 6, 7, 8, 255, 254, 0, 1}, refused: "document.type_refused"},
		"nothing":                {refused: "document.empty"},
		"archive inside 7z form": {raw: append([]byte("7z\xBC\xAF\x27\x1C"), make([]byte, 60)...), may: all, refused: "document.type_refused"},
	} {
		got, err := document.Inspect(c.raw, c.may)
		if c.refused != "" {
			f := fault.As(err)
			if f == nil || len(f.Fields) != 1 || f.Fields[0].Key != c.refused || f.Fields[0].Path != "file" {
				t.Errorf("%s: want %s, got %v %v", name, c.refused, got, err)
			}
			continue
		}
		if err != nil || got.Type != c.kind || !slices.Equal(got.Cautions, c.cautions) {
			t.Errorf("%s: want %s %v, got %v %v", name, c.kind, c.cautions, got, err)
		}
	}
}

// An archive whose header says less than it holds is found out by unpacking it.
func TestArchiveThatLiesAboutItsSize(t *testing.T) {
	raw := zipped(t, "a.txt", strings.Repeat("0", 1<<20))
	at := bytes.Index(raw, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(raw[at+24:], 10) // uncompressed size in the directory
	if _, err := document.Inspect(raw, document.Allowance{Archives: true}); err == nil {
		t.Error("it was taken")
	}
}

func TestPictureIsDrawnAnew(t *testing.T) {
	raw := append(encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, picture(2400, 1200)) }), []byte("HIDDEN <script>")...)
	out, err := document.Picture(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	got, kind, err := image.Decode(bytes.NewReader(out))
	if err != nil || kind != "jpeg" || got.Bounds().Dx() != 1600 || got.Bounds().Dy() != 800 {
		t.Errorf("%s %v %v", kind, got.Bounds(), err)
	}
	if bytes.Contains(out, []byte("HIDDEN")) {
		t.Error("what was hidden came along")
	}
	for _, bad := range [][]byte{nil, []byte(tinyPDF), raw[:60], huge()} {
		if _, err := document.Picture(t.Context(), bad); err == nil {
			t.Error("what is no picture was drawn")
		}
	}
}

// huge is a PNG of some bytes that says it is 100,000 pixels square.
func huge() []byte {
	head := []byte("IHDR\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\x00\x00\x00")
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(head))
}
