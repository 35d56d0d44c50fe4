package sample

import (
	"math"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/statement"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
)

// statement gives the statements at the end of a month of the year under way: the balance sheet of that day, income and
// cash flow since January. Signs follow 财会〔2019〕6号: a credit or asset impairment loss is negative.
func (e *enterprise) statement(year, month int, d *draft) statement.Statement {
	part := e.partOfYear(month)
	v := e.operating()
	flow := e.income(v, part, month)
	e.carryForward(v, flow, month)
	e.finance(v, e.balance)
	e.cashFlow(v, flow, month)
	totals(v)
	if e.next = v; month == 12 {
		e.profit = v["net_profit"]
	}
	return statement.Statement{Period: clock.NewDate(year, time.Month(month)+1, 0), Audited: month == 12 && (d.Size == customer.Large || d.Size == customer.Medium),
		Consolidated: e.group, Currency: money.CNY, Unit: 1, Values: v}
}

func (e *enterprise) partOfYear(month int) float64 {
	done, all := 0.0, 0.0
	for q, weight := range e.season {
		if all += weight; q < month/3 {
			done += weight
		}
	}
	return done / all
}

// flows are what is not a line of its own but moves several.
type flows struct{ depreciation, amortisation, spent, disposed, dividends int64 }

// income fills the income statement for a part of the year.
func (e *enterprise) income(v statement.Values, part float64, month int) flows {
	months := float64(month) / 12
	set := func(i statement.Item, amount float64) int64 { v[i] = int64(math.Round(amount)); return v[i] }
	sales := e.sales * part
	revenue := set("revenue", sales)
	v["total_revenue"] = revenue
	f := flows{depreciation: int64(float64(e.balance["fixed_assets"]) * .09 * months), amortisation: int64(float64(e.balance["intangible_assets"]) * .05 * months)}
	research := .25
	if e.code[0] == 'F' || e.code[0] == 'G' {
		research = 0.02
	}
	costs := set("cost_of_sales", sales*(1-e.margin)) + set("taxes_and_surcharges", sales*.006) +
		set("selling_expenses", sales*e.spending*(.55-research/2)) + set("admin_expenses", sales*e.spending*(.45-research/2)) + set("rd_expenses", sales*e.spending*research)
	interest := set("interest_expense", float64(sum(e.balance, borrowed))*e.interest*months)
	costs += set("finance_expenses", float64(interest)+sales*.0006-float64(e.balance["cash"])*.004*months)
	v["total_cost"] = costs
	other := set("other_income", sales*.003) + set("investment_income", float64(e.balance["long_term_equity_investments"])*.04*months) +
		set("credit_impairment_loss", -float64(v["accounts_receivable"])*(.002+.02*(1-e.quality)*(1-e.quality))*months) +
		set("asset_impairment_loss", -float64(v["inventories"])*.012*(1-e.quality)*months)
	v["operating_profit"] = revenue - costs + other
	v["total_profit"] = v["operating_profit"] + set("nonoperating_income", sales*.0008) - set("nonoperating_expenses", sales*.0006)
	set("income_tax", math.Max(0, float64(v["total_profit"]))*.22)
	v["net_profit"] = v["total_profit"] - v["income_tax"]
	v["net_profit_parent"] = v["net_profit"]
	if e.group {
		v["minority_profit"] = v["net_profit"] / 15
		v["net_profit_parent"] = v["net_profit"] - v["minority_profit"]
	}
	if month >= 6 && e.profit > 0 && e.balance["retained_earnings"] > e.profit { // paid after the spring meeting
		f.dividends = int64(float64(e.profit) * (.3 + .45*e.quality))
	}
	f.disposed = e.balance["fixed_assets"] / 400 * int64(month) / 12
	f.spent = int64(float64(f.depreciation+f.amortisation+f.disposed) * e.invest)
	return f
}

// carryForward brings the long-lived assets and the owners' part from the beginning to the end of the period.
func (e *enterprise) carryForward(v statement.Values, f flows, month int) {
	for _, i := range []statement.Item{"long_term_equity_investments", "construction_in_progress", "right_of_use_assets", "long_term_deferred_expenses",
		"deferred_tax_assets", "lease_liabilities", "deferred_income", "paid_in_capital", "capital_reserve"} {
		if amount, has := e.balance[i]; has {
			v[i] = amount
		}
	}
	v["intangible_assets"] = e.balance["intangible_assets"]
	v["fixed_assets"] = e.balance["fixed_assets"] + f.spent - f.amortisation - f.depreciation - f.disposed // the amortised is bought anew
	toReserve := int64(0)
	if month == 12 && v["net_profit_parent"] > 0 { // 公司法 (2023) 第二百一十条: a tenth, until the reserve is half the capital
		toReserve = max(0, min(v["net_profit_parent"]/10, v["paid_in_capital"]/2-e.balance["surplus_reserve"]))
	}
	v["surplus_reserve"] = e.balance["surplus_reserve"] + toReserve
	v["retained_earnings"] = e.balance["retained_earnings"] + v["net_profit_parent"] - f.dividends - toReserve
	if e.group {
		v["minority_equity"] = e.balance["minority_equity"] + v["minority_profit"]
	}
}

// cashFlow explains the change of cash. What operations brought is the change less investing and financing; what
// suppliers got is the rest of the operating payments.
func (e *enterprise) cashFlow(v statement.Values, f flows, month int) {
	change := func(i statement.Item) int64 { return v[i] - e.balance[i] }
	v["cash_opening"], v["cash_closing"] = e.balance["cash"], v["cash"]
	v["net_increase_in_cash"] = change("cash")

	v["cash_from_investment_income"], v["cash_from_asset_disposal"], v["capital_expenditure"] = v["investment_income"], f.disposed, f.spent
	v["investing_cash_in"], v["investing_cash_out"] = v["investment_income"]+f.disposed, f.spent
	v["net_cash_investing"] = v["investing_cash_in"] - v["investing_cash_out"]

	loans := sum(v, borrowed) - sum(e.balance, borrowed)
	repaid := (e.balance["short_term_borrowings"] + e.balance["noncurrent_liabilities_due_within_one_year"]) / 12 * int64(month)
	if repaid+loans < 0 {
		repaid = -loans
	}
	v["cash_from_borrowings"], v["cash_for_debts"] = repaid+loans, repaid
	v["cash_for_dividends_and_interest"] = f.dividends + v["interest_expense"]
	v["financing_cash_in"], v["financing_cash_out"] = v["cash_from_borrowings"], v["cash_for_debts"]+v["cash_for_dividends_and_interest"]
	v["net_cash_financing"] = v["financing_cash_in"] - v["financing_cash_out"]

	v["net_cash_operating"] = v["net_increase_in_cash"] - v["net_cash_investing"] - v["net_cash_financing"]
	vat := v["revenue"] / 10
	v["cash_from_sales"] = v["revenue"] + vat - change("accounts_receivable") - change("notes_receivable") + change("contract_liabilities")
	v["tax_refunds"], v["other_cash_from_operations"] = v["other_income"]/3, v["other_income"]-v["other_income"]/3+v["nonoperating_income"]
	v["operating_cash_in"] = v["cash_from_sales"] + v["tax_refunds"] + v["other_cash_from_operations"]
	v["operating_cash_out"] = v["operating_cash_in"] - v["net_cash_operating"]
	v["cash_to_employees"] = int64(float64(v["revenue"])*e.labour) - change("payroll_payable")
	v["cash_for_taxes"] = max(0, v["taxes_and_surcharges"]+v["income_tax"]+vat/4-change("taxes_payable"))
	v["other_cash_for_operations"] = (v["selling_expenses"] + v["admin_expenses"]) / 5
	v["cash_to_suppliers"] = v["operating_cash_out"] - v["cash_to_employees"] - v["cash_for_taxes"] - v["other_cash_for_operations"]

	e.supplement(v, f, change)
}

// supplement reconciles net profit with the cash from operations (间接法).
func (e *enterprise) supplement(v statement.Values, f flows, change func(statement.Item) int64) {
	v["supplement_net_profit"], v["depreciation"], v["intangibles_amortisation"] = v["net_profit"], f.depreciation, f.amortisation
	v["supplement_impairment"] = -v["credit_impairment_loss"] - v["asset_impairment_loss"]
	v["supplement_finance_expenses"], v["supplement_investment_loss"] = v["interest_expense"], -v["investment_income"]
	v["inventories_decrease"] = -change("inventories") + v["asset_impairment_loss"]
	v["operating_receivables_decrease"] = v["credit_impairment_loss"]
	for _, i := range []statement.Item{"notes_receivable", "accounts_receivable", "prepayments", "other_receivables", "other_current_assets"} {
		v["operating_receivables_decrease"] -= change(i)
	}
	v["operating_payables_increase"] = 0
	for _, i := range []statement.Item{"notes_payable", "accounts_payable", "contract_liabilities", "payroll_payable", "taxes_payable", "other_payables"} {
		v["operating_payables_increase"] += change(i)
	}
	v["supplement_net_cash_operating"] = v["net_cash_operating"]
}

// totals adds up the balance sheet.
func totals(v statement.Values) {
	v["total_current_assets"], v["total_noncurrent_assets"] = sum(v, currentAssets), sum(v, fixedAssets)
	v["total_assets"] = v["total_current_assets"] + v["total_noncurrent_assets"]
	v["total_current_liabilities"], v["total_noncurrent_liabilities"] = sum(v, currentDebts), sum(v, longDebts)
	v["total_liabilities"] = v["total_current_liabilities"] + v["total_noncurrent_liabilities"]
	v["parent_equity"] = sum(v, owners)
	v["total_equity"] = v["parent_equity"] + v["minority_equity"]
	v["total_liabilities_and_equity"] = v["total_liabilities"] + v["total_equity"]
}
