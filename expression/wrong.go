package expression

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

// complaints tell CEL's English messages as messages of the catalogue; the groups of a pattern become its places.
var complaints = []struct {
	pattern *regexp.Regexp
	key     string
}{
	{regexp.MustCompile(`^undeclared reference to '(?P<name>[^']*)'`), "expression.unknown"},
	{regexp.MustCompile(`^found no matching overload for '_(?P<operator>[!=]=)_' applied to '\((?:double, int|int, double)\)'`), "expression.equal_whole"},
	{regexp.MustCompile(`^found no matching overload for '_?(?P<operator>.+?)_?' applied to '(?P<types>.*)'`), "expression.types"},
	{regexp.MustCompile(`^Syntax error: .*'<EOF>'`), "expression.unfinished"},
	{regexp.MustCompile(`^Syntax error: (?:mismatched|extraneous) input '(?P<token>.+?)' expecting`), "expression.unexpected"},
	{regexp.MustCompile(`^Syntax error: no viable alternative at input '(?P<token>.+)'`), "expression.unexpected"},
	{regexp.MustCompile(`^Syntax error: token recognition error at: '(?P<token>.+)'`), "expression.unexpected"},
	{regexp.MustCompile(`^Syntax error: missing '.*' at '(?P<token>.+)'`), "expression.unexpected"},
	{regexp.MustCompile(`^invalid money: (?P<text>.*)`), "expression.bad_money"},
	{regexp.MustCompile(`^invalid date: (?P<text>.*)`), "expression.bad_date"},
}

// wrong makes one fault of what CEL found; lines and columns count from 1, columns in characters.
func wrong(text string, found []*cel.Error) error {
	var c fault.Check
	for _, e := range found {
		key, args := "expression.wrong", fault.Args{"detail": e.Message}
		for _, complaint := range complaints {
			if groups := complaint.pattern.FindStringSubmatch(e.Message); groups != nil {
				key, args = complaint.key, fault.Args{}
				for i, name := range complaint.pattern.SubexpNames()[1:] {
					args[name] = groups[i+1]
				}
				break
			}
		}
		line, column := e.Location.Line(), e.Location.Column()
		if key == "expression.unknown" {
			column = start(text, line, column)
		}
		args["line"], args["column"] = line, column+1
		c.Add("", key, args)
	}
	return c.Err()
}

// start goes back from a point of a dotted name, where CEL complains of it, to the name's first character.
func start(text string, line, column int) int {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return column
	}
	here := []rune(lines[line-1])
	if column >= len(here) || here[column] != '.' {
		return column
	}
	for column > 0 && (here[column-1] == '.' || here[column-1] == '_' || unicode.IsLetter(here[column-1]) || unicode.IsDigit(here[column-1])) {
		column--
	}
	return column
}

// literals finds constant arguments that could never work when the expression is saved, not when it first runs.
type literals struct{}

func (literals) Name() string { return "xinheng.literals" }

func (literals) Validate(_ *cel.Env, _ cel.ValidatorConfig, a *ast.AST, issues *cel.Issues) {
	for _, call := range ast.MatchDescendants(ast.NavigateAST(a), ast.KindMatcher(ast.CallKind)) {
		var texts []string
		for _, arg := range call.AsCall().Args() {
			if arg.Kind() != ast.LiteralKind {
				break
			}
			if s, isText := arg.AsLiteral().(types.String); isText {
				texts = append(texts, string(s))
			}
		}
		switch name := call.AsCall().FunctionName(); {
		case name == "money" && len(texts) == 2:
			if _, err := money.Parse(texts[0], money.Currency(texts[1])); err != nil {
				issues.ReportErrorAtID(call.ID(), "invalid money: %s %s", texts[0], texts[1])
			}
		case name == "date" && len(texts) == 1:
			if _, err := time.Parse(time.DateOnly, texts[0]); err != nil {
				issues.ReportErrorAtID(call.ID(), "invalid date: %s", texts[0])
			}
		}
	}
}
