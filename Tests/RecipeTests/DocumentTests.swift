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

/// Every block of vcsh commands in README and docs runs, in the order of the page, on the demo's data; README's in a
/// workspace that the demo's recipes have run in. README and the guide show what a terminal of 120 columns shows.
///
/// With `VCSH_UPDATE_DOCUMENTS=1` an output that differs from what the commands show is replaced in the page.
@Suite("README and docs")
struct DocumentTests {
  static let pages = DocumentPage.names
  static let isUpdating = ProcessInfo.processInfo.environment["VCSH_UPDATE_DOCUMENTS"] == "1"

  @Test("No folder of pages is empty", arguments: DocumentPage.folders)
  func folders(name: String) { #expect(DocumentPage.names(in: name).count >= 6) }

  @Test("The guide's index lists its chapters in order, and the how-tos' index lists every how-to")
  func indexes() throws {
    let guide = try DocumentPage("docs/guide.md").links.map(\.path).filter { $0.hasPrefix("guide/") }
    #expect(guide.map { "docs/" + $0 } == DocumentPage.names(in: "docs/guide"))
    let tasks = try DocumentPage("docs/how-to/README.md").links.map(\.path).filter { !$0.contains("/") }
    #expect(
      tasks.map { "docs/how-to/" + $0 }.sorted()
        == DocumentPage.names(in: "docs/how-to").filter { $0 != "docs/how-to/README.md" })
  }

  @Test("Every block is of a kind that a test reads or that says it is for reading", arguments: pages)
  func kinds(name: String) throws {
    // `GrammarTests` reads the one and `ServeDocumentTests` the other.
    let known = ["text"] + (name == "docs/language.md" ? ["ebnf"] : []) + (name == "docs/serve.md" ? ["serve"] : [])
    for block in try DocumentPage(name).blocks {
      if case .other(let word) = block.kind {
        #expect(known.contains(word), "\(name):\(block.lines.lowerBound): ```\(word)")
      }
    }
  }

  /// Chapters of the guide run one after the other, below; the last one shows entries by their numbers, and runs alone, too.
  static let alone = pages.filter { isUpdating || !$0.hasPrefix("docs/guide/") || $0 == "docs/guide/6-keep.md" }

  @Test("Page", arguments: alone)
  func page(name: String) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let page = try DocumentPage(name)
    let session = try Self.session(in: folder)
    if name == "README.md" { try Self.runDemo(of: page, in: session) }
    try Self.check(page, in: session) { $0 }
  }

  /// Runs a page's blocks in order, and holds what they show against what is written, as `steady` makes both.
  private static func check(_ page: DocumentPage, in session: Session, _ steady: (String) -> String) throws {
    var changed: [(lines: Range<Int>, text: String)] = []
    var shown = ""
    for block in page.blocks {
      switch block.kind {
      case .commands: shown = try run(block.text, name: page.name, in: session)
      case .check: _ = try run(block.text, name: page.name, in: session)
      case .recipe: try runRecipe(block.text, name: page.name, in: session)
      case .output where !matches(steady(shown), steady(block.text)):
        if isUpdating {
          changed.append((block.lines, shown))
        } else {
          Issue.record("\(page.name):\(block.lines.lowerBound): the commands show\n\(shown)")
        }
      case .output, .shell, .other: break
      }
    }
    if !changed.isEmpty { try rewrite(page, changed) }
  }

  @Test("Every paragraph of README's session that speaks of a result has a check of its numbers right after it")
  func sentences() throws {
    let results = try DocumentPage("README.md").paragraphs(under: "A session").filter {
      $0.text.contains(/bits\/spike|bits_per_spike|`r`|score/)
    }
    #expect(results.count >= 3)
    for paragraph in results { #expect(paragraph.isChecked, "\(paragraph.text)") }
  }

  @Test("A check that does not hold is found")
  func failingCheck() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let page = DocumentPage(name: "x.md", text: "Two is three.\n\n<!-- check\nassert 2 == 3\n-->\n")
    #expect(page.blocks.map(\.kind) == [.check])
    let session = try Self.session(in: folder)
    let program = try Parser.parse(
      SourceText(page.blocks[0].text, name: page.name), signatures: AllCommands.table.signatures)
    #expect(throws: Failure.self) { try session.run(program.statements[0], origin: "x.md").result.get() }
  }

  @Test(
    "The guide's chapters run one after the other in one workspace, and show what is written", .enabled(if: !isUpdating)
  )
  func guide() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let workspace = try Self.workspace(in: folder)
    for name in DocumentPage.names(in: "docs/guide") {
      // Each chapter by itself, as after a break.
      let session = Session(workspace: workspace, commands: AllCommands.table)
      if name == "docs/guide/6-keep.md" {
        for block in try DocumentPage(name).blocks where block.kind == .commands || block.kind == .check {
          _ = try Self.run(block.text, name: name, in: session)
        }
      } else {
        // What an earlier chapter opened is there already.
        try Self.check(DocumentPage(name), in: session) { $0.replacing("unchanged", with: "opened") }
      }
    }
  }

  @Test(
    "A chapter of the guide that does not run alone uses no name that it has not made itself",
    arguments: DocumentPage.names(in: "docs/guide").filter { !DocumentTests.alone.contains($0) })
  func chapters(name: String) throws {
    let text = try DocumentPage(name).blocks.filter { $0.kind == .commands || $0.kind == .check }.map(\.text)
      .joined(separator: "\n")
    let batch = try BatchRun(text + "\n", name: name, commands: AllCommands.table)
    #expect(batch.problems(given: [:], objects: []).map(\.message) == [])
  }

  // MARK: Running

  private static func workspace(in folder: String) throws -> Workspace {
    let workspace = try Workspace.create(at: folder + "/ws", payloads: AllKinds.payloads)
    for part in ["checkpoints", "recordings", "runs"] {
      try FileManager.default.createSymbolicLink(
        atPath: workspace.root + "/" + part, withDestinationPath: DocumentPage.project + "/workspace-template/" + part)
    }
    try FileManager.default.createSymbolicLink(
      atPath: workspace.root + "/caches", withDestinationPath: Fixtures.path("caches"))
    return workspace
  }

  private static func session(in folder: String) throws -> Session {
    Session(workspace: try workspace(in: folder), commands: AllCommands.table)
  }

  /// - Returns: what the last statement shows.
  private static func run(_ code: String, name: String, in session: Session) throws -> String {
    let program = try Parser.parse(SourceText(code, name: name), signatures: AllCommands.table.signatures)
    var shown = ""
    for statement in program.statements {
      switch session.run(statement, origin: name).result {
      case .success(let value): shown = Renderer(options(of: name)).render(value)
      case .failure(let failure): Issue.record("\(name): `\(statement.text)`: \(failure)")
      }
    }
    return shown
  }

  /// README and the guide are for the keyboard.
  private static func options(of name: String) -> RenderOptions {
    name == "README.md" || name.hasPrefix("docs/guide/") ? RenderOptions(width: 120, height: 40) : .batch()
  }

  /// Runs the recipes that README says the demo runs.
  private static func runDemo(of page: DocumentPage, in session: Session) throws {
    let text = page.paragraphs(under: "A session").prefix(2).map(\.text).joined(separator: " ")
    let recipes = text.matches(of: /recipes\/[a-z-]+\.vc/).map { String($0.0) }
    #expect(recipes == ["recipes/calibrate.vc", "recipes/refit.vc", "recipes/neuron.vc"])
    for recipe in recipes {
      let code = try String(contentsOfFile: DocumentPage.project + "/" + recipe, encoding: .utf8)
      try runRecipe(code, name: recipe, in: session)
    }
  }

  private static func runRecipe(_ code: String, name: String, in session: Session) throws {
    let batch = try BatchRun(code + "\n", name: name, commands: AllCommands.table)
    #expect(batch.problems(given: [:]).isEmpty)
    var errors = ""
    let printer = EntryPrinter(.results(.batch()), write: { _ in }, writeError: { errors += $0 })
    #expect(try batch.run(in: session, parameters: [:], printer: printer) == 0, "\(name): \(errors)")
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

  private static func rewrite(_ page: DocumentPage, _ changes: [(lines: Range<Int>, text: String)]) throws {
    var lines = page.lines
    for change in changes.reversed() {
      lines.replaceSubrange(
        change.lines, with: change.text.trimmingCharacters(in: .newlines).components(separatedBy: "\n"))
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: DocumentPage.project + "/" + page.name))
  }

  // MARK: Links

  @Test("Links between pages lead to files and headings that are there", arguments: pages)
  func links(name: String) throws {
    let page = try DocumentPage(name)
    let folder = URL(filePath: DocumentPage.project + "/" + name).deletingLastPathComponent()
    for (path, anchor) in page.links {
      let target = path.isEmpty ? URL(filePath: DocumentPage.project + "/" + name) : folder.appending(path: path)
      #expect(FileManager.default.fileExists(atPath: target.path), "\(name) -> \(path)")
      guard let anchor, let text = try? String(contentsOf: target, encoding: .utf8) else { continue }
      #expect(DocumentPage(name: path, text: text).anchors.contains(anchor), "\(name) -> \(path)#\(anchor)")
    }
  }
}
