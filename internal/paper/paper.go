// Package paper writes documents with headings, facts and tables as PDF, in Chinese and English, with page numbers.
//
// It needs a TrueType font with Chinese glyphs: font collections (.ttc) and PostScript outlines (.otf) cannot be embedded.
// Debian's fonts-droid-fallback has one; XINHENG_FONT names another. Latin letters and figures, which that font lacks, are
// written with Go Regular, which comes with the program.
package paper

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/signintech/gopdf"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/xinheng/xinheng/internal/fault"
)

// Fact is a named value.
type Fact struct{ Label, Value string }

// Table is a table with a heading row. Widths are shares of the page's width, beside Columns; nil = equal.
type Table struct {
	Columns []string
	Widths  []float64
	Rows    [][]string
}

// Section is a part of a document: a heading, then facts, then a table. Empty is said where there is neither.
type Section struct {
	Title string
	Facts []Fact
	Table *Table
	Empty string
}

// Document is what is printed. Page says the number at the foot of a page, as "第 %d 页，共 %d 页".
type Document struct {
	Title    string
	Subtitle string
	Foot     string
	Page     string
	Sections []Section
}

// fonts are where distributions put a font that serves.
var fonts = []string{
	"/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
	"/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf",
	"/usr/share/fonts/google-droid-sans-fonts/DroidSansFallbackFull.ttf",
	"/usr/share/fonts/truetype/arphic-gbsn00lp/gbsn00lp.ttf",
	"/usr/share/fonts/truetype/wqy/wqy-microhei.ttf",
	"/Library/Fonts/Arial Unicode.ttf",
	`C:\Windows\Fonts\simhei.ttf`,
}

// Font gives the path of the font that documents are written with, or a fault that says what to install.
func Font() (string, error) {
	all := fonts
	if own := os.Getenv("XINHENG_FONT"); own != "" {
		all = []string{own}
	}
	for _, path := range all {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", fault.Conflict("paper.no_font", fault.Args{"looked": strings.Join(all, ", ")})
}

const (
	margin   = 42.0
	body     = 9.0
	leading  = 13.0
	foot     = 30.0
	han      = "han"
	latin    = "latin"
	labelled = 0.3 // share of a fact's width that its label takes
)

type writer struct {
	pdf    gopdf.GoPdf
	doc    Document
	y      float64
	full   float64
	points float64          // the size of the text
	widths map[rune]float64 // of a rune at size 1
	err    error
}

// fontOf says which font has a rune: from the CJK radicals on it is the Chinese one.
func fontOf(r rune) string {
	if r >= 0x2E80 {
		return han
	}
	return latin
}

// PDF writes a document as A4 pages.
func PDF(doc Document) ([]byte, error) {
	path, err := Font()
	if err != nil {
		return nil, err
	}
	w := &writer{doc: doc, full: gopdf.PageSizeA4.W - 2*margin, widths: map[rune]float64{}}
	w.pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	w.pdf.SetInfo(gopdf.PdfInfo{Title: doc.Title, Creator: "Xinheng"})
	if err := w.pdf.AddTTFFont(han, path); err != nil {
		return nil, fmt.Errorf("font %s: %w", path, err)
	}
	if err := w.pdf.AddTTFFontData(latin, goregular.TTF); err != nil {
		return nil, fmt.Errorf("font Go Regular: %w", err)
	}
	w.page()
	w.size(16)
	w.lines(doc.Title, margin, w.full, 20)
	w.size(body)
	w.grey()
	w.lines(doc.Subtitle, margin, w.full, leading)
	w.black()
	for _, s := range doc.Sections {
		w.section(s)
	}
	w.feet()
	if w.err != nil {
		return nil, w.err
	}
	var out bytes.Buffer
	if _, err := w.pdf.WriteTo(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (w *writer) do(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) size(points float64) { w.points = points }
func (w *writer) grey()               { w.pdf.SetTextColor(100, 110, 130) }
func (w *writer) black()              { w.pdf.SetTextColor(20, 25, 35) }

func (w *writer) width(r rune) float64 {
	one, known := w.widths[r]
	if !known {
		w.do(w.pdf.SetFont(fontOf(r), "", 100.0))
		wide, err := w.pdf.MeasureTextWidth(string(r))
		w.do(err)
		one = wide / 100
		w.widths[r] = one
	}
	return one * w.points
}

func (w *writer) measure(text string) (wide float64) {
	for _, r := range text {
		wide += w.width(r)
	}
	return wide
}

func (w *writer) page() {
	w.pdf.AddPage()
	w.y = margin
}

// room starts a new page when so much does not fit on this one.
func (w *writer) room(height float64) {
	if w.y+height > gopdf.PageSizeA4.H-margin-foot/2 {
		w.page()
		w.size(body)
	}
}

// split breaks a text into lines of a width, Latin words whole where they fit. Control characters are blanks.
func (w *writer) split(text string, width float64) []string {
	var all []string
	for part := range strings.SplitSeq(text, "\n") {
		part = strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, strings.TrimSpace(part))
		for part != "" {
			n := w.fit(part, width)
			all = append(all, strings.TrimRight(part[:n], " "))
			part = strings.TrimLeft(part[n:], " ")
		}
	}
	if len(all) == 0 {
		all = []string{"—"}
	}
	return all
}

// fit tells how many bytes of a text, at least one rune, stand on a line of a width.
func (w *writer) fit(text string, width float64) int {
	used, breakable := 0.0, 0
	for i, r := range text {
		used += w.width(r)
		if used > width && i > 0 {
			if breakable > 0 && fontOf(r) == latin && r != ' ' {
				return breakable
			}
			return i
		}
		if size := len(string(r)); r == ' ' || fontOf(r) == han {
			breakable = i + size
		}
	}
	return len(text)
}

// put writes a text at a place, each run in the font that has it.
func (w *writer) put(text string, x, y float64) {
	for text != "" {
		font := fontOf([]rune(text)[0])
		n := strings.IndexFunc(text, func(r rune) bool { return fontOf(r) != font })
		if n < 0 {
			n = len(text)
		}
		w.do(w.pdf.SetFont(font, "", w.points))
		w.pdf.SetXY(x, y)
		w.do(w.pdf.Cell(nil, text[:n]))
		x += w.measure(text[:n])
		text = text[n:]
	}
}

func (w *writer) lines(text string, x, width, height float64) {
	for _, line := range w.split(text, width) {
		w.room(height)
		w.put(line, x, w.y)
		w.y += height
	}
}

func (w *writer) rule(y float64, grey uint8) {
	w.pdf.SetStrokeColor(grey, grey, grey)
	w.pdf.SetLineWidth(0.4)
	w.pdf.Line(margin, y, margin+w.full, y)
}

func (w *writer) section(s Section) {
	w.y += 10
	w.room(3 * leading)
	w.size(11.5)
	w.put(s.Title, margin, w.y)
	w.y += 16
	w.rule(w.y-1, 120)
	w.y += 3
	w.size(body)
	w.facts(s.Facts)
	switch {
	case s.Table != nil && len(s.Table.Rows) > 0:
		w.table(*s.Table)
	case len(s.Facts) == 0:
		w.grey()
		w.lines(s.Empty, margin, w.full, leading)
		w.black()
	}
}

// facts stand in two columns.
func (w *writer) facts(all []Fact) {
	half := w.full/2 - 6
	for i := 0; i < len(all); i += 2 {
		pair := all[i:min(i+2, len(all))]
		texts := make([][]string, len(pair))
		high := 1
		for n, f := range pair {
			texts[n] = w.split(f.Value, half*(1-labelled))
			high = max(high, len(texts[n]))
		}
		w.room(float64(high) * leading)
		for n, f := range pair {
			x := margin + float64(n)*(half+12)
			w.grey()
			w.put(strings.Join(w.split(f.Label, half*labelled-4)[:1], ""), x, w.y)
			w.black()
			for l, line := range texts[n] {
				w.put(line, x+half*labelled, w.y+float64(l)*leading)
			}
		}
		w.y += float64(high) * leading
	}
}

func (w *writer) table(t Table) {
	widths := make([]float64, len(t.Columns))
	sum := 0.0
	for i := range widths {
		widths[i] = 1
		if t.Widths != nil {
			widths[i] = t.Widths[i]
		}
		sum += widths[i]
	}
	for i := range widths {
		widths[i] *= w.full / sum
	}
	head := func() {
		w.grey()
		w.row(t.Columns, widths)
		w.black()
	}
	w.room(2 * leading)
	head()
	for _, row := range t.Rows {
		high := 1
		for i, cell := range row {
			high = max(high, len(w.split(cell, widths[i]-6)))
		}
		before := w.pdf.GetNumberOfPages()
		w.room(float64(high) * leading)
		if w.pdf.GetNumberOfPages() > before {
			head()
		}
		w.row(row, widths)
	}
}

func (w *writer) row(cells []string, widths []float64) {
	x, high := margin, 1
	for i, cell := range cells {
		lines := w.split(cell, widths[i]-6)
		high = max(high, len(lines))
		for l, line := range lines {
			w.put(line, x, w.y+float64(l)*leading)
		}
		x += widths[i]
	}
	w.y += float64(high) * leading
	w.rule(w.y-2, 220)
}

func (w *writer) feet() {
	pages := w.pdf.GetNumberOfPages()
	for n := 1; n <= pages; n++ {
		w.do(w.pdf.SetPage(n))
		w.size(8)
		w.grey()
		w.put(w.doc.Foot, margin, gopdf.PageSizeA4.H-foot)
		number := fmt.Sprintf(w.doc.Page, n, pages)
		w.put(number, margin+w.full-w.measure(number), gopdf.PageSizeA4.H-foot)
	}
}
