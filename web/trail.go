package web

import "github.com/a-h/templ"

func auditTrail(v *visit) (templ.Component, error) { return nil, nil }
