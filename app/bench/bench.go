// Package bench measures the product against a bare baseline of the same engine in the same run, so that a figure means
// something on any machine. It works on an installation of its own, in a folder that it is given.
package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/eventlog"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring/rule"
)

// Result is a measurement. Times are milliseconds; Ratio is Rate over the baseline's.
type Result struct {
	What     string  `json:"what"`
	Engine   string  `json:"engine"`
	Clients  int     `json:"clients"`
	Rate     float64 `json:"rate"` // per second
	P50      float64 `json:"p50_ms"`
	P95      float64 `json:"p95_ms"`
	P99      float64 `json:"p99_ms"`
	Baseline float64 `json:"baseline"` // per second
	Bare     string  `json:"baseline_is"`
	Ratio    float64 `json:"ratio"`
	Machine  string  `json:"machine"`
}

func (r Result) withBaseline(rate float64, what string) Result {
	r.Baseline, r.Bare, r.Machine = rate, what, machine()
	if rate > 0 {
		r.Ratio = r.Rate / rate
	}
	return r
}

// machine names the processor and how many of it there are.
func machine() string {
	model := runtime.GOARCH
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", model, runtime.NumCPU(), runtime.Version())
}

// measure runs do from several clients for a time, and gives rate and waiting times.
func measure(what string, clients int, length time.Duration, do func(client, n int) error) (Result, error) {
	var wg sync.WaitGroup
	var failed atomic.Value
	waits := make([][]float64, clients)
	began := time.Now()
	end := began.Add(length)
	for c := range clients {
		wg.Go(func() {
			for n := 0; time.Now().Before(end) && failed.Load() == nil; n++ {
				start := time.Now()
				if err := do(c, n); err != nil {
					failed.Store(err)
					return
				}
				waits[c] = append(waits[c], float64(time.Since(start).Microseconds())/1000)
			}
		})
	}
	wg.Wait()
	took := time.Since(began).Seconds()
	if err, ok := failed.Load().(error); ok {
		return Result{}, err
	}
	all := slices.Concat(waits...)
	r := quantiles(Result{What: what, Clients: clients}, all)
	r.Rate = float64(len(all)) / took
	return r, nil
}

func quantiles(r Result, waits []float64) Result {
	slices.Sort(waits)
	at := func(q float64) float64 {
		if len(waits) == 0 {
			return 0
		}
		return waits[min(len(waits)-1, int(q*float64(len(waits))))]
	}
	r.P50, r.P95, r.P99 = at(.5), at(.95), at(.99)
	return r
}

var system = operation.System("bench")

func run[In, Out any](ctx context.Context, a *app.App, o *operation.Operation[In, Out], in In) (Out, error) {
	return operation.Run(ctx, a.Runner, operation.Call{Actor: system, Door: "bench"}, o, in)
}

// customers creates customers; with a limit that no benchmark uses up when limited.
func customers(ctx context.Context, a *app.App, n int, limited bool) ([]string, error) {
	voter := func(role access.Role, name string) operation.Actor {
		return access.User{ID: name, Login: name, Name: name, Scope: operation.ScopeAll, Roles: []access.Role{role}}.Actor()
	}
	voters := []operation.Actor{voter(access.CreditManager, "bench-1"), voter(access.Committee, "bench-2"), voter(access.Committee, "bench-3")}
	ids := make([]string, n)
	for i := range ids {
		c, err := run(ctx, a, customer.Create, customer.New{Profile: customer.Profile{Name: fmt.Sprintf("基准客户 %d 有限公司", i), Status: customer.Active}})
		if err != nil {
			return nil, err
		}
		if ids[i] = c.ID; !limited {
			continue
		}
		asked, err := run(ctx, a, limit.Apply, limit.Application{CustomerID: c.ID, Amount: money.Yuan(1e12), Reason: "bench"})
		if err != nil {
			return nil, err
		}
		for request := asked.Approval; request.Status == approval.Waiting; voters = append(voters[1:], voters[0]) {
			decided, err := operation.Run(ctx, a.Runner, operation.Call{Actor: voters[0]}, limit.Decide, approval.Decision{RequestID: request.ID, Version: request.Version, Verdict: approval.Approve})
			if err != nil {
				continue // not the turn of this role
			}
			request = decided.Approval
		}
	}
	return ids, nil
}

// OrderCheck measures durable order checks with 64 clients and with one, each against bare transactions that update one
// row of the same database with as many clients.
func OrderCheck(ctx context.Context, a *app.App, length time.Duration) ([]Result, error) {
	ids, err := customers(ctx, a, 1024, true)
	if err != nil {
		return nil, err
	}
	if err := a.Settle(ctx); err != nil {
		return nil, err
	}
	var results []Result
	for _, clients := range []int{64, 1} {
		bare, err := bareUpdates(ctx, a.DB, clients, length)
		if err != nil {
			return nil, err
		}
		var number atomic.Int64
		r, err := measure("order-check", clients, length, func(client, n int) error {
			out, err := run(ctx, a, ordercheck.Submit, ordercheck.NewOrder{CustomerID: ids[(client*16+n)%len(ids)], Number: fmt.Sprintf("B%d-%d", clients, number.Add(1)), Amount: money.Yuan(100)})
			if err == nil && out.Check.Decision != ordercheck.Approve {
				err = fmt.Errorf("an order of the benchmark was not approved: %v", out.Check.Reasons)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		r.Engine = string(a.DB.Engine())
		results = append(results, r.withBaseline(bare, "transactions that update one row"))
	}
	return results, nil
}

func bareUpdates(ctx context.Context, db *database.DB, clients int, length time.Duration) (float64, error) {
	if _, err := db.Pool().ExecContext(ctx, `CREATE TABLE IF NOT EXISTS bench_row (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)`); err != nil {
		return 0, err
	}
	for c := range clients {
		if _, err := db.Pool().ExecContext(ctx, `INSERT INTO bench_row (id, n) VALUES ($1, 0) ON CONFLICT (id) DO NOTHING`, c); err != nil {
			return 0, err
		}
	}
	r, err := measure("bare", clients, length, func(client, _ int) error {
		tx, err := db.Pool().BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE bench_row SET n = n + 1 WHERE id = $1`, client); err != nil {
			_ = tx.Rollback()
			return err
		}
		return tx.Commit()
	})
	return r.Rate, err
}

// Events measures events from the door to applied windows and alerts, in batches of a thousand about a thousand
// customers with the library's rules, against bare appends of the same records to the log.
func Events(ctx context.Context, a *app.App, length time.Duration) ([]Result, error) {
	ids, err := customers(ctx, a, 1000, false)
	if err != nil {
		return nil, err
	}
	bare, err := bareAppends(ctx, a.Events, ids, length)
	if err != nil {
		return nil, err
	}
	if err := a.Settle(ctx); err != nil { // the bare records are applied before the clock starts
		return nil, err
	}
	watch, stop := context.WithCancel(ctx)
	defer stop()
	go a.Watch.Run(watch)

	var sent, batches int
	var waits []float64
	began := time.Now()
	for time.Since(began) < length {
		start := time.Now()
		if _, err := a.Intake.Take(ctx, system, batch(ids, "door", batches)); err != nil {
			return nil, err
		}
		sent += batchSize
		if batches++; batches%16 == 0 { // a watched batch: from the door to the database
			if err := applied(ctx, a); err != nil {
				return nil, err
			}
			waits = append(waits, float64(time.Since(start).Microseconds())/1000)
		}
	}
	if err := applied(ctx, a); err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	var alerts int64
	if err := a.DB.QueryRow(ctx, `SELECT COUNT(*) FROM alert`).Scan(&alerts); err != nil {
		return nil, err
	}
	r := quantiles(Result{What: fmt.Sprintf("events (%d sent, %d alerts open)", sent, alerts), Clients: 1, Engine: string(a.DB.Engine()), Rate: float64(sent) / took}, waits)
	return []Result{r.withBaseline(bare, "appends of the same records to the log")}, nil
}

const batchSize = 1000

// batch makes events: most are settled invoices, orders and overdue notices that the rules listen to.
func batch(ids []string, source string, n int) []rule.Event {
	events := make([]rule.Event, batchSize)
	now := time.Now().UTC()
	for i := range events {
		amount := money.Yuan(int64(100 + i))
		e := rule.Event{Source: source, ID: fmt.Sprintf("%d-%d", n, i), CustomerID: ids[(i*7+n)%len(ids)], At: now.Add(-time.Duration(i%300) * 24 * time.Hour), Amount: &amount}
		switch i % 10 {
		case 0, 1, 2, 3, 4:
			e.Type, e.Numbers = "invoice.settled", map[string]float64{"days_late": float64(i % 20)}
		case 5, 6, 7, 8:
			e.Type = "account.moved"
		default:
			e.Type, e.Numbers = "invoice.overdue", map[string]float64{"days_late": float64(i % 32)}
		}
		events[i] = e
	}
	return events
}

func bareAppends(ctx context.Context, log *eventlog.Log, ids []string, length time.Duration) (float64, error) {
	in := 0
	began := time.Now()
	for n := 0; time.Since(began) < length/3; n++ {
		records := make([]eventlog.Record, 0, batchSize)
		for _, e := range batch(ids, "bare", n) {
			records = append(records, eventlog.Record{Key: e.CustomerID, Data: []byte(`{"source":"bare","id":"` + e.ID + `","type":"activity.noted","customer_id":"` + e.CustomerID + `","at":"2026-01-01T00:00:00Z","texts":{"note":"` + strings.Repeat("x", 100) + `"}}`)})
		}
		if err := log.Append(ctx, records); err != nil {
			return 0, err
		}
		in += len(records)
	}
	return float64(in) / time.Since(began).Seconds(), nil
}

// applied waits until all that the log holds is applied.
func applied(ctx context.Context, a *app.App) error {
	for p := range a.Events.Partitions() {
		last, err := a.Events.Last(ctx, p)
		if err != nil {
			return err
		}
		for {
			done, err := a.Watch.Progress(ctx, p)
			if err != nil {
				return err
			}
			if done >= last {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(2 * time.Millisecond):
			}
		}
	}
	return nil
}

// Page measures the server's time for a customer's page at a hundred thousand customers, against reading one row.
func Page(ctx context.Context, a *app.App, get func(path string) (status int, err error), length time.Duration, progress func(string)) ([]Result, error) {
	full, err := fill(ctx, a, progress)
	if err != nil {
		return nil, err
	}
	bare, err := measure("bare", 1, length/3, func(_, n int) error {
		_, err := customer.ByID(ctx, a.DB, full[n%len(full)])
		return err
	})
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, path := range []string{"/customers/%s", "/customers/%s/assessment", "/customers/%s/receivables", "/customers?q=%s"} {
		r, err := measure("page "+path, 1, length, func(_, n int) error {
			at := full[n%len(full)]
			if strings.Contains(path, "?q=") {
				at = fmt.Sprint(n % 1000)
			}
			status, err := get(fmt.Sprintf(path, at))
			if err == nil && status != http.StatusOK {
				err = fmt.Errorf("%s answered %d", path, status)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		r.Engine = string(a.DB.Engine())
		results = append(results, r.withBaseline(bare.Rate, "reading one customer's row"))
	}
	return results, nil
}

const (
	manyCustomers = 100_000
	fullCustomers = 300 // with statements, assessments and documents, as the sample portfolio makes them
	perCustomer   = 3   // invoices of each of the others
)

// fill makes the portfolio: the sample, and plain customers with invoices up to a hundred thousand.
func fill(ctx context.Context, a *app.App, progress func(string)) ([]string, error) {
	full, err := database.Collect(ctx, a.DB, scanID, `SELECT id FROM customer ORDER BY id`)
	if err != nil {
		return nil, err
	}
	today := clock.DateOf(time.Now())
	const chunk = 2000
	for start := len(full); start < manyCustomers; start += chunk {
		progress(fmt.Sprintf("%d customers", start))
		if err := a.DB.Write(ctx, func(tx *database.Tx) error { return plain(ctx, tx, start, min(chunk, manyCustomers-start), today) }); err != nil {
			return nil, err
		}
	}
	_, err = a.DB.Pool().ExecContext(ctx, "ANALYZE")
	return full, err
}

func plain(ctx context.Context, tx *database.Tx, start, n int, today clock.Date) error {
	var people, books, balances [][]any
	now := database.Micros(time.Now())
	for i := start; i < start+n; i++ {
		id := fmt.Sprintf("plain-%06d", i)
		name := fmt.Sprintf("普通客户 %d 有限公司", i)
		people = append(people, []any{id, name, customer.NameKey(name), "CNY", "active", now, now})
		for k := range perCustomer {
			books = append(books, []any{fmt.Sprintf("%s-%d", id, k), id, fmt.Sprintf("F%d-%d", i, k), 100_000, 100_000, "CNY", string(today.AddDays(-30 * k)), string(today.AddDays(30 - 30*k)), now})
		}
		balances = append(balances, []any{id, "CNY", int64(0), int64(perCustomer * 100_000), int64(0)})
	}
	if err := tx.InsertMany(ctx, "customer", []string{"id", "name", "name_key", "currency", "status", "created_at", "updated_at"}, people); err != nil {
		return err
	}
	if err := tx.InsertMany(ctx, "invoice", []string{"id", "customer_id", "number", "amount_minor", "open_minor", "currency", "issued_on", "due_on", "created_at"}, books); err != nil {
		return err
	}
	return tx.InsertMany(ctx, "customer_balance", []string{"customer_id", "currency", "open_orders_minor", "invoiced_minor", "on_account_minor"}, balances)
}

func scanID(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) }
