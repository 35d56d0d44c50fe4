package customer

import (
	"context"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// GroupKind says where a group comes from.
type GroupKind string

// The kinds of group.
const (
	DerivedGroup GroupKind = "derived" // from control
	ManualGroup  GroupKind = "manual"
)

// Hand says what a person decided about a member.
type Hand string

// The decisions.
const (
	HandAdded   Hand = "added"
	HandRemoved Hand = "removed"
)

// Group is a set of companies that count as one risk (集团客户). Its apex is who controls a derived one.
type Group struct {
	ID        string    `json:"id"`
	Kind      GroupKind `json:"kind"`
	Name      string    `json:"name"`
	ApexID    string    `json:"apex_id,omitempty"`
	Note      string    `json:"note,omitempty"`
	Status    string    `json:"status"` // active or closed
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Version   int64     `json:"version"`
}

// GroupActive and GroupClosed are the states of a group: a derived one whose control has ended is closed.
const (
	GroupActive = "active"
	GroupClosed = "closed"
)

// Member is a party of a group. It counts when it was added by hand, or derived and not removed by hand.
type Member struct {
	PartyID  string         `json:"party_id"`
	Name     string         `json:"name"`
	Kind     ownership.Kind `json:"kind"`
	Customer bool           `json:"customer"`
	Hidden   bool           `json:"hidden,omitempty"` // another one's customer: its name is all that the reader sees
	Derived  bool           `json:"derived"`
	Hand     Hand           `json:"hand,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	SetBy    string         `json:"set_by,omitempty"`
	SetAt    time.Time      `json:"set_at"`
}

// In tells whether the member counts.
func (m Member) In() bool { return m.Hand == HandAdded || m.Derived && m.Hand != HandRemoved }

// NewGroup is the input of CreateGroup.
type NewGroup struct {
	Name    string   `json:"name"`
	Note    string   `json:"note,omitempty"`
	Members []string `json:"members"` // customers or parties
	Reason  string   `json:"reason"`
}

// Validate reports every wrong field.
func (in *NewGroup) Validate() error {
	var c fault.Check
	in.Name = strings.Join(strings.Fields(in.Name), " ")
	c.Required("name", in.Name)
	c.Length("name", in.Name, 200)
	c.Length("note", in.Note, 1000)
	c.Required("reason", in.Reason)
	return c.Err()
}

// CreateGroup makes a group by hand.
var CreateGroup = operation.New("group.create", func(ctx context.Context, tx *operation.Tx, in NewGroup) (Group, error) {
	g := Group{ID: operation.NewID(), Kind: ManualGroup, Name: in.Name, Note: in.Note, Status: GroupActive, CreatedAt: tx.Now, UpdatedAt: tx.Now, Version: 1}
	if err := insertGroup(ctx, tx.Tx, g); err != nil {
		return Group{}, err
	}
	for _, id := range in.Members {
		if err := setHand(ctx, tx, GroupMember{GroupID: g.ID, Party: PartyRef{ID: id}, Reason: in.Reason}, HandAdded); err != nil {
			return Group{}, err
		}
	}
	tx.About(g.ID)
	tx.Changed("group", g.ID, nil, g)
	return g, nil
}).Guard(wideOnly[NewGroup])

// GroupEdit is the input of UpdateGroup.
type GroupEdit struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Note    string `json:"note,omitempty"`
}

// Validate reports every wrong field.
func (in *GroupEdit) Validate() error {
	var c fault.Check
	in.Name = strings.Join(strings.Fields(in.Name), " ")
	c.Required("id", in.ID)
	c.Required("name", in.Name)
	c.Length("name", in.Name, 200)
	c.Length("note", in.Note, 1000)
	c.That(in.Version > 0, "version", "fault.version_required", nil)
	return c.Err()
}

// UpdateGroup names a group; the name then stays when a derived group is found anew.
var UpdateGroup = operation.New("group.update", func(ctx context.Context, tx *operation.Tx, in GroupEdit) (Group, error) {
	before, err := GroupByID(ctx, tx, in.ID)
	if err != nil {
		return Group{}, err
	}
	g := before
	g.Name, g.Note, g.UpdatedAt = in.Name, in.Note, tx.Now
	if err := updateGroup(ctx, tx.Tx, g, in.Version, in.Name != before.Name); err != nil {
		return Group{}, err
	}
	g.Version = in.Version + 1
	tx.About(g.ID)
	tx.Changed("group", g.ID, before, g)
	return g, nil
}).Guard(wideOnly[GroupEdit])

// CloseInput ends a group that was made by hand.
type CloseInput struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Validate reports every wrong field.
func (in *CloseInput) Validate() error {
	var c fault.Check
	c.Required("id", in.ID)
	c.Required("reason", in.Reason)
	return c.Err()
}

// CloseGroup ends a group that was made by hand; a derived one ends with the control that makes it.
var CloseGroup = operation.New("group.close", func(ctx context.Context, tx *operation.Tx, in CloseInput) (Group, error) {
	before, err := GroupByID(ctx, tx, in.ID)
	if err != nil {
		return Group{}, err
	}
	if before.Kind != ManualGroup || before.Status == GroupClosed {
		return Group{}, fault.Conflict("customer.group_not_manual", fault.Args{"name": before.Name})
	}
	g := before
	g.Status, g.UpdatedAt = GroupClosed, tx.Now
	if err := updateGroup(ctx, tx.Tx, g, before.Version, false); err != nil {
		return Group{}, err
	}
	g.Version++
	tx.About(g.ID)
	tx.Changed("group", g.ID, before, g)
	tx.Changed("group.reason", g.ID, nil, in.Reason)
	return g, nil
}).Guard(wideOnly[CloseInput])

// GroupMember is the input of the operations about a member.
type GroupMember struct {
	GroupID string   `json:"group_id"`
	Party   PartyRef `json:"party"`
	Reason  string   `json:"reason"`
}

// Validate reports every wrong field.
func (in *GroupMember) Validate() error {
	var c fault.Check
	c.Required("group_id", in.GroupID)
	in.Party.check(&c, "party.")
	c.Required("reason", in.Reason)
	c.Length("reason", in.Reason, 500)
	return c.Err()
}

// AddMember adds a party to a group by hand, with the reason.
var AddMember = operation.New("group.add_member", memberAct(HandAdded)).Guard(wideOnly[GroupMember])

// RemoveMember takes a party out of a group by hand, with the reason: also one that control would make a member.
var RemoveMember = operation.New("group.remove_member", memberAct(HandRemoved)).Guard(wideOnly[GroupMember])

// ResetMember takes back what was decided by hand: a party is a member as control has it.
var ResetMember = operation.New("group.reset_member", memberAct("")).Guard(wideOnly[GroupMember])

func memberAct(hand Hand) func(context.Context, *operation.Tx, GroupMember) (GroupView, error) {
	return func(ctx context.Context, tx *operation.Tx, in GroupMember) (GroupView, error) {
		g, err := GroupByID(ctx, tx, in.GroupID)
		if err != nil {
			return GroupView{}, err
		}
		if g.Status != GroupActive {
			return GroupView{}, fault.Conflict("customer.group_closed", fault.Args{"name": g.Name})
		}
		if err := setHand(ctx, tx, in, hand); err != nil {
			return GroupView{}, err
		}
		tx.About(g.ID)
		return ViewGroup(ctx, tx, tx.Actor, g.ID)
	}
}

func setHand(ctx context.Context, tx *operation.Tx, in GroupMember, hand Hand) error {
	id, err := nodeOf(ctx, tx, in.Party, "party.")
	if err != nil {
		return err
	}
	before, found, err := memberOf(ctx, tx, in.GroupID, id)
	if err != nil {
		return err
	}
	switch {
	case hand == HandAdded && found && before.In():
		return fault.Conflict("customer.member_already", nil)
	case hand != HandAdded && !found, hand == HandRemoved && !before.In():
		return fault.Conflict("customer.member_none", nil)
	}
	after := Member{PartyID: id, Derived: before.Derived, Hand: hand, Reason: in.Reason, SetBy: tx.Actor.ID, SetAt: tx.Now}
	if before.Derived && hand == HandAdded || !before.Derived && hand == HandRemoved {
		after.Hand = "" // control alone says it again, or nothing is left of it
	}
	if err := putMember(ctx, tx.Tx, in.GroupID, after); err != nil {
		return err
	}
	tx.Changed("group.member", in.GroupID, before, after)
	return nil
}

// GroupInput names a group.
type GroupInput struct {
	ID string `json:"id"`
}

// GroupView is a group with its members.
type GroupView struct {
	Group   Group    `json:"group"`
	Apex    *Member  `json:"apex,omitempty"`
	Members []Member `json:"members"`
	Removed []Member `json:"removed"` // taken out by hand
	Hidden  int      `json:"hidden"`  // members of which the reader sees the name only
}

// GroupNet is a group with who owns its members and what ties them beside.
type GroupNet struct {
	GroupView
	Net     Net                `json:"net"`
	Common  []ownership.Common `json:"common_officers"`
	Circles []ownership.Circle `json:"guarantee_circles"`
}

// ShowGroup shows a group to those who see one of its members' files.
var ShowGroup = operation.NewView("group.view", func(ctx context.Context, rd *operation.Reading, in GroupInput) (GroupNet, error) {
	g, err := ViewGroup(ctx, rd, rd.Actor, in.ID)
	if err != nil {
		return GroupNet{}, err
	}
	n := newNetwork()
	if _, err := n.takeGroups(ctx, rd, rd.Actor, []Group{g.Group}); err != nil {
		return GroupNet{}, err
	}
	v := Ownership{}
	pure, _, err := n.sound()
	if err != nil {
		return GroupNet{}, err
	}
	v.Common, v.Circles = pure.CommonOfficers(), pure.GuaranteeCircles()
	n.cover(rd.Actor, &v)
	focus := g.Group.ApexID
	if len(g.Members) > 0 && g.Apex == nil {
		focus = g.Members[0].PartyID
	}
	return GroupNet{GroupView: g, Net: n.shown(rd.Actor, focus, map[string]bool{}), Common: v.Common, Circles: v.Circles}, nil
})
