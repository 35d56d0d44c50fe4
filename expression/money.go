package expression

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/stdlib"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/xinheng/xinheng/internal/money"
)

// moneyType is money in expressions: money("100.00", "CNY"). Amounts of one currency compare, add and subtract; a number
// multiplies or divides an amount, rounded to the minor unit; an amount by an amount is a plain ratio.
// Amounts of different currencies are never equal, and everything else with them is an error.
var moneyType = types.NewObjectType("Money", traits.AdderType, traits.SubtractorType, traits.NegatorType, traits.ComparerType)

// amount is a money.Amount as CEL handles it.
type amount struct{ money.Amount }

func (a amount) ConvertToNative(t reflect.Type) (any, error) {
	if t == reflect.TypeFor[money.Amount]() {
		return a.Amount, nil
	}
	return nil, fmt.Errorf("money does not become %s", t)
}

func (a amount) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return moneyType
	}
	return types.NewErr("money does not become %s", t.TypeName())
}

func (a amount) Equal(other ref.Val) ref.Val {
	b, ok := other.(amount)
	if !ok {
		return types.False
	}
	order, err := a.Cmp(b.Amount)
	return types.Bool(err == nil && order == 0)
}

func (a amount) Type() ref.Type { return moneyType }

func (a amount) Value() any { return a.Amount }

func (a amount) Add(other ref.Val) ref.Val { return a.with(other, a.Amount.Add) }

func (a amount) Subtract(other ref.Val) ref.Val { return a.with(other, a.Sub) }

func (a amount) Negate() ref.Val {
	return amount{}.with(a, money.Amount{Currency: a.Currency}.Sub)
}

func (a amount) Compare(other ref.Val) ref.Val {
	b, ok := other.(amount)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	order, err := a.Cmp(b.Amount)
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Int(order)
}

func (a amount) with(other ref.Val, sum func(money.Amount) (money.Amount, error)) ref.Val {
	b, ok := other.(amount)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return given(sum(b.Amount))
}

func given(a money.Amount, err error) ref.Val {
	if err != nil {
		return types.WrapErr(err)
	}
	return amount{a}
}

// arithmetic is CEL's own, except that numbers of both kinds mix and money takes part. The whole operators are declared
// anew, because CEL leaves the choice of what to do to the left operand, and a number there knows no money.
var arithmetic = []struct {
	operator string
	money    [][3]*cel.Type // left, right, outcome
	apply    func(l, r ref.Val) ref.Val
}{
	{operators.Add, [][3]*cel.Type{{moneyType, moneyType, moneyType}}, func(l, r ref.Val) ref.Val { return l.(traits.Adder).Add(r) }},
	{operators.Subtract, [][3]*cel.Type{{moneyType, moneyType, moneyType}}, func(l, r ref.Val) ref.Val { return l.(traits.Subtractor).Subtract(r) }},
	{operators.Multiply, [][3]*cel.Type{{moneyType, cel.DoubleType, moneyType}, {moneyType, cel.IntType, moneyType}, {cel.DoubleType, moneyType, moneyType}, {cel.IntType, moneyType, moneyType}},
		func(l, r ref.Val) ref.Val {
			if _, right := r.(amount); right {
				l, r = r, l
			}
			if a, isMoney := l.(amount); isMoney {
				return given(a.Scale(number(r)))
			}
			return l.(traits.Multiplier).Multiply(r)
		}},
	{operators.Divide, [][3]*cel.Type{{moneyType, cel.DoubleType, moneyType}, {moneyType, cel.IntType, moneyType}, {moneyType, moneyType, cel.DoubleType}},
		func(l, r ref.Val) ref.Val {
			a, isMoney := l.(amount)
			if !isMoney {
				return l.(traits.Divider).Divide(r)
			}
			if b, both := r.(amount); both {
				return ratio(a.Amount, b.Amount)
			}
			return given(a.Scale(1 / number(r)))
		}},
}

// mixed are the kinds of numbers that CEL does not compute with each other by itself.
var mixed = [][3]*cel.Type{{cel.IntType, cel.DoubleType, cel.DoubleType}, {cel.DoubleType, cel.IntType, cel.DoubleType}}

func number(v ref.Val) float64 {
	if i, whole := v.(types.Int); whole {
		return float64(i)
	}
	d, _ := v.(types.Double)
	return float64(d)
}

func ratio(a, b money.Amount) ref.Val {
	if _, err := a.Cmp(b); err != nil {
		return types.WrapErr(err)
	}
	if b.IsZero() {
		return types.NewErr("division by an amount of zero")
	}
	return types.Double(float64(a.Minor) / float64(b.Minor))
}

// functions are the standard library with the arithmetic and the functions of this package.
func functions() []cel.EnvOption {
	own := env.NewLibrarySubset()
	var options []cel.EnvOption
	for _, a := range arithmetic {
		own.AddExcludedFunctions(env.NewFunction(a.operator))
		var overloads []cel.FunctionOpt
		for _, f := range stdlib.Functions() {
			if f.Name() != a.operator {
				continue
			}
			for _, o := range f.OverloadDecls() {
				overloads = append(overloads, decls.Overload(o.ID(), o.ArgTypes(), o.ResultType()))
			}
		}
		for _, o := range append(mixed, a.money...) {
			overloads = append(overloads, overload(a.operator, o[2], o[:2]...))
		}
		options = append(options, cel.Function(a.operator, append(overloads, decls.SingletonBinaryBinding(func(l, r ref.Val) ref.Val {
			switch {
			case l.Type() == types.IntType && r.Type() == types.DoubleType:
				l = types.Double(number(l))
			case l.Type() == types.DoubleType && r.Type() == types.IntType:
				r = types.Double(number(r))
			}
			return a.apply(l, r)
		}))...))
	}
	for _, operator := range []string{operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals} {
		options = append(options, cel.Function(operator, overload(operator, cel.BoolType, moneyType, moneyType)))
	}
	options = append(options, cel.Function(operators.Negate, overload(operators.Negate, moneyType, moneyType)),
		cel.Function("money", overload("money", moneyType, cel.StringType, cel.StringType), decls.SingletonBinaryBinding(func(l, r ref.Val) ref.Val {
			return given(money.Parse(string(l.(types.String)), money.Currency(r.(types.String))))
		})))
	return append(append([]cel.EnvOption{cel.StdLib(cel.StdLibSubset(own))}, options...), dates()...)
}

// overload declares a signature under an id made of the function's name and its types.
func overload(function string, gives *cel.Type, takes ...*cel.Type) cel.FunctionOpt {
	id := "xinheng_" + function
	for _, t := range takes {
		id += "_" + t.TypeName()
	}
	return decls.Overload(id, takes, gives)
}
