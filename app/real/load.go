package real

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/emergency"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring/rule"
	"github.com/xinheng/xinheng/screening"
)

// Options say where the data lie. Set moves the clock of the app: the replay lives through the dates of its events.
type Options struct {
	Dir      string
	Set      func(now time.Time)
	Progress func(what string)
}

// Summary is what the load did.
type Summary struct {
	Companies  int            `json:"companies"`
	Statements int            `json:"statements"`
	Refused    int            `json:"refused"`
	Listed     int            `json:"listed_parties"`
	Hits       int            `json:"hits"`
	Events     int            `json:"events"`
	Assessed   int            `json:"assessed"`
	Grades     map[string]int `json:"grades"`
	Limits     int            `json:"limits"`
	Orders     map[string]int `json:"orders"` // by decision
	Seconds    float64        `json:"seconds"`
}

// Judged is the day on which the companies are assessed: the newest statements are those of March 2018.
const Judged = clock.Date("2018-06-29")

const atOnce = 8 // operations at a time, which then share commits

type loader struct {
	Options
	app   *app.App
	codes []string // of the companies, in order
	out   Summary
}

// People are who act in the load: an analyst proposes, a manager and two members of the committee approve.
func People() (analyst, manager operation.Actor, committee [2]operation.Actor) {
	actor := func(login string, role access.Role) operation.Actor {
		return access.User{ID: "real-" + login, Login: login, Name: login, Scope: operation.ScopeAll, Roles: []access.Role{role}}.Actor()
	}
	return actor("analyst", access.Analyst), actor("manager", access.CreditManager), [2]operation.Actor{actor("committee1", access.Committee), actor("committee2", access.Committee)}
}

// Users are the same people with a password to sign in, and an administrator.
func Users(password string) []access.NewUser {
	user := func(login string, role access.Role) access.NewUser {
		return access.NewUser{ID: "real-" + login, Login: login, Name: login, Password: access.Secret(password), Scope: operation.ScopeAll, Roles: []access.Role{role}}
	}
	return []access.NewUser{user("admin", access.Admin), user("manager", access.CreditManager), user("analyst", access.Analyst), user("committee1", access.Committee), user("committee2", access.Committee)}
}

// Load loads everything, in the order of the credit cycle.
func Load(ctx context.Context, a *app.App, o Options) (Summary, error) {
	l := &loader{Options: o, app: a}
	began := time.Now()
	for _, step := range []struct {
		what string
		do   func(ctx context.Context) error
	}{
		{"companies", l.companies}, {"watch lists", l.lists}, {"invoices and payments as events", l.replay}, {"statements", l.statements},
		{"assessments", l.assess}, {"limits", l.limits}, {"orders", l.orders},
	} {
		o.Progress(step.what)
		if err := step.do(ctx); err != nil {
			return l.out, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	err := a.Settle(ctx)
	l.out.Seconds = time.Since(began).Seconds()
	return l.out, err
}

func run[In, Out any](ctx context.Context, l *loader, a operation.Actor, o *operation.Operation[In, Out], in In) (Out, error) {
	return operation.Run(ctx, l.app.Runner, operation.Call{Actor: a, Door: "cli"}, o, in)
}

func (l *loader) each(ctx context.Context, do func(ctx context.Context, code, id string) error) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(atOnce)
	for _, code := range l.codes {
		all.Go(func() error {
			if err := do(ctx, code, ID(code)); err != nil {
				return fmt.Errorf("%s: %w", code, err)
			}
			return nil
		})
	}
	return all.Wait()
}

// ID is the customer id of a company's code.
func ID(code string) string { return "a-share-" + code }

func (l *loader) archives() ([]string, error) {
	all, err := filepath.Glob(filepath.Join(l.Dir, "statements", "a_share", "*.zip"))
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("no archives in %s", l.Dir)
	}
	return all, err
}

// companies creates a customer for each company that has statements.
func (l *loader) companies(ctx context.Context) error {
	archives, err := l.archives()
	if err != nil {
		return err
	}
	for _, name := range archives {
		z, err := zip.OpenReader(name)
		if err != nil {
			return err
		}
		for _, f := range z.File {
			if code, ok := strings.CutPrefix(strings.TrimSuffix(f.Name, ".csv"), "zcfzb_"); ok {
				l.codes = append(l.codes, code)
			}
		}
		if err := z.Close(); err != nil {
			return err
		}
	}
	slices.Sort(l.codes)
	basics, err := table(filepath.Join(l.Dir, "a_share_ratios", "stock_basics.csv.gz"), "code")
	if err != nil {
		return err
	}
	later, err := table(filepath.Join(l.Dir, "statements", "labels_2020.csv"), "code")
	if err != nil {
		return err
	}
	l.Set(time.Date(2012, 1, 1, 1, 0, 0, 0, time.UTC))
	analyst, _, _ := People()
	taken := map[string]bool{}
	for _, code := range l.codes {
		p := customer.Profile{Name: basics[code]["name"], ExternalRef: code, Industry: industries[basics[code]["industry"]], Region: basics[code]["area"], Status: customer.Active, TermsDays: 30}
		if p.Name == "" {
			p.Name = later[code]["name_2020"]
		}
		if key := customer.NameKey(p.Name); key == "" || len([]rune(p.Name)) < 2 || taken[key] {
			p.Name = strings.TrimSpace(p.Name + " " + code) // a short name that another company has too
		}
		taken[customer.NameKey(p.Name)] = true
		if _, err := run(ctx, l, analyst, customer.Create, customer.New{ID: ID(code), Profile: p}); err != nil {
			return fmt.Errorf("%s %s: %w", code, p.Name, err)
		}
	}
	l.out.Companies = len(l.codes)
	return nil
}

func (l *loader) statements(ctx context.Context) error {
	l.Set(Judged.Time().Add(2 * time.Hour))
	archives, err := l.archives()
	if err != nil {
		return err
	}
	analyst, _, _ := People()
	for _, name := range archives {
		z, err := zip.OpenReader(name)
		if err != nil {
			return err
		}
		done, err := l.app.ImportStatements(ctx, operation.Call{Actor: analyst, Door: "cli"}, "netease", z, app.Source(name, "as published"), func(code string, err error) {
			l.Progress(fmt.Sprintf("%s was refused: %v", code, err))
		})
		if err != nil {
			return err
		}
		l.out.Statements += done.Statements
		l.out.Refused += done.Refused
		if err := z.Close(); err != nil {
			return err
		}
	}
	return nil
}

// lists loads the watch lists and screens all companies.
func (l *loader) lists(ctx context.Context) error {
	_, manager, _ := People()
	for _, s := range []struct {
		source string
		files  []string
	}{{"ofac_sdn", []string{"sdn.csv.gz", "alt.csv.gz"}}, {"ofac_consolidated", []string{"cons_prim.csv.gz", "cons_alt.csv.gz"}}, {"un", []string{"UN_consolidated.xml.gz"}}, {"china", []string{"opensanctions_cn_sanctions.csv.gz"}}} {
		in := screening.Load{Source: s.source, Accept: true}
		for _, name := range s.files {
			raw, err := unzip(filepath.Join(l.Dir, "watchlists", name))
			if err != nil {
				return err
			}
			in.Files = append(in.Files, raw)
		}
		list, err := run(ctx, l, manager, screening.LoadList, in)
		if err != nil {
			return fmt.Errorf("%s: %w", s.source, err)
		}
		l.out.Listed += list.Entries
	}
	for batch := (screening.Batch{}); ; {
		done, err := run(ctx, l, manager, screening.ScreenAll, batch)
		if err != nil {
			return err
		}
		l.out.Hits += done.Hits
		if batch.After = done.Next; done.Next == "" {
			return nil
		}
	}
}

// plan is activated by what the replay holds: no invoice of it is later than 45 days.
const plan = `id: overdue_30
name: {zh: 逾期超过 30 天应急预案, en: More than 30 days overdue}
level: 3
trigger: {rules: [overdue], severity: high}
tasks:
  - {title: {zh: 电话催收并核实原因, en: Call and find out why}, role: collector, hours: 24}
actions:
  - {kind: freeze_limit, automatic: true}
exit: {zh: 逾期款项已收回, en: The overdue money is in}
`

// replay sends invoices and payments as events, week by week in the order of their dates, with the daily round at each
// week's end.
func (l *loader) replay(ctx context.Context) error {
	_, manager, _ := People()
	if _, err := run(ctx, l, manager, emergency.SavePlan, emergency.SavePlanInput{Source: plan}); err != nil {
		return err
	}
	events, err := l.events()
	if err != nil {
		return err
	}
	l.out.Events = len(events)
	sender := operation.System("replay")
	for len(events) > 0 {
		end := events[0].At.AddDate(0, 0, 7)
		n := slices.IndexFunc(events, func(e rule.Event) bool { return !e.At.Before(end) })
		if n < 0 {
			n = len(events)
		}
		l.Set(end)
		if _, err := l.app.Intake.Take(ctx, sender, events[:n]); err != nil {
			return err
		}
		events = events[n:]
		for _, step := range []func(context.Context) error{l.app.Settle, l.app.DailyRound, l.app.Settle} {
			if err := step(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loader) events() ([]rule.Event, error) {
	raw, err := os.ReadFile(filepath.Join(l.Dir, "receivables", "ibm_accounts_receivable.csv"))
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	buyers := map[string]string{} // of the sample → our company
	for _, row := range rows[1:] {
		buyers[row[column["customerID"]]] = ""
	}
	for i, id := range slices.Sorted(maps.Keys(buyers)) {
		buyers[id] = ID(l.codes[i])
	}
	var all []rule.Event
	for _, row := range rows[1:] {
		get := func(name string) string { return row[column[name]] }
		var days [3]time.Time
		for i, name := range []string{"InvoiceDate", "DueDate", "SettledDate"} {
			if days[i], err = time.Parse("1/2/2006", get(name)); err != nil {
				return nil, err
			}
		}
		sum, err := money.Parse(get("InvoiceAmount"), money.CNY)
		if err != nil {
			return nil, err
		}
		number, buyer := get("invoiceNumber"), buyers[get("customerID")]
		text := func(t time.Time) string { return t.Format(time.DateOnly) }
		all = append(all, rule.Event{Source: "ibm", ID: "invoice " + number, Type: "invoice.issued", CustomerID: buyer, At: days[0].Add(time.Hour), Amount: &sum,
			Texts: map[string]string{"number": number, "issued_on": text(days[0]), "due_on": text(days[1])}},
			rule.Event{Source: "ibm", ID: "payment " + number, Type: "payment.received", CustomerID: buyer, At: days[2].Add(2 * time.Hour), Amount: &sum,
				Texts: map[string]string{"number": "P" + number, "invoice_number": number, "received_on": text(days[2])}})
	}
	slices.SortStableFunc(all, func(a, b rule.Event) int { return a.At.Compare(b.At) })
	return all, nil
}

func (l *loader) assess(ctx context.Context) error {
	analyst, _, _ := People()
	l.out.Grades = map[string]int{}
	grades := make(chan string, len(l.codes))
	err := l.each(ctx, func(ctx context.Context, _, id string) error {
		a, err := run(ctx, l, analyst, assessment.Assess, assessment.Run{CustomerID: id})
		grades <- a.Grade
		return err
	})
	close(grades)
	for g := range grades {
		l.out.Grades[g]++
		l.out.Assessed++
	}
	return err
}

// limits applies for what the assessment recommends, and takes each application through its chain.
func (l *loader) limits(ctx context.Context) error {
	analyst, manager, committee := People()
	made := make(chan struct{}, len(l.codes))
	err := l.each(ctx, func(ctx context.Context, _, id string) error {
		a, found, err := assessment.LatestFor(ctx, l.app.DB, id)
		if err != nil || !found || !a.Recommended.Positive() {
			return err
		}
		asked, err := run(ctx, l, analyst, limit.Apply, limit.Application{CustomerID: id, Amount: a.Recommended, Reason: "as recommended"})
		if err != nil {
			return err
		}
		request := asked.Approval
		for _, voter := range []operation.Actor{manager, committee[0], committee[1]} {
			if request.Status != approval.Waiting {
				break
			}
			done, err := run(ctx, l, voter, limit.Decide, approval.Decision{RequestID: request.ID, Version: request.Version, Verdict: approval.Approve, Reason: "as recommended"})
			if err != nil {
				return err
			}
			request = done.Approval
		}
		made <- struct{}{}
		return nil
	})
	l.out.Limits = len(made)
	return err
}

// orders checks three orders of each of the first hundred companies: a tenth of its limit, the whole, and one that no
// limit bears.
func (l *loader) orders(ctx context.Context) error {
	_, manager, _ := People()
	l.out.Orders = map[string]int{}
	for _, code := range l.codes[:min(100, len(l.codes))] {
		in, err := limit.ActiveFor(ctx, l.app.DB, ID(code), money.CNY, Judged)
		if err != nil {
			return err
		}
		sizes := []money.Amount{money.Yuan(100_000), money.Yuan(1_000_000), money.Yuan(1_000_000_000)}
		if in != nil {
			sizes[0], sizes[1] = money.Of(in.Amount.Minor/10, money.CNY), in.Amount
		}
		for i, size := range sizes {
			done, err := run(ctx, l, manager, ordercheck.Submit, ordercheck.NewOrder{CustomerID: ID(code), Number: fmt.Sprintf("SO-%s-%d", code, i+1), Amount: size, OrderedOn: Judged})
			if err != nil {
				return fmt.Errorf("%s: %w", code, err)
			}
			l.out.Orders[string(done.Check.Decision)]++
		}
	}
	return nil
}

func unzip(name string) ([]byte, error) {
	raw, err := os.ReadFile(name)
	if err != nil || !strings.HasSuffix(name, ".gz") {
		return raw, err
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return io.ReadAll(z)
}

// table reads a CSV with a header by a key column; of rows with one key the first stands.
func table(name, key string) (map[string]map[string]string, error) {
	raw, err := unzip(name)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	all := map[string]map[string]string{}
	at := slices.Index(rows[0], key)
	for _, row := range rows[1:] {
		if all[row[at]] != nil {
			continue
		}
		all[row[at]] = map[string]string{}
		for i, column := range rows[0] {
			all[row[at]][column] = row[i]
		}
	}
	return all, nil
}
