import Base
import Language
import Workspace

/// The entries that make a recipe: those that did something, and the earlier ones that they stand on.
package struct RecipeEntries {
  package struct Item {
    package var record: EntryRecord
    package var text: EntryText
    /// The entry that needs this one, which was not asked for.
    package var neededBy: Int64?
  }

  /// In order.
  package private(set) var items: [Item] = []
  /// What was asked for but left out of the recipe, and why.
  package private(set) var leftOut: [(record: EntryRecord, reason: String)] = []

  private let workspace: Workspace
  private let commands: CommandTable

  /// - Parameters:
  ///   - keepsLooking: entries that only look stay in.
  ///   - completes: adds the earlier entries that made what these use.
  /// - Throws: `Failure` where an entry can't be part of a recipe.
  package init(_ chosen: [EntryRecord], keepsLooking: Bool = false, completes: Bool, in session: Session) throws {
    workspace = session.workspace
    commands = session.commands
    let undone = try workspace.undoneEntries()
    var found: [Int64: Item] = [:]
    for record in chosen {
      if let reason = Self.reason(toLeaveOut: record, undone, keepsLooking, commands) {
        leftOut.append((record, reason))
      } else {
        found[record.id] = Item(record: record, text: try EntryText(record, commands: commands))
      }
    }
    var waiting = found.values.sorted { $0.record.id < $1.record.id }
    while completes, let item = waiting.popLast() {
      for id in try needs(of: item) where found[id] == nil {
        let record = try workspace.entry(id)
        let needed = Item(record: record, text: try EntryText(record, commands: commands), neededBy: item.record.id)
        found[id] = needed
        waiting.append(needed)
      }
    }
    for item in found.values {
      guard let earlier = try entryOpened(before: item), found[earlier] != nil else { continue }
      found[item.record.id] = nil
      leftOut.append((item.record, "entry \(earlier) had opened it"))
    }
    items = found.values.sorted { $0.record.id < $1.record.id }
  }

  /// The earlier entry that opened what an `open` found unchanged; nil for any other entry.
  private func entryOpened(before item: Item) throws -> Int64? {
    guard item.text.program.statements.count == 1, item.text.stages.count == 1, item.text.stages.first?.name == "open",
      let literals = item.text.program.statements.first?.literalArguments(commands.signatures),
      let name = literals.lazy.compactMap(\.newName).first,
      let entry = try workspace.entry(naming: name, before: item.record.id + 1), entry < item.record.id
    else { return nil }
    return entry
  }

  /// Why an entry is left out of a recipe; nil where it is included.
  package static func reason(
    toLeaveOut record: EntryRecord, _ undone: Set<Int64>, _ keepsLooking: Bool, _ commands: CommandTable
  ) -> String? {
    guard record.status == .ok else { return record.error ?? record.status.rawValue }
    if undone.contains(record.id) { return "it was undone" }
    guard let text = try? EntryText(record, commands: commands) else { return "it can't be read any more" }
    if text.exportsSession { return "it wrote a document" }
    guard let name = text.stages.first?.name, let effect = commands.signatures[name]?.effect else { return nil }
    if effect.isBoundToSession { return "`\(name)` belongs to its session" }
    return effect.showsSession && !keepsLooking ? "`\(name)` only looks" : nil
  }

  /// Whether an entry only looks at sessions or makes something of them.
  static func isAside(_ record: EntryRecord, commands: CommandTable) -> Bool {
    guard let text = try? EntryText(record, commands: commands) else { return false }
    if text.exportsSession { return true }
    guard let name = text.stages.first?.name, let effect = commands.signatures[name]?.effect else { return false }
    return effect.showsSession || effect.isBoundToSession
  }

  /// The earlier entries whose variables, objects and calibrations an entry uses.
  private func needs(of item: Item) throws -> Set<Int64> {
    var needs: Set<Int64> = []
    for input in try workspace.inputs(of: item.record.id) {
      if let earlier = input.earlierEntry {
        guard input.detail.contains(" as $") else {
          throw Failure(
            .usage,
            "entry \(item.record.id) takes the result of entry \(earlier) by its number, which a recipe does not have",
            hint: "leave it out, or type it again with `let x = …` in place of the number")
        }
        needs.insert(earlier)
      }
      if let version = input.version { needs.insert(try workspace.version(version).entry) }
    }
    for statement in item.text.program.statements {
      for literal in statement.literalArguments(commands.signatures) {
        switch literal.type {
        case .object, .stimulus:
          let name = String(literal.text.prefix { $0 != "/" })
          if let entry = try workspace.entry(naming: name, before: item.record.id) { needs.insert(entry) }
        default: break
        }
      }
    }
    return needs.filter { $0 < item.record.id }
  }
}
