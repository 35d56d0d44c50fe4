package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/internal/i18n"
)

// messageKey is what a key of the catalogue looks like: "limit.ends_in_past".
var messageKey = regexp.MustCompile(`^[a-z]+(\.[a-z0-9_]+)+$`)

// keyArgument says which argument of the functions that make messages is the key.
var keyArgument = map[string]int{"T": 0, "Conflict": 0, "Forbidden": 0, "Text": 1, "Add": 1, "Invalid": 1, "That": 2}

// Every key that the sources hand to the functions that make messages stands in the catalogue.
func TestEveryMessageKeyStandsInTheCatalogue(t *testing.T) {
	checked := 0
	err := filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr:
				name = f.Sel.Name
			case *ast.Ident:
				name = f.Name
			}
			at, ok := keyArgument[name]
			if !ok || at >= len(call.Args) {
				return true
			}
			lit, ok := call.Args[at].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			key, err := strconv.Unquote(lit.Value)
			if err != nil || !messageKey.MatchString(key) {
				return true
			}
			checked++
			if !i18n.Has(key) {
				t.Errorf("%s: %s is not in the catalogue", set.Position(lit.Pos()), key)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 300 {
		t.Errorf("only %d keys found: the test looks at the wrong calls", checked)
	}
}

var holes = regexp.MustCompile(`\{[a-z_0-9]+\}`)

// Both languages say something, and have the same places to fill.
func TestBothLanguagesHaveTheSamePlaces(t *testing.T) {
	for _, key := range i18n.Keys() {
		zh, en := i18n.Text(i18n.ZH, key), i18n.Text(i18n.EN, key)
		if strings.TrimSpace(zh) == "" || strings.TrimSpace(en) == "" {
			t.Errorf("%s says nothing in one language", key)
		}
		a, b := holes.FindAllString(zh, -1), holes.FindAllString(en, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s has the places %v in Chinese and %v in English", key, a, b)
		}
	}
}

// Whatever can be done has a name for the timeline, in both languages.
func TestEveryOperationHasAName(t *testing.T) {
	for _, o := range app.Operations {
		if !i18n.Has("did." + o.Name()) {
			t.Errorf("did.%s is not in the catalogue", o.Name())
		}
	}
}
