import Base
import Language

extension Call {
  /// The number after `--seed`.
  ///
  /// - Throws: a usage failure for a number that is not from 0 to 2^32 - 1.
  package func seed() throws -> UInt32 {
    guard let seed = UInt32(exactly: try int("seed")) else {
      throw Failure(.usage, "--seed must be between 0 and \(UInt32.max)", span: span(of: "seed"))
    }
    return seed
  }
}
