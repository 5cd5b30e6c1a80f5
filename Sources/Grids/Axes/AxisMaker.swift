import Base
import Formats
import RunLogs
import Runs

/// Makes the axes of a grid from what a user wrote, against the configuration that they change.
package struct AxisMaker {
  let base: RunConfiguration
  /// The cells that a level of the axis `cells` means, by session.
  let choosesCells: (_ condition: String) throws -> [String: [Int]]
  private let readers: ConfigurationReaders?
  /// Files that are read without a failure: `GridCheck` finds a wrong option in them.
  private let readable: Set<RunConfiguration.Part>
  /// What has to be known, a line each.
  package private(set) var remarks: [String] = []

  /// - Parameter readers: nil: an option is known by the configuration alone.
  package init(
    _ base: RunConfiguration, readers: ConfigurationReaders? = nil,
    cells: @escaping (String) throws -> [String: [Int]]
  ) {
    (self.base, self.readers, choosesCells) = (base, readers, cells)
    readable = Set(
      RunConfiguration.Part.allCases.filter { part in
        guard let readers else { return false }
        return (try? readers.read(base[part], part)) != nil
      })
  }

  /// - Parameters:
  ///   - texts: `PATH=V1,V2`.
  ///   - seeds: how many seeds; nil where they are no axis.
  /// - Throws: a usage failure for an axis that leads nowhere, is given twice or has no values.
  package mutating func axes(_ texts: [String], seeds: Int?) throws -> [GridAxis] {
    var axes: [GridAxis] = []
    for text in texts {
      let (path, values) = try GridAxis.parts(text)
      let axis = try axis(path, values)
      if axes.contains(where: { $0.kind == axis.kind }) {
        throw Failure(.usage, "the axis `\(path)` is given twice", hint: "give all its values in one --axis")
      }
      axes.append(axis)
    }
    if let seeds {
      guard !axes.contains(where: { $0.kind == .seed }) else {
        throw Failure(.usage, "seeds are given twice: by --seeds and by the axis `seed`", hint: "leave out one of them")
      }
      axes.append(GridAxis(.seed, label: "seed", levels: (0..<seeds).map { .init(label: "\($0)", value: "\($0)") }))
    }
    return Self.labelled(axes)
  }

  private mutating func axis(_ path: String, _ values: [String]) throws -> GridAxis {
    switch path {
    case "sessions": return GridAxis(.sessions, label: path, levels: try SessionLevels.levels(values, of: base.data))
    case "cells": return GridAxis(.cells, label: path, levels: try values.map { try cellLevel($0) })
    case "seed":
      let levels = try values.map { value in
        guard let seed = Int(value), seed >= 0 else {
          throw Failure(.usage, "the seed `\(value)` is not a whole number from 0")
        }
        return GridAxis.Level(label: "\(seed)", value: "\(seed)")
      }
      try refuseTwins(levels, values, path)
      return GridAxis(.seed, label: path, levels: levels)
    default:
      let (part, inner) = try place(of: path)
      let levels = try values.map { value in
        let node = try YAMLDocument.parse(text: value, name: "the value of `\(path)`")
        if case .double(let number) = node, !number.isFinite {
          throw Failure(.usage, "the value \(value) of `\(path)` is not finite")
        }
        try check(node, value, of: inner, in: part)
        // What VisionCore alone knows of a penalty may vary where the base has it.
        if part == .model, !inner.hasPrefix("regularization.") || base.model.at(inner) == nil {
          try readers?.option(inner, node)
        }
        return GridAxis.Level(label: node.listValue == nil ? value.unquoted : value, value: try YAMLText.flow(node))
      }
      try refuseTwins(levels, values, path)
      return GridAxis(.setting(part, path: inner), label: inner, levels: levels)
    }
  }

  /// Refuses one value that is written in two ways: its runs would be the same.
  private func refuseTwins(_ levels: [GridAxis.Level], _ written: [String], _ path: String) throws {
    var known: [SettingLevel: String] = [:]
    for (level, text) in zip(levels, written) {
      let value = Int(level.value).map(Value.int) ?? NumberField.number(level.value).map(Value.double)
      if let first = known.updateValue(text, forKey: SettingLevel(value ?? .string(level.value))) {
        throw Failure(
          .usage, "the axis `\(path)` has one value twice: \(first) is \(text)", hint: "give each value once")
      }
    }
  }

  private func cellLevel(_ text: String) throws -> GridAxis.Level {
    guard text != "all" else { return .init(label: "all", value: "{}") }
    let chosen = try choosesCells(text.unquoted)
    let map = ConfigNode.map(
      chosen.sorted { $0.key < $1.key }.map { .init($0.key, .list($0.value.map { .int($0) })) })
    return .init(label: text.unquoted, value: try YAMLText.flow(map))
  }

  /// Which file a path is in. `model.`, `data.` and `training.` in front of it say so.
  private mutating func place(of path: String) throws -> (RunConfiguration.Part, String) {
    for part in RunConfiguration.Part.allCases where path.hasPrefix(part.rawValue + ".") {
      let inner = String(path.dropFirst(part.rawValue.count + 1))
      try check(inner, in: part)
      return (part, inner)
    }
    let first = String(path.prefix { $0 != "." })
    let holding = RunConfiguration.Part.allCases.filter { base[$0][first] != nil }
    if holding.count > 1 {
      let choices = holding.map { "\($0.rawValue).\(path)" }.joined(separator: " or ")
      throw Failure(.usage, "`\(path)` may mean several settings", hint: "write \(choices)")
    }
    if let part = holding.first {
      try check(path, in: part)
      return (part, path)
    }
    if TrainingKeys.all.contains(path) { return (.training, path) }
    let known = RunConfiguration.Part.allCases.flatMap { (base[$0].mapValue ?? []).map(\.key) } + TrainingKeys.all
    throw Failure(
      .usage, "`\(path.shortened)` is no setting: it is in neither YAML, and no training takes it",
      hint: TrainingKeys.otherNames[path].map { "did you mean `\($0)`?" }
        ?? Suggestion.hint(for: first, among: known + ["sessions", "cells", "seed"])
        ?? "a path begins with a key of the model's YAML (\((base.model.mapValue ?? []).map(\.key).prefix(8).joined(separator: ", "))), of the dataset YAML, or is a flag such as learning_rate"
    )
  }

  /// A new key is allowed below a map that exists, where something reads it.
  private mutating func check(_ path: String, in part: RunConfiguration.Part) throws {
    if base[part].at(path) != nil { return }
    if part == .training {
      guard !TrainingKeys.all.contains(path) else { return }
      throw Failure(
        .usage, "no training takes `\(path.shortened)`",
        hint: TrainingKeys.otherNames[path].map { "did you mean `\($0)`?" }
          ?? Suggestion.hint(for: path, among: TrainingKeys.all)
          ?? "settings of your own script have to be in --base, beside `model_config`")
    }
    var parts = path.split(separator: ".").map(String.init)
    guard let last = parts.popLast() else { throw Failure(.usage, "`\(path)` leads to nothing in \(part.title)") }
    let parent = parts.isEmpty ? base[part] : base[part].at(parts.joined(separator: "."))
    if part == .model, readable.contains(part), parent?.isNull ?? true {
      remarks.append("`\(path)` is not in \(part.title) yet: every run sets it")
      return
    }
    guard let parent, let entries = parent.mapValue else {
      _ = try base[part].setting(path.split(separator: ".").map(String.init), to: .null)
      throw Failure(.usage, "`\(path)` leads to no map of \(part.title)")
    }
    let isRead = readable.contains(part) && (part == .model || readers?.readsData(path) == true)
    if !isRead {
      if let near = Suggestion.best(for: last, among: entries.map(\.key)) {
        throw Failure(
          .usage, "\(part.title) has no `\(path)`", hint: "did you mean `\((parts + [near]).joined(separator: "."))`?")
      }
      if readable.contains(part) {
        throw Failure(
          .usage, "\(part.title) has no `\(path)`, and vcsh knows no such option",
          hint: "where VisionCore knows it, write it into \(part.title) first")
      }
    }
    remarks.append("`\(path)` is not in \(part.title) yet: every run sets it")
  }

  /// A word in place of a number is refused at once; what else a value may be, the readers say.
  private func check(_ node: ConfigNode, _ text: String, of path: String, in part: RunConfiguration.Part) throws {
    func refusal(_ wanted: String, _ hint: String) -> Failure {
      Failure(.usage, "`\(path)` takes \(wanted), not `\(text.shortened)`", hint: hint)
    }
    if part == .training, let kind = TrainingKeys.kind(of: path) {
      let choices = readers?.choices[path]
      let wanted = choices.map { TrainingKeys.Kind.choice($0) } ?? kind
      guard !wanted.takes(node) else { return }
      if case .choice(let choices) = wanted {
        throw refusal(
          "one of \(wanted.phrase)", Suggestion.hint(for: text.unquoted, among: choices) ?? "write one of these words")
      }
      throw refusal(
        wanted.phrase,
        node.stringValue == nil || kind == .flag ? "change the value" : "write a number without quotes, such as 1e-3")
    }
    guard let known = base[part].at(path), !node.isNull else { return }
    switch known {
    case .int, .double:
      if node.stringValue != nil || node.boolValue != nil {
        throw refusal("a number", "\(part.title) has \(known.scalarText) there")
      }
    case .bool:
      if node.stringValue != nil || node.doubleValue != nil {
        throw refusal("true or false", "\(part.title) has \(known.scalarText) there")
      }
    default: break
    }
  }

  /// Columns that a table of runs has beside those of its axes.
  private static let taken = ["run"] + GridOutlook.shape.table([]).names

  private static func clashes(_ axes: [GridAxis]) -> [Int] {
    axes.indices.filter { index in axes.contains { $0.label == axes[index].label && $0.kind != axes[index].kind } }
  }

  /// Labels that are columns: the last key of a path, with as many keys before it as tell the axes apart.
  static func labelled(_ axes: [GridAxis]) -> [GridAxis] {
    func label(_ path: String, _ depth: Int) -> String {
      let keys = path.split(separator: ".").suffix(depth).joined(separator: "_")
      return keys.first?.isNumber == true ? "at_" + keys : keys
    }
    var named = axes
    var depths = axes.map { _ in 1 }
    for _ in 0..<16 {
      for index in axes.indices { named[index].label = label(axes[index].path, depths[index]) }
      let clashes = clashes(named)
      if clashes.isEmpty { break }
      for index in clashes { depths[index] += 1 }
    }
    // Paths that are one another's end, as `seed` and the dataset YAML's `seed`.
    for index in clashes(named) {
      if case .setting(let part, _) = named[index].kind {
        named[index].label = "\(part.rawValue)_\(named[index].label)"
      }
    }
    for index in named.indices where taken.contains(named[index].label) {
      named[index].label = "axis_" + named[index].label
    }
    return named
  }
}

extension String {
  /// Without quotes around all of it.
  package var unquoted: String {
    guard count > 1, let first, first == "\"" || first == "'", last == first else { return self }
    return String(dropFirst().dropLast())
  }
}

extension ConfigNode {
  /// A scalar as YAML has it.
  fileprivate var scalarText: String { (try? YAMLText.flow(self)) ?? kindName }
}
