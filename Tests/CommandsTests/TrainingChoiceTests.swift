import Base
import Foundation
import TestSupport
import Testing

@Suite("Which epoch of a training is chosen, and when it ends")
struct TrainingChoiceTests {
  private static let train = "train twin on sim/gaborium --epoch-steps 1 --batch-size 8"

  @Test(
    "A training ends after --patience validations without a better score, and the best epoch is kept beside the last")
  func patience() throws {
    let shell = try Shell()
    // A rate at which the score falls at once.
    let table = try shell.table("\(Self.train) --epochs 30 --lr 0.05 --patience 2 as t")
    let scores = try #require(table["val_bits_per_spike"]?.numbers).compactMap(\.self)
    let best = try #require(scores.indices.max { (scores[$0], $1) < (scores[$1], $0) })
    #expect(scores.count == best + 3 && scores.count < 30)
    #expect(table.note?.contains("did not improve any more (--patience)") == true)
    #expect(try shell.table("runs")["state"]?.values == .string(["finished"]))
    let cells = try #require(try shell.table("eval t-best on sim/gaborium")["bits_per_spike"]?.numbers).compactMap(
      \.self)
    #expect(abs(scores[best] - cells.reduce(0, +) / Double(cells.count)) < 1e-5)
    #expect(try shell.failure("resume t-best").message.contains("is a copy of the best epoch"))
    #expect(
      try shell.table("lineage t-best --table").record(0)["detail"] == .string("selected on the validation trials"))
    #expect(try shell.table("lineage t --table").record(0)["detail"] == .null)
    #expect(try shell.report("show t-best").sections.contains { $0.heading == "training" })

    let failure = try shell.failure("\(Self.train) --epochs 2 as t-best")
    #expect(failure.kind == .conflict)
    try shell.run("rename t other")
    #expect(try shell.failure("\(Self.train) --epochs 2 as t").message.contains("the name `t-best` is taken"))
  }

  @Test("--steps alone takes as many epochs as it needs, and a patience that can't end the training is refused")
  func lengths() throws {
    let shell = try Shell()
    let table = try shell.table("train twin on sim/gaborium --epoch-steps 2 --batch-size 8 --steps 5 as t")
    #expect(table["steps"]?.values == .int([2, 2, 1]))
    #expect(try shell.table("\(Self.train) --epochs 2 --steps 5 as u").rowCount == 2)
    let failure = try shell.failure("\(Self.train) --epochs 4 --patience 3 as v")
    #expect(failure.message.contains("ends a training after 4 validations at the earliest, and there are 4"))
  }

  @Test("The test part is neither trained nor validated on, and is scored once at the end")
  func threeParts() throws {
    let shell = try Shell()
    let table = try shell.table("\(Self.train) --epochs 3 --split 0.6,0.2,0.2 as t")
    #expect(table.note?.contains("test trials, which no step and no validation of this training has seen") == true)
    #expect(shell.allNotes.contains("validation and test trials are training trials of the recording's own split"))
    #expect(try shell.table("curves t --metric test_bits_per_spike").rowCount == 1)
    let failure = try shell.failure("\(Self.train) --split 0.9,0.05,0.05 as u")
    #expect(failure.message.contains("is larger than the recording's own of 0.8"))
    for wrong in ["0.5,0.5", "0.5,0.2,0.2", "1,0,0", "a,b,c"] {
      #expect(try shell.failure("\(Self.train) --split \(wrong) as u").message.contains("which add up to 1"))
    }
  }

  @Test("A time budget fits the steps into the minutes, and the same number of steps gives the same twin again")
  func minutes() throws {
    let shell = try Shell()
    let started = ContinuousClock.now
    let table = try shell.table("\(Self.train) --minutes 0.05 --val-every 0 --lr 0.001 as t")
    let seconds = started.duration(to: .now) / .seconds(1)
    let note = try #require(table.note)
    let match = try #require(note.firstMatch(of: /`(--epochs \d+ --steps \d+)` in place of --minutes/), "\(note)")
    try shell.run("\(Self.train) \(match.1) --val-every 0 --lr 0.001 as again")
    #expect(try shell.table("diff t again --tensors | where changed > 0").rowCount == 0)
    let words = match.1.split(separator: " ")
    let steps = try #require(Int(words[3]))
    #expect(try shell.table("curves t --metric train_loss").rowCount == steps)
    // A loaded machine may be slower than it was timed, never by so much.
    #expect(seconds < 60)
    #expect(
      try shell.failure("\(Self.train) --minutes 0.1 --epochs 3 as u").message.contains("--minutes says how long"))
    #expect(try shell.failure("\(Self.train) --minutes 0.000001 as u").message.contains("not one step fits"))
  }

  @Test("--tensorboard writes records that are read whole, with the losses and scores of `curves`, and histograms")
  func tensorboard() throws {
    let shell = try Shell()
    let folder = shell.folder + "/events"
    try shell.run("\(Self.train) --epochs 2 --tensorboard \(folder) as t")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count == 1)
    let data = try Data(contentsOf: URL(filePath: "\(folder)/\(try #require(files.first))"))
    for tag in ["brain.Event:2", "readouts.1.bias"] { #expect(data.range(of: Data(tag.utf8)) != nil, "\(tag)") }
    // Reading stops at a record whose checksum is wrong, and says so.
    try shell.run("open \(folder) as logs")
    #expect(!shell.allNotes.contains("records before it"), "\(shell.allNotes)")
    for metric in ["train_loss", "val_bits_per_spike"] {
      let own = try shell.table("curves t --metric \(metric)")
      let read = try shell.table("curves logs --metric \(metric)")
      #expect(try read.known("step") == own.known("step"), "\(metric)")
      // Scalars are float32.
      #expect(try read.known("value") == own.known("value").map { Double(Float($0)) }, "\(metric)")
    }
  }
}
