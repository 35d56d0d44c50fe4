package expression

import (
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

const day = 24 * time.Hour

// mostDays keeps days(n) within what a duration can hold (about 292 years).
const mostDays = 100_000

// dates are the functions of days, all in UTC: date("2026-03-31") is that day's midnight, days(30) a stretch of time
// (now - days(30)), days_between(from, to) the number of midnights between two moments, negative backwards.
func dates() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("date", overload("date", cel.TimestampType, cel.StringType), decls.SingletonUnaryBinding(func(v ref.Val) ref.Val {
			t, err := time.Parse(time.DateOnly, string(v.(types.String)))
			if err != nil {
				return types.WrapErr(err)
			}
			return types.Timestamp{Time: t}
		})),
		cel.Function("days", overload("days", cel.DurationType, cel.IntType), decls.SingletonUnaryBinding(func(v ref.Val) ref.Val {
			n := v.(types.Int)
			if n < -mostDays || n > mostDays {
				return types.NewErr("days(%d) is out of range", n)
			}
			return types.Duration{Duration: time.Duration(n) * day}
		})),
		cel.Function("days_between", overload("days_between", cel.IntType, cel.TimestampType, cel.TimestampType), decls.SingletonBinaryBinding(func(l, r ref.Val) ref.Val {
			return types.Int(dayNumber(r.(types.Timestamp).Time) - dayNumber(l.(types.Timestamp).Time))
		})),
	}
}

// dayNumber counts days since 1970; days before it are negative.
func dayNumber(t time.Time) int64 {
	const seconds = int64(day / time.Second)
	n := t.Unix()
	if n < 0 {
		n -= seconds - 1
	}
	return n / seconds
}
