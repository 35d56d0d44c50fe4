package statement

// table declares every line: code (with * for totals), Chinese name, English name, other names. The Chinese names are
// those of 财会〔2019〕6号 (一般企业财务报表格式), the others those of earlier charts and of financial companies.
const table = `
# balance
cash|货币资金|Cash and bank balances
settlement_reserves|结算备付金|Settlement reserves
placements|拆出资金|Placements with banks
trading_assets|交易性金融资产|Financial assets held for trading|交易性金资产;以公允价值计量且其变动计入当期损益的金融资产
derivative_assets|衍生金融资产|Derivative assets
notes_receivable|应收票据|Notes receivable
accounts_receivable|应收账款|Accounts receivable|应收帐款
receivables_financing|应收款项融资|Receivables held for financing
prepayments|预付款项|Prepayments|预付账款
premiums_receivable|应收保费|Insurance premiums receivable
reinsurance_receivable|应收分保账款|Reinsurance receivables
reinsurance_reserves_receivable|应收分保合同准备金|Reinsurance contract reserves receivable
interest_receivable|应收利息|Interest receivable
dividends_receivable|应收股利|Dividends receivable
other_receivables|其他应收款|Other receivables|其他应收款合计
export_tax_receivable|应收出口退税|Export tax refunds receivable
subsidies_receivable|应收补贴款|Subsidies receivable
deposits_receivable|应收保证金|Deposits receivable
internal_receivables|内部应收款|Internal receivables
reverse_repos|买入返售金融资产|Financial assets under resale agreements
inventories|存货|Inventories
contract_assets|合同资产|Contract assets
held_for_sale_assets|持有待售资产|Assets held for sale|划分为持有待售的资产
deferred_expenses|待摊费用|Deferred expenses
pending_current_assets|待处理流动资产损益|Current assets pending disposal
noncurrent_assets_due_within_one_year|一年内到期的非流动资产|Non-current assets due within one year
other_current_assets|其他流动资产|Other current assets
total_current_assets*|流动资产合计|Total current assets
loans_and_advances|发放贷款及垫款|Loans and advances|发放贷款和垫款;发放委托贷款及垫款
debt_investments|债权投资|Debt investments
other_debt_investments|其他债权投资|Other debt investments
available_for_sale_assets|可供出售金融资产|Available-for-sale financial assets
held_to_maturity_investments|持有至到期投资|Held-to-maturity investments
long_term_receivables|长期应收款|Long-term receivables
long_term_equity_investments|长期股权投资|Long-term equity investments
other_long_term_investments|其他长期投资|Other long-term investments
other_equity_investments|其他权益工具投资|Other equity investments
other_noncurrent_financial_assets|其他非流动金融资产|Other non-current financial assets
investment_property|投资性房地产|Investment property
fixed_assets_cost|固定资产原值|Fixed assets at cost
accumulated_depreciation|累计折旧|Accumulated depreciation
fixed_assets_net|固定资产净值|Fixed assets before impairment
fixed_assets_impairment|固定资产减值准备|Impairment of fixed assets
fixed_assets|固定资产|Fixed assets|固定资产净额;固定资产及清理合计;固定资产合计
construction_in_progress|在建工程|Construction in progress|在建工程合计
engineering_materials|工程物资|Construction materials
fixed_assets_disposal|固定资产清理|Disposal of fixed assets
productive_biological_assets|生产性生物资产|Productive biological assets
public_biological_assets|公益性生物资产|Public-benefit biological assets
oil_and_gas_assets|油气资产|Oil and gas assets
right_of_use_assets|使用权资产|Right-of-use assets
intangible_assets|无形资产|Intangible assets
development_costs|开发支出|Development costs
goodwill|商誉|Goodwill
long_term_deferred_expenses|长期待摊费用|Long-term deferred expenses
share_reform_rights|股权分置流通权|Share-reform circulation rights
deferred_tax_assets|递延所得税资产|Deferred tax assets
other_noncurrent_assets|其他非流动资产|Other non-current assets
total_noncurrent_assets*|非流动资产合计|Total non-current assets
total_assets*|资产总计|Total assets|资产合计;总资产
short_term_borrowings|短期借款|Short-term borrowings
central_bank_borrowings|向中央银行借款|Borrowings from the central bank
customer_deposits|吸收存款及同业存放|Deposits from customers and banks
placements_received|拆入资金|Placements from banks
trading_liabilities|交易性金融负债|Financial liabilities held for trading|以公允价值计量且其变动计入当期损益的金融负债
derivative_liabilities|衍生金融负债|Derivative liabilities
notes_payable|应付票据|Notes payable
accounts_payable|应付账款|Accounts payable|应付帐款
advances_received|预收账款|Advances received|预收款项
contract_liabilities|合同负债|Contract liabilities
repos|卖出回购金融资产款|Financial assets under repurchase agreements
commissions_payable|应付手续费及佣金|Commissions payable
payroll_payable|应付职工薪酬|Payroll payable
taxes_payable|应交税费|Taxes payable
interest_payable|应付利息|Interest payable
dividends_payable|应付股利|Dividends payable
other_levies_payable|其他应交款|Other levies payable
deposits_payable|应付保证金|Deposits payable
internal_payables|内部应付款|Internal payables
other_payables|其他应付款|Other payables|其他应付款合计
accrued_expenses|预提费用|Accrued expenses
estimated_current_liabilities|预计流动负债|Estimated current liabilities
reinsurance_payable|应付分保账款|Reinsurance payables
insurance_reserves|保险合同准备金|Insurance contract reserves
brokerage_payables|代理买卖证券款|Brokerage payables
underwriting_payables|代理承销证券款|Underwriting payables
international_settlement|国际票证结算|International instruments settlement
domestic_settlement|国内票证结算|Domestic instruments settlement
deferred_income_current|递延收益|Deferred income, current
short_term_bonds|应付短期债券|Short-term bonds payable
held_for_sale_liabilities|持有待售负债|Liabilities held for sale|划分为持有待售的负债
noncurrent_liabilities_due_within_one_year|一年内到期的非流动负债|Non-current liabilities due within one year
other_current_liabilities|其他流动负债|Other current liabilities
total_current_liabilities*|流动负债合计|Total current liabilities
long_term_borrowings|长期借款|Long-term borrowings
bonds_payable|应付债券|Bonds payable
lease_liabilities|租赁负债|Lease liabilities
long_term_payables|长期应付款|Long-term payables|长期应付款合计
special_payables|专项应付款|Special payables
estimated_noncurrent_liabilities|预计非流动负债|Provisions|预计负债
deferred_income|长期递延收益|Deferred income, non-current
deferred_tax_liabilities|递延所得税负债|Deferred tax liabilities
other_noncurrent_liabilities|其他非流动负债|Other non-current liabilities
total_noncurrent_liabilities*|非流动负债合计|Total non-current liabilities
total_liabilities*|负债合计|Total liabilities|总负债
paid_in_capital|实收资本(或股本)|Paid-in capital|实收资本;股本
other_equity_instruments|其他权益工具|Other equity instruments
capital_reserve|资本公积|Capital reserve
treasury_shares|减:库存股|Treasury shares|库存股
other_comprehensive_income_reserve|其他综合收益|Other comprehensive income reserve
special_reserve|专项储备|Special reserve
surplus_reserve|盈余公积|Surplus reserve
general_risk_reserve|一般风险准备|General risk reserve
unconfirmed_investment_loss|未确定的投资损失|Unconfirmed investment losses
retained_earnings|未分配利润|Retained earnings
proposed_dividends|拟分配现金股利|Proposed cash dividends
translation_difference|外币报表折算差额|Translation difference
parent_equity*|归属于母公司股东权益合计|Equity attributable to owners of the parent|归属于母公司所有者权益合计;归属于母公司股东的权益
minority_equity|少数股东权益|Minority interests
total_equity*|所有者权益(或股东权益)合计|Total equity|所有者权益合计;股东权益合计
total_liabilities_and_equity*|负债和所有者权益(或股东权益)总计|Total liabilities and equity|负债和所有者权益总计;负债和股东权益总计;负债及股东权益总计
# income
total_revenue*|营业总收入|Total operating income
revenue|营业收入|Revenue
interest_income|利息收入|Interest income (financial)
premiums_earned|已赚保费|Premiums earned
commission_income|手续费及佣金收入|Commission income
property_sales|房地产销售收入|Property sales
other_business_income|其他业务收入|Other business income
total_cost*|营业总成本|Total operating costs
cost_of_sales|营业成本|Cost of sales
interest_cost|利息支出|Interest costs (financial)
commission_cost|手续费及佣金支出|Commission costs
property_costs|房地产销售成本|Property costs
rd_expenses|研发费用|Research and development expenses
surrenders|退保金|Surrenders
claims_paid|赔付支出净额|Net claims paid
insurance_reserves_change|提取保险合同准备金净额|Change in insurance reserves
policy_dividends|保单红利支出|Policy dividends
reinsurance_expenses|分保费用|Reinsurance expenses
other_business_costs|其他业务成本|Other business costs
taxes_and_surcharges|营业税金及附加|Taxes and surcharges|税金及附加
selling_expenses|销售费用|Selling expenses
admin_expenses|管理费用|Administrative expenses
finance_expenses|财务费用|Finance expenses
interest_expense|利息费用|Interest expense|财务费用中的利息费用
asset_impairment_loss|资产减值损失|Asset impairment loss
credit_impairment_loss|信用减值损失|Credit impairment loss
fair_value_gains|公允价值变动收益|Fair value gains
investment_income|投资收益|Investment income
associates_income|对联营企业和合营企业的投资收益|Income from associates
exchange_gains|汇兑收益|Exchange gains
futures_gains|期货损益|Futures gains
custody_income|托管收益|Custody income
subsidies|补贴收入|Subsidies
other_income|其他收益|Other income
disposal_gains|资产处置收益|Gains on disposal of assets
other_business_profit|其他业务利润|Other business profit
operating_profit*|营业利润|Operating profit
nonoperating_income|营业外收入|Non-operating income
nonoperating_expenses|营业外支出|Non-operating expenses
noncurrent_disposal_loss|非流动资产处置损失|Losses on disposal of non-current assets
total_profit*|利润总额|Profit before tax
income_tax|所得税费用|Income tax
unrecognised_investment_loss|未确认投资损失|Unrecognised investment losses
net_profit*|净利润|Net profit
net_profit_parent|归属于母公司所有者的净利润|Net profit attributable to owners of the parent|归属于母公司股东的净利润
premerger_profit|被合并方在合并前实现净利润|Profit of the merged party before the merger
minority_profit|少数股东损益|Profit attributable to minority interests
# cash_flow
cash_from_sales|销售商品、提供劳务收到的现金|Cash from sales of goods and services
deposits_increase|客户存款和同业存放款项净增加额|Net increase in deposits
central_bank_borrowings_increase|向中央银行借款净增加额|Net increase in central bank borrowings
placements_increase|向其他金融机构拆入资金净增加额|Net increase in placements from other institutions
cash_from_premiums|收到原保险合同保费取得的现金|Cash from insurance premiums
cash_from_reinsurance|收到再保险业务现金净额|Net cash from reinsurance
policyholder_deposits_increase|保户储金及投资款净增加额|Net increase in policyholder deposits
trading_disposal_increase|处置交易性金融资产净增加额|Net increase from disposal of trading assets
cash_from_interest|收取利息、手续费及佣金的现金|Cash from interest and commissions
placements_received_increase|拆入资金净增加额|Net increase in placements received
repos_increase|回购业务资金净增加额|Net increase in repos
tax_refunds|收到的税费返还|Tax refunds received
other_cash_from_operations|收到的其他与经营活动有关的现金|Other cash from operations|收到其他与经营活动有关的现金
operating_cash_in*|经营活动现金流入小计|Cash inflows from operations
cash_to_suppliers|购买商品、接受劳务支付的现金|Cash paid for goods and services
loans_increase|客户贷款及垫款净增加额|Net increase in loans
central_bank_deposits_increase|存放中央银行和同业款项净增加额|Net increase in deposits with central bank
cash_for_claims|支付原保险合同赔付款项的现金|Cash paid for claims
cash_for_interest|支付利息、手续费及佣金的现金|Cash paid for interest and commissions
cash_for_policy_dividends|支付保单红利的现金|Cash paid for policy dividends
cash_to_employees|支付给职工以及为职工支付的现金|Cash paid to and for employees
cash_for_taxes|支付的各项税费|Taxes paid
other_cash_for_operations|支付的其他与经营活动有关的现金|Other cash paid for operations|支付其他与经营活动有关的现金
operating_cash_out*|经营活动现金流出小计|Cash outflows from operations
net_cash_operating*|经营活动产生的现金流量净额|Net cash from operations
cash_from_disinvestment|收回投资所收到的现金|Cash from disposal of investments|收回投资收到的现金
cash_from_investment_income|取得投资收益所收到的现金|Cash from investment income|取得投资收益收到的现金
cash_from_asset_disposal|处置固定资产、无形资产和其他长期资产所收回的现金净额|Net cash from disposal of long-term assets|处置固定资产、无形资产和其他长期资产收回的现金净额
cash_from_subsidiary_disposal|处置子公司及其他营业单位收到的现金净额|Net cash from disposal of subsidiaries
other_cash_from_investing|收到的其他与投资活动有关的现金|Other cash from investing|收到其他与投资活动有关的现金
cash_from_pledges|减少质押和定期存款所收到的现金|Cash from released pledges and term deposits
investing_cash_in*|投资活动现金流入小计|Cash inflows from investing
capital_expenditure|购建固定资产、无形资产和其他长期资产所支付的现金|Capital expenditure|购建固定资产、无形资产和其他长期资产支付的现金
cash_for_investments|投资所支付的现金|Cash paid for investments|投资支付的现金
pledged_loans_increase|质押贷款净增加额|Net increase in pledged loans
cash_for_subsidiaries|取得子公司及其他营业单位支付的现金净额|Net cash paid for subsidiaries
other_cash_for_investing|支付的其他与投资活动有关的现金|Other cash paid for investing|支付其他与投资活动有关的现金
cash_for_pledges|增加质押和定期存款所支付的现金|Cash paid for pledges and term deposits
investing_cash_out*|投资活动现金流出小计|Cash outflows from investing
net_cash_investing*|投资活动产生的现金流量净额|Net cash from investing
cash_from_capital|吸收投资收到的现金|Cash from capital contributions
cash_from_minority_capital|其中：子公司吸收少数股东投资收到的现金|of which from minority shareholders
cash_from_borrowings|取得借款收到的现金|Cash from borrowings
cash_from_bonds|发行债券收到的现金|Cash from bonds
other_cash_from_financing|收到其他与筹资活动有关的现金|Other cash from financing
financing_cash_in*|筹资活动现金流入小计|Cash inflows from financing
cash_for_debts|偿还债务支付的现金|Repayment of debts
cash_for_dividends_and_interest|分配股利、利润或偿付利息所支付的现金|Dividends and interest paid|分配股利、利润或偿付利息支付的现金
cash_for_minority_dividends|其中：子公司支付给少数股东的股利、利润|of which to minority shareholders
other_cash_for_financing|支付其他与筹资活动有关的现金|Other cash paid for financing
financing_cash_out*|筹资活动现金流出小计|Cash outflows from financing
net_cash_financing*|筹资活动产生的现金流量净额|Net cash from financing
fx_effect_on_cash|汇率变动对现金及现金等价物的影响|Effect of exchange rates on cash
net_increase_in_cash*|现金及现金等价物净增加额|Net increase in cash
cash_opening|加:期初现金及现金等价物余额|Cash at the beginning|期初现金及现金等价物余额
cash_closing*|期末现金及现金等价物余额|Cash at the end
# supplement
supplement_net_profit|净利润|Net profit (supplement)
supplement_minority_profit|少数股东损益|Minority profit (supplement)
supplement_unrecognised_loss|未确认的投资损失|Unrecognised investment losses (supplement)
supplement_impairment|资产减值准备|Impairment provisions
depreciation|固定资产折旧、油气资产折耗、生产性物资折旧|Depreciation|固定资产折旧、油气资产折耗、生产性生物资产折旧
intangibles_amortisation|无形资产摊销|Amortisation of intangibles
deferred_expenses_amortisation|长期待摊费用摊销|Amortisation of long-term deferred expenses
deferred_expenses_decrease|待摊费用的减少|Decrease in deferred expenses
accrued_expenses_increase|预提费用的增加|Increase in accrued expenses
supplement_disposal_loss|处置固定资产、无形资产和其他长期资产的损失|Losses on disposal of long-term assets
fixed_assets_scrapping|固定资产报废损失|Losses on scrapping of fixed assets
supplement_fair_value_loss|公允价值变动损失|Fair value losses (supplement)
deferred_income_increase|递延收益增加(减：减少)|Increase in deferred income
supplement_provisions|预计负债|Provisions (supplement)
supplement_finance_expenses|财务费用|Finance expenses (supplement)
supplement_investment_loss|投资损失|Investment losses (supplement)
deferred_tax_assets_decrease|递延所得税资产减少|Decrease in deferred tax assets
deferred_tax_liabilities_increase|递延所得税负债增加|Increase in deferred tax liabilities
inventories_decrease|存货的减少|Decrease in inventories
operating_receivables_decrease|经营性应收项目的减少|Decrease in operating receivables
operating_payables_increase|经营性应付项目的增加|Increase in operating payables
unbilled_decrease|已完工尚未结算款的减少(减:增加)|Decrease in completed unbilled work
billed_increase|已结算尚未完工款的增加(减:减少)|Increase in billed uncompleted work
supplement_other|其他|Other (supplement)
supplement_net_cash_operating|经营活动产生现金流量净额|Net cash from operations (supplement)
debt_to_capital|债务转为资本|Debt converted to capital
convertible_bonds_due|一年内到期的可转换公司债券|Convertible bonds due within one year
financed_leases|融资租入固定资产|Fixed assets under finance leases
supplement_cash_closing|现金的期末余额|Cash at the end (supplement)
supplement_cash_opening|现金的期初余额|Cash at the beginning (supplement)
equivalents_closing|现金等价物的期末余额|Cash equivalents at the end
equivalents_opening|现金等价物的期初余额|Cash equivalents at the beginning
supplement_net_increase|现金及现金等价物的净增加额|Net increase in cash (supplement)
`
