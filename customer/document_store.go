package customer

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

const documentColumns = `d.id, d.customer_id, d.kind, d.name, d.content_type, d.cautions, d.bytes, d.sha256, d.expires, d.added_by, d.added_by_id, d.added_at,
	d.series_id, d.version, d.is_current, d.scan, d.threat, d.deleted_at, d.deleted_by, d.delete_reason`

func scanDocument(row scanner, more ...any) (d Document, err error) {
	var cautions string
	dst := []any{&d.ID, &d.CustomerID, &d.Kind, &d.Name, &d.ContentType, &cautions, &d.Bytes, &d.SHA256, &d.Expires, &d.AddedBy, &d.AddedByID, database.Time(&d.AddedAt),
		&d.SeriesID, &d.Version, &d.Current, &d.Scan, &d.Threat, database.Time(&d.DeletedAt), &d.DeletedBy, &d.DeleteReason}
	err = row.Scan(append(dst, more...)...)
	d.Cautions = strings.Fields(cautions)
	return d, err
}

// documentsOf gives the current documents of a customer's file.
func documentsOf(ctx context.Context, q database.Querier, id string) ([]Document, error) {
	return collectDocuments(ctx, q, `d.customer_id = $1 AND d.is_current = TRUE AND d.deleted_at = 0 ORDER BY d.added_at DESC, d.id`, id)
}

func allDocumentsOf(ctx context.Context, q database.Querier, id string) ([]Document, error) {
	return collectDocuments(ctx, q, `d.customer_id = $1 ORDER BY d.added_at DESC, d.id`, id)
}

func documentsOfContent(ctx context.Context, q database.Querier, sum string) ([]Document, error) {
	return collectDocuments(ctx, q, `d.sha256 = $1 ORDER BY d.id`, sum)
}

func collectDocuments(ctx context.Context, q database.Querier, where string, args ...any) ([]Document, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Document, error) { return scanDocument(rows) },
		`SELECT `+documentColumns+` FROM customer_document d WHERE `+where, args...)
}

func documentByID(ctx context.Context, q database.Querier, id string) (Document, error) {
	d, err := scanDocument(q.QueryRow(ctx, `SELECT `+documentColumns+` FROM customer_document d WHERE d.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Document{}, fault.NotFound("document", id)
	}
	return d, err
}

func insertDocument(ctx context.Context, tx *database.Tx, d Document, scannedAt time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO customer_document (id, customer_id, kind, name, content_type, cautions, bytes, sha256, expires, added_by, added_by_id, added_at,
		series_id, version, is_current, scan, threat, scanned_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		d.ID, d.CustomerID, d.Kind, d.Name, d.ContentType, strings.Join(d.Cautions, " "), d.Bytes, d.SHA256, d.Expires, d.AddedBy, d.AddedByID, database.Micros(d.AddedAt),
		d.SeriesID, d.Version, d.Current, string(d.Scan), d.Threat, database.Micros(scannedAt))
	return err
}

func retireDocument(ctx context.Context, tx *database.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE customer_document SET is_current = FALSE WHERE id = $1`, id)
	return err
}

func deleteSeries(ctx context.Context, tx *database.Tx, d Document) error {
	_, err := tx.Exec(ctx, `UPDATE customer_document SET deleted_at = $2, deleted_by = $3, delete_reason = $4 WHERE series_id = $1 AND deleted_at = 0`,
		d.SeriesID, database.Micros(d.DeletedAt), d.DeletedBy, d.DeleteReason)
	return err
}

func uploadByID(ctx context.Context, q database.Querier, id string) (u Upload, err error) {
	var cautions string
	var used int64
	err = q.QueryRow(ctx, `SELECT id, kind, name, content_type, cautions, bytes, sha256, scan, threat, scanned_at, by_id, used_at FROM document_upload WHERE id = $1`, id).
		Scan(&u.ID, &u.Kind, &u.Name, &u.Type, &cautions, &u.Bytes, &u.SHA256, &u.Scan, &u.Threat, database.Time(&u.ScannedAt), &u.ByID, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return Upload{}, fault.NotFound("upload", id)
	}
	u.Cautions, u.Used = strings.Fields(cautions), used > 0
	return u, err
}

func insertUpload(ctx context.Context, tx *database.Tx, u Upload, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO document_upload (id, kind, name, content_type, cautions, bytes, sha256, scan, threat, scanned_at, by_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		u.ID, u.Kind, u.Name, u.Type, strings.Join(u.Cautions, " "), u.Bytes, u.SHA256, string(u.Scan), u.Threat, database.Micros(u.ScannedAt), u.ByID, database.Micros(at))
	return err
}

// useUpload marks an upload as filed; of two who file it at once the second is refused.
func useUpload(ctx context.Context, tx *database.Tx, id string, at time.Time) error {
	done, err := tx.Exec(ctx, `UPDATE document_upload SET used_at = $2 WHERE id = $1 AND used_at = 0`, id, database.Micros(at))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("upload", id))
	}
	return nil
}

// unscanned gives the contents that wait for their scan, filed or not.
func unscanned(ctx context.Context, q database.Querier, after string, most int) ([]string, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (sum string, err error) { return sum, rows.Scan(&sum) },
		`SELECT DISTINCT sha256 FROM customer_document WHERE scan = 'unscanned' AND sha256 > $1 ORDER BY sha256 LIMIT $2`, after, most)
}

func putScan(ctx context.Context, tx *database.Tx, s scanned, at time.Time) error {
	for _, table := range []string{"customer_document", "document_upload"} {
		if _, err := tx.Exec(ctx, `UPDATE `+table+` SET scan = $2, threat = $3, scanned_at = $4 WHERE sha256 = $1 AND scan = 'unscanned'`,
			s.SHA256, string(s.Scan), s.Threat, database.Micros(at)); err != nil {
			return err
		}
	}
	return nil
}

func documentRule(ctx context.Context, q database.Querier, kind string) (DocumentRule, error) {
	r := DocumentRule{Kind: kind, MostBytes: usualBytes}
	err := q.QueryRow(ctx, `SELECT most_bytes, archives, macros, version FROM document_rule WHERE kind = $1`, kind).Scan(&r.MostBytes, &r.Archives, &r.Macros, &r.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	return r, err
}

func putDocumentRule(ctx context.Context, tx *database.Tx, r DocumentRule) error {
	_, err := tx.Exec(ctx, `INSERT INTO document_rule (kind, most_bytes, archives, macros, version) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (kind) DO UPDATE SET most_bytes = $2, archives = $3, macros = $4, version = $5`, r.Kind, r.MostBytes, r.Archives, r.Macros, r.Version)
	return err
}

func listExpiring(ctx context.Context, q database.Querier, a operation.Actor, in ExpiringInput, today clock.Date) (ExpiringPage, error) {
	where, args := ScopeSQL(a, "c", []any{string(today.AddDays(in.Days))})
	where = ` FROM customer_document d JOIN customer c ON c.id = d.customer_id WHERE d.expires <> '' AND d.expires <= $1 AND d.is_current = TRUE AND d.deleted_at = 0` + where
	tail, err := expiringSpec.Build(in.Query, args)
	if err != nil {
		return ExpiringPage{}, err
	}
	unpaged, err := expiringSpec.Build(listing.Query{Filters: in.Filters}, args)
	if err != nil {
		return ExpiringPage{}, err
	}
	var page ExpiringPage
	counted := unpaged.Args[:len(unpaged.Args)-1]
	n := mark(len(counted) + 1)
	if err := q.QueryRow(ctx, `SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN d.expires < `+n+` THEN 1 ELSE 0 END), 0) AS BIGINT)`+where+unpaged.Where, append(counted, string(today))...).
		Scan(&page.Total, &page.Expired); err != nil {
		return ExpiringPage{}, err
	}
	rows, err := q.Query(ctx, `SELECT `+documentColumns+`, c.name, `+tail.Key+where+tail.Where+tail.Order, tail.Args...)
	if err != nil {
		return ExpiringPage{}, err
	}
	defer rows.Close()
	var keys []any
	for rows.Next() {
		var e Expiring
		var key any
		if e.Document, err = scanDocument(rows, &e.CustomerName, &key); err != nil {
			return ExpiringPage{}, err
		}
		e.Days = e.Expires.DaysSince(today)
		page.Documents, keys = append(page.Documents, e), append(keys, key)
	}
	if size := in.Size(); len(page.Documents) > size {
		page.Documents = page.Documents[:size]
		page.Next = listing.Cursor(keys[size-1], page.Documents[size-1].ID)
	}
	return page, rows.Err()
}
