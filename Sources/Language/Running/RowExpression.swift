import Base

/// An expression over the columns of a table, with the variables that it may read.
///
/// Functions over columns (`mean`, `max`, …) take all rows and are worked out once; all else is worked out row by row.
public struct RowExpression: Sendable {
  package let expression: Expression
  package let variables: [String: Value]
  /// The expression as it is written.
  public let text: String

  package init(_ expression: Expression, variables: [String: Value] = [:], text: String) {
    self.expression = expression
    self.variables = variables
    self.text = text
  }

  public var span: SourceSpan { expression.span }

  /// The value for every row.
  public func values(in table: Table) throws -> [Value] {
    var folder = Folder(table: table, variables: variables)
    let folded = try folder.fold(expression)
    return try folder.rows(of: folded)
  }

  /// The value over all rows: every column stands in a function over columns.
  public func aggregate(over table: Table) throws -> Value {
    var folder = Folder(table: table, variables: variables)
    let folded = try folder.fold(expression)
    return try Evaluator(variables: folder.variables).evaluate(folded)
  }

  /// Replaces functions over columns by their values.
  private struct Folder {
    let table: Table
    let columns: [String: Column]
    var variables: [String: Value]

    init(table: Table, variables: [String: Value]) {
      self.table = table
      self.variables = variables
      columns = Dictionary(uniqueKeysWithValues: table.columns.map { ($0.name, $0) })
    }

    func rows(of expression: Expression) throws -> [Value] {
      var evaluator = Evaluator(variables: variables)
      return try (0..<table.rowCount).map { index in
        evaluator.row = Evaluator.Row(columns: columns, index: index)
        return try evaluator.evaluate(expression)
      }
    }

    mutating func fold(_ expression: Expression) throws -> Expression {
      switch expression.kind {
      case .column(let name) where columns[name] == nil:
        // Here, because a table without rows would never read the column.
        throw Evaluator.unknownColumn(name, known: table.names, at: expression.span)
      case .call("count", let arguments) where arguments.isEmpty:
        return keep(.int(table.rowCount), at: expression.span)
      case .call(let name, let arguments):
        var folded = try arguments.map { try fold($0) }
        let over = FunctionTable.function(name)?.columnPositions(argumentCount: arguments.count) ?? []
        for position in over where folded.indices.contains(position) && folded[position].namesColumns {
          folded[position] = keep(.list(try rows(of: folded[position])), at: folded[position].span)
        }
        let call = Expression(.call(name, folded), at: expression.span)
        guard !over.isEmpty, !call.namesColumns else { return call }
        return keep(try Evaluator(variables: variables).evaluate(call), at: expression.span)
      case .unary(let operation, let operand):
        return Expression(.unary(operation, try fold(operand)), at: expression.span)
      case .binary(let operation, let left, let right):
        return Expression(.binary(operation, try fold(left), try fold(right)), at: expression.span)
      case .list(let elements):
        return Expression(.list(try elements.map { try fold($0) }), at: expression.span)
      case .index(let base, let index):
        return Expression(.index(try fold(base), try fold(index)), at: expression.span)
      case .field(let base, let name):
        return Expression(.field(try fold(base), name), at: expression.span)
      default: return expression
      }
    }

    /// A variable that no user can name holds the value.
    private mutating func keep(_ value: Value, at span: SourceSpan) -> Expression {
      let name = "#\(variables.count)"
      variables[name] = value
      return Expression(.variable(name), at: span)
    }
  }
}
