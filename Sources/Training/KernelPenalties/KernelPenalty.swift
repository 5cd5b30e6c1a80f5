import Base

/// A penalty on the kernels of a temporal frontend as they act: window, weight norm and mask applied.
///
/// - Source: TRAINING 11. All share eps = 1e-8, so that a ratio of nothing to nothing is 0.
public protocol KernelPenalty: Sendable {
  /// The name without its numbers, for messages: `lowfreq_ratio_fcHZ`.
  static var form: String { get }

  /// Reads a name with its numbers; nil where it has another form.
  ///
  /// - Parameter rateHz: taps a second.
  init?(_ name: String, rateHz: Double)

  /// What its numbers are, in words.
  var parameters: String { get }

  /// Value and gradient for a weight of 1.
  ///
  /// - Shapes: a row for each kernel, a column for each tap.
  /// - Throws: `mismatch` where its numbers do not fit the number of taps.
  func penalty(_ kernels: [[Double]]) throws -> (value: Double, gradient: [[Double]])
}

enum KernelPenaltyNumbers {
  /// Keeps ratios finite.
  static let epsilon = 1e-8

  /// The numbers of a name that matches a form, in order: `name` is split at the words of `form`.
  static func read(_ name: String, _ words: [String]) -> [Double]? {
    var rest = name[...]
    var numbers: [Double] = []
    for word in words {
      guard rest.hasPrefix(word) else { return nil }
      rest.removeFirst(word.count)
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let number = Double(digits), number.isFinite, number > 0 else { return nil }
      numbers.append(number)
      rest.removeFirst(digits.count)
    }
    return rest.isEmpty ? numbers : nil
  }

  /// A whole number between 1 and 4,096.
  static func count(_ number: Double?) -> Int? {
    number.flatMap { Int(exactly: $0) }.flatMap { (1...4096).contains($0) ? $0 : nil }
  }
}
