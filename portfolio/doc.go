// Package portfolio is read-only views across all capabilities: the workbench's figures, a customer's timeline, the
// search over everything. It owns no table and no operation.
package portfolio
