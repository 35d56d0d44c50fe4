package test

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/eventlog"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/monitoring/rule"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

func firm(w *story.World, name, ref string) customer.Customer {
	return story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: name, ExternalRef: ref}})
}

func take(w *story.World, by operation.Actor, events ...rule.Event) error {
	_, err := w.Intake.Take(w.T.Context(), by, events)
	return err
}

// An order that came by event belongs to who sent it: he does not release it himself, somebody else may.
func TestAnEventIsBookedInTheNameOfWhoSentIt(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "安泽恒岳机械有限公司", 1000)
		sender := person(w, "sender", access.CreditManager)
		if err := take(w, sender.Actor(), event("o1", "order.placed", c.ID, "2026-06-10", 5000, nil)); err != nil {
			w.T.Fatal(err)
		}
		w.React()
		var id string
		if err := w.DB.QueryRow(w.T.Context(), `SELECT id FROM sales_order WHERE number = 'o1' AND customer_id = $1`, c.ID).Scan(&id); err != nil {
			w.T.Fatal(err)
		}
		o, err := receivable.OrderByID(w.T.Context(), w.DB, id)
		if err != nil || o.CreatedBy != sender.ID || o.Status != receivable.OrderHeld {
			w.T.Fatalf("%+v %v", o, err)
		}
		ruling := ordercheck.Ruling{OrderID: o.ID, Version: o.Version, Reason: "客户已补充担保"}
		if _, err := operation.Run(w.T.Context(), w.Runner, story.By(sender.Actor()), ordercheck.Release, ruling); fault.As(err) == nil || fault.As(err).Key != "ordercheck.own_order" {
			w.T.Errorf("he released his own: %v", err)
		}
		story.Must(w, w.Manager2, ordercheck.Release, ruling)
	})
}

// Whoever may not book by hand may not book by event: what he lacks is named, and nothing of the batch is taken. Rights
// that end before an event is booked end the event too, visibly.
func TestEventsNeedTheRightsOfWhatTheyBook(t *testing.T) {
	story.Each(t, func(w *story.World) {
		firm(w, "安泽恒岳机械有限公司", "K-1")
		order := event("o1", "order.placed", "K-1", "2026-06-10", 50, nil)
		news := event("n1", "news.negative", "K-1", "2026-06-10", 0, nil)
		refused := func(by operation.Actor, permission string) {
			w.T.Helper()
			err := take(w, by, news, order)
			if f := fault.As(err); f == nil || f.Kind != fault.KindForbidden || f.Args["operation"] != permission {
				w.T.Errorf("%s: %v", by.Name, err)
			}
		}
		refused(w.Analyst, "ordercheck.submit")
		admin := person(w, "root", access.Admin)
		token := story.Must(w, admin.Actor(), access.CreateToken, access.NewToken{Name: "narrow", Scopes: []string{"event.*"}})
		narrow, err := w.Door.Bearer(w.T.Context(), token.Secret)
		if err != nil {
			w.T.Fatal(err)
		}
		refused(narrow, "ordercheck.submit")
		for p := range w.Events.Partitions() {
			if last, err := w.Events.Last(w.T.Context(), p); err != nil || last != 0 {
				w.T.Errorf("partition %d holds %d: %v", p, last, err)
			}
		}
		leaver, mover := person(w, "leaver", access.Integrator), person(w, "mover", access.Integrator)
		invoice := event("i1", "invoice.issued", "K-1", "2026-06-10", 50, map[string]string{"number": "I-1", "due_on": "2026-07-10"})
		for _, sent := range []error{take(w, leaver.Actor(), order), take(w, mover.Actor(), invoice)} {
			if sent != nil {
				w.T.Fatal(sent)
			}
		}
		story.Must(w, admin.Actor(), access.UpdateUser, access.SetUser{ID: leaver.ID, Version: 1, Name: leaver.Name, Scope: leaver.Scope, Roles: leaver.Roles, Disabled: true})
		story.Must(w, admin.Actor(), access.UpdateUser, access.SetUser{ID: mover.ID, Version: 1, Name: mover.Name, Scope: operation.ScopeOwn, Roles: mover.Roles})
		w.React()
		reasons := map[string]bool{}
		for _, p := range story.See(w, w.Manager, monitoring.ShowParked, monitoring.ParkedInput{}) {
			reasons[strings.Fields(p.Reason)[0]+strings.Fields(p.Reason)[1]] = true
		}
		if len(reasons) != 2 || !reasons["forbidden:monitoring.submitter_disabled"] || !reasons["not_found:fault.not_found"] {
			w.T.Errorf("%v", reasons)
		}
	})
}

// Source and id together are an event's identity, wherever a colon stands in them.
func TestEventsWithColonsAreToldApart(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := firm(w, "安泽恒岳机械有限公司", "K-1")
		one := event("b:c", "invoice.issued", "K-1", "2026-06-10", 50, map[string]string{"number": "I-1", "due_on": "2026-07-10"})
		two := event("c", "invoice.issued", "K-1", "2026-06-10", 60, map[string]string{"number": "I-2", "due_on": "2026-07-10"})
		one.Source, two.Source = "a", "a:b"
		system := operation.System("erp")
		if err := take(w, system, one, two, one); err != nil {
			w.T.Fatal(err)
		}
		w.React()
		if a := story.See(w, w.Manager, receivable.View, receivable.CustomerInput{CustomerID: c.ID}); len(a.Invoices) != 2 {
			w.T.Errorf("%+v", a.Invoices)
		}
		bad := one
		bad.Source, bad.ID, bad.CustomerID = "a\x00b", "c\n", strings.Repeat("x", 201)
		f := fault.As(take(w, system, bad))
		if f == nil || len(f.Fields) < 3 {
			w.T.Errorf("%v", f)
		}
	})
}

// What a customer is called by another system may come to mean another customer.
func TestANameMayComeToMeanAnotherCustomer(t *testing.T) {
	story.Each(t, func(w *story.World) {
		a, b := firm(w, "安泽恒岳机械有限公司", "K-1"), firm(w, "清川远航贸易有限公司", "")
		system := operation.System("erp")
		send := func(number, to string) {
			w.T.Helper()
			if err := take(w, system, event(number, "invoice.issued", to, "2026-06-10", 50, map[string]string{"number": number, "due_on": "2026-07-10"})); err != nil {
				w.T.Fatal(err)
			}
		}
		send("I-1", "K-1")
		p := a.Profile
		p.ExternalRef = ""
		story.Must(w, w.Manager, customer.Update, customer.Edit{ID: a.ID, Version: a.Version, Profile: p})
		p = b.Profile
		p.ExternalRef = "K-1"
		story.Must(w, w.Manager, customer.Update, customer.Edit{ID: b.ID, Version: b.Version, Profile: p})
		send("I-2", "K-1")
		w.React()
		for id, number := range map[string]string{a.ID: "I-1", b.ID: "I-2"} {
			if v := story.See(w, w.Manager, receivable.View, receivable.CustomerInput{CustomerID: id}); len(v.Invoices) != 1 || v.Invoices[0].Number != number {
				w.T.Errorf("%s: %+v", number, v.Invoices)
			}
		}
	})
}

// The folder of the event log is lost, or an older copy of it is put in its place, while the database stands: what comes
// then is applied all the same, nothing is applied twice, and the loss is told.
func TestADatabaseAheadOfItsEventLog(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := firm(w, "安泽恒岳机械有限公司", "K-1")
		system := operation.System("erp")
		dir := w.T.TempDir()
		invoice := func(number string) rule.Event {
			return event(number, "invoice.issued", "K-1", "2026-06-10", 50, map[string]string{"number": number, "due_on": "2026-07-10"})
		}
		// with runs a program on the folder, sends, and settles.
		with := func(folder string, lost bool, numbers ...string) {
			w.T.Helper()
			events, err := eventlog.Open(w.T.Context(), eventlog.Options{Dir: folder})
			if err != nil {
				w.T.Fatal(err)
			}
			defer events.Close()
			var said strings.Builder
			a := app.New(w.DB, events, app.Options{Data: w.T.TempDir(), Log: slog.New(slog.NewTextHandler(&said, nil)), Clock: clock.Fixed(w.Now)})
			for _, n := range numbers {
				if _, err := a.Intake.Take(w.T.Context(), system, []rule.Event{invoice(n)}); err != nil {
					w.T.Fatal(err)
				}
			}
			if err := a.Settle(w.T.Context()); err != nil {
				w.T.Fatal(err)
			}
			parts, up := a.Health(w.T.Context())
			if !up || a.Watch.Lost() != lost || lost != (parts[1].Warning != "") || lost != strings.Contains(said.String(), "events that only the other held are lost") {
				w.T.Errorf("lost %v, want %v: %+v\n%s", a.Watch.Lost(), lost, parts, said.String())
			}
		}
		booked := func(want int) {
			w.T.Helper()
			v := story.See(w, w.Manager, receivable.View, receivable.CustomerInput{CustomerID: c.ID})
			if len(v.Invoices) != want {
				w.T.Errorf("%d invoices are booked, want %d", len(v.Invoices), want)
			}
		}
		first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
		with(first, false, "I-1", "I-2", "I-3")
		booked(3)
		if err := os.CopyFS(filepath.Join(dir, "copy"), withoutLock{os.DirFS(first)}); err != nil {
			w.T.Fatal(err)
		}
		with(first, false, "I-4", "I-5", "I-6")
		booked(6)
		with(second, true, "I-7")
		booked(7)
		with(second, false, "I-8")
		booked(8)
		with(first, true, "I-9")
		booked(9)
		with(filepath.Join(dir, "copy"), true, "I-10")
		booked(10)
		if parked := story.See(w, w.Manager, monitoring.ShowParked, monitoring.ParkedInput{}); len(parked) != 0 {
			w.T.Errorf("%+v", parked)
		}
	})
}

// withoutLock leaves out the lock file, which is empty and of no meaning in a copy.
type withoutLock struct{ fs.FS }

// ReadDir lists a folder.
func (f withoutLock) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(f.FS, name)
	var kept []fs.DirEntry
	for _, e := range all {
		if e.Name() != "lock" {
			kept = append(kept, e)
		}
	}
	return kept, err
}
