package spreadsheet

import (
	"math"
	"math/big"
	"regexp"
	"strings"

	"github.com/xinheng/xinheng/internal/fault"
)

var plain = regexp.MustCompile(`^\d+(\.\d*)?([eE][+-]?\d{1,3})?$|^\.\d+$`)

var grouped = regexp.MustCompile(`^\d{1,3}(,\d{3})+(\.\d*)?$`)

// Number reads a number as people and programs write it in cells, exactly: full-width digits and signs, thousands
// separators, negatives in brackets or with a minus of any kind, a currency sign. It reports missing for blanks, dashes
// and the usual words for "none", which is not zero. Anything else is a fault.
func Number(text string) (n *big.Rat, missing bool, err error) {
	t := narrow(text)
	switch strings.ToLower(t) {
	case "", "-", "--", "---", "n/a", "na", "nan", "null", "无", "不适用", "—", "——", "/":
		return nil, true, nil
	}
	bad := fault.Invalid("", "fault.not_number", fault.Args{"text": text})
	negative := false
	if strings.HasPrefix(t, "(") && strings.HasSuffix(t, ")") {
		negative, t = true, t[1:len(t)-1]
	}
	t = strings.TrimLeft(t, "¥￥$€ ")
	if rest, ok := strings.CutPrefix(t, "-"); ok && !negative {
		negative, t = true, rest
	} else if rest, ok := strings.CutPrefix(t, "+"); ok && !negative {
		t = rest
	}
	t = strings.TrimLeft(t, "¥￥$€ ")
	if grouped.MatchString(t) {
		t = strings.ReplaceAll(t, ",", "")
	}
	if !plain.MatchString(t) {
		return nil, false, bad
	}
	n, ok := new(big.Rat).SetString(t)
	if !ok {
		return nil, false, bad
	}
	if negative {
		n.Neg(n)
	}
	return n, false, nil
}

func narrow(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case r == '−' || r == '–' || r == '﹣':
			return '-'
		case r == '\u3000' || r == '\u00a0':
			return ' '
		case r == '，':
			return ','
		}
		return r
	}, text))
}

// Minor gives n in units of 1/scale, rounded half away from zero, when it fits.
func Minor(n *big.Rat, scale int64) (int64, error) {
	r := new(big.Rat).Mul(n, new(big.Rat).SetInt64(scale))
	twice := new(big.Int).Lsh(r.Num(), 1)
	if r.Sign() >= 0 {
		twice.Add(twice, r.Denom())
	} else {
		twice.Sub(twice, r.Denom())
	}
	q := new(big.Int).Quo(twice, new(big.Int).Lsh(r.Denom(), 1))
	if !q.IsInt64() || q.Int64() == math.MinInt64 {
		return 0, fault.Invalid("", "money.overflow", nil)
	}
	return q.Int64(), nil
}
