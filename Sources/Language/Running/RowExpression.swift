import Base
import Functions

/// An expression over the columns of a table, with the variables that it may read.
///
/// Functions over columns (`mean`, `max`, …) take the values of all rows and are evaluated once; everything else is evaluated
/// row by row.
public struct RowExpression: Sendable {
  package let expression: Expression
  package let variables: [String: Value]
  private let calls: (any RowCalls)?
  private let cancellation: Cancellation
  /// The expression as text.
  public let text: String

  package init(
    _ expression: Expression, variables: [String: Value] = [:], calls: (any RowCalls)? = nil,
    cancellation: Cancellation = Cancellation(), text: String
  ) {
    self.expression = expression
    self.variables = variables
    self.calls = calls
    self.cancellation = cancellation
    self.text = text
  }

  public var span: SourceSpan { expression.span }

  /// The value for every row.
  public func values(in table: Table) throws -> [Value] {
    var folder = Folder(self, table)
    let folded = try folder.fold(resolved(in: table).expression)
    return try folder.rows(of: folded)
  }

  /// One value for all rows: every column is the argument of a function over columns.
  public func aggregate(over table: Table) throws -> Value {
    var folder = Folder(self, table)
    let folded = try folder.fold(resolved(in: table).expression)
    return try folder.evaluator.evaluate(folded)
  }

  /// The unit of its values for this table; nil where they have none.
  func unit(in table: Table) throws -> String? {
    guard case .unit(let unit, _) = try resolved(in: table).unit else { return nil }
    return unit.name
  }

  /// The expression without units, on the plain numbers of the table's columns.
  private func resolved(in table: Table) throws -> (expression: Expression, unit: UnitKnowledge) {
    let units = Dictionary(table.columns.map { ($0.name, $0.unit) }, uniquingKeysWith: { first, _ in first })
    let resolver = UnitResolver(
      column: { name in units[name].map(UnitKnowledge.init) ?? .unknown },
      path: { UnitPath(variables: variables).plain($0) })
    let (expression, unit) = try resolver.resolve(expression)
    return (expression, unit)
  }

  /// Columns that the expression compares by order: a row in which such a column is null can't be judged.
  var comparedColumns: Set<String> {
    var names: Set<String> = []
    func visit(_ expression: Expression, isCompared: Bool) {
      switch expression.kind {
      case .column(let name): if isCompared { names.insert(name) }
      case .binary(let operation, _, _):
        let orders: [BinaryOperator] = [.less, .lessOrEqual, .greater, .greaterOrEqual]
        for child in expression.children { visit(child, isCompared: isCompared || orders.contains(operation)) }
      case .call(let name, let arguments):
        // Functions over all rows leave out nulls themselves.
        let over = FunctionTable.function(name)?.columnPositions(argumentCount: arguments.count) ?? []
        for (position, argument) in arguments.enumerated() {
          visit(argument, isCompared: isCompared && !over.contains(position))
        }
      default: for child in expression.children { visit(child, isCompared: isCompared) }
      }
    }
    visit(expression, isCompared: false)
    return names
  }

  /// Replaces functions over columns by their values.
  private struct Folder {
    let table: Table
    let columns: [String: Column]
    let cancellation: Cancellation
    private(set) var evaluator: Evaluator
    private var kept = 0

    init(_ rows: RowExpression, _ table: Table) {
      self.table = table
      cancellation = rows.cancellation
      columns = Dictionary(uniqueKeysWithValues: table.columns.map { ($0.name, $0) })
      evaluator = Evaluator(variables: rows.variables)
      evaluator.last = rows.variables["_"] ?? .null
      guard let calls = rows.calls else { return }
      evaluator.definitions = calls.names
      evaluator.callDefinition = calls.caller()
    }

    func rows(of expression: Expression) throws -> [Value] {
      var evaluator = evaluator
      return try (0..<table.rowCount).map { index in
        if index.isMultiple(of: 512) { try cancellation.check() }
        evaluator.row = Evaluator.Row(columns: columns, index: index)
        return try evaluator.evaluate(expression)
      }
    }

    mutating func fold(_ expression: Expression) throws -> Expression {
      switch expression.kind {
      case .column(let name) where columns[name] == nil:
        // Checked here, because a table without rows never reads the column.
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
        return keep(try evaluator.evaluate(call), at: expression.span)
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
      case .quantity(let number, let unit):
        return Expression(.quantity(try fold(number), unit: unit), at: expression.span)
      case .record(let fields):
        return Expression(.record(try fields.map { .init($0.name, try fold($0.value)) }), at: expression.span)
      case .text(let parts):
        return Expression(.text(try fold(parts)), at: expression.span)
      default: return expression
      }
    }

    private mutating func fold(_ parts: [Expression.TextPart]) throws -> [Expression.TextPart] {
      try parts.map { part in
        guard case .value(let value) = part else { return part }
        return .value(try fold(value))
      }
    }

    /// Keeps the value in a variable whose name users can't write.
    private mutating func keep(_ value: Value, at span: SourceSpan) -> Expression {
      kept += 1
      let name = "#\(kept)"
      evaluator.variables[name] = value
      return Expression(.variable(name), at: span)
    }
  }
}
