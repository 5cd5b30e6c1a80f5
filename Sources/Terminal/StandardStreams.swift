import Base
import CReadline
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// The reader of standard output has gone, as `head` does: the run ends without a word.
public struct OutputClosed: Error, Equatable {
  /// 128 + SIGPIPE, as programs report that do not handle the signal: the output was not delivered in full.
  public static let exitStatus: Int32 = 141

  public init() {}
}

/// Writing to the process's own streams, past no buffer, so that output and messages keep their order.
public enum StandardStreams {
  /// Keeps the numbers of standard streams that are closed from the files that are opened later. Call before any of them.
  public static func occupyClosed() { creadline_occupy_standard_descriptors() }

  /// Writes results.
  /// - Throws: `OutputClosed` once nobody reads any more, `Failure` when the system refuses (disk full).
  public static func write(_ text: String) throws {
    try write(text, to: STDOUT_FILENO, name: "standard output")
  }

  /// Writes messages. There is nowhere left to report that this failed.
  public static func writeError(_ text: String) {
    try? write(text, to: STDERR_FILENO, name: "standard error")
  }

  package static func write(_ text: String, to descriptor: Int32, name: String) throws {
    switch creadline_write(descriptor, text, text.utf8.count) {
    case 0: return
    case EPIPE: throw OutputClosed()
    case let code: throw Failure(.system, "\(name): \(String(cString: strerror(code)))")
    }
  }
}
