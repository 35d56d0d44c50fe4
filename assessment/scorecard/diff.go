package scorecard

import (
	"cmp"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Change is one difference between two cards. Path names parts by their keys
// ("sections[solvency].factors[debt_ratio].weight"). Was is empty for what is new, Now for what is gone; both are YAML on
// one line.
type Change struct {
	Path string `json:"path"`
	Was  string `json:"was,omitempty"`
	Now  string `json:"now,omitempty"`
}

// Diff names what changed from card a to card b. Sections, factors, questions, choices, vetoes, caps and grades are
// matched by their keys, so moving them within their list is no change; the bins of a factor are compared as a whole.
func Diff(a, b Card) []Change { return compare("", node(a), node(b)) }

func node(card Card) *yaml.Node {
	var n yaml.Node
	if err := n.Encode(card); err != nil {
		panic(fmt.Sprintf("a card is plain data: %v", err))
	}
	return &n
}

func compare(path string, a, b *yaml.Node) []Change {
	if a == nil || b == nil || a.Kind != b.Kind {
		return changed(path, a, b)
	}
	left, leftOrder := children(a)
	right, rightOrder := children(b)
	if leftOrder == nil || rightOrder == nil {
		return changed(path, a, b)
	}
	var all []Change
	seen := map[string]bool{}
	for _, name := range append(leftOrder, rightOrder...) {
		if seen[name] {
			continue
		}
		seen[name] = true
		at := path + "[" + name + "]"
		if a.Kind == yaml.MappingNode {
			at = strings.TrimPrefix(path+"."+name, ".")
		}
		all = append(all, compare(at, left[name], right[name])...)
	}
	return all
}

func changed(path string, a, b *yaml.Node) []Change {
	c := Change{Path: path, Was: text(a), Now: text(b)}
	if c.Was == c.Now {
		return nil
	}
	return []Change{c}
}

// children names the parts of a map or of a list whose items have keys; there is no order when it is neither.
func children(n *yaml.Node) (map[string]*yaml.Node, []string) {
	named, order := map[string]*yaml.Node{}, []string{}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			named[n.Content[i].Value], order = n.Content[i+1], append(order, n.Content[i].Value)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			name := keyOf(item)
			if name == "" {
				return nil, nil
			}
			named[name], order = item, append(order, name)
		}
	default:
		return nil, nil
	}
	return named, order
}

// keyOf gives an item's key, or the grade of a step of the scale.
func keyOf(item *yaml.Node) string {
	key, grade := "", ""
	for i := 0; i+1 < len(item.Content); i += 2 {
		switch item.Content[i].Value {
		case "key":
			key = item.Content[i+1].Value
		case "grade":
			grade = item.Content[i+1].Value
		}
	}
	return cmp.Or(key, grade)
}

func text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	flow := *n
	flow.Style |= yaml.FlowStyle
	raw, err := yaml.Marshal(&flow)
	if err != nil {
		panic(fmt.Sprintf("a card is plain data: %v", err))
	}
	return strings.TrimSpace(string(raw))
}
