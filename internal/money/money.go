// Package money is exact money: a decimal amount with its currency, kept in the currency's minor unit.
//
// No float ever holds money. Amounts of different currencies do not add; overflow is an error, not a wrong number.
// The scales are those of ISO 4217, from github.com/govalues/money.
package money

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strings"

	iso "github.com/govalues/money"

	"github.com/xinheng/xinheng/internal/fault"
)

// Currency is an ISO 4217 alphabetic code.
type Currency string

// CNY is the currency that a new installation starts with.
const CNY Currency = "CNY"

// Valid tells whether ISO 4217 knows the code as money: XXX (no currency) and XTS (for testing) are codes, but no money.
func (c Currency) Valid() bool {
	if c == "XXX" || c == "XTS" {
		return false
	}
	parsed, err := iso.ParseCurr(string(c))
	return err == nil && parsed.Code() == string(c)
}

// Scale is the number of decimals of the currency's minor unit (CNY 2, JPY 0, KWD 3).
func (c Currency) Scale() int {
	parsed, err := iso.ParseCurr(string(c))
	if err != nil {
		return 2
	}
	return parsed.Scale()
}

// Amount is money: Minor counts the currency's smallest unit (分 for CNY). The zero value is nothing of no currency.
type Amount struct {
	Minor    int64
	Currency Currency
}

// Of makes an amount from minor units.
func Of(minor int64, c Currency) Amount { return Amount{Minor: minor, Currency: c} }

// Yuan makes a CNY amount of whole yuan; for constants and tests.
func Yuan(y int64) Amount { return Amount{Minor: y * 100, Currency: CNY} }

// written is how people write amounts: digits with an optional sign, thousands all grouped or not at all.
var written = regexp.MustCompile(`^[+-]?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?$`)

// longestText is what an amount may be written in: the largest there is has 26 characters with separators and sign. Reading
// digits into a number takes time that grows with their square, so longer texts are not looked at.
const longestText = 40

// Parse reads a decimal text ("1234.5", "-3", "1,234.50") exactly; more decimals than the currency has are refused, and
// so is a comma that does not group thousands ("1,5" is nobody's fifteen).
func Parse(text string, c Currency) (Amount, error) {
	if !c.Valid() {
		return Amount{}, fault.Invalid("currency", "money.currency_unknown", fault.Args{"code": string(c)})
	}
	bad := func() (Amount, error) {
		return Amount{}, fault.Invalid("amount", "fault.not_number", fault.Args{"text": text})
	}
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "") + "…"
		return bad()
	}
	t := strings.TrimSpace(text)
	if !written.MatchString(t) {
		return bad()
	}
	t = strings.ReplaceAll(t, ",", "")
	whole, fraction, _ := strings.Cut(strings.TrimLeft(t, "+-"), ".")
	if whole == "" && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return bad()
	}
	scale := c.Scale()
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > scale {
		return Amount{}, fault.Invalid("amount", "money.too_fine", fault.Args{"text": text, "scale": scale})
	}
	n, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", scale-len(fraction)), 10)
	if !ok || !n.IsInt64() {
		return bad()
	}
	minor := n.Int64()
	if strings.HasPrefix(t, "-") {
		minor = -minor
	}
	return Amount{Minor: minor, Currency: c}, nil
}

// IsZero tells whether there is no money, whatever the currency.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// Positive tells whether there is more than nothing.
func (a Amount) Positive() bool { return a.Minor > 0 }

// Add adds; the currencies must be the same, but an amount of no currency and no money adds to any.
func (a Amount) Add(b Amount) (Amount, error) {
	c, err := same(a, b)
	if err != nil {
		return Amount{}, err
	}
	sum := a.Minor + b.Minor
	if (b.Minor > 0 && sum < a.Minor) || (b.Minor < 0 && sum > a.Minor) {
		return Amount{}, fault.New(fault.KindInvalid, "money.overflow", nil)
	}
	return Amount{Minor: sum, Currency: c}, nil
}

// Sub subtracts, under the rules of Add.
func (a Amount) Sub(b Amount) (Amount, error) {
	if b.Minor == math.MinInt64 {
		return Amount{}, fault.New(fault.KindInvalid, "money.overflow", nil)
	}
	return a.Add(b.Neg())
}

// Neg changes the sign.
func (a Amount) Neg() Amount { return Amount{Minor: -a.Minor, Currency: a.Currency} }

// Cmp compares amounts of one currency: -1, 0, 1.
func (a Amount) Cmp(b Amount) (int, error) {
	if _, err := same(a, b); err != nil {
		return 0, err
	}
	switch {
	case a.Minor < b.Minor:
		return -1, nil
	case a.Minor > b.Minor:
		return 1, nil
	}
	return 0, nil
}

// Scale multiplies by a ratio and rounds to the minor unit, half to even. The ratio is a float64 because it is one
// (a percentage, a haircut); the product is computed in exact rationals.
func (a Amount) Scale(ratio float64) (Amount, error) {
	r := new(big.Rat)
	if r.SetFloat64(ratio) == nil {
		return Amount{}, fault.New(fault.KindInvalid, "money.ratio_not_finite", nil)
	}
	r.Mul(r, new(big.Rat).SetInt64(a.Minor))
	n := roundHalfEven(r)
	if !n.IsInt64() {
		return Amount{}, fault.New(fault.KindInvalid, "money.overflow", nil)
	}
	return Amount{Minor: n.Int64(), Currency: a.Currency}, nil
}

func roundHalfEven(r *big.Rat) *big.Int {
	q, rem := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	twice := new(big.Int).Abs(rem)
	twice.Lsh(twice, 1)
	switch twice.Cmp(r.Denom()) {
	case -1:
		return q
	case 0:
		if q.Bit(0) == 0 {
			return q
		}
	}
	return q.Add(q, big.NewInt(int64(r.Sign())))
}

func same(a, b Amount) (Currency, error) {
	switch {
	case a.Currency == b.Currency:
		return a.Currency, nil
	case a.Currency == "" && a.Minor == 0:
		return b.Currency, nil
	case b.Currency == "" && b.Minor == 0:
		return a.Currency, nil
	}
	return "", fault.New(fault.KindInvalid, "money.mixed", fault.Args{"a": string(a.Currency), "b": string(b.Currency)})
}

// Float gives the amount in whole currency units for charts and ratios, never for books.
func (a Amount) Float() float64 { return float64(a.Minor) / math.Pow10(a.Currency.Scale()) }

// Decimal writes the amount as a plain decimal ("-1234.50").
func (a Amount) Decimal() string {
	scale := a.Currency.Scale()
	if a.Currency == "" {
		scale = 2
	}
	n := new(big.Int).Abs(big.NewInt(a.Minor))
	digits := n.String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	text := digits
	if scale > 0 {
		text = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if a.Minor < 0 {
		text = "-" + text
	}
	return text
}

// Grouped writes the amount with thousands separators ("1,234.50"), as people read it.
func (a Amount) Grouped() string {
	text := a.Decimal()
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, fraction, has := strings.Cut(text, ".")
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if has {
		b.WriteString("." + fraction)
	}
	return sign + b.String()
}

// String writes currency and amount ("CNY 1234.50"), for logs.
func (a Amount) String() string { return fmt.Sprintf("%s %s", a.Currency, a.Decimal()) }

type wire struct {
	Amount   string   `json:"amount"`
	Currency Currency `json:"currency"`
}

// MarshalJSON writes {"amount":"1234.50","currency":"CNY"}.
func (a Amount) MarshalJSON() ([]byte, error) {
	return json.Marshal(wire{Amount: a.Decimal(), Currency: a.Currency})
}

// UnmarshalJSON reads the form that MarshalJSON writes; the currency may be left out for CNY.
func (a *Amount) UnmarshalJSON(raw []byte) error {
	var w wire
	if err := json.Unmarshal(raw, &w); err != nil {
		return fault.Invalid("", "money.unreadable", nil).Because(err)
	}
	if w.Currency == "" {
		w.Currency = CNY
	}
	if w.Amount == "" {
		*a = Amount{Currency: w.Currency}
		return nil
	}
	parsed, err := Parse(w.Amount, w.Currency)
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
