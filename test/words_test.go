package test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/internal/i18n"
)

// found gives what a pattern finds in the sources, its first group.
func found(t *testing.T, pattern string) map[string]string {
	t.Helper()
	all, places := regexp.MustCompile(pattern), map[string]string{}
	err := filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range all.FindAllStringSubmatch(string(raw), -1) {
			places[m[1]] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(places) < 3 {
		t.Fatalf("%s finds only %v", pattern, places)
	}
	return places
}

// What is missing, out of date or changed is named in the reader's language, and so is the system when it acts.
func TestThingsAndTheSystemHaveNames(t *testing.T) {
	for thing, path := range found(t, `(?:NotFound|Stale|Changed|errNotFound)\("([a-z_.]+)"`) {
		if !i18n.Has("thing." + thing) {
			t.Errorf("%s: thing.%s is not in the catalogue", path, thing)
		}
	}
	for name, path := range found(t, `operation\.System\("([a-z -]+)"\)`) {
		if !i18n.Has("system." + name) {
			t.Errorf("%s: system.%s is not in the catalogue", path, name)
		}
	}
	for name, path := range found(t, `Outbox\.On\([^"]*"([^"]+)"`) {
		if !i18n.Has("system."+name) && !strings.HasSuffix(name, "→event log") { // those run no operation
			t.Errorf("%s: system.%s is not in the catalogue", path, name)
		}
	}
}
