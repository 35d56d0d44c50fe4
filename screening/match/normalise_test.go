package match_test

import (
	"testing"

	"github.com/xinheng/xinheng/screening/match"
)

func TestEqualNamesHaveOneKey(t *testing.T) {
	for _, same := range [][]string{
		{"ANGLO-CARIBBEAN CO., LTD.", "Anglo Caribbean Co Ltd", "Ａｎｇｌｏ－Ｃａｒｉｂｂｅａｎ", "anglo caribbean"},
		{"安泽恒岳机械股份有限公司", "安泽恒岳机械有限公司", "安泽恒岳机械"},
		{"Société Générale S.A.", "SOCIETE GENERALE"},
		{"O'Neil Trading LLC", "ONEIL TRADING"},
		{"ООО Ромашка ООО", "ООО РОМАШКА"},
	} {
		for _, name := range same[1:] {
			if match.Key(name) != match.Key(same[0]) {
				t.Errorf("%q → %q, but %q → %q", name, match.Key(name), same[0], match.Key(same[0]))
			}
		}
	}
	for _, different := range [][2]string{{"TESCO", "TES"}, {"安泽机械有限公司", "安泽恒岳机械有限公司"}, {"Limited", "Corporation"}, {"有限公司", "公司"}} {
		if match.Key(different[0]) == match.Key(different[1]) {
			t.Errorf("%q and %q have one key %q", different[0], different[1], match.Key(different[0]))
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"", "Co Co Ltd", "ﬁrm Ltd.", "İstanbul A.Ş.", "公司有限公司", "ß ẞ", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if k := match.Key(name); match.Key(k) != k {
			t.Errorf("key %q of %q has another key %q", k, name, match.Key(k))
		}
	})
}
