import Foundation
import TestSupport

/// The built program, as a user runs it.
enum Program {
  /// Beside the test runner in the build folder.
  static let path: String = {
    let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let build = URL(filePath: runner)
    for folder in [
      build.deletingLastPathComponent(), URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(),
    ] {
      let candidate = folder.appending(path: "vcsh").path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    }
    // The runner may be the toolchain's own: the bundle that it loads lies beside the program.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? ""
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "vcsh").path
  }()

  static let project = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent().path

  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs the program to its end.
  static func run(
    _ arguments: [String], input: String = "", folder: String? = nil, environment: [String: String] = [:]
  ) throws -> Result {
    try launch(path, arguments, input: input, folder: folder, environment: environment)
  }

  /// Runs a line of sh to its end; `vcsh` is the built program.
  static func shell(_ line: String, folder: String, environment: [String: String] = [:]) throws -> Result {
    let places = [
      URL(filePath: path).deletingLastPathComponent().path,
      ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
    ]
    return try launch(
      "/bin/sh", ["-c", line], folder: folder,
      environment: ["PATH": places.joined(separator: ":")].merging(environment) { $1 })
  }

  private static func launch(
    _ program: String, _ arguments: [String], input: String = "", folder: String?, environment: [String: String]
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    let scratch = try Fixtures.temporaryFolder("vcsh-io")
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    for name in ["in", "out", "err"] { try Data().write(to: URL(filePath: "\(scratch)/\(name)")) }
    try Data(input.utf8).write(to: URL(filePath: scratch + "/in"))
    process.standardInput = FileHandle(forReadingAtPath: scratch + "/in")
    process.standardOutput = FileHandle(forWritingAtPath: scratch + "/out")
    process.standardError = FileHandle(forWritingAtPath: scratch + "/err")
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(scratch)/\(name)", encoding: .utf8) }
    let code =
      process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
    return Result(status: code, output: try text("out"), errors: try text("err"))
  }

  /// A fresh workspace in a folder of its own.
  static func workspace() throws -> String {
    let folder = try Fixtures.temporaryFolder()
    let made = try run(["init", folder + "/ws"])
    guard made.status == 0 else { throw CocoaError(.fileWriteUnknown) }
    return folder + "/ws"
  }
}
