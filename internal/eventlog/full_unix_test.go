//go:build linux

package eventlog

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
)

// smallDisk mounts a file system of some mebibytes in memory, for tests that fill it.
func smallDisk(t *testing.T, mebibytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mebibytes)); err != nil {
		t.Skipf("needs the right to mount a small disk in memory, as root has it: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// The disk fills up while records come in and a consumer reads: records are refused at once and the log says that it is
// down; when there is room it goes on by itself, with all that it acknowledged and the consumer where it was.
func TestTheLogComesBackAfterAFullDisk(t *testing.T) {
	dir := smallDisk(t, 48)
	var said bytes.Buffer
	var saying sync.Mutex
	l, err := Open(t.Context(), Options{Dir: filepath.Join(dir, "events"), Log: slog.New(slog.NewTextHandler(writer{&saying, &said}, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { l.Close() }()
	const key = "customer"
	partition := l.PartitionOf(key)
	var mu sync.Mutex
	var read []string
	ctx, stop := context.WithCancel(t.Context())
	var consumer sync.WaitGroup
	consumer.Go(func() {
		if err := l.Consume(ctx, partition, 0, func(error) {}, func(_ context.Context, b Batch) error {
			mu.Lock()
			defer mu.Unlock()
			for _, r := range b.Records {
				id, _, _ := strings.Cut(string(r), " ")
				read = append(read, id)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	defer consumer.Wait()
	defer stop()
	var acknowledged []string
	send := func(id string) error {
		err := l.Submit(t.Context(), Record{Key: key, Data: []byte(id + " " + strings.Repeat("x", 64<<10))})
		if err == nil {
			acknowledged = append(acknowledged, id)
		}
		return err
	}
	for round := range 2 {
		for i := range 20 {
			if err := send(fmt.Sprintf("good-%d-%d", round, i)); err != nil {
				t.Fatal(err)
			}
		}
		fill(t, dir, 1<<20)
		var refused error
		for i := 0; refused == nil && i < 1000; i++ {
			began := time.Now()
			refused = send(fmt.Sprintf("last-%d-%d", round, i))
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("the answer came after %s", took)
			}
		}
		if fault.KindOf(refused) != fault.KindBusy {
			t.Fatalf("the disk is full: %v", refused)
		}
		began := time.Now()
		if err := send("refused"); fault.KindOf(err) != fault.KindBusy || time.Since(began) > time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if l.Health() == nil {
			t.Error("the log says that it is well")
		}
		time.Sleep(3 * time.Second) // it must not begin to flap while the disk is full
		if l.Health() == nil {
			t.Error("the log came back on a full disk")
		}
		if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(30 * time.Second); l.Health() != nil; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				saying.Lock()
				t.Fatalf("it does not come back: %v\n%s", l.Health(), said.String())
			}
		}
		if err := send(fmt.Sprintf("after-%d", round)); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		mu.Lock()
		got := slices.Clone(read)
		mu.Unlock()
		missing := slices.DeleteFunc(slices.Clone(acknowledged), func(id string) bool { return slices.Contains(got, id) })
		if len(missing) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("acknowledged and never read: %v", missing)
		}
	}
	mu.Lock()
	order := slices.DeleteFunc(slices.Clone(read), func(id string) bool { return !slices.Contains(acknowledged, id) })
	mu.Unlock()
	if !slices.Equal(order, acknowledged) {
		t.Errorf("read in another order, or twice:\n%v\n%v", order, acknowledged)
	}
	saying.Lock()
	defer saying.Unlock()
	if !strings.Contains(said.String(), "the event log has failed") || !strings.Contains(said.String(), "open again") {
		t.Errorf("the log of the program: %s", said.String())
	}
}

// fill leaves about so many bytes free.
func fill(t *testing.T, dir string, free int64) {
	t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "filler"), make([]byte, int64(fs.Bavail)*fs.Bsize-free), 0o600); err != nil {
		t.Fatal(err)
	}
}

type writer struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

// Write writes for one goroutine at a time.
func (w writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
