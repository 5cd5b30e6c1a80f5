import Base
import CSpawn
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// The three pipes between vcsh and a program. All are moved on together: neither side can wait for the other for ever.
final class ProgramPipes {
  private(set) var output = ProgramResult.Stream()
  private(set) var errors = ProgramResult.Stream()
  /// The ends that the program gets.
  private(set) var childEnds: ChildProcess.Streams
  /// Our ends; -1 once closed.
  private var feeding: Int32
  private var reading: (output: Int32, errors: Int32)
  private var rest: Data.SubSequence
  private let limit: Int
  /// Where all is closed, how long the next look at the program is put off.
  private var pause: UInt32 = 1

  private static let chunk = 1 << 16

  /// - Throws: a failure where the system has no descriptor left.
  init(input: Data, limit: Int) throws {
    var made: [(read: Int32, write: Int32)] = []
    for _ in 0..<3 {
      var pair: [Int32] = [-1, -1]
      let code = cspawn_pipe(&pair)
      guard code == 0 else {
        for ends in made {
          close(ends.read)
          close(ends.write)
        }
        throw Failure(.system, "can't make a pipe: \(String(cString: strerror(code)))")
      }
      made.append((pair[0], pair[1]))
    }
    childEnds = ChildProcess.Streams(input: made[0].read, output: made[1].write, errors: made[2].write)
    feeding = made[0].write
    reading = (made[1].read, made[2].read)
    rest = input[...]
    self.limit = limit
    for descriptor in [feeding, reading.output, reading.errors] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
  }

  deinit {
    closeChildEnds()
    for descriptor in [feeding, reading.output, reading.errors] where descriptor >= 0 { close(descriptor) }
  }

  func closeChildEnds() {
    for descriptor in [childEnds.input, childEnds.output, childEnds.errors] where descriptor >= 0 { close(descriptor) }
    childEnds = ChildProcess.Streams(input: -1, output: -1, errors: -1)
  }

  /// Moves what can be moved; waits for it for `milliseconds` at most.
  func transfer(milliseconds: Int32) {
    if rest.isEmpty { Self.end(&feeding) }
    // poll ignores descriptors of -1.
    var waiting = [
      pollfd(fd: feeding, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: reading.output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: reading.errors, events: Int16(POLLIN), revents: 0),
    ]
    if feeding < 0, reading.output < 0, reading.errors < 0 {
      // Only its end is missing, which is near as a rule.
      if milliseconds > 0 { usleep(min(pause, UInt32(milliseconds)) * 1000) }
      pause = min(pause * 2, 1 << 10)
      return
    }
    _ = poll(&waiting, nfds_t(waiting.count), milliseconds)
    feed()
    Self.read(&reading.output, into: &output, limit: limit)
    Self.read(&reading.errors, into: &errors, limit: limit)
  }

  private func feed() {
    while feeding >= 0, !rest.isEmpty {
      let count = rest.prefix(Self.chunk).withUnsafeBytes { cspawn_write(feeding, $0.baseAddress, $0.count) }
      if count < 0 {
        // Else the program has closed its input: it does not want the rest.
        if -count != Int(EAGAIN), -count != Int(EINTR) { Self.end(&feeding) }
        return
      }
      rest = rest.dropFirst(count)
    }
    if rest.isEmpty { Self.end(&feeding) }
  }

  /// Reads all that is there, at most 16 chunks, so that a flood does not keep the caller from looking elsewhere.
  private static func read(_ descriptor: inout Int32, into stream: inout ProgramResult.Stream, limit: Int) {
    guard descriptor >= 0 else { return }
    var buffer = [UInt8](repeating: 0, count: chunk)
    for _ in 0..<16 {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count > 0 {
        let kept = min(count, max(0, limit - stream.bytes.count))
        stream.bytes.append(contentsOf: buffer[..<kept])
        stream.dropped += count - kept
      } else {
        if count == 0 || (errno != EAGAIN && errno != EINTR) { end(&descriptor) }
        return
      }
    }
  }

  private static func end(_ descriptor: inout Int32) {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}
