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
  static let commands = [
    "eval twin on sim/gaborium", "eval twin on sim/fixrsvp --split all --metrics all", "neurons twin on sim/gaborium",
    "calibrate twin on sim/gaborium --split all", "ls", "sta twin on sim/gaborium", "saccades nova/backimage",
    "history 3", "eval twin on sim/gaborium | describe",
    "refit twin readout on nova/backimage as fitted --starts 1",
  ]

  @Test("Names, types and units of", arguments: commands)
  func columns(command: String) throws {
    let shell = try Shell()
    let name = String(command.split(separator: "|").last?.split(separator: " ").first ?? "")
    guard case .table(let all)? = AllCommands.table.signatures[name]?.result else {
      Issue.record("\(name) declares no table")
      return
    }
    let metrics = command.contains("--metrics all") ? "all" : nil
    let declared = all.filter { $0.chosenBy?.includes($0.name, given: metrics) ?? true }
    let table = try shell.table(command)
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
