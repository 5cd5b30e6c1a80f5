import Base
import Foundation
import Grids
import Language
import Session

/// The workspaces that `gather` is pointed to.
struct JobWorkspaces {
  private(set) var places: [(path: String, name: String)] = []
  private(set) var hint: String?

  init(_ given: String, _ call: Call, in session: Session) throws {
    if let batch = Batch.all(in: session.batchFolder).first(where: { $0.name == given }) {
      places = (1...batch.jobs.count).map { (batch.home($0), batch.jobs[$0 - 1].name) }.filter {
        Self.isWorkspace($0.0)
      }
      hint = "its jobs have not started, or use no workspace: `jobs \(given)`"
      return
    }
    let folder = session.absolute(given)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      let known = Batch.all(in: session.batchFolder).map(\.name)
      throw Failure(
        .missing, "`\(given.shortened)` is neither a batch nor a folder",
        hint: Suggestion.hint(for: given, among: known) ?? "`jobs` lists the batches", span: call.span(of: "from"))
    }
    let home = URL(filePath: session.workspace.root).resolvingSymlinksInPath().path
    var found: [(path: String, name: String)] = []
    func search(_ path: String, _ depth: Int) {
      if Self.isWorkspace(path) {
        let name = (path as NSString).lastPathComponent
        if URL(filePath: path).resolvingSymlinksInPath().path != home, name != "seed" {
          found.append((path, name))
        }
        return
      }
      guard depth > 0 else { return }
      for name in ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
      where !name.hasSuffix(".new") {
        var isFolder: ObjCBool = false
        let below = path + "/" + name
        if FileManager.default.fileExists(atPath: below, isDirectory: &isFolder), isFolder.boolValue {
          search(below, depth - 1)
        }
      }
    }
    search(folder, 4)
    places = found
  }

  private static func isWorkspace(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/workspace.sqlite")
  }
}
