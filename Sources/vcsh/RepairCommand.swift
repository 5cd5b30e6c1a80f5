import ArgumentParser
import Base
import Foundation
import Session
import Terminal
import Workspace

/// `vcsh repair DIR`.
struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Save what can be read of a damaged workspace's catalogue into a new file.")

  @Argument(help: "The workspace's folder.")
  var directory: String = "."

  func run() throws {
    let report = try Workspace.repair(at: directory, payloads: AllKinds.payloads)
    for table in report.tables {
      var words = ["\(table.kept.counted("row")) kept"]
      if table.mended > 0 { words.append("\(table.mended) with a lost value") }
      if table.lost > 0 { words.append("\(table.lost) lost") }
      if table.isCut { words.append("a part can't be read") }
      StandardStreams.writeError("\(table.name): \(words.joined(separator: ", "))\n")
    }
    if !report.changed.isEmpty {
      StandardStreams.writeError("rows that were changed, but not by vcsh; look at what they say before you use it:\n")
      for row in report.changed { StandardStreams.writeError("  \(SafeText.line(row))\n") }
    }
    if !report.missingObjects.isEmpty {
      StandardStreams.writeError("\(report.missingObjects.count) objects are missing or damaged:\n")
      for digest in report.missingObjects { StandardStreams.writeError("  \(digest)\n") }
    }
    let path = SafeText.line(report.path)
    let old = (path as NSString).deletingLastPathComponent + "/workspace.sqlite"
    StandardStreams.writeError(
      """
      wrote \(path); \(old) is unchanged
      to use the new one, move both files of the old one away:
        mv '\(old)' '\(old).damaged'; mv '\(old)-journal' '\(old).damaged-journal'
        mv '\(path)' '\(old)'

      """)
  }
}
