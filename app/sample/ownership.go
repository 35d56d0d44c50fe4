package sample

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// Relation is a link of a company that was recorded on a day.
type Relation struct {
	On clock.Date
	customer.NewRelation
}

// Holding is a company that is no customer and stands between a customer and the persons behind it.
type Holding struct {
	Name   string
	Owners []customer.Shareholder
}

// ties says which companies have to do with each other beyond a head's shares: a holding above some heads, a company that
// holds a part of its own parent, officers that several have in common, guarantees for each other.
func ties(drafts []*draft) {
	for _, d := range drafts {
		d.office(d, ownership.LegalRepresentative, d.LegalRepresentative, d.number)
		chance := d.stream(forTies)
		manager, number := chance.person().zh, 10_000+d.number
		if chance.chance(.4) {
			manager, number = d.LegalRepresentative, d.number
		}
		d.office(d, ownership.Manager, manager, number)
	}
	for g := range len(drafts) / groupEvery {
		of := drafts[g*groupEvery : g*groupEvery+groupSize]
		group(of[0], of[1:])
	}
	const round = 24 // companies to a circle of three and a pair
	for start := 0; start+10 < len(drafts); start += round {
		a, b, c := drafts[start+5], drafts[start+6], drafts[start+7]
		a.guarantee(b, .06)
		b.guarantee(c, .05)
		c.guarantee(a, .04)
		x, y := drafts[start+9], drafts[start+10]
		x.guarantee(y, .08)
		y.guarantee(x, .05)
		x.office(y, ownership.Supervisor, x.LegalRepresentative, x.number)
	}
	for _, d := range drafts {
		d.OwnedOn = d.JoinedOn.AddDays(1)
		for _, s := range d.Shareholders {
			if s.PartyID != "" { // both files have to be open
				d.OwnedOn = d.since(drafts[slices.IndexFunc(drafts, func(x *draft) bool { return x.ID == s.PartyID })])
			}
		}
	}
}

// group ties the companies of a group: every second one has a subsidiary that holds a part of its parent, every third
// parent a holding above it; the head of the parent sits on the boards.
func group(head *draft, subs []*draft) {
	first := &head.Shareholders[0]
	if head.group%2 == 0 {
		last := &head.Shareholders[len(head.Shareholders)-1]
		cross := math.Round(last.Share*40) / 100
		last.Share = math.Round((last.Share-cross)*100) / 100
		head.Shareholders = append(head.Shareholders, customer.Shareholder{Kind: "company", Name: subs[0].Name, PartyID: subs[0].ID, Share: cross, AsOf: first.AsOf, Source: "公司章程"})
	}
	if head.group%3 == 1 && first.Kind == "person" {
		owner := *first
		second := head.stream(forTies + 1).person().zh
		first = &head.Shareholders[0]
		first.Kind, first.Name, first.IDNumber = "company", head.city.zh+"市"+head.sign.zh+"控股有限公司", ""
		owner.Share = 70
		head.Holding = &Holding{Name: first.Name, Owners: []customer.Shareholder{owner, {Kind: "person", Name: second, IDNumber: numberOf(20_000 + head.number), Share: 30, AsOf: first.AsOf, Source: "工商登记"}}}
	}
	for i, s := range subs {
		s.office(s, ownership.Director, head.LegalRepresentative, head.number)
		head.guarantee(s, .05)
		if i == 0 {
			s.guarantee(head, .03)
		}
	}
}

// numberOf is an invented number that no register has.
func numberOf(person int) string { return fmt.Sprintf("SAMPLE%06d", person) }

// since is the first day on which something about two companies is recorded: some days after the later file was opened, so
// that both are on file whatever is written side by side.
func (d *draft) since(other *draft) clock.Date {
	const later = 8
	return min(max(d.JoinedOn, other.JoinedOn).AddDays(later), d.yesterday())
}

func (d *draft) office(at *draft, role, name string, person int) {
	d.Relations = append(d.Relations, Relation{On: d.since(at), NewRelation: customer.NewRelation{Kind: ownership.Office, Role: role,
		From: customer.PartyRef{Kind: ownership.Person, Name: name, IDNumber: numberOf(person)}, To: customer.PartyRef{ID: at.ID}, AsOf: at.JoinedOn, Source: "工商登记"}})
}

// guarantee makes d stand in for a part of the other's revenue.
func (d *draft) guarantee(other *draft, part float64) {
	d.Relations = append(d.Relations, Relation{On: d.since(other), NewRelation: customer.NewRelation{Kind: ownership.Guarantee, From: customer.PartyRef{ID: d.ID}, To: customer.PartyRef{ID: other.ID},
		Amount: fen(math.Round(other.revenue*part/1e5) * 1e5), ValidUntil: d.today.AddMonths(14), AsOf: d.JoinedOn, Source: "最高额保证合同"}})
}

// ownership records the owners and what ties the company to others.
func (d *diary) ownership() {
	do(d, d.OwnedOn, "analyst", customer.SetShareholders, customer.Shareholders{CustomerID: d.ID, Shareholders: slices.Clone(d.Shareholders)}, "")
	if h := d.Holding; h != nil {
		what := customer.SetPartyShareholders.Name() + " " + d.ID
		d.add(d.OwnedOn, what, func(ctx context.Context, r *operation.Runner) error {
			file, err := customer.FileOf(ctx, r.DB, d.ID)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(file.Shareholders, func(s customer.Shareholder) bool { return s.Name == h.Name })
			if at < 0 {
				return fault.NotFound("party", h.Name)
			}
			_, err = operation.Run(ctx, r, call(d.people["analyst"], "sample/"+what), customer.SetPartyShareholders,
				customer.PartyShareholders{PartyID: file.Shareholders[at].HolderID, Shareholders: slices.Clone(h.Owners)})
			return err
		})
	}
	for i, r := range d.Relations {
		do(d, r.On, "analyst", customer.Relate, r.NewRelation, fmt.Sprint(i))
	}
}
