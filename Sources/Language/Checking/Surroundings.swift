import Base

/// A named object of the workspace.
public struct NamedObject: Sendable, Equatable {
  public let name: String
  /// `twin`, `recording`, …; nil where it is not known.
  public let kind: String?
  /// What may follow `NAME/`, such as a recording's stimuli; nil where it is not known.
  public let parts: [String]?

  public init(_ name: String, kind: String? = nil, parts: [String]? = nil) {
    self.name = name
    self.kind = kind
    self.parts = parts
  }
}

/// What exists before a program runs: variables, definitions and objects.
public struct Surroundings {
  var variables: [String: StaticType] = [:]
  var definitions: [String: Definition] = [:]
  /// Nil where the objects are not known; their names are then not checked.
  var objects: [NamedObject]?

  /// - Parameter objects: the objects of the workspace; nil where they are not known.
  public init(objects: [NamedObject]? = nil) { self.objects = objects }

  package init(
    variables: [String: Value], definitions: [String: Definition] = [:], objects: [NamedObject]? = nil
  ) {
    self.variables = variables.mapValues(StaticType.init(of:))
    self.definitions = definitions
    self.objects = objects
  }

  init(knownVariables: Set<String>) {
    variables = Dictionary(uniqueKeysWithValues: knownVariables.map { ($0, StaticType.unknown) })
  }
}
