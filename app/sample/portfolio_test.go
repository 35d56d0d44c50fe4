package sample

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/identifier"
	"github.com/xinheng/xinheng/customer/industry"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/receivable"
)

const today clock.Date = "2026-06-15"

func TestSameSeedSamePortfolio(t *testing.T) {
	t.Parallel()
	text := func(seed uint64) string {
		raw, err := json.Marshal(Make(seed, today, 60))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	one := text(1)
	if text(1) != one {
		t.Error("the same seed gave another portfolio")
	}
	if text(2) == one {
		t.Error("another seed gave the same portfolio")
	}
}

// Whatever the seed and the day: every statement holds every identity to the fen, and its parts are what they can be.
func TestStatementsHold(t *testing.T) {
	t.Parallel()
	never := []statement.Item{"revenue", "cost_of_sales", "cash", "accounts_receivable", "inventories", "fixed_assets", "short_term_borrowings", "long_term_borrowings",
		"accounts_payable", "paid_in_capital", "surplus_reserve", "cash_from_sales", "cash_to_suppliers", "cash_to_employees", "cash_for_debts", "cash_from_borrowings",
		"capital_expenditure", "total_assets", "total_liabilities", "interest_expense", "operating_cash_in", "operating_cash_out"}
	rapid.Check(t, func(t *rapid.T) {
		day := today.AddDays(rapid.IntRange(-700, 700).Draw(t, "day"))
		p := Make(rapid.Uint64().Draw(t, "seed"), day, rapid.IntRange(1, 40).Draw(t, "companies"))
		for _, c := range p.Companies {
			annual := 0
			for _, s := range c.Statements {
				if s.Kind() == statement.Annual {
					annual++
				}
				where := c.Name + " " + string(s.Period)
				for _, b := range statement.Check(s.Statement) {
					t.Errorf("%s: %s", where, b)
				}
				for _, id := range statement.Identities {
					if _, has := s.Values[id.Left]; !has {
						t.Errorf("%s: no %s, so that %s says nothing", where, id.Left, id.Key)
					}
				}
				for _, i := range never {
					if s.Values[i] < 0 {
						t.Errorf("%s: %s = %d", where, i, s.Values[i])
					}
				}
				if s.On >= day || s.On <= s.Period {
					t.Errorf("%s: published on %s, today %s", where, s.On, day)
				}
				if indirect := supplementSum(s.Values); indirect != s.Values["net_cash_operating"] {
					t.Errorf("%s: the indirect method gives %d, the direct %d", where, indirect, s.Values["net_cash_operating"])
				}
			}
			if annual < 3 || annual > 4 || len(c.Statements) != annual+1 {
				t.Errorf("%s: %d annual of %d statements", c.Name, annual, len(c.Statements))
			}
			slices.SortFunc(c.Statements, func(a, b Statement) int { return strings.Compare(string(a.Period), string(b.Period)) })
			for i := 1; i < len(c.Statements); i++ {
				if a, b := c.Statements[i-1], c.Statements[i]; a.Kind() == statement.Annual && a.Values["cash_closing"] != b.Values["cash_opening"] {
					t.Errorf("%s: cash closes %s at %d, opens %s at %d", c.Name, a.Period, a.Values["cash_closing"], b.Period, b.Values["cash_opening"])
				}
			}
		}
	})
}

func supplementSum(v statement.Values) int64 {
	total := int64(0)
	for _, i := range []statement.Item{"supplement_net_profit", "supplement_impairment", "depreciation", "intangibles_amortisation", "supplement_finance_expenses",
		"supplement_investment_loss", "inventories_decrease", "operating_receivables_decrease", "operating_payables_increase"} {
		total += v[i]
	}
	return total
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	p := Make(7, today, 1000)
	names, codes := map[string]bool{}, map[string]bool{}
	byID := map[string]Company{}
	for _, c := range p.Companies {
		byID[c.ID] = c
	}
	groups := 0
	for _, c := range p.Companies {
		key := customer.NameKey(c.Name)
		if names[key] || codes[c.USCC] {
			t.Errorf("%s %s stands twice", c.Name, c.USCC)
		}
		names[key], codes[c.USCC] = true, true
		if code, err := identifier.USCC(c.USCC); err != nil || code != c.USCC {
			t.Errorf("%s: %v", c.USCC, err)
		}
		if _, ok := industry.Lookup(c.Industry); !ok {
			t.Errorf("%s: industry %s", c.Name, c.Industry)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		owners := customer.Shareholders{CustomerID: c.ID, Shareholders: slices.Clone(c.Shareholders)}
		if err := owners.Validate(); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		for _, s := range c.Shareholders {
			if s.PartyID != "" {
				groups++
				if byID[s.PartyID].Name != s.Name {
					t.Errorf("%s: owner %s is not %s", c.Name, s.Name, s.PartyID)
				}
			}
		}
		if c.Quality < 0 || c.Quality > 1 || len(c.Contacts) == 0 {
			t.Errorf("%s: quality %g, %d contacts", c.Name, c.Quality, len(c.Contacts))
		}
	}
	if groups < 50 {
		t.Errorf("%d companies of groups", groups)
	}
}

// The ninth character of the organisation code, by the examples that GB 11714-1997 and published codes give.
func TestOrganisationCheckDigit(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]byte{"D2143569": 'X'} { // the standard's own example
		if got := organisationCheckDigit(code); got != want {
			t.Errorf("%s: %c, want %c", code, got, want)
		}
	}
}

func TestAnswersFitTheCard(t *testing.T) {
	t.Parallel()
	questions := map[string]scorecard.Question{}
	for _, q := range scorecard.Default().Questions {
		questions[q.Key] = q
	}
	for _, c := range Make(3, today, 50).Companies {
		if len(c.Answers) < len(questions)/2 {
			t.Errorf("%s answers %d of %d questions", c.Name, len(c.Answers), len(questions))
		}
		for _, a := range c.Answers {
			q, ok := questions[a.Question]
			if !ok || !slices.ContainsFunc(q.Choices, func(ch scorecard.Choice) bool { return ch.Key == a.Choice }) || q.Evidence && a.Evidence == "" {
				t.Errorf("%s: %+v", c.Name, a)
			}
		}
	}
}

// The book of 300 companies has debts of every age, of every habit, and good companies pay better than bad ones.
func TestTheBookIsOfAllKinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		p := Make(seed, today, 300)
		counts := make([]int, len(receivable.Buckets))
		habits := map[Habit]int{}
		numbers := map[string]bool{}
		late := [2][2]float64{} // by half of quality: days, invoices
		for _, c := range p.Companies {
			habits[c.Habit]++
			for _, o := range c.Orders {
				if numbers[o.Number] || o.On < c.JoinedOn || o.On >= today || !o.Amount.Positive() {
					t.Errorf("order %+v of %s", o, c.Name)
				}
				numbers[o.Number] = true
				if o.Invoice == nil {
					continue
				}
				open := o.Invoice.Open().Minor
				if open < 0 || o.Invoice.IssuedOn < o.On || o.Invoice.IssuedOn >= today {
					t.Errorf("invoice %+v", o.Invoice)
				}
				if open == 0 {
					half := int(c.Quality * 2)
					late[half][0] += float64(o.Invoice.Payments[len(o.Invoice.Payments)-1].On.DaysSince(o.Invoice.DueOn))
					late[half][1]++
					continue
				}
				days := max(0, today.DaysSince(o.Invoice.DueOn))
				for i, b := range receivable.Buckets {
					if days >= b.From && (b.To < 0 || days <= b.To) {
						counts[i]++
					}
				}
			}
		}
		for i, n := range counts {
			if n < 3 {
				t.Errorf("seed %d: %d open invoices in bucket %s", seed, n, receivable.Buckets[i].Name)
			}
		}
		for _, h := range []Habit{Steady, Slow, Worsening, Stopped, Partial, Disputing, Collapsing, OverLimit, Unproved} {
			if habits[h] == 0 {
				t.Errorf("seed %d: nobody is %s", seed, h)
			}
		}
		if weak, strong := late[0][0]/late[0][1], late[1][0]/late[1][1]; weak < strong+5 {
			t.Errorf("seed %d: weak companies pay %.1f days late, strong ones %.1f", seed, weak, strong)
		}
		t.Logf("seed %d: %d documents, open %v, habits %v", seed, len(numbers), counts, habits)
	}
}
