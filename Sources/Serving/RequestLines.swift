import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Reads the client's lines as their bytes arrive, and detects that the client no longer reads.
struct RequestLines {
  enum Event {
    case line([UInt8])
    /// A line was longer than `limit`; the rest of it is skipped.
    case tooLong
    case endOfInput
    /// The client no longer reads the answers.
    case outputClosed
  }

  /// Largest number of bytes in a line.
  static let limit = 16 << 20
  private static let chunk = 1 << 16

  private let input: Int32
  private let output: Int32
  private var pending: [UInt8] = []
  /// Number of bytes at the beginning of `pending` that are known to contain no line feed.
  private var searched = 0
  private var isSkipping = false
  private var isAtEnd = false

  init(input: Int32, output: Int32) {
    self.input = input
    self.output = output
  }

  /// Waits for the next event. After the end of the input, only `outputClosed` can follow.
  mutating func next() -> Event {
    while true {
      if let event = take() { return event }
      var sources = [
        pollfd(fd: isAtEnd ? -1 : input, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: 0, revents: 0),
      ]
      guard poll(&sources, 2, -1) > 0 else { continue }
      if sources[1].revents != 0 { return .outputClosed }
      guard sources[0].revents != 0 else { continue }
      var bytes = [UInt8](repeating: 0, count: Self.chunk)
      let count = read(input, &bytes, Self.chunk)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count > 0 {
        pending += bytes[..<count]
        continue
      }
      isAtEnd = true
      defer {
        pending = []
        searched = 0
      }
      // The last line may lack a line feed.
      if !pending.isEmpty, !isSkipping {
        pendingEnd = true
        return .line(pending)
      }
      return .endOfInput
    }
  }

  /// Whether the end of the input is still to be reported, after the last line.
  private var pendingEnd = false

  /// The next line, if it has already arrived.
  private mutating func take() -> Event? {
    if pendingEnd {
      pendingEnd = false
      return .endOfInput
    }
    guard let end = pending[searched...].firstIndex(of: 0x0a) else {
      searched = pending.count
      guard pending.count > Self.limit else { return nil }
      pending = []
      searched = 0
      defer { isSkipping = true }
      return isSkipping ? nil : .tooLong
    }
    let line = Array(pending[..<end])
    pending.removeSubrange(...end)
    searched = 0
    if isSkipping {
      isSkipping = false
      return take()
    }
    return line.count > Self.limit ? .tooLong : .line(line)
  }
}
