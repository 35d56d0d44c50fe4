package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/internal/fault"
)

func users(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.users")
	d, err := read(v, access.Users, access.UsersInput{})
	if err != nil {
		return nil, err
	}
	if v.can("access.create_user") {
		v.Actions = []Action{{Label: v.T("web.new_user"), Href: "/settings/users/new", Main: true}, {Label: v.T("web.new_team"), Href: "/settings/teams/new"}}
	}
	var rows [][]Cell
	for _, u := range d.Users {
		state := Cell{Text: capital(v.T("web.active")), Tone: Good}
		if u.Disabled {
			state = Cell{Text: capital(v.T("web.disabled")), Tone: Bad}
		}
		name := Cell{Text: u.Name}
		if v.can("access.set_user") {
			name.Href = "/settings/users/" + u.ID
		}
		rows = append(rows, []Cell{{Text: u.Login}, name, {Text: v.roles(u.Roles), Wide: true}, {Text: u.TeamName}, {Text: v.E("scope", string(u.Scope))}, state})
	}
	return table(v.Page, small(v.cols("-login", "-name", "-roles", "-team", "-scope", "-status"), rows, "")), nil
}

func (v *visit) roles(all []access.Role) string {
	names := make([]string, 0, len(all))
	for _, r := range all {
		names = append(names, v.E("role", string(r)))
	}
	return strings.Join(names, "、")
}

func (v *visit) userFields(u access.User, teams []access.Team) []Field {
	var roles, choices []Choice
	var has []string
	for _, r := range access.Roles {
		roles = append(roles, Choice{string(r), v.E("role", string(r))})
	}
	for _, r := range u.Roles {
		has = append(has, string(r))
	}
	for _, t := range teams {
		choices = append(choices, Choice{t.ID, t.Name})
	}
	return []Field{{Name: "name", Value: u.Name, Required: true}, {Name: "roles", Kind: "choices", Value: strings.Join(has, ","), Choices: roles, Wide: true, Required: true},
		{Name: "scope", Kind: "choice", Value: string(u.Scope), Choices: v.choices("scope", "own", "team", "all"), Required: true}, {Name: "team_id", Label: v.L("team"), Kind: "choice", Value: u.TeamID, Choices: choices}}
}

func newUser(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.new_user"), v.T("menu.users"), "/settings/users"
	d, err := read(v, access.Users, access.UsersInput{})
	if err != nil {
		return nil, err
	}
	fields := append([]Field{{Name: "login", Required: true}, {Name: "password", Kind: "password", Required: true, Help: v.T("web.password_help")}}, v.userFields(access.User{Scope: "own"}, d.Teams)...)
	return v.form(formOf{op: access.CreateUser, fields: fields, cancel: "/settings/users", done: func(any) (string, string) { return "/settings/users", "saved" }})
}

func editUser(v *visit) (templ.Component, error) {
	d, err := read(v, access.Users, access.UsersInput{})
	if err != nil {
		return nil, err
	}
	for _, u := range d.Users {
		if u.ID == v.param("id") {
			v.Title, v.Over, v.OverHref = u.Name, v.T("menu.users"), "/settings/users"
			fields := append(v.userFields(u, d.Teams), Field{Name: "disabled", Kind: "flag", Value: fmt.Sprint(u.Disabled), Help: v.T("web.disabled")}, Field{Name: "version", Kind: "hidden", Value: fmt.Sprint(u.Version)})
			return v.form(formOf{op: access.UpdateUser, fixed: map[string]any{"id": u.ID}, fields: fields, cancel: "/settings/users", done: func(any) (string, string) { return "/settings/users", "saved" }})
		}
	}
	return nil, fault.NotFound("user", v.param("id"))
}

func newTeam(v *visit) (templ.Component, error) {
	v.Title, v.Over, v.OverHref = v.T("web.new_team"), v.T("menu.users"), "/settings/users"
	return v.form(formOf{op: access.CreateTeam, fields: []Field{{Name: "name", Required: true}}, cancel: "/settings/users", done: func(any) (string, string) { return "/settings/users", "saved" }})
}

// tokens lists the visitor's API tokens; a new one's secret is shown once, on the answer to its form.
func tokens(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.tokens")
	var parts []templ.Component
	if id := v.r.PostFormValue("revoke"); id != "" {
		if _, err := act(v, access.RevokeToken, access.RevokeInput{ID: id}); err != nil {
			return nil, err
		}
		return v.to("/settings/tokens", "saved")
	}
	f := Form{Action: v.path, Key: newKey(), Submit: v.T("web.new_token"), Fields: []Field{{Name: "name", Label: v.L("name"), Required: true, Value: v.r.PostFormValue("name")},
		{Name: "scopes", Label: v.L("scopes"), Required: true, Value: v.r.PostFormValue("scopes"), Help: v.T("web.scopes_help")}}}
	if v.r.Method == http.MethodPost {
		made, err := act(v, access.CreateToken, access.NewToken{Name: strings.TrimSpace(v.r.PostFormValue("name")), Scopes: strings.Fields(v.r.PostFormValue("scopes"))})
		if err == nil && made.Secret != "" {
			parts = append(parts, notice(v.T("web.token_once"), Warn), boxed("", inBody(pre(made.Secret))))
		} else if err != nil {
			f.tell(v.Page, err, nil)
			v.code = 422
		}
	}
	all, err := read(v, access.Tokens, access.UsersInput{})
	if err != nil {
		return nil, err
	}
	var rows [][]Cell
	for _, t := range all {
		state := Cell{Text: capital(v.T("web.active")), Tone: Good}
		if !t.RevokedAt.IsZero() {
			state = Cell{Text: capital(v.T("web.revoked")), Sub: v.time(t.RevokedAt)}
		}
		rows = append(rows, []Cell{{Text: t.Name}, {Text: strings.Join(t.Scopes, " "), Wide: true}, {Text: v.time(t.CreatedAt)}, {Text: v.time(t.ExpiresAt)}, state})
	}
	parts = append(parts, boxed("", form(v.Page, f)), table(v.Page, small(v.cols("-name", "-scopes", "-created_at", "-expires_at", "-status"), rows, v.T("web.nothing"))))
	for _, t := range all {
		if t.RevokedAt.IsZero() {
			parts = append(parts, boxed(t.Name, inBody(button(v.Page, v.path, v.T("web.revoke"), Bad, []Choice{{"revoke", t.ID}}))))
		}
	}
	return stack(parts...), nil
}

func changePassword(v *visit) (templ.Component, error) {
	v.Title = v.T("menu.password")
	return v.form(formOf{op: access.ChangePassword, narrow: true, fields: []Field{{Name: "old", Label: v.L("old_password"), Kind: "password", Required: true}, {Name: "new", Label: v.L("new_password"), Kind: "password", Required: true, Help: v.T("web.password_help")}},
		done: func(any) (string, string) { return "/", "saved" }})
}
