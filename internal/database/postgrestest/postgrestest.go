// Package postgrestest gives tests a real PostgreSQL: the one that XINHENG_TEST_POSTGRES_URL names, or a throw-away
// cluster made from the installed binaries that ends with the test process.
package postgrestest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
)

const variable = "XINHENG_TEST_POSTGRES_URL"

var (
	fast    = &cluster{settings: []string{"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"}}
	durable = &cluster{}
	made    atomic.Int64
)

// URL gives the address of a fresh empty database, dropped when the test ends. It does not survive a power loss: for
// tests of what the program does. Where PostgreSQL is missing the test is skipped; in CI it fails.
func URL(t testing.TB) string { t.Helper(); return fresh(t, fast) }

// DurableURL is URL with the settings that a company would run, fsync on: for benchmarks.
func DurableURL(t testing.TB) string { t.Helper(); return fresh(t, durable) }

func fresh(t testing.TB, c *cluster) string {
	t.Helper()
	base := os.Getenv(variable)
	if base == "" {
		c.once.Do(func() { c.address, c.err = c.start() })
		if c.err != nil {
			missing(t, c.err)
		}
		base = c.address
	}
	name := fmt.Sprintf("xinheng_%d_%d", os.Getpid(), made.Add(1))
	pool, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.ExecContext(context.Background(), "CREATE DATABASE "+name); err != nil {
		t.Fatalf("create a test database: %v", errors.Join(err, pool.Close()))
	}
	t.Cleanup(func() {
		_, err := pool.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		if err := errors.Join(err, pool.Close()); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	address, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}

func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("no PostgreSQL for the tests: %v", err)
	}
	t.Skipf("no PostgreSQL for the tests (%v): install the package postgresql, or set %s", err, variable)
}

type cluster struct {
	settings []string
	once     sync.Once
	address  string
	err      error
}

func find(name string) (string, error) {
	places, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err == nil && len(places) > 0 {
		return places[len(places)-1], nil
	}
	return exec.LookPath(name)
}

// start makes and starts a cluster. The server dies with this process (Pdeathsig), also when that is killed.
func (c *cluster) start() (string, error) {
	initdb, err := find("initdb")
	if err != nil {
		return "", err
	}
	server, err := find("postgres")
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "xinheng-postgres-")
	if err != nil {
		return "", err
	}
	identity, err := unprivileged(dir)
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	ctx := context.Background()
	initialise := exec.CommandContext(ctx, initdb, "-D", data, "-U", "xinheng", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initialise.Dir, initialise.SysProcAttr = dir, &syscall.SysProcAttr{Credential: identity}
	if out, err := initialise.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort(ctx)
	if err != nil {
		return "", err
	}
	args := append([]string{"-D", data, "-k", dir, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300",
		"-c", "shared_buffers=128MB"}, c.settings...)
	run := exec.CommandContext(ctx, server, args...)
	run.Dir, run.SysProcAttr = dir, &syscall.SysProcAttr{Credential: identity, Pdeathsig: syscall.SIGQUIT}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return "", err
	}
	run.Stdout, run.Stderr = log, log
	started := make(chan error, 1)
	go func() { // Pdeathsig is bound to the thread that starts the child: this one stays
		lockThread()
		err := run.Start()
		started <- err
		if err == nil {
			_ = run.Wait() // it ends with this process
		}
	}()
	if err := <-started; err != nil {
		return "", fmt.Errorf("start PostgreSQL: %w", err)
	}
	address := "postgres://xinheng@127.0.0.1:" + port + "/postgres?sslmode=disable"
	return address, waitFor(ctx, address)
}

func waitFor(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := pool.PingContext(ctx)
		if err == nil {
			return pool.Close()
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("PostgreSQL does not answer: %w", err), pool.Close())
		case <-tick.C:
		}
	}
}

func freePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// unprivileged gives the identity to run the server under: initdb refuses root.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil //nolint:nilnil // no other identity needed is not an error
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, int(uid), int(gid))
	}
	return nil, errors.New("running as root, and there is neither a user postgres nor nobody to run the server as")
}
