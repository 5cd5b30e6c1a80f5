import Base
import Formats

extension ConfigNode {
  /// The tree with another value at a dotted path; positions in lists are numbers.
  ///
  /// - Parameter makesMaps: whether a map on the way that is missing is made, as by `edit --set`.
  /// - Throws: `missing` where the path leads nowhere: its last key alone may be new without `makesMaps`.
  package func setting(_ path: [String], to value: ConfigNode, makesMaps: Bool = false) throws -> ConfigNode {
    guard let key = path.first else { return value }
    let rest = Array(path.dropFirst())
    switch self {
    case .map(var entries):
      if let index = entries.firstIndex(where: { $0.key == key }) {
        entries[index].value = try entries[index].value.setting(rest, to: value, makesMaps: makesMaps)
      } else if rest.isEmpty || makesMaps {
        entries.append(Entry(key, try ConfigNode.null.setting(rest, to: value, makesMaps: true)))
      } else {
        throw Self.missing(key, among: entries.map(\.key))
      }
      return .map(entries)
    case .list(var items):
      guard let index = Int(key), items.indices.contains(index) else {
        throw Failure(.missing, "a list has no position `\(key)`", hint: "positions go from 0 to \(items.count - 1)")
      }
      items[index] = try items[index].setting(rest, to: value, makesMaps: makesMaps)
      return .list(items)
    case .null where makesMaps: return .map([Entry(key, try ConfigNode.null.setting(rest, to: value, makesMaps: true))])
    default: throw Failure(.missing, "`\(key)` is below \(kindName), which has no keys")
    }
  }

  private static func missing(_ key: String, among keys: [String]) -> Failure {
    Failure(
      .missing, "there is no key `\(key)`",
      hint: Suggestion.hint(for: key, among: keys) ?? "the keys there are \(keys.joined(separator: ", "))")
  }

  /// The tree without the order of keys, so that equal configurations have equal texts. A whole number is the same with and
  /// without a point.
  var canonical: ConfigNode {
    switch self {
    case .double(let value): Int(exactly: value).map { .int($0) } ?? self
    case .list(let items): .list(items.map(\.canonical))
    case .map(let entries):
      .map(entries.map { Entry($0.key, $0.value.canonical) }.sorted { $0.key < $1.key })
    default: self
    }
  }
}
