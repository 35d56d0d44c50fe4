package match

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What a supporting fact gives, in log-odds. Lists are full of wrong years, second passports and old addresses, so a
// contradiction lowers the score and does not decide.
const (
	bornDayAgrees  = 1.2
	bornYearAgrees = .6
	bornDiffers    = -1.8
	countryAgrees  = .3
	countryDiffers = -.5
	idAgrees       = 5.
	idDiffers      = -.4
)

// facts are the supporting facts of a party made ready.
type facts struct {
	countries, rawCountries []string
	born                    []birth
	ids, rawIDs             []string
}

// birth is a date of birth, or a span of years.
type birth struct {
	from, to   int // years
	month, day int // 0 = not known
	raw        string
}

func prepareFacts(p Party) facts {
	var f facts
	for _, c := range p.Countries {
		for _, one := range strings.Split(c, ",") {
			if code := country(one); code != "" {
				f.countries, f.rawCountries = append(f.countries, code), append(f.rawCountries, strings.TrimSpace(one))
			}
		}
	}
	for _, b := range p.Born {
		if one, ok := parseBirth(b); ok {
			f.born = append(f.born, one)
		}
	}
	for _, id := range p.IDs {
		if plain := strings.ToUpper(strings.Join(latinWords(id), "")); len(plain) >= 5 {
			f.ids, f.rawIDs = append(f.ids, plain), append(f.rawIDs, id)
		}
	}
	return f
}

var (
	yearNumber = regexp.MustCompile(`(?:^|\D)((?:18|19|20)\d\d)(?:\D|$)`)
	isoDate    = regexp.MustCompile(`^((?:18|19|20)\d\d)\D(\d{1,2})\D(\d{1,2})\D?$`)
	euDate     = regexp.MustCompile(`^(\d{1,2})[./-](\d{1,2})[./-]((?:18|19|20)\d\d)$`)
	wordDate   = regexp.MustCompile(`^(\d{1,2}) ([A-Za-z]{3})[a-z]* ((?:18|19|20)\d\d)$`)
	bareDate   = regexp.MustCompile(`^((?:18|19|20)\d\d)(\d\d)(\d\d)$`)
	months     = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
)

// parseBirth reads dates as lists write them: 1965-08-02, 2.8.1965, 02 Aug 1965, circa 1965, 1960–1965, 1965年8月2日.
func parseBirth(text string) (birth, bool) {
	text = strings.TrimSpace(text)
	whole := func(year, month, day string) (birth, bool) {
		y, m, d := atoi(year), atoi(month), atoi(day)
		if m < 1 || m > 12 || d < 1 || d > 31 {
			m, d = 0, 0
		}
		return birth{from: y, to: y, month: m, day: d, raw: text}, true
	}
	if m := isoDate.FindStringSubmatch(text); m != nil {
		return whole(m[1], m[2], m[3])
	}
	if m := bareDate.FindStringSubmatch(text); m != nil {
		return whole(m[1], m[2], m[3])
	}
	if m := euDate.FindStringSubmatch(text); m != nil {
		return whole(m[3], m[2], m[1])
	}
	if m := wordDate.FindStringSubmatch(text); m != nil {
		return whole(m[3], strconv.Itoa(slices.Index(months, strings.ToLower(m[2]))+1), m[1])
	}
	var years []int
	for rest := text; ; {
		at := yearNumber.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		years = append(years, atoi(rest[at[2]:at[3]]))
		rest = rest[at[3]:]
	}
	if len(years) == 0 {
		return birth{}, false
	}
	b := birth{from: slices.Min(years), to: slices.Max(years), raw: text}
	if strings.Contains(strings.ToLower(text), "circa") || strings.Contains(text, "约") || strings.Contains(strings.ToLower(text), "approx") {
		b.from, b.to = b.from-2, b.to+2
	}
	return b, true
}

func atoi(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// compareFacts compares what both parties have; the best of several counts.
func compareFacts(a, b facts) []Fact {
	var all []Fact
	if len(a.ids) > 0 && len(b.ids) > 0 {
		f := Fact{What: "id", A: strings.Join(a.rawIDs, ", "), B: strings.Join(b.rawIDs, ", "), Gave: idDiffers}
		for i, id := range a.ids {
			if j := slices.Index(b.ids, id); j >= 0 {
				f = Fact{What: "id", A: a.rawIDs[i], B: b.rawIDs[j], Agree: true, Gave: idAgrees}
				break
			}
		}
		all = append(all, f)
	}
	if f, ok := compareBirths(a.born, b.born); ok {
		all = append(all, f)
	}
	if len(a.countries) > 0 && len(b.countries) > 0 {
		f := Fact{What: "country", A: strings.Join(a.rawCountries, ", "), B: strings.Join(b.rawCountries, ", "), Gave: countryDiffers}
		for i, c := range a.countries {
			if j := slices.Index(b.countries, c); j >= 0 {
				f = Fact{What: "country", A: a.rawCountries[i], B: b.rawCountries[j], Agree: true, Gave: countryAgrees}
				break
			}
		}
		all = append(all, f)
	}
	return all
}

func compareBirths(a, b []birth) (Fact, bool) {
	if len(a) == 0 || len(b) == 0 {
		return Fact{}, false
	}
	best := Fact{What: "born", Gave: bornDiffers - 1}
	for _, x := range a {
		for _, y := range b {
			gave, agree := bornDiffers, false
			switch {
			case x.from > y.to+1 || y.from > x.to+1:
			case x.month > 0 && y.month > 0 && x.from == y.from && (x.month == y.month && x.day == y.day || x.month == y.day && x.day == y.month):
				gave, agree = bornDayAgrees, true
			case x.month > 0 && y.month > 0 && x.from == y.from:
				gave = bornDiffers / 2 // the year agrees, the day does not
			case x.from <= y.to && y.from <= x.to:
				gave, agree = bornYearAgrees, true
			default:
				gave = 0 // a year apart
			}
			if gave > best.Gave || gave == best.Gave && x.raw+y.raw < best.A+best.B {
				best = Fact{What: "born", A: x.raw, B: y.raw, Agree: agree, Gave: gave}
			}
		}
	}
	return best, true
}
