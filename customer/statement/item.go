package statement

import "strings"

// Part is which of the three statements a line belongs to.
type Part string

// The parts. Supplement is the indirect-method supplement of the cash-flow statement (现金流量表补充资料).
const (
	Balance    Part = "balance"
	Income     Part = "income"
	CashFlow   Part = "cash_flow"
	Supplement Part = "supplement"
)

// Item is the code of a line, the same in every language and layout.
type Item string

// Line is a line of a statement.
type Line struct {
	Item   Item
	Part   Part
	ZH, EN string
	Total  bool // a subtotal or total
}

// Lines lists all lines, in the order in which statements show them.
func Lines() []Line { return lines }

// Find gives the line of an item.
func Find(i Item) (Line, bool) { l, ok := byItem[i]; return l, ok }

// ByLabel finds the item that a label means in a part: its code, Chinese or English name, or a name of older charts of
// accounts. Unit suffixes like (万元), numbering like 一、 and words like 其中： or 加： are passed over.
func ByLabel(part Part, label string) (Item, bool) {
	l := normal(label)
	if i, ok := byLabel[part][l]; ok {
		return i, true
	}
	if part == CashFlow {
		i, ok := byLabel[Supplement][l]
		return i, ok
	}
	return "", false
}

// AnyLabel looks a label up in all parts, for files that do not say which part they bring.
func AnyLabel(label string) (Item, bool) {
	for _, part := range []Part{Balance, Income, CashFlow, Supplement} {
		if i, ok := byLabel[part][normal(label)]; ok {
			return i, true
		}
	}
	return "", false
}

var (
	lines   []Line
	byItem  = map[Item]Line{}
	byLabel = map[Part]map[string]Item{Balance: {}, Income: {}, CashFlow: {}, Supplement: {}}
)

var noise = strings.NewReplacer(" ", "", "\u3000", "", "\u00a0", "", "（", "(", "）", ")", "：", ":", "，", ",", "、", "", "　", "")

var prefixes = []string{"其中:", "加:", "减:", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}

func normal(label string) string {
	l := strings.ToLower(noise.Replace(strings.TrimSpace(label)))
	for _, unit := range []string{"(万元)", "(元)", "(千元)", "(百万元)", "(亿元)", "(万元"} {
		l = strings.TrimSuffix(l, unit)
	}
	if _, ok := numbered(label); ok {
		for _, p := range prefixes[3:] {
			l = strings.TrimPrefix(l, p)
		}
	}
	for _, p := range prefixes[:3] {
		l = strings.TrimPrefix(l, p)
	}
	return strings.NewReplacer("(", "", ")", "", "-", "", ",", "", "'", "", ".", "").Replace(l)
}

// numbered tells whether a label starts with Chinese numbering ("一、").
func numbered(label string) (string, bool) {
	l := strings.TrimSpace(label)
	for _, p := range prefixes[3:] {
		if rest, ok := strings.CutPrefix(l, p+"、"); ok {
			return rest, true
		}
	}
	return l, false
}

func init() {
	part := Balance
	for row := range strings.SplitSeq(strings.TrimSpace(table), "\n") {
		if name, ok := strings.CutPrefix(row, "# "); ok {
			part = Part(name)
			continue
		}
		f := strings.Split(row, "|")
		l := Line{Item: Item(strings.TrimSuffix(f[0], "*")), Part: part, ZH: f[1], EN: f[2], Total: strings.HasSuffix(f[0], "*")}
		lines = append(lines, l)
		if _, twice := byItem[l.Item]; twice {
			panic("statement: item " + string(l.Item) + " stands twice")
		}
		byItem[l.Item] = l
		labels := []string{string(l.Item), l.ZH, l.EN}
		if len(f) > 3 {
			labels = append(labels, strings.Split(f[3], ";")...)
		}
		for _, label := range labels {
			if _, taken := byLabel[part][normal(label)]; !taken {
				byLabel[part][normal(label)] = l.Item
			}
		}
	}
}
