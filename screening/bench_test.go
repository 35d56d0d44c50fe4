package screening_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/screening"
	"github.com/xinheng/xinheng/test/story"
)

const (
	benchCustomers = 100_000
	benchChange    = 100
)

// madeUp is the i-th invented company, the same in every run.
func madeUp(i int) (name, person string) {
	r := rand.New(rand.NewPCG(7, uint64(i)))
	pick := func(all []rune) string { return string(all[r.IntN(len(all))]) }
	places := []string{"杭州", "宁波", "上海", "深圳", "成都", "武汉", "西安", "青岛", "大连", "苏州", "厦门", "长沙", "郑州", "合肥", "南昌", "昆明"}
	brand := []rune("华鑫宏远瑞恒泰盛隆昌达信诚德润丰源兴旺嘉禾天地海川金玉明辉光耀凯旋博雅智联云科新锐星辰东方南北中和平安康宁永久福禄寿喜春夏秋冬龙凤麒麟松柏梅兰竹菊")
	trades := []string{"机电设备", "贸易", "科技", "建筑工程", "化工", "纺织", "食品", "物流", "电子", "医药", "钢铁", "包装材料", "环保", "汽车零部件", "农业发展", "信息技术"}
	family, given := []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"), []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红鹏飞宇浩然子涵梓轩")
	name = places[r.IntN(len(places))] + pick(brand) + pick(brand) + pick(brand) + trades[r.IntN(len(trades))] + "有限公司"
	return name, pick(family) + pick(given) + pick(given)
}

// BenchmarkListChange measures what follows a list's change of 100 entries with 100,000 customers (200,000 parties) on
// SQLite, lists with 14,000 real entries loaded: 50 entries come, each of which names one customer, and 50 go, each of
// which has an open hit. The parties' index is built before, as a running server has it.
func BenchmarkListChange(b *testing.B) {
	db := databasetest.Open(b, "sqlite:"+filepath.Join(b.TempDir(), "xinheng.db"))
	a := processOver(db, clock.System)
	manager := story.By(access.User{ID: "user-manager", Login: "manager", Name: "manager", Scope: operation.ScopeAll, Roles: []access.Role{access.CreditManager}}.Actor())
	load := func(source string, files ...[]byte) screening.Edition {
		e, err := operation.Run(b.Context(), a.Runner, manager, screening.LoadList, screening.Load{Source: source, Files: files})
		if err == nil {
			e, err = operation.Run(b.Context(), a.Runner, manager, screening.Accept, screening.Acceptance{ID: e.ID, Version: e.Version, Confirm: true})
		}
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	catchUp := func() time.Duration {
		start := time.Now()
		if _, err := a.Lists.CatchUp(b.Context()); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	now := database.Micros(time.Now().Add(-time.Hour))
	for from := 0; from < benchCustomers; from += 2000 {
		err := db.Write(b.Context(), func(tx *database.Tx) error {
			var rows [][]any
			for i := from; i < from+2000; i++ {
				name, person := madeUp(i)
				rows = append(rows, []any{fmt.Sprintf("c%06d", i), name, customer.NameKey(name) + fmt.Sprint(i), person, "CNY", "active", now, now})
			}
			return tx.InsertMany(b.Context(), "customer", []string{"id", "name", "name_key", "legal_representative", "currency", "status", "created_at", "updated_at"}, rows)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	own := func(from, to int) []byte {
		text := "name,reason\nNobody Whatsoever Industries,bench\n"
		for i := from; i < to; i++ {
			name, _ := madeUp(i)
			text += name + ",bench\n"
		}
		return []byte(text)
	}
	load("un", screening.RealFiles(b, "UN_consolidated.xml.gz")...)
	load("ofac_sdn", screening.RealFiles(b, "sdn.csv.gz", "alt.csv.gz")...)
	load("eu_269", screening.RealFiles(b, "eu_32014R0269.csv.gz")...)
	load("own_black", own(0, benchChange/2))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	first := catchUp()
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.Logf("first: index of all parties, and all of them against the lists in %v; %d MiB held", first.Round(time.Millisecond), (after.HeapAlloc-before.HeapAlloc)>>20)
	count := func(status screening.Status, from, to int) (n int) {
		for i := from; i < to; i++ {
			var one int
			name, _ := madeUp(i)
			if err := db.QueryRow(b.Context(), `SELECT COUNT(*) FROM screening_hit WHERE customer_id = $1 AND source = 'own_black' AND source_id = $2 AND status = $3`, fmt.Sprintf("c%06d", i), name, string(status)).Scan(&one); err != nil {
				b.Fatal(err)
			}
			n += one
		}
		return n
	}
	from := 0
	for b.Loop() {
		b.StopTimer()
		to := from + benchChange/2
		if n := count(screening.Open, from, to); n != benchChange/2 {
			b.Fatalf("%d open hits before", n)
		}
		load("own_black", own(to, to+benchChange/2))
		b.StartTimer()
		took := catchUp()
		b.StopTimer()
		if took > 5*time.Second {
			b.Errorf("%v is more than 5 s", took)
		}
		if gone, come := count(screening.Closed, from, to), count(screening.Open, to, to+benchChange/2); gone != benchChange/2 || come != benchChange/2 {
			b.Fatalf("%d closed, %d opened", gone, come)
		}
		from = to
		b.StartTimer()
	}
}
