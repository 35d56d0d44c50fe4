// Package expression is the one environment in which policies, rules, workflows and plans are written: CEL, the Common
// Expression Language (https://cel.dev), with the variables that the user of the package declares. Pure: no database,
// clock or network; an expression cannot loop, and one that would cost too much is stopped.
//
// Beyond CEL's own functions there are money (money.go), days (dates.go), and sums of whole with broken numbers:
// 2 * days_late + 0.5. Whole numbers divide as whole numbers, as in CEL: 7 / 2 is 3, 7 / 2.0 is 3.5. Beside == and != a number is
// written with a point (days_late == 30.0); beside < and > it need not be.
package expression

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

// Type is the type of a variable or of what an expression gives.
type Type string

// The types, with the Go type of their values.
const (
	Number Type = "number" // float64
	Text   Type = "text"   // string
	Flag   Type = "flag"   // bool
	Time   Type = "time"   // time.Time
	Money  Type = "money"  // money.Amount
)

// Variable is a name that expressions may use, with its names for people.
type Variable struct {
	Name string `json:"name"` // "event.days_late"
	Type Type   `json:"type"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// Now is declared in every environment: the moment that the caller passes in, never the machine's clock.
var Now = Variable{Name: "now", Type: Time, ZH: "现在", EN: "Now"}

// mostCost bounds what one evaluation may cost, in CEL's units (about one per operation).
const mostCost = 10_000

// Env is a set of variables that expressions are checked against.
type Env struct {
	env       *cel.Env
	variables []Variable
}

var celTypes = map[Type]*cel.Type{Number: cel.DoubleType, Text: cel.StringType, Flag: cel.BoolType, Time: cel.TimestampType, Money: moneyType}

// base is the environment without variables, made once: it is most of the work of New.
var base = sync.OnceValue(func() *cel.Env {
	env, err := cel.NewCustomEnv(append(functions(), cel.CrossTypeNumericComparisons(true),
		cel.ASTValidators(literals{}, cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals()))...)
	if err != nil {
		panic(err) // its parts are constants: a broken one is caught by the first test that runs
	}
	return env
})

// variableName is what a variable may be called: lower-case words joined by points.
var variableName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// reserved words of CEL's grammar cannot name anything.
var reserved = strings.Fields("true false null in as break const continue else for function if import let loop package namespace return var void while")

// New makes an environment of the variables and Now. A name that CEL cannot have, stands twice or has no known type is
// a fault.
func New(variables []Variable) (*Env, error) {
	e := &Env{variables: append(slices.Clone(variables), Now)}
	var options []cel.EnvOption
	seen := map[string]bool{}
	var c fault.Check
	for _, v := range e.variables {
		bad := !variableName.MatchString(v.Name) || slices.ContainsFunc(strings.Split(v.Name, "."), func(word string) bool { return slices.Contains(reserved, word) })
		c.That(!bad, v.Name, "expression.bad_name", fault.Args{"name": v.Name})
		c.That(!seen[v.Name], v.Name, "expression.twice", fault.Args{"name": v.Name})
		c.That(celTypes[v.Type] != nil, v.Name, "expression.bad_type", fault.Args{"type": string(v.Type)})
		seen[v.Name] = true
		options = append(options, cel.Variable(v.Name, celTypes[v.Type]))
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	env, err := base().Extend(options...)
	if err != nil {
		return nil, fmt.Errorf("expression: %w", err)
	}
	e.env = env
	return e, nil
}

// Variables lists what expressions may use, for an editor.
func (e *Env) Variables() []Variable { return slices.Clone(e.variables) }

// Program is a compiled expression.
type Program struct {
	program cel.Program
	text    string
	gives   *cel.Type
}

// Compile reads an expression and checks its types; a wrong one is a fault that tells line, column and what is wrong.
func (e *Env) Compile(text string) (*Program, error) {
	checked, issues := e.env.Compile(text)
	if issues != nil && issues.Err() != nil {
		return nil, wrong(text, issues.Errors())
	}
	program, err := e.env.Program(checked, cel.CostLimit(mostCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fault.Invalid("", "expression.wrong", fault.Args{"line": 1, "column": 1, "detail": err.Error()})
	}
	return &Program{program: program, text: text, gives: checked.OutputType()}, nil
}

// Condition compiles an expression that must give yes or no.
func (e *Env) Condition(text string) (*Program, error) {
	p, err := e.Compile(text)
	if err == nil && p.Gives() != Flag {
		return nil, fault.Invalid("", "expression.not_condition", fault.Args{"type": p.gives.String()})
	}
	return p, err
}

// Gives is the type of the program's value; empty for one that is none of the types, such as a list.
func (p *Program) Gives() Type {
	if p.gives.IsExactType(cel.IntType) {
		return Number
	}
	for t, is := range celTypes {
		if p.gives.IsExactType(is) {
			return t
		}
	}
	return ""
}

// Values gives the value of a variable in the Go type of its Type; not ok = missing.
type Values func(name string) (value any, ok bool)

// ErrMissing is what an evaluation fails with that needs a variable without a value; errors.As with *Missing names it.
var ErrMissing = errors.New("a value is missing")

// Missing says which variables were asked for and had no value.
type Missing struct{ Names []string }

// Error names them.
func (m *Missing) Error() string { return "missing: " + strings.Join(m.Names, ", ") }

// Is makes every Missing an ErrMissing.
func (m *Missing) Is(target error) bool { return target == ErrMissing }

// Bool evaluates a program that gives yes or no. A missing value that the outcome does not hang on is no error:
// true || missing is true.
func (p *Program) Bool(values Values) (bool, error) {
	out, err := p.eval(values)
	if err != nil {
		return false, err
	}
	b, ok := out.(types.Bool)
	if !ok {
		return false, p.unfit(Flag)
	}
	return bool(b), nil
}

// Number evaluates a program that gives a number.
func (p *Program) Number(values Values) (float64, error) {
	out, err := p.eval(values)
	if err != nil {
		return 0, err
	}
	switch n := out.(type) {
	case types.Double:
		return float64(n), nil
	case types.Int:
		return float64(n), nil
	}
	return 0, p.unfit(Number)
}

// Text evaluates a program that gives a text.
func (p *Program) Text(values Values) (string, error) {
	out, err := p.eval(values)
	if err != nil {
		return "", err
	}
	s, ok := out.(types.String)
	if !ok {
		return "", p.unfit(Text)
	}
	return string(s), nil
}

// Amount evaluates a program that gives money.
func (p *Program) Amount(values Values) (money.Amount, error) {
	out, err := p.eval(values)
	if err != nil {
		return money.Amount{}, err
	}
	a, ok := out.(amount)
	if !ok {
		return money.Amount{}, p.unfit(Money)
	}
	return a.Amount, nil
}

func (p *Program) unfit(want Type) error {
	return fmt.Errorf("expression %q gives %s, not %s", p.text, p.gives, want)
}

func (p *Program) eval(values Values) (ref.Val, error) {
	a := activation{values: values}
	out, _, err := p.program.Eval(&a)
	switch {
	case err == nil:
		return out, nil
	case len(a.missing) > 0:
		return nil, &Missing{Names: a.missing}
	}
	return nil, fmt.Errorf("expression %q: %w", p.text, err)
}

// activation hands values to CEL and remembers those that it asked for in vain.
type activation struct {
	values  Values
	missing []string
}

func (a *activation) ResolveName(name string) (any, bool) {
	v, ok := a.values(name)
	if !ok {
		if !slices.Contains(a.missing, name) {
			a.missing = append(a.missing, name)
		}
		return nil, false
	}
	if m, isMoney := v.(money.Amount); isMoney {
		return amount{m}, true
	}
	return v, true
}

func (a *activation) Parent() interpreter.Activation { return nil }
