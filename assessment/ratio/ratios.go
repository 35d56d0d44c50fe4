package ratio

// Sums that several ratios share.
const (
	revenue  = "revenue|total_revenue"
	interest = "interest_expense|finance_expenses"
	ebit     = "total_profit + " + interest
	debt     = "short_term_borrowings? + short_term_bonds? + noncurrent_liabilities_due_within_one_year? + long_term_borrowings? + bonds_payable? + lease_liabilities?"
)

// The definitions follow annex 1 of 国资委《中央企业综合绩效评价实施细则》 (国资发评价〔2006〕157号) where it names the
// ratio, with the names that CAS statements use now and receivables net of provisions, because statements give no gross
// figure; else the CFA Institute's Financial Statement Analysis. Returns and turnovers set a year's flow against the
// average of the year's opening and closing balance. Interest falls back to net finance expenses (财务费用) where a
// statement of before 2018 does not show it; a year has 365 days.
var ratios = []Ratio{
	{Key: "debt_ratio", Group: Solvency, ZH: "资产负债率", EN: "Debt ratio", Unit: Percent, Better: Low, Num: "total_liabilities", Den: "total_assets", Positive: true,
		MeaningZH: "资产中由债权人提供的比例，越高偿债压力越大", MeaningEN: "the share of assets financed by creditors; the higher, the heavier the burden"},
	{Key: "liabilities_to_equity", Group: Solvency, ZH: "产权比率", EN: "Liabilities to equity", Unit: Times, Better: Low, Num: "total_liabilities", Den: "total_equity", Positive: true,
		MeaningZH: "负债相当于所有者权益的倍数", MeaningEN: "liabilities as a multiple of the owners' equity"},
	{Key: "debt_to_assets", Group: Solvency, ZH: "有息负债率", EN: "Interest-bearing debt to assets", Unit: Percent, Better: Low, Num: debt, Den: "total_assets", Positive: true,
		MeaningZH: "资产中由计息债务提供的比例", MeaningEN: "the share of assets financed by interest-bearing debt"},
	{Key: "debt_to_equity", Group: Solvency, ZH: "有息负债权益比", EN: "Debt to equity", Unit: Times, Better: Low, Num: debt, Den: "total_equity", Positive: true,
		MeaningZH: "计息债务相当于所有者权益的倍数", MeaningEN: "interest-bearing debt as a multiple of equity"},
	{Key: "interest_coverage", Group: Solvency, ZH: "利息保障倍数", EN: "Interest coverage", Unit: Times, Better: High, Num: ebit, Den: interest, Positive: true,
		MeaningZH: "息税前利润够付几次利息；报表未列利息费用时用财务费用，财务费用为负（净利息收入）时不适用", MeaningEN: "how many times profit before interest and tax pays the interest; net finance expenses stand for interest that is not shown, and net interest income leaves it undefined"},
	{Key: "cash_flow_to_debt", Group: Solvency, ZH: "现金债务总额比", EN: "Operating cash flow to debt", Unit: Times, Better: High, Num: "net_cash_operating", Den: debt, Positive: true,
		MeaningZH: "一年经营现金净额相当于计息债务的倍数", MeaningEN: "a year's operating cash flow as a multiple of the debt"},

	{Key: "current_ratio", Group: Liquidity, ZH: "流动比率", EN: "Current ratio", Unit: Times, Better: High, Num: "total_current_assets", Den: "total_current_liabilities", Positive: true,
		MeaningZH: "一年内可变现资产对一年内到期债务的覆盖", MeaningEN: "assets turning to cash within a year over debts due within a year"},
	{Key: "quick_ratio", Group: Liquidity, ZH: "速动比率", EN: "Quick ratio", Unit: Times, Better: High, Num: "total_current_assets - inventories?", Den: "total_current_liabilities", Positive: true,
		MeaningZH: "不靠存货变现的短期偿债能力", MeaningEN: "short-term solvency without selling inventories"},
	{Key: "acid_test", Group: Liquidity, ZH: "保守速动比率", EN: "Acid-test ratio", Unit: Times, Better: High, Num: "cash + trading_assets? + notes_receivable? + accounts_receivable?", Den: "total_current_liabilities", Positive: true,
		MeaningZH: "只计现金、交易性金融资产和应收款的偿债能力", MeaningEN: "only cash, securities and receivables over current liabilities"},
	{Key: "cash_ratio", Group: Liquidity, ZH: "现金比率", EN: "Cash ratio", Unit: Times, Better: High, Num: "cash + trading_assets?", Den: "total_current_liabilities", Positive: true,
		MeaningZH: "手头现金对流动负债的覆盖", MeaningEN: "cash at hand over current liabilities"},
	{Key: "working_capital", Group: Liquidity, ZH: "营运资金", EN: "Working capital", Unit: Money, Better: High, Num: "total_current_assets - total_current_liabilities",
		MeaningZH: "流动资产超过流动负债的数额", MeaningEN: "current assets beyond current liabilities"},
	{Key: "operating_cash_to_current_liabilities", Group: Liquidity, ZH: "现金流动负债比", EN: "Operating cash flow to current liabilities", Unit: Times, Better: High, Num: "net_cash_operating", Den: "total_current_liabilities", Positive: true,
		MeaningZH: "一年经营现金净额对流动负债的覆盖", MeaningEN: "a year's operating cash flow over current liabilities"},

	{Key: "gross_margin", Group: Profitability, ZH: "毛利率", EN: "Gross margin", Unit: Percent, Better: High, Num: revenue + " - cost_of_sales", Den: revenue, Positive: true,
		MeaningZH: "每元收入扣除营业成本后的剩余", MeaningEN: "what is left of a yuan of revenue after the cost of sales"},
	{Key: "operating_margin", Group: Profitability, ZH: "营业利润率", EN: "Operating margin", Unit: Percent, Better: High, Num: "operating_profit", Den: revenue, Positive: true,
		MeaningZH: "每元收入带来的营业利润", MeaningEN: "operating profit per yuan of revenue"},
	{Key: "pretax_margin", Group: Profitability, ZH: "税前利润率", EN: "Pre-tax margin", Unit: Percent, Better: High, Num: "total_profit", Den: revenue, Positive: true,
		MeaningZH: "每元收入带来的利润总额", MeaningEN: "profit before tax per yuan of revenue"},
	{Key: "net_margin", Group: Profitability, ZH: "销售净利率", EN: "Net margin", Unit: Percent, Better: High, Num: "net_profit", Den: revenue, Positive: true,
		MeaningZH: "每元收入带来的净利润", MeaningEN: "net profit per yuan of revenue"},
	{Key: "expense_ratio", Group: Profitability, ZH: "销售及管理费用率", EN: "Selling and administrative expense ratio", Unit: Percent, Better: Low, Num: "selling_expenses? + admin_expenses?", Den: revenue, Positive: true,
		MeaningZH: "每元收入花掉的销售和管理费用", MeaningEN: "selling and administrative expenses per yuan of revenue"},
	{Key: "roa", Group: Profitability, ZH: "总资产净利率", EN: "Return on assets", Unit: Percent, Better: High, Num: "net_profit", Den: "avg: total_assets", Positive: true,
		MeaningZH: "资产一年带来的净利润", MeaningEN: "a year's net profit on average assets"},
	{Key: "roe", Group: Profitability, ZH: "净资产收益率", EN: "Return on equity", Unit: Percent, Better: High, Num: "net_profit", Den: "avg: total_equity", Positive: true,
		MeaningZH: "所有者投入一年的回报", MeaningEN: "a year's net profit on average equity"},
	{Key: "roce", Group: Profitability, ZH: "已动用资本回报率", EN: "Return on capital employed", Unit: Percent, Better: High, Num: ebit, Den: "total_assets - total_current_liabilities", Positive: true,
		MeaningZH: "长期资本的息税前回报", MeaningEN: "profit before interest and tax on long-term capital"},
	{Key: "effective_tax_rate", Group: Profitability, ZH: "实际税率", EN: "Effective tax rate", Unit: Percent, Num: "income_tax", Den: "total_profit", Positive: true,
		MeaningZH: "所得税占利润总额的比例", MeaningEN: "income tax as a share of profit before tax"},

	{Key: "receivable_turnover", Group: Efficiency, ZH: "应收账款周转率", EN: "Receivables turnover", Unit: Times, Better: High, Num: revenue, Den: "avg: accounts_receivable", Positive: true,
		MeaningZH: "应收账款一年收回几次", MeaningEN: "how often receivables are collected in a year"},
	{Key: "receivable_days", Group: Efficiency, ZH: "应收账款周转天数", EN: "Days of sales outstanding", Unit: Days, Better: Low, Num: "avg: accounts_receivable", Den: revenue, Positive: true,
		MeaningZH: "平均多少天收回货款", MeaningEN: "days until customers have paid"},
	{Key: "inventory_turnover", Group: Efficiency, ZH: "存货周转率", EN: "Inventory turnover", Unit: Times, Better: High, Num: "cost_of_sales", Den: "avg: inventories", Positive: true,
		MeaningZH: "存货一年卖出几次", MeaningEN: "how often inventories are sold in a year"},
	{Key: "inventory_days", Group: Efficiency, ZH: "存货周转天数", EN: "Days of inventory", Unit: Days, Better: Low, Num: "avg: inventories", Den: "cost_of_sales", Positive: true,
		MeaningZH: "存货平均多少天卖出", MeaningEN: "days until inventories are sold"},
	{Key: "payable_turnover", Group: Efficiency, ZH: "应付账款周转率", EN: "Payables turnover", Unit: Times, Num: "cost_of_sales", Den: "avg: accounts_payable", Positive: true,
		MeaningZH: "应付账款一年付清几次", MeaningEN: "how often suppliers are paid in a year"},
	{Key: "payable_days", Group: Efficiency, ZH: "应付账款周转天数", EN: "Days of payables outstanding", Unit: Days, Num: "avg: accounts_payable", Den: "cost_of_sales", Positive: true,
		MeaningZH: "平均多少天付给供应商，明显拉长是资金紧张的信号", MeaningEN: "days until suppliers are paid; a marked rise signals tight cash"},
	{Key: "current_asset_turnover", Group: Efficiency, ZH: "流动资产周转率", EN: "Current asset turnover", Unit: Times, Better: High, Num: revenue, Den: "avg: total_current_assets", Positive: true,
		MeaningZH: "流动资产一年周转几次", MeaningEN: "revenue per yuan of average current assets"},
	{Key: "fixed_asset_turnover", Group: Efficiency, ZH: "固定资产周转率", EN: "Fixed asset turnover", Unit: Times, Better: High, Num: revenue, Den: "avg: fixed_assets", Positive: true,
		MeaningZH: "固定资产一年周转几次", MeaningEN: "revenue per yuan of average fixed assets"},
	{Key: "asset_turnover", Group: Efficiency, ZH: "总资产周转率", EN: "Asset turnover", Unit: Times, Better: High, Num: revenue, Den: "avg: total_assets", Positive: true,
		MeaningZH: "总资产一年周转几次", MeaningEN: "revenue per yuan of average assets"},
	{Key: "operating_cycle", Group: Efficiency, ZH: "营业周期", EN: "Operating cycle", Unit: Days, Better: Low, Sum: "inventory_days + receivable_days",
		MeaningZH: "从进货到收回货款的天数", MeaningEN: "days from buying goods to being paid for them"},
	{Key: "cash_conversion_cycle", Group: Efficiency, ZH: "现金转换周期", EN: "Cash conversion cycle", Unit: Days, Better: Low, Sum: "inventory_days + receivable_days - payable_days",
		MeaningZH: "自己垫付资金的天数", MeaningEN: "days for which the company's own cash is tied up"},

	{Key: "revenue_growth", Group: Growth, ZH: "营业收入增长率", EN: "Revenue growth", Unit: Percent, Better: High, Num: "change: " + revenue, Den: "prev: " + revenue, Positive: true,
		MeaningZH: "收入较上年同期的变化", MeaningEN: "change of revenue against the year before"},
	{Key: "net_profit_growth", Group: Growth, ZH: "净利润增长率", EN: "Net profit growth", Unit: Percent, Better: High, Num: "change: net_profit", Den: "prev: net_profit", Positive: true,
		MeaningZH: "净利润较上年同期的变化；上年亏损时不适用", MeaningEN: "change of net profit against the year before; not defined after a loss"},
	{Key: "total_assets_growth", Group: Growth, ZH: "总资产增长率", EN: "Asset growth", Unit: Percent, Num: "change: total_assets", Den: "prev: total_assets", Positive: true,
		MeaningZH: "总资产较上年同期的变化", MeaningEN: "change of total assets against the year before"},
	{Key: "equity_growth", Group: Growth, ZH: "资本积累率", EN: "Equity growth", Unit: Percent, Better: High, Num: "change: total_equity", Den: "prev: total_equity", Positive: true,
		MeaningZH: "所有者权益较上年同期的变化", MeaningEN: "change of equity against the year before"},

	{Key: "cash_to_revenue", Group: CashFlow, ZH: "销售现金比率", EN: "Operating cash flow to revenue", Unit: Percent, Better: High, Num: "net_cash_operating", Den: revenue, Positive: true,
		MeaningZH: "每元收入带来的经营现金净额", MeaningEN: "operating cash flow per yuan of revenue"},
	{Key: "cash_collection", Group: CashFlow, ZH: "销售收现比", EN: "Cash collected to revenue", Unit: Percent, Better: High, Num: "cash_from_sales", Den: revenue, Positive: true,
		MeaningZH: "收入中收回现金的比例（含增值税，正常略高于100%）", MeaningEN: "cash collected per yuan of revenue (with VAT, so normally above 100 %)"},
	{Key: "income_quality", Group: CashFlow, ZH: "盈余现金保障倍数", EN: "Operating cash flow to net profit", Unit: Times, Better: High, Num: "net_cash_operating", Den: "net_profit", Positive: true,
		MeaningZH: "净利润有多少是现金；亏损时不适用", MeaningEN: "how much of the profit is cash; not defined for a loss"},
	{Key: "free_cash_flow", Group: CashFlow, ZH: "自由现金流", EN: "Free cash flow", Unit: Money, Better: High, Num: "net_cash_operating - capital_expenditure",
		MeaningZH: "经营现金净额减去资本支出", MeaningEN: "operating cash flow less capital expenditure"},
	{Key: "free_cash_share", Group: CashFlow, ZH: "自由现金流占比", EN: "Free to operating cash flow", Unit: Percent, Better: High, Num: "net_cash_operating - capital_expenditure", Den: "net_cash_operating", Positive: true,
		MeaningZH: "经营现金净额中不需再投入的比例", MeaningEN: "the share of operating cash flow that need not be reinvested"},

	{Key: "tax_burden", Group: DuPont, ZH: "税收负担", EN: "Tax burden", Unit: Percent, Num: "net_profit", Den: "total_profit", Positive: true,
		MeaningZH: "税后留下的利润比例", MeaningEN: "the share of profit left after tax"},
	{Key: "interest_burden", Group: DuPont, ZH: "利息负担", EN: "Interest burden", Unit: Percent, Num: "total_profit", Den: ebit, Positive: true,
		MeaningZH: "付息后留下的利润比例", MeaningEN: "the share of profit left after interest"},
	{Key: "ebit_margin", Group: DuPont, ZH: "息税前利润率", EN: "EBIT margin", Unit: Percent, Better: High, Num: ebit, Den: revenue, Positive: true,
		MeaningZH: "每元收入带来的息税前利润", MeaningEN: "profit before interest and tax per yuan of revenue"},
	{Key: "equity_multiplier", Group: DuPont, ZH: "权益乘数", EN: "Equity multiplier", Unit: Times, Num: "avg: total_assets", Den: "avg: total_equity", Positive: true,
		MeaningZH: "财务杠杆：资产相当于权益的倍数", MeaningEN: "leverage: assets as a multiple of equity"},
}
