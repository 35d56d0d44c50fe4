package document_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xinheng/xinheng/internal/document"
)

// eicar is the test file of the European Institute for Computer Antivirus Research, put together here so that scanners
// leave this source alone.
var eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// daemon speaks clamd's INSTREAM as its manual describes it: chunks until an empty one, then the answer.
func daemon(t *testing.T, network, address string, most int, answer func(content []byte) string) string {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close() //nolint:errcheck // a test server
				command := make([]byte, len("zINSTREAM\x00"))
				if _, err := io.ReadFull(conn, command); err != nil || string(command) != "zINSTREAM\x00" {
					_, _ = io.WriteString(conn, "UNKNOWN COMMAND\x00")
					return
				}
				var content bytes.Buffer
				for {
					var n uint32
					if err := binary.Read(conn, binary.BigEndian, &n); err != nil {
						return
					}
					if n == 0 {
						break
					}
					if content.Len()+int(n) > most {
						_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
						return
					}
					if _, err := io.CopyN(&content, conn, int64(n)); err != nil {
						return
					}
				}
				_, _ = io.WriteString(conn, answer(content.Bytes()))
			}()
		}
	}()
	return l.Addr().String()
}

func signatures(content []byte) string {
	if bytes.Contains(content, []byte(eicar)) {
		return "stream: Eicar-Test-Signature FOUND\x00"
	}
	return "stream: OK\x00"
}

func TestClamdFindsAndClears(t *testing.T) {
	tcp := daemon(t, "tcp", "127.0.0.1:0", 1<<20, signatures)
	socket := filepath.Join(t.TempDir(), "clamd.sock")
	daemon(t, "unix", socket, 1<<20, signatures)
	for _, address := range []string{tcp, "unix:" + socket} {
		c := document.Clamd{Address: address}
		if v, err := c.Scan(t.Context(), strings.NewReader(eicar)); err != nil || v.Threat != "Eicar-Test-Signature" {
			t.Errorf("%v %v", v, err)
		}
		// The signature lies across two chunks of the protocol.
		if v, err := c.Scan(t.Context(), strings.NewReader(strings.Repeat("a", 64<<10-20)+eicar)); err != nil || v.Threat == "" {
			t.Errorf("across chunks: %v %v", v, err)
		}
		if v, err := c.Scan(t.Context(), strings.NewReader("harmless")); err != nil || v.Threat != "" {
			t.Errorf("%v %v", v, err)
		}
	}
}

// Whatever goes wrong is an error, and never "clean".
func TestClamdFaultsAreNeverClean(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	slow := func([]byte) string { time.Sleep(2 * time.Second); return "stream: OK\x00" }
	for name, c := range map[string]document.Clamd{
		"away":           {Address: closed.Addr().String()},
		"too large":      {Address: daemon(t, "tcp", "127.0.0.1:0", 10, signatures)},
		"an error":       {Address: daemon(t, "tcp", "127.0.0.1:0", 1<<20, func([]byte) string { return "stream: Can't allocate memory ERROR\x00" })},
		"nothing":        {Address: daemon(t, "tcp", "127.0.0.1:0", 1<<20, func([]byte) string { return "" })},
		"something else": {Address: daemon(t, "tcp", "127.0.0.1:0", 1<<20, func([]byte) string { return "OK\x00" })},
		"too slow":       {Address: daemon(t, "tcp", "127.0.0.1:0", 1<<20, slow), Timeout: 200 * time.Millisecond},
	} {
		if v, err := c.Scan(t.Context(), strings.NewReader("harmless but long enough")); err == nil {
			t.Errorf("%s: %v", name, v)
		}
	}
}
