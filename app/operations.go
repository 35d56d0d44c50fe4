package app

import (
	"slices"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/approval"
	"github.com/xinheng/xinheng/assessment"
	"github.com/xinheng/xinheng/audit"
	"github.com/xinheng/xinheng/control/limit"
	"github.com/xinheng/xinheng/control/ordercheck"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/provider"
	"github.com/xinheng/xinheng/emergency"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/portfolio"
	"github.com/xinheng/xinheng/receivable"
	"github.com/xinheng/xinheng/screening"
)

// Operations are all writes of the product, in the order of the credit cycle. A new capability adds a line here.
var Operations = slices.Concat(
	access.Operations, approval.Operations, customer.Operations, provider.Operations, screening.Operations, receivable.Operations, assessment.Operations, limit.Operations, ordercheck.Operations,
	monitoring.Operations, emergency.Operations,
)

// Views are all reads of the product.
var Views = slices.Concat(
	access.Views, []operation.Any{audit.List}, approval.Views, customer.Views, provider.Views, screening.Views, receivable.Views, assessment.Views, limit.Views, ordercheck.Views,
	monitoring.Views, emergency.Views, portfolio.Views,
)
