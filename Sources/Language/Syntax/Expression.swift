import Base

/// A node of an expression.
public struct Expression: Sendable, Equatable {
  public indirect enum Kind: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    /// A number with its unit: `20 ms`.
    case quantity(Expression, unit: String)
    /// A quoted string, with several parts where it contains `$name` or `${…}`.
    case text([TextPart])
    /// A bareword among a command's arguments: text, or a number where a number is expected.
    case word([TextPart])
    case variable(String)
    /// A column of the current row, in an expression over columns.
    case column(String)
    case list([Expression])
    case record([Field])
    /// `$table.column`, `$record.field`.
    case field(Expression, String)
    /// `$list[0]`, `$list.0`.
    case index(Expression, Expression)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    case call(String, [Expression])
    case pipeline(Pipeline)
  }

  public enum TextPart: Sendable, Equatable {
    case text(String)
    case value(Expression)
  }

  public struct Field: Sendable, Equatable {
    public let name: String
    public let value: Expression

    public init(_ name: String, _ value: Expression) {
      self.name = name
      self.value = value
    }
  }

  public let kind: Kind
  public let place: Place
  /// Number of levels of this node and those below it, which bounds the recursion of whatever walks the tree.
  public let depth: Int

  public init(_ kind: Kind, at span: SourceSpan) {
    self.kind = kind
    place = Place(span)
    depth = 1 + (Self.children(of: kind).map(\.depth).max() ?? 0)
  }

  public var span: SourceSpan { place.span }

  /// The expressions directly below this one, in the order in which they are written.
  public var children: [Expression] { Self.children(of: kind) }

  private static func children(of kind: Kind) -> [Expression] {
    switch kind {
    case .null, .bool, .int, .double, .variable, .column: []
    case .text(let parts), .word(let parts):
      parts.compactMap { if case .value(let value) = $0 { value } else { nil } }
    case .list(let elements), .call(_, let elements): elements
    case .record(let fields): fields.map(\.value)
    case .field(let base, _), .unary(_, let base), .quantity(let base, _): [base]
    case .index(let a, let b), .binary(_, let a, let b): [a, b]
    case .pipeline(let pipeline): pipeline.expressions
    }
  }
}

public enum UnaryOperator: String, Sendable, CaseIterable {
  case negate = "-"
  case not
}

public enum BinaryOperator: String, Sendable, CaseIterable {
  case or, and
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case matches = "=~"
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case power = "**"

  /// Operators of higher precedence bind tighter. `not` is between `and` and the comparisons, unary minus below the power.
  var precedence: Int {
    switch self {
    case .or: 1
    case .and: 2
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .matches: 4
    case .add, .subtract: 5
    case .multiply, .divide, .remainder: 6
    case .power: 8
    }
  }
}

extension UnaryOperator {
  var precedence: Int { self == .not ? 3 : 7 }
}
