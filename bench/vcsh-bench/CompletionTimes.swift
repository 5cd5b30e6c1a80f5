import Base
import Commands
import Foundation
import Language
import Session
import Shell
import Workspace

/// How long completion takes at every position, in a workspace as it is after a year of work: 100,000 scores, 2,000 cells,
/// 200 twins, 500 names, 5,000 entries.
struct CompletionTimes {
  static let positions = [
    "", "ev", "eval ", "eval twin0 ", "eval twin0 on ", "eval twin0 on rec01", "eval twin0 on rec01/",
    "eval twin0 on rec01/g --", "eval twin0 on rec01/gaborium --split ", "eval twin0 on rec01/gaborium --head ",
    "neuron twin0 ", "neuron --on rec01/gaborium twin0 ", "neuron twin0 1", "freeze twin0 ", "unfreeze twin0 ",
    "show ", "show t", "drop table1", "export ", "restore ", "rerun ", "explain ", "help ", "examples ", "mode ",
    "open ", "open recordings/", "let x = ", "print $", "$scores | ", "$scores | sort ", "$scores | where bits",
    "$scores | where r > quantile(r, 0.5) and rate_hz > 5 ", "$scores | group session | summarize mean(",
    "eval twin0 on rec01/gaborium | where r > 0.1 | select cid r | rename r pearson | sort ",
    "def topmost(t: table, n = 3) {\n  $t | sort r --reverse | head $n\n}\nfor n in [1, 2] {\n  topmost $scores --n $n | select ",
  ]

  static func report() throws -> [String] {
    let parent = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = parent + "/vcsh-bench-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let session = Session(workspace: try make(folder), commands: AllCommands.table)
    let scores = Table([
      Column("cid", (0..<2000).map { Optional($0) }), Column("session", (0..<2000).map { "session \($0 % 20)" }),
      Column("rate_hz", (0..<2000).map { Double($0) }, unit: "Hz"),
      Column("bits_per_spike", (0..<2000).map(Double.init)),
      Column("r", (0..<2000).map { Double($0) / 2000 }),
    ])
    session.interpreter.variables["scores"] = .table(scores)
    let completer = Completer(session: session)
    var times: [(text: String, median: Double, worst: Double, count: Int)] = []
    for text in positions {
      var runs: [Double] = []
      var count = 0
      for _ in 0..<21 { runs.append(seconds { count = completer.complete(text, cursor: text.count).candidates.count }) }
      runs.sort()
      times.append((text, runs[10], runs[20], count))
    }
    func milliseconds(_ seconds: Double) -> String { String(format: "%7.2f", 1000 * seconds) }
    let lines = times.sorted { $0.median > $1.median }.map { time in
      let line = time.text.split(separator: "\n").last.map(String.init) ?? ""
      return "\(milliseconds(time.median)) \(milliseconds(time.worst)) \(String(format: "%6d", time.count))  \(line)▮"
    }
    let worst = times.map(\.worst).max() ?? 0
    return [" median   worst  found  position (ms)"] + lines + ["worst of all: \(milliseconds(worst)) ms"]
  }

  private static func make(_ folder: String) throws -> Workspace {
    let workspace = try Workspace.create(at: folder, payloads: AllKinds.payloads)
    let file = FileReference(
      path: "checkpoints/twin.ckpt", byteCount: 1, fingerprint: String(repeating: "0", count: 64))
    let object = try workspace.objects.put(ValueCodec.encode(.table(Table([Column("cid", [1])]))))
    let cells = (0..<20).map { session in (0..<100).map { 100 * session + $0 } }
    var changes = Changes()
    for index in 0..<20 {
      let stimuli = ["backimage", "gaborium", "fixrsvp", "gratings"].map {
        RecordingPayload.Stimulus(name: $0, file: file, frames: 10_000)
      }
      changes.versions.append(
        .init(
          RecordingPayload(
            session: "Session_\(index)", cids: cells[index], rateHz: 120, stimuli: stimuli, parentConfiguration: nil,
            sessionConfiguration: nil),
          name: String(format: "rec%02d", index)))
    }
    for index in 0..<200 {
      let heads = cells.indices.map { TwinPayload.Head(session: "Session_\($0)", cids: cells[$0]) }
      changes.versions.append(
        .init(TwinPayload(checkpoint: file, heads: heads, frozen: ["core"]), name: "twin\(index)"))
    }
    for index in 0..<280 {
      changes.versions.append(
        .init(TablePayload(rows: 1, columns: ["cid"], object: object), name: "table\(index)"))
    }
    for index in 0..<5_000 {
      let entry = try workspace.begin(source: "eval twin\(index % 200) on rec01/gaborium", origin: "prompt")
      if index > 0 { changes = Changes() }
      // 50 entries score all cells of a recording's worth with ten metrics' worth of rows.
      if index % 100 == 1 {
        changes.metrics = (0..<20).map { metric in
          Changes.Metric(
            version: Int64(21 + index % 200), session: "Session_1", stimulus: "gaborium", split: "val", head: 1,
            variant: "", metric: "metric\(metric)", metricVersion: 1, cells: cells[1].map { ($0, 0.5, nil) })
        }
      }
      try workspace.finish(entry, status: .ok, seconds: 0.1, error: nil, result: nil, changes: changes)
    }
    return workspace
  }
}
