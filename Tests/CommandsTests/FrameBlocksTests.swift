import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Answers kept block by block")
struct FrameBlocksTests {
  /// A shell on recordings of its own, which a test may damage.
  func shellOnCopies() throws -> Shell {
    let shell = try Shell(opened: false)
    try FileManager.default.copyItem(atPath: Shell.template + "/recordings", toPath: shell.folder + "/recordings")
    try shell.run("open \(Shell.template)/checkpoints/twin.ckpt as twin")
    try shell.run("open \(shell.folder)/recordings/Sim_2025-01-17 as sim")
    return shell
  }

  @Test("Ctrl-C keeps the blocks that are done, says so, and the next run computes the rest alone")
  func resumes() throws {
    let sink = StoppingSink(at: 700)
    let shell = try Shell(progress: sink)
    sink.cancellation = shell.session.work.cancellation
    let failure = try shell.failure("eval twin on sim/gaborium --split all")
    #expect(failure.kind == .interrupted)
    let kept = try #require(try shell.session.workspace.cachedAnswers().first?.frames)
    #expect(kept >= 256 && kept < 700)
    #expect(failure.message == "interrupted: \(kept) of 3165 frames of twin on sim/gaborium are kept")
    #expect(failure.hint == "run the same command again to continue")

    shell.session.work.cancellation.reset()
    sink.cancellation = nil
    let table = try shell.table("eval twin on sim/gaborium --split all")
    #expect(shell.allNotes == "\(kept) of 3165 frames of twin on sim/gaborium from the cache")
    #expect(sink.startedAt == kept)
    #expect(table == (try Shell().table("eval twin on sim/gaborium --split all")))
  }

  @Test("Ctrl-C before the first block is done is an interruption like any other")
  func nothingKept() throws {
    let sink = StoppingSink(at: 0)
    let shell = try Shell(progress: sink)
    sink.cancellation = shell.session.work.cancellation
    let failure = try shell.failure("eval twin on sim/gaborium")
    #expect(failure.kind == .interrupted)
    #expect(failure.message == "interrupted")
  }

  @Test("A row has the same bits whatever was asked before")
  func sameBits() throws {
    let alone = try Shell().table("eval twin on sim/gaborium --split val")
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium --split all")
    #expect(try shell.table("eval twin on sim/gaborium --split val") == alone)
  }

  @Test("A split is a choice of rows: val after all, and train after val, compute nothing twice")
  func splitsShare() throws {
    let sink = StoppingSink(at: .max)
    let shell = try Shell(progress: sink)
    let train = try shell.table("eval twin on sim/gaborium --split train")
    #expect(sink.startedAt == 0)
    _ = try shell.table("eval twin on sim/gaborium --split all")
    let frames = try #require(train.note?.firstMatch(of: /(\d+) frames/)).1
    #expect(sink.startedAt == Int(frames))
    sink.startedAt = nil
    for split in ["val", "train", "all"] { try shell.run("eval twin on sim/gaborium --split \(split)") }
    #expect(sink.startedAt == nil)
    #expect(try shell.table("eval twin on sim/gaborium --split train") == train)
    #expect(try shell.table("cache").rowCount == 1)
  }

  @Test("A cached answer does not read the stimulus; one that is not cached notices the damage")
  func stimulusUntouched() throws {
    let shell = try shellOnCopies()
    let first = try shell.table("eval twin on sim/gaborium")
    let path = shell.folder + "/recordings/Sim_2025-01-17/gaborium.dset"
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    // In the middle of the pixels, which are the first and by far the largest array.
    try file.seek(toOffset: 1_000_000)
    let pixels = try #require(try file.read(upToCount: 4))
    try file.seek(toOffset: 1_000_000)
    try file.write(contentsOf: Data(pixels.map { ~$0 }))
    try file.close()
    #expect(try shell.table("eval twin on sim/gaborium") == first)
    #expect(try shell.failure("eval twin on sim/gaborium --split all").message.contains("checksum"))
  }

  @Test("Damaged blocks are made again, never believed and never fatal", arguments: ["changed", "cut", "gone"])
  func damagedBlocks(how: String) throws {
    let shell = try Shell()
    let first = try shell.table("eval twin on sim/gaborium")
    let workspace = shell.session.workspace
    let answer = try #require(try workspace.cachedAnswers().first)
    let blocks = try workspace.cachedBlocks(answer.answer)
    let block = try #require(blocks.values.min { $0.block < $1.block })
    let path = workspace.objects.path(of: block.digest)
    var data = try Data(contentsOf: URL(filePath: path))
    data[data.count - 5] ^= 0x40
    switch how {
    case "changed": try data.write(to: URL(filePath: path))
    case "cut": try data.prefix(100).write(to: URL(filePath: path))
    default: try FileManager.default.removeItem(atPath: path)
    }
    #expect(try shell.table("eval twin on sim/gaborium") == first)
    #expect(shell.allNotes.contains("\(answer.frames - block.frames.count) of \(answer.frames) frames"))
    #expect(try workspace.objects.isWhole(block.digest))
  }

  @Test("Another configuration of the recording, another twin: another answer")
  func keys() throws {
    let shell = try shellOnCopies()
    try shell.run("eval twin on sim/gaborium")
    let yaml = shell.folder + "/recordings/multi_sim_120_all.yaml"
    let text = try String(contentsOfFile: yaml, encoding: .utf8).replacing("n_lags: 18", with: "n_lags: 20")
    try Data(text.utf8).write(to: URL(filePath: yaml))
    try shell.run("open \(shell.folder)/recordings/Sim_2025-01-17 as sim --replace")
    try shell.run("eval twin on sim/gaborium")
    #expect(try shell.table("cache").rowCount == 2)
    #expect(shell.allNotes.isEmpty, "nothing of the first answer is taken for the second")
  }

  @Test("Core features are kept in blocks too: a refit that was cut short goes on from them")
  func features() throws {
    let sink = StoppingSink(at: 600)
    let shell = try Shell(progress: sink)
    sink.cancellation = shell.session.work.cancellation
    let command = "refit twin readout on nova/backimage as nova-twin --starts 1"
    #expect(try shell.failure(command).message.contains("frames of twin on nova/backimage are kept"))
    shell.session.work.cancellation.reset()
    // Once the features are there, the fit is cut short as it begins.
    sink.limit = .max
    sink.title = "core features"
    #expect(try shell.failure(command).kind == .interrupted)
    shell.session.work.cancellation.reset()
    #expect(shell.allNotes.contains("frames of twin on nova/backimage from the cache"))
    #expect(try shell.table("cache --kind features").rowCount == 1)
    #expect(try shell.table("cache --kind predictions").rowCount == 0)
  }

  @Test("cache trim removes by kind, age and size, the least recently used first, and says what is left")
  func trim() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium; eval twin on sim/fixrsvp; eval twin on sim/gaborium")
    let table = try shell.table("cache")
    #expect(table["stimulus"]?.values == .string(["sim/fixrsvp", "sim/gaborium"]))
    #expect(try shell.table("cache trim --older 1").rowCount == 0)
    #expect(try shell.table("cache trim --kind features").rowCount == 0)
    #expect(try shell.table("cache trim --larger-than 1MB").rowCount == 0)
    let sizes = try #require(table["bytes"]?.numbers).compactMap(\.self)
    let trimmed = try shell.table("cache trim --to \(Int(sizes[1]) + 10)")
    #expect(trimmed["stimulus"]?.values == .string(["sim/fixrsvp"]))
    #expect(trimmed.note?.hasPrefix("removed 1 answer, ") == true)
    #expect(try shell.table("cache")["stimulus"]?.values == .string(["sim/gaborium"]))
    #expect(try shell.table("cache trim --larger-than 1kB").rowCount == 1)
    #expect(try shell.table("cache").rowCount == 0)
  }

  @Test(
    "cache says what it needs",
    arguments: [
      ("cache trim", "cache trim --to 2GB"), ("cache --to 5", "cache trim --to"), ("cache trim --to 5XB", "500MB"),
      ("cache trim --to -1", "500MB"), ("cache trim --to 9999999999999TB", "500MB"),
    ])
  func usage(command: String, hint: String) throws {
    let failure = try Shell(opened: false).failure(command)
    #expect(failure.kind == .usage)
    #expect(failure.hint?.contains(hint) == true)
  }

  @Test("clean --caches forgets what cache lists")
  func clean() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium; clean --caches")
    #expect(try shell.table("cache").rowCount == 0)
  }
}

/// Cancels once so many steps are done, and remembers where the last piece of work began.
private final class StoppingSink: ProgressSink, @unchecked Sendable {
  var limit: Int
  /// Work that begins with another title is cut short at once.
  var title: String?
  var cancellation: Cancellation?
  var startedAt: Int?

  init(at limit: Int) { self.limit = limit }

  func begin(_ title: String, total: Int, unit: String) { begin(title, total: total, unit: unit, done: 0) }
  func begin(_ title: String, total: Int, unit: String, done: Int) {
    startedAt = done
    if let own = self.title, !title.hasPrefix(own) { cancellation?.cancel() }
    advance(to: done)
  }
  func advance(to done: Int) { if done >= limit { cancellation?.cancel() } }
  func end() {}
}
