// Package audit is the trail of every change (审计日志).
//
// Owns: audit_entry, audit_head. An entry is written in the transaction of the change it tells; the sealer, one
// sequencer, gives entries their place and hash in the chain just after. Between commit and seal an entry could be
// removed unseen: that window is the sealer's interval (see Sealer), and Verify tells how many entries are unsealed.
// Views: audit.list. Command: xinheng audit verify.
package audit
