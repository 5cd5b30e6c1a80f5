import Base
import Foundation

/// What a file of text most probably is.
public enum TextForm: Sendable {
  case json, yaml, text

  /// `a JSON file`
  public var phrase: String {
    switch self {
    case .json: "a JSON file"
    case .yaml: "a YAML file"
    case .text: "a text file"
    }
  }

  /// Larger texts are judged by their ending alone.
  private static let byteLimit = 1 << 20

  /// JSON where the text is a JSON object or list, YAML where it is a mapping or list, or is called so.
  ///
  /// - Throws: what reading throws.
  public static func of(_ file: RegularFile) throws -> TextForm {
    let ending = (file.path as NSString).pathExtension.lowercased()
    guard file.size <= byteLimit else { return ending == "json" ? .json : .yaml }
    let text = String(decoding: try file.contents(), as: UTF8.self)
    if let first = text.first(where: { !$0.isWhitespace && $0 != "\u{feff}" }), "{[".contains(first) {
      let isJSON = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
      if isJSON || ending == "json" { return .json }
    }
    if ["yaml", "yml"].contains(ending) { return .yaml }
    let node = try? YAMLDocument.parse(text: text, name: file.path)
    return node?.mapValue != nil || node?.listValue != nil ? .yaml : .text
  }
}
