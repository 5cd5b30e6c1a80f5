import Base

/// The arrays of one file, some of which may be lists of text or of other labels.
public protocol LabelledArrays: ArraySource {
  var path: String { get }
  var byteCount: Int { get }
  /// Identifies the content; see the types that conform.
  var fingerprint: String { get }
  /// Entries that are not arrays.
  var foreignNames: [String] { get }
  /// The elements of an array of text or of Python objects, as a flat list in row-major order; nil for any other.
  ///
  /// - Throws: `format` for damaged bytes.
  func labels(_ name: String) throws -> [ConfigNode]?
}

extension NpzArchive: LabelledArrays {}

/// A file of `torch.save` that holds a dict of named arrays and lists.
public struct TensorDict: LabelledArrays, StoredArraySource {
  public let archive: TorchArchive
  public let arrayNames: [String]
  public let foreignNames: [String] = []
  private let values: [String: PickleValue]

  /// Nil for a file whose root is not a dict with text keys.
  public init?(_ archive: TorchArchive) {
    guard let entries = archive.root.entries, !entries.isEmpty else { return nil }
    var names: [String] = []
    var values: [String: PickleValue] = [:]
    for (key, value) in entries {
      guard let name = key.stringValue else { return nil }
      if values.updateValue(value, forKey: name) == nil { names.append(name) }
    }
    self.archive = archive
    arrayNames = names
    self.values = values
  }

  public var path: String { archive.path }
  public var byteCount: Int { archive.size }
  /// See `TorchArchive.fingerprint`.
  public var fingerprint: String { archive.fingerprint }
  public var origin: String { archive.path }

  public func info(_ name: String) -> ArrayInfo? { values[name].flatMap { StoredWeight($0).info } }

  public func stored(_ name: String) throws -> StoredArray {
    guard let value = values[name] else { throw unknown(name) }
    return try StoredWeight(value).stored(in: archive, named: name)
  }

  public func obstacle(_ name: String) -> Failure? {
    guard let value = values[name], case .unreadable(let what, let remedy) = StoredWeight(value) else { return nil }
    return Failure(.unsupported, "\(path): `\(name)` \(what)", hint: remedy)
  }

  public func labels(_ name: String) throws -> [ConfigNode]? {
    guard let value = values[name], info(name) == nil else { return nil }
    let node = try value.configuration(origin: "\(path): \(name)")
    return node.listValue ?? [node]
  }
}
