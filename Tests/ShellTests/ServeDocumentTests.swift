import Foundation
import TestSupport
import Testing

@Suite("docs/serve.md")
struct ServeDocumentTests {
  /// The talks of the document: what is sent, and what comes.
  static let talks: [[String]] = {
    let text = (try? String(contentsOfFile: Program.project + "/docs/serve.md", encoding: .utf8)) ?? ""
    return text.components(separatedBy: "```serve\n").dropFirst().map { part in
      (part.components(separatedBy: "\n```").first ?? "").split(separator: "\n").map(String.init)
    }
  }()

  @Test("There is a talk for every method")
  func complete() {
    for method in ["execute", "complete", "inspect", "is_complete", "check", "history", "interrupt", "shutdown"] {
      #expect(Self.talks.joined().contains { $0.hasPrefix("→") && $0.contains("\"method\": \"\(method)\"") })
    }
  }

  @Test("Every example is what the program answers", arguments: talks)
  func examples(talk: [String]) throws {
    let sent = talk.filter { $0.hasPrefix("→ ") }.map { String($0.dropFirst(2)) }
    let expected = talk.filter { $0.hasPrefix("← ") }.map { String($0.dropFirst(2)) }
    let workspace = try Program.workspace()
    let run = try Program.run(["--serve", "-w", workspace], input: sent.joined(separator: "\n") + "\n")
    #expect(run.status == 0)
    var lines = run.output.split(separator: "\n").map(String.init)
    if !expected.contains(where: { $0.contains("\"hello\"") }) { lines.removeFirst() }
    #expect(lines.count == expected.count)
    for (line, pattern) in zip(lines, expected) {
      let pieces = pattern.components(separatedBy: "…")
      var rest = line[...]
      #expect(rest.hasPrefix(pieces[0]), "\(line)\nis not\n\(pattern)")
      for piece in pieces {
        guard let found = rest.firstRange(of: piece) else {
          Issue.record("\(line)\nis not\n\(pattern)")
          break
        }
        rest = rest[found.upperBound...]
      }
      #expect(rest.isEmpty, "\(line)\nis not\n\(pattern)")
    }
  }
}
