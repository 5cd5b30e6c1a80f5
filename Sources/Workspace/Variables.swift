import Base
import Foundation
import GRDB

/// A variable that a workspace keeps.
public struct KeptVariable: Sendable, Equatable {
  public var name: String
  /// Its value as `ValueCodec` writes it; nil where it is an object of the store.
  public var text: String?
  /// The object that holds its value; nil for a short value.
  public var digest: String?
  /// The entry that gave it its value.
  public var entry: Int64

  /// Values with more bytes than this are objects of the store: a short one costs no file of its own.
  public static let textLimit = 8192
  /// Values with more bytes than this are not kept.
  public static let byteLimit = 64_000_000
}

/// A definition (`def`) that a workspace keeps.
public struct KeptDefinition: Sendable, Equatable {
  public var name: String
  /// The text of its statement.
  public var source: String
  public var entry: Int64
}

/// Changes of an entry to variables and definitions.
///
/// Each is one row: what another shell sets at the same time is not touched, and of the same name the last one stays.
/// They are not steps: `undo` leaves variables as they are.
public struct NameChanges: Sendable {
  public var variables: [(name: String, text: String?, digest: String?)] = []
  public var definitions: [(name: String, source: String)] = []
  public var droppedVariables: [String] = []
  public var droppedDefinitions: [String] = []

  public init() {}

  public var isEmpty: Bool {
    variables.isEmpty && definitions.isEmpty && droppedVariables.isEmpty && droppedDefinitions.isEmpty
  }
}

extension Workspace {
  /// All variables, by name, or those with certain names.
  public func variables(named names: Set<String>? = nil) throws -> [KeptVariable] {
    try read { db in
      let all = try Row.fetchAll(db, sql: "SELECT * FROM variable ORDER BY name").map {
        KeptVariable(
          name: try $0.value("name"), text: try $0.optional("text"), digest: try $0.optional("digest"),
          entry: try $0.value("entry"))
      }
      return names.map { names in all.filter { names.contains($0.name) } } ?? all
    }
  }

  /// The names of all variables.
  public func variableNames() throws -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT name FROM variable ORDER BY name") }
  }

  /// The value of a variable.
  ///
  /// - Throws: a failure where its object is missing or damaged.
  public func value(of variable: KeptVariable) throws -> Value {
    if let text = variable.text { return try ValueCodec.decode(Data(text.utf8)) }
    guard let digest = variable.digest else { return .null }
    return try value(digest)
  }

  /// All definitions, the oldest first: a newer one may use an older one.
  public func definitions() throws -> [KeptDefinition] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM definition ORDER BY entry, name").map {
        KeptDefinition(name: try $0.value("name"), source: try $0.value("source"), entry: try $0.value("entry"))
      }
    }
  }

  func apply(_ changes: NameChanges, entry: Int64, in db: Database) throws {
    for name in changes.droppedVariables {
      try db.execute(sql: "DELETE FROM variable WHERE name = ?", arguments: [name])
    }
    for name in changes.droppedDefinitions {
      try db.execute(sql: "DELETE FROM definition WHERE name = ?", arguments: [name])
    }
    for variable in changes.variables {
      if let digest = variable.digest { try Self.record(object: digest, bytes: objects.byteCount(digest), in: db) }
      try db.execute(
        sql: "INSERT OR REPLACE INTO variable (name, text, digest, entry) VALUES (?, ?, ?, ?)",
        arguments: [variable.name, variable.text, variable.digest, entry])
    }
    for definition in changes.definitions {
      try db.execute(
        sql: "INSERT OR REPLACE INTO definition (name, source, entry) VALUES (?, ?, ?)",
        arguments: [definition.name, definition.source, entry])
    }
  }
}
