package sample

import "strings"

// word is a Chinese word and its Latin form.
type word struct{ zh, en string }

func words(text string) []word {
	var all []word
	for entry := range strings.FieldsSeq(text) {
		zh, en, _ := strings.Cut(entry, "=")
		all = append(all, word{zh, en})
	}
	return all
}

// city is an invented city in a province; the province's number starts the codes of GB/T 2260.
type city struct {
	word
	province word
	number   string
}

// No city of these names exists, so that no company named after one can be a real one.
var cities = func() []city {
	var all []city
	for line := range strings.SplitSeq(strings.TrimSpace(cityTable), "\n") {
		head, rest, _ := strings.Cut(line, ":")
		f := strings.Split(head, " ")
		for _, w := range words(rest) {
			all = append(all, city{word: w, province: word{f[1], f[2]}, number: f[0]})
		}
	}
	return all
}()

const cityTable = `
32 江苏 Jiangsu: 云泽=Yunze 桐陵=Tongling 澄浦=Chengpu 霁州=Jizhou
33 浙江 Zhejiang: 岚阳=Lanyang 汐州=Xizhou 翠渡=Cuidu
44 广东 Guangdong: 枫港=Fenggang 瀚州=Hanzhou 鹭湾=Luwan 景澜=Jinglan
37 山东 Shandong: 青屿=Qingyu 钧安=Jun'an 磐州=Panzhou
41 河南 Henan: 宁渡=Ningdu 昭川=Zhaochuan
42 湖北 Hubei: 东澜=Donglan 禾江=Hejiang
51 四川 Sichuan: 平澜=Pinglan 泽川=Zechuan
43 湖南 Hunan: 沅宁=Yuanning
34 安徽 Anhui: 临泓=Linhong
35 福建 Fujian: 浔安=Xun'an
13 河北 Hebei: 璟安=Jing'an
21 辽宁 Liaoning: 朔宁=Shuoning
61 陕西 Shaanxi: 澹州=Danzhou
`

var (
	firstSigns = words(`恒=Heng 瑞=Rui 盛=Sheng 启=Qi 鼎=Ding 宏=Hong 泰=Tai 凌=Ling 嘉=Jia 远=Yuan 卓=Zhuo 博=Bo 润=Run 朗=Lang 铭=Ming 曜=Yao 澄=Cheng
		钧=Jun 霖=Lin 睿=Rui 翊=Yi 禾=He 祺=Qi 衡=Heng 峻=Jun 昱=Yu 沐=Mu 珩=Heng 弘=Hong 晗=Han`)
	secondSigns = words(`岳=Yue 拓=Tuo 昌=Chang 源=Yuan 诚=Cheng 邦=Bang 丰=Feng 川=Chuan 茂=Mao 旭=Xu 航=Hang 越=Yue 晟=Sheng 凯=Kai 捷=Jie 辉=Hui
		隆=Long 祥=Xiang 森=Sen 图=Tu 立=Li 峰=Feng 屹=Yi 骏=Jun 澜=Lan 珑=Long`)
	surnames = words(`王=Wang 李=Li 张=Zhang 刘=Liu 陈=Chen 杨=Yang 赵=Zhao 周=Zhou 吴=Wu 徐=Xu 孙=Sun 马=Ma 朱=Zhu 胡=Hu 林=Lin 郭=Guo 何=He 高=Gao
		罗=Luo 郑=Zheng 梁=Liang 谢=Xie 宋=Song 唐=Tang 许=Xu 韩=Han 冯=Feng 邓=Deng 曹=Cao 彭=Peng`)
	givenSigns = words(`志=zhi 建=jian 文=wen 晓=xiao 海=hai 国=guo 春=chun 丽=li 秀=xiu 雅=ya 俊=jun 思=si 明=ming 立=li 永=yong 佳=jia 子=zi 庆=qing 少=shao 雪=xue`)
	givenEnds  = words(`强=qiang 军=jun 平=ping 波=bo 涛=tao 敏=min 静=jing 华=hua 斌=bin 燕=yan 峰=feng 玲=ling 辉=hui 宁=ning 洁=jie 超=chao 琳=lin 刚=gang 萍=ping 然=ran`)
	titles     = []string{"财务总监", "采购经理", "总经理", "财务经理", "供应链总监", "应付会计"}
	courts     = []string{"市中级人民法院", "市第一人民法院", "高新区人民法院"}
)

// person invents a name: Chinese, and Latin in the order of Chinese names.
func (d dice) person() word {
	s, g, e := pick(d, surnames), pick(d, givenSigns), pick(d, givenEnds)
	return word{s.zh + g.zh + e.zh, s.en + " " + strings.ToUpper(g.en[:1]) + g.en[1:] + e.en}
}
