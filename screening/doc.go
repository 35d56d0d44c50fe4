// Package screening compares customers, their owners and officers with watch lists (名单筛查).
//
// Owns: the lists and their editions (screening_source, _edition, _listed), the runs, and the hits with what was decided
// on them (screening_hit, _decision). An edition is compared with the one before it and waits until somebody accepts it. A
// decision is remembered: the hit reopens only when the entry's facts, or the party's, have changed since. The Screener
// holds lists and parties in memory; searches run outside of transactions, operations write what they found. Does not
// own: whether a hit bars business (the scorecard's veto), how alike two names are (screening/match).
// Operations: screening.load, screening.fetch, screening.accept, screening.discard, screening.save_entry,
// screening.remove_entry, watchlist.set_source, screening.screen, screening.enter, screening.screen_all,
// screening.decide, screening.clear_many, screening.agree. Views: screening.list, screening.view, screening.lists,
// screening.editions, screening.edition, screening.entries, screening.runs, screening.search, watchlist.source. Events:
// screening.hit.
package screening
