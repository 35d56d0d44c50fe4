package main

import (
	"context"
	"errors"
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
	What    string `arg:"" enum:"order-check,events,page,screening" help:"What to measure: order-check, events, page or screening."`
	DB      string `help:"sqlite (a fresh file), or the address of an empty PostgreSQL database." default:"sqlite"`
	Seconds int    `help:"How long each measurement lasts." default:"5"`
	JSON    bool   `help:"Print JSON lines."`
	Profile string `help:"Write a CPU profile to this file."`
	Lists   string `help:"Screening: folder with published lists." type:"existingdir"`
	Extra   int    `name:"extra-names" help:"Screening: so many synthetic names of Chinese companies beside the lists." default:"0"`
}

// Run measures on a fresh installation in a temporary folder, and prints what it found.
func (c benchCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	if c.What == "screening" {
		return c.screening(log)
	}
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
	stop, err := c.profile()
	if err != nil {
		return err
	}
	defer stop()
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

// profile begins the CPU profile, if one is wanted.
func (c benchCommand) profile() (stop func(), err error) {
	if c.Profile == "" {
		return func() {}, nil
	}
	f, err := os.Create(c.Profile)
	if err != nil {
		return nil, err
	}
	return pprof.StopCPUProfile, pprof.StartCPUProfile(f)
}

// screening needs no installation: lists and names live in memory.
func (c benchCommand) screening(log *slog.Logger) error {
	if c.Lists == "" {
		return errors.New("--lists is needed: a folder with published lists")
	}
	stop, err := c.profile()
	if err != nil {
		return err
	}
	defer stop()
	r, err := bench.Screening(os.DirFS(c.Lists), c.Extra, time.Duration(c.Seconds)*time.Second, func(what string) { log.Info(what) })
	if err != nil {
		return err
	}
	if c.JSON {
		return print(r)
	}
	fmt.Printf("%d parties, %d names: built in %.1f s, %.0f MB (%.0f of it texts); %.0f searches/s on one core, p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, most %.1f ms (of the processor p50 %.2f, p95 %.2f, p99 %.2f); %.1f %% of rewritten names found; %.4f of %.0f/s (%s)\n",
		r.Parties, r.Names, r.Build, r.Memory, r.Texts, r.Rate, r.P50, r.P95, r.P99, r.Max, r.CPU50, r.CPU95, r.CPU99, 100*r.Right, r.Ratio, r.Baseline, r.Bare)
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
