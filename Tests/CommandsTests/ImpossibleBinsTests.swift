import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Counts that can't be counts, masks that can't be masks, rates that are missing")
struct ImpossibleBinsTests {
  private func open(_ shell: Shell, _ change: (inout ChangedRecording) -> Void) throws {
    var recording = try ChangedRecording()
    change(&recording)
    try recording.open(in: shell)
  }

  private static let columns = ["spikes", "bits_per_spike", "r", "nll"]

  @Test(
    "One impossible count is masked with a note, and gives the same numbers as a masked bin through eval, predict, npz",
    arguments: [-1, .nan, .infinity, -.infinity] as [Float])
  func count(value: Float) throws {
    // Frames of valid bins, with a spike in them: leaving one out changes the numbers.
    func place(_ recording: ChangedRecording) -> Int {
      recording.counts.values.indices.last {
        $0 % 16 == 8 && recording.counts.values[$0] > 0 && recording.mask.values[$0] > 0
      } ?? 0
    }
    let masked = try Shell()
    try open(masked) { $0.mask.values[place($0)] = 0 }
    let expected = try masked.table("eval twin on changed/gaborium --split all")
    let shell = try Shell()
    try open(shell) { $0.counts.values[place($0)] = value }
    let direct = try shell.table("eval twin on changed/gaborium --split all")
    #expect(shell.allNotes.contains("changed/gaborium: 1 count can't be right"))
    #expect(direct == expected)
    try shell.run("predict twin on changed/gaborium --split all as kept")
    let kept = try shell.table("eval kept")
    for name in Self.columns { #expect(kept[name]?.numbers == expected[name]?.numbers, "\(name)") }
    // The same counts in an npz, made elsewhere.
    let file = shell.folder + "/kept.npz"
    try shell.run("export kept \(file)")
    let archive = try NpzArchive(path: file)
    var counts = try archive.tensor("robs")
    var mask = try archive.tensor("dfs")
    let hole = try #require(mask.values.indices.first { mask.values[$0] == 0 && $0 % 16 == 8 })
    counts.values[hole] = value
    mask.values[hole] = 1
    let other = shell.folder + "/other.npz"
    try NpzWriter.write(
      [
        NamedArray("rhat", try archive.tensor("rhat")), NamedArray("robs", counts), NamedArray("dfs", mask),
        NamedArray("cid", shape: [16], values: .int64(try archive.integers("cid"))),
        NamedArray("rate_hz", shape: [], values: .float64([120])),
      ], to: other)
    try shell.run("open \(other) as other")
    let opened = try shell.table("eval other")
    for name in Self.columns { #expect(opened[name]?.numbers == expected[name]?.numbers, "\(name)") }
    #expect(shell.allNotes.contains("other.npz: 1 count can't be right"))
    #expect(try shell.table("calibrate other").rowCount == 16)
  }

  @Test("Impossible masks are masked with a note", arguments: [-1, .nan, .infinity, 2, 255] as [Float])
  func mask(value: Float) throws {
    func place(_ recording: ChangedRecording) -> Int {
      recording.mask.values.indices.last { $0 % 16 == 8 && recording.mask.values[$0] > 0 } ?? 0
    }
    let masked = try Shell()
    try open(masked) { $0.mask.values[place($0)] = 0 }
    let shell = try Shell()
    try open(shell) { $0.mask.values[place($0)] = value }
    #expect(
      try shell.table("eval twin on changed/gaborium --split all")
        == masked.table("eval twin on changed/gaborium --split all"))
    #expect(shell.allNotes.contains("1 mask value can't be right"))
  }

  @Test("A cell that is not to be trusted has no part in the valid bins of show")
  func shownBins() throws {
    func shown(_ change: (inout ChangedRecording) -> Void) throws -> Record {
      let shell = try Shell()
      try open(shell, change)
      guard case .report(let report) = try shell.run("show changed"),
        case .table(let stimuli)? = report.sections.last?.body
      else { throw Failure(.format, "no report") }
      return stimuli.record(0)
    }
    func column(_ recording: ChangedRecording) -> [Int] { recording.mask.values.indices.filter { $0 % 16 == 8 } }
    let masked = try shown { recording in for index in column(recording) { recording.mask.values[index] = 0 } }
    let damaged = try shown { recording in for index in column(recording) { recording.counts.values[index] = .nan } }
    for field in ["spikes", "valid_bins", "mean_rate_hz"] {
      #expect(masked[field] != nil && damaged[field] == masked[field], "\(field)")
    }
  }

  @Test("More than a tenth of a cell's valid bins makes all its numbers undefined, in every command and kept or not")
  func damaged() throws {
    let shell = try Shell()
    try open(shell) { recording in
      let valid = recording.mask.values.indices.filter { $0 % 16 == 8 && recording.mask.values[$0] > 0 }
      // All at the end of the recording: a split of its beginning has none of them.
      for index in valid.suffix(valid.count / 8) { recording.counts.values[index] = -2 }
    }
    try shell.run(
      "predict twin on changed/gaborium --split all as kept; predict twin on changed/gaborium --split val as val")
    #expect(shell.allNotes.contains("more than a tenth of the valid bins"))
    for command in [
      "eval twin on changed/gaborium --split all", "eval twin on changed/gaborium", "eval kept", "eval val",
      "calibrate kept", "calibrate twin on changed/gaborium --split all",
    ] {
      let table = try shell.table(command)
      let row = try #require(table["cid"]?.numbers?.firstIndex(of: 8))
      #expect(table.record(row)["bits_per_spike"] == .null, "\(command)")
      #expect(
        table.record(row)["reason"]?.plainText == "more than a tenth of the valid bins can't be used", "\(command)")
      let reasons = (0..<table.rowCount).map { table.record($0)["reason"]?.plainText }
      #expect(reasons.count { $0 == "more than a tenth of the valid bins can't be used" } == 1, "\(command)")
    }
  }

  @Test("A cell whose counts can't be right has no part in a training, and the others train as if it were masked")
  func training() throws {
    let command = "train twin on changed/gaborium as t --steps 2 --batch-size 16"
    let masked = try Shell()
    try open(masked) { $0.cover(cell: 8) }
    let expected = try masked.table(command)
    let shell = try Shell()
    try open(shell) { recording in
      for index in recording.mask.values.indices where index % 16 == 8 && recording.mask.values[index] > 0 {
        recording.counts.values[index] = .nan
      }
    }
    let few = try shell.table("why twin 8 on changed/gaborium --quick | where cause == 'few spikes'").record(0)
    #expect(few["strength"] == .null && few["evidence"] == .string("more than a tenth of the valid bins can't be used"))
    let table = try shell.table(command)
    #expect(
      shell.allNotes.contains(
        "changed/gaborium: cell 8 has no part in the loss: more than a tenth of the valid bins can't be used"))
    #expect(table.columns == expected.columns)
  }

  @Test(
    "A missing rate where a count is valid leaves the score undefined in both shapes; frames without anything are no trial's"
  )
  func missingRates() throws {
    let (trials, times, cells) = (10, 40, 3)
    var generator = MersenneTwister(seed: 5)
    var rates = (0..<trials * times * cells).map { _ in Float(0.5 + generator.uniform()) }
    var counts = (0..<trials * times * cells).map { _ in Float(generator.uniform() < 0.5 ? 1 : 0) }
    // The last trial is shorter.
    for index in (trials * times - 5) * cells..<trials * times * cells {
      rates[index] = .nan
      counts[index] = .nan
    }
    let shell = try Shell(opened: false)
    func scores(_ shape: [Int]) throws -> Table {
      let path = shell.folder + "/\(shape.count).npz"
      try NpzWriter.write(
        [
          NamedArray("rhat", Tensor(shape: shape, values: rates)),
          NamedArray("robs", Tensor(shape: shape, values: counts)),
        ],
        to: path)
      try shell.run("open \(path) as p --replace")
      return try shell.table("eval p --metrics bits_per_spike,r_average")
    }
    let shapes = [[trials, times, cells], [trials * times, cells]]
    for shape in shapes { #expect(try scores(shape)["bits_per_spike"]?.numbers?.compactMap(\.self).count == 3) }
    #expect(!shell.allNotes.contains("can't be right"))
    rates[7] = .nan
    for shape in shapes {
      let table = try scores(shape)
      #expect(table.record(1)["bits_per_spike"] == .null)
      #expect(table.record(1)["reason"]?.plainText.contains("prediction is not finite") == true)
      #expect(table["bits_per_spike"]?.numbers?.compactMap(\.self).count == 2)
    }
  }
}
