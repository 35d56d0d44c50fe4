// Package realdata finds the folder of real data and reference numbers that tests compare with. The folder is not part of
// the project, because its licences differ.
package realdata

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path gives the path of a file or folder of the real data (XINHENG_SHARED, default ../shared beside the project). Where
// it is absent the test is skipped with a sentence; in CI that is a failure.
func Path(t testing.TB, parts ...string) string {
	t.Helper()
	p := filepath.Join(append([]string{Root(), "data"}, parts...)...)
	if _, err := os.Stat(p); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the real data is missing: %v (set XINHENG_SHARED)", err)
		}
		t.Skipf("needs the real data at %s; set XINHENG_SHARED to its folder", p)
	}
	return p
}

// Root is the folder that holds data/.
func Root() string {
	if dir := os.Getenv("XINHENG_SHARED"); dir != "" {
		return dir
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "shared")
}
