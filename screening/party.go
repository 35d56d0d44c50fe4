package screening

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/screening/match"
)

// The parts that a party plays in a customer's file.
const (
	asCustomer       = "customer"
	asRepresentative = "legal_representative"
	asShareholder    = "shareholder"
	asContact        = "contact"
)

// Party is our side of a comparison: the customer itself, its legal representative, an owner or a contact, with what
// tells it apart from others of the name.
type Party struct {
	Kind      string   `json:"kind"` // person or organisation
	Name      string   `json:"name"`
	Aliases   []string `json:"aliases,omitempty"`
	Countries string   `json:"countries,omitempty"`
	Born      string   `json:"born,omitempty"` // or founded
	IDs       []string `json:"ids,omitempty"`
	Detail    string   `json:"detail,omitempty"` // share, job title
}

// party is a Party within a customer's file. key tells the parties of one kind apart: the customer's own is empty, as all
// of its names are one party; the others' is the normalised name.
type party struct {
	customerID, kind, key string
	Party
}

// facts is what a decision rests on, of our side.
func (p party) facts() string {
	side := p.Party
	side.Detail = "" // a share that moves by a percent does not make another person
	raw, _ := json.Marshal(side)
	return string(raw)
}

func (p party) matched() match.Party {
	kind := match.Company
	if p.Kind == kindPerson {
		kind = match.Person
	}
	return match.Party{Name: p.Name, Aliases: p.Aliases, Kind: kind, Countries: split(p.Countries), Born: split(p.Born), IDs: p.IDs}
}

func (e Entry) matched() match.Party {
	kinds := map[string]match.Kind{kindPerson: match.Person, kindOrganisation: match.Organization, kindVessel: match.Vessel, kindAircraft: match.Vessel}
	kind, ok := kinds[e.Kind]
	if !ok {
		kind = match.Unknown
	}
	return match.Party{Name: e.Name, Aliases: e.Aliases, Kind: kind, Countries: split(e.Countries), Born: split(e.Born), IDs: e.IDs}
}

func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ", ")
}

// partyRow is a name in a customer's file, as the store reads it.
type partyRow struct {
	customerID, kind, name, person, uscc, lei, born, detail string
}

// partiesOf makes the parties of files from their names: those of one customer and key are one party.
func partiesOf(rows []partyRow) []party {
	type same struct{ customerID, kind, key string }
	at := map[same]int{}
	var all []party
	for _, r := range rows {
		normal := match.Normalise(r.name)
		if normal == "" {
			continue
		}
		p := party{customerID: r.customerID, kind: r.kind, Party: Party{Kind: kindOrganisation, Name: r.name, Born: r.born, IDs: joined(r.uscc, r.lei), Detail: r.detail}}
		if r.uscc != "" {
			p.Countries = "CN"
		}
		if r.person == kindPerson {
			p.Kind = kindPerson
		}
		if r.kind != asCustomer {
			p.key = normal
		}
		one := same{r.customerID, r.kind, p.key}
		i, known := at[one]
		if !known {
			at[one] = len(all)
			all = append(all, p)
			continue
		}
		had := &all[i]
		if r.name != had.Name {
			had.Aliases = joined(append(had.Aliases, r.name)...)
		}
		had.IDs = joined(append(had.IDs, p.IDs...)...)
		had.Detail = strings.Join(joined(had.Detail, p.Detail), "; ")
	}
	return all
}

// profileRows are the names of a profile that is not in the store yet, in the order in which the store gives them.
func profileRows(id string, p customer.Profile) []partyRow {
	own := func(name string) partyRow {
		return partyRow{customerID: id, kind: asCustomer, name: name, uscc: p.USCC, lei: p.LEI, born: string(p.Founded)}
	}
	return []partyRow{own(p.Name), own(p.NameEN), own(p.ShortName), {customerID: id, kind: asRepresentative, name: p.LegalRepresentative, person: kindPerson}}
}

// factsOf is the hash of all that parties are compared by.
func factsOf(all []party) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(p.customerID + "\x00" + p.kind + "\x00" + p.key + "\x00" + p.facts() + "\n")
	}
	return hashOf(b.String())
}

// whites are the white list's entries by normalised name and by number.
type whites map[string][]Entry

func (w whites) add(e Entry) {
	for _, key := range whiteKeys(append([]string{e.Name}, e.Aliases...), e.IDs) {
		w[key] = append(w[key], e)
	}
}

func whiteKeys(names, ids []string) []string {
	var keys []string
	for _, n := range names {
		if key := match.Normalise(n); key != "" {
			keys = append(keys, "n "+key)
		}
	}
	for _, id := range ids {
		keys = append(keys, "i "+strings.ToUpper(id))
	}
	return keys
}

// speaksFor finds the white entry that names exactly this party: by number, or by normalised name unless both have
// numbers and share none.
func (w whites) speaksFor(p Party) (Entry, bool) {
	for _, key := range whiteKeys(append([]string{p.Name}, p.Aliases...), p.IDs) {
		for _, e := range w[key] {
			shared := slices.ContainsFunc(e.IDs, func(id string) bool {
				return slices.ContainsFunc(p.IDs, func(own string) bool { return strings.EqualFold(own, id) })
			})
			if shared || len(e.IDs) == 0 || len(p.IDs) == 0 {
				return e, true
			}
		}
	}
	return Entry{}, false
}
