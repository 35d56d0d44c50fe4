package industry_test

import (
	"testing"

	"github.com/xinheng/xinheng/customer/industry"
)

// The standard has 20 sections and 97 divisions.
func TestTableIsComplete(t *testing.T) {
	sections, divisions := 0, 0
	for _, i := range industry.All() {
		if len(i.Code) == 1 {
			sections++
		} else {
			divisions++
		}
		if i.ZH == "" || i.EN == "" {
			t.Errorf("%s lacks a name", i.Code)
		}
	}
	if sections != 20 || divisions != 97 {
		t.Errorf("%d sections, %d divisions; want 20 and 97", sections, divisions)
	}
}

func TestLookup(t *testing.T) {
	for code, section := range map[string]string{"C": "C", "34": "C", "C34": "C", "51": "F", "70": "K"} {
		if i, ok := industry.Lookup(code); !ok || i.Section != section {
			t.Errorf("Lookup(%s) = %+v, %v", code, i, ok)
		}
	}
	for _, code := range []string{"", "Z", "98", "F34", "3"} {
		if i, ok := industry.Lookup(code); ok {
			t.Errorf("Lookup(%q) = %+v", code, i)
		}
	}
}
