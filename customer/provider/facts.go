package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/money"
)

// Provider is an external source of facts about a customer.
type Provider interface {
	About() About
	// Fetch asks for a customer, with at most mostCalls requests. It returns a *Failure when the provider gave no facts; the
	// answer's calls, status and evidence are filled as far as it came.
	Fetch(ctx context.Context, of Subject, mostCalls int) (Answer, error)
}

// About says what a provider is and can give.
type About struct {
	Key   string       `json:"key"`
	ZH    string       `json:"zh"`
	EN    string       `json:"en"`
	Gives []string     `json:"gives"` // fields of the profile and kinds of records
	Cost  money.Amount `json:"cost"`  // of one answered call
	Quota int64        `json:"quota"` // calls a day; 0 = no bound
	Rate  int          `json:"rate"`  // calls a minute; 0 = no bound
}

// Subject is the customer that is asked for.
type Subject struct {
	USCC string `json:"uscc,omitempty"`
	Name string `json:"name"`
}

// Fact is what the provider says of a field of the profile, in the text form of customer.FieldChange.
type Fact struct {
	Field string     `json:"field"`
	Value string     `json:"value"`
	AsOf  clock.Date `json:"as_of,omitempty"`
}

// The kinds of records; the legal ones are those of customer.ComplianceKind.
const (
	KindLawsuit     = "lawsuit"
	KindPenalty     = "penalty"
	KindEnforcement = "enforcement"
	KindDishonest   = "dishonest"
	KindAbnormal    = "abnormal"
	KindViolation   = "violation"
	KindShareholder = "shareholder"
	KindOfficer     = "officer"
	KindNews        = "news"
)

// Kinds lists the kinds of records in the order pages show them.
var Kinds = []string{KindLawsuit, KindPenalty, KindEnforcement, KindDishonest, KindAbnormal, KindViolation, KindShareholder, KindOfficer, KindNews}

// Record is a thing that the provider lists about the customer. Which parts are filled depends on the kind.
type Record struct {
	Kind      string       `json:"kind"`
	Key       string       `json:"key"` // what identifies it at the provider: a case number, a name, an address
	Title     string       `json:"title,omitempty"`
	Number    string       `json:"number,omitempty"` // of the case or decision
	Authority string       `json:"authority,omitempty"`
	Side      string       `json:"side,omitempty"` // defendant, plaintiff, third_party
	Date      clock.Date   `json:"date,omitempty"`
	Amount    money.Amount `json:"amount"`
	Open      bool         `json:"open"`
	Name      string       `json:"name,omitempty"`     // of an owner or officer
	Person    bool         `json:"person,omitempty"`   // the owner is a natural person
	Share     float64      `json:"share,omitempty"`    // percent
	Position  string       `json:"position,omitempty"` // of an officer
	URL       string       `json:"url,omitempty"`
	Negative  bool         `json:"negative,omitempty"` // news that speaks against the customer
	Score     float64      `json:"score,omitempty"`    // how much, as the provider rates it
}

// Facts is what a provider says of one customer.
type Facts struct {
	Found    bool       `json:"found"`
	AsOf     clock.Date `json:"as_of,omitempty"` // of the provider's data, where it tells
	Fields   []Fact     `json:"fields,omitempty"`
	Records  []Record   `json:"records,omitempty"`
	Complete []string   `json:"complete,omitempty"` // kinds whose list is whole: what is missing there has ended
}

// Answer is a fetch with its evidence.
type Answer struct {
	Facts
	Calls  int           `json:"calls"`  // requests that were sent
	Billed int           `json:"billed"` // of them answered, and so paid for
	Status int           `json:"status"` // HTTP status of the last
	Took   time.Duration `json:"took"`
	Raw    []byte        `json:"-"` // the answers as they came, bounded
	SHA256 string        `json:"sha256,omitempty"`
}

// Outcome is how a fetch ended.
type Outcome string

// The outcomes.
const (
	Done        Outcome = "done"
	NotFound    Outcome = "not_found"   // the provider does not know the company
	Timeout     Outcome = "timeout"     // no whole answer within the time
	Unreachable Outcome = "unreachable" // no connection
	Refused     Outcome = "refused"     // our guard does not let the request go there
	Busy        Outcome = "busy"        // 429, or the provider says so
	ServerError Outcome = "server"      // 5xx
	ClientError Outcome = "client"      // 4xx: the key, the request
	Rejected    Outcome = "rejected"    // an error inside of a 200
	Broken      Outcome = "broken"      // not JSON
	TooLarge    Outcome = "too_large"
	Unmapped    Outcome = "unmapped" // JSON, but not what the mapping says
	NoSecret    Outcome = "no_secret"
	Incomplete  Outcome = "incomplete" // the customer lacks what the request needs
	Running     Outcome = "running"    // begun; of unknown end when the process died
)

// Failure says why a provider gave no facts. Detail is for people who set providers up; it holds no secret.
type Failure struct {
	Outcome Outcome
	Detail  string
	Retry   bool
	After   time.Duration // the provider asks to wait that long
}

// Error tells the failure in one line.
func (f *Failure) Error() string { return fmt.Sprintf("provider: %s: %s", f.Outcome, f.Detail) }

func failed(outcome Outcome, retry bool, detail string, args ...any) *Failure {
	return &Failure{Outcome: outcome, Retry: retry, Detail: fmt.Sprintf(detail, args...)}
}

// outcomeOf gives the failure of err; whatever is none is a fault of ours and tried again.
func outcomeOf(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Outcome: Unreachable, Detail: err.Error(), Retry: true}
}
