import Foundation
import TestSupport
import Testing

/// The blocks of shell lines in README and docs run, in the order of the page, in a workspace with the demo's files (`vcsh
/// init` puts the recipes there).
@Suite("Shell lines of README and docs")
struct ShellDocumentTests {
  static let pages = DocumentPage.names.filter { name in
    (try? DocumentPage(name).blocks.contains { $0.kind == .shell }) ?? false
  }

  @Test("There are pages with shell lines")
  func exist() { #expect(Self.pages.count >= 5) }

  @Test("Every line ends well", arguments: pages)
  func lines(name: String) throws {
    let workspace = try Program.workspace()
    defer { try? FileManager.default.removeItem(atPath: workspace) }
    for part in ["checkpoints", "recordings", "runs"] {
      try FileManager.default.createSymbolicLink(
        atPath: workspace + "/" + part, withDestinationPath: Program.project + "/workspace-template/" + part)
    }
    for block in try DocumentPage(name).blocks where block.kind == .shell {
      let result = try Program.shell("set -e\n" + block.text, folder: workspace)
      #expect(result.status == 0, "\(name): \(block.text)\n\(result.output)\(result.errors)")
    }
  }
}
