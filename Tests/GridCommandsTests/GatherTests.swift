import Base
import Commands
import Foundation
import Language
import Session
import TestSupport
import Testing
import Workspace

@Suite("gather")
struct GatherTests {
  private let recipe = """
    param split: string = "val" "the split"
    eval twin on sim/gaborium --split $split as scores | count
    """

  @Test("Results of recipes come home once, with lineage; names that clash are told apart")
  func recipes() throws {
    let home = try Home(opened: true)
    try home.write(recipe, to: "eval.vc")
    try home.run("submit --file eval.vc --over split=val,train --jobs 2")
    try home.wait(for: "eval")
    #expect(try home.strings("jobs eval", "state") == ["done", "done"])
    let first = try home.table("gather eval")
    #expect(first["entries"]?.numbers == [2, 2])
    #expect(try home.strings("gather eval", "conflicts") == [nil, nil])
    #expect(first["scores"]?.numbers?.allSatisfy { ($0 ?? 0) > 0 } == true)
    guard case .string(let conflicts)? = first["conflicts"]?.values else { return }
    #expect(conflicts == [nil, "scores -> scores-j02_split-train"])
    let again = try home.table("gather eval")
    for column in ["entries", "objects", "scores", "files"] { #expect(again[column]?.numbers == [0, 0]) }
    #expect(again.note == "2 workspaces: nothing new: all 8 entries were here already")
    // The scores are those of this workspace's own twin.
    let counts = try home.table("sql \"select split, count(*) as n from metrics where twin = 'twin' group by split\"")
    #expect(counts.rowCount == 2)
    #expect(try home.session.workspace.names().map(\.name) == ["scores", "scores-j02_split-train", "sim", "twin"])
    let twins = try home.table("sql \"select * from twins\"")
    #expect(twins.rowCount == 1)
    guard case .table = try home.run("lineage scores") else { return }
  }

  @Test("A name that a recipe makes itself is not lent to its jobs: it runs again after its result came home")
  func again() throws {
    let home = try Home(opened: true)
    try home.write(recipe, to: "eval.vc")
    for batch in ["one", "two"] {
      try home.run("submit --file eval.vc as \(batch)")
      try home.wait(for: batch)
      #expect(try home.strings("jobs \(batch)", "state") == ["done"])
      try home.run("gather \(batch)")
    }
  }

  @Test("Two jobs that made the same get one name, and the table says which, also beside a name that is taken")
  func same() throws {
    let home = try Home(opened: true)
    try home.write(
      "param part = 1 \"no part in the result\"\n" + recipe.replacing("as scores", with: "as fit"), to: "fit.vc")
    try home.run("submit --file fit.vc --over part=1,2 --jobs 2 as free")
    try home.wait(for: "free")
    let free = try home.table("gather free")
    #expect(try home.session.workspace.names().map(\.name) == ["fit", "sim", "twin"])
    guard case .string(let names)? = free["names"]?.values, case .string(let same)? = free["same"]?.values else {
      Issue.record("no columns of names")
      return
    }
    #expect(names == ["fit", nil] && same == [nil, "fit"])
    // The name stands for something else: both jobs' result has one other name.
    try home.run("eval twin on sim/gaborium --split train as fit --replace")
    try home.run("submit --file fit.vc --over part=1,2 --jobs 2 as taken")
    try home.wait(for: "taken")
    let taken = try home.table("gather taken")
    guard case .string(let conflicts)? = taken["conflicts"]?.values, case .string(let known)? = taken["same"]?.values
    else { return }
    #expect(conflicts == ["fit -> fit-j01_part-1", nil] && known == [nil, "fit -> fit-j01_part-1"])
    #expect(try home.session.workspace.names().map(\.name) == ["fit", "fit-j01_part-1", "sim", "twin"])
  }

  @Test("What was gathered can be undone, and comes again with nothing twice")
  func undone() throws {
    let home = try Home(opened: true)
    try home.write(recipe, to: "eval.vc")
    try home.run("submit --file eval.vc as one")
    try home.wait(for: "one")
    try home.run("gather one")
    try home.run("undo")
    #expect(try home.session.workspace.names().map(\.name) == ["sim", "twin"])
    try home.run("redo")
    #expect(try home.session.workspace.names().map(\.name) == ["scores", "sim", "twin"])
    // After an undo, gather brings the names back; a name that was dropped stays away.
    try home.run("undo")
    let again = try home.table("gather one")
    #expect(again["entries"]?.numbers == [0] && again.note == "1 workspace: 1 name is back; all else was here already")
    #expect(try home.session.workspace.names().map(\.name) == ["scores", "sim", "twin"])
    try home.run("drop scores")
    #expect(try home.table("gather one").note == "1 workspace: nothing new: all 4 entries were here already")
    #expect(try home.session.workspace.names().map(\.name) == ["sim", "twin"])
  }

  @Test("Workspaces of any origin are merged: files come along, equal ones once")
  func folders() throws {
    let home = try Home()
    for name in ["a", "b", "c"] {
      let other = Session(
        workspace: try Workspace.create(at: "\(home.folder)/others/\(name)", payloads: AllKinds.payloads),
        commands: AllCommands.table)
      other.folder = other.workspace.root
      let text = name == "c" ? "x,y\\n1,3\\n" : "x,y\\n1,2\\n"
      try Data(text.replacing("\\n", with: "\n").utf8).write(to: URL(filePath: other.workspace.root + "/in.csv"))
      let runner = Runner(other)
      try runner.run("open in.csv as numbers")
      try runner.run("show numbers > figures/numbers.csv")
    }
    let table = try home.table("gather others")
    #expect(table["files"]?.numbers == [1, 1, 1])
    #expect(try home.session.workspace.names().map(\.name) == ["numbers", "numbers-c"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: home.folder + "/ws/figures").sorted()
        == ["numbers-c.csv", "numbers.csv"])
    #expect(home.failure("gather nowhere")?.kind == .missing)
    #expect(home.failure("gather ws/figures")?.kind == .missing)
  }

  @Test("A damaged workspace is named with a remedy, and the others come in")
  func damaged() throws {
    let home = try Home()
    for index in 1...3 {
      let other = Session(
        workspace: try Workspace.create(at: "\(home.folder)/others/w\(index)", payloads: AllKinds.payloads),
        commands: AllCommands.table)
      try Runner(other).run("let n = \(index)")
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(home.folder)/others/w2")
    where name.hasPrefix("workspace.sqlite") {
      try "no database".write(toFile: "\(home.folder)/others/w2/\(name)", atomically: true, encoding: .utf8)
    }
    let failure = #expect(throws: Failure.self) { try home.table("gather others") }
    #expect(failure?.message.hasPrefix("1 of 3 workspaces can't be merged: w2: ") == true)
    #expect(failure?.message.hasSuffix("; the other 2 are merged") == true && failure?.hint != nil)
    try FileManager.default.removeItem(atPath: "\(home.folder)/others/w2")
    #expect(try home.table("gather others").note == "2 workspaces: nothing new: all 2 entries were here already")
  }

  @Test("A gather that is ended in the middle goes on the next time")
  func resumed() throws {
    let home = try Home()
    for index in 0..<60 {
      let other = Session(
        workspace: try Workspace.create(at: "\(home.folder)/others/w\(index + 100)", payloads: AllKinds.payloads),
        commands: AllCommands.table)
      try Runner(other).run("let n = \(index)")
    }
    let places = (0..<60).map { ("\(home.folder)/others/w\($0 + 100)", "w\($0 + 100)") }
    let entry = try home.session.workspace.begin(source: "gather", origin: "test")
    let ended: (Int) throws -> Void = { _ in throw Failure.interrupted }
    #expect(throws: Failure.self) {
      _ = try home.session.workspace.gather(
        places, entry: entry, rewriting: { payload, _, _ in payload }, progress: ended)
    }
    let rest = try home.table("gather others")
    #expect(rest["entries"]?.numbers?.compactMap(\.self).reduce(0, +) == 10)
  }
}

/// Runs command text in a session.
struct Runner {
  private let session: Session

  init(_ session: Session) { self.session = session }

  func run(_ text: String) throws {
    let program = try Parser.parse(SourceText(text, name: "<test>"), signatures: AllCommands.table.signatures)
    for statement in program.statements { _ = try session.run(statement, origin: "test").result.get() }
  }
}
