import Base

/// The names of objects that statements make.
struct ObjectNames {
  var made: [NamedObject] = []
  /// Whether there are also names that are not known before the run.
  var hasOthers = false
}

/// Checks names of workspace objects where they are literals, and keeps track of the names that commands make and remove.
extension Checker {
  mutating func adopt(_ names: ObjectNames) {
    if names.hasOthers { mayHaveOtherObjects = true }
    for object in names.made { objects?[object.name] = object }
  }

  /// The names that the statements make, at any depth.
  func names(madeBy statements: [Statement]) -> ObjectNames {
    var names = ObjectNames()
    func visit(_ expression: Expression) {
      if case .pipeline(let pipeline) = expression.kind {
        for (index, stage) in pipeline.stages.enumerated() {
          guard let signature = signatures[stage.name] else { continue }
          let more = self.names(madeBy: Binder(stage, to: signature), isPiped: index > 0 || pipeline.source != nil)
          names.made += more.made
          if more.hasOthers { names.hasOthers = true }
        }
      }
      expression.children.forEach(visit)
    }
    func visit(_ statement: Statement) {
      switch statement.kind {
      case .assign(_, let value), .value(let value): visit(value)
      case .assert(let condition, let message):
        visit(condition)
        message.map(visit)
      case .branch(let branches, let otherwise):
        for branch in branches {
          visit(branch.condition)
          branch.body.forEach(visit)
        }
        otherwise?.forEach(visit)
      case .loop(_, let sequence, let body):
        visit(sequence)
        body.forEach(visit)
      case .define(let definition): definition.body.forEach(visit)
      case .source(_, let program, _): program?.statements.forEach(visit)
      case .parameter: break
      }
    }
    statements.forEach(visit)
    return names
  }

  private func names(madeBy binder: Binder, isPiped: Bool) -> ObjectNames {
    var names = ObjectNames()
    guard let naming = binder.signature.effectiveNaming else { return names }
    if case .renamed = binder.signature.result, isPiped { return names }
    guard let argument = naming.argument, let bound = binder.bound[argument], !bound.isEmpty else {
      names.hasOthers = naming.always
      return names
    }
    for value in bound {
      guard let name = value.value?.plainText else {
        names.hasOthers = true
        continue
      }
      names.made.append(NamedObject(name, kind: naming.kinds.count == 1 ? naming.kinds[0] : nil))
    }
    return names
  }

  /// Checks the objects that a command names, and records which names it makes and removes.
  mutating func checkObjects(of binder: Binder) {
    for (name, arguments) in binder.bound {
      for argument in arguments {
        guard let value = argument.value, let text = value.plainText else { continue }
        switch argument.type {
        case .object(let kinds):
          // `drop` takes variables and definitions away, too.
          if binder.signature.removedNames != nil, variables[text] != nil || definitions[text] != nil { continue }
          checkObject(text, kinds, at: value.span)
        case .stimulus where binder.signature.argument(named: name)?.isRepeating == true:
          for part in text.split(separator: ",") { checkPart(String(part), at: value.span) }
        case .stimulus: checkPart(text, at: value.span)
        default: break
        }
      }
    }
    if let removedNames = binder.signature.removedNames, blockDepth == 0, callDepth == 0 {
      for bound in binder.bound[removedNames] ?? [] {
        if let name = bound.value?.plainText { objects?[name] = nil }
      }
    }
    adopt(names(madeBy: binder, isPiped: false))
  }

  private mutating func checkObject(_ name: String, _ kinds: [String], at span: SourceSpan) {
    guard let objects, !mayHaveOtherObjects else { return }
    guard let object = objects[name] else {
      if mayBeRun(name, kinds, among: objects) { return }
      failures.append(missing(name, kinds, at: span))
      return
    }
    guard let kind = object.kind, !kinds.isEmpty, !kinds.contains(kind) else { return }
    failures.append(Failure(.usage, KindPhrase.mismatch(name, is: kind, not: kinds), span: span))
  }

  /// Whether a name that stands for no object may be that of a run in an open set, which only the set knows.
  private func mayBeRun(_ name: String, _ kinds: [String], among objects: [String: NamedObject]) -> Bool {
    if objects.values.contains(where: { $0.kind == "runs" }) { return kinds.isEmpty || kinds.contains("runs") }
    // A set that the program itself opens has no known kind yet.
    if kinds.count > 1, kinds.contains("runs") { return objects.values.contains { $0.kind == nil } }
    guard kinds.isEmpty, let slash = name.firstIndex(of: "/"), let set = objects[String(name[..<slash])] else {
      return false
    }
    return set.kind == nil
  }

  private func missing(_ name: String, _ kinds: [String], at span: SourceSpan) -> Failure {
    let fitting = (objects ?? [:]).values.filter { kinds.isEmpty || $0.kind.map(kinds.contains) ?? true }
    let names = fitting.map(\.name).sorted()
    return Failure(
      .usage, "no \(kinds.count == 1 ? kinds[0] : "object") named `\(name)`",
      hint: variables[name].map { _ in MistakenWord.hint(forVariable: name) }
        ?? Suggestion.hint(for: name, among: names)
        ?? (names.isEmpty ? "use `open PATH as \(name)`" : "`ls` lists all objects"),
      span: span)
  }

  /// Checks a name where a recording's stimulus is needed: for a stimulus alone, it suggests a recording that has it.
  private mutating func checkWhole(_ name: String, at span: SourceSpan) {
    guard let objects, !mayHaveOtherObjects, objects[name] == nil else { return }
    let wholes = objects.values.sorted { $0.name < $1.name }.flatMap { object in
      (object.parts ?? []).map { (part: $0, whole: "\(object.name)/\($0)") }
    }
    guard let part = Suggestion.best(for: name, among: wholes.map(\.part)),
      let whole = wholes.first(where: { $0.part == part })?.whole
    else { return checkObject(name, ["recording"], at: span) }
    failures.append(Failure(.usage, "no recording named `\(name)`", hint: "did you mean `\(whole)`?", span: span))
  }

  /// Checks `REC/STIM`: a recording and one of its stimuli.
  private mutating func checkPart(_ text: String, at span: SourceSpan) {
    guard let slash = text.firstIndex(of: "/") else { return checkWhole(text, at: span) }
    let name = String(text[..<slash])
    checkObject(name, ["recording"], at: span)
    let part = String(text[text.index(after: slash)...])
    guard let object = objects?[name], object.kind == "recording", let parts = object.parts, !parts.contains(part)
    else { return }
    failures.append(
      Failure(
        .usage, "`\(name)` has no stimulus `\(part)`",
        hint: Suggestion.best(for: part, among: parts).map { "did you mean `\(name)/\($0)`?" }
          ?? "stimuli: \(parts.joined(separator: ", "))", span: span))
  }
}
