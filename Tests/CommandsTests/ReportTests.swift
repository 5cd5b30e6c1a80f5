import Base
import Foundation
import TestSupport
import Testing

@Suite("Reports on a twin")
struct ReportTests {
  private func tables(_ report: Report) -> [String: Table] {
    var tables: [String: Table] = [:]
    for section in report.sections { if case .table(let table) = section.body { tables[section.heading] = table } }
    return tables
  }

  /// The commands under every chapter.
  private func commands(_ report: Report) -> [String] {
    report.sections.filter { $0.heading == "again" }.flatMap { section -> [String] in
      if case .lines(let lines) = section.body { lines } else { [] }
    }
  }

  private func numbers(_ table: Table?, _ column: String) -> [Double?] { table?[column]?.numbers ?? [] }

  @Test("Predictions of another program have a report of scores, gains and causes, which says what needs the twin")
  func predictions() throws {
    let shell = try Shell()
    try shell.run("predict twin on sim/fixrsvp --split all as rates")
    let report = try shell.report("report rates")
    let tables = tables(report)
    #expect(tables["How scores are spread: Scores"]?.record(2)["metric"] == .string("bits_per_spike"))
    #expect(tables["Gain and offset"]?.rowCount == 16)
    #expect(tables["Likeliest cause of each cell"]?.rowCount == 16)
    #expect(String(describing: report).contains("`rates` holds predictions: this needs the twin"))
    let again = commands(report)
    #expect(again.count > 3)
    for command in again { try shell.run(command) }
    #expect(try shell.failure("report rates on sim").hint == "leave out `on …`")
    #expect(try shell.failure("report twin").hint == "report twin on REC")
  }

  @Test("Every command of a report runs, and gives the numbers that stand above it")
  func again() throws {
    let shell = try Shell()
    let report = try shell.report("report twin on sim --trained fixrsvp")
    let tables = tables(report)
    let scores = try #require(tables["Scores"])
    var compared = 0
    for command in commands(report) {
      let isTable =
        ["generalization", "temporal"].contains { command.hasPrefix($0) } || command.contains("| summarize")
      guard isTable, !command.contains("| plot") else {
        // What draws, or shows one cell, is only understood here.
        try shell.understand(command)
        continue
      }
      let table = try shell.table(command)
      if command.hasPrefix("generalization") {
        let metric = try #require(command.firstMatch(of: /--metric (\w+)/).map { String($0.1) })
        let rows = (0..<scores.rowCount).filter { scores.record($0)["metric"] == .string(metric) }
        let own = scores.gathering(rows)
        for row in 0..<own.rowCount {
          let stimulus = own.record(row)["stimulus"]
          let split = own.record(row)["split"]
          let same = try #require(
            (0..<table.rowCount).first {
              table.record($0)["stimulus"] == stimulus && table.record($0)["split"] == split
            })
          #expect(own["mean"]?[row] == table[metric]?[same], "\(command)")
          for column in ["lower", "upper", "frames", "cells"] { #expect(own[column]?[row] == table[column]?[same]) }
          // Of ceilings the training trials are left out.
          if ["bits_per_spike", "r"].contains(metric) { #expect(own["gap"]?[row] == table["gap"]?[same]) }
          compared += 1
        }
      } else if command.contains("| summarize median(bits_per_spike)") {
        let median = table["median_bits_per_spike"]?[0]
        #expect((0..<scores.rowCount).contains { scores["median"]?[$0] == median }, "\(command)")
        compared += 1
      } else if command.hasPrefix("gain"), command.contains("summarize") {
        let gains = try #require(tables["Gain and offset by stimulus"])
        let row = try #require(
          (0..<gains.rowCount).first { command.contains("\"\(gains.record($0)["stimulus"]?.plainText ?? "")\"") })
        #expect(gains["gain"]?[row] == table["median_gain"]?[0])
        for name in ["lost_to_scale", "lost_to_offset", "bits_per_spike_calibrated", "r"] {
          let mean = try #require(table["mean_\(name)"]?.numbers?[0])
          #expect(abs(mean - (try #require(gains[name]?.numbers?[row]))) < 1e-12, "\(name)")
        }
        compared += 1
      } else if command == "temporal twin" {
        #expect(
          tables["Frontend kernels"]?.columns == table.columns || tables.values.contains { $0.columns == table.columns }
        )
        compared += 1
      }
    }
    #expect(compared == 15)
  }

  @Test("Training trials, held-out trials and withheld stimuli stand beside each other, worst cells with remarks")
  func chapters() throws {
    let shell = try Shell()
    let report = try shell.report("report twin on sim --trained fixrsvp --fields fixrsvp")
    let scores = try #require(tables(report)["Scores"])
    let parts = (0..<3).map {
      "\(scores.record($0)["part"]?.plainText ?? "") \(scores.record($0)["stimulus"]?.plainText ?? "")"
    }
    #expect(parts == ["training fixrsvp", "held-out fixrsvp", "withheld gaborium"])
    let worst = try #require(tables(report)["Worst on fixrsvp, held-out trials"])
    let bits = numbers(worst, "bits_per_spike").compactMap(\.self)
    #expect(bits == bits.sorted())
    let all = try shell.table("eval twin on sim/fixrsvp | sort bits_per_spike | head 8")
    #expect(numbers(worst, "cid") == numbers(all, "cid"))
    // The first simulated cell that is told worse on held-out trials than on training trials says so.
    let remarks = (0..<worst.rowCount).compactMap { worst.record($0)["remarks"]?.plainText }
    #expect(remarks.contains { $0.contains("bits/spike on training trials") })
    // What a wrong scale is said to cost is what `gain` finds.
    let gains = try shell.table("gain twin on sim | where stimulus == 'fixrsvp'")
    for place in 0..<worst.rowCount {
      let row = worst.record(place)
      guard let said = row["remarks"]?.plainText.firstMatch(of: /wrong scale costs ([\d.]+)/)?.1 else { continue }
      let gain = (0..<gains.rowCount).map { gains.record($0) }.first { $0["cid"] == row["cid"] }
      let lost = try #require(gain?["lost_to_scale"]?.number)
      // Three digits are shown.
      #expect(try abs(#require(Double(said)) - lost) <= 0.006 * lost)
    }
    #expect(report.sections.contains { $0.heading.contains("Cell") && $0.heading.contains("best") })
    let again = commands(report)
    #expect(again.last == "report twin on sim --fields fixrsvp --trained fixrsvp")
    #expect(again.contains("sta twin on sim/fixrsvp"))
  }

  @Test(
    "--html writes one page that needs nothing else, the same to the byte, over what was there, and shows the summary")
  func page() throws {
    let sink = StageSink(stopping: .max)
    let shell = try Shell(progress: sink)
    let path = shell.folder + "/r.html"
    try Data("old".utf8).write(to: URL(filePath: path))
    let summary = try shell.report("report twin on sim --html \(path)")
    #expect(sink.stages.filter { $0.hasPrefix("predict") }.count == 2, "each frame once, whatever the chapters")
    #expect(summary.sections.count < 6 && summary.title == "twin on sim")
    #expect(shell.allNotes.contains("wrote \(path)"))
    let page = try String(contentsOfFile: path, encoding: .utf8)
    for outside in ["http:", "https:", "src=", "url(", "<link", "@import"] {
      #expect(!page.contains(outside), "\(outside)")
    }
    for text in [
      "<section class=\"chapter\" id=\"summary\"", "id=\"provenance\"", "<div class=\"maps\">", "<svg", "Cell 15, best",
      "epoch 16, step 4250", "prefers-color-scheme: dark", "can&#39;t move",
      "<details><summary>All 16 cells on fixrsvp",
      "15539b539f7844cea5248ac09b3340cea8d4895ee9cdcfd00ac8f70af53a9cf4",
      "<span class=\"c\">generalization</span> twin <span class=\"k\">on</span> sim",
    ] { #expect(page.contains(text), "\(text)") }
    try shell.run("report twin on sim --html \(shell.folder)/again.html")
    #expect(try String(contentsOfFile: shell.folder + "/again.html", encoding: .utf8) == page)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: shell.folder).sorted() == ["again.html", "r.html", "ws"])
  }

  @Test("What can't be written, or is not there, is refused before any work")
  func refusals() throws {
    let shell = try Shell()
    #expect(try shell.failure("report twin on sim --html -").hint?.contains("standard output") == true)
    #expect(try shell.failure("report twin on sim --html r.pdf").kind == .usage)
    #expect(try shell.failure("report twin on sim --html \(shell.folder)/none/r.html").kind == .missing)
    #expect(try shell.failure("report twin on sim --fields gaborim").hint == "did you mean `gaborium`?")
    #expect(try shell.failure("report twin on sim --trained fixrvsp").hint == "did you mean `fixrsvp`?")
    #expect(try shell.session.workspace.cachedAnswers().isEmpty)
  }

  @Test("A twin of which nothing says what it was trained on is judged on held-out trials, and the report says so")
  func untold() throws {
    let shell = try Shell()
    let copy = shell.folder + "/bare.ckpt"
    try FileManager.default.copyItem(atPath: Shell.template + "/checkpoints/twin.ckpt", toPath: copy)
    try shell.run("open \(copy) as bare")
    let report = try shell.report("report bare on sim --head 1")
    let scores = try #require(tables(report)["Scores"])
    #expect((0..<2).allSatisfy { scores.record($0)["part"] == .string("held-out") })
    let twin = try shell.table("eval twin on sim/gaborium | summarize mean(bits_per_spike)")
    #expect(scores["mean"]?[1] == twin["mean_bits_per_spike"]?[0])
    guard case .lines(let findings)? = report.sections.first?.body else { throw Failure(.missing, "no findings") }
    #expect(findings.contains { $0.hasPrefix("No configuration says what the twin was trained on") })
    let again = commands(report)
    #expect(!again.contains { $0.hasPrefix("generalization") } && again.contains { $0.contains("--head 1") })
    #expect(again.contains { $0.contains("summarize") })
    for command in again where command.contains("summarize") { try shell.run(command) }
  }

  @Test("Ctrl-C ends it wherever it is, and no page is written", arguments: [1, 3])
  func interrupted(after stages: Int) throws {
    let sink = StageSink(stopping: stages)
    let shell = try Shell(progress: sink)
    sink.cancellation = shell.session.work.cancellation
    let path = shell.folder + "/r.html"
    #expect(try shell.failure("report twin on sim --html \(path)").kind == .interrupted)
    #expect(sink.stages.first?.contains("predict") == true && sink.stages.count == stages)
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}

/// Stops the work when its nth stage begins.
private final class StageSink: ProgressSink, @unchecked Sendable {
  private let limit: Int
  private(set) var stages: [String] = []
  var cancellation: Cancellation?

  init(stopping limit: Int) { self.limit = limit }

  func begin(_ title: String, total: Int, unit: String) {
    stages.append(title)
    if stages.count == limit { cancellation?.cancel() }
  }
  func advance(to done: Int) {}
  func end() {}
}
