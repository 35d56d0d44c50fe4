// Package sample is the invented portfolio that a new installation can start with: companies that do not exist, with
// statements, owners, orders, invoices, payments, limits and people, so that every page has something to show.
//
// Make invents it: the same seed, day and number of companies give the same portfolio to the byte. Load writes it
// through the product's own operations in the order of its dates, by the people who would do it, under clocks that
// stand at those dates. Owns nothing: what it loads belongs to the capabilities.
package sample
