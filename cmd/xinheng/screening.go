package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/screening/match"
)

type screeningCommand struct {
	Score  screeningScore  `cmd:"" help:"Score pairs of names: columns name1, name2, schema."`
	Search screeningSearch `cmd:"" help:"Search names in published lists; one JSON line a query."`
}

type screeningScore struct {
	In   string `help:"CSV with the columns name1, name2 and schema (Person, Company, Organization, Vessel, LegalEntity)." type:"existingfile" required:""`
	Out  string `help:"CSV to write: the same columns, score, match and explanation." type:"path" required:""`
	Lang string `help:"Language of the explanations: zh or en." enum:"zh,en" default:"zh"`
}

// Run scores the pairs in their order and prints how many there were. A file with a wrong cell is refused as a whole.
func (c screeningScore) Run(ctx context.Context, log *slog.Logger) (err error) {
	rows, err := csvRows(c.In, "name1", "name2", "schema")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(c.Out), ".scores-*") // the result appears whole or not at all
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when all went well
	out := csv.NewWriter(file)
	err = out.Write([]string{"name1", "name2", "schema", "score", "match", "explanation"})
	began, matches := time.Now(), 0
	for i, row := range rows {
		if err != nil || ctx.Err() != nil {
			break
		}
		kind := match.Kind(row.cells[2])
		r := match.Compare(match.Party{Name: row.cells[0], Kind: kind}, match.Party{Name: row.cells[1], Kind: kind})
		said := "no"
		if r.Match {
			said = "yes"
			matches++
		}
		err = out.Write([]string{row.cells[0], row.cells[1], row.cells[2], strconv.FormatFloat(r.Score, 'f', 6, 64), said, strings.Join(r.Explain(i18n.Lang(c.Lang)), "; ")})
		if (i+1)%10_000 == 0 {
			log.Info("scored", "pairs", i+1, "of", len(rows))
		}
	}
	out.Flush()
	if err = first(err, ctx.Err(), out.Error(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), c.Out); err != nil {
		return err
	}
	return print(map[string]any{"pairs": len(rows), "matches": matches, "threshold": match.Threshold, "seconds": time.Since(began).Seconds(), "out": c.Out})
}

// csvRow is a row with the wanted cells.
type csvRow struct {
	line  int
	cells []string
}

// csvRows reads the named columns of a CSV with a header; those ending in "?" may be absent. A schema must be one of the
// matcher's kinds.
func csvRows(name string, columns ...string) (_ []csvRow, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = first(err, file.Close()) }()
	r := csv.NewReader(bufio.NewReader(file))
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	at := make([]int, len(columns))
	for i, column := range columns {
		column, optional := strings.CutSuffix(column, "?")
		if at[i] = slices.Index(header, column); at[i] < 0 && !optional {
			return nil, fmt.Errorf("%s: there is no column %q", name, column)
		}
	}
	var rows []csvRow
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := r.FieldPos(0)
		row := csvRow{line: line}
		for i, k := range at {
			cell := ""
			if k >= 0 {
				cell = cells[k]
			}
			if strings.HasPrefix(columns[i], "schema") {
				if cell == "" {
					cell = string(match.Unknown)
				}
				if !slices.Contains([]match.Kind{match.Person, match.Company, match.Organization, match.Vessel, match.LegalEntity, match.Unknown}, match.Kind(cell)) {
					return nil, fmt.Errorf("%s: line %d: the schema %q is unknown", name, line, cell)
				}
			}
			row.cells = append(row.cells, cell)
		}
		rows = append(rows, row)
	}
}

type screeningSearch struct {
	Lists     string  `help:"Folder with published lists, plain or gzipped: OFAC CSV, UN XML, EU CSV, the Chinese list." type:"existingdir" required:""`
	In        string  `help:"CSV with the column name and, if wanted, schema." type:"existingfile" required:""`
	JSON      bool    `help:"Print JSON lines; they are printed in any case."`
	Threshold float64 `help:"The lowest score of a hit." default:"0.5"`
	Most      int     `help:"How many hits a query has at most." default:"10"`
	Lang      string  `help:"Language of the explanations: zh or en." enum:"zh,en" default:"zh"`
}

// searched is a line of the search's output.
type searched struct {
	Query  string        `json:"query"`
	Schema string        `json:"schema"`
	Hits   []searchedHit `json:"hits"`
	Millis float64       `json:"ms"`
}

type searchedHit struct {
	List        string   `json:"list"`
	ID          string   `json:"id"`
	Name        string   `json:"name"`    // of the entry
	Matched     string   `json:"matched"` // the one of its names that met best
	Score       float64  `json:"score"`
	Explanation []string `json:"explanation"`
}

// Run loads the lists, then answers the queries in their order.
func (c screeningSearch) Run(ctx context.Context, log *slog.Logger) error {
	rows, err := csvRows(c.In, "name", "schema?")
	if err != nil {
		return err
	}
	lists, err := screening.Folder(os.DirFS(c.Lists), func(name string) { log.Info("left out", "file", name) })
	if err != nil {
		return fmt.Errorf("%s: %w", c.Lists, err)
	}
	entries := screening.IndexEntries(lists)
	names := make(map[string]string, len(entries))
	for _, e := range entries {
		names[e.ID] = e.Party.Name
	}
	for _, l := range lists {
		log.Info("loaded", "list", l.Key, "files", strings.Join(l.Files, ", "), "parties", len(l.Entries))
	}
	index := match.NewIndex(entries)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for i, row := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		began := time.Now()
		found := index.Search(match.Party{Name: row.cells[0], Kind: match.Kind(row.cells[1])}, match.Options{Threshold: c.Threshold, Most: c.Most})
		line := searched{Query: row.cells[0], Schema: row.cells[1], Hits: []searchedHit{}, Millis: float64(time.Since(began).Microseconds()) / 1000}
		for _, f := range found {
			list, id, _ := strings.Cut(f.ID, "|")
			line.Hits = append(line.Hits, searchedHit{list, id, names[f.ID], f.Result.B, f.Result.Score, f.Result.Explain(i18n.Lang(c.Lang))})
		}
		if err := lines.Encode(line); err != nil {
			return err
		}
		if (i+1)%10_000 == 0 {
			log.Info("searched", "queries", i+1, "of", len(rows))
		}
	}
	return out.Flush()
}
