// Package statement is the three financial statements under CAS (企业会计准则): their line items, the identities that must
// hold between them, and the layouts in which files bring them. Pure: no database, clock or network.
//
// Figures are exact: fen (the currency's minor unit) in int64. Missing is not zero: an item that the statement does not
// give is absent from Values. Income and cash-flow figures are year to date, as companies publish them.
package statement
