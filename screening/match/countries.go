package match

import "strings"

// countryCodes are the countries of ISO 3166-1 whose names stand in names of companies and in lists.
var countryCodes = strings.Fields(`AF AL DZ AD AO AG AR AM AU AT AZ BS BH BD BB BY BE BZ BJ BT BO BA BW BR BN BG BF BI KH CM CA CV CF TD CL CN CO KM CG CD CR CI HR CU CY CZ
	DK DJ DM DO EC EG SV GQ ER EE SZ ET FJ FI FR GA GM GE DE GH GR GD GT GN GW GY HT HN HK HU IS IN ID IR IQ IE IL IT JM JP JO KZ KE KI KP KR KW KG LA LV LB LS LR LY LI LT LU MO MG MW MY
	MV ML MT MH MR MU MX FM MD MC MN ME MA MZ MM NA NR NP NL NZ NI NE NG MK NO OM PK PW PS PA PG PY PE PH PL PT QA RO RU RW KN LC VC WS SM ST SA SN RS SC SL SG SK SI SB SO ZA SS ES LK SD SR SE CH SY
	TW TJ TZ TH TL TG TO TT TN TR TM TV UG UA AE GB US UY UZ VU VE VN YE ZM ZW VG KY BM GI JE GG IM CW PR`)

// countryWords are other names and adjectives of countries and parts of the world, folded and without blanks.
var countryWords = map[string]string{
	"china": "CN", "chinese": "CN", "prc": "CN", "peoplesrepublicofchina": "CN", "zhongguo": "CN", "中华": "CN", "hong kong": "HK", "hongkong": "香港", "macau": "澳门", "macao": "澳门", "taiwan": "台湾", "roc": "台湾",
	"usa": "US", "america": "US", "american": "US", "unitedstatesofamerica": "US", "uk": "GB", "britain": "GB", "greatbritain": "GB", "british": "GB", "england": "GB", "unitedkingdomofgreatbritainandnorthernireland": "GB",
	"russian": "RU", "russianfederation": "RU", "rossiya": "RU", "rossii": "RU", "iranian": "IR", "islamicrepublicofiran": "IR", "iran": "IR", "korean": "KR", "korea": "KR", "dprk": "KP", "northkorea": "KP", "southkorea": "KR",
	"democraticpeoplesrepublicofkorea": "KP", "democraticpeoplesrepublicof": "KP", "republicofkorea": "KR", "syrian": "SY", "syrianarabrepublic": "SY", "syria": "SY", "cuban": "CU", "german": "DE", "deutschland": "DE", "germany": "DE",
	"schweiz": "CH", "suisse": "CH", "swiss": "CH", "svizzera": "CH", "france": "FR", "french": "FR", "italia": "IT", "italian": "IT", "espana": "ES", "spanish": "ES", "iberica": "ES", "japanese": "JP", "nippon": "JP", "indian": "IN",
	"turkish": "TR", "turkiye": "TR", "turkey": "TR", "osterreich": "AT", "austria": "AT", "nederland": "NL", "holland": "NL", "dutch": "NL", "belgique": "BE", "polska": "PL", "polish": "PL", "ukraine": "UA", "ukrainian": "UA", "ukraina": "UA",
	"belarus": "BY", "belarusian": "BY", "byelorussia": "BY", "iraqi": "IQ", "afghan": "AF", "pakistani": "PK", "lebanese": "LB", "palestine": "PS", "palestinian": "PS", "stateofpalestine": "PS", "gaza": "PS", "libyan": "LY", "yemeni": "YE",
	"saudi": "SA", "uae": "AE", "emirates": "AE", "dubai": "AE", "burma": "MM", "burmese": "MM", "myanmar": "MM", "venezuelan": "VE", "venezuela": "VE", "bolivia": "BO", "mexicana": "MX", "mexican": "MX", "colombiana": "CO", "tanzania": "TZ",
	"congodemocraticrepublicofthe": "CD", "democraticrepublicofthecongo": "CD", "congo": "CG", "ivorycoast": "CI", "cotedivoire": "CI", "moldova": "MD", "vietnam": "VN", "laos": "LA", "czechia": "CZ", "czechrepublic": "CZ", "macedonia": "MK",
	"europe": "europe", "european": "europe", "europa": "europe", "asia": "asia", "asian": "asia", "africa": "africa", "african": "africa", "middleeast": "middleeast", "arabianpeninsula": "arabianpeninsula", "americas": "americas", "maghreb": "maghreb",
	"london": "london", "moscow": "moscow", "moskva": "moscow", "tehran": "tehran", "istanbul": "istanbul", "petersburg": "petersburg", "crimea": "crimea", "krym": "crimea", "singapore": "SG", "singapura": "SG", "欧洲": "europe", "亚洲": "asia", "非洲": "africa", "亚太": "asiapacific", "asiapacific": "asiapacific",
}

// wide are places that contain others: they do not contradict a place inside.
var wide = map[string]bool{"CN": true, "europe": true, "asia": true, "africa": true, "americas": true, "asiapacific": true, "middleeast": true}

// country gives the code of a country by name, adjective or code, or the folded name itself.
func country(name string) string {
	name = strings.TrimSpace(name)
	t := known()
	if code := strings.ToUpper(name); len(code) == 2 && t.places[code] != "" {
		return code
	}
	if place := t.places[name]; place != "" {
		return countryOf(place)
	}
	folded := strings.Join(latinWords(name), "")
	if place := t.places[folded]; place != "" {
		return countryOf(place)
	}
	return folded
}

// countryOf turns the places that are written in Chinese and are regions of their own in ISO 3166 into their codes.
func countryOf(place string) string {
	switch place {
	case "香港":
		return "HK"
	case "澳门":
		return "MO"
	case "台湾":
		return "TW"
	}
	if r := []rune(place)[0]; r > 0x2e80 {
		return "CN" // a place of places.txt
	}
	return place
}
