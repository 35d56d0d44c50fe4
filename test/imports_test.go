package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/xinheng/xinheng/"

// cycle is the order of the capabilities in the credit cycle: a later one may import an earlier one, never the other way.
var cycle = []string{"audit", "access", "approval", "expression", "customer", "screening", "receivable", "assessment", "control/limit", "control/ordercheck", "monitoring", "emergency", "portfolio"}

// pure packages compute and know no database, clock or network.
var pure = []string{"expression", "customer/statement", "customer/identifier", "customer/industry", "customer/diligence", "assessment/ratio", "assessment/distress", "assessment/scorecard", "assessment/judgement", "monitoring/window", "monitoring/rule", "screening/match"}

type listed struct {
	ImportPath, Dir string
	Imports, Deps   []string
	GoFiles         []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Imports,Deps,GoFiles", "./...")
	command.Dir = ".."
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// place gives the capability that a package belongs to, and its place in the cycle; -1 = none.
func place(path string) (string, int) {
	for i := len(cycle) - 1; i >= 0; i-- {
		if path == cycle[i] || strings.HasPrefix(path, cycle[i]+"/") {
			return cycle[i], i
		}
	}
	return "", -1
}

func TestImportsGoOneWay(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			if wrong := forbidden(path, other); wrong != "" {
				t.Errorf("%s imports %s: %s", path, other, wrong)
			}
		}
	}
}

func forbidden(path, other string) string {
	top, _, _ := strings.Cut(path, "/")
	otherTop, _, _ := strings.Cut(other, "/")
	own, at := place(path)
	otherOwn, otherAt := place(other)
	switch {
	case top == "cmd" || top == "test":
		return ""
	case otherTop == "cmd" || otherTop == "test":
		return "nothing imports commands or tests"
	case top == "internal" && otherTop != "internal":
		return "the machinery knows no business"
	case at >= 0 && (otherTop == "app" || otherTop == "api" || otherTop == "web"):
		return "a capability does not know the doors"
	case at >= 0 && otherAt > at && own != otherOwn:
		return "it stands later in the credit cycle"
	case top == "app" && (otherTop == "api" || otherTop == "web"):
		return "the composition does not know the doors"
	}
	return ""
}

// TestForbiddenCanFail shows that the rule above is one.
func TestForbiddenCanFail(t *testing.T) {
	for _, c := range [][2]string{{"customer", "control/limit"}, {"control/limit", "monitoring"}, {"internal/money", "customer"}, {"receivable", "web"}, {"app", "api"}, {"web", "cmd/xinheng"}} {
		if forbidden(c[0], c[1]) == "" {
			t.Errorf("%s may import %s", c[0], c[1])
		}
	}
	for _, c := range [][2]string{{"monitoring", "customer"}, {"control/limit", "assessment"}, {"api", "app"}, {"customer", "internal/money"}, {"assessment", "assessment/ratio"}} {
		if why := forbidden(c[0], c[1]); why != "" {
			t.Errorf("%s may not import %s: %s", c[0], c[1], why)
		}
	}
}

func TestPurePackagesArePure(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		if !slices.Contains(pure, path) {
			continue
		}
		for _, imported := range p.Imports {
			for _, bad := range []string{"database/sql", "net", "net/http", "os", "os/exec", module + "internal/database", module + "internal/operation", module + "internal/eventlog"} {
				if imported == bad {
					t.Errorf("%s imports %s", path, bad)
				}
			}
		}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since") {
						t.Errorf("%s reads the clock in %s", path, name)
					}
				}
				return true
			})
		}
	}
}

// Folders are named by the business: none of the names that say nothing.
func TestNoPackageIsNamedAfterNothing(t *testing.T) {
	for _, p := range packages(t) {
		for _, part := range strings.Split(strings.TrimPrefix(p.ImportPath, module), "/") {
			if slices.Contains([]string{"utils", "util", "common", "models", "services", "helpers", "misc"}, part) {
				t.Errorf("%s", p.ImportPath)
			}
		}
	}
}

// What is committed says nothing of the machine that it was made on.
func TestNothingSpeaksOfThisMachine(t *testing.T) {
	command := exec.CommandContext(t.Context(), "git", "ls-files")
	command.Dir = ".."
	out, err := command.Output()
	if err != nil {
		t.Skip("not a git checkout")
	}
	for name := range strings.FieldsSeq(string(out)) {
		if strings.Contains(name, "vendor/") || !slices.Contains([]string{".go", ".md", ".yaml", ".yml", ".templ", ".sh", ".sql"}, filepath.Ext(name)) || name == "test/imports_test.go" {
			continue
		}
		raw, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			continue // deleted in the working tree
		}
		for _, word := range []string{"/work/", "/tmp/xh", "subagent", "TODO", "FIXME"} {
			if strings.Contains(string(raw), word) {
				t.Errorf("%s says %q", name, word)
			}
		}
	}
}
