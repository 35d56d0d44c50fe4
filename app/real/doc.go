// Package real loads a portfolio of published data through the product's own doors: A-share companies with their
// statements, watch lists, and the invoices of a published sample replayed as events in the order of their dates. The
// data lie outside of the project, as their licences differ; see the folder's README.
//
// The invoices belong to a hundred anonymous customers of another country. They are laid on the first hundred companies
// by code, so that statements, behaviour and orders meet in one portfolio; their amounts are read as CNY, because the
// sample states no currency.
package real
