package match_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xinheng/xinheng/screening/match"
)

// The forms are written by hand after the rules in Normalise's comment.
func TestNormalise(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "—·—": "", "  Anglo\t Caribbean ": "anglo caribbean",
		"ANGLO-CARIBBEAN CO., LTD.": "anglo caribbean", "Ａｎｇｌｏ－Ｃａｒｉｂｂｅａｎ　１２": "anglo caribbean 12",
		"安泽恒岳机械股份有限公司": "安泽恒岳机械", "安泽恒岳机械有限责任公司": "安泽恒岳机械", "恒岳集团有限公司": "恒岳集团", "恒岳集团股份有限公司": "恒岳集团",
		"恒岳（杭州）贸易有限公司": "恒岳 杭州 贸易", "恒岳(杭州)贸易有限公司": "恒岳 杭州 贸易", "日本電気株式会社": "日本電気",
		"Société Générale S.A.": "societe generale", "A.P. Møller-Mærsk A/S": "a p moller maersk", "Łódź Sp. z o.o.": "lodz", "Groß & Söhne GmbH & Co. KG": "gross sohne",
		"ΟΔΟΣ": "οδοσ", "οδος": "οδοσ", "STRASSE": "strasse", "Straße": "strasse", "İstanbul": "istanbul", "ﬁrm": "firm",
		"O'Neil Trading LLC": "oneil trading", "O’Neil Trading, L.L.C.": "oneil trading",
		"Ромашка ООО": "ромашка", "ООО Ромашка": "ооо ромашка", "АКСЁНОВ": "аксенов",
		"TESCO": "tesco", "Co Co Ltd": "co", "Limited": "limited", "有限公司": "有限公司", "K Co": "k co",
		"ZAYDAN, Muhammad": "zaydan muhammad", "がく": "がく", "محمّد": "محمد", "हिन्दी": "हिन्दी",
	} {
		if got := match.Normalise(name); got != want {
			t.Errorf("%q → %q, want %q", name, got, want)
		}
	}
}

func TestDifferentNamesStayDifferent(t *testing.T) {
	for _, pair := range [][2]string{{"TESCO", "TES"}, {"安泽机械有限公司", "安泽恒岳机械有限公司"}, {"Limited", "Corporation"}, {"有限公司", "公司"}, {"バス", "ハス"}, {"हिन्दी", "हन्दी"}} {
		if match.Normalise(pair[0]) == match.Normalise(pair[1]) {
			t.Errorf("%q and %q both become %q", pair[0], pair[1], match.Normalise(pair[0]))
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"", "Co Co Ltd", "ﬁrm Ltd.", "İstanbul A.Ş.", "公司有限公司", "ß ẞ ŉ", "\xff\xfe", "が ハ゛", "ΑΣ ς", "한국 주식회사", "ⅷ ㈱", strings.Repeat("0", 240) + "Ꮥ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once := match.Normalise(name)
		if twice := match.Normalise(once); twice != once {
			t.Errorf("%q becomes %q, and that %q", name, once, twice)
		}
		if !utf8.ValidString(once) {
			t.Errorf("%q becomes %q, which is not UTF-8", name, once)
		}
	})
}
