package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/spreadsheet"
)

// decode reads an answer: one JSON value in UTF-8 or GB18030, numbers as they were written, so that amounts stay exact.
func decode(raw []byte) (any, error) {
	text, err := spreadsheet.Decode(raw)
	if err != nil {
		return nil, failed(Broken, true, "neither UTF-8 nor GB18030")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var answer any
	if err := d.Decode(&answer); err != nil {
		return nil, failed(Broken, true, "not JSON: %v; it begins %q", err, clip(text, 60))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, failed(Broken, true, "text after the JSON value")
	}
	return answer, nil
}

func clip(text string, most int) string {
	r := []rune(text)
	return string(r[:min(len(r), most)])
}

// one gives the single value at a path, as text; there is none for null and for what is not there.
func one(p Path, of any) (string, bool, error) {
	if !p.set() {
		return "", false, nil
	}
	found := p.Select(of)
	if len(found) == 0 || found[0] == nil {
		return "", false, nil
	}
	if len(found) > 1 {
		return "", false, fmt.Errorf("%s selects %d values", p, len(found))
	}
	switch v := found[0].(type) {
	case string:
		return strings.TrimSpace(v), true, nil
	case json.Number:
		return v.String(), true, nil
	case bool:
		return strconv.FormatBool(v), true, nil
	}
	return "", false, fmt.Errorf("%s is a list or an object", p)
}

func (t *Test) holds(of any) (yes bool, value string, err error) {
	if t == nil {
		return false, "", nil
	}
	value, there, err := one(t.At, of)
	if err != nil {
		if found := t.At.Select(of); t.Absent && len(found) == 1 { // something is there: that is all the test asks
			return emptyValue(found[0]), "", nil
		}
		return false, "", err
	}
	switch {
	case t.Absent:
		return !there, value, nil
	case len(t.Is) > 0:
		return there && slices.Contains(t.Is, value), value, nil
	}
	return !slices.Contains(t.IsNot, value), value, nil
}

func emptyValue(v any) bool {
	switch v := v.(type) {
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// Read reads an answer: the facts, or the error that stands inside of it.
func (r *Response) Read(answer any) (Facts, error) {
	unmapped := func(err error) error { return failed(Unmapped, false, "%v", err) }
	bad, value, err := r.Error.holds(answer)
	if err != nil {
		return Facts{}, unmapped(err)
	}
	missing, _, err := r.NotFound.holds(answer)
	if err != nil {
		return Facts{}, unmapped(err)
	}
	if missing { // before errors: many services report "no such company" by an error code
		return Facts{}, nil
	}
	if bad {
		said, _, err := one(r.Error.Message, answer)
		if err != nil {
			said = err.Error()
		}
		if slices.Contains(r.Error.Retry, value) {
			return Facts{}, failed(Busy, true, "%s %s", value, clip(said, 200))
		}
		return Facts{}, failed(Rejected, false, "%s %s", value, clip(said, 200))
	}
	f := Facts{Found: true}
	if r.AsOf != nil {
		day, _, err := r.AsOf.read(answer, "date")
		if err != nil {
			return Facts{}, unmapped(err)
		}
		f.AsOf = clock.Date(day)
	}
	for _, p := range r.Fields {
		value, there, err := p.read(answer, "")
		if err != nil {
			return Facts{}, unmapped(fmt.Errorf("%s: %w", p.Field, err))
		}
		if there && value != "" { // a provider that says nothing of a field does not say that it is empty
			f.Fields = append(f.Fields, Fact{Field: p.Field, Value: value, AsOf: f.AsOf})
		}
	}
	for _, l := range r.Records {
		if err := l.read(answer, &f); err != nil {
			return Facts{}, unmapped(fmt.Errorf("%s: %w", l.Kind, err))
		}
	}
	return f, nil
}

const mostRecords = 2000

func (l Listed) read(answer any, f *Facts) error {
	items := l.At.Select(answer)
	if len(items)+len(f.Records) > mostRecords {
		return fmt.Errorf("more than %d records", mostRecords)
	}
	for i, item := range items {
		key, there, err := one(l.Key, item)
		if err != nil {
			return fmt.Errorf("record %d: %w", i+1, err)
		}
		if !there || key == "" {
			return fmt.Errorf("record %d has no key", i+1)
		}
		rec := Record{Kind: l.Kind, Key: key, Open: true}
		for _, p := range l.Parts {
			value, there, err := p.read(item, defaultAs[p.Field])
			if err != nil {
				return fmt.Errorf("record %s: %s: %w", key, p.Field, err)
			}
			if there {
				if err := rec.put(p.Field, value); err != nil {
					return fmt.Errorf("record %s: %s: %w", key, p.Field, err)
				}
			}
		}
		f.Records = append(f.Records, rec)
	}
	if l.Complete {
		f.Complete = append(f.Complete, l.Kind)
	}
	return nil
}

// defaultAs is how the parts of records are read where the mapping does not say.
var defaultAs = map[string]string{"date": "date", "amount": "amount", "share": "percent", "score": "number", "open": "flag", "person": "flag", "negative": "flag"}

func (r *Record) put(field, value string) (err error) {
	switch field {
	case "title":
		r.Title = value
	case "number":
		r.Number = value
	case "authority":
		r.Authority = value
	case "side":
		r.Side = value
	case "date":
		r.Date = clock.Date(value)
	case "amount":
		currency, text, _ := strings.Cut(value, " ")
		r.Amount, err = money.Parse(text, money.Currency(currency))
	case "open":
		r.Open, err = strconv.ParseBool(value)
	case "name":
		r.Name = value
	case "person":
		r.Person, err = strconv.ParseBool(value)
	case "share":
		r.Share, err = strconv.ParseFloat(value, 64)
	case "position":
		r.Position = value
	case "url":
		r.URL = value
	case "negative":
		r.Negative, err = strconv.ParseBool(value)
	case "score":
		r.Score, err = strconv.ParseFloat(value, 64)
	}
	return err
}

// read gives the value of the part in our form: dates as 2026-06-30, amounts as "CNY 1000.00", flags as true or false.
func (p Part) read(of any, as string) (string, bool, error) {
	text, there, err := one(p.At, of)
	if err != nil {
		return "", false, err
	}
	if !there || text == "" || text == "-" || text == "--" {
		if p.Required {
			return "", false, fmt.Errorf("%s is missing", p.At)
		}
		return "", false, nil
	}
	if len(p.Values) > 0 {
		ours, known := p.Values[text]
		switch {
		case known:
			text = ours
		case p.Else != "":
			text = p.Else
		default:
			return "", false, fmt.Errorf("the word %q is not in values", clip(text, 60))
		}
	}
	text, err = p.convert(text, first(p.As, as, "text"))
	return text, err == nil, err
}

func (p Part) convert(text, as string) (string, error) {
	switch as {
	case "date":
		return p.date(text)
	case "amount":
		return p.amount(text)
	case "percent", "number":
		trimmed := strings.TrimSuffix(strings.TrimSuffix(text, "%"), "％")
		f, err := strconv.ParseFloat(strings.TrimSpace(trimmed), 64)
		if err != nil {
			return "", fmt.Errorf("%q is no number", clip(text, 60))
		}
		return strconv.FormatFloat(f, 'f', -1, 64), nil
	case "flag":
		switch strings.ToLower(text) {
		case "true", "1", "是", "y", "yes":
			return "true", nil
		case "false", "0", "否", "n", "no":
			return "false", nil
		}
		return "", fmt.Errorf("%q is neither yes nor no", clip(text, 60))
	}
	return text, nil
}

func (p Part) date(text string) (string, error) {
	switch p.Format {
	case "":
		if day, _, timed := strings.Cut(strings.Replace(text, "T", " ", 1), " "); timed {
			text = day
		}
		d, err := clock.ParseDate(text)
		if err != nil {
			return "", fmt.Errorf("%q is no date", clip(text, 60))
		}
		return string(d), nil
	case "unix", "unix_ms":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", fmt.Errorf("%q is no time in seconds", clip(text, 60))
		}
		if p.Format == "unix_ms" {
			n /= 1000
		}
		return string(clock.DateOf(time.Unix(n, 0).In(china))), nil
	}
	t, err := time.Parse(p.Format, text)
	if err != nil {
		return "", fmt.Errorf("%q is no date of the form %q", clip(text, 60), p.Format)
	}
	return string(clock.DateOf(t)), nil
}

// china is the zone of the services' moments: they speak of Chinese companies.
var china = time.FixedZone("CST", 8*60*60)

// words are what follows a figure in an amount's text. The longer stand first.
var (
	scales     = []string{"百万元", "千元", "万元", "亿元", "万", "亿", "元"}
	currencies = []struct {
		word string
		code money.Currency
	}{{"人民币", money.CNY}, {"美元", "USD"}, {"欧元", "EUR"}, {"港元", "HKD"}, {"港币", "HKD"}, {"日元", "JPY"}, {"英镑", "GBP"}, {"CNY", money.CNY}, {"RMB", money.CNY}, {"USD", "USD"}, {"EUR", "EUR"}, {"HKD", "HKD"}}
)

func (p Part) amount(text string) (string, error) {
	bad := fmt.Errorf("%q is no amount", clip(text, 60))
	currency, rest := money.Currency(first(p.Currency, string(money.CNY))), strings.NewReplacer(" ", "", "(", "", ")", "", "（", "", "）", "").Replace(text)
	for _, c := range currencies {
		if strings.Contains(rest, c.word) {
			// 万美元 says scale and currency in one: the scale stays
			currency, rest = c.code, strings.Replace(rest, c.word, "", 1)
			break
		}
	}
	scale := units[p.Unit]
	for _, s := range scales {
		if figure, ok := strings.CutSuffix(rest, s); ok {
			scale, rest = units[s], figure
			break
		}
	}
	n, missing, err := spreadsheet.Number(rest)
	if err != nil || missing {
		return "", bad
	}
	n.Mul(n, new(big.Rat).SetInt64(scale))
	minor, err := spreadsheet.Minor(n, pow10(currency.Scale()))
	if err != nil || minor < 0 {
		return "", bad
	}
	return money.Of(minor, currency).String(), nil
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// csvItems reads a table with a header line as JSON objects, so that the same paths read it.
func csvItems(raw []byte) ([]any, error) {
	sheet, err := spreadsheet.ReadCSV(raw)
	if err != nil {
		return nil, err
	}
	if len(sheet.Rows) == 0 {
		return nil, fault.Invalid("file", "document.empty", nil)
	}
	var items []any
	for r := 1; r < len(sheet.Rows); r++ {
		item := map[string]any{}
		for c, name := range sheet.Rows[0] {
			if text := sheet.At(r, c); name != "" && text != "" {
				item[name] = text
			}
		}
		items = append(items, item)
	}
	return items, nil
}

func isJSON(raw []byte) bool {
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\ufeff")), " \t\r\n")
	return len(trimmed) > 0 && (trimmed[0] == '[' || trimmed[0] == '{')
}
