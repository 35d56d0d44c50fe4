package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// printed runs a command and gives what it wrote to standard output.
func printed(t *testing.T, run func() error) (string, error) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stdout
	os.Stdout = file
	failed := run()
	os.Stdout = before
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(raw), failed
}

func TestScreeningScoreWritesTheAgreedColumns(t *testing.T) {
	in := written(t, "pairs.csv", "\ufeffschema,name1,name2,note\nCompany,\"ANZE, LTD.\",Anze Limited,x\nCompany,CORP.,CORP.,\nPerson,张伟明,Weiming Zhang,\n,北京安泽科技有限公司,上海安泽科技有限公司,\n")
	c := screeningScore{In: in, Out: filepath.Join(t.TempDir(), "scores.csv"), Lang: "en"}
	if _, err := printed(t, func() error { return c.Run(t.Context(), quiet) }); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "name1,name2,schema,score,match,explanation" {
		t.Errorf("columns %s", got)
	}
	for i, want := range []string{"yes", "no", "yes", "no"} {
		if row := rows[i+1]; row[4] != want || i != 1 && row[5] == "" {
			t.Errorf("%v, want %s", row, want)
		}
	}
}

func TestScreeningScoreNamesTheWrongCell(t *testing.T) {
	for text, want := range map[string]string{"name1,name2\na,b\n": `"schema"`, "name1,name2,schema\na,b,Company\na,b,Firm\n": "line 3", "": "EOF"} {
		c := screeningScore{In: written(t, "pairs.csv", text), Out: filepath.Join(t.TempDir(), "scores.csv"), Lang: "zh"}
		_, err := printed(t, func() error { return c.Run(t.Context(), quiet) })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if _, err := os.Stat(c.Out); err == nil {
			t.Errorf("%q: a result was written", text)
		}
	}
}

func TestScreeningSearchAnswersEachQuery(t *testing.T) {
	list := written(t, "list.csv", "Type,QID,Name,Alias,Chinese name,Country,Topics,Summary,Chinese summary,Body,List,Date,End date,Source URL,Address\nCompany,,Teal Harbour Systems,,蒂尔港系统公司,US,,,,,AFSL,1.1.2025,,,\n")
	c := screeningSearch{Lists: filepath.Dir(list), In: written(t, "queries.csv", "name,schema\nTeal Harbor Systems Inc,Company\nQuite Another,Company\n"), Threshold: .5, Most: 5, Lang: "zh"}
	out, err := printed(t, func() error { return c.Run(t.Context(), quiet) })
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines: %s", len(lines), out)
	}
	var hit, none searched
	if err := json.Unmarshal([]byte(lines[0]), &hit); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(lines[1]), &none); err != nil {
		t.Fatal(err)
	}
	if len(hit.Hits) != 1 || hit.Hits[0].List != "china" || hit.Hits[0].Name != "Teal Harbour Systems" || hit.Hits[0].Score < .5 || len(hit.Hits[0].Explanation) == 0 || len(none.Hits) != 0 {
		t.Errorf("%s", out)
	}
}
