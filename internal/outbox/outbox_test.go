package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/internal/outbox"
)

func TestDeliveryRetryAndParking(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		o := outbox.New(db, func() time.Time { return now }, slog.New(slog.DiscardHandler))
		var mu sync.Mutex
		got := map[string][]string{}
		flaky := 0
		o.On("happened", "good", func(_ context.Context, d outbox.Delivery) error {
			mu.Lock()
			defer mu.Unlock()
			got[d.Subject] = append(got[d.Subject], string(d.Payload))
			return nil
		})
		o.On("happened", "flaky", func(context.Context, outbox.Delivery) error {
			mu.Lock()
			defer mu.Unlock()
			if flaky++; flaky <= 3 {
				return errors.New("not now")
			}
			return nil
		})
		o.On("broken", "never", func(context.Context, outbox.Delivery) error { return errors.New("never") })
		send := func(events ...operation.Event) {
			t.Helper()
			if err := db.Write(t.Context(), func(tx *database.Tx) error { return o.Send(t.Context(), tx, events, operation.Call{}, now) }); err != nil {
				t.Fatal(err)
			}
		}
		for n := range 3 {
			send(operation.Event{Topic: "happened", Subject: "a", Payload: n}, operation.Event{Topic: "nobody listens", Subject: "a"})
		}
		send(operation.Event{Topic: "broken", Subject: "b", Payload: 1})
		// A transaction that is taken back leaves no delivery.
		_ = db.Write(t.Context(), func(tx *database.Tx) error {
			return errors.Join(o.Send(t.Context(), tx, []operation.Event{{Topic: "happened", Subject: "ghost", Payload: 9}}, operation.Call{}, now), errors.New("taken back"))
		})
		for range 40 {
			if _, err := o.DeliverDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = now.Add(11 * time.Minute)
		}
		if !slices.Equal(got["a"], []string{"0", "1", "2"}) || len(got["ghost"]) != 0 {
			t.Errorf("delivered %v: once each, in order", got)
		}
		if flaky != 6 {
			t.Errorf("%d tries of a subscriber that fails three times for three events", flaky)
		}
		var parked int
		if err := db.QueryRow(t.Context(), `SELECT COUNT(*) FROM outbox WHERE parked = TRUE`).Scan(&parked); err != nil {
			t.Fatal(err)
		}
		if waiting, err := o.Waiting(t.Context()); err != nil || waiting != 0 {
			t.Errorf("%d wait, %v", waiting, err)
		}
		if parked != 1 {
			t.Errorf("%d parked, want the one that never works", parked)
		}
	})
}

func TestSubscribersHaveOneName(t *testing.T) {
	o := outbox.New(nil, time.Now, slog.New(slog.DiscardHandler))
	o.On("a", "x", nil)
	defer func() {
		if r := recover(); r == nil {
			t.Error("a second subscriber of one name was taken")
		} else if fmt.Sprint(r) == "" {
			t.Error("without a reason")
		}
	}()
	o.On("b", "x", nil)
}
