import Base
import Foundation

/// Something that reads bytes of unknown origin. It may refuse them with a `Failure`; nothing else may happen.
struct FuzzTarget: Sendable {
  let name: String
  let run: @Sendable (Data) throws -> Void

  static let all =
    FileTargets.all + LogTargets.all + [LanguageTarget.target, PatternTarget.target, ServeTarget.target]

  /// Runs it, and ends the program where a refusal is not one line of plain text.
  func tryOut(_ data: Data) {
    do {
      try run(data)
    } catch let failure as Failure {
      precondition(!failure.message.isEmpty && failure.message == SafeText.line(failure.message), "\(failure)")
    } catch {
      fatalError("\(name): \(error) is not told as a failure")
    }
  }
}

/// A file that the targets write their bytes into, in memory.
struct FuzzFile: Sendable {
  let path: String

  init(_ name: String) {
    let folder = (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + "/vcsh-fuzz-\(getpid())"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    path = folder + "/" + name
  }

  func write(_ data: Data) throws {
    guard FileManager.default.createFile(atPath: path, contents: data) else {
      throw Failure(.system, "can't write \(path)")
    }
  }
}
