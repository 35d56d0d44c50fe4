package match_test

import (
	"testing"

	"github.com/xinheng/xinheng/screening/match"
)

// BenchmarkSearchUN searches the perturbed names in the UN list.
func BenchmarkSearchUN(b *testing.B) {
	index := unList(b)
	rows := realTable(b, "name_matching", "yente_candgen_positives_un_treated.csv")
	for i := 0; b.Loop(); i++ {
		index.Search(match.Party{Name: rows[i%len(rows)][0], Kind: match.Person}, match.Options{})
	}
}

func BenchmarkCompare(b *testing.B) {
	for _, c := range []struct {
		name string
		a, b match.Party
	}{
		{"latin", match.Party{Name: "Mohamed Ben Belgacem Ben Abdallah Al-Aouadi", Kind: match.Person}, match.Party{Name: "Muhammad bin Belkacem bin Abdullah al-Awadi", Kind: match.Person}},
		{"chinese", match.Party{Name: "北京中宸信息技术有限公司", Kind: match.Company}, match.Party{Name: "上海中辰科技有限公司", Kind: match.Company}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				match.Compare(c.a, c.b)
			}
		})
	}
}
