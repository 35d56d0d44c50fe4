package sample

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
)

// trading invents what the company ordered, was billed and paid since it became a customer.
func (d *draft) trading() {
	if d.Habit == Unproved {
		return
	}
	chance := d.stream(forTrading)
	monthly, perMonth := d.monthly(chance), 1
	if monthly > 150_000 {
		perMonth = chance.days(1, 2)
	}
	if monthly > 800_000 {
		perMonth = chance.days(2, 3)
	}
	drift := clamp(chance.normal(.004+.02*(d.Quality-.5), .008), -.03, .04) // growth a month
	lead := chance.days(4, 16)
	first := max(d.JoinedOn.AddDays(9), d.today.AddMonths(-historyMonths))
	for month := range historyMonths {
		start := d.today.AddMonths(month - historyMonths)
		season := d.trade.season[(int(start.Time().Month())-1)/3]
		for n := range perMonth {
			on := start.AddDays(28*n/perMonth + chance.days(0, 27/perMonth))
			amount := monthly / float64(perMonth) * season * math.Pow(1+drift, float64(month-historyMonths)) * chance.around(.22) * d.appetite(on, chance)
			days, rest := lead+chance.days(0, 5), d.payment(on, chance)
			if on < first || on > d.yesterday() || amount < 500 {
				continue
			}
			d.order(on, fen(amount), days, rest)
		}
	}
	slices.SortStableFunc(d.Orders, func(a, b Order) int { return cmp.Compare(a.On, b.On) })
	d.numbers()
}

// monthly is what the company buys from us in a month, in yuan: some hundredths of what its sales cost it.
func (d *draft) monthly(chance dice) float64 {
	cost := 0.0
	for _, s := range d.Statements {
		if c, ok := s.Get("cost_of_sales"); ok && s.Months() == 12 {
			cost = c
		}
	}
	return clamp(cost/12*.016*chance.around(.7), 18_000, 2_400_000)
}

// appetite is how much of its usual quantity the company orders on a day.
func (d *draft) appetite(on clock.Date, chance dice) float64 {
	left := d.today.DaysSince(on)
	whim := chance.between(.03, .22)
	switch {
	case d.Habit == Collapsing && left < 95:
		return whim
	case d.Habit == Stopped && on > d.stopped.AddDays(45): // we deliver no more
		return 0
	case d.Habit == OverLimit && left < 120:
		return 1.9
	}
	return 1
}

// paying is how an invoice will be paid: days after (before) it is due, in one part or two, or not at all.
type paying struct {
	late     int
	part     float64 // of the first payment; 1 = all
	restLate int     // days after the first payment; negative = never
	disputed bool
}

// payment throws how the invoice of an order of a day will be paid.
func (d *draft) payment(on clock.Date, chance dice) paying {
	late := chance.normal(26*(.62-d.Quality), 3+9*(1-d.Quality))
	extra, part, rest, odd := chance.between(10, 30), chance.between(.35, .8), chance.days(20, 90), chance.Float64()
	p := paying{part: 1}
	switch d.Habit {
	case Slow:
		late += extra
	case Worsening:
		if left := d.today.DaysSince(on) - d.TermsDays; left < 150 {
			late += 18 + float64(150-left)/6
		}
	case Partial:
		if odd < .7 {
			p.part, p.restLate = part, rest
		}
		if odd < .03 {
			p.restLate = -1
		}
	case Disputing:
		p.disputed = odd < .16
	default:
		if d.Quality < .55 && odd < .006 { // forgotten
			late += 40 + 3*extra
		}
	}
	p.late = int(clamp(late, -float64(d.TermsDays)+3, 400))
	return p
}

// order adds an order, and its invoice and payments as far as they lie before today.
func (d *draft) order(on clock.Date, amount money.Amount, leadDays int, p paying) {
	o := Order{On: on, Amount: amount}
	if delivered := on.AddDays(leadDays); delivered <= d.yesterday() {
		inv := &Invoice{IssuedOn: delivered, DueOn: delivered.AddDays(d.TermsDays), Amount: amount, Disputed: p.disputed}
		o.Invoice = inv
		paid := inv.DueOn.AddDays(p.late)
		first := money.Of(int64(math.Round(float64(amount.Minor)*p.part)), amount.Currency)
		d.pay(inv, paid, first)
		if rest := amount.Minor - first.Minor; rest > 0 && p.restLate >= 0 {
			d.pay(inv, paid.AddDays(p.restLate), money.Of(rest, amount.Currency))
		}
	}
	d.Orders = append(d.Orders, o)
}

func (d *draft) pay(inv *Invoice, on clock.Date, amount money.Amount) {
	switch {
	case inv.Disputed, on > d.yesterday(), d.Habit == Stopped && on > d.stopped, amount.Minor <= 0:
		return
	}
	inv.Payments = append(inv.Payments, Payment{On: on, Amount: amount})
}

// numbers gives the documents their numbers, and says what becomes of orders that the check holds.
func (d *draft) numbers() {
	for i := range d.Orders {
		o := &d.Orders[i]
		o.Number = fmt.Sprintf("SO%s-%05d-%03d", string(o.On)[2:4]+string(o.On)[5:7], d.number, i+1)
		if o.Invoice == nil {
			o.Ruling = []string{"", "release", "", "refuse"}[(d.number+i)%4]
			continue
		}
		o.Invoice.Number = fmt.Sprintf("FP%s-%05d-%03d", string(o.Invoice.IssuedOn)[2:4]+string(o.Invoice.IssuedOn)[5:7], d.number, i+1)
		for k := range o.Invoice.Payments {
			p := &o.Invoice.Payments[k]
			p.Number = fmt.Sprintf("HK%s-%05d-%03d%c", string(p.On)[2:4]+string(p.On)[5:7], d.number, i+1, 'A'+k)
		}
	}
}

// exposure is what the company owed on the evening of a day: invoices not paid, and orders not delivered.
func (d *draft) exposure(on clock.Date) int64 {
	total := int64(0)
	for _, o := range d.Orders {
		if o.On > on {
			continue
		}
		total += o.Amount.Minor
		if o.Invoice != nil {
			for _, p := range o.Invoice.Payments {
				if p.On <= on {
					total -= p.Amount.Minor
				}
			}
		}
	}
	return total
}

// limits invents the applications: a first limit when the file is opened, and another before the first runs out. They
// are made to fit the highest exposure, less so for weak companies; who has grown out of his has one that is too small.
func (d *draft) limits() {
	chance := d.stream(forLimits)
	yuan := func(days0, days1 int) float64 { // highest exposure of that time, as days before today
		peak := int64(0)
		for day := days0; day >= days1; day -= 3 {
			peak = max(peak, d.exposure(d.today.AddDays(-day)))
		}
		return float64(peak) / 100
	}
	room := chance.between(1.08, 1.2) + .35*d.Quality
	apply := func(on clock.Date, amount, room float64, reason string) {
		l := Limit{On: on, Amount: rounded(max(30_000, amount*room), 10_000), Reason: reason, Verdict: approval.Approve}
		d.Limits = append(d.Limits, l)
		d.Assessed = append(d.Assessed, on)
	}
	age := d.today.DaysSince(d.JoinedOn)
	if d.Habit == Unproved {
		if d.number%3 != 0 && age > 12 {
			apply(d.today.AddDays(-chance.days(1, 9)), d.revenue*.004, 1, "新客户首次授信，首批订单已谈妥")
			d.Limits[0].Verdict = ""
		}
		return
	}
	apply(d.JoinedOn.AddDays(chance.days(3, 7)), yuan(age, max(1, age-330)), room, "首次授信，年度框架合同")
	if age > 420 {
		again := d.JoinedOn.AddDays(chance.days(240, 340))
		amount := yuan(d.today.DaysSince(again), 1)
		if d.Habit == OverLimit {
			amount = yuan(d.today.DaysSince(again), 130) * .85
		}
		if lapse := chance.chance(.02); !lapse {
			apply(again, amount, room, "年度复审，续授信")
		}
	}
	odd := chance.Float64()
	recent := d.today.AddDays(-chance.days(1, 12))
	switch {
	case d.Habit == Stopped || d.Habit == Slow && odd < .1:
		if age > 90 {
			apply(recent.AddDays(-20), yuan(40, 1), 1.4, "客户要求追加额度以便继续发货")
			d.Limits[len(d.Limits)-1].Verdict = approval.Reject
		}
	case d.Habit == OverLimit && d.number%2 == 0 || odd > .955:
		apply(recent, yuan(40, 1), 1.5, "业务增长，申请提高额度")
		d.Limits[len(d.Limits)-1].Verdict = ""
	}
	if n := len(d.Statements); n > 0 { // once more after the newest statements came in
		if review := d.Statements[n-1].On.AddDays(chance.days(8, 25)); review <= d.yesterday() && review > d.JoinedOn {
			d.Assessed = append(d.Assessed, review)
		}
	}
	slices.Sort(d.Assessed)
	d.Assessed = slices.Compact(d.Assessed)
}
