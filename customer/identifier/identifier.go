// Package identifier checks the codes that name a company or person, by the published check-digit rules. Pure.
package identifier

import (
	"strings"

	"github.com/xinheng/xinheng/internal/fault"
)

// Narrow turns full-width letters, digits and signs (U+FF01–U+FF5E) and the ideographic space into their usual forms.
func Narrow(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case r == 0x3000:
			return ' '
		}
		return r
	}, text)
}

func canonical(text string) string {
	return strings.ToUpper(strings.Join(strings.Fields(Narrow(text)), ""))
}

// usccAlphabet is the 31 characters of GB 32100-2015: digits and capitals without I, O, S, V, Z.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// usccWeights are 3^(i-1) mod 31 for i = 1..17 (GB 32100-2015, 附录).
var usccWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// USCC normalises and checks a unified social credit code (统一社会信用代码): 18 characters of the alphabet of
// GB 32100-2015, the last being 31 − (Σ value·weight mod 31), with 31 written as 0.
func USCC(text string) (string, error) {
	code := canonical(text)
	if len(code) != 18 {
		key := "customer.uscc_length"
		if len(code) == 15 {
			key = "customer.uscc_old"
		}
		return code, fault.Invalid("", key, fault.Args{"length": len(code)})
	}
	sum := 0
	for i := range 18 {
		v := strings.IndexByte(usccAlphabet, code[i])
		if v < 0 {
			return code, fault.Invalid("", "customer.uscc_character", fault.Args{"character": code[i : i+1], "position": i + 1})
		}
		if i < 17 {
			sum += v * usccWeights[i]
		}
	}
	if want := usccAlphabet[(31-sum%31)%31]; code[17] != want {
		return code, fault.Invalid("", "customer.uscc_check", nil)
	}
	return code, nil
}

// USCCCheckDigit gives the 18th character for the first 17, for those who make codes (samples, tests).
func USCCCheckDigit(first17 string) (byte, error) {
	if len(first17) != 17 {
		return 0, fault.Invalid("", "customer.uscc_length", fault.Args{"length": len(first17)})
	}
	sum := 0
	for i := range 17 {
		v := strings.IndexByte(usccAlphabet, first17[i])
		if v < 0 {
			return 0, fault.Invalid("", "customer.uscc_character", fault.Args{"character": first17[i : i+1], "position": i + 1})
		}
		sum += v * usccWeights[i]
	}
	return usccAlphabet[(31-sum%31)%31], nil
}

// LEI normalises and checks a legal entity identifier: 20 characters, ISO 17442, whose digits (A = 10 … Z = 35) taken
// as a number leave 1 modulo 97 (ISO 7064 MOD 97-10).
func LEI(text string) (string, error) {
	code := canonical(text)
	if len(code) != 20 {
		return code, fault.Invalid("", "customer.lei_length", fault.Args{"length": len(code)})
	}
	rest := 0
	for i := range 20 {
		switch c := code[i]; {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z' && i < 18:
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return code, fault.Invalid("", "customer.lei_character", fault.Args{"character": code[i : i+1], "position": i + 1})
		}
	}
	if rest != 1 {
		return code, fault.Invalid("", "customer.lei_check", nil)
	}
	return code, nil
}
