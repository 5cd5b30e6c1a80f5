import Base

/// A name in the workspace.
public struct NamedObject: Sendable, Equatable {
  public let name: String
  /// `twin`, `recording`, …; nil where it can't be told.
  public let kind: String?
  /// What may follow behind `NAME/`: a recording's stimuli. Nil where it can't be told.
  public let parts: [String]?

  public init(_ name: String, kind: String? = nil, parts: [String]? = nil) {
    self.name = name
    self.kind = kind
    self.parts = parts
  }
}

/// What there is before a program runs, for the checker.
public struct Surroundings {
  var variables: [String: StaticType] = [:]
  var definitions: [String: Definition] = [:]
  /// Nil where it is not known which objects there are: then their names are not looked up.
  var objects: [NamedObject]?

  /// - Parameter objects: the names in the workspace; nil where none is at hand.
  public init(objects: [NamedObject]? = nil) { self.objects = objects }

  /// With the variables and definitions of a session.
  public init(_ interpreter: Interpreter, objects: [NamedObject]? = nil) {
    self.objects = objects
    variables = interpreter.variables.mapValues(StaticType.init(of:))
    variables["_"] = StaticType(of: interpreter.lastResult)
    definitions = interpreter.definitions
  }

  package init(variables: [String: Value]) { self.variables = variables.mapValues(StaticType.init(of:)) }

  init(knownVariables: Set<String>) {
    variables = Dictionary(uniqueKeysWithValues: knownVariables.map { ($0, StaticType.unknown) })
  }
}
