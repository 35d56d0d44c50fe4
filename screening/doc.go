// Package screening compares customers, their owners and officers with watch lists (名单筛查).
//
// Owns: the lists as loaded, hits and their clearing. Does not own: whether a hit bars business (the scorecard's veto).
// Operations: screening.load, screening.screen, screening.screen_all, screening.decide. Events: screening.hit.
package screening
