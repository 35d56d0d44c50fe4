package sample

import (
	"math"
	"math/rand/v2"
)

// dice is the chance of one purpose: a stream of its own for each, so that a change in one does not move the others.
type dice struct{ *rand.Rand }

func throw(seed, stream uint64) dice { return dice{rand.New(rand.NewPCG(seed, stream))} }

func (d dice) between(low, high float64) float64 { return low + (high-low)*d.Float64() }

// days gives a whole number from low to high, both included.
func (d dice) days(low, high int) int { return low + d.IntN(high-low+1) }

func (d dice) normal(mean, deviation float64) float64 { return mean + deviation*d.NormFloat64() }

// around gives a positive factor whose median is 1 and whose logarithm has that deviation.
func (d dice) around(deviation float64) float64 { return math.Exp(deviation * d.NormFloat64()) }

func (d dice) chance(p float64) bool { return d.Float64() < p }

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

func clamp(v, low, high float64) float64 { return math.Max(low, math.Min(high, v)) }
