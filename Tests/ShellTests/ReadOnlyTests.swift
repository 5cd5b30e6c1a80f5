import Foundation
import TestSupport
import Testing

@Suite("A workspace without permission to write")
struct ReadOnlyTests {
  /// Nobody's rights; the superuser may write everywhere.
  static let asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]

  static let canTry: Bool = {
    guard getuid() == 0 else { return true }
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv") else { return false }
    return (try? run(["--version"]).status) == 0
  }()

  static func run(_ arguments: [String]) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(filePath: getuid() == 0 ? "/usr/bin/setpriv" : Program.path)
    process.arguments = getuid() == 0 ? asNobody + [Program.path] + arguments : arguments
    let errors = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  @Test("It is refused in one line that names the folder and the remedy", .enabled(if: canTry))
  func refused() throws {
    let workspace = try Program.workspace()
    let files = FileManager.default
    for path in [workspace + "/workspace.sqlite", workspace + "/objects", workspace] {
      try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: path)
    }
    defer { try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: workspace) }
    let result = try Self.run(["-w", workspace, "-c", "ls"])
    #expect(result.status == 1)
    #expect(result.errors.contains("error: the workspace is read-only: no permission to write \(workspace)\n"))
    #expect(result.errors.contains("cp -r"))
  }
}
