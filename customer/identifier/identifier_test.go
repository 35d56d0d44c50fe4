package identifier_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/customer/identifier"
	"github.com/xinheng/xinheng/internal/fault"
)

func TestUSCC(t *testing.T) {
	for _, c := range []struct{ in, want, key string }{
		{"91350100M000100Y43", "91350100M000100Y43", ""}, // the standard's own worked example
		{"91350100m000100y43", "91350100M000100Y43", ""},
		{"９１３５０１００M０００１００Y４３", "91350100M000100Y43", ""},
		{" 9135 0100 M000 100Y 43", "91350100M000100Y43", ""},
		{"91350100M000100Y44", "", "customer.uscc_check"},
		{"91350100M000100I43", "", "customer.uscc_character"},
		{"350100000012345", "", "customer.uscc_old"},
		{"9135", "", "customer.uscc_length"},
	} {
		got, err := identifier.USCC(c.in)
		if c.key == "" && (err != nil || got != c.want) {
			t.Errorf("USCC(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
		if c.key != "" && (fault.As(err) == nil || fault.As(err).Fields[0].Key != c.key) {
			t.Errorf("USCC(%q): %v; want %s", c.in, err, c.key)
		}
	}
}

func TestUSCCFindsEverySingleWrongCharacter(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.StringOfN(rapid.SampledFrom([]rune(alphabet)), 17, 17, -1).Draw(t, "first17")
		check, err := identifier.USCCCheckDigit(first)
		if err != nil {
			t.Fatal(err)
		}
		code := first + string(check)
		if _, err := identifier.USCC(code); err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		at := rapid.IntRange(0, 17).Draw(t, "position")
		other := rapid.SampledFrom([]rune(alphabet)).Draw(t, "other")
		if rune(code[at]) == other {
			return
		}
		if _, err := identifier.USCC(code[:at] + string(other) + code[at+1:]); err == nil {
			t.Fatalf("a wrong character %d in %s went unseen", at, code)
		}
	})
}

func TestLEI(t *testing.T) {
	for _, code := range []string{"HWUPKR0MPOU8FGXBT394", "INR2EJN1ERAN0W5ZP974"} { // Apple Inc., Microsoft Corporation (GLEIF)
		if got, err := identifier.LEI(strings.ToLower(code)); err != nil || got != code {
			t.Errorf("LEI(%s) = %s, %v", code, got, err)
		}
	}
	for code, key := range map[string]string{"HWUPKR0MPOU8FGXBT395": "customer.lei_check", "HWUPKR0MPOU8FGXBT3": "customer.lei_length", "HWUPKR0MPOU8FGXBT39A": "customer.lei_character"} {
		if _, err := identifier.LEI(code); fault.As(err) == nil || fault.As(err).Fields[0].Key != key {
			t.Errorf("LEI(%s): %v, want %s", code, err, key)
		}
	}
}

func FuzzUSCC(f *testing.F) {
	f.Add("91350100M000100Y43")
	f.Add("９１３５")
	f.Fuzz(func(t *testing.T, text string) {
		code, err := identifier.USCC(text)
		if again, err2 := identifier.USCC(code); err == nil && (err2 != nil || again != code) {
			t.Fatalf("USCC(%q) = %q is not stable: %q, %v", text, code, again, err2)
		}
	})
}
