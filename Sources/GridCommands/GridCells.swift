import Base
import Formats
import Grids
import Language
import Session

/// A condition over columns that was given as text.
struct RowCondition {
  private let rows: RowExpression
  private let span: SourceSpan

  /// - Throws: a usage failure, at the flag, for a text that is no condition.
  init(_ text: String, flag: String, _ call: Call) throws {
    span = call.span(of: flag)
    do {
      rows = RowExpression(try Parser.parseRowExpression(SourceText(text, name: "--\(flag)")), text: text)
    } catch var failure as Failure {
      failure.span = span
      throw failure
    }
  }

  /// Whether each row meets it; null does not.
  func holds(in table: Table) throws -> [Bool] {
    do {
      return try rows.values(in: table).map { value in
        switch value {
        case .bool(let isMet): return isMet
        case .null: return false
        default:
          throw Failure(.usage, "`\(rows.text.shortened)` is no condition: it yields \(value.plainText.shortened)")
        }
      }
    } catch var failure as Failure {
      failure.span = span
      throw failure
    }
  }
}

/// The cells that a level of the axis `cells` chooses, from a table that the workspace holds.
struct GridCells {
  private let call: Call
  private let session: Session

  init(_ call: Call, _ session: Session) { (self.call, self.session) = (call, session) }

  /// - Returns: the ids by session, of those in the dataset YAML.
  /// - Throws: a failure where the table is missing, lacks columns, or chooses no cell of a session.
  func chosen(by condition: String, among base: RunConfiguration) throws -> [String: [Int]] {
    guard let name = try call.optionalString("cells-from") else {
      throw Failure(
        .usage, "the axis `cells` needs a table of cells for `\(condition.shortened)`",
        hint: "`eval TWIN on REC/STIM as scores`, then --cells-from scores", span: call.span(of: "axis"))
    }
    let record = try session.lookup(name, kinds: [.table], at: call.span(of: "cells-from"))
    guard case .table(let table) = try record.object.value(in: session.workspace), let cids = table["cid"]?.numbers
    else {
      throw Failure(.mismatch, "the table `\(name)` has no column `cid`", span: call.span(of: "cells-from"))
    }
    session.changes.inputs.append(.init(role: "input", version: record.id, detail: name))
    let sessions = base.sessions.map(\.key)
    if table["session"] == nil, sessions.count > 1 {
      throw Failure(
        .mismatch, "the table `\(name)` has no column `session`, and the dataset YAML has \(sessions.count) sessions",
        hint:
          "`sql \"select session, cid, value as bits_per_spike from metrics where metric = 'bits_per_spike'\" > cells.csv; open cells.csv as cells` makes one",
        span: call.span(of: "cells-from"))
    }
    if condition == "single-units", table["single_unit"] == nil {
      throw Failure(
        .mismatch, "the table `\(name)` has no column `single_unit`",
        hint: "open a CSV with session, cid and single_unit (true or false), as your spike sorting has it",
        span: call.span(of: "cells-from"))
    }
    let isMet = try RowCondition(condition == "single-units" ? "single_unit" : condition, flag: "axis", call).holds(
      in: table)
    var chosen: [String: Set<Int>] = [:]
    for row in 0..<table.rowCount where isMet[row] {
      guard let number = cids[row], let cid = Int(exactly: number) else { continue }
      chosen[table["session"]?[row].plainText ?? sessions.first ?? "", default: []].insert(cid)
    }
    return try Dictionary(
      uniqueKeysWithValues: base.sessions.map { entry -> (String, [Int]) in
        let kept = (entry.value["cids"]?.intList ?? []).filter { chosen[entry.key]?.contains($0) ?? false }
        guard !kept.isEmpty else {
          throw Failure(
            .undefined, "`\(condition.shortened)` leaves no cell of \(entry.key)", span: call.span(of: "axis"))
        }
        return (entry.key, kept)
      })
  }
}
