package test

import (
	"database/sql"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/xinheng/xinheng/app/real"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/assessment/ratio"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/realdata"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

// The whole main job on published data. Every figure that is asserted was computed apart from this program: by the
// sources' own notes, or with another language's CSV reader and the textbook formula.
func TestRealPortfolio(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute; run without -short")
	}
	dir := realdata.Path(t)
	story.Each(t, func(w *story.World) {
		sum, err := real.Load(w.T.Context(), w.App, real.Options{Dir: dir, Set: func(now time.Time) { w.Now = now }, Progress: func(what string) { w.T.Log(what) }})
		if err != nil {
			w.T.Fatal(err)
		}
		told, err := json.MarshalIndent(sum, "", "  ")
		if err != nil {
			w.T.Fatal(err)
		}
		w.T.Logf("%s", told)
		one := func(query string, args ...any) (n int64) {
			w.T.Helper()
			if err := w.DB.QueryRow(w.T.Context(), query, args...).Scan(&n); err != nil {
				w.T.Fatal(err)
			}
			return n
		}

		if sum.Companies != 2579 || sum.Refused != 0 || sum.Listed != 7379+442+730+273+610 {
			w.T.Errorf("%d companies, %d refused, %d listed parties", sum.Companies, sum.Refused, sum.Listed)
		}
		breaks, err := database.Collect(w.T.Context(), w.DB, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) },
			`SELECT c.external_ref || ' ' || s.period FROM customer_statement s JOIN customer c ON c.id = s.customer_id WHERE s.hard_breaks > 0 ORDER BY 1`)
		if err != nil {
			w.T.Fatal(err)
		}
		want := []string{"000020 2016-03-31", "000933 2011-09-30", "002126 2012-09-30", "002164 2008-03-31", "002191 2012-09-30", "002210 2007-09-30", "002330 2016-06-30", "002425 2009-03-31",
			"002682 2012-09-30", "300121 2013-06-30", "600068 2005-12-31", "600208 2011-06-30", "600223 2007-09-30", "600771 2012-09-30", "600872 2011-12-31", "600926 2013-06-30"}
		if !slices.Equal(breaks, want) {
			w.T.Errorf("breaks %v, want %v", breaks, want)
		}

		// Ratios and Z″ of 2017 by hand from the source's figures in 万元.
		for code, want := range map[string]map[string]float64{
			"000002": {"debt_ratio": .83981256, "current_ratio": 1.20085716, "net_margin": .15318581, "roe": .21362615, "roa": .03728256, "altman_z2": 1.78154979},
			"002415": {"debt_ratio": .40656292, "current_ratio": 2.59589780, "net_margin": .22377742, "roe": .34043803, "roa": .20186208, "altman_z2": 7.69513447},
			"600019": {"debt_ratio": .50184138, "current_ratio": .81671070, "net_margin": .07057641, "roe": .13340025, "roa": .06600637, "altman_z2": 1.88599139},
		} {
			standing := story.See(w, w.Manager, assessment.ForCustomer, assessment.CustomerInput{CustomerID: real.ID(code)})
			got := ratio.ByKey(standing.Latest.Ratios)
			for _, m := range standing.Latest.Models {
				if m.Score != nil {
					got[m.Model] = *m.Score
				}
			}
			for key, v := range want {
				if math.Abs(got[key]-v) > 5e-8 {
					w.T.Errorf("%s %s = %.8f, want %.8f", code, key, got[key], v)
				}
			}
		}

		// The books after the replay: 2,466 invoices of 147,703.18 in all, each paid once, 877 of them after the due date.
		if n := one(`SELECT COUNT(*) FROM invoice`); n != 2466 {
			w.T.Errorf("%d invoices", n)
		}
		if n := one(`SELECT CAST(SUM(amount_minor) AS BIGINT) FROM payment`); n != 14770318 {
			w.T.Errorf("%d fen received", n)
		}
		if n := one(`SELECT COUNT(*) FROM invoice WHERE open_minor = 0 AND settled_on > due_on`); n != 877 {
			w.T.Errorf("%d late invoices, want 877", n)
		}
		if n := one(`SELECT COUNT(*) FROM event_dead`); n != 0 {
			w.T.Errorf("%d events could not be applied", n)
		}
		ageing := story.See(w, w.Manager, receivable.ShowAgeing, receivable.AgeingInput{AsOf: "2013-06-30"})
		for i, want := range []struct{ fen, count int64 }{{428429, 72}, {83556, 12}, {0, 0}} {
			if b := ageing.Buckets[i]; b.Amount.Minor != want.fen || b.Count != want.count {
				w.T.Errorf("%s at 2013-06-30: %v in %d, want %d fen in %d", b.Name, b.Amount, b.Count, want.fen, want.count)
			}
		}

		// Alerts were raised, plans activated, limits frozen, and the frozen customers' orders held.
		alerts, incidents := one(`SELECT COUNT(*) FROM alert WHERE rule_id = 'overdue'`), one(`SELECT COUNT(*) FROM incident`)
		if alerts == 0 || incidents == 0 || one(`SELECT COUNT(*) FROM limit_freeze WHERE lifted_at = 0`) == 0 {
			w.T.Errorf("%d overdue alerts, %d incidents", alerts, incidents)
		}
		if sum.Assessed != 2579 || sum.Limits == 0 {
			w.T.Errorf("%d assessed, %d limits", sum.Assessed, sum.Limits)
		}
		// Never more approved than the limit, whatever was asked for.
		if n := one(`SELECT COUNT(*) FROM customer_balance b JOIN credit_limit l ON l.customer_id = b.customer_id AND l.currency = b.currency AND l.status = 'active'
			WHERE b.open_orders_minor + b.invoiced_minor - b.on_account_minor > l.amount_minor`); n != 0 {
			w.T.Errorf("%d customers are over their limit", n)
		}
		if sum.Orders["approve"] == 0 || sum.Orders["hold"]+sum.Orders["reject"] < 100 {
			w.T.Errorf("orders %v", sum.Orders)
		}
		if n := one(`SELECT COUNT(*) FROM credit_limit WHERE status = 'active'`); n != int64(sum.Limits) {
			w.T.Errorf("%d limits in force, %d went through their chain", n, sum.Limits)
		}
	})
}
