import Base
import CReadline
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Reads whole command texts from files, pipes and standard input. Ctrl-C ends a wait.
public enum InputBytes {
  /// Largest text that is read.
  package static let byteLimit = 8_000_000

  /// - Throws: `Failure.interrupted` after Ctrl-C, otherwise a failure with the system's reason.
  public static func standardInput() throws -> Data { try all(of: STDIN_FILENO, name: "standard input") }

  /// The content of a file, or of a named pipe or `<(…)`.
  ///
  /// - Throws: as `standardInput`.
  public static func file(_ path: String) throws -> Data {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refusal(of: path) }
    defer { close(descriptor) }
    return try all(of: descriptor, name: path)
  }

  private static func all(of descriptor: Int32, name: String) throws -> Data {
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var sources = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: creadline_interrupt_descriptor(), events: Int16(POLLIN), revents: 0),
      ]
      let ready = poll(&sources, 2, -1)
      try Interrupts.cancellation.check()
      if ready < 0 || sources[0].revents == 0 { continue }
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        throw refusal(of: name)
      }
      if count == 0 { return data }
      data.append(contentsOf: buffer[..<count])
      guard data.count <= byteLimit else {
        throw Failure(.format, "\(name) is larger than \(byteLimit / 1_000_000) MB, the limit for a text of commands")
      }
    }
  }

  private static func refusal(of name: String) -> Failure {
    switch errno {
    case EINTR: .interrupted
    case ENOENT:
      Failure(.missing, "can't read \(name)", hint: Suggestion.hint(forPath: name) ?? "check the path of the recipe")
    case EISDIR: Failure(.format, "\(name) is a folder, not a recipe")
    case let code: Failure(.system, "can't read \(name): \(String(cString: strerror(code)))")
    }
  }
}
