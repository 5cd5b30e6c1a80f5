/// How the stored kernels of a frontend of learned temporal filters become those that act.
package struct FrontendFilters: Sendable, Equatable {
  /// The stored tensor, `[kernel, tap]` with axes of length 1 after it.
  package let name: String
  /// What each tap is multiplied by: the window, and 0 where the tap mask is.
  package let factors: [Float]
  /// A learned delay moves the kernels after that.
  package var isDelayed = false
  /// Frames from one tap to the next.
  package var tapStep = 1

  /// Stored kernels without their part along the factors, so that each one that acts sums to 0: the nearest such kernels.
  ///
  /// Source: TRAINING 11 (`project_stored`).
  package func zeroSummed(_ values: [Float]) -> [Float] {
    let taps = factors.count
    let square = factors.reduce(0) { $0 + Double($1) * Double($1) }
    guard taps > 0, square > 0, values.count % taps == 0 else { return values }
    var out = values
    for start in stride(from: 0, to: values.count, by: taps) {
      let along = (0..<taps).reduce(0) { $0 + Double(factors[$1]) * Double(values[start + $1]) } / square
      for tap in 0..<taps { out[start + tap] -= Float(along * Double(factors[tap])) }
    }
    return out
  }
}
