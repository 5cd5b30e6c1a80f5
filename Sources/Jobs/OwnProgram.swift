import Foundation

/// The file of this program, whatever it is called; in another program of the package (a test, a benchmark) the `vcsh`
/// beside it.
package enum OwnProgram {
  package static var path: String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "vcsh"
    return path(running: own, isThere: FileManager.default.isExecutableFile)
  }

  /// - Parameter own: the file of the running program, as the system names it.
  package static func path(running own: String, isThere: (String) -> Bool) -> String {
    // So the system marks a file that was replaced, as by an update, since the program began.
    let gone = " (deleted)"
    let file = own.hasSuffix(gone) ? String(own.dropLast(gone.count)) : own
    let name = (file as NSString).lastPathComponent
    if !others.contains(name), !name.hasSuffix(".xctest"), isThere(file) { return file }
    let beside = (file as NSString).deletingLastPathComponent + "/vcsh"
    return isThere(beside) ? beside : "vcsh"
  }

  /// Programs of the package that run no jobs, and the helper that runs its tests.
  private static let others: Set<String> = ["vcsh-bench", "vcsh-audit", "swiftpm-testing-helper"]
}
