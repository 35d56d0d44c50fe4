// Package expression is the one environment in which policies, rules, workflows and plans are written: CEL, the Common
// Expression Language (https://cel.dev), with the variables that the user of the package declares. Pure: no database,
// clock or network; an expression cannot loop, and one that would cost too much is stopped.
package expression

import (
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/xinheng/xinheng/internal/fault"
)

// Type is the type of a variable.
type Type string

// The types of variables.
const (
	Number Type = "number"
	Text   Type = "text"
	Flag   Type = "flag"
	Time   Type = "time"
)

// Variable is a name that expressions may use.
type Variable struct {
	Name   string `json:"name"` // "event.days_late"
	Type   Type   `json:"type"`
	ZH, EN string
}

// mostCost bounds what one evaluation may cost, in CEL's units (about one per operation).
const mostCost = 10_000

// Env is a set of variables that expressions are checked against.
type Env struct{ env *cel.Env }

var celTypes = map[Type]*cel.Type{Number: cel.DoubleType, Text: cel.StringType, Flag: cel.BoolType, Time: cel.TimestampType}

// New makes an environment; whole and broken numbers compare with each other.
func New(variables []Variable) (*Env, error) {
	options := []cel.EnvOption{cel.CrossTypeNumericComparisons(true), cel.OptionalTypes()}
	for _, v := range variables {
		options = append(options, cel.Variable(v.Name, celTypes[v.Type]))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, fmt.Errorf("expression: %w", err)
	}
	return &Env{env: env}, nil
}

// Condition is a compiled expression with a yes or no as its value.
type Condition struct {
	program cel.Program
	text    string
}

// Condition compiles; a wrong expression is a fault that tells line, column and what is wrong. Numbers are written with
// a point in sums ("2.0 * x"), as CEL is strictly typed.
func (e *Env) Condition(text string) (*Condition, error) {
	ast, issues := e.env.Compile(text)
	if issues != nil && issues.Err() != nil {
		var c fault.Check
		for _, i := range issues.Errors() {
			c.Add("", "expression.wrong", fault.Args{"line": i.Location.Line(), "column": i.Location.Column() + 1, "detail": i.Message})
		}
		return nil, c.Err()
	}
	if !ast.OutputType().IsExactType(cel.BoolType) {
		return nil, fault.Invalid("", "expression.not_condition", fault.Args{"type": ast.OutputType().String()})
	}
	program, err := e.env.Program(ast, cel.CostLimit(mostCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fault.Invalid("", "expression.wrong", fault.Args{"line": 1, "column": 1, "detail": err.Error()})
	}
	return &Condition{program: program, text: text}, nil
}

// Values gives the value of a variable: float64, string, bool or time.Time; not ok = missing.
type Values func(name string) (value any, ok bool)

// ErrMissing says that the expression needed a variable that has no value.
var ErrMissing = errors.New("a value is missing")

// Holds evaluates the condition. ErrMissing is returned where it needs a value that is not there.
func (c *Condition) Holds(values Values) (bool, error) {
	out, _, err := c.program.Eval(activation(values))
	if err != nil {
		if strings.Contains(err.Error(), "no such attribute") {
			return false, ErrMissing
		}
		return false, fmt.Errorf("expression %q: %w", c.text, err)
	}
	return out == ref.Val(types.True), nil
}

type activation Values

func (a activation) ResolveName(name string) (any, bool) { return a(name) }

func (a activation) Parent() interpreter.Activation { return nil }
