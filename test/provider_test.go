package test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/provider"
	"github.com/xinheng/xinheng/customer/provider/providertest"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/test/story"
)

const (
	code    = "91350100M000100Y43" // the example of GB 32100-2015
	company = `{"Name":"示例一公司","CreditCode":"91350100M000100Y43","OperName":"张三","RegistCapi":"1000万元人民币","StartDate":"2015-03-02","Address":"福州市鼓楼区一号","RegStatus":"存续","UpdatedDate":"2026-06-01",
		"Partners":[{"StockName":"李四","StockPercent":"60%","StockType":"自然人股东"}],"Employees":[{"Name":"王五","Job":"监事"}]}`
)

// registry sets up the registration example against a provider's server.
func registry(w *story.World, change func(c *provider.Config)) *providertest.Server {
	w.T.Helper()
	s := providertest.Start(w.T)
	s.Knows(code, company)
	if err := os.MkdirAll(filepath.Join(w.Data, "secrets"), 0o700); err != nil {
		w.T.Fatal(err)
	}
	for _, name := range []string{"registry_key", "registry_secret"} {
		if err := os.WriteFile(filepath.Join(w.Data, "secrets", name), []byte(providertest.Secret), 0o600); err != nil {
			w.T.Fatal(err)
		}
	}
	cfg := provider.Config{Key: "registry", Mapping: s.Mapping(provider.Examples()[0].Text), Enabled: true, AllowedHosts: []string{"127.0.0.1"}}
	if change != nil {
		change(&cfg)
	}
	story.Must(w, operation.System("administrator"), provider.Save, cfg)
	return s
}

func round(w *story.World) int {
	w.T.Helper()
	n, err := w.Providers.Round(context.WithoutCancel(w.T.Context()))
	if err != nil {
		w.T.Fatal(err)
	}
	return n
}

func pending(w *story.World, id string) provider.Pending {
	w.T.Helper()
	return story.See(w, w.Manager, provider.ShowPending, provider.CustomerInput{CustomerID: id})
}

// slots gives the differences by what they are about.
func slots(p provider.Pending) map[string]provider.Difference {
	all := map[string]provider.Difference{}
	for _, d := range p.Differences {
		all[d.Slot] = d
	}
	return all
}

func ids(all map[string]provider.Difference, names ...string) (out []string) {
	for _, n := range names {
		out = append(out, all[n].ID)
	}
	return out
}

func TestFetchCompareAcceptReject(t *testing.T) {
	story.Each(t, func(w *story.World) {
		t, ctx := w.T, w.T.Context()
		s := registry(w, nil)
		c := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司", USCC: code, LegalRepresentative: "老张", RegisteredAddress: "福州市 鼓楼区一号"}})
		story.Must(w, w.Manager, customer.SetShareholders, customer.Shareholders{CustomerID: c.ID, Shareholders: []customer.Shareholder{{Kind: "person", Name: "旧股东", Share: 100}}})
		ask := func(a operation.Actor) error {
			_, err := operation.Run(ctx, w.Runner, story.By(a), provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
			return err
		}
		kindIs(t, "who may not fetch", ask(w.Sales), fault.KindForbidden)
		first := story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
		if again := story.Must(w, w.Manager, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID}); again.ID != first.ID {
			t.Error("a fetch that waits is doubled")
		}
		if n := round(w); n != 1 || len(s.Seen()) != 1 {
			t.Fatalf("%d jobs, %d requests", n, len(s.Seen()))
		}
		p := pending(w, c.ID)
		all := slots(p)
		var names []string
		for name := range all {
			names = append(names, name)
		}
		slices.Sort(names)
		// Name, code and (but for a blank) the address agree.
		if want := "[field:capital field:founded field:legal_representative field:registration_status officer:王五 shareholder:旧股东 shareholder:李四]"; fmt.Sprint(names) != want {
			t.Fatalf("differences\n got %v\nwant %s", names, want)
		}
		if d := all["field:legal_representative"]; d.Before != "老张" || d.After != "张三" || d.AsOf != "2026-06-01" || d.Source != "工商登记（示例）" || len(d.Evidence) != 64 {
			t.Errorf("%+v", d)
		}
		// Nothing has changed without a person; the answer is kept as evidence and holds no secret.
		if now := story.See(w, w.Manager, customer.View, customer.ByIDInput{ID: c.ID}); now.Customer.LegalRepresentative != "老张" || now.Customer.Version != p.Version {
			t.Errorf("the file changed by itself: %+v", now.Customer)
		}
		raw, err := w.Documents.Store.Get(ctx, all["field:capital"].Evidence)
		if err != nil || !strings.Contains(string(raw), "1000万元人民币") || strings.Contains(string(raw), providertest.Secret) {
			t.Errorf("evidence %q %v", raw, err)
		}

		// Row scope: another's customer is as good as absent.
		_, err = operation.Read(ctx, w.Runner, story.By(w.Sales2), provider.ShowPending, provider.CustomerInput{CustomerID: c.ID})
		kindIs(t, "another's differences", err, fault.KindNotFound)
		if box := story.See(w, w.Sales2, provider.ShowInbox, listing.Query{}); box.Total != 0 {
			t.Errorf("another's inbox counts %d", box.Total)
		}
		if box := story.See(w, w.Sales, provider.ShowInbox, listing.Query{}); box.Total != 1 || box.Differences != 7 || box.Customers[0].Count != 7 {
			t.Errorf("the inbox %+v", box)
		}

		accept := func(a operation.Actor, version int64, ids ...string) error {
			_, err := operation.Run(ctx, w.Runner, story.By(a), provider.Accept, provider.Choice{CustomerID: c.ID, Version: version, IDs: ids})
			return err
		}
		kindIs(t, "sales accepts", accept(w.Sales, p.Version, all["field:capital"].ID), fault.KindForbidden)
		kindIs(t, "an older version of the file", accept(w.Analyst, p.Version+1, all["field:capital"].ID), fault.KindStale)
		kindIs(t, "one that is none", accept(w.Analyst, p.Version, all["field:capital"].ID, "x"), fault.KindStale)
		if err := accept(w.Analyst, p.Version, ids(all, "field:legal_representative", "field:capital", "shareholder:李四", "shareholder:旧股东", "officer:王五")...); err != nil {
			t.Fatal(err)
		}
		kindIs(t, "accepting twice", accept(w.Analyst, p.Version+1, all["field:capital"].ID), fault.KindStale)
		story.Must(w, w.Analyst, provider.Reject, provider.Refusal{CustomerID: c.ID, IDs: ids(all, "field:founded"), Reason: "执照为准"})

		f := story.See(w, w.Manager, customer.View, customer.ByIDInput{ID: c.ID})
		if f.Customer.LegalRepresentative != "张三" || f.Customer.Capital != money.Yuan(10_000_000) || !f.Customer.Founded.IsZero() {
			t.Errorf("the profile %+v", f.Customer.Profile)
		}
		if len(f.Shareholders) != 1 || f.Shareholders[0].Name != "李四" || f.Shareholders[0].Share != 60 || f.Shareholders[0].Source != "工商登记（示例）" || f.Shareholders[0].AsOf != "2026-06-01" {
			t.Errorf("owners %+v", f.Shareholders)
		}
		if len(f.Contacts) != 1 || f.Contacts[0].Title != "监事" {
			t.Errorf("contacts %+v", f.Contacts)
		}
		history := story.See(w, w.Manager, customer.History, customer.HistoryInput{CustomerID: c.ID})
		at := slices.IndexFunc(history, func(v customer.FieldValue) bool { return v.Field == "legal_representative" && v.Value == "张三" })
		if at < 0 || history[at].Source != "工商登记（示例）" || history[at].AsOf != "2026-06-01" || history[at].By != "analyst" || !strings.HasPrefix(history[at].Evidence, "sha256:") {
			t.Errorf("history %+v", history)
		}

		// The same again: what was rejected stays rejected, what was accepted agrees.
		story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
		round(w)
		if p := pending(w, c.ID); len(p.Differences) != 1 || p.Differences[0].Slot != "field:registration_status" {
			t.Errorf("after the second fetch: %+v", p.Differences)
		}
		// The provider says something new about what was rejected.
		s.Knows(code, strings.Replace(company, "2015-03-02", "2015-03-03", 1))
		story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
		round(w)
		if d := slots(pending(w, c.ID))["field:founded"]; d.After != "2015-03-03" {
			t.Errorf("a new word on it: %+v", d)
		}
	})
}

// Two providers that disagree are not accepted in one go.
func TestProvidersThatDisagree(t *testing.T) {
	story.Each(t, func(w *story.World) {
		registry(w, nil)
		story.Must(w, operation.System("administrator"), provider.Save, provider.Config{Key: "partner", Mapping: provider.Examples()[3].Text, Enabled: true})
		c := story.Must(w, w.Manager, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司", USCC: code}})
		story.Must(w, w.Manager, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
		round(w)
		if _, err := w.Providers.TakeUpload(w.T.Context(), story.By(w.Manager), "partner", "a.csv", strings.NewReader("统一社会信用代码,法定代表人\n"+code+",李四\n")); err != nil {
			w.T.Fatal(err)
		}
		p := pending(w, c.ID)
		var both []string
		for _, d := range p.Differences {
			if d.Slot == "field:legal_representative" {
				both = append(both, d.ID)
			}
		}
		if len(both) != 2 {
			w.T.Fatalf("%d words on it", len(both))
		}
		_, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Analyst), provider.Accept, provider.Choice{CustomerID: c.ID, Version: p.Version, IDs: both})
		kindIs(w.T, "both", err, fault.KindInvalid)
		story.Must(w, w.Analyst, provider.Accept, provider.Choice{CustomerID: c.ID, Version: p.Version, IDs: both[:1]})
	})
}

// The value of a field may be refused by the file's own rules; then nothing is taken, and the field is named.
func TestAcceptIsAllOrNothing(t *testing.T) {
	story.Each(t, func(w *story.World) {
		s := registry(w, nil)
		s.Knows(code, strings.Replace(company, `"CreditCode":"91350100M000100Y43"`, `"CreditCode":"91350100M000100Y44"`, 1))
		c := story.Must(w, w.Manager, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司", USCC: code}})
		story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
		round(w)
		p := pending(w, c.ID)
		all := slots(p)
		_, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Analyst), provider.Accept, provider.Choice{CustomerID: c.ID, Version: p.Version,
			IDs: ids(all, "field:legal_representative", "field:uscc", "officer:王五")})
		if f := fault.As(err); f == nil || f.Kind != fault.KindInvalid || len(f.Fields) != 1 || f.Fields[0].Path != "uscc" {
			w.T.Errorf("a wrong check digit: %v", err)
		}
		f := story.See(w, w.Manager, customer.View, customer.ByIDInput{ID: c.ID})
		if f.Customer.LegalRepresentative != "" || len(f.Contacts) != 0 || len(pending(w, c.ID).Differences) != len(p.Differences) {
			w.T.Errorf("half of it was taken: %+v", f)
		}
	})
}

func TestAcceptedByItselfWhereTheAdministratorSaidSo(t *testing.T) {
	story.Each(t, func(w *story.World) {
		registry(w, func(c *provider.Config) { c.AutoFields = []string{"registered_address", "registration_status"} })
		c := story.Must(w, w.Manager, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司", USCC: code}})
		story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
		round(w)
		f := story.See(w, w.Manager, customer.View, customer.ByIDInput{ID: c.ID})
		if f.Customer.RegisteredAddress != "福州市鼓楼区一号" || f.Customer.RegistrationStatus != customer.InOperation || f.Customer.LegalRepresentative != "" {
			w.T.Errorf("%+v", f.Customer.Profile)
		}
		p := pending(w, c.ID)
		if _, waits := slots(p)["field:registered_address"]; waits || len(p.Decided) != 2 || p.Decided[0].DecidedBy != "provider registry" {
			w.T.Errorf("decided %+v", p.Decided)
		}
		_, err := operation.Run(w.T.Context(), w.Runner, story.By(w.Manager), provider.Save, provider.Config{})
		kindIs(w.T, "a manager sets up providers", err, fault.KindForbidden)
	})
}

// Every fault leaves the file alone; what may pass is tried again later, as late as the provider asks.
func TestFetchFaults(t *testing.T) {
	story.Each(t, func(w *story.World) {
		t := w.T
		w.Providers.BreakIn = 20 * time.Millisecond
		s := registry(w, nil)
		c := story.Must(w, w.Manager, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司", USCC: code}})
		for _, x := range []struct {
			fault   providertest.Fault
			outcome provider.Outcome
			least   time.Duration // until the next try; 0 = none
		}{
			{providertest.Silent, provider.Timeout, 30 * time.Second},
			{providertest.BusyFor, provider.Busy, 2 * time.Minute},
			{providertest.Down, provider.ServerError, 30 * time.Second},
			{providertest.Halved, provider.Broken, 30 * time.Second},
			{providertest.WrongTypes, provider.Unmapped, 0},
			{providertest.ErrorInside, provider.Rejected, 0},
			{providertest.Huge, provider.TooLarge, 0},
			{providertest.ToLoopback, provider.Refused, 0},
		} {
			job := story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
			s.Then(x.fault)
			if n := round(w); n != 1 {
				t.Fatalf("%s: %d jobs", x.fault, n)
			}
			got := pending(w, c.ID).Offers[0].Last
			if got.ID != job.ID || got.Outcome != x.outcome || strings.Contains(got.Detail, "k-7Zq") {
				t.Errorf("%s: %+v", x.fault, got)
			}
			if x.least == 0 {
				if got.Status != "failed" {
					t.Errorf("%s: %s", x.fault, got.Status)
				}
				continue
			}
			if wait := got.NextAt.Sub(w.Now); got.Status != "waiting" || wait < x.least || wait > x.least*6/5 {
				t.Errorf("%s: %s, next after %s", x.fault, got.Status, wait)
			}
			if n := round(w); n != 0 {
				t.Errorf("%s: tried again at once", x.fault)
			}
			w.Now = w.Now.Add(x.least * 6 / 5)
			if n := round(w); n != 1 {
				t.Errorf("%s: not tried again", x.fault)
			}
			if got := pending(w, c.ID).Offers[0].Last; got.Status != "done" || got.Attempts != 2 {
				t.Errorf("%s, then: %+v", x.fault, got)
			}
		}
		if f := story.See(w, w.Manager, customer.View, customer.ByIDInput{ID: c.ID}); f.Customer.Version != c.Version {
			t.Error("a fault changed the file")
		}
		// It gives up after six tries, each waiting longer.
		story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
		var waits []time.Duration
		for range 7 {
			s.Then(providertest.Halved)
			round(w)
			last := pending(w, c.ID).Offers[0].Last
			if last.Status == "failed" {
				break
			}
			waits = append(waits, last.NextAt.Sub(w.Now))
			w.Now = last.NextAt
			time.Sleep(40 * time.Millisecond) // longer than the breaker rests
		}
		if last := pending(w, c.ID).Offers[0].Last; last.Status != "failed" || last.Attempts != 6 || len(waits) != 5 {
			t.Errorf("in the end %+v after %v", last, waits)
		}
		for i := 1; i < len(waits); i++ {
			if waits[i] < 2*30*time.Second<<(i-1) || waits[i] > time.Hour*6/5 {
				t.Errorf("pauses %v", waits)
			}
		}
	})
}

func TestBreakerQuotaAndCosts(t *testing.T) {
	story.Each(t, func(w *story.World) {
		t, ctx := w.T, w.T.Context()
		w.Providers.BreakIn = 300 * time.Millisecond
		s := registry(w, func(c *provider.Config) { c.Mapping = strings.Replace(c.Mapping, "quota: 1000", "quota: 9", 1) })
		var made []customer.Customer
		for i := range 12 {
			made = append(made, story.Must(w, w.Manager, customer.Create, customer.New{Profile: customer.Profile{Name: fmt.Sprintf("示例第%d公司", i), USCC: ""}}))
		}
		mine := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司", USCC: code}})
		for range 5 {
			s.Then(providertest.Down)
		}
		// Five failures in a row, then the provider is left alone.
		for i := range 5 {
			story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: mine.ID})
			if n := round(w); n != 1 {
				t.Fatalf("round %d: %d jobs", i, n)
			}
			w.Now = w.Now.Add(20 * time.Minute)
		}
		if !w.Providers.Resting("registry") || round(w) != 0 || len(s.Seen()) != 5 {
			t.Errorf("resting %v, %d requests", w.Providers.Resting("registry"), len(s.Seen()))
		}
		time.Sleep(400 * time.Millisecond)
		if n := round(w); n != 1 || w.Providers.Resting("registry") || len(s.Seen()) != 6 {
			t.Errorf("after its rest: %d jobs, %d requests", n, len(s.Seen()))
		}
		// Customers without a code cost nothing: nothing is sent for them.
		story.Must(w, w.Manager, provider.Ask, provider.Order{Provider: "registry", CustomerID: made[0].ID})
		round(w)
		if last := pending(w, made[0].ID).Offers[0].Last; last.Outcome != provider.Incomplete || len(s.Seen()) != 6 {
			t.Errorf("without a code: %+v", last)
		}
		// Three calls are left of nine today; the trial counts too.
		trial, err := w.Providers.Try(ctx, story.By(operation.System("administrator")), "registry", provider.Subject{USCC: code})
		if err != nil || trial.Outcome != provider.Done || len(trial.Fields) == 0 {
			t.Errorf("trial %+v %v", trial, err)
		}
		for range 2 {
			story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: mine.ID})
			round(w)
		}
		job := story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: mine.ID})
		if n := round(w); n != 0 || len(s.Seen()) != 9 {
			t.Errorf("beyond the quota: %d jobs, %d requests", n, len(s.Seen()))
		}
		_, err = w.Providers.Try(ctx, story.By(operation.System("administrator")), "registry", provider.Subject{USCC: code})
		kindIs(t, "a trial beyond the quota", err, fault.KindBusy)
		_, err = w.Providers.Try(ctx, story.By(w.Manager), "registry", provider.Subject{USCC: code})
		kindIs(t, "a manager's trial", err, fault.KindForbidden)
		w.Now = w.Now.AddDate(0, 0, 1)
		if n := round(w); n != 1 {
			t.Error("the next day has a quota of its own")
		}
		if last := pending(w, mine.ID).Offers[0].Last; last.ID != job.ID || last.Status != "done" {
			t.Errorf("what waited is done: %+v", last)
		}
		// 10 calls were sent, 5 of them answered with 500 and not paid for: 5 × ¥0.20.
		costs := story.See(w, w.Manager, provider.ShowCosts, provider.AllInput{})
		if len(costs.Months) != 1 || costs.Months[0].Month != "2026-06" || costs.Months[0].Calls != 10 || costs.Months[0].Billed != 5 || costs.Months[0].Cost != money.Of(100, money.CNY) || costs.Months[0].Good != 5 {
			t.Errorf("costs %+v", costs.Months)
		}
		if len(costs.Calls) != 11 {
			t.Errorf("the log has %d entries", len(costs.Calls))
		}
	})
}

func TestRefreshManyIsResumed(t *testing.T) {
	story.Each(t, func(w *story.World) {
		t := w.T
		s := registry(w, nil)
		for i := range 120 {
			actor := w.Sales
			if i%2 == 1 {
				actor = w.Sales2
			}
			story.Must(w, actor, customer.Create, customer.New{Profile: customer.Profile{Name: fmt.Sprintf("示例第%d公司", i), Region: map[bool]string{true: "福建", false: "浙江"}[i%4 < 2]}})
		}
		_, err := operation.Run(t.Context(), w.Runner, story.By(w.Manager), provider.RefreshMany, provider.ManyOrder{Provider: "registry", Filters: []listing.Filter{{Column: "nonsense", Value: "x"}}})
		kindIs(t, "a filter that is none", err, fault.KindInvalid)
		b := story.Must(w, w.Manager, provider.RefreshMany, provider.ManyOrder{Provider: "registry", Filters: []listing.Filter{{Column: "region", Value: "福建"}}})
		round(w) // the first step: 50 of 60
		seen := func() provider.Batch {
			for _, x := range story.See(w, w.Manager, provider.ShowCosts, provider.AllInput{}).Batches {
				if x.ID == b.ID {
					return x
				}
			}
			t.Fatal("the batch is gone")
			return b
		}
		if x := seen(); x.Jobs != 50 || x.Status != "running" {
			t.Errorf("after a step: %+v", x)
		}
		// Another process takes over.
		w.Providers = &provider.Fetcher{Runner: w.Runner, Store: w.Providers.Store, Dir: w.Providers.Dir, Log: w.Providers.Log}
		for range 5 {
			round(w)
		}
		if x := seen(); x.Jobs != 60 || x.Status != "done" || x.Open != 0 || x.Failed != 60 { // none has a credit code
			t.Errorf("at the end: %+v", x)
		}
		// A batch is its starter's: it reaches no further than his scope.
		starter := w.Sales
		starter.May = w.Manager.May
		narrow := story.Must(w, starter, provider.RefreshMany, provider.ManyOrder{Provider: "registry"})
		for range 2 {
			round(w)
		}
		for _, x := range story.See(w, w.Manager, provider.ShowCosts, provider.AllInput{}).Batches {
			if x.ID == narrow.ID && x.Jobs != 60 {
				t.Errorf("within the starter's scope: %+v", x)
			}
		}
		last := story.Must(w, w.Manager, provider.RefreshMany, provider.ManyOrder{Provider: "registry"})
		round(w)
		if x := story.Must(w, w.Manager, provider.StopBatch, provider.BatchID{ID: last.ID}); x.Status != "stopped" {
			t.Errorf("%+v", x)
		}
		round(w)
		if len(s.Seen()) != 0 {
			t.Errorf("%d requests for customers without a code", len(s.Seen()))
		}
	})
}

// A process that died within a fetch leaves a job that is running; when its lease has ended another takes it.
func TestLeaseOfADeadProcess(t *testing.T) {
	story.Each(t, func(w *story.World) {
		s := registry(w, nil)
		c := story.Must(w, w.Manager, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司", USCC: code}})
		story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
		dying, kill := context.WithTimeout(context.Background(), 150*time.Millisecond)
		defer kill()
		s.Then(providertest.Silent)
		if _, err := w.Providers.Round(dying); err == nil {
			w.T.Fatal("it was not killed")
		}
		if last := pending(w, c.ID).Offers[0].Last; last.Status != "running" {
			w.T.Fatalf("%+v", last)
		}
		if n := round(w); n != 0 {
			w.T.Error("taken while its lease runs")
		}
		w.Now = w.Now.Add(11 * time.Minute)
		if n := round(w); n != 1 {
			w.T.Error("not taken after its lease ended")
		}
		if last := pending(w, c.ID).Offers[0].Last; last.Status != "done" {
			w.T.Errorf("%+v", last)
		}
		// The call that nobody saw end counts against the quota, and is told.
		costs := story.See(w, w.Manager, provider.ShowCosts, provider.AllInput{})
		if len(costs.Calls) != 2 || costs.Calls[1].Outcome != provider.Running || costs.Months[0].Calls != 2 {
			w.T.Errorf("%+v", costs.Calls)
		}
	})
}

func TestPartnersFiles(t *testing.T) {
	story.Each(t, func(w *story.World) {
		t, ctx := w.T, context.WithoutCancel(w.T.Context())
		admin := operation.System("administrator")
		story.Must(w, admin, provider.Save, provider.Config{Key: "partner", Mapping: provider.Examples()[3].Text, Enabled: true})
		c := story.Must(w, w.Sales, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司", USCC: code}})
		other := story.Must(w, w.Sales2, customer.Create, customer.New{Profile: customer.Profile{Name: "示例二公司"}})
		dir := filepath.Join(w.Data, "drop", "partner")
		put := func(name, content string, age time.Duration) {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			then := time.Now().Add(-age)
			if err := os.Chtimes(path, then, then); err != nil {
				t.Fatal(err)
			}
		}
		table := "统一社会信用代码,企业名称,法定代表人,注册资本,住所,成立日期,数据日期\n" + code + ",示例一公司,张三,500,福州市一号,2015/3/2,2026-05-31\n,示例二公司,李四,1000万美元,,,2026-05-31\n,没有这家,王五,,,,\n,示例二公司,赵六,很多,,,\n"
		put("2026-05.csv", table, time.Minute)
		put("writing.csv.part", table+"\n", time.Minute)
		put("young.csv", table+"\n\n", 0)
		put("broken.json", `[{"企业名称":`, time.Minute)
		if err := w.Providers.TakeFiles(ctx); err != nil {
			t.Fatal(err)
		}
		files := story.See(w, w.Manager, provider.ShowFiles, provider.KeyInput{Key: "partner"})
		byName := map[string]provider.File{}
		for _, f := range files {
			byName[f.Name] = f
		}
		if f := byName["2026-05.csv"]; len(files) != 2 || f.Items != 4 || f.Matched != 2 || len(f.Unmatched) != 2 || !strings.Contains(f.Unmatched[0], "3: 没有这家") || !strings.Contains(f.Unmatched[1], "很多") {
			t.Errorf("files %+v", files)
		}
		if f := byName["broken.json"]; f.Items != 0 || !strings.Contains(f.Detail, "not JSON") {
			t.Errorf("broken: %+v", f)
		}
		all := slots(pending(w, c.ID))
		if len(all) != 4 || all["field:capital"].After != "CNY 5000000.00" || all["field:founded"].After != "2015-03-02" || all["field:capital"].AsOf != "2026-05-31" {
			t.Errorf("differences %+v", all)
		}
		if d := slots(pending(w, other.ID)); d["field:capital"].After != "USD 10000000.00" {
			t.Errorf("the second company %+v", d)
		}
		// The same content under another name is not processed again, by folder or by hand.
		put("copy.csv", table, time.Minute)
		if err := w.Providers.TakeFiles(ctx); err != nil {
			t.Fatal(err)
		}
		if f, err := w.Providers.TakeUpload(ctx, story.By(w.Manager), "partner", "again.csv", strings.NewReader(table)); err != nil || !f.Known {
			t.Errorf("again %+v %v", f, err)
		}
		if again := story.See(w, w.Manager, provider.ShowFiles, provider.KeyInput{Key: "partner"}); len(again) != 2 {
			t.Errorf("%d files", len(again))
		}
		_, err := w.Providers.TakeUpload(ctx, story.By(w.Sales), "partner", "x.csv", strings.NewReader(table))
		kindIs(t, "sales uploads", err, fault.KindForbidden)
		// Fetch now looks into the files as well; it finds the newest word.
		put("2026-06.json", `[{"统一社会信用代码":"`+code+`","企业名称":"示例一公司","法定代表人":"新人"}]`, 10*time.Second)
		story.Must(w, w.Manager, provider.Ask, provider.Order{Provider: "partner", CustomerID: c.ID})
		round(w)
		if d := slots(pending(w, c.ID))["field:legal_representative"]; d.After != "新人" {
			t.Errorf("%+v", d)
		}
	})
}

// What a person accepted reaches the event log, where rules see it.
func TestAcceptedFactsReachTheEventLog(t *testing.T) {
	story.Each(t, func(w *story.World) {
		registry(w, nil)
		c := story.Must(w, w.Manager, customer.Create, customer.New{Profile: customer.Profile{Name: "示例一公司", USCC: code, LegalRepresentative: "老张"}})
		story.Must(w, w.Analyst, provider.Ask, provider.Order{Provider: "registry", CustomerID: c.ID})
		round(w)
		p := pending(w, c.ID)
		story.Must(w, w.Analyst, provider.Accept, provider.Choice{CustomerID: c.ID, Version: p.Version, IDs: ids(slots(p), "field:legal_representative")})
		var topics []string
		rows, err := w.DB.Query(w.T.Context(), `SELECT topic FROM outbox WHERE subject = $1 ORDER BY topic`, c.ID)
		if err != nil {
			w.T.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var topic string
			if err := rows.Scan(&topic); err != nil {
				w.T.Fatal(err)
			}
			topics = append(topics, topic)
		}
		if err := rows.Err(); err != nil || !slices.Contains(topics, provider.RegistryChanged) {
			w.T.Errorf("topics %v", topics)
		}
		w.React()
	})
}
