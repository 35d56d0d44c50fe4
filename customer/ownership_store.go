package customer

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xinheng/xinheng/customer/ownership"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
)

// node is a party of the network with what the file knows of it.
type node struct {
	ownership.Party
	customer    bool
	owner, team string // of a customer, for the row scope
	legal       string // its legal representative's name
	numbered    bool   // it is known by a number, not by its name alone
}

// network is a part of the ownership graph as it is read.
type network struct {
	parties   map[string]*node
	links     []ownership.Link
	relations map[int]Relation // of links that are no shares, by the link's place
	seen      map[string]bool  // rows that are in
	alias     map[string]string
}

func newNetwork() *network {
	return &network{parties: map[string]*node{}, relations: map[int]Relation{}, seen: map[string]bool{}, alias: map[string]string{}}
}

func (n *network) party(id string) *node {
	p, ok := n.parties[id]
	if !ok {
		p = &node{Party: ownership.Party{ID: id}}
		n.parties[id] = p
	}
	return p
}

// link adds a link under the id of its row, once.
func (n *network) link(l ownership.Link, row string) bool {
	if row != "" && n.seen[row] {
		return false
	}
	n.seen[row] = true
	n.party(l.From)
	n.party(l.To)
	n.links = append(n.links, l)
	return true
}

// graph makes the pure graph, under the names that merged parties have now.
func (n *network) graph() (*ownership.Graph, error) {
	var parties []ownership.Party
	for _, id := range slices.Sorted(maps.Keys(n.parties)) {
		if n.alias[id] == "" {
			parties = append(parties, n.parties[id].Party)
		}
	}
	return ownership.New(parties, n.now())
}

// now gives the links between the nodes that stand; one of a party with itself, by a merge, is dropped unless it is a share.
func (n *network) now() []ownership.Link {
	var all []ownership.Link
	for _, l := range n.links {
		l.From, l.To = n.root(l.From), n.root(l.To)
		if l.From != l.To || l.Kind == ownership.Share {
			all = append(all, l)
		}
	}
	return all
}

func (n *network) root(id string) string {
	for range mostAliases {
		into := n.alias[id]
		if into == "" {
			return id
		}
		id = into
	}
	return id
}

// sound makes the graph without the links into parties that cannot be as they are recorded, and names those: what came in
// by other ways than the operations is shown as a problem and does not hide everything else.
func (n *network) sound() (*ownership.Graph, ownership.Problems, error) {
	var all ownership.Problems
	for {
		g, err := n.graph()
		var wrong ownership.Problems
		if !errors.As(err, &wrong) {
			return g, all, err
		}
		all = append(all, wrong...)
		before := len(n.links)
		n.links, n.relations = n.without(wrong)
		if len(n.links) == before {
			return nil, all, err
		}
	}
}

func (n *network) without(wrong ownership.Problems) ([]ownership.Link, map[int]Relation) {
	var links []ownership.Link
	relations := map[int]Relation{}
	for i, l := range n.links {
		if slices.ContainsFunc(wrong, func(p ownership.Problem) bool { return p.Party == n.root(l.To) }) {
			continue
		}
		if r, ok := n.relations[i]; ok {
			relations[len(links)] = r
		}
		links = append(links, l)
	}
	return links, relations
}

const chunk = 400 // ids in one statement

// among makes the condition that a column is one of the ids.
func among(column string, ids []string, args []any) (string, []any) {
	marks := make([]string, len(ids))
	for i, id := range ids {
		args = append(args, id)
		marks[i] = mark(len(args))
	}
	return column + " IN (" + strings.Join(marks, ", ") + ")", args
}

// mostBelow bounds what is read of one holder of very many stakes at a time: what is above a company is read whole.
const mostBelow = 500

// reach adds the links into the nodes (up) or out of them, and gives the nodes at the other ends of ownership (shares,
// votes, control), with all names of theirs.
func (n *network) reach(ctx context.Context, q database.Querier, ids []string, up bool) ([]string, error) {
	before := len(n.links)
	for part := range slices.Chunk(ids, chunk) {
		holder, relation, most := "s.holder_id", "from_id", " LIMIT "+strconv.Itoa(mostBelow)
		if up {
			holder, relation, most = "s.customer_id", "to_id", ""
		}
		condition, args := among(holder, part, nil)
		if err := n.takeShares(ctx, q, condition, most, args); err != nil {
			return nil, err
		}
		condition, args = among(relation, part, nil)
		if err := n.takeRelations(ctx, q, condition, most, args); err != nil {
			return nil, err
		}
	}
	unnamed, owning := map[string]bool{}, map[string]bool{}
	for _, l := range n.links[before:] {
		other := l.To
		if up {
			other = l.From
		}
		if owns(l) {
			owning[other] = true
		}
		for _, id := range []string{l.From, l.To} {
			if n.party(id).Name == "" {
				unnamed[id] = true
			}
		}
	}
	if err := n.name(ctx, q, slices.Sorted(maps.Keys(unnamed))); err != nil {
		return nil, err
	}
	return n.names(owning), nil
}

// names gives the nodes with all names that merges gave them.
func (n *network) names(ids map[string]bool) []string {
	roots := map[string]bool{}
	for id := range ids {
		roots[n.root(id)] = true
	}
	for id := range n.alias {
		if roots[n.root(id)] {
			roots[id] = true
		}
	}
	return slices.Sorted(maps.Keys(roots))
}

func (n *network) takeShares(ctx context.Context, q database.Querier, condition, most string, args []any) error {
	type row struct {
		id   string
		link ownership.Link
	}
	all, err := database.Collect(ctx, q, func(rows *sql.Rows) (r row, err error) {
		r.link.Kind = ownership.Share
		err = rows.Scan(&r.id, &r.link.From, &r.link.To, &r.link.Fraction, &r.link.AsOf, &r.link.Source)
		r.link.Fraction /= 100
		return r, err
	}, `SELECT s.id, COALESCE(NULLIF(s.holder_id, ''), NULLIF(s.party_id, ''), 'holder:' || s.id), s.customer_id, s.share, s.as_of, s.source
		FROM customer_shareholder s WHERE `+condition+` ORDER BY s.id`+most, args...)
	for _, r := range all {
		n.link(r.link, r.id)
	}
	return err
}

func (n *network) takeRelations(ctx context.Context, q database.Querier, condition, most string, args []any) error {
	all, err := relationsWhere(ctx, q, condition, most, args)
	for _, r := range all {
		l := ownership.Link{From: r.FromID, To: r.ToID, Kind: r.Kind, Fraction: r.Share / 100, Role: r.Role, AsOf: r.AsOf, Source: r.Source}
		if n.link(l, r.ID) {
			n.relations[len(n.links)-1] = r
		}
	}
	return err
}

// name reads who the nodes are, and follows merges both ways.
func (n *network) name(ctx context.Context, q database.Querier, ids []string) error {
	var all []string
	for len(ids) > 0 {
		all = append(all, ids...)
		more := map[string]bool{}
		for part := range slices.Chunk(ids, chunk) {
			if err := n.nameParties(ctx, q, part, more); err != nil {
				return err
			}
			if err := n.nameCustomers(ctx, q, part); err != nil {
				return err
			}
		}
		ids = nil
		for _, id := range slices.Sorted(maps.Keys(more)) {
			if p, known := n.parties[id]; !known || p.Name == "" {
				ids = append(ids, id)
			}
		}
	}
	return n.nameHolders(ctx, q, all)
}

func (n *network) nameParties(ctx context.Context, q database.Querier, ids []string, more map[string]bool) error {
	condition, args := among("id", ids, nil)
	into, args := among("merged_into", ids, args)
	parties, err := database.Collect(ctx, q, func(rows *sql.Rows) (Party, error) { return scanParty(rows) },
		`SELECT `+partyColumns+` FROM party WHERE `+condition+` OR `+into+` ORDER BY id`, args...)
	for _, p := range parties {
		x := n.party(p.ID)
		x.Party, x.numbered = ownership.Party{ID: p.ID, Name: p.Name, Kind: p.Kind}, p.IDNumber != ""
		if !slices.Contains(ids, p.ID) {
			x.Name = "" // it is looked at in its turn, for those merged into it
			more[p.ID] = true
		}
		if p.MergedInto != "" {
			n.alias[p.ID] = p.MergedInto
			more[p.MergedInto] = true
		}
	}
	return err
}

func (n *network) nameCustomers(ctx context.Context, q database.Querier, ids []string) error {
	condition, args := among("id", ids, nil)
	rows, err := q.Query(ctx, `SELECT id, name, uscc, owner_id, team_id, legal_representative FROM customer WHERE `+condition, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		x := node{Party: ownership.Party{Kind: ownership.Company}, customer: true}
		var uscc string
		if err := rows.Scan(&x.ID, &x.Name, &uscc, &x.owner, &x.team, &x.legal); err != nil {
			return err
		}
		x.numbered = uscc != ""
		*n.party(x.ID) = x
	}
	return rows.Err()
}

// nameHolders names the holders that a row names and no party stands for.
func (n *network) nameHolders(ctx context.Context, q database.Querier, ids []string) error {
	var rows []string
	for _, id := range ids {
		if n.party(id).Name != "" {
			continue
		}
		if row, ok := strings.CutPrefix(id, "holder:"); ok {
			rows = append(rows, row)
		} else {
			*n.party(id) = node{Party: ownership.Party{ID: id, Name: id, Kind: ownership.Company}}
		}
	}
	for part := range slices.Chunk(rows, chunk) {
		condition, args := among("id", part, nil)
		_, err := database.Collect(ctx, q, func(rows *sql.Rows) (struct{}, error) {
			x := node{}
			err := rows.Scan(&x.ID, &x.Name, &x.Kind)
			x.ID = "holder:" + x.ID
			*n.party(x.ID) = x
			return struct{}{}, err
		}, `SELECT id, name, kind FROM customer_shareholder WHERE `+condition, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// start adds nodes by their ids, and gives them with all names of theirs.
func (n *network) start(ctx context.Context, q database.Querier, ids []string) ([]string, error) {
	for _, id := range ids {
		n.party(id)
	}
	err := n.name(ctx, q, ids)
	return n.allNames(ids), err
}

// climb adds everybody above the nodes, however far: owners, holders of votes, who controls by agreement; and the offices
// and guarantees at the nodes on the way.
func (n *network) climb(ctx context.Context, q database.Querier, ids []string) error {
	if _, err := n.start(ctx, q, ids); err != nil {
		return err
	}
	frontier, climbed := ids, map[string]bool{}
	for len(frontier) > 0 {
		var fresh []string
		for _, id := range frontier {
			if !climbed[id] {
				climbed[id] = true
				fresh = append(fresh, id)
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		var err error
		if frontier, err = n.reach(ctx, q, n.allNames(fresh), true); err != nil {
			return err
		}
	}
	return nil
}

// stand follows guarantees from the nodes onwards, so that a circle of them is seen whole; most bounds the way.
func (n *network) stand(ctx context.Context, q database.Querier, ids []string) error {
	const most = 300
	gone := map[string]bool{}
	for frontier := ids; len(frontier) > 0 && len(gone) < most; {
		for _, id := range frontier {
			gone[id] = true
		}
		before := len(n.links)
		for part := range slices.Chunk(n.allNames(frontier), chunk) {
			condition, args := among("from_id", part, nil)
			if err := n.takeRelations(ctx, q, "kind = 'guarantee' AND "+condition, " LIMIT "+strconv.Itoa(mostBelow), args); err != nil {
				return err
			}
		}
		next, unnamed := map[string]bool{}, map[string]bool{}
		for _, l := range n.links[before:] {
			if n.party(l.To).Name == "" {
				unnamed[l.To] = true
			}
		}
		if err := n.name(ctx, q, slices.Sorted(maps.Keys(unnamed))); err != nil {
			return err
		}
		for _, l := range n.now() {
			if l.Kind == ownership.Guarantee && gone[l.From] && !gone[l.To] {
				next[l.To] = true
			}
		}
		frontier = slices.Sorted(maps.Keys(next))
	}
	return nil
}

func (n *network) allNames(ids []string) []string {
	set := map[string]bool{}
	for _, id := range ids {
		set[id] = true
	}
	return n.names(set)
}

// whole adds the links by which groups come about: all shares, votes and agreements there are.
func (n *network) whole(ctx context.Context, q database.Querier) error {
	if err := n.takeShares(ctx, q, `s.id <> ''`, "", nil); err != nil {
		return err
	}
	if err := n.takeRelations(ctx, q, `kind IN ('share', 'voting', 'control')`, "", nil); err != nil {
		return err
	}
	return n.name(ctx, q, slices.Sorted(maps.Keys(n.parties)))
}

const relationColumns = `id, kind, from_id, to_id, share, role, amount_minor, currency, valid_until, as_of, source, added_by, added_at`

func scanRelation(row scanner) (r Relation, err error) {
	err = row.Scan(&r.ID, &r.Kind, &r.FromID, &r.ToID, &r.Share, &r.Role, &r.Amount.Minor, &r.Amount.Currency, &r.ValidUntil, &r.AsOf, &r.Source, &r.AddedBy, database.Time(&r.AddedAt))
	return r, err
}

func relationsWhere(ctx context.Context, q database.Querier, condition, most string, args []any) ([]Relation, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Relation, error) { return scanRelation(rows) },
		`SELECT `+relationColumns+` FROM party_relation WHERE `+condition+` ORDER BY id`+most, args...)
}

// relationsAt gives the relations from some nodes, or to some.
func relationsAt(ctx context.Context, q database.Querier, from, to []string) ([]Relation, error) {
	if len(from) > 0 {
		condition, args := among("from_id", from, nil)
		return relationsWhere(ctx, q, condition, "", args)
	}
	condition, args := among("to_id", to, nil)
	return relationsWhere(ctx, q, condition, "", args)
}

func relationByID(ctx context.Context, q database.Querier, id string) (Relation, error) {
	r, err := scanRelation(q.QueryRow(ctx, `SELECT `+relationColumns+` FROM party_relation WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Relation{}, fault.NotFound("relation", id)
	}
	return r, err
}

func insertRelation(ctx context.Context, tx *database.Tx, r Relation) error {
	_, err := tx.Exec(ctx, `INSERT INTO party_relation (`+relationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		r.ID, string(r.Kind), r.FromID, r.ToID, r.Share, r.Role, r.Amount.Minor, string(r.Amount.Currency), string(r.ValidUntil), string(r.AsOf), r.Source, r.AddedBy, database.Micros(r.AddedAt))
	return err
}

func deleteRelation(ctx context.Context, tx *database.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM party_relation WHERE id = $1`, id)
	return err
}

func replacePartyHolders(ctx context.Context, tx *operation.Tx, in PartyShareholders) error {
	if _, err := tx.Exec(ctx, `DELETE FROM party_relation WHERE to_id = $1 AND kind = 'share'`, in.PartyID); err != nil {
		return err
	}
	var rows [][]any
	for _, s := range in.Shareholders {
		rows = append(rows, []any{s.ID, "share", s.HolderID, in.PartyID, s.Share, string(s.AsOf), s.Source, tx.Actor.ID, database.Micros(tx.Now)})
	}
	return tx.InsertMany(ctx, "party_relation", []string{"id", "kind", "from_id", "to_id", "share", "as_of", "source", "added_by", "added_at"}, rows)
}

func markStale(ctx context.Context, tx *database.Tx, id string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO party_group_stale (id, created_at) VALUES ($1, $2)`, id, database.Micros(at))
	return err
}
