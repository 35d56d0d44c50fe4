// Package provider attaches external data providers (外部数据源: 工商 registration, 司法 judicial, 舆情 news): it fetches what they
// say of a customer, maps it to our fields, and shows the differences for a person to accept.
//
// Owns: provider_config, _batch, _job, _call, _difference, _file. Does not own: the file's facts, which change only through
// the operations of package customer (apply.go is the one place); the kept answers, which lie in the document store.
// A service is described by a mapping in YAML (mapping.go, library/); no code belongs to a single service. Calls run outside
// of any transaction (fetcher.go), behind a guard against addresses inside the house (guard.go), with quota, rate limit,
// circuit breaker, retry and a log of costs. Partners that send files instead put them into a folder (drop.go).
// Operations: provider.save, provider.request, provider.refresh_many, provider.stop_batch, provider.accept,
// provider.reject. Views: provider.list, provider.view, provider.pending, provider.inbox, provider.costs, provider.files.
// Events: news.negative, registry.changed, litigation.filed, each when a person accepted it.
package provider
