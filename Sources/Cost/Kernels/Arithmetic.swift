import Foundation

// The few transcendental functions of the formulas, so that no other file needs Foundation, whose
// names collide with the graph's.

/// A power of a number that is not negative.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// A root of a number that is not negative.
func root(_ value: Double, _ exponent: Double) -> Double { pow(value, 1 / exponent) }

/// How often one doubles to reach a factor.
func doublings(_ factor: Double) -> Double { log2(factor) }
