import Base
import Foundation

/// How a program ended, and what it wrote.
public struct ProgramResult: Sendable, Equatable {
  public enum End: Sendable, Equatable {
    /// It ended by itself.
    case exited(status: Int32)
    /// A signal ended it: a crash, or `kill`.
    case killed(signal: Int32)
    /// It had not ended after the time that it was given, and was stopped.
    case stopped(afterSeconds: Double)
  }

  /// What it wrote to one stream.
  public struct Stream: Sendable, Equatable {
    /// The first bytes, up to the limit.
    public package(set) var bytes = Data()
    /// How many bytes beyond the limit were read and dropped.
    public package(set) var dropped = 0

    public var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  public let end: End
  public let output: Stream
  public let errors: Stream

  public var isSuccess: Bool { end == .exited(status: 0) }

  /// How it ended, for a message: `it ended with status 3`.
  public var ending: String {
    switch end {
    case .exited(let status): "it ended with status \(status)"
    case .killed(let signal): "signal \(signal) ended it (\(String(cString: strsignal(signal))))"
    case .stopped(let seconds): "it was stopped after \(NumberText.duration(seconds: seconds))"
    }
  }
}
