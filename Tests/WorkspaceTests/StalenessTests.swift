import Base
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Staleness")
struct StalenessTests {
  let folder: String
  let workspace: Workspace

  init() throws {
    folder = try Fixtures.temporaryFolder()
    workspace = try Workspace.create(at: folder + "/ws", payloads: Payloads.all)
  }

  static func predictions(_ file: String) -> PredictionsPayload {
    PredictionsPayload(
      session: nil, stimulus: nil, split: nil, frames: 1, cids: [0], rateHz: nil,
      file: FileReference(path: file, byteCount: 1, fingerprint: file))
  }

  func entry() throws -> Int64 { try workspace.begin(source: "an entry", origin: "test") }

  @Test("A name that went on over a thousand versions is stale with its first, and all have to be made again in order")
  func longChain() throws {
    let count = 1000
    let first = try entry()
    var changes = Changes()
    changes.versions.append(.init(Self.predictions("p.npz"), name: "a"))
    let ids = try workspace.commit(changes, entry: first)
    let digest = try workspace.objects.put(Data("x".utf8))
    var parent = try #require(ids.first)
    let second = try entry()
    changes = Changes()
    for _ in 0..<count {
      changes.versions.append(
        .init(
          TablePayload(rows: 1, columns: ["a"], object: digest), name: "a", parent: parent, replacing: .anything))
      parent += 1
    }
    try workspace.commit(changes, entry: second)
    #expect(try workspace.lookup("a")?.id == parent)

    let staleness = Staleness(workspace: workspace) { "\($0.path) is missing" }
    let (stale, checked) = try staleness.items()
    #expect(checked == 1)
    #expect(stale.map(\.reasons) == [["p.npz is missing"]])
    #expect(try staleness.reruns(for: stale).map(\.entry) == [first, second])
    #expect(try Staleness(workspace: workspace) { _ in nil }.items().stale.isEmpty)
  }

  @Test("A calibration that was made again with other numbers makes stale what the old one was applied to")
  func calibration() throws {
    func calibrate(gain: Double) throws -> Int64 {
      var changes = Changes()
      let cell = CalibrationPayload.Cell(cid: 0, gain: gain, offset: 0, halves: [], reason: nil)
      changes.versions.append(
        .init(
          CalibrationPayload(
            mode: "gain", inSample: true, key: "k", bins: nil, session: "S", stimulus: "gratings", split: "all",
            cells: [cell]), name: nil))
      return try #require(try workspace.commit(changes, entry: try entry()).first)
    }
    let used = try calibrate(gain: 1)
    var changes = Changes()
    changes.versions.append(.init(Self.predictions("p.npz"), name: "rates"))
    changes.inputs.append(.init(role: "calibration", version: used, detail: "gain"))
    try workspace.commit(changes, entry: try entry())
    func reasons() throws -> [[String]] {
      try Staleness(workspace: workspace) { _ in nil }.items().stale.map(\.reasons)
    }
    #expect(try reasons().isEmpty)
    _ = try calibrate(gain: 1)
    #expect(try reasons().isEmpty, "the same numbers")
    _ = try calibrate(gain: 2)
    #expect(try reasons() == [["the calibration of S/gratings was made again by entry 4"]])
  }

  @Test("Versions that were made from each other's names are judged without an endless loop")
  func circle() throws {
    let one = try entry()
    var changes = Changes()
    changes.versions.append(.init(Self.predictions("p.npz"), name: "a"))
    let a = try #require(try workspace.commit(changes, entry: one).first)
    let two = try entry()
    changes = Changes()
    changes.versions.append(.init(Self.predictions("q.npz"), name: "b"))
    changes.inputs.append(.init(role: "predictions", version: a, detail: "a"))
    let b = try #require(try workspace.commit(changes, entry: two).first)
    changes = Changes()
    changes.versions.append(.init(Self.predictions("r.npz"), name: "a", replacing: .anything))
    changes.inputs.append(.init(role: "predictions", version: b, detail: "b"))
    changes.inputs.append(.init(role: "entry", version: nil, detail: "entry 3 as $x"))
    try workspace.commit(changes, entry: try entry())
    // The name `a` went on with what was made from it, so nothing is stale while its first file is the same.
    let (stale, checked) = try Staleness(workspace: workspace) { _ in nil }.items()
    #expect(stale.isEmpty && checked == 2)
    let changed = try Staleness(workspace: workspace) { $0.path == "p.npz" ? "p.npz is missing" : nil }.items().stale
    #expect(changed.map(\.name) == ["a", "b"])
    #expect(changed.map(\.reasons) == [["`b` is stale"], ["p.npz is missing"]])
  }
}
