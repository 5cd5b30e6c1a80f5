import Base
import CReadline
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// The reader of standard output no longer reads, as after `head`; the run ends without a message.
public struct OutputClosed: Error, Equatable {
  /// 128 + SIGPIPE, as for programs that do not handle the signal: the output was not delivered completely.
  public static let exitStatus: Int32 = 141

  public init() {}
}

/// Writes to the process's standard streams without buffering, so that output and messages keep their order.
public enum StandardStreams {
  /// Reserves the numbers of closed standard streams, so that no file gets them. Call it before any file is opened.
  public static func occupyClosed() { creadline_occupy_standard_descriptors() }

  /// Writes results.
  /// - Throws: `OutputClosed` once nothing reads the output, `Failure` where the system refuses (disk full).
  public static func write(_ text: String) throws {
    try write(text, to: STDOUT_FILENO, name: "standard output")
  }

  /// Writes messages. A failure is ignored, as there is no stream left to report it on.
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
