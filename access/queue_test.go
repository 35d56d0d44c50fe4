package access

import (
	"context"
	"testing"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
	"github.com/xinheng/xinheng/internal/operation"
)

// A change of password whose comparison waits in the queue for hashing holds no transaction meanwhile: SQLite has one
// writer, and everybody would wait with it.
func TestNobodyWaitsForAPasswordInTheQueue(t *testing.T) {
	db := databasetest.Open(t, "sqlite:"+t.TempDir()+"/x.db")
	r := &operation.Runner{DB: db, Clock: clock.System}
	u, err := operation.Run(t.Context(), r, operation.Call{Actor: operation.System("test")}, CreateUser, NewUser{Login: "wang", Name: "王", Password: Secret("correct horse battery"), Roles: []Role{Analyst}})
	if err != nil {
		t.Fatal(err)
	}
	for range cap(hashing) {
		hashing <- struct{}{}
	}
	changed := make(chan error, 1)
	go func() {
		_, err := operation.Run(t.Context(), r, operation.Call{Actor: u.Actor()}, ChangePassword, NewPassword{Old: Secret("correct horse battery"), New: Secret("another good password")})
		changed <- err
	}()
	time.Sleep(100 * time.Millisecond) // it waits for a place to hash the new password
	refilled := make(chan struct{})
	go func() { hashing <- struct{}{}; close(refilled) }() // waits behind it
	time.Sleep(100 * time.Millisecond)
	<-hashing
	<-refilled // the new password is hashed; now the old one waits
	time.Sleep(100 * time.Millisecond)
	wrote := make(chan error, 1)
	go func() {
		wrote <- db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(context.WithoutCancel(t.Context()), `UPDATE team SET name = name`)
			return err
		})
	}()
	select {
	case err := <-wrote:
		if err != nil {
			t.Error(err)
		}
	case err := <-changed:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(10 * time.Second):
		t.Error("a write waits for the comparison of a password")
	}
	for range cap(hashing) {
		<-hashing
	}
	if err := <-changed; err != nil {
		t.Error(err)
	}
}
