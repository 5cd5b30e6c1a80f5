import Base
import Foundation

/// A program of the machine that vcsh runs to its end: vcsh feeds it, collects what it writes, and stops it on Ctrl-C.
///
/// The program runs in a process group of its own and can't read the terminal.
public struct ExternalProgram: Sendable {
  /// Its name as a user knows it.
  public let name: String
  /// Its file.
  public let path: String
  /// How to install it.
  private let remedy: String

  /// Bytes of each stream that are kept unless a caller says otherwise.
  public static let defaultLimit = 1 << 20

  /// Finds the program.
  ///
  /// - Parameters:
  ///   - name: is looked for in the folders of PATH; a name with a `/` is the file itself.
  ///   - remedy: how to install it, for the failure.
  /// - Throws: a failure that names the program and the remedy where it is missing.
  public init(_ name: String, remedy: String) throws {
    guard let path = Self.path(of: name) else { throw Self.missing(name, remedy) }
    self.name = name
    self.path = path
    self.remedy = remedy
  }

  /// The file that runs under `name`; nil where there is none.
  public static func path(of name: String) -> String? {
    let candidates: [String]
    if name.contains("/") {
      candidates = [name]
    } else {
      let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
      candidates = folders.split(separator: ":").map { "\($0)/\(name)" }
    }
    let found = candidates.first { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
        && FileManager.default.isExecutableFile(atPath: path)
    }
    // Whole, because the program may start in another folder.
    return found.map { URL(filePath: $0).path }
  }

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - environment: all of its environment.
  ///   - folder: the folder that it starts in; nil for the process's own.
  ///   - input: its standard input; it need not read all of it.
  ///   - seconds: the time that it gets; it is stopped then, and its result says so. Nil: as long as it takes.
  ///   - limit: bytes that are kept of each of its two streams; the rest is read and counted.
  ///   - cancellation: stops it within 0.2 seconds, and everything in its process group with it.
  /// - Throws: `Failure.interrupted` once cancelled; a failure that names the program where it can't be started.
  public func run(
    _ arguments: [String] = [], environment: [String: String] = ProcessInfo.processInfo.environment,
    folder: String? = nil, input: Data = Data(), seconds: Double? = nil, limit: Int = defaultLimit,
    cancellation: Cancellation? = Cancellation.current
  ) throws -> ProgramResult {
    try cancellation?.check()
    let pipes = try ProgramPipes(input: input, limit: limit)
    let child: ChildProcess
    do throws(ChildProcess.StartError) {
      child = try ChildProcess(
        [path] + arguments, environment: environment, folder: folder, streams: pipes.childEnds)
    } catch {
      throw failure(of: error)
    }
    pipes.closeChildEnds()
    let end = seconds.map { ContinuousClock.now + .seconds($0) }
    while true {
      let hasEnded = child.hasEnded
      pipes.transfer(milliseconds: hasEnded ? 0 : Self.pollMilliseconds)
      // What it wrote before its end is in the pipes by then; a program that it left behind may hold them open.
      if hasEnded { break }
      if cancellation?.isCancelled == true {
        child.stop()
        throw Failure.interrupted
      }
      if let seconds, let end, ContinuousClock.now > end {
        child.stop()
        return ProgramResult(end: .stopped(afterSeconds: seconds), output: pipes.output, errors: pipes.errors)
      }
    }
    return ProgramResult(end: try child.reap(), output: pipes.output, errors: pipes.errors)
  }

  /// How often a running program is looked at, and the cancellation with it.
  private static let pollMilliseconds: Int32 = 20

  private func failure(of error: ChildProcess.StartError) -> Failure {
    switch error {
    case .refused where Self.path(of: path) == nil: Self.missing(name, remedy)
    case .refused(let code):
      Failure(.system, "\(name) can't be started (\(path)): \(String(cString: strerror(code)))", hint: remedy)
    case .zeroByte(let text):
      Failure(.usage, "\(name) can't be started: the argument \(text.shortened) holds a zero byte")
    }
  }

  private static func missing(_ name: String, _ remedy: String) -> Failure {
    Failure(.system, "\(name) is not installed", hint: remedy)
  }
}
