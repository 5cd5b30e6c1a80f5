import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Receptive fields")
struct ReceptiveFieldTests {
  static let expected = Fixtures.path("twin/Sim_2025-01-17/expected_gaborium.npz")

  private func archive(_ shell: Shell, _ flags: String = "") throws -> NpzArchive {
    let path = shell.folder + "/fields.npz"
    try shell.run("sta twin on sim/gaborium \(flags) --save \(path)")
    return try NpzArchive(path: path)
  }

  /// The largest difference between chosen rows of `ours` and all of `theirs`, as a share of their largest value.
  private func difference(_ ours: NpzArchive, _ theirs: NpzArchive, _ name: String, rows: String) throws -> Float {
    let expected = try theirs.tensor(name)
    let values = try ours.tensor(name).gathering(rows: theirs.integers(rows))
    try #require(values.shape == expected.shape)
    let peak = expected.values.reduce(0) { max($0, abs($1)) }
    return zip(values.values, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) } / peak
  }

  @Test("Plain averages equal VisionCore's")
  func plain() throws {
    let ours = try archive(Shell())
    let theirs = try NpzArchive(path: Self.expected)
    for name in ["sta_robs", "ste_robs", "sta_rhat", "ste_rhat"] {
      // Theirs and ours are sums in float32.
      #expect(try difference(ours, theirs, name, rows: "sta_cells") < 2e-6, "\(name)")
    }
  }

  @Test("Whitened z-maps equal VisionCore's, and the plain averages stand beside them")
  func whitened() throws {
    let ours = try archive(Shell(), "--whiten")
    let theirs = try NpzArchive(path: Self.expected)
    for name in ["zsta_robs", "zste_robs", "zsta_rhat", "zste_rhat"] {
      // Exact float64 differs from theirs by 3e-5 of the map's largest value.
      #expect(try difference(ours, theirs, name, rows: "z_cells") < 1e-4, "\(name)")
    }
    #expect(try difference(ours, theirs, "sta_rhat", rows: "sta_cells") < 2e-6)
    for (name, tolerance) in [("whiten_mu", 1e-7), ("whiten_mu2", 5e-6)] {
      let pairs = try zip(ours.doubles(name), theirs.doubles(name))
      #expect(pairs.allSatisfy { abs($0 - $1) < tolerance }, "\(name)")
    }
  }

  @Test("A cell with a clear field: data and model look at the same place at the same time")
  func numbers() throws {
    let shell = try Shell()
    let table = try shell.table("sta twin on sim/gaborium")
    #expect(table.rowCount == 16)
    let row = table.record(8)
    func number(_ name: String) throws -> Double { try #require(row[name]?.number) }
    #expect(row["cid"]?.plainText == "8" && row["map"]?.plainText == "sta")
    #expect(try number("snr") > 6)
    // Simulated cells peak between 4.9 and 7.8 bins.
    #expect((4.9...7.8).contains(try number("peak_lag")))
    #expect(try abs(number("peak_lag") - number("peak_lag_model")) < 1)
    #expect(try abs(number("peak_lag_ms") - number("peak_lag") * 1000 / 120) < 1e-9)
    #expect(try abs(number("center_y") - number("center_y_model")) < 1)
    #expect(try abs(number("center_x") - number("center_x_model")) < 1)
    #expect(try number("r_sta") > 0.5)
    #expect(try abs(number("snr") - number("snr_sta")) < 1e-12)
    #expect(row["reason"] == .null)
  }

  @Test("One lag more than the mask vouches for leaves the frames out whose window is not whole")
  func windows() throws {
    let shell = try Shell()
    func frames(_ lags: Int) throws -> Int {
      let note = try #require(try shell.table("sta twin on sim/gaborium --lags \(lags)").note)
      let words = note.split(separator: " ")
      return try #require(words.firstIndex(of: "frames,").flatMap { Int(words[$0 - 1]) })
    }
    let whole = try frames(18)
    #expect(try frames(5) == whole)
    #expect(try frames(20) < whole)
  }

  @Test("A split is a choice of frames, and all of them are taken by default")
  func splits() throws {
    let shell = try Shell()
    func spikes(_ flags: String) throws -> Double {
      let table = try shell.table("sta twin on sim/gaborium \(flags)")
      return try #require(table["spikes"]?.numbers).compactMap(\.self).reduce(0, +)
    }
    #expect(try spikes("") == spikes("--split train") + spikes("--split val"))
  }

  @Test("rf shows both fields with outlines, the time course and the row of the table")
  func screen() throws {
    let shell = try Shell()
    let report = try shell.report("rf twin 8 on sim/gaborium")
    let row = try shell.table("sta twin on sim/gaborium").record(8)
    let maps = report.sections.compactMap { section -> Figure.Map? in
      if case .figure(let figure) = section.body { figure.map } else { nil }
    }
    #expect(maps.count == 2)
    #expect(maps.allSatisfy { $0.rows == 25 && $0.columns == 25 && $0.outline.count > 8 })
    guard case .table(let numbers) = report.sections.first?.body else {
      Issue.record("no table of numbers")
      return
    }
    for (line, suffix) in ["", "_model"].enumerated() {
      for name in ["peak_lag", "snr_sta", "center_x"] {
        let (a, b) = (numbers.record(line)[name]?.number, row[name + suffix]?.number)
        // One cell's product is shaped otherwise than that of all.
        #expect(try abs(#require(a) - #require(b)) < 1e-3, "\(name)")
      }
    }
    guard case .figure(let courses) = report.sections.last?.body else {
      Issue.record("no time course")
      return
    }
    #expect(courses.series.count == 2 && courses.series.allSatisfy { $0.x.count == 18 })
  }

  @Test("A cell without spikes has no field and says why; the model's stands")
  func silent() throws {
    let shell = try Shell(opened: false)
    let file = shell.folder + "/Sim_2025-01-17"
    try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: true)
    let data = try DictDataset(path: Fixtures.path("twin/Sim_2025-01-17/gaborium.dset"))
    let frames = 600
    let rows = 0..<frames
    var counts = try data.tensor("robs", rows: rows)
    for frame in rows { counts.values[frame * 16 + 3] = 0 }
    let mask = try data.tensor("dfs", rows: rows)
    let pixels = try data.tensor("stim", rows: rows).values.map { UInt8($0) }
    let gaze = try data.tensor("dpi_valid", rows: rows)
    try DatasetWriter(
      session: "Sim_2025-01-17", rateHz: 120,
      covariates: [
        .init("stim", shape: [frames, 25, 25], uint8: Data(pixels)),
        .init("robs", shape: counts.shape, float: counts.values),
        .init("dfs", shape: mask.shape, float: mask.values),
        .init("dpi_valid", shape: gaze.shape, float: gaze.values),
        .init("trial_inds", shape: [frames], int64: try data.integers("trial_inds").prefix(frames).map { Int64($0) }),
      ]
    ).write(to: file + "/gaborium.dset")
    try shell.run("open \(Shell.template)/checkpoints/twin.ckpt as twin")
    try shell.run("open \(file) as sim --config \(Fixtures.path("twin/multi_sim_120_all.yaml"))")
    let row = try shell.table("sta twin on sim/gaborium").record(3)
    #expect(row["spikes"]?.number == 0 && row["snr"] == .null && row["r_sta"] == .null)
    #expect(row["snr_model"]?.number != nil)
    #expect(row["reason"]?.plainText == "no spikes")
    #expect(try shell.report("rf twin 3 on sim/gaborium").sections.count == 3)
  }

  @Test("Frames at which the eye moves are left out, and how many is said")
  func eyeSpeed() throws {
    let shell = try Shell()
    let note = try #require(try shell.table("sta twin on sim/fixrsvp --max-eye-speed 5").note)
    #expect(note.contains("1642 frames") && note.contains("eye slower than 5 deg/s (804 frames left out)"))
    #expect(try shell.failure("sta twin on sim/fixrsvp --max-eye-speed 0.001").hint?.contains("slowest") == true)
  }

  @Test("What the eye's speed can't tell is refused")
  func eyeSpeedRefusals() throws {
    let shell = try Shell()
    #expect(try shell.failure("sta twin on sim/gaborium --max-eye-speed 0").kind == .usage)
    try ChangedRecording().open(in: shell)
    let failure = try shell.failure("sta twin on changed/gaborium --max-eye-speed 5")
    #expect(failure.message.contains("no `eyepos`"))
  }

  /// VisionCore's own cache of the same analysis: 16 lags, whitened, frames with the eye at 5 deg/s or more dropped.
  ///
  /// Exact float64 differs from theirs by 3e-5 of the largest value. No frame of the first recording is dropped, neither here
  /// nor there. Of the second VisionCore drops two that lie beside a gap: it takes the evaluated frames for neighbours, so a
  /// jump between trials is a movement of the eye.
  @Test(
    "Maps without eye movements are those of VisionCore's cache", .enabled(if: Fixtures.hasShared),
    arguments: [("Sim_2025-01-10", 0, 1e-4, 1 - 1e-8), ("Sim_2025-01-17", 1, 0.12, 0.997)])
  func cachedMaps(recording: String, number: Int, largest: Double, alike: Double) throws {
    let shell = try Shell()
    try shell.run(
      "open \(Fixtures.shared("twin/\(recording)")) as rec --config \(Fixtures.shared("twin/multi_sim_120_all.yaml"))")
    let path = shell.folder + "/maps.npz"
    let table = try shell.table(
      "sta twin on rec/gaborium --whiten --map ste --lags 16 --max-eye-speed 5 --save \(path)")
    let ours = try NpzArchive(path: path)
    let cache = try TorchArchive(path: Fixtures.shared("caches/twin/twin_dataset\(number)_sta_cache.pt"))
    for name in ["sta_robs", "ste_robs", "sta_rhat", "ste_rhat"] {
      let parts = name.split(separator: "_")
      let theirs = try cache.tensor(#require(cache.root["Z_\(parts[0].uppercased())_\(parts[1])"]?.tensorReference))
      let maps = try ours.tensor("z" + name)
      // Theirs is lag, y, x, cell.
      let (cells, size) = (maps.shape[0], maps.shape[1] * maps.shape[2] * maps.shape[3])
      try #require(theirs.count == cells * size)
      let peak = theirs.values.reduce(0) { max($0, abs($1)) }
      for cell in 0..<cells {
        let a = Array(maps.values[cell * size..<(cell + 1) * size])
        let b = (0..<size).map { theirs.values[$0 * cells + cell] }
        #expect(zip(a, b).allSatisfy { Double(abs($0 - $1)) < largest * Double(peak) }, "\(name), cell \(cell)")
        #expect(Self.correlation(a, b) > alike, "\(name), cell \(cell)")
      }
    }
    let lags = try #require(table["peak_lag"]?.numbers)
    let theirs = try cache.doubles(#require(cache.root["peak_lag_subpixel_robs"]?.tensorReference))
    #expect(zip(lags, theirs).allSatisfy { abs(($0 ?? -1) - $1) < (number == 0 ? 1e-3 : 0.5) })
  }

  private static func correlation(_ a: [Float], _ b: [Float]) -> Double {
    func mean(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) } / Double(values.count) }
    let (meanA, meanB) = (mean(a), mean(b))
    var (aa, bb, ab) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      let (dx, dy) = (Double(x) - meanA, Double(y) - meanB)
      (aa, bb, ab) = (aa + dx * dx, bb + dy * dy, ab + dx * dy)
    }
    return ab / (aa * bb).squareRoot()
  }

  @Test("What can't be done is said with a way out")
  func refusals() throws {
    let shell = try Shell()
    #expect(try shell.failure("rf twin 99 on sim/gaborium").message.contains("no cell 99"))
    #expect(try shell.failure("sta twin on sim/gaborium --lags 0").kind == .usage)
    #expect(try shell.failure("sta twin on sim/gaborium --save maps.mat").hint?.contains(".npz") == true)
    #expect(try shell.failure("sta twin on sim/fixrsvp --lags 100").kind == .undefined)
  }
}
