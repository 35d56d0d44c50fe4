package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is what the processor has spent on this thread; other programs on the machine do not count.
func cpuTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
