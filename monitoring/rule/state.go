package rule

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/monitoring/window"
)

// State is what the rules remember of one customer: the series that windows are computed from, the newest event's time,
// and what is not to be said again for a while. The zero value is empty and ready.
type State struct {
	Newest time.Time
	all    []kept
	said   []said
}

// kept is a series with what it is of; amounts have one a currency. They are few, so that a list serves.
type kept struct {
	id       string
	currency money.Currency
	window.Series
}

// said is a finding that is cooling down.
type said struct {
	key   string
	rank  int // of its severity
	until time.Time
}

// find gives a series, nil when nothing was ever counted.
func (s *State) find(id string, currency money.Currency) *window.Series {
	for i := range s.all {
		if s.all[i].id == id && s.all[i].currency == currency {
			return &s.all[i].Series
		}
	}
	return nil
}

// grow gives a series, new when nothing was ever counted.
func (s *State) grow(id string, currency money.Currency) *window.Series {
	if found := s.find(id, currency); found != nil {
		return found
	}
	s.all = append(s.all, kept{id: id, currency: currency})
	return &s.all[len(s.all)-1].Series
}

func (s *State) currencies(id string) []money.Currency {
	var all []money.Currency
	for _, k := range s.all {
		if k.id == id {
			all = append(all, k.currency)
		}
	}
	return all
}

// say tells whether a finding may be said, and remembers it for as long as it cools down: the same or a milder one must
// wait, a worse one need not.
func (s *State) say(key string, rank int, coolDown time.Duration) bool {
	s.said = slices.DeleteFunc(s.said, func(o said) bool { return !o.until.After(s.Newest) })
	i := slices.IndexFunc(s.said, func(o said) bool { return o.key == key })
	now := said{key, rank, s.Newest.Add(coolDown)}
	switch {
	case i < 0:
		s.said = append(s.said, now)
	case rank <= s.said[i].rank:
		return false
	default:
		s.said[i] = now
	}
	return true
}

const stateFormat = 2

var errState = errors.New("rule: the stored state is damaged or of another format")

// Marshal gives the state as bytes, the same bytes for the same state: the format, the newest event's time (microseconds
// since 1970), the number of findings that cool down with each key, rank and end, then the series.
func (s *State) Marshal() []byte {
	raw := append(make([]byte, 0, 512), stateFormat)
	raw = binary.AppendVarint(raw, micros(s.Newest))
	slices.SortFunc(s.said, func(a, b said) int { return strings.Compare(a.key, b.key) })
	raw = binary.AppendUvarint(raw, uint64(len(s.said)))
	for _, o := range s.said {
		raw = appendText(raw, o.key)
		raw = binary.AppendUvarint(raw, uint64(o.rank))
		raw = binary.AppendVarint(raw, micros(o.until))
	}
	slices.SortFunc(s.all, func(a, b kept) int {
		return 2*strings.Compare(a.id, b.id) + strings.Compare(string(a.currency), string(b.currency))
	})
	for _, k := range s.all {
		raw = appendText(appendText(raw, k.id), string(k.currency))
		raw = k.Append(raw)
	}
	return raw
}

// noTime says in the stored state that there is no time.
const noTime = math.MinInt64

func micros(t time.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return t.UnixMicro()
}

func appendText(raw []byte, text string) []byte {
	return append(binary.AppendUvarint(raw, uint64(len(text))), text...)
}

// Unmarshal reads what Marshal gave; nothing at all is an empty state.
func (s *State) Unmarshal(raw []byte) error {
	*s = State{}
	if len(raw) == 0 {
		return nil
	}
	if raw[0] != stateFormat {
		return errState
	}
	r := reader{raw: raw[1:]}
	s.Newest = r.time()
	for range r.number() {
		o := said{key: r.text(), rank: int(r.number()), until: r.time()}
		if r.damaged || o.rank < 0 || o.rank >= len(Severities) {
			return errState
		}
		s.said = append(s.said, o)
	}
	for len(r.raw) > 0 {
		k := kept{id: r.text(), currency: money.Currency(r.text())}
		if r.damaged {
			return errState
		}
		var err error
		if k.Series, r.raw, err = window.Read(r.raw); err != nil {
			return err
		}
		s.all = append(s.all, k)
	}
	if r.damaged {
		return errState
	}
	return nil
}

// reader takes values from the start of raw, and remembers when one was not there.
type reader struct {
	raw     []byte
	damaged bool
}

func (r *reader) take(used int) []byte {
	if used <= 0 || used > len(r.raw) {
		r.damaged, r.raw = true, nil
		return nil
	}
	taken := r.raw[:used]
	r.raw = r.raw[used:]
	return taken
}

func (r *reader) number() uint64 {
	v, used := binary.Uvarint(r.raw)
	r.take(used)
	return v
}

func (r *reader) time() time.Time {
	v, used := binary.Varint(r.raw)
	r.take(used)
	if v == noTime {
		return time.Time{}
	}
	return time.UnixMicro(v).UTC()
}

func (r *reader) text() string {
	n := r.number()
	if n == 0 || n > uint64(len(r.raw)) {
		r.damaged = r.damaged || n > 0
		return ""
	}
	return string(r.take(int(n)))
}
