package match

import (
	"strconv"
	"strings"
)

// particles are words inside a name that are left out and put in at will.
var particles = set("bn bnt al el ul ur ad as ash az ar an at il bin ben ibn bint binti bint abn van von der den de del della di da do dos das la le les los las du des y e i and und et the of for in on to wa zu zum af av ou ould a s")

// titles are words of address and rank.
var titles = set("mr mrs ms miss dr prof professor sir lord lady president prasident presidente minister general gen colonel col major maj captain capt lieutenant lt sheikh shaikh shaykh sheik haji hajj hajji hadji mullah mulla maulavi maulawi mawlawi molavi mawlana maulana qari ustad ustaz ayatollah imam sayed sayyed sayyid alhaj jr sr junior senior herr frau monsieur madame mme mlle senor senora don dona comrade king prince princess emir amir her his excellency phd md esq mv mt ss ms")

// vesselPrefixes stand before the names of ships.
var vesselPrefixes = set("mv mt ms ss mts fv rv my vlcc msv")

// shortForms are abbreviations of words in names of companies and persons.
var shortForms = table(`intl:international int:international bros:brothers bro:brothers mfg:manufacturing mfr:manufacturing manuf:manufacturing mgmt:management mgt:management dev:development engg:engineering eng:engineering
	ind:industries inds:industries grp:group gp:group hldg:holding hldgs:holdings assn:association assoc:association natl:national govt:government univ:university inst:institute dept:department dist:distribution svc:service svcs:services
	serv:services tech:technology techs:technologies tec:technology elec:electronics equip:equipment constr:construction const:construction pharm:pharmaceutical chem:chemical trdg:trading trd:trading shpg:shipping transp:transport fin:finance
	inv:investment invest:investment prod:products prods:products sys:systems ctr:center centre:center org:organization organisation:organization lab:laboratory labs:laboratories st:saint ste:saint ft:fort mt:mount int'l:international
	mohd:muhammad md:muhammad mhd:muhammad muh:muhammad abd:abdul chas:charles geo:george wm:william jos:joseph thos:thomas jas:james`)

// nicknames are familiar forms of given names; the first of a group is the full one.
var nicknames = nickTable(`benjamin ben benny benji bibi|william bill billy will willy liam|robert bob bobby rob robbie|richard dick rick ricky|edward ed eddie ted ned|james jim jimmy jamie|john jack johnny|joseph joe joey|michael mike mick mickey misha|
	thomas tom tommy|charles charlie chuck|alexander alex sasha sacha aleksandr alexandr aleksander alexandre oleksandr iskander|anthony tony|daniel dan danny|david dave|elizabeth liz beth betty eliza|margaret maggie meg peggy|katherine kate katie kathy cathy|
	nicholas nick nikolai nikolay|steven steve stephen stefan|patrick pat paddy|samuel sam sammy|vladimir vova volodya volodymyr|dmitri dima dmitry dmytro|sergei sergey serge serhiy sergejs|eugene gene yevgeny evgeny yevgeni|andrew andy andrei andrey andriy|peter pete petr pyotr petro|
	jeffrey jeff geoffrey|gregory greg grigory|lawrence larry|leonard len lenny|matthew matt|philip phil|ronald ron ronnie|timothy tim|victor vic viktor|walter walt|susan sue|rebecca becky|jennifer jenny|barack barry|ivan vanya|konstantin kostya|maria masha mariya|anastasia nastya|
	francisco paco|jose pepe|enrique kike|guillermo memo|ignacio nacho|jesus chuy|osama usama|muhammad mohammed mohamed mohammad mehmet mohamad muhammed muhamad muhamed mohammod mahomed`)

var numberWords = table(`zero:0 one:1 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 thirteen:13 fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 thirty:30 forty:40 fifty:50 sixty:60
	seventy:70 eighty:80 ninety:90 first:1 second:2 third:3 fourth:4 fifth:5 sixth:6 seventh:7 eighth:8 ninth:9 tenth:10 ii:2 iii:3 iv:4 vi:6 vii:7 viii:8 ix:9`)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		all[w] = true
	}
	return all
}

func table(pairs string) map[string]string {
	all := map[string]string{}
	for pair := range strings.FieldsSeq(pairs) {
		word, means, _ := strings.Cut(pair, ":")
		all[word] = means
	}
	return all
}

func nickTable(groups string) map[string]string {
	all := map[string]string{}
	for group := range strings.SplitSeq(groups, "|") {
		words := strings.Fields(group)
		for _, w := range words {
			all[w] = words[0]
		}
	}
	return all
}

// number gives the value that a word stands for: digits, ordinals (1st), words, roman numerals from ii on.
func number(word string) (string, bool) {
	digits := strings.TrimRight(word, "abcdefghijklmnopqrstuvwxyz")
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		switch word[len(digits):] {
		case "", "st", "nd", "rd", "th":
			if n, err := strconv.ParseUint(digits, 10, 63); err == nil {
				return strconv.FormatUint(n, 10), true
			}
			return digits, true
		}
	}
	n, ok := numberWords[word]
	return n, ok
}
