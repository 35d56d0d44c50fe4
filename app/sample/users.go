package sample

import (
	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/internal/operation"
)

// Team is a sales team.
type Team struct{ ID, Name string }

// User is a person who signs in to the sample.
type User struct {
	ID, Login, Name, Team string
	Scope                 operation.Scope
	Roles                 []access.Role
}

// Password is the password of every person of the sample; it is printed at the start and for trying out only.
const Password = "xinheng-sample"

// administrator is created by the set-up and needs no id.
const administrator = "admin"

var teams = []Team{{"sample-team-east", "华东销售部"}, {"sample-team-south", "华南销售部"}}

var users = []User{
	{"", administrator, "系统管理员", "", operation.ScopeAll, []access.Role{access.Admin}},
	{"sample-manager", "manager", "沈立衡", "", operation.ScopeAll, []access.Role{access.CreditManager}},
	{"sample-analyst", "analyst", "顾思敏", "", operation.ScopeAll, []access.Role{access.Analyst}},
	{"sample-sales1", "sales1", "陆晓峰", teams[0].ID, operation.ScopeTeam, []access.Role{access.Sales}},
	{"sample-sales2", "sales2", "钱佳宁", teams[0].ID, operation.ScopeOwn, []access.Role{access.Sales}},
	{"sample-sales3", "sales3", "邵文涛", teams[1].ID, operation.ScopeOwn, []access.Role{access.Sales}},
	{"sample-collector", "collector", "孟雪玲", "", operation.ScopeAll, []access.Role{access.Collector}},
	{"sample-legal", "legal", "严志刚", "", operation.ScopeAll, []access.Role{access.Legal}},
	{"sample-committee", "committee", "范国辉", "", operation.ScopeAll, []access.Role{access.Committee}},
	{"sample-committee2", "committee2", "叶雅静", "", operation.ScopeAll, []access.Role{access.Committee}},
	{"sample-auditor", "auditor", "江永平", "", operation.ScopeAll, []access.Role{access.Auditor}},
	{"sample-integrator", "integrator", "ERP 接口", "", operation.ScopeAll, []access.Role{access.Integrator}},
}
