package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/api"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/web"
)

type serveCommand struct {
	place
	Listen string `help:"Address to listen on." default:"127.0.0.1:8080" env:"XINHENG_LISTEN"`
	NATS   string `help:"Address of an external NATS cluster for the event log; embedded below the data directory when empty." env:"XINHENG_NATS"`

	PublicURL *url.URL `name:"public-url" help:"Address by which people reach the pages when a proxy ends TLS before them, as in https://credit.example.com: cookies are then for TLS alone, and forms are taken from that address alone." env:"XINHENG_PUBLIC_URL"`
}

// Validate is asked before Run.
func (c serveCommand) Validate() error {
	if u := c.PublicURL; u != nil && (u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "") {
		return fmt.Errorf("--public-url: %s is not of the form https://HOST", u)
	}
	return nil
}

// Run serves until it is told to stop, then finishes what runs.
func (c serveCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	o := c.options(log)
	o.NATS, o.PublicURL = c.NATS, c.PublicURL
	a, err := app.OpenServer(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = first(err, a.Close()) }()
	a.Start(ctx)
	return serve(ctx, log, a, c.Listen)
}

func serve(ctx context.Context, log *slog.Logger, a *app.App, listen string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler(a), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	log.Info("serving", "address", "http://"+listener.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}

func handler(a *app.App) http.Handler {
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			id := operation.NewID()
			w.Header().Set("X-Request-Id", id)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			next.ServeHTTP(w, req.WithContext(api.WithRequestID(req.Context(), id)))
		})
	})
	r.Get("/healthz", func(w http.ResponseWriter, req *http.Request) {
		parts, up := a.Health(req.Context())
		if up {
			_, _ = io.WriteString(w, "ok\n") // a prober that went away is its own affair
			return
		}
		parts = slices.DeleteFunc(parts, func(p app.Part) bool { return p.Up })
		down := make([]string, len(parts))
		for i, p := range parts {
			down[i] = p.Name
		}
		http.Error(w, "down: "+strings.Join(down, ", "), http.StatusServiceUnavailable)
	})
	r.Get("/readyz", func(w http.ResponseWriter, req *http.Request) {
		parts, up := a.Health(req.Context())
		w.Header().Set("Content-Type", "application/json")
		if !up {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"ready": up, "parts": parts}) // a prober that went away is its own affair
	})
	api.Mount(r, a)
	web.Mount(r, a)
	return r
}

type setupCommand struct {
	place
	Login    string `help:"Login of the first administrator." default:"admin"`
	Name     string `help:"Name of the first administrator." default:"管理员"`
	Password string `help:"Password; read from the first line of standard input when empty." env:"XINHENG_ADMIN_PASSWORD"`
}

// Run creates the first administrator; it works once.
func (c setupCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	if c.Password == "" {
		raw, err := io.ReadAll(io.LimitReader(os.Stdin, 1024))
		if err != nil {
			return err
		}
		c.Password, _, _ = strings.Cut(string(raw), "\n")
	}
	a, err := c.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = first(err, a.Close()) }()
	u, err := operation.Run(ctx, a.Runner, operation.Call{Actor: operation.System("setup"), Door: "cli"}, access.Setup,
		access.SetUp{Login: c.Login, Name: c.Name, Password: access.Secret(c.Password)})
	if err != nil {
		return err
	}
	return print(u)
}

type doCommand struct {
	place
	Name   string `arg:"" help:"Name of the operation or view, as in limit.apply."`
	Input  string `arg:"" optional:"" help:"JSON input, or - for standard input." default:"{}"`
	As     string `help:"Login of the person in whose name it is done." required:""`
	Key    string `help:"Idempotency key."`
	DryRun bool   `help:"Act, answer, and take everything back."`
}

// Run runs one operation or view in a person's name and prints the answer. What it causes is carried out by the server,
// now or when it starts.
func (c doCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	raw := []byte(c.Input)
	if c.Input == "-" {
		if raw, err = io.ReadAll(os.Stdin); err != nil {
			return err
		}
	}
	a, err := c.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = first(err, a.Close()) }()
	user, err := access.ByLogin(ctx, a.DB, c.As)
	if err != nil {
		return err
	}
	call := operation.Call{Actor: user.Actor(), Key: c.Key, DryRun: c.DryRun, Door: "cli", RequestID: operation.NewID()}
	for _, o := range append(append([]operation.Any(nil), app.Operations...), app.Views...) {
		if o.Name() != c.Name {
			continue
		}
		out, err := o.Call(ctx, a.Runner, call, json.RawMessage(raw))
		if err != nil {
			return err
		}
		return print(out)
	}
	return fault.NotFound("operation", c.Name)
}
