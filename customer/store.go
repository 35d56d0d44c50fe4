package customer

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/xinheng/xinheng/internal/database"
	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/listing"
	"github.com/xinheng/xinheng/internal/operation"
)

func mark(n int) string { return "$" + strconv.Itoa(n) }

const columns = `c.id, c.name, c.name_en, c.short_name, c.uscc, c.lei, c.external_ref, c.industry, c.region, c.registered_address,
	c.operating_address, c.main_business, c.legal_representative, c.capital_minor, c.currency, c.founded, c.size, c.terms_days, c.status,
	c.owner_id, c.team_id, c.created_at, c.updated_at, c.version`

type scanner interface{ Scan(dst ...any) error }

func scanCustomer(row scanner, more ...any) (Customer, error) {
	var c Customer
	dst := []any{&c.ID, &c.Name, &c.NameEN, &c.ShortName, &c.USCC, &c.LEI, &c.ExternalRef, &c.Industry, &c.Region, &c.RegisteredAddress,
		&c.OperatingAddress, &c.MainBusiness, &c.LegalRepresentative, &c.Capital.Minor, &c.Currency, &c.Founded, &c.Size, &c.TermsDays, &c.Status,
		&c.OwnerID, &c.TeamID, database.Time(&c.CreatedAt), database.Time(&c.UpdatedAt), &c.Version}
	err := row.Scan(append(dst, more...)...)
	c.Capital.Currency = c.Currency
	return c, err
}

// ByID finds a customer, whatever the reader's scope: callers check Visible first.
func ByID(ctx context.Context, q database.Querier, id string) (Customer, error) {
	var owner string
	c, err := scanCustomer(q.QueryRow(ctx, `SELECT `+columns+`, COALESCE(u.name, '') FROM customer c LEFT JOIN app_user u ON u.id = c.owner_id WHERE c.id = $1`, id), &owner)
	if errors.Is(err, sql.ErrNoRows) {
		return Customer{}, fault.NotFound("customer", id)
	}
	c.OwnerName = owner
	return c, err
}

// ByExternalRef finds the customer that another system knows under ref.
func ByExternalRef(ctx context.Context, q database.Querier, ref string) (Customer, bool, error) {
	return findBy(ctx, q, "external_ref", ref)
}

// findBy finds a customer by one of its unique or nearly unique columns.
func findBy(ctx context.Context, q database.Querier, column, value string) (Customer, bool, error) {
	c, err := scanCustomer(q.QueryRow(ctx, `SELECT `+columns+` FROM customer c WHERE c.`+column+` = $1 ORDER BY c.id LIMIT 1`, value))
	if errors.Is(err, sql.ErrNoRows) {
		return Customer{}, false, nil
	}
	return c, err == nil, err
}

func ownerOf(ctx context.Context, q database.Querier, id string) (owner, team string, err error) {
	var r database.Reads
	var found bool
	r.One(&found, []any{&owner, &team}, `SELECT owner_id, team_id FROM customer WHERE id = $1`, id)
	if err := r.Run(ctx, q); err != nil || found {
		return owner, team, err
	}
	return "", "", fault.NotFound("customer", id)
}

func insertCustomer(ctx context.Context, tx *database.Tx, c Customer) error {
	_, err := tx.Exec(ctx, `INSERT INTO customer (id, name, name_en, short_name, name_key, uscc, lei, external_ref, industry, region,
		registered_address, operating_address, main_business, legal_representative, capital_minor, currency, founded, size, terms_days, status,
		owner_id, team_id, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
		c.ID, c.Name, c.NameEN, c.ShortName, NameKey(c.Name), c.USCC, c.LEI, c.ExternalRef, c.Industry, c.Region,
		c.RegisteredAddress, c.OperatingAddress, c.MainBusiness, c.LegalRepresentative, c.Capital.Minor, string(c.Currency), c.Founded, string(c.Size),
		c.TermsDays, string(c.Status), c.OwnerID, c.TeamID, database.Micros(c.CreatedAt), database.Micros(c.UpdatedAt), c.Version)
	return err
}

func updateCustomer(ctx context.Context, tx *database.Tx, c Customer, version int64) error {
	done, err := tx.Exec(ctx, `UPDATE customer SET name = $3, name_en = $4, short_name = $5, name_key = $6, uscc = $7, lei = $8, external_ref = $9,
		industry = $10, region = $11, registered_address = $12, operating_address = $13, main_business = $14, legal_representative = $15,
		capital_minor = $16, currency = $17, founded = $18, size = $19, terms_days = $20, status = $21, owner_id = $22, team_id = $23,
		updated_at = $24, version = version + 1 WHERE id = $1 AND version = $2`,
		c.ID, version, c.Name, c.NameEN, c.ShortName, NameKey(c.Name), c.USCC, c.LEI, c.ExternalRef, c.Industry, c.Region, c.RegisteredAddress,
		c.OperatingAddress, c.MainBusiness, c.LegalRepresentative, c.Capital.Minor, string(c.Currency), c.Founded, string(c.Size), c.TermsDays,
		string(c.Status), c.OwnerID, c.TeamID, database.Micros(c.UpdatedAt))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.Stale("customer", c.ID))
	}
	return nil
}

// SearchSQL adds the condition that a piece of a name or code of the customer, known as c, is the text.
func SearchSQL(text, where string, args []any) (string, []any) {
	text = strings.TrimSpace(text)
	if text == "" {
		return where, args
	}
	args = append(args, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(text))+"%")
	like := ` LIKE ` + mark(len(args)) + ` ESCAPE '\'`
	return where + ` AND (LOWER(c.name)` + like + ` OR LOWER(c.name_en)` + like + ` OR LOWER(c.short_name)` + like + ` OR LOWER(c.uscc)` + like + ` OR LOWER(c.external_ref)` + like + `)`, args
}

func listCustomers(ctx context.Context, q database.Querier, a operation.Actor, in ListInput) (Page, error) {
	where, args := ScopeSQL(a, "c", nil)
	where, args = SearchSQL(in.Search, where, args)
	tail, err := listSpec.Build(in.Query, args)
	if err != nil {
		return Page{}, err
	}
	var page Page
	unpaged, err := listSpec.Build(listing.Query{Filters: in.Filters}, args)
	if err != nil {
		return Page{}, err
	}
	if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM customer c WHERE 1 = 1`+where+unpaged.Where, unpaged.Args[:len(unpaged.Args)-1]...).Scan(&page.Total); err != nil {
		return Page{}, err
	}
	rows, err := q.Query(ctx, `SELECT `+columns+`, COALESCE(u.name, ''), `+tail.Key+` FROM customer c LEFT JOIN app_user u ON u.id = c.owner_id WHERE 1 = 1`+
		where+tail.Where+tail.Order, tail.Args...)
	if err != nil {
		return Page{}, err
	}
	defer rows.Close()
	var keys []any
	for rows.Next() {
		var key any
		var owner string
		c, err := scanCustomer(rows, &owner, &key)
		if err != nil {
			return Page{}, err
		}
		c.OwnerName = owner
		page.Customers, keys = append(page.Customers, c), append(keys, key)
	}
	if size := in.Size(); len(page.Customers) > size {
		page.Customers = page.Customers[:size]
		page.Next = listing.Cursor(keys[size-1], page.Customers[size-1].ID)
	}
	return page, rows.Err()
}

func contactsOf(ctx context.Context, q database.Querier, id string) ([]Contact, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (c Contact, err error) {
		err = rows.Scan(&c.ID, &c.CustomerID, &c.Name, &c.Title, &c.Phone, &c.Email)
		return c, err
	}, `SELECT id, customer_id, name, title, phone, email FROM customer_contact WHERE customer_id = $1 ORDER BY id`, id)
}

func insertContact(ctx context.Context, tx *database.Tx, c Contact) error {
	_, err := tx.Exec(ctx, `INSERT INTO customer_contact (id, customer_id, name, title, phone, email) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.ID, c.CustomerID, c.Name, c.Title, c.Phone, c.Email)
	return err
}

func shareholdersOf(ctx context.Context, q database.Querier, id string) ([]Shareholder, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (s Shareholder, err error) {
		err = rows.Scan(&s.ID, &s.Kind, &s.Name, &s.PartyID, &s.Share, &s.AsOf, &s.Source)
		return s, err
	}, `SELECT id, kind, name, party_id, share, as_of, source FROM customer_shareholder WHERE customer_id = $1 ORDER BY share DESC, id`, id)
}

func replaceShareholders(ctx context.Context, tx *database.Tx, in Shareholders) error {
	if _, err := tx.Exec(ctx, `DELETE FROM customer_shareholder WHERE customer_id = $1`, in.CustomerID); err != nil {
		return err
	}
	var rows [][]any
	for _, s := range in.Shareholders {
		rows = append(rows, []any{s.ID, in.CustomerID, s.Kind, s.Name, s.PartyID, s.Share, string(s.AsOf), s.Source})
	}
	return tx.InsertMany(ctx, "customer_shareholder", []string{"id", "customer_id", "kind", "name", "party_id", "share", "as_of", "source"}, rows)
}

const documentColumns = `id, customer_id, kind, name, content_type, bytes, sha256, expires, added_by, added_at`

func scanDocument(row scanner) (d Document, err error) {
	err = row.Scan(&d.ID, &d.CustomerID, &d.Kind, &d.Name, &d.ContentType, &d.Bytes, &d.SHA256, &d.Expires, &d.AddedBy, database.Time(&d.AddedAt))
	return d, err
}

func documentsOf(ctx context.Context, q database.Querier, id string) ([]Document, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (Document, error) { return scanDocument(rows) },
		`SELECT `+documentColumns+` FROM customer_document WHERE customer_id = $1 ORDER BY added_at DESC, id`, id)
}

func documentByID(ctx context.Context, q database.Querier, id string) (Document, error) {
	d, err := scanDocument(q.QueryRow(ctx, `SELECT `+documentColumns+` FROM customer_document WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Document{}, fault.NotFound("document", id)
	}
	return d, err
}

func insertDocument(ctx context.Context, tx *database.Tx, d Document) error {
	_, err := tx.Exec(ctx, `INSERT INTO customer_document (`+documentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		d.ID, d.CustomerID, d.Kind, d.Name, d.ContentType, d.Bytes, d.SHA256, d.Expires, d.AddedBy, database.Micros(d.AddedAt))
	return err
}

// ComplianceOf gives the legal facts of a customer, newest first.
func ComplianceOf(ctx context.Context, q database.Querier, id string) ([]Compliance, error) {
	return database.Collect(ctx, q, func(rows *sql.Rows) (c Compliance, err error) {
		var status string
		err = rows.Scan(&c.ID, &c.CustomerID, &c.Kind, &c.Title, &c.Source, &c.Happened, &c.Amount.Minor, &c.Amount.Currency, &status, database.Time(&c.AddedAt))
		c.Open = status == "open"
		return c, err
	}, `SELECT id, customer_id, kind, title, source, happened, amount_minor, currency, status, added_at FROM customer_compliance
		WHERE customer_id = $1 ORDER BY happened DESC, id`, id)
}

func insertCompliance(ctx context.Context, tx *database.Tx, c Compliance) error {
	status := "closed"
	if c.Open {
		status = "open"
	}
	_, err := tx.Exec(ctx, `INSERT INTO customer_compliance (id, customer_id, kind, title, source, happened, amount_minor, currency, status, added_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.CustomerID, string(c.Kind), c.Title, c.Source, c.Happened, c.Amount.Minor, string(c.Amount.Currency), status, database.Micros(c.AddedAt))
	return err
}

// Resolve finds the id of the customer that a file names: by id, external reference, USCC or name.
func Resolve(ctx context.Context, q database.Querier, text string) (string, error) {
	var id string
	err := q.QueryRow(ctx, `SELECT id FROM customer WHERE id = $1 UNION ALL SELECT id FROM customer WHERE external_ref = $1 AND external_ref <> ''
		UNION ALL SELECT id FROM customer WHERE uscc = $1 AND uscc <> '' UNION ALL SELECT id FROM customer WHERE name_key = $2 LIMIT 1`,
		text, NameKey(text)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.NotFound("customer", text)
	}
	return id, err
}

// AskStatus asks where a customer stands; empty when there is none of that id.
func AskStatus(r *database.Reads, id string, into *Status) {
	r.Add(func(rows database.Rows) error {
		if !rows.Next() {
			return nil
		}
		return rows.Scan(into)
	}, `SELECT status FROM customer WHERE id = $1`, id)
}
