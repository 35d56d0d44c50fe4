package diligence_test

import (
	"math"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/customer/diligence"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
)

const today clock.Date = "2026-06-15"

const small = `version: 7
levels:
  simplified: {review_months: 24, expiry_months: 30}
  standard: {review_months: 12, expiry_months: 15}
  enhanced: {review_months: 6, expiry_months: 9}
items:
  - {key: who, from: simplified, weight: 4, fields: [name, uscc], form: edit, zh: 身份, en: Identity}
  - {key: books, from: standard, weight: 2, annual_statements: 2, form: statement, zh: 报表, en: Statements}
  - {key: owners, from: standard, weight: 2, owned_percent: 80, form: owners, zh: 股东, en: Owners}
  - {key: account, from: enhanced, weight: 1, verified: [bank_transfer, bank_letter], form: verify, zh: 账户, en: Account}
  - {key: visit, from: enhanced, weight: 1, confirm: true, months: 12, form: checklist/visit, zh: 走访, en: Visit}
`

func book(t *testing.T) diligence.Book {
	t.Helper()
	b, err := diligence.Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The scores are worked out by hand from the weights above.
func TestCompletenessByLevel(t *testing.T) {
	b := book(t)
	f := diligence.Facts{Today: today, Fields: map[string]bool{"name": true}, Owned: 40, Statements: []clock.Date{"2025-12-31", "2023-12-31"},
		Verified: map[string]bool{"bank_letter": true}, Confirmed: map[string]clock.Date{"visit": "2025-06-14"}}
	for _, c := range []struct {
		level diligence.Level
		want  float64
		lines int
	}{
		{diligence.Simplified, 2.0 / 4, 1},                       // one of two fields
		{diligence.Standard, (2.0 + 1 + 1) / 8, 3},               // one statement of two, half of the ownership
		{diligence.Enhanced, (2.0 + 1 + 1 + 1 + 0) / (8 + 2), 5}, // a letter does; the visit is a day too old
	} {
		s := diligence.Complete(b, c.level, f)
		if math.Abs(s.Complete-c.want) > 1e-12 || len(s.Lines) != c.lines || s.Version != 7 {
			t.Errorf("%s: %v of %d lines, want %v of %d", c.level, s.Complete, len(s.Lines), c.want, c.lines)
		}
	}
	s := diligence.Complete(b, diligence.Enhanced, f)
	if got := s.Missing(); len(got) != 4 || got[0].Key != "who" || len(got[0].Missing) != 1 || got[0].Missing[0] != "uscc" {
		t.Errorf("missing %+v", got)
	}
	f.Confirmed["visit"] = "2025-06-15"
	if after := diligence.Complete(b, diligence.Enhanced, f); after.Complete <= s.Complete {
		t.Error("a visit twelve months ago does not count")
	}
}

func TestDueDaysFollowTheLevel(t *testing.T) {
	review, expiry := book(t).Due(diligence.Enhanced, "2026-08-31")
	if review != "2027-02-28" || expiry != "2027-05-31" {
		t.Errorf("due %s, expires %s", review, expiry)
	}
}

func TestBrokenStandardsAreNamed(t *testing.T) {
	for from, want := range map[string]string{
		"version: 7":       "version: 0",
		"weight: 4":        "weight: 0",
		"key: books":       "key: who",
		"from: simplified": "from: deep",
		"confirm: true, ":  "",
		"expiry_months: 9": "expiry_months: 3",
	} {
		_, err := diligence.Parse([]byte(strings.Replace(small, from, want, 1)))
		if e := fault.As(err); e == nil || len(e.Fields) == 0 || !strings.HasPrefix(e.Fields[0].Path, "document") {
			t.Errorf("%q for %q: %v", want, from, err)
		}
	}
	if b := diligence.Library(); b.Version != 1 || len(b.Items) < 20 {
		t.Errorf("library: version %d with %d items", b.Version, len(b.Items))
	}
}
