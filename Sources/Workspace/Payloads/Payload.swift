import Base
import Foundation

/// The content of a version of one kind of object, as the catalogue stores it.
public protocol Payload: Codable, Sendable, Equatable {
  static var kind: KindName { get }
  /// Digests of the objects that this version needs.
  var objects: [String] { get }
  /// The files outside the object store that this version needs.
  var files: [FileReference] { get }
  /// The versions that it was made from, as far as it names them.
  var sources: [Int64] { get }
  /// The same without paths, frozen parts, notes and version numbers: no computation depends on them.
  var essence: Self { get }
  /// The same in another workspace, where versions have other numbers and files other stored paths. Numbers without a
  /// counterpart become nil.
  func moved(version: (Int64) -> Int64?, path: (String) -> String) -> Self
}

extension Payload {
  public var objects: [String] { [] }
  public var files: [FileReference] { [] }
  public var sources: [Int64] { [] }
  public var essence: Self { self }
  public func moved(version: (Int64) -> Int64?, path: (String) -> String) -> Self { self }

  public var kind: KindName { Self.kind }

  /// Everything that a computation with this depends on, as text.
  public var content: String { "\(kind.rawValue) " + ((try? essence.encoded()) ?? "") }

  public func equals(_ other: any Payload) -> Bool { self == other as? Self }

  func encoded() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// - Throws: `format` for text that another version of vcsh wrote.
  init(encoded: String) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(encoded.utf8))
    } catch {
      throw Failure(
        .format, "the catalogue's record of a \(Self.kind.rawValue) can't be read",
        hint: "was it written by a newer vcsh?")
    }
  }
}
