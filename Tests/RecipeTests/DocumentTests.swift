import Base
import Commands
import Foundation
import Language
import Rendering
import Session
import Shell
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

  /// A block that begins with ```vcsh, and the plain block right after it: what its last command shows.
  struct Block {
    var code: String
    var output: String?
  }

  static func blocks(_ text: String) -> [Block] {
    var blocks: [Block] = []
    var open: (isCommands: Bool, isOutput: Bool, lines: [String])?
    var follows = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```"), let block = open {
        let content = block.lines.joined(separator: "\n")
        if block.isCommands { blocks.append(Block(code: content)) }
        if block.isOutput, !blocks.isEmpty { blocks[blocks.count - 1].output = content }
        follows = block.isCommands
        open = nil
      } else if line.hasPrefix("```") {
        open = (line == "```vcsh", line == "```" && follows, [])
      } else if open != nil {
        open?.lines.append(line)
      } else if !line.isEmpty {
        follows = false
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
    let session = Session(workspace: workspace, commands: AllCommands.table)
    for block in Self.blocks(text) {
      let program = try Parser.parse(SourceText(block.code, name: name), signatures: AllCommands.table.signatures)
      var shown = ""
      for statement in program.statements {
        switch session.run(statement, origin: name).result {
        case .success(let value): shown = Renderer(.batch()).render(value)
        case .failure(let failure): Issue.record("\(name): `\(statement.text)`: \(failure)")
        }
      }
      if let output = block.output { #expect(Self.matches(shown, output), "\(name): \(block.code)\n\(shown)") }
    }
  }

  /// The same words, and numbers that differ by no more than another processor's rounding may bring about in a fit.
  static func matches(_ shown: String, _ written: String) -> Bool {
    let a = shown.split(whereSeparator: \.isWhitespace).map(String.init)
    let b = written.split(whereSeparator: \.isWhitespace).map(String.init)
    return a.count == b.count
      && zip(a, b).allSatisfy { left, right in
        guard let x = Double(left), let y = Double(right) else {
          return left == right || Set(left).union(right) == ["─"]
        }
        return abs(x - y) <= 0.02 * max(abs(x), abs(y)) + 0.005
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
