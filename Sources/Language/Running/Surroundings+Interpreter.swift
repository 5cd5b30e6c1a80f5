extension Surroundings {
  /// With the variables and definitions of a session.
  public init(_ interpreter: Interpreter, objects: [NamedObject]? = nil) {
    var variables = interpreter.variables
    variables["_"] = interpreter.lastResult
    self.init(variables: variables, definitions: interpreter.definitions, objects: objects)
  }
}
