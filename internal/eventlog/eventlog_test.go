package eventlog

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func open(t testing.TB, dir string) *Log {
	t.Helper()
	l, err := Open(t.Context(), Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// readAll reads everything that a log holds, partition by partition.
func readAll(t testing.TB, l *Log, after uint64) (all []string) {
	t.Helper()
	for p := range l.Partitions() {
		last, err := l.Last(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if last <= after {
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		err = l.Consume(ctx, p, after, func(err error) { t.Error(err) }, func(_ context.Context, b Batch) error {
			for _, r := range b.Records {
				all = append(all, string(r))
			}
			if b.Last >= last {
				cancel()
			}
			return nil
		})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestOrderWithinAKeyAndDurability(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	const keys, each = 20, 50
	var records []Record
	for i := range each {
		for k := range keys {
			records = append(records, Record{Key: fmt.Sprint("customer ", k), Data: fmt.Appendf(nil, "%d:%d", k, i)})
		}
	}
	for part := range slices.Chunk(records, 77) {
		if err := l.Append(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	l = open(t, dir)
	defer l.Close()
	next := map[string]int{}
	all := readAll(t, l, 0)
	for _, r := range all {
		k, i, _ := strings.Cut(r, ":")
		if i != strconv.Itoa(next[k]) {
			t.Fatalf("key %s: got %s, want %d", k, i, next[k])
		}
		next[k]++
	}
	if len(all) != keys*each {
		t.Errorf("%d records, want %d", len(all), keys*each)
	}
}

func TestSinglesOfManyCallersAllArrive(t *testing.T) {
	l := open(t, t.TempDir())
	defer l.Close()
	const callers, each = 32, 20
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				if err := l.Submit(t.Context(), Record{Key: fmt.Sprint(c), Data: fmt.Appendf(nil, "%d:%d", c, i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	next := map[string]int{}
	for _, r := range readAll(t, l, 0) {
		k, i, _ := strings.Cut(r, ":")
		if i != strconv.Itoa(next[k]) {
			t.Fatalf("caller %s: got %s, want %d", k, i, next[k])
		}
		next[k]++
	}
	if len(next) != callers {
		t.Errorf("%d callers arrived", len(next))
	}
}

func TestAFailedBatchComesAgain(t *testing.T) {
	l := open(t, t.TempDir())
	defer l.Close()
	if err := l.Append(t.Context(), []Record{{Key: "a", Data: []byte("one")}, {Key: "a", Data: []byte("two")}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tries, failures := 0, 0
	err := l.Consume(ctx, l.PartitionOf("a"), 0, func(error) { failures++ }, func(_ context.Context, b Batch) error {
		tries++
		if tries < 3 {
			return os.ErrDeadlineExceeded
		}
		if len(b.Records) != 2 || string(b.Records[0]) != "one" {
			t.Errorf("%q", b.Records)
		}
		cancel()
		return nil
	})
	if err != nil || tries != 3 || failures != 2 {
		t.Errorf("%v after %d tries and %d failures", err, tries, failures)
	}
}

func TestOneProcessAlone(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	defer l.Close()
	if second, err := Open(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second log over the same folder: %v", err)
		second.Close()
	}
}

func TestThePartitionCountIsFixed(t *testing.T) {
	dir := t.TempDir()
	open(t, dir).Close()
	if _, err := Open(t.Context(), Options{Dir: dir, Partitions: 7}); err == nil || !strings.Contains(err.Error(), "4 partitions") {
		t.Errorf("another count: %v", err)
	}
}

// The child appends and prints what was acknowledged, until it is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("EVENTLOG_CHILD"); dir != "" {
		l, err := Open(context.Background(), Options{Dir: dir})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		for i := 0; ; i++ {
			if err := l.Submit(context.Background(), Record{Key: strconv.Itoa(i % 9), Data: []byte(strconv.Itoa(i))}); err == nil {
				fmt.Println(i)
			}
		}
	}
	os.Exit(m.Run())
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), "EVENTLOG_CHILD="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == 150 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	l := open(t, dir)
	defer l.Close()
	there := map[string]bool{}
	for _, r := range readAll(t, l, 0) {
		there[r] = true
	}
	for _, a := range acknowledged {
		if !there[a] {
			t.Errorf("%s was acknowledged and is lost", a)
		}
	}
	if len(acknowledged) < 150 {
		t.Errorf("only %d acknowledged", len(acknowledged))
	}
}

func TestCodecRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOf(rapid.SliceOf(rapid.Byte())).Draw(t, "records")
		got, err := decode(encode(records))
		if err != nil || len(got) != len(records) {
			t.Fatal(err)
		}
		for i := range got {
			if string(got[i]) != string(records[i]) {
				t.Fatalf("%d: %v, want %v", i, got[i], records[i])
			}
		}
		raw := encode(records)
		raw[rapid.IntRange(0, len(raw)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		if _, err := decode(raw); err == nil {
			t.Fatal("a damaged message was read")
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(encode([][]byte{[]byte("a"), nil}))
	f.Add([]byte{format, 255, 255, 255, 255, 15, 0, 0, 0, 0})
	f.Fuzz(func(_ *testing.T, raw []byte) { _, _ = decode(raw) })
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{100, 1000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			l := open(b, b.TempDir())
			defer l.Close()
			records := make([]Record, size)
			for i := range records {
				records[i] = Record{Key: strconv.Itoa(i), Data: make([]byte, 300)}
			}
			for b.Loop() {
				if err := l.Append(b.Context(), records); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkSubmit64(b *testing.B) {
	l := open(b, b.TempDir())
	defer l.Close()
	b.SetParallelism(32)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if err := l.Submit(b.Context(), Record{Key: "k", Data: make([]byte, 300)}); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
