import Base
import Metrics
import TestSupport
import Testing

@Suite("Why a cell is fitted badly")
struct WhyTests {
  @Test("A cell that is off scale on a stimulus that was not trained on is found, with the score that calibrate brings")
  func scale() throws {
    let shell = try Shell()
    let table = try shell.table("why twin 8 on sim/gaborium")
    #expect(table.record(0)["cause"] == .string("gain or offset"))
    #expect(table.record(0)["found"] == .bool(true))
    let raw = try #require(shell.table("eval twin on sim/gaborium | where cid == 8")["bits_per_spike"]?.numbers?[0])
    let evidence = try #require(table.record(0)["evidence"]?.plainText)
    #expect(evidence.contains("-1.51 to "), "\(raw): \(evidence)")
    #expect(abs(raw + 1.51) < 0.005)
    #expect(table.rowCount == 11)
    let strengths = try #require(table["strength"]?.numbers).compactMap(\.self)
    #expect(strengths == strengths.sorted(by: >))
  }

  @Test("Gain and offset are those of calibrate on all trials, in one unit; a capped strength says so")
  func agrees() throws {
    let shell = try Shell()
    let evidence = try #require(
      shell.table("why twin 8 on sim/gaborium --quick | where cause == 'gain or offset'").record(0)["evidence"]?
        .plainText)
    let fit = try shell.table("calibrate twin on sim/gaborium --split all | where cid == 8").record(0)
    let (gain, offset) = try (#require(fit["gain"]?.number), #require(fit["offset"]?.number))
    #expect(
      evidence.hasPrefix(
        "fitted to all trials: gain \(NumberText.of(gain)), offset \(NumberText.of(offset)) counts/bin (\(NumberText.of(offset * 120)) Hz)"
      ),
      "\(evidence)")
    let few = try shell.table("why twin 5 on sim/gaborium --quick | where cause == 'few spikes'").record(0)
    #expect(few["strength"] == .double(4))
    #expect(few["evidence"]?.plainText.hasSuffix("; strength capped at 4") == true)
    #expect(!evidence.contains("capped"))
  }

  @Test("Counts that were turned in time are not visual; cells whose prediction hardly varies are not called so")
  func notVisual() throws {
    let shell = try Shell()
    try shell.run("damage sim as turned --cells 8 --scramble")
    let table = try shell.table("why twin 8 on turned/fixrsvp --quick | where found and cause == 'not visual'")
    #expect(table.rowCount == 1)
    let all = try shell.table("why twin on sim/fixrsvp --quick | where cause == 'not visual'")
    #expect(all["cid"]?.numbers?.contains { $0 == 1 || $0 == 8 } != true)
    for cid in [4, 6] {
      let row = try shell.table("why twin \(cid) on sim/fixrsvp --quick | where cause == 'not visual'").record(0)
      #expect(row["evidence"]?.plainText.contains("repeats of fixrsvp agree with p") == true, "\(row)")
    }
  }

  @Test("Where the mask leaves few spikes, masked bins come first")
  func masked() throws {
    let shell = try Shell()
    try shell.run("damage sim as covered --cells 7 --mask 0.6")
    let table = try shell.table("why twin 7 on covered/fixrsvp --quick | where found")
    let row = try #require((0..<table.rowCount).first { table.record($0)["cause"] == .string("few spikes") })
    let evidence = try #require(table.record(row)["evidence"]?.plainText)
    #expect(evidence.contains("strength capped below that of the masked bins"))
    let before = (0..<row).map { table.record($0)["cause"] }
    #expect(before.contains(.string("masked bins")))
    // 53 spikes are expected without the mask, by the bins that are left.
    #expect(evidence.contains("because about 53 spikes are expected without the mask"), "\(evidence)")
    let few = try shell.table("why twin 5 on sim/fixrsvp --quick | where cause == 'few spikes'").record(0)
    #expect(few["found"] == .bool(true) && few["evidence"]?.plainText.contains("mask") == false)
  }

  @Test("A readout is not refitted where every trial shows the same frames, nor with --quick")
  func noRefit() throws {
    let shell = try Shell()
    let table = try shell.table("why twin 8 on sim/fixrsvp | where cause == \"readout's weights\"")
    #expect(table.record(0)["strength"] == .null)
    #expect(table.record(0)["evidence"]?.plainText.contains("same frames") == true)
    let quick = try shell.table("why twin 8 on sim/gaborium --quick | where cause == \"readout's weights\"")
    #expect(quick.record(0)["evidence"]?.plainText.contains("--quick") == true)
  }

  @Test("Predictions of another program are diagnosed by rates and counts; what needs the twin is null with the reason")
  func predictions() throws {
    let shell = try Shell()
    try shell.run("predict twin on sim/gaborium --split all as rates")
    let table = try shell.table("why rates 8")
    #expect(table.rowCount == 11)
    for cause in ["readout's place", "readout's width", "readout's weights", "starved in the loss"] {
      let row = try #require((0..<table.rowCount).first { table.record($0)["cause"] == .string(cause) })
      #expect(table.record(row)["strength"] == .null, "\(cause)")
      #expect(table.record(row)["evidence"]?.plainText.contains("`rates` holds predictions") == true, "\(cause)")
    }
    #expect(table.record(0)["cause"] == .string("gain or offset"))
    #expect(try shell.table("why rates").rowCount == 16)
    #expect(table.note?.hasSuffix("bins of split all") == true)
    #expect(try shell.failure("why rates 99").hint == "its cids are 0-15")
    #expect(try shell.failure("why rates 8 on sim/fixrsvp").hint == "leave out `on …`")
    #expect(try shell.failure("why twin 8").hint == "why twin … on REC/STIM")
  }

  @Test("Bins are called held-out only where they are known to be: not those of a file that does not say")
  func unknownSplit() throws {
    let shell = try Shell()
    let path = shell.folder + "/rates.npz"
    try shell.run("predict twin on sim/gaborium as rates; export rates \(path); open \(path) as file")
    func evidence(_ table: Table) -> String {
      (0..<table.rowCount).compactMap { table.record($0)["evidence"]?.plainText }.joined(separator: "\n")
    }
    let known = try shell.table("why rates 8")
    #expect(evidence(known).contains(" held-out spikes in ") && known.note?.hasSuffix("bins of split val") == true)
    let unknown = try shell.table("why file 8")
    #expect(!evidence(unknown).contains("held-out") && evidence(unknown).contains(" scored spikes in "))
    #expect(unknown.note?.hasSuffix("which does not say whether they were trained on or held out") == true)
  }

  @Test("Where several causes are found, the evidence of each says which remedy raises the score most")
  func several() throws {
    let shell = try Shell()
    try shell.run("damage sim as both --cells 8 --drift 0.9")
    let table = try shell.table("why twin 8 on both/fixrsvp --quick | where found")
    #expect(table.rowCount > 1)
    let evidence = (0..<table.rowCount).compactMap { table.record($0)["evidence"]?.plainText }
    #expect(evidence.count { $0.contains("this one raises the score most") } == 1)
    #expect(evidence.count { $0.contains("raises the score more") } == table.rowCount - 1)
  }

  @Test("A recording with several stimuli of which none was trained on has to be told which")
  func whole() throws {
    let shell = try Shell()
    let failure = try shell.failure("why twin 8 on sim")
    #expect(failure.message == "`sim` is a recording: choose one of sim/fixrsvp, sim/gaborium")
    #expect(failure.hint == "why … on sim/fixrsvp")
    #expect(try shell.failure("why twin 99 on sim/gaborium").hint == "its cids are 0-15")
  }

  @Test("A readout that was made after training has no share of the training's gradients")
  func madeAfterwards() throws {
    let shell = try Shell()
    try shell.run("refit twin readout on nova/backimage as fitted --l2 0.003")
    let table = try shell.table("why fitted 4 on nova | where cause == 'starved in the loss'")
    #expect(table.rowCount == 1 && table.record(0)["strength"] == .null)
    #expect(
      table.record(0)["evidence"]
        == .string("it is not known whether this head was trained on this stimulus together with the core"))
  }

  @Test("A copy differs from its original in the damaged cells alone, also where the file has no mask")
  func withoutMask() throws {
    let shell = try Shell()
    var recording = try ChangedRecording()
    recording.hasMask = false
    try recording.open(in: shell)
    try shell.run("damage changed as thinned --cells 8 --thin 0.5")
    let before = try shell.table("eval twin on changed/gaborium --split all | where cid != 8")
    #expect((before["spikes"]?.numbers?[0] ?? 0) > 0)
    let after = try shell.table("eval twin on thinned/gaborium --split all | where cid != 8")
    #expect(after.columns == before.columns)
    try shell.run("damage changed as covered --cells 8 --mask 0.5")
    let covered = try shell.table("eval twin on covered/gaborium --split all | where cid != 8")
    #expect(covered.columns == before.columns)
  }

  @Test("Damaged copies keep the original, and undo takes them away")
  func damage() throws {
    let shell = try Shell()
    let record = try shell.record("damage sim as thinned --cells 8,10-11 --thin 0.5")
    #expect(record["cells"] == .string("8, 10-11"))
    let before = try shell.table("eval twin on sim/gaborium --split all")
    let after = try shell.table("eval twin on thinned/gaborium --split all")
    #expect(before.rowCount == 16)
    for row in 0..<before.rowCount {
      let (a, b) = (before.record(row), after.record(row))
      let isDamaged = [8, 10, 11].contains(a["cid"]?.number)
      #expect((a["spikes"] == b["spikes"]) != isDamaged)
      if isDamaged { #expect((b["spikes"]?.number ?? 0) < 0.65 * (a["spikes"]?.number ?? 0)) }
    }
    #expect(String(describing: try shell.report("show thinned")).contains("thin 0.5, cells 8, 10-11, seed 42"))
    let twice = try shell.record("damage thinned as both --cells 8 --mask 0.5")
    #expect(twice["fault"] == .string("mask 0.5, cells 8, seed 42"))
    let masked = try shell.table("eval twin on both/gaborium --split all | where cid == 8")
    let left = try #require(masked["spikes"]?.numbers?[0])
    #expect(left > 0 && left < 0.8 * (after["spikes"]?.numbers?[8] ?? 0))
    try shell.run("undo")
    #expect(!(try shell.names().contains("both")))
  }

  @Test("A twin's readouts are moved for the chosen cells alone")
  func damagedTwin() throws {
    let shell = try Shell()
    try shell.run("damage twin as moved --head Sim_2025-01-17 --cells 8 --shift 1.5")
    let before = try shell.table("eval twin on sim/gaborium")
    let after = try shell.table("eval moved on sim/gaborium")
    #expect(before.rowCount == 16)
    for row in 0..<before.rowCount {
      let same = before.record(row)["bits_per_spike"] == after.record(row)["bits_per_spike"]
      #expect(same == (before.record(row)["cid"] != .int(8)))
    }
  }

  @Test(
    "A fault that does not fit is named",
    arguments: [
      ("damage sim as x", "a fault for the recording `sim` is needed"),
      ("damage sim as x --drift 2", "--drift is a share, above 0 and up to 1"),
      ("damage sim as x --shift 2", "a fault for the recording `sim` is needed"),
      ("damage sim as x --thin 0.5 --mask 0.5", "one fault a copy"),
      ("damage sim as x --cells 77 --thin 0.5", "no cell 77"),
      ("damage sim as x --cells a --thin 0.5", "`a` is not a cid or a range of cids"),
      ("damage sim as x --cells 3- --thin 0.5", "`3-` is not a cid or a range of cids"),
      ("damage sim as x --cells 3,,4 --thin 0.5", "`` is not a cid or a range of cids"),
      ("damage twin as x --head 1 --shift 0", "--shift is a number of pixels above 0"),
      ("damage sim as nova --thin 0.5", "the name `nova` is taken by a recording"),
    ])
  func refused(command: String, message: String) throws {
    let shell = try Shell()
    #expect(try shell.failure(command).message == message)
    #expect(try shell.names() == ["nova", "sim", "twin"])
  }
}
