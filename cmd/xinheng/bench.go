package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/app/bench"
	"github.com/xinheng/xinheng/app/sample"
)

type benchCommand struct {
	What    string `arg:"" enum:"order-check,events,page" help:"What to measure: order-check, events or page."`
	DB      string `help:"sqlite (a fresh file), or the address of an empty PostgreSQL database." default:"sqlite"`
	Seconds int    `help:"How long each measurement lasts." default:"5"`
	JSON    bool   `help:"Print JSON lines."`
	Profile string `help:"Write a CPU profile to this file."`
}

// Run measures on a fresh installation in a temporary folder, and prints what it found.
func (c benchCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	dir, err := os.MkdirTemp("", "xinheng-bench-*")
	if err != nil {
		return err
	}
	defer func() { err = first(err, os.RemoveAll(dir)) }()
	o := app.Options{Data: dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if c.DB != "sqlite" {
		o.DB = c.DB
	}
	a, err := app.OpenServer(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = first(err, a.Close()) }()
	if c.Profile != "" {
		f, err := os.Create(c.Profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	length := time.Duration(c.Seconds) * time.Second
	var results []bench.Result
	switch c.What {
	case "order-check":
		results, err = bench.OrderCheck(ctx, a, length)
	case "events":
		results, err = bench.Events(ctx, a, length)
	case "page":
		results, err = c.page(ctx, a, dir, length, log)
	}
	if err != nil {
		return err
	}
	for _, r := range results {
		if c.JSON {
			if err := print(r); err != nil {
				return err
			}
			continue
		}
		fmt.Printf("%-34s %-8s %3d clients %9.0f/s  p50 %7.2f ms  p95 %7.2f ms  p99 %7.2f ms  %.2f of %.0f/s (%s)\n", r.What, r.Engine, r.Clients, r.Rate, r.P50, r.P95, r.P99, r.Ratio, r.Baseline, r.Bare)
	}
	return nil
}

// page loads the sample, fills up to a hundred thousand customers and asks for pages as a signed-in manager.
func (c benchCommand) page(ctx context.Context, a *app.App, dir string, length time.Duration, log *slog.Logger) ([]bench.Result, error) {
	demo := demoCommand{place: place{Data: filepath.Join(dir, "demo"), DB: c.DB}, Seed: 2026, Companies: 300}
	if err := demo.load(ctx, a); err != nil {
		return nil, err
	}
	h := handler(a)
	cookie, err := signIn(ctx, h)
	if err != nil {
		return nil, err
	}
	get := func(path string) (int, error) {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, nil
	}
	return bench.Page(ctx, a, get, length, func(what string) { log.Info(what) })
}

func signIn(ctx context.Context, h http.Handler) (*http.Cookie, error) {
	form := url.Values{"login": {"manager"}, "password": {sample.Password}}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/sign-in", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.HttpOnly && cookie.Value != "" && strings.Contains(cookie.Name, "session") {
			return cookie, nil
		}
	}
	return nil, fmt.Errorf("sign-in answered %d", w.Code)
}
