import Base
import Commands
import Formats
import Language
import Session
import Shell
import TestSupport
import Testing

/// The columns that signatures declare are those that commands return: checker, completion and help rely on it.
@Suite("Signatures tell the truth about columns")
struct SignatureTruthTests {
  /// A command, and which of the tables that its signature declares it returns.
  struct Case: Sendable, CustomTestStringConvertible {
    var setup: String?
    var command: String
    /// The conditions of the table as help writes them; nil for the table without conditions.
    var variant: String?

    init(_ command: String, after setup: String? = nil, variant: String? = nil) {
      self.command = command
      self.setup = setup
      self.variant = variant
    }

    var testDescription: String { command }
  }

  /// A unit that depends on the metric is declared as nil; such commands run with a metric that has none.
  static let cases = [
    Case("eval twin on sim/gaborium"), Case("eval twin on sim/fixrsvp --split all --metrics all"),
    Case("neurons twin on sim/gaborium"), Case("calibrate twin on sim/gaborium --split all"), Case("ls"),
    Case("sta twin on sim/gaborium"), Case("saccades nova/backimage"), Case("history 3"),
    Case("eval twin on sim/gaborium | describe"),
    Case("refit twin readout on nova/backimage as fitted --starts 1"),
    Case("train twin on sim/gaborium as trained --steps 1 --batch-size 4"),
    Case("curves trained", after: "train twin on sim/gaborium as trained --steps 1 --batch-size 4"),
    Case("runs", after: "train twin on sim/gaborium as trained --steps 1 --batch-size 4"),
    Case("gain twin on sim --split all"),
    Case("gain twin on sim --split all --statistics", variant: "with --statistics"),
    Case("favour twin on sim/gaborium"), Case("favour twin on sim/gaborium --sizes", variant: "with --sizes"),
    Case("favour twin on sim/gaborium --summary", variant: "with --summary"),
    Case("generalization twin on sim --metric r"),
    Case("generalization twin on sim --metric r --cells", variant: "with --cells"),
    Case("why twin on sim/gaborium --quick"), Case("why twin 3 on sim/gaborium --quick", variant: "with CID"),

    Case("check twin"), Case("params twin recurrent"), Case("diff twin twin --parts", variant: "with --parts"),
    Case("diff twin twin --tensors", variant: "with --tensors"),
    Case("diff twin twin --configuration", variant: "with --configuration"),
    Case("forward twin --input {folder}/windows.npz --output {folder}/out.npz"),

    Case("temporal twin"), Case("temporal twin --by lag", variant: "with --by lag"),
    Case("temporal twin --by frequency", variant: "with --by frequency"),
    Case("temporal twin on sim/gaborium --windows 2", variant: "with on REC/STIM"),
    Case("temporal twin on sim/gaborium --windows 2 --data", variant: "with on REC/STIM --data"),
    Case("temporal twin on sim/gaborium --windows 2 --by lag", variant: "with on REC/STIM --by lag"),
    Case("temporal twin on sim/gaborium --windows 2 --by frequency", variant: "with on REC/STIM --by frequency"),
    Case(
      "temporal twin on sim/gaborium --windows 2 --step flash --by lag",
      variant: "with on REC/STIM --by lag --step flash"),

    Case("triggered twin on sim/fixrsvp --event trial --split all --cell 8"),
    Case("triggered twin on sim/fixrsvp --event trial --split all --summary", variant: "with --summary"),
    Case("compare raw twin on sim/gaborium --metric r", after: "predict twin on sim/gaborium as raw"),
    Case(
      "compare raw twin on sim/gaborium --metric r --cells", after: "predict twin on sim/gaborium as raw",
      variant: "with --cells"),
    Case("leaderboard --metric r", after: "eval twin on sim/gaborium"),

    Case("lineage scores --table", after: "eval twin on sim/gaborium as scores", variant: "with --table"),
    Case("snapshots", after: "snapshot here"), Case("undo", after: "freeze twin core"),
    Case("redo", after: "freeze twin core; undo"), Case("restore here", after: "snapshot here; freeze twin core"),
    Case("status", after: staleScores), Case("refresh --dry-run", after: staleScores),
    Case("verify --last 1", after: "eval twin on sim/gaborium"), Case("cache", after: "eval twin on sim/gaborium"),
    Case("sql", variant: "without QUERY"), Case("explain", variant: "without NAME"),
    Case("mode", variant: "without NAME"),
  ]

  private static let staleScores =
    "predict twin on sim/gaborium as raw; eval raw as scores; predict twin on sim/gaborium --split all as raw --replace"

  @Test("Names, types and units of", arguments: cases)
  func columns(of example: Case) throws {
    let shell = try Shell()
    let windows = Tensor(shape: [1, 1, 18, 25, 25], values: [Float](repeating: 0.1, count: 18 * 625))
    try NpzWriter.write([NamedArray("stim", windows)], to: shell.folder + "/windows.npz")
    if let setup = example.setup { try shell.run(setup) }
    try Self.expect(example, in: shell)
  }

  /// Expects the table that the signature declares, and that the checker knows it.
  static func expect(_ example: Case, in shell: Shell) throws {
    let command = example.command.replacing("{folder}", with: shell.folder)
    let words = try #require(command.split(separator: "|").last).split(separator: " ").map(String.init)
    let name = try #require(words.first)
    let signature = try #require(AllCommands.table.signatures[name])
    let all = try #require(
      signature.tables.first { $0.variant?.text(in: signature) == example.variant }?.columns,
      "\(name) declares no such table")
    let declared = all.filter { column in
      column.chosenBy.map { choice in
        choice.includes(column.name, given: words.firstIndex(of: "--\(choice.flag)").map { words[$0 + 1] })
      } ?? true
    }
    let table = try shell.table(command)
    #expect(!declared.isEmpty)
    #expect(table.names == declared.map(\.name))
    #expect(table.columns.map(\.unit) == declared.map(\.unit))
    for (column, declared) in zip(table.columns, declared) {
      let isEmpty = (0..<column.count).allSatisfy { column[$0] == .null }
      // Numbers that happen to be whole may stand in a column of whole numbers.
      let isWhole = declared.type == "float" && column.typeName == "int"
      #expect(isEmpty || isWhole || column.typeName == declared.type, "\(column.name)")
    }
    try shell.understand("\(command) | select \(table.names.joined(separator: " "))")
    #expect(throws: Failure.self, "The checker knows the columns") {
      try shell.understand("\(command) | select no_such_column")
    }
  }
}
