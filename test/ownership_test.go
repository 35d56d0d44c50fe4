package test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/test/story"
)

func holderPerson(name string, share float64) customer.Shareholder {
	return customer.Shareholder{Kind: "person", Name: name, Share: share}
}

func holderCompany(name string, share float64) customer.Shareholder {
	return customer.Shareholder{Kind: "company", Name: name, Share: share}
}

func setOwnersOf(w *story.World, c customer.Customer, holders ...customer.Shareholder) customer.Shareholders {
	w.T.Helper()
	return story.Must(w, w.Analyst, customer.SetShareholders, customer.Shareholders{CustomerID: c.ID, Shareholders: holders})
}

func mustRefuse[In, Out any](w *story.World, a operation.Actor, o *operation.Operation[In, Out], in In, want string) {
	w.T.Helper()
	_, err := operation.Run(w.T.Context(), w.Runner, story.By(a), o, in)
	if err == nil || !strings.Contains(err.Error(), want) {
		w.T.Errorf("%s: %v, want %s", o.Name(), err, want)
	}
}

func standsBehind(w *story.World, a operation.Actor, c customer.Customer) customer.Ownership {
	w.T.Helper()
	return story.See(w, a, customer.ShowOwnership, customer.ByIDInput{ID: c.ID})
}

// Two customers hold parts of each other: the person behind the second is a beneficial owner of the first by the circle
// alone. 0.3·0.8/(1−0.2·0.3) = 25.53 %, where the single way gives 24 %.
func TestWhoStandsBehindACustomer(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		a, b := newCustomer(w, "江宁甲电气有限公司", 0), newCustomer(w, "江宁乙机械有限公司", 0)
		setOwnersOf(w, a, holderPerson("钱一", 70), holderCompany(b.Name, 30))
		set := setOwnersOf(w, b, holderPerson("孙二", 80), holderCompany(a.Name, 20))
		if set.Shareholders[1].HolderID != a.ID {
			t.Errorf("the customer %s was not known again: %+v", a.ID, set.Shareholders[1])
		}
		v := standsBehind(w, w.Manager, a)
		want := map[string]float64{"钱一": 70 / .94, "孙二": 24 / .94, b.Name: 30}
		for _, h := range v.Owners {
			if p := want[h.Party.Name]; math.Abs(100*h.Fraction-p) > 1e-9 {
				t.Errorf("%s has %.4f %%, want %.4f", h.Party.Name, 100*h.Fraction, p)
			}
		}
		if len(v.Owners) != 3 || v.Undisclosed != 0 || math.Abs(v.SelfHeld-.06) > 1e-12 {
			t.Errorf("owners %+v, undisclosed %v, of itself %v", v.Owners, v.Undisclosed, v.SelfHeld)
		}
		if f := v.Beneficial; len(f.Owners) != 2 || !f.Complete || f.Owners[1].Party.Name != "孙二" || f.Owners[1].Ground != ownership.ByShare || len(f.Owners[1].Chains) != 1 {
			t.Errorf("beneficial owners %+v", f)
		}
		if len(v.Controllers) != 1 || v.Controllers[0].Party.Name != "钱一" || v.Controllers[0].Rule != ownership.ByMajority {
			t.Errorf("controllers %+v", v.Controllers)
		}
		if len(v.Net.Nodes) != 4 || len(v.Net.Edges) != 4 || len(v.Wrong) != 0 {
			t.Errorf("net %+v, wrong %+v", v.Net, v.Wrong)
		}
	})
}

// Above a customer stand companies that are none: they have owners of their own, layer on layer.
func TestOwnersAboveACompanyThatIsNoCustomer(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		c := newCustomer(w, "宁渡市恒岳轴承有限公司", 0)
		held := setOwnersOf(w, c, holderCompany("恒岳控股有限公司", 60), holderPerson("李三", 40))
		holding := held.Shareholders[0].HolderID
		v := standsBehind(w, w.Manager, c)
		if v.Beneficial.Owners[0].Party.Name != "李三" || v.Beneficial.Complete || math.Abs(v.Beneficial.Undisclosed-.6) > 1e-9 {
			t.Errorf("with an owner that is not looked through: %+v", v.Beneficial)
		}
		story.Must(w, w.Analyst, customer.SetPartyShareholders, customer.PartyShareholders{PartyID: holding,
			Shareholders: []customer.Shareholder{holderCompany("恒岳投资有限公司", 90), holderPerson("李三", 10)}})
		top := story.See(w, w.Manager, customer.Neighbours, customer.NeighboursInput{ID: holding})
		investor := ""
		for _, n := range top.Nodes {
			if n.Name == "恒岳投资有限公司" {
				investor = n.ID
			}
		}
		story.Must(w, w.Analyst, customer.SetPartyShareholders, customer.PartyShareholders{PartyID: investor, Shareholders: []customer.Shareholder{holderPerson("王四", 100)}})
		v = standsBehind(w, w.Manager, c)
		// 王四: 100 · 90 · 60 = 54 %; 李三: 40 + 10 · 60 = 46 %, one person on both layers.
		got := map[string]float64{}
		for _, b := range v.Beneficial.Owners {
			got[b.Party.Name] = math.Round(1e6*b.Fraction) / 1e4
		}
		if got["王四"] != 54 || got["李三"] != 46 || len(got) != 2 || !v.Beneficial.Complete || v.Undisclosed != 0 {
			t.Errorf("%+v complete %v undisclosed %v", got, v.Beneficial.Complete, v.Undisclosed)
		}
		if len(v.Controllers) != 1 || v.Controllers[0].Party.Name != "王四" || len(v.Controllers[0].Chain.Steps) != 3 {
			t.Errorf("controllers %+v", v.Controllers)
		}
		mustRefuse(w, w.Analyst, customer.SetPartyShareholders, customer.PartyShareholders{PartyID: investor, Shareholders: []customer.Shareholder{holderPerson("王四", 60), holderPerson("赵五", 50)}}, "shares_exceed")
		mustRefuse(w, w.Analyst, customer.SetPartyShareholders, customer.PartyShareholders{PartyID: investor, Shareholders: []customer.Shareholder{holderCompany("恒岳投资有限公司", 50)}}, "owns_itself")
		// When the investor becomes a customer, what was known of its owners goes with it.
		n := newCustomer(w, "恒岳投资有限公司", 0)
		if v = standsBehind(w, w.Manager, n); len(v.Beneficial.Owners) != 1 || v.Beneficial.Owners[0].Party.Name != "王四" {
			t.Errorf("as a customer: %+v", v.Beneficial)
		}
		if v = standsBehind(w, w.Manager, c); len(v.Owners) != 4 || v.Owners[0].Party.ID == investor {
			t.Errorf("through the customer: %+v", v.Owners)
		}
	})
}

func TestCirclesAndVotesAreChecked(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		a, b := newCustomer(w, "甲一有限公司", 0), newCustomer(w, "乙二有限公司", 0)
		setOwnersOf(w, a, holderCompany(b.Name, 100))
		mustRefuse(w, w.Analyst, customer.SetShareholders, customer.Shareholders{CustomerID: b.ID, Shareholders: []customer.Shareholder{holderCompany(a.Name, 100)}}, "closed_circle")
		setOwnersOf(w, b, holderCompany(a.Name, 50), holderPerson("周六", 50))
		if v := standsBehind(w, w.Manager, a); len(v.Beneficial.Owners) != 1 || math.Abs(v.Beneficial.Owners[0].Fraction-1) > 1e-9 {
			t.Errorf("%+v", v.Beneficial)
		}
		zero, forty := 0.0, 60.0
		relate := customer.NewRelation{Kind: ownership.Voting, From: customer.PartyRef{Kind: ownership.Person, Name: "吴七"}, To: customer.PartyRef{ID: b.ID}, Share: &forty}
		mustRefuse(w, w.Analyst, customer.Relate, relate, "votes_exceed")
		gave := relate
		gave.From, gave.Share = customer.PartyRef{Kind: ownership.Person, Name: "周六"}, &zero
		story.Must(w, w.Analyst, customer.Relate, gave)
		fifty := 50.0
		relate.Share = &fifty
		story.Must(w, w.Analyst, customer.Relate, relate)
		mustRefuse(w, w.Analyst, customer.Relate, relate, "relation_stands")
		v := standsBehind(w, w.Manager, b)
		grounds := map[string]ownership.Ground{}
		for _, x := range v.Beneficial.Owners {
			grounds[x.Party.Name] = x.Ground
		}
		if grounds["周六"] != ownership.ByShare || grounds["吴七"] != ownership.ByVotes {
			t.Errorf("%+v", grounds)
		}
		mustRefuse(w, w.Analyst, customer.Relate, customer.NewRelation{Kind: ownership.Office, Role: ownership.Director, From: customer.PartyRef{ID: a.ID}, To: customer.PartyRef{ID: b.ID}}, "only_person_serves")
		mustRefuse(w, w.Analyst, customer.SetShareholders, customer.Shareholders{CustomerID: a.ID, Shareholders: []customer.Shareholder{{Kind: "person", Name: "郑八", Share: 10, IDNumber: "110105194912310021"}}}, "id_number")
	})
}

// One person with one number is one node whatever the spelling of the company's file; namesakes with two numbers are two;
// what the name alone linked can be separated, and merged again.
func TestOnePersonIsOneNode(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		a, b, c := newCustomer(w, "丙三有限公司", 0), newCustomer(w, "丁四有限公司", 0), newCustomer(w, "戊五有限公司", 0)
		zhang := holderPerson("张伟", 60)
		one := setOwnersOf(w, a, zhang).Shareholders[0].HolderID
		zhang.IDNumber = "11010519491231002X" // the example of GB 11643-1999
		if id := setOwnersOf(w, b, zhang).Shareholders[0].HolderID; id != one {
			t.Errorf("the number was not added to the one known by name")
		}
		zhang.IDNumber = "440524188001010014" // the other example there
		other := setOwnersOf(w, c, zhang).Shareholders[0]
		if other.HolderID == one || !strings.Contains(other.IDNumber, "****") {
			t.Errorf("namesakes with two numbers: %+v", other)
		}
		w.React()
		groups := story.See(w, w.Manager, limit.ListGroups, limit.GroupsInput{})
		if len(groups.Rows) != 1 || groups.Rows[0].Customers != 2 {
			t.Fatalf("groups %+v", groups.Rows)
		}
		apart := story.Must(w, w.Analyst, customer.SeparateParty, customer.SeparateInput{PartyID: one, CompanyID: a.ID, Reason: "身份证号不同"})
		w.React()
		if groups = story.See(w, w.Manager, limit.ListGroups, limit.GroupsInput{}); len(groups.Rows) != 0 {
			t.Errorf("after separating: %+v", groups.Rows)
		}
		zhang.IDNumber = ""
		if id := setOwnersOf(w, a, zhang, holderPerson("何九", 10)).Shareholders[0].HolderID; id != apart.ID {
			t.Errorf("saving the owners again made the namesake the other one: %s", id)
		}
		story.Must(w, w.Analyst, customer.MergeParties, customer.MergeInput{ID: apart.ID, Into: one, Reason: "经核对为同一人"})
		w.React()
		if groups = story.See(w, w.Manager, limit.ListGroups, limit.GroupsInput{}); len(groups.Rows) != 1 || groups.Rows[0].ApexName != "张伟" {
			t.Errorf("after merging: %+v", groups.Rows)
		}
		seen := story.See(w, w.Manager, customer.ShowParty, customer.ByIDInput{ID: one})
		if len(seen.Namesakes) != 2 || len(seen.Net.Edges) != 2 {
			t.Errorf("party %+v", seen)
		}
		mustRefuse(w, w.Analyst, customer.MergeParties, customer.MergeInput{ID: apart.ID, Into: one, Reason: "再"}, "party_merged")
		mustRefuse(w, w.Analyst, customer.MergeParties, customer.MergeInput{ID: one, Into: a.ID, Reason: "再"}, "party_kinds")
		story.Must(w, w.Analyst, customer.UnmergeParty, customer.UnmergeInput{ID: apart.ID, Reason: "核对有误"})
		w.React()
		if groups = story.See(w, w.Manager, limit.ListGroups, limit.GroupsInput{}); len(groups.Rows) != 0 {
			t.Errorf("after undoing: %+v", groups.Rows)
		}
	})
}

// A group follows from control; people add and remove members; its exposure is the sum of its customers' by currency.
func TestGroupsAndTheirExposure(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		head, sub := newCustomer(w, "昭川集团有限公司", 1_000_000), newCustomer(w, "昭川轴承有限公司", 500_000)
		friend, rest := newCustomer(w, "昭川物流有限公司", 0), newCustomer(w, "别家有限公司", 0)
		setOwnersOf(w, head, holderPerson("高十", 100))
		setOwnersOf(w, sub, holderCompany(head.Name, 51), holderPerson("许某", 49))
		setOwnersOf(w, friend, holderPerson("许某", 100))
		for i, c := range []customer.Customer{head, sub, friend, rest} {
			story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: c.ID, Number: fmt.Sprint("I", i), Amount: story.Yuan(int64(100_000 * (i + 1))), IssuedOn: w.Today()})
		}
		w.React()
		page := story.See(w, w.Manager, limit.ListGroups, limit.GroupsInput{})
		if len(page.Rows) != 1 || page.Total != 1 || page.Rows[0].Customers != 2 || page.Rows[0].Exposure != story.Yuan(300_000) || page.Rows[0].Limit != story.Yuan(1_500_000) || page.Rows[0].ApexName != "高十" {
			t.Fatalf("%+v", page)
		}
		id := page.Rows[0].ID
		add := customer.GroupMember{GroupID: id, Party: customer.PartyRef{ID: friend.ID}, Reason: "共用厂房与资金"}
		story.Must(w, w.Manager, customer.AddMember, add)
		mustRefuse(w, w.Manager, customer.AddMember, add, "member_already")
		e := story.See(w, w.Manager, limit.ShowGroupExposure, limit.GroupExposureInput{GroupID: id})
		// 300,000 of the friend exceed no limit of its own: it has none, so it is over.
		if len(e.Members) != 3 || len(e.Totals) != 1 || e.Totals[0].Exposure != story.Yuan(600_000) || e.Totals[0].Limit != story.Yuan(1_500_000) || e.Totals[0].Available != story.Yuan(1_200_000) || e.Totals[0].Over != 1 {
			t.Errorf("%+v", e)
		}
		totals, err := limit.ExposureOfGroup(t.Context(), w.DB, id, w.Today())
		if err != nil || !slices.Equal(totals, e.Totals) {
			t.Errorf("for limits: %+v %v", totals, err)
		}
		out := customer.GroupMember{GroupID: id, Party: customer.PartyRef{ID: sub.ID}, Reason: "股权已转让，工商未变更"}
		story.Must(w, w.Manager, customer.RemoveMember, out)
		// What people decided stands when the groups are found anew.
		setOwnersOf(w, sub, holderCompany(head.Name, 60), holderPerson("许某", 40))
		w.React()
		v := story.See(w, w.Manager, customer.ShowGroup, customer.GroupInput{ID: id})
		if len(v.Removed) != 1 || v.Removed[0].PartyID != sub.ID || !v.Removed[0].Derived || len(v.Members) != 3 {
			t.Errorf("%+v", v)
		}
		story.Must(w, w.Manager, customer.ResetMember, out)
		// Without control the derived members go; the one added by hand stays, and so does the group.
		setOwnersOf(w, sub, holderPerson("陈某", 100))
		w.React()
		v = story.See(w, w.Manager, customer.ShowGroup, customer.GroupInput{ID: id})
		if len(v.Members) != 1 || v.Members[0].PartyID != friend.ID || v.Group.Status != customer.GroupActive {
			t.Errorf("without control: %+v", v)
		}
		made := story.Must(w, w.Manager, customer.CreateGroup, customer.NewGroup{Name: "手工集团", Members: []string{head.ID, rest.ID}, Reason: "同一经营场所"})
		totals, err = limit.ExposureOfGroup(t.Context(), w.DB, made.ID, w.Today())
		if err != nil || len(totals) != 1 || totals[0].Exposure != story.Yuan(500_000) {
			t.Errorf("by hand: %+v %v", totals, err)
		}
		page = story.See(w, w.Manager, limit.ListGroups, limit.GroupsInput{Search: "别家", Query: listing.Query{Sort: "name"}})
		if len(page.Rows) != 1 || page.Rows[0].ID != made.ID {
			t.Errorf("search: %+v", page.Rows)
		}
		story.Must(w, w.Manager, customer.CloseGroup, customer.CloseInput{ID: made.ID, Reason: "已分开经营"})
		mustRefuse(w, w.Manager, customer.CloseGroup, customer.CloseInput{ID: id, Reason: "x"}, "group_not_manual")
		mustRefuse(w, w.Manager, customer.Regroup, customer.GroupChanges{}, "forbidden")
	})
}

// A salesperson sees of others' customers in the graph their name, and nothing in figures.
func TestOthersCustomersAreNamesOnly(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		mine := newCustomer(w, "本人客户有限公司", 0)
		theirs := story.Must(w, w.Sales2, customer.Create, customer.New{Profile: customer.Profile{Name: "他人客户有限公司", TermsDays: 30}})
		setOwnersOf(w, mine, holderPerson("共同人", 80))
		setOwnersOf(w, theirs, holderPerson("共同人", 70), holderPerson("暗股东", 30))
		story.Must(w, w.Manager, receivable.IssueInvoice, receivable.NewInvoice{CustomerID: theirs.ID, Number: "T1", Amount: story.Yuan(900_000), IssuedOn: w.Today()})
		story.Must(w, w.Analyst, customer.Relate, customer.NewRelation{Kind: ownership.Office, Role: ownership.Director, From: customer.PartyRef{Kind: ownership.Person, Name: "共同人"}, To: customer.PartyRef{ID: theirs.ID}})
		w.React()
		v := standsBehind(w, w.Sales, mine)
		found := false
		for _, n := range v.Net.Nodes {
			found = found || n.ID == theirs.ID && n.Hidden && n.Name == theirs.Name
		}
		for _, e := range v.Net.Edges {
			if e.To == theirs.ID && (e.Percent != nil || e.Role != "" || e.ID != "") {
				t.Errorf("%+v", e)
			}
		}
		if !found || len(v.Related) != 1 || !v.Related[0].Hidden {
			t.Errorf("net %+v related %+v", v.Net, v.Related)
		}
		groups := story.See(w, w.Sales, limit.ListGroups, limit.GroupsInput{})
		if len(groups.Rows) != 1 || groups.Rows[0].Customers != 1 || !groups.Rows[0].Exposure.IsZero() {
			t.Fatalf("%+v", groups.Rows)
		}
		e := story.See(w, w.Sales, limit.ShowGroupExposure, limit.GroupExposureInput{GroupID: groups.Rows[0].ID})
		if len(e.Members) != 2 || e.Hidden != 1 || len(e.Totals) != 0 {
			t.Errorf("%+v", e)
		}
		all := story.See(w, w.Manager, limit.ShowGroupExposure, limit.GroupExposureInput{GroupID: groups.Rows[0].ID})
		if all.Hidden != 0 || all.Totals[0].Exposure != story.Yuan(900_000) {
			t.Errorf("%+v", all)
		}
		for _, view := range []func() error{
			func() error {
				_, err := operation.Read(t.Context(), w.Runner, story.By(w.Sales), customer.ShowOwnership, customer.ByIDInput{ID: theirs.ID})
				return err
			},
			func() error {
				_, err := operation.Read(t.Context(), w.Runner, story.By(w.Sales), customer.Neighbours, customer.NeighboursInput{ID: theirs.ID})
				return err
			},
			func() error {
				_, err := operation.Read(t.Context(), w.Runner, story.By(w.Sales), limit.ShowGroupExposure, limit.GroupExposureInput{Customers: []string{theirs.ID}})
				return err
			},
		} {
			if err := view(); fault.KindOf(err) != fault.KindNotFound {
				t.Errorf("%v", err)
			}
		}
		mustRefuse(w, w.Sales, customer.Relate, customer.NewRelation{Kind: ownership.Control, From: customer.PartyRef{Kind: ownership.Person, Name: "x"}, To: customer.PartyRef{ID: theirs.ID}}, "forbidden")
	})
}

func TestCommonOfficersAndGuarantees(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		a, b := newCustomer(w, "己六有限公司", 0), newCustomer(w, "庚七有限公司", 0)
		for _, c := range []customer.Customer{a, b} {
			story.Must(w, w.Analyst, customer.Relate, customer.NewRelation{Kind: ownership.Office, Role: ownership.Manager, From: customer.PartyRef{Kind: ownership.Person, Name: "何经理"}, To: customer.PartyRef{ID: c.ID}})
		}
		first := story.Must(w, w.Analyst, customer.Relate, customer.NewRelation{Kind: ownership.Guarantee, From: customer.PartyRef{ID: a.ID}, To: customer.PartyRef{ID: b.ID}, Amount: story.Yuan(2_000_000)})
		story.Must(w, w.Analyst, customer.Relate, customer.NewRelation{Kind: ownership.Guarantee, From: customer.PartyRef{ID: b.ID}, To: customer.PartyRef{ID: a.ID}, Amount: story.Yuan(1_000_000)})
		v := standsBehind(w, w.Manager, a)
		if len(v.Common) != 1 || len(v.Common[0].Posts) != 2 || len(v.Circles) != 1 || len(v.Circles[0].Links) != 2 {
			t.Errorf("common %+v circles %+v", v.Common, v.Circles)
		}
		if len(v.Related) != 1 || !slices.Equal(v.Related[0].How, []string{"guarantee", "officer"}) {
			t.Errorf("related %+v", v.Related)
		}
		// Nobody holds anything: who runs the business counts as the beneficial owner.
		if f := v.Beneficial; len(f.Owners) != 1 || f.Owners[0].Ground != ownership.ByOffice || f.Owners[0].Party.Name != "何经理" || f.Complete {
			t.Errorf("%+v", f)
		}
		// Three in a ring: each sees all of it, though two of the guarantees are not next to it.
		var ring []customer.Customer
		for _, name := range []string{"环一有限公司", "环二有限公司", "环三有限公司"} {
			ring = append(ring, newCustomer(w, name, 0))
		}
		for i, c := range ring {
			story.Must(w, w.Analyst, customer.Relate, customer.NewRelation{Kind: ownership.Guarantee, From: customer.PartyRef{ID: c.ID}, To: customer.PartyRef{ID: ring[(i+1)%3].ID}, Amount: story.Yuan(500_000)})
		}
		for _, c := range ring {
			if circles := standsBehind(w, w.Manager, c).Circles; len(circles) != 1 || len(circles[0].Members) != 3 || len(circles[0].Links) != 3 {
				t.Errorf("the ring seen from %s: %+v", c.Name, circles)
			}
		}
		story.Must(w, w.Analyst, customer.Unrelate, customer.UnrelateInput{ID: first.ID, Reason: "担保已解除"})
		if v = standsBehind(w, w.Manager, a); len(v.Circles) != 0 {
			t.Errorf("after release %+v", v.Circles)
		}
	})
}

// Many files that name the same new shareholder at once make one party of him, on either engine; and so does a company that
// is opened as a customer at the same time.
func TestOnePartyThoughManyNameItAtOnce(t *testing.T) {
	t.Parallel()
	story.Each(t, func(w *story.World) {
		const files = 12
		var customers []customer.Customer
		for i := range files {
			customers = append(customers, newCustomer(w, fmt.Sprintf("并发%02d有限公司", i), 0))
		}
		var wg sync.WaitGroup
		failed := make([]error, files+1)
		for i, c := range customers {
			wg.Go(func() {
				_, failed[i] = operation.Run(t.Context(), w.Runner, story.By(w.Analyst), customer.SetShareholders,
					customer.Shareholders{CustomerID: c.ID, Shareholders: []customer.Shareholder{holderPerson("同一人", 60), holderCompany("同一控股有限公司", 40)}})
			})
		}
		wg.Go(func() {
			_, failed[files] = operation.Run(t.Context(), w.Runner, story.By(w.Analyst), customer.Create, customer.New{ID: "late", Profile: customer.Profile{Name: "同一控股有限公司"}})
		})
		wg.Wait()
		for i, err := range failed {
			if err != nil {
				t.Fatalf("%d: %v", i, err)
			}
		}
		n := story.See(w, w.Manager, customer.Neighbours, customer.NeighboursInput{ID: "late"})
		owned := 0
		for _, e := range n.Edges {
			if e.From == "late" {
				owned++
			}
		}
		if owned != files {
			t.Errorf("the late customer owns %d of %d", owned, files)
		}
		w.React()
		groups := story.See(w, w.Manager, limit.ListGroups, limit.GroupsInput{})
		if len(groups.Rows) != 1 || groups.Rows[0].Customers != files {
			t.Errorf("%+v", groups.Rows)
		}
	})
}
