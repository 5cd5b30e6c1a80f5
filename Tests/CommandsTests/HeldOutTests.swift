import Base
import Formats
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Scores that are called held-out are held out")
struct HeldOutTests {
  /// Random rates beside random counts, as an npz.
  private func file(
    _ shell: Shell, rows: Int = 240, cells: Int = 40, trials: [Int]? = nil, places: [Int]? = nil, rateHz: Double? = 60
  ) throws -> String {
    var generator = MersenneTwister(seed: 7)
    let values = (0..<rows * cells).map { _ in Float(0.2 + generator.uniform()) }
    let counts = (0..<rows * cells).map { _ in Float(generator.uniform() < 0.4 ? 1 : 0) }
    var arrays = [
      NamedArray("rhat", Tensor(shape: [rows, cells], values: values)),
      NamedArray("robs", Tensor(shape: [rows, cells], values: counts)),
    ]
    if let trials { arrays.append(NamedArray("trial", shape: [rows], values: .int64(trials))) }
    if let places { arrays.append(NamedArray("trial_bin", shape: [rows], values: .int64(places))) }
    if let rateHz { arrays.append(NamedArray("rate_hz", shape: [], values: .float64([rateHz]))) }
    let path = shell.folder + "/random-\(UUID().uuidString).npz"
    try NpzWriter.write(arrays, to: path)
    return path
  }

  @Test("eval --calibrated gives the held-out score that calibrate promised, whatever the trials are")
  func promised() throws {
    let shell = try Shell(opened: false)
    let rows = Array(0..<240)
    let layouts: [(trials: [Int]?, places: [Int]?, rateHz: Double?)] = [
      (rows.map { _ in 0 }, nil, 60), (nil, nil, 60), (nil, nil, nil), (rows.map { $0 / 120 }, nil, 60),
      (rows.map { $0 < 20 ? 0 : 1 }, nil, nil), (rows.map { $0 % 2 }, nil, 60),
      (rows.map { $0 / 40 }, rows.map { $0 % 40 }, 60),
    ]
    for (index, layout) in layouts.enumerated() {
      let path = try file(shell, trials: layout.trials, places: layout.places, rateHz: layout.rateHz)
      try shell.run("open \(path) as a\(index)")
      let fit = try #require(try shell.table("calibrate a\(index)")["bits_per_spike_calibrated"]?.numbers)
      let scores = try #require(try shell.table("eval a\(index) --calibrated")["bits_per_spike"]?.numbers)
      #expect(fit.count == 40 && fit.compactMap(\.self).count == 40)
      for (a, b) in zip(fit, scores) { #expect(abs(try #require(a) - #require(b)) < 1e-4, "layout \(index)") }
      let mean = fit.compactMap(\.self).reduce(0, +) / 40
      #expect(mean < 0, "random rates")
    }
  }

  @Test("Rows of a repeated frame that took no part get the fit that did not see the frame")
  func repeatedFrames() throws {
    let shell = try Shell()
    let fit = try shell.table("calibrate twin on sim/fixrsvp")
    #expect(fit.note?.contains("within the repeated trial") == true)
    let payload = try #require(try stored(shell))
    let bins = try #require(payload.bins)
    #expect(bins.places != nil && Set(bins.runs.map(\.half)) == [0, 1])
    let scores = try shell.table("eval twin on sim/fixrsvp --calibrated")
    expectClose(try fit.numbers("bits_per_spike_calibrated"), try scores.numbers("bits_per_spike"), within: 1e-4)
  }

  @Test("A calibration of an older version is applied by its trials, and refused where it does not tell its bins")
  func older() throws {
    let shell = try Shell()
    try shell.run("calibrate twin on sim/gaborium --split all")
    var payload = try #require(try stored(shell))
    let whole = payload.bins
    payload.bins = nil
    payload.trials = [[0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20], [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]]
    let text = try JSONEncoder().encode(payload)
    #expect(!String(decoding: text, as: UTF8.self).contains("bins"))
    #expect(try JSONDecoder().decode(CalibrationPayload.self, from: text) == payload)
    try keep(payload, in: shell)
    #expect(try shell.table("eval twin on sim/gaborium --split all --calibrated").rowCount == 16)
    payload.trials = [[0], []]
    try keep(payload, in: shell)
    let failure = try shell.failure("eval twin on sim/gaborium --split all --calibrated")
    #expect(failure.message.contains("which bins") && failure.hint?.contains("calibrate twin on sim/gaborium") == true)
    #expect(whole != nil)
  }

  private func stored(_ shell: Shell) throws -> CalibrationPayload? {
    try shell.session.workspace.versions(madeBy: shell.session.entry).lazy.compactMap {
      $0.version.payload as? CalibrationPayload
    }.first
  }

  private func keep(_ payload: CalibrationPayload, in shell: Shell) throws {
    var changes = Changes()
    changes.versions.append(.init(payload, name: nil))
    try shell.session.workspace.commit(changes, entry: shell.session.entry)
  }

  @Test("refit refuses a stimulus whose held-out trials show what was fitted, and names one that is fresh")
  func refitRepeats() throws {
    let shell = try Shell()
    let failure = try shell.failure("refit twin readout on sim/fixrsvp as other")
    #expect(failure.kind == .undefined && failure.message.contains("same frames as its training trials"))
    #expect(failure.hint?.contains("sim/gaborium") == true)
    #expect(try !shell.names().contains("other"))
  }

  @Test("train refuses it, too, unless it scores no held-out trials")
  func trainRepeats() throws {
    let shell = try Shell()
    for stimuli in ["sim/fixrsvp", "sim/gaborium,sim/fixrsvp"] {
      let failure = try shell.failure("train twin on \(stimuli) as other --steps 1 --batch-size 4")
      #expect(failure.kind == .undefined)
      #expect(failure.message.hasPrefix("held-out trials of sim/fixrsvp show the same frames as its training trials"))
      #expect(failure.hint?.contains("sim/gaborium; or train without scores: --val-every 0") == true)
    }
    #expect(try !shell.names().contains("other"))
    let table = try shell.table("train twin on sim/fixrsvp as other --steps 1 --batch-size 4 --val-every 0")
    #expect(try table.numbers("val_bits_per_spike") == [nil])
  }

  @Test("--choose-l2 takes the penalty that predicts the other half of the training trials best, and says so")
  func penalty() throws {
    let shell = try Shell()
    let chosen = try shell.table("refit twin readout on nova/backimage as a --choose-l2 3,0.003 --starts 1")
    #expect(chosen.note?.contains("l2 0.003 by cross-validation inside the training trials") == true)
    let given = try shell.table("refit twin readout on nova/backimage as b --l2 0.003 --starts 1")
    #expect(try chosen.known("nll_val") == given.known("nll_val"))
    for text in [
      "--choose-l2 0.003", "--choose-l2 0.1,0.1", "--choose-l2 -1,2", "--choose-l2 a,b", "--l2 1 --choose-l2 1,2",
    ] {
      #expect(try shell.failure("refit twin readout on nova/backimage as c \(text)").kind == .usage, "\(text)")
    }
  }

  @Test("A head of another session's cells says which refit makes one for this session")
  func foreignHead() throws {
    for command in ["train", "eval"] {
      let missing = try Shell().failure("\(command) twin on nova/backimage")
      #expect(missing.hint?.hasPrefix("`refit twin readout on nova/backimage as NAME` makes one") == true)
      #expect(missing.hint?.contains("--head") == false)
    }
    let failure = try Shell().failure("eval twin on nova/backimage --head 1")
    #expect(failure.hint?.contains("refit twin readout on nova/backimage") == true)
    let refused = try Shell().failure("refit twin readout on nova/backimage as other --head 1")
    #expect(refused.hint?.contains("--adapter HEAD") == true)
  }

  @Test("neuron names the trials of stored predictions by their split")
  func storedSplit() throws {
    let shell = try Shell()
    for (split, name) in [("val", "held-out"), ("train", "train"), ("all", "all")] {
      try shell.run("predict twin on sim/gaborium --split \(split) as kept --replace")
      let report = try shell.report("neuron kept 3")
      guard case .table(let scores)? = report.sections.first?.body else {
        Issue.record("no scores")
        continue
      }
      #expect(scores.rowCount == 1 && scores.record(0)["trials"] == .string(name))
    }
  }
}
