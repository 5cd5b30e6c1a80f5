import Base

/// JSON as trainers written in Python leave it, also with NaN and Infinity.
public enum LooseJSON {
  /// - Throws: as `RegularFile`; `format`, with the byte, where the text is not JSON.
  public static func read(_ path: String) throws -> ConfigNode {
    try JSONNode.parse(LogBytes.read(path, limit: 64 << 20)[...], name: path)
  }

  /// A small text file beside a log.
  public static func text(_ path: String) throws -> String { try LogBytes.text(path, limit: 1 << 20) }

  public static func parse(_ text: String, name: String) throws -> ConfigNode {
    try JSONNode.parse(Array(text.utf8)[...], name: name)
  }
}
