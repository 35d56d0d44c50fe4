package screening

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/i18n"
	"github.com/xinheng/xinheng/internal/operation"
)

// Settings say where a list is fetched from.
type Settings struct {
	Source       string   `json:"source"`
	URLs         []string `json:"urls"`          // one a file, in the order of the source's files; empty = not fetched
	AllowedHosts []string `json:"allowed_hosts"` // hosts inside the company's network that may be asked; others there are refused
	EveryHours   int      `json:"every_hours"`   // 0 = only when somebody asks
	Automatic    bool     `json:"automatic"`     // put in force what was fetched, unless it loses too much
	Version      int64    `json:"version"`
}

// Validate reports every wrong field.
func (in *Settings) Validate() error {
	var c fault.Check
	s, ok := SourceOf(in.Source)
	if !ok {
		return unknownSource()
	}
	in.URLs, in.AllowedHosts = joined(in.URLs...), joined(in.AllowedHosts...)
	c.That(len(in.URLs) == 0 || len(in.URLs) >= len(s.Files) && len(in.URLs) <= len(s.Files)+len(s.Optional), "urls", "screening.urls", fault.Args{"files": strings.Join(append(s.Files, s.Optional...), ", ")})
	for _, text := range in.URLs {
		u, err := url.Parse(text)
		c.That(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil, "urls", "screening.url_form", fault.Args{"url": text})
	}
	for _, host := range in.AllowedHosts {
		c.That(!strings.ContainsAny(host, "/:* "), "allowed_hosts", "screening.host_form", fault.Args{"host": host})
	}
	c.That(in.EveryHours >= 0 && in.EveryHours <= 24*31, "every_hours", "fault.range", fault.Args{"min": 0, "max": 24 * 31})
	c.That(in.EveryHours == 0 || len(in.URLs) > 0, "urls", "fault.required", nil)
	c.That(!in.Automatic || s.Class != White, "automatic", "screening.second_person", nil)
	return c.Err()
}

// SetSource says where a list is fetched from. It is named apart from screening, as only an administrator may say which
// hosts the program asks.
var SetSource = operation.New("watchlist.set_source", func(ctx context.Context, tx *operation.Tx, in Settings) (Settings, error) {
	src, err := lockedSource(ctx, tx, in.Source)
	if err != nil {
		return Settings{}, err
	}
	if src.Version != in.Version {
		return Settings{}, fault.Stale("screening.source", in.Source)
	}
	before := src.Settings
	src.Settings = in
	src.Version++
	tx.About("list:" + in.Source)
	tx.Changed("screening.source", in.Source, before, src.Settings)
	return src.Settings, putSource(ctx, tx.Tx, src)
})

// SourceInput names a list.
type SourceInput struct {
	Source string `json:"source"`
}

// Validate reports every wrong field.
func (in *SourceInput) Validate() error {
	if _, ok := SourceOf(in.Source); !ok {
		return unknownSource()
	}
	return nil
}

// ShowSource shows where a list is fetched from.
var ShowSource = operation.NewView("watchlist.source", func(ctx context.Context, rd *operation.Reading, in SourceInput) (Settings, error) {
	src, err := sourceByKey(ctx, rd, in.Source)
	return src.Settings, err
})

// Fetch is the input of FetchList.
type Fetch struct {
	Source string `json:"source"`

	content content
}

// Validate reports every wrong field.
func (in *Fetch) Validate() error {
	s := SourceInput{in.Source}
	return s.Validate()
}

// FetchList fetches a list from the addresses that an administrator set, and loads it as LoadList does.
var FetchList = operation.New("screening.fetch", func(ctx context.Context, tx *operation.Tx, in Fetch) (Edition, error) {
	src, err := sourceByKey(ctx, tx, in.Source)
	if err != nil {
		return Edition{}, err
	}
	return load(ctx, tx, in.Source, in.content, src.Automatic)
}).Prepare(func(ctx context.Context, rd *operation.Reading, in *Fetch) error {
	src, err := sourceByKey(ctx, rd, in.Source)
	if err != nil {
		return err
	}
	if len(src.URLs) == 0 {
		return fault.Conflict("screening.no_url", nil)
	}
	var files [][]byte
	for _, address := range src.URLs {
		raw, err := fetch(ctx, address, src.AllowedHosts)
		if err != nil {
			return err
		}
		files = append(files, raw)
	}
	entries, err := parse(in.Source, files)
	if err != nil {
		return err
	}
	in.content, err = contentOf(entries, FromURL)
	return err
})

type failedFetch struct {
	Source  string `json:"source"`
	Failure string `json:"failure"`
}

// noteFailure keeps why a list could not be fetched, for the lists' page.
var noteFailure = operation.New("screening.note_failure", func(ctx context.Context, tx *operation.Tx, in failedFetch) (none struct{}, err error) {
	src, err := lockedSource(ctx, tx, in.Source)
	if err != nil {
		return none, err
	}
	src.TriedAt, src.Failure = tx.Now, in.Failure
	return none, putSource(ctx, tx.Tx, src)
})

// FetchDue fetches the lists whose time has come. A list that cannot be fetched keeps its edition, its page says why, and
// the others go on.
func FetchDue(ctx context.Context, r *operation.Runner, call operation.Call) error {
	all, err := sourceRows(ctx, r.DB)
	if err != nil {
		return err
	}
	var failed error
	for _, s := range all {
		if len(s.URLs) == 0 || s.EveryHours == 0 || r.Clock().Before(s.TriedAt.Add(time.Duration(s.EveryHours)*time.Hour)) {
			continue
		}
		if err := FetchNow(ctx, r, call, s.Key); err != nil && fault.As(err) == nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// FetchNow fetches a list and notes why when that fails.
func FetchNow(ctx context.Context, r *operation.Runner, call operation.Call, source string) error {
	_, err := operation.Run(ctx, r, call, FetchList, Fetch{Source: source})
	if err == nil || !call.Actor.Can(FetchList.Name()) || ctx.Err() != nil {
		return err
	}
	sentence, fields := i18n.Fault(i18n.ZH, err)
	for _, said := range fields {
		sentence += " " + said
	}
	_, noted := operation.Run(ctx, r, operation.Call{Actor: operation.System("screening"), Door: call.Door, Cause: FetchList.Name()}, noteFailure, failedFetch{source, sentence})
	return errors.Join(err, noted)
}
