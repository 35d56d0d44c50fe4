package web

import (
	"github.com/xinheng/xinheng/monitoring"
	"github.com/xinheng/xinheng/portfolio"
	"github.com/xinheng/xinheng/receivable"
)

// option is an ECharts option (https://echarts.apache.org/en/option.html).
type option map[string]any

type item map[string]any

var calm = item{"left": 8, "right": 12, "top": 24, "bottom": 4, "containLabel": true}

func (v *visit) ageingChart(a receivable.Ageing) option {
	colours := []string{"#2fb344", "#f7c948", "#f59f00", "#f76707", "#d63939", "#ae2e2e", "#7a1f1f"}
	var names []string
	var data []item
	for i, b := range a.Buckets {
		names = append(names, v.T("receivable.bucket."+b.Name))
		data = append(data, item{"value": b.Amount.Float(), "itemStyle": item{"color": colours[min(i, len(colours)-1)]}})
	}
	return option{"grid": calm, "tooltip": item{"trigger": "axis"}, "xAxis": item{"type": "category", "data": names, "axisLabel": item{"fontSize": 10, "interval": 0, "rotate": 25}},
		"yAxis": item{"type": "value", "axisLabel": item{"fontSize": 10}}, "series": []item{{"type": "bar", "name": string(a.Currency), "data": data, "barMaxWidth": 38}}}
}

func (v *visit) gradeChart(all []portfolio.GradeSlice) option {
	var names []string
	var exposure, expected []float64
	for _, g := range all {
		name := g.Grade
		if name == "" {
			name = v.T("web.not_assessed")
		}
		names = append(names, name)
		exposure, expected = append(exposure, g.Exposure.Float()), append(expected, g.Expected.Float())
	}
	return option{"grid": calm, "tooltip": item{"trigger": "axis"}, "legend": item{"top": 0, "textStyle": item{"fontSize": 10}},
		"xAxis": item{"type": "category", "data": names, "axisLabel": item{"fontSize": 10, "interval": 0}}, "yAxis": []item{{"type": "value", "axisLabel": item{"fontSize": 10}}, {"type": "value", "axisLabel": item{"fontSize": 10}, "splitLine": item{"show": false}}},
		"series": []item{{"type": "bar", "name": v.T("web.exposure"), "data": exposure, "itemStyle": item{"color": "#5b84c4"}, "barMaxWidth": 38},
			{"type": "scatter", "name": v.T("web.expected_loss"), "yAxisIndex": 1, "data": expected, "symbolSize": 9, "itemStyle": item{"color": "#d63939"}}}}
}

func (v *visit) severityChart(open map[monitoring.Severity]int64) option {
	colours := map[monitoring.Severity]string{monitoring.Critical: "#d63939", monitoring.High: "#f76707", monitoring.Warning: "#f7c948", monitoring.Info: "#5b84c4"}
	var data []item
	links := item{}
	for _, s := range monitoring.Severities {
		if open[s] == 0 {
			continue
		}
		name := v.E("severity", string(s))
		data = append(data, item{"name": name, "value": open[s], "itemStyle": item{"color": colours[s]}})
		links[name] = "/alerts?severity=" + string(s)
	}
	return option{"tooltip": item{"trigger": "item"}, "legend": item{"bottom": 0, "textStyle": item{"fontSize": 10}}, "links": links,
		"series": []item{{"type": "pie", "radius": []string{"45%", "70%"}, "center": []string{"50%", "45%"}, "data": data, "label": item{"show": true, "formatter": "{c}", "position": "inside"}}}}
}

// lineChart draws series over periods.
func lineChart(names []string, series map[string][]any, order []string) option {
	var all []item
	for _, name := range order {
		all = append(all, item{"type": "line", "name": name, "data": series[name], "connectNulls": true, "symbolSize": 5})
	}
	return option{"grid": item{"left": 8, "right": 12, "top": 30, "bottom": 4, "containLabel": true}, "tooltip": item{"trigger": "axis"}, "legend": item{"top": 0, "textStyle": item{"fontSize": 10}},
		"xAxis": item{"type": "category", "data": names, "axisLabel": item{"fontSize": 10}}, "yAxis": item{"type": "value", "axisLabel": item{"fontSize": 10}}, "series": all}
}
