import Base
import Foundation
import TestSupport
import Testing
import Workspace

/// Undo, redo and what cleaning leaves to them, on tables of one object each.
@Suite("Time travel")
struct TimeTravelTests {
  let folder: String
  let workspace: Workspace

  init() throws {
    folder = try Fixtures.temporaryFolder()
    workspace = try Workspace.create(at: folder + "/ws", payloads: Payloads.all)
  }

  /// An entry of its own, in this shell or in another.
  @discardableResult
  func commit(in other: Workspace? = nil, _ change: (inout Changes) throws -> Void) throws -> Int64 {
    let workspace = other ?? self.workspace
    let entry = try workspace.begin(source: "an entry", origin: "test")
    var changes = Changes()
    try change(&changes)
    do {
      try workspace.commit(changes, entry: entry)
    } catch {
      try workspace.finish(entry, status: .failed, seconds: 0, error: "\(error)", result: nil)
      throw error
    }
    try workspace.finish(entry, status: .ok, seconds: 0, error: nil, result: nil)
    return entry
  }

  @discardableResult
  func keep(_ name: String, _ text: String, in other: Workspace? = nil) throws -> Int64 {
    let digest = try workspace.objects.put(Data(text.utf8))
    return try commit(in: other) { changes in
      changes.versions.append(
        .init(TablePayload(rows: 1, columns: [text], object: digest), name: name, replacing: .anything))
    }
  }

  func undo(_ count: Int = 1, in other: Workspace? = nil) throws {
    try commit(in: other) { $0.travels = try (other ?? workspace).planUndo(count: count) }
  }

  func redo(_ count: Int = 1, in other: Workspace? = nil) throws {
    try commit(in: other) { $0.travels = try (other ?? workspace).planRedo(count: count) }
  }

  /// What each name stands for.
  func state() throws -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: try workspace.names().map { item in
        guard let table = item.version.payload as? TablePayload else { return (item.name, "") }
        return (item.name, table.columns.joined())
      })
  }

  @Test("Undo and redo walk back and forth over what names pointed to")
  func backAndForth() throws {
    try keep("a", "one")
    try keep("a", "two")
    try keep("b", "three")
    try commit { $0.renamed.append((from: "a", to: "c")) }
    try commit { $0.dropped.append("b") }
    let states = [
      ["c": "two"], ["c": "two", "b": "three"], ["a": "two", "b": "three"], ["a": "two"], ["a": "one"], [:],
    ]
    #expect(try state() == states[0])
    for expected in states.dropFirst() {
      try undo()
      #expect(try state() == expected)
    }
    for expected in states.dropLast().reversed() {
      try redo()
      #expect(try state() == expected)
    }
    try undo(3)
    #expect(try state() == states[3])
    try redo(2)
    #expect(try state() == states[1])
  }

  @Test("Undo and redo of more entries than there are fail, with the number that is possible")
  func nothing() throws {
    #expect(#expect(throws: Failure.self) { try workspace.planUndo(count: 1) }?.message == "there is nothing to undo")
    #expect(#expect(throws: Failure.self) { try workspace.planRedo(count: 1) }?.message == "there is nothing to redo")
    try keep("a", "one")
    #expect(
      #expect(throws: Failure.self) { try workspace.planUndo(count: 2) }?.message == "only 1 entry can be undone")
  }

  @Test("An entry that ends where it began is no step")
  func emptyStep() throws {
    try keep("a", "one")
    let entry = try workspace.begin(source: "drop and make again", origin: "test")
    let version = try #require(try workspace.lookup("a"))
    var drop = Changes()
    drop.renamed.append((from: "a", to: "b"))
    try workspace.commit(drop, entry: entry)
    var back = Changes()
    back.renamed.append((from: "b", to: "a"))
    try workspace.commit(back, entry: entry)
    #expect(try workspace.lookup("a")?.id == version.id)
    try undo()
    #expect(try state().isEmpty, "the step before was undone")
  }

  @Test("What one entry did in several commits is one step")
  func severalCommits() throws {
    let entry = try workspace.begin(source: "for …", origin: "test")
    for text in ["one", "two", "three"] {
      let digest = try workspace.objects.put(Data(text.utf8))
      var changes = Changes()
      changes.versions.append(
        .init(TablePayload(rows: 1, columns: [text], object: digest), name: "a", replacing: .anything))
      changes.versions.append(.init(TablePayload(rows: 1, columns: [text], object: digest), name: text))
      try workspace.commit(changes, entry: entry)
    }
    try undo()
    #expect(try state().isEmpty)
    try redo()
    #expect(try state() == ["a": "three", "one": "one", "two": "two", "three": "three"])
  }

  @Test("A new change after an undo ends what can be redone; its versions stay")
  func redoChainEnds() throws {
    try keep("a", "one")
    try keep("a", "two")
    let lost = try #require(try workspace.lookup("a"))
    try undo()
    try keep("b", "three")
    #expect(#expect(throws: Failure.self) { try workspace.planRedo(count: 1) }?.message == "there is nothing to redo")
    #expect(try workspace.version(lost.id) == lost)
    try undo(2)
    #expect(try state().isEmpty)
    try redo(2)
    #expect(try state() == ["a": "one", "b": "three"])
  }

  @Test("Another session's change of the same name stands in the way, and is named")
  func concurrentChange() throws {
    let other = try Workspace(at: workspace.root, payloads: Payloads.all)
    try keep("a", "one")
    let theirs = try keep("a", "two", in: other)
    let failure = #expect(throws: Failure.self) { try workspace.planUndo(count: 1) }
    #expect(failure?.kind == .conflict)
    #expect(failure?.message.contains("`a` was changed later by entry \(theirs)") == true)
    #expect(try state() == ["a": "two"])
    try undo(in: other)
    try undo()
    #expect(try state().isEmpty)
  }

  @Test("A session undoes its own entries and leaves what another does meanwhile")
  func ownStepsFirst() throws {
    let other = try Workspace(at: workspace.root, payloads: Payloads.all)
    try keep("before", "zero", in: other)
    try keep("mine", "one")
    try keep("theirs", "two", in: other)
    try undo()
    #expect(try state() == ["before": "zero", "theirs": "two"])
    try undo()
    #expect(try state() == ["theirs": "two"], "then what was there before this session's first change")
    #expect(#expect(throws: Failure.self) { try workspace.planUndo(count: 1) }?.message == "there is nothing to undo")
    try redo(2)
    #expect(try state() == ["before": "zero", "mine": "one", "theirs": "two"])
  }

  @Test("A plan that another shell has overtaken is refused as a whole")
  func overtakenPlan() throws {
    let other = try Workspace(at: workspace.root, payloads: Payloads.all)
    try keep("a", "one")
    let plan = try workspace.planUndo(count: 1)
    try keep("a", "two", in: other)
    let failure = #expect(throws: Failure.self) { try commit { $0.travels = plan } }
    #expect(failure?.kind == .conflict)
    #expect(try state() == ["a": "two"])
  }

  @Test("A snapshot holds the state; restoring it is a step like any other")
  func snapshots() throws {
    try keep("a", "one")
    try keep("b", "two")
    try commit { $0.snapshots.append(.take(name: "s", note: "good", replace: false)) }
    try keep("a", "three")
    try commit { $0.dropped.append("b") }
    try keep("c", "four")
    let later = try state()
    #expect(try workspace.snapshots().map(\.isCurrent) == [false])
    try commit { $0.travels.append(try workspace.planRestore("s")) }
    #expect(try state() == ["a": "one", "b": "two"])
    #expect(try workspace.snapshots().first?.isCurrent == true)
    try undo()
    #expect(try state() == later)
    try redo()
    #expect(try state() == ["a": "one", "b": "two"])
    let taken = #expect(throws: Failure.self) {
      try commit { $0.snapshots.append(.take(name: "s", note: nil, replace: false)) }
    }
    #expect(taken?.message == "there is a snapshot `s` already")
    try commit { $0.snapshots.append(.delete(name: "s")) }
    #expect(try workspace.snapshots().isEmpty)
    let missing = #expect(throws: Failure.self) { try workspace.planRestore("s") }
    #expect(missing?.message == "no snapshot named `s`")
  }

  @Test("Cleaning leaves what undo, redo and snapshots reach, and counts it")
  func cleaning() throws {
    try keep("a", "one")
    try commit { $0.snapshots.append(.take(name: "s", note: nil, replace: false)) }
    try keep("a", "fifteen")
    try commit { $0.dropped.append("a") }
    #expect(try workspace.clean(caches: false, dropped: true).count == 0)
    var kept = try workspace.kept()
    #expect((kept.undo.versions, kept.undo.bytes) == (2, 10))
    #expect((kept.snapshots.versions, kept.snapshots.bytes) == (1, 3))
    #expect(try workspace.clean(caches: false, undo: true) == (1, 7))
    kept = try workspace.kept()
    #expect((kept.undo.versions, kept.undo.bytes) == (0, 0))
    #expect((kept.snapshots.versions, kept.snapshots.bytes) == (1, 3))
    #expect(#expect(throws: Failure.self) { try workspace.planUndo(count: 1) }?.message == "there is nothing to undo")
    try commit { $0.travels.append(try workspace.planRestore("s")) }
    #expect(try state() == ["a": "one"])
    try commit { $0.snapshots.append(.delete(name: "s")) }
    try commit { $0.dropped.append("a") }
    #expect(try workspace.clean(caches: false, undo: true) == (1, 3))
  }

  @Test("Versions that a new change has left behind are freed with what was dropped")
  func leftBehind() throws {
    try keep("a", "one")
    try undo()
    try keep("b", "fifteen")
    #expect(try workspace.clean(caches: false) == (0, 0))
    #expect(try workspace.clean(caches: false, dropped: true) == (1, 3))
  }

  @Test("A scratch copy is the workspace as it was before an entry; what is done there stays there")
  func scratch() throws {
    try keep("a", "one")
    let second = try keep("a", "two")
    try commit { $0.snapshots.append(.take(name: "s", note: nil, replace: false)) }
    try undo()
    try redo()
    try commit { $0.renamed.append((from: "a", to: "b")) }
    let now = try state()
    let scratch = try workspace.scratch(at: folder + "/scratch", before: second)
    #expect(try scratch.names().map(\.name) == ["a"])
    let version = try #require(try scratch.lookup("a"))
    #expect(version.payload.objects.allSatisfy { scratch.objects.contains($0) })
    #expect(try scratch.snapshots().isEmpty)
    #expect(try scratch.planUndo(count: 1).map(\.entry) == [second - 1])
    #expect(#expect(throws: Failure.self) { try scratch.planRedo(count: 1) }?.message == "there is nothing to redo")
    #expect(try scratch.begin(source: "again", origin: "test") == second)
    let digest = try scratch.objects.put(Data("only there".utf8))
    #expect(!workspace.objects.contains(digest))
    #expect(try state() == now)
    #expect(scratch.absolute(path: "x") == workspace.root + "/x")
  }

  @Test("A scratch copy can redo what was undone before its entry, and nothing else")
  func scratchAfterUndo() throws {
    try keep("a", "one")
    try undo()
    try redo()
    try undo()
    let last = try workspace.begin(source: "redo", origin: "test")
    let scratch = try workspace.scratch(at: folder + "/scratch", before: last)
    #expect(try scratch.names().isEmpty)
    #expect(try scratch.planRedo(count: 1).count == 1)
    let middle = try workspace.scratch(at: folder + "/middle", before: last - 1)
    #expect(try middle.names().map(\.name) == ["a"])
    #expect(#expect(throws: Failure.self) { try middle.planRedo(count: 1) }?.message == "there is nothing to redo")
  }
}
