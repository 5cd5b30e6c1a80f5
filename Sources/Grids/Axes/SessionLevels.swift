import Base
import Formats

/// Levels of the axis `sessions`: which sessions a run trains on.
enum SessionLevels {
  /// `all`; `single`: each session alone; `leave-one-out`: all but one, each once; a session; `[A, B]`.
  ///
  /// - Throws: a usage failure for a session that the dataset YAML does not have.
  static func levels(_ values: [String], of data: ConfigNode) throws -> [GridAxis.Level] {
    guard let all = data["sessions"]?.listValue?.compactMap(\.stringValue), !all.isEmpty else {
      throw Failure(
        .missing, "the axis `sessions` needs a list of sessions", hint: "--data takes a dataset YAML with `sessions`")
    }
    var levels: [GridAxis.Level] = []
    func add(_ label: String, _ names: [String]) throws {
      guard !levels.contains(where: { $0.label == label }) else { return }
      levels.append(.init(label: label, value: try YAMLText.flow(.list(names.map { .string($0) }))))
    }
    for value in values {
      switch value {
      case "all": try add("all", all)
      case "single": for name in all { try add(name, [name]) }
      case "leave-one-out":
        guard all.count > 1 else {
          throw Failure(.usage, "leave-one-out needs two sessions or more; the dataset YAML has one")
        }
        for name in all { try add("without-\(name)", all.filter { $0 != name }) }
      default:
        let names = value.hasPrefix("[") ? ListText.elements(of: value) : [value.unquoted]
        if let unknown = names.first(where: { !all.contains($0) }) {
          throw Failure(
            .usage, "no session `\(unknown.shortened)` in the dataset YAML",
            hint: Suggestion.hint(for: unknown, among: all + ["all", "single", "leave-one-out"])
              ?? "it has \(all.joined(separator: ", "))")
        }
        guard !names.isEmpty, Set(names).count == names.count else {
          throw Failure(.usage, "`\(value.shortened)` is not a list of different sessions")
        }
        try add(names.count == all.count ? "all" : names.joined(separator: "+"), names)
      }
    }
    return levels
  }
}
