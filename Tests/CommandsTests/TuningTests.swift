import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Tuning to gratings")
struct TuningTests {
  /// The demo's twin and 600 frames under labels of gratings. Cell 3 answers 90 degrees at 2 cycles a degree with
  /// 1 + cos(phase) spikes five frames later; cell 4 is silent.
  private func open(_ shell: Shell, phaseColumns: Int = 1, frequency: Bool = true) throws {
    let folder = shell.folder + "/Sim_2025-01-17"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let data = try DictDataset(path: Fixtures.path("twin/Sim_2025-01-17/gaborium.dset"))
    let frames = 600
    let rows = 0..<frames
    var generator = MersenneTwister(seed: 5)
    let orientation = rows.map { _ in Float([0, 45, 90, 135][Bootstrap.draw(below: 4, &generator)]) }
    let sf = rows.map { _ in Float([1, 2][Bootstrap.draw(below: 2, &generator)]) }
    let quarter = rows.map { _ in Bootstrap.draw(below: 4, &generator) }
    var counts = try data.tensor("robs", rows: rows)
    for frame in rows {
      let cause = frame - 5
      let isSeen = cause >= 0 && orientation[cause] == 90 && sf[cause] == 2
      counts.values[frame * 16 + 3] = isSeen ? [2, 1, 0, 1][quarter[cause]] : 0
      counts.values[frame * 16 + 4] = 0
    }
    let mask = try data.tensor("dfs", rows: rows)
    let pixels = try data.tensor("stim", rows: rows).values.map { UInt8($0) }
    let trials = try data.integers("trial_inds").prefix(frames).map { Int64($0) }
    let phase = quarter.flatMap { [Float](repeating: Float($0) * .pi / 2, count: phaseColumns) }
    var covariates: [DatasetWriter.Covariate] = [
      .init("stim", shape: [frames, 25, 25], uint8: Data(pixels)),
      .init("robs", shape: counts.shape, float: counts.values),
      .init("dfs", shape: mask.shape, float: mask.values),
      .init("dpi_valid", shape: [frames], float: [Float](repeating: 1, count: frames)),
      .init("trial_inds", shape: [frames], int64: Array(trials)),
      .init("ori", shape: [frames], float: orientation),
      .init("stim_phase", shape: phaseColumns == 1 ? [frames] : [frames, phaseColumns], float: phase),
    ]
    if frequency { covariates.append(.init("sf", shape: [frames], float: sf)) }
    try DatasetWriter(session: "Sim_2025-01-17", rateHz: 120, covariates: covariates).write(
      to: folder + "/gaborium.dset")
    try shell.run("open \(Shell.template)/checkpoints/twin.ckpt as twin")
    try shell.run("open \(folder) as rec --config \(Fixtures.path("twin/multi_sim_120_all.yaml"))")
  }

  @Test("A planted tuning is found; the model has its own; a silent cell says so")
  func planted() throws {
    let shell = try Shell(opened: false)
    try open(shell)
    let table = try shell.table("tuning twin on rec/gaborium --split all")
    #expect(table.rowCount == 16)
    let row = table.record(3)
    func number(_ name: String) throws -> Double { try #require(row[name]?.number) }
    #expect(try abs(number("lag_ms") - 5000.0 / 120) < 1e-9)
    #expect(try abs(number("ori") - 90) < 1e-9 && number("osi") == 1 && number("sf") == 2)
    // Exactly 1 + cos(phase), but for phases in float32.
    #expect(try abs(number("f1_f0") - 1) < 1e-6)
    #expect(try (0..<180).contains(number("ori_model")) && number("osi_model") < 1)
    let silent = table.record(4)
    #expect(silent["ori"] == .null && silent["lag_ms"] == .null && silent["reason"]?.plainText == "no response")
    #expect(silent["osi_model"]?.number != nil)

    let curve = try shell.table("tuning twin on rec/gaborium --split all --cell 3 --by orientation")
    #expect(curve["ori"]?.numbers == [0, 45, 90, 135])
    let rates = try #require(curve["data_hz"]?.numbers)
    // Phases average out but for chance.
    #expect(rates[0] == 0 && rates[1] == 0 && rates[3] == 0)
    #expect(try abs(#require(rates[2]) - 120) < 40)
    let frequencies = try shell.table("tuning twin on rec/gaborium --split all --cell 3 --by frequency")
    #expect(frequencies["sf"]?.numbers == [1, 2] && frequencies["data_hz"]?.numbers?.first == 0)
    let model = try frequencies.known("model_hz")
    #expect(try number("sf_model") == (model[1] > model[0] ? 2 : 1))
  }

  @Test(
    "The signature declares the columns of each table",
    arguments: [("", nil), (" --by orientation", "with --by orientation"), (" --by frequency", "with --by frequency")]
      as [(String, String?)])
  func columns(flags: String, variant: String?) throws {
    let shell = try Shell(opened: false)
    try open(shell)
    try SignatureTruthTests.expect(
      .init("tuning twin on rec/gaborium --split all --cell 3" + flags, variant: variant), in: shell)
  }

  @Test("Several phase columns need a choice; without spatial frequency the rest stands")
  func choices() throws {
    let shell = try Shell(opened: false)
    try open(shell, phaseColumns: 3, frequency: false)
    let table = try shell.table("tuning twin on rec/gaborium --split all --cell 3")
    #expect(table.record(0)["f1_f0"] == .null && table.record(0)["reason"]?.plainText == "no phase")
    #expect(table.note?.contains("--phase-column") == true && table.note?.contains("no spatial frequency") == true)
    #expect(table.record(0)["sf"] == .null && table.record(0)["osi"]?.number == 1)
    let chosen = try shell.table("tuning twin on rec/gaborium --split all --cell 3 --phase-column 2")
    // All columns are the planted phase.
    let first = try shell.table("tuning twin on rec/gaborium --split all --cell 3 --phase-column 0")
    let ratios = try [chosen, first].map { try #require($0.record(0)["f1_f0"]?.number) }
    #expect(ratios[0] > 0 && ratios[0] == ratios[1])
    #expect(try shell.failure("tuning twin on rec/gaborium --phase-column 3").message.contains("no column 3"))
  }

  @Test("A recording without gratings is refused with the names that were looked for")
  func noGratings() throws {
    let failure = try Shell().failure("tuning twin on sim/gaborium")
    #expect(failure.kind == .missing && failure.message.contains("`ori`") && failure.message.contains("`orientation`"))
    #expect(failure.hint?.contains("trial_inds") == true)
  }
}
