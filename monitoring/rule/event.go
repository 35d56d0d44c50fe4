package rule

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/xinheng/xinheng/expression"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

// Event is something that happened about a customer. Source and ID together are its identity: the same event may arrive
// any number of times and counts once.
type Event struct {
	Source     string             `json:"source"`
	ID         string             `json:"id"`
	Type       string             `json:"type"`
	CustomerID string             `json:"customer_id"`
	At         time.Time          `json:"at"`
	Amount     *money.Amount      `json:"amount,omitempty"`
	Numbers    map[string]float64 `json:"numbers,omitempty"` // "days_late"
	Texts      map[string]string  `json:"texts,omitempty"`   // "number": of the invoice
}

// Kind is a type of event with the fields that it may carry beside the amount.
type Kind struct {
	Key     string   `json:"key"`
	ZH      string   `json:"zh"`
	EN      string   `json:"en"`
	Numbers []string `json:"numbers,omitempty"`
	Texts   []string `json:"texts,omitempty"`
	// Book says that the event is a fact of our books: from outside it becomes a change of the books first, and rules see
	// it when the books tell it.
	Book bool `json:"book"`
}

// DayPassed is the type of the daily event by which silence is noticed.
const DayPassed = "day.passed"

// Kinds are the types of events.
var Kinds = []Kind{
	{Key: "order.placed", ZH: "下单", EN: "Order placed", Texts: []string{"number"}, Book: true},
	{Key: "order.cancelled", ZH: "取消订单", EN: "Order cancelled", Texts: []string{"number"}},
	{Key: "invoice.issued", ZH: "开票", EN: "Invoice issued", Texts: []string{"number", "order_number", "issued_on", "due_on"}, Book: true},
	{Key: "invoice.settled", ZH: "发票结清", EN: "Invoice settled", Numbers: []string{"days_late"}, Texts: []string{"number"}},
	{Key: "invoice.overdue", ZH: "发票逾期", EN: "Invoices overdue", Numbers: []string{"days_late", "invoices"}},
	{Key: "payment.received", ZH: "收款", EN: "Payment received", Texts: []string{"number", "invoice_number", "received_on", "payer"}, Book: true},
	{Key: "account.moved", ZH: "资金往来", EN: "Account movement", Numbers: []string{"balance"}, Texts: []string{"direction", "counterparty"}},
	{Key: "activity.noted", ZH: "经营活动", EN: "Business activity", Numbers: []string{"value"}, Texts: []string{"activity", "note"}},
	{Key: "news.negative", ZH: "负面舆情", EN: "Negative news", Numbers: []string{"score"}, Texts: []string{"title", "url"}},
	{Key: "registry.changed", ZH: "工商变更", EN: "Registry change", Texts: []string{"field", "before", "after"}},
	{Key: "litigation.filed", ZH: "涉诉", EN: "Litigation", Texts: []string{"case", "court"}},
	{Key: DayPassed, ZH: "每日检查", EN: "Daily check"},
}

// KindOf finds a type of event.
func KindOf(key string) (Kind, bool) {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Key == key })
	if i < 0 {
		return Kind{}, false
	}
	return Kinds[i], true
}

// fieldNames are the events' fields for people: Chinese, English.
var fieldNames = map[string][2]string{
	"type": {"事件类型", "Event type"}, "amount": {"金额", "Amount"},
	"days_late": {"逾期天数", "Days late"}, "invoices": {"发票张数", "Number of invoices"}, "balance": {"余额", "Balance"}, "value": {"数值", "Value"}, "score": {"负面程度", "Score"},
	"number": {"编号", "Number"}, "order_number": {"订单号", "Order number"}, "invoice_number": {"发票号", "Invoice number"}, "issued_on": {"开票日", "Issued on"}, "due_on": {"到期日", "Due on"},
	"received_on": {"收款日", "Received on"}, "payer": {"付款方", "Payer"}, "direction": {"方向", "Direction"}, "counterparty": {"对方", "Counterparty"}, "activity": {"活动", "Activity"},
	"note": {"备注", "Note"}, "title": {"标题", "Title"}, "url": {"网址", "Address"}, "field": {"变更事项", "What changed"}, "before": {"变更前", "Before"}, "after": {"变更后", "After"},
	"case": {"案号", "Case"}, "court": {"法院", "Court"},
}

// Variables are what expressions may use of an event of this kind.
func (k Kind) Variables() []expression.Variable {
	named := func(field string, t expression.Type) expression.Variable {
		return expression.Variable{Name: "event." + field, Type: t, ZH: fieldNames[field][0], EN: fieldNames[field][1]}
	}
	all := []expression.Variable{named("type", expression.Text), named("amount", expression.Money)}
	for _, n := range k.Numbers {
		all = append(all, named(n, expression.Number))
	}
	for _, t := range k.Texts {
		all = append(all, named(t, expression.Text))
	}
	return all
}

// mostNumber bounds the numbers of events, so that windows can hold them exactly.
const mostNumber = 1e12

// value gives a field of the event in the Go type of its variable.
func (e *Event) value(field string) (any, bool) {
	switch field {
	case "type":
		return e.Type, true
	case "amount":
		if e.Amount == nil {
			return nil, false
		}
		return *e.Amount, true
	}
	if n, ok := e.Numbers[field]; ok {
		return n, true
	}
	t, ok := e.Texts[field]
	return t, ok
}

// Check reports every wrong field below a path prefix. now bounds the event's time: a day ahead for clocks that differ.
func (e *Event) Check(c *fault.Check, at string, now time.Time) {
	c.Required(at+"source", e.Source)
	c.Length(at+"source", e.Source, 60)
	c.Required(at+"id", e.ID)
	c.Length(at+"id", e.ID, 200)
	plain := func(text string) bool { return !strings.ContainsFunc(text, unicode.IsControl) }
	c.That(plain(e.Source), at+"source", "rule.event_control", nil)
	c.That(plain(e.ID), at+"id", "rule.event_control", nil)
	c.Required(at+"customer_id", e.CustomerID)
	c.Length(at+"customer_id", e.CustomerID, 200)
	k, ok := KindOf(e.Type)
	if !c.That(ok, at+"type", "rule.event_unknown", fault.Args{"type": e.Type}) {
		return
	}
	c.That(!e.At.IsZero(), at+"at", "fault.required", nil)
	c.That(e.At.Before(now.Add(24*time.Hour)), at+"at", "rule.event_future", nil)
	if e.Amount != nil {
		c.That(e.Amount.Currency.Valid(), at+"amount", "money.currency_unknown", fault.Args{"code": string(e.Amount.Currency)})
	}
	for name, n := range e.Numbers {
		c.That(slices.Contains(k.Numbers, name), at+"numbers."+name, "fault.unknown_field", nil)
		c.That(math.Abs(n) <= mostNumber, at+"numbers."+name, "fault.range", fault.Args{"min": "-1,000,000,000,000", "max": "1,000,000,000,000"})
	}
	for name, text := range e.Texts {
		c.That(slices.Contains(k.Texts, name), at+"texts."+name, "fault.unknown_field", nil)
		c.Length(at+"texts."+name, text, 500)
	}
}
