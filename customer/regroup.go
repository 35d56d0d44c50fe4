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
	var changes []GroupChange
	taken := map[string]bool{}
	derived := g.Groups()
	byApex := map[string]*standing{}
	for _, id := range slices.Sorted(maps.Keys(stand)) {
		byApex[stand[id].ApexID] = stand[id]
	}
	for _, found := range derived { // who keeps its apex keeps its group
		if s := byApex[found.Apex.ID]; s != nil {
			taken[s.ID] = true
		}
	}
	for _, found := range derived {
		c := GroupChange{Name: found.Apex.Name, ApexID: found.Apex.ID, Status: GroupActive}
		customers := 0
		for _, m := range found.Members {
			c.Members = append(c.Members, m.ID)
			if n.parties[m.ID].customer {
				customers++
			}
		}
		s := byApex[found.Apex.ID]
		if customers == 0 {
			if s != nil {
				taken[s.ID] = false
			}
			continue
		}
		if s == nil {
			s = match(found, stand, taken)
		}
		if s != nil {
			c.ID, taken[s.ID] = s.ID, true
			if s.same(c) {
				continue
			}
		} else {
			c.ID = operation.NewID()
		}
		changes = append(changes, c)
	}
	for _, id := range slices.Sorted(maps.Keys(stand)) {
		if s := stand[id]; !taken[id] && (s.Status == GroupActive && !s.hand || len(s.members) > 0) {
			status := GroupClosed
			if s.hand { // what people added goes on
				status = s.Status
			}
			changes = append(changes, GroupChange{ID: id, Name: s.Name, ApexID: s.ApexID, Status: status, Members: []string{}})
		}
	}
	return pieces(changes, stale), nil
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
