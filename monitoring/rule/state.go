package rule

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/xinheng/xinheng/monitoring/window"
)

// State is what the rules remember of one customer: the series that windows are computed from, and the newest event's
// time. The zero value is empty and ready.
type State struct {
	Newest time.Time
	all    map[string]*window.Series
}

func (s *State) series(id string) *window.Series {
	if s.all == nil {
		s.all = map[string]*window.Series{}
	}
	if s.all[id] == nil {
		s.all[id] = &window.Series{}
	}
	return s.all[id]
}

const stateFormat = 1

var errState = errors.New("rule: the stored state is damaged or of another format")

// Marshal gives the state as bytes, the same bytes for the same state.
func (s *State) Marshal() []byte {
	raw := []byte{stateFormat}
	newest := int64(0)
	if !s.Newest.IsZero() {
		newest = s.Newest.UnixMicro()
	}
	raw = binary.AppendVarint(raw, newest)
	ids := make([]string, 0, len(s.all))
	for id := range s.all {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		raw = binary.AppendUvarint(raw, uint64(len(id)))
		raw = append(raw, id...)
		raw = s.all[id].Append(raw)
	}
	return raw
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
	newest, used := binary.Varint(raw[1:])
	if used <= 0 {
		return errState
	}
	if newest != 0 {
		s.Newest = time.UnixMicro(newest).UTC()
	}
	for raw = raw[1+used:]; len(raw) > 0; {
		n, used := binary.Uvarint(raw)
		if used <= 0 || n > uint64(len(raw)-used) {
			return errState
		}
		id := string(raw[used : used+int(n)]) //nolint:gosec // bounded by the line above
		one, rest, err := window.Read(raw[used+int(n):])
		if err != nil {
			return err
		}
		*s.series(id), raw = one, rest
	}
	return nil
}
