// Package ratio computes financial ratios (财务比率) from statements. Pure: no database, clock or network.
//
// A ratio is a line of data in ratios.go. Its formula text is at once what is computed and what pages show, so that the
// two cannot differ. What cannot be computed is undefined with a reason, never zero.
package ratio
