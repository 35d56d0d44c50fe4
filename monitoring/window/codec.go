package window

import (
	"encoding/binary"
	"errors"
	"math"
)

// Append writes the series to raw: the number of buckets, then of each its slot as the distance to the one before, count,
// sum, min, max, and the number of keys with the keys. Numbers are varints, keys eight bytes. The caller's format carries
// the version.
func (s *Series) Append(raw []byte) []byte {
	raw = binary.AppendUvarint(raw, uint64(len(s.buckets)))
	before := int64(0)
	for _, b := range s.buckets {
		raw = binary.AppendVarint(raw, b.slot-before)
		for _, n := range [4]int64{b.count, b.sum, b.min, b.max} {
			raw = binary.AppendVarint(raw, n)
		}
		raw = binary.AppendUvarint(raw, uint64(len(b.keys)))
		for _, k := range b.keys {
			raw = binary.LittleEndian.AppendUint64(raw, k)
		}
		before = b.slot
	}
	return raw
}

// leastBucket is the fewest bytes that a bucket takes.
const leastBucket = 6

// furthestSlot bounds what a stored slot may be, far beyond any hour that time.Time can tell.
const furthestSlot = math.MaxInt64 / 8

// mostCount bounds what a stored bucket may have counted, so that counts can be added.
const mostCount = 1 << 48

var errDamaged = errors.New("window: the stored state is damaged")

// Read reads a series from the start of raw, and gives what follows it. What Append cannot have written is an error.
func Read(raw []byte) (Series, []byte, error) {
	r := reader{raw: raw}
	n := r.uvarint()
	if n > uint64(len(r.raw))/leastBucket {
		return Series{}, nil, errDamaged
	}
	s := Series{buckets: make([]bucket, 0, n)}
	before := int64(0)
	for i := range n {
		step := r.varint()
		b := bucket{slot: before + step, count: r.varint(), sum: r.varint(), min: r.varint(), max: r.varint(), keys: r.keys()}
		wrong := step < -furthestSlot || step > furthestSlot || b.slot > furthestSlot || i > 0 && step <= 0 || b.count <= 0 || b.count > mostCount || b.min > b.max || int64(len(b.keys)) > b.count
		if r.damaged || wrong {
			return Series{}, nil, errDamaged
		}
		s.buckets, before = append(s.buckets, b), b.slot
	}
	if r.damaged {
		return Series{}, nil, errDamaged
	}
	return s, r.raw, nil
}

// reader takes numbers from the start of raw, and remembers when one was not there.
type reader struct {
	raw     []byte
	damaged bool
}

func (r *reader) take(used int) {
	if used <= 0 {
		r.damaged, r.raw = true, nil
		return
	}
	r.raw = r.raw[used:]
}

func (r *reader) uvarint() uint64 {
	v, used := binary.Uvarint(r.raw)
	r.take(used)
	return v
}

func (r *reader) varint() int64 {
	v, used := binary.Varint(r.raw)
	r.take(used)
	return v
}

func (r *reader) keys() []uint64 {
	n := r.uvarint()
	if n == 0 {
		return nil
	}
	if n > uint64(len(r.raw))/8 {
		r.damaged = true
		return nil
	}
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = binary.LittleEndian.Uint64(r.raw[8*i:])
		r.damaged = r.damaged || i > 0 && keys[i] <= keys[i-1]
	}
	r.raw = r.raw[8*n:]
	return keys
}
