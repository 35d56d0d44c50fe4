// Package paper writes documents with headings, facts and tables as PDF, in Chinese and English, with page numbers.
//
// It needs a TrueType font with Chinese glyphs: font collections (.ttc) and PostScript outlines (.otf) cannot be embedded.
// Debian's fonts-droid-fallback has one; XINHENG_FONT names another.
package paper

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/signintech/gopdf"

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
	family   = "text"
	labelled = 0.3 // share of a fact's width that its label takes
)

type writer struct {
	pdf  gopdf.GoPdf
	doc  Document
	y    float64
	full float64
	err  error
}

// PDF writes a document as A4 pages.
func PDF(doc Document) ([]byte, error) {
	path, err := Font()
	if err != nil {
		return nil, err
	}
	w := &writer{doc: doc, full: gopdf.PageSizeA4.W - 2*margin}
	w.pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	w.pdf.SetInfo(gopdf.PdfInfo{Title: doc.Title, Creator: "Xinheng"})
	if err := w.pdf.AddTTFFont(family, path); err != nil {
		return nil, fmt.Errorf("font %s: %w", path, err)
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

func (w *writer) size(points float64) { w.do(w.pdf.SetFont(family, "", points)) }
func (w *writer) grey()               { w.pdf.SetTextColor(100, 110, 130) }
func (w *writer) black()              { w.pdf.SetTextColor(20, 25, 35) }

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

// split breaks a text into lines of a width. Control characters are blanks.
func (w *writer) split(text string, width float64) []string {
	var all []string
	for part := range strings.SplitSeq(text, "\n") {
		part = strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, part)
		if strings.TrimSpace(part) == "" {
			continue
		}
		lines, err := w.pdf.SplitText(part, width)
		w.do(err)
		all = append(all, lines...)
	}
	if len(all) == 0 {
		all = []string{"—"}
	}
	return all
}

func (w *writer) put(text string, x, y float64) {
	w.pdf.SetXY(x, y)
	w.do(w.pdf.Cell(nil, text))
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
		width, err := w.pdf.MeasureTextWidth(number)
		w.do(err)
		w.put(number, margin+w.full-width, gopdf.PageSizeA4.H-foot)
	}
}
