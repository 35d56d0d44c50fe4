package bench

import (
	"testing"
	"testing/fstest"
	"time"
)

func TestScreeningMeasuresWhatItFinds(t *testing.T) {
	lists := fstest.MapFS{"cn.csv": {Data: []byte("Type,Name,Alias,Chinese name,List,Date\nCompany,Teal Harbour Systems,,蒂尔港系统公司,AFSL,1.1.2025\nPerson,Quentin Abernathy,,昆廷,AFSL,1.1.2025\n")}}
	r, err := Screening(lists, 3000, 300*time.Millisecond, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if r.Parties != 3002 || r.Names != 3004 || r.Rate <= 0 || r.Baseline <= r.Rate || r.P99 < r.P50 || r.Right < .9 || r.Found >= 1 || r.Memory <= 0 {
		t.Errorf("%+v", r)
	}
	if _, err := Screening(fstest.MapFS{}, 10, time.Millisecond, func(string) {}); err == nil {
		t.Error("a folder without lists is measured")
	}
}
