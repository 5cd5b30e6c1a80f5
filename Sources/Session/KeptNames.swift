import Base
import Language
import Workspace

/// Variables and definitions that live in the workspace: what `let` and `def` set at the prompt and after `-c` is there in
/// the next shell.
///
/// Recipes stand alone: they neither see kept names nor leave any. A value is read when an entry first names it.
extension Session {
  /// Reads the definitions of the workspace. Variables are read later, by `recall`.
  ///
  /// - Returns: their texts, for the places in failures.
  @discardableResult
  public func recallDefinitions() -> [SourceText] {
    guard keepsNames else { return [] }
    do {
      let kept = try workspace.definitions()
      definitionTexts = kept.map(\.source)
      // Together, because a body may use the others.
      let all = SourceText(kept.map(\.source).joined(separator: "\n"), name: "<kept definitions>")
      if let program = try? Parser.parse(all, signatures: signatures) {
        interpreter.adopt(program.definitions)
        return [all]
      }
      var sources: [SourceText] = []
      for definition in kept {
        let source = SourceText(definition.source, name: "<def \(definition.name)>")
        do {
          interpreter.adopt(try Parser.parse(source, signatures: interpreter.signatures).definitions)
          sources.append(source)
        } catch let failure as Failure {
          note("the definition `\(definition.name)` can't be used any more: \(failure.message)")
        }
      }
      return sources
    } catch {
      note("the definitions of the workspace can't be read: \(Self.failure(error).message)")
      return []
    }
  }

  /// Reads the variables that texts name and this session does not have yet.
  public func recall(mentionedIn texts: [String]) {
    guard keepsNames else { return }
    var names: Set<String> = []
    for text in texts + definitionTexts {
      names.formUnion(VariableNames.mentioned(in: text))
      names.formUnion(VariableNames.dropped(in: text))
    }
    names.subtract(interpreter.variables.keys)
    if !names.isEmpty { recall(names) }
  }

  /// Reads all variables.
  package func recallAll() { if keepsNames { recall(nil) } }

  private func recall(_ names: Set<String>?) {
    do {
      for variable in try workspace.variables(named: names) where interpreter.variables[variable.name] == nil {
        do {
          interpreter.variables[variable.name] = try workspace.value(of: variable)
          variableEntries[variable.name] = variable.entry
        } catch {
          note("`$\(variable.name)` can't be read: \(Self.failure(error).message)")
        }
      }
    } catch {
      note("the variables of the workspace can't be read: \(Self.failure(error).message)")
    }
  }

  /// The names of all variables, those that were not read yet too.
  public var variableNames: [String] {
    let kept = keepsNames ? (try? workspace.variableNames()) ?? [] : []
    return Set(kept).union(interpreter.variables.keys).sorted()
  }

  /// What an entry has set, to be kept with its end.
  func freshNames() -> NameChanges {
    let fresh = interpreter.takeFresh()
    var changes = NameChanges()
    guard keepsNames else { return changes }
    for name in fresh.variables.sorted() {
      guard let value = interpreter.variables[name] else { continue }
      do {
        let data =
          ValueCodec.exceeds(KeptVariable.byteLimit, value) ? nil : try ValueCodec.encode(value)
        guard let data, data.count <= KeptVariable.byteLimit else {
          note(
            "`$\(name)` is kept until this shell ends, not in the workspace: it takes more than the limit, \(KeptVariable.byteLimit / 1_000_000) MB"
          )
          changes.droppedVariables.append(name)
          continue
        }
        if data.count <= KeptVariable.textLimit {
          changes.variables.append((name, String(decoding: data, as: UTF8.self), nil))
        } else {
          changes.variables.append((name, nil, try workspace.objects.put(data)))
        }
      } catch {
        note("`$\(name)` is kept until this shell ends, not in the workspace: \(Self.failure(error).message)")
      }
    }
    for (name, source) in fresh.definitions.sorted(by: { $0.key < $1.key }) {
      changes.definitions.append((name, source))
    }
    return changes
  }

  /// Takes a variable away, here and in the workspace.
  ///
  /// - Returns: whether there was one.
  package func forget(variable name: String) -> Bool {
    recall(mentionedIn: ["$" + name])
    guard interpreter.variables.removeValue(forKey: name) != nil else { return false }
    variableEntries[name] = nil
    if keepsNames { changes.names.droppedVariables.append(name) }
    return true
  }

  /// Takes a definition away, here and in the workspace.
  ///
  /// - Returns: whether there was one.
  package func forget(definition name: String) -> Bool {
    guard interpreter.definitions[name] != nil else { return false }
    interpreter.forget(definition: name)
    if keepsNames { changes.names.droppedDefinitions.append(name) }
    return true
  }
}
