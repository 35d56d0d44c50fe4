package customer_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/operation"
	"github.com/xinheng/xinheng/test/story"
)

// takeOver stands for another capability that takes facts over within its own transaction.
var takeOver = operation.New("test.take_over", func(ctx context.Context, tx *operation.Tx, in customer.SetFieldsInput) (customer.Customer, error) {
	return customer.SetFields(ctx, tx, in.CustomerID, in.Changes)
})

func history(w *story.World, id, field string) (values, sources []string) {
	w.T.Helper()
	for _, h := range story.See(w, w.Analyst, customer.History, customer.HistoryInput{CustomerID: id}) {
		if h.Field == field {
			values, sources = append(values, h.Value), append(sources, h.Source)
		}
	}
	return values, sources
}

// A field tells where its value came from and what stood before, whichever way it was changed.
func TestFieldsKeepTheirHistory(t *testing.T) {
	story.Each(t, func(w *story.World) {
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "霁州衡远轴承有限公司", LegalRepresentative: "钱一", Capital: story.Yuan(5_000_000)}})
		if got := story.See(w, w.Analyst, customer.History, customer.HistoryInput{CustomerID: c.ID}); len(got) != 0 {
			t.Fatalf("a file without a source has a history: %v", got)
		}
		w.Now = w.Now.Add(time.Hour)
		c.LegalRepresentative, c.Aliases = "孙二", []string{" 衡远 轴承 ", "衡远 轴承", "Hengyuan"}
		c = story.Must(w, w.Analyst, customer.Update, customer.Edit{ID: c.ID, Version: c.Version, Profile: c.Profile, Confirm: []string{"capital"},
			Provenance: customer.Provenance{Source: "business_licence", AsOf: "2026-05-31", Evidence: "营业执照副本"}})
		if !slices.Equal(c.Aliases, []string{"衡远 轴承", "Hengyuan"}) {
			t.Errorf("aliases %q", c.Aliases)
		}
		values, sources := history(w, c.ID, "legal_representative")
		if !slices.Equal(values, []string{"孙二", "钱一"}) || !slices.Equal(sources, []string{"business_licence", ""}) {
			t.Errorf("legal representative: %q from %q", values, sources)
		}
		if values, sources = history(w, c.ID, "capital"); !slices.Equal(values, []string{"CNY 5000000.00"}) || sources[0] != "business_licence" {
			t.Errorf("confirmed capital: %q from %q", values, sources)
		}
		w.Now = w.Now.Add(time.Hour)
		from := customer.Provenance{Source: "provider", AsOf: "2026-06-10"}
		c = story.Must(w, operation.System("provider"), takeOver, customer.SetFieldsInput{CustomerID: c.ID, Changes: []customer.FieldChange{
			{Field: "capital", Value: "8,000,000", Provenance: from}, {Field: "former_names", Value: "霁州轴承厂；霁州衡远轴承厂", Provenance: from},
			{Field: "registration_status", Value: "in_operation", Provenance: from}, {Field: "legal_representative", Value: "孙二", Provenance: from}}})
		if c.Capital != story.Yuan(8_000_000) || !slices.Equal(c.FormerNames, []string{"霁州轴承厂", "霁州衡远轴承厂"}) || c.RegistrationStatus != customer.InOperation {
			t.Errorf("taken over as %+v", c.Profile)
		}
		if got := story.See(w, w.Analyst, customer.View, customer.ByIDInput{ID: c.ID}).Customer; got.Version != 3 || got.Capital != c.Capital || !slices.Equal(got.FormerNames, c.FormerNames) || !slices.Equal(got.Aliases, c.Aliases) {
			t.Errorf("read back as %+v", got)
		}
		if values, _ = history(w, c.ID, "capital"); !slices.Equal(values, []string{"CNY 8000000.00", "CNY 5000000.00"}) {
			t.Errorf("capital: %q", values)
		}
		if values, sources = history(w, c.ID, "legal_representative"); !slices.Equal(values, []string{"孙二", "孙二", "钱一"}) || sources[0] != "provider" {
			t.Errorf("confirmed by the provider: %q from %q", values, sources)
		}
	})
}

// Wrong changes are told all at once and nothing is changed.
func TestWrongChangesAreToldAtOnce(t *testing.T) {
	story.Each(t, func(w *story.World) {
		story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "云泽明川电气有限公司"}})
		c := story.Must(w, w.Analyst, customer.Create, customer.New{Profile: customer.Profile{Name: "霁州衡远轴承有限公司"}, Provenance: customer.Provenance{Source: "gsxt", AsOf: "2026-06-01"}})
		if values, sources := history(w, c.ID, "name"); len(values) != 1 || sources[0] != "gsxt" {
			t.Errorf("created with a source: %q from %q", values, sources)
		}
		run := func(changes ...customer.FieldChange) []string {
			_, err := operation.Run(t.Context(), w.Runner, story.By(operation.System("provider")), takeOver, customer.SetFieldsInput{CustomerID: c.ID, Changes: changes})
			e := fault.As(err)
			if e == nil {
				t.Fatalf("%v was taken: %v", changes, err)
			}
			var paths []string
			for _, f := range e.Fields {
				paths = append(paths, f.Path+" "+f.Key)
			}
			return paths
		}
		if got := run(customer.FieldChange{Field: "colour", Value: "red"}, customer.FieldChange{Field: "employees", Value: "many"}, customer.FieldChange{Field: "size", Value: "small", Provenance: customer.Provenance{AsOf: "yesterday"}}); !slices.Equal(got,
			[]string{"changes[0].field customer.field_unknown", "changes[1].value fault.not_number", "changes[2].as_of fault.not_date"}) {
			t.Errorf("told %q", got)
		}
		if got := run(customer.FieldChange{Field: "size", Value: "small"}, customer.FieldChange{Field: "uscc", Value: "123"}, customer.FieldChange{Field: "registration_status", Value: "gone"}); len(got) != 2 || got[0][:16] != "changes[2].value" && got[1][:16] != "changes[2].value" {
			t.Errorf("told %q", got)
		}
		if got := run(customer.FieldChange{Field: "name", Value: "云泽明川电气有限公司"}); !slices.Equal(got, []string{"changes[0].value customer.name_taken"}) {
			t.Errorf("told %q", got)
		}
		if after := story.See(w, w.Analyst, customer.View, customer.ByIDInput{ID: c.ID}).Customer; after.Size != "" || after.Version != 1 {
			t.Errorf("changed to %+v", after)
		}
		if _, err := operation.Run(t.Context(), w.Runner, story.By(w.Sales2), customer.Set, customer.SetFieldsInput{CustomerID: c.ID, Changes: []customer.FieldChange{{Field: "size", Value: "small"}}}); err == nil {
			t.Error("a salesperson changed another's customer")
		}
	})
}
