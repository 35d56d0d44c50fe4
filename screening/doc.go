// Package screening compares customers, their owners and officers with watch lists (名单筛查).
//
// Owns: the lists as loaded (screening_list, _entry, _key), the runs, and the hits with what was decided on them. A
// decision is remembered: the hit reopens only when the entry's facts, or the party's, have changed since. Does not own:
// whether a hit bars business (the scorecard's veto), how alike two names are (screening/match).
// Operations: screening.load, screening.screen, screening.screen_all, screening.decide. Views: screening.list,
// screening.view, screening.lists, screening.runs. Events: screening.hit.
package screening
