package postgrestest

import "runtime"

func lockThread() { runtime.LockOSThread() }
