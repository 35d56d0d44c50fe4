package sample

import (
	"cmp"
	"math"
	"slices"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
)

// Portfolio is all of the sample: what the product holds after Load. Nothing in it lies after the day before Today, so
// that the first morning finds the books of the evening before.
type Portfolio struct {
	Seed      uint64
	Today     clock.Date
	Teams     []Team
	Users     []User
	Companies []Company
}

// Company is one invented customer and its history.
type Company struct {
	customer.New
	JoinedOn     clock.Date // when its file was opened
	Salesperson  string     // login of who opened it
	Quality      float64    // 0 to 1: what everything else follows from; nowhere shown
	Habit        Habit
	Shareholders []customer.Shareholder
	Contacts     []customer.Contact
	Compliance   []customer.Compliance
	Statements   []Statement // by date of publication
	Answers      []scorecard.Answer
	Assessed     []clock.Date
	Orders       []Order // by date
	Limits       []Limit
	Freeze       *Freeze
	File         RiskFile
}

// Habit is how a customer deals with us.
type Habit string

// The habits.
const (
	Steady     Habit = "steady"
	Slow       Habit = "slow"       // always late
	Worsening  Habit = "worsening"  // later and later in the last months
	Stopped    Habit = "stopped"    // pays nothing since a day
	Partial    Habit = "partial"    // pays in parts
	Disputing  Habit = "disputing"  // disputes some invoices
	Collapsing Habit = "collapsing" // hardly orders any more
	OverLimit  Habit = "over_limit" // has grown out of its limit
	Unproved   Habit = "unproved"   // a prospect: no order yet
)

// habits says how many of a thousand companies have each; the rest is Steady. The first ones take the weakest
// companies, except those that can befall anybody.
var habits = []struct {
	Habit
	of1000  int
	anybody bool
}{
	{Stopped, 40, false}, {Worsening, 45, false}, {Partial, 50, false}, {Slow, 140, false},
	{Collapsing, 45, true}, {Disputing, 40, true}, {OverLimit, 40, true}, {Unproved, 50, true},
}

// Statement is a period's statements and the day they came in.
type Statement struct {
	On clock.Date
	statement.Statement
}

// Order is an order and what became of it. Invoice is nil while it is not delivered; such an order goes through the
// order check when it is loaded.
type Order struct {
	Number  string
	On      clock.Date
	Amount  money.Amount
	Invoice *Invoice
	Ruling  string // release, refuse, or empty = it waits: what a manager does when the check holds it
}

// Invoice is the bill of a delivery, with what was paid on it.
type Invoice struct {
	Number   string
	IssuedOn clock.Date
	DueOn    clock.Date
	Amount   money.Amount
	Disputed bool
	Payments []Payment
}

// Payment is money received for an invoice.
type Payment struct {
	Number string
	On     clock.Date
	Amount money.Amount
}

// Open is what is not paid of the invoice.
func (i Invoice) Open() money.Amount {
	open := i.Amount
	for _, p := range i.Payments {
		open.Minor -= p.Amount.Minor
	}
	return open
}

// Limit is an application for a limit and how it ends. Verdict empty = nobody has decided yet.
type Limit struct {
	On      clock.Date
	Amount  money.Amount
	Reason  string
	Verdict approval.Verdict
}

// Freeze is a stop of credit by hand.
type Freeze struct {
	On     clock.Date
	Reason string
}

const historyMonths = 18

// draft is a company while it is invented.
type draft struct {
	*Company
	number  int // 1 …
	seed    uint64
	today   clock.Date
	trade   trade
	city    city
	sign    word
	group   int        // which group it belongs to; 0 = none
	head    bool       // of its group
	revenue float64    // yuan of the last full year
	stopped clock.Date // since when a Stopped one pays nothing
}

// stream gives the chance of a purpose of this company.
func (d *draft) stream(purpose uint64) dice { return throw(d.seed, uint64(d.number)<<8|purpose) }

// The purposes that have chances of their own.
const (
	forPlace uint64 = iota + 1
	forIdentity
	forPeople
	forBooks
	forTrading
	forLimits
	forRecords
	forAnswers
	forFile
)

// Make invents the portfolio. The same arguments give the same portfolio to the byte.
func Make(seed uint64, today clock.Date, companies int) Portfolio {
	p := Portfolio{Seed: seed, Today: today, Teams: teams, Users: users, Companies: make([]Company, companies)}
	drafts := make([]*draft, companies)
	for i := range drafts {
		drafts[i] = &draft{Company: &p.Companies[i], number: i + 1, seed: seed, today: today}
	}
	characters(drafts, throw(seed, 0))
	identities(drafts, throw(seed, 1))
	for _, d := range drafts {
		d.books()
		d.trading()
		d.limits()
		d.records()
		d.riskFile()
	}
	return p
}

// characters gives each company its quality and habit. Qualities are spread evenly, so that any number of companies
// has good and bad ones; habits follow the quality with some chance.
func characters(drafts []*draft, chance dice) {
	n := len(drafts)
	for i, rank := range chance.Perm(n) {
		drafts[i].Quality = .06 + .9*math.Pow((float64(rank)+.5)/float64(n), .95)
		drafts[i].Habit = Steady
	}
	noise := make(map[*draft]float64, n)
	for _, d := range drafts {
		noise[d] = chance.normal(0, .13)
	}
	weakest := slices.SortedFunc(slices.Values(drafts), func(a, b *draft) int { return cmp.Compare(a.Quality+noise[a], b.Quality+noise[b]) })
	for _, h := range habits {
		pool := slices.DeleteFunc(slices.Clone(weakest), func(d *draft) bool { return d.Habit != Steady })
		if h.anybody {
			chance.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
		}
		count := min(max(1, n*h.of1000/1000), len(pool))
		for i, d := range pool[:count] {
			d.Habit = h.Habit
			if h.Habit == Stopped { // spread over time, so that every age of debt occurs
				d.stopped = d.today.AddDays(-15 - 430*i/max(1, count-1))
			}
		}
	}
}

// fen makes money of yuan.
func fen(yuan float64) money.Amount { return money.Of(int64(math.Round(yuan*100)), money.CNY) }

// rounded makes money of yuan in whole steps of yuan.
func rounded(yuan, step float64) money.Amount { return money.Yuan(int64(math.Ceil(yuan/step) * step)) }
