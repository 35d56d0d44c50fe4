package statement_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/realdata"
)

// The figures are those that the source's note gives, computed independently of this program: 82,716 dated
// columns carry assets, liabilities and equity, and in exactly these they differ by more than 2 (万元).
func TestRealStatementsOf2579Companies(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join(realdata.Path(t, "statements", "a_share"), "*.zip"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	companies, columns := 0, 0
	var breaks []string
	for _, name := range archives {
		z, err := zip.OpenReader(name)
		if err != nil {
			t.Fatal(err)
		}
		layout, err := statement.LayoutByName("netease")
		if err != nil {
			t.Fatal(err)
		}
		err = layout.Read(z, func(c statement.Company) error {
			if c.Err != nil {
				t.Errorf("%s: %v", c.Code, c.Err)
			}
			companies++
			for _, s := range c.Statements {
				_, a := s.Values["total_assets"]
				_, l := s.Values["total_liabilities"]
				_, e := s.Values["total_equity"]
				if a && l && e {
					columns++
				}
				for _, b := range statement.Check(s) {
					if b.Hard {
						breaks = append(breaks, c.Code+" "+string(s.Period))
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = z.Close()
	}
	slices.Sort(breaks)
	want := []string{
		"000020 2016-03-31", "000933 2011-09-30", "002126 2012-09-30", "002164 2008-03-31", "002191 2012-09-30", "002210 2007-09-30",
		"002330 2016-06-30", "002425 2009-03-31", "002682 2012-09-30", "300121 2013-06-30", "600068 2005-12-31", "600208 2011-06-30",
		"600223 2007-09-30", "600771 2012-09-30", "600872 2011-12-31", "600926 2013-06-30",
	}
	if companies != 2579 || columns != 82716 {
		t.Errorf("%d companies with %d columns, want 2579 and 82716", companies, columns)
	}
	if !slices.Equal(breaks, want) {
		t.Errorf("breaks %v\nwant %v", breaks, want)
	}
}

// A published workbook with a company a row instead of a column is refused with a sentence, not misread.
func TestTransposedWorkbookIsRefused(t *testing.T) {
	raw, err := os.ReadFile(realdata.Path(t, "statements", "excel", "资产负债表.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = statement.ReadTemplate("资产负债表.xlsx", raw)
	f := fault.As(err)
	if f == nil || len(f.Fields) != 1 || f.Fields[0].Key != "statement.no_header" {
		t.Errorf("want one sentence, got %v", err)
	}
}
