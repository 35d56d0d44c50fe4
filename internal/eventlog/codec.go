package eventlog

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A message is: format (1 byte), number of records (uvarint), each record as its length (uvarint) and bytes, and the
// CRC-32 of all that (4 bytes, little endian). Many records in one message are what makes an fsync a message affordable.
const format = 1

var errDamaged = errors.New("eventlog: a message is damaged or of another format")

func encode(records [][]byte) []byte {
	size := 16
	for _, r := range records {
		size += len(r) + binary.MaxVarintLen32
	}
	raw := make([]byte, 0, size)
	raw = append(raw, format)
	raw = binary.AppendUvarint(raw, uint64(len(records)))
	for _, r := range records {
		raw = binary.AppendUvarint(raw, uint64(len(r)))
		raw = append(raw, r...)
	}
	return binary.LittleEndian.AppendUint32(raw, crc32.ChecksumIEEE(raw))
}

func decode(raw []byte) ([][]byte, error) {
	if len(raw) < 6 || raw[0] != format {
		return nil, errDamaged
	}
	body, sum := raw[:len(raw)-4], binary.LittleEndian.Uint32(raw[len(raw)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return nil, errDamaged
	}
	body = body[1:]
	n, used := binary.Uvarint(body)
	if used <= 0 || n > uint64(len(body)) {
		return nil, errDamaged
	}
	body = body[used:]
	records := make([][]byte, 0, n)
	for range n {
		size, used := binary.Uvarint(body)
		if used <= 0 || size > uint64(len(body)-used) {
			return nil, errDamaged
		}
		records = append(records, body[used:used+int(size)])
		body = body[used+int(size):]
	}
	if len(body) != 0 {
		return nil, errDamaged
	}
	return records, nil
}
