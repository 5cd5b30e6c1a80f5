import Base
import Formats
import Layers

/// The remedy where a twin's tensors stand in its file under other names.
enum PrefixAdvice {
  /// - Parameter failure: why the twin can't be built; it may name the tensor that is not found.
  /// - Returns: the prefixes that give the tensor its name, else the prefix of most names before those of a twin's parts.
  ///   Nil where only the prefix is left that was given already.
  static func hint(_ checkpoint: Checkpoint, _ failure: Failure) -> String? {
    let names = checkpoint.unwrappedNames
    let missing = failure.message.firstMatch(of: /no tensor `([^`]+)`/).map { String($0.1) }
    if let missing {
      let ends = names.filter { $0.hasSuffix("." + missing) }.map { String($0.dropLast(missing.count)) }
      let prefixes = Set(ends).subtracting([checkpoint.prefix].compactMap(\.self)).sorted()
      if !prefixes.isEmpty { return text(prefixes, names) }
    }
    if let most = common(names), most != checkpoint.prefix { return text([most], names) }
    return missing.flatMap { renamed($0, names) }
  }

  private static func text(_ prefixes: [String], _ names: [String]) -> String? {
    guard let first = prefixes.first else { return nil }
    let count = names.count { $0.hasPrefix(first) }
    let share = count == names.count ? "all names begin" : "\(count) of \(names.count) names begin"
    let others = prefixes.dropFirst().prefix(4).map { "--prefix \($0) takes those of `\($0)`" }
    return (["\(share) with `\(first)`; --prefix \(first) takes it off"] + others).joined(separator: ", ")
  }

  /// What at least half of the names begin with before the name of a part of a twin.
  private static func common(_ names: [String]) -> String? {
    var counts: [String: Int] = [:]
    for name in names {
      let parts = name.split(separator: ".")
      guard
        let first = parts.indices.first(where: { index in
          ParameterInfo(name: parts[index...].joined(separator: "."), shape: []).part != .other
        }), first > 0
      else { continue }
      counts[parts[..<first].joined(separator: ".") + ".", default: 0] += 1
    }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }.flatMap { 2 * $0.value >= names.count ? $0.key : nil }
  }

  /// The name that is the missing one with a word more in it, or with a word before its first part.
  private static func renamed(_ missing: String, _ names: [String]) -> String? {
    let wanted = missing.split(separator: ".")
    let near = names.first { name in
      let parts = name.split(separator: ".")
      let isLonger =
        parts.count > wanted.count && parts.count <= wanted.count + 2 && parts.first == wanted.first
        && parts.suffix(wanted.count - 1) == wanted.dropFirst()
      let isJoined =
        parts.count == wanted.count && parts.dropFirst() == wanted.dropFirst()
        && zip(parts, wanted).allSatisfy { $0.hasSuffix("_" + $1) || $0 == $1 }
      return isLonger || isJoined
    }
    return near.map {
      "the file has `\($0)`, which no --prefix turns into that: rename the weights in Python and save them again"
    }
  }
}
