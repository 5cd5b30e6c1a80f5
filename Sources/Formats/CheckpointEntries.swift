import Base

/// One weight of a checkpoint, in the file that holds it.
enum CheckpointEntry: Sendable {
  case torch(StoredWeight, TorchArchive)
  /// By its name in the file.
  case safetensors(String, SafetensorsArchive)

  /// Nil where it can't be read as dense numbers.
  var info: ArrayInfo? {
    switch self {
    case .torch(let weight, _): weight.info
    case .safetensors(let name, let archive): archive.info(name)
    }
  }

  func stored(as name: String) throws -> StoredArray {
    switch self {
    case .torch(let weight, let archive): try weight.stored(in: archive, named: name)
    case .safetensors(let name, let archive): try archive.stored(name)
    }
  }

  /// Whether the file holds it in another form than dense numbers, which vcsh converts.
  var isConverted: Bool {
    guard case .torch(let weight, _) = self else { return false }
    switch weight {
    case .list, .sparse: return true
    case .dense, .unreadable: return false
    }
  }

  /// Whether both are the same bytes of the file: one tensor under two names.
  func isSame(as other: CheckpointEntry) -> Bool {
    guard case .torch(.dense(let a), _) = self, case .torch(.dense(let b), _) = other else { return false }
    return a == b
  }
}

/// Weights by the names that the model's configuration knows them by.
struct CheckpointEntries {
  private(set) var readable: [String] = []
  private(set) var unreadable: [String] = []
  private(set) var converted: [String] = []
  private(set) var entries: [String: CheckpointEntry] = [:]
  /// Names in the file, wrappers included.
  private(set) var origins: [String: String] = [:]

  /// - Parameter prefix: what is taken off besides the names of wrappers, with or without its last dot. A weight that it
  ///   does not select is left out where its own name is that of a selected one.
  /// - Throws: `missing` where no name begins with `prefix`, `format` where two different tensors get one name.
  init(_ named: [(full: String, entry: CheckpointEntry)], prefix: String?, path: String) throws {
    let prefix = Self.prefix(prefix)
    let selected = Self.selected(named.map(\.full), by: prefix)
    let taken = Set(selected.compactMap(\.self))
    // What the prefix does not select takes no place of a weight that it selects, nor of another such one.
    var others: [String: Int] = [:]
    for (weight, selected) in zip(named, selected) where selected == nil {
      others[WrapperNames.stripped(weight.full), default: 0] += 1
    }
    for ((full, entry), selected) in zip(named, selected) {
      let plain = WrapperNames.stripped(full)
      let isFree = prefix == nil || !taken.contains(plain) && others[plain] == 1
      let name = selected ?? (isFree ? plain : full)
      if selected == nil, taken.contains(name) { continue }
      try add(entry, full, as: name, path)
    }
    if let prefix, !prefix.isEmpty, taken.isEmpty {
      let firsts = Set(named.compactMap { WrapperNames.stripped($0.full).split(separator: ".").first }).sorted()
      throw Failure(
        .missing, "\(path): no name of a weight begins with `\(prefix.shortened)`",
        hint: "names begin with \(firsts.prefix(6).map { "`\($0).`" }.joined(separator: ", "))")
    }
  }

  /// With its last dot.
  static func prefix(_ given: String?) -> String? { given.map { $0.hasSuffix(".") || $0.isEmpty ? $0 : $0 + "." } }

  /// The names of the weights that a prefix selects; nil for each of the others.
  ///
  /// Where two weights would get one name, a name that begins with the prefix as it stands in the file goes before one
  /// that does so without the names of wrappers.
  private static func selected(_ names: [String], by prefix: String?) -> [String?] {
    guard let prefix else { return names.map { _ in nil } }
    let asStored = names.map { name($0, after: prefix) }
    let taken = Set(asStored.compactMap(\.self))
    return zip(names, asStored).map { full, stored in
      if let stored { return stored }
      let unwrapped = name(WrapperNames.stripped(full), after: prefix)
      return unwrapped.flatMap { taken.contains($0) ? nil : $0 }
    }
  }

  /// What follows `prefix`, without the names of wrappers; nil where nothing does.
  private static func name(_ full: String, after prefix: String) -> String? {
    guard full.hasPrefix(prefix), full.utf8.count > prefix.utf8.count else { return nil }
    return WrapperNames.stripped(String(full.dropFirst(prefix.count)))
  }

  private mutating func add(
    _ entry: CheckpointEntry, _ full: String, as name: String, _ path: String
  ) throws {
    if let known = entries[name] {
      // A model that is kept compiled and as it was lists each tensor twice.
      if known.isSame(as: entry) { return }
      throw Failure(
        .format,
        "\(path): two tensors are named `\(name)` after the prefixes of wrappers are removed: `\(origins[name] ?? "")` and `\(full)`",
        hint: Self.separating(origins[name] ?? "", full, as: name))
    }
    entries[name] = entry
    origins[name] = full
    if entry.info == nil { unreadable.append(name) } else { readable.append(name) }
    if entry.isConverted { converted.append(name) }
  }

  /// The prefixes that give a name to one of two weights alone, as options; nil where none does.
  private static func separating(_ a: String, _ b: String, as name: String) -> String? {
    let prefixes = [(a, b), (b, a)].compactMap { one, other in
      one.indices.lazy.filter { one[$0] == "." }.map { String(one[...$0]) }.first { prefix in
        Self.name(one, after: prefix) == name && Self.name(other, after: prefix) != name
      }
    }
    guard !prefixes.isEmpty else { return nil }
    return "--prefix takes those that begin with it: "
      + prefixes.map { "--prefix \($0)" }.joined(separator: " or ")
  }
}
