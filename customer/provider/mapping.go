package provider

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/theory/jsonpath"
	"go.yaml.in/yaml/v3"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
)

// Mapping describes a service: what to ask and how to read the answer. Paths are JSONPath (RFC 9535).
type Mapping struct {
	Name    struct{ ZH, EN string } `yaml:"name"`
	Cost    string                  `yaml:"cost"`  // CNY of one answered call
	Quota   int64                   `yaml:"quota"` // calls a day
	Rate    int                     `yaml:"rate"`  // calls a minute
	Timeout string                  `yaml:"timeout"`
	Most    int64                   `yaml:"most_bytes"`

	Drop     *DropFiles `yaml:"drop"` // files instead of requests
	Auth     *Auth      `yaml:"auth"`
	Sign     *Sign      `yaml:"sign"`
	Request  Request    `yaml:"request"`
	Paging   *Paging    `yaml:"paging"`
	Response Response   `yaml:"response"`

	cost    money.Amount
	timeout time.Duration
}

// Request is what is sent. Places: {uscc}, {name}, {page}, {token}, {timestamp}, {sign}, {secret:NAME}.
type Request struct {
	Method  string            `yaml:"method"`
	URL     string            `yaml:"url"`
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"`
}

// Auth fetches a token that the request then carries as {token}; it is kept until it expires.
type Auth struct {
	Request Request `yaml:"request"`
	Token   Path    `yaml:"token"`
	Expires Path    `yaml:"expires_seconds"`
}

// Sign makes {sign} of a text with places, as services ask for that sign requests by a shared secret.
type Sign struct {
	Of    string `yaml:"of"`
	By    string `yaml:"by"`  // md5, sha256, hmac_sha256
	Key   string `yaml:"key"` // of hmac_sha256, with places
	Upper bool   `yaml:"upper"`
}

// Paging asks for further pages: {page} counts from First, until More selects nothing, false, 0 or "" (or Pages is reached).
type Paging struct {
	First int  `yaml:"first"`
	Most  int  `yaml:"most"`
	More  Path `yaml:"more"`
	Pages Path `yaml:"pages"`
}

// DropFiles says that partners put files into the provider's folder: JSON or CSV with a header line, one item a customer.
type DropFiles struct {
	Items Path `yaml:"items"` // of JSON; empty = the whole file is a list
	USCC  Path `yaml:"uscc"`
	Name  Path `yaml:"name"`
}

// Test is a condition on an answer: At selects a value, which is one of Is, none of IsNot, or (Absent) not there at all.
type Test struct {
	At      Path     `yaml:"at"`
	Is      []string `yaml:"is"`
	IsNot   []string `yaml:"is_not"`
	Absent  bool     `yaml:"absent"`
	Message Path     `yaml:"message"`
	Retry   []string `yaml:"retry"` // values that mean "later"
}

// Response says how an answer is read.
type Response struct {
	Error    *Test    `yaml:"error"`
	NotFound *Test    `yaml:"not_found"`
	AsOf     *Part    `yaml:"as_of"`
	Fields   []Part   `yaml:"fields"`
	Records  []Listed `yaml:"records"`
}

// Listed is a list of records of one kind, at a path; their parts are read relative to each.
type Listed struct {
	Kind     string `yaml:"kind"`
	At       Path   `yaml:"at"`
	Complete bool   `yaml:"complete"`
	Key      Path   `yaml:"key"`
	Parts    []Part `yaml:"parts"`
}

// Part is one value: which field it fills, where it stands, and how it is read.
type Part struct {
	Field    string            `yaml:"field"`
	At       Path              `yaml:"at"`
	As       string            `yaml:"as"`     // text (default), date, amount, percent, number, flag
	Format   string            `yaml:"format"` // of a date: unix, unix_ms, or a layout of Go's package time
	Unit     string            `yaml:"unit"`   // of an amount: 元, 万元, 亿元; a unit in the text wins
	Currency string            `yaml:"currency"`
	Values   map[string]string `yaml:"values"` // what their words are in ours
	Else     string            `yaml:"else"`   // for words that Values lacks; without it they are an error
	Required bool              `yaml:"required"`
}

// Path is a JSONPath that was read and understood.
type Path struct{ *jsonpath.Path }

// UnmarshalYAML reads the path.
func (p *Path) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := jsonpath.Parse(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	p.Path = parsed
	return nil
}

func (p Path) set() bool { return p.Path != nil }

// The bounds of what a mapping may ask for.
const (
	usualTimeout = 15 * time.Second
	mostTimeout  = 60 * time.Second
	usualBytes   = 2 << 20
	mostBytes    = 16 << 20
	mostPages    = 50
	mostMapping  = 64 << 10
)

var (
	parts = map[string][]string{KindLawsuit: legal, KindPenalty: legal, KindEnforcement: legal, KindDishonest: legal, KindAbnormal: legal, KindViolation: legal,
		KindShareholder: {"name", "person", "share", "date"}, KindOfficer: {"name", "position", "date"}, KindNews: {"title", "url", "date", "negative", "score"}}
	legal      = []string{"title", "number", "authority", "side", "date", "amount", "open"}
	conversion = []string{"", "text", "date", "amount", "percent", "number", "flag"}
	units      = map[string]int64{"": 1, "元": 1, "千元": 1e3, "万元": 1e4, "万": 1e4, "百万元": 1e6, "亿元": 1e8, "亿": 1e8}
	place      = regexp.MustCompile(`\{([a-z]+)(?::([a-z][a-z0-9_]*))?\}`)
	sensitive  = regexp.MustCompile(`(?i)(key|token|secret|auth|password|sign)`)
)

// Fields are the fields of the profile that a provider may speak about: not those by which we run our side.
func Fields() []string {
	ours := []string{"external_ref", "terms_days", "currency", "status", "owner_id", "team_id", "aliases"}
	return slices.DeleteFunc(customer.FieldNames(""), func(name string) bool { return slices.Contains(ours, name) })
}

// ReadMapping reads a mapping and reports all that is wrong with it.
func ReadMapping(text string) (*Mapping, error) {
	if len(text) > mostMapping {
		return nil, fault.Invalid("mapping", "fault.too_large", fault.Args{"most": "64 KiB"})
	}
	var m Mapping
	d := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fault.Invalid("mapping", "fault.required", nil)
		}
		return nil, fault.Invalid("mapping", "provider.mapping_unread", fault.Args{"detail": strings.TrimPrefix(err.Error(), "yaml: ")})
	}
	var c fault.Check
	m.check(&c)
	return &m, c.Err()
}

func (m *Mapping) check(c *fault.Check) {
	wrong := func(ok bool, where, why string) {
		c.That(ok, "mapping", "provider.mapping_wrong", fault.Args{"where": where, "why": why})
	}
	wrong(m.Name.ZH != "" && m.Name.EN != "", "name", "zh, en")
	var err error
	m.cost, err = money.Parse(first(m.Cost, "0"), money.CNY)
	wrong(err == nil && m.cost.Minor >= 0, "cost", m.Cost)
	wrong(m.Quota >= 0 && m.Rate >= 0, "quota, rate", "< 0")
	m.timeout, err = time.ParseDuration(first(m.Timeout, usualTimeout.String()))
	wrong(err == nil && m.timeout > 0 && m.timeout <= mostTimeout, "timeout", "≤ 60s")
	if m.Most == 0 {
		m.Most = usualBytes
	}
	wrong(m.Most > 0 && m.Most <= mostBytes, "most_bytes", "≤ 16777216")
	if m.Drop != nil {
		wrong(m.Drop.USCC.set() || m.Drop.Name.set(), "drop", "uscc, name")
		wrong(m.Request.URL == "" && m.Auth == nil && m.Paging == nil, "drop", "request, auth, paging")
	} else {
		m.checkRequests(wrong)
	}
	m.Response.check(wrong)
}

func (m *Mapping) checkRequests(wrong func(ok bool, where, why string)) {
	m.Request.check("request", wrong)
	if m.Auth != nil {
		m.Auth.Request.check("auth.request", wrong)
		wrong(m.Auth.Token.set(), "auth.token", "?")
	}
	if m.Paging != nil {
		if m.Paging.Most == 0 {
			m.Paging.Most = 10
		}
		wrong(m.Paging.Most > 0 && m.Paging.Most <= mostPages, "paging.most", "1–50")
		wrong(m.Paging.More.set() || m.Paging.Pages.set(), "paging", "more, pages")
		wrong(strings.Contains(m.Request.URL+m.Request.Body, "{page}"), "paging", "{page}")
	}
	if m.Sign != nil {
		wrong(slices.Contains([]string{"md5", "sha256", "hmac_sha256"}, m.Sign.By), "sign.by", m.Sign.By)
		wrong(m.Sign.Of != "" && (m.Sign.By == "hmac_sha256") == (m.Sign.Key != ""), "sign", "of, key")
	}
}

func (r *Request) check(where string, wrong func(ok bool, where, why string)) {
	r.Method = first(r.Method, "GET")
	wrong(slices.Contains([]string{"GET", "POST"}, r.Method), where+".method", r.Method)
	u, err := url.Parse(place.ReplaceAllString(r.URL, "x"))
	wrong(err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil, where+".url", "https://…")
	if host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(r.URL, "https://"), "http://"), "/"); host != "" {
		wrong(!strings.ContainsAny(host, "{}"), where+".url", "{…}@host") // a customer's name never chooses the host
	}
	wrong(!strings.Contains(place.ReplaceAllString(r.Body, ""), "{secret"), where+".body", "{secret:…}")
	for _, text := range append([]string{r.URL}, values(r.Headers)...) {
		wrong(!strings.ContainsAny(place.ReplaceAllString(text, ""), "{}"), where, text)
	}
	for _, text := range append([]string{r.URL, r.Body}, values(r.Headers)...) {
		for _, p := range place.FindAllStringSubmatch(text, -1) {
			known := slices.Contains([]string{"uscc", "name", "page", "token", "timestamp", "sign"}, p[1]) && p[2] == "" || p[1] == "secret" && p[2] != ""
			wrong(known, where, p[0])
		}
	}
	for name, value := range r.Headers {
		wrong(!sensitive.MatchString(name) || strings.Contains(value, "{"), where+".headers."+name, "{secret:…}")
		wrong(!strings.ContainsAny(name+value, "\r\n"), where+".headers", "\\n")
	}
}

func (r *Response) check(wrong func(ok bool, where, why string)) {
	wrong(len(r.Fields)+len(r.Records) > 0, "response", "fields, records")
	for where, t := range map[string]*Test{"response.error": r.Error, "response.not_found": r.NotFound} {
		if t != nil {
			wrong(t.At.set() && (len(t.Is) > 0 || len(t.IsNot) > 0 || t.Absent), where, "at, is, is_not, absent")
		}
	}
	for _, p := range r.Fields {
		wrong(slices.Contains(Fields(), p.Field), "response.fields", p.Field)
		p.check("response.fields."+p.Field, wrong)
	}
	for _, l := range r.Records {
		where := "response.records." + l.Kind
		allowed, ok := parts[l.Kind]
		wrong(ok, "response.records", l.Kind)
		wrong(l.At.set() && l.Key.set(), where, "at, key")
		for _, p := range l.Parts {
			wrong(slices.Contains(allowed, p.Field), where, p.Field)
			p.check(where+"."+p.Field, wrong)
		}
	}
}

func (p Part) check(where string, wrong func(ok bool, where, why string)) {
	wrong(p.At.set(), where, "at")
	wrong(slices.Contains(conversion, p.As), where, p.As)
	_, ok := units[p.Unit]
	wrong(ok, where, p.Unit)
	wrong(p.Currency == "" || money.Currency(p.Currency).Valid(), where, p.Currency)
}

// gives names what the mapping can give.
func (m *Mapping) gives() (all []string) {
	for _, p := range m.Response.Fields {
		all = append(all, p.Field)
	}
	for _, l := range m.Response.Records {
		all = append(all, l.Kind)
	}
	return all
}

// about describes the provider of that key.
func (m *Mapping) about(key string) About {
	return About{Key: key, ZH: m.Name.ZH, EN: m.Name.EN, Gives: m.gives(), Cost: m.cost, Quota: m.Quota, Rate: m.Rate}
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func values(m map[string]string) (all []string) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}
