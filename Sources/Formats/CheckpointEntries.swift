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

  /// - Parameter prefix: what is taken off besides the names of wrappers, with or without its last dot.
  /// - Throws: `missing` where no name begins with `prefix`, `format` where two different tensors get one name.
  init(_ named: [(full: String, entry: CheckpointEntry)], prefix: String?, path: String) throws {
    let prefix = prefix.map { $0.hasSuffix(".") || $0.isEmpty ? $0 : $0 + "." }
    let selected = named.map { full, _ in prefix.flatMap { Self.name(full, without: $0) } }
    let taken = Set(selected.compactMap(\.self))
    // What the prefix does not select takes no place of a weight that it selects, nor of another such one.
    var others: [String: Int] = [:]
    for (weight, selected) in zip(named, selected) where selected == nil {
      others[WrapperNames.stripped(weight.full), default: 0] += 1
    }
    for ((full, entry), selected) in zip(named, selected) {
      let plain = WrapperNames.stripped(full)
      let isFree = prefix == nil || !taken.contains(plain) && others[plain] == 1
      try add(entry, full, as: selected ?? (isFree ? plain : full), path)
    }
    if let prefix, !prefix.isEmpty, taken.isEmpty {
      let firsts = Set(named.compactMap { WrapperNames.stripped($0.full).split(separator: ".").first }).sorted()
      throw Failure(
        .missing, "\(path): no name of a weight begins with `\(prefix.shortened)`",
        hint: "names begin with \(firsts.prefix(6).map { "`\($0).`" }.joined(separator: ", "))")
    }
  }

  /// The name of a weight that a prefix selects; nil for another one.
  private static func name(_ full: String, without prefix: String) -> String? {
    (rest(of: full, after: prefix) ?? rest(of: WrapperNames.stripped(full), after: prefix)).map(WrapperNames.stripped)
  }

  private static func rest(of name: String, after prefix: String) -> String? {
    name.hasPrefix(prefix) && name.utf8.count > prefix.utf8.count ? String(name.dropFirst(prefix.count)) : nil
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
        hint: "--prefix takes those that begin with it: \(Self.firstDifference(origins[name] ?? "", full))")
    }
    entries[name] = entry
    origins[name] = full
    if entry.info == nil { unreadable.append(name) } else { readable.append(name) }
    if entry.isConverted { converted.append(name) }
  }

  /// The prefixes that select one of two names alone, as options.
  private static func firstDifference(_ a: String, _ b: String) -> String {
    let parts = [a, b].map { $0.split(separator: ".") }
    let shared = zip(parts[0], parts[1]).prefix { $0 == $1 }.count
    let prefixes = parts.map { $0.prefix(shared + 1).joined(separator: ".") + "." }
    // A prefix that ends with a part of the model would take the part itself off.
    let selecting = prefixes.filter { prefix in
      let rest = prefix.split(separator: ".").last.map(String.init) ?? ""
      return WrapperNames.stripped(rest + ".x") == "x"
    }
    return (selecting.isEmpty ? prefixes : selecting).map { "--prefix \($0)" }.joined(separator: " or ")
  }
}
