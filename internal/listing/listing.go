// Package listing turns what a list page asks for (filter, sort, page) into SQL, from an allow-list of columns.
//
// Pages are keyset pages: the cursor holds the last row's sort value and id, so page 5,000 is as quick as page 1 and
// rows that come or go meanwhile do not shift the others.
package listing

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
)

// Kind says how a column's values are read from filters and cursors.
type Kind int

// The kinds of column.
const (
	Text Kind = iota
	Number
	Float
	Date
	Flag
)

// Column is one that may be sorted or filtered by.
type Column struct {
	Name string // public name, as in the request
	SQL  string // expression; never from the request; never NULL (COALESCE it)
	Kind Kind
}

// Spec is a list's allow-list. ID is the expression of the unique tie-breaker; Default the sort when none is asked.
type Spec struct {
	ID      string
	Default string
	Columns []Column
}

// Filter is one condition: column, operator (eq, ne, ge, le, has, in), value ("in" takes values split by commas).
type Filter struct {
	Column string `json:"column"`
	Op     string `json:"op,omitempty"`
	Value  string `json:"value"`
}

// Query is what is asked: Sort is a column name, with a leading - for descending.
type Query struct {
	Filters []Filter `json:"filters,omitempty"`
	Sort    string   `json:"sort,omitempty"`
	After   string   `json:"after,omitempty"` // cursor of the page before
	Limit   int      `json:"limit,omitempty"`
}

// MostRows is the largest page.
const MostRows = 1000

const (
	mostIn      = 500 // values of an "in" filter
	mostFilters = 50
)

// Size is the page size asked for, within bounds.
func (q Query) Size() int {
	if q.Limit <= 0 {
		return 50
	}
	return min(q.Limit, MostRows)
}

// Tail is the SQL after the caller's own conditions: Where starts with " AND " (or is empty), Order with " ORDER BY ".
type Tail struct {
	Where string
	Order string
	Args  []any
	Key   string // expression of the sort value: select it, with the id, to make cursors

	kind Kind
}

type cursor struct {
	Value any    `json:"v"`
	ID    string `json:"i"`
}

// Cursor makes the cursor after a row.
func Cursor(value any, id string) string {
	raw, err := json.Marshal(cursor{Value: value, ID: id})
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Build makes the SQL tail; args are those already used by the caller's conditions.
func (s Spec) Build(q Query, args []any) (Tail, error) {
	var c fault.Check
	t := Tail{Args: slices.Clone(args)}
	var where []string
	if !c.That(len(q.Filters) <= mostFilters, "filters", "fault.too_many", fault.Args{"most": mostFilters}) {
		return Tail{}, c.Err()
	}
	for i, f := range q.Filters {
		column, ok := s.column(f.Column)
		if !c.That(ok, fmt.Sprintf("filters[%d].column", i), "listing.column_unknown", fault.Args{"column": f.Column}) {
			continue
		}
		text, err := t.condition(column, f)
		if err != nil {
			c.Join(fmt.Sprintf("filters[%d].", i), err)
			continue
		}
		where = append(where, text)
	}
	sort := q.Sort
	if sort == "" {
		sort = s.Default
	}
	name, descending := strings.CutPrefix(sort, "-")
	column, ok := s.column(name)
	c.That(ok, "sort", "listing.column_unknown", fault.Args{"column": name})
	if q.After != "" && ok {
		after, err := s.after(&t, q.After, column, descending)
		c.Join("after", err)
		where = append(where, after)
	}
	if err := c.Err(); err != nil {
		return Tail{}, err
	}
	for _, w := range where {
		t.Where += " AND " + w
	}
	direction := ""
	if descending {
		direction = " DESC"
	}
	t.Key, t.kind = column.SQL, column.Kind
	t.Args = append(t.Args, q.Size()+1)
	t.Order = fmt.Sprintf(" ORDER BY %s%s, %s%s LIMIT $%d", column.SQL, direction, s.ID, direction, len(t.Args))
	return t, nil
}

func (s Spec) column(name string) (Column, bool) {
	i := slices.IndexFunc(s.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return s.Columns[i], true
}

func (s Spec) after(t *Tail, text string, column Column, descending bool) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", fault.Invalid("", "listing.cursor", nil)
	}
	var at cursor
	if err := json.Unmarshal(raw, &at); err != nil {
		return "", fault.Invalid("", "listing.cursor", nil)
	}
	value, err := column.value(fmt.Sprint(at.Value))
	if f, isNumber := at.Value.(float64); isNumber {
		value, err = f, nil
		if column.Kind == Number || column.Kind == Flag {
			value = int64(f)
		}
	}
	if err != nil {
		return "", fault.Invalid("", "listing.cursor", nil)
	}
	t.Args = append(t.Args, value, at.ID)
	sign := ">"
	if descending {
		sign = "<"
	}
	n := len(t.Args)
	return fmt.Sprintf("(%s %s $%d OR (%s = $%d AND %s %s $%d))", column.SQL, sign, n-1, column.SQL, n-1, s.ID, sign, n), nil
}

func (t *Tail) condition(column Column, f Filter) (string, error) {
	add := func(v any) string {
		t.Args = append(t.Args, v)
		return fmt.Sprintf("$%d", len(t.Args))
	}
	switch f.Op {
	case "has":
		if column.Kind != Text {
			return "", fault.Invalid("op", "listing.op_unknown", fault.Args{"op": f.Op})
		}
		pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(f.Value)) + "%"
		return "LOWER(" + column.SQL + ") LIKE " + add(pattern) + ` ESCAPE '\'`, nil
	case "in":
		if strings.Count(f.Value, ",") >= mostIn {
			return "", fault.Invalid("value", "fault.too_many", fault.Args{"most": mostIn})
		}
		var marks []string
		for v := range strings.SplitSeq(f.Value, ",") {
			value, err := column.value(v)
			if err != nil {
				return "", err
			}
			marks = append(marks, add(value))
		}
		return column.SQL + " IN (" + strings.Join(marks, ", ") + ")", nil
	}
	sign, ok := map[string]string{"": "=", "eq": "=", "ne": "<>", "ge": ">=", "le": "<="}[f.Op]
	if !ok {
		return "", fault.Invalid("op", "listing.op_unknown", fault.Args{"op": f.Op})
	}
	value, err := column.value(f.Value)
	if err != nil {
		return "", err
	}
	return column.SQL + " " + sign + " " + add(value), nil
}

func (c Column) value(text string) (any, error) {
	bad := fault.Invalid("value", "fault.unreadable", fault.Args{"detail": text})
	switch c.Kind {
	case Number:
		var n int64
		if _, err := fmt.Sscan(text, &n); err != nil {
			return nil, bad
		}
		return n, nil
	case Float:
		var f float64
		if _, err := fmt.Sscan(text, &f); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, bad
		}
		return f, nil
	case Date:
		d, err := clock.ParseDate(text)
		if err != nil {
			return nil, bad
		}
		return string(d), nil
	case Flag:
		return text == "true" || text == "1", nil
	}
	return text, nil
}
