package bench

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/screening/match"
)

// ScreeningResult is what searching the lists costs on one core.
type ScreeningResult struct {
	Result
	Parties int     `json:"parties"`
	Names   int     `json:"names"` // with aliases
	Build   float64 `json:"build_s"`
	Memory  float64 `json:"memory_mb"`       // of the index, the names' texts included
	Texts   float64 `json:"memory_texts_mb"` // of it the names as they were handed in
	Max     float64 `json:"max_ms"`
	CPU50   float64 `json:"cpu_p50_ms"` // processor's time of the searching thread, which other programs do not lengthen
	CPU95   float64 `json:"cpu_p95_ms"`
	CPU99   float64 `json:"cpu_p99_ms"`
	Found   float64 `json:"found"` // share of queries with a hit
	Right   float64 `json:"right"` // share of queries made from a name whose name was among the hits
}

// Screening measures searches in the published lists of a folder and that many synthetic names of Chinese companies, for
// as long as it is told, on one core. The queries are names of the index with the slips that names suffer, and names that
// are not in it. The baseline is an exact look-up in a map by the same queries.
func Screening(lists fs.FS, extra int, length time.Duration, progress func(string)) (ScreeningResult, error) {
	folder, err := screening.Folder(lists, func(name string) { progress("left out: " + name) })
	if err != nil {
		return ScreeningResult{}, err
	}
	before := heap()
	entries := screening.IndexEntries(folder)
	listed := len(entries)
	random := rand.New(rand.NewPCG(2026, 3)) //nolint:gosec // the same names in every run
	for i := range extra {
		entries = append(entries, match.Entry{ID: fmt.Sprintf("synthetic|%d", i), Party: match.Party{Name: companyName(random), Kind: match.Company}})
	}
	r := ScreeningResult{Parties: len(entries)}
	for _, e := range entries {
		r.Names += 1 + len(e.Party.Aliases)
	}
	r.Texts = float64(heap()-before) / 1e6
	progress(fmt.Sprintf("%d parties with %d names", r.Parties, r.Names))
	began := time.Now()
	index := match.NewIndex(entries)
	r.Build = time.Since(began).Seconds()

	queries := make([]query, 20_000)
	for i := range queries {
		queries[i] = newQuery(random, entries, listed, i)
	}
	runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(runtime.NumCPU())

	bare := exactLookups(entries, queries, length/5)
	waits, spent, found, right, asked := search(index, queries, length)
	r.Memory = float64(heap()-before) / 1e6
	r.Found, r.Right = float64(found)/float64(len(waits)), float64(right)/float64(max(1, asked))
	total := 0.0
	for _, w := range waits {
		total += w
	}
	r.Max = slices.Max(waits)
	cpu := quantiles(Result{}, spent)
	r.CPU50, r.CPU95, r.CPU99 = cpu.P50, cpu.P95, cpu.P99
	r.Result = quantiles(Result{What: "screening search", Engine: "memory", Clients: 1, Rate: float64(len(waits)) / (total / 1000)}, waits).withBaseline(bare, "exact look-ups in a map by normalised name")
	runtime.KeepAlive(index)
	runtime.KeepAlive(entries)
	return r, nil
}

// exactLookups gives how many look-ups by normalised name a second a map answers.
func exactLookups(entries []match.Entry, queries []query, length time.Duration) float64 {
	exact := make(map[string]string, len(entries))
	for _, e := range entries {
		exact[match.Normalise(e.Party.Name)] = e.ID
	}
	began := time.Now()
	n := 0
	for time.Since(began) < length {
		for range 1000 {
			_ = exact[match.Normalise(queries[n%len(queries)].party.Name)]
			n++
		}
	}
	return float64(n) / time.Since(began).Seconds()
}

func search(index *match.Index, queries []query, length time.Duration) (waits, spent []float64, found, right, asked int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := range 200 { // what is made at first use does not count
		index.Search(queries[len(queries)-1-i].party, match.Options{})
	}
	began := time.Now()
	for n := 0; time.Since(began) < length; n++ {
		q := queries[n%len(queries)]
		start, cpu := time.Now(), cpuTime()
		hits := index.Search(q.party, match.Options{})
		waits = append(waits, float64(time.Since(start).Nanoseconds())/1e6)
		spent = append(spent, float64((cpuTime()-cpu).Nanoseconds())/1e6)
		if len(hits) > 0 {
			found++
		}
		if q.id != "" {
			asked++
			if slices.ContainsFunc(hits, func(f match.Found) bool { return f.ID == q.id }) {
				right++
			}
		}
	}
	return waits, spent, found, right, asked
}

// heap is what is in use after a collection, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// query is a name to search, and the id of the party it was made from; none for a name that nobody has.
type query struct {
	party match.Party
	id    string
}

func newQuery(random *rand.Rand, entries []match.Entry, listed, i int) query {
	pick := func(from, to int) match.Entry { return entries[from+random.IntN(max(1, to-from))] }
	switch {
	case i%4 == 0 && listed > 0: // a listed name with a slip
		e := pick(0, listed)
		return query{match.Party{Name: slipped(random, e.Party.Name), Kind: e.Party.Kind}, e.ID}
	case i%4 == 1 && len(entries) > listed: // a synthetic company as somebody else writes it
		e := pick(listed, len(entries))
		return query{match.Party{Name: rewritten(random, e.Party.Name), Kind: match.Company}, e.ID}
	case i%4 == 2: // a company that is new
		return query{party: match.Party{Name: companyName(random), Kind: match.Company}}
	}
	e := pick(0, listed) // a person or company with one half of another's name
	words := append(strings.Fields(pick(0, listed).Party.Name), strings.Fields(e.Party.Name)...)
	random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return query{party: match.Party{Name: strings.Join(words[:min(len(words), 3)], " "), Kind: e.Party.Kind}}
}

// slipped drops, doubles or swaps one letter.
func slipped(random *rand.Rand, name string) string {
	r := []rune(name)
	if len(r) < 4 {
		return name
	}
	at := 1 + random.IntN(len(r)-2)
	switch random.IntN(3) {
	case 0:
		return string(slices.Delete(r, at, at+1))
	case 1:
		return string(slices.Insert(r, at, r[at]))
	}
	r[at], r[at+1] = r[at+1], r[at]
	return string(r)
}

// rewritten writes a company's name with another form, its city in brackets, or as it is.
func rewritten(random *rand.Rand, name string) string {
	r := []rune(name)
	switch random.IntN(3) {
	case 0:
		return strings.Replace(name, "有限公司", "有限责任公司", 1)
	case 1:
		city := cities[slices.IndexFunc(cities, func(c string) bool { return strings.HasPrefix(name, c) })]
		head, form := len([]rune(city)), len(r)-len([]rune("有限公司"))
		return string(r[head:form]) + "（" + city + "）" + string(r[form:])
	}
	return name
}

var (
	cities       = strings.Fields("北京 上海 天津 重庆 广州 深圳 杭州 宁波 苏州 无锡 南京 青岛 济南 烟台 武汉 长沙 成都 西安 郑州 合肥 福州 厦门 泉州 南昌 昆明 贵阳 南宁 海口 石家庄 太原 沈阳 大连 长春 哈尔滨 兰州 银川 佛山 东莞 中山 珠海 温州 嘉兴 绍兴 台州 常州 南通 徐州 扬州 潍坊 洛阳")
	brandLetters = []rune("安博昌晨成诚创达德鼎东栋都恩尔飞丰风峰福富港高格冠光广国海涵瀚航豪浩和恒弘宏鸿华环辉惠汇吉佳嘉建江杰洁金锦晋京晶精景靖九聚君骏凯康科坤来蓝朗乐力立利联良林凌隆龙鲁路伦麦曼茂美盟敏名明铭宁诺欧鹏平普奇启千乾强勤庆秋全泉仁日荣瑞润森山尚升生盛胜时世首舒顺思斯松泰腾天田通同图拓万旺威维伟文沃希熙翔祥向晓新鑫信星兴雄旭轩雅亚彦阳耀业益易毅银英盈永优宇玉裕誉元远源岳越云韵泽增展长兆哲振正之志智中众洲卓紫宗")
	trades       = strings.Fields("科技 电子科技 信息技术 机械 机械制造 贸易 国际贸易 进出口 商贸 实业 建筑工程 建材 装饰工程 物流 供应链管理 投资 投资管理 食品 餐饮管理 医药 医疗器械 生物科技 化工 新材料 新能源 环保科技 服饰 纺织 家具 汽车零部件 文化传媒 广告 酒店管理 房地产开发 物业管理 农业发展 五金 塑胶 电气 自动化设备")
)

// companyName makes the name of a Chinese company in the order that registration asks for: place, own name, line of
// business, legal form (企业名称登记管理规定 第六条).
func companyName(random *rand.Rand) string {
	var b strings.Builder
	b.WriteString(cities[random.IntN(len(cities))])
	for range 2 + random.IntN(3) {
		b.WriteRune(brandLetters[random.IntN(len(brandLetters))])
	}
	b.WriteString(trades[random.IntN(len(trades))])
	if random.IntN(6) == 0 {
		b.WriteString("股份")
	}
	b.WriteString("有限公司")
	return b.String()
}
