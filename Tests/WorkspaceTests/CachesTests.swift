import Base
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Caches of the workspace")
struct CachesTests {
  let folder: String
  let workspace: Workspace

  init() throws {
    folder = try Fixtures.temporaryFolder()
    workspace = try Workspace.create(at: folder + "/ws", payloads: Payloads.all)
  }

  @discardableResult
  func keep(_ answer: String, block: Int = 0, frames: [Int] = [0], text: String? = nil) throws -> CacheRecord {
    let digest = try workspace.objects.put(Data((text ?? answer + "\(block)").utf8))
    let record = CacheRecord(
      answer: answer, block: block, kind: "features", twin: "twin", stimulus: "sim/gaborium", frames: frames,
      digest: digest)
    var changes = Changes()
    changes.cached.append(record)
    try workspace.commit(changes, entry: 0)
    return record
  }

  @Test("Blocks come back by number, each with its frames; a block kept again takes the place of the old one")
  func blocks() throws {
    let first = try keep("a", block: 0, frames: [0, 1, 2, 7])
    try keep("a", block: 3, frames: [800])
    let third = try keep("a", block: 3, frames: [800, 801], text: "more")
    try keep("b", block: 0)
    #expect(try workspace.cachedBlocks("a") == [0: first, 3: third])
    #expect(try workspace.cachedBlocks("c").isEmpty)
  }

  @Test("A block whose object was removed is not returned")
  func lostObject() throws {
    let record = try keep("a")
    try FileManager.default.removeItem(atPath: workspace.objects.path(of: record.digest))
    #expect(try workspace.cachedBlocks("a").isEmpty)
  }

  @Test("Frames are written as runs, and read back")
  func runs() {
    #expect(FrameRuns.encode([0, 1, 2, 7, 9, 10]) == "0-2,7,9-10")
    #expect(FrameRuns.decode("0-2,7,9-10") == [0, 1, 2, 7, 9, 10])
  }

  @Test(
    "Damaged runs are refused",
    arguments: ["", "x", "3-1", "1,1", "5,2", "1-", "-3", "0-99999999999", "1-2-3", "0-9223372036854775807"])
  func damagedRuns(text: String) { #expect(FrameRuns.decode(text) == nil) }

  @Test("Answers are listed with frames and bytes, the least recently used first; use moves an answer to the end")
  func listing() throws {
    try keep("a", block: 0, frames: [0, 1], text: "four")
    try keep("a", block: 1, frames: [300], text: "seven..")
    try keep("b")
    #expect(try workspace.cachedAnswers().map(\.answer) == ["a", "b"])
    #expect(try workspace.cachedAnswers()[0].frames == 3)
    #expect(try workspace.cachedAnswers()[0].bytes == 11)
    var changes = Changes()
    changes.used.append("a")
    try workspace.commit(changes, entry: 0)
    #expect(try workspace.cachedAnswers().map(\.answer) == ["b", "a"])
  }

  @Test("A forgotten answer loses its objects, except those that another answer shares")
  func forgetting() throws {
    let own = try keep("a", block: 0)
    let shared = try keep("a", block: 1, text: "shared")
    try keep("b", block: 0, text: "shared")
    #expect(try workspace.forget(answers: ["a"]) == (count: 1, bytes: 2))
    #expect(!workspace.objects.contains(own.digest))
    #expect(workspace.objects.contains(shared.digest))
    #expect(try workspace.cachedAnswers().map(\.answer) == ["b"])
  }

  @Test("What a running entry uses stays until the entry ends, then goes")
  func running() throws {
    let record = try keep("a")
    let entry = try workspace.begin(source: "refit", origin: "prompt")
    workspace.objects.renew(record.digest)
    #expect(try workspace.forget(answers: ["a"]).count == 0)
    #expect(workspace.objects.contains(record.digest))
    try workspace.finish(entry, status: .ok, seconds: 1, error: nil, result: nil)
    #expect(try workspace.clean(caches: false).count == 1)
    #expect(!workspace.objects.contains(record.digest))
  }

  @Test("A catalogue of the first version opens: its names stay, its caches are forgotten")
  func migration() throws {
    let old = folder + "/old"
    try FileManager.default.createDirectory(atPath: old + "/objects", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: Fixtures.path("workspace/v1.sqlite"), toPath: old + "/workspace.sqlite")
    let opened = try Workspace(at: old, payloads: Payloads.all)
    #expect(try opened.names().map(\.name) == ["sim"])
    #expect(try opened.cachedAnswers().isEmpty)
    #expect(try opened.history(limit: 5).last?.status == .ok)
    #expect(try Workspace(at: old, payloads: Payloads.all).names().count == 1)
  }

  @Test("An entry's end and its last command's changes are recorded together or not at all")
  func oneTransaction() throws {
    let taken = try workspace.objects.put(Data("t".utf8))
    var changes = Changes()
    changes.versions.append(.init(TablePayload(rows: 0, columns: [], object: taken), name: "taken"))
    let entry = try workspace.begin(source: "a", origin: "prompt")
    try workspace.finish(entry, status: .ok, seconds: 0, error: nil, result: nil, changes: changes)
    #expect(try workspace.lookup("taken") != nil)

    let second = try workspace.begin(source: "b", origin: "prompt")
    changes.versions.insert(.init(TablePayload(rows: 0, columns: [], object: taken), name: "fresh"), at: 0)
    let failure = #expect(throws: Failure.self) {
      try workspace.finish(second, status: .ok, seconds: 0, error: nil, result: nil, changes: changes)
    }
    #expect(failure?.message == "another shell has changed `taken` in the meantime; nothing was kept")
    #expect(try workspace.lookup("fresh") == nil)
    #expect(try workspace.entry(second).status == .running)
  }
}
