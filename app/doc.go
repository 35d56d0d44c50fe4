// Package app puts Xinheng together: the composition root.
//
// reactions.go says which event causes which operation, the whole process on one page; schedule.go what runs at which
// time; operations.go lists every operation and view for the doors.
package app
