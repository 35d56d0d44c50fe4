package sample

import (
	"fmt"
	"math"
	"strings"

	"github.com/xinheng/xinheng/assessment/scorecard"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/identifier"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
)

// groupSize is how many companies a group has with its head; groupEvery how many companies there are to a group.
const (
	groupSize  = 4
	groupEvery = 32
)

// identities names the companies, puts some of them into groups, and says who owns them.
func identities(drafts []*draft, chance dice) {
	signs := signsOf(chance)
	for i, d := range drafts {
		own := d.stream(forPlace)
		d.trade, d.city, d.sign = tradeOf(own.IntN(1000)), pick(own, cities), signs[i%len(signs)]
	}
	for g := range len(drafts) / groupEvery {
		head := drafts[g*groupEvery]
		for i, d := range drafts[g*groupEvery : g*groupEvery+groupSize] {
			d.group, d.head, d.sign = g+1, i == 0, head.sign
		}
	}
	taken := map[string]bool{}
	for _, d := range drafts {
		d.identity(taken)
	}
	for i, d := range drafts {
		var head *draft
		if d.group > 0 && !d.head {
			head = drafts[i/groupEvery*groupEvery]
		}
		d.people(head)
	}
}

// signsOf gives all trade names (字号), in an order of chance.
func signsOf(chance dice) []word {
	var all []word
	for _, a := range firstSigns {
		for _, b := range secondSigns {
			all = append(all, joined(a, b))
		}
	}
	chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func joined(a, b word) word { return word{a.zh + b.zh, a.en + strings.ToLower(b.en)} }

func (d *draft) identity(taken map[string]bool) {
	chance := d.stream(forIdentity)
	form := word{"有限公司", "Co., Ltd."}
	size := chance.around(.95)
	switch {
	case d.head:
		form, size = word{"集团有限公司", "Group Co., Ltd."}, 3.5*size
	case size > 2:
		form = word{"股份有限公司", "Corporation"}
	}
	for {
		d.Name = d.city.zh + "市" + d.sign.zh + d.trade.zh + form.zh
		if !taken[d.Name] {
			break
		}
		d.city, d.sign = pick(chance, cities), joined(pick(chance, firstSigns), pick(chance, secondSigns))
	}
	taken[d.Name] = true
	d.NameEN = strings.Join([]string{d.city.en, d.sign.en, d.trade.en, form.en}, " ")
	d.ShortName = d.sign.zh + d.trade.zh
	d.ID = fmt.Sprintf("sample-%05d", d.number)
	d.ExternalRef = fmt.Sprintf("C%05d", 10_000+d.number)
	d.USCC = d.uscc(chance)
	d.Industry, d.MainBusiness = d.trade.code, d.trade.business
	d.Region = d.city.province.zh
	district := pick(chance, []string{"高新区", "经济开发区", "城东工业园", "临港新区"})
	d.RegisteredAddress = fmt.Sprintf("%s省%s市%s%s路 %d 号", d.Region, d.city.zh, district, pick(chance, firstSigns).zh+pick(chance, secondSigns).zh, chance.days(1, 399))
	d.OperatingAddress = d.RegisteredAddress
	d.revenue = d.trade.revenue * 1e6 * size * (.75 + .5*d.Quality)
	d.Size = sizeOf(d.revenue)
	d.Founded = d.today.AddDays(-chance.days(5*366, 28*365))
	d.Currency, d.Status = money.CNY, customer.Active
	d.TermsDays = pick(chance, []int{30, 30, 60, 60, 60, 90})
	d.Salesperson = pick(chance, []string{"sales1", "sales2", "sales3"})
	opening := d.today.AddMonths(-historyMonths)
	switch {
	case d.Habit == Unproved:
		d.Status, d.JoinedOn = customer.Prospect, d.today.AddDays(-chance.days(3, 60))
	case d.Habit == Steady && chance.chance(.15):
		d.JoinedOn = d.today.AddDays(-chance.days(70, 400))
	default:
		d.JoinedOn = opening.AddDays(-chance.days(1, 25))
	}
}

// sizeOf sorts by revenue alone, with the limits for industry of 中小企业划型标准规定 (工信部联企业〔2011〕300号, 四(二)):
// how many people the invented companies have is not known.
func sizeOf(revenue float64) customer.Size {
	switch {
	case revenue >= 400e6:
		return customer.Large
	case revenue >= 20e6:
		return customer.Medium
	case revenue >= 3e6:
		return customer.Small
	}
	return customer.Micro
}

// uscc makes a code after GB 32100-2015: registered by industry and commerce (9), a company (1), a six-digit place that
// no city of the province has, an organisation code after GB 11714, and the check digit. The company's number is in the
// organisation code, so that no two are the same.
func (d *draft) uscc(chance dice) string {
	organisation := fmt.Sprintf("MA%c%05d", "ABCDEFGH"[chance.IntN(8)], d.number%100_000)
	code := "91" + d.city.number + "99" + fmt.Sprintf("%02d", chance.days(1, 9)) + organisation + string(organisationCheckDigit(organisation))
	check, err := identifier.USCCCheckDigit(code)
	if err != nil {
		panic("sample: " + code + ": " + err.Error()) // a mistake in the table of cities
	}
	return code + string(check)
}

// organisationCheckDigit is the ninth character of an organisation code (GB 11714-1997): 11 − (Σ value·weight mod 11),
// with 10 written as X and 11 as 0.
func organisationCheckDigit(first8 string) byte {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i := range weights {
		sum += strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", first8[i]) * weights[i]
	}
	return "0X987654321"[sum%11]
}

// people gives the company its head, its contacts, and its owners.
func (d *draft) people(head *draft) {
	chance := d.stream(forPeople)
	boss := chance.person()
	d.LegalRepresentative = boss.zh
	domain := strings.ToLower(d.sign.en) + fmt.Sprintf("%d.example", d.number)
	for i := range chance.days(1, 3) {
		who := chance.person()
		family, given, _ := strings.Cut(who.en, " ")
		title := titles[(d.number+i)%len(titles)]
		d.Contacts = append(d.Contacts, customer.Contact{CustomerID: d.ID, Name: who.zh, Title: title, Role: roleOf(title),
			Phone: fmt.Sprintf("0900-%08d", 80_000_000+chance.IntN(9_999_999)), // no place has this area code
			Email: strings.ToLower(given+"."+family) + "@" + domain})
	}
	asOf := d.JoinedOn.AddDays(-chance.days(20, 200))
	own := func(kind, name, party string, share float64) {
		d.Shareholders = append(d.Shareholders, customer.Shareholder{Kind: kind, Name: name, PartyID: party, Share: math.Round(share*100) / 100, AsOf: asOf, Source: "公司章程"})
	}
	switch {
	case head != nil:
		share := pick(chance, []float64{100, 80, 70, 60, 51})
		own("company", head.Name, head.ID, share)
		if share < 100 {
			own("person", boss.zh, "", 100-share)
		}
	case chance.chance(.12):
		own("company", d.city.zh+"市"+d.sign.zh+"企业管理合伙企业（有限合伙）", "", 30)
		own("person", boss.zh, "", 55)
		own("person", chance.person().zh, "", 15)
	default:
		share := chance.between(51, 95)
		own("person", boss.zh, "", share)
		own("person", chance.person().zh, "", (100-math.Round(share*100)/100)*chance.between(.6, 1))
	}
}

// records gives legal records to a few of the weaker companies, and the answers of the questionnaire.
func (d *draft) records() {
	chance := d.stream(forRecords)
	add := func(kind customer.ComplianceKind, title, source string, daysAgo int, yuan float64, open bool) {
		on := max(d.today.AddDays(-daysAgo), d.JoinedOn.AddDays(2))
		if on >= d.today {
			return
		}
		d.Compliance = append(d.Compliance, customer.Compliance{CustomerID: d.ID, Kind: kind, Title: title, Source: source, Happened: on, Amount: fen(yuan), Open: open})
	}
	weak := 1 - d.Quality
	court := d.city.zh + pick(chance, courts)
	claim := math.Round(d.revenue*chance.between(.001, .012)/1000) * 1000
	if chance.chance(.35 * weak * weak) {
		add(customer.Lawsuit, "买卖合同纠纷（被告）", court+"民初案件", chance.days(30, 500), claim, chance.chance(.5))
	}
	if chance.chance(.03) {
		add(customer.Penalty, "环保行政处罚", d.city.zh+"市生态环境局", chance.days(60, 520), 1000*float64(chance.days(20, 300)), false)
	}
	if d.Habit == Stopped && d.number%2 == 0 || chance.chance(.04*weak) {
		add(customer.Enforcement, "被执行人：买卖合同欠款", court+"执行案件", chance.days(10, 120), claim, true)
	}
	if d.Habit == Stopped && d.stopped < d.today.AddDays(-150) {
		days := d.today.DaysSince(d.stopped)
		add(customer.Dishonest, "失信被执行人：有履行能力而拒不履行", court+"执行案件", days/4, claim, true)
	}
	if d.Habit == Stopped && d.stopped < d.today.AddDays(-60) && d.number%3 != 0 {
		d.Freeze = &Freeze{On: d.stopped.AddDays(55), Reason: "连续逾期且联系不上负责人，暂停一切新增授信"}
	}
	d.answers()
}

// answers answers each question of the product's card: the better the company, the better, with some chance. What the
// file shows is answered as the file shows it.
func (d *draft) answers() {
	chance := d.stream(forAnswers)
	for _, q := range scorecard.Default().Questions {
		level := clamp(chance.normal(.05+.85*d.Quality, .2), 0, 1)
		switch q.Key {
		case "compliance":
			level = 1
			for _, r := range d.Compliance {
				if level = min(level, .5); r.Open {
					level = 0
				}
			}
		case "relation":
			level = clamp(float64(d.today.DaysSince(d.JoinedOn))/700, 0, 1)
		}
		if chance.chance(.04) { // not every question is answered
			continue
		}
		a := scorecard.Answer{Question: q.Key, Choice: choiceAt(q.Choices, level)}
		if q.Evidence {
			a.Evidence = pick(chance, []string{"实地走访记录", "行业协会排名与客户访谈", "公开信息查询与负责人访谈", "近三年合同与对账单抽查"})
		}
		d.Answers = append(d.Answers, a)
	}
}

// choiceAt gives the choice whose points are nearest to the level (0 = none of the points, 1 = all).
func choiceAt(choices []scorecard.Choice, level float64) string {
	best, distance := "", math.Inf(1)
	for _, c := range choices {
		if off := math.Abs(c.Points - 100*level); off < distance {
			best, distance = c.Key, off
		}
	}
	return best
}

// yesterday is the last day of the portfolio.
func (d *draft) yesterday() clock.Date { return d.today.AddDays(-1) }
