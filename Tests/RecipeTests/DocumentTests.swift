import Base
import Commands
import Foundation
import Language
import TestSupport
import Testing
import Workspace

/// Every block of vcsh commands in README and docs runs, in the order of the page, on the demo's data.
@Suite("README and docs")
struct DocumentTests {
  static let pages: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: RecipeTests.project + "/docs")) ?? []
    return ["README.md"] + files.filter { $0.hasSuffix(".md") && $0 != "commands.md" }.sorted().map { "docs/" + $0 }
  }()

  /// Code of the blocks that begin with ```vcsh.
  static func blocks(_ text: String) -> [String] {
    var blocks: [String] = []
    var current: [String]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let lines = current { blocks.append(lines.joined(separator: "\n")) }
        current = current == nil && line == "```vcsh" ? [] : nil
      } else {
        current?.append(String(line))
      }
    }
    return blocks
  }

  @Test("Page", arguments: pages)
  func page(name: String) throws {
    let text = try String(contentsOfFile: RecipeTests.project + "/" + name, encoding: .utf8)
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let workspace = try Workspace.create(at: folder + "/ws")
    for part in ["checkpoints", "recordings"] {
      try FileManager.default.createSymbolicLink(
        atPath: workspace.root + "/" + part, withDestinationPath: RecipeTests.project + "/workspace-template/" + part)
    }
    let session = Session(workspace: workspace)
    for block in Self.blocks(text) {
      let program = try Parser.parse(SourceText(block, name: name), signatures: AllCommands.signatures)
      for statement in program.statements {
        let outcome = session.run(statement, origin: name)
        if case .failure(let failure) = outcome.result { Issue.record("\(name): `\(statement.text)`: \(failure)") }
      }
    }
  }

  @Test("Links between pages lead somewhere", arguments: pages)
  func links(name: String) throws {
    let url = URL(filePath: RecipeTests.project + "/" + name)
    for match in try String(contentsOf: url, encoding: .utf8).matches(of: /\]\(([^)#:]+)(#[^)]*)?\)/) {
      let target = url.deletingLastPathComponent().appending(path: String(match.1))
      #expect(FileManager.default.fileExists(atPath: target.path), "\(name) -> \(match.1)")
    }
  }
}
