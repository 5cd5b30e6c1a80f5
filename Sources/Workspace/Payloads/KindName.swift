/// The name of a kind of object: as the catalogue stores it, and the word for it in messages.
public struct KindName: RawRepresentable, Sendable, Hashable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
}
