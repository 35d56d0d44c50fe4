package customer

import (
	"context"
	"strings"
	"time"

	"github.com/xinheng/xinheng/internal/fault"
	"github.com/xinheng/xinheng/internal/money"
	"github.com/xinheng/xinheng/internal/operation"
)

// SeeAccountNumbers is the permission to see bank account numbers in full; others see the last four characters.
const SeeAccountNumbers = "customer.account_numbers"

// Account is a bank account of the customer (银行账户).
type Account struct {
	ID         string         `json:"id,omitempty"` // empty = a new one
	CustomerID string         `json:"customer_id"`
	Bank       string         `json:"bank"`
	Branch     string         `json:"branch,omitempty"`
	Holder     string         `json:"holder"` // the account's name
	Number     string         `json:"number"`
	Kind       string         `json:"kind"`
	Currency   money.Currency `json:"currency"`
	Status     string         `json:"status"` // active or closed
	AddedAt    time.Time      `json:"added_at"`
	Version    int64          `json:"version,omitempty"`
	Provenance
}

// AccountKinds are the kinds of account of 人民币银行结算账户管理办法 (PBOC order 5 of 2003, article 3 and 4): 基本, 一般, 专用, 临时.
var AccountKinds = []string{"basic", "general", "special", "temporary"}

// Validate reports every wrong field. A number with asterisks is the masked one and stands for the number that is kept.
func (a *Account) Validate() error {
	var c fault.Check
	c.Required("customer_id", a.CustomerID)
	c.Required("bank", a.Bank)
	c.Length("bank", a.Bank, 100)
	c.Length("branch", a.Branch, 100)
	c.Required("holder", a.Holder)
	c.Length("holder", a.Holder, 200)
	a.Number = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(a.Number))
	masked := a.ID != "" && strings.Contains(a.Number, "*")
	c.That(masked || 6 <= len(a.Number) && len(a.Number) <= 34 && !strings.ContainsFunc(a.Number, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }),
		"number", "customer.account_number", nil)
	if a.Kind == "" {
		a.Kind = "general"
	}
	c.OneOf("kind", a.Kind, AccountKinds...)
	if a.Currency == "" {
		a.Currency = money.CNY
	}
	c.That(a.Currency.Valid(), "currency", "money.currency_unknown", fault.Args{"code": string(a.Currency)})
	if a.Status == "" {
		a.Status = "active"
	}
	c.OneOf("status", a.Status, "active", "closed")
	c.That(a.ID == "" || a.Version > 0, "version", "fault.version_required", nil)
	a.Provenance.check(&c, "")
	return c.Err()
}

// Masked gives the account with all of its number hidden but the last four characters.
func (a Account) Masked() Account {
	n := max(0, len(a.Number)-4)
	a.Number = "****" + a.Number[n:]
	return a
}

// texts keeps the number masked: the history and the trail are read by people without the right to see it.
func (a Account) texts() map[string]string {
	return map[string]string{"bank": a.Bank, "branch": a.Branch, "holder": a.Holder, "number": a.Masked().Number, "kind": a.Kind, "currency": string(a.Currency), "status": a.Status}
}

// SaveAccount adds a bank account, or changes the one with that id. A new number is a new account to verify.
var SaveAccount = operation.New("customer.save_account", func(ctx context.Context, tx *operation.Tx, in Account) (Account, error) {
	var before *Account
	if in.ID != "" {
		was, err := accountByID(ctx, tx, in.ID)
		if err != nil {
			return Account{}, err
		}
		if was.CustomerID != in.CustomerID {
			return Account{}, fault.NotFound("account", in.ID)
		}
		if strings.Contains(in.Number, "*") {
			in.Number = was.Number
		}
		if in.Number != was.Number || in.Holder != was.Holder || in.Bank != was.Bank {
			if err := endVerifications(ctx, tx.Tx, in.CustomerID, in.ID); err != nil {
				return Account{}, err
			}
		}
		masked := was.Masked()
		before, in.AddedAt = &masked, was.AddedAt
		if err := refuseAccountTwice(ctx, tx, in); err != nil {
			return Account{}, err
		}
		if err := updateAccount(ctx, tx.Tx, in); err != nil {
			return Account{}, err
		}
		in.Version++
	} else {
		in.ID, in.AddedAt, in.Version = operation.NewID(), tx.Now, 1
		if err := refuseAccountTwice(ctx, tx, in); err != nil {
			return Account{}, err
		}
		if err := insertAccount(ctx, tx.Tx, in); err != nil {
			return Account{}, err
		}
	}
	masked := in.Masked()
	if err := changed(ctx, tx, item{in.CustomerID, "account", in.ID, in.Provenance}, before, masked); err != nil {
		return Account{}, err
	}
	return shownAccount(tx.Actor, in), nil
}).Guard(func(ctx context.Context, tx *operation.Tx, in Account) error {
	return Visible(ctx, tx, tx.Actor, in.CustomerID)
})

func refuseAccountTwice(ctx context.Context, tx *operation.Tx, in Account) error {
	all, err := accountsOf(ctx, tx, in.CustomerID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Number == in.Number && a.ID != in.ID {
			return fault.Invalid("number", "customer.account_taken", nil)
		}
	}
	return nil
}

func shownAccount(a operation.Actor, account Account) Account {
	if a.Can(SeeAccountNumbers) {
		return account
	}
	return account.Masked()
}
