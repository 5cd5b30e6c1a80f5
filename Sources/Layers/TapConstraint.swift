import Base

/// What the kernels of a temporal frontend may not do: taps that are held at 0, and a sum that is held at 0.
///
/// It acts on the effective kernel, after weight norm and window, in prediction and in training. A tap is not a lag: output
/// step t reads lag t + tap.
///
/// - Source: TRAINING 11 (`tapmask`, `project_mean`, `project_window`)
package struct TapConstraint: Sendable, Equatable {
  /// How the sum over a kernel's taps is made 0.
  package enum ZeroSum: String, CaseIterable, Sendable {
    /// The same number is taken off every tap.
    case mean
    /// A multiple of the window is taken off, so that the window's zeros stay.
    case window
  }

  /// Number of taps from the first one on that are 0.
  package var maskedTaps = 0
  package var zeroSum: ZeroSum?

  package init() {}

  /// Reads `tap_mask` and `zero_sum`.
  ///
  /// - Throws: `unsupported` for a mask that leaves no tap, or an unknown word.
  package init(_ options: inout Section, taps: Int) throws {
    maskedTaps = try options.size("tap_mask", minimum: 0) ?? 0
    guard maskedTaps < taps else {
      throw Failure(
        .unsupported, "\(options.path("tap_mask")): \(maskedTaps) leaves none of the \(taps) taps",
        hint: "the largest mask is \(taps - 1)")
    }
    guard let word = try options.string("zero_sum") else { return }
    guard let known = ZeroSum(rawValue: word) else {
      throw options.unknown("zero_sum", "projection", word, among: ZeroSum.allCases.map(\.rawValue))
    }
    zeroSum = known
  }

  package var isNone: Bool { maskedTaps == 0 && zeroSum == nil }

  /// `, taps 0 to 1 masked, zero sum`
  package var detail: String {
    let masked = maskedTaps == 0 ? "" : maskedTaps == 1 ? ", tap 0 masked" : ", taps 0 to \(maskedTaps - 1) masked"
    return masked + (zeroSum == nil ? "" : ", zero sum")
  }

  /// Makes every kernel obey.
  ///
  /// - Shapes: `values` `[kernel, tap]`; `window` `[tap]`, ones where there is none.
  package func apply(to values: inout [Float], window: [Float]) {
    guard !isNone else { return }
    change(&values, taps: window.count) { kernel in
      guard let shares = shares(window) else { return }
      let sum = kernel.reduce(0, +)
      for tap in kernel.indices { kernel[tap] -= shares[tap] * sum }
    }
  }

  /// From the gradient of kernels that obey to that of the kernels before.
  package func pullback(_ gradient: inout [Float], window: [Float]) {
    guard !isNone else { return }
    change(&gradient, taps: window.count) { slope in
      guard let shares = shares(window) else { return }
      let along = zip(slope, shares).reduce(0) { $0 + $1.0 * $1.1 }
      for tap in slope.indices where tap >= maskedTaps { slope[tap] -= along }
    }
  }

  /// Masks each row, then lets `body` change it.
  private func change(_ values: inout [Float], taps: Int, _ body: (inout [Double]) -> Void) {
    guard taps > 0 else { return }
    for start in stride(from: 0, through: values.count - taps, by: taps) {
      var row = (0..<taps).map { $0 < maskedTaps ? 0 : Double(values[start + $0]) }
      body(&row)
      for tap in 0..<taps { values[start + tap] = Float(row[tap]) }
    }
  }

  /// What each tap gives up of the sum; the shares add up to 1. Nil where the sum is free.
  private func shares(_ window: [Float]) -> [Double]? {
    guard let zeroSum else { return nil }
    let weights = window.indices.map { tap in
      tap < maskedTaps ? 0 : zeroSum == .mean ? 1 : Double(window[tap])
    }
    let sum = weights.reduce(0, +)
    return sum == 0 ? nil : weights.map { $0 / sum }
  }
}
