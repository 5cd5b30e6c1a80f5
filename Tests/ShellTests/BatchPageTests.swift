import Foundation
import TestSupport
import Testing

/// The examples of docs/batch.md: each line of its table runs in sh and ends as the table says.
@Suite("docs/batch.md")
struct BatchPageTests {
  struct Example: CustomTestStringConvertible, Sendable {
    var command: String
    var status: Int32
    var output: String
    var errors: String
    var testDescription: String { command }
  }

  static let page = (try? String(contentsOfFile: Program.project + "/docs/batch.md", encoding: .utf8)) ?? ""

  static let examples: [Example] = page.split(separator: "\n").compactMap { line in
    let cells = line.replacing("\\|", with: "\u{1}").split(separator: "|", omittingEmptySubsequences: false).map {
      $0.replacing("\u{1}", with: "|").trimmingCharacters(in: .whitespaces)
    }
    guard cells.count == 6, let status = Int32(cells[2]) else { return nil }
    // The quotes are Markdown's; those within belong to the text.
    let texts = [cells[1], cells[3], cells[4]].map { $0.hasPrefix("`") ? String($0.dropFirst().dropLast()) : $0 }
    return Example(command: texts[0], status: status, output: texts[1], errors: texts[2])
  }

  static let recipe = DocumentPage(name: "docs/batch.md", text: page).blocks.first { $0.kind == .recipe }
    .map { $0.text + "\n" }

  @Test("The page has examples and their recipe")
  func pageIsRead() throws {
    #expect(Self.examples.count > 20)
    #expect(try #require(Self.recipe).contains("param least"))
  }

  @Test("An example ends as the page says", arguments: examples)
  func example(_ example: Example) throws {
    let workspace = try Program.workspace()
    let template = Program.project + "/workspace-template"
    _ = try Program.run([
      "-w", workspace, "-c",
      "open \(template)/checkpoints/twin.ckpt as twin; open \(template)/recordings/Sim_2025-01-17 as sim",
    ])
    try Data(try #require(Self.recipe).utf8).write(to: URL(filePath: workspace + "/rate.vc"))
    try Data("cid\n1\n".utf8).write(to: URL(filePath: workspace + "/cells.csv"))
    let result = try Program.shell(example.command, folder: workspace)
    #expect(result.status == example.status, "\(result.output)\(result.errors)")
    if !example.output.isEmpty { #expect(result.output.contains(example.output), "\(result.output)") }
    if example.errors.isEmpty {
      #expect(result.errors.isEmpty, "\(result.errors)")
    } else {
      #expect(result.errors.contains(example.errors), "\(result.errors)")
    }
  }
}
