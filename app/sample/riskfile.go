package sample

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/diligence"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// RiskFile is what a company's file holds beyond its profile, people and legal facts, and what was checked of it.
type RiskFile struct {
	Licences   []customer.Licence
	Account    customer.Account
	Operations []customer.OperatingAnswer
	Partners   []customer.Partners
	Registered *customer.RegistrationAnswer // nil = nobody compared
	Transfer   *money.Amount                // a small transfer that was confirmed; nil = none
	Level      diligence.Level
	Reviewed   []clock.Date
	Ticked     []customer.Ticked
	Change     *customer.SetFieldsInput // of the register, later
	ChangedOn  clock.Date
}

func roleOf(title string) string {
	switch {
	case strings.HasPrefix(title, "财务"), strings.HasPrefix(title, "应付"):
		return "finance"
	case strings.HasPrefix(title, "采购"), strings.HasPrefix(title, "供应链"):
		return "purchasing"
	}
	return "decision"
}

// riskFile fills the file: the better the company, the fuller and the better; prospects have little yet.
func (d *draft) riskFile() {
	chance := d.stream(forFile)
	d.profile(chance)
	from := customer.Provenance{Source: "business_licence", AsOf: d.JoinedOn, Evidence: "营业执照副本复印件"}
	d.Provenance = from
	d.File.Licences = []customer.Licence{{CustomerID: d.ID, Kind: "business_licence", Name: "营业执照", Number: d.USCC, Authority: d.RegistrationAuthority, IssuedOn: d.Founded, Provenance: from}}
	if kind, name := tradeLicence(d.trade.code); kind != "" {
		ends := d.today.AddDays(chance.days(-40, 900))
		d.File.Licences = append(d.File.Licences, customer.Licence{CustomerID: d.ID, Kind: kind, Name: name, Number: fmt.Sprintf("样许字%05d号", d.number), Authority: d.city.zh + "市行政审批局",
			IssuedOn: ends.AddMonths(-36), ExpiresOn: ends, Provenance: customer.Provenance{Source: "customer_statement", AsOf: d.JoinedOn}})
	}
	d.File.Account = customer.Account{CustomerID: d.ID, Bank: "样本商业银行", Branch: d.city.zh + "分行", Holder: d.Name, Number: fmt.Sprintf("9990%012d", 7_000_000+d.number), Kind: "basic",
		Currency: money.CNY, Provenance: customer.Provenance{Source: "customer_statement", AsOf: d.JoinedOn, Evidence: "开户许可证复印件"}}
	if d.Habit == Unproved {
		return
	}
	d.operating(chance)
	d.File.Level = diligence.Standard
	if d.Size == customer.Large {
		d.File.Level = diligence.Enhanced
	}
	if chance.chance(.4 + .5*d.Quality) {
		d.File.Registered = &customer.RegistrationAnswer{CustomerID: d.ID, Told: map[string]string{"name": d.Name, "uscc": d.USCC, "legal_representative": d.LegalRepresentative,
			"registration_status": string(customer.InOperation)}, Provenance: customer.Provenance{Source: "gsxt", AsOf: d.JoinedOn, Evidence: "公示系统查询截图"}}
	}
	if chance.chance(.25 + .5*d.Quality) {
		amount := money.Of(int64(chance.days(11, 199)), money.CNY)
		d.File.Transfer = &amount
	}
	d.checks(chance)
	if d.Quality < .35 && chance.chance(.5) {
		d.File.ChangedOn = d.today.AddDays(-chance.days(20, 200))
		told := customer.Provenance{Source: "gsxt", AsOf: d.File.ChangedOn, Evidence: "公示系统变更记录"}
		d.File.Change = &customer.SetFieldsInput{CustomerID: d.ID, Changes: []customer.FieldChange{{Field: "legal_representative", Value: chance.person().zh, Provenance: told}}}
	}
}

func (d *draft) profile(chance dice) {
	d.Country, d.RegistrationStatus, d.RegistrationAuthority = "CN", customer.InOperation, d.city.zh+"市市场监督管理局"
	d.Aliases = []string{d.ShortName}
	if chance.chance(.1) {
		d.FormerNames = []string{d.city.zh + d.sign.zh + d.trade.zh + "厂"}
	}
	share := clamp(chance.normal(.5+.5*d.Quality, .2), .05, 1)
	d.PaidIn = money.Yuan(int64(math.Round(share*d.Capital.Float()/10_000)) * 10_000)
	d.Employees = max(4, int(d.revenue*d.trade.labour/110_000)) // a year's pay of an employee
	d.MainProducts, _, _ = strings.Cut(d.trade.business, "的")
}

func tradeLicence(industry string) (kind, name string) {
	switch industry {
	case "C14":
		return "food", "食品生产许可证"
	case "C26":
		return "hazardous", "危险化学品经营许可证"
	case "C27":
		return "medical", "药品生产许可证"
	case "E49":
		return "construction", "机电工程施工总承包资质"
	case "G54":
		return "transport", "道路运输经营许可证"
	}
	return "", ""
}

func (d *draft) operating(chance dice) {
	asOf := d.JoinedOn.AddDays(4)
	from := customer.Provenance{Source: "site_visit", AsOf: asOf, Evidence: "走访记录 " + string(asOf)}
	for _, t := range customer.Topics {
		if chance.chance(.15) {
			continue // not everything is known
		}
		bad := clamp(chance.normal(.85-.8*d.Quality, .2), 0, .999)
		d.File.Operations = append(d.File.Operations, customer.OperatingAnswer{Topic: t.Key, Answer: t.Answers[int(bad*float64(len(t.Answers)))], Provenance: from})
	}
	for _, side := range []string{"buyer", "supplier"} {
		if chance.chance(.3) {
			continue
		}
		in := customer.Partners{CustomerID: d.ID, Side: side, Provenance: customer.Provenance{Source: "customer_statement", AsOf: asOf, Evidence: "客户提供的往来明细"}}
		left := 95.0
		for range chance.days(3, 5) {
			share := math.Round(left*chance.between(.12, .75-.4*d.Quality)*10) / 10
			left -= share
			in.Partners = append(in.Partners, customer.Partner{Name: pick(chance, cities).zh + pick(chance, firstSigns).zh + pick(chance, secondSigns).zh + pick(chance, trades).zh + "有限公司", Share: share})
		}
		d.File.Partners = append(d.File.Partners, in)
	}
}

// checks ticks items off and reviews the file: soon after it was opened, and mostly again before a year is over.
func (d *draft) checks(chance dice) {
	first := d.JoinedOn.AddDays(10)
	tick := func(item, evidence string, on clock.Date) {
		d.File.Ticked = append(d.File.Ticked, customer.Ticked{CustomerID: d.ID, Item: item, DoneOn: on, Evidence: evidence})
	}
	if chance.chance(.85) {
		tick("legal_search", "裁判文书网、执行信息公开网检索记录", first.AddDays(-3))
	}
	if d.File.Level == diligence.Enhanced {
		tick("site_visit", "走访记录及照片", first.AddDays(-2))
		tick("negative_news", "新闻检索记录", first.AddDays(-2))
	}
	d.File.Reviewed = []clock.Date{first}
	again := 5 // months, of an enhanced file
	if d.File.Level == diligence.Standard {
		again = 11
	}
	for on := first.AddMonths(again); on < d.today && chance.chance(.8+.18*d.Quality); on = on.AddMonths(again) {
		d.File.Reviewed = append(d.File.Reviewed, on)
		tick("legal_search", "裁判文书网、执行信息公开网检索记录", on.AddDays(-1))
	}
}

// riskFile does what was done for the file, in its order.
func (d *diary) riskFile() {
	f := d.File
	for i, l := range f.Licences {
		do(d, d.JoinedOn.AddDays(3), "analyst", customer.SaveLicence, l, fmt.Sprint(i))
	}
	var account customer.Account
	d.add(d.JoinedOn.AddDays(3), customer.SaveAccount.Name()+" "+d.ID, func(ctx context.Context, r *operation.Runner) (err error) {
		account, err = operation.Run(ctx, r, call(d.people["analyst"], "sample/account "+d.ID), customer.SaveAccount, f.Account)
		return err
	})
	if len(f.Operations) > 0 {
		do(d, d.JoinedOn.AddDays(5), "analyst", customer.AnswerOperations, customer.OperatingAnswers{CustomerID: d.ID, Answers: f.Operations}, "")
	}
	for _, p := range f.Partners {
		p.Partners = append([]customer.Partner{}, p.Partners...) // the operation sorts and names them
		do(d, d.JoinedOn.AddDays(5), "analyst", customer.SetPartners, p, p.Side)
	}
	if f.Registered != nil {
		do(d, d.JoinedOn.AddDays(6), "analyst", customer.CompareRegistration, *f.Registered, "")
	}
	if f.Transfer != nil {
		d.transfer(*f.Transfer, &account)
	}
	for _, t := range f.Ticked {
		do(d, t.DoneOn, "analyst", customer.Tick, t, t.Item+" "+string(t.DoneOn))
	}
	for i, on := range f.Reviewed {
		if i == 0 {
			do(d, on, "manager", customer.SetLevel, customer.LevelChoice{CustomerID: d.ID, Level: f.Level, Reason: "按授信规模与资料确定"}, "")
		}
		do(d, on, "manager", customer.ReviewFile, customer.FileReview{CustomerID: d.ID, Note: "登记信息、财务资料与司法检索已核对"}, string(on))
	}
	if f.Change != nil && f.ChangedOn > d.JoinedOn {
		do(d, f.ChangedOn, "analyst", customer.Set, *f.Change, string(f.ChangedOn))
	}
}

// transfer sends a small amount, which the salesperson learns from the customer the day after.
func (d *diary) transfer(amount money.Amount, account *customer.Account) {
	var sent customer.Verification
	on := d.JoinedOn.AddDays(6)
	d.add(on, customer.StartTransfer.Name()+" "+d.ID, func(ctx context.Context, r *operation.Runner) (err error) {
		sent, err = operation.Run(ctx, r, call(d.people["analyst"], "sample/transfer "+d.ID), customer.StartTransfer,
			customer.Transfer{CustomerID: d.ID, AccountID: account.ID, Amount: amount, SentOn: on, Evidence: "网银回单"})
		return err
	})
	d.add(on.AddDays(1), customer.ConfirmTransfer.Name()+" "+d.ID, func(ctx context.Context, r *operation.Runner) error {
		_, err := operation.Run(ctx, r, call(d.people[d.Salesperson], "sample/named "+d.ID), customer.ConfirmTransfer, customer.Named{ID: sent.ID, Amount: amount})
		return err
	})
}
