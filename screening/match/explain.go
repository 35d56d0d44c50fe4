package match

import (
	"fmt"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
)

// Explain tells in lang, line by line, why the score is what it is.
func (r Result) Explain(lang i18n.Lang) []string {
	lines := make([]string, 0, len(r.Steps)+len(r.Facts))
	for _, s := range r.Steps {
		lines = append(lines, i18n.Text(lang, "match.step."+string(s.How), fault.Args{
			"a": s.A, "b": s.B, "part": i18n.Text(lang, "match.part."+string(s.Part)), "gave": signed(s.Gave)}))
	}
	for _, f := range r.Facts {
		key := "match.fact.against"
		if f.Agree {
			key = "match.fact.agree"
		}
		lines = append(lines, i18n.Text(lang, key, fault.Args{"a": f.A, "b": f.B, "what": i18n.Text(lang, "match.fact."+f.What), "gave": signed(f.Gave)}))
	}
	return lines
}

func signed(x float64) string { return fmt.Sprintf("%+.2f", x) }
