package customer

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// GroupChange is a derived group as it should stand.
type GroupChange struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	ApexID  string   `json:"apex_id"`
	Status  string   `json:"status"`
	Members []string `json:"members"`
}

// GroupChanges is the input of Regroup: groups that have changed, and the notes of change that they answer.
type GroupChanges struct {
	Groups []GroupChange `json:"groups"`
	Stale  []string      `json:"stale"`
}

// Regrouped tells what Regroup wrote.
type Regrouped struct {
	Groups int `json:"groups"`
}

// Regroup writes derived groups as they were found by Groupings. It sets what is, so that twice is once.
var Regroup = operation.New("group.regroup", func(ctx context.Context, tx *operation.Tx, in GroupChanges) (Regrouped, error) {
	for _, c := range in.Groups {
		if err := putDerived(ctx, tx, c); err != nil {
			return Regrouped{}, err
		}
		tx.Changed("group", c.ID, nil, c)
	}
	return Regrouped{Groups: len(in.Groups)}, clearStale(ctx, tx.Tx, in.Stale)
}).Guard(func(_ context.Context, tx *operation.Tx, _ GroupChanges) error {
	if !tx.Actor.System { // people decide about members one by one, with a reason
		return fault.Forbidden("fault.forbidden", fault.Args{"operation": "group.regroup"})
	}
	return nil
})

const (
	groupsAtOnce  = 20  // in one transaction
	membersAtOnce = 200 // of them together, unless one group alone has more
)

// Groupings reads the whole graph outside of any transaction, derives its groups, and gives what differs from those that
// stand, in pieces for Regroup. always says to look though no change is noted. A change that comes meanwhile leaves a note
// of its own, for the next time.
func Groupings(ctx context.Context, q database.Querier, always bool) ([]GroupChanges, error) {
	stale, err := staleGroups(ctx, q)
	if err != nil || len(stale) == 0 && !always {
		return nil, err
	}
	n := newNetwork()
	if err := n.whole(ctx, q); err != nil {
		return nil, err
	}
	g, _, err := n.sound()
	if err != nil {
		return nil, err
	}
	stand, err := derivedGroups(ctx, q)
	if err != nil {
		return nil, err
	}
	changes, taken := found(n, g.Groups(), stand)
	return pieces(append(changes, ended(stand, taken)...), stale), nil
}

// found compares the groups that follow from control with those that stand: who keeps its apex keeps its group. taken are
// the stored groups that go on.
func found(n *network, derived []ownership.Group, stand map[string]*standing) (changes []GroupChange, taken map[string]bool) {
	taken = map[string]bool{}
	byApex := map[string]*standing{}
	for _, id := range slices.Sorted(maps.Keys(stand)) {
		byApex[stand[id].ApexID] = stand[id]
	}
	derived = slices.DeleteFunc(derived, func(g ownership.Group) bool { // of no concern to us
		return !slices.ContainsFunc(g.Members, func(m ownership.Party) bool { return n.parties[m.ID].customer })
	})
	for _, g := range derived {
		if s := byApex[g.Apex.ID]; s != nil {
			taken[s.ID] = true
		}
	}
	for _, g := range derived {
		c := GroupChange{Name: g.Apex.Name, ApexID: g.Apex.ID, Status: GroupActive}
		for _, m := range g.Members {
			c.Members = append(c.Members, m.ID)
		}
		s := byApex[g.Apex.ID]
		if s == nil {
			s = match(g, stand, taken)
		}
		if s == nil {
			c.ID = operation.NewID()
		} else {
			c.ID, taken[s.ID] = s.ID, true
			if s.same(c) {
				continue
			}
		}
		changes = append(changes, c)
	}
	return changes, taken
}

// ended gives what becomes of the stored groups whose control is gone: closed, unless people added members to them.
func ended(stand map[string]*standing, taken map[string]bool) (changes []GroupChange) {
	for _, id := range slices.Sorted(maps.Keys(stand)) {
		s := stand[id]
		if taken[id] || len(s.members) == 0 && (s.hand || s.Status != GroupActive) {
			continue
		}
		status := GroupClosed
		if s.hand {
			status = s.Status
		}
		changes = append(changes, GroupChange{ID: id, Name: s.Name, ApexID: s.ApexID, Status: status, Members: []string{}})
	}
	return changes
}

// match finds the stored group that a found one of another apex goes on: the one with most companies in common.
func match(found ownership.Group, stand map[string]*standing, taken map[string]bool) *standing {
	var best *standing
	most := 0
	for _, id := range slices.Sorted(maps.Keys(stand)) {
		s := stand[id]
		if taken[id] {
			continue
		}
		shared := 0
		for _, m := range found.Members {
			if s.members[m.ID] && m.Kind == ownership.Company {
				shared++
			}
		}
		if shared > most {
			best, most = s, shared
		}
	}
	return best
}

func (s *standing) same(c GroupChange) bool {
	return s.ApexID == c.ApexID && s.Status == c.Status && (s.named || s.Name == c.Name) && len(s.members) == len(c.Members) &&
		!slices.ContainsFunc(c.Members, func(id string) bool { return !s.members[id] })
}

// pieces cuts changes so that none holds a transaction long; the notes go with the last, when all is written.
func pieces(changes []GroupChange, stale []string) []GroupChanges {
	slices.SortFunc(changes, func(a, b GroupChange) int { return cmp.Compare(a.ID, b.ID) })
	var all []GroupChanges
	var piece GroupChanges
	members := 0
	for _, c := range changes {
		if len(piece.Groups) == groupsAtOnce || len(piece.Groups) > 0 && members+len(c.Members) > membersAtOnce {
			all, piece, members = append(all, piece), GroupChanges{}, 0
		}
		piece.Groups, members = append(piece.Groups, c), members+len(c.Members)
	}
	if len(piece.Groups) > 0 {
		all = append(all, piece)
	}
	for part := range slices.Chunk(stale, chunk) {
		all = append(all, GroupChanges{Stale: part})
	}
	return all
}
