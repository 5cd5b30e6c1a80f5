import Base
import Language

extension Call {
  /// The stimuli to train on, which may be given with blanks or commas between them.
  var stimulusLabels: [String] { strings("stimulus").flatMap { $0.split(separator: ",").map(String.init) } }

  /// A whole number after a flag.
  ///
  /// - Throws: a usage failure below `lowest`.
  func count(_ flag: String, from lowest: Int) throws -> Int {
    let value = try int(flag)
    guard value >= lowest else {
      throw Failure(.usage, "--\(flag) must be at least \(lowest)", span: span(of: flag))
    }
    return value
  }

  /// A finite number after a flag.
  ///
  /// - Throws: a usage failure for any other.
  func number(_ flag: String, above: Double = -.infinity, from: Double = -.infinity) throws -> Double {
    let value = try float(flag)
    guard value.isFinite, value > above, value >= from else {
      throw Failure(
        .usage, "--\(flag) must be a number \(above == 0 ? "above 0" : "from 0 upward")", span: span(of: flag))
    }
    return value
  }
}
