import Base
import Formats
import TestSupport
import Testing

@Suite("How a twin reads time")
struct TemporalTests {
  @Test("Every kernel of the frontend has its indices, and the taps that a window holds are named")
  func kernels() throws {
    let table = try Shell().table("temporal twin")
    #expect(table["kernel"]?.count == 4)
    #expect(table["weight_lag0"]?.numbers == [0, 0, 0, 0])
    // Lags 2, 4, 5 and 6 at 120 Hz.
    let peaks = try #require(table["peak_ms"]?.numbers).map { ($0 ?? 0) * 0.12 }
    #expect(zip(peaks, [2, 4, 5, 6]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(table["zero_taps"]?.numbers == [2, 2, 2, 2])
    #expect(table["remark"]?[0] == .string("taps 0 and 11 can't move: the hann window is 0 there"))
    #expect(table.note?.contains("tap j of output step t reads lag t + j") == true)
    // Whoever prints a note ends it as the place demands.
    #expect(table.note?.hasSuffix(".") == false)
  }

  @Test("--save writes the effective kernels and their spectra")
  func save() throws {
    let shell = try Shell()
    let file = shell.folder + "/kernels.npz"
    try shell.run("temporal twin --save \(file)")
    let saved = try NpzArchive(path: file)
    let expected = try NpzArchive(path: Fixtures.path("twin_lag0/kernels.npz")).tensor("twin/after")
    let kernels = try saved.tensor("kernels")
    #expect(kernels.shape == expected.shape)
    #expect(zip(kernels.values, expected.values).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(try saved.tensor("power").shape == [4, 65])
    #expect(try saved.doubles("hz").last == 60)
  }

  @Test("The whole path: lags that a window zeroes have no say, and the rows say what the response says")
  func path() throws {
    let shell = try Shell()
    let file = shell.folder + "/path.npz"
    let table = try shell.table("temporal twin on sim/gaborium --windows 6 --save \(file)")
    #expect(table["cid"]?.count == 16)
    #expect(table["weight_lag0"]?.numbers?.allSatisfy { $0 == 0 } == true)
    #expect(table.note?.contains("no cell responds at lag 0, 17") == true)
    let saved = try NpzArchive(path: file)
    let share = try saved.doubles("share")
    let mean = try #require(table["mean_ms"]?.numbers)
    for cell in 0..<16 {
      let shares = share[cell * 18..<(cell + 1) * 18]
      #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
      let expected = shares.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } / 0.12
      #expect(abs((mean[cell] ?? 0) - expected) < 1e-9)
    }
    #expect(try saved.tensor("response").shape == [6, 18, 16])
  }

  /// 64 windows for the reference's 192, and one random pattern each: shares of up to 0.15 are known to a quarter.
  @Test("A twin without the window hears lag 0, hardly: shares by lag near those of exact gradients")
  func withoutWindow() throws {
    let shell = try Shell(opened: false)
    try shell.run(
      "open \(Fixtures.path("twin_lag0/twin_lag0.ckpt")) as lag0 --config \(Fixtures.path("twin/multi_sim_120_backimage.yaml"))"
    )
    try shell.run("open \(Fixtures.path("twin/multi_sim_120_all.yaml"))")
    let table = try shell.table("temporal lag0 on Sim_2025-01-17/backimage --windows 64 --by lag")
    let share = try #require(table["share"]?.numbers)
    let exact = try NpzArchive(path: Fixtures.path("twin_lag0/composite_Sim_2025-01-17.npz"))
      .doubles("natural_energy_share_by_lag")
    func mean(_ values: [Double?], _ lag: Int) -> Double {
      let cells = (0..<16).map { cell -> Double in values[cell * 18 + lag] ?? 0 }
      return cells.reduce(0, +) / 16
    }
    for lag in 0..<18 {
      #expect(abs(mean(share, lag) - mean(exact, lag)) < 0.04, "lag \(lag)")
    }
    let early = (0..<16).map { (cell: Int) -> Double in (share[cell * 18] ?? 1) + (share[cell * 18 + 1] ?? 1) }
    #expect(early.allSatisfy { $0 > 0 && $0 < 0.01 })
    #expect(try shell.table("temporal lag0")["zero_taps"]?.numbers == [0, 0, 0, 0])
  }

  @Test("A flash has a response with its sign; --by frequency reaches half the rate; a seed gives the same again")
  func details() throws {
    let shell = try Shell()
    let flash = try shell.table("temporal twin on sim/gaborium --windows 2 --step flash --by lag")
    #expect(flash.names == ["cid", "lag", "ms", "sensitivity", "share", "response"])
    #expect(flash["response"]?.numbers?.contains { ($0 ?? 0) < 0 } == true)
    let spectra = try shell.table("temporal twin --by frequency")
    #expect(spectra["hz"]?.numbers?.compactMap(\.self).max() == 60)
    let noise = "temporal twin on sim/gaborium --windows 2"
    #expect(try shell.table(noise) == shell.table(noise))
    #expect(try shell.table(noise) != shell.table(noise + " --seed 7"))
  }

  @Test("--data puts the peak lags of both receptive fields beside the path's, where they stand clear of the noise")
  func data() throws {
    let shell = try Shell()
    let table = try shell.table("temporal twin on sim/gaborium --windows 2 --data")
    let fields = try shell.table("sta twin on sim/gaborium")
    let snr = try #require(fields["snr"]?.numbers)
    #expect(table["data_snr"]?.numbers == snr)
    var clear = 0
    for row in 0..<table.rowCount {
      let (record, field) = (table.record(row), fields.record(row))
      #expect(record["cid"] == field["cid"])
      guard field["clear"] == .bool(true) else {
        #expect(record["data_ms"] == .null && record["late_ms"] == .null)
        #expect(record["remark"]?.plainText.contains("no clear field") == true)
        continue
      }
      clear += 1
      #expect(record["data_ms"] == field["peak_lag_ms"])
      let (model, data) = (try #require(record["model_ms"]?.number), try #require(record["data_ms"]?.number))
      #expect(record["model_ms"] == field["peak_lag_ms_model"])
      #expect(record["late_ms"]?.number == model - data)
    }
    #expect((2...5).contains(clear), "some fields are clear, most are not")
    #expect(table.note?.contains("\(clear) of 16 cells have one") == true)
    let all = try shell.table("temporal twin on sim/gaborium --windows 2 --data --min-snr 1")
    #expect(all["late_ms"]?.numbers?.allSatisfy { $0 != nil } == true)
  }

  @Test("A rate that the configuration does not tell is unknown, not guessed")
  func unknownRate() throws {
    let shell = try Shell(opened: false)
    try shell.run("open \(Fixtures.path("zoo/learned_resnet_none_convgru_gaussian/model.ckpt")) as zoo")
    let table = try shell.table("temporal zoo")
    #expect(table["peak_ms"]?.numbers?.allSatisfy { $0 == nil } == true)
    #expect(table["dc_share"]?.numbers?.allSatisfy { $0 != nil } == true)
    #expect(table.note?.contains("ms and Hz are unknown") == true)
  }

  @Test(
    "A twin with behaviour and spike history is measured too; the rate of its kernels is that of its open recording")
  func behaviour() throws {
    let shell = try Shell(
      zoo: "learned_dense_concat_convgru_gaussian_history", yaml: BehaviourRecordings.yaml())
    let path = try shell.table("temporal twin on rec/backimage --split all --windows 3")
    #expect(path["cid"]?.numbers == [1, 3, 5, 7, 9])
    let lags = try shell.table("temporal twin on rec/backimage --split all --windows 3 --by lag")
    let (times, shares) = (try lags.known("ms"), try lags.known("share"))
    for (cell, mean) in try path.known("mean_ms").enumerated() {
      let rows = (0..<lags.rowCount).filter { lags.record($0)["cid"]?.number == path.record(cell)["cid"]?.number }
      #expect(rows.count == 25)
      #expect(abs(mean - rows.reduce(0) { $0 + times[$1] * shares[$1] }) < 1e-9)
    }
    let kernels = try shell.table("temporal twin")
    #expect(kernels.note?.contains("the frame rate is that of rec/backimage") == true)
    #expect(kernels["peak_ms"]?.numbers?.allSatisfy { $0 != nil } == true)
    let without = try shell.failure("temporal twin on rec/backimage --split all --no-behavior")
    #expect(without.message.contains("can't run without behaviour"))
  }

  @Test("A twin that reads no stimulus has no path over time")
  func noStimulus() throws {
    let shell = try Shell(
      zoo: "modulator_only_convgru", yaml: BehaviourRecordings.yaml(rate: 240, lags: ""))
    #expect(try shell.failure("temporal twin on rec/backimage").message.contains("reads no stimulus"))
  }

  @Test("What can't be asked is refused")
  func refusals() throws {
    let shell = try Shell()
    #expect(try shell.failure("temporal twin --windows 5").message.contains("needs a stimulus"))
    #expect(try shell.failure("temporal twin on sim/gaborium --windows 0").message.contains("between 1"))
    #expect(try shell.failure("temporal twin on sim/gaborium --amplitude 0").message.contains("above 0"))
    #expect(try shell.failure("temporal twin --data").message.contains("needs a stimulus"))
    #expect(try shell.failure("temporal twin on sim/gaborium --data --by lag").message.contains("--by"))
    #expect(try shell.failure("temporal twin on sim/gaborium --min-snr 4").message.contains("--data"))
    #expect(try shell.failure("temporal twin on sim/gaborium --data --min-snr 0").message.contains("above 0"))
    #expect(try shell.failure("temporal twin --save /tmp/vcsh-kernels.txt").message.contains(".npz"))
    try shell.run("open \(Fixtures.path("zoo/modulator_only_convgru/model.ckpt")) as bare")
    #expect(try shell.failure("temporal bare").message.contains("no frontend"))
  }
}
