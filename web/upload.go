package web

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/operation"
)

// uploading asks by a dry run whether the visitor may add the document, before its content is kept: nothing stays behind of
// what is refused.
func uploading(h handler) handler {
	return func(v *visit) (templ.Component, error) {
		if v.r.Method == http.MethodPost {
			if file, header, err := v.r.FormFile("file"); err == nil {
				if err := file.Close(); err != nil {
					return nil, err
				}
				call := v.call()
				call.DryRun, call.Key = true, ""
				in := customer.Document{CustomerID: v.param("id"), Kind: v.r.PostFormValue("kind"), Name: header.Filename, ContentType: "application/octet-stream", Bytes: header.Size,
					SHA256: strings.Repeat("0", 64), Expires: dateOf(v.r.PostFormValue("expires"))}
				if _, err := operation.Run(v.r.Context(), v.app.Runner, call, customer.AddDocument, in); err != nil {
					return nil, err
				}
			}
		}
		return h(v)
	}
}
