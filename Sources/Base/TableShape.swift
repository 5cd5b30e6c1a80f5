/// A table's columns, each declared once: the signature that the checker, completion and help read, and its value in a
/// row.
///
/// A column's type follows from its value: `Int` is `int`, `Double` is `float`, `String` is `string`, `Bool` is `bool`.
public struct TableShape<Row>: Sendable {
  /// One column over rows.
  public struct Field: Sendable {
    public let signature: ColumnSignature
    public let column: @Sendable ([Row]) -> Column
  }

  public let fields: [Field]

  public init(_ fields: [Field]) { self.fields = fields }

  // A key path would be built anew for each type of row: a fifth of the time in which the command table is made.
  public var signatures: [ColumnSignature] { fields.map { $0.signature } }

  /// The table of `rows`, in their order.
  public func table(_ rows: [Row], note: String? = nil) -> Table {
    Table(fields.map { $0.column(rows) }, note: note)
  }

  /// The columns of both, those of `a` first.
  public static func + (a: TableShape, b: TableShape) -> TableShape { TableShape(a.fields + b.fields) }

  /// The same columns for rows that hold a row of this shape.
  public func lifted<Whole>(_ part: @escaping @Sendable (Whole) -> Row) -> TableShape<Whole> {
    TableShape<Whole>(
      fields.map { field in
        TableShape<Whole>.Field(signature: field.signature) { field.column($0.map(part)) }
      })
  }
}

extension TableShape.Field {
  public static func int(
    _ name: String, unit: String? = nil, _ help: String = "", _ value: @escaping @Sendable (Row) -> Int?
  ) -> Self {
    Self(signature: ColumnSignature(name, "int", unit: unit, help)) { Column(name, $0.map(value), unit: unit) }
  }

  public static func float(
    _ name: String, unit: String? = nil, _ help: String = "", _ value: @escaping @Sendable (Row) -> Double?
  ) -> Self {
    Self(signature: ColumnSignature(name, "float", unit: unit, help)) { Column(name, $0.map(value), unit: unit) }
  }

  public static func string(
    _ name: String, _ help: String = "", _ value: @escaping @Sendable (Row) -> String?
  ) -> Self {
    Self(signature: ColumnSignature(name, "string", help)) { Column(name, $0.map(value)) }
  }

  public static func bool(_ name: String, _ help: String = "", _ value: @escaping @Sendable (Row) -> Bool?) -> Self {
    Self(signature: ColumnSignature(name, "bool", help)) { Column(name, $0.map(value)) }
  }

  /// Counts, which are whole unless they were weighted: the column holds integers where all are whole.
  public static func count(
    _ name: String, unit: String? = nil, _ help: String = "", _ value: @escaping @Sendable (Row) -> Double?
  ) -> Self {
    Self(signature: ColumnSignature(name, "float", unit: unit, help)) { rows in
      Column(name, collecting: rows.map { Value.whole(value($0)) }, unit: unit)
    }
  }
}
