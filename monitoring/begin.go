package monitoring

import (
	"context"

	"github.com/xinheng/xinheng/internal/database"
)

// begin gives the sequence after which a partition is to be read. The log that lies there may not be the one that the
// database knows: a database was restored beside an older or an empty folder. Its sequences would then look applied, and
// events would be acknowledged and never seen. Such a log is read from its first event: what was seen before is passed
// over by its identity (event_seen, and the keys of what was booked), and the rest is applied. What only the lost log held
// cannot come back by itself, so this is said loudly. docs/decisions/0066 says why it goes on instead of refusing.
func (p *Processor) begin(ctx context.Context, partition int) (uint64, error) {
	p.prepare()
	newest, err := p.Events.Newest(ctx)
	if err != nil {
		return 0, err
	}
	var was, is progress
	anew := false
	err = p.Runner.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if was, err = lockProgress(ctx, tx, partition); err != nil {
			return err
		}
		is = progress{Seq: was.Seq, Log: p.Events.Identity()}
		if anew = was.Seq > newest || was.Log != "" && was.Log != is.Log; anew {
			is.Seq = 0
		}
		if was == is {
			return nil
		}
		return setProgress(ctx, tx, partition, is)
	})
	if err == nil && anew {
		p.Log.Error("the event log is not the one that this database was applied from, or an older copy of it; it is read from its first event, and events that only the other held are lost: send them again",
			"partition", partition, "applied", was.Seq, "of", was.Log, "log", is.Log, "holds", newest)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.lost = true
		p.at[partition] = place{}
	}
	return is.Seq, err
}

// Lost tells whether the event log was found to be another one than the database knows, since this program began.
func (p *Processor) Lost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}
