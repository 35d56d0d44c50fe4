package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// inside are ranges beyond those that netip names as private, loopback, link-local, multicast or unspecified: shared
// (RFC 6598), protocol (RFC 6890), benchmarks (RFC 2544), documentation (RFC 5737, 3849), reserved, NAT64 and 6to4, which lead to
// IPv4 addresses by another name.
var inside = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2001:db8::/32", "2002::/16")

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

// public tells whether an address lies outside of the house.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() { // global unicast excludes loopback, link-local, multicast, unspecified
		return false
	}
	return !slices.ContainsFunc(inside, func(p netip.Prefix) bool { return p.Contains(ip) })
}

var errInside = errors.New("the address lies inside the house and the administrator has not allowed the host")

// guardedClient is an HTTP client that goes to public addresses only, and to hosts in allowed wherever they are. The
// address that was looked up and judged is the one that is dialled, so that a name cannot change in between. It follows
// redirects on the same host alone: elsewhere the request's secrets would go along.
func guardedClient(allowed []string) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	transport := &http.Transport{ // no proxy: it would look names up behind the guard's back
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
			if err != nil {
				return nil, err
			}
			free := slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, host) })
			failure := errInside
			for _, ip := range ips {
				if !free && !public(ip) {
					continue
				}
				conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(ip.Unmap().String(), port))
				if err == nil {
					return conn, nil
				}
				failure = err
			}
			return nil, failure
		},
		MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10,
	}
	return &http.Client{Transport: transport, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		switch {
		case len(via) >= 3:
			return errors.New("too many redirects")
		case req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme:
			return fmt.Errorf("%w: redirect to %s://%s", errInside, req.URL.Scheme, req.URL.Host)
		}
		return nil
	}}
}
