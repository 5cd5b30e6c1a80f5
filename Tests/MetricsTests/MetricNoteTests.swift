import Base
import Foundation
import Metrics
import Testing

/// Holds a metric's doc comment, which readers of the code see, and its values, which `explain` shows, together.
struct MetricNoteTests {
  /// The doc comment in front of the type, as one line.
  private func note(_ type: String) throws -> String {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Metrics/Scores/\(type).swift")
    let lines = try String(contentsOf: path, encoding: .utf8).components(separatedBy: "\n")
    let end = lines.firstIndex { $0.hasPrefix("public enum \(type)") || $0.hasPrefix("public struct \(type)") } ?? 0
    return lines[..<end].filter { $0.hasPrefix("///") }.map { $0.dropFirst(3).trimmingCharacters(in: .whitespaces) }
      .joined(separator: " ")
  }

  private func words(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  @Test("The doc comment contains formula, undefined cases and source", arguments: AllMetrics.types.map { "\($0)" })
  func docComments(type: String) throws {
    let metric = try #require(AllMetrics.types.first { "\($0)" == type })
    let note = try note(type)
    let formula = try #require(note.range(of: "Formula: "), "no Formula in the comment of \(type)")
    let source = try #require(note.range(of: "Source: "), "no Source in the comment of \(type)")
    let written = Set(words(String(note[formula.upperBound...])))
    #expect(words(metric.formula).filter { !written.contains($0) } == [], "formula")
    let origin = Set(words(String(note[source.upperBound...])))
    #expect(words(metric.source).filter { !origin.contains($0) } == [], "source")
    guard !metric.undefinedCases.isEmpty else { return }
    let undefined = try #require(note.range(of: "Undefined: "), "no Undefined in the comment of \(type)")
    let cases = String(note[undefined.upperBound...])
    // What hinders all metrics of repeats is said in one phrase.
    let isOfRepeats = metric is any RepeatMetric.Type
    if isOfRepeats {
      #expect(cases.hasPrefix("the stimulus does not repeat, too few trials or time bins, no spikes"))
    }
    for cause in metric.undefinedCases where !(isOfRepeats && Repeats.obstacles.contains(cause)) {
      #expect(cases.contains(cause.rawValue), "\(cause.rawValue)")
    }
  }

  @Test("Every metric has an interpretation, and every reason an explanation")
  func explanations() {
    for metric in AllMetrics.types { #expect(metric.interpretation.hasSuffix("."), "\(metric.name)") }
    for cause in Undefined.allCases {
      #expect(cause.explanation.hasSuffix(".") && cause.explanation != cause.rawValue, "\(cause)")
    }
  }

  @Test("No name or alias belongs to two metrics")
  func aliases() {
    let words = AllMetrics.types.flatMap { [$0.name] + $0.aliases }
    #expect(Set(words).count == words.count)
  }
}
