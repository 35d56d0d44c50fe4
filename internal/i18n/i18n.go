// Package i18n is the one catalogue of what Xinheng says, in Chinese and English.
//
// Messages stand in catalogue/*.yaml, one file a capability, as
//
//	limit.freeze.title: {zh: 冻结额度, en: Freeze limit}
//
// A message may have named places, {name}, filled from fault.Args. A test walks the sources and fails on a key that
// is used and not in the catalogue.
package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"sync"
	"unicode"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/internal/fault"
)

// Lang is a language of the product.
type Lang string

// The languages. Chinese is the first.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

//go:embed catalogue/*.yaml
var files embed.FS

type message struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

var catalogue = sync.OnceValue(func() map[string]message {
	all, err := load(files)
	if err != nil {
		panic(err) // the files are embedded: a broken one is caught by the first test that runs
	}
	return all
})

func load(fsys fs.FS) (map[string]message, error) {
	names, err := fs.Glob(fsys, "catalogue/*.yaml")
	if err != nil {
		return nil, err
	}
	all := map[string]message{}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		part := map[string]message{}
		if err := yaml.Unmarshal(raw, &part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for key, m := range part {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("%s: %s stands in another file too", name, key)
			}
			if m.ZH == "" || m.EN == "" {
				return nil, fmt.Errorf("%s: %s lacks a language", name, key)
			}
			all[key] = m
		}
	}
	return all, nil
}

// Parse reads a language tag or an Accept-Language header; anything unknown is Chinese.
func Parse(tag string) Lang {
	for part := range strings.SplitSeq(strings.ToLower(tag), ",") {
		part = strings.TrimSpace(part)
		if strings.HasPrefix(part, "zh") {
			return ZH
		}
		if strings.HasPrefix(part, "en") {
			return EN
		}
	}
	return ZH
}

// Has tells whether the catalogue has the key.
func Has(key string) bool { _, ok := catalogue()[key]; return ok }

// Keys gives all keys in order.
func Keys() []string {
	keys := make([]string, 0, len(catalogue()))
	for k := range catalogue() {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Text gives the message of key in lang with its places filled. A missing key comes back as itself, visibly.
// An argument that is itself a catalogue key is said in the same language.
func Text(lang Lang, key string, args ...fault.Args) string {
	m, ok := catalogue()[key]
	if !ok {
		return key
	}
	text := m.ZH
	if lang == EN {
		text = m.EN
	}
	for _, set := range args {
		for name, value := range set {
			said := fmt.Sprint(value)
			if s, isText := value.(string); isText {
				said = named(lang, name, s)
			}
			text = strings.ReplaceAll(text, "{"+name+"}", said)
		}
	}
	return text
}

// arguments says which family of keys names the values of an argument: a thing, an operation.
var arguments = map[string]string{"thing": "thing.", "operation": "did."}

// named says an argument: by a key of its family, as a key of its own, in the reader's language where it is a text in both
// ("逾期 / Overdue"), else as it is. An id of the database tells a reader nothing and is left out.
func named(lang Lang, name, value string) string {
	switch {
	case arguments[name] != "" && Has(arguments[name]+value):
		return Text(lang, arguments[name]+value)
	case Has(value):
		return Text(lang, value)
	case name == "id" && uuid.Validate(value) == nil:
		return ""
	}
	return Pick(lang, value)
}

// Pick gives the reader's part of a text that was written in both languages, "逾期 61 天 / 61 days overdue"; any other as it is.
func Pick(lang Lang, text string) string {
	zh, en, both := strings.Cut(text, " / ")
	if !both || !hasHan(zh) || hasHan(en) {
		return text
	}
	if lang == EN {
		return en
	}
	return zh
}

func hasHan(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// Fault tells an error in lang: the sentence and, by path, what is wrong with each field. An internal error is told
// without its details.
func Fault(lang Lang, err error) (sentence string, fields map[string]string) {
	e := fault.As(err)
	if e == nil {
		return Text(lang, "fault.internal"), nil
	}
	if len(e.Fields) > 0 {
		fields = make(map[string]string, len(e.Fields))
		for _, f := range e.Fields {
			said := Text(lang, f.Key, f.Args)
			if before, twice := fields[f.Path]; twice {
				said = before + "; " + said
			}
			fields[f.Path] = said
		}
	}
	return Text(lang, e.Key, e.Args), fields
}
