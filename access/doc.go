// Package access says who may do what: people, teams, roles, row scope, sessions, API tokens (用户与权限).
//
// Owns: team, app_user, session, api_token. Operations: access.create_user, access.change_password, access.set_user,
// access.create_team, access.create_token, access.revoke_token, access.setup. Views: access.users, access.tokens, access.me.
// Does not own: the authority matrix of approvals (package approval).
package access
