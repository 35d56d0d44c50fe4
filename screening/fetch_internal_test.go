package screening

import (
	"net/netip"
	"testing"
	"time"
)

// BoundFetches sets the bounds of downloads for a test, and gives what sets them back.
func BoundFetches(longest time.Duration, most int64) (restore func()) {
	t, m := fetchTime, mostFetched
	fetchTime, mostFetched = longest, most
	return func() { fetchTime, mostFetched = t, m }
}

// The special-purpose registries of IANA (RFC 6890) say which addresses are not of the public internet.
func TestAddressesInsideAreNotPublic(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255",
		"::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"} {
		if public(netip.MustParseAddr(text).Unmap()) {
			t.Errorf("%s is taken for public", text)
		}
	}
	for _, text := range []string{"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"} {
		if !public(netip.MustParseAddr(text).Unmap()) {
			t.Errorf("%s is public", text)
		}
	}
}
