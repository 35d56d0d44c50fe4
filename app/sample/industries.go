package sample

// trade is how companies of an industry look in their books. Shares are of yearly revenue, days are of turnover,
// revenue is the median in millions of yuan. The magnitudes follow what statements of such companies usually show; they
// are for looking at, not for use as standards.
type trade struct {
	code        string // GB/T 4754
	weight      int    // how many of a thousand companies
	zh, en      string // what its companies call themselves
	business    string
	revenue     float64
	gross       float64 // gross margin
	costs       float64 // selling, administrative and research
	labour      float64 // pay
	receivables float64 // days of revenue
	stock       float64 // days of cost
	payables    float64 // days of cost
	fixed       float64 // fixed assets
	debt        float64 // liabilities to assets of an average company
	season      [4]float64
}

var trades = []trade{
	{"C34", 95, "精密机械", "Precision Machinery", "通用零部件、液压与传动件的加工与销售", 160, .24, .145, .16, 95, 110, 95, .32, .52, [4]float64{.85, 1.05, 1, 1.1}},
	{"C35", 75, "智能装备", "Intelligent Equipment", "专用设备的研发、制造与安装", 180, .29, .185, .18, 125, 150, 110, .26, .53, [4]float64{.75, 1, 1, 1.25}},
	{"C36", 70, "汽车部件", "Auto Parts", "汽车底盘件、内外饰件的制造", 320, .19, .11, .14, 85, 60, 90, .35, .56, [4]float64{.9, .95, 1, 1.15}},
	{"C38", 85, "电气设备", "Electric", "中低压配电设备、电机与线缆的制造", 240, .22, .13, .11, 110, 75, 95, .24, .55, [4]float64{.8, 1.05, 1.05, 1.1}},
	{"C39", 85, "电子科技", "Electronics", "电子元器件、线路板与模组的制造", 260, .23, .15, .15, 90, 75, 85, .28, .5, [4]float64{.85, .95, 1.1, 1.1}},
	{"C29", 55, "橡塑制品", "Rubber and Plastics", "工程塑料件与橡胶密封件的制造", 110, .21, .12, .13, 75, 60, 65, .34, .5, [4]float64{.9, 1, 1.05, 1.05}},
	{"C26", 55, "新材料", "New Materials", "精细化工品与功能材料的生产", 280, .22, .12, .09, 50, 55, 60, .42, .5, [4]float64{.95, 1.05, 1, 1}},
	{"C33", 60, "金属制品", "Metal Products", "结构件、紧固件与五金制品的制造", 130, .17, .09, .12, 65, 65, 60, .3, .55, [4]float64{.85, 1.05, 1.05, 1.05}},
	{"C17", 40, "纺织", "Textiles", "坯布、面料的织造与染整", 120, .15, .085, .15, 50, 90, 60, .33, .54, [4]float64{.9, 1, 1.05, 1.05}},
	{"C18", 30, "服饰", "Apparel", "服装的设计、加工与销售", 90, .33, .24, .18, 55, 150, 70, .16, .46, [4]float64{.9, .85, 1.05, 1.2}},
	{"C21", 35, "家居", "Home Furnishing", "板式家具与软体家具的制造", 100, .29, .2, .16, 40, 65, 65, .28, .46, [4]float64{.8, 1, 1.05, 1.15}},
	{"C22", 40, "包装材料", "Packaging", "纸箱、纸制品与包装材料的生产", 95, .18, .1, .1, 80, 45, 65, .36, .54, [4]float64{.9, .95, 1.05, 1.1}},
	{"C14", 45, "食品", "Foods", "休闲食品与调味品的生产", 150, .28, .2, .1, 30, 50, 50, .3, .45, [4]float64{1.15, .85, .9, 1.1}},
	{"C27", 30, "医药", "Pharmaceuticals", "化学制剂与中成药的生产", 230, .5, .37, .14, 80, 120, 70, .3, .38, [4]float64{1, .95, .95, 1.1}},
	{"C40", 30, "仪器仪表", "Instruments", "工业自动化仪表的研发与制造", 90, .38, .26, .21, 120, 130, 85, .18, .42, [4]float64{.75, 1, 1, 1.25}},
	{"E49", 40, "机电安装", "Electromechanical Installation", "机电设备与管道的安装施工", 210, .13, .065, .1, 140, 45, 120, .1, .65, [4]float64{.7, 1.05, 1.05, 1.2}},
	{"F51", 75, "商贸", "Trading", "工业品与建材的批发", 300, .085, .048, .025, 50, 35, 35, .04, .62, [4]float64{.85, 1, 1, 1.15}},
	{"F52", 20, "连锁商业", "Retail", "日用百货的连锁零售", 170, .22, .18, .09, 8, 50, 60, .15, .58, [4]float64{1.1, .9, .95, 1.05}},
	{"G54", 30, "物流", "Logistics", "公路货运与仓储配送", 130, .12, .065, .17, 70, 4, 45, .3, .56, [4]float64{.85, 1, 1.05, 1.1}},
	{"I65", 35, "信息技术", "Information Technology", "行业软件开发与系统集成", 85, .42, .31, .3, 115, 40, 80, .06, .4, [4]float64{.65, .9, 1, 1.45}},
}

// tradeOf gives the trade at a place of 1000.
func tradeOf(place int) trade {
	for _, t := range trades {
		if place -= t.weight; place < 0 {
			return t
		}
	}
	return trades[0]
}
