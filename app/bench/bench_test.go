package bench_test

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/app/bench"
	"github.com/xinheng/xinheng/internal/database/postgrestest"
)

const length = 4 * time.Second

func open(b *testing.B, address string) *app.App {
	b.Helper()
	a, err := app.OpenServer(b.Context(), app.Options{Data: b.TempDir(), DB: address, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := a.Close(); err != nil {
			b.Error(err)
		}
	})
	return a
}

func report(b *testing.B, results []bench.Result, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range results {
		b.Logf("%s, %s, %d clients: %.0f/s, p50 %.2f p95 %.2f p99 %.2f ms; %.2f of %.0f/s (%s); %s", r.What, r.Engine, r.Clients, r.Rate, r.P50, r.P95, r.P99, r.Ratio, r.Baseline, r.Bare, r.Machine)
		b.ReportMetric(r.Rate, "per-s")
		b.ReportMetric(r.Ratio, "ratio")
	}
}

// The measurements have a length of their own, so that one round of each is right: -benchtime 1x.
func BenchmarkProduct(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		address := func(b *testing.B) string {
			if engine == "postgres" {
				return postgrestest.DurableURL(b)
			}
			return ""
		}
		b.Run("order-check/"+engine, func(b *testing.B) {
			for range b.N {
				results, err := bench.OrderCheck(b.Context(), open(b, address(b)), length)
				report(b, results, err)
			}
		})
		b.Run("events/"+engine, func(b *testing.B) {
			for range b.N {
				results, err := bench.Events(b.Context(), open(b, address(b)), length)
				report(b, results, err)
			}
		})
	}
}
