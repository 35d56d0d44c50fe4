package statement

import "strings"

// EntryLine is a line of the form on which a person types a statement. Sum are the lines that a total adds up: left
// empty, it is computed from those that were typed.
type EntryLine struct {
	Item Item
	Sum  []Term
}

// entryForm is the form in the order of the general format for enterprises of 财会〔2019〕6号, without the lines of banks,
// insurers and brokers, which come by file. A minus marks what is taken off, a question mark what
// may be missing; =? needs any one of its lines.
const entryForm = `
cash trading_assets notes_receivable accounts_receivable receivables_financing prepayments other_receivables inventories contract_assets other_current_assets
total_current_assets =? cash trading_assets notes_receivable accounts_receivable receivables_financing prepayments other_receivables inventories contract_assets other_current_assets
long_term_equity_investments investment_property fixed_assets construction_in_progress right_of_use_assets intangible_assets goodwill long_term_deferred_expenses deferred_tax_assets other_noncurrent_assets
total_noncurrent_assets =? long_term_equity_investments investment_property fixed_assets construction_in_progress right_of_use_assets intangible_assets goodwill long_term_deferred_expenses deferred_tax_assets other_noncurrent_assets
total_assets = total_current_assets total_noncurrent_assets?
short_term_borrowings notes_payable accounts_payable advances_received contract_liabilities payroll_payable taxes_payable other_payables noncurrent_liabilities_due_within_one_year other_current_liabilities
total_current_liabilities =? short_term_borrowings notes_payable accounts_payable advances_received contract_liabilities payroll_payable taxes_payable other_payables noncurrent_liabilities_due_within_one_year other_current_liabilities
long_term_borrowings bonds_payable lease_liabilities long_term_payables deferred_income deferred_tax_liabilities other_noncurrent_liabilities
total_noncurrent_liabilities =? long_term_borrowings bonds_payable lease_liabilities long_term_payables deferred_income deferred_tax_liabilities other_noncurrent_liabilities
total_liabilities = total_current_liabilities total_noncurrent_liabilities?
paid_in_capital capital_reserve other_comprehensive_income_reserve surplus_reserve retained_earnings minority_equity
total_equity =? paid_in_capital capital_reserve other_comprehensive_income_reserve surplus_reserve retained_earnings minority_equity
total_liabilities_and_equity = total_liabilities total_equity
revenue cost_of_sales taxes_and_surcharges selling_expenses admin_expenses rd_expenses finance_expenses interest_expense other_income investment_income credit_impairment_loss asset_impairment_loss
operating_profit = revenue -cost_of_sales? -taxes_and_surcharges? -selling_expenses? -admin_expenses? -rd_expenses? -finance_expenses? other_income? investment_income? credit_impairment_loss? asset_impairment_loss?
nonoperating_income nonoperating_expenses
total_profit = operating_profit nonoperating_income? -nonoperating_expenses?
income_tax
net_profit = total_profit -income_tax?
cash_from_sales other_cash_from_operations
operating_cash_in = cash_from_sales other_cash_from_operations?
cash_to_suppliers cash_to_employees cash_for_taxes other_cash_for_operations
operating_cash_out =? cash_to_suppliers cash_to_employees cash_for_taxes other_cash_for_operations
net_cash_operating = operating_cash_in -operating_cash_out
capital_expenditure net_cash_investing net_cash_financing fx_effect_on_cash
net_increase_in_cash = net_cash_operating net_cash_investing net_cash_financing fx_effect_on_cash?
cash_opening
cash_closing = cash_opening net_increase_in_cash
`

var entryLines = func() (lines []EntryLine) {
	for row := range strings.SplitSeq(strings.TrimSpace(entryForm), "\n") {
		total, summed, isTotal := strings.Cut(row, " =")
		if !isTotal {
			for name := range strings.FieldsSeq(row) {
				lines = append(lines, EntryLine{Item: Item(name)})
			}
			continue
		}
		l := EntryLine{Item: Item(total)}
		for name := range strings.FieldsSeq(summed) {
			if name == "?" {
				continue
			}
			bare, minus := strings.CutPrefix(name, "-")
			bare, optional := strings.CutSuffix(bare, "?")
			l.Sum = append(l.Sum, Term{Item: Item(bare), Minus: minus, Optional: optional || strings.HasPrefix(summed, "?")})
		}
		lines = append(lines, l)
	}
	return lines
}()

// EntryForm gives the lines of the form in their order.
func EntryForm() []EntryLine { return entryLines }

// FillTotals computes the totals that values lack from the lines that they sum, where those are there that it cannot do without. A total
// that was typed stays as it is: the identities then tell whether it agrees.
func FillTotals(values Values) {
	for _, l := range entryLines {
		if _, typed := values[l.Item]; typed || len(l.Sum) == 0 {
			continue
		}
		sum, any, all := int64(0), false, true
		for _, t := range l.Sum {
			v, has := values[t.Item]
			all = all && (has || t.Optional)
			if any = any || has; t.Minus {
				v = -v
			}
			sum += v
		}
		if any && all {
			values[l.Item] = sum
		}
	}
}
