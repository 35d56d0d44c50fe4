package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	table    = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)
	identify = regexp.MustCompile(`^[a-z][a-z0-9]*\.[A-Z]\w*`)
)

// The glossary is held to the sources: the types and tables that it names exist.
func TestGlossaryIsTrue(t *testing.T) {
	raw, err := os.ReadFile("../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	names, tables := declared(t), createdTables(t)
	rows := 0
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(line, "|")
		if len(cells) != 7 || strings.Contains(line, "---") || strings.Contains(line, "中文") {
			continue
		}
		rows++
		for _, q := range quoted.FindAllStringSubmatch(cells[3], -1) {
			name := identify.FindString(q[1])
			if name == "" || !names[name] {
				t.Errorf("%s: there is no type or value %s", strings.TrimSpace(cells[1]), q[1])
			}
		}
		for _, q := range quoted.FindAllStringSubmatch(cells[4], -1) {
			name, _, _ := strings.Cut(q[1], ".")
			if !strings.HasSuffix(name, "_") && !tables[name] {
				t.Errorf("%s: there is no table %s", strings.TrimSpace(cells[1]), q[1])
			}
		}
	}
	if rows < 40 {
		t.Errorf("only %d rows were read", rows)
	}
}

// declared gives every exported name of the product's packages as "package.Name".
func declared(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, p := range packages(t) {
		for _, file := range p.GoFiles {
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					all[parsed.Name.Name+"."+d.Name.Name] = true
				case *ast.GenDecl:
					for _, s := range d.Specs {
						switch s := s.(type) {
						case *ast.TypeSpec:
							all[parsed.Name.Name+"."+s.Name.Name] = true
						case *ast.ValueSpec:
							for _, n := range s.Names {
								all[parsed.Name.Name+"."+n.Name] = true
							}
						}
					}
				}
			}
		}
	}
	return all
}

func createdTables(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../internal/database/migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range table.FindAllStringSubmatch(string(raw), -1) {
			all[m[1]] = true
		}
	}
	return all
}
