// Package papertest reads back the text of the documents that paper writes.
package papertest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Needs skips where no font serves; in CI that is a failure.
func Needs(t *testing.T, font func() (string, error)) {
	t.Helper()
	if _, err := font(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("needs fonts-droid-fallback, or a TrueType font in XINHENG_FONT: %v", err)
	}
}

var (
	object  = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
	mapped  = regexp.MustCompile(`<([0-9A-Fa-f]{4})><([0-9A-Fa-f]{4})><([0-9A-Fa-f]{4,8})>`)
	painted = regexp.MustCompile(`/F(\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>`)
)

// Read gives what each page says, without blanks: the glyphs of the content streams through the fonts' own maps to
// Unicode, as a reader of the file would copy them.
func Read(t *testing.T, raw []byte) []string {
	t.Helper()
	var fonts []map[string]string
	var contents []string
	for _, m := range object.FindAllSubmatch(raw, -1) {
		body := m[1]
		if z, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
			if plain, _ := io.ReadAll(z); len(plain) > 0 { // the line's end may belong to the checksum, not to the text
				body = plain
			}
		}
		switch text := string(body); {
		case strings.Contains(text, "begincmap"):
			fonts = append(fonts, unicodes(t, text))
		case strings.HasPrefix(text, "BT\n"):
			contents = append(contents, text)
		}
	}
	if len(fonts) == 0 || len(contents) == 0 {
		t.Fatalf("%d fonts and %d pages in %d bytes", len(fonts), len(contents), len(raw))
	}
	pages := make([]string, 0, len(contents))
	for _, text := range contents {
		pages = append(pages, said(t, text, fonts))
	}
	return pages
}

func unicodes(t *testing.T, text string) map[string]string {
	t.Helper()
	glyphs := map[string]string{}
	for _, m := range mapped.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseUint(m[3], 16, 32)
		if err != nil || m[1] != m[2] {
			t.Fatalf("map %v: %v", m, err)
		}
		glyphs[strings.ToUpper(m[1])] = string(rune(n))
	}
	return glyphs
}

func said(t *testing.T, text string, fonts []map[string]string) string {
	t.Helper()
	var b strings.Builder
	font := 0
	for _, m := range painted.FindAllStringSubmatch(text, -1) {
		if m[1] != "" {
			if _, err := fmt.Sscan(m[1], &font); err != nil || font < 1 || font > len(fonts) {
				t.Fatalf("font %s of %d", m[1], len(fonts))
			}
			continue
		}
		for i := 0; i+4 <= len(m[2]); i += 4 {
			b.WriteString(fonts[font-1][strings.ToUpper(m[2][i:i+4])])
		}
	}
	return strings.Join(strings.Fields(b.String()), "")
}
