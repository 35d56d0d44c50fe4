package limit

import (
	"cmp"
	"context"
	"slices"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/receivable"
)

// Position is what a customer owes in a currency beside its limit.
type Position struct {
	Exposure money.Amount `json:"exposure"`
	Limit    money.Amount `json:"limit"` // zero = none in force
}

// GroupTotal is what the customers of a group owe together in a currency, and the sum of their limits.
type GroupTotal struct {
	Currency  money.Currency `json:"currency"`
	Exposure  money.Amount   `json:"exposure"`
	Limit     money.Amount   `json:"limit"`
	Available money.Amount   `json:"available"` // sum of what each customer's own limit leaves, none below zero
	Over      int            `json:"over"`      // customers whose exposure exceeds their limit
}

// MemberPosition is a customer of a group with its positions, by currency.
type MemberPosition struct {
	CustomerID string     `json:"customer_id"`
	Name       string     `json:"name"`
	Hidden     bool       `json:"hidden,omitempty"` // another person's customer: its figures are not shown and not in the totals
	Positions  []Position `json:"positions"`
}

// GroupExposure is the exposure of a group (集团敞口).
type GroupExposure struct {
	GroupID string           `json:"group_id,omitempty"`
	Name    string           `json:"name,omitempty"`
	Members []MemberPosition `json:"members"`
	Totals  []GroupTotal     `json:"totals"`
	Hidden  int              `json:"hidden"` // customers that are not in the totals
}

// ExposureOfGroup rolls up what the customers of a group owe on a day, whatever the reader's scope: for decisions about
// the group as one risk.
func ExposureOfGroup(ctx context.Context, q database.Querier, groupID string, day clock.Date) ([]GroupTotal, error) {
	ids, err := customer.GroupCustomers(ctx, q, groupID)
	if err != nil {
		return nil, err
	}
	positions, err := positionsOf(ctx, q, ids, day)
	if err != nil {
		return nil, err
	}
	return total(positions)
}

// positionsOf gives the positions of customers in each currency in which they owe or have a limit.
func positionsOf(ctx context.Context, q database.Querier, ids []string, day clock.Date) (map[string][]Position, error) {
	balances, err := receivable.BalancesOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	all := map[string][]Position{}
	for _, b := range balances {
		exposure, err := b.Exposure()
		if err != nil {
			return nil, err
		}
		all[b.CustomerID] = append(all[b.CustomerID], Position{Exposure: exposure, Limit: money.Of(0, b.Currency)})
	}
	limits, err := activeAmong(ctx, q, ids, day)
	if err != nil {
		return nil, err
	}
	for _, l := range limits {
		at := slices.IndexFunc(all[l.CustomerID], func(p Position) bool { return p.Exposure.Currency == l.Amount.Currency })
		if at < 0 {
			at = len(all[l.CustomerID])
			all[l.CustomerID] = append(all[l.CustomerID], Position{Exposure: money.Of(0, l.Amount.Currency)})
		}
		all[l.CustomerID][at].Limit = l.Amount
	}
	return all, nil
}

func total(positions map[string][]Position) ([]GroupTotal, error) {
	sums := map[money.Currency]*GroupTotal{}
	for _, all := range positions {
		for _, p := range all {
			c := p.Exposure.Currency
			t := sums[c]
			if t == nil {
				t = &GroupTotal{Currency: c, Exposure: money.Of(0, c), Limit: money.Of(0, c), Available: money.Of(0, c)}
				sums[c] = t
			}
			var err error
			if t.Exposure, err = t.Exposure.Add(p.Exposure); err != nil {
				return nil, err
			}
			if t.Limit, err = t.Limit.Add(p.Limit); err != nil {
				return nil, err
			}
			if p.Exposure.Minor > p.Limit.Minor {
				t.Over++
			} else if t.Available, err = t.Available.Add(money.Of(p.Limit.Minor-p.Exposure.Minor, c)); err != nil {
				return nil, err
			}
		}
	}
	out := make([]GroupTotal, 0, len(sums))
	for _, t := range sums {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b GroupTotal) int { return cmp.Compare(a.Currency, b.Currency) })
	return out, nil
}

// GroupExposureInput names a group, or customers that are looked at together.
type GroupExposureInput struct {
	GroupID   string   `json:"group_id,omitempty"`
	Customers []string `json:"customers,omitempty"`
}

// Validate reports every wrong field.
func (in *GroupExposureInput) Validate() error {
	var c fault.Check
	c.That((in.GroupID != "") != (len(in.Customers) > 0), "group_id", "limit.group_or_customers", nil)
	c.That(len(in.Customers) <= listing.MostRows, "customers", "fault.range", fault.Args{"min": 1, "max": listing.MostRows})
	return c.Err()
}

// ShowGroupExposure shows what a group's customers owe, with their limits and the totals by currency. Customers outside of
// the reader's scope are named and left out of the totals.
var ShowGroupExposure = operation.NewView("group.exposure", func(ctx context.Context, rd *operation.Reading, in GroupExposureInput) (GroupExposure, error) {
	e := GroupExposure{GroupID: in.GroupID, Members: []MemberPosition{}}
	if in.GroupID != "" {
		g, err := customer.ViewGroup(ctx, rd, rd.Actor, in.GroupID)
		if err != nil {
			return GroupExposure{}, err
		}
		e.Name = g.Group.Name
		for _, m := range g.Members {
			if m.Customer {
				e.Members = append(e.Members, MemberPosition{CustomerID: m.PartyID, Name: m.Name, Hidden: m.Hidden})
			}
		}
	}
	for _, id := range in.Customers {
		if err := customer.Visible(ctx, rd, rd.Actor, id); err != nil {
			return GroupExposure{}, err
		}
		c, err := customer.ByID(ctx, rd, id)
		if err != nil {
			return GroupExposure{}, err
		}
		e.Members = append(e.Members, MemberPosition{CustomerID: id, Name: c.Name})
	}
	var ids []string
	for _, m := range e.Members {
		if m.Hidden {
			e.Hidden++
		} else {
			ids = append(ids, m.CustomerID)
		}
	}
	positions, err := positionsOf(ctx, rd, ids, rd.Today)
	if err != nil {
		return GroupExposure{}, err
	}
	for i := range e.Members {
		e.Members[i].Positions = positions[e.Members[i].CustomerID]
	}
	slices.SortStableFunc(e.Members, func(a, b MemberPosition) int { return cmp.Compare(largestOf(b), largestOf(a)) })
	e.Totals, err = total(positions)
	return e, err
})

func largestOf(m MemberPosition) (most int64) {
	for _, p := range m.Positions {
		most = max(most, p.Exposure.Minor)
	}
	return most
}

// GroupRow is a group in a list: what its customers within the reader's scope owe in a currency.
type GroupRow struct {
	customer.Group
	Customers int64        `json:"customers"` // within the reader's scope
	Exposure  money.Amount `json:"exposure"`
	Limit     money.Amount `json:"limit"`
	Frozen    int64        `json:"frozen"` // customers with a freeze
	ApexName  string       `json:"apex_name,omitempty"`
}

// GroupsInput asks for groups; figures are in the currency (empty = CNY). Search looks in the names of groups and members.
type GroupsInput struct {
	Search   string         `json:"search,omitempty"`
	Currency money.Currency `json:"currency,omitempty"`
	listing.Query
}

// GroupPage is a page of groups.
type GroupPage struct {
	Rows  []GroupRow `json:"rows"`
	Next  string     `json:"next,omitempty"`
	Total int64      `json:"total"`
}

// ListGroups shows the groups that have a customer within the reader's scope.
var ListGroups = operation.NewView("group.list", func(ctx context.Context, rd *operation.Reading, in GroupsInput) (GroupPage, error) {
	if in.Currency == "" {
		in.Currency = money.CNY
	}
	return groupPage(ctx, rd, rd.Actor, rd.Today, in)
})
