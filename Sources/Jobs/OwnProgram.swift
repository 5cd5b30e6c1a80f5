import Foundation

/// The file of this program; in another program (a test), the one beside it.
package enum OwnProgram {
  package static var path: String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "vcsh"
    if (own as NSString).lastPathComponent == "vcsh" { return own }
    let beside = (own as NSString).deletingLastPathComponent + "/vcsh"
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : "vcsh"
  }
}
