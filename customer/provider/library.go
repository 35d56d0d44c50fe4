package provider

import (
	"embed"
	"strings"
)

//go:embed library/*.yaml
var library embed.FS

// Example is a mapping that is shipped as a pattern. Its shape is invented.
type Example struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// Examples gives the shipped patterns.
func Examples() []Example {
	var all []Example
	for _, key := range []string{"registry", "judicial", "news", "partner_files"} {
		raw, err := library.ReadFile("library/" + key + ".yaml")
		if err != nil {
			panic(err) // embedded: a missing one is caught by the first test
		}
		all = append(all, Example{Key: key, Text: strings.ReplaceAll(string(raw), "\r\n", "\n")})
	}
	return all
}
