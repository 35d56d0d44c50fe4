package provider

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // services sign their requests by it; nothing of ours rests on it
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/xinheng/xinheng/internal/clock"
)

// Secrets finds secrets by name: in the environment as XINHENG_PROVIDER_NAME, or in a file of that name in the folder. Mappings
// name secrets and never hold them; names cannot reach other variables or files.
type Secrets struct{ Dir string }

func (s Secrets) find(name string) (string, error) {
	if text := os.Getenv("XINHENG_PROVIDER_" + strings.ToUpper(name)); text != "" {
		return text, nil
	}
	raw, err := os.ReadFile(filepath.Join(s.Dir, name)) // names are [a-z0-9_], see place
	if text := strings.TrimSpace(string(raw)); err == nil && text != "" {
		return text, nil
	}
	return "", failed(NoSecret, false, "XINHENG_PROVIDER_%s", strings.ToUpper(name))
}

// service is the provider that a mapping of requests describes.
type service struct {
	key     string
	m       *Mapping
	client  *http.Client
	secrets Secrets
	clock   clock.Clock
	pace    *rate.Limiter // nil = as fast as it goes

	mu      sync.Mutex
	token   string
	expires time.Time
}

func newService(key string, m *Mapping, allowed []string, secrets Secrets, now clock.Clock) *service {
	return &service{key: key, m: m, client: guardedClient(allowed), secrets: secrets, clock: now}
}

// About says what the service gives.
func (s *service) About() About { return s.m.about(s.key) }

// tokenLife is how long a token is used whose service does not say.
const tokenLife = 10 * time.Minute

// Fetch asks the service, page by page.
func (s *service) Fetch(ctx context.Context, of Subject, mostCalls int) (a Answer, err error) {
	start := time.Now()
	f := &filling{service: s, of: of, secret: map[string]string{}}
	defer func() {
		a.Took = time.Since(start)
		if len(a.Raw) > 0 {
			sum := sha256.Sum256(a.Raw)
			a.SHA256 = hex.EncodeToString(sum[:])
		}
		err = f.redacted(err)
	}()
	if s.m.Auth != nil {
		if err := s.signIn(ctx, f); err != nil {
			return a, err
		}
	}
	page, last := 1, 1
	if s.m.Paging != nil {
		page, last = s.m.Paging.First, s.m.Paging.First+s.m.Paging.Most-1
	}
	for {
		if a.Calls >= mostCalls {
			return a, failed(Busy, true, "the day's quota ends within the answer")
		}
		f.page = page
		a.Calls++
		raw, err := s.send(ctx, s.m.Request, f, &a.Status)
		if len(raw) > 0 {
			a.Raw = append(append(a.Raw, f.cleared(raw)...), '\n')
		}
		if err != nil {
			if a.Status == http.StatusUnauthorized {
				s.forgetToken()
			}
			if o := outcomeOf(err).Outcome; o == Incomplete || o == NoSecret { // nothing went out
				a.Calls--
			}
			return a, err
		}
		if len(a.Raw) > mostBytes {
			return a, failed(TooLarge, false, "more than %d bytes in all", mostBytes)
		}
		a.Billed++
		answer, err := decode(raw)
		if err != nil {
			return a, err
		}
		facts, err := s.m.Response.Read(answer)
		if err != nil {
			return a, err
		}
		merge(&a.Facts, facts)
		more, err := s.more(answer, page)
		if err != nil || !more {
			return a, err
		}
		if page++; page > last {
			return a, failed(Unmapped, false, "more than %d pages", s.m.Paging.Most)
		}
	}
}

// merge adds a further page. What stands once stands on the first.
func merge(all *Facts, page Facts) {
	if !all.Found {
		*all = page
		return
	}
	all.Records = append(all.Records, page.Records...)
}

func (s *service) more(answer any, page int) (bool, error) {
	p := s.m.Paging
	if p == nil {
		return false, nil
	}
	if p.Pages.set() {
		text, there, err := one(p.Pages, answer)
		if err != nil || !there {
			return false, wrapUnmapped(err)
		}
		n, err := strconv.Atoi(text)
		return page < n+p.First-1, wrapUnmapped(err)
	}
	text, there, err := one(p.More, answer)
	return there && text != "" && text != "false" && text != "0", wrapUnmapped(err)
}

func wrapUnmapped(err error) error {
	if err == nil {
		return nil
	}
	return failed(Unmapped, false, "paging: %v", err)
}

func (s *service) forgetToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

// signIn fetches a token when there is none that is still good.
func (s *service) signIn(ctx context.Context, f *filling) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == "" || !s.clock().Before(s.expires) {
		var status int
		raw, err := s.send(ctx, s.m.Auth.Request, f, &status)
		if err != nil {
			return err
		}
		answer, err := decode(raw)
		if err != nil {
			return failed(Broken, true, "the answer to the sign-in is not JSON") // what it says may hold the token
		}
		token, there, err := one(s.m.Auth.Token, answer)
		if err != nil || !there || token == "" {
			return failed(Rejected, false, "the answer to the sign-in has no token")
		}
		life := tokenLife
		if text, there, _ := one(s.m.Auth.Expires, answer); there {
			if n, err := strconv.Atoi(text); err == nil && n > 0 {
				life = time.Duration(n) * time.Second
			}
		}
		s.token, s.expires = token, s.clock().Add(life-min(life/10, time.Minute))
	}
	f.secret["\x00token"] = s.token
	return nil
}

// send sends one request and reads its whole answer, within the mapping's bounds of time and size.
func (s *service) send(ctx context.Context, r Request, f *filling, status *int) ([]byte, error) {
	if s.pace != nil {
		if err := s.pace.Wait(ctx); err != nil {
			return nil, failed(Timeout, true, "waiting for the rate limit")
		}
	}
	ctx, cancel := context.WithTimeout(ctx, s.m.timeout)
	defer cancel()
	req, err := f.request(ctx, r)
	if err != nil {
		return nil, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, connection(err)
	}
	defer resp.Body.Close()
	*status = resp.StatusCode
	raw, err := io.ReadAll(io.LimitReader(resp.Body, s.m.Most+1))
	if err != nil {
		return raw, connection(err)
	}
	if int64(len(raw)) > s.m.Most {
		return raw[:4096], failed(TooLarge, false, "more than %d bytes", s.m.Most)
	}
	wait := retryAfter(resp.Header.Get("Retry-After"), s.clock())
	switch code := resp.StatusCode; {
	case code == http.StatusTooManyRequests:
		return raw, &Failure{Outcome: Busy, Retry: true, After: wait, Detail: "429"}
	case code >= 500:
		return raw, &Failure{Outcome: ServerError, Retry: true, After: wait, Detail: strconv.Itoa(code)}
	case code == http.StatusNotFound && s.m.Response.NotFound != nil:
		return raw, nil // the mapping reads it
	case code == http.StatusUnauthorized && s.m.Auth != nil:
		return raw, failed(ClientError, true, "401") // with a fresh token
	case code >= 300:
		return raw, failed(ClientError, false, "%d %s", code, clip(string(raw), 120))
	}
	return raw, nil
}

// connection tells what went wrong below HTTP.
func connection(err error) *Failure {
	var network net.Error
	switch {
	case errors.Is(err, errInside):
		return failed(Refused, false, "%v", unwrapURL(err))
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout():
		return failed(Timeout, true, "no whole answer in time")
	}
	return failed(Unreachable, true, "%v", unwrapURL(err))
}

// unwrapURL drops the address from the client's errors: it may hold secrets.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

const mostWait = 24 * time.Hour

// retryAfter reads the header in both of its forms (RFC 9110, 10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		wait = time.Duration(min(max(n, 0), int(mostWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), mostWait)
}

// filling puts a fetch's values into the places of texts.
type filling struct {
	*service
	of     Subject
	page   int
	stamp  string
	secret map[string]string // what was used, to be kept out of errors and evidence
}

func (f *filling) request(ctx context.Context, r Request) (*http.Request, error) {
	f.stamp = strconv.FormatInt(f.clock().Unix(), 10)
	head, query, _ := strings.Cut(r.URL, "?")
	address, err := f.fill(head, url.PathEscape)
	if err != nil {
		return nil, err
	}
	if query != "" {
		filled, err := f.fill(query, url.QueryEscape)
		if err != nil {
			return nil, err
		}
		address += "?" + filled
	}
	kind := r.Headers["Content-Type"]
	escape := inJSON
	if strings.Contains(kind, "form") {
		escape = url.QueryEscape
	}
	body, err := f.fill(r.Body, escape)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, address, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, failed(Refused, false, "the address cannot be read")
	}
	req.Header.Set("Accept", "application/json")
	if body != "" && kind == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range r.Headers {
		filled, err := f.fill(value, func(s string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(s) })
		if err != nil {
			return nil, err
		}
		req.Header.Set(name, filled)
	}
	return req, nil
}

func inJSON(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return string(raw[1 : len(raw)-1])
}

func (f *filling) fill(text string, escape func(string) string) (string, error) {
	var failure error
	filled := place.ReplaceAllStringFunc(text, func(found string) string {
		part := place.FindStringSubmatch(found)
		value, err := f.value(part[1], part[2])
		if err != nil && failure == nil {
			failure = err
		}
		return escape(value)
	})
	return filled, failure
}

func (f *filling) value(name, secret string) (string, error) {
	switch name {
	case "uscc":
		if f.of.USCC == "" {
			return "", failed(Incomplete, false, "uscc")
		}
		return f.of.USCC, nil
	case "name":
		return f.of.Name, nil
	case "page":
		return strconv.Itoa(f.page), nil
	case "timestamp":
		return f.stamp, nil
	case "token":
		return f.secret["\x00token"], nil
	case "sign":
		return f.sign()
	}
	value, err := f.secrets.find(secret)
	if err == nil {
		f.secret[secret] = value
	}
	return value, err
}

func (f *filling) sign() (string, error) {
	plain := func(s string) string { return s }
	if f.m.Sign == nil {
		return "", failed(Refused, false, "the mapping has no sign")
	}
	text, err := f.fill(strings.ReplaceAll(f.m.Sign.Of, "{sign}", ""), plain)
	if err != nil {
		return "", err
	}
	var sum []byte
	switch f.m.Sign.By {
	case "md5":
		s := md5.Sum([]byte(text)) //nolint:gosec // as the service asks
		sum = s[:]
	case "sha256":
		s := sha256.Sum256([]byte(text))
		sum = s[:]
	default:
		key, err := f.fill(f.m.Sign.Key, plain)
		if err != nil {
			return "", err
		}
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(text))
		sum = h.Sum(nil)
	}
	signed := hex.EncodeToString(sum)
	if f.m.Sign.Upper {
		signed = strings.ToUpper(signed)
	}
	return signed, nil
}

// redacted takes secrets out of an error's text: services like to repeat the request.
func (f *filling) redacted(err error) error {
	if err == nil {
		return nil
	}
	failure := outcomeOf(err)
	failure.Detail = string(f.cleared([]byte(failure.Detail)))
	return failure
}

const leastSecret = 4 // shorter texts are no secrets, and would blot out ordinary words

func (f *filling) cleared(raw []byte) []byte {
	for _, s := range f.secret {
		if len(s) < leastSecret {
			continue
		}
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s), inJSON(s)} {
			raw = bytes.ReplaceAll(raw, []byte(form), []byte("***"))
		}
	}
	return raw
}

// String tells which service it is, and nothing else of it.
func (s *service) String() string { return fmt.Sprintf("provider %s", s.key) }
