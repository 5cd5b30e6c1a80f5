import Base
import Commands
import Language
import Session
import Shell
import TestSupport
import Testing

/// What signatures say about columns is what commands yield: the checker relies on it.
@Suite("Signatures tell the truth about columns")
struct SignatureTruthTests {
  /// A command line, and which of its command's tables it shows: the text of the variant, nil for the standard one.
  struct Case: CustomTestStringConvertible {
    var command: String
    var variant: String?

    init(_ command: String, _ variant: String? = nil) {
      self.command = command
      self.variant = variant
    }

    var testDescription: String { command }
  }

  /// Units that depend on a metric are declared as nil: the metric of these lines has none.
  static let cases = [
    Case("eval twin on sim/gaborium"), Case("eval twin on sim/fixrsvp --split all --metrics all"),
    Case("neurons twin on sim/gaborium"), Case("calibrate twin on sim/gaborium --split all"), Case("ls"),
    Case("sta twin on sim/gaborium"), Case("saccades nova/backimage"), Case("history 3"),
    Case("eval twin on sim/gaborium | describe"), Case("refit twin readout on nova/backimage as fitted --starts 1"),
    Case("gain twin on sim --split all"), Case("gain twin on sim --split all --statistics", "with --statistics"),
    Case("favour twin on sim/gaborium"), Case("favour twin on sim/gaborium --sizes", "with --sizes"),
    Case("favour twin on sim/gaborium --summary", "with --summary"),
    Case("generalization twin on sim --metric r"),
    Case("generalization twin on sim --metric r --cells", "with --cells"),
    Case("why twin on sim/gaborium --quick"), Case("why twin 3 on sim/gaborium --quick", "with CID"),
  ]

  @Test("Names, types and units of", arguments: cases)
  func columns(_ given: Case) throws {
    let shell = try Shell()
    let words = try #require(given.command.split(separator: "|").last).split(separator: " ").map(String.init)
    let name = try #require(words.first)
    let signature = try #require(AllCommands.table.signatures[name])
    let all = try #require(
      signature.tables.first { $0.variant?.text(in: signature) == given.variant }, "\(name) declares no such table"
    ).columns
    let declared = all.filter { column in
      column.chosenBy.map { choice in
        let value = words.firstIndex(of: "--\(choice.flag)").map { words[$0 + 1] }
        return choice.includes(column.name, given: value)
      } ?? true
    }
    let table = try shell.table(given.command)
    #expect(table.names == declared.map(\.name))
    #expect(table.columns.map(\.unit) == declared.map(\.unit))
    for (column, declared) in zip(table.columns, declared) {
      let isEmpty = (0..<column.count).allSatisfy { column[$0] == .null }
      // Numbers that happen to be whole may stand in a column of whole numbers.
      let isWhole = declared.type == "float" && column.typeName == "int"
      #expect(isEmpty || isWhole || column.typeName == declared.type, "\(column.name)")
    }
  }
}
