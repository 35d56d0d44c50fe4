package screening

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
)

// The bounds of a download. They are variables so that tests need not wait.
var (
	fetchTime        = 2 * time.Minute
	mostFetched      = int64(64 << 20) // bytes, unpacked
	mostRedirections = 5
)

// fetch downloads a file. Only http and https are spoken, to hosts whose address is public: a list's address must not
// become a way to ask machines inside the company's network (server-side request forgery). The address is checked when
// the connection is made, so that neither a redirection nor a name that resolves differently the second time gets
// around it. allowed names hosts that an administrator has excepted.
func fetch(ctx context.Context, address string, allowed []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	client := &http.Client{
		Transport: &http.Transport{DialContext: guarded(allowed), TLSHandshakeTimeout: 20 * time.Second, ResponseHeaderTimeout: fetchTime, DisableKeepAlives: true},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > mostRedirections {
				return unfetched(address, "screening.fetch.redirections", "")
			}
			if r.URL.Scheme != "http" && r.URL.Scheme != "https" || via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme == "http" {
				return unfetched(address, "screening.fetch.scheme", r.URL.Scheme)
			}
			return nil
		},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, unfetched(address, "screening.fetch.failed", err.Error())
	}
	request.Header.Set("User-Agent", "Xinheng")
	answer, err := client.Do(request)
	if err != nil {
		return nil, whyUnfetched(address, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, unfetched(address, "screening.fetch.status", answer.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, mostFetched+1))
	if err != nil {
		return nil, whyUnfetched(address, err)
	}
	if int64(len(raw)) > mostFetched {
		return nil, unfetched(address, "screening.fetch.too_large", fmt.Sprintf("%d MiB", mostFetched>>20))
	}
	return raw, nil
}

// unfetched names the host only: the rest of an address may hold a secret of the subscriber.
func unfetched(address, why, detail string) *fault.Error {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = u.Host
	}
	return fault.Conflict("screening.unfetched", fault.Args{"host": address, "why": why, "detail": detail})
}

func whyUnfetched(address string, err error) error {
	var netErr net.Error
	var around *url.Error
	if errors.As(err, &around) {
		err = around.Err
	}
	switch f := fault.As(err); {
	case f != nil:
		return f
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &netErr) && netErr.Timeout():
		return unfetched(address, "screening.fetch.timeout", "").Because(err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return unfetched(address, "screening.fetch.cut", "").Because(err)
	}
	return unfetched(address, "screening.fetch.failed", err.Error()).Because(err)
}

// guarded makes connections to public addresses and to allowed hosts only.
func guarded(allowed []string) func(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 20 * time.Second}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, host) }) {
			return dialer.DialContext(ctx, network, address)
		}
		found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		if err != nil {
			return nil, err
		}
		for _, ip := range found {
			if !public(ip.Unmap()) {
				return nil, unfetched(host, "screening.fetch.inside", ip.Unmap().String())
			}
		}
		var failed error
		for _, ip := range found {
			conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(ip.Unmap().String(), port))
			if err == nil {
				return conn, nil
			}
			failed = errors.Join(failed, err)
		}
		return nil, failed
	}
}

// Ranges that netip does not name: "this network", shared address space (RFC 6598), IETF protocol assignments and
// benchmarking (RFC 6890), reserved, IPv4 inside IPv6 (NAT64, 6to4, Teredo).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
}

func public(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}
