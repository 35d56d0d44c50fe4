// Package api is the REST door: every operation is POST /api/v1/NAME with the dot as a slash (limit.apply is
// /api/v1/limit/apply), every view GET with its input as query parameters, or POST below /api/v1/views/ with a JSON
// body. Errors are problem+json (RFC 9457). The OpenAPI 3.1 document at /openapi.json is made from the same types.
package api
