import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Events: saccades, triggered averages, rasters")
struct EventTests {
  /// Opens the demo's twin with the first 600 frames of gaborium under eye positions that jump every 60 frames; cell 3
  /// spikes twice five frames after each jump and never else, cell 4 never.
  private func jumping(_ shell: Shell, eye hasEye: Bool = true) throws {
    let folder = shell.folder + "/Sim_2025-01-17"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let data = try DictDataset(path: Fixtures.path("twin/Sim_2025-01-17/gaborium.dset"))
    let frames = 600
    let rows = 0..<frames
    let trials = try data.integers("trial_inds").prefix(frames).map { Int64($0) }
    var counts = try data.tensor("robs", rows: rows)
    // A jump 30 frames after each trial's beginning, trials of 240, and every 60 frames on.
    let jumps = rows.filter { $0 % 60 == 30 }
    for frame in rows {
      counts.values[frame * 16 + 3] = jumps.contains(frame - 5) ? 2 : 0
      counts.values[frame * 16 + 4] = 0
    }
    let mask = try data.tensor("dfs", rows: rows)
    let pixels = try data.tensor("stim", rows: rows).values.map { UInt8($0) }
    let eye = rows.flatMap { frame -> [Float] in
      // A drift that is no straight line, so that velocities have a scale.
      let drift = Float(frame * frame % 17) / 1000
      return [Float(jumps.count { $0 <= frame }) * 2 + drift, Float(frame * frame % 13) / 1000]
    }
    var covariates: [DatasetWriter.Covariate] = [
      .init("stim", shape: [frames, 25, 25], uint8: Data(pixels)),
      .init("robs", shape: counts.shape, float: counts.values),
      .init("dfs", shape: mask.shape, float: mask.values),
      .init("dpi_valid", shape: [frames], float: [Float](repeating: 1, count: frames)),
      .init("t_bins", shape: [frames], double: Array(try data.doubles("t_bins").prefix(frames))),
      .init("trial_inds", shape: [frames], int64: Array(trials)),
    ]
    if hasEye { covariates.append(.init("eyepos", shape: [frames, 2], float: eye)) }
    try DatasetWriter(session: "Sim_2025-01-17", rateHz: 120, covariates: covariates).write(
      to: folder + "/gaborium.dset")
    try shell.run("open \(Shell.template)/checkpoints/twin.ckpt as twin")
    try shell.run("open \(folder) as rec --config \(Fixtures.path("twin/multi_sim_120_all.yaml"))")
  }

  @Test("The demo's eye jumps in single frames: almost every jump is a saccade, and every saccade a jump")
  func saccades() throws {
    let table = try Shell().table("saccades nova/backimage")
    let data = try DictDataset(path: Shell.template + "/recordings/Nova_2025-02-03/backimage.dset")
    let eye = try data.doubles("eyepos")
    func speed(_ frame: Int) -> Double {
      hypot(eye[2 * frame] - eye[2 * frame - 2], eye[2 * frame + 1] - eye[2 * frame - 1]) * 120
    }
    let trials = try data.integers("trial_inds")
    let gaze = try data.doubles("dpi_valid")
    // Jumps with a whole velocity before and after them.
    let jumps = (3..<trials.count - 3).filter { frame in
      speed(frame) > 22 && Set(trials[frame - 3...frame + 2]).count == 1
        && gaze[frame - 3...frame + 2].allSatisfy { $0 > 0 }
    }
    let onsets = try #require(table["onset_frame"]?.numbers).compactMap { $0.map { Int($0) } }
    #expect(Set(jumps).isSubset(of: onsets.map { $0 + 1 }) && jumps.count > 150)
    #expect(onsets.allSatisfy { speed($0 + 1) > 8 })
    let row = table.record(0)
    #expect(row["trial"]?.number == 100 && row["onset_frame"]?.number == 28 && row["offset_frame"]?.number == 29)
    // Values of an independent implementation in NumPy.
    #expect(try abs(#require(row["amplitude_deg"]?.number) - 1.0503602) < 1e-6)
    #expect(try abs(#require(row["onset_s"]?.number) - 28.0 / 120) < 1e-9)
    #expect(table.rowCount == 166)
    let note = try #require(table.note)
    #expect(
      note.contains("8.31 x 8.44 deg/s") && note.contains("102 frames without valid gaze") && note.contains("3 cut off")
    )
  }

  @Test("A recording without eye positions is refused before a twin runs")
  func noEyes() throws {
    let shell = try Shell(opened: false)
    try jumping(shell, eye: false)
    for command in [
      "saccades rec/gaborium", "triggered twin on rec/gaborium", "raster twin 3 on rec/gaborium --event fixation",
    ] {
      let failure = try shell.failure(command)
      #expect(failure.kind == .missing && failure.message.contains("no `eyepos`"))
    }
    #expect(try shell.table("triggered twin on rec/gaborium --event trial --split all --cell 3").rowCount > 100)
  }

  @Test("Spikes that follow saccades stand at their lag; a silent cell has no interval and says why")
  func triggered() throws {
    let shell = try Shell(opened: false)
    try jumping(shell)
    #expect(try shell.table("saccades rec/gaborium").rowCount == 10)
    let table = try shell.table("triggered twin on rec/gaborium --split all --from -50 --to 100")
    #expect(table.rowCount == 16 * 19)
    let cell = try shell.table("triggered twin on rec/gaborium --split all --from -50 --to 100 --cell 3")
    #expect(cell.rowCount == 19)
    // The onset is the last frame before the jump, so five frames after the jump are six after the onset.
    let lags = try #require(cell["time_ms"]?.numbers).map { Int((($0 ?? 0) * 0.12).rounded()) }
    #expect(lags == Array(-6...12))
    for (place, lag) in lags.enumerated() {
      let record = cell.record(place)
      #expect(record["data_hz"]?.number == (lag == 6 ? 240 : 0))
      // All events alike: nothing to resample.
      #expect(
        record["data_low"] == .null && record["reason"]?.plainText == (lag == 6 ? "constant response" : "no spikes"))
      #expect(record["model_hz"]?.number != nil)
    }
    let fixation = try shell.table(
      "triggered twin on rec/gaborium --event fixation --split all --cell 3 --from 0 --to 100")
    #expect(fixation["data_hz"]?.numbers?.firstIndex(of: 240) == 5)
    let summary = try shell.table("triggered twin on rec/gaborium --split all --from -50 --to 100 --summary")
    #expect(summary.record(3)["peak_ms"]?.number == 50)
    #expect(summary.record(4)["peak_ms"] == .null && summary.record(4)["modulation"] == .null)
    #expect(summary.record(4)["reason"]?.plainText == "no spikes" && summary.record(4)["data_hz"]?.number == 0)
    let raster = try shell.report("raster twin 4 on rec/gaborium --event saccade --split all --from -50 --to 100")
    #expect(
      raster.sections.contains { section in
        if case .figure(let figure) = section.body { figure.series.isEmpty } else { false }
      })
    // Another cell's spikes differ between events.
    let other = try shell.table("triggered twin on rec/gaborium --split all --cell 8 --bin 100 --from 0 --to 300")
    #expect(other.rowCount == 3)
    for row in 0..<3 {
      let record = other.record(row)
      guard let low = record["data_low"]?.number, let high = record["data_high"]?.number,
        let mean = record["data_hz"]?.number
      else { continue }
      #expect(low <= mean && mean <= high && low < high)
    }
    #expect(other["data_low"]?.numbers?.contains { $0 != nil } == true)
  }

  @Test("--until-next ends a window at the neighbouring saccades")
  func untilNext() throws {
    let shell = try Shell(opened: false)
    try jumping(shell)
    func events(_ flags: String) throws -> [Double] {
      let table = try shell.table("triggered twin on rec/gaborium --split all --cell 3 --from 450 --to 550 \(flags)")
      return try #require(table["events"]?.numbers).compactMap(\.self)
    }
    // Saccades stand 60 frames apart, 500 ms; the next one's onset is the first frame that is left out.
    let bounded = try events("--until-next")
    let whole = try events("")
    #expect(bounded.prefix(6) == whole.prefix(6))
    #expect(whole[8] > bounded[8])
  }

  @Test("The response to repeats is the mean of VisionCore's trial arrays, data and model")
  func repeats() throws {
    let shell = try Shell()
    let table = try shell.table("triggered twin on sim/fixrsvp --event trial --split all --cell 8")
    let expected = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_fixrsvp.npz"))
    let data = try expected.tensor("trial_robs")
    let model = try expected.tensor("trial_rhat")
    let valid = try expected.tensor("trial_dfs")
    let places = data.shape[1]
    #expect(table.rowCount <= places && table.rowCount > 60)
    for row in 0..<table.rowCount {
      let place = Int((try #require(table["time_ms"]?.numbers?[row]) * 0.12).rounded())
      let trials = (0..<data.shape[0]).map { ($0 * places + place) * 16 + 8 }.filter { valid.values[$0] > 0 }
      #expect(table["events"]?.numbers?[row] == Double(trials.count))
      guard !trials.isEmpty else {
        #expect(table["data_hz"]?.numbers?[row] == nil && table["model_hz"]?.numbers?[row] == nil)
        continue
      }
      let rate = 120 * trials.reduce(0.0) { $0 + Double(data.values[$1]) } / Double(trials.count)
      let predicted = 120 * trials.reduce(0.0) { $0 + Double(model.values[$1]) } / Double(trials.count)
      #expect(try abs(#require(table["data_hz"]?.numbers?[row]) - rate) < 1e-6)
      // Forward passes agree to 1e-4 counts a frame.
      #expect(try abs(#require(table["model_hz"]?.numbers?[row]) - predicted) < 0.012)
    }
  }

  @Test("Stored predictions with repeats can be asked like the twin they are of")
  func stored() throws {
    let shell = try Shell()
    try shell.run("predict twin on sim/fixrsvp --split all as kept")
    let ours = try shell.table("triggered kept --event trial --summary")
    let twins = try shell.table("triggered twin on sim/fixrsvp --event trial --split all --summary")
    for name in ["cid", "events", "spikes", "data_hz", "peak_ms", "modulation", "r_course"] {
      #expect(ours[name]?.numbers == twins[name]?.numbers, "\(name)")
    }
    #expect(try shell.failure("triggered kept").message.contains("stored predictions have no saccades"))
  }

  @Test("Calibrated rates are averaged as they are scored: the mean over the same bins of gain times rate plus offset")
  func calibrated() throws {
    let shell = try Shell()
    try shell.run("calibrate twin on sim/fixrsvp --split all --in-sample as fit")
    let fit = try shell.table("calibrate twin on sim/fixrsvp --split all --in-sample")
    let plain = try shell.table("triggered twin on sim/fixrsvp --event trial --split all --cell 2")
    let scaled = try shell.table("triggered twin on sim/fixrsvp --event trial --split all --cell 2 --calibrated")
    let gain = try #require(fit["gain"]?.numbers?[2])
    let offset = try #require(fit["offset"]?.numbers?[2])
    var compared = 0
    for row in 0..<plain.rowCount {
      guard let before = plain["model_hz"]?.numbers?[row], let after = scaled["model_hz"]?.numbers?[row] else {
        continue
      }
      // Sums of float32.
      #expect(abs(after - (gain * before + offset * 120)) < 1e-3)
      compared += 1
    }
    #expect(compared > 60 && scaled["data_hz"]?.numbers == plain["data_hz"]?.numbers)
  }

  @Test("A raster shows every frame with a spike, above rate, interval and model")
  func raster() throws {
    let shell = try Shell()
    let file = shell.folder + "/cell8.svg"
    let report = try shell.report("raster twin 8 on sim/fixrsvp --split all --figure \(file)")
    let figures = report.sections.compactMap { section -> Figure? in
      if case .figure(let figure) = section.body { figure } else { nil }
    }
    let expected = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_fixrsvp.npz"))
    let data = try expected.tensor("trial_robs")
    let frames = stride(from: 8, to: data.count, by: 16).count { data.values[$0] > 0 }
    #expect(figures.count == 2 && figures[0].series.first?.x.count == frames)
    #expect(figures[0].series.first?.y.max() == 36)
    let rates = figures[1]
    #expect(rates.series.count == 2 && rates.series[0].band != nil && rates.series[1].band == nil)
    #expect(FileManager.default.fileExists(atPath: file))
    // Kept with the entry and read again.
    let entry = shell.session.entry
    let kept = try shell.report("out \(entry)")
    guard case .figure(let drawn)? = kept.sections.last?.body, let band = rates.series[0].band else {
      Issue.record("the entry keeps no figure with a band")
      return
    }
    // Unknown ends are NaN, which equals nothing.
    let pairs = zip(drawn.series[0].band?.high ?? [], band.high)
    #expect(
      drawn.series[0].band?.high.count == band.high.count && pairs.allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
  }

  @Test("What can't be done is said with a way out")
  func refusals() throws {
    let shell = try Shell()
    #expect(try shell.failure("saccades sim").hint?.contains("sim/") == true)
    #expect(try shell.failure("triggered twin").message.contains("name the stimulus"))
    #expect(try shell.failure("triggered twin on sim/gaborium").message.contains("has no saccade"))
    #expect(try shell.failure("raster twin 99 on sim/fixrsvp").hint?.contains("0-15") == true)
    #expect(
      try shell.failure("triggered twin on sim/fixrsvp --event trial --from 0 --to 0.4").hint?.contains("in ms") == true
    )
    #expect(try shell.failure("triggered twin on sim/fixrsvp --event trial --from 5000 --to 6000").kind == .undefined)
    #expect(try shell.failure("triggered twin on sim/fixrsvp --event trial --until-next").kind == .usage)
    #expect(try shell.failure("saccades nova/backimage --lambda 0").message.contains("out of range"))
    #expect(try shell.failure("saccades nova/backimage --min-duration 1e30").message.contains("out of range"))
    #expect(try shell.table("saccades nova/backimage --lambda 1000").rowCount == 0)
  }
}
