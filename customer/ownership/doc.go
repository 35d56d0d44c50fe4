// Package ownership works out who stands behind a company (股权穿透): look-through shares, beneficial owners (受益所有人),
// controllers (实际控制人), groups (集团), common officers and circles of guarantees. It is pure: parties and links in,
// findings out.
//
// # Look-through shares
//
// D is the direct matrix: D[i][j] is the fraction of j's capital that i holds. A holder's look-through share is his direct
// one plus what he holds through the others, however long the chains and also where they run in circles:
//
//	y[i][j] = D[i][j] + Σ y[i][k]·D[k][j]    over all k ≠ i
//
// which is the integrated ownership of Brioschi, Buzzacchi and Colombo (1989) as corrected by Baldone, Brioschi and
// Paleari (1998): what flows back to i itself is not followed again, so that no share exceeds 100 %. With N = (I−D)⁻¹ the
// solution is
//
//	y[i][j] = N[i][j] / N[i][i]    (i ≠ j),    y[i][i] = 1 − 1 / N[i][i]    (what a company holds in itself)
//
// and for a holder that nobody owns, a person, N[i][i] = 1. Nothing is cut off at a depth. Without circles the sum over
// all chains of the product of their shares comes out.
//
// N is never formed. The companies that hold each other in a circle are the strongly connected components of the graph;
// from a company upwards each component is one small linear system (LU of gonum's mat up to denseMost members, sweeps of
// Gauss-Seidel above, which converge since I−D is an M-matrix), and a company outside of any circle is a plain sum. So a
// graph of ten thousand companies costs what the ancestors of the one asked for cost.
//
// A component whose members hold all of each other (each column sums to 1 within it) makes I−D singular: nobody outside
// owns anything of it. Each of its members then has the look-through share of the whole circle, 100 % in the others, as
// the equation above says for it; the findings name such a circle as Closed.
//
// # Control
//
// Votes are the shares, unless a voting link says otherwise for a pair; what a company holds in itself has no vote (公司法
// 第一百一十六条) and does not count in the total. p controls what an agreement says, and each company in which p and those
// that p controls have together more than half of the votes (the majority rule, taken to its fixpoint). See Controllers
// for what holds when nobody has the majority.
package ownership
