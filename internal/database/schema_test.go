package database_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/database/databasetest"
)

// schema is a database's tables as far as both engines can say: columns with family, not-null and place in the primary
// key, and indexes with uniqueness and columns.
type schema map[string]string

// family tells what both engines mean by a column type.
func family(t string) string {
	t = strings.ToLower(t)
	switch {
	case strings.Contains(t, "int"):
		return "integer"
	case strings.Contains(t, "double") || strings.Contains(t, "real"):
		return "float"
	case strings.Contains(t, "bytea") || strings.Contains(t, "blob"):
		return "bytes"
	case strings.Contains(t, "bool"):
		return "boolean"
	}
	return "text"
}

func read(t *testing.T, db *database.DB) schema {
	t.Helper()
	s := schema{}
	query := func(query string, take func(rows *sql.Rows) error) {
		t.Helper()
		rows, err := db.Query(context.WithoutCancel(t.Context()), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := take(rows); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	column := func(rows *sql.Rows) error {
		var table, name, kind string
		var notNull, key int
		if err := rows.Scan(&table, &name, &kind, &notNull, &key); err != nil {
			return err
		}
		s["column "+table+"."+name] = fmt.Sprintf("%s, not null %v, key %d", family(kind), notNull != 0, key)
		return nil
	}
	index := func(rows *sql.Rows) error {
		var table, name, columns string
		var unique int
		if err := rows.Scan(&table, &name, &unique, &columns); err != nil {
			return err
		}
		s["index "+table+"."+name] = fmt.Sprintf("unique %v (%s)", unique != 0, columns)
		return nil
	}
	if db.Engine() == database.SQLite {
		const tables = `(SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose%') m`
		query(`SELECT m.name, p.name, p.type, p."notnull", p.pk FROM `+tables+` JOIN pragma_table_info(m.name) p`, column)
		query(`SELECT m.name, i.name, i."unique", (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) FROM `+tables+` JOIN pragma_index_list(m.name) i WHERE i.origin = 'c'`, index)
		return s
	}
	query(`SELECT c.table_name, c.column_name, c.data_type, CASE c.is_nullable WHEN 'NO' THEN 1 ELSE 0 END,
		COALESCE((SELECT k.ordinal_position FROM information_schema.table_constraints t JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name AND k.table_schema = t.table_schema
			WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = c.table_schema AND t.table_name = c.table_name AND k.column_name = c.column_name), 0)
		FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name NOT LIKE 'goose%'`, column)
	query(`SELECT t.relname, i.relname, CASE WHEN x.indisunique THEN 1 ELSE 0 END,
		(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey::int[]) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum)
		FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace s ON s.oid = t.relnamespace
		WHERE s.nspname = 'public' AND NOT x.indisprimary AND t.relname NOT LIKE 'goose%'`, index)
	return s
}

// differences names what one schema has and the other has not, or has otherwise.
func differences(a, b schema) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if b[key] != a[key] {
			all = append(all, fmt.Sprintf("%s: %q against %q", key, a[key], b[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[key]; !ok {
			all = append(all, fmt.Sprintf("%s: nothing against %q", key, b[key]))
		}
	}
	return all
}

func TestBothEnginesHaveOneSchema(t *testing.T) {
	found := map[database.Engine]schema{}
	databasetest.Each(t, func(t *testing.T, db *database.DB) { found[db.Engine()] = read(t, db) })
	t.Cleanup(func() {
		if len(found) < 2 {
			return // one engine was missing, and said so
		}
		if len(found[database.SQLite]) < 100 {
			t.Errorf("only %d columns and indexes were read", len(found[database.SQLite]))
		}
		for _, d := range differences(found[database.SQLite], found[database.PostgreSQL]) {
			t.Error(d)
		}
	})
}

func TestDifferencesAreFound(t *testing.T) {
	a := schema{"column t.a": "text", "column t.b": "integer", "index t.i": "unique true (a)"}
	b := schema{"column t.a": "text", "column t.b": "float", "column t.c": "text"}
	if got := differences(a, b); len(got) != 3 {
		t.Errorf("%v", got)
	}
}
