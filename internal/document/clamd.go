package document

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Clamd is a ClamAV daemon that scans contents by its INSTREAM command (clamd(8), "COMMANDS"): the content goes in chunks,
// each with its length in four bytes, network order; an empty chunk ends it.
type Clamd struct {
	Address string        // host:port, or unix:/path of its socket
	Timeout time.Duration // for one content as a whole; 0 = 30 s
}

// Verdict is what a scan found: Threat names the malware, empty = none.
type Verdict struct{ Threat string }

const (
	clamdChunk   = 64 << 10
	clamdTimeout = 30 * time.Second
	clamdReply   = 4 << 10 // bytes
)

// Scan has a content scanned. An error says that it was not: the daemon is away, too slow, or refuses (content over its
// StreamMaxLength); that is never "clean".
func (c Clamd) Scan(ctx context.Context, content io.Reader) (Verdict, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = clamdTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	network, address := "tcp", c.Address
	if socket, ok := strings.CutPrefix(address, "unix:"); ok {
		network, address = "unix", socket
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return Verdict{}, fmt.Errorf("virus scanner: %w", err)
	}
	defer conn.Close() //nolint:errcheck // the answer was read, or the failure is told already
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return Verdict{}, fmt.Errorf("virus scanner: %w", err)
		}
	}
	sent := stream(conn, content)
	// A daemon that refuses early answers and closes while we still send: its answer says more than our failed write.
	reply, err := bufio.NewReader(io.LimitReader(conn, clamdReply)).ReadString(0)
	if err != nil && reply == "" {
		if sent != nil {
			err = sent
		}
		return Verdict{}, fmt.Errorf("virus scanner: %w", err)
	}
	reply = strings.TrimSpace(strings.TrimRight(reply, "\x00"))
	said, isStream := strings.CutPrefix(reply, "stream: ")
	threat, found := strings.CutSuffix(said, " FOUND")
	switch {
	case isStream && found:
		return Verdict{Threat: threat}, nil
	case isStream && said == "OK" && sent == nil:
		return Verdict{}, nil
	}
	return Verdict{}, fmt.Errorf("virus scanner: it says %q", reply)
}

func stream(to io.Writer, content io.Reader) error {
	if _, err := io.WriteString(to, "zINSTREAM\x00"); err != nil {
		return err
	}
	chunk := make([]byte, 4+clamdChunk)
	for {
		n, err := io.ReadFull(content, chunk[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(chunk, uint32(n))
			if _, err := to.Write(chunk[:4+n]); err != nil {
				return err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return err
		}
	}
	_, err := to.Write([]byte{0, 0, 0, 0})
	return err
}
