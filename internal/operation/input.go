package operation

import (
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/xinheng/xinheng/internal/fault"
)

// mostID is how long an id may be; our own have 36 characters, those of other systems rarely 100.
const mostID = 200

// checkTexts looks at every text of an input, whichever operation or view it is for: ids (fields named id, or ending in
// _id) have a sensible length and no control characters, and no text holds a NUL, which PostgreSQL cannot keep.
func checkTexts(in any) error {
	var c fault.Check
	walkTexts(&c, reflect.ValueOf(in), "", false)
	return c.Err()
}

func walkTexts(c *fault.Check, v reflect.Value, path string, id bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walkTexts(c, v.Elem(), path, id)
		}
	case reflect.Struct:
		walkFields(c, v, path)
	case reflect.Slice, reflect.Array:
		if k := v.Type().Elem().Kind(); k != reflect.String && k != reflect.Struct && k != reflect.Pointer {
			return
		}
		for i := range v.Len() {
			walkTexts(c, v.Index(i), path+"["+strconv.Itoa(i)+"]", id)
		}
	case reflect.Map:
		if v.Type().Elem().Kind() != reflect.String {
			return
		}
		for _, key := range v.MapKeys() {
			walkTexts(c, v.MapIndex(key), path+"."+key.String(), false)
		}
	case reflect.String:
		text := v.String()
		if id && len(text) > mostID {
			c.Add(path, "fault.too_long", fault.Args{"most": mostID})
		} else if strings.Contains(text, "\x00") || id && strings.ContainsFunc(text, unicode.IsControl) {
			c.Add(path, "fault.control", nil)
		}
	default:
	}
}

func walkFields(c *fault.Check, v reflect.Value, path string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() && !f.Anonymous || name == "-" {
			continue
		}
		at := path
		if !f.Anonymous {
			if name == "" {
				name = f.Name
			}
			at = strings.TrimPrefix(path+"."+name, ".")
		}
		walkTexts(c, v.Field(i), at, name == "id" || strings.HasSuffix(name, "_id"))
	}
}
