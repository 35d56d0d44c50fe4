// Package web serves the pages. Five page kinds (list, object with tabs, form, dashboard, designer) are composed in Go
// from the templ components of components.templ; a page is a function that reads a view and says what stands where.
// Forms decode into the same input structs as the API and run the same operations.
package web
