package provider

import (
	"context"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Config is a provider as the administrator set it up.
type Config struct {
	Key          string    `json:"key"`
	Mapping      string    `json:"mapping"` // YAML, see Mapping
	Enabled      bool      `json:"enabled"`
	AllowedHosts []string  `json:"allowed_hosts,omitempty"` // hosts inside the house that may be called
	AutoFields   []string  `json:"auto_fields,omitempty"`   // fields of the profile whose differences are accepted by themselves
	UpdatedBy    string    `json:"updated_by,omitempty"`
	UpdatedAt    time.Time `json:"updated_at"`
	Version      int64     `json:"version"`
}

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// Validate reports every wrong field.
func (in *Config) Validate() error {
	var c fault.Check
	c.That(keyForm.MatchString(in.Key), "key", "provider.key", nil)
	in.AllowedHosts, in.AutoFields = tidy(in.AllowedHosts), tidy(in.AutoFields)
	for _, h := range in.AllowedHosts {
		c.That(!strings.ContainsAny(h, "/:*@ ") || net.ParseIP(h) != nil, "allowed_hosts", "provider.host", fault.Args{"host": h})
	}
	m, err := ReadMapping(in.Mapping)
	c.Join("", err)
	for _, f := range in.AutoFields {
		given := err != nil || slices.ContainsFunc(m.Response.Fields, func(p Part) bool { return p.Field == f })
		c.That(slices.Contains(Fields(), f) && given, "auto_fields", "provider.auto_field", fault.Args{"field": f})
	}
	return c.Err()
}

func tidy(all []string) (out []string) {
	for _, s := range all {
		if s = strings.ToLower(strings.TrimSpace(s)); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Save sets up a provider, or changes it: a new one has version 0.
var Save = operation.New("provider.save", func(ctx context.Context, tx *operation.Tx, in Config) (Config, error) {
	before, found, err := configByKey(ctx, tx, in.Key)
	if err != nil {
		return Config{}, err
	}
	if before.Version != in.Version {
		return Config{}, fault.Stale("provider", in.Key)
	}
	in.Version, in.UpdatedAt, in.UpdatedBy = in.Version+1, tx.Now, tx.Actor.Name
	if err := putConfig(ctx, tx.Tx, in); err != nil {
		return Config{}, err
	}
	if found {
		tx.Changed("provider", in.Key, before, in)
	} else {
		tx.Changed("provider", in.Key, nil, in)
	}
	return in, nil
})
